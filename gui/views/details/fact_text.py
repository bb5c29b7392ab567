"""A piece of text among facts: selectable, wrapping anywhere, as high as it needs to be.

Why no QLabel: it breaks lines only between words, so one long path makes a whole tab wider than
its window. Why HTML is safe here: callers put every value through `html.escape`, and
`loadResource` gives out our own icons and nothing else, so no text of a run can make the
application open a file or an address.
"""

from __future__ import annotations

from html import escape
from typing import Any
from urllib.parse import quote, unquote

from PySide6.QtCore import QEvent, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QTextOption, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextBrowser, QWidget

from gui.theme import Theme

_USUAL_ICON = 13  # pixels, at the usual size of the font


def link(text: str, target: str, theme: Theme) -> str:
    """HTML of a link to `target` (any text; comes back in `link_activated`)."""
    colour = theme.colour("accent").name()
    href = quote(target, safe="")
    return f'<a href="go:{href}" style="color:{colour}; text-decoration:none">{escape(text)}</a>'


def icon_link(name: str, target: str, theme: Theme, tip: str = "") -> str:
    """HTML of an icon that is a link to `target`; the tip says what it does."""
    title = f' title="{escape(tip)}"' if tip else ""
    return f'<a href="go:{quote(target, safe="")}"{title}>{icon(name, "muted", theme)}</a>'


def coloured(text: str, token: str, theme: Theme) -> str:
    """HTML of a text in the colour of a role."""
    return f'<span style="color:{theme.colour(token).name()}">{escape(text)}</span>'


def icon_size() -> int:
    """Width and height of an icon in a text, in pixels."""
    return max(_USUAL_ICON, QFontMetrics(QGuiApplication.font()).height() - 3)


def icon(name: str, token: str, theme: Theme) -> str:
    """HTML of one of our icons in the colour of a role."""
    # The scheme is part of the address: documents remember what they loaded.
    address = f"icon:{theme.scheme}/{name}/{token}"
    size = f'width="{icon_size()}" height="{icon_size()}"'
    return f'<img src="{address}" {size} style="vertical-align:middle">'


class FactText(QTextBrowser):
    """Read-only text that is part of a page: no frame, no scroll bars, height by its width.

    Signals:
        link_activated: A link was clicked or entered: the target that was given to `link`.
    """

    link_activated = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, name: str = "") -> None:
        super().__init__(parent)
        self._theme = theme
        self._html = ""
        self._heights: dict[int, int] = {}
        self.setAccessibleName(name)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.document().setDocumentMargin(0)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setTabChangesFocus(False)
        self.anchorClicked.connect(self._on_anchor_clicked)

    def show_html(self, html: str) -> None:
        """Show HTML whose values were escaped; the same again changes nothing, as a selection."""
        if html == self._html:
            return
        self._html = html
        self._heights.clear()
        self.document().clear()
        self.setHtml(f'<div style="white-space:pre-wrap">{html}</div>')
        self.updateGeometry()

    def show_text(self, text: str) -> None:
        """Show plain text."""
        self.show_html(escape(text, quote=False))

    def _on_anchor_clicked(self, url: QUrl) -> None:
        text = url.toString(QUrl.ComponentFormattingOption.FullyEncoded)
        self.link_activated.emit(unquote(text.removeprefix("go:")))

    def _height(self, width: int) -> int:
        """Height at some width; layouts ask for the same ones again and again."""
        if width not in self._heights:
            document = self.document()
            before = document.textWidth()
            document.setTextWidth(max(1, width))
            self._heights[width] = int(document.size().height() + 0.99)
            document.setTextWidth(before)
        return self._heights[width]

    # Qt overrides

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        url = QUrl(name)
        if url.scheme() != "icon":
            return None
        _, icon_name, token = url.path().split("/")
        ratio = self.devicePixelRatioF()
        return self._theme.icon(icon_name, token).pixmap(QSize(icon_size(), icon_size()), ratio)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._height(width)

    def sizeHint(self) -> QSize:
        return QSize(160, self._height(max(self.width(), 60)))

    def minimumSizeHint(self) -> QSize:
        return QSize(40, self.fontMetrics().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the page around scrolls

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._heights.clear()
            self.updateGeometry()
