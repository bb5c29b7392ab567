"""What changes make of attributes, what they refuse, and how they are taken back."""

from __future__ import annotations

import threading

import pytest

from core.errors import Cancelled, Error, QueryError
from core.runs.attr_file import locked, write_attr_bytes
from core.runs.change import (
    AddComment,
    AppendLabel,
    ChangeTags,
    ClearComments,
    ClearLabel,
    DeleteComment,
    EditComment,
    PrependLabel,
    RemoveFromLabel,
    RenameTag,
    ResetLabel,
    SetLabel,
    SetMark,
    apply,
    author,
    check_patterns,
    preview,
    revert,
)
from core.runs.run import Comment
from core.runs.store import Store
from tests.support.directory_ways import BOTH_WAYS, HELD_OPEN
from tests.support.patience import PATIENCE
from tests.support.runs import make_run

pytestmark = BOTH_WAYS

RUN = "ab" * 16
COMMENTS = """\
- {body: one, user: ada, host: box, time: 1, mood: [good]}
- {body: two, user: ada, host: box, time: 2}
"""
NASTY = [
    "x" * 100_000,
    "line\nbreaks\r\nand\ttabs",
    "😀 emoji",
    "\u05e9\u05dc\u05d5\u05dd \u202eleft\u202c",
    "a: {b: [c, d]}",
    "--- # no\n...",
    "1e-05",
    "!!python/object:os.system ls",
    "\x00\x1b[31m",
]


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "runs")


def make(store, run_id=RUN, **attrs):
    return make_run(store.runs_dir, run_id, attrs=attrs)


def change(store, *changes, run_id=RUN):
    """The outcome of the last of several changes of one run."""
    for each in changes:
        outcome = apply(store, [run_id], each, advance=ignore)
    return outcome


def ignore(_amount):
    """Nobody watches."""


def attr(store, name, run_id=RUN):
    path = store.run_dir(run_id) / ".guild" / "attrs" / name
    return path.read_bytes() if path.exists() else None


def refusal(outcome):
    assert outcome.edits == ()
    (found,) = outcome.refused
    assert found.run_id == RUN
    assert found.reason.startswith("Run abababab cannot be changed: ")
    assert found.reason.endswith(".")
    assert "\n" not in found.reason
    return found


# Labels


@pytest.mark.parametrize("label", NASTY, ids=lambda text: ascii(text[:20]))
def test_any_text_is_a_label_and_comes_back_as_it_was(store, label):
    make(store)

    change(store, SetLabel(label))

    assert store.read(RUN).label == label.strip()


def test_reset_gives_the_default_label_without_the_label_in_it(store):
    make(store, flags="b: 0.123456789\na: it is\nnone: null", label="mine")

    change(store, ResetLabel())

    assert attr(store, "label") == b"a='it is' b=0.12345\n"


def test_reset_without_flags_leaves_no_label(store):
    make(store, label="mine")

    change(store, ResetLabel())

    assert attr(store, "label") is None


@pytest.mark.parametrize(
    ("pattern", "label"), [("a|b", "x y"), ("(a)|(b)", "x y"), ("(?i)A", None), ("x y", "a b")]
)
def test_groups_and_alternatives_are_one_pattern(store, pattern, label):
    make(store, label="a x b y" if label == "x y" else "a x y b")

    outcome = change(store, RemoveFromLabel((pattern,)))

    if label is None:  # a flag must stand first: said, not guessed
        assert "regular expression" in refusal(outcome).reason
    else:
        assert store.read(RUN).label == label


def test_a_pattern_that_is_no_expression_says_where(store):
    make(store, label="x")

    with pytest.raises(QueryError) as caught:
        check_patterns(["fine", "a(b"])

    assert caught.value.position == 1
    assert (
        "'a(b' is no regular expression" in refusal(change(store, RemoveFromLabel(("a(b",)))).reason
    )


@pytest.mark.parametrize(
    "template", ["${n|%9999d}", "${n|%c}", "${n|%(x)s}", "${n|basename}", "${l|%d}"]
)
def test_a_filter_that_does_not_suit_a_value_leaves_it(store, template):
    make(store, flags="n: 99999999999\nl: [1]")

    change(store, SetLabel(template))

    assert attr(store, "label") in (b"'99999999999'\n", b"'[1]'\n")


def test_preview_tells_before_and_after_and_writes_nothing(store):
    make(store, flags="lr: 0.5", label="x")

    assert preview(store, RUN, SetLabel("${lr} ${label}")) == ("x", "0.5 x")
    assert preview(store, RUN, ClearLabel()) == ("x", "")
    assert preview(store, RUN, SetMark(on=True)) == ("x", "x")
    assert attr(store, "label") == b"x\n"
    assert attr(store, "marked") is None


def test_preview_of_a_refusal_is_a_sentence(store):
    make(store, flags="[1")

    with pytest.raises(Error, match=r"^Run abababab cannot be changed: attribute flags is not"):
        preview(store, RUN, SetLabel("${lr}"))
    with pytest.raises(Error, match=r"^Run cccc cannot be changed: it is not there any more\.$"):
        preview(store, "cccc", SetLabel("x"))


# Damage


@pytest.mark.parametrize("damaged", ["[1", "", "\x00", "{a: 1}"])
@pytest.mark.parametrize(
    "wanted",
    [
        AppendLabel("x"),
        PrependLabel("x"),
        RemoveFromLabel(("x",)),
        SetLabel("${label} x"),
        ChangeTags(add=("x",), sync_labels=True),
    ],
    ids=lambda each: type(each).__name__,
)
def test_what_builds_on_a_damaged_label_refuses_and_leaves_it(store, damaged, wanted):
    make(store, label=damaged.encode())

    found = refusal(change(store, wanted))

    assert "attribute label " in found.reason
    assert attr(store, "label") == damaged.encode()
    assert attr(store, "tags") is None


def test_what_replaces_a_damaged_label_whole_may_and_can_be_taken_back(store):
    make(store, label=b"[1")

    outcome = change(store, SetLabel("x ${lr}"))

    assert attr(store, "label") == b"x\n"
    revert(store, outcome.edits, advance=ignore)
    assert attr(store, "label") == b"[1"
    change(store, ClearLabel())
    assert attr(store, "label") is None


@pytest.mark.parametrize("wanted", [AddComment("x", "", ""), DeleteComment(1), EditComment(1, "x")])
@pytest.mark.parametrize("damaged", ["{a: 1}", "just text", "- [", ""])
def test_damaged_comments_are_refused(store, wanted, damaged):
    make(store, comments=damaged.encode())

    refusal(change(store, wanted))

    assert attr(store, "comments") == damaged.encode()


def test_damaged_tags_are_refused_except_by_a_clear(store):
    make(store, tags=b"{a: 1}")

    refusal(change(store, ChangeTags(add=("x",))))
    refusal(change(store, RenameTag("a", "b")))
    assert attr(store, "tags") == b"{a: 1}"
    change(store, ChangeTags(clear=True))

    assert attr(store, "tags") == b"[]\n"


# Tags and marks


def test_tags_that_are_no_texts_are_kept_as_they_are(store):
    make(store, tags="- 10\n- 2\n- true\n- 2020-01-01")

    change(store, ChangeTags(add=("b", "2")))
    assert attr(store, "tags") == b"- 10\n- 2\n- 2020-01-01\n- b\n- true\n"
    change(store, ChangeTags(delete=("yes", "10")))

    assert attr(store, "tags") == b"- 2\n- 2020-01-01\n- b\n"


@pytest.mark.parametrize("tags", ["- null\n- b", "- ''\n- b"])
def test_a_tag_that_is_empty_can_be_taken_away(store, tags):
    make(store, tags=tags)

    change(store, ChangeTags(delete=("",)))

    assert attr(store, "tags") == b"- b\n"


def test_a_single_tag_that_is_no_list_is_one_tag(store):
    make(store, tags="paper")

    change(store, ChangeTags(add=("x",)))

    assert attr(store, "tags") == b"- paper\n- x\n"


def test_a_tag_is_taken_out_of_the_label_as_it_is_and_not_as_a_pattern(store):
    make(store, tags="- c++\n- a.b", label="c++ axb a.b rest")

    change(store, ChangeTags(delete=("c++", "a.b"), sync_labels=True))

    assert store.read(RUN).label == "axb rest"


def test_a_label_with_an_open_quote_can_be_synced(store):
    make(store, label="it's a")

    change(store, ChangeTags(add=("a", "b"), sync_labels=True))

    assert store.read(RUN).label == "b it's a"


def test_renaming_a_tag_leaves_runs_without_it_alone(store):
    make(store, tags="- paper\n- x", label="paper papers")
    make(store, "cd" * 16, tags="- x\n- a", label="paper")

    outcome = apply(
        store, [RUN, "cd" * 16], RenameTag("paper", "x", sync_labels=True), advance=ignore
    )

    assert outcome.changed == (RUN,)
    assert outcome.unchanged == ("cd" * 16,)
    assert attr(store, "tags") == b"- x\n"
    assert attr(store, "label") == b"x papers\n"
    assert attr(store, "tags", "cd" * 16) == b"- x\n- a\n"


def test_marks_come_and_go(store):
    make(store)

    assert change(store, SetMark(on=False)).unchanged == (RUN,)
    change(store, SetMark(on=True))
    assert attr(store, "marked") == b"true\n"
    assert change(store, SetMark(on=True)).unchanged == (RUN,)
    change(store, SetMark(on=False))

    assert attr(store, "marked") is None


# Comments


def test_editing_a_comment_keeps_what_else_is_recorded(store):
    make(store, comments=COMMENTS.rstrip())

    change(store, EditComment(1, " new\ntext "))

    run = store.read(RUN)
    assert [each.body for each in run.comments] == ["new\ntext", "two"]
    assert b"mood:\n  - good\n" in attr(store, "comments")
    assert run.comments[0].time == 1


def test_a_comment_is_changed_only_where_it_is_the_one_that_was_meant(store):
    make(store, comments=COMMENTS.rstrip())
    first, second = store.read(RUN).comments

    assert "another one now" in refusal(change(store, DeleteComment(1, second))).reason
    assert "another one now" in refusal(change(store, EditComment(2, "x", first))).reason
    change(store, DeleteComment(1, first), EditComment(1, "edited", second))

    assert [each.body for each in store.read(RUN).comments] == ["edited"]


@pytest.mark.parametrize("number", [-1, 0, 3])
def test_a_comment_that_is_not_there_is_refused(store, number):
    make(store, comments=COMMENTS.rstrip())

    assert "no comment" in refusal(change(store, DeleteComment(number))).reason
    assert "no comment" in refusal(change(store, EditComment(number, "x"))).reason


@pytest.mark.parametrize("wanted", [AddComment(" \n", "", ""), EditComment(1, "")])
def test_an_empty_comment_is_refused(store, wanted):
    make(store, comments=COMMENTS.rstrip())

    assert "empty" in refusal(change(store, wanted)).reason


def test_comments_are_cleared(store):
    make(store, comments=COMMENTS.rstrip())

    change(store, ClearComments())

    assert attr(store, "comments") is None


def test_a_new_comment_has_its_author_and_time(store):
    make(store)

    change(store, AddComment("x", *author({"USER": "ada", "HOST": "box"}), time=5))

    assert store.read(RUN).comments == (Comment("x", "ada", "box", 5),)


def test_authors_are_named_by_the_rules_of_guild():
    environ = {"USER": "ada", "HOST": "box"}

    assert author(environ) == ("ada", "box")
    assert author(environ, "grace") == ("grace", "box")
    assert author(environ, "grace@far@off") == ("grace", "far@off")
    assert author({"HOST": "box"}) == ("", "box")
    assert author({})[1]


# Many runs


def test_one_run_that_refuses_does_not_stop_the_others(store):
    ids = [f"{number:02x}" * 16 for number in range(5)]
    for run_id in ids:
        make(store, run_id)
    make_damaged = store.run_dir(ids[2]) / ".guild" / "attrs" / "label"
    make_damaged.write_bytes(b"[")
    seen = []

    outcome = apply(store, [*ids, "nowhere", ids[0]], AppendLabel("x"), advance=seen.append)

    assert outcome.changed == (ids[0], ids[1], ids[3], ids[4])
    assert [each.run_id for each in outcome.refused] == [ids[2], "nowhere"]
    assert [each.kind for each in outcome.refused] == ["other", "gone"]
    assert seen == [1] * 6
    assert attr(store, "label", ids[0]) == b"x\n"


def test_a_cancelled_change_keeps_what_was_done_and_says_so(store):
    ids = [f"{number:02x}" * 16 for number in range(4)]
    for run_id in ids:
        make(store, run_id)
    done = []

    def advance(amount):
        done.append(amount)
        if len(done) == 2:
            raise Cancelled

    outcome = apply(store, ids, SetLabel("x"), advance=advance)

    assert outcome.cancelled
    assert outcome.changed == tuple(ids[:2])
    assert attr(store, "label", ids[2]) is None


@pytest.mark.parametrize("run_id", ["", ".", "..", "../outside", ".hidden", "a\0b"])
def test_a_name_that_leads_elsewhere_is_no_run(store, run_id):
    make_run(store.runs_dir.parent, "outside")

    outcome = apply(store, [run_id], SetLabel("x"), advance=ignore)

    assert outcome.refused[0].kind == "gone"


def test_refusals_say_what_can_be_done(store, open_dir, as_ordinary_user):
    make_run(open_dir, RUN, attrs={"label": "old"})

    with as_ordinary_user():
        outcome = apply(Store(open_dir), [RUN], SetLabel("x"), advance=ignore)

    found = refusal(outcome)
    assert found.kind == "denied"
    assert "write-protected" in found.reason or "ermission denied" in found.reason


def test_text_that_is_not_utf8_is_refused(store):
    make(store, label="old")

    assert "UTF-8" in refusal(change(store, SetLabel("caf\udce9 x"))).reason
    assert attr(store, "label") == b"old\n"


# Taking back


def test_every_change_can_be_taken_back_and_made_again(store):
    make(store, label="'old'", tags="[b, a]", comments=COMMENTS.rstrip(), flags="lr: 1")
    wanted = [
        SetLabel("x"),
        ClearLabel(),
        ChangeTags(add=("x",), sync_labels=True),
        SetMark(on=True),
        AddComment("x", "ada", "box"),
        DeleteComment(1),
        ClearComments(),
    ]
    names = ("label", "tags", "marked", "comments")
    for each in wanted:
        before = [attr(store, name) for name in names]
        outcome = change(store, each)
        after = [attr(store, name) for name in names]
        assert before != after

        back = revert(store, outcome.edits, advance=ignore)
        assert [attr(store, name) for name in names] == before
        again = revert(store, back.edits, advance=ignore)

        assert [attr(store, name) for name in names] == after
        assert (back.refused, again.refused) == ((), ())


def test_edits_of_several_changes_are_taken_back_in_turn(store):
    make(store, label="0")
    edits = [*change(store, SetLabel("1")).edits, *change(store, SetLabel("2")).edits]

    revert(store, edits, advance=ignore)

    assert attr(store, "label") == b"0\n"


def test_what_somebody_else_changed_meanwhile_stays_and_is_told(store):
    make(store, label="old", tags="- a")
    outcome = change(store, ChangeTags(add=("b",), sync_labels=True))
    write_attr_bytes(store.run_dir(RUN), "label", b"theirs\n")

    back = revert(store, outcome.edits, advance=ignore)

    assert "its label was changed meanwhile, to 'theirs'" in refusal(back).reason
    assert attr(store, "label") == b"theirs\n"
    assert attr(store, "tags") == b"- a\n- b\n"


@pytest.mark.parametrize(
    ("wanted", "name", "data", "told"),
    [
        (SetLabel("x"), "label", None, "its label was removed meanwhile"),
        (ChangeTags(add=("x",)), "tags", b"- y\n", "its tags were changed meanwhile, to '[y]'"),
        (SetMark(on=True), "marked", None, "its mark was removed meanwhile"),
        (AddComment("x", "", ""), "comments", b"[]\n", "its comments were changed meanwhile"),
        (SetLabel("x"), "label", b"y" * 99, "…"),
        (SetLabel("x"), "label", b"[", "to '['"),
    ],
)
def test_what_was_found_instead_is_said(store, wanted, name, data, told):
    make(store)
    outcome = change(store, wanted)
    write_attr_bytes(store.run_dir(RUN), name, data)

    assert told in refusal(revert(store, outcome.edits, advance=ignore)).reason


def test_a_run_that_went_away_cannot_be_taken_back(store, tmp_path):
    make(store)
    outcome = change(store, SetLabel("x"))
    store.run_dir(RUN).rename(tmp_path / "trash")

    assert refusal(revert(store, outcome.edits, advance=ignore)).kind == "gone"


@HELD_OPEN
def test_two_windows_that_append_at_once_lose_nothing(store, monkeypatch):
    # Nobody is given his turn: a slow disk may let one wait longer than usual.
    monkeypatch.setitem(locked.__wrapped__.__kwdefaults__, "seconds", PATIENCE)
    make(store)
    words = [[f"{side}{number}" for number in range(30)] for side in "ab"]

    def append(texts):
        for text in texts:
            assert change(store, AppendLabel(text)).edits

    threads = [threading.Thread(target=append, args=(texts,)) for texts in words]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)

    found = store.read(RUN).label.split()
    assert sorted(found) == sorted([*words[0], *words[1]])
    assert [word for word in found if word[0] == "a"] == words[0]


@HELD_OPEN
def test_a_change_is_decided_on_what_is_there_when_it_is_written(store):
    make(store, label="old")
    started = threading.Event()

    def append():
        started.set()
        change(store, AppendLabel("mine"))

    with locked(store.run_dir(RUN)) as files:
        thread = threading.Thread(target=append)
        thread.start()
        started.wait(PATIENCE)
        list(files.write({"label": b"theirs\n"}))
    thread.join(PATIENCE)

    assert attr(store, "label") == b"theirs mine\n"


def test_a_running_run_may_be_labelled(store):
    make_run(store.runs_dir, RUN, files={".guild/LOCK": "1"})

    assert change(store, SetLabel("x")).changed == (RUN,)
