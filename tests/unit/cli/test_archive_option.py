from __future__ import annotations

import json

import pytest

from tests.support.archives import FORMS, zip_runs
from tests.support.runs import make_run

BATCH, TRIAL, PLAIN = (f"{n:02x}" * 16 for n in range(1, 4))
START = 1_700_000_000_000_000


@pytest.fixture(params=["zip", "tar.gz", "tar.zst", "directory"])
def archive(request, desk, tmp_path):
    """The same three runs in each form; the home itself has none."""
    runs_dir = tmp_path / "elsewhere"
    make_run(
        runs_dir,
        BATCH,
        attrs={"started": str(START), "exit_status": "0", "flags": "{}"},
        files={
            ".guild/proto/.guild/opref": "guildfile:/p/guild.yml 0a m train",
            ".guild/proto/.guild/attrs/flags": "lr: [1, 2]\n",
        },
    )
    (runs_dir / BATCH / TRIAL).symlink_to(f"../{TRIAL}")
    make_run(
        runs_dir,
        TRIAL,
        attrs={
            "started": str(START + 1),
            "exit_status": "1",
            "flags": "lr: 2",
            "mood": "fine",
            "env": "A: b",
            "comments": "- body: hello\n  user: ann\n  host: box\n  time: 1700000000000000",
        },
        files={
            ".guild/output": "one\ntwo\n",
            "train.py": "print(1)\n",
            ".guild/manifest": "s train.py 0a train.py\n",
        },
    )
    make_run(
        runs_dir,
        PLAIN,
        attrs={"started": str(START + 2)},
        files={".guild/STAGED": "", ".guild/sourcecode/old.py": "old\n"},
    )
    if request.param == "directory":
        return str(runs_dir)
    return str(FORMS[request.param](runs_dir, tmp_path))


def test_its_runs_are_listed_instead_of_the_homes(desk, archive):
    assert desk("list").lines == []
    lines = desk("list", "-A", archive).lines

    assert [line.split("]")[0] for line in lines] == ["[1:03030303", "[2:02020202", "[3:01010101"]
    assert "staged" in lines[0]


def test_options_of_list_work_there(desk, archive):
    assert len(desk("list", "-A", archive, "-n", "1").lines) == 1
    assert desk("list", "-A", archive, "-n", "1", "-F", "lr = 2").lines[0].startswith("[1:02020202")
    assert [run["id"] for run in desk("list", "--archive", archive, "--json", "-Se").json] == [
        TRIAL
    ]
    assert "  mood" not in desk("list", "-A", archive, "-v").out
    assert "hello" in desk("list", "-A", archive, "-c").out


def test_json_has_the_shape_of_a_home(desk, archive, tmp_path):
    runs = desk("list", "-A", archive, "--json").json
    home = tmp_path / "other"
    make_run(home / "runs", PLAIN)
    (shape,) = desk.on(home)("list", "--json").json

    assert [list(run) for run in runs] == [list(shape)] * 3
    assert [run["id"] for run in runs] == [PLAIN, TRIAL, BATCH]
    assert runs[1]["batch"] == BATCH
    assert runs[1]["run_dir"] == f"{archive}/{TRIAL}"
    assert runs[1]["flags"] == {"lr": 2}


def test_a_run_is_told_in_full(desk, archive):
    facts = desk("info", "-A", archive, "0202", "--json", "--env", "--files", "-m").json

    assert facts["batch"] == BATCH
    assert facts["attributes"] == {"mood": "fine"}
    assert facts["env"] == {"A": "b"}
    assert facts["manifest"] == {"sourcecode": ["train.py"]}
    assert "train.py" in facts["files"]
    assert facts["size"] > 30
    assert desk("info", "-A", archive, BATCH, "--json").json["proto_flags"] == {"lr": [1, 2]}
    assert desk("info", "-A", archive).lines[0] == f"id: {PLAIN}"
    assert desk("info", "-A", archive, "2").lines[0] == f"id: {TRIAL}"


def test_files_are_listed_and_written(desk, archive):
    assert desk("ls", "-A", archive, "2", "-n").lines == ["train.py"]
    assert ".guild/attrs/mood" in desk("ls", "-A", archive, "2", "-n", "-a").lines
    assert desk("ls", "-A", archive, "2", "-s", "--json").json[0]["path"] == "train.py"
    assert desk("ls", "-A", archive, BATCH, "--json").json[0]["run"] == TRIAL
    assert desk("cat", "-A", archive, "2", "train.py").out == "print(1)\n"
    assert desk("cat", "-A", archive, PLAIN, "-s", "old.py").out == "old\n"
    assert desk("output", "-A", archive, "2").out == "one\ntwo\n"
    assert desk("cat", "-A", archive, "2", "-O").out == "one\ntwo\n"


def test_what_is_not_there_is_told(desk, archive):
    desk.fails("cat", "-A", archive, "2", "nothing")
    desk.fails("cat", "-A", archive, "2", "../../x")
    desk.fails("output", "-A", archive, "1")
    desk.fails("info", "-A", archive, "ffff")
    desk.fails("info", "-A", archive, "-Fl", "nothing like it")


@pytest.mark.parametrize("command", ["list", "info", "ls", "output"])
def test_an_archive_has_no_trash_and_must_be_one(desk, command, tmp_path):
    path = tmp_path / "text"
    path.write_text("no archive")
    deleted = "--deleted"

    desk.fails(command, "-A", str(path), deleted, code=2)
    assert "is no archive of runs" in desk.fails(command, "-A", str(path)).err
    assert "Cannot open" in desk.fails(command, "-A", str(tmp_path / "missing")).err


def test_a_refused_run_is_shown_with_its_problem(desk, tmp_path):
    make_run(tmp_path / "runs", TRIAL, attrs={"label": "fine"}, files={"data/set10": "x"})
    path = zip_runs(tmp_path / "runs", tmp_path / "bad.zip")
    path.write_bytes(path.read_bytes().replace(b"data/set10", b"data/../10"))

    told = desk("info", "-A", str(path), "--json")

    assert told.json["label"] == "fine"
    assert told.json["size"] is None
    assert "leads upwards" in told.json["problem"]
    assert "refused" in told.err
    desk.fails("ls", "-A", str(path))


def test_listing_an_archive_changes_nothing(desk, archive, tmp_path):
    before = sorted(path for path in tmp_path.rglob("*"))

    desk("list", "-A", archive, "--json")
    desk("info", "-A", archive)

    assert sorted(path for path in tmp_path.rglob("*")) == before
    json.dumps(before, default=str)
