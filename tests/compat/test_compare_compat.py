"""`rundesk compare --csv` writes what `guild compare --csv` writes, for every specification.

What differs on purpose: NaN is written where Guild's index has lost it, and flags and scalars that
Guild cannot ask for because of their names (`flag:x`, those with blanks) are not left out. What the
index cannot tell: a scalar that a run has both in its own directory and in `.guild` is that of the
run's directory for Guild, and of `.guild` here; no run of the home has such a one.
"""

from __future__ import annotations

import csv
import io
import math
import shutil

import pytest

from tests.support.compare_home import make_compare_home
from tests.support.guild_answers import compare_with_guild

QUESTIONS = [
    (),
    ("-r",),
    ("-p",),
    ("-r", "-p"),
    ("-e",),
    ("-s",),
    ("-u",),
    ("-u", "-r", "-s"),
    ("-n", "3"),
    ("--top", "5", "-p"),
    ("--include-batch",),
    ("--include-batch", "-r", "-s"),
    ("-cc", "loss"),
    ("-cc", "min loss"),
    ("-cc", "max loss, max loss step"),
    ("-cc", "first loss as first, first loss step as 'first step'"),
    ("-cc", "last loss,last loss step"),
    ("-cc", "avg loss as mean, total loss as sum, count loss as n"),
    ("-cc", "min loss as low, max loss as high, avg loss"),
    ("-cc", "acc step as 'acc step', acc"),
    ("-cc", "=lr"),
    ("-cc", "flag:lr,flag:seed , flag:opt"),
    ("-cc", "=lr as rate, =nothing"),
    ("-cc", ".label, .started, .stopped, .time"),
    ("-cc", "attr:id, .exit_status, .sourcecode_digest, .sourcecode"),
    ("-cc", ".tags, .marked"),
    ("-cc", ".model, .op, .operation, .short_id, .status"),
    ("-cc", ".flags, .host"),
    ("-cc", "logs#loss"),
    ("-cc", "logs/val#loss, logs/train#loss as trained"),
    ("-cc", "logs/v#loss step, min logs/v#loss"),
    ("-cc", "'.guild#loss'"),
    ("-cc", 'scalar:loss as "the loss", scalar:acc'),
    ("-cc", "sys/mem, max sys/mem as most"),
    ("-cc", "group/acc, max group/acc as best"),
    ("-cc", "nothing, 'nothing at all'"),
    ("-cc", "loss, min loss, max loss"),
    ("-cc", "=lr as x, loss as x"),
    ("-cc", ".label as loss, loss"),
    ("-c", "min loss as best"),
    ("-c", "max acc, min loss as low"),
    ("-c", "=lr as label"),
    ("-c", ".label as operation", "-p"),
    ("-c", "max acc as top, =seed as run"),
    ("--min", "loss"),
    ("--max", "loss", "-p", "-c", "loss"),
    ("--max", "acc", "-n", "4"),
    ("--min", "started", "-p"),
    ("2:5",),
    ("3", "1", "-r"),
    ("-Sc", "-r"),
    ("-F", "lr < 3", "-cc", "loss, acc"),
    ("-Fl", "nowhere"),
    ("-cc", "min loss step as low, min loss"),
    ("-cc", "last acc step"),
    ("-cc", "first logs/val#loss, last logs/train#acc"),
    ("-cc", "total logs#loss as all, avg acc as mean, count acc as n"),
    ("-cc", "logs/x#loss, LOGS/X#acc"),
    ("-cc", "scalar:logs/val#loss"),
    ("-cc", "scalar:loss step as at"),
    ("-cc", "scalar:'loss'"),
    ("-cc", "'x/y', '-z', min x/y as least"),
    ("-cc", "x/y,-z"),
    ("-cc", "#loss"),
    ("-cc", ".guild#loss, .guild#loss as attr"),
    ("-cc", "loss as 'a, b'"),
    ("-cc", "loss as \"two words\", 'acc' as \"the acc\""),
    ("-cc", "  min   loss   as   low  ,acc"),
    ("-cc", "min\tloss\nas low"),
    ("-cc", "=when, =really, =map, =none"),
    ("-cc", "=k, =a, =b, =opt"),
    ("-cc", ".comments, .steps, .compare"),
    ("-cc", ".from, .op_model, .run, .stopped"),
    ("-cc", "attr:label as l, flag:lr as r, scalar:loss as s"),
    ("-cc", "loss step as loss"),
    ("-cc", "=lr as x, min loss as x, .label as x"),
    ("-cc", "sys/mem step, count sys/mem as n"),
    ("-cc", "group/loss, train#loss, evaluate#acc"),
    ("-cc", "train/.guild#loss, min train#loss as least"),
    ("-cc", "avg loss, avg acc"),
    ("-cc", "loss,loss,loss"),
    ("-cc", "Loss, LOSS, los, 1"),
    ("-cc", "loss step, acc step"),
    ("-c", "loss as acc"),
    ("-c", ".label as lr"),
    ("--min", "acc", "-r"),
    ("--max", "lr", "-cc", "=lr"),
    ("-c", "=lr", "-u", "-e"),
    ("-s", "-e", "-p"),
    ("-n", "100", "-r"),
    ("-St", "-p"),
    ("1",),
    (":",),
]  # fmt: skip


REFUSED = [
    "step", "min step", "count", "loss step step", "min loss as as", "loss as", "=lr step",
    "a b c, loss", "loss,,acc", "avg loss step",
]  # fmt: skip
"""Guild leaves these out, with a warning or without a word; the last one ends it with an error."""


NOT_FOR_GUILD = frozenset(["flag:x"])
"""Headers of columns that Guild leaves out, since their names are no specifications to it."""


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def without(rows: list[list[str]], headers: frozenset[str]) -> list[list[str]]:
    """The rows but some columns."""
    kept = [place for place, header in enumerate(rows[0] if rows else []) if header not in headers]
    return [[row[place] for place in kept] for row in rows]


def is_same(ours: str, theirs: str) -> bool:
    """Whether two cells are the same, numbers to float32."""
    if ours == theirs or (ours == "nan" and theirs == ""):
        return True
    try:
        return math.isclose(float(ours), float(theirs), rel_tol=1e-6)
    except ValueError:
        return False


def differences(ours: list[list[str]], theirs: list[list[str]]) -> list[object]:
    """What differs: headers, number of rows, or cells (header, ours, Guild's)."""
    ours = without(ours, NOT_FOR_GUILD)
    if ours[:1] != theirs[:1]:
        return [ours[:1], theirs[:1]]
    if len(ours) != len(theirs):
        return [len(ours), len(theirs)]
    return [
        (header, one, other)
        for row, line in zip(ours[1:], theirs[1:], strict=True)
        for header, one, other in zip(ours[0], row, line, strict=True)
        if not is_same(one, other)
    ]


@pytest.fixture(scope="module")
def made_home(guild_store, tmp_path_factory):
    """The runs that Guild made; none of them goes on, and none has a scalar twice."""
    home = tmp_path_factory.mktemp("made") / "home"
    # Guild's own index would remember the scalars of a file that is taken away below.
    without_cache = shutil.ignore_patterns("cache")
    shutil.copytree(guild_store.home, home, symlinks=True, ignore=without_cache)
    (home / "runs" / guild_store.id("far") / ".guild" / "LOCK.remote").unlink()
    (own,) = (home / "runs" / guild_store.id("event files")).glob("*tfevents*")
    own.unlink()
    return home


@pytest.fixture(scope="module")
def awkward_home(tmp_path_factory):
    """Runs made by hand."""
    return make_compare_home(tmp_path_factory.mktemp("awkward"))


@pytest.fixture(scope="module")
def answers(peer, made_home, awkward_home, tmp_path_factory):
    """Guild's tables by home and question."""
    found = {}
    for name, home in (("made", made_home), ("awkward", awkward_home)):
        scratch = tmp_path_factory.mktemp(name)
        tables = compare_with_guild(peer, home, QUESTIONS, scratch)
        found |= {
            (name, question): table for question, table in zip(QUESTIONS, tables, strict=True)
        }
    return found


@pytest.mark.parametrize("question", QUESTIONS, ids=" ".join)
@pytest.mark.parametrize("name", ["made", "awkward"])
def test_values_are_those_of_guild(answers, made_home, awkward_home, desk, name, question):
    home = {"made": made_home, "awkward": awkward_home}[name]

    outcome = desk.on(home).call("-H", str(home), "compare", "--csv", "-", *question)

    assert differences(rows_of(outcome.out), answers[name, question]) == []


@pytest.mark.parametrize("columns", REFUSED)
def test_what_guild_leaves_out_is_refused_at_its_place(awkward_home, desk, columns):
    outcome = desk.on(awkward_home).call("-H", str(awkward_home), "compare", "-cc", columns)

    assert outcome.code == 2
    assert outcome.out == ""
    assert f"  {columns}\n" in outcome.err


def test_what_is_refused_is_no_column_of_guild(peer, awkward_home, tmp_path):
    tables = compare_with_guild(
        peer, awkward_home, [("-cc", columns) for columns in REFUSED[:-1]], tmp_path
    )

    assert [table[0] for table in tables] == [["run"]] * len(tables)


def test_questions_give_different_tables(answers):
    tables = {str(table) for table in answers.values()}

    assert len(tables) > 130
    assert sum(len(table) > 10 for table in answers.values()) > 110
