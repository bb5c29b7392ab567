"""`label`, `tag`, `mark` and `comment`: what they take, ask, refuse and say."""

from __future__ import annotations

import pytest

from tests.support.answers import Terminal
from tests.support.runs import make_run

A, B, C = "ab12" * 8, "ab34" * 8, "cd56" * 8
EDITOR = "#!/bin/sh\nprintf 'From the editor\\n# left out\\nline two\\n' > \"$1\"\n"


@pytest.fixture
def runs(desk):
    """Three runs, A the newest."""
    found = [(C, "third", "- x"), (B, "second", "- x\n- y"), (A, "first", "[]")]
    for start, (run_id, label, tags) in enumerate(found):
        attrs = {"started": f"170000000000000{start}", "label": label, "tags": tags}
        make_run(desk.home / "runs", run_id, attrs=attrs | {"flags": f"lr: 0.{start}"})
    return desk.home / "runs"


def attr(runs, run_id, name):
    path = runs / run_id / ".guild" / "attrs" / name
    return path.read_text() if path.exists() else None


def labels(runs):
    return [attr(runs, run_id, "label") for run_id in (A, B, C)]


COMMANDS = [
    ["label", "-s", "x"],
    ["tag", "-a", "x"],
    ["mark"],
    ["mark", "--clear"],
    ["comment", "-a", "x"],
    ["comment", "-d", "1"],
]


@pytest.mark.parametrize("filters", [[], ["-Fl", ""], ["-Fo", "", "-Fc", ""]], ids=" ".join)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_nothing_named_is_an_error_and_changes_nothing(desk, runs, command, filters):
    before = sorted((path, path.read_bytes()) for path in runs.rglob("attrs/*"))

    outcome = desk.fails(*command, "-y", *filters)

    assert outcome.err.startswith("rundesk: No run is named.\nName runs by id")
    assert sorted((path, path.read_bytes()) for path in runs.rglob("attrs/*")) == before


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_without_a_terminal_a_question_is_declined(desk, runs, command):
    before = sorted((path, path.read_bytes()) for path in runs.rglob("attrs/*"))

    outcome = desk.call("-H", str(desk.home), *command, "1")

    assert outcome.code == 4
    assert "declined; -y says yes" in outcome.err
    assert sorted((path, path.read_bytes()) for path in runs.rglob("attrs/*")) == before


@pytest.mark.parametrize(
    ("arguments", "changed"),
    [
        (["1"], [A]),
        (["2:"], [B, C]),
        ([":"], [A, B, C]),
        (["cd", "1"], [A, C]),
        (["-Fl", "second"], [B]),
        (["-Ft", "x", "2"], [C]),
        (["-F", "lr < 0.15"], [B, C]),
    ],
    ids=str,
)
def test_runs_are_named_or_chosen_as_in_guild(desk, runs, arguments, changed):
    outcome = desk("mark", "-y", *arguments)

    assert [run_id for run_id in (A, B, C) if attr(runs, run_id, "marked")] == changed
    assert outcome.err == f"Marked {len(changed)} run{'s' if len(changed) > 1 else ''}.\n"


def test_a_run_that_is_not_there_is_an_error(desk, runs):
    assert "No run matches 'ffff'" in desk.fails("label", "-y", "-s", "x", "ffff").err
    assert "No run matches the filters" in desk.fails("label", "-y", "-s", "x", "-Fl", "zzz").err


def test_the_question_shows_labels_before_and_after_and_is_answered(desk, runs):
    with Terminal(desk) as terminal:
        terminal.start("label", "-a", "lr=${lr}", "1", "2")
        asked = terminal.wait_for("Continue? (Y/n) ")
        terminal.type("\n")
        assert terminal.finish() == 0
        assert "Labelled 2 runs." in terminal.seen

    assert "You are about to change the label of 2 runs:" in asked
    assert "ab12ab12  first → first lr=0.2" in asked
    assert labels(runs) == ["first lr=0.2\n", "second lr=0.1\n", "third\n"]


def test_no_means_no(desk, runs):
    with Terminal(desk) as terminal:
        terminal.start("tag", "-c", "2")
        terminal.wait_for("Continue? (Y/n) ")
        terminal.type("n\n")
        assert terminal.finish() == 4

    assert attr(runs, B, "tags") == "- x\n- y\n"


def test_clearing_comments_is_not_what_an_empty_answer_means(desk, runs):
    desk("comment", "-y", "-a", "precious", "1")
    with Terminal(desk) as terminal:
        terminal.start("comment", "-c", "1")
        terminal.wait_for("Continue? (y/N) ")
        terminal.type("\n")
        assert terminal.finish() == 4

    assert "precious" in attr(runs, A, "comments")


# label


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "is needed"),
        (["-s", ""], "is needed"),
        (["-s", "a", "-c"], "exclude each other"),
        (["-a", "a", "-p", "b"], "exclude each other"),
        (["-rm", "a", "--reset"], "exclude each other"),
        (["-s", "a", "--json"], "--json prints what"),
        (["-rm", "a(b"], "a(b\n   ^\nPut a backslash"),
    ],
    ids=str,
)
def test_label_takes_one_thing_at_a_time(desk, runs, options, told):
    assert told in desk.fails("label", "-y", *options, "1", code=2).err
    assert labels(runs) == ["first\n", "second\n", "third\n"]


def test_labels_are_reset_and_cleared(desk, runs):
    assert desk("label", "-y", "--reset", "1").err == "Labelled 1 run.\n"
    assert desk("label", "-y", "--reset", "1").err == "Labelled 0 runs. 1 run needed no change.\n"
    assert desk("label", "-y", "-c", "2").err == "Cleared the label of 1 run.\n"

    assert labels(runs) == ["lr=0.2\n", None, "third\n"]


def test_a_preview_changes_nothing(desk, runs):
    (runs / C / ".guild" / "attrs" / "flags").write_text("[")
    shown = desk("label", "-n", "-s", "${lr}!", ":")
    data = desk("label", "-n", "--json", "-s", "${lr}!", "1", "3").json

    assert shown.lines[:2] == ["ab12ab12  first → 0.2!", "ab34ab34  second → 0.1!"]
    assert "Run cd56cd56 cannot be changed: attribute flags is not valid YAML" in shown.lines[2]
    assert data[0] == {"id": A, "before": "first", "after": "0.2!", "problem": None}
    assert data[1]["after"] is None
    assert data[1]["problem"].startswith("Run cd56cd56 cannot")
    assert labels(runs) == ["first\n", "second\n", "third\n"]


def test_refused_runs_are_told_and_the_others_changed(desk, runs):
    (runs / B / ".guild" / "attrs" / "label").write_text("[")

    outcome = desk.call("-H", str(desk.home), "label", "-y", "-a", "x", ":")

    assert outcome.code == 1
    assert outcome.err.splitlines()[0] == "Labelled 2 runs."
    assert outcome.err.splitlines()[1].startswith("rundesk: Run ab34ab34 cannot be changed: ")
    assert labels(runs) == ["first x\n", "[", "third x\n"]


# tag


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "is needed"),
        (["-s"], "is needed"),
        (["-a", ""], "may not be empty"),
        (["-a", "  "], "may not be empty"),
        (["--rename", "a", ""], "may not be empty"),
        (["--rename", "a", "b", "-a", "c"], "--rename excludes"),
        (["--list-all", "-a", "c"], "--list-all excludes"),
        (["-a", "c", "--json"], "--json prints what"),
    ],
    ids=str,
)
def test_tag_says_what_it_needs(desk, runs, options, told):
    assert told in desk.fails("tag", "-y", *options, "1", code=2).err


def test_tags_are_listed_of_all_runs_or_of_some(desk, runs):
    assert desk("tag", "--list-all").lines == ["x", "y"]
    assert desk("tag", "--list-all", "3").lines == ["x"]
    assert desk("tag", "--list-all", "-Fl", "first").lines == []
    assert desk("tag", "--list-all", "--json").json == ["x", "y"]


def test_a_tag_is_renamed_everywhere_unless_runs_are_named(desk, runs):
    assert desk("tag", "-y", "--rename", "x", "w", "3").err == "Changed the tags of 1 run.\n"
    assert desk("tag", "-y", "--rename", "x", "z").err == "Changed the tags of 1 run.\n"
    assert "No run has the tag 'x'" in desk.fails("tag", "-y", "--rename", "x", "z").err

    tags = [attr(runs, run_id, "tags") for run_id in (A, B, C)]
    assert tags == ["[]\n", "- 'y'\n- z\n", "- w\n"]


# comment


def test_comments_are_listed_with_their_numbers(desk, runs):
    desk("comment", "-y", "-a", "one\n  two", "-u", "ada@box", "1")
    desk("comment", "-y", "-a", "other", "-u", "grace@far", "1")
    desk("comment", "-y", "--replace", "1", "-a", "changed", "1")

    shown, data = desk("comment", "-l").lines, desk("comment", "-l", "--json", ":").json

    assert shown[0].startswith("ab12ab12  train.py  first")
    assert shown[1].startswith("  [1] ada@box 20")
    assert shown[2:4] == ["    changed", ""]
    assert shown[4].startswith("  [2] grace@far 20")
    assert [each["id"] for each in data] == [A, B, C]
    assert data[0]["comments"][1]["number"] == 2
    assert data[0]["comments"][1]["body"] == "other"
    assert data[1]["comments"] == []
    assert desk("comment", "-l", "2").lines[1] == "  (no comments)"


def test_a_comment_that_is_not_there_is_an_error(desk, runs):
    assert "it has no comments." in desk.fails("comment", "-y", "-d", "3", "1").err
    assert (
        "it has no comments." in desk.fails("comment", "-y", "--replace", "3", "-a", "x", "1").err
    )
    assert (
        "0 is not a whole number from 1 on."
        in desk.fails("comment", "-y", "-d", "0", "1", code=2).err
    )


@pytest.mark.parametrize(
    "options",
    [["-a", "x", "-d", "1"], ["-l", "-c"], ["-e", "-c"], ["--replace", "1", "-l"]],
    ids=str,
)
def test_comment_does_one_thing_at_a_time(desk, runs, options):
    assert "exclude" in desk.fails("comment", "-y", *options, "1", code=2).err


def test_without_a_text_or_a_terminal_there_is_no_comment(desk, runs):
    assert "Nobody can write a comment here." in desk.fails("comment", "1").err
    assert "the comment is empty" in desk.fails("comment", "-y", "-a", " ", "1").err
    assert attr(runs, A, "comments") is None


@pytest.mark.parametrize("option", ["-r", "--remote"])  # Guild's, as with the other commands
def test_an_empty_comment_for_a_remote_is_no_wish_to_clear(desk, runs, option):
    failed = desk.fails("comment", "-y", option, "gpu1", "-a", "", "1", code=2)

    assert "--remote needs -a/--add TEXT" in failed.err


def test_a_comment_is_written_in_the_editor(desk, runs, tmp_path, monkeypatch):
    editor = tmp_path / "editor"
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", str(editor))
    with Terminal(desk) as terminal:
        terminal.start("comment", "1")
        assert terminal.finish() == 0
        assert "Commented on 1 run." in terminal.seen

    (found,) = desk("comment", "-l", "--json", "1").json[0]["comments"]
    assert found["body"] == "From the editor\nline two"


@pytest.mark.parametrize("editor", ["false", "there-is-no-such-editor"])
def test_an_editor_that_fails_is_told_of_in_a_sentence(desk, runs, monkeypatch, editor):
    monkeypatch.setenv("VISUAL", editor)
    with Terminal(desk) as terminal:
        terminal.start("comment", "1")
        assert terminal.finish() == 1

    assert f"The comment was not written: {editor}: Editing failed" in terminal.seen
    assert "unexpected" not in terminal.seen
    assert desk("comment", "-l", "--json", "1").json[0]["comments"] == []


def test_control_characters_of_a_label_are_shown_and_not_obeyed(desk, runs):
    desk("label", "-y", "-s", "a\x1b[31mb\nc", "1")

    assert desk("label", "-n", "-c", "1").lines == ["ab12ab12  a\\x1b[31mb c → (no label)"]
