"""Labels of runs below each other on a terminal: where all flags do not fit, what differs.

A run that nobody labelled has all of its flags for a label, and in a list such labels begin alike.
Cut to the width of a terminal they would tell nothing apart: `augment=yes …` in every line. Why
by the labels alone and not by the flags: a list of a few runs need not decode those of all.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

_BEFORE_PART = re.compile(r" (?=[^\s='\"]+=)")
_NAME = re.compile(r"[^\s='\"]+(?==)")


def told_apart(labels: Sequence[str], operations: Sequence[str]) -> list[str]:
    """Each label, and of those that are flags what differs among the runs of their operation.

    Args:
        labels: One a run, in the order of the list.
        operations: Of the same runs.
    """
    shown = list(labels)
    found: defaultdict[str, dict[int, dict[str, str]]] = defaultdict(dict)
    for place, label in enumerate(labels):
        if parts := _parts_of(label):
            found[operations[place]][place] = parts
    for rows in found.values():
        counts = {
            name: len({parts.get(name) for parts in rows.values()})
            for name in sorted({name for parts in rows.values() for name in parts})
        }
        differing = [name for name, count in counts.items() if count > 1]
        differing.sort(key=lambda name: -counts[name])
        for place, parts in rows.items():
            own = [parts[name] for name in differing if name in parts]
            if own:
                shown[place] = " ".join(own) + (" …" if len(own) < len(parts) else "")
    return shown


def _parts_of(label: str) -> dict[str, str]:
    """The parts "NAME=VALUE" of a label by name; empty where it has other parts, or only one."""
    texts = _BEFORE_PART.split(label)
    matches = [_NAME.match(text) for text in texts]
    if len(texts) < 2 or None in matches:
        return {}
    return {match[0]: text for match, text in zip(matches, texts, strict=True) if match}
