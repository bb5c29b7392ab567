from __future__ import annotations

import re
import tomllib
from pathlib import Path

from gui.dialogs.about_dialog import _LICENCES

_SHOWN_AS = {"pyside6-essentials": "qt and pyside6"}


def test_every_package_that_the_application_needs_is_named_with_its_licence():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    names = [re.split(r"[<>=!~ \[]", text)[0].lower() for text in project["dependencies"]]
    told = " ".join(name.lower() for name, _ in _LICENCES)

    assert [name for name in names if _SHOWN_AS.get(name, name) not in told] == []
