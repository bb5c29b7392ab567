from __future__ import annotations

import os
import re
import subprocess
import sys
from math import nan
from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QImage

from core.curves import CurveOptions
from core.errors import Error
from gui.plots.plot_file import PlotRun, write_plot
from gui.theme import CURVES, TOKENS
from tests.support.peer import ROOT
from tests.support.plotted import write_events

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def runs(tmp_path):
    found = []
    for number in range(3):
        path = tmp_path / f"run{number}"
        write_events(path, {"loss": [3.0, 1.0 + number, 0.5], "acc": [0.1, 0.2, 0.9]})
        found.append(PlotRun(f"run {number}", path))
    return found


def test_a_png_has_the_size_that_was_asked_for_and_is_sharp(qapp, runs, tmp_path):
    write_plot(tmp_path / "plot.png", runs, keys=["loss"], size=(600, 400))

    image = QImage(str(tmp_path / "plot.png"))
    assert (image.width(), image.height()) == (1200, 800)


def test_an_svg_has_lines_and_words(qapp, runs, tmp_path):
    write_plot(tmp_path / "plot.svg", runs, keys=["loss", "acc"])

    text = (tmp_path / "plot.svg").read_text()
    assert text.count("<polyline") >= 6
    assert all(f"run {number}" in text for number in range(3))
    assert "loss" in text
    assert "<image" not in text


def test_lines_of_an_svg_are_as_wide_in_programs_that_scale_every_line(qapp, runs, tmp_path):
    write_plot(tmp_path / "plot.svg", runs, keys=["loss"], size=(600, 400))

    document = ElementTree.parse(tmp_path / "plot.svg")
    groups = [g for g in document.iter(f"{SVG}g") if g.find(f"{SVG}polyline") is not None]
    assert {g.get("transform", "").rsplit(",", 2)[0] for g in groups} == {"matrix(1,0,0,1"}
    curves = [g.find(f"{SVG}polyline") for g in groups if g.get("stroke-width") == "1.7"]
    assert len(curves) == 3
    assert {curve.get("vector-effect") for curve in curves} == {"none"}


def test_in_an_svg_no_curve_leaves_its_panel(qapp, tmp_path):
    for number in range(30):
        path = tmp_path / f"run{number}"
        write_events(path, {"loss": [1.0, 1e300 if number == 7 else 0.5, 0.2]})
    runs = [PlotRun(path.name, path) for path in tmp_path.glob("run*")]

    write_plot(tmp_path / "plot.svg", runs, keys=["loss"], size=(600, 400))

    text = (tmp_path / "plot.svg").read_text()
    assert re.search(r'<g clip-path="[^>]*>\s*<g [^>]*stroke-width="1.7"', text)
    assert not re.search(r"inf|nan|e\+", text.partition("</defs>")[2])


def test_runs_of_one_group_share_a_colour(qapp, runs, tmp_path):
    grouped = [PlotRun(run.name, run.path, group="all") for run in runs]

    write_plot(tmp_path / "plot.svg", grouped, keys=["loss"])

    text = (tmp_path / "plot.svg").read_text()
    lines = re.findall(r'<g [^>]*stroke="(#\w+)"[^>]*>\s*<polyline', text)
    assert set(lines) - {TOKENS["light"]["line"]} == {CURVES["light"][0]}
    assert "run 1" not in text


def test_options_say_how_curves_are_drawn(qapp, runs, tmp_path):
    options = CurveOptions(log_y=True)

    write_plot(tmp_path / "plot.svg", runs, keys=["loss"], options=options, scheme="dark")

    assert "0.5" in (tmp_path / "plot.svg").read_text()


def test_scalars_that_no_run_has_are_an_error(qapp, runs, tmp_path):
    with pytest.raises(Error, match=r"no run has values of val_loss"):
        write_plot(tmp_path / "plot.png", runs, keys=["val_loss"])


def test_values_that_cannot_be_drawn_are_an_error(qapp, tmp_path):
    write_events(tmp_path / "run", {"loss": [nan]})

    with pytest.raises(Error, match="no run has values"):
        write_plot(tmp_path / "plot.png", [PlotRun("run", tmp_path / "run")], keys=["loss"])


@pytest.mark.parametrize("name", ["plot.pdf", "plot", "plot.jpg"])
def test_other_kinds_of_file_are_an_error(qapp, runs, tmp_path, name):
    with pytest.raises(Error, match=r"neither in \.png nor in \.svg"):
        write_plot(tmp_path / name, runs, keys=["loss"])


@pytest.mark.parametrize("name", ["plot.png", "plot.svg"])
def test_a_file_that_cannot_be_written_is_an_error(qapp, runs, tmp_path, name):
    with pytest.raises(Error, match="Cannot write"):
        write_plot(tmp_path / "no" / name, runs, keys=["loss"])


def test_no_window_and_no_screen_is_needed(runs, tmp_path):
    code = (
        "import sys; from pathlib import Path; from gui.plots.plot_file import PlotRun, write_plot;"
        "write_plot(Path(sys.argv[1]), [PlotRun('a', Path(sys.argv[2]))], keys=['loss'])"
    )
    environ = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "QT_QPA_PLATFORM")}
    target = tmp_path / "plot.png"

    subprocess.run(
        [sys.executable, "-c", code, str(target), str(runs[0].path)],
        cwd=ROOT, env=environ, check=True, timeout=120,
    )  # fmt: skip

    assert not QImage(str(target)).isNull()
