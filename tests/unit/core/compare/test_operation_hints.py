import os

import pytest

from core.compare.operation_hints import (
    MOST_BYTES,
    NO_HINTS,
    OperationHints,
    ProjectHints,
    compare_of,
    objective_of,
)

MODELS = """\
- config: base
  params: {best: min loss, name: top}
  operation-defaults:
    compare: [=lr]
    objective: loss
  operations:
    evaluate: {compare: ["{{ best }} as {{name}}", "{{unknown}}"]}
- model: m
  extends: base
  operations:
    train: {main: train}
    other:
      objective: {maximize: acc}
      compare: acc
    script: train.py
- model: loop
  extends: [loop, nowhere]
  operations: {train: {compare: [a]}}
- operations:
    bare: {compare: [b]}
- package: p
- not an item
"""


@pytest.fixture
def project(tmp_path):
    """Asks for an operation of a project file of the given text."""

    def ask(text, operation, file="guild.yml", name=None):
        path = tmp_path / file
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return ProjectHints().of(f"guildfile:{name or path} 0 {operation}")

    return ask


@pytest.mark.parametrize(
    ("operation", "hints"),
    [
        ("m train", OperationHints(("=lr",), "loss")),
        ("m other", OperationHints(("acc",), "-acc")),
        ("m evaluate", OperationHints(("min loss as top", "{{unknown}}"), "loss")),
        ("m script", OperationHints(("=lr",), "loss")),
        ("m missing", NO_HINTS),
        ("n train", NO_HINTS),
        ("base train", NO_HINTS),
        ("loop train", OperationHints(("a",))),
        ("'' bare", OperationHints(("b",))),
    ],
)
def test_models_say_what_they_and_their_parents_say(project, operation, hints):
    assert project(MODELS, operation) == hints


def test_operations_without_a_model_are_found(project):
    assert project("train: {compare: [loss, acc]}", "'' train").compare == ("loss", "acc")


def test_older_runs_name_the_directory(project, tmp_path):
    assert project("train: {compare: [x]}", "'' train", name=tmp_path).compare == ("x",)


def test_a_link_to_the_project_file_is_followed(project, tmp_path):
    (tmp_path / "link.yml").symlink_to("guild.yml")

    assert project("train: {compare: [x]}", "'' train", name=tmp_path / "link.yml").compare == (
        "x",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "- 1\n- [2]\n",
        "just a text",
        b"\xff\xfe",
        "train: 3",
        "train: [1]",
        "- model: ''\n  operations: [train]\n",
        "- model: ''\n  operations: {train: {compare: {a: 1}, objective: [x]}}\n",
        "- model: ''\n  extends: 5\n  operations: {}\n",
        "&a [*a]",
        "x: " + "[" * 5000,
        "# " + "x" * MOST_BYTES,
    ],
)
def test_a_damaged_project_file_says_nothing(project, text):
    assert project(text, "'' train") == NO_HINTS


def test_no_file_a_directory_or_a_pipe_says_nothing(tmp_path):
    os.mkfifo(tmp_path / "pipe.yml")
    (tmp_path / "dir.yml").mkdir()

    for name in ("none.yml", "pipe.yml", "dir.yml"):
        assert ProjectHints().of(f"guildfile:{tmp_path}/{name} 0 '' train") == NO_HINTS


@pytest.mark.parametrize(
    "opref",
    [None, "", "nonsense", "script:/p '' '' train.py", "guildfile:guild.yml 0 '' train"],
)
def test_other_runs_have_no_project_file(opref):
    assert ProjectHints().of(opref) == NO_HINTS


def test_a_file_is_read_once(project, tmp_path):
    hints = ProjectHints()
    (tmp_path / "guild.yml").write_text("a: {compare: [x]}\nb: {compare: [y]}\n")
    opref = f"guildfile:{tmp_path}/guild.yml 0 ''"
    first = hints.of(f"{opref} a")
    (tmp_path / "guild.yml").unlink()

    assert hints.of(f"{opref} a") == first
    assert hints.of(f"{opref} b").compare == ("y",)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("a", ("a",)),
        (["a", 1, None, {}], ("a", "1")),
        ([], ()),
        ({}, None),
        (3, None),
    ],
)
def test_what_compare_may_be(value, expected):
    assert compare_of(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("loss", "loss"),
        ("-acc", "-acc"),
        ({"minimize": "loss"}, "loss"),
        ({"maximize": "acc"}, "-acc"),
        ({"other": "x"}, ""),
        (None, ""),
        (["loss"], ""),
    ],
)
def test_what_an_objective_may_be(value, expected):
    assert objective_of(value) == expected
