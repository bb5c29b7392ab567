from __future__ import annotations

import pytest
from PySide6.QtCore import QUrl

from gui.views.comments_tab import CommentsTab, linked
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
