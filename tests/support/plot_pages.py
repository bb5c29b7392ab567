"""The Plots page over invented runs with curves on disk."""

from __future__ import annotations

import pytest

from gui.views.plots import plots_page


def run(number, **scalars):
    """Flags and scalars of an invented run."""
    curves = {name: [value, value / 2, value / 3] for name, value in scalars.items()}
    flags = {"lr": 0.1 / (number + 1), "opt": ("adam", "sgd")[number % 2], "seed": number}
    return flags, curves


@pytest.fixture
def page_of(services, show_in_window, chosen_of, qtbot):
    def make(*runs, mode="curves"):
        chosen = chosen_of(*runs)
        page = plots_page.make(chosen, services)
        page.show_mode(mode)
        show_in_window(page, 1000, 640)
        return page, chosen

    return make
