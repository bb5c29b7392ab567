"""Options that choose runs: Guild's by the same letters, and `--text`.

Every command that takes a RUN has them, since indexes count in the list after the filters.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import click

from cli.completion_command import complete_operation, complete_tag
from cli.screen import pointed
from core.errors import QueryError
from core.index.filters import Filters
from core.runs.run import STATUSES, RunStatus

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])

STATUS_LETTERS: dict[str, RunStatus] = {
    "r": "running",
    "c": "completed",
    "e": "error",
    "t": "terminated",
    "p": "pending",
    "s": "staged",
}

_NAMES = {
    "only_expression": "expression",
    "only_text": "text",
    "only_operations": "operations",
    "only_labels": "labels",
    "only_unlabeled": "unlabeled",
    "only_tags": "tags",
    "only_comments": "comments",
    "only_marked": "marked",
    "only_unmarked": "unmarked",
    "only_started": "started",
    "only_digest": "digest",
}
"""Names of the options' parameters, kept apart from those of commands, to the fields of Filters."""


class StatusLetters(click.ParamType[Any]):
    """Letters of statuses behind one `-S`, e.g. "et"."""

    name = "letters"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[RunStatus, ...]:
        """The statuses that the letters mean."""
        unknown = [letter for letter in value if letter not in STATUS_LETTERS]
        if unknown:
            known = ", ".join(f"{letter} {name}" for letter, name in STATUS_LETTERS.items())
            self.fail(f"there is no status letter {unknown[0]!r} (there are {known}).", param, ctx)
        return tuple(STATUS_LETTERS[letter] for letter in value)


def filter_options(function: AnyFunction) -> AnyFunction:
    """Add the options; the function gets what they mean together as `filters`."""

    @functools.wraps(function)
    def with_filters(*args: Any, **values: Any) -> Any:
        chosen = {name: values.pop(name) for name in list(values) if name.startswith("only_")}
        return function(*args, filters=_filters_of(chosen), **values)

    wrapped: Any = with_filters
    for option in reversed([*_field_options(), *_status_options()]):
        wrapped = option(wrapped)
    result: AnyFunction = wrapped
    return result


def _filters_of(chosen: dict[str, Any]) -> Filters:
    """The filters that the options ask for; what was not given asks nothing.

    Raises:
        UsageError: Options exclude each other, or an expression is not understood.
    """
    for one, other in (("unlabeled", "labels"), ("marked", "unmarked")):
        if chosen[f"only_{one}"] and chosen[f"only_{other}"]:
            options = f"--{one} and --{other.removesuffix('s')}"
            raise click.UsageError(f"{options} exclude each other.")
    fields = {field: chosen[name] for name, field in _NAMES.items() if chosen[name]}
    asked = {status: chosen[f"only_{status}"] for status in STATUSES}
    asked |= {status: True for group in chosen["only_letters"] for status in group}
    statuses = [status for status in STATUSES if asked[status] is True]
    unwanted = tuple(status for status in STATUSES if asked[status] is False)
    filters = Filters(**fields, statuses=tuple(statuses), not_statuses=unwanted)
    _check(filters.expression, Filters(expression=filters.expression))
    _check(filters.started, Filters(started=filters.started))
    return filters


def _check(text: str, filters: Filters) -> None:
    """Make sure that the one part that was asked for is understood.

    Raises:
        UsageError: It is not; the message points at the place.
    """
    try:
        filters.validate()
    except QueryError as e:
        lines = [str(e), *pointed(text, e.position, e.length), e.hint]
        raise click.UsageError("\n".join(filter(None, lines))) from e


def _field_options() -> list[Callable[[Any], Any]]:
    return [
        _text(
            "-F", "--filter", "only_expression", "EXPR", "that match EXPR: 'lr < 0.1 and loss < 2'"
        ),
        _text("--text", "only_text", "WORDS", "in which all WORDS occur"),
        _texts(
            *("-Fo", "--operation", "only_operations", "NAME", "of operation NAME"),
            shell_complete=complete_operation,
        ),
        _texts("-Fl", "--label", "only_labels", "TEXT", "with TEXT in the label; -: without one"),
        _flag("-Fu", "--unlabeled", "only_unlabeled", "without a label"),
        _texts("-Ft", "--tag", "only_tags", "TAG", "with TAG", shell_complete=complete_tag),
        _texts(
            "-Fc", "--comment", "only_comments", "TEXT", "with TEXT in a comment; -: without one"
        ),
        _flag("-Fm", "--marked", "only_marked", "that are marked"),
        _flag("-Fn", "--unmarked", "only_unmarked", "that are not marked"),
        _text("-Fs", "--started", "only_started", "RANGE", "started within RANGE: 'last 2 days'"),
        _text("-Fd", "--digest", "only_digest", "PREFIX", "whose source code digest begins so"),
    ]


def _status_options() -> list[Callable[[Any], Any]]:
    letters = click.option(
        *("-S", "only_letters"),
        multiple=True,
        type=StatusLetters(),
        metavar="LETTERS",
        help="Only runs of any of these statuses: -Set is -Se -St.",
    )
    single = [
        click.option(
            *(f"-S{letter}", f"--{status}/--not-{status}", f"only_{status}"),
            default=None,
            help=f"Only runs whose status is (not) {status}.",
        )
        for letter, status in STATUS_LETTERS.items()
    ]
    return [*single, letters]


def _text(*names: str, **more: Any) -> Callable[[Any], Any]:
    *declared, metavar, what = names
    return click.option(*declared, metavar=metavar, help=f"Only runs {what}.", **more)


def _texts(*names: str, **more: Any) -> Callable[[Any], Any]:
    return _text(*names, multiple=True, **more)


def _flag(*names: str) -> Callable[[Any], Any]:
    *declared, what = names
    return click.option(*declared, is_flag=True, help=f"Only runs {what}.")
