"""Which model answers: the facts, so that a wrong model is never silent."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from codemode_tui.engine.api import ModelInfo
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.tui.status import size


class ModelScreen(ModalScreen[None]):
    DEFAULT_CSS = """
    ModelScreen { align: center middle; background: $background 70%; }
    ModelScreen > Static {
        width: 84; max-width: 96%; height: auto; padding: 1 2; background: $surface;
        border: round $accent; border-title-color: $accent; border-subtitle-color: $muted;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "dismiss", show=False)]

    def __init__(self, info: ModelInfo | None) -> None:
        super().__init__()
        self.info = info

    def compose(self) -> ComposeResult:
        box = Static(Content("\n").join(_rows(self.info)))
        box.border_title, box.border_subtitle = Content("model"), Content("esc closes")
        yield box


def _rows(info: ModelInfo | None) -> list[Content]:
    if info is None:
        return [Content("no model is loaded yet")]
    bits = info.quantization
    facts = {
        "name": info.name,
        "path": info.path,
        "bits": f"{bits['bits']}, groups of {bits.get('group_size', '?')}" if bits else "not quantised",
        "on disk": size(info.bytes),
        "profile": info.profile,
        "context": f"{info.context_limit:,} tokens" if info.context_limit else "unknown",
        "weights": f"sha256 {info.weights_sha256[:16]}…" if info.weights_sha256 else "",
        "tokenizer": f"sha256 {info.tokenizer_sha256[:16]}…" if info.tokenizer_sha256 else "",
        "engine": info.engine,
    }
    return [Content.assemble((f"{key:<11}", "$accent"), one_line(value)) for key, value in facts.items() if value]
