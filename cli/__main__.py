"""The console command `rundesk`.

Exit codes: 0 done, 1 error, 2 the command line is not understood, 4 declined, 130 interrupted.
Nothing is imported here but what is needed to fail in one sentence: another distribution may have
installed packages of the same (generic) names as our rooms, and a half-finished installation may
lack one of its requirements.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

ERROR, INTERRUPTED = 1, 130
_ROOMS = ("core", "remote", "gui", "cli", "resources")


def main() -> None:
    """Run the command of `sys.argv` and end the process with its exit code."""
    code = run(sys.argv[1:])
    if "PySide6" in sys.modules:
        sys.exit(code)
    # Taking a hundred thousand runs apart before the end takes a tenth of a command's time; what
    # it wrote has left, and its files are closed.
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            with suppress(OSError):  # of what still mattered, it was told
                stream.flush()
    os._exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code and never raises.

    Args:
        arguments: What follows the name of the program.
    """
    try:
        from cli.program import run_command

        return run_command(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except ImportError as e:
        sys.stderr.write(f"rundesk: {_explain_import(e)}\n")
        return ERROR


def _explain_import(error: ImportError) -> str:
    name = error.name or "a module"
    if name.partition(".")[0] in _ROOMS:
        return (
            f"Another installed package hides {name}; install rundesk in an environment of its "
            "own (pipx or uv tool)."
        )
    return f"The installation is incomplete: {name} cannot be loaded ({error})."


if __name__ == "__main__":
    main()
