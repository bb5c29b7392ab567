from __future__ import annotations

from core.runs.run import Comment
from gui.changing.comment_drafts import MANY, CommentDrafts, Draft

OLD, OTHER = Comment("old", "ada", "box", 1), Comment("other", "bob", "box", 2)


def test_an_empty_draft_is_not_kept():
    drafts = CommentDrafts()
    drafts.keep("a", Draft("x"))
    drafts.keep("a", Draft())

    assert drafts.of("a") == Draft()
    assert drafts._drafts == {}


def test_what_was_typed_for_one_run_is_for_all_where_nothing_was():
    drafts = CommentDrafts()
    drafts.keep("a", Draft("one"))
    drafts.spread("a")
    assert drafts.of(MANY).new == "one"

    drafts.keep("b", Draft("two"))
    drafts.spread("b")

    assert drafts.of(MANY).new == "one"


def test_what_was_written_is_no_draft_of_those_runs_any_more():
    drafts = CommentDrafts()
    for run_id in ("a", "b", "c", MANY):
        drafts.keep(run_id, Draft("same"))

    drafts.written(["a", "b"], "same ")

    assert [drafts.of(run_id).new for run_id in ("a", "b", "c", MANY)] == ["", "", "same", ""]


def test_a_draft_that_went_on_meanwhile_stays():
    drafts = CommentDrafts()
    drafts.keep("a", Draft("same and more"))

    drafts.written(["a"], "same")

    assert drafts.of("a").new == "same and more"


def test_an_edit_does_not_touch_the_new_comment():
    draft = Draft("new").editing(2, OLD).typed("changed")

    assert (draft.text, draft.new) == ("changed", "new")
    assert draft.without_edit() == Draft("new")


def test_an_edit_follows_its_comment_where_it_is_the_only_such_one():
    draft = Draft().editing(2, OLD)

    assert draft.found_in((OTHER, OLD)).number == 2
    assert draft.found_in((OLD,)).number == 1
    assert draft.found_in((OLD, OTHER, OLD)).number == 2
    assert draft.found_in((OTHER,)) == draft
    assert Draft("new").found_in((OLD,)) == Draft("new")
