"""What every kind of plot is about."""

from __future__ import annotations

from msgspec import Struct

from gui.compare.chosen_runs import ChosenRuns
from gui.plots.run_colours import RunColours
from gui.services import Services


class Plotted(Struct, frozen=True):
    """Runs, and what drawing them needs.

    Attributes:
        chosen: The runs.
        colours: Their colours.
        services: Shared services.
    """

    chosen: ChosenRuns
    colours: RunColours
    services: Services
