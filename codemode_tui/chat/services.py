"""What all turns of one conversation share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from codemode_tui.chat.context import Context, PastTurn
from codemode_tui.chat.ports import Recorder
from codemode_tui.chat.settings import ChatSettings
from codemode_tui.engine.api import Engine
from codemode_tui.errors import SandboxError
from codemode_tui.protocol.profiles import Profile
from codemode_tui.sandbox.types import Sandbox, ToolHost

if TYPE_CHECKING:
    from codemode_tui.tools.mcp.servers import Servers

ApproveWrite = Callable[[Any], Awaitable[bool]]
"""Asked with a ``WriteRequest`` before a file is changed, with a ``CallRequest`` before an MCP server is called."""


def nothing_runs(*_: object) -> NoReturn:
    raise SandboxError("nothing is run here")


@dataclass(slots=True)
class Services:
    """Mutable only where a conversation is: profile, settings and engine may change between turns."""

    engine: Engine
    profile: Profile
    recorder: Recorder
    settings: ChatSettings
    workspace: Path
    sandbox: Callable[[], Awaitable[Sandbox]] = nothing_runs
    """Chooses the backend; raises ``SandboxError`` when there is none."""
    tools: Callable[[ApproveWrite, bool], ToolHost] = nothing_runs
    """A fresh set of tools for one run; its commands may write if the second argument says so."""
    session: str = ""
    context: Context = field(default_factory=Context)
    past: tuple[PastTurn, ...] = ()
    """The turns that ``context`` began with, for showing them."""
    servers: Servers | None = None
    """The MCP servers of the session, whose tools are among ``tools``."""
    commands_write: bool = False
    """Whether commands may write without being asked about."""
