"""Colours a program chose for its terminal, made legible on our ground, light and dark.

Why not the terminal's own sixteen: yellow on white and blue on black cannot be read. The eight
hues are taken from our tokens; any other colour keeps its hue and is made darker or lighter until
its contrast with the ground is CONTRAST.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtGui import QColor

from core.ansi import Colour, Style
from gui.theme import Theme

CONTRAST = 4.5
# Black, red, green, yellow, blue, magenta, cyan, white; "" is not one of our tokens.
_TOKENS = ("text", "error", "completed", "warning", "running", "staged", "", "text")
_CYAN = {"light": (0, 118, 128), "dark": (77, 196, 204)}
# Grounds for text: what programs mean by them must be told apart, softly.
_LEVELS = (0, 95, 135, 175, 215, 255)
_BASIC = (
    (60, 60, 60), (205, 50, 50), (40, 150, 80), (200, 150, 30),
    (50, 110, 200), (150, 80, 190), (0, 140, 150), (220, 220, 220),
)  # fmt: skip


class OutputColours:
    """The colours of styles on the ground of the output.

    Args:
        theme: The look in force; ask for a new object when it changes.
    """

    def __init__(self, theme: Theme) -> None:
        self.ground = theme.colour("code")
        self.text = theme.colour("text")
        self.muted = theme.colour("muted")
        self.stderr = theme.colour("error")
        self.selection = theme.colour("selection")
        self.match = theme.colour("match")
        self.matched = legible(self.text, self.match)
        self.accent = theme.colour("accent")
        self.line = theme.colour("line")
        cyan = QColor(*_CYAN[theme.scheme])
        self._named = [theme.colour(token) if token else cyan for token in _TOKENS]
        self._known: dict[tuple[Style, bool], tuple[QColor, QColor | None]] = {}

    def of(self, style: Style, *, is_stderr: bool) -> tuple[QColor, QColor | None]:
        """The colour of letters, and of their ground where it is not the usual one."""
        known = self._known.get((style, is_stderr))
        if known is None:
            if len(self._known) > 4096:
                self._known.clear()
            known = self._known[style, is_stderr] = self._make(style, is_stderr=is_stderr)
        return known

    def _make(self, style: Style, *, is_stderr: bool) -> tuple[QColor, QColor | None]:
        usual = self.stderr if is_stderr else self.text
        letters = usual if style.fg is None else self._letters(style.fg)
        ground = None if style.bg is None else QColor(*_rgb(style.bg))
        if style.inverse:
            letters, ground = ground or self.ground, letters
        if style.faint and style.fg is None:
            letters = self.muted
        return legible(letters, ground or self.ground), ground

    def _letters(self, colour: Colour) -> QColor:
        if colour == 8:
            return self.muted
        if isinstance(colour, int) and colour < 16:
            return self._named[colour % 8]
        return QColor(*_rgb(colour))


def legible(colour: QColor, ground: QColor) -> QColor:
    """The colour, darker or lighter until it can be read on the ground."""
    return QColor.fromRgb(_legible(colour.rgb(), ground.rgb()))


def contrast(one: QColor, other: QColor) -> float:
    """The contrast of two colours as WCAG defines it, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@lru_cache(maxsize=4096)
def _legible(rgb: int, ground_rgb: int) -> int:
    colour, ground = QColor.fromRgb(rgb), QColor.fromRgb(ground_rgb)
    is_dark = contrast(QColor(255, 255, 255), ground) > contrast(QColor(0, 0, 0), ground)
    end = 255 if is_dark else 0
    for share in range(21):
        mixed = QColor(
            *[
                round(part + (end - part) * share / 20)
                for part in (colour.red(), colour.green(), colour.blue())
            ]
        )
        if contrast(mixed, ground) >= CONTRAST:
            return mixed.rgb()
    return QColor(end, end, end).rgb()


def _luminance(colour: QColor) -> float:
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (colour.redF(), colour.greenF(), colour.blueF())
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _rgb(colour: Colour) -> tuple[int, int, int]:
    """Red, green and blue of a colour of the 256-colour palette."""
    if isinstance(colour, tuple):
        return colour
    if colour < 16:
        return _BASIC[colour % 8]
    if colour < 232:
        cube = colour - 16
        return _LEVELS[cube // 36], _LEVELS[cube // 6 % 6], _LEVELS[cube % 6]
    grey = 8 + 10 * (colour - 232)
    return grey, grey, grey
