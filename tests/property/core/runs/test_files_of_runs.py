"""Manifests, names and contents of files are any bytes at all."""

from __future__ import annotations

import os
import shlex
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.errors import RunError
from core.runs.files import list_directory, resolve_path, walk_files
from core.runs.manifest import parse_manifest
from core.runs.preview import MOST_COLUMNS, guess_encoding, indent_json, make_preview

NAMES = st.binary(min_size=1, max_size=20).filter(
    lambda name: b"/" not in name and b"\0" not in name and name not in (b".", b"..")
)
FILE_NAMES = st.sampled_from(["a", "a.csv", "a.tsv", "a.json", "a.png", "a.txt", "a.yml"])
TEXTS = st.text(alphabet=st.characters(exclude_characters="\n", exclude_categories=["Cs"]))


@given(st.binary(max_size=400))
def test_any_bytes_are_a_manifest(data):
    manifest = parse_manifest(data)

    for path in manifest.entries:
        assert not path.startswith(("/", "../"))
        assert manifest.kind(path) in ("source", "dependency", "internal")


@given(st.lists(st.tuples(st.sampled_from("sdi"), TEXTS.filter(bool), TEXTS), max_size=5))
def test_what_guild_writes_is_read_back(lines):
    text = "".join(
        f"{k} {shlex.quote(path)} - {shlex.quote(source)}\n" for k, path, source in lines
    )

    found = parse_manifest(text.encode())

    expected = {}
    for _kind, path, source in lines:
        clean = os.path.normpath(path)
        if not clean.startswith(("/", "../")) and clean != "..":
            expected[clean] = source
    assert {path: entry.source for path, entry in found.entries.items()} == expected


@given(st.sets(NAMES, max_size=6))
def test_every_name_is_listed_and_found_again(names):
    with tempfile.TemporaryDirectory() as directory:
        run_dir = Path(directory, "run")
        run_dir.mkdir()
        for name in names:
            (run_dir / os.fsdecode(name)).write_bytes(name)

        entries = list(walk_files(run_dir))

        assert {os.fsencode(entry.path) for entry in entries} == names
        for entry in entries:
            found = resolve_path(run_dir, entry.path)
            assert found.read_bytes() == os.fsencode(entry.name)


@given(st.text(alphabet="./a\0", max_size=12))
def test_no_path_leads_out_of_the_run(path):
    with tempfile.TemporaryDirectory() as directory:
        run_dir = Path(directory, "runs", "run")
        (run_dir / "a" / "a").mkdir(parents=True)
        (run_dir.parent / "a").mkdir()
        try:
            found = resolve_path(run_dir, path)
            list_directory(run_dir, path)
        except RunError:
            return
        assert found.is_relative_to(run_dir.resolve())


@given(FILE_NAMES, st.binary(max_size=3000), st.integers(0, 10**12))
def test_any_bytes_have_a_preview(name, head, more):
    preview = make_preview(name, head, len(head) + more)

    assert preview.shown <= preview.size
    assert all(len(row) <= MOST_COLUMNS for row in preview.rows)
    preview.text.encode("utf-8", "strict" if preview.encoding != "utf-16" else "surrogatepass")


@given(FILE_NAMES, st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_utf8_text_is_shown_as_it_is_unless_it_is_a_table(name, text):
    preview = make_preview(name, text.encode(), len(text.encode()))

    assert preview.encoding in ("utf-8", "utf-8-sig", "svg")
    if preview.look == "text" and not preview.is_indented:
        assert preview.text == text.removeprefix("\ufeff")


@given(st.text(min_size=1), st.data())
def test_a_text_cut_inside_a_letter_is_still_utf8(text, data):
    encoded = text.encode("utf-8", "replace")
    cut = data.draw(st.integers(1, len(encoded)))
    head = encoded[:cut]

    assert guess_encoding(head) != "latin-1"


@given(st.text(max_size=200))
def test_indenting_changes_nothing_but_blanks(text):
    def squeeze(t):
        return "".join(t.split())

    assert squeeze(indent_json(text)) == squeeze(text)
