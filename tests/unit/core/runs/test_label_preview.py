from __future__ import annotations

import shutil

import pytest

from core.errors import Error
from core.runs import label_preview
from core.runs.change import AppendLabel, ChangeTags, ClearLabel, ResetLabel, SetLabel, apply
from core.runs.label_preview import FRESH_SECONDS, LabelPreviews
from core.runs.store import Store
from tests.support.runs import make_run

RUN = "a" * 32
CHANGES = [
    SetLabel("lr ${lr|%.2f} ${label} ${none}"),
    AppendLabel("${default_label}"),
    ClearLabel(),
    ResetLabel(),
]


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def previews(tmp_path, clock):
    return LabelPreviews(Store(tmp_path), clock)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: type(change).__name__)
def test_what_is_foretold_is_what_is_written(tmp_path, previews, change):
    make_run(tmp_path, RUN, attrs={"label": "old", "flags": "lr: 0.125\nopt: sgd"})
    before, after = previews.of(RUN, change)

    apply(Store(tmp_path), [RUN], change, advance=lambda _: None)

    assert before == "old"
    assert after == Store(tmp_path).read(RUN, None).label


def test_a_run_is_read_once_for_many_letters(tmp_path, previews):
    make_run(tmp_path, RUN, attrs={"label": "old"})
    assert previews.of(RUN, SetLabel("a")) == ("old", "a")
    shutil.rmtree(tmp_path / RUN)

    previews.begin()

    assert previews.of(RUN, SetLabel("ab")) == ("old", "ab")


def test_what_was_read_is_forgotten_after_some_seconds(tmp_path, previews, clock):
    run_dir = make_run(tmp_path, RUN, attrs={"label": "old"})
    previews.of(RUN, SetLabel("a"))
    (run_dir / ".guild/attrs/label").write_text("newer\n")

    clock.now += FRESH_SECONDS + 1
    previews.begin()

    assert previews.of(RUN, SetLabel("a")) == ("newer", "a")


def test_a_run_that_is_not_there_says_so_each_time(previews):
    for _ in range(2):
        with pytest.raises(Error, match="not there any more"):
            previews.of(RUN, SetLabel("a"))


def test_a_damaged_attribute_refuses_only_what_needs_it(tmp_path, previews):
    make_run(tmp_path, RUN, attrs={"label": "{", "flags": "lr: 1"})

    assert previews.of(RUN, SetLabel("a")) == ("{", "a")
    with pytest.raises(Error, match="label"):
        previews.of(RUN, AppendLabel("a"))


def test_a_change_of_something_else_is_not_guessed(tmp_path, previews):
    make_run(tmp_path, RUN)

    with pytest.raises(Error, match="tags"):
        previews.of(RUN, ChangeTags(add=("a",)))


def test_labels_too_large_to_keep_are_read_each_time(tmp_path, previews, monkeypatch):
    monkeypatch.setattr(label_preview, "MOST_BYTES", 10)
    run_dir = make_run(tmp_path, RUN, attrs={"label": "x" * 20})
    previews.of(RUN, SetLabel("a"))
    (run_dir / ".guild/attrs/label").write_text("y\n")

    assert previews.of(RUN, SetLabel("a")) == ("y", "a")
