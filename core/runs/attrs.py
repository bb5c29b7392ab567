"""`.guild/attrs`: one YAML document an attribute, read by Guild's rules and within limits.

Why a fast path: parsing is two thirds of the time of reading a run, and nine of ten attributes
are a number, a word or a flat list or map of those. `_plain` understands exactly these; whatever
it does not recognise goes to PyYAML's C loader, and a property test holds the two together.

Why limits: attributes come from other people's archives and machines. Aliases can make a small
file expand without end, and deep nesting overflows the C stack of the loader.
"""

from __future__ import annotations

import json
import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.errors import RunDamaged
from core.runs.guild_files import MOST_BYTES as MAX_BYTES
from core.runs.guild_files import opened_directory, read_file, reason
from core.runs.held_directory import Directory

MAX_DEPTH = 100
MAX_NODES = 2_000_000
MAX_MERGED = 100_000  # pairs that the merge keys (`<<`) of a document bring in

# What PyYAML lets through where a text does not suit its own tag, e.g. `!!int` of nothing.
_FAULTS = (
    ValueError, LookupError, AttributeError, TypeError, OverflowError, RecursionError,
)  # fmt: skip
_INT = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?\Z")
# In block context a plain text may hold everything but ": ", " #" and line ends; what it may begin
# with, and what would make it a number or a date, is excluded here more widely than YAML demands.
_WORD = re.compile(r"(?:--?)?[A-Za-z/](?:[ -\"$-9;-~]|:(?=[!-~]))*(?<! )\Z|--\Z")
_DIGEST = re.compile(r"[0-9a-f]*[acdf][0-9a-f]*\Z")
_MORE_WORDS = re.compile(r"  [A-Za-z0-9/](?:[ -\"$-9;-~]|:(?=[!-~]))*(?<! )\Z")
_ESCAPED = re.compile(r'"(?:[ !#-\[\]-~]|\\x[0-9A-F]{2}|\\u(?!D[89A-F])[0-9A-F]{4})*"\Z')
_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*\Z")
_QUOTED = re.compile(r"'([^'\n]*)'\Z")
_GUILD_FLOAT = re.compile(
    r"""(?: [-+]?[0-9][0-9_]* (?: \.[0-9_]* (?:[eE][-+]?[0-9]+)? | [eE][-+]?[0-9]+ )
          | \.[0-9][0-9_]* (?:[eE][-+][0-9]+)? ) \Z""",
    re.X,
)
_MERGE = "tag:yaml.org,2002:merge"
_NESTING = re.compile(r"[\[{]|[-?] |: ")
_CONSTANTS: dict[str, Any] = {
    word: value
    for words, value in (("true yes on", True), ("false no off", False), ("null", None))
    for base in words.split()
    for word in (base, base.capitalize(), base.upper())
}


@lru_cache(maxsize=1)
def yaml_loader() -> Any:
    """PyYAML's safe loader with Guild's rule for floats.

    Made when the first document needs it: a command that finds everything in the index saves the
    time of loading PyYAML.
    """
    import yaml

    class Loader(yaml.CSafeLoader):
        merged = 0

        def flatten_mapping(self, node: Any) -> None:
            """Count what is merged: maps that merge maps grow before there is a value."""
            has_merge = any(key.tag == _MERGE for key, _ in node.value)
            super().flatten_mapping(node)
            self.merged += len(node.value) if has_merge else 0
            if self.merged > MAX_MERGED:
                raise RunDamaged("expands to too many values")

    # Guild makes the sign of an exponent and the decimal point before it optional: `1e-05` and
    # `1e3` are floats. A signed number that starts with its point (`-.5`) stays text.
    Loader.add_implicit_resolver("tag:yaml.org,2002:float", _GUILD_FLOAT, list("-+0123456789."))
    return Loader


def load_yaml(text: str) -> Any:
    """Decode a YAML 1.1 document as Guild does.

    Raises:
        RunDamaged: It is not YAML, or it is too large, too deep or expands too far. The message
            is a clause to be put after the name of what was read.
    """
    if len(text) > MAX_BYTES:
        raise RunDamaged(f"is larger than {MAX_BYTES // 1024 // 1024} MB")
    value = _plain(text)
    if value is not _UNKNOWN:
        return value
    import yaml

    try:
        _check_depth(text)
        value = yaml.load(text, yaml_loader())
        if "*" in text:
            _check_expansion(value)
    except RecursionError as e:  # aliases nest deeper than the text does
        raise RunDamaged(f"is nested deeper than {MAX_DEPTH} levels") from e
    except (yaml.YAMLError, *_FAULTS) as e:
        raise RunDamaged(f"is not valid YAML ({_first_line(e)})") from e
    return value


def read_attr(run_dir: str | Path, name: str, *, empty_is_damage: bool = False) -> Any:
    """The value of one attribute of a run; None when it was never written.

    Args:
        run_dir: The run's directory.
        name: Name of the attribute.
        empty_is_damage: Whether a file without content is an error; Guild never leaves one
            behind, except while it writes or when it was killed or the disk was full.

    Raises:
        RunDamaged: The file is there but cannot be read or understood.
    """
    if "/" in name or os.sep in name:
        return None  # no attribute's name, and would lead out of the run
    try:
        with (
            opened_directory(f"{run_dir}/.guild") as guild_dir,
            opened_directory("attrs", guild_dir) as attrs_dir,
        ):
            return read_attr_file(name, attrs_dir, empty_is_damage=empty_is_damage)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as e:
        raise RunDamaged(f"attribute {name} cannot be read ({reason(e)})") from e


def read_attr_file(
    name: str, attrs_dir: Directory, *, empty_is_damage: bool = False, most: int = MAX_BYTES
) -> Any:
    """The same, of the directory `attrs_dir`, and of `most` bytes at most."""
    text = read_text(name, f"attribute {name}", attrs_dir, most)
    return None if text is None else decode_attr(name, text, empty_is_damage=empty_is_damage)


def decode_attr(name: str, text: str, *, empty_is_damage: bool = False) -> Any:
    """The value of the attribute `name` whose file holds `text`.

    Raises:
        RunDamaged: It cannot be understood. The message is a clause.
    """
    if empty_is_damage and not text.strip():
        raise RunDamaged(f"attribute {name} is empty")
    try:
        return load_yaml(text)
    except RunDamaged as e:
        raise RunDamaged(f"attribute {name} {e}") from e


def list_attrs(run_dir: str | Path) -> list[str]:
    """Names of all attributes a run has, sorted; empty where they cannot be listed."""
    try:
        with (
            opened_directory(f"{run_dir}/.guild") as guild_dir,
            opened_directory("attrs", guild_dir) as attrs_dir,
        ):
            return attr_names(attrs_dir)
    except OSError:
        return []


def attr_names(attrs_dir: Directory) -> list[str]:
    """Names of all attributes in this directory, sorted.

    Raises:
        OSError: It cannot be listed.
    """
    return sorted(name for name in attrs_dir.names() if not name.startswith(".tmp-"))


def read_text(
    path: str, what: str, within: Directory | None = None, most: int = MAX_BYTES
) -> str | None:
    """A small text file of a run; None when there is none.

    Args:
        path: The file.
        what: How the file is called in an error.
        within: The directory that a relative `path` begins in.
        most: How many bytes it may have.

    Raises:
        RunDamaged: It cannot be read, is too large, or holds bytes that are not UTF-8.
    """
    try:
        data = read_file(path, within, most)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as e:
        raise RunDamaged(f"{what} cannot be read ({reason(e)})") from e
    return decode_text(data, what, most)


def decode_text(data: bytes, what: str, most: int = MAX_BYTES) -> str:
    """The text of a small file, of `most` bytes at most.

    Raises:
        RunDamaged: It is larger, or no UTF-8. The message is a clause.
    """
    if len(data) > most:
        raise RunDamaged(f"{what} is larger than {most // 1024 // 1024} MB")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as e:
        raise RunDamaged(f"{what} holds bytes that are not text") from e


# The fast path

_UNKNOWN: Any = object()


def _plain(text: str) -> Any:
    body = text[:-1] if text.endswith("\n") else text
    if "\n" not in body:
        if body.startswith("- "):
            return _plain_list([body])
        return _plain_map([body]) if ": " in body else _scalar(body)
    lines = body.split("\n")
    if body.startswith("- "):
        return _plain_list(lines)
    return _folded(lines) if lines[1].startswith("  ") else _plain_map(lines)


def _folded(lines: list[str]) -> Any:
    """A long text that was broken at spaces."""
    if not _WORD.match(lines[0]) or not all(map(_MORE_WORDS.match, lines[1:])):
        return _UNKNOWN
    return " ".join([lines[0], *(line[2:] for line in lines[1:])])


def _plain_list(lines: list[str]) -> Any:
    values = [_scalar(line[2:]) if line.startswith("- ") else _UNKNOWN for line in lines]
    return _UNKNOWN if any(value is _UNKNOWN for value in values) else values


def _plain_map(lines: list[str]) -> Any:
    values: dict[Any, Any] = {}
    for line in lines:
        name, colon, rest = line.partition(": ")
        if not colon or not _KEY.match(name) or name in _CONSTANTS or name in values:
            return _UNKNOWN
        value = _scalar(rest)
        if value is _UNKNOWN:
            return _UNKNOWN
        values[name] = value
    return values


def _scalar(text: str) -> Any:
    if _WORD.match(text):
        return _CONSTANTS.get(text, text)
    if _INT.match(text):
        return int(text) if len(text) < 30 else _UNKNOWN
    if _FLOAT.match(text):
        return float(text)
    quoted = _QUOTED.match(text)
    if quoted:
        return quoted.group(1)
    if _DIGEST.match(text):
        return text
    if _ESCAPED.match(text):
        return json.loads(text.replace("\\x", "\\u00"))
    return _UNKNOWN


# Limits


def _check_depth(text: str) -> None:
    """Refuse documents nested so deep that composing them would exhaust the stack."""
    if sum(1 for _ in _NESTING.finditer(text)) < MAX_DEPTH:
        return
    import yaml

    depth = 0
    for event in yaml.parse(text, yaml_loader()):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise RunDamaged(f"is nested deeper than {MAX_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _check_expansion(value: Any) -> None:
    """Refuse values that aliases repeat into too many nodes, or nest deeper than the text is."""
    known: dict[int, tuple[int, int]] = {}

    def measure(node: Any) -> tuple[int, int]:
        """How many nodes a node is, and how many levels."""
        if not isinstance(node, (dict, list, set, tuple)):
            return 1, 0
        if id(node) in known:
            if not known[id(node)][0]:
                raise RunDamaged("holds a value that contains itself")
            return known[id(node)]
        known[id(node)] = 0, 0  # being counted: meeting it again means a cycle
        children = [*node, *node.values()] if isinstance(node, dict) else list(node)
        size, levels = 1, 1
        for child_size, child_levels in map(measure, children):
            size, levels = size + child_size, max(levels, child_levels + 1)
        if size > MAX_NODES:
            raise RunDamaged("expands to too many values")
        if levels > MAX_DEPTH:
            raise RunDamaged(f"is nested deeper than {MAX_DEPTH} levels")
        known[id(node)] = size, levels
        return size, levels

    measure(value)


def _first_line(error: Exception) -> str:
    problem = getattr(error, "problem", None)
    return str(problem or error).split("\n", 1)[0] or type(error).__name__
