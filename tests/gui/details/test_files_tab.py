from __future__ import annotations

import os

import pytest
from PySide6.QtCore import QBuffer, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QSignalSpy

from core.runs.files import FileEntry, Listing
from gui.models.files_model import KIND, MODIFIED, FilesModel
from gui.views.details.files_tab import FilesTab
from gui.views.details.preview import TablePreviewModel
from gui.views.image_view import MOST_PIXELS, decode_image
from tests.support.diff_pages import bomb
from tests.support.tabs import ref

SHA = "0" * 40


def png(width=40, height=20) -> bytes:
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


@pytest.fixture
def run(tmp_path):
    """A run directory with every kind of file, beside another run."""
    path = tmp_path / "runs" / ("a1" * 16)
    (path / ".guild" / "attrs").mkdir(parents=True)
    (path / ".guild" / "opref").write_text("x")
    (path / ".guild" / "manifest").write_text(f"s train.py {SHA} train.py\nd data - file:data\n")
    (path / "train.py").write_text("import os\nx = 'text'\n")
    (path / "data").mkdir()
    (path / "data" / "a.csv").write_text("name,n\nrobin,1\nwren,22\n")
    (path / "model").mkdir()
    (path / "model" / "deep").mkdir()
    (path / "model" / "deep" / "weights.bin").write_bytes(bytes(range(256)))
    (path / "picture.png").write_bytes(png())
    other = tmp_path / "runs" / ("b2" * 16)
    (other / ".guild").mkdir(parents=True)
    (other / ".guild" / "opref").write_text("x")
    (path / "trial").symlink_to(f"../{other.name}")
    (path / "gone").symlink_to("../nothing")
    return path


@pytest.fixture
def told():
    """What was opened and revealed, by the outside programs of the test."""
    return []


@pytest.fixture
def tab(services, show_in_window, told):
    tab = FilesTab(
        services,
        open_file=lambda path: told.append(("open", path)) or True,
        reveal=lambda path: told.append(("reveal", path)) or True,
    )
    show_in_window(tab)
    return tab


@pytest.fixture
def show(tab, qtbot):
    """Shows a run and waits until its files are there."""

    def show(run_dir, count=None):
        tab.show_run(ref(run_dir))
        wanted = len(list(run_dir.iterdir())) if count is None else count
        qtbot.waitUntil(lambda: tab.model.rowCount() == wanted)

    return show


@pytest.fixture
def select(tab, qtbot):
    """Selects a file, opening the folders above it, and waits for its preview."""

    def select(path):
        parts = path.split("/")
        for depth in range(1, len(parts)):
            tab.tree.expand(tab.model.index_of_path("/".join(parts[:depth])))
            below = "/".join(parts[: depth + 1])
            qtbot.waitUntil(lambda below=below: tab.model.index_of_path(below).isValid())
        index = tab.model.index_of_path(path)
        entry = tab.model.entry(index)
        if entry.shape == "file":
            with qtbot.waitSignal(tab.preview.loaded, check_params_cb=lambda p: p == path):
                tab.tree.setCurrentIndex(index)
        else:
            tab.tree.setCurrentIndex(index)
        return index

    return select


def texts(tab, path=""):
    model = tab.model
    parent = model.index_of_path(path)
    return [
        tuple(model.index(row, column, parent).data() for column in range(3))
        for row in range(model.rowCount(parent))
    ]


def test_files_have_name_kind_and_size(tab, show, run):
    show(run)

    assert tab.tree.objectName() == "filesTree"
    assert texts(tab) == [
        (".guild", "internal", ""),
        ("data", "dependency", ""),
        ("model", "folder", ""),
        ("gone", "broken link", ""),
        ("picture.png", "generated", f"{len(png())} bytes"),
        ("train.py", "source", "21 bytes"),
        ("trial", "run", ""),
    ]


def test_kinds_are_told_apart_by_their_icons_too(tab, show, run):
    show(run)

    icons = {
        row[1]: tab.model.index(n, 0).data(Qt.ItemDataRole.DecorationRole).pixmap(16).toImage()
        for n, row in enumerate(texts(tab))
    }
    del icons["internal"]  # a folder here, with the icon of all folders
    assert len(icons) == 6
    for kind, image in icons.items():
        assert all(image != other for word, other in icons.items() if word != kind)


def test_a_folder_is_read_when_it_is_opened_and_not_before(tab, show, run, qtbot):
    show(run)
    wanted = QSignalSpy(tab.model.wanted)
    model = tab.model.index_of_path("model")
    assert tab.model.hasChildren(model)
    assert tab.model.rowCount(model) == 0

    tab.tree.expand(model)
    qtbot.waitUntil(lambda: tab.model.rowCount(model) == 1)

    assert [wanted.at(n)[0] for n in range(wanted.count())] == ["model"]
    assert texts(tab, "model") == [("deep", "folder", "")]


def test_text_is_shown_with_line_numbers_and_colours(tab, show, select, run, qtbot):
    show(run)
    select("train.py")

    view = tab.preview.code
    assert view.isVisible()
    assert view.toPlainText() == "import os\nx = 'text'\n"
    assert view.margin_width() > 20
    qtbot.waitUntil(lambda: bool(view.document().firstBlock().layout().formats()))
    first = view.document().firstBlock().layout().formats()[0]
    assert (first.start, first.length) == (0, 6)
    assert first.format.foreground().color() == tab.services.theme.colour("accent")


def test_colours_follow_the_scheme(tab, show, select, run, qtbot):
    show(run)
    select("train.py")
    view = tab.preview.code
    qtbot.waitUntil(lambda: bool(view.document().firstBlock().layout().formats()))

    tab.services.theme.force("dark")

    first = view.document().firstBlock().layout().formats()[0]
    assert first.format.foreground().color() == tab.services.theme.colour("accent")


def test_a_csv_file_is_shown_as_a_table(tab, show, select, run):
    show(run)
    select("data/a.csv")

    model = tab.preview.table.model()
    assert tab.preview.table.isVisible()
    assert [model.headerData(n, Qt.Orientation.Horizontal) for n in range(2)] == ["name", "n"]
    assert [model.index(1, n).data() for n in range(2)] == ["wren", "22"]


def test_bytes_are_shown_in_hexadecimal_without_line_numbers(tab, show, select, run):
    show(run)
    select("model/deep/weights.bin")

    assert tab.preview.code.toPlainText().startswith("00000000  00 01 02")
    assert tab.preview.code.margin_width() < 10


def test_a_picture_is_fitted_and_never_enlarged(tab, show, select, run, qtbot):
    (run / "wide.png").write_bytes(png(3000, 1000))
    show(run)

    select("picture.png")
    assert tab.preview.image.isVisible()
    small = tab.preview.image.fitted()
    select("wide.png")
    wide = tab.preview.image.fitted()

    assert (small.width(), small.height()) == (40, 20)
    assert wide.width() <= tab.preview.image.width()
    assert abs(wide.width() / wide.height() - 3) < 0.1


def test_a_picture_that_is_damaged_says_so(tab, show, select, run):
    (run / "bad.png").write_bytes(png()[:30])
    show(run)
    select("bad.png")

    assert tab.preview.message.text() == "The picture cannot be decoded."


@pytest.mark.qt_log_ignore("Rejecting image")
def test_a_picture_that_would_take_gigabytes_is_not_decoded(tab, show, select, run):
    (run / "bomb.png").write_bytes(bomb())
    show(run)
    select("bomb.png")

    said = tab.preview.message.text()
    assert said == "The picture is too large to be shown here: 60,000 × 60,000 pixels."


def test_a_vector_graphic_shows_no_picture_from_elsewhere(tmp_path):
    (tmp_path / "red.png").write_bytes(png())
    name = tmp_path / "red.png"
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">
        <image href="{name}" width="20" height="20"/></svg>"""

    image, size = decode_image(svg.encode(), "svg")

    assert (size.width(), size.height()) == (20, 20)
    assert image.pixelColor(10, 10).alpha() == 0


def test_a_huge_picture_is_decoded_smaller():
    image, size = decode_image(png(6000, 100), "png")

    assert (size.width(), size.height()) == (6000, 100)
    assert image.width() == 4096


def test_an_error_is_one_sentence_in_the_pane(tab, show, select, run):
    show(run)
    (run / "train.py").unlink()
    (run / "train.py").mkdir()
    index = tab.model.index_of_path("train.py")
    assert index.isValid()
    select("train.py")

    assert tab.preview.message.text() == "Cannot open train.py: it is a directory."


def test_links_are_explained_and_not_opened(tab, show, select, run, told):
    (run / "out").symlink_to("/etc/hostname")
    show(run)

    select("gone")
    assert tab.preview.message.text() == "gone is a link to ../nothing: broken link."
    tab.preview.show_message("")
    tab.tree.setCurrentIndex(tab.model.index_of_path("out"))
    assert "leads out of the run" in tab.preview.message.text()
    tab.tree.activated.emit(tab.model.index_of_path("out"))
    assert told == []


def test_enter_opens_a_file_and_a_folder(tab, show, select, run, told, qtbot):
    show(run)
    select("train.py")
    tab.tree.setFocus()
    qtbot.keyClick(tab.tree, Qt.Key.Key_Return)
    assert told == [("open", run / "train.py")]

    tab.tree.setCurrentIndex(tab.model.index_of_path("model"))
    qtbot.keyClick(tab.tree, Qt.Key.Key_Return)
    assert tab.tree.isExpanded(tab.model.index_of_path("model"))


def test_enter_on_a_link_to_a_run_asks_for_that_run(tab, show, select, run, qtbot):
    show(run)
    select("trial")
    assert "Press Enter to go there" in tab.preview.message.text()

    with qtbot.waitSignal(tab.run_requested) as asked:
        qtbot.keyClick(tab.tree, Qt.Key.Key_Return)

    assert asked.args == ["b2" * 16]


def test_control_c_copies_the_path(tab, show, select, run, qtbot):
    show(run)
    select("data/a.csv")
    tab.tree.setFocus()

    qtbot.keyClick(tab.tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text() == str(run / "data" / "a.csv")


def test_the_menu_has_what_can_be_done_with_the_entry(tab, show, select, run, told):
    show(run)

    def words(path):
        menu = tab.make_menu(tab.model.entry(tab.model.index_of_path(path)))
        return [action.objectName() for action in menu.actions()]

    assert words("train.py") == ["file.open", "file.reveal", "file.copy-path"]
    assert words("trial") == ["file.go-to-run", "file.reveal", "file.copy-path"]
    assert words("gone") == ["file.reveal", "file.copy-path"]
    select("train.py")
    tab.make_menu(tab.current_entry()).actions()[1].trigger()
    assert told == [("reveal", run / "train.py")]


def test_a_program_that_cannot_open_is_said(services, show_in_window, run, qtbot):
    tab = FilesTab(services, open_file=lambda _: False, reveal=lambda _: False)
    show_in_window(tab)
    tab.show_run(ref(run))
    qtbot.waitUntil(lambda: tab.model.rowCount() > 0)
    index = tab.model.index_of_path("picture.png")
    with qtbot.waitSignal(tab.preview.loaded):
        tab.tree.setCurrentIndex(index)

    tab.tree.activated.emit(index)

    assert tab.findChild(type(tab._problem)).problem == "No program could open picture.png"


def test_a_refresh_keeps_what_is_open_and_selected_and_shows_what_is_new(
    tab, show, select, run, qtbot
):
    show(run)
    select("model/deep/weights.bin")
    (run / "model" / "deep" / "another").write_text("x")
    (run / "log.txt").write_text("x")
    (run / "gone").unlink()

    tab.refresh()
    qtbot.waitUntil(lambda: len(texts(tab, "model/deep")) == 2)

    assert tab.current_entry().path == "model/deep/weights.bin"
    assert tab.tree.isExpanded(tab.model.index_of_path("model/deep"))
    names = [row[0] for row in texts(tab)]
    assert "log.txt" in names
    assert "gone" not in names


def test_a_growing_file_is_shown_on_from_where_it_was(tab, show, select, run, qtbot):
    log = run / "log.txt"
    log.write_text("".join(f"line {n}\n" for n in range(500)))
    show(run)
    select("log.txt")
    view = tab.preview.code
    view.verticalScrollBar().setValue(200)

    with log.open("a") as file:
        file.write("the end\n")
    tab.refresh()
    qtbot.waitUntil(lambda: view.toPlainText().endswith("the end\n"))

    assert view.verticalScrollBar().value() == 200


def test_a_long_text_comes_in_parts(tab, show, select, run, qtbot):
    (run / "long.log").write_text("0123456789abcde\n" * 40_000)
    show(run)
    select("long.log")
    view = tab.preview.code
    qtbot.waitUntil(lambda: len(view.toPlainText()) == 262_144)
    assert "First 262 KB of 640 KB." in tab.preview._note.text()
    assert tab.preview._more.isVisible()

    tab.preview._more.click()
    qtbot.waitUntil(lambda: len(view.toPlainText()) == 524_288)
    tab.preview._more.click()
    qtbot.waitUntil(lambda: len(view.toPlainText()) == 640_000)

    assert not tab.preview._more.isVisible()


def test_another_run_begins_anew(tab, show, select, run, tmp_path):
    show(run)
    select("train.py")
    other = tmp_path / "runs" / ("b2" * 16)
    (other / "only.txt").write_text("x")

    show(other)

    assert [row[0] for row in texts(tab)] == [".guild", "only.txt"]
    assert tab.preview.message.text() == "Select a file to look into it."
    tab.show_run(None)
    assert tab.model.rowCount() == 0


def test_a_run_that_is_gone_is_a_problem_in_one_sentence(tab, tmp_path, qtbot):
    tab.show_run(ref(tmp_path / "gone"))

    qtbot.waitUntil(lambda: bool(tab._problem.problem))
    assert tab._problem.problem == "Cannot open the run: no such file or directory"


def test_a_name_that_is_no_text_is_listed_shown_and_opened(tab, show, select, run, told):
    name = os.fsdecode(b"caf\xe9.txt")
    folder = run / os.fsdecode(b"dir\xff")
    folder.mkdir()
    (folder / name).write_text("hello")
    show(run)

    index = select(f"{folder.name}/{name}")
    tab.tree.activated.emit(index)

    assert index.data() == "caf\ufffd.txt"
    assert tab.preview.code.toPlainText() == "hello"
    assert told == [("open", folder / name)]


def entry(name, kind="generated", shape="file"):
    return FileEntry(name, name, kind, shape, 1, 1)


def test_the_model_passes_the_tester_of_models_while_files_come_and_go(qtmodeltester, services):
    model = FilesModel(services.theme.icon, services.theme.colour, lambda: 0)
    folder = entry("b", "directory", "directory")
    model.fill("", Listing((folder, entry("a"), entry("c"))))
    model.fill("b", Listing((FileEntry("x", "b/x", "generated", "file"),)))
    qtmodeltester.check(model)

    for names in (["c", "d"], ["a", "b", "c", "d"], [], ["z"]):
        model.fill("", Listing((folder, *map(entry, names))))
        assert [model.index(n, 0).data() for n in range(model.rowCount())] == ["b", *names]
        assert model.index_of_path("b/x").isValid()
    model.fill("", Listing((entry("b"),)))
    assert not model.index_of_path("b/x").isValid()


def test_the_table_passes_the_tester_of_models(qtmodeltester):
    model = TablePreviewModel()
    qtmodeltester.check(model)
    model.show((("a", "b"), ("1",), ("1", "2", "3")))
    assert (model.rowCount(), model.columnCount()) == (2, 3)
    assert model.index(0, 2).data() == ""


@pytest.mark.parametrize(
    ("width", "hidden"), [(900, []), (330, [MODIFIED]), (200, [KIND, MODIFIED])]
)
def test_a_narrow_tab_shows_names_rather_than_dates_and_kinds(tab, qtbot, width, hidden):
    letter = tab.fontMetrics().averageCharWidth()

    tab.resize(int(width * letter / 6), 500)

    assert [c for c in (KIND, MODIFIED) if tab.tree.isColumnHidden(c)] == hidden


def test_a_picture_of_one_line_is_drawn(qapp):
    line = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1000000"/>'

    image, size = decode_image(line, "svg")

    assert (image.width(), image.height()) == (1, MOST_PIXELS)
    assert (size.width(), size.height()) == (1, 1_000_000)
