from __future__ import annotations

import pytest

from gui.remotes.where_text import far_text, where_sign, where_text


@pytest.mark.parametrize(
    ("relations", "text"),
    [
        ({}, "here"),
        ({"gpu1": "same"}, "here, gpu1"),
        ({"gpu1": "same", "cluster": "same"}, "here, gpu1, cluster"),
        ({"gpu1": "newer-here"}, "newer here, gpu1"),
        ({"gpu1": "same", "cluster": "newer-there"}, "here, newer on cluster"),
        ({"gpu1": "differs", "cluster": "newer-there"}, "here, differs on gpu1"),
    ],
)
def test_a_run_says_where_it_is_by_what_needs_attention_most(relations, text):
    assert where_text(relations) == text


def test_each_state_has_a_sign_of_its_own():
    texts = [
        "here", far_text(["gpu1"]), where_text({"a": "same"}), where_text({"a": "newer-here"}),
        where_text({"a": "newer-there"}), where_text({"a": "differs"}),
        where_text({}, is_copying=True),
    ]  # fmt: skip

    assert len({where_sign(text)[0] for text in texts}) == len(texts)


def test_a_run_that_is_copied_says_only_that():
    assert where_text({"a": "differs"}, is_copying=True) == "copying"
    assert far_text(["a"], is_copying=True) == "copying"


def test_a_run_that_is_not_here_names_every_remote_that_has_it():
    assert far_text(["gpu1"]) == "on gpu1"
    assert far_text(["plain", "gpu1"]) == "on plain, gpu1"
