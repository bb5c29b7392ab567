from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit

from gui.theme import Theme
from gui.views.clear_button import add_clear_button


def darkest(edit) -> int:
    """Lightness of the darkest pixel of the cross that can be seen."""
    (action,) = (a for a in edit.findChildren(QAction) if "clear" in a.objectName())
    picture = action.icon().pixmap(16, 16).toImage()
    pixels = (picture.pixelColor(x, y) for x in range(16) for y in range(16))
    return min(pixel.lightness() for pixel in pixels if pixel.alpha() > 200)


def test_the_cross_has_the_colours_of_the_theme_and_follows_them(qtbot):
    theme = Theme("light")
    edit = QLineEdit()
    qtbot.addWidget(edit)

    add_clear_button(edit, theme)

    assert edit.isClearButtonEnabled()
    light = darkest(edit)
    theme.force("dark")
    assert darkest(edit) > light + 40, "on a dark ground it is light"
    theme.force(None)
