"""What is shown to be read: tools and grants, the sandbox, the system prompt, the session in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from textual import work
from textual.content import Content

from codemode_tui.chat.gate import Grant
from codemode_tui.errors import CodemodeError
from codemode_tui.front.matching import ranked
from codemode_tui.sandbox.sanitise import sanitise_text
from codemode_tui.store.records import StoredTurn
from codemode_tui.tui.choosing import Choosing
from codemode_tui.tui.page import Page, facts, section
from codemode_tui.tui.picker import MOST, Row


class Reading(Choosing):
    def action_system(self) -> None:
        profile = self.chat.profile
        told = facts([("profile", profile.name), ("", profile.description), ("dialect", profile.wrapper),
                      ("tools", ", ".join(profile.tools)), ("stops at", " ".join(profile.stop))])  # fmt: skip
        prompt = sanitise_text(profile.system_prompt)
        text = [
            section("How this model was trained", told),
            section("Its system prompt, byte for byte", Content(prompt)),
        ]
        self.push_screen(Page("system prompt", Content("\n").join(text)))

    def action_sandbox(self) -> None:
        limits = self.chat.settings.limits
        rows = [
            ("backend", self.chat.sandbox_name or self.main.header.problem or "not looked for yet"),
            ("reads", f"{self.chat.workspace}, through the tools; no secrets"),
            ("writes", "nothing, until you have seen the change and said yes"),
            ("commands", "read the workspace; write it only when you say so"),
            ("network", "none"),
            ("time", f"{limits.wall_seconds:g} s"),
            ("memory", f"{limits.memory_mb:,} MB"),
            ("calls", f"{limits.calls:,} of tools, each up to {limits.call_seconds:g} s"),
        ]
        hint = Content.styled("/settings sandbox changes the limits · codemode sandbox check attacks it", "$muted")
        self.push_screen(Page("sandbox", Content("\n\n").join([facts(rows), hint])))

    @work
    async def action_tools(self) -> None:
        specs = {one.name: one for one in self.chat.tools()}

        async def find(query: str) -> Sequence[Row]:
            told = self.chat.profile.tools
            rows = [Row(one, one.words, "allowed for this session", True) for one in self.chat.grants]
            for name, spec in specs.items():
                notes = ["changes files"] * spec.needs_write + ["not told to this model"] * (name not in told)
                rows.append(Row(name, name, " · ".join(notes)))
            return ranked(query, rows, lambda row: row.title, MOST)

        def preview(value: str | Grant) -> Content:
            return Content(value.words if isinstance(value, Grant) else sanitise_text(specs[value].stub))

        async def delete(value: str | Grant) -> str:
            if not isinstance(value, Grant):
                return "only what you allowed can be taken back"
            self.chat.revoke(value)
            return "taken back: it is asked about again"

        labels = {"delete": "ask again", "take": "close"}
        await self.pick("tools", find, preview=preview, acts={"delete": delete}, labels=labels)

    @work
    async def action_stats(self) -> None:
        if self.records is None:
            self.say("nothing is stored here", "warning")
            return
        turns = await self.records.turns(self.chat.session)
        self.push_screen(Page("this session", numbers(turns)))

    async def action_rename(self, title: str = "") -> None:
        if self.records is None or not title:
            self.say("write the title behind it: /rename …", "warning")
            return
        await self.records.rename_session(self.chat.session, title)
        self.say(f"this session is called {title}")

    async def action_export(self, form: str = "") -> None:
        if self.records is None or form not in ("", "md", "json"):
            self.say("/export md or /export json", "warning")
            return
        try:
            self.say(await self.exported(self.chat.session, form or "md"))
        except CodemodeError as error:
            self.say(error.line(), "error")


def numbers(turns: Sequence[StoredTurn]) -> Content:
    """What a session comes to: decisions, runs, tokens, times, ratings."""
    made = [one for turn in turns for one in turn.generations]
    runs = [run.outcome.status if run.outcome else "unfinished" for one in made for run in one.runs]
    decisions = [one.decision or "unfinished" for one in made]
    speeds, waits = ([float(v) for one in made if (v := one.usage.get(name))] for name in ("decode_tps", "ttft_ms"))
    edited = sum(run.edited_from is not None for one in made for run in one.runs)
    tokens = [sum(int(one.usage.get(name, 0)) for one in made) for name in ("generated_tokens", "prompt_tokens")]
    tokens.append(sum(int(one.usage.get("cached_tokens", 0)) for one in made))
    return facts([
        ("turns", f"{len(turns)}, {_counted([turn.state for turn in turns])}" if turns else "none yet"),
        ("decisions", _counted(decisions)),
        ("runs", _counted(runs)),
        ("edited", f"{edited} before they ran" if edited else ""),
        ("tokens", f"{tokens[0]:,} written, {tokens[1]:,} read, {tokens[2]:,} of these from the cache" if made else ""),
        ("speed", f"{median(speeds):.0f} tok/s, the middle of {len(speeds)} messages" if speeds else ""),
        ("first token", f"after {median(waits):,.0f} ms" if waits else ""),
        ("ratings", f"{sum(t.rating > 0 for t in turns)} up, {sum(t.rating < 0 for t in turns)} down" if turns else ""),
    ])  # fmt: skip


def _counted(words: Sequence[str]) -> str:
    return ", ".join(f"{words.count(one)} {one}" for one in dict.fromkeys(words))
