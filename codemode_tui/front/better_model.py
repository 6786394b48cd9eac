"""A model that was trained and has passed its gate, offered once where somebody is at the screen."""

from __future__ import annotations

from codemode_tui.errors import CodemodeError


def better_model() -> str:
    """One sentence with the command that takes it; empty when there is none. Reads files: not for an event loop."""
    from codemode_tui.training.tuning.verdict import offer  # not needed for the first paint

    try:
        verdict = offer()
    except (CodemodeError, OSError):  # an offer is worth no interruption
        return ""
    if verdict is None:
        return ""
    broken = f"{len(verdict.broken)} newly broken" if verdict.broken else "nothing newly broken"
    told = f"a new model passed its gate, {verdict.model.name} ({len(verdict.fixed)} fixed, {broken})"
    return f"{told}: /model {verdict.model.path}"
