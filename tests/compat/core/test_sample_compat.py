"""Real Guild reads a sample store without a complaint, and sees in it what was put there."""

from __future__ import annotations

import csv
import io
import json
import os
from collections import Counter

import pytest

from core.sample import make_sample_store
from core.samples.guild_yaml import dump, dump_list, dump_map, dump_text
from core.samples.words import COMMENTS, LABELS, SPECIES, TAGS

RUNS = 150


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("sample")
    make_sample_store(home, runs=RUNS, seed=1, running_pid=os.getpid())
    return home


@pytest.fixture(scope="module")
def listed(peer, home):
    """Id to what Guild lists of a run."""
    return {run["id"]: run for run in peer.json(home, "runs", "--json")}


def complaints(done) -> str:
    """What Guild wrote on stderr, but for a remark about its own options."""
    return done.stderr.replace("--json option always shows all runs\n", "")


def test_guild_lists_every_run(peer, home, listed):
    assert listed.keys() == {path.name for path in (home / "runs").iterdir()}
    assert complaints(peer.guild(home, "runs", "--json")) == ""


def test_guild_sees_every_status(listed):
    counts = Counter(run["status"] for run in listed.values())

    assert set(counts) == {"completed", "error", "terminated", "pending", "staged", "running"}
    assert counts["completed"] > RUNS / 2


def test_guild_lists_the_trash(peer, home):
    deleted = peer.json(home, "runs", "--deleted", "--json")

    assert {run["id"] for run in deleted} == {p.name for p in (home / "trash" / "runs").iterdir()}
    assert deleted


def test_guild_compares_flags_and_scalars(peer, home, listed):
    done = peer.guild(home, "compare", "--csv", "-")
    rows = {row["run"]: row for row in csv.DictReader(io.StringIO(done.stdout))}

    # A batch is not compared, its trials are.
    compared = {id_[:8] for id_ in listed if not (home / "runs" / id_ / ".guild/proto").exists()}
    assert rows.keys() == compared
    # A pipeline shows the scalars of its steps.
    rows = {id_: row for id_, row in rows.items() if row["operation"] != "birdsong:all"}
    trained = [row for row in rows.values() if row["loss"]]
    assert len(trained) > RUNS / 2
    assert [row for row in trained if not row["lr"]] == []
    assert {"256", "hann"} <= {row["window"] for row in rows.values()}
    assert "Traceback" not in done.stderr


def test_info_agrees_with_the_list(peer, home, listed):
    for run in list(listed.values())[:: RUNS // 12]:
        done = peer.guild(home, "runs", "info", "--json", run["id"])
        info = json.loads(done.stdout)

        assert info["id"] == run["id"]
        assert (info["label"] or "") == (run["label"] or "")
        assert info["status"].split(" ")[0] == run["status"]
        assert complaints(done) == ""


def test_guild_sees_the_trials_of_a_batch_as_its_scalars(peer, home):
    batch = next((home / "runs").glob("*/.guild/proto")).parents[1]

    info = peer.json(home, "runs", "info", "--json", "--all-scalars", batch.name)

    assert any("/.guild#loss" in key for key in info["scalars"])


VALUES = [
    *LABELS, *COMMENTS, *TAGS, *SPECIES, "", " ", "y", "n", "Y", "no", "null", "~", "1", "1e-05",
    "1e5", "0x1f", "1_000", "1:30", "2020-01-01", "-.5", ".5", "a: b", "a #b", "- a", "x" * 200,
    "word " * 60, "é " * 60, "tab\t" * 30, 0, 1, -1, 1.0, 0.1, 1e-5, 1e-07, 3e300, True, False,
    None, [], {}, [1, "a", None], {"n": 1, "a": {"b": [1, {"c": "y"}]}},
]  # fmt: skip


def test_values_are_written_as_guild_writes_them(peer):
    code = (
        "import json, sys\n"
        "from guild.run import Run\n"
        "import os, tempfile\n"
        "run = Run('x', tempfile.mkdtemp())\n"
        "os.makedirs(run.guild_path('attrs'))\n"
        "out = []\n"
        "for i, value in enumerate(json.loads(sys.argv[1])):\n"
        "    run.write_attr('a%d' % i, value)\n"
        "    out.append(open(run._attr_path('a%d' % i)).read())\n"
        "print(json.dumps(out))\n"
    )
    written = json.loads(peer.python(code, json.dumps(VALUES)).stdout)

    assert [dump(value) for value in VALUES] == written


def test_the_fast_forms_are_those_of_dump():
    words = [value for value in VALUES if isinstance(value, str) and len(value) < 40]

    assert dump_list(words) == dump(words)
    assert dump_list([]) == dump([])
    for value in VALUES:
        if not isinstance(value, list | dict) and len(str(value)) < 40:
            assert dump_text(value) == dump(value)
            assert dump_map({"n": value, "a": value}) == dump({"n": value, "a": value})
    assert dump_map({}) == dump({})
