"""A server that lies while its runs are listed costs a sentence, and no patience."""

import sys
from pathlib import Path

import pytest

from core.errors import RunNotFound
from remote.errors import RemoteError
from remote.remote_source import RemoteSource
from tests.support.runs import make_run

A = "a" * 32


def said(homes) -> str:
    """What a listing says of why it does not work; empty when it does."""
    source = None
    try:
        source = RemoteSource(homes.remote())
        for run_id in source.ids():
            try:
                assert source.run(run_id, brief=True).id == run_id
            except RunNotFound:
                continue
    except RemoteError as e:
        return str(e)
    finally:
        if source is not None:
            source.close()
    return ""


@pytest.mark.parametrize(
    ("lie", "sentence"),
    [
        ("endless-names", f"box lists {A} twice."),
        ("path-names", "box lists the name '../../evil', which is none."),
        ("slash-names", ""),
        ("huge-size", ""),
        ("too-much-data", ""),
        ("less-data", ""),
        ("garbage", "box sends no SFTP."),
        ("wrong-numbers", "box answers what was not asked."),
        ("early-end", "box ended its SFTP"),
    ],
)
def test_an_sftp_server_that_lies_is_not_believed(make_two_homes, lie, sentence):
    script = Path(__file__).parents[1] / "support" / "evil_sftp.py"
    command = f"{sys.executable} {script} {lie}"
    homes = make_two_homes(lines=(f"Subsystem sftp {command}",), without=("perl", "find"))

    found = said(homes)

    assert found.startswith(sentence)
    assert bool(found) == bool(sentence)


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ("yes", "box lists its runs as nobody asked."),
        ("yes | tr -d '\\n'", "box lists its runs as nobody asked."),
        ("echo a; echo 1", "box does not list its runs to the end."),
        ("echo a; echo 1; echo broken >&2", "box does not list its runs to the end (broken)."),
        ("printf 'a\\n-\\n, 0 0 %s\\n' '5 - -'", "box lists its runs as nobody asked."),
        (r"printf '../../evil\0/etc\0.hidden\n-\n-\n-\n-\n'", ""),
        ("yes 0 | tr '\\n' '\\0'", "box lists its runs as nobody asked."),
    ],
)
def test_a_perl_that_lies_is_not_believed(make_two_homes, tmp_path, script, sentence):
    folder = tmp_path / "programs"
    folder.mkdir()
    path = folder / "perl"
    path.write_text(f'#!/bin/sh\ncase "$*" in *"7 * 6"*) echo 42; exit ;; esac\n{script}\n')
    path.chmod(0o755)
    homes = make_two_homes(first_on_path=folder)
    make_run(homes.there.runs_dir, A)

    assert said(homes) == sentence
