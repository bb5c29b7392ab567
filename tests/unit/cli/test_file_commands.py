from __future__ import annotations

import os

import pytest

from tests.support.runs import make_run

RUN, OTHER = "ab12" * 8, "cd34" * 8


@pytest.fixture
def run_dir(desk):
    make_run(desk.home / "runs", OTHER, files={"result.txt": "42\n"})
    path = make_run(
        desk.home / "runs",
        RUN,
        attrs={"started": "1700000000000000"},
        files={
            ".guild/manifest": "s train.py 0a train.py\nd data 0b file:data\n",
            ".guild/output": b"one\ntwo \xff\n",
            "train.py": "print(1)\n",
            "data/a9": "9",
            "data/a10": "10",
            "out.bin": b"\x00\xff\n",
            ".hidden": "",
        },
    )
    (path / "other").symlink_to(f"../{OTHER}")
    (path / "outside").symlink_to("/etc")
    return path


def test_files_are_listed_in_natural_order_below_their_run(desk, run_dir):
    assert desk("ls", RUN).lines == [
        f"{run_dir}:",
        *("  data/", "  data/a9", "  data/a10", "  other/", "  out.bin", "  outside", "  train.py"),
    ]


@pytest.mark.parametrize(
    ("options", "paths"),
    [
        (["-s"], ["train.py"]),
        (["-d"], ["data/a9", "data/a10"]),
        (["-g"], [".hidden", "out.bin"]),
        (["-sg"], [".hidden", "out.bin", "train.py"]),
        (["-p", "data"], ["data/", "data/a9", "data/a10"]),
        (["-p", "./data/"], ["data/", "data/a9", "data/a10"]),
        (["-p", "*.py"], ["train.py"]),
        (["-p", "nothing"], []),
    ],
)
def test_options_choose_files(desk, run_dir, options, paths):
    assert desk("ls", RUN, "-n", *options).lines == paths


def test_all_files_are_those_of_guild_too(desk, run_dir):
    lines = desk("ls", "-an", RUN).lines

    assert {".guild/", ".guild/opref", ".guild/attrs/started", ".hidden"} < set(lines)


def test_full_paths_need_no_heading(desk, run_dir):
    assert desk("ls", "-fs", RUN).lines == [f"{run_dir}/train.py"]


def test_json_tells_kinds_sizes_and_links(desk, run_dir):
    files = {file["path"]: file for file in desk("ls", RUN, "--json").json}

    assert (files["train.py"]["kind"], files["train.py"]["size"]) == ("source", 9)
    assert (files["data"]["type"], files["data"]["kind"]) == ("directory", "dependency")
    assert files["other"]["run"] == OTHER
    assert files["outside"]["target"] == "/etc"
    assert files["outside"]["problem"]


def test_linked_directories_that_lead_out_of_the_run_are_never_entered(desk, run_dir):
    assert "outside/passwd" not in desk("ls", "-naL", RUN).lines


def test_names_that_are_not_unicode_keep_their_bytes(desk, run_dir):
    (run_dir / os.fsdecode(b"caf\xe9")).touch()

    assert b"\ncaf\xe9\n" in desk("ls", "-n", RUN).data
    assert b"  caf\xe9\n" in desk("ls", RUN).data


def test_a_file_is_written_as_it_is(desk, run_dir):
    assert desk("cat", RUN, "out.bin").data == b"\x00\xff\n"
    assert desk("cat", "-p", "out.bin", RUN).data == b"\x00\xff\n"
    assert desk("cat", "1", "-p", "data/a9").data == b"9"


def test_a_file_of_the_latest_run_needs_only_its_path(desk, run_dir):
    assert desk("cat", "-p", "train.py").data == b"print(1)\n"


def test_a_file_of_a_run_that_is_linked_can_be_read(desk, run_dir):
    assert desk("cat", RUN, "other/result.txt").data == b"42\n"


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../secret", "data/../../secret", "outside/passwd", "nothing", "data"],
)
def test_a_path_that_is_no_file_of_the_run_is_refused(desk, run_dir, path):
    (run_dir.parent / "secret").write_text("secret")

    assert desk.fails("cat", RUN, path).err.count("\n") <= 2


@pytest.mark.parametrize(
    "arguments", [[RUN], [], [RUN, "a", "-p", "b"], ["-O", "-p", "a"], [RUN, "a", "-O"], ["-Os"]]
)
def test_a_file_or_the_output_must_be_asked_for(desk, run_dir, arguments):
    desk.fails("cat", *arguments, code=2)


def test_source_code_of_old_runs_lies_in_a_place_of_its_own(desk, run_dir):
    assert desk("cat", "-s", RUN, "train.py").data == b"print(1)\n"
    old = run_dir / ".guild" / "sourcecode"
    old.mkdir()
    (old / "train.py").write_text("print('old')\n")

    assert desk("cat", "-s", RUN, "train.py").data == b"print('old')\n"
    desk.fails("cat", "-s", RUN, "/train.py")


def test_output_is_written_as_it_is(desk, run_dir):
    assert desk("output", RUN).data == b"one\ntwo \xff\n"
    assert desk("output", RUN, "-f").data == b"one\ntwo \xff\n"
    assert desk("output").data == desk("cat", "-O", RUN).data == b"one\ntwo \xff\n"


def test_a_run_without_output_says_so(desk, run_dir):
    assert "Run cd34cd34 has written no output." in desk.fails("output", OTHER).err


def test_files_of_deleted_runs_are_there_too(desk):
    make_run(desk.home / "trash" / "runs", RUN, files={"a": "1", ".guild/output": "x\n"})

    assert desk("ls", "--deleted", "-n").lines == ["a"]
    assert desk("cat", "-d", RUN, "a").data == b"1"
    assert desk("output", "-d", RUN).data == b"x\n"


def test_an_empty_path_is_refused_in_a_sentence(desk, run_dir):
    assert "The path is empty" in desk.fails("cat", "1", "", code=2).err


def test_source_code_of_a_run_that_may_not_be_entered_is_an_error(desk, open_dir, as_ordinary_user):
    run_dir = make_run(open_dir / "runs", RUN, files={"train.py": "print(1)"})
    run_dir.chmod(0)

    with as_ordinary_user():
        outcome = desk.on(open_dir).fails("cat", RUN, "-s", "train.py")

    assert outcome.err == (
        f"rundesk: Cannot open train.py of run {RUN[:8]}: permission denied.\n"
        f"rundesk ls {RUN[:8]} lists its files.\n"
    )
    assert not list(desk.user_home.rglob("*.log"))


def test_a_file_that_is_not_there_is_told_with_its_run_and_where_to_look(desk, run_dir):
    outcome = desk.fails("cat", "1", "nofile")

    assert outcome.err == (
        f"rundesk: Cannot open nofile of run {RUN[:8]}: no such file or directory.\n"
        f"rundesk ls {RUN[:8]} lists its files.\n"
    )


def test_files_that_nothing_matches_are_told_of(desk, run_dir):
    outcome = desk("ls", "1", "-p", "nowhere")

    assert (outcome.out, outcome.err) == (
        "", f"No file of run {RUN[:8]} is of that kind and place.\n",
    )  # fmt: skip
    assert desk("ls", "1", "-p", "nowhere", "--json").json == []
