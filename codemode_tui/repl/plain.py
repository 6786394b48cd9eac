"""The plain console: lines in, lines out. Nothing is drawn over, no cursor moves, nothing is said by a sign alone.

Lines that come while a turn runs are the next questions. An answer is a line that came after its question.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress

from codemode_tui.commands import command
from codemode_tui.front.drafts import Draft
from codemode_tui.repl.console import Kind, Listener, Now, Panel
from codemode_tui.repl.lines import Line, plain
from codemode_tui.repl.look import Look
from codemode_tui.sandbox.sanitise import sanitise_text

GUARD = 0.3
"""A line that comes so soon after a question was not meant for it."""
PROMPT = "> "
BLOCK = '"""'
"""Begins and ends a question of several lines."""
_IDLE = frozenset({"ready", "failed", "dead"})
_SPELLED = {"yes": "y", "no": "n"}


class PlainConsole:
    """A ``console.Console``."""

    def __init__(self, look: Look, *, interactive: bool, guard: float = GUARD) -> None:
        """``interactive``: somebody is there to be asked."""
        self.look = look
        self.look.width = 1 << 30  # whoever shows it breaks the lines
        self.now = Now()
        self.asked: list[str] = []
        self.files: Sequence[str] = ()
        self.words: Mapping[str, Sequence[str]] = {}
        self.interactive = interactive
        self.guard = guard
        self._listener: Listener | None = None
        self._asking: deque[tuple[float, asyncio.Future[str | None]]] = deque()
        self._block: list[str] | None = None
        """Lines of a question that is not whole yet."""
        self._over = asyncio.Event()
        self._prompted = False
        self._state = ""

    @property
    def draft(self) -> Draft:
        return Draft("", {})

    def print(self, lines: Sequence[Line]) -> None:
        if not lines:
            return
        before = "\n" if self._prompted else ""
        self._prompted = False
        text = "\n".join(plain(line).rstrip() for line in lines)
        self._write(f"{before}{text}\n")

    def live(self, lines: Sequence[Line]) -> None:
        """Nothing that would change later is said."""

    def refresh(self) -> None:
        state, self._state = self._state, self.now.state
        if self.interactive and state != self.now.state and state == "loading" and self.now.state == "ready":
            self.print([[("The model is loaded.", "")]])
        if self.now.state in _IDLE and not self.now.waiting and not self._asking:
            self._invite()

    def _invite(self) -> None:
        if self.interactive and not self._prompted and not self._over.is_set():
            self._prompted = True
            self._write(PROMPT)

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.write(text)
        sys.stdout.flush()

    # -- questions ---------------------------------------------------------------------------------

    async def ask(self, panel: Panel) -> str | None:
        if not self.interactive:
            return None
        marked = next((n for n, one in enumerate(panel.choices) if one.id == panel.safe), 0)
        keys = {self._keys(one.id): one.action for one in panel.choices}
        by_key = {key: action for names, action in keys.items() for key in names}
        self.print([*panel.lines, self.look.title(panel.title)])
        while True:
            self.print(self.look.choices(panel.choices, marked, panel.chosen))
            line = await self._answer(panel.guarded)
            said = (line or "").strip()
            said = _SPELLED.get(said.lower(), said)
            if line is None or not said:
                return panel.choices[marked].action
            if said in by_key:
                return by_key[said]
            if panel.casual:
                self._hand_on(line)
                return None
            self.print([[("That is none of the choices.", "")]])

    def _keys(self, name: str) -> tuple[str, ...]:
        keys = command(name).keys_in("plain", self.look.keymap)
        return tuple(key.strip() for key in keys.split(","))

    async def write(self, label: str, text: str = "", kind: Kind = "words") -> str | None:
        if not self.interactive:
            return None
        if kind == "words":
            now = f" Now it says: {text}" if text else ""
            self.print([[(f"{label[:1].upper()}{label[1:]}.{now}", "")]])
            return await self._answer(guarded=False)
        how = "line by line, a full stop alone ends it; at once: no change"
        self.print([[(f"{label[:1].upper()}{label[1:]}: {how}.", "")]])
        lines: list[str] = []
        while (line := await self._answer(guarded=False)) is not None and line.strip() != ".":
            lines.append(line)
        return "\n".join(lines) if lines and line is not None else None

    async def _answer(self, guarded: bool) -> str | None:
        """The next line that is meant for this; None: the input has ended, or ctrl+c."""
        future: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        entry = time.monotonic() + self.guard * guarded, future
        self._asking.append(entry)
        self._invite()
        try:
            return await future
        finally:
            self._asking.remove(entry)

    # -- what is typed -----------------------------------------------------------------------------

    def offer(self, files: Sequence[str]) -> None:
        self.files = files

    def put(self, draft: Draft) -> None:
        """A question that was taken back is said: a line cannot be filled in."""
        self.print([[(f"Not asked: {sanitise_text(draft.text)}", "")]])

    def copy(self, text: str) -> None:
        raise NotImplementedError

    def theme(self, name: str) -> None:
        raise NotImplementedError

    async def run(self, listener: Listener) -> None:
        self._listener = listener
        loop = asyncio.get_running_loop()
        if self.interactive:
            loop.add_signal_handler(signal.SIGINT, self._interrupt)
            self._invite()
        threading.Thread(target=self._read, args=(loop,), daemon=True).start()
        await self._over.wait()

    def leave(self) -> None:
        self._over.set()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        """Lines, as they come; a thread of its own, because a file cannot be waited for."""
        with suppress(RuntimeError, OSError, ValueError):  # the loop has ended meanwhile, or the terminal has
            for data in sys.stdin.buffer:
                loop.call_soon_threadsafe(self._line, data.decode("utf-8", "replace"), time.monotonic())
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._line, None, time.monotonic())

    def _line(self, line: str | None, at: float) -> None:
        self._prompted = False
        if line is None:
            self._end()
            return
        line = line.rstrip("\r\n")
        if self._asking and at >= self._asking[0][0]:
            future = self._asking[0][1]
            if not future.done():
                future.set_result(line)
            return
        self._hand_on(line)

    def _hand_on(self, line: str) -> None:
        """A question or a command; of several lines only when it is whole."""
        if self._block is not None:
            self._in_block(line)
        elif line.strip().startswith(BLOCK):
            rest = line.strip().removeprefix(BLOCK)
            self._block = []
            if rest:
                self._in_block(rest)
        elif not line.strip() or self._listener is None or not self._listener.entered(line.strip()):
            self.refresh()

    def _in_block(self, line: str) -> None:
        assert self._block is not None
        text, end, _ = line.partition(BLOCK)
        self._block.append(text)
        if end:
            whole, self._block = "\n".join(self._block).strip(), None
            if whole and self._listener is not None:
                self._listener.entered(whole)

    def _interrupt(self) -> None:
        self._prompted = False
        self._write("\n")
        asking = [future for _, future in self._asking if not future.done()]
        running = self._listener is not None and self._listener.interrupted()
        if not running:
            for future in asking:
                future.set_result(None)
        self._block = None
        self.refresh()

    def _end(self) -> None:
        """No line will come any more: open questions count as left."""
        if self._block and self._listener is not None:
            self._listener.entered("\n".join(self._block).strip())
        self.interactive = False
        for _, future in self._asking:
            if not future.done():
                future.set_result(None)
        if self._listener is not None:
            self._listener.left()
