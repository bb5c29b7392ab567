from PySide6.QtGui import QFont, QFontMetrics

from gui.text_widths import TextWidths


def test_a_width_is_what_qt_measures(qapp):
    metrics = QFontMetrics(QFont())
    widths = TextWidths(metrics)

    assert [widths.of(text) for text in ("", "loss", "Große 鳥")] == [
        metrics.horizontalAdvance(text) for text in ("", "loss", "Große 鳥")
    ]


def test_a_text_is_measured_once(qapp):
    class Counted(QFontMetrics):
        asked = 0

        def horizontalAdvance(self, text):
            Counted.asked += 1
            return super().horizontalAdvance(text)

    widths = TextWidths(Counted(QFont()))

    assert widths.of("val_accuracy") == widths.of("val_accuracy")
    assert Counted.asked == 1
