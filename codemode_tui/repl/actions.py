"""What the commands do here: one method for each that the table offers to a line (``commands.Command.can``)."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from codemode_tui import config, locations
from codemode_tui.commands import COMMANDS, Command
from codemode_tui.config_file import set_value, unset
from codemode_tui.front import pages
from codemode_tui.front.acting import Acting, Severity
from codemode_tui.front.driver import Driver
from codemode_tui.front.keys import clash, spelled
from codemode_tui.front.themes import choose, full_name, load_colours
from codemode_tui.front.wording import Note
from codemode_tui.help.tables import SECTIONS
from codemode_tui.repl.console import Console
from codemode_tui.repl.keys import sequences
from codemode_tui.repl.lines import Line
from codemode_tui.repl.look import Look
from codemode_tui.repl.scribe import Scribe
from codemode_tui.sandbox.sanitise import sanitise_text, visible_code

if TYPE_CHECKING:
    from codemode_tui.repl.correcting import Correcting
    from codemode_tui.settings import Settings

LISTED = 15
"""Entries of a list that is chosen from."""
Entry = tuple[str, str, str]
"""Value, name, note."""


class Actions(Acting, Driver):
    """The part of the line front end that does what commands say."""

    AT_START = ("keys.", "repl.", "ui.")
    console: Console
    look: Look
    settings: Settings
    correcting: Correcting
    turns: list[Scribe]
    """What has been shown, the newest last."""
    in_order: bool

    @property
    def meant(self) -> Scribe | None:
        """The newest turn that has begun."""
        return next((turn for turn in reversed(self.turns) if turn.turn), None)

    @property
    def driver(self) -> Driver:
        return self

    def key(self, name: str) -> str:
        return self.look.key(name)

    def copy(self, text: str) -> None:
        self.console.copy(text)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        raise NotImplementedError

    def interrupted(self) -> bool:
        raise NotImplementedError

    def left(self) -> None:
        raise NotImplementedError

    async def rate(self, value: Literal[-1, 1]) -> None:
        raise NotImplementedError

    async def perform(self, command: Command, argument: str = "") -> None:
        await super().perform(command, argument)
        await asyncio.sleep(0)  # what it has begun may ask something
        self.console.refresh()

    # -- help --------------------------------------------------------------------------------------

    def action_help(self, topic: str = "") -> None:
        look, front = self.look, self.look.front
        if topic:
            self._topic(topic)
            return
        lines: list[Line] = []
        for title, places in SECTIONS if look.draws else ():
            able = [c for c in COMMANDS if c.where in places and c.can(front) and c.keys_in(front, look.keymap)]
            lines += [look.heading(title)] if able else []
            for c in able:
                lines += look.row(spelled(c.keys_in(front, look.keymap)), c.summary)
        lines += [*([[]] if lines else []), look.heading("Commands")]
        for c in COMMANDS:
            if c.slash and c.can(front):
                lines += look.row(f"/{c.slash} {c.argument}".strip(), c.summary)
        self.page([*lines, *look.note("/keymap changes a key · /help keys tells more")])

    def _topic(self, name: str) -> None:
        from codemode_tui.help.topics import titles, topic

        if name not in titles():
            self.say(f"nothing to read about {name}; there is {', '.join(titles())}", "warning")
            return
        page = self.look.prose()
        lines = [line for text in topic(name).text.split("\n") for line in page.feed(sanitise_text(text))]
        self.page([*lines, *page.close()])

    # -- the turn ----------------------------------------------------------------------------------

    def action_stop(self) -> None:
        if not self.interrupted():
            self.say("nothing is running")

    async def action_thumbs_down(self) -> None:
        await self.rate(-1)

    async def action_thumbs_up(self) -> None:
        await self.rate(1)

    def action_correct(self, how: str = "") -> None:
        self.correcting.correct(self.meant, how)

    def action_raw(self) -> None:
        turn, look = self.meant, self.look
        if turn is None or not turn.raw:
            self.say("the model has said nothing yet", "warning")
            return
        for number, raw in turn.raw.items():
            title = f"verbatim, message {number + 1}" if len(turn.raw) > 1 else "verbatim"
            self.page([look.rule(title), *_verbatim(raw), look.rule()])

    def action_expand(self) -> None:
        turn, look = self.meant, self.look
        if turn is None or not turn.output:
            self.say("there is no output", "warning")
        else:
            lines = (look.output(line, "stdout") for line in turn.output.text.split("\n"))
            self.page([*look.output_head(), *lines, look.rule()])

    # -- the conversation --------------------------------------------------------------------------

    async def action_new(self) -> None:
        self.renewing = True
        try:
            if not self.turn_runs:
                await self.chat.new_session()
                self.turns.clear()
                self.status.used = self.status.rate = 0
                self.say("a new conversation: the model remembers nothing of the one before")
        finally:
            self.renewing = False
            if not self.in_order:  # else the next line is read when this one is done
                self.idle()

    async def action_restart(self) -> None:
        if self.busy:
            self.say("the engine is at work; stop the turn first", "warning")
        elif self.chat.engine_running:
            self.say("the engine is running")
        else:
            await self.load()

    async def action_sessions(self, words: str = "") -> None:
        records, chat = self.records, self.chat
        if records is None:
            self.say("nothing is stored here", "warning")
            return
        found = await pages.sessions(records, chat.workspace, words, LISTED)
        entries = [
            (one.id, one.title or one.id, f"{pages.session_note(one, chat.workspace)}  {hit.bracketed if hit else ''}")
            for one, hit in found
        ]
        if chosen := await self.pick("sessions", entries, chat.session):
            await self.open_session(chosen)

    async def action_model(self, name: str = "") -> None:
        from codemode_tui.engine.registry import entries

        info = self.chat.info
        if not name:
            if info is not None:
                self.show("the model that answers", pages.model_rows(info))
            here = await asyncio.to_thread(entries)
            rows = [(one.name, one.name, one.problem) for one in here]
            name = await self.pick("model", rows, info.name if info else "") or ""
        if name and not (info is not None and name == info.name):
            await self.use_model(name)

    async def action_profile(self, name: str = "") -> None:
        from codemode_tui.protocol.profiles import list_profiles

        used = self.chat.profile.name
        if not name:
            rows = [(one, one, "") for one in list_profiles((locations.config_dir() / "profiles",))]
            name = await self.pick("profile", rows, used) or ""
        if name and name != used:
            await self.reopened(profile=name)

    async def action_workspace(self, folder: str = "") -> None:
        if not folder:
            self.say(f"working in {self.chat.workspace}; /workspace FOLDER goes elsewhere")
        elif (path := Path(os.path.expanduser(folder))) != self.chat.workspace and await self.reopened(
            workspace=path, session=None
        ):
            self.say(f"working in {self.chat.workspace}")

    # -- settings ----------------------------------------------------------------------------------

    async def action_settings(self, words: str = "") -> None:
        name, _, value = words.partition(" ")
        known = config.listed(locations.config_file())
        if value:
            await self.change_setting(name, value)
            return
        found = [one for one in known if one.key.startswith(name)]
        if not found:
            self.say(f"there is no setting {name}; /settings lists them", "warning")
        elif len(found) == 1:
            one = found[0]
            may = f"one of {', '.join(one.choices)}" if one.choices else ""
            self.show(one.key, [("is", one.value or "not set"), ("means", one.about), ("may be", may)])
        else:
            self.show("settings", [(one.key, one.value or "not set") for one in found], "/settings NAME VALUE sets one")

    async def action_keymap(self, words: str = "") -> None:
        front, keymap = self.look.front, self.look.keymap
        name, _, key = words.partition(" ")
        known = {one.id: one for one in COMMANDS if one.can(front)}
        if key and name not in known:
            self.say(f"there is no command {name}; /keymap lists them", "warning")
            return
        if key.strip() == "shipped":
            unset(f"keys.{name}")
            self.say(f"keys.{name} as it ships, from the next start on", "success")
            return
        if key:
            if why := clash(name, key.strip(), keymap, front):
                self.say(why, "warning")
            elif front == "repl" and not sequences(key):
                self.say(f"{key.strip()} is no key that a terminal sends to a line; take f9, or ctrl or alt with a "
                         "letter", "warning")  # fmt: skip
            else:
                await self.change_setting(f"keys.{name}", json.dumps(key.strip()))
            return
        found = [one for one in known.values() if words.lower() in f"{one.id} {one.summary}".lower()]
        rows = [(one.id, f"{spelled(one.keys_in(front, keymap)) or 'no key'} · {one.summary}") for one in found]
        if rows:
            self.show(
                "keys",
                rows,
                "/keymap thumbs-down f9 gives one another key, /keymap thumbs-down shipped its own",
            )
        else:
            self.say(f"no command is about {words}; /keymap lists them", "warning")

    async def action_sampling(self) -> None:
        await self.action_settings("sampling.")

    async def action_theme(self, name: str = "") -> None:
        themes = load_colours(locations.themes_dirs())
        if not name:
            rows = [(one, one, "dark" if theme.dark else "light") for one, theme in sorted(themes.items())]
            name = await self.pick("theme", rows, self.settings.repl.theme) or ""
        if name:
            chosen = choose(themes, full_name(name, themes)).name
            self.console.theme(chosen)
            set_value("repl.theme", json.dumps(chosen))
            self.say(f"{chosen} from now on", "success")

    # -- what can be read --------------------------------------------------------------------------

    async def action_tools(self) -> None:
        chat = self.chat
        told = chat.profile.tools
        rows = [(one.words, "allowed for this session") for one in chat.grants]
        for spec in chat.tools():
            notes = ["changes files"] * spec.needs_write + ["not told to this model"] * (spec.name not in told)
            rows.append((spec.name, " · ".join([*notes, spec.doc])))
        self.show("what code may call", rows)
        granted = {one.words: one for one in chat.grants}
        if granted:
            chosen = await self.pick("ask again about", [(words, words, "") for words in granted])
            if chosen is not None:
                chat.revoke(granted[chosen])
                self.say("taken back: it is asked about again", "success")

    def action_sandbox(self) -> None:
        self.show("sandbox", pages.sandbox_rows(self.chat), pages.SANDBOX_HINT)

    def action_system(self) -> None:
        look = self.look
        self.show("how this model was trained", pages.profile_rows(self.chat))
        prompt = _verbatim(self.chat.profile.system_prompt)
        self.page([look.heading("its system prompt, byte for byte"), *prompt])

    def action_quit(self) -> None:
        self.in_order = False
        self.left()

    # -- helpers -----------------------------------------------------------------------------------

    async def pick(self, title: str, entries: Sequence[Entry], used: str = "") -> str | None:
        """Print a list with numbers; the value whose number, or name, is written."""
        look = self.look
        if not entries:
            self.say(f"{title}: nothing found", "warning")
            return None
        lines = [look.heading(title)]
        for number, (value, name, note) in enumerate(entries, 1):
            here = " (in use)" if value == used else ""
            lines += look.row(f"{number:>2}  {name}", f"{note}{here}", 40)
        self.page(lines)
        said = (await self.console.write("its number, or nothing") or "").strip()
        known = {name: value for value, name, _ in entries}
        known |= {str(number): value for number, (value, _, _) in enumerate(entries, 1)}
        if said and said not in known:
            self.say(f"there is no {said} in the list", "warning")
        return known.get(said)

    def say(self, text: str, severity: Severity = "information") -> None:
        self.console.print(self.look.said(Note(text, "muted" if severity == "information" else severity)))

    def page(self, lines: Sequence[Line]) -> None:
        self.console.print([*lines, []])

    def show(self, title: str, rows: Sequence[pages.Row], hint: str = "") -> None:
        look = self.look
        lines = [look.heading(title)]
        for name, value in rows:
            if value:
                lines += look.row(name, value)
        self.page([*lines, *(look.note(hint) if hint else [])])


def _verbatim(text: str) -> list[Line]:
    """Its lines as they are: no sign is left out, and none is broken."""
    return [[(line, "")] for line in visible_code(text).split("\n")]
