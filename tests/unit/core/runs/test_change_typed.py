from __future__ import annotations

import pytest

from core.runs.change import apply
from core.runs.change_typed import TypeLabel
from core.runs.store import Store
from tests.support.runs import make_run

RUN = "a" * 32


def typed(tmp_path, text, expected):
    return apply(Store(tmp_path), [RUN], TypeLabel(text, expected), advance=lambda _: None)


def label(tmp_path):
    return Store(tmp_path).read(RUN, None).label


def test_what_was_typed_stands_letter_by_letter(tmp_path):
    make_run(tmp_path, RUN, attrs={"label": "old", "flags": "lr: 0.1"})

    typed(tmp_path, " ${lr} 'x' Größe 🎉 ", "old")

    assert label(tmp_path) == "${lr} 'x' Größe 🎉"


def test_an_empty_text_clears_the_label(tmp_path):
    run_dir = make_run(tmp_path, RUN, attrs={"label": "old"})

    typed(tmp_path, "  ", "old")

    assert not (run_dir / ".guild/attrs/label").exists()


def test_a_label_that_became_another_one_meanwhile_stays(tmp_path):
    make_run(tmp_path, RUN, attrs={"label": "newer"})

    outcome = typed(tmp_path, "mine", "old")

    assert "“\u2068newer\u2069” now" in outcome.refused[0].reason
    assert label(tmp_path) == "newer"


def test_a_label_that_was_cleared_meanwhile_is_told_so(tmp_path):
    make_run(tmp_path, RUN)

    outcome = typed(tmp_path, "mine", "old")

    assert "was cleared" in outcome.refused[0].reason


def test_the_same_label_from_elsewhere_is_no_conflict(tmp_path):
    make_run(tmp_path, RUN, attrs={"label": "mine"})

    outcome = typed(tmp_path, "mine", "old")

    assert outcome.refused == ()
    assert outcome.unchanged == (RUN,)


@pytest.mark.parametrize(("stored", "seen"), [("5", "5"), ("1.0e-07", "1e-07"), ("true", "yes")])
def test_a_label_that_is_no_text_is_known_by_what_is_shown_of_it(tmp_path, stored, seen):
    make_run(tmp_path, RUN, attrs={"label": stored})
    assert Store(tmp_path).read(RUN, None).label == seen

    outcome = typed(tmp_path, "mine", seen)

    assert outcome.refused == ()
    assert label(tmp_path) == "mine"


def test_a_damaged_label_is_not_written_over(tmp_path):
    make_run(tmp_path, RUN, attrs={"label": "{"})

    outcome = typed(tmp_path, "mine", "")

    assert "label" in outcome.refused[0].reason
    assert (tmp_path / RUN / ".guild/attrs/label").read_text() == "{\n"
