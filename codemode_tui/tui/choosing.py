"""What is chosen from a list: session, model, profile, theme, folder, setting, key. Each list is a ``Picker``."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

from textual import work
from textual.app import App
from textual.content import Content
from textual.screen import ModalScreen
from textual.theme import Theme

from codemode_tui import config, locations
from codemode_tui.commands import COMMANDS, command
from codemode_tui.config_file import checked, set_value, unset
from codemode_tui.errors import CodemodeError
from codemode_tui.front import pages
from codemode_tui.front.acting import Acting
from codemode_tui.front.keys import clash, keys_of
from codemode_tui.front.matching import ranked
from codemode_tui.front.themes import full_name
from codemode_tui.help.tables import SECTIONS
from codemode_tui.protocol.profiles import list_profiles, load_profile
from codemode_tui.sandbox.sanitise import one_line, sanitise_text
from codemode_tui.store.records import BEGIN, END, SearchHit, StoredSession
from codemode_tui.tui.chat_screen import ChatScreen
from codemode_tui.tui.page import facts
from codemode_tui.tui.picker import MOST, Ask, Picker, Row, among
from codemode_tui.tui.themes import sample

THEME = "ui.theme"
CHANGE = {"take": "change", "delete": "as it ships"}
Method = Callable[..., Awaitable[None]]


def worker(**options: Any) -> Callable[[Method], Callable[..., Any]]:  # noqa: ANN401 - as Textual's
    """As Textual's ``work``; an error is said."""

    def decorated(method: Method) -> Callable[..., Any]:
        @work(**options)
        @wraps(method)
        async def run(self: Choosing, *args: str) -> None:
            try:
                await method(self, *args)
            except CodemodeError as error:
                self.say(error.line(), "error")

        return run  # type: ignore[no-any-return]  # options are untyped

    return decorated


class Choosing(App[None], Acting):
    """The part of the application that opens lists, and begins the conversation anew with what was chosen."""

    main: ChatScreen
    themes: dict[str, Theme]
    keys: dict[str, str]
    searched = ""
    """What was typed in the last list."""

    async def pick(self, title: str, find: Any, **more: Any) -> Any:  # noqa: ANN401 - as ``Picker``
        """What was chosen; None for nothing, also where another list is open."""
        if isinstance(self.screen, ModalScreen):
            return None
        picker = Picker(title, find, keymap=self.keys, **more)
        chosen = await self.push_screen_wait(picker)
        self.searched = picker.typed
        return chosen

    # -- sessions --------------------------------------------------------------------------------------

    @worker()
    async def action_sessions(self, words: str = "") -> None:
        if (records := self.records) is None:
            self.say("nothing is stored here", "warning")
            return

        hits: dict[str, SearchHit | None] = {}

        async def find(query: str) -> Sequence[Row]:
            found = await pages.sessions(records, self.chat.workspace, query, MOST)
            hits.clear()
            hits.update((one.id, hit) for one, hit in found)
            return [self._session_row(one) for one, _ in found]

        async def preview(session: str) -> Content:
            if (hit := hits.get(session)) is not None:
                return _marked(hit.snippet)
            asked = await records.asked(session, 7)
            return Content("\n").join(Content.assemble(("· ", "$faint"), one_line(text)) for text in asked)

        async def rename(session: str) -> None:
            before = (await records.session(session)).title
            title = await self.push_screen_wait(Ask("rename", "Empty: the beginning of its first question.", before))
            if title is not None:
                await records.rename_session(session, title)

        async def delete(session: str) -> str:
            if session == self.chat.session:
                return "this session is open; /new begins another one"
            return await records.delete(session)

        async def export(session: str) -> str:
            return await self.exported(session, "md")

        acts: dict[str, Callable[[Any], Awaitable[str | None]]] = {"rename": rename, "export": export, "delete": delete}
        chosen = await self.pick(
            "sessions", find, text=words, preview=preview, acts=acts, 
            sure=lambda one: "" if one == self.chat.session else "delete it for good",
            labels={"take": "open"},
        )  # fmt: skip
        if chosen is not None:
            await self.open_session(chosen)
            if self.chat.session == chosen and (hit := hits.get(chosen)) is not None:
                await self.main.turns.go_to(hit.turn)

    def _session_row(self, one: StoredSession) -> Row:
        note = pages.session_note(one, self.chat.workspace)
        return Row(one.id, one.title or one.id, note, one.id == self.chat.session)

    # -- profile, folder -------------------------------------------------------------------------------

    @worker()
    async def action_profile(self, name: str = "") -> None:
        folders = (locations.config_dir() / "profiles",)
        if not name:
            used = self.chat.profile.name

            def preview(value: str) -> Content:
                try:
                    profile = load_profile(value, folders)
                except CodemodeError as error:
                    return Content.styled(one_line(error.line(), 400), "$error")
                said = sanitise_text(profile.system_prompt)[:600]
                return Content("\n").join([Content(sanitise_text(profile.description)), Content.styled(said, "$muted")])

            rows = [Row(one, one, "", one == used) for one in list_profiles(folders)]
            name = await self.pick("profile", among(rows), preview=preview) or ""
        if name:
            await self.reopened(profile=name)

    @worker()
    async def action_workspace(self, folder: str = "") -> None:
        if not folder:
            known = await self.records.sessions(None, 500) if self.records is not None else []
            used = dict.fromkeys([str(self.chat.workspace), *(one.workspace for one in known)])
            rows = [Row(one, one, "", one == str(self.chat.workspace)) for one in used]

            async def find(query: str) -> Sequence[Row]:
                found = ranked(query, rows, lambda row: str(row.title), MOST)
                return [*found, *(Row(one, one) for one in _folders(query) if one not in used)]

            free = "type to search, or the path of a folder"
            folder = await self.pick("folder to work in", find, free=free) or ""
        path = Path(os.path.expanduser(folder))
        if folder and path != self.chat.workspace:
            await self.reopened(workspace=path, session=None)

    # -- settings --------------------------------------------------------------------------------------

    @worker()
    async def action_theme(self, name: str = "") -> None:
        name = full_name(name, self.themes)
        if name and name not in self.themes:
            self.say(f"there is no theme {name}; there are {', '.join(sorted(self.themes))}", "warning")
            return
        before = self.theme

        def preview(value: str) -> Content:
            self.theme = value
            return sample()

        if not name:
            rows = [Row(one, one, _kind(theme), one == before) for one, theme in sorted(self.themes.items())]
            name = await self.pick("theme", among(rows), preview=preview) or ""
        self.theme = name or before
        if name:
            set_value(THEME, json.dumps(name))
            self.say(f"{name} from now on")

    def action_sampling(self) -> None:
        self.action_settings("sampling.")

    @worker()
    async def action_settings(self, name: str = "") -> None:
        name, _, value = name.partition(" ")
        if not value:
            name = await self._change_settings(name)
        if name == THEME:
            self.action_theme(value.strip("\"'"))
        elif value:
            await self.change_setting(name, value)

    async def _change_settings(self, typed: str) -> str:
        """One after another, until the list is left: for nothing, or for the colours, which have their own."""
        chosen: str | None = None
        while (chosen := await self._pick_setting(typed, chosen)) not in (None, THEME):
            typed = self.searched
            if value := await self._new_value(chosen):
                await self.change_setting(chosen, value)
        return chosen or ""

    async def _new_value(self, key: str) -> str:
        """What a setting is to be; empty: as it is."""
        one = next(one for one in config.listed(locations.config_file()) if one.key == key)
        if one.choices:
            return await self.pick(key, among([Row(may, may, "", may == one.value) for may in one.choices])) or ""

        def check(text: str) -> str:
            try:
                checked(key, text)
            except CodemodeError as error:
                return error.message if text else ""
            return ""

        return await self.push_screen_wait(Ask(key, one.about, one.value, check=check)) or ""

    async def _pick_setting(self, text: str, at: str | None) -> str | None:
        known = {one.key: one for one in config.listed(locations.config_file())}

        async def find(query: str) -> Sequence[Row]:
            rows = [
                Row(one.key, one.key, one.value or "not set", one.value != one.default)
                for one in config.listed(locations.config_file())
            ]
            return ranked(query, rows, lambda row: f"{row.title} {known[row.value].about}", MOST)

        def preview(key: str) -> Content:
            one = known[key]
            may = f"one of {', '.join(one.choices)}" if one.choices else ""
            return facts([("", one.about), ("ships as", one.default or "not set"), ("may be", may)])

        async def delete(key: str) -> str:
            unset(key)
            return f"{key} as it ships, from the next conversation on"

        chosen: str | None = await self.pick(
            "settings", find, text=text, at=at, preview=preview, acts={"delete": delete}, labels=CHANGE
        )
        return chosen

    @worker()
    async def action_keymap(self, words: str = "") -> None:
        async def find(query: str) -> Sequence[Row]:
            rows = [
                Row(c.id, c.summary, keys_of(c, self.keys), c.id in self.keys) for c in COMMANDS if c.where != "list"
            ]
            return ranked(query, rows, lambda row: f"{row.title} {row.note} {row.value}", MOST)

        async def delete(id_: str) -> str:
            unset(f"keys.{id_}")
            self.keys.pop(id_, None)
            return "as it ships, from the next conversation on"

        def preview(id_: str) -> Content:
            where = next(title for title, places in SECTIONS if command(id_).where in places)
            return Content.assemble((id_, "$accent"), f" · {where}")

        acts = {"delete": delete}
        chosen = await self.pick("keys", find, text=words, preview=preview, acts=acts, labels=CHANGE)
        if chosen is None or self.turn_runs:
            return
        key = await self.push_screen_wait(
            Ask(
                command(chosen).summary,
                "Press the key for it.",
                key=True,
                check=lambda key: clash(chosen, key, self.keys),
            )
        )
        if key is not None:
            set_value(f"keys.{chosen}", json.dumps(key))
            self.say(f"{key}: {command(chosen).summary}")
            await self.reopened()

    @worker()
    async def look_for_question(self) -> None:
        """Search what was asked before; the chosen one is the draft then."""
        rows = [Row(text, one_line(text)) for text in dict.fromkeys(reversed(self.main.prompt.asked))]
        chosen = await self.pick("what you asked", among(rows), preview=lambda text: Content(_more(text)))
        if chosen is not None:
            self.main.prompt.recall(chosen)
        self.main.prompt.focus()


def _kind(theme: Theme) -> str:
    return f"{'dark' if theme.dark else 'light'}{', the colours of your terminal' if theme.ansi else ''}"


def _marked(snippet: str) -> Content:
    """The place that was found, its words in a colour."""
    parts = re.split(f"[{BEGIN}{END}]", " ".join(snippet[:1_600].split()))
    styled = ((sanitise_text(text), "$accent bold" if at % 2 else "$muted") for at, text in enumerate(parts))
    return Content.assemble(*styled).truncate(400, ellipsis=True)


def _more(text: str) -> str:
    """The beginning of a question that one line cannot show."""
    return sanitise_text("\n".join(text[:2000].split("\n")[:9])) if "\n" in text or len(text) > 70 else ""


def _folders(typed: str) -> list[str]:
    """Folders whose path begins like this."""
    if not typed.startswith(("/", "~", ".")):
        return []
    base, _, start = os.path.expanduser(typed).rpartition("/")
    found: list[str] = []
    with suppress(OSError), os.scandir(base or "/") as entries:
        found = [
            one.path
            for one in entries
            if one.name.startswith(start or "") and one.is_dir() and (start or one.name[0] != ".")
        ]
    return sorted(found)[:50]
