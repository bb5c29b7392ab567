"""A change of one remote touches its own lines, whatever else the configuration is made of."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from remote.config import RemoteList

KEYS = ("host", "user", "description", "guild-home", "conda-env")
NAMES = ("gpu1", "gpu2", "lab")
WORDS = st.sampled_from(
    ["h", "a b", "x: y", "# no comment", "0e1", "yes", "'", "é☃", "a\\b", "{", "-"]
)
VALUES = st.one_of(WORDS, st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
ASIDE = st.lists(
    st.sampled_from(["", "# a word", "    # deeper", "  # on the next one"]), max_size=2
)
STYLES = st.sampled_from(["plain", "quoted", "block", "list", "flow"])


@st.composite
def configs(draw) -> list[str]:
    """The lines of a configuration as people write them."""
    lines = [*draw(ASIDE), "remotes: # all"]
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True)):
        step = draw(st.sampled_from([2, 4]))
        lines += [*draw(ASIDE), f"  {name}:", f"{' ' * (2 + step)}type: other"]
        for key in draw(st.lists(st.sampled_from(KEYS), unique=True)):
            lines += [*draw(ASIDE), *draw(written(f"{' ' * (2 + step)}{key}:"))]
    return [*lines, *draw(ASIDE), *draw(st.sampled_from([[], ["config:", "  pool: {x: 1}"]]))]


@st.composite
def written(draw, head: str) -> list[str]:
    """A key with a value in one of the forms of YAML."""
    inner = " " * (len(head) - len(head.lstrip()) + 2)
    forms = {
        "plain": [f"{head} word # why"],
        "quoted": [f'{head} "two', f'{inner}lines" # why'],
        "block": [f"{head} |", f"{inner}one", "", f"{inner}# no comment"],
        "list": [head, f"{inner}- one", f"{inner}# between", f"{inner}- two # last"],
        "flow": [f"{head} [one,", f"{inner}two]"],
    }
    return forms[draw(STYLES)]


@given(st.data(), configs(), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans())
def test_lines_of_others_stay_as_they_are(data, lines, end, has_mark, ends_well):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yml"
        mark = "\ufeff" if has_mark else ""
        is_block_last = any(line.endswith("|") for line in lines)  # one more end would be a part
        text = mark + end.join(lines) + (end if ends_well or is_block_last else "")
        path.write_bytes(text.encode())
        remotes = RemoteList(path)
        before = {remote.name: dict(remote.values) for remote in remotes.all()}
        name = data.draw(st.sampled_from(sorted(before)))
        key = data.draw(st.sampled_from(KEYS))
        value = data.draw(st.none() | VALUES)

        remotes.edit(name, {key: value})

        wanted = {k: v for k, v in (before[name] | {key: value}).items() if v is not None}
        after = {remote.name: dict(remote.values) for remote in remotes.all()}
        assert after == before | {name: wanted}
        changed = path.read_bytes().decode()
        assert changed.startswith("\ufeff") == has_mark
        assert {line.endswith("\r") for line in changed.split("\n")[:-1]} <= {end == "\r\n"}
        assert_others_stay(lines, changed.removeprefix("\ufeff").split(end), name, key)


def assert_others_stay(before: list[str], after: list[str], name: str, key: str) -> None:
    """All lines but those of the one value are there, in their order."""
    start = next(n for n, line in enumerate(before) if line.strip() == f"{name}:")
    end = next((n for n in range(start + 1, len(before)) if is_head(before[n])), len(before))
    own = [n for n in range(start, end) if before[n].strip().startswith(f"{key}:")]
    last = own[0] + 1 if own else start
    while own and last < end and (is_deeper(before[last], before[own[0]]) or not before[last]):
        last += 1
    others = before[: own[0]] + before[last:] if own else before
    rest = iter(after)
    assert all(line in rest for line in others), (others, after)


def is_head(line: str) -> bool:
    """Whether a remote or a section begins."""
    return bool(line.strip()) and len(line) - len(line.lstrip()) <= 2 and line.lstrip()[0] != "#"


def is_deeper(line: str, other: str) -> bool:
    """Whether a line is indented more than another one."""
    return len(line) - len(line.lstrip()) > len(other) - len(other.lstrip())


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_remote_that_is_removed_leaves_the_comments_of_the_others(tmp_path, end):
    path = tmp_path / "config.yml"
    own = "  a:\n    type: ssh\n    host: h # why\n"
    text = f"# mine\nremotes:\n{own}\n  # second\n  b:\n    host: x\n"
    path.write_bytes(text.replace("\n", end).encode())

    RemoteList(path).remove("a")

    wanted = "# mine\nremotes:\n\n  # second\n  b:\n    host: x\n"
    assert path.read_bytes() == wanted.replace("\n", end).encode()
