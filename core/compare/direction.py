"""Whether a scalar is better when it is small or when it is large, and which values are best.

The user says it, else the objective of the runs does, else the words in the scalar's name do. Where
none of them says anything there is no best value: a wrong mark misleads more than a missing one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

from core.compare.column_spec import ColumnSpec, parse_column
from core.compare.operation_hints import ProjectHints, objective_of
from core.errors import QueryError
from core.index.columns import RunColumns
from core.index.row import split_key

Direction = Literal["up", "down"]
"""Which way is better: "up" is larger, "down" is smaller."""

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_DOWN = frozenset(
    [
        *("loss", "losses", "err", "error", "errors", "mse", "rmse", "mae", "mape", "smape"),
        *("perplexity", "ppl", "cer", "wer", "ter", "eer", "fid", "kid", "nll", "bpc", "bpd", "kl"),
        *("divergence", "distance", "dist", "cost", "regret", "fpr", "fnr", "ece", "brier"),
        *("latency", "duration", "seconds", "hausdorff", "chamfer", "lpips", "energy", "penalty"),
        *("misses", "failures", "nmse", "rse", "crps", "deviance", "rmsle"),
    ]
)  # fmt: skip
_UP = frozenset(
    [
        *("acc", "accuracy", "precision", "recall", "f1", "auc", "auroc", "auprc", "roc", "map"),
        *("ap", "iou", "miou", "dice", "jaccard", "bleu", "rouge", "meteor", "r2", "score"),
        *("reward", "rewards", "return", "returns", "psnr", "ssim", "snr", "mcc", "kappa", "ndcg"),
        *("mrr", "hit", "hits", "success", "throughput", "correct", "likelihood", "elbo", "tpr"),
        *("tnr", "sensitivity", "specificity", "top1", "top5", "win", "wins", "elo", "scores"),
    ]
)  # fmt: skip
_SETTINGS = frozenset(
    ["scale", "weight", "coef", "coefficient", "threshold"]
)  # chosen, not reached
_TURNING = frozenset(["negative", "neg"])  # "neg log likelihood" is better when it is small


def guess_direction(key: str) -> Direction | None:
    """What the words of a scalar's name say; None where they say nothing.

    The last word that says something counts: an `accuracy loss` is a loss, a `loss ratio score`
    a score, and a `loss weight` neither.
    """
    _, tag = split_key(key)
    words = [word.lower() for word in _WORDS.findall(tag)]
    pairs = [f"{one}{other}" for one, other in pairwise(words)]  # f 1, top 5
    if words and words[-1] in _SETTINGS:
        return None
    found: Direction | None = None
    for place, word in enumerate(words):
        joined = pairs[place] if place < len(pairs) else ""
        if word in _DOWN or joined in _DOWN:
            found = "down"
        elif word in _UP or joined in _UP:
            found = "up"
    if found and _TURNING.intersection(words):
        return "down" if found == "up" else "up"
    return found


class Directions:
    """The direction of each scalar.

    Args:
        chosen: What the user said, by scalar key; None where they want no best value.
        objectives: What the runs' objectives say, by scalar key.
    """

    def __init__(
        self,
        chosen: Mapping[str, Direction | None] | None = None,
        objectives: Mapping[str, Direction] | None = None,
    ) -> None:
        self._chosen = dict(chosen or {})
        self._objectives = dict(objectives or {})

    def of(self, spec: ColumnSpec) -> Direction | None:
        """The direction of a column; None where it has none, as steps and counts."""
        if not spec.is_number:
            return None
        if spec.name in self._chosen:
            return self._chosen[spec.name]
        return self._objectives.get(spec.name) or guess_direction(spec.name)


def objectives_of(
    runs: RunColumns, slots: Iterable[int], projects: ProjectHints
) -> dict[str, Direction]:
    """What the runs' projects and the attribute `objective` of batches say, by scalar key.

    Reads files: ask on a worker's thread.
    """
    chosen = list(slots)
    oprefs = runs.stored("opref")
    texts = dict.fromkeys(projects.of(opref).objective for opref in {oprefs[s] for s in chosen})
    having = runs.has_attr("objective")
    batches = [slot for slot in chosen if having[slot]]
    values = runs.attrs("objective", batches)
    texts |= dict.fromkeys(objective_of(values[slot]) for slot in batches)
    found: dict[str, Direction] = {}
    for text in filter(None, texts):
        try:
            spec = parse_column(text.removeprefix("-"))
        except QueryError:
            continue
        found.setdefault(spec.name, "up" if text.startswith("-") else "down")
    return found


def best_of(values: Sequence[Any], direction: Direction | None) -> frozenset[int]:
    """Places of the best values; none without a direction, or where all are equally good.

    A value that is no finite number is never the best.
    """
    numbers = {place: v for place, v in enumerate(values) if _is_finite(v)}
    if direction is None or len(numbers) < 2:
        return frozenset()
    choose: Callable[[Iterable[float]], float] = max if direction == "up" else min
    best = choose(numbers.values())
    found = frozenset(place for place, value in numbers.items() if value == best)
    return frozenset() if len(found) == len(numbers) else found


def _is_finite(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
