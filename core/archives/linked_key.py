"""Scalars that a batch or pipeline has of its trials and steps: which run they are of."""

from __future__ import annotations

from collections.abc import Iterable

_OWN = ".guild#"


def linked_key(key: str, links: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """Of a scalar of a linked run that run's id, and what the scalar is called there.

    Args:
        key: Scalar key, e.g. "<trial>/.guild#loss".
        links: Name and run id of each link of the run that has the key.

    Returns:
        e.g. ("<trial>", "loss"); None for a scalar of the run itself.
    """
    if "#" in key:
        for name, run_id in links:
            if key.startswith((f"{name}#", f"{name}/")):
                return run_id, key[len(name) + 1 :].removeprefix(_OWN)
    return None
