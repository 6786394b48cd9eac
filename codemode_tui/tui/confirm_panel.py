"""Run this code? What it names, what is odd about it, where it would run; and the four answers."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Input, Static

from codemode_tui.chat.events import ApprovalWanted
from codemode_tui.front.ports import Chat
from codemode_tui.sandbox.sanitise import one_line, visible_code
from codemode_tui.tui.choices import Choice, ChoicePanel, warning_line
from codemode_tui.tui.editing import CodeEditor, WordsLine
from codemode_tui.tui.keys import bindings

SHOWN = 6
"""Paths and warnings shown; the code itself is above."""
FACT_LIMIT = 600
"""Characters: room for six paths."""


class ConfirmPanel(ChoicePanel):
    DEFAULT_CSS = """
    ConfirmPanel {
        Input { dock: bottom; margin-top: 1; }
        CodeEditor { dock: bottom; margin-top: 1; }
        &.-busy .choices { display: none; }
        &.-editing { max-height: 80vh; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = bindings("confirm")
    SAFE = "confirm.deny"

    def __init__(self, wanted: ApprovalWanted) -> None:
        self.wanted = wanted
        writing = (Choice("confirm.run-writing", "run, commands may write: no undo"),)
        super().__init__(
            "run this code?",
            (
                Choice("confirm.run", "run"),
                Choice("confirm.edit", "edit"),
                Choice("confirm.deny", "deny"),
                Choice("confirm.deny-why", "deny, say why"),
                Choice("confirm.always", "always these tools" if wanted.tools else "always without tools"),
                *(writing if wanted.commands_may_write else ()),
            ),
        )

    def facts(self) -> Static:
        wanted = self.wanted
        lines = [
            _fact("tools", ", ".join(wanted.tools) or "none: it only computes", "$code-tool"),
            _fact("paths", _listed(wanted.paths) or "none named", "$foreground"),
            _fact("inside", f"{wanted.sandbox} · no network{self._limits()}", "$success"),
        ]
        lines += [_fact("can", able, "$warning") for able in wanted.capabilities]
        lines += [warning_line(warning) for warning in wanted.warnings[:SHOWN]]
        if (more := len(wanted.warnings) - SHOWN) > 0:
            lines.append(Content.styled(f"▲ and {more} more", "$warning"))
        return Static(Content("\n").join(lines))

    def _limits(self) -> str:
        chat: Chat | None = getattr(self.app, "chat", None)
        if chat is None:
            return ""
        limits = chat.settings.limits
        return f" · {limits.wall_seconds:g} s · {limits.memory_mb:,} MB"

    def action_run(self) -> None:
        self.decide("run")

    def action_run_writing(self) -> None:
        self.decide("run_writing")

    def action_always(self) -> None:
        self.decide("always")

    def action_deny(self) -> None:
        self.decide("deny")

    async def action_edit(self) -> None:
        self.add_class("-editing", "-busy")
        editor = CodeEditor(visible_code(self.wanted.code))
        await self.mount(editor)
        editor.focus()
        keys = self._key("editor.submit"), self._key("editor.cancel")
        self.border_subtitle = Content(f"{keys[0]} runs it · {keys[1]} goes back")

    async def action_deny_why(self) -> None:
        self.add_class("-reason", "-busy")
        line = WordsLine("why not? the model is told and may try again")
        await self.mount(line)
        line.focus()
        self.border_subtitle = Content("enter denies and says so · esc goes back")

    async def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.decide("deny", event.value)

    def on_code_editor_submitted(self, event: CodeEditor.Submitted) -> None:
        event.stop()
        self.decide("run", event.text if event.text != visible_code(self.wanted.code) else None)

    async def on_code_editor_cancelled(self, event: CodeEditor.Cancelled) -> None:
        event.stop()
        await self.back()

    async def back(self) -> bool:
        """From the editor or the reason to the choices. False when neither is open."""
        open_ = [*self.query(CodeEditor), *self.query(Input)]
        for widget in open_:
            await widget.remove()
        self.remove_class("-editing", "-reason", "-busy")
        if open_ and self.is_attached:  # the answer may have come while they went
            self.focus()
            self._draw()
        return bool(open_)


def _fact(name: str, value: str, color: str) -> Content:
    return Content.assemble((f"{name:<7}", "$muted"), (one_line(value, FACT_LIMIT), color))


def _listed(items: tuple[str, ...]) -> str:
    more = f", and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return ", ".join(one_line(item, 80) for item in items[:SHOWN]) + more
