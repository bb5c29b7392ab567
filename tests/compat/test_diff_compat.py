"""What differs is what `guild diff` shows as different, on runs that Guild made."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

from cli.__main__ import run
from core.compare.diff_runs import diff_runs
from core.compare.diff_side import RunSide
from core.runs.store import Store

MOST_PAIRS = 12


@pytest.fixture(scope="module")
def plain_ids(guild_home) -> list[str]:
    """Runs without links: those `diff -r` follows into other runs."""
    store = Store(guild_home / "runs")
    return [
        run_id
        for run_id in sorted(store.ids())
        if not any(path.is_symlink() for path in store.run_dir(run_id).rglob("*"))
    ]


@pytest.fixture(scope="module")
def told(peer, guild_home, plain_ids) -> dict[tuple[str, str], dict[str, str]]:
    """What Guild tells of pairs of runs."""
    return {pair: quick_diff(peer, guild_home, *pair) for pair in pairs_of(plain_ids)}


def pairs_of(ids: list[str]) -> list[tuple[str, str]]:
    """Pairs of runs, spread over all of them."""
    pairs = list(combinations(ids, 2))
    return pairs[:: max(1, len(pairs) // MOST_PAIRS)]


def quick_diff(peer, home: Path, left: str, right: str) -> dict[str, str]:
    """What becomes of each path that differs, by Guild's own diff with a brief program."""
    text = peer.guild(home, "diff", left, right, "-c", "diff -rq").stdout
    dirs = [str(home / "runs" / run_id) for run_id in (left, right)]
    found = {}
    for line in text.splitlines():
        if match := re.match(r"Files (.*) and (.*) differ", line):
            found[match[1].removeprefix(dirs[0] + "/")] = "changed"
        elif match := re.match(r"Only in (.*?)/?: (.*)", line):
            side = 0 if (match[1] + "/").startswith(dirs[0] + "/") else 1
            folder = match[1].removeprefix(dirs[side]).lstrip("/")
            path = f"{folder}/{match[2]}" if folder else match[2]
            whole = Path(dirs[side], path)
            below = whole.rglob("*") if whole.is_dir() else [whole]
            for each in below:
                if each.is_file():
                    found[str(each.relative_to(dirs[side]))] = ("removed", "added")[side]
        else:
            raise AssertionError(line)
    return found


def ours(home: Path, left: str, right: str) -> dict[str, str]:
    """The same as we find it, of source code, files and output, by their paths in the runs."""
    diff = diff_runs(*(RunSide(home / "runs" / run_id) for run_id in (left, right)))
    found = {}
    for name in ("source", "files", "output"):
        for pair in diff.section(name).files:
            if pair.moved_from:
                found[pair.left], found[pair.right] = "removed", "added"
            elif pair.change != "same":
                found[pair.right or pair.left] = pair.change
    return found


def attrs_of(home: Path, left: str, right: str) -> set[str]:
    """Names of attributes that we find to differ."""
    diff = diff_runs(*(RunSide(home / "runs" / run_id) for run_id in (left, right)))
    names = {
        "flags": "flags",
        "environment": "env",
        "packages": "pip_freeze",
        "dependencies": "deps",
    }
    found = {name for section, name in names.items() if diff.section(section).differing}
    for fact in diff.section("attributes").facts:
        if fact.change != "same":
            found.add(re.split(r"[.\[]", fact.name)[0])
    return found


def test_the_same_files_differ(guild_home, told):
    compared = 0
    for (left, right), both in told.items():
        files = {
            path: change
            for path, change in both.items()
            if not path.startswith(".guild/") or path == ".guild/output"
        }
        assert ours(guild_home, left, right) == files, (left, right)
        compared += len(files)

    assert compared > 10


def test_the_same_attributes_differ(guild_home, told):
    for (left, right), both in told.items():
        prefix = ".guild/attrs/"
        names = {path.removeprefix(prefix) for path in both if path.startswith(prefix)}
        empty = {
            name
            for name in names
            if not any(
                (guild_home / "runs" / run_id / prefix / name).is_file()
                and (guild_home / "runs" / run_id / prefix / name).read_text().strip()
                not in ("", "{}", "[]", "null")
                for run_id in (left, right)
            )
        }

        assert names - empty - attrs_of(guild_home, left, right) == set(), (left, right)
        assert attrs_of(guild_home, left, right) - names == set(), (left, right)


def test_the_program_is_given_the_same_words_as_by_guild(
    peer, guild_home, plain_ids, capfdbinary, tmp_path
):
    left, right = plain_ids[:2]
    for options in ([], ["-f"], ["-a"], ["-s"], ["-O", "-e"], ["-D"], ["-p", "x.txt"]):
        said = peer.guild(guild_home, "diff", left, right, "-c", "echo", *options).stdout
        capfdbinary.readouterr()
        assert run(["-H", str(guild_home), "diff", left, right, "-c", "echo", *options]) == 0

        assert capfdbinary.readouterr().out.decode() == said, options
