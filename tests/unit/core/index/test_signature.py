from __future__ import annotations

import os
import shutil

import pytest

from core.index.signature import find_changed, sign
from tests.support.runs import make_run

NAMES = "comments\nlabel\ntags"
ATTRS = {"label": "one", "tags": "- a", "comments": "[]"}


def unlink(*parts):
    return lambda run: run.joinpath(*parts).unlink()


def edit_started(run):
    """As editors do: a new file in place of the old one."""
    (run / ".guild/attrs/started~").write_text("2")
    (run / ".guild/attrs/started~").replace(run / ".guild/attrs/started")


def become_dead_link(run):
    shutil.rmtree(run)
    run.symlink_to("nowhere")


CHANGES = {
    "label in place": lambda run: (run / ".guild/attrs/label").write_text("two"),
    "tags in place": lambda run: (run / ".guild/attrs/tags").write_text("- b"),
    "comments in place": lambda run: (run / ".guild/attrs/comments").write_text("[{}]"),
    "started by an editor": edit_started,
    "attributes touched": lambda run: (run / ".guild/attrs").touch(),
    "label gone": unlink(".guild", "attrs", "label"),
    "marker": lambda run: (run / ".guild/STAGED").touch(),
    "attributes gone": lambda run: shutil.rmtree(run / ".guild/attrs"),
    "gone": shutil.rmtree,
    "dead link": become_dead_link,
}


@pytest.fixture(params=["relative", "absolute"])
def way(request, monkeypatch):
    """Files are found from the runs directory, or from the root on some systems."""
    if request.param == "absolute":
        monkeypatch.setattr(os, "supports_dir_fd", set())


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_is_found_and_nothing_else(tmp_path, way, change):
    for name in ("still", "moved"):
        make_run(tmp_path, name, attrs=ATTRS)
    looks = [
        (number, name, NAMES, 0, sign(f"{tmp_path}/{name}", NAMES)[0])
        for number, name in enumerate(["still", "moved"])
    ]

    change(tmp_path / "moved")

    assert find_changed(str(tmp_path), looks) == [1]


def test_what_stays_missing_is_no_change(tmp_path, way):
    become_dead_link(make_run(tmp_path, "dead"))
    shutil.rmtree(make_run(tmp_path, "bare") / ".guild" / "attrs")
    looks = [
        (number, name, None, 0, sign(f"{tmp_path}/{name}", None)[0])
        for number, name in enumerate(["dead", "bare", "gone"])
    ]

    assert find_changed(str(tmp_path), looks) == []
    assert find_changed(str(tmp_path / "gone"), looks[:1]) == [0]
