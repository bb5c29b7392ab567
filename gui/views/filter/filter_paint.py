"""The colours of a filter: names that runs have, words of the language, the place of an error."""

from __future__ import annotations

from core.errors import QueryError
from core.index.completion import Vocabulary
from core.index.query import is_expression
from core.index.query_lexer import Token
from core.index.query_roles import Part, Role, roles_of
from gui.theme import Theme
from gui.views.filter.filter_field import Paint

_COLOURS: dict[Role, str] = {
    "keyword": "staged",
    "time": "staged",
    "operator": "muted",
    "bracket": "muted",
}


def paints_of(
    text: str,
    error: QueryError | None,
    words: Vocabulary,
    theme: Theme,
    idle: Token | None = None,
) -> list[Paint]:
    """How the pieces of a text look; plain words keep their colour.

    Args:
        text: What stands in the box.
        error: What is wrong with it.
        words: Names that are known: the others are not coloured, which shows a slip of the finger.
        theme: Gives the colours.
        idle: A word that tests nothing.
    """
    parts = roles_of(text).parts if is_expression(text) else []
    paints = [Paint(p.start, p.end, theme.colour(_token(p, words))) for p in parts]
    if idle is not None:
        paints.append(Paint(idle.position, idle.end, wave=theme.colour("muted")))
    if error is not None:
        paints.append(_wave(error, text, theme))
    return paints


def _token(part: Part, words: Vocabulary) -> str:
    if part.role == "name" and words.knows(part.text):
        return "accent"
    return _COLOURS.get(part.role, "text")


def _wave(error: QueryError, text: str, theme: Theme) -> Paint:
    """Under the place of the error; where the text ends too early, under its last word."""
    colour = theme.colour("error")
    last = len(text.rstrip())
    if error.position < last:
        return Paint(error.position, min(last, error.position + error.length), colour, colour)
    return Paint(text.rfind(" ", 0, last) + 1, last, colour, colour)
