"""The house rules that a machine can check: layers, sizes, words, the tree of errors."""

from __future__ import annotations

import ast
import inspect
import re
import statistics
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path

import pytest

import core.errors

ROOT = Path(__file__).parents[1]
LAYERS = ("core", "remote", "gui", "cli")
SOURCES = sorted(path for layer in LAYERS for path in (ROOT / layer).rglob("*.py"))
TEXTS = sorted(
    path
    for pattern in ("*.md", "*.toml", "Makefile", ".ci/*", "*/**/*.py", "resources/**/*")
    for path in ROOT.glob(pattern)
    if path.is_file()
    and not {".venv", ".peer", "build", "__pycache__"} & set(path.relative_to(ROOT).parts)
)
QT = {"PySide6", "shiboken6"}
# Longest of each, in lines; docstrings do not count.
LONGEST_MODULE, LONGEST_CLASS, LONGEST_FUNCTION = 600, 250, 50

Function = ast.FunctionDef | ast.AsyncFunctionDef


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def sources_of(*folders: str) -> list[Path]:
    return [path for path in SOURCES if name_of(path).startswith(folders)]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes_of(path: Path) -> list[ast.AST]:
    """Everything in a file; walking it anew is what takes these tests their time."""
    return list(ast.walk(tree_of(path)))


@cache
def imports_of(path: Path) -> tuple[str, ...]:
    """Every module that a file imports, at its top or later."""
    return tuple(dict.fromkeys(_imports_of(path)))


def _imports_of(path: Path) -> Iterator[str]:
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)} has a relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def offenders(paths: list[Path], forbidden: set[str]) -> list[str]:
    """Files and what they import of the forbidden modules."""
    assert paths
    return [
        f"{name_of(path)} imports {module}"
        for path in paths
        for module in imports_of(path)
        if any(module == name or module.startswith(f"{name}.") for name in forbidden)
    ]


def functions_of(path: Path) -> list[Function]:
    return [node for node in nodes_of(path) if isinstance(node, Function)]


def lines_of(node: Function | ast.ClassDef) -> int:
    """How many lines of code a definition has: no docstrings, comments or blank lines."""
    described = (ast.ClassDef, *Function.__args__)
    docstrings = {
        line
        for inner in ast.walk(node)
        if isinstance(inner, described) and ast.get_docstring(inner) is not None
        for line in range(inner.body[0].lineno, inner.body[0].end_lineno + 1)
    }
    lines = {
        line
        for inner in ast.walk(node)
        if hasattr(inner, "lineno")
        for line in (inner.lineno, inner.end_lineno)
    }
    return len(lines - docstrings)


def test_core_knows_no_window_no_network_and_no_other_layer():
    forbidden = QT | {"paramiko", "http", "remote", "gui", "cli", "click"}

    assert offenders(sources_of("core/"), forbidden) == []


def test_core_uses_sockets_only_to_know_the_name_of_this_machine():
    used = {
        ast.unparse(node)
        for path in sources_of("core/")
        if path.name != "claim.py"  # a name on this machine; see there
        for node in nodes_of(path)
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "socket"
    }

    assert used <= {"socket.gethostname"}


def test_remote_knows_no_window():
    assert offenders(sources_of("remote/"), QT | {"gui", "cli"}) == []


def test_only_remote_speaks_ssh():
    outside = sources_of("core/", "gui/", "cli/")

    assert offenders(outside, {"paramiko", "remote.ssh_library"}) == []


def test_few_modules_of_remote_know_how_ssh_is_spoken():
    speakers = {
        *("errors", "transport", "connection", "byte_channel", "watch"),
        *("host_keys", "exchange", "login", "eager_auth", "key_offers", "private_keys"),
    }
    rooms, library = sources_of("remote/"), {"remote.ssh_library"}

    assert {p.stem for p in rooms if offenders([p], {"paramiko"})} == {"ssh_library"}
    assert {p.stem for p in rooms if offenders([p], library)} == speakers


def test_gui_asks_core_for_files_sql_and_processes():
    forbidden = {"sqlite3", "subprocess", "yaml", "socket", "cli"}

    assert offenders(sources_of("gui/"), forbidden) == []


def test_gui_opens_no_file_by_itself():
    opening = {"open", "read_text", "read_bytes", "write_text", "write_bytes"}
    # What the program ships may be read: it is no file of a run.
    shipped = re.compile(r"resources\.files|joinpath\(|importlib")
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in sources_of("gui/")
        for node in nodes_of(path)
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", None) or getattr(node.func, "attr", None)) in opening
        and (isinstance(node.func, ast.Name) or node.func.attr != "open")
        and not shipped.search(ast.unparse(node))
    ]

    assert found == []


def test_table_models_know_no_views():
    assert offenders(sources_of("gui/models/"), {"gui.views", "gui.dialogs"}) == []


def test_cli_loads_the_window_only_when_asked():
    early = [
        f"{name_of(path)} imports {module}"
        for path in sources_of("cli/")
        for node in tree_of(path).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
        if module.split(".")[0] in QT | {"gui"}
    ]

    assert early == []


def test_package_files_hold_nothing_but_a_docstring():
    for path in SOURCES:
        if path.name == "__init__.py":
            body = tree_of(path).body
            assert len(body) == 1, name_of(path)
            assert ast.get_docstring(tree_of(path)), name_of(path)


def test_every_module_says_what_lives_there():
    assert [name_of(path) for path in SOURCES if not ast.get_docstring(tree_of(path))] == []


def test_no_module_is_a_drawer():
    drawers = {"utils", "util", "helpers", "common", "misc", "manager", "tools"}

    assert [name_of(path) for path in SOURCES if path.stem in drawers] == []


def test_every_public_function_of_core_is_documented():
    missing = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in sources_of("core/")
        for node in public_definitions(tree_of(path))
        if ast.get_docstring(node) is None and not is_declaration(node)
    ]

    assert missing == []


def is_declaration(node: Function | ast.ClassDef) -> bool:
    """Whether it is a field of a protocol, which the protocol's docstring describes."""
    return isinstance(node, Function) and ast.unparse(node.body[-1]) == "..."


def public_definitions(tree: ast.Module | ast.ClassDef) -> Iterator[Function | ast.ClassDef]:
    """Public functions, classes and methods; not those inside of functions."""
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public_definitions(node)


def test_modules_classes_and_functions_are_short():
    too_long = [
        name_of(path)
        for path in SOURCES
        if len(path.read_text(encoding="utf-8").splitlines()) > LONGEST_MODULE
    ]
    for path in SOURCES:
        for node in nodes_of(path):
            limit = LONGEST_CLASS if isinstance(node, ast.ClassDef) else LONGEST_FUNCTION
            if isinstance(node, Function | ast.ClassDef) and lines_of(node) > limit:
                too_long.append(f"{name_of(path)}:{node.lineno} {node.name} {lines_of(node)}")

    assert too_long == []


def test_most_functions_are_a_few_lines():
    lengths = sorted(lines_of(node) for path in SOURCES for node in functions_of(path))

    assert len(lengths) > 500
    assert statistics.median(lengths) <= 7
    assert lengths[int(len(lengths) * 0.95)] <= 30


def test_broad_excepts_are_only_where_unexpected_failures_are_kept():
    allowed = {"core/jobs.py", "cli/program.py"}
    found = [
        f"{name_of(path)}:{node.lineno}"
        for path in SOURCES
        if name_of(path) not in allowed
        for node in nodes_of(path)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or getattr(node.type, "id", "") in ("Exception", "BaseException"))
        # What only cleans up and lets the failure go on hides nothing.
        and not (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None)
    ]

    assert found == []


def test_a_suppressed_warning_gives_its_reason():
    codes = r"noqa(:\s*[A-Z]+[0-9]+(,\s*[A-Z]+[0-9]+)*)?|type:\s*ignore(\[[\w,-]+\])?"
    bare = re.compile(rf"#\s*({codes})\s*$")
    found = []
    for path in SOURCES:
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, (above, line) in enumerate(zip(["", *lines], lines, strict=False), 1):
            if bare.search(line) and not above.strip().startswith("#"):
                found.append(f"{name_of(path)}:{number}")

    assert found == []


def leaves(error: type[core.errors.Error]) -> Iterator[type[core.errors.Error]]:
    below = error.__subclasses__()
    if not below:
        yield error
    for kind in below:
        yield from leaves(kind)


LEAVES = sorted(set(leaves(core.errors.Error)), key=lambda kind: kind.__name__)


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.__name__)
def test_each_error_is_documented_drawn_and_raised_somewhere(kind):
    calls = {
        getattr(node.func, "id", None) or getattr(node.func, "attr", None)
        for path in SOURCES
        for node in nodes_of(path)
        if isinstance(node, ast.Call)
    }

    assert kind.__doc__
    assert kind.__name__ in calls, f"{kind.__name__} is never raised"
    assert kind.__name__ in core.errors.__doc__, f"{kind.__name__} is not in the drawing"


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.__name__)
def test_each_error_is_made_from_one_sentence(kind):
    wanted = inspect.signature(kind).parameters
    more = {"position": 3} if "position" in wanted else {}
    error = kind("The run 1a2b3c4d cannot be read", hint="Look again.", **more)

    assert str(error) == "The run 1a2b3c4d cannot be read"
    assert error.hint == "Look again."


def test_nothing_tells_of_the_machine_it_was_written_on():
    places = ["/" + "work/", "/" + "tmp/peer", "/" + "root/", "contract" + ".md"]
    found = [
        f"{name_of(path)}: {place}"
        for path in TEXTS
        if path.suffix not in (".png", ".pyc")
        for place in places
        if place in path.read_text(encoding="utf-8", errors="replace")
    ]

    assert len(TEXTS) > 100
    assert found == []


def test_tests_mirror_the_rooms():
    rooms = {name_of(path.parent) for path in SOURCES}
    for kind in ("unit", "property"):
        for path in (ROOT / "tests" / kind).rglob("test_*.py"):
            room = str(path.parent.relative_to(ROOT / "tests" / kind))
            assert room in rooms, f"{name_of(path)} mirrors no room"


def test_no_test_replaces_objects_by_mocks():
    tests = list((ROOT / "tests").rglob("*.py"))

    assert offenders(tests, {"unittest", "mock", "pytest_mock"}) == []


def test_layers_are_declared_in_the_wheel():
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")

    for layer in chain(LAYERS, ["resources"]):
        assert f'"{layer}"' in pyproject
