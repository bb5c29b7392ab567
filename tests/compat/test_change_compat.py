"""Labels, tags, marks and comments: the same bytes as the real Guild's for the same command.

Each case runs on twin homes, one for each program. What differs on purpose is at the end, by name.
"""

from __future__ import annotations

import json
import re
import shutil

import pytest

from core.runs.attrs import read_attr
from core.runs.label_text import default_label
from tests.support.command_line import CommandLine
from tests.support.runs import make_run

RUN = "ab" * 16

FLAGS = """\
batch-size: 32
big: 123456789012345678901234567890
date: 2020-01-01
deep: {b: [1, {c: null}], a: 'x y'}
empty: ''
float: 0.123456789
home: /
inf: .inf
letter: 'y'
list: [1, 'two, three', yes, null]
long: some words that go on and on so that it is folded where it is written as YAML
lr: 1.0e-05
nan: .nan
nothing: null
'off': false
opt: adam
path: /usr/share/doc/../doc
pi: 3.141592653589793
quoted: '''x'''
small: 1.234567890123e-05
text: it's "said"
time: 2020-01-01 10:00:00
unicode: café λ
word: '1e-05'
'yes': true
"""

LONG = "a label that goes on and on " * 8

LABEL_CASES = [
    ("plain", ["-s", "hello"]),
    ("two words", ["-s", "best so far"]),
    ("surrounded by blanks", ["-s", "  x  "]),
    ("number", ["-s", "1"]),
    ("float without point", ["-s", "1e-05"]),
    ("yes", ["-s", "yes"]),
    ("one letter", ["-s", "n"]),
    ("null", ["-s", "null"]),
    ("date", ["-s", "2020-01-01"]),
    ("time", ["-s", "1:30"]),
    ("looks like a map", ["-s", "a: b"]),
    ("looks like a list", ["-s", "- a"]),
    ("comment sign", ["-s", "a # b"]),
    ("quotes", ["-s", """it's "so" """]),
    ("backslash", ["-s", "a\\nb"]),
    ("line breaks", ["-s", "one\n\n  two\n"]),
    ("tab", ["-s", "a\tb"]),
    ("accents", ["-s", "café λ → “x”"]),
    ("emoji", ["-s", "😀 best 🏆"]),
    ("right to left", ["-s", "\u05e9\u05dc\u05d5\u05dd run"]),
    ("direction marks", ["-s", "a\u202eb\u2066c"]),
    ("control characters", ["-s", "a\x07b\x1b[31mc"]),
    ("folded", ["-s", LONG]),
    ("folded with quotes", ["-s", "it's " * 40]),
    ("folded in double quotes", ["-s", "é word " * 30]),
    ("one long word", ["-s", "x" * 300]),
    ("100 kB", ["-s", "0123456789abcdef " * 6000]),
    ("append", ["-a", "more"]),
    ("append an accent", ["-a", "é"]),
    ("prepend", ["-p", "first"]),
    ("prepend and blanks", ["-p", " first "]),
    ("remove a word", ["-rm", "old"]),
    ("remove a pattern", ["-rm", "o.*"]),
    ("remove part of a word", ["-rm", "ol"]),
    ("remove two", ["-rm", "old", "-rm", "label"]),
    ("remove everything", ["-rm", "old", "-rm", "label", "-rm", "x=1"]),
    ("remove digits", ["-rm", r"x=\d"]),
    ("clear", ["-c"]),
    ("flag", ["-s", "lr=${lr}"]),
    ("flags", ["-s", "${opt}-${batch-size} ${yes} ${off}"]),
    ("truncated", ["-s", "${float} ${pi} ${small}"]),
    ("unknown flag", ["-s", "a ${none} b"]),
    ("null flag", ["-s", "a ${nothing} b"]),
    ("nothing left", ["-s", "${none}"]),
    ("inf and nan", ["-s", "${inf} ${nan}"]),
    ("list and map", ["-s", "${list} ${deep}"]),
    ("dates", ["-s", "${date} ${time}"]),
    ("path", ["-s", "${path} ${home}"]),
    ("texts", ["-s", "${text} ${quoted} ${empty} ${letter} ${word}"]),
    ("folded flag", ["-s", "${long}"]),
    ("flag with accents", ["-s", "${unicode}"]),
    ("large number", ["-s", "${big}"]),
    ("the label", ["-s", "${label} again"]),
    ("the label unquoted", ["-s", "${label|unquote} again"]),
    ("default label", ["-s", "${default_label}"]),
    ("append a flag", ["-a", "lr=${lr}"]),
    ("prepend the label", ["-p", "${label}"]),
    ("format", ["-s", "${lr|%.2e} ${pi|%.3f} ${batch-size|%05d}"]),
    ("format of a text", ["-s", "${opt|%d} ${opt|%10s}|"]),
    ("bad format", ["-s", "${pi|%y}"]),
    ("format with a colon", ["-s", "${pi|%.1f:x}"]),
    ("default", ["-s", "${none|default:x} ${nothing|default} ${opt|default:y} ${pi|default:x}"]),
    ("default of an empty text", ["-s", "[${empty|default:x}]"]),
    ("default with a colon", ["-s", "${none|default:a:b}"]),
    ("basename", ["-s", "${path|basename} ${none|basename} ${home|basename}"]),
    ("unquote", ["-s", "${quoted|unquote} ${opt|unquote}"]),
    ("several filters", ["-s", "${none|default:/a/b/|basename} ${pi|%.3f|%s!}"]),
    ("unknown filter", ["-s", "${lr|upper} ${none|x}"]),
    ("raw values", ["-s", "${yes|default:x} ${list|default:x} ${deep|default:x}"]),
    ("not closed", ["-s", "${lr and $lr {lr} ${} $${opt}"]),
    ("reference over a line end", ["-s", "${l\nr} ${opt}"]),
]

TAG_CASES = [
    ("add", ["-a", "new"]),
    ("add several", ["-a", "z", "-a", "A", "-a", "m"]),
    ("add one twice", ["-a", "x", "-a", "x"]),
    ("add one that is there", ["-a", "b"]),
    ("add odd ones", ["-a", "1", "-a", "yes", "-a", "n", "-a", "a: b", "-a", "é", "-a", "a b"]),
    ("add a long one", ["-a", LONG]),
    ("delete", ["-d", "b"]),
    ("delete all", ["-d", "b", "-d", "a", "-d", "old"]),
    ("delete one that is not there", ["-d", "zzz"]),
    ("delete and add", ["-d", "b", "-a", "c"]),
    ("delete and add the same", ["-d", "b", "-a", "b"]),
    ("clear", ["-c"]),
    ("clear and add", ["-c", "-a", "one", "-a", "b"]),
    ("sync an added one", ["-s", "-a", "new"]),
    ("sync several", ["-s", "-a", "new", "-a", "label", "-a", "x"]),
    ("sync a deleted one", ["-s", "-d", "old"]),
    ("sync both", ["-s", "-d", "old", "-a", "young"]),
    ("sync a clear", ["-s", "-c"]),
    ("sync clear and add", ["-s", "-c", "-a", "old"]),
    ("sync one with a blank", ["-s", "-a", "two words"]),
    ("sync one that is part of a word", ["-s", "-a", "lab"]),
    ("sync and no change", ["-s", "-d", "zzz"]),
]  # fmt: skip

MARK_CASES = [("mark", []), ("clear", ["-c"])]

COMMENT_CASES = [
    ("add", ["-a", "hello"]),
    ("add with an author", ["-a", "hello", "-u", "grace@far"]),
    ("add with a user", ["-a", "hello", "-u", "grace"]),
    ("add with two at signs", ["-a", "hello", "-u", "a@b@c"]),
    ("add lines", ["-a", "first\n\n  third: naïve café\n"]),
    ("add what looks odd", ["-a", "1e-05"]),
    ("add a long one", ["-a", LONG]),
    ("clear", ["-c"]),
]

DELETE_CASES = [("first", ["-d", "1"]), ("last", ["-d", "2"])]

COMMENTS = """\
- body: "caf\\xE9"
  extra: {kept: [1, 2]}
  host: box
  time: 1700000000000001
  user: ada
- body: 'two

    lines'
  host: ''
  time: 1700000000000002
  user: ''
"""

STATES = {
    "bare": {"flags": FLAGS},
    "labelled": {
        "flags": FLAGS,
        "label": "old label x=1",
        "tags": "- b\n- a\n- old",
        "marked": "true",
        "comments": COMMENTS,
    },
}


class Twins:
    """Two homes that hold the same runs, one for each program."""

    def __init__(self, base, desk, guild_session):
        self.homes = [base / "theirs", base / "ours"]
        self.desk = desk.on(self.homes[1])
        self.guild = guild_session

    def make(self, attrs, run_id=RUN):
        attrs = {"started": "1700000000000000", **attrs}
        attrs = {name: text.rstrip("\n") for name, text in attrs.items()}
        for home in self.homes:
            make_run(home / "runs", run_id, attrs=attrs)

    def change(self, command, *options):
        done = self.guild(self.homes[0], command, "-y", *options, RUN)
        assert done.code == 0, done
        self.desk(command, "-y", *options, RUN)

    def attrs(self, name):
        """Both programs' files of one attribute; None without one."""
        paths = [home / "runs" / RUN / ".guild" / "attrs" / name for home in self.homes]
        return [path.read_bytes() if path.exists() else None for path in paths]

    def assert_same(self):
        names = {p.name for h in self.homes for p in (h / "runs" / RUN / ".guild/attrs").iterdir()}
        for name in sorted(names):
            theirs, ours = map(without_time, self.attrs(name))
            assert ours == theirs, name


def without_time(data):
    """Comments are written at different times."""
    return None if data is None else re.sub(rb"time: 17[1-9]\d{13}", b"time: NOW", data)


@pytest.fixture
def twins(tmp_path, desk: CommandLine, guild_session, monkeypatch):
    monkeypatch.setenv("USER", "ada")
    monkeypatch.setenv("HOST", "box")
    return Twins(tmp_path, desk, guild_session)


def cases(found):
    return pytest.mark.parametrize("options", [options for _, options in found], ids=dict(found))


@pytest.mark.parametrize("state", STATES)
@cases(LABEL_CASES)
def test_labels_are_those_of_guild(twins, state, options):
    twins.make(STATES[state])

    twins.change("label", *options)

    twins.assert_same()


@pytest.mark.parametrize("state", STATES)
@cases(TAG_CASES)
def test_tags_are_those_of_guild(twins, state, options):
    twins.make(STATES[state])

    twins.change("tag", *options)

    twins.assert_same()


@pytest.mark.parametrize("state", STATES)
@cases(MARK_CASES)
def test_marks_are_those_of_guild(twins, state, options):
    twins.make(STATES[state])

    twins.change("mark", *options)

    twins.assert_same()


@pytest.mark.parametrize("state", STATES)
@cases(COMMENT_CASES)
def test_comments_are_those_of_guild(twins, state, options):
    twins.make(STATES[state])

    twins.change("comment", *options)

    twins.assert_same()


@cases(DELETE_CASES)
def test_comments_are_deleted_as_by_guild(twins, options):
    twins.make(STATES["labelled"])

    twins.change("comment", *options)
    twins.assert_same()
    twins.change("comment", "-d", "1")

    twins.assert_same()
    assert twins.attrs("comments") == [b"[]\n"] * 2


def test_attributes_are_made_where_guild_fails_without_their_directory(twins):
    twins.make({})
    for home in twins.homes:
        shutil.rmtree(home / "runs" / RUN / ".guild" / "attrs")

    theirs = twins.guild(twins.homes[0], "label", "-y", "-s", "x", RUN)
    twins.desk("label", "-y", "-s", "x", RUN)

    assert theirs.code != 0
    assert twins.attrs("label") == [None, b"x\n"]


def test_guild_lists_what_was_changed_here(twins):
    twins.make(STATES["bare"])
    home = twins.homes[1]

    twins.desk("label", "-y", "-s", "café: 1e-05\nλ", RUN)
    twins.desk("tag", "-y", "-a", "n", "-a", "a: b", RUN)
    twins.desk("mark", "-y", RUN)
    twins.desk("comment", "-y", "-a", "first\n\n# third", "-u", "grace@far", RUN)

    (found,) = json.loads(twins.guild(home, "runs", "--json").out)
    assert found["label"] == "café: 1e-05\nλ"
    assert found["tags"] == ["a: b", "n"]
    assert found["marked"] is True
    assert found["comments"][0]["body"] == "first\n\n# third"
    assert (found["comments"][0]["user"], found["comments"][0]["host"]) == ("grace", "far")


@pytest.mark.parametrize("name", ["plain", "evaluate", "steps", "texts", "odd strings", "types"])
def test_the_default_label_is_the_one_that_guild_gave_the_run(guild_store, name):
    run_dir = guild_store.run_dir(name)

    assert default_label(read_attr(run_dir, "flags")) == read_attr(run_dir, "label")
