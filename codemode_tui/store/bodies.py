"""What a feedback event of each kind must say."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from codemode_tui.errors import UsageError
from codemode_tui.store.records import REASONS, FeedbackKind, Proof, Review

Signal = Literal["edited", "denied", "traceback", "regenerated", "rephrased", "copied"]


class _Rate(msgspec.Struct):
    v: Literal[-1, 1]


class _Reason(msgspec.Struct):
    codes: list[str]


class _Comment(msgspec.Struct):
    text: str


class _Correct(msgspec.Struct):
    chosen: str
    """A generation of the same turn."""
    step: int


class _Verify(msgspec.Struct):
    generation: str
    run: str | None
    ok: bool
    how: Proof


class _Review(msgspec.Struct):
    state: Review


class _Retract(msgspec.Struct):
    of: Literal["rating", "all"] = "all"
    """``rating``: the one in force and what was said since; what stood before it stands again. Nothing without one."""


class _Implicit(msgspec.Struct):
    signal: Signal


_SHAPES: dict[FeedbackKind, Any] = {
    "rate": _Rate, "reason": _Reason, "comment": _Comment, "correct": _Correct, "verify": _Verify,
    "review": _Review, "retract": _Retract, "implicit": _Implicit,
}  # fmt: skip


def check(kind: FeedbackKind, body: dict[str, Any]) -> None:
    """Raises UsageError: an event of this kind cannot say this. Further fields are welcome."""
    try:
        found = msgspec.convert(body, _SHAPES[kind])
    except msgspec.ValidationError as error:
        raise UsageError(f"{kind}: {error}") from error
    if unknown := set(found.codes) - set(REASONS) if isinstance(found, _Reason) else set():
        raise UsageError(f"no reason {', '.join(sorted(unknown))}", hint=f"one of {' '.join(REASONS)}")
