from __future__ import annotations

import pytest

from core.archives.entries import ArchiveEntry, is_run_id, link_problem, safe_name, sort_out
from core.errors import ArchiveError

RUN = "a1" * 16


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("a", ("a",)),
        ("./a/b/", ("a", "b")),
        (".guild/attrs/x", (".guild", "attrs", "x")),
        ("a//b", ("a", "b")),
        ("..a/b..", ("..a", "b..")),
        ("a\nb", ("a\nb",)),
        ("a\\b", ("a\\b",)),
        ("a:b", ("a:b",)),
        ("\udcff", ("\udcff",)),
        ("ü" * 127, ("ü" * 127,)),
    ],
)
def test_a_harmless_name_is_taken_apart(name, parts):
    assert safe_name(name) == parts


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("../a", "leads upwards"),
        ("a/../../b", "leads upwards"),
        ("a/..", "leads upwards"),
        ("..\\a", "leads upwards"),
        ("a\\..\\b", "leads upwards"),
        ("/etc/passwd", "is absolute"),
        ("\\\\host\\share", "is absolute"),
        ("C:\\a", "begins with a drive"),
        ("c:", "begins with a drive"),
        ("a\0b", "holds a NUL"),
        ("", "names nothing"),
        ("./.", "names nothing"),
        ("a" * 256, "longer than 255 bytes"),
        ("ü" * 128, "longer than 255 bytes"),
        ("a/" * 2100, "longer than 4,096 bytes"),
    ],
)
def test_a_name_that_is_not_safe_is_refused_in_a_sentence(name, why):
    with pytest.raises(ArchiveError, match=why) as e:
        safe_name(name)

    assert str(e.value).endswith(".")
    assert "\0" not in str(e.value)


def test_ids_of_runs_are_one_visible_part():
    assert all(map(is_run_id, [RUN, "foo", "ID_abc12345", "mit Leerzeichen"]))
    assert not any(map(is_run_id, ["", ".", "..", ".guild", "a/b", "a\nb", "/a", "\udcff"]))


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("x", "y"),
        ("x", "deep/y"),
        ("deep/x", "../y"),
        (RUN, f"../{RUN}"),
        ("train", f"../{RUN}/"),
        ("deep/x", f"../../{RUN}/model.bin"),
        ("x", "./y"),
    ],
)
def test_links_within_the_run_and_to_those_beside_it_are_kept(name, target):
    assert link_problem(name, target) == ""


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("x", "/etc/passwd"),
        ("x", "C:\\Windows"),
        ("x", "../../x"),
        ("x", ".."),
        ("x", "../.."),
        ("deep/x", "../../../x"),
        ("x", f"{RUN}/../../../etc"),
        ("x", "y/../../z"),
        ("x", "../.hidden"),
        ("x", ""),
        ("x", "a\0b"),
    ],
)
def test_links_to_elsewhere_are_not(name, target):
    assert "link" in link_problem(name, target)


def test_directories_may_be_told_twice_and_files_may_not():
    twice = [ArchiveEntry("d", "dir"), ArchiveEntry("d/", "dir"), ArchiveEntry("d/f", "file")]

    assert [entry.name for entry in sort_out(twice).entries] == ["d", "d/f"]
    with pytest.raises(ArchiveError, match="occurs twice"):
        sort_out([ArchiveEntry("f", "file"), ArchiveEntry("./f", "file")])
    with pytest.raises(ArchiveError, match="occurs twice"):
        sort_out([ArchiveEntry("f", "dir"), ArchiveEntry("f", "file")])


@pytest.mark.parametrize("below", ["out/x", "OUT/x", "out/deep/x"])
def test_nothing_is_written_through_a_link_on_any_disk(below):
    entries = [ArchiveEntry(below, "file"), ArchiveEntry("out", "link", target=f"../{RUN}")]

    for order in (entries, entries[::-1]):
        with pytest.raises(ArchiveError, match="written through a link"):
            sort_out(order)


def test_nothing_is_written_below_a_file():
    with pytest.raises(ArchiveError, match="written through a file"):
        sort_out([ArchiveEntry("a/b", "file"), ArchiveEntry("a", "file")])


@pytest.mark.parametrize("pair", [("README", "readme"), ("\u00fc", "u\u0308"), ("ſ", "S")])
def test_names_that_some_disks_take_for_one_are_kept_and_told(pair):
    found = sort_out([ArchiveEntry(name, "file") for name in pair])

    assert [entry.name for entry in found.entries] == list(pair)
    assert len(found.remarks) == 1
    assert "one name on some disks" in found.remarks[0]


def test_devices_and_links_that_lead_out_are_left_out_and_told():
    found = sort_out(
        [
            ArchiveEntry("pipe", "other"),
            ArchiveEntry("data", "link", target="/data/set"),
            ArchiveEntry("kept", "file"),
        ]
    )

    assert [entry.name for entry in found.entries] == ["kept"]
    assert found.remarks == (
        "“pipe” is no ordinary file and is left out.",
        "“data” is a link to an absolute place and is left out.",
    )


def test_many_remarks_become_a_few():
    found = sort_out(ArchiveEntry(f"p{n}", "other") for n in range(100))

    assert len(found.remarks) == 6
    assert found.remarks[-1] == "95 more files are left out."


def test_sorting_out_can_be_stopped():
    def check():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sort_out([ArchiveEntry("a", "file")], check)
