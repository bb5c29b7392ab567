"""Every failure the app explains to a user, as one tree.

* Error
  - HomeError           there is no usable Guild home
  - RunError            + path; a run directory cannot be read
    + RunNotFound, RunAmbiguous, RunDamaged, OutputMissing, StopRefused
  - ArchiveError        + path; an archive, or a run in it, cannot be read
  - QueryError          + position; a filter, time range or column is not understood
  - SettingsError       a settings file cannot be read or written
  - DesktopError        the desktop integration cannot be installed or removed
  - RemoteError         + remote; drawn with what each means in remote/errors.py
    + RemoteUnreachable: RemoteTimeout, RemoteBusy
    + HostKeyError: HostKeyUnknown (HostKeyDeclined), HostKeyChanged, HostKeyRevoked
    + RemoteConfigError: RemoteNotFound, RemoteUnsupported
    + RemoteIncompatible, AuthenticationFailed, AnswerNeeded, RemotePermission, RemoteFull
    + RemoteRefused, UnsafeAnswer, TransferBusy

Cancelled stands outside the tree on purpose: stopping is not failing.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class Error(Exception):
    """A failure worth showing: what was attempted, and what the user can do.

    Args:
        message: One sentence naming the attempt and its object.
        hint: What the user can do next; empty when there is nothing.
    """

    retryable: ClassVar[bool] = False
    is_declined: ClassVar[bool] = False
    """Whether the user was asked, and said no."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint

    @property
    def told(self) -> str:
        """What happened and what can be done, as one text for people."""
        sentence = str(self)
        if sentence and sentence[-1] not in ".!?…":
            sentence += "."
        return f"{sentence} {self.hint}".strip()


class HomeError(Error):
    """There is no usable Guild home at the place that was named."""


class RunError(Error):
    """A run directory could not be read."""

    def __init__(self, message: str, *, path: Path | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.path = path


class RunNotFound(RunError):
    """No run matches what was named."""


class RunAmbiguous(RunError):
    """Several runs match where one is needed."""


class RunDamaged(RunError):
    """A file of a run is there, but what it holds cannot be understood."""


class OutputMissing(RunError):
    """A run has no output: none was captured, or nothing has been written yet."""


class StopRefused(RunError):
    """A run that is to be stopped is not running, or no process is evidently its own.

    Args:
        is_over: It has ended: whoever wanted it stopped first may go on.
    """

    def __init__(
        self, message: str, *, path: Path | None = None, hint: str = "", is_over: bool = False
    ) -> None:
        super().__init__(message, path=path, hint=hint)
        self.is_over = is_over


class ArchiveError(Error):
    """An archive, or one run of it, is damaged, unsafe or of a kind that is not understood."""

    def __init__(self, message: str, *, path: Path | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.path = path


class QueryError(Error):
    """An expression the user typed is not understood.

    Args:
        message: One sentence saying what is wrong there.
        position: Index of the first offending character of the text.
        length: Number of offending characters, at least 1.
    """

    def __init__(self, message: str, *, position: int, length: int = 1, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.position = position
        self.length = max(1, length)


class SettingsError(Error):
    """A settings file could not be read or written."""


class DesktopError(Error):
    """The desktop entry, icons or MIME types could not be installed or removed."""


class Cancelled(Exception):
    """The user stopped a job; partial results were already made safe."""
