"""Conversations for the front ends: the first one, and others in its place."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from codemode_tui import config, locations
from codemode_tui.chat.conversation import Conversation
from codemode_tui.cli.rows import Shelf
from codemode_tui.cli.session import Options, open_conversation
from codemode_tui.cli.wide import wide
from codemode_tui.errors import UsageError
from codemode_tui.front.ports import Opened
from codemode_tui.front.rehearsal import Rehearsal
from codemode_tui.front.replay import past_turns
from codemode_tui.store.store import Store

if TYPE_CHECKING:
    from codemode_tui.feedback.choosing import Wanted

SHOWN_TURNS = 20
"""Turns of a resumed session that are shown; the model remembers all that fit."""


class Doors:
    """Opens conversations for a front end, each with the options of the one before and some changes."""

    def __init__(self, options: Options, wanted: Wanted | None = None) -> None:
        self._options, self._wanted = options, wanted
        self._opened: list[tuple[Conversation, Options]] = []
        """Those that may be open still, and with what each was opened."""
        self._named: set[str] = set()
        """Real paths of the workspaces of all that were opened: the user's word for a folder holds until the end."""

    async def open(self, **changes: Any) -> Opened:  # noqa: ANN401 - fields of ``Options``
        """See ``ports.Reopen``."""
        settings = config.load_settings(locations.config_file())
        self._opened = [one for one in self._opened if not one[0].closed]
        folder = changes.get("folder")
        if folder and os.path.realpath(folder) in self._named:
            changes, folder = {**changes, "workspace": folder, "folder": None}, None
        # Of one that was not taken, and closed again, no option is kept.
        options = msgspec.structs.replace(self._opened[-1][1] if self._opened else self._options, **changes)
        if what := wide(Path(os.path.realpath(folder))) if folder else "":
            raise UsageError(
                f"that session is about {what}, which you have not named as the workspace",
                hint=f"`codemode sessions resume {options.session}` opens it, and asks first",
            )
        conversation = await open_conversation(options)
        if self._opened:
            conversation.begin_as(self._opened[-1][0])
        if options.workspace is not None:
            self._named.add(os.path.realpath(options.workspace))
        recorder = conversation.services.recorder
        known = options.resume_last or options.session
        past = await past_turns(conversation, SHOWN_TURNS) if known else []
        records = Shelf(recorder, self._wanted) if isinstance(recorder, Store) else None
        self._opened.append((conversation, msgspec.structs.replace(options, resume_last=False, fork=None)))
        return Opened(conversation, past, records, Rehearsal(conversation.services), settings)

    async def close(self) -> None:
        for conversation, _ in self._opened:
            if not conversation.closed:
                await conversation.close()


def doors_of(args: argparse.Namespace, run: Literal["ask", "never"], wanted: Wanted | None = None) -> Doors:
    """``args`` as ``arguments.add_conversation`` has them."""
    options = Options(
        workspace=args.workspace,
        model=args.model,
        profile=args.profile,
        session=args.session,
        resume_last=args.resume,
        fork=args.fork,
        run=run,
    )
    return Doors(options, wanted)
