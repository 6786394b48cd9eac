"""`codemode`: the terminal interface."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import termios
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codemode_tui.errors import UsageError

if TYPE_CHECKING:
    from codemode_tui.chat.conversation import Conversation
    from codemode_tui.cli.session import Options
    from codemode_tui.feedback.choosing import Wanted
    from codemode_tui.front.ports import Opened
    from codemode_tui.tui.app import CodemodeApp

SUMMARY = "the terminal interface, in the current directory as workspace"
EXAMPLE = "codemode --continue"
WATCH_SECONDS = 2.0
GRACE_SECONDS = 10.0
"""How long the program may take to leave properly when its terminal has gone."""
SHOWN_TURNS = 20
"""Turns of a resumed session that are shown; the model remembers all that fit."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    again = parser.add_mutually_exclusive_group()
    again.add_argument("--continue", dest="resume", action="store_true", help="go on with the newest session here")
    again.add_argument("--session", metavar="ID", help="go on with this stored session")
    again.add_argument("--fork", metavar="ID", help="go on from a stored turn, or session, in a session of its own")
    parser.add_argument("--model", metavar="M", help="bundled, a folder, or a repository id of the local cache")
    parser.add_argument("--profile", metavar="P", help="how the model was trained (default: guessed)")
    parser.add_argument(
        "--workspace", type=Path, metavar="DIR", help="folder that the code may see (default: this one)"
    )


def run(args: argparse.Namespace) -> int:
    return start(args)


def start(args: argparse.Namespace, review: str | None = None, wanted: Wanted | None = None) -> int:
    """Open the terminal interface; ``review`` as in ``CodemodeApp``, ``wanted``: its rows."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        raise UsageError("the terminal interface needs a terminal", hint='use codemode ask "…" in scripts and pipes')
    from codemode_tui.cli.guard import guarded
    from codemode_tui.cli.wide import ask_first

    args.workspace = ask_first(args.workspace)
    return guarded(lambda: _leave(asyncio.run(_run(args, review, wanted))))


async def _run(args: argparse.Namespace, review: str | None, wanted: Wanted | None) -> int:
    from codemode_tui import locations
    from codemode_tui.cli.session import Options
    from codemode_tui.tui.app import CodemodeApp
    from codemode_tui.front.themes import choose
    from codemode_tui.tui.themes import load_themes

    themes = load_themes(locations.themes_dirs())
    doors = Doors(
        Options(
            workspace=args.workspace,
            model=args.model,
            profile=args.profile,
            session=args.session,
            resume_last=args.resume,
            fork=args.fork,
            run="ask",
        ),
        wanted,
    )
    chat, past, records, rehearsal, settings = await doors.open()
    try:
        app = CodemodeApp(
            chat,
            themes=themes,
            theme=choose(themes, settings.ui.theme).name,
            keys=dict(settings.keys),
            reduced_motion=settings.ui.reduced_motion,
            past=past,
            records=records,
            rehearsal=rehearsal,
            review=review,
            reopen=doors.open,
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            # A closed window must not leave a turn half stored or a worker behind.
            loop.add_signal_handler(number, lambda: loop.create_task(app.action_quit()))
        watch = loop.create_task(_watch_terminal(app))
        threading.Thread(target=_end_without_terminal, daemon=True).start()
        await app.run_async()
        watch.cancel()
        return app.return_code or 0
    finally:
        await doors.close()


class Doors:
    """Opens conversations for the screen, each with the options of the one before and some changes."""

    def __init__(self, options: Options, wanted: Wanted | None) -> None:
        self._options, self._wanted = options, wanted
        self._conversation: Conversation | None = None

    async def open(self, **changes: Any) -> Opened:  # noqa: ANN401 - fields of ``Options``
        """See ``ports.Reopen``."""
        import msgspec

        from codemode_tui import config, locations
        from codemode_tui.cli.rows import Shelf
        from codemode_tui.cli.session import open_conversation
        from codemode_tui.front.ports import Opened
        from codemode_tui.front.rehearsal import Rehearsal
        from codemode_tui.front.replay import past_turns
        from codemode_tui.store.store import Store

        settings = config.load_settings(locations.config_file())
        options = msgspec.structs.replace(self._options, **changes)
        conversation = await open_conversation(options)
        recorder = conversation.services.recorder
        known = options.resume_last or options.session
        past = await past_turns(conversation, SHOWN_TURNS) if known else []
        records = Shelf(recorder, self._wanted) if isinstance(recorder, Store) else None
        self._options = msgspec.structs.replace(options, resume_last=False, fork=None)
        self._conversation = conversation
        return Opened(conversation, past, records, Rehearsal(conversation.services), settings)

    async def close(self) -> None:
        if self._conversation is not None:
            await self._conversation.close()
            self._conversation.services.recorder.close()


async def _watch_terminal(app: CodemodeApp) -> None:
    """Leave when the terminal has gone away. The hang-up signal says so, unless somebody blocked it."""
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        if not _terminal():
            await app.action_quit()
            return


def _end_without_terminal() -> None:
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
