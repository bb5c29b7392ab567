"""`python -m benchmarks`: run all benchmarks, or some of them."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import benchmarks
from benchmarks.report import Figure, print_table
from benchmarks.setting import PEER, PEER_LIMIT, Setting

DEFAULT_DIRECTORY = Path("~/.cache/rundesk-benchmarks")


def _names() -> list[str]:
    found = (module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    return sorted(name.removeprefix("bench_") for name in found if name.startswith("bench_"))


def _figures(setting: Setting, names: list[str], failed: list[str]) -> Iterator[Figure]:
    for name in names:
        module: Any = importlib.import_module(f"benchmarks.bench_{name}")
        for figure in module.figures(setting):
            if figure.met is False:
                failed.append(figure.what)
            yield figure


@click.command()
@click.option("--sizes", default="1000,10000,100000", show_default=True, metavar="N,N…")
@click.option("--only", multiple=True, type=click.Choice(_names()), help="May be repeated.")
@click.option("--repeats", default=5, show_default=True, help="Timings of a whole process.")
@click.option("--directory", default=DEFAULT_DIRECTORY, show_default=True, type=Path)
def main(sizes: str, only: tuple[str, ...], repeats: int, directory: Path) -> None:
    """Print every figure beside its target and the peer's."""
    numbers = tuple(int(size.replace("_", "")) for size in sizes.split(","))
    if not (PEER / "guild").exists():
        raise click.ClickException("The peer is not installed: run `make setup`.")
    if max(numbers) > PEER_LIMIT:
        click.echo(f"Guild is not run beyond {PEER_LIMIT:,} runs: minutes for each command.")
    os.environ.pop("GUILD_HOME", None)
    setting = Setting(numbers, directory.expanduser(), repeats)
    failed: list[str] = []
    print_table(_figures(setting, list(only) or _names(), failed))
    if failed:
        click.echo(f"\n{len(failed)} not met: {', '.join(dict.fromkeys(failed))}")
        sys.exit(1)


if __name__ == "__main__":
    main()
