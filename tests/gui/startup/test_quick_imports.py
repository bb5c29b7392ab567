import inspect
import sys

import pytest

from gui.startup.quick_imports import quicken_imports


def import_beside_a_witness(name, tmp_path, monkeypatch):
    """Names of modules whose source is looked at while another one is imported."""
    seen = []
    monkeypatch.setattr(inspect, "getsource", lambda module: seen.append(module.__name__) or "")
    (tmp_path / f"{name}.py").write_text("import PySide6\nVALUE = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    module = __import__(name)
    monkeypatch.delitem(sys.modules, name)
    assert module.VALUE == 1
    return seen


@pytest.mark.usefixtures("pyside_look")
def test_no_source_is_read_of_what_is_imported(tmp_path, monkeypatch):
    assert "looked_at" in import_beside_a_witness("looked_at", tmp_path, monkeypatch)

    assert quicken_imports()

    assert import_beside_a_witness("spared", tmp_path, monkeypatch) == []


def test_a_pyside_without_such_a_look_is_left_as_it_is(pyside_look, monkeypatch):
    monkeypatch.delattr(pyside_look, "_mod_uses_pyside")

    assert not quicken_imports()
    assert not hasattr(pyside_look, "_mod_uses_pyside")
