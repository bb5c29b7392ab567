"""Ways to log in to a real sshd: passphrases, agents, passwords, questions."""

from __future__ import annotations

import logging
import threading

import psutil
import pytest

from core.errors import Cancelled
from remote.errors import AnswerNeeded, AuthenticationFailed, RemoteUnreachable
from remote.prompts import (
    Nobody,
    PassphraseQuestion,
    PasswordQuestion,
    Prompt,
    PromptsQuestion,
    SharedAnswers,
)
from remote.session import Session
from tests.support.odd_server import OddInterface
from tests.support.ssh_client import Answers, NoSecrets, go_on, run_command
from tests.support.ssh_server import make_key

CODE = ("", "", [("Verification code: ", False)])
PASSWORD = ("", "", [("Password: ", False)])


# Passphrases


@pytest.fixture
def locked_key(ssh_server, tmp_path):
    """A key with a passphrase that may log in."""
    key = make_key(tmp_path / "locked", passphrase="open sesame")
    ssh_server.allow(key)
    return key


def test_a_passphrase_is_asked_until_it_is_right(ssh_user, ssh_server, locked_key):
    ssh_user.knows(ssh_server)
    ssh_user.answers.passphrases = ["wrong", "open sesame"]
    session = ssh_user.session(ssh_user.remote(ssh_server, private_key=str(locked_key)))

    assert run_command(session, "echo hello") == "hello\n"
    assert ssh_user.answers.asked == [
        PassphraseQuestion("box", locked_key, 1),
        PassphraseQuestion("box", locked_key, 2),
    ]


def test_a_passphrase_is_asked_once_for_all_connections(ssh_user, ssh_server, locked_key):
    ssh_user.knows(ssh_server)
    ssh_user.answers.passphrases = ["open sesame"]
    answers = SharedAnswers()
    remote = ssh_user.remote(ssh_server, private_key=str(locked_key))
    sessions = [ssh_user.session(remote, answers=answers) for _ in range(3)]
    threads = [threading.Thread(target=session.connection, args=(go_on,)) for session in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(session.is_connected for session in sessions)
    assert len(ssh_user.answers.asked) == 1


def test_a_key_that_stays_locked_is_told(ssh_user, ssh_server, locked_key):
    ssh_user.knows(ssh_server)
    ssh_user.answers.passphrases = ["no", "no", "no"]
    session = ssh_user.session(ssh_user.remote(ssh_server, private_key=str(locked_key)))

    with pytest.raises(AuthenticationFailed) as caught:
        session.connection(go_on)

    assert f"{locked_key} stayed encrypted" in caught.value.hint
    assert len(ssh_user.answers.asked) == 3


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_a_passphrase_is_not_asked_for_a_key_that_the_host_does_not_take(
    ssh_user, ssh_server, tmp_path, kind
):
    key = make_key(tmp_path / "other", kind, passphrase="open sesame")
    ssh_user.knows(ssh_server)

    with pytest.raises(AuthenticationFailed):
        ssh_user.session(ssh_user.remote(ssh_server, private_key=str(key))).connection(go_on)

    assert ssh_user.answers.asked == []


# Agents


def test_a_key_of_the_agent_logs_in(ssh_user, ssh_server, ssh_agent):
    ssh_agent.add(ssh_server.key)
    ssh_user.use_agent(ssh_agent)
    ssh_user.knows(ssh_server)

    session = ssh_user.session(ssh_user.remote(ssh_server, private_key=None))

    assert run_command(session, "echo hello") == "hello\n"


def test_the_agent_of_the_configuration_is_used(ssh_user, ssh_server, ssh_agent):
    ssh_agent.add(ssh_server.key)
    ssh_user.config.write_text(f"IdentityAgent {ssh_agent.sock}\n")
    ssh_user.knows(ssh_server)

    session = ssh_user.session(ssh_user.remote(ssh_server, private_key=None))

    assert run_command(session, "echo hello") == "hello\n"


def test_a_locked_agent_is_told_and_works_when_it_is_unlocked(ssh_user, ssh_server, ssh_agent):
    ssh_agent.add(ssh_server.key)
    ssh_agent.lock()
    ssh_user.use_agent(ssh_agent)
    ssh_user.knows(ssh_server)
    session = ssh_user.session(ssh_user.remote(ssh_server, private_key=None))

    with pytest.raises(AuthenticationFailed) as caught:
        session.connection(go_on)
    ssh_agent.unlock()

    assert "locked (ssh-add -X unlocks) or empty" in caught.value.hint
    assert run_command(session, "echo hello") == "hello\n"


def test_an_agent_that_declines_to_sign_is_passed_over(ssh_user, ssh_server, ssh_agent, tmp_path):
    declined = make_key(tmp_path / "declined")
    ssh_server.allow(declined)
    ssh_agent.call("ssh-add", "-c", str(declined))  # asks at each use, and is told nothing
    ssh_user.use_agent(ssh_agent)
    ssh_user.knows(ssh_server)

    session = ssh_user.session(ssh_user.remote(ssh_server))

    assert run_command(session, "echo hello") == "hello\n"
    assert any("did not sign" in line for line in ssh_user.said)


def test_only_named_keys_of_the_agent_are_offered_where_that_is_wanted(
    ssh_user, ssh_server, ssh_agent, tmp_path
):
    for number in range(8):  # more than the host takes
        ssh_agent.add(make_key(tmp_path / f"other{number}"))
    ssh_agent.add(ssh_server.key)
    ssh_user.use_agent(ssh_agent)
    ssh_user.config.write_text(f"IdentitiesOnly yes\nIdentityFile {ssh_server.key}\n")
    ssh_user.knows(ssh_server)

    session = ssh_user.session(ssh_user.remote(ssh_server, private_key=None))

    assert run_command(session, "echo hello") == "hello\n"
    assert sum(line.startswith("Offering") for line in ssh_user.said) == 1


def test_too_many_keys_are_told(ssh_user, ssh_server, ssh_agent, tmp_path):
    for number in range(8):
        ssh_agent.add(make_key(tmp_path / f"other{number}"))
    ssh_user.use_agent(ssh_agent)
    ssh_user.knows(ssh_server)

    with pytest.raises(AuthenticationFailed, match="too many attempts") as caught:
        ssh_user.session(ssh_user.remote(ssh_server, private_key=None)).connection(go_on)

    assert "Name the right key" in caught.value.hint


# Passwords


def by_password(user, account):
    return user.remote(account.server, private_key=None, user=account.name)


def test_a_password_is_asked_until_it_is_right(ssh_user, account):
    ssh_user.knows(account.server)
    ssh_user.answers.passwords = ["wrong", account.password]
    session = ssh_user.session(by_password(ssh_user, account))

    assert run_command(session, "id -un") == f"{account.name}\n"
    login = f"{account.name}@127.0.0.1"
    assert ssh_user.answers.asked == [
        PasswordQuestion("box", login, 1),
        PasswordQuestion("box", login, 2),
    ]


def test_a_password_that_was_wrong_three_times_ends_the_login(ssh_user, account):
    ssh_user.knows(account.server)
    ssh_user.answers.passwords = ["a", "b", "c", account.password]

    with pytest.raises(AuthenticationFailed, match="the host refused 3 passwords"):
        ssh_user.session(by_password(ssh_user, account)).connection(go_on)

    assert ssh_user.answers.passwords == [account.password]


def test_a_password_is_kept_for_the_next_connection(ssh_user, account):
    ssh_user.knows(account.server)
    ssh_user.answers.passwords = [account.password]
    session = ssh_user.session(by_password(ssh_user, account))
    session.connection(go_on)

    session.close()

    assert run_command(session, "echo again") == "again\n"


def test_a_person_who_gives_no_password_ends_the_login(ssh_user, account):
    ssh_user.knows(account.server)

    with pytest.raises(AnswerNeeded, match="no password was given"):
        ssh_user.session(by_password(ssh_user, account)).connection(go_on)


def test_a_password_that_pam_asks_for_is_a_password(
    ssh_user, account_name, open_dir, start_ssh_server
):
    name, password = account_name
    server = start_ssh_server(open_dir, lines=("UsePAM yes", "KbdInteractiveAuthentication yes"))
    ssh_user.knows(server)
    ssh_user.answers.passwords = ["wrong", password]

    session = ssh_user.session(ssh_user.remote(server, private_key=None, user=name))

    assert run_command(session, "id -un") == f"{name}\n"
    assert [type(question) for question in ssh_user.answers.asked] == [PasswordQuestion] * 2


def test_without_a_terminal_a_password_is_an_error_that_says_what_to_do(ssh_user, account):
    ssh_user.knows(account.server)
    session = Session(
        by_password(ssh_user, account), Nobody(), local=ssh_user.local, secrets=NoSecrets()
    )

    with pytest.raises(AnswerNeeded, match="wants a password") as caught:
        session.connection(go_on)

    assert "ssh-copy-id" in caught.value.hint


def test_a_password_goes_to_the_keyring_only_on_request(ssh_user, account):
    class Kept(dict):
        read = dict.get
        write = dict.__setitem__

    ssh_user.knows(account.server)
    kept = Kept()
    ssh_user.answers = Answers(passwords=[account.password, account.password], keep=False)
    ssh_user.session(by_password(ssh_user, account), secrets=kept).connection(go_on)
    assert kept == {}
    ssh_user.answers.keep = True
    ssh_user.session(by_password(ssh_user, account), secrets=kept).connection(go_on)
    assert kept == {f"{account.name}@127.0.0.1": account.password}

    session = ssh_user.session(by_password(ssh_user, account), secrets=kept)

    assert run_command(session, "echo hello") == "hello\n"
    assert len(ssh_user.answers.asked) == 2


def arguments(process):
    """What a process was started with; nothing where it has ended since."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def test_no_secret_is_in_a_log_a_message_or_a_list_of_arguments(ssh_user, account, caplog):
    caplog.set_level(logging.DEBUG)
    ssh_user.knows(account.server)
    ssh_user.answers.passwords = [
        f"not-{account.password}",
        account.password,
        *[account.password] * 3,
    ]
    session = ssh_user.session(by_password(ssh_user, account))
    session.connection(go_on)

    other = ssh_user.session(ssh_user.remote(account.server, private_key=None, user="nobody-here"))
    with pytest.raises(AuthenticationFailed) as caught:
        other.connection(go_on)

    everything = (
        *ssh_user.said,
        caplog.text,
        str(caught.value),
        caught.value.hint,
        repr(caught.value.__cause__),
        repr(ssh_user.answers.asked),
        repr(session),
        *map(arguments, account.server.sessions()),
    )
    assert len(caplog.text) > 1000
    assert not any(account.password in text for text in everything)


# What a host asks


def test_a_second_factor_is_asked_as_the_host_words_it(ssh_user, start_odd_server):
    server = start_odd_server(
        lambda: OddInterface(
            [("Duo", "1. Phone\n2. Push", [("Passcode or option: ", True), ("PIN: ", False)])],
            [["2", "1234"]],
        )
    )
    ssh_user.known_hosts.write_text(server.known_line())
    ssh_user.answers.prompts = [["2", "1234"]]
    session = ssh_user.session(ssh_user.remote(server))

    assert session.connection(go_on).is_alive
    assert ssh_user.answers.asked == [
        PromptsQuestion(
            "box",
            "somebody@127.0.0.1",
            "Duo",
            "1. Phone\n2. Push",
            (Prompt("Passcode or option:", True), Prompt("PIN:", False)),
        )
    ]


def test_a_key_and_then_a_code_log_in(ssh_user, start_odd_server):
    server = start_odd_server(lambda: OddInterface([CODE], [["123456"]], "publickey"))
    ssh_user.known_hosts.write_text(server.known_line())
    ssh_user.answers.prompts = [["123456"]]

    session = ssh_user.session(ssh_user.remote(server))

    assert session.connection(go_on).is_alive
    assert "Accepted, and more is wanted: keyboard-interactive." in ssh_user.said


def test_a_password_and_then_a_code_are_asked_in_turn(ssh_user, start_odd_server):
    server = start_odd_server(lambda: OddInterface([PASSWORD, CODE], [["secret"], ["123456"]]))
    ssh_user.known_hosts.write_text(server.known_line())
    ssh_user.answers.passwords = ["secret"]
    ssh_user.answers.prompts = [["123456"]]

    session = ssh_user.session(ssh_user.remote(server))

    assert session.connection(go_on).is_alive
    assert [type(question) for question in ssh_user.answers.asked] == [
        PasswordQuestion,
        PromptsQuestion,
    ]


def test_a_code_is_asked_again_for_the_next_connection(ssh_user, start_odd_server):
    server = start_odd_server(lambda: OddInterface([CODE], [["123456"]]))
    ssh_user.known_hosts.write_text(server.known_line())
    ssh_user.answers.prompts = [["123456"], ["123456"]]
    session = ssh_user.session(ssh_user.remote(server))
    session.connection(go_on)

    session.close()
    session.connection(go_on)

    assert ssh_user.answers.prompts == []


def test_a_code_that_was_wrong_three_times_ends_the_login(ssh_user, start_odd_server):
    server = start_odd_server(lambda: OddInterface([CODE], [["123456"]]))
    ssh_user.known_hosts.write_text(server.known_line())
    ssh_user.answers.prompts = [["1"], ["2"], ["3"], ["4"]]

    with pytest.raises(AuthenticationFailed, match="the host refused 3 answers"):
        ssh_user.session(ssh_user.remote(server)).connection(go_on)

    assert [question.attempt for question in ssh_user.answers.asked] == [1, 2, 3]


def test_a_question_is_asked_on_the_thread_of_the_job(ssh_user, start_odd_server):
    server = start_odd_server(lambda: OddInterface([CODE], [["123456"]]))
    ssh_user.known_hosts.write_text(server.known_line())
    threads = []

    class Noting(Answers):
        def answer_prompts(self, question, check):
            threads.append(threading.current_thread())
            return super().answer_prompts(question, check)

    ssh_user.answers = Noting(prompts=[["123456"]])

    ssh_user.session(ssh_user.remote(server)).connection(go_on)

    assert threads == [threading.current_thread()]


def test_cancelling_ends_a_login_that_waits_for_an_answer(ssh_user, start_odd_server):
    server = start_odd_server(lambda: OddInterface([CODE], [["123456"]]))
    ssh_user.known_hosts.write_text(server.known_line())

    class Cancelling(Answers):
        def answer_prompts(self, question, check):
            raise Cancelled

    ssh_user.answers = Cancelling()
    session = ssh_user.session(ssh_user.remote(server))

    with pytest.raises(Cancelled):
        session.connection(go_on)

    assert not session.is_connected


def test_tricks_in_what_a_host_asks_are_taken_out(ssh_user, start_odd_server):
    trick = ("\x1b[2Jtitle", "line\x07\nsecond", [("\x1b]0;evil\x07Code\u202e: ", False)])
    server = start_odd_server(lambda: OddInterface([trick], [["1"]]))
    ssh_user.known_hosts.write_text(server.known_line())
    ssh_user.answers.prompts = [["1"]]

    ssh_user.session(ssh_user.remote(server)).connection(go_on)

    question = ssh_user.answers.asked[0]
    assert question.title == "[2Jtitle"
    assert question.text == "line\nsecond"
    assert question.prompts == (Prompt("]0;evilCode:", False),)


def test_a_host_that_asks_a_hundred_things_is_refused(ssh_user, start_odd_server):
    flood = ("", "", [(f"{number}?", True) for number in range(100)])
    server = start_odd_server(lambda: OddInterface([flood], [["1"]]))
    ssh_user.known_hosts.write_text(server.known_line())

    with pytest.raises(RemoteUnreachable, match="asks 100 questions at once"):
        ssh_user.session(ssh_user.remote(server)).connection(go_on)
