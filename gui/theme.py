"""Colours, fonts and icons: one place, light and dark, following the system live.

Why tokens and not the platform's palette alone: the platform has no colour for "completed" or
for a quiet line, and a style sheet with literal colours cannot follow a change of scheme.
Views ask for a token by its role and repaint on `changed`.
"""

from __future__ import annotations

import zlib
from functools import lru_cache
from importlib import resources
from string import Template
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QByteArray, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QGuiApplication,
    QIcon,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

Scheme = Literal["light", "dark"]

# Every pair of text and ground reaches a contrast of 4.5:1 (checked by a test).
TOKENS: dict[Scheme, dict[str, str]] = {
    "light": {
        "window": "#ffffff",
        "sidebar": "#f4f5f7",
        "header": "#f8f9fb",
        "line": "#e4e7ec",
        "text": "#1a1d24",
        "muted": "#5f6774",
        "disabled": "#9ba2ae",
        "accent": "#3f57d6",
        "accent-hover": "#3348b8",
        "on-accent": "#ffffff",
        "notice": "#fdf6e3",
        "selection": "#e3e8fc",
        "hover": "#eef0f6",
        "chip": "#e9ebf2",
        "chip-text": "#2d333f",
        "field": "#ffffff",
        "field-line": "#cfd4dd",
        "code": "#f6f7f9",
        "running": "#1a66b6",
        "completed": "#1f7344",
        "error": "#c0341d",
        "terminated": "#8a5a00",
        "pending": "#5f6774",
        "staged": "#6a4bc0",
        "warning": "#8a5a00",
        "added": "#1f7344",
        "match": "#ffe08a",
        "left-only": "#fdeceb",
        "left-word": "#f6c4bf",
        "right-only": "#e5f5ea",
        "right-word": "#a9dfb9",
        "no-line": "#eef0f4",
        "bar": "#242832",
        "bar-hover": "#3a4050",
        "on-bar": "#ffffff",
        "bar-accent": "#b3c0ff",
    },
    "dark": {
        "window": "#1d2027",
        "sidebar": "#191b21",
        "header": "#22252d",
        "line": "#31353f",
        "text": "#e6e8ee",
        "muted": "#9aa2b1",
        "disabled": "#6f7683",
        "accent": "#8ea2ff",
        "accent-hover": "#a9b8ff",
        "on-accent": "#14161c",
        "notice": "#2e2a1d",
        "selection": "#2c3660",
        "hover": "#282c36",
        "chip": "#323743",
        "chip-text": "#d8dce6",
        "field": "#16181d",
        "field-line": "#3b404c",
        "code": "#16181d",
        "running": "#64adf5",
        "completed": "#5cc389",
        "error": "#ff8571",
        "terminated": "#e0b04c",
        "pending": "#9aa2b1",
        "staged": "#b39df5",
        "warning": "#e0b04c",
        "added": "#5cc389",
        "match": "#6b5710",
        "left-only": "#35201f",
        "left-word": "#6e302b",
        "right-only": "#182c20",
        "right-word": "#245c3a",
        "no-line": "#1c1f26",
        "bar": "#3a404e",
        "bar-hover": "#4b5364",
        "on-bar": "#f4f6fa",
        "bar-accent": "#bcc8ff",
    },
}

# The first four are Okabe and Ito's, the others were found by a search: each reaches 3:1 on its
# ground, and any two differ by 10 or more (CIELAB) also for those who lack one kind of cone.
CURVES: dict[Scheme, tuple[str, ...]] = {
    "light": (
        "#0072b2",
        "#c24a00",
        "#00795a",
        "#b0508a",
        "#8f08ff",
        "#949658",
        "#6e140a",
        "#8f71ff",
        "#01413a",
        "#bd7e8c",
        "#3f109d",
        "#621162",
    ),
    "dark": (
        "#56b4e9",
        "#e8853d",
        "#2fbf92",
        "#dd8fbd",
        "#833cfd",
        "#e3ed06",
        "#d31a46",
        "#b0ec95",
        "#466ac6",
        "#92588d",
        "#78fcd7",
        "#fcce55",
    ),
}

# Steps of a scale from the least to the greatest value: lightness rises evenly, so that the order
# is seen without telling hues apart.
SCALES: dict[Scheme, tuple[str, ...]] = {
    "light": (
        "#1b1464",
        "#341a73",
        "#4d2081",
        "#662690",
        "#7e2c94",
        "#95318d",
        "#ab3685",
        "#c13c7d",
        "#cc4769",
        "#d15350",
        "#d65f38",
        "#db6b1f",
    ),
    "dark": (
        "#6b63d8",
        "#8563d3",
        "#a062cd",
        "#bb61c8",
        "#cc63b4",
        "#d96899",
        "#e76d7f",
        "#f17a70",
        "#f48f66",
        "#f7a45c",
        "#f9bb5c",
        "#fbdf6a",
    ),
}

# Grounds of tags, found by a search: also for those who lack one kind of cone any two differ by 9
# or more (CIELAB), and the text of a chip reaches 4.5:1 on each (checked by tests). The name is
# always there: a colour only helps to find it again.
TAGS: dict[Scheme, tuple[str, ...]] = {
    "light": (
        "#9cc4db",
        "#f4b280",
        "#cebdff",
        "#ededa0",
        "#e6b2bd",
        "#a8f2c8",
        "#8cf0f2",
        "#cbc09f",
    ),
    "dark": (
        "#166369",
        "#5a2f04",
        "#4b2e61",
        "#5b582e",
        "#74284a",
        "#3a5a81",
        "#004428",
        "#784c47",
    ),
}

_GENERIC = frozenset({"Sans Serif", "Sans", "sans-serif", ""})
_LEGIBLE = ("Inter", "Noto Sans", "Ubuntu", "Cantarell", "Open Sans")

_QT_SCHEMES: dict[Scheme | None, Qt.ColorScheme] = {
    None: Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}


class Theme(QObject):
    """The look in force. One object an application; views repaint on `changed`.

    Args:
        forced: A scheme chosen by the user; None follows the system.

    Signals:
        changed: The scheme is another one now.
    """

    changed = Signal()

    def __init__(self, forced: Scheme | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._forced = forced
        self._scheme: Scheme = forced or self._scheme_of_system()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_scheme_changed)

    @property
    def scheme(self) -> Scheme:
        """The scheme in force."""
        return self._scheme

    def force(self, scheme: Scheme | None) -> None:
        """Use `scheme` from now on; None follows the system again."""
        self._forced = scheme
        hints = QGuiApplication.styleHints()
        hints.setColorScheme(_QT_SCHEMES[scheme])  # window frames and the system's dialogs too
        self._on_scheme_changed()

    def dress(self, app: QApplication) -> None:
        """Give the application this look, now and after each change."""
        app.setFont(application_font(app.font()))
        app.setStyle("Fusion")  # the one style that draws alike everywhere and obeys palettes
        self.changed.connect(lambda: self._paint(app))
        self._paint(app)

    def colour(self, token: str) -> QColor:
        """The colour of a role, e.g. "muted" or "completed" (a KeyError names an unknown one)."""
        return QColor(TOKENS[self._scheme][token])

    def faint(self, share: float) -> QColor:
        """A quiet colour for what stands behind: this share of quiet text, the rest the ground.

        Why mixed and not transparent: a line that shines through takes Qt many times as long.
        """
        text, ground = self.colour("muted"), self.colour("window")
        pairs = zip(_parts(text), _parts(ground), strict=True)
        return QColor(*(round(one * share + other * (1 - share)) for one, other in pairs))

    def curve_colour(self, number: int) -> QColor:
        """The colour of the curve with this number; repeats after the palette's end."""
        palette = CURVES[self._scheme]
        return QColor(palette[number % len(palette)])

    def scale_colour(self, step: int) -> QColor:
        """The colour of a step of a scale, from 0 for the least value on."""
        scale = SCALES[self._scheme]
        return QColor(scale[max(0, min(step, len(scale) - 1))])

    def tag_colour(self, name: str) -> QColor:
        """The ground of a tag wherever it is shown; its text is in "chip-text".

        The same name has the same colour in every place, window and home, after every start.
        """
        grounds = TAGS[self._scheme]
        return QColor(grounds[zlib.crc32(name.encode("utf-8", "surrogatepass")) % len(grounds)])

    def icon(self, name: str, token: str = "text") -> QIcon:
        """The icon `resources/icons/<name>.svg` drawn in a role's colour."""
        return _icon(name, TOKENS[self._scheme][token])

    def palette(self) -> QPalette:
        """The Qt palette that standard widgets draw with."""
        colours = TOKENS[self._scheme]
        palette = QPalette()
        for role, token in (
            (QPalette.ColorRole.Window, "window"),
            (QPalette.ColorRole.Base, "window"),
            (QPalette.ColorRole.AlternateBase, "header"),
            (QPalette.ColorRole.Button, "header"),
            (QPalette.ColorRole.Text, "text"),
            (QPalette.ColorRole.WindowText, "text"),
            (QPalette.ColorRole.ButtonText, "text"),
            (QPalette.ColorRole.ToolTipBase, "header"),
            (QPalette.ColorRole.ToolTipText, "text"),
            (QPalette.ColorRole.PlaceholderText, "muted"),
            (QPalette.ColorRole.Highlight, "selection"),
            (QPalette.ColorRole.HighlightedText, "text"),
            (QPalette.ColorRole.Link, "accent"),
            (QPalette.ColorRole.Accent, "accent"),
            (QPalette.ColorRole.Light, "window"),
            (QPalette.ColorRole.Midlight, "hover"),
            (QPalette.ColorRole.Mid, "line"),
            (QPalette.ColorRole.Dark, "field-line"),
        ):
            palette.setColor(role, QColor(colours[token]))
        for role in (
            QPalette.ColorRole.Text,
            QPalette.ColorRole.WindowText,
            QPalette.ColorRole.ButtonText,
        ):
            palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(colours["disabled"]))
        return palette

    def style_sheet(self) -> str:
        """The application's style sheet with the tokens filled in."""
        text = resources.files("resources").joinpath("style.qss").read_text(encoding="utf-8")
        names = {name.replace("-", "_"): colour for name, colour in TOKENS[self._scheme].items()}
        return Template(text).substitute(names)

    def _paint(self, app: QApplication) -> None:
        app.setPalette(self.palette())
        app.setStyleSheet(self.style_sheet())

    def _scheme_of_system(self) -> Scheme:
        dark = QGuiApplication.styleHints().colorScheme() == Qt.ColorScheme.Dark
        return "dark" if dark else "light"

    def _on_scheme_changed(self) -> None:
        scheme = self._forced or self._scheme_of_system()
        if scheme != self._scheme:
            self._scheme = scheme
            self.changed.emit()


def application_font(system: QFont) -> QFont:
    """The system's font; where no desktop chose one, the best legible one that is installed.

    Args:
        system: What Qt found; its family is a generic name where no desktop chose.
    """
    if system.family() not in _GENERIC:
        return system
    family = next((name for name in _LEGIBLE if QFontDatabase.hasFamily(name)), None)
    if family is None:
        return system
    font = QFont(family)
    font.setPointSizeF(max(system.pointSizeF(), 10.0))
    # Without a desktop's settings Qt hints fully, which makes thin stems look bold.
    font.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return font


def mono_font() -> QFont:
    """The system's fixed-width font, at the size of its general font."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    size = QGuiApplication.font().pointSizeF()
    if size > 0:
        font.setPointSizeF(size)
    return font


def tabular(font: QFont) -> QFont:
    """The same font with digits of equal width, where Qt and the font offer them."""
    tabular_font = QFont(font)
    if hasattr(QFont, "Tag"):
        tabular_font.setFeature(QFont.Tag("tnum"), 1)
    return tabular_font


@lru_cache(maxsize=1)
def _icons() -> Traversable:
    """Where they are; finding that out takes as long as drawing one."""
    return resources.files("resources").joinpath("icons")


@lru_cache(maxsize=512)
def _icon(name: str, colour: str) -> QIcon:
    svg = _icons().joinpath(f"{name}.svg").read_text(encoding="utf-8")
    renderer = QSvgRenderer(QByteArray(svg.replace("currentColor", colour).encode()))
    icon = QIcon()
    for size in (16, 24, 32, 48):
        pixmap = QPixmap(QSize(size, size))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        icon.addPixmap(pixmap)
        icon.addPixmap(pixmap, QIcon.Mode.Selected)  # else Qt washes it out on selected rows
    return icon


def _parts(colour: QColor) -> tuple[int, int, int]:
    return colour.red(), colour.green(), colour.blue()
