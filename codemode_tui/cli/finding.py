"""One finding of `codemode doctor`."""

from __future__ import annotations

from typing import Literal

import msgspec

from codemode_tui.errors import CodemodeError

State = Literal["ok", "warn", "fail"]


class Finding(msgspec.Struct, frozen=True):
    area: str
    state: State
    text: str
    """What was found, for people."""
    fix: str = ""
    """What to do about it; empty when all is well."""
    exit_code: int = 0
    """Of a failed one: what commands that meet it end with (CONTRACT)."""


def ok(area: str, text: str) -> Finding:
    return Finding(area, "ok", text)


def warn(area: str, text: str, fix: str) -> Finding:
    return Finding(area, "warn", text, fix)


def fail(area: str, text: str, fix: str, exit_code: int = 2) -> Finding:
    return Finding(area, "fail", text, fix, exit_code)


def failed(area: str, error: CodemodeError | OSError) -> Finding:
    """``OSError``: a folder that may not be looked into, say."""
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        return fail(area, f"{where}{error.strerror or error}", "check the path and its permissions")
    return fail(area, error.message, error.hint, error.exit_code)
