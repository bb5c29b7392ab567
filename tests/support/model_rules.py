"""Qt's own look at whether a model keeps the rules of models."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel
from PySide6.QtTest import QAbstractItemModelTester


def watch_model(model: QAbstractItemModel) -> None:
    """Look at a model now and at each of its changes; what breaks a rule fails the test.

    The tester is a child of the model: one that nobody holds is gone at once, and looks at nothing.
    """
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning, model)
