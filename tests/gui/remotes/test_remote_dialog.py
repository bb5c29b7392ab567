from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from core.errors import Error
from gui.dialogs.remote_dialog import RemoteDialog
from gui.remotes.remote_draft import KEYS, HostOffer, RemoteDraft

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

HOSTS = [HostOffer("gpu1", "me@gpu1.lab"), HostOffer("cluster"), HostOffer("old-box")]


@pytest.fixture
def open_dialog(services):
    dialogs = []

    def open_(draft=None, taken=("gpu1",)):
        dialog = RemoteDialog(draft or RemoteDraft(""), taken, services.theme)
        dialogs.append(dialog)
        dialog.saves, dialog.tests = [], []
        dialog.saved.connect(dialog.saves.append)
        dialog.test_wanted.connect(dialog.tests.append)
        dialog.show()
        return dialog

    yield open_
    for dialog in dialogs:
        dialog.reject()
        dialog.deleteLater()


def type_into(dialog, qtbot, key, text):
    field = dialog.form._fields[key]
    field.selectAll()
    qtbot.keyClicks(field, text)


def note(dialog, key):
    label = dialog.findChild(QLabel, f"remoteNote-{key}")
    return label.text() if label.isVisible() else ""


def verb(dialog):
    return dialog.findChild(QPushButton, "remoteVerb")


def test_a_host_fills_the_form_and_the_rest_is_what_its_configuration_says(open_dialog):
    dialog = open_dialog()
    dialog.show_hosts(HOSTS)

    dialog._hosts.setCurrentRow(1)
    verb(dialog).click()

    assert dialog.saves == [RemoteDraft("cluster", values={"host": "cluster"})]


def test_a_host_that_is_chosen_leaves_the_dialog_as_high_as_it_was(open_dialog, qtbot):
    dialog = open_dialog()
    dialog.show_hosts(HOSTS)
    qtbot.wait(50)
    before = dialog.size()
    assert dialog._area.height() >= dialog.form.sizeHint().height()

    dialog._hosts.setCurrentRow(1)
    dialog._hosts.setCurrentRow(0)
    qtbot.wait(50)

    assert dialog.size() == before


def test_hosts_that_are_remotes_already_say_so_and_hosts_can_be_found(open_dialog):
    dialog = open_dialog()
    dialog.show_hosts(HOSTS)

    assert dialog._hosts.item(0).text() == "gpu1 · added"
    dialog._find.setText("box")
    hidden = [dialog._hosts.item(row).isHidden() for row in range(3)]
    assert hidden == [True, True, False]


def test_a_host_is_found_and_added_by_keys_alone(open_dialog, qtbot):
    dialog = open_dialog()
    dialog.show_hosts(HOSTS)

    qtbot.keyClicks(dialog._find, "old")
    qtbot.keyClick(dialog._find, Qt.Key.Key_Return)
    assert dialog.saves == []
    assert dialog.form.draft().name == "old-box"
    qtbot.keyClick(verb(dialog), Qt.Key.Key_Return)

    assert dialog.saves == [RemoteDraft("old-box", values={"host": "old-box"})]


def test_down_goes_from_what_is_sought_to_what_was_found(open_dialog, qtbot):
    dialog = open_dialog()
    dialog.show_hosts(HOSTS)

    qtbot.keyClicks(dialog._find, "clu")
    qtbot.keyClick(dialog._find, Qt.Key.Key_Down)

    assert dialog._hosts.currentItem().text() == dialog.form.draft().name == "cluster"


def test_without_hosts_it_is_said_why(open_dialog):
    dialog = open_dialog()

    dialog.show_hosts([], "Line 3 of ~/.ssh/config is not understood.")

    assert not dialog._hosts.isVisible()
    assert dialog._hosts_note.text() == "Line 3 of ~/.ssh/config is not understood."


def test_what_is_wrong_is_said_below_its_field_once_it_was_touched(open_dialog, qtbot):
    dialog = open_dialog()
    assert note(dialog, "name") == note(dialog, "host") == ""
    assert not verb(dialog).isEnabled()

    type_into(dialog, qtbot, "name", "gpu1")
    type_into(dialog, qtbot, "host", "me@gpu1")
    type_into(dialog, qtbot, "port", "99999")

    assert note(dialog, "name") == "There is a remote “gpu1” already."
    assert note(dialog, "host") == "The user has a field of its own."
    assert note(dialog, "port") == "A port is a number from 1 to 65535."
    assert dialog.saves == []


def test_every_key_of_guild_has_a_field_the_common_ones_first(open_dialog):
    dialog = open_dialog()

    for spec in KEYS:
        assert dialog.form._fields[spec.key].isVisible() == spec.is_common
    dialog.findChild(QPushButton, "remoteMore").click()
    assert all(dialog.form._fields[spec.key].isVisible() for spec in KEYS)


def test_an_edit_shows_what_there_is_and_keeps_keys_without_a_field(open_dialog, qtbot):
    values = {"host": "gpu1.lab", "port": "2222", "conda-env": "/envs/x", "x-own": "kept"}
    dialog = open_dialog(RemoteDraft("gpu1", values=values, old_name="gpu1"), taken=())
    assert dialog.form._fields["conda-env"].isVisible()  # a key that says something is shown
    assert not dialog.form._fields["name"].isEnabled()

    type_into(dialog, qtbot, "port", "22")
    verb(dialog).click()

    [draft] = dialog.saves
    assert draft.values == values | {"port": "22"}
    assert draft.old_name == "gpu1"


def test_a_remote_of_another_type_is_shown_as_it_is(open_dialog):
    dialog = open_dialog(RemoteDraft("bucket", "s3", {"bucket": "x"}, "bucket"), taken=())

    said = dialog.findChild(QLabel, "remoteUnsupported")
    assert said.isVisible()
    assert "does not support remotes of the type s3" in said.text()
    assert dialog.findChild(QLabel, "remoteForeign").text() == "bucket: x"
    assert not verb(dialog).isVisible()
    dialog.accept()
    assert dialog.saves == []


def test_a_test_shows_each_line_and_what_came_of_it(open_dialog, qtbot):
    dialog = open_dialog(RemoteDraft("a", values={"host": "a"}, old_name="a"), taken=())
    button = dialog.findChild(QPushButton, "remoteTest")

    button.click()
    assert dialog.tests == [RemoteDraft("a", values={"host": "a"}, old_name="a")]
    dialog.begin_test()
    assert button.text() == "Stop &Test"
    assert not dialog.form.isEnabled()
    dialog.log.add("Connecting to a")
    dialog.log.add("Logged in")
    dialog.end_test("It works (shell and tar).", is_good=True)

    assert dialog.log.text() == "Connecting to a\nLogged in"
    assert dialog.findChild(QLabel, "connectionEnd").text() == "It works (shell and tar)."
    assert dialog.form.isEnabled()


def test_a_test_that_goes_on_can_be_stopped_and_ends_with_the_dialog(open_dialog, qtbot):
    dialog = open_dialog(RemoteDraft("a", values={"host": "a"}, old_name="a"), taken=())
    dialog.begin_test()

    with qtbot.waitSignal(dialog.stop_wanted):
        dialog.findChild(QPushButton, "remoteTest").click()
    with qtbot.waitSignal(dialog.stop_wanted):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_a_failure_to_save_keeps_what_was_typed(open_dialog):
    dialog = open_dialog(RemoteDraft("a", values={"host": "a"}, old_name="a"), taken=())
    verb(dialog).click()

    dialog.show_failure(Error("Cannot save the remotes", hint="The disk is full."))

    assert dialog.isVisible()
    label = dialog.findChild(QLabel, "remoteFailure")
    assert label.text() == "Cannot save the remotes. The disk is full."
    dialog.close_saved()
    assert not dialog.isVisible()
