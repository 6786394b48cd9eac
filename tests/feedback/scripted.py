"""Real turns with a scripted model in a real store: what ``ask`` would have left there."""

from __future__ import annotations

import asyncio
from pathlib import Path

from support.fakes import FakeEngine, FakeSandbox, conversation

from codemode_tui.chat.settings import ChatSettings
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.store import Store


def play(home: Path, workspace: Path, *turns: tuple[str, ...]) -> list[str]:
    """Ask the first of each tuple, let the model say the others; every code of it prints 3. Returns the turns' ids."""
    return asyncio.run(_play(home, workspace, turns))


async def _play(home: Path, workspace: Path, turns: tuple[tuple[str, ...], ...]) -> list[str]:
    store = Store.open(home / "data/codemode.db")
    try:
        found = []
        for query, *messages in turns:
            chat = conversation(
                FakeEngine(*messages), workspace, recorder=store, settings=ChatSettings(run="auto"),
                sandbox=FakeSandbox(*(Outcome("ok", 0, stdout="3\n") for _ in messages)),
            )  # fmt: skip
            chat.services.session = await store.new_session(workspace)
            events = [event async for event in chat.ask(query)]
            found.append(events[-1].turn)
        return found
    finally:
        store.close()
