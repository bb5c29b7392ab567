from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from core.runs.source_code import list_source
from gui import highlight as highlight_module
from gui.highlight import Span, highlight, language_of
from gui.views.details.code_view import CodeView
from gui.views.details.source_tab import SourceTab
from gui.views.details.text_search import find_places
from gui.views.find_bar import FindBar
from tests.support.tabs import ref

SHA = "0" * 40


def make_run(path, files, old=False):
    place = path / ".guild" / "sourcecode" if old else path
    (path / ".guild").mkdir(parents=True)
    lines = []
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text)
        lines.append(f"s {name} {SHA} {name}\n")
    if not old:
        (path / ".guild" / "manifest").write_text("".join(lines))
    return path


FILES = {
    "guild.yml": "train: {}\n",
    "train.py": "import os\n\ndef main():\n    return os\n",
    "sub/deep.py": "deep = 1\n",
}


@pytest.fixture
def tab(services, show_in_window):
    tab = SourceTab(services)
    show_in_window(tab)
    return tab


@pytest.fixture
def show(tab, qtbot):
    def show(run_dir):
        with qtbot.waitSignal(tab.preview.loaded):
            tab.show_run(ref(run_dir))

    return show


def titles(tab):
    return [tab.model.index(row).data() for row in range(tab.model.rowCount())]


def test_source_files_are_listed_and_the_first_program_is_shown(tab, show, tmp_path):
    show(make_run(tmp_path / "a", FILES))

    assert titles(tab) == ["guild.yml", "train.py", "sub/deep.py"]
    assert tab.list.currentIndex().data() == "train.py"
    assert tab.preview.code.objectName() == "sourceView"
    assert tab.preview.code.toPlainText() == FILES["train.py"]


def test_code_is_coloured(tab, show, tmp_path, qtbot):
    show(make_run(tmp_path / "a", FILES))

    first = tab.preview.code.document().firstBlock().layout()
    qtbot.waitUntil(lambda: [(f.start, f.length) for f in first.formats()] == [(0, 6)])


def test_the_file_that_was_chosen_is_shown_of_the_next_run_too(tab, show, tmp_path, qtbot):
    show(make_run(tmp_path / "a", FILES))
    with qtbot.waitSignal(tab.preview.loaded):
        tab.show_file("sub/deep.py")

    show(make_run(tmp_path / "b", FILES | {"sub/deep.py": "deep = 2\n"}))
    assert tab.preview.code.toPlainText() == "deep = 2\n"

    show(make_run(tmp_path / "c", {"train.py": "other\n"}))
    assert tab.preview.code.toPlainText() == "other\n"
    assert not tab.list.isVisible()

    show(make_run(tmp_path / "d", FILES))
    assert tab.preview.code.toPlainText() == "deep = 1\n"


def test_source_code_of_older_guild_is_found(tab, show, tmp_path):
    show(make_run(tmp_path / "a", FILES, old=True))

    assert titles(tab) == ["guild.yml", "train.py", "sub/deep.py"]
    assert tab.preview.code.toPlainText() == FILES["train.py"]


def test_a_run_without_source_code_says_so(tab, tmp_path, qtbot):
    (tmp_path / "a" / ".guild").mkdir(parents=True)

    tab.show_run(ref(tmp_path / "a"))

    message = tab.preview.message
    qtbot.waitUntil(lambda: message.text() == "This run has no source code of its own.")


def test_a_file_that_is_gone_is_one_sentence(tab, show, tmp_path):
    run = make_run(tmp_path / "a", {"train.py": "x"})
    (run / "train.py").unlink()

    show(run)

    assert tab.preview.message.text() == "Cannot open train.py: no such file or directory."


def test_titles_are_paths_of_the_project(tmp_path):
    run = make_run(tmp_path / "a", {})
    (run / ".guild" / "manifest").write_text(f"s train.py {SHA} src/train.py\nnonsense\n")

    listing = list_source(run)

    assert [(file.path, file.title) for file in listing.files] == [("train.py", "src/train.py")]
    assert listing.problem == "Line 2 of the manifest is not understood"


# Search


@pytest.fixture
def bar(services, show_in_window):
    from PySide6.QtWidgets import QVBoxLayout, QWidget

    area = QWidget()
    view = CodeView(services.theme)
    bar = FindBar(view, services.theme, area)
    layout = QVBoxLayout(area)
    layout.addWidget(view)
    layout.addWidget(bar)
    show_in_window(area)
    bar.view = view
    bar.area = area
    return bar


def type_keys(qtbot, bar, text):
    bar.edit.setFocus()
    qtbot.keyClicks(bar.edit, text)


def test_control_f_opens_the_search_and_escape_closes_it(bar, qtbot):
    bar.view.show_text("one\ntwo\n")
    bar.view.setFocus()
    qtbot.keyClick(bar.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert bar.isVisible()

    type_keys(qtbot, bar, "two")
    assert bar.count.text() == "1 match"
    qtbot.keyClick(bar.edit, Qt.Key.Key_Escape)

    assert not bar.isVisible()
    assert bar.search.count == 0


def test_enter_goes_on_and_shift_enter_back_round_the_ends(bar, qtbot):
    bar.view.show_text("a cat\nCat\nno\ncAt\n")
    bar.open()
    type_keys(qtbot, bar, "cat")

    seen = []
    for modifier in [Qt.KeyboardModifier.NoModifier] * 4 + [Qt.KeyboardModifier.ShiftModifier] * 2:
        qtbot.keyClick(bar.edit, Qt.Key.Key_Return, modifier)
        seen.append((bar.count.text(), bar.view.textCursor().blockNumber()))

    assert seen == [
        *(("1 of 3", 0), ("2 of 3", 1), ("3 of 3", 3), ("1 of 3", 0)),
        *(("3 of 3", 3), ("2 of 3", 1)),
    ]


def test_nothing_found_is_said(bar, qtbot):
    bar.view.show_text("text")
    bar.open()
    type_keys(qtbot, bar, "zzz")

    assert bar.count.text() == "no match"
    bar.search.go(1)


def test_a_match_in_a_part_that_is_not_laid_out_yet_is_gone_to(bar, qtbot):
    bar.view.show_text("x" * 70 + "\n" * 200_000 + "needle\n")
    bar.open()
    type_keys(qtbot, bar, "needle")

    bar.search.go(1)

    assert bar.view.textCursor().block().text() == "needle"


def test_places_are_counted_as_qt_counts():
    assert find_places("😀 a 😀 A", "a") == [(3, 4), (8, 9)]
    assert find_places("a😀b😀b", "😀b") == [(1, 4), (4, 7)]
    assert find_places("1+1", "+") == [(1, 2)]
    assert find_places("text", "") == []


def test_only_lines_in_view_are_coloured(bar, qtbot):
    text = "import os\n" * 5000
    bar.view.show_text(text)
    bar.view.show_spans(highlight(text, "a.py"))

    document = bar.view.document()
    assert document.findBlockByNumber(3).layout().formats()
    assert not document.findBlockByNumber(4000).layout().formats()
    bar.view.verticalScrollBar().setValue(4000)
    qtbot.waitUntil(lambda: bool(document.findBlockByNumber(4001).layout().formats()))


# Colours


def test_languages_are_told_by_the_name():
    assert language_of("sub/Train.PY") == "python"
    assert language_of("Makefile") == "make"
    assert language_of("a.b/notes") == ""


def test_spans_lie_on_their_lines_and_count_as_qt_does():
    spans = highlight('x = "😀"; y = 1\n"""a\n\nb"""\n', "a.py")

    assert Span(4, 1, "completed") in spans[0]
    assert Span(14, 1, "staged") in spans[0]
    assert [bool(line) for line in spans[:4]] == [True, True, False, True]
    assert highlight("plain", "notes.txt") == ()


def test_every_language_has_a_lexer():
    names = {*highlight_module._LANGUAGES.values(), *highlight_module._NAMES.values()} - {""}

    assert len(names) > 20
    for name in names:
        assert highlight_module._lexer(name) is not None


def test_colouring_can_be_stopped():
    with pytest.raises(InterruptedError):
        highlight("x = 1\n" * 10_000, "a.py", _raise)


def test_only_so_many_spans_are_made(monkeypatch):
    monkeypatch.setattr(highlight_module, "MOST_SPANS", 10)

    assert sum(map(len, highlight("x = 1\n" * 1000, "a.py"))) == 11


def _raise():
    raise InterruptedError
