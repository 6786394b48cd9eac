"""The one hierarchy of errors that people see.

Every error carries what went wrong (``message``), how to mend it (``hint``) and the exit code of
the command that met it. Front ends print them on one line; a traceback is for ``--debug``.
"""

from __future__ import annotations

from typing import ClassVar


class CodemodeError(Exception):
    """Base of all errors with a message for people. Never raised itself."""

    title: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def line(self) -> str:
        """The whole error on one line: what, where, and what to do."""
        text = f"{self.message}; {self.hint}" if self.hint else self.message
        return " ".join(text.split())


class UsageError(CodemodeError):
    """The command line asks for something that does not exist or makes no sense."""

    title = "usage"


class ConfigError(CodemodeError):
    """A settings, profile or theme file is wrong."""

    title = "configuration"


class ModelError(CodemodeError):
    """The chosen model or profile does not exist, is incomplete or is not what it says."""

    title = "model"


class WorkspaceError(CodemodeError):
    """The workspace folder cannot be used."""

    title = "workspace"


class StoreError(CodemodeError):
    """The database cannot be opened, is newer than this program, or is damaged."""

    title = "store"


class EngineError(CodemodeError):
    """The process that holds the model failed, died or did not answer."""

    title = "engine"
    exit_code = 6


class SandboxError(CodemodeError):
    """No sandbox that satisfies the policy can be had here: nothing is run."""

    title = "sandbox"
    exit_code = 7


class ContextError(CodemodeError):
    """The conversation does not fit into the model's context."""

    title = "context"
