"""The model that answers: chosen from a list, offered at the first start, downloaded while one goes on."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import suppress
from subprocess import DEVNULL, PIPE

from textual import on
from textual.content import Content

from codemode_tui.engine import choice, recommended
from codemode_tui.engine.memory import gigabytes
from codemode_tui.engine.models import BUNDLED
from codemode_tui.engine.registry import Entry, entries
from codemode_tui.engine.spawning import import_path
from codemode_tui.errors import CodemodeError
from codemode_tui.front import pages
from codemode_tui.front.keys import first_key
from codemode_tui.front.wording import size
from codemode_tui.sandbox.sanitise import one_line
from codemode_tui.tui.choosing import Choosing, worker
from codemode_tui.tui.page import facts
from codemode_tui.tui.picker import Row, among
from codemode_tui.tui.prompt import Prompt
from codemode_tui.tui.welcome import Welcome

LINE = 1 << 16


class ModelChoosing(Choosing):
    """``first``: nobody has chosen a model yet; then it is offered, and what is taken is taken for good."""

    first = False

    def on_mount(self) -> None:
        if self.first:
            self.call_after_refresh(self._offer)  # the prompt is there before anything is worked out

    @worker()
    async def _offer(self) -> None:
        offer = await asyncio.to_thread(recommended.recommended)
        keep, other = first_key("prompt.send", self.keys), first_key("model", self.keys)
        lines = [
            Content.styled("The small bundled model answers: good for a first look.", "$muted"),
            Content.assemble((keep, "bold $foreground"), (" keeps it   ", "$muted"), (other, "bold $foreground"),
                             (" takes another: a folder of yours, or", "$muted")),
            Content.styled(f"{recommended.TITLE}, {gigabytes(recommended.BYTES)}: {offer.words}", "$muted"),
        ]  # fmt: skip
        for welcome in self.main.query(Welcome):
            welcome.offer(lines if self.first else [])

    @on(Prompt.Bare)
    async def _keep(self) -> None:
        """Enter with nothing written, where the choice is offered: the bundled model it is."""
        if self.first and self.main.query(Welcome) and self._choose(BUNDLED):
            self.say(f"the bundled model answers; {first_key('model', self.keys)} takes another at any time")

    def _choose(self, name: str) -> bool:
        """For good, with the profile that the settings have for it already."""
        try:
            choice.use(name, choice.set_profile(name))
        except CodemodeError as error:
            self.say(error.line(), "error")
            return False
        self.first = False
        for welcome in self.main.query(Welcome):
            welcome.offer([])
        return True

    @worker()
    async def action_model(self, name: str = "") -> None:
        if not name:
            name = await self._picked()
        if not name:
            return
        if name == recommended.NAME and not await asyncio.to_thread(lambda: recommended.recommended().here):
            self.fetch(name)
            return
        if not self.first:
            await self.use_model(name)
        elif self._choose(os.path.expanduser(name)):
            await self.reopened(model=None, profile=None)

    async def _picked(self) -> str:
        """What was taken from the list; empty for nothing, and for the model that answers already."""
        info = self.chat.info
        here = {one.name: one for one in await asyncio.to_thread(entries)}
        used = next((one.name for one in here.values() if info and one.path == info.path), getattr(info, "name", ""))
        notes = {one.name: "cannot be used" if one.problem else one.profile for one in here.values()}
        if used and used not in here:
            notes = {used: info.profile if info else "", **notes}
        offer = await asyncio.to_thread(recommended.recommended)
        if not offer.here and self.reopen is not None:
            notes[recommended.NAME] = f"download, {gigabytes(recommended.BYTES)}" if offer.fits else "too large"
        rows = [Row(one, one, note, one == used) for one, note in notes.items()]

        def preview(value: str) -> Content:
            if info is not None and value == used:
                return facts(pages.model_rows(info))
            return _facts(here[value]) if value in here else facts([("", offer.words), ("", offer.plan.words)])

        free = "type to search, or a model folder, or openai:URL"
        name = await self.pick("model", among(rows), preview=preview, free=free) or ""
        return "" if name == used and not self.first else name

    # -- downloading -----------------------------------------------------------------------------------

    @worker(group="fetch", exclusive=True)
    async def fetch(self, name: str) -> None:
        """Pull a model in a process of its own while the conversation goes on, then choose it."""
        offer = await asyncio.to_thread(recommended.recommended)
        if name == recommended.NAME and not offer.fits:
            self.say(f"{offer.words}; codemode model pull {name} downloads it all the same", "warning")
            return
        command = [sys.executable, "-P", "-m", "codemode_tui", "model", "pull", name, "--jsonl"]
        environment = {**os.environ, "PYTHONPATH": import_path(dict(os.environ))}
        child = await asyncio.create_subprocess_exec(
            *command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, limit=LINE, env=environment
        )
        assert child.stdout is not None and child.stderr is not None
        wrong = asyncio.create_task(child.stderr.read())
        self.say(f"{name} is being downloaded; you can go on meanwhile")
        try:
            while line := await child.stdout.readline():
                with suppress(ValueError, KeyError, TypeError, ZeroDivisionError):
                    told = json.loads(line)
                    share = told["done"] / told["total"]
                    self.main.status.fetching = f"model {share:.0%} of {gigabytes(told['total'])}"
            code = await child.wait()
        finally:
            self.main.status.fetching = ""
            if child.returncode is None:
                child.kill()
                await child.wait()
        if code != 0:
            self.say(one_line((await wrong).decode("utf-8", "replace"), 400) or "the download ended", "error")
        elif self._choose(name):
            if self.main.driver.running or self.corrects or self.screen is not self.main:
                self.say(f"{name} is there, and answers from the next conversation on")
            else:
                await self.reopened(model=None, profile=None)
                self.say(f"{name} is there, and answers from now on")


def _facts(one: Entry) -> Content:
    return facts([
        ("path", one.path), ("on disk", size(one.bytes)), ("profile", one.profile),
        ("guessed", one.guessed), ("template", one.template), ("broken", one.problem),
    ])  # fmt: skip
