"""Whatever a run holds, in whatever order: nothing is lost, and nothing else goes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from core.home import Home
from core.runs.disk_size import disk_size
from core.runs.erase import erase
from core.runs.purge import finish, purge
from core.runs.related import related
from core.runs.trash import delete, restore
from core.runs.tree_copy import copy_tree
from tests.support.runs import make_run
from tests.support.trees import tree

IDS = [letter * 32 for letter in "abc"]
names = st.binary(min_size=1, max_size=12).filter(
    lambda name: (
        not {b"/", b"\0"} & {name[i : i + 1] for i in range(len(name))}
        and name not in (b".", b"..")
    )
)
leaves = st.one_of(
    st.binary(max_size=50),
    st.sampled_from(["link:..", "link:/nowhere", "link:.", "link:../../outside"]),
)
trees = st.recursive(leaves, lambda inner: st.dictionaries(names, inner, max_size=4), max_leaves=12)
roots = st.dictionaries(names, trees, max_size=5)


def build(top: Path, content):
    top.mkdir(parents=True, exist_ok=True)
    for name, inner in content.items():
        path = top / os.fsdecode(name)
        if isinstance(inner, dict):
            build(path, inner)
        elif isinstance(inner, str):
            path.symlink_to(inner.removeprefix("link:"))
        else:
            path.write_bytes(inner)


@given(roots)
def test_erasing_takes_everything_below_and_nothing_else(content):
    with tempfile.TemporaryDirectory() as directory:
        base = Path(directory)
        build(base / "outside", {b"kept": b"1", b"deep": {b"er": b"2"}})
        build(base / "runs" / "run", content)
        size = disk_size(base / "runs" / "run").bytes
        before = tree(base / "outside")

        freed = erase(base / "runs" / "run")

        assert freed == size
        assert list((base / "runs").iterdir()) == []
        assert tree(base / "outside") == before


@given(roots)
def test_a_copy_holds_what_the_original_holds(content):
    with tempfile.TemporaryDirectory() as directory:
        base = Path(directory)
        build(base / "run", content)
        (base / "copy").mkdir()

        copy_tree(base / "run", base / "copy", lambda: None)

        assert tree(base / "copy") == tree(base / "run")


steps = st.lists(
    st.tuples(
        st.sampled_from(["delete", "restore", "purge", "make"]),
        st.lists(st.sampled_from(IDS), min_size=1, max_size=3),
    ),
    max_size=12,
)


@settings(max_examples=60)
@given(steps)
def test_any_sequence_keeps_every_run_that_was_not_purged(sequence):
    with tempfile.TemporaryDirectory() as directory:
        home = Home(Path(directory))
        made = purged = 0
        for number, (what, ids) in enumerate(sequence):
            if what == "delete":
                delete(home, ids)
            elif what == "restore":
                restore(home, ids)
            elif what == "purge":
                purged += len(purge(home, ids, from_trash=True).removed)
            elif not (home.runs_dir / ids[0]).exists():
                attrs = {"id": ids[0], "label": str(number)}
                make_run(home.runs_dir, ids[0], attrs=attrs)
                made += 1
        finish(home)

        places = [place for place in (home.runs_dir, home.trash_dir) if place.exists()]
        left = [run for place in places for run in place.iterdir()]
        labels = [(run / ".guild" / "attrs" / "label").read_text() for run in left]
        assert len(left) == made - purged
        assert len(set(labels)) == len(labels)


class _Linked:
    def __init__(self, run_id, links):
        self.id = run_id
        self.links = tuple((f"to {target}", target) for target in links)


graphs = st.dictionaries(
    st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"), max_size=4)
)


@given(graphs, st.sets(st.sampled_from("abcdefgh"), min_size=1, max_size=3))
def test_related_runs_belong_to_nobody_else(graph, ids):
    found = related([_Linked(run_id, links) for run_id, links in graph.items()], ids)

    inside = ids | set(found.own)
    assert not set(found.own) & ids
    assert not set(found.own) & set(found.shared)
    assert set(found.own) | set(found.shared) <= set(graph)
    for run_id, links in graph.items():
        if run_id not in inside:
            assert not set(links) & set(found.own)
    reachable = {target for run_id in inside for target in graph.get(run_id, ())} & set(graph)
    assert set(found.own) <= reachable
    assert reachable - inside <= set(found.shared)
