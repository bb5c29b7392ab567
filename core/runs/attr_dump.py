"""Values as the bytes that Guild 0.9 writes, so that neither program sees the other's hand.

Guild writes PyYAML's block style at 80 columns with letters outside ASCII escaped, quotes what its
own rule for floats would read as one (`1e-05`), and quotes the one-letter words y and n.

Why two dumpers: the C one is ten times as fast as the one in Python that Guild uses, but breaks
long lines in double quotes at other places, and writes keys that are empty or very long in another
form. Without those both agree; a property test holds them together. Nine of ten labels and tags
are plain words and need neither.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import Any

from core.errors import Error

_LONGEST_PLAIN = 60
"""A longer text may have to be folded, which depends on where in the line it begins."""

# Without ":" and "#", a text that begins with a letter is plain unless it is one of the words.
_PLAIN = re.compile(r"[A-Za-z_/][ !\"$-9;-~]*(?<! )\Z")
_WORDS = frozenset(["y", "n", "yes", "no", "true", "false", "on", "off", "null"])
_DIFFERENT = re.compile(r"\"|''\s*:|\? ")
_ONE_LETTER = re.compile(r"^(?:y|Y|n|N)$")
_FLOAT = re.compile(
    r"""^(?: [-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?
          | [-+]?[0-9][0-9_]*[eE][-+]?[0-9]+
          | \.[0-9_]+(?:[eE][-+][0-9]+)?
          | [-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*
          | [-+]?\.(?:inf|Inf|INF)
          | \.(?:nan|NaN|NAN) )$""",
    re.X,
)


def dump_yaml(value: Any) -> bytes:
    """One attribute as Guild writes it: a YAML document with its final newline.

    Raises:
        Error: A text holds what no text file can, such as bytes that are not UTF-8.
    """
    if isinstance(value, str):
        return _text_bytes(value)
    if isinstance(value, list) and value and all(map(_is_plain, value)):
        return "".join(f"- {word}\n" for word in value).encode()
    return _document(value)


def flow_text(value: Any) -> str:
    """A value in YAML's flow style, as Guild puts the values of flags into labels.

    Raises:
        Error: As for `dump_yaml`.
    """
    if _is_plain(value) or (isinstance(value, str) and value in ("y", "Y", "n", "N")):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return _float_text(value)
    return _dumped(value, flow=True)


def _float_text(value: float) -> str:
    """As PyYAML writes it: `1e-05` has a point more."""
    text = repr(value)
    return text if "." in text else text.replace("e", ".0e", 1)


@lru_cache(maxsize=4096)
def _text_bytes(text: str) -> bytes:
    return f"{text}\n".encode() if _is_plain(text) else _document(text)


def _document(value: Any) -> bytes:
    return f"{_dumped(value, flow=False)}\n".encode()


def _is_plain(value: object) -> bool:
    return (
        isinstance(value, str)
        and len(value) <= _LONGEST_PLAIN
        and _PLAIN.match(value) is not None
        and value.lower() not in _WORDS
    )


def _dumped(value: Any, *, flow: bool) -> str:
    """The document without its end; the one-letter words are quoted in attributes only."""
    import yaml

    fast, exact = _dumpers(is_strict=not flow)
    try:
        text: str = yaml.dump(value, Dumper=fast, default_flow_style=flow, indent=2)
        if _DIFFERENT.search(text):
            text = yaml.dump(value, Dumper=exact, default_flow_style=flow, indent=2)
    except (yaml.YAMLError, UnicodeError, RecursionError) as e:
        raise Error(
            "The text cannot be written: it holds bytes that are not UTF-8.",
            hint="Type the text anew.",
        ) from e
    return text.strip().removesuffix("\n...")


@lru_cache(maxsize=2)
def _dumpers(*, is_strict: bool) -> tuple[Any, Any]:
    """The dumper in C and the one in Python."""
    import yaml

    class Fast(yaml.CSafeDumper):
        pass

    class Exact(yaml.SafeDumper):
        pass

    dumpers: tuple[Any, Any] = (Fast, Exact)
    for dumper in dumpers:
        dumper.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+0123456789."))
        if is_strict:
            dumper.add_implicit_resolver("tag:yaml.org,2002:bool", _ONE_LETTER, list("yYnN"))
    return dumpers
