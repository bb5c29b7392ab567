from __future__ import annotations

import os
import shlex
from itertools import pairwise

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget

from core.samples.events import event_file
from gui.views.details.fact_text import FactText
from gui.views.details.overview_tab import OverviewTab
from tests.support.runs import make_run
from tests.support.tabs import ref

NOW = 1_700_000_000_000_000
SECOND = 1_000_000
OTHER = "b" * 32

ATTRS = {
    "label": "lr=0.01 opt=adamw",
    "tags": "- paper\n- seed 2",
    "marked": "true",
    "exit_status": "0",
    "started": str(NOW - 600 * SECOND),
    "stopped": str(NOW - 300 * SECOND),
    "flags": "batch: 64\nepochs: 50\nf1: 1\nf2: 2\nf3: 3\nf4: 4\nlr: 0.01\nopt: adamw",
    "user_flags": "lr: 0.01\nopt: adamw",
    "cmd": "- python\n- -um\n- train\n- --name\n- it's me",
    "host": "box",
    "user": "ada",
    "sourcecode_digest": "a81f02c4" + "0" * 24,
    "vcs_commit": "git:9fb8fb73da49*",
    "comments": "- {body: 'The loss exploded', user: ada, host: box, time: 1}",
    "deps": f"data:\n  file:d.csv: {{uri: 'file:d.csv', paths: [d.csv]}}\n"
    f"prep:\n  operation:prep: {{config: {OTHER}, paths: []}}",
}


class Index:
    """A lookup that knows one parent."""

    def __init__(self, parent=None):
        self._parent = parent

    def parent(self, run_id):
        return self._parent


@pytest.fixture
def index():
    return Index()


@pytest.fixture
def tab(services, show_in_window, index):
    tab = OverviewTab(services, lookup=index, clock=lambda: NOW)
    show_in_window(tab, 360, 700)
    return tab


@pytest.fixture
def show(tab, qtbot, tmp_path):
    def show(attrs=ATTRS, files=None, run_id="a" * 32, **options):
        run_dir = make_run(tmp_path, run_id, attrs=attrs, files=files)
        look_at(tab, qtbot, ref(run_dir, **options))
        return run_dir

    return show


def look_at(tab, qtbot, run):
    with qtbot.waitSignals([tab.shown, tab.curve.loaded], timeout=20_000):
        tab.show_run(run)


def fact(tab, caption):
    return tab.facts.fact_text(caption).replace("\u00a0", " ")


def body(section):
    return section.body.findChild(FactText) or section.body


def follow_link(text, words):
    """Click the link whose text holds `words`."""
    cursor = text.document().find(words)
    assert not cursor.isNull(), words
    text.anchorClicked.emit(QUrl(cursor.charFormat().anchorHref()))


def test_the_label_is_the_title_over_id_operation_and_project(show, tab):
    show()

    assert tab.heading.toPlainText() == "lr=0.01 opt=adamw"
    assert tab.subtitle.toPlainText().startswith("aaaaaaaa · train.py · /home/ada/project")


def test_a_run_without_label_is_called_by_its_operation(show, tab):
    show({"host": "box"})

    assert tab.heading.toPlainText() == "train.py · no label"


def test_tags_and_mark_are_chips(show, tab):
    show()

    chips = [label.text() for label in tab.tags.findChildren(QLabel) if label.isVisible()]
    assert chips == ["★ marked", "paper", "seed 2"]


def test_status_tells_word_duration_and_how_it_ended(show, tab):
    show()
    assert fact(tab, "Status").endswith("completed 0:05:00")

    show({**ATTRS, "exit_status": "3"}, run_id="c" * 32)
    assert fact(tab, "Status").endswith("error 0:05:00 · exit status 3")

    show({**ATTRS, "exit_status": "-15"}, run_id="d" * 32)
    assert fact(tab, "Status").endswith("terminated 0:05:00 · exit status -15")


def test_times_are_relative_and_exact(show, tab):
    show()

    assert fact(tab, "Started").startswith("10 min ago · 2023-11-14 ")
    assert fact(tab, "Stopped").startswith("5 min ago · ")


def test_digests_stand_behind_flags_that_can_be_read(show, tab):
    show({**ATTRS, "flags": f"{{data: {'ab' * 16}, lr: 0.01, seed: 7, user_file: {'x' * 30}}}",
          "user_flags": "{user_file: x}"})  # fmt: skip

    assert fact(tab, "Flags") == f"user_file {'x' * 30} · lr 0.01 · seed 7 · data {'ab' * 16}"


def test_flags_of_the_user_come_first_and_the_rest_is_one_click_away(show, tab, qtbot):
    show()
    assert fact(tab, "Flags") == "lr 0.01 · opt adamw · batch 64 · epochs 50 · f1 1 · f2 2 +2 more"

    with qtbot.waitSignal(tab.tab_requested) as asked:
        follow_link(tab.facts.value("Flags"), "+2 more")

    assert asked.args == ["flags"]


def test_source_and_commit_are_short_and_copied_whole(show, tab):
    manifest = "s train.py 1f train.py\ns x.py 2f x.py\n"
    show(files={".guild/manifest": manifest})
    assert "a81f02c40000" in fact(tab, "Source")
    assert fact(tab, "Source").endswith("2 files")
    assert "git:9fb8fb73da49" in fact(tab, "Commit")
    assert fact(tab, "Commit").endswith("with local changes")

    tab.facts.value("Source").link_activated.emit("copy:" + ATTRS["sourcecode_digest"])

    assert QGuiApplication.clipboard().text() == ATTRS["sourcecode_digest"]


def test_who_made_it_where(show, tab):
    show()

    assert fact(tab, "Made by") == "ada on box"


def test_the_command_is_quoted_for_a_shell_and_copied_whole(show, tab):
    show()
    command = shlex.join(["python", "-um", "train", "--name", "it's me"])
    assert body(tab.command).toPlainText() == command

    tab.copy_command()

    assert QGuiApplication.clipboard().text() == command


def test_the_directory_is_shown_and_copied(show, tab):
    run_dir = show()
    assert body(tab.directory).toPlainText() == str(run_dir)

    tab.copy_directory()

    assert QGuiApplication.clipboard().text() == str(run_dir)


def test_comments_are_counted_and_one_click_away(show, tab, qtbot):
    show()
    assert fact(tab, "Comments") == "1 comment The loss exploded"

    with qtbot.waitSignal(tab.tab_requested) as asked:
        follow_link(tab.facts.value("Comments"), "1 comment")

    assert asked.args == ["comments"]


def test_dependencies_lead_to_files_and_to_runs(show, tab, qtbot):
    show()
    text = body(tab.dependencies).toPlainText()
    assert "data file:d.csv → d.csv" in text

    with qtbot.waitSignal(tab.run_requested) as asked:
        follow_link(body(tab.dependencies), OTHER[:8])

    assert asked.args == [OTHER]


def test_a_trial_leads_to_its_batch(show, tab, qtbot, tmp_path, index):
    make_run(tmp_path, OTHER, attrs={"label": "grid search", "exit_status": "0"})
    index._parent = OTHER
    show()
    assert "completed grid search" in fact(tab, "Part of")

    with qtbot.waitSignal(tab.run_requested) as asked:
        follow_link(tab.facts.value("Part of"), "grid search")

    assert asked.args == [OTHER]


def test_a_batch_in_the_trash_is_one_click_away(tab, qtbot, tmp_path, index):
    batch_dir = make_run(tmp_path / "trash" / "runs", OTHER, attrs={"label": "search"})
    run_dir = make_run(tmp_path / "runs")
    index._parent = OTHER

    look_at(tab, qtbot, ref(run_dir))

    assert fact(tab, "Part of").endswith("search train.py in the trash")
    with qtbot.waitSignal(tab.run_requested) as asked:
        follow_link(tab.facts.value("Part of"), "search")
    assert asked.args == [batch_dir.name]


def test_a_batch_lists_its_trials_by_what_tells_them_apart(show, tab, qtbot, tmp_path):
    for number, status in ((1, "0"), (2, "1")):
        run_id = f"{number:032x}"
        attrs = {"flags": f"lr: 0.{number}\nopt: sgd", "label": "x", "exit_status": status}
        make_run(tmp_path, run_id, attrs={**attrs, "started": str(NOW + number)})
    run_dir = make_run(tmp_path, files={".guild/proto/.guild/opref": "script:/p '' '' train.py"})
    for number in (1, 2):
        (run_dir / f"{number:032x}").symlink_to(f"../{number:032x}")
    (run_dir / OTHER).symlink_to(f"../{OTHER}")

    look_at(tab, qtbot, ref(run_dir))

    assert tab.related.title == "3 trials · 1 completed · 1 error"
    lines = [line.strip("\ufffc ") for line in body(tab.related).toPlainText().splitlines()]
    assert lines == ["completed lr 0.1", "error lr 0.2", "bbbbbbbb is not here any more"]
    with qtbot.waitSignal(tab.run_requested) as asked:
        follow_link(body(tab.related), "lr 0.2")
    assert asked.args == [f"{2:032x}"]


def test_a_pipeline_lists_its_steps_by_name(show, tab, qtbot, tmp_path):
    make_run(tmp_path, OTHER, attrs={"exit_status": "0", "label": "small data"})
    run_dir = make_run(tmp_path, attrs={"steps": "- {run: prepare}"})
    (run_dir / "prepare").symlink_to(f"../{OTHER}")

    look_at(tab, qtbot, ref(run_dir))

    assert tab.related.title == "1 step · 1 completed"
    assert "completed prepare small data" in body(tab.related).toPlainText()


def test_steps_stand_in_the_order_in_which_they_ran(show, tab, qtbot, tmp_path):
    run_dir = make_run(tmp_path, attrs={"steps": "- {run: prepare}"})
    names = ["prepare", "train", "evaluate"]
    for number, name in enumerate(names, 1):
        run_id = f"{number:032x}"
        make_run(tmp_path, run_id, attrs={"started": str(NOW + number), "exit_status": "0"})
        (run_dir / name).symlink_to(f"../{run_id}")

    look_at(tab, qtbot, ref(run_dir))

    lines = body(tab.related).toPlainText().splitlines()
    assert [line.partition("completed ")[2].split()[0] for line in lines] == names


def test_the_main_scalar_is_drawn_small(show, tab, qtbot):
    run_dir = show()
    assert not tab.curve.isVisible()
    content = event_file({"acc": [1.0, 2.0, 3.0], "loss": [3.0, 2.0, 1.0]})
    (run_dir / ".guild" / "events.out.tfevents.1.box.1.0").write_bytes(content)

    with qtbot.waitSignal(tab.curve.plot.drawn, timeout=20_000):
        tab.refresh()

    assert tab.curve.isVisible()
    assert tab.curve.title == "loss · smoothed 0.6"


def test_the_last_lines_of_output_are_plain_with_errors_in_their_colour(show, tab, services):
    index = bytes(8) + b"\x00" + bytes(8) + b"\x01"
    show(
        files={
            ".guild/output": "\x1b[31mstep: 1\x1b[0m\nUserWarning\n",
            ".guild/output.index": index,
        }
    )

    text = body(tab.output)
    assert text.toPlainText() == "step: 1\nUserWarning"
    colour = text.document().find("UserWarning").charFormat().foreground().color()
    assert colour == services.theme.colour("error")


def test_a_running_run_tells_its_process_and_is_followed(show, tab, qtbot, monkeypatch):
    monkeypatch.setattr("gui.views.follow_timer.FOLLOW_MS", 20)
    attrs = {"host": os.uname().nodename, "started": str(NOW - 90 * SECOND)}
    run_dir = show(attrs, {".guild/LOCK": str(os.getpid()), ".guild/output": "one\n"})
    assert f"running 0:01:30 · pid {os.getpid()}" in fact(tab, "Status")
    assert tab.output.title == "Output · following"

    (run_dir / ".guild" / "output").write_text("one\ntwo\n")
    qtbot.waitUntil(lambda: body(tab.output).toPlainText() == "one\ntwo", timeout=10_000)
    qtbot.waitUntil(lambda: "cores" in fact(tab, "Status"), timeout=10_000)

    (run_dir / ".guild" / "LOCK").unlink()
    (run_dir / ".guild" / "attrs" / "exit_status").write_text("0\n")
    qtbot.waitUntil(lambda: "completed" in fact(tab, "Status"), timeout=10_000)
    assert not tab._tick.isActive()


def test_the_duration_of_a_running_run_ticks(services, show_in_window, qtbot, tmp_path):
    now = [NOW]
    tab = OverviewTab(services, clock=lambda: now[0])
    show_in_window(tab)
    attrs = {"host": os.uname().nodename, "started": str(NOW - 60 * SECOND)}
    run_dir = make_run(tmp_path, attrs=attrs, files={".guild/LOCK": str(os.getpid())})
    look_at(tab, qtbot, ref(run_dir))
    assert "0:01:00" in fact(tab, "Status")

    now[0] += 5 * SECOND
    tab._tick.timeout.emit()

    assert "0:01:05" in fact(tab, "Status")
    tab.show_run(None)


def test_times_count_on_while_they_are_looked_at(services, show_in_window, qtbot, tmp_path):
    now = [NOW]
    tab = OverviewTab(services, clock=lambda: now[0])
    show_in_window(tab)
    look_at(tab, qtbot, ref(make_run(tmp_path, attrs=ATTRS)))

    now[0] += 60 * SECOND
    tab.ticker.timeout.emit()

    assert fact(tab, "Started").startswith("11 min ago · ")
    assert fact(tab, "Stopped").startswith("6 min ago · ")
    assert tab.ticker.isActive()


def test_times_are_those_of_now_when_the_page_comes_back(services, show_in_window, qtbot, tmp_path):
    now = [NOW]
    tab = OverviewTab(services, clock=lambda: now[0])
    show_in_window(tab)
    look_at(tab, qtbot, ref(make_run(tmp_path, attrs=ATTRS)))
    tab.hide()
    assert not tab.ticker.isActive()

    now[0] += 120 * SECOND
    tab.show()

    assert fact(tab, "Started").startswith("12 min ago · ")


def test_a_run_on_another_machine_says_where_and_when_it_was_last_seen(show, tab):
    run_dir = show({"started": str(NOW)}, {".guild/LOCK.remote": "gpu1"})

    assert "running" in fact(tab, "Status")
    assert "on gpu1 · last seen" in fact(tab, "Status")
    assert run_dir.exists()
    tab.show_run(None)


def test_a_deleted_run_is_said_to_lie_in_the_trash(show, tab):
    show(deleted=True)

    assert fact(tab, "Status").endswith("in the trash")


def test_what_cannot_be_read_is_one_sentence_at_the_top(show, tab):
    show({**ATTRS, "flags": "{"})

    assert tab.problem.isVisible()
    assert "flags" in tab.problem.problem
    assert tab.heading.toPlainText() == "lr=0.01 opt=adamw"


def test_a_run_that_is_gone_is_one_sentence(tab, qtbot, tmp_path):
    tab.show_run(ref(tmp_path / "gone"))

    qtbot.waitUntil(lambda: tab.problem.isVisible())
    assert "no run gone" in tab.problem.problem
    assert not tab.heading.isVisible()


def test_a_run_after_one_that_was_gone_is_shown_whole(tab, show, qtbot, tmp_path):
    tab.show_run(ref(tmp_path / "gone"))
    qtbot.waitUntil(lambda: tab.problem.isVisible())

    show()

    assert tab.heading.isVisible()
    assert tab.facts.isVisible()
    assert not tab.problem.isVisible()


LONG = "x" * 3000


@pytest.mark.parametrize("width", [280, 360, 900])
def test_nothing_overlaps_or_leaves_the_page_at_any_width(show, tab, width, qtbot):
    attrs = {
        **ATTRS,
        "label": LONG,
        "tags": f"- {LONG}\n- b",
        "flags": f"path: {LONG}",
        "cmd": f"- {LONG}",
        "host": LONG[:300],
        "comments": f"- {{body: {LONG}}}",
        "vcs_commit": f"git:{LONG}",
    }
    tab.resize(width, 700)
    show(attrs, {".guild/output": LONG + "\n"})

    page = tab._page

    def fits():
        assert page.width() <= tab.width()
        visible = [w for w in page.findChildren(QWidget) if w.isVisible()]
        assert len(visible) > 20
        for widget in visible:
            place = widget.mapTo(page, widget.rect().bottomRight())
            assert place.x() < page.width(), widget
        rows = [page.layout().itemAt(i).widget() for i in range(page.layout().count())]
        shown = [row for row in rows if row is not None and row.isVisible()]
        for above, below in pairwise(shown):
            assert above.geometry().bottom() < below.geometry().top()
        for text in page.findChildren(FactText):
            if text.isVisible():
                assert text.document().size().height() <= text.height() + 1, text.accessibleName()

    qtbot.waitUntil(fits)  # its layout comes a moment after the facts


def test_texts_can_be_selected(show, tab):
    show()

    for text in (tab.heading, tab.subtitle, tab.facts.value("Status"), body(tab.command)):
        text.selectAll()
        assert text.textCursor().hasSelection()


def test_markup_in_a_run_stays_text(show, tab):
    evil = "<img src='file:///etc/passwd'><b>x</b>"
    show({"label": evil, "host": evil, "tags": f'- "{evil}"'}, {".guild/output": evil})

    assert tab.heading.toPlainText() == evil
    assert evil in fact(tab, "Made by")
    assert body(tab.output).toPlainText() == evil


def test_no_picture_but_our_own_icons_is_ever_loaded(show, tab):
    show()

    assert tab.heading.loadResource(2, QUrl("file:///etc/hostname")) is None
    assert tab.heading.loadResource(2, QUrl("https://example.org/x.png")) is None


def test_colours_follow_the_theme(show, tab, services):
    show()

    services.theme.force("dark")

    status = tab.facts.value("Status")
    colour = status.document().find("completed").charFormat().foreground().color()
    assert colour == services.theme.colour("completed")


def test_a_selection_stays_while_nothing_changes(show, tab, qtbot):
    show()
    tab.heading.selectAll()

    with qtbot.waitSignals([tab.shown, tab.curve.loaded]):
        tab.refresh()

    assert tab.heading.textCursor().hasSelection()


def test_no_run_shows_nothing(show, tab):
    show()

    tab.show_run(None)

    assert not tab._page.isVisible()
