from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QPushButton

from core.runs.change import AddComment, DeleteComment, EditComment
from gui.views.details.comments_tab import MARGIN, CommentsTab, linked
from tests.support.runs import make_run
from tests.support.tabs import ref

NOW = 1_700_000_000_000_000
MINUTE = 60_000_000

COMMENTS = f"""\
- body: "First line\\n\\n  indented <b>not bold</b>"
  user: ada
  host: box
  time: {NOW - 5 * MINUTE}
- body: see https://example.org/a?b=1&c=2.
  user: ''
  host: ''
"""


@pytest.fixture
def opened():
    return []


@pytest.fixture
def tab(services, show_in_window, opened):
    tab = CommentsTab(services, clock=lambda: NOW, open_url=opened.append)
    show_in_window(tab)
    return tab


@pytest.fixture
def show(tab, qtbot, tmp_path):
    def show(**attrs):
        with qtbot.waitSignal(tab.shown):
            tab.show_run(ref(make_run(tmp_path, attrs=attrs)))
        return tab.text.toPlainText()

    return show


def test_author_host_and_times_stand_over_each_comment(show):
    text = show(comments=COMMENTS)

    assert "ada on box · 5 min ago · Tue 2023-11-14" in text


def test_how_long_ago_a_comment_was_counts_on(services, show_in_window, qtbot, tmp_path):
    now = [NOW]
    tab = CommentsTab(services, clock=lambda: now[0])
    show_in_window(tab)
    with qtbot.waitSignal(tab.shown):
        tab.show_run(ref(make_run(tmp_path, attrs={"comments": COMMENTS})))

    now[0] += MINUTE
    tab.ticker.timeout.emit()

    assert "ada on box · 6 min ago · Tue 2023-11-14" in tab.text.toPlainText()


def test_an_old_comment_says_its_day_once(show):
    old = COMMENTS.replace(str(NOW - 5 * MINUTE), str(NOW - 100 * 24 * 60 * MINUTE))

    assert re.search(r"ada on box · \w{3} 2023-\d\d-\d\d \d\d:\d\d:\d\d", show(comments=old))


def test_lines_are_kept_and_markup_stays_text(show):
    assert "First line\n\n  indented <b>not bold</b>" in show(comments=COMMENTS)


def test_a_comment_without_author_and_time_is_only_its_text(show):
    assert "\nsee https://example.org/a?b=1&c=2." in show(comments=COMMENTS)


def test_an_address_is_opened_as_it_was_written(show, tab, opened):
    show(comments=COMMENTS)

    tab.text.anchorClicked.emit(anchor(tab, "example.org"))

    assert [url.toString() for url in opened] == ["https://example.org/a?b=1&c=2"]


def anchor(tab, text):
    """The address behind the first link whose text holds `text`."""
    cursor = tab.text.document().find(text)
    assert not cursor.isNull()
    return QUrl(cursor.charFormat().anchorHref())


@pytest.mark.parametrize("target", ["file:///etc/passwd", "javascript:alert(1)", "smb://host/x"])
def test_no_other_kind_of_address_is_ever_opened(tab, opened, target):
    tab._on_link(target)

    assert opened == []


def test_a_run_without_comments_says_so(show, tab):
    show(label="x")

    assert tab.nothing.isVisible()


def test_comments_that_cannot_be_read_are_one_sentence(show, tab):
    show(comments="{")

    assert "comments" in tab.problem.problem
    assert tab.problem.isVisible()


def test_another_problem_of_the_run_is_not_told_here(show, tab):
    show(comments=COMMENTS, label="{")

    assert not tab.problem.isVisible()


def test_another_run_forgets_the_comments_of_the_one_before(show, tab, qtbot, tmp_path):
    show(comments=COMMENTS)

    with qtbot.waitSignal(tab.shown):
        tab.show_run(ref(make_run(tmp_path, "b" * 32)))

    assert tab.text.toPlainText() == ""


def test_a_run_that_is_gone_is_said(tab, qtbot, tmp_path):
    tab.show_run(ref(tmp_path / "gone"))

    qtbot.waitUntil(lambda: tab.problem.isVisible())
    assert "no run gone" in tab.problem.problem


def test_colours_follow_the_theme(show, tab, services):
    show(comments=COMMENTS)
    before = tab.text.toHtml()

    services.theme.force("dark")

    assert services.theme.colour("muted").name() in tab.text.toHtml()
    assert tab.text.toHtml() != before


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("(see http://a.b/c)", ["http://a.b/c"]),
        ("http://en.wiki/x_(y).", ["http://en.wiki/x_(y)"]),
        ("mail mailto:ada@box.org!", ["mailto:ada@box.org"]),
        ("ftp://a.b javascript:x file:///etc", []),
        ("HTTPS://A.B/?q=<script>", ["HTTPS://A.B/?q="]),
        ("xhttp://a.b", []),
    ],
)
def test_addresses_end_where_the_sentence_goes_on(text, links):
    found = []

    def make_link(url):
        found.append(url)
        return "LINK"

    html = linked(text, make_link)

    assert found == links
    assert "<script>" not in html


# Writing


@pytest.fixture
def wanted(tab):
    changes = []
    tab.change_wanted.connect(changes.append)
    return changes


def edit_link(tab, number, what="edit"):
    tab.text.link_activated.emit(f"{what}:{number}")


def test_ctrl_enter_adds_what_was_typed(show, tab, wanted, qtbot):
    show(comments=COMMENTS)

    qtbot.keyClicks(tab.box.text, "works")
    qtbot.keyClick(tab.box.text, Qt.Key.Key_Return)
    qtbot.keyClicks(tab.box.text, "on both")
    qtbot.keyClick(tab.box.text, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

    (change,) = wanted
    assert change.ids == (tab.run.id,)
    assert isinstance(change.change, AddComment)
    assert change.change.body == "works\non both"
    assert change.change.host


def test_while_it_is_written_the_text_stays_and_then_it_goes(show, tab, wanted, qtbot):
    show()
    qtbot.keyClicks(tab.box.text, "works")
    tab.box.enter()
    assert tab.box.text.isReadOnly()
    assert tab.box.body() == "works"

    wanted[0].tell("")

    assert tab.box.body() == ""
    assert not tab.box.text.isReadOnly()


def test_a_comment_that_is_refused_stays_with_the_reason(show, tab, wanted, qtbot):
    show()
    qtbot.keyClicks(tab.box.text, "works")
    tab.box.enter()

    wanted[0].tell("Run a cannot be changed: no space is left.")

    assert tab.box.body() == "works"
    assert "no space" in tab.box.note()


def test_a_draft_is_kept_while_another_run_is_looked_at(show, tab, qtbot, tmp_path):
    show()
    first = tab.run
    qtbot.keyClicks(tab.box.text, "half a")

    with qtbot.waitSignal(tab.shown):
        tab.show_run(ref(make_run(tmp_path, "b" * 32)))
    assert tab.box.body() == ""
    qtbot.keyClicks(tab.box.text, "other")
    with qtbot.waitSignal(tab.shown):
        tab.show_run(first)

    assert tab.box.body() == "half a"


def test_the_run_is_named_where_several_are_selected(show, tab):
    assert not show(comments=COMMENTS, label="best so far").startswith("Comments on")

    tab.show_selected(3, lambda: ["a", "b", "c"])

    text = tab.text.toPlainText()
    assert text.startswith(f"Comments on {tab.run.id[:8]} · best so far\n")
    tab.text.link_activated.emit("edit:1")
    assert tab.box.note() == f"Changing comment 1 on {tab.run.id[:8]} · best so far."

    tab.show_selected(1, lambda: [tab.run.id])

    assert not tab.text.toPlainText().startswith("Comments on")


def test_a_run_without_comments_is_named_where_several_are_selected(show, tab):
    tab.show_selected(3, lambda: ["a", "b", "c"])

    show()

    assert tab.nothing.text() == f"No comments on {tab.run.id[:8]} · train.py."


def test_a_long_label_ends_in_an_ellipsis(show, tab):
    tab.show_selected(3, lambda: ["a", "b", "c"])

    show(label="augmented " * 20)

    assert tab.nothing.text().endswith("augmented…."), tab.nothing.text()


def test_the_sentence_of_no_comments_keeps_off_the_edges(show, tab):
    tab.show_selected(3, lambda: ["a", "b", "c"])
    tab.resize(220, 300)
    show(label="x" * 59)

    picture = tab.nothing.grab().toImage()

    ground = picture.pixelColor(0, 0)
    written = [
        x
        for x in range(picture.width())
        if any(picture.pixelColor(x, y) != ground for y in range(picture.height()))
    ]
    assert tab.width() == tab.nothing.width() == 220
    assert written[0] >= MARGIN
    assert written[-1] < 220 - MARGIN
    assert "x" * 59 in tab.nothing.toolTip()


def test_a_comment_is_added_to_all_selected_runs(show, tab, wanted, qtbot):
    show()
    qtbot.keyClicks(tab.box.text, "all of them")
    tab.show_selected(3, lambda: ["a", "b", "c"])
    assert tab.box.body() == "all of them", "what was typed is for all of them now"
    assert tab.findChild(QPushButton, "commentApply").text() == "Add to 3 Runs"
    assert "3 runs are selected" in tab.box.note()

    tab.box.enter()
    assert wanted[0].ids == ("a", "b", "c")
    wanted[0].tell("")

    assert tab.box.body() == ""
    assert "3 runs are selected" in tab.box.note()


def test_a_comment_is_edited_in_the_box_and_the_draft_comes_back(show, tab, wanted, qtbot):
    show(comments=COMMENTS)
    qtbot.keyClicks(tab.box.text, "draft")

    edit_link(tab, 2)
    assert tab.box.body() == "see https://example.org/a?b=1&c=2."
    tab.box.text.selectAll()
    qtbot.keyClicks(tab.box.text, "gone")
    tab.box.enter()

    change = wanted[0].change
    assert isinstance(change, EditComment)
    assert (change.number, change.body) == (2, "gone")
    assert change.expected.body.startswith("see https")
    wanted[0].tell("")
    assert tab.box.body() == "draft"


def test_an_edit_of_a_comment_that_was_changed_is_refused_and_stays(show, tab, wanted, qtbot):
    show(comments=COMMENTS)
    edit_link(tab, 1)
    tab.box.text.selectAll()
    qtbot.keyClicks(tab.box.text, "mine")
    tab.box.enter()

    wanted[0].tell("Run a cannot be changed: its comment 1 is another one now.")

    assert tab.box.body() == "mine"
    assert "another one now" in tab.box.note()
    with qtbot.waitSignal(tab.shown):
        tab.refresh()
    assert "another one now" in tab.box.note(), "looking at the run again does not hide it"
    qtbot.keyClicks(tab.box.text, "!")
    tab.refresh()
    qtbot.waitUntil(lambda: "another" not in tab.box.note())


def test_escape_gives_up_an_edit(show, tab, qtbot):
    show(comments=COMMENTS)
    qtbot.keyClicks(tab.box.text, "draft")
    edit_link(tab, 1)

    qtbot.keyClick(tab.box.text, Qt.Key.Key_Escape)

    assert tab.box.body() == "draft"


def test_a_comment_is_deleted_as_it_was_shown(show, tab, wanted):
    show(comments=COMMENTS)

    edit_link(tab, 1, "delete")

    change = wanted[0].change
    assert isinstance(change, DeleteComment)
    assert (change.number, change.expected.user) == (1, "ada")


def test_an_edit_follows_its_comment_to_its_new_number(show, tab, wanted, qtbot, tmp_path):
    show(comments=COMMENTS)
    edit_link(tab, 2)
    attr = tab.run.path / ".guild/attrs/comments"
    attr.write_text("- " + attr.read_text().split("\n- ", 1)[1])

    with qtbot.waitSignal(tab.shown):
        tab.refresh()
    tab.box.enter()

    assert wanted[0].change.number == 1
    assert wanted[0].change.expected.body.startswith("see https")


def test_comments_of_a_deleted_run_cannot_be_changed(tab, qtbot, tmp_path):
    run_dir = make_run(tmp_path, attrs={"comments": COMMENTS})
    with qtbot.waitSignal(tab.shown):
        tab.show_run(ref(run_dir, deleted=True))

    assert not tab.box.isVisible()
    assert "icon:" not in tab.text.toHtml()


def test_numbers_that_no_comment_has_do_nothing(show, tab, wanted):
    show(comments=COMMENTS)

    for target in ("delete:0", "delete:9", "delete:x", "edit:-1", "delete:"):
        tab.text.link_activated.emit(target)

    assert wanted == []
    assert tab.box.body() == ""


@pytest.mark.parametrize("body", ["", "  \n ", "x" * 100_001])
def test_nothing_and_too_much_is_not_added(show, tab, wanted, body):
    show()

    tab.box.text.setPlainText(body)
    tab.box.enter()

    assert wanted == []
    assert ("at most 100,000" in tab.box.note()) == (len(body) > 100)


def test_the_signs_beside_a_comment_say_what_they_do(show, tab):
    show(comments=COMMENTS)
    document, tips = tab.text.document(), set()
    block = document.begin()
    while block.isValid():
        tips |= {span.format.toolTip() for span in block.textFormats()}
        at = block.begin()
        while not at.atEnd():
            tips.add(at.fragment().charFormat().toolTip())
            at += 1
        block = block.next()

    assert {"Change this comment", "Delete this comment"} <= tips
