"""`codemode repl`: the conversation in a line, with the terminal's own scrollback."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from codemode_tui.cli.arguments import add_conversation
from codemode_tui.cli.streams import dumb
from codemode_tui.errors import UsageError

if TYPE_CHECKING:
    from codemode_tui.repl.console import Console
    from codemode_tui.settings import Settings

EXAMPLE = "codemode repl --continue"
ABOUT = """\
Without a terminal as input each line is a question or a /command, in that order; code is shown and never run, and the
exit code is that of the last question, as of `codemode ask`. --plain is chosen by itself for TERM=dumb, and where input
or output is no terminal. With --plain a question of several lines stands between two lines of \"\"\"."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = f"{parser.description}\n\n{ABOUT}"
    parser.add_argument(
        "--plain",
        action="store_true",
        help="words, no signs, nothing redrawn: screen readers, dumb terminals",
    )
    add_conversation(parser)


def run(args: argparse.Namespace) -> int:
    if sys.stdin is None or sys.stdin.closed:
        raise UsageError("standard input is closed", hint='use codemode ask "…"')
    from codemode_tui.cli.wide import ask_first

    asked = sys.stdin.isatty()
    args.workspace = ask_first(args.workspace) if asked else args.workspace
    if args.plain or not draws():
        return asyncio.run(_run(args, plain=True))
    from codemode_tui.cli.guard import guarded

    def draw() -> int:
        with _typed_ahead():
            return asyncio.run(_run(args, plain=False))

    return guarded(draw, screen=False)


@contextmanager
def _typed_ahead() -> Iterator[None]:
    """What is typed while the program starts is not echoed, and its enter stays one instead of a line feed."""
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    early = termios.tcgetattr(terminal)
    early[0] &= ~termios.ICRNL
    early[3] &= ~(termios.ECHO | termios.ICANON)
    try:
        termios.tcsetattr(terminal, termios.TCSANOW, early)
        yield
    finally:
        with suppress(termios.error):  # it is gone
            termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def draws() -> bool:
    """Whether this is a terminal in which something can be drawn."""
    return sys.stdin.isatty() and sys.stdout.isatty() and not dumb()


async def _run(args: argparse.Namespace, *, plain: bool) -> int:
    from codemode_tui.cli.ask import EXIT_OF_FAILURE, exit_code
    from codemode_tui.cli.doors import doors_of
    from codemode_tui.repl.repl import Repl

    interactive = sys.stdin.isatty()
    doors = doors_of(args, "ask" if interactive else "never")  # nobody could be asked
    opened = await doors.open()
    try:
        console = _console(opened.settings, plain=plain, interactive=interactive)
        repl = Repl(console, opened, doors.open, in_order=not interactive)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            # A closed window must not leave a turn half stored or a worker behind.
            loop.add_signal_handler(number, console.leave)
        await repl.run()
        if interactive or repl.asked_last is None:
            return 0
        from codemode_tui.chat.events import TurnFailed

        end = repl.asked_last.end
        if end is None:
            return EXIT_OF_FAILURE["error"]
        return exit_code(end.record, end if isinstance(end, TurnFailed) else None)
    finally:
        await doors.close()


def _console(settings: Settings, *, plain: bool, interactive: bool) -> Console:
    keymap = dict(settings.keys)
    if plain:
        from codemode_tui.repl.plain import PlainConsole
        from codemode_tui.repl.spoken import Spoken

        return PlainConsole(Spoken(keymap), interactive=interactive)
    from codemode_tui import locations
    from codemode_tui.front.themes import load_colours
    from codemode_tui.repl.look import Look
    from codemode_tui.repl.terminal import Terminal

    themes = load_colours(locations.themes_dirs())
    calm = settings.ui.reduced_motion
    return Terminal(Look(keymap), themes, settings.repl.theme, vi=settings.repl.keys == "vi", calm=calm)
