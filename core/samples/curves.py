"""Training curves that look learned: they depend on the flags, as real ones do."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Any

Curves = dict[str, list[float]]

# Which choices help, and how much: found by nobody, invented here.
_MODEL_GAIN = {"small": 0.0, "medium": 0.035, "large": 0.055}
_WINDOW_GAIN: dict[object, float] = {"hann": 0.03, "hamming": 0.02, 256: -0.01, 512: 0.0}


def skill(flags: Mapping[str, Any]) -> float:
    """The accuracy that these flags can reach, between 0.2 and 0.97."""
    distance = abs(math.log10(float(flags.get("lr", 0.001))) + 2.7)
    reached: float = 0.86 - 0.11 * distance**1.5
    reached += _MODEL_GAIN.get(str(flags.get("model")), 0.0)
    reached += _WINDOW_GAIN.get(flags.get("window"), 0.0)
    reached += 0.025 if flags.get("augment") else -0.01
    reached -= abs(float(flags.get("dropout", 0.2)) - 0.25) * 0.12
    return min(max(reached, 0.2), 0.97)


def training(rng: random.Random, flags: Mapping[str, Any], steps: int) -> Curves:
    """Loss and accuracy on both halves of the data, one value a step."""
    best = skill(flags) + rng.uniform(-0.015, 0.015)
    rate = rng.uniform(3.0, 7.0) / max(steps, 1)
    overfit = max(0.0, 0.3 - float(flags.get("dropout", 0.2))) * 0.9
    curves: Curves = {"loss": [], "accuracy": [], "val_loss": [], "val_accuracy": []}
    for i in range(steps):
        learned = 1 - math.exp(-rate * i)
        wobble = rng.gauss(0, 0.012)
        loss = 1.9 * (1 - learned) + 0.42 * (1 - best) * 2 + abs(wobble)
        gap = overfit * (i / steps) ** 2
        curves["loss"].append(loss)
        curves["accuracy"].append(min(1.0, best * learned + 0.1 * (1 - learned) - wobble))
        curves["val_loss"].append(loss * 1.08 + gap + abs(rng.gauss(0, 0.02)))
        curves["val_accuracy"].append(max(0.0, (best - 0.03) * learned - gap * 0.1 + 2 * wobble))
    return curves


def diverging(rng: random.Random, steps: int) -> Curves:
    """A loss that explodes and is not a number in the end."""
    loss = [1.9 * math.exp(min(80.0, (i / 4) ** 2)) + rng.random() for i in range(steps)]
    loss[-1] = math.nan
    return {"loss": loss, "accuracy": [0.1 + rng.random() * 0.02 for _ in range(steps)]}
