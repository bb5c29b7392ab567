"""A real screen that nobody sees: Xvfb with a window manager, keys and clicks from outside.

A test that fails leaves a picture of the screen and what the programs said, and names the files.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from msgspec import Struct, field

from tests.support.patience import PATIENCE, comes_true

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
FAILURES = ROOT / "build" / "failures"
SCREEN = "1440x900x24"
_POLL = 0.05
_started = count()
_KEPT_NAMES = ("LANG", "LC_ALL", "PATH", "TMPDIR", "TZ", "USER", "LOGNAME")


def wait_until(is_so: Callable[[], object], what: str, patience: float = PATIENCE):
    """What `is_so()` returns as soon as it is true; fails after `patience` seconds."""
    found = comes_true(is_so, _POLL, patience)
    if not found:
        pytest.fail(f"{what}: not within {patience:g} s")
    return found


class Desktop(Struct):
    """One screen, and the programs started on it.

    Attributes:
        user_home: HOME of everything started here; empty at first.
        main_window: The window that gets the keyboard back where the window manager loses it.
        manager: The window manager; None until it is started.
    """

    display: str
    user_home: Path
    programs: list[subprocess.Popen] = field(default_factory=list)
    main_window: str = ""
    manager: subprocess.Popen | None = None

    @property
    def environ(self) -> dict[str, str]:
        """The environment of a user who has just logged in here."""
        kept = {name: os.environ[name] for name in _KEPT_NAMES if name in os.environ}
        runtime = self.user_home / "runtime"
        runtime.mkdir(mode=0o700, exist_ok=True)
        return kept | {
            "DISPLAY": self.display,
            "HOME": str(self.user_home),
            "XDG_RUNTIME_DIR": str(runtime),
            "XDG_CURRENT_DESKTOP": "openbox",
            "NO_AT_BRIDGE": "1",
        }

    def start(self, *argv: str | Path, **environ: str) -> subprocess.Popen:
        """Start a program on this screen; it is ended with the test."""
        log = (self.user_home / f"{len(self.programs)}-{Path(argv[0]).name}.log").open("wb")
        with log:
            program = subprocess.Popen(
                [str(arg) for arg in argv], env=self.environ | environ, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, cwd=self.user_home, start_new_session=True,
            )  # fmt: skip
        self.programs.append(program)
        return program

    def run(self, *argv: str | Path) -> str:
        """The output of a program that ends by itself."""
        done = subprocess.run(
            [str(arg) for arg in argv], env=self.environ, capture_output=True, text=True,
            timeout=PATIENCE, check=False, cwd=self.user_home,
        )  # fmt: skip
        return done.stdout.strip()

    def windows(self, title: str) -> list[str]:
        """Ids of the visible windows whose title matches the regular expression."""
        found = self.run("xdotool", "search", "--onlyvisible", "--name", title).split()
        return [window for window in found if re.search(title, self.title(window))]

    def wait_for_window(self, title: str) -> str:
        """The id of the first visible window with such a title."""
        return wait_until(lambda: self.windows(title), f"a window {title!r} opens")[0]

    def title(self, window: str) -> str:
        """The title of a window."""
        return self.run("xdotool", "getwindowname", window)

    def active_title(self) -> str:
        """The title of the window that has the keyboard; empty when none has."""
        return self.run("xdotool", "getactivewindow", "getwindowname")

    def activate(self, window: str) -> None:
        """Give a window the keyboard."""
        self.run("xdotool", "windowactivate", "--sync", window)

    def open_folder(self, folder: Path) -> str:
        """The id of the window of a file manager that shows a folder.

        Started again where no window comes: seen now and then on a busy machine, the cause unknown.
        """
        for _ in range(3):
            self.start("pcmanfm", "--no-desktop", folder)
            end = time.monotonic() + PATIENCE / 3
            while time.monotonic() < end:
                if found := self.windows(re.escape(folder.name)):
                    return found[0]
                time.sleep(_POLL)
        pytest.fail(f"no file manager shows {folder.name!r}\n{self.logs()}")

    def wait_for_manager(self) -> None:
        """Wait until a window manager says how many desktops it has; "0" is said where none is."""
        wait_until(
            lambda: self.run("xdotool", "get_num_desktops").strip("0"), "the window manager starts"
        )

    def catch_up(self) -> None:
        """Wait until the window manager has done all that it was asked for before.

        One that is late with giving a window the keyboard takes it away for a moment: of keys that
        were pressed then only the releases arrived. What is asked last, and can be seen, is another
        number of desktops.
        """
        wanted = str(int(self.run("xdotool", "get_num_desktops")) % 4 + 1)
        self.run("xdotool", "set_num_desktops", wanted)
        wait_until(
            lambda: self.run("xdotool", "get_num_desktops") == wanted,
            "the window manager catches up",
        )

    def keep_manager(self) -> None:
        """Start the window manager again where it ended: without one nobody has the keyboard."""
        if self.manager is not None and self.manager.poll() is not None:
            self.manager = self.start("openbox")

    def find_keyboard(self) -> None:
        """Wait until some window has the keyboard, as keys would go nowhere.

        None has it for a moment while a dialog closes, and a slow window manager may leave it so.
        """
        self.keep_manager()
        end = time.monotonic() + 1
        while not self.run("xdotool", "getwindowfocus", "getwindowname"):
            if time.monotonic() > end:
                if self.main_window:
                    self.run("xdotool", "windowactivate", self.main_window)
                    self.run("xdotool", "windowfocus", self.main_window)
                return
            time.sleep(_POLL)

    def key(self, *keys: str) -> None:
        """Press keys, e.g. "ctrl+f", "Tab"."""
        self.find_keyboard()
        self.run("xdotool", "key", "--clearmodifiers", "--delay", "20", *keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self.find_keyboard()
        self.run("xdotool", "type", "--clearmodifiers", "--delay", "15", text)

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Move to a place of the screen and press once."""
        self.run("xdotool", "mousemove", str(x), str(y))
        self.run("xdotool", "click", str(button))

    def double_click(self, x: int, y: int) -> None:
        """Move to a place of the screen and press twice."""
        self.run("xdotool", "mousemove", str(x), str(y))
        self.run("xdotool", "click", "--repeat", "2", "--delay", "60", "1")

    def screenshot(self, path: Path) -> None:
        """Save what is on the screen."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.run("import", "-window", "root", path)

    def logs(self) -> str:
        """What the programs said."""
        files = sorted(self.user_home.glob("*.log"))
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')}" for path in files)

    def close(self) -> None:
        """End every program, the last one first."""
        for program in reversed(self.programs):
            if program.poll() is None:
                os.killpg(program.pid, signal.SIGTERM)
        for program in self.programs:
            try:
                program.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(program.pid, signal.SIGKILL)
                program.wait()
            for pipe in (program.stdin, program.stdout):
                if pipe is not None:
                    pipe.close()


@pytest.fixture
def desktop(tmp_path_factory, request) -> Iterator[Desktop]:
    """A screen of 1440 x 900 with the window manager openbox, for one test."""
    for tool in ("Xvfb", "openbox", "xdotool", "import"):
        assert shutil.which(tool), f"{tool} is not installed: run .ci/install-packages"
    # Short: a socket's path below it may have 107 characters.
    user_home = tmp_path_factory.mktemp("user")
    server, display = start_server()
    screen = Desktop(display, user_home)
    _start_window_manager(screen)
    try:
        yield screen
        if getattr(request.node, "failed_call", False):
            _keep_evidence(screen, request.node.name)
    finally:
        screen.close()
        server.terminate()
        server.wait(PATIENCE)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Let the fixture know that the test failed, before the screen is gone."""
    report = yield
    if report.when == "call":
        item.failed_call = report.failed
    return report


def _start_window_manager(screen: Desktop) -> None:
    """Openbox, and what it needs to be of use."""
    screen.manager = screen.start("openbox")
    screen.wait_for_manager()
    # Into a corner: a pointer over rows keeps them where they are while others come.
    screen.run("xdotool", "mousemove", "1439", "899")


def start_server(screen: str = SCREEN) -> tuple[subprocess.Popen, str]:
    """Xvfb on a display of this process alone, so that tests may run side by side.

    Left to itself it takes the lowest free number: two that start and end in the same moment then
    took each other's socket away. Without `-noreset` it begins anew when its last client leaves,
    and throws out whoever is just coming: a question asked too early cost the window manager.
    """
    for _ in range(5):  # the number may be that of a process whose own is 5000 away
        reading, writing = os.pipe()
        display = f":{1000 + os.getpid() % 5000 * 8 + next(_started) % 8}"
        server = subprocess.Popen(
            ["Xvfb", display, "-displayfd", str(writing), "-screen", "0", screen, "-nolisten",
             "tcp", "-noreset"],
            pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(writing)
        with os.fdopen(reading) as numbers:
            number = numbers.readline().strip()
        if number:
            return server, f":{number}"
        status = server.wait()
    pytest.fail(f"Xvfb ended with {status}")


def _keep_evidence(screen: Desktop, test: str) -> None:
    name = re.sub(r"[^\w-]+", "-", test)
    picture = FAILURES / f"{name}.png"
    screen.screenshot(picture)
    print(f"\nThe screen when it failed: {picture}\n{screen.logs()}")
