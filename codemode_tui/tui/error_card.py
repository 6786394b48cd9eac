"""What went wrong, and what to do about it."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from codemode_tui.sandbox.sanitise import one_line

TITLES = {
    "engine": "the engine failed",
    "sandbox": "no sandbox, so nothing was run",
    "store": "this could not be stored",
    "cancelled": "stopped",
    "model": "the model cannot be loaded",
    "nothing": "no correction came of it",
}


class ErrorCard(Static):
    DEFAULT_CSS = """
    ErrorCard {
        height: auto; padding: 0 1; margin-bottom: 1; background: $surface;
        border-left: wide $error;
        &.-calm { border-left: wide $warning; }
    }
    """

    def __init__(self, kind: str, message: str, hint: str) -> None:
        calm = kind in ("cancelled", "nothing")
        title = TITLES.get(kind, "something went wrong")
        parts = [Content.styled(f"{'■' if calm else '✗'} {title}", f"bold {'$warning' if calm else '$error'}")]
        if not calm or message not in ("", "stopped"):
            parts.append(Content(one_line(message, 1_000)))
        if hint:
            parts.append(Content.assemble(("→ ", "$accent bold"), (one_line(hint, 500), "$muted")))
        super().__init__(Content("\n").join(parts), classes="-calm" if calm else None)
