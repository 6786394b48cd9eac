"""`codemode acp`: an agent for Zed, JetBrains, Toad and other editors, over standard input and output."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import stat
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from codemode_tui import locations
from codemode_tui.cli.arguments import add_model
from codemode_tui.cli.ending import cancel_when_told_to_end
from codemode_tui.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from codemode_tui.chat.conversation import Conversation
    from codemode_tui.settings import McpServer
    from codemode_tui.store.records import StoredSession

LONGEST = 64 << 20
"""Bytes of one message; a prompt may quote files."""
EXAMPLE = 'codemode acp    # in Zed: "agent_servers": {"Code Mode": {"command": "codemode", "args": ["acp"]}}'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_model(parser)


def run(args: argparse.Namespace) -> int:
    if not all(map(_is_pipe, (0, 1))):
        raise UsageError(
            "this is spoken by an editor over two pipes, not typed", hint="name `codemode acp` in the editor's settings"
        )
    try:
        import acp  # noqa: F401
    except ImportError as error:
        raise ConfigError(
            "the Agent Client Protocol is not installed", hint="pip install 'codemode-tui[acp]'"
        ) from error
    from codemode_tui.acp.wire import log_to_stderr

    log_to_stderr(debug=args.debug)
    asyncio.run(_serve(args.model, args.profile))
    return 0


async def _serve(model: str | None, profile: str | None) -> None:
    """Speak until the editor closes its end."""
    from acp import run_agent, stdio_streams

    from codemode_tui.acp.agent import Agent
    from codemode_tui.acp.wire import pass_on
    from codemode_tui.cli.session import Options, open_conversation

    async def opened(workspace: Path, session: str | None, servers: dict[str, McpServer]) -> Conversation:
        return await open_conversation(
            Options(workspace=workspace, model=model, profile=profile, session=session, offered=servers)
        )

    agent = Agent(opened, _sessions)
    reader, writer = await stdio_streams(limit=LONGEST)
    sys.stdout = sys.stderr  # whatever is printed is no part of the protocol
    messages = asyncio.StreamReader(limit=LONGEST)
    passing = asyncio.ensure_future(pass_on(reader, messages, writer))
    # The library counts resuming and closing a session among what may still change.
    serving = asyncio.ensure_future(run_agent(cast(Any, agent), writer, messages, use_unstable_protocol=True))
    cancel_when_told_to_end(serving)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await serving
    finally:
        passing.cancel()
        await agent.close()


def _is_pipe(descriptor: int) -> bool:
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:  # closed
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


async def _sessions(workspace: Path | None, limit: int) -> list[StoredSession]:
    from codemode_tui.store.store import Store

    with closing(Store.open(locations.store_file())) as store:
        return await store.sessions(workspace, limit)
