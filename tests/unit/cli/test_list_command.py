from __future__ import annotations

import json

import pytest

from tests.support.runs import make_run

DAY = 86_400_000_000
FIRST = 1_700_000_000_000_000


def run_id(number: int) -> str:
    return f"{number:02x}" * 16


@pytest.fixture
def runs(desk):
    """Three runs; the newest has the highest number."""
    for number, (op, label, exit_status) in enumerate(
        [("train.py", "first try", 0), ("eval.py", "", 1), ("train.py", "best one", -15)], 1
    ):
        attrs = {"started": str(FIRST + number * DAY), "exit_status": str(exit_status)}
        attrs |= {"label": label} if label else {}
        make_run(
            desk.home / "runs", run_id(number), opref=f"script:/p/proj '' '' {op}", attrs=attrs
        )
    return desk


def test_runs_are_listed_newest_first_in_guilds_columns(runs):
    assert runs("list").lines == [
        "[1:03030303]  train.py (/p/proj)  2023-11-17 22:13:20  terminated  best one",
        "[2:02020202]  eval.py (/p/proj)   2023-11-16 22:13:20  error",
        "[3:01010101]  train.py (/p/proj)  2023-11-15 22:13:20  completed   first try",
    ]


def test_an_empty_home_lists_nothing_and_says_so(desk):
    outcome = desk("list")

    assert (outcome.out, outcome.err) == ("", f"There are no runs in {desk.home}.\n")


def test_an_empty_trash_says_so(runs):
    outcome = runs("list", "-d")

    assert (outcome.out, outcome.err) == ("", f"The trash of {runs.home} is empty.\n")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("-Fo", "nobody"), "No run matches the filters.\n"),
        (("-F", "lr < 0", "-n", "3"), "No run matches the filters.\n"),
        (("-d", "-Sr"), "No deleted run matches the filters.\n"),
    ],
)
def test_filters_that_nothing_matches_are_told_of_and_are_no_error(runs, options, sentence):
    outcome = runs("list", *options)

    assert (outcome.code, outcome.out, outcome.err) == (0, "", sentence)


def test_json_without_a_match_is_an_empty_list_without_a_word(runs):
    outcome = runs("list", "--json", "-Fo", "nobody")

    assert (outcome.json, outcome.err) == ([], "")


def test_an_empty_home_is_an_empty_json_list(desk):
    assert desk("list", "--json").json == []


def test_json_tells_every_run_in_the_promised_shape(runs):
    documents = runs("list", "--json").json

    assert [document["id"] for document in documents] == [run_id(3), run_id(2), run_id(1)]
    assert documents[0]["status"] == "terminated"
    assert documents[0]["exit_status"] == -15
    assert documents[1]["label"] is None
    assert documents[2]["run_dir"] == str(runs.home / "runs" / run_id(1))
    assert "size" not in documents[0]


def test_json_tells_the_same_when_the_index_is_warm(runs):
    cold = runs("list", "--json").data

    assert runs("list", "--json").data == cold


def test_twenty_runs_are_shown_and_a_note_says_that_there_are_more(desk):
    for number in range(23):
        make_run(desk.home / "runs", run_id(number), attrs={"started": str(FIRST + number)})

    outcome = desk("list")

    assert len(outcome.lines) == 20
    assert outcome.err == "Showing 20 of 23 runs; -a shows all of them.\n"
    assert len(desk("list", "-a").lines) == len(desk("list", "--all").lines) == 23
    assert desk("list", "-a").err == ""
    assert len(desk("list", "-n", "21").lines) == len(desk("list", "-n21").lines) == 21
    assert len(desk("list", "--json").json) == 23
    assert len(desk("list", "--json", "-n", "2").json) == 2


def test_all_and_a_limit_exclude_each_other(desk):
    assert "-a/--all and -n/--limit" in desk.fails("list", "-a", "-n", "3", code=2).err


@pytest.mark.parametrize("limit", ["0", "-1", "x"])
def test_a_limit_is_a_positive_number(desk, limit):
    assert "'-n' / '--limit'" in desk.fails("list", "-n", limit, code=2).err


def test_the_simplified_list_leaves_out_ids_and_times(runs):
    assert runs("list", "-s").lines[0] == "[1]  train.py (/p/proj)  terminated  best one"


def test_details_stand_below_each_run(runs):
    lines = runs("list", "-v", "-n", "1").lines

    assert lines[0].startswith("[1:03030303]")
    assert lines[1] == f"  id: {run_id(3)}"
    assert "  exit_status: -15" in lines
    assert len(lines) == 15


def test_comments_stand_below_each_run(runs):
    comments = "- body: 'two\n\n    lines'\n  host: box\n  time: 1700000000000000\n  user: ann"
    make_run(
        runs.home / "runs", run_id(9), attrs={"started": str(FIRST + 9 * DAY), "comments": comments}
    )

    assert runs("list", "-c", "-n1").lines[1:] == [
        "  ann@box 2023-11-14 22:13:20",
        "    two",
        "    lines",
        "",
    ]


def test_marked_runs_say_so(runs):
    make_run(
        runs.home / "runs", run_id(9), attrs={"started": str(FIRST + 9 * DAY), "marked": "true"}
    )

    assert "train.py (/home/ada/project) [marked]  " in runs("list").lines[0]


def test_deleted_runs_are_listed_apart(runs):
    make_run(runs.home / "trash" / "runs", run_id(7), attrs={"started": str(FIRST)})

    assert [line[:13] for line in runs("list", "-d").lines] == ["[1:07070707] "]
    assert len(runs("list").lines) == 3
    (document,) = runs("list", "--deleted", "--json").json
    assert document["run_dir"] == str(runs.home / "trash" / "runs" / run_id(7))


def test_an_unreadable_run_is_shown_and_disturbs_no_other(runs):
    make_run(runs.home / "runs", run_id(8), opref="two words")
    make_run(runs.home / "runs", run_id(9), attrs={"flags": "{"})

    lines = runs("list").lines
    documents = {document["id"]: document for document in runs("list", "--json").json}

    assert len(lines) == len(documents) == 5
    assert lines[-2].startswith("[4:08080808]  ?")
    assert documents[run_id(8)]["operation"] is None
    assert "opref has 2 words" in documents[run_id(8)]["problem"]
    assert "attribute flags" in documents[run_id(9)]["problem"]
    assert documents[run_id(1)]["problem"] is None


def test_a_label_cannot_steer_the_terminal(desk):
    label = json.dumps("a\x1b]0;title\x07b\nc\u202ed")
    make_run(desk.home / "runs", attrs={"label": label, "started": str(FIRST)})

    (line,) = desk("list").lines

    assert line.endswith(r"a\x1b]0;title\x07b c\u202ed")


def test_a_run_whose_name_is_not_unicode_is_listed_with_its_bytes(desk):
    make_run(desk.home / "runs", b"caf\xe9".decode("utf-8", "surrogateescape"))

    assert b"[1:caf\xe9]" in desk("list").data
    assert desk("list", "--json").json[0]["id"] == "caf\udce9"


def test_a_home_that_is_missing_or_a_file_is_an_error(desk, tmp_path):
    (tmp_path / "file").write_text("")

    assert "there is no such directory" in desk.on(tmp_path / "nowhere").fails("list").err
    assert "it is not a directory" in desk.on(tmp_path / "file").fails("list", "--json").err


def test_the_home_may_stand_before_the_command_and_in_the_environment(runs, monkeypatch):
    before = runs.call("-H", str(runs.home), "list")
    monkeypatch.setenv("GUILD_HOME", str(runs.home))
    environment = runs.call("list")

    assert before.lines == environment.lines == runs("list").lines


def test_a_home_after_the_command_wins_over_one_before(runs, tmp_path):
    (tmp_path / "other").mkdir()

    assert runs.call("-H", str(tmp_path / "other"), "list", "--home", str(runs.home)).lines
    assert not runs.call("-H", str(runs.home), "list", "--home", str(tmp_path / "other")).lines


def test_a_user_without_any_home_gets_an_empty_list_and_a_note(desk, monkeypatch):
    monkeypatch.chdir(desk.user_home)

    outcome = desk.call("list", "--json")

    assert (outcome.code, outcome.json) == (0, [])
    assert outcome.err == f"There is no Guild home at {desk.user_home}/.guild yet.\n"


def test_looking_writes_nothing_into_the_home(runs):
    before = sorted(runs.home.rglob("*"))

    runs("list")
    runs("list", "--json")

    assert sorted(runs.home.rglob("*")) == before


def test_a_running_run_of_another_machine_says_where(desk):
    make_run(
        desk.home / "runs", attrs={"started": str(FIRST)}, files={".guild/LOCK.remote": "gpu1"}
    )

    assert "running (gpu1)" in desk("list").out
    assert desk("list", "--json").json[0]["remote"] == "gpu1"


@pytest.mark.parametrize("most", [0, 2, 3])
@pytest.mark.parametrize("piece", [1, 2, 3, 500])
def test_json_is_one_document_however_it_is_written(runs, monkeypatch, most, piece):
    whole = runs("list", "--json").data
    monkeypatch.setattr("cli.list_command.MOST", most)
    monkeypatch.setattr("cli.list_command._PIECE", piece)

    assert runs("list", "--json").data == whole


def test_runs_that_cannot_be_listed_are_an_error_and_not_an_empty_list(desk):
    (desk.home / "runs").rmdir()
    (desk.home / "runs").symlink_to("runs")  # a loop: there, but never to be opened

    assert "Cannot list" in desk.fails("list").err
    assert "Cannot list" in desk.fails("info").err
    assert desk("check", "--json").json["index_problem"]


def test_a_home_without_a_directory_of_runs_is_told(desk):
    (desk.home / "runs").rmdir()

    for command in ("list", "check"):
        assert desk(command).err == f"The home {desk.home} has no directory of runs.\n"


def test_runs_that_went_away_are_one_sentence_and_a_way_out(runs):
    runs("list")
    (runs.home / "runs").rename(runs.home / "elsewhere")

    assert runs.fails("list").err.splitlines() == [
        f"rundesk: The directory {runs.home}/runs is not there now.",
        f"If its runs are really gone, make the directory again: mkdir {runs.home}/runs",
    ]
    assert "not there now" in runs("check", "--json").json["index_problem"]

    (runs.home / "runs").mkdir()

    assert runs("list").lines == []


def test_a_trash_that_cannot_be_listed_concerns_only_the_trash(runs):
    (runs.home / "trash").mkdir()
    (runs.home / "trash" / "runs").write_text("no directory")

    assert len(runs("list").lines) == 3
    assert "Cannot list" in runs.fails("list", "-d").err
    assert "trash" in runs("check", "--json").json["index_problem"]


@pytest.mark.parametrize(
    "command",
    [
        ("info",), ("info", "1"), ("ls", "a1"), ("cat", "1", "x"), ("output",),
        ("label", "1", "-s", "x"), ("delete", "-y", ":"), ("mark", "-y", "-Fo", "train"),
        ("restore", "-y", "1"), ("stop", "1"),
    ],
)  # fmt: skip
def test_commands_about_runs_say_that_there_is_no_home_yet(desk, command):
    outcome = desk.call(*command)

    assert outcome.code == 1
    assert outcome.err.startswith(
        f"rundesk: There are no runs: there is no Guild home at {desk.user_home}/.guild yet.\n"
    )


def test_on_a_terminal_labels_that_do_not_fit_show_what_differs(desk, monkeypatch):
    for number in (1, 2):
        attrs = {"started": str(FIRST + number), "label": f"batch={'4' * 60} lr=0.{number}"}
        make_run(desk.home / "runs", run_id(number), opref="script:/p '' '' x.py", attrs=attrs)
    assert all("batch=444" in line for line in desk("list").lines)

    monkeypatch.setattr("cli.list_text.terminal_width", lambda: 90)

    assert [line[-7:] for line in desk("list").lines] == ["lr=0.2 …"[1:], "lr=0.1 …"[1:]]


def test_on_a_terminal_labels_that_fit_are_whole(desk, monkeypatch):
    for number in (1, 2):
        attrs = {"started": str(FIRST + number), "label": f"batch=4 lr=0.{number}"}
        make_run(desk.home / "runs", run_id(number), opref="script:/p '' '' x.py", attrs=attrs)
    monkeypatch.setattr("cli.list_text.terminal_width", lambda: 120)

    assert [line.split("  ")[-1] for line in desk("list").lines] == [
        "batch=4 lr=0.2", "batch=4 lr=0.1",
    ]  # fmt: skip
