"""`codemode`: the terminal interface."""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import signal
import sys
import termios
import threading
import time
from typing import TYPE_CHECKING

from codemode_tui.cli.arguments import add_conversation
from codemode_tui.cli.streams import dumb
from codemode_tui.errors import UsageError

if TYPE_CHECKING:
    from codemode_tui.feedback.choosing import Wanted
    from codemode_tui.tui.app import CodemodeApp

EXAMPLE = "codemode --continue"
WATCH_SECONDS = 2.0
GRACE_SECONDS = 10.0
"""How long the program may take to leave properly when its terminal has gone."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_conversation(parser)


def run(args: argparse.Namespace) -> int:
    return start(args)


def start(args: argparse.Namespace, review: str | None = None, wanted: Wanted | None = None) -> int:
    """Open the terminal interface; ``review`` as in ``CodemodeApp``, ``wanted``: its rows."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        other = 'codemode ask "…"' if review is None else "codemode feedback list and feedback add"
        raise UsageError("the terminal interface needs a terminal", hint=f"use {other} in scripts and pipes")
    if not (sys.stderr and sys.stderr.isatty()):  # where Textual draws
        raise UsageError("the terminal interface is drawn on standard error", hint="leave out the 2> behind codemode")
    if dumb():
        named = f"TERM is {term}" if (term := os.environ.get("TERM")) else "TERM is not set"
        raise UsageError(
            f"the terminal interface needs a terminal that can move its cursor ({named})",
            hint="codemode repl is the same conversation, line by line",
        )
    from codemode_tui.cli.guard import guarded
    from codemode_tui.cli.wide import ask_first

    args.workspace = ask_first(args.workspace)
    return guarded(lambda: _leave(asyncio.run(_run(args, review, wanted))))


async def _run(args: argparse.Namespace, review: str | None, wanted: Wanted | None) -> int:
    from codemode_tui import locations
    from codemode_tui.cli.doors import doors_of
    from codemode_tui.engine.choice import undecided
    from codemode_tui.front.themes import choose

    doors = doors_of(args, "ask", wanted)
    try:
        # What draws is loaded while the store is opened: that waits for the disk.
        loaded = asyncio.to_thread(importlib.import_module, "codemode_tui.tui.app")
        (chat, past, records, rehearsal, settings), _ = await asyncio.gather(doors.open(), loaded)
        from codemode_tui.tui.app import CodemodeApp
        from codemode_tui.tui.themes import load_themes

        themes = load_themes(locations.themes_dirs())
        app = CodemodeApp(
            chat,
            themes=themes,
            theme=choose(themes, settings.ui.theme).name if settings.ui.theme is not None else None,
            keys=dict(settings.keys),
            reduced_motion=settings.ui.reduced_motion,
            past=past,
            records=records,
            rehearsal=rehearsal,
            review=review,
            reopen=doors.open,
            first=args.model is None and undecided(chat.workspace),
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            # A closed window must not leave a turn half stored or a worker behind.
            loop.add_signal_handler(number, lambda: loop.create_task(app.leave()))
        watch = loop.create_task(_watch_terminal(app))
        threading.Thread(target=end_without_terminal, daemon=True).start()
        await app.run_async()
        watch.cancel()
        return app.return_code or 0
    finally:
        await doors.close()


async def _watch_terminal(app: CodemodeApp) -> None:
    """Leave when the terminal has gone away. The hang-up signal says so, unless somebody blocked it."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        if not _terminal():
            await app.leave()
            return


def end_without_terminal() -> None:
    """Textual's writer dies with the terminal, and who writes after that may wait for it for ever."""
    while _terminal():
        time.sleep(WATCH_SECONDS)
    time.sleep(GRACE_SECONDS)
    os._exit(128 + signal.SIGHUP)


def _terminal() -> bool:
    try:
        termios.tcgetattr(sys.stdin.fileno())
    except (termios.error, OSError, ValueError):
        return False
    return True


def _leave(code: int) -> int:
    """End at once when the terminal is gone: Textual's input thread then reads nothing for ever, and the
    interpreter would wait for it. Everything has been closed by now."""
    if any(thread is not threading.main_thread() and not thread.daemon for thread in threading.enumerate()):
        os._exit(code)
    return code
