"""Work that is shared out between this process and a helper beside it."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import time

from core.archives.side_process import Helper, answer_all, may_fork, share_out

PIECES = [[str(n)] for n in range(40)]


def serve(asking, answering):
    answer_all(asking, answering, lambda ids: f"there {ids[0]}")


def here(ids):
    time.sleep(0.02)
    return f"here {ids[0]}"


helpers = []


def make():
    helpers.append(Helper(serve))
    return helpers[-1]


assert may_fork()
found, asked = [], []
for ids, answer in share_out(PIECES, make, str, here):
    found.append((ids, answer))
    if answer.startswith("there"):
        asked.append(helpers[0].asked)
found.sort(key=lambda each: int(each[0][0]))
assert [ids for ids, _ in found] == PIECES
assert all(answer.split()[1] == ids[0] for ids, answer in found)
assert any(answer.startswith("here") for _, answer in found)
print(asked)
"""


def test_a_helper_is_asked_again_before_its_answer_is_dealt_with():
    """Else it has nothing to do while what it answered is written and the next piece is done."""
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)

    assert done.stderr == ""
    asked = [int(number) for number in done.stdout.strip(" []\n").split(",")]
    assert asked[0] == 2
    assert asked[-1] == 0
