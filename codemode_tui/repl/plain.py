"""The plain console: lines in, lines out. Nothing is drawn over, no cursor moves, nothing is said by a sign alone.

Lines that come while a turn runs are the next questions. An answer is a line that came after its question.
"""

from __future__ import annotations

import asyncio
import math
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple

from codemode_tui.commands import command
from codemode_tui.front.drafts import Draft
from codemode_tui.repl.console import Kind, Listener, Now, Panel
from codemode_tui.repl.lines import Line, plain
from codemode_tui.repl.look import Look
from codemode_tui.sandbox.sanitise import sanitise_text

GUARD = 0.3
"""A line that comes so soon after a question was not meant for it."""
PAUSE = 0.05
"""So long nothing happens before a question is invited."""
PROMPT = "> "
BLOCK = '"""'
"""Begins and ends a question of several lines."""
_IDLE = frozenset({"ready", "failed", "dead"})
_SPELLED = {"yes": "y", "no": "n"}


class Typed(NamedTuple):
    """A line, and when it came."""

    text: str
    at: float


class Lines:
    """Lines for whoever has asked."""

    def __init__(self, question: Sequence[Line], guard: float) -> None:
        """``question``: as it is said; ``guard``: seconds for which no line is meant for it then."""
        self.question, self.guard = question, guard
        self.since = math.inf
        """One that was typed before that is not meant; until the question is said none is."""
        self.queue: asyncio.Queue[Typed | None] = asyncio.Queue()
        self.refused: list[Typed] = []
        """Read, and not meant for this."""


class PlainConsole:
    """A ``console.Console``."""

    def __init__(self, look: Look, *, interactive: bool, guard: float = GUARD) -> None:
        """``interactive``: somebody is there to be asked."""
        self.look = look
        self.look.width = 1 << 30  # whoever shows it breaks the lines
        self.now = Now()
        self.files: Sequence[str] = ()
        self.interactive = interactive
        self.guard = guard
        self._listener: Listener | None = None
        self._asking: list[Lines] = []
        """Who waits for a line, the first first."""
        self._said: Lines | None = None
        """Whose question was said last."""
        self._block: list[str] | None = None
        """Lines of a question that is not whole yet."""
        self._over = asyncio.Event()
        self._prompted = self._loaded = False
        self._failed: OSError | None = None
        """Why nothing can be written any more."""

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
        if self.interactive and not self._loaded and self.now.state == "ready":
            self._loaded = True
            self.print([[("The model is loaded.", "")]])
        asyncio.get_running_loop().call_later(PAUSE, self._invite_when_idle)

    def _invite_when_idle(self) -> None:
        if self.now.state in _IDLE and not self.now.waiting and not self._asking:
            self._invite()

    def _invite(self) -> None:
        if self.interactive and not self._prompted and not self._over.is_set():
            self._prompted = True
            self._write(PROMPT)

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError as error:  # there is no sense in going on; that nobody reads it any more is no failure
            self._failed = self._failed or (None if isinstance(error, BrokenPipeError) else error)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            self.leave()

    # -- questions ---------------------------------------------------------------------------------

    async def ask(self, panel: Panel) -> str | None:
        if not self.interactive:
            return None
        marked = next((n for n, one in enumerate(panel.choices) if one.id == panel.safe), 0)
        keys = {self._keys(one.id): one.action for one in panel.choices}
        by_key = {key: action for names, action in keys.items() for key in names}
        choices = self.look.choices(panel.choices, marked, panel.chosen)
        question = [*panel.lines, self.look.title(panel.title), *choices]
        with self._lines(question, casual=panel.casual, guarded=panel.guarded) as lines:
            while True:
                typed = await self._next(lines)
                said = typed.text.strip() if typed is not None else ""
                said = _SPELLED.get(said.lower(), said)
                if typed is None or not said:
                    return panel.choices[marked].action
                if said in by_key:
                    return by_key[said]
                if panel.casual:
                    lines.refused.append(typed)
                    return None
                if lines is self._asking[0]:  # else it is said again once it is
                    self.print([[("That is none of the choices.", "")], *choices])

    def _keys(self, name: str) -> tuple[str, ...]:
        keys = command(name).keys_in("plain", self.look.keymap)
        return tuple(key.strip() for key in keys.split(","))

    async def write(self, label: str, text: str = "", kind: Kind = "words") -> str | None:
        if not self.interactive:
            return None
        if kind == "words":
            now = f" Now it says: {text}" if text else ""
            with self._lines([[(f"{label[:1].upper()}{label[1:]}.{now}", "")]]) as lines:
                typed = await self._next(lines)
                return typed.text if typed is not None else None
        how = "line by line, a full stop alone ends it; at once: no change"
        written: list[str] = []
        with self._lines([[(f"{label[:1].upper()}{label[1:]}: {how}.", "")]]) as lines:
            while (typed := await self._next(lines)) is not None and typed.text.strip() != ".":
                written.append(typed.text)
        return "\n".join(written) if written and typed is not None else None

    @contextmanager
    def _lines(self, question: Sequence[Line], *, casual: bool = False, guarded: bool = False) -> Iterator[Lines]:
        """What is typed once ``question`` is said is meant for it; what of it nobody has read in the end is not.

        The newest question comes first, and one that may be left comes last: see ``Panel.casual``.
        """
        lines = Lines(question, self.guard * guarded)
        self._asking.insert(len(self._asking) if casual else 0, lines)
        self._say()
        try:
            yield lines
        finally:
            self._asking.remove(lines)
            while not lines.queue.empty():
                if (left := lines.queue.get_nowait()) is not None:
                    lines.refused.append(left)
            for left in lines.refused:
                self._deliver(left)
            asyncio.get_running_loop().call_later(PAUSE, self._say)  # unless whoever asked goes on to ask

    def _say(self) -> None:
        """Say the first question, unless it was said last: an answer is for what stands right above it."""
        first = self._asking[0] if self._asking else None
        if first is None or first is self._said or not first.queue.empty() or self._over.is_set():
            return
        self._said = first
        self.print(first.question)
        now = time.monotonic()
        first.since = now + first.guard if first.guard else min(first.since, now)
        self._invite()

    async def _next(self, lines: Lines) -> Typed | None:
        """None: the input has ended, or ctrl+c."""
        if lines.queue.empty():
            self._invite()
        return await lines.queue.get()

    # -- what is typed -----------------------------------------------------------------------------

    def offer(self, files: Sequence[str]) -> None:
        self.files = files

    def put(self, draft: Draft) -> None:
        """A question that was taken back is said: a line cannot be filled in."""
        self.print([[(f"Not asked: {sanitise_text(draft.text)}", "")]])

    def remember(self, questions: Sequence[str]) -> None:
        """A line has no history of its own."""

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
        if self._failed is not None:
            raise self._failed

    def leave(self) -> None:
        self._over.set()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        """Lines, as they come; a thread of its own, because a file cannot be waited for."""
        with suppress(RuntimeError, OSError, ValueError):  # the loop has ended meanwhile, or the terminal has
            # Not through Python's buffer: its lock, held while it waits, would abort a program that ends meanwhile.
            source, begun, coding = sys.stdin.fileno(), bytearray(), "utf-8-sig"
            while data := os.read(source, 1 << 16):
                *lines, rest = data.split(b"\n")
                for line in lines:
                    whole, begun = bytes(begun + line), bytearray()
                    loop.call_soon_threadsafe(self._line, whole.decode(coding, "replace"), time.monotonic())
                    coding = "utf-8"  # a byte order mark stands at the beginning alone
                begun += rest
            if begun:
                loop.call_soon_threadsafe(self._line, begun.decode(coding, "replace"), time.monotonic())
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(self._line, None, time.monotonic())

    def _line(self, line: str | None, at: float) -> None:
        self._prompted = False
        if line is None:
            self._end()
            return
        self._deliver(Typed(line.rstrip("\r\n"), at))

    def _deliver(self, typed: Typed) -> None:
        """To the first that had asked when it was typed; else it is what comes next."""
        meant = next((one for one in self._asking if typed.at >= one.since), None)
        if meant is not None and self._block is None:
            meant.queue.put_nowait(typed)
        else:
            self._hand_on(typed.text)

    def _hand_on(self, line: str) -> None:
        """A question or a command; of several lines only when it is whole."""
        if self._block is not None:
            self._in_block(line)
        elif _begins(line.strip()):
            rest = line.strip().removeprefix(BLOCK)
            self._block = []
            if rest:
                self._in_block(rest)
        elif not line.strip() or self._listener is None or not self._listener.entered(line.strip()):
            self.refresh()

    def _in_block(self, line: str) -> None:
        assert self._block is not None
        text = line.rstrip().removesuffix(BLOCK)
        ends = text != line.rstrip()
        self._block.append(text if ends else line)
        if ends:
            self._end_block()

    def _end_block(self) -> None:
        assert self._block is not None
        whole, self._block = "\n".join(self._block).strip(), None
        if not whole or self._listener is None or not self._listener.entered(whole):
            self.refresh()

    def _interrupt(self) -> None:
        self._prompted = False
        self._write("\n")
        if self._listener is None or not self._listener.interrupted():
            self._nobody_answers()
        self._block = None
        self.refresh()

    def _end(self) -> None:
        """No line will come any more: open questions count as left."""
        if self._block is not None:
            self._end_block()
        self.interactive = False
        self._nobody_answers()
        if self._listener is not None:
            self._listener.left()

    def _nobody_answers(self) -> None:
        for lines in self._asking:
            lines.queue.put_nowait(None)


def _begins(line: str) -> bool:
    """Whether a question of several lines begins here; one that quotes the mark and goes on is a line of its own."""
    return line.startswith(BLOCK) and not line.removeprefix(BLOCK).partition(BLOCK)[2]
