from __future__ import annotations

import os

from core.runs import manifest as manifest_module
from core.runs.manifest import ManifestEntry, parse_manifest, read_manifest

SHA = "da39a3ee5e6b4b0d3255bfef95601890afd80709"


def test_each_line_is_an_entry_with_where_it_came_from():
    manifest = parse_manifest(
        f"s train.py {SHA} src/train.py\n"
        "d data - file:data\n"
        f"d words.txt {SHA} https://x.org/a.zip lists/words.txt\n"
        f"i params.yml {SHA} config:params.yml\n".encode()
    )

    assert manifest.problem == ""
    assert list(manifest.entries.values()) == [
        ManifestEntry("source", "train.py", SHA, "src/train.py"),
        ManifestEntry("dependency", "data", "", "file:data"),
        ManifestEntry("dependency", "words.txt", SHA, "https://x.org/a.zip", "lists/words.txt"),
        ManifestEntry("internal", "params.yml", SHA, "config:params.yml"),
    ]


def test_words_are_quoted_as_in_a_shell():
    manifest = parse_manifest(f"s 'my file.py' {SHA} 'it'\"'\"'s here.py'\n".encode())

    assert manifest.entries["my file.py"].source == "it's here.py"


def test_a_later_line_for_a_path_replaces_the_earlier_one():
    manifest = parse_manifest(f"s a {SHA} a\nd a - file:a\n".encode())

    assert manifest.kind("a") == "dependency"


def test_what_lies_below_an_entry_is_of_its_kind_and_all_else_is_generated():
    manifest = parse_manifest(f"d data - file:data\ns data/x.py {SHA} x.py\n".encode())

    assert manifest.kind("data/deep/a.csv") == "dependency"
    assert manifest.kind("data/x.py") == "source"
    assert manifest.kind("database") == "generated"
    assert manifest.kind(".guild/attrs/label") == "internal"
    assert manifest.kind(".guilded") == "generated"


def test_paths_are_made_plain():
    manifest = parse_manifest(f"s ./sub//a.py {SHA} a.py\n".encode())

    assert manifest.kind("sub/a.py") == "source"


def test_lines_that_are_not_understood_are_left_out_with_one_problem():
    manifest = parse_manifest(
        f"s a.py {SHA} a.py\nnonsense\ns 'open {SHA}\nx b {SHA} b\n"
        f"s ../out {SHA} out\ns /etc/passwd {SHA} x\ns c.py {SHA} c.py".encode()
    )

    assert list(manifest.entries) == ["a.py", "c.py"]
    assert manifest.problem == "Line 2 of the manifest is not understood"


def test_names_that_are_no_text_keep_their_bytes():
    manifest = parse_manifest(b"s caf\xe9.py " + SHA.encode() + b" x\n")

    assert os.fsencode(next(iter(manifest.entries))) == b"caf\xe9.py"


def test_source_paths_are_sorted():
    manifest = parse_manifest(f"s b {SHA} b\ns a/c {SHA} c\nd d - d\ns B {SHA} B\n".encode())

    assert manifest.source_paths() == ["B", "a/c", "b"]


def test_a_run_without_manifest_has_an_empty_one(tmp_path):
    assert read_manifest(tmp_path).entries == {}
    assert read_manifest(tmp_path).problem == ""


def test_a_manifest_that_cannot_be_read_is_a_problem(tmp_path):
    (tmp_path / ".guild" / "manifest").mkdir(parents=True)

    assert read_manifest(tmp_path).problem == "Cannot read the manifest: it is a directory"


def test_only_so_much_of_a_huge_manifest_is_read(tmp_path, monkeypatch):
    monkeypatch.setattr(manifest_module, "LARGEST_MANIFEST", 100)
    (tmp_path / ".guild").mkdir()
    (tmp_path / ".guild" / "manifest").write_text(f"s a {SHA} a\n" * 3 + f"s b {SHA} b\n")

    manifest = read_manifest(tmp_path)

    assert list(manifest.entries) == ["a"]
    assert "Only the first" in manifest.problem


def test_a_pipe_in_place_of_the_manifest_does_not_hang(tmp_path):
    (tmp_path / ".guild").mkdir()
    os.mkfifo(tmp_path / ".guild" / "manifest")

    assert read_manifest(tmp_path).problem == "Cannot read the manifest: it is not a file"
