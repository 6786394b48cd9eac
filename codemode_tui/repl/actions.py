"""What the commands do here: one method for each that the table offers to a line (``commands.Command.can``)."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
from collections.abc import Sequence
from inspect import isawaitable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codemode_tui import config, locations
from codemode_tui.chat.settings import sampling_of
from codemode_tui.commands import COMMANDS, Command
from codemode_tui.config_file import set_value
from codemode_tui.errors import CodemodeError
from codemode_tui.front import pages
from codemode_tui.front.keys import spelled
from codemode_tui.front.saving import write_new
from codemode_tui.front.themes import choose, full_name, load_colours
from codemode_tui.help.tables import SECTIONS
from codemode_tui.repl.lines import Line
from codemode_tui.sandbox.sanitise import sanitise_text, visible_code

if TYPE_CHECKING:
    from codemode_tui.repl.repl import Repl

LISTED = 15
"""Entries of a list that is chosen from."""
AT_START = ("keys.", "repl.", "ui.")
"""Settings that are read when the program starts."""
Entry = tuple[str, str, str]
"""Value, name, note."""


class Actions:
    def __init__(self, repl: Repl) -> None:
        self.repl = repl

    async def perform(self, command: Command, argument: str) -> None:
        """Do it; an error is said."""
        method = getattr(self, f"action_{command.action}")
        try:
            result = method(argument) if command.argument else method()
            if isawaitable(result):
                await result
        except CodemodeError as error:
            self.repl.say(error.line(), "error")
        await asyncio.sleep(0)  # what it has begun may ask something
        self.repl.console.refresh()

    # -- help --------------------------------------------------------------------------------------

    def action_help(self, topic: str = "") -> None:
        look, front = self.repl.look, self.repl.look.front
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
        self.repl.page(
            [*lines, *look.note("codemode config set keys.thumbs-down f9 changes a key · /help keys tells more")]
        )

    def _topic(self, name: str) -> None:
        from codemode_tui.help.topics import titles, topic

        if name not in titles():
            self.repl.say(f"nothing to read about {name}; there is {', '.join(titles())}", "warning")
            return
        page = self.repl.look.prose()
        lines = [line for text in topic(name).text.split("\n") for line in page.feed(sanitise_text(text))]
        self.repl.page([*lines, *page.close()])

    # -- the turn ----------------------------------------------------------------------------------

    def action_stop(self) -> None:
        if not self.repl.interrupted():
            self.repl.say("nothing is running")

    async def action_thumbs_down(self) -> None:
        await self.repl.rate(-1)

    async def action_thumbs_up(self) -> None:
        await self.repl.rate(1)

    def action_correct(self, how: str = "") -> None:
        self.repl.correcting.correct(self.repl.last, how)

    def action_tool(self, question: str = "") -> None:
        self._forced(question, "tool")

    def action_direct(self, question: str = "") -> None:
        self._forced(question, "direct")

    def _forced(self, question: str, force: Any) -> None:  # noqa: ANN401 - a Literal
        if question:
            self.repl.ask(question, force)
        else:
            self.repl.say(f"write the question behind it: /{force} …", "warning")

    async def action_undo(self) -> None:
        if self._idle():
            changes = await self.repl.chat.undo()
            self.repl.say(
                f"put back: {', '.join(one.path for one in changes[:5])}{' …' * (len(changes) > 5)}", "success"
            )

    def action_raw(self) -> None:
        turn, look = self.repl.last, self.repl.look
        if turn is None or not turn.raw:
            self.repl.say("the model has said nothing yet", "warning")
            return
        for number, raw in turn.raw.items():
            title = f"verbatim, message {number + 1}" if len(turn.raw) > 1 else "verbatim"
            self.repl.page([look.rule(title), *look.note(visible_code(raw), ""), look.rule()])

    def action_expand(self) -> None:
        turn, look = self.repl.last, self.repl.look
        if turn is None or not turn.output:
            self.repl.say("there is no output", "warning")
        else:
            self.repl.page([*look.output_head(), *(look.output(line, "stdout") for line in turn.output), look.rule()])

    async def action_copy(self, what: str = "") -> None:
        turn = self.repl.last
        texts = {
            "answer": turn.answer, "code": turn.code, "output": "\n".join(turn.output), "question": turn.question,
            "raw": "\n\n".join(turn.raw.values()),
        } if turn else {}  # fmt: skip
        name = what or next((name for name, text in texts.items() if text), "")
        text = texts.get(name, "")
        if turn is None or not text:
            self.repl.say(f"there is no {what} to copy" if what else "there is nothing to copy yet", "warning")
            return
        self.repl.console.copy(text)
        self.repl.say(f"{name} copied, {len(text):,} characters")
        await self.repl.chat.copied(turn.turn, name)

    # -- the conversation --------------------------------------------------------------------------

    async def action_new(self) -> None:
        if self._idle():
            await self.repl.chat.new_session()
            self.repl.turns.clear()
            self.repl.now.used = 0
            self.repl.say("a new conversation: the model remembers nothing of the one before")

    async def action_restart(self) -> None:
        if self.repl.running or self.repl.loading:
            self.repl.say("the engine is at work; stop the turn first", "warning")
        elif self.repl.chat.engine_running:
            self.repl.say("the engine is running")
        else:
            await self.repl.load()

    async def action_sessions(self, words: str = "") -> None:
        records, chat = self.repl.records, self.repl.chat
        if records is None:
            self.repl.say("nothing is stored here", "warning")
            return
        found = await pages.sessions(records, chat.workspace, words, LISTED)
        entries = [
            (one.id, one.title or one.id, snippet or pages.session_note(one, chat.workspace)) for one, snippet in found
        ]
        chosen = await self.pick("sessions", entries, chat.session)
        if chosen is not None and chosen != chat.session:
            folder = Path((await records.session(chosen)).workspace)
            if folder.is_dir():
                await self._reopened(session=chosen, workspace=folder)
            else:
                self.repl.say(f"its folder {folder} is no longer there", "error")

    async def action_rename(self, title: str = "") -> None:
        if self.repl.records is None or not title:
            self.repl.say("write the title behind it: /rename …", "warning")
            return
        await self.repl.records.rename_session(self.repl.chat.session, title)
        self.repl.say(f"this session is called {title}")

    async def action_export(self, form: str = "") -> None:
        records, chat = self.repl.records, self.repl.chat
        if records is None or form not in ("", "md", "json"):
            self.repl.say("/export md or /export json", "warning")
            return
        text = await records.exported(chat.session, form or "md")
        file = write_new(chat.workspace, (await records.session(chat.session)).title, form or "md", text)
        self.repl.say(f"written: {file.name}", "success")

    async def action_model(self, name: str = "") -> None:
        from codemode_tui.engine.choice import lasting
        from codemode_tui.engine.models import find_model
        from codemode_tui.engine.registry import entries

        info = self.repl.chat.info
        if not name:
            if info is not None:
                self._rows("the model that answers", pages.model_rows(info))
            here = await asyncio.to_thread(entries)
            rows = [(one.name, one.name, one.problem) for one in here]
            name = await self.pick("model", rows, info.name if info else "") or ""
        name = os.path.expanduser(name)
        if name and not (info is not None and name == info.name):
            find_model(name)
            await self._reopened(model=name, profile=None)
            self.repl.say(f"for good: codemode model use {shlex.quote(lasting(name))}")

    async def action_profile(self, name: str = "") -> None:
        from codemode_tui.protocol.profiles import list_profiles

        used = self.repl.chat.profile.name
        if not name:
            rows = [(one, one, "") for one in list_profiles((locations.config_dir() / "profiles",))]
            name = await self.pick("profile", rows, used) or ""
        if name and name != used:
            await self._reopened(profile=name)

    async def action_workspace(self, folder: str = "") -> None:
        if not folder:
            self.repl.say(f"working in {self.repl.chat.workspace}; /workspace FOLDER goes elsewhere")
        elif (path := Path(os.path.expanduser(folder))) != self.repl.chat.workspace:
            await self._reopened(workspace=path, session=None)
            self.repl.say(f"working in {self.repl.chat.workspace}")

    # -- settings ----------------------------------------------------------------------------------

    async def action_settings(self, words: str = "") -> None:
        name, _, value = words.partition(" ")
        known = config.listed(locations.config_file())
        if value:
            if self._idle():
                set_value(name, value)
                later = name.startswith(AT_START)
                if name.startswith("sampling."):
                    chat = self.repl.chat
                    chat.sample(sampling_of(config.load_settings(locations.config_file(), chat.workspace)))
                elif not later:
                    await self._reopened()
                self.repl.say(f"{name} = {value}{', from the next start on' * later}", "success")
            return
        found = [one for one in known if one.key.startswith(name)]
        if not found:
            self.repl.say(f"there is no setting {name}; /settings lists them", "warning")
        elif len(found) == 1:
            one = found[0]
            may = f"one of {', '.join(one.choices)}" if one.choices else ""
            self._rows(one.key, [("is", one.value or "not set"), ("means", one.about), ("may be", may)])
        else:
            self._rows(
                "settings", [(one.key, one.value or "not set") for one in found], "/settings NAME VALUE sets one"
            )

    async def action_sampling(self) -> None:
        await self.action_settings("sampling.")

    async def action_theme(self, name: str = "") -> None:
        themes = load_colours(locations.themes_dirs())
        if not name:
            rows = [(one, one, "dark" if theme.dark else "light") for one, theme in sorted(themes.items())]
            name = await self.pick("theme", rows, self.repl.settings.repl.theme) or ""
        if name:
            chosen = choose(themes, full_name(name, themes)).name
            self.repl.console.theme(chosen)
            set_value("repl.theme", json.dumps(chosen))
            self.repl.say(f"{chosen} from now on", "success")

    # -- what can be read --------------------------------------------------------------------------

    async def action_tools(self) -> None:
        chat = self.repl.chat
        told = chat.profile.tools
        rows = [(one.words, "allowed for this session") for one in chat.grants]
        for spec in chat.tools():
            notes = ["changes files"] * spec.needs_write + ["not told to this model"] * (spec.name not in told)
            rows.append((spec.name, " · ".join(notes)))
        self._rows("what code may call", rows)
        granted = {one.words: one for one in chat.grants}
        if granted:
            chosen = await self.pick("ask again about", [(words, words, "") for words in granted])
            if chosen is not None:
                chat.revoke(granted[chosen])
                self.repl.say("taken back: it is asked about again", "success")

    def action_sandbox(self) -> None:
        self._rows("sandbox", pages.sandbox_rows(self.repl.chat), pages.SANDBOX_HINT)

    def action_system(self) -> None:
        look = self.repl.look
        self._rows("how this model was trained", pages.profile_rows(self.repl.chat))
        prompt = look.note(visible_code(self.repl.chat.profile.system_prompt), "")
        self.repl.page([look.heading("its system prompt, byte for byte"), *prompt])

    async def action_stats(self) -> None:
        if self.repl.records is None:
            self.repl.say("nothing is stored here", "warning")
        else:
            self._rows("this session", pages.session_rows(await self.repl.records.turns(self.repl.chat.session)))

    def action_quit(self) -> None:
        self.repl.in_order = False
        self.repl.left()

    # -- helpers -----------------------------------------------------------------------------------

    async def pick(self, title: str, entries: Sequence[Entry], used: str = "") -> str | None:
        """Print a list with numbers; the value whose number, or name, is written."""
        look = self.repl.look
        if not entries:
            self.repl.say(f"{title}: nothing found", "warning")
            return None
        lines = [look.heading(title)]
        for number, (value, name, note) in enumerate(entries, 1):
            here = " (in use)" if value == used else ""
            lines += look.row(f"{number:>2}  {name}", f"{note}{here}", 40)
        self.repl.page(lines)
        said = await self.repl.console.write("its number, or nothing")
        for number, (value, name, _) in enumerate(entries, 1):
            if said is not None and said.strip() in (str(number), name):
                return value
        if said and said.strip():
            self.repl.say(f"there is no {said.strip()} in the list", "warning")
        return None

    def _rows(self, title: str, rows: Sequence[pages.Row], hint: str = "") -> None:
        look = self.repl.look
        lines = [look.heading(title)]
        for name, value in rows:
            if value:
                lines += look.row(name, value)
        self.repl.page([*lines, *(look.note(hint) if hint else [])])

    def _idle(self) -> bool:
        if self.repl.running:
            self.repl.say(f"a turn is running; {self.repl.look.key('stop')} stops it", "warning")
        return not self.repl.running

    async def _reopened(self, **changes: Any) -> None:  # noqa: ANN401 - see ``ports.Reopen``
        """The same terminal on another conversation; what is being written stays."""
        if self.repl.reopen is not None and self._idle():
            session = self.repl.chat.session
            await self.repl.take(await self.repl.reopen(**{"session": session, **changes}))
