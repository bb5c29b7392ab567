from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QToolButton

from gui.dialogs.host_key_dialog import HostKeyDialog, HostKeyFacts
from gui.dialogs.password_dialog import PasswordDialog
from gui.remotes.question_text import brief, button, form_of
from remote.prompts import (
    CommandQuestion,
    HostKeyQuestion,
    PassphraseQuestion,
    PasswordQuestion,
    Prompt,
    PromptsQuestion,
)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

FINGERPRINT = "SHA256:p2b7VcYs8UOZr7JYv2Jm9lG1zq3b0cYdYb8cXw0nH1M"
KNOWN = "SHA256:M1Hn0wXc8bYdYc0b3qz1Gl9mJ2vYJ7rZOU8sYcV7b2p"
FILE = Path("/home/me/.ssh/known_hosts")
HOST_KEY = HostKeyQuestion(
    "gpu1", "[gpu1.lab]:2222", "ssh-ed25519", FINGERPRINT, FILE, ("ssh-rsa",)
)
TWO_FACTORS = PromptsQuestion(
    "cluster", "me@login", "Two-factor login", "Enter a passcode",
    (Prompt("Password: ", is_shown=False), Prompt("Verification code: ", is_shown=True)),
)  # fmt: skip


@pytest.fixture
def shown(services):
    dialogs = []

    def show(make):
        dialog = make(services.theme)
        dialogs.append(dialog)
        dialog.heard = []
        dialog.show()
        return dialog

    yield show
    for dialog in dialogs:
        dialog.reject()
        dialog.deleteLater()


@pytest.fixture
def ask(shown):
    def ask_(question, *, can_keep=True):
        dialog = shown(lambda theme: PasswordDialog(form_of(question), theme, can_keep=can_keep))
        dialog.answered.connect(lambda *answer: dialog.heard.append(answer))
        return dialog

    return ask_


@pytest.fixture
def show_key(shown):
    def show_(facts):
        dialog = shown(lambda theme: HostKeyDialog(facts, theme))
        dialog.answered.connect(dialog.heard.append)
        return dialog

    return show_


def texts(dialog):
    return [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]


def buttons(dialog):
    return {each.text().replace("&", "") for each in dialog.findChildren(QPushButton)}


# Host keys


def test_a_key_that_was_never_seen_is_shown_with_all_there_is_to_compare(show_key):
    dialog = show_key(HostKeyFacts.of_question(HOST_KEY))

    said = texts(dialog)
    assert {"[gpu1.lab]:2222", "ssh-ed25519", FINGERPRINT, str(FILE)} <= set(said)
    assert "keys of other types: ssh-rsa" in said
    assert dialog.objectName() == "hostKeyDialog"


def test_questions_name_the_remote_and_its_address(show_key):
    dialog = show_key(HostKeyFacts.of_question(HOST_KEY))
    assert dialog.findChild(QLabel, "hostKeyRemote").text() == "gpu1"
    form = form_of(PasswordQuestion("gpu1", "me@jump"), "me@gpu1.lab:2222")
    assert (form.title, form.facts) == (
        "Password for me@jump", "To log in to gpu1 (me@gpu1.lab:2222)",
    )  # fmt: skip
    facts = form_of(TWO_FACTORS, "me@login.lab").facts
    assert facts.splitlines()[0] == "To log in to cluster (me@login.lab)"
    assert "Enter a passcode" in facts


def test_enter_accepts_no_key(show_key, qtbot):
    dialog = show_key(HostKeyFacts.of_question(HOST_KEY))

    focus = dialog.focusWidget()
    assert focus.isDefault()
    qtbot.keyClick(focus, Qt.Key.Key_Return)

    assert dialog.heard == [False]
    assert not dialog.isVisible()


def test_a_key_is_accepted_by_its_own_button_alone(show_key):
    dialog = show_key(HostKeyFacts.of_question(HOST_KEY))

    dialog.findChild(QPushButton, "hostKeyAccept").click()

    assert dialog.heard == [True]


def test_closing_the_question_is_no(show_key):
    dialog = show_key(HostKeyFacts.of_question(HOST_KEY))

    dialog.close()

    assert dialog.heard == [False]


def test_a_changed_key_names_both_fingerprints_and_the_line_and_lets_nobody_on(show_key):
    facts = HostKeyFacts("changed", "gpu1.lab", "ssh-ed25519", FINGERPRINT, FILE, 12, (KNOWN,))
    dialog = show_key(facts)

    said = texts(dialog)
    assert {FINGERPRINT, KNOWN, f"{FILE}, line 12"} <= set(said)
    assert any(f"remove line 12 of {FILE}" in text for text in said)
    assert buttons(dialog) == {"Copy Fingerprint", "Close"}
    dialog.accept()
    assert dialog.heard == []


def test_a_revoked_key_lets_nobody_on(show_key):
    facts = HostKeyFacts("revoked", "gpu1.lab", "ssh-ed25519", FINGERPRINT, FILE, 3)
    dialog = show_key(facts)

    assert any("revoked" in text for text in texts(dialog))
    assert buttons(dialog) == {"Copy Fingerprint", "Close"}


def test_the_fingerprint_can_be_copied(show_key):
    dialog = show_key(HostKeyFacts.of_question(HOST_KEY))

    dialog.findChild(QPushButton, "hostKeyCopy").click()

    assert QGuiApplication.clipboard().text() == FINGERPRINT
    assert dialog.isVisible()


# What is typed


def test_a_passphrase_is_asked_for_with_host_and_key(ask, qtbot):
    dialog = ask(PassphraseQuestion("gpu1", Path("/home/me/.ssh/id_ed25519")))

    assert "Passphrase for id_ed25519" in texts(dialog)
    assert "To log in to gpu1 with the key /home/me/.ssh/id_ed25519" in texts(dialog)
    [field] = dialog.fields
    assert field.echoMode() is QLineEdit.EchoMode.Password
    qtbot.keyClicks(field, "open sesame")
    qtbot.keyClick(field, Qt.Key.Key_Return)

    assert dialog.heard == [(("open sesame",), False)]
    assert field.text() == ""  # nothing that was typed stays in the window


def test_it_is_kept_only_where_that_is_asked_for_and_there_is_a_keyring(ask):
    password = PasswordQuestion("gpu1", "me@gpu1.lab")
    assert not ask(password, can_keep=False).keep.isVisible()
    dialog = ask(password)
    assert not dialog.keep.isChecked()
    dialog.fields[0].setText("secret")
    dialog.keep.setChecked(True)
    dialog.findChild(QPushButton, "passwordVerb").click()

    assert dialog.heard == [(("secret",), True)]


def test_what_was_refused_is_said(ask):
    assert "The host refused that password." in texts(ask(PasswordQuestion("gpu1", "me@gpu1", 2)))
    wrong = ask(PassphraseQuestion("gpu1", Path("/k/id"), 2))
    assert "That is not the passphrase of this key." in texts(wrong)
    first = ask(PasswordQuestion("gpu1", "me@gpu1"))
    assert not any("refused" in text for text in texts(first))


def test_enter_goes_through_the_lines_that_a_host_asks_for(ask, qtbot):
    dialog = ask(TWO_FACTORS)
    password, code = dialog.fields
    assert code.echoMode() is QLineEdit.EchoMode.Normal
    assert not dialog.keep.isVisible()  # a code that is good once is not worth keeping

    qtbot.keyClicks(password, "secret")
    qtbot.keyClick(password, Qt.Key.Key_Return)
    assert dialog.heard == []
    assert dialog.focusWidget() is code
    qtbot.keyClicks(code, "123456")
    qtbot.keyClick(code, Qt.Key.Key_Return)

    assert dialog.heard == [(("secret", "123456"), False)]


def test_what_is_typed_can_be_seen_while_that_is_wanted(ask):
    dialog = ask(PasswordQuestion("gpu1", "me@gpu1"))
    eye = dialog.findChild(QToolButton, "passwordField-0-show")

    eye.click()
    assert dialog.fields[0].echoMode() is QLineEdit.EchoMode.Normal
    eye.click()
    assert dialog.fields[0].echoMode() is QLineEdit.EchoMode.Password


def test_giving_up_hands_nothing_out_and_forgets_what_was_typed(ask, qtbot):
    dialog = ask(PasswordQuestion("gpu1", "me@gpu1"))
    dialog.fields[0].setText("secret")

    qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    assert dialog.heard == []
    assert dialog.fields[0].text() == ""


# On a row


@pytest.mark.parametrize(
    ("question", "text", "on_button"),
    [
        (HOST_KEY, "host key of [gpu1.lab]:2222 is not known", "Look…"),
        (PasswordQuestion("gpu1", "me@gpu1"), "password for me@gpu1", "Enter…"),
        (
            PassphraseQuestion("gpu1", Path("/home/me/.ssh/id_ed25519")),
            "passphrase for id_ed25519",
            "Enter…",
        ),
        (TWO_FACTORS, "me@login asks “Password”", "Enter…"),
        (
            CommandQuestion("gpu1", "nc %h", Path("/home/me/.ssh/config"), 3),
            "config wants to run a command",
            "Look…",
        ),
    ],
)
def test_a_question_is_brief_on_a_row(question, text, on_button):
    assert (brief(question), button(question)) == (text, on_button)


def test_a_host_cannot_fill_the_row_with_its_words():
    long = PromptsQuestion("x", "me@x", "", "", (Prompt("word " * 500, is_shown=True),))

    assert len(brief(long)) < 100
    assert "\n" not in brief(long)
