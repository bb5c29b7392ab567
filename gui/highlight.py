"""Colours for source code and data files, worked out by Pygments away from the GUI thread.

Why a fixed set of languages: guessing from any of Pygments' 500 lexers loads most of them, and
some have patterns that a hostile file can keep busy for minutes. A span names a role of the
theme and no colour, so a change of scheme needs no second run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from msgspec import Struct

if TYPE_CHECKING:
    from pygments.lexer import Lexer

MOST_SPANS = 200_000
_TOKENS_BETWEEN_CHECKS = 200

_LANGUAGES = {
    ".py": "python", ".pyi": "python", ".pyx": "cython", ".ipynb": "json",
    ".json": "json", ".jsonl": "json", ".ndjson": "json", ".geojson": "json",
    ".yml": "yaml", ".yaml": "yaml", ".toml": "toml", ".ini": "ini", ".cfg": "ini",
    ".sh": "bash", ".bash": "bash", ".zsh": "bash", ".bat": "batch", ".ps1": "powershell",
    ".c": "c", ".h": "c", ".cc": "cpp", ".cpp": "cpp", ".hpp": "cpp", ".cu": "cuda",
    ".rs": "rust", ".go": "go", ".java": "java", ".scala": "scala", ".kt": "kotlin",
    ".js": "javascript", ".mjs": "javascript", ".ts": "typescript", ".r": "r", ".jl": "julia",
    ".lua": "lua", ".sql": "sql", ".xml": "xml", ".svg": "xml", ".html": "html", ".css": "css",
    ".md": "markdown", ".rst": "rst", ".tex": "tex", ".m": "matlab", ".f90": "fortran",
    ".cmake": "cmake", ".proto": "protobuf", ".diff": "diff", ".patch": "diff",
}  # fmt: skip
_NAMES = {
    "makefile": "make", "dockerfile": "docker", "cmakelists.txt": "cmake", "guild.yml": "yaml",
    ".bashrc": "bash", ".gitignore": "ini", "manifest": "",
}  # fmt: skip
# The first match counts; names are those of Pygments' token types.
_ROLES = (
    ("Comment", "muted"),
    ("Keyword.Constant", "staged"),
    ("Keyword", "accent"),
    ("Operator.Word", "accent"),
    ("Literal.String", "completed"),
    ("Literal.Number", "staged"),
    ("Literal.Date", "staged"),
    ("Name.Function", "running"),
    ("Name.Class", "running"),
    ("Name.Tag", "running"),
    ("Name.Attribute", "running"),
    ("Name.Decorator", "warning"),
    ("Name.Builtin", "warning"),
    ("Name.Exception", "error"),
    ("Generic.Heading", "accent"),
    ("Generic.Subheading", "accent"),
    ("Generic.Deleted", "error"),
    ("Generic.Inserted", "added"),
)


class Span(Struct, frozen=True):
    """A coloured part of a line.

    Attributes:
        start: First letter, in UTF-16 units as Qt counts.
        length: In the same units.
        role: Role of the theme's colours.
    """

    start: int
    length: int
    role: str


Spans = tuple[tuple[Span, ...], ...]


def language_of(name: str) -> str:
    """The language of a file with this name; empty when it is shown without colours."""
    path = PurePosixPath(name.lower())
    if path.name in _NAMES:
        return _NAMES[path.name]
    return _LANGUAGES.get(path.suffix, "")


def highlight(text: str, name: str, check: Callable[[], None] = lambda: None) -> Spans:
    """The coloured parts of each line.

    Args:
        text: Lines ended by LF.
        name: Name of the file, which tells the language.
        check: Called often; raises to stop (core.errors.Cancelled).

    Returns:
        One tuple a line; empty when the language has no colours here.
    """
    lexer = _lexer(language_of(name))
    if lexer is None:
        return ()
    lines: list[list[Span]] = [[]]
    column = count = 0
    roles: dict[Any, str] = {}
    for token, part in _tokens(lexer, text, check):
        if (role := roles.get(token)) is None:
            role = roles[token] = _role(token)
        for number, piece in enumerate(part.split("\n")):
            if number:
                lines.append([])
                column = 0
            width = len(piece) if piece.isascii() else len(piece.encode("utf-16-le")) // 2
            if role and piece.strip():
                lines[-1].append(Span(column, width, role))
                count += 1
            column += width
        if count > MOST_SPANS:
            break
    return tuple(tuple(line) for line in lines)


def _tokens(lexer: Lexer, text: str, check: Callable[[], None]) -> Iterator[tuple[Any, str]]:
    for number, (_index, token, part) in enumerate(lexer.get_tokens_unprocessed(text)):
        if number % _TOKENS_BETWEEN_CHECKS == 0:
            check()
        yield token, part


def _lexer(language: str) -> Lexer | None:
    if not language:
        return None
    from pygments.lexers import get_lexer_by_name  # 30 ms that many windows never need

    return get_lexer_by_name(language)


def _role(token: Any) -> str:
    """The role of a token type; empty for the usual colour."""
    name = str(token).removeprefix("Token.")
    return next((role for prefix, role in _ROLES if _is_below(name, prefix)), "")


def _is_below(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")
