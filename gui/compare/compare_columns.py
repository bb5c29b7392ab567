"""What the dialog of columns offers for a comparison: columns to show, and to group runs by.

Why keys are column specifications: what is chosen, written, saved in a view and given to
`rundesk compare -cc` is then one and the same text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.compare.column_spec import ColumnSpec, parse_column, parse_columns
from core.compare.group_spec import all_flags_but, flags_left_out
from core.compare.table import columns_of
from core.errors import QueryError
from core.index.columns import RunColumns
from core.index.query_tree import AGGREGATES
from gui.compare.compare_look import headed, title_of
from gui.compare.compared import Compared
from gui.table.column_offers import ColumnOffer, column_offers

_ATTRIBUTES = {
    "short_id": "run", "duration": "time", "project": "from", "sourcecode_digest": "sourcecode",
    **{name: name for name in (
        "id", "status", "operation", "label", "tags", "started", "stopped", "initialized",
        "marked", "comments", "exit_status", "host", "user", "vcs_commit",
    )},
}  # fmt: skip
"""Fields of the run table that a specification can name."""


def spec_of_key(key: str) -> ColumnSpec | None:
    """The specification of a column of the run table; None where there is none."""
    family, _, name = key.partition(":")
    if not name:
        attribute = _ATTRIBUTES.get(key)
        return ColumnSpec("attr", attribute) if attribute else None
    if family == "flag":
        return ColumnSpec("flag", name)
    if family == "attr":
        return ColumnSpec("attr", name)
    if family != "scalar":
        return None
    word, _, scalar = name.partition(":")
    found = next((each for each in AGGREGATES if each == word.removesuffix("_step")), None)
    aggregate = None if found == "last" else found
    return ColumnSpec("scalar", scalar, aggregate, word.endswith("_step"))


def spec_name(text: str) -> str:
    """How a column that was chosen is called; the text itself where it is not understood."""
    try:
        if left_out := flags_left_out(text):
            return f"all flags but {', '.join(left_out)}"
        (column,) = columns_of([headed(parse_column(text))])
        return title_of(column)
    except QueryError:
        return text


class CompareColumns:
    """The columns of a comparison, for the dialog.

    Args:
        columns: Offers what the runs have.
        answer: What is compared now.
        find_defaults: Calls what it is given with the columns that suit the runs.
    """

    title = "Columns of the comparison"
    can_be_none = False
    spec_hint = "Or write them: min loss, =lr, .label, acc as accuracy"

    def __init__(
        self,
        columns: RunColumns,
        answer: Compared | None,
        find_defaults: Callable[[Callable[[list[str]], None]], None],
    ) -> None:
        self._columns = columns
        facts = answer.facts if answer is not None else ()
        self._keys = [str(fact.column.spec) for fact in facts]
        self._find_defaults = find_defaults

    @property
    def keys(self) -> list[str]:
        """Specifications of the columns from left to right."""
        return list(dict.fromkeys(self._keys))

    def offers(self) -> list[ColumnOffer]:
        """Everything that can be a column of a comparison."""
        return _offers(column_offers(self._columns))

    def name(self, key: str) -> str:
        """How a chosen column is called."""
        return spec_name(key)

    def keys_of(self, text: str) -> list[str]:
        """The columns of a text with commas between; raises QueryError."""
        return [str(spec) for spec in parse_columns(text)]

    def find_default_keys(self, on_found: Callable[[list[str]], None]) -> None:
        """Call `on_found` with the columns of the runs' operations."""
        self._find_defaults(on_found)


class GroupColumns:
    """What runs are grouped by, for the dialog.

    Args:
        columns: Offers what the runs have.
        chosen: Specifications that they are grouped by now.
    """

    title = "Group runs by"
    can_be_none = True
    spec_hint = "Or write them: =lr, .label, or: all but seed"

    def __init__(self, columns: RunColumns, chosen: Sequence[str]) -> None:
        self._columns = columns
        self._chosen = list(chosen)

    @property
    def keys(self) -> list[str]:
        """Specifications that the runs are grouped by."""
        return self._chosen

    def offers(self) -> list[ColumnOffer]:
        """Flags first, then what else runs may have in common; scalars too."""
        offers = _offers(column_offers(self._columns))
        order = {"Flags": 0, "Fields": 1, "Attributes": 2}
        return sorted(offers, key=lambda offer: order.get(offer.heading, 3))

    def name(self, key: str) -> str:
        """How a chosen column is called."""
        return spec_name(key)

    def keys_of(self, text: str) -> list[str]:
        """The columns of a text with commas between, or all flags but some; raises QueryError."""
        left_out = flags_left_out(text)
        if left_out is None:
            return [str(spec) for spec in parse_columns(text)]
        return [all_flags_but(left_out)]

    def find_default_keys(self, on_found: Callable[[list[str]], None]) -> None:
        """Without a wish runs are not grouped."""
        on_found([])


def _offers(offers: Sequence[ColumnOffer]) -> list[ColumnOffer]:
    """The offers that a specification can name, under their specifications."""
    found = []
    for offer in offers:
        spec = spec_of_key(offer.key)
        if spec is not None:
            found.append(
                ColumnOffer(str(spec), offer.name, offer.title, offer.heading, offer.count)
            )
    return found
