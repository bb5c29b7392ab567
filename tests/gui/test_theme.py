from __future__ import annotations

import math
import re
from importlib import resources
from itertools import combinations

import pytest
import shiboken6
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from gui.theme import CURVES, TAGS, TOKENS, Theme, application_font, mono_font, tabular
from gui.views.theme_follower import follow

GROUNDS = ("window", "sidebar", "header", "selection", "hover", "notice")
TEXTS = ("text", "muted", "accent", "running", "completed", "error", "terminated", "pending")
PAPER = 6  # by the checksum of the name
TEXTS = (*TEXTS, "staged", "warning", "added")


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


PAIRS = [
    *((text, ground) for text in TEXTS for ground in GROUNDS),
    ("on-accent", "accent"),
    ("on-accent", "accent-hover"),
    ("chip-text", "chip"),
    ("text", "chip"),
    ("text", "field"),
    ("muted", "field"),
    ("text", "code"),
    ("error", "code"),
    ("text", "match"),
    *(("text", f"{side}-{part}") for side in ("left", "right") for part in ("only", "word")),
    *(("muted", ground) for ground in ("left-only", "right-only", "no-line")),
    *((text, ground) for text in ("on-bar", "bar-accent") for ground in ("bar", "bar-hover")),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_can_be_read_on_every_ground(scheme, text, ground):
    tokens = TOKENS[scheme]

    assert contrast(tokens[text], tokens[ground]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_curves_can_be_told_from_the_ground(scheme):
    for colour in CURVES[scheme]:
        assert contrast(colour, TOKENS[scheme]["window"]) >= 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_tags_can_be_read_on_each_of_their_colours(scheme):
    for ground in TAGS[scheme]:
        assert contrast(TOKENS[scheme]["chip-text"], ground) >= 4.5


# What is seen by people without one kind of cone: Machado, Oliveira and Fernandes (2009).
EYES = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deutan": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritan": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}


def lab(linear: list[float]) -> tuple[float, float, float]:
    rows = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))
    white = (0.9505, 1.0, 1.089)
    sums = (sum(map(float.__mul__, row, linear)) / w for row, w in zip(rows, white, strict=True))
    x, y, z = (max(s, 0) ** (1 / 3) if s > 0.008856 else 7.787 * s + 16 / 116 for s in sums)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def seen(colour: str, eye: str) -> tuple[float, float, float]:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return lab([sum(a * b for a, b in zip(row, linear, strict=True)) for row in EYES[eye]])


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_tags_can_be_told_apart_by_everybody(scheme, eye):
    colours = [seen(colour, eye) for colour in TAGS[scheme]]

    nearest = min(math.dist(one, other) for one, other in combinations(colours, 2))

    assert nearest >= 9


def test_a_tag_has_the_same_colour_everywhere_and_after_every_start(qtbot):
    assert Theme("light").tag_colour("paper") == Theme("light").tag_colour("paper")
    assert Theme("light").tag_colour("paper").name() == TAGS["light"][PAPER]
    assert Theme("dark").tag_colour("paper").name() == TAGS["dark"][PAPER]
    assert Theme("dark").tag_colour("\ud800").isValid()


def test_both_schemes_have_the_same_tokens():
    assert TOKENS["light"].keys() == TOKENS["dark"].keys()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_style_sheet_is_filled_in_completely(qtbot, scheme):
    sheet = Theme(scheme).style_sheet()

    assert "$" not in sheet
    assert TOKENS[scheme]["accent"] in sheet


def test_the_style_sheet_has_no_colour_of_its_own():
    text = resources.files("resources").joinpath("style.qss").read_text(encoding="utf-8")

    assert re.findall(r":\s*#[0-9a-fA-F]{3,8}\b", text) == []


def test_every_icon_draws_something_and_is_our_size(qtbot):
    theme = Theme("light")
    folder = resources.files("resources").joinpath("icons")
    names = [p.name[:-4] for p in folder.iterdir() if p.name.endswith(".svg")]
    names = [name for name in names if not name.startswith("app")]
    assert len(names) > 25

    for name in names:
        text = folder.joinpath(f"{name}.svg").read_text(encoding="utf-8")
        assert 'viewBox="0 0 16 16"' in text
        assert "currentColor" in text
        image = theme.icon(name).pixmap(16, 16).toImage()
        assert any(image.pixelColor(x, y).alpha() for x in range(16) for y in range(16)), name


def test_forcing_another_scheme_tells_and_changes_colours(qtbot):
    theme = Theme("light")
    before = theme.colour("text")

    with qtbot.waitSignal(theme.changed):
        theme.force("dark")

    assert theme.scheme == "dark"
    assert theme.colour("text") != before
    theme.force("light")
    theme.force(None)


def test_dressing_gives_the_application_palette_and_style(qtbot):
    app = QApplication.instance()
    before = (app.palette(), app.styleSheet(), app.font())
    theme = Theme("light")

    theme.dress(app)
    theme.force("dark")

    assert app.palette().color(QPalette.ColorRole.Window).name() == TOKENS["dark"]["window"]
    assert TOKENS["dark"]["accent"] in app.styleSheet()
    theme.force(None)
    app.setPalette(before[0])
    app.setStyleSheet(before[1])
    app.setFont(before[2])


def test_a_font_that_a_desktop_chose_is_kept(qtbot):
    chosen = QFont("DejaVu Serif", 14)

    assert application_font(chosen) == chosen


def test_without_a_chosen_font_the_size_is_legible(qtbot):
    assert application_font(QFont("Sans Serif", 9)).pointSizeF() >= 9


def test_other_fonts_follow_the_general_size(qtbot):
    size = QApplication.font().pointSizeF()

    assert mono_font().pointSizeF() == size
    assert tabular(QApplication.font()).pointSizeF() == size


def test_what_is_drawn_anew_is_let_go_with_its_widget(qtbot):
    theme, widget, drawn = Theme("light"), QWidget(), []
    follow(theme, widget, lambda: drawn.append(widget.isHidden()))
    theme.force("dark")
    assert len(drawn) == 2

    shiboken6.delete(widget)
    theme.force("light")

    assert len(drawn) == 2
