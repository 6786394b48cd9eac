"""What is shown to be read: tools and grants, the sandbox, the system prompt, the session in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from codemode_tui.chat.gate import Grant
from codemode_tui.front import pages
from codemode_tui.front.matching import ranked
from codemode_tui.front.ports import Chat
from codemode_tui.sandbox.sanitise import sanitise_text
from codemode_tui.tui.choosing import worker
from codemode_tui.tui.model_choosing import ModelChoosing
from codemode_tui.tui.page import Page, facts, section
from codemode_tui.tui.picker import MOST, Row

if TYPE_CHECKING:
    from codemode_tui.front.rehearsal import Rehearsal


class Reading(ModelChoosing):
    rehearsal: Rehearsal | None

    @property
    def _gates(self) -> list[Chat | Rehearsal]:
        """Where something may have been allowed: code that is run once more is asked about apart from its turn."""
        return [self.chat] if self.rehearsal is None else [self.chat, self.rehearsal]

    def action_system(self) -> None:
        prompt = sanitise_text(self.chat.profile.system_prompt)
        text = [
            section("How this model was trained", facts(pages.profile_rows(self.chat))),
            section("Its system prompt, byte for byte", Content(prompt)),
        ]
        self.push_screen(Page("system prompt", Content("\n").join(text)))

    def action_sandbox(self) -> None:
        self.show("sandbox", pages.sandbox_rows(self.chat, self.main.header.problem), pages.SANDBOX_HINT)

    def show(self, title: str, rows: Sequence[pages.Row], hint: str = "") -> None:
        said = [facts(rows), *([Content.styled(hint, "$muted")] if hint else [])]
        self.push_screen(Page(title, Content("\n\n").join(said)))

    @worker()
    async def action_tools(self) -> None:
        specs = {one.name: one for one in self.chat.tools()}

        async def find(query: str) -> Sequence[Row]:
            told = self.chat.profile.tools
            allowed = dict.fromkeys(grant for one in self._gates for grant in one.grants)
            rows = [Row(one, one.words, "allowed for this session", True) for one in allowed]
            for name, spec in specs.items():
                notes = ["changes files"] * spec.needs_write + ["not told to this model"] * (name not in told)
                rows.append(Row(name, name, " · ".join(notes)))
            return ranked(query, rows, lambda row: str(row.title), MOST)

        def preview(value: str | Grant) -> Content:
            return Content(value.words if isinstance(value, Grant) else sanitise_text(specs[value].stub))

        async def delete(value: str | Grant) -> str:
            if not isinstance(value, Grant):
                return "only what you allowed can be taken back"
            for one in self._gates:
                one.revoke(value)
            return "taken back: it is asked about again"

        def labels(value: str | Grant | None) -> dict[str, str]:
            return {"delete": "ask again" if isinstance(value, Grant) else "", "take": ""}

        await self.pick("tools", find, preview=preview, acts={"delete": delete}, labels=labels)
