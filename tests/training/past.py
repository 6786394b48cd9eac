"""A store with turns of a scripted model whose code really ran, and corrections that did, too."""

from __future__ import annotations

from pathlib import Path

from support.fakes import FakeEngine, conversation

from codemode_tui.chat.settings import ChatSettings
from codemode_tui.sandbox.select import choose
from codemode_tui.store.store import Store


class Past:
    """Turns and what was said about them."""

    def __init__(self, store: Store, workspace: Path) -> None:
        self.store, self.workspace = store, workspace

    async def ask(self, query: str, *messages: str, session: str = ""):
        """One turn; the conversation is returned, so that it can go on."""
        chat = self.chat(*messages)
        chat.services.session = session or await self.store.new_session(self.workspace)
        return chat, await self.go_on(chat, query)

    async def go_on(self, chat, query: str, *messages: str) -> str:
        chat.services.engine._messages += [FakeEngine(m)._messages[0] for m in messages]
        return [event async for event in chat.ask(query)][-1].turn

    async def correct(self, chat, turn: str, **written: str) -> None:
        """The correction, accepted whatever its run did."""
        ready = [event async for event in chat.correct(turn, "edit", **written)][-1]
        await chat.accept(turn, ready.generation)

    def chat(self, *messages: str):
        return real(FakeEngine(*messages), self.workspace, recorder=self.store)


def real(engine: FakeEngine, folder: Path, **more: object):
    """A conversation whose code really runs, writes granted."""
    from codemode_tui.tools.host import WorkspaceTools

    chat = conversation(engine, folder, settings=ChatSettings(run="auto"), **more)
    chat.services.sandbox = choose
    chat.services.tools = lambda approve, write: WorkspaceTools(folder, allow_write=True)
    return chat
