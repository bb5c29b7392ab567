"""A server that lies costs a sentence: nothing outside of staging, nothing half, no waiting."""

import io
import sys
import tarfile
from pathlib import Path

import pytest

from core.errors import Error
from tests.support.ssh_server import make_programs
from tests.support.trees import tree
from tests.support.two_homes import content, make_full_run

A = "a" * 32


def runs_of(homes):
    return [p.name for p in homes.here.runs_dir.iterdir()]


def outside_of_homes(tmp_path):
    """Everything that a trick would have to touch."""
    return {
        path: facts
        for path, facts in tree(tmp_path).items()
        if not path.startswith(("here", "sshd", "state"))
    }


def said(call) -> str:
    """What a transfer says of why it does not work."""
    try:
        outcome = call()
    except Error as e:
        return str(e)
    return " ".join(refusal.reason for refusal in outcome.refused)


@pytest.mark.parametrize(
    "lie",
    [
        *("endless-names", "path-names", "slash-names", "endless-depth", "huge-size"),
        *("too-much-data", "less-data", "garbage", "wrong-numbers", "early-end"),
    ],
)
def test_an_sftp_server_that_lies_is_not_believed(make_two_homes, tmp_path, lie):
    script = Path(__file__).parents[1] / "support" / "evil_sftp.py"
    command = f"{sys.executable} {script} {lie}"
    homes = make_two_homes(lines=(f"Subsystem sftp {command}",), without=("tar", "find"))
    (tmp_path / "evil").write_text("here before")
    before = outside_of_homes(tmp_path)

    sentence = said(lambda: homes.pull())

    assert sentence
    assert "Traceback" not in sentence
    assert runs_of(homes) == []
    assert outside_of_homes(tmp_path) == before


def hostile_tar(tmp_path) -> Path:
    """A tar with every trick in it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for trick in ("../../evil", "/evil", f"{A}/../evil", f"{'b' * 32}/file"):
            info = tarfile.TarInfo(trick)
            info.size = 4
            tar.addfile(info, io.BytesIO(b"evil"))
        link = tarfile.TarInfo(f"./{A}/model.bin")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
        device = tarfile.TarInfo(f"./{A}/.guild/opref")
        device.type = tarfile.CHRTYPE
        tar.addfile(device)
    path = tmp_path / "hostile.tar"
    path.write_bytes(buffer.getvalue())
    return path


def test_a_tar_with_tricks_in_it_writes_nothing_that_was_not_asked_for(make_two_homes, tmp_path):
    folder = make_programs(
        tmp_path / "programs",
        ["tar"],
        f'case "$*" in *cf*) cat > /dev/null; cat {hostile_tar(tmp_path)};; *) exit 0;; esac',
    )
    homes = make_two_homes(first_on_path=folder)
    far = make_full_run(homes.there.runs_dir, A)
    before = outside_of_homes(tmp_path)

    homes.pull()

    # What did not come as it was asked for came by SFTP, which does not lie here.
    assert runs_of(homes) == [A]
    assert content(homes.here.runs_dir / A) == content(far)
    assert outside_of_homes(tmp_path) == before


@pytest.mark.parametrize(
    "script",
    [
        # Without an end as far as anybody waits for it; a test that is killed leaves none for ever.
        "cat > /dev/null; yes | head -c 3000000000",
        "cat > /dev/null; head -c 3000000000 /dev/zero | tr '\\0' x",
        "cat > /dev/null; yes complaint | head -c 300000000 >&2",
    ],
)
def test_a_tar_that_is_none_ends_in_a_sentence(make_two_homes, tmp_path, script):
    of_probe = 'case "$(head -c 9)" in /dev/null) exit 0;; esac'
    folder = make_programs(tmp_path / "programs", ["tar"], f"{of_probe}; {script}")
    homes = make_two_homes(first_on_path=folder)
    make_full_run(homes.there.runs_dir, A)

    assert said(lambda: homes.pull())
    assert runs_of(homes) == []


def test_a_listing_of_other_files_than_were_asked_for_is_not_believed(make_two_homes, tmp_path):
    script = (
        'case "$*" in "/dev/null "*) printf "yes ";;'
        f" *) printf 'd\\000%s\\000755\\0001.0\\000./{A}\\000\\000' 40;"
        f" printf 'f\\000%s\\000644\\0001.0\\000./{A}/.guild/opref\\000\\000' 4;"
        f" printf 'f\\000%s\\000644\\0001.0\\000./{A}/../../evil\\000\\000' 4;; esac"
    )
    homes = make_two_homes(first_on_path=make_programs(tmp_path / "programs", ["find"], script))
    make_full_run(homes.there.runs_dir, A)

    assert "leads upwards" in said(lambda: homes.pull(A))
    assert runs_of(homes) == []


def test_values_with_shell_signs_are_never_understood_by_a_shell(make_two_homes, tmp_path):
    homes = make_two_homes()
    trap = tmp_path / "trapped"
    odd = f"it's $(touch {trap}) `touch {trap}`; touch {trap}"
    far = homes.server.login / odd / "runs"
    make_full_run(far, A, **{f"$(touch {trap.name})": b"x"})
    homes.__class__ = type("Odd", (homes.__class__,), {"path": property(lambda self: odd)})

    outcome = homes.pull()

    assert outcome.new == (A,)
    assert not trap.exists()
    assert homes.push(A).refused == ()
