"""The agent: its sessions are stored ones, a prompt is a turn, the questions of a turn are permission requests."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar, cast, get_args

import acp
import msgspec
from acp import schema

from codemode_tui import __version__
from codemode_tui.acp.permissions import question
from codemode_tui.acp.prompts import query
from codemode_tui.acp.servers import MISSING, installed, offered
from codemode_tui.acp.updates import Updates, plain, usage
from codemode_tui.chat import events as ev
from codemode_tui.chat.conversation import Conversation
from codemode_tui.engine.api import Force
from codemode_tui.errors import CodemodeError, UsageError
from codemode_tui.front.questions import Wanted
from codemode_tui.front.replay import past_turns
from codemode_tui.front.wording import put_back
from codemode_tui.settings import McpServer
from codemode_tui.store.records import StoredSession
from codemode_tui.tools.diff import quoted

Mode = Literal["ask", "auto", "never"]
MODES = {
    "ask": schema.SessionMode(id="ask", name="Ask", description="Code runs after a yes"),
    "auto": schema.SessionMode(
        id="auto", name="Run", description="Code runs in the sandbox at once; changes of files still ask"
    ),
    "never": schema.SessionMode(id="never", name="Show", description="Code is shown and never run"),
}
COMMANDS = {
    "tool": ("Ask, and make the model use code", "question"),
    "direct": ("Ask, and make the model answer", "question"),
    "bad": ("The last turn was wrong: keep it for the review", "what was wrong"),
    "good": ("The last turn was right", ""),
    "undo": ("Put back what the last run changed", ""),
}
SHOWN_TURNS = 200
"""Turns of a loaded session that are shown; the model remembers all that fit."""
SESSIONS = 100
"""Of one page of a list."""
_CURSOR = re.compile(r"[0-9]{1,9}")
T = TypeVar("T")


Sessions = Callable[[Path | None, int], Awaitable[list[StoredSession]]]


class Open(Protocol):
    """Opens a conversation; ``session`` names a stored one."""

    async def __call__(self, workspace: Path, session: str | None, servers: dict[str, McpServer]) -> Conversation: ...


class Agent:
    """See ``acp.Agent``. One turn at a time in each session."""

    def __init__(self, open_conversation: Open, sessions: Sessions) -> None:
        self._open, self._sessions = open_conversation, sessions
        self._conversations: dict[str, Conversation] = {}
        self._client: acp.Client | None = None
        self._told_missing = False

    def on_connect(self, conn: acp.Client) -> None:
        self._client = conn

    async def initialize(self, protocol_version: int, **_: Any) -> schema.InitializeResponse:  # noqa: ANN401
        return schema.InitializeResponse(
            protocol_version=min(protocol_version, acp.PROTOCOL_VERSION),
            agent_info=schema.Implementation(name="codemode", title="Code Mode", version=__version__),
            agent_capabilities=schema.AgentCapabilities(
                load_session=True,
                prompt_capabilities=schema.PromptCapabilities(embedded_context=True),
                mcp_capabilities=schema.McpCapabilities(http=True),
                session_capabilities=schema.SessionCapabilities(
                    list=schema.SessionListCapabilities(),
                    resume=schema.SessionResumeCapabilities(),
                    close=schema.SessionCloseCapabilities(),
                ),
            ),
        )

    # -- sessions ------------------------------------------------------------------------------------

    async def new_session(
        self,
        cwd: str,
        mcp_servers: Sequence[Any] | None = None,
        **_: Any,  # noqa: ANN401
    ) -> schema.NewSessionResponse:
        conversation = await self._begin(cwd, None, mcp_servers)
        return schema.NewSessionResponse(session_id=conversation.session, modes=_modes(conversation))

    async def load_session(
        self,
        cwd: str,
        session_id: str,
        mcp_servers: Sequence[Any] | None = None,
        **_: Any,  # noqa: ANN401
    ) -> schema.LoadSessionResponse:
        conversation = await self._begin(cwd, session_id, mcp_servers)
        for turn in (await past_turns(conversation, SHOWN_TURNS))[-SHOWN_TURNS:]:
            updates = Updates(str(conversation.workspace))
            for event in turn:
                if isinstance(event, ev.TurnStarted):
                    await self._send(session_id, acp.update_user_message_text(event.query))
                for update in updates.of(event):
                    await self._send(session_id, update)
        return schema.LoadSessionResponse(modes=_modes(conversation))

    async def resume_session(
        self,
        cwd: str,
        session_id: str,
        mcp_servers: Sequence[Any] | None = None,
        **_: Any,  # noqa: ANN401
    ) -> schema.ResumeSessionResponse:
        conversation = await self._begin(cwd, session_id, mcp_servers)
        return schema.ResumeSessionResponse(modes=_modes(conversation))

    async def list_sessions(
        self,
        cwd: str | None = None,
        cursor: str | None = None,
        **_: Any,  # noqa: ANN401
    ) -> schema.ListSessionsResponse:
        """``cursor`` is how many came before: of sessions that move up meanwhile one may be told twice."""
        if cursor is not None and not _CURSOR.fullmatch(cursor):
            raise acp.RequestError.invalid_params({"message": f"no list goes on at {cursor!r}"})
        begin = int(cursor or 0)
        end = begin + SESSIONS
        found = await _answered(self._sessions(None if cwd is None else _folder(cwd), end + 1))
        return schema.ListSessionsResponse(
            sessions=[
                schema.SessionInfo(session_id=one.id, cwd=one.workspace, title=one.title or None, updated_at=one.last)
                for one in found[begin:end]
            ],
            next_cursor=str(end) if len(found) > end else None,
        )

    async def close_session(self, session_id: str, **_: Any) -> schema.CloseSessionResponse:  # noqa: ANN401
        if (conversation := self._conversations.pop(session_id, None)) is not None:
            await conversation.close()
        return schema.CloseSessionResponse()

    async def set_session_mode(
        self,
        session_id: str,
        mode_id: str,
        **_: Any,  # noqa: ANN401
    ) -> schema.SetSessionModeResponse:
        conversation = self._known(session_id)
        if mode_id not in MODES:
            raise acp.RequestError.invalid_params({"message": f"there is no mode {mode_id!r}: {', '.join(MODES)}"})
        settings = msgspec.structs.replace(conversation.settings, run=cast(Mode, mode_id))
        conversation.services.settings = settings
        return schema.SetSessionModeResponse()

    async def close(self) -> None:
        """End all sessions."""
        for session in list(self._conversations):
            with contextlib.suppress(Exception):
                await self.close_session(session)

    # -- turns ---------------------------------------------------------------------------------------

    async def prompt(self, session_id: str, prompt: Sequence[Any], **_: Any) -> schema.PromptResponse:  # noqa: ANN401
        conversation = self._known(session_id)
        try:
            text = query(prompt, conversation.workspace)
            first, *behind = text.split(maxsplit=1) if text.startswith("/") else ("",)
            command, rest = first[1:].lower(), "".join(behind)
            if command in ("bad", "good", "undo"):
                await self._say(session_id, await _do(conversation, command, rest))
                return schema.PromptResponse(stop_reason="end_turn")
            force = cast(Force, command) if command in get_args(Force) else None
            return await self._turn(session_id, conversation, rest if force else text, force)
        except CodemodeError as error:
            raise _told(error) from error

    async def cancel(self, session_id: str, **_: Any) -> None:  # noqa: ANN401
        if (conversation := self._conversations.get(session_id)) is not None:
            await conversation.stop()

    async def _turn(
        self, session: str, conversation: Conversation, text: str, force: Force | None
    ) -> schema.PromptResponse:
        updates = Updates(str(conversation.workspace))
        asking: set[asyncio.Task[None]] = set()
        end: ev.TurnDone | ev.TurnFailed | None = None
        async with aclosing(conversation.ask(text, force=force)) as turn:
            async for event in turn:
                for update in updates.of(event):
                    await self._send(session, update)
                if isinstance(event, Wanted):
                    task = asyncio.create_task(self._ask(session, conversation, event))
                    asking.add(task)
                    task.add_done_callback(asking.discard)
                elif isinstance(event, ev.TurnDone | ev.TurnFailed):
                    end = event
        for task in (waiting := list(asking)):
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)  # the end of a call is told before the end of the turn
        assert end is not None
        if isinstance(end, ev.TurnFailed) and end.kind != "cancelled":
            raise acp.RequestError(-32603, end.message, {"hint": end.hint} if end.hint else None)
        reason: Any = "cancelled" if isinstance(end, ev.TurnFailed) else "end_turn"
        if end.record.finish_reason == "length":
            reason = "max_tokens"
        return schema.PromptResponse(stop_reason=reason, usage=usage(end.record))

    async def _ask(self, session: str, conversation: Conversation, event: Wanted) -> None:
        """Put one question to the editor. One that cannot be answered counts as denied."""
        asked = question(event, str(conversation.workspace))
        reply = asked.denial
        with contextlib.suppress(ConnectionError):  # the editor is gone, and its turn ends with it
            try:
                assert self._client is not None
                reply = asked.reply(
                    await self._client.request_permission(
                        session_id=session, tool_call=asked.call, options=asked.options
                    )
                )
            finally:
                with contextlib.suppress(UsageError):  # the turn was stopped meanwhile
                    conversation.reply(event.request, reply)
                # The call of a step goes on; one that was only asked for ends.
                if not isinstance(event, ev.ApprovalWanted):
                    status: Any = "failed" if reply == asked.denial else "completed"
                    await self._send(session, acp.update_tool_call(asked.call.tool_call_id, status=status))

    # -- small parts ---------------------------------------------------------------------------------

    async def _begin(self, cwd: str, session: str | None, servers: Sequence[Any] | None) -> Conversation:
        folder, theirs = _folder(cwd), offered(servers or ())
        missing = bool(theirs) and not installed()  # what the user has not asked for keeps no session from opening
        offers = {} if missing else theirs
        conversation = await self._opened(folder, session, offers)  # what is refused ends nothing that is open
        before = self._conversations.get(conversation.session)
        if before is not None:
            ends = before.busy
            await self.close_session(conversation.session)
            if ends:  # read once more: its turn is stored now
                await conversation.close()
                conversation = await self._opened(folder, session, offers)
        self._conversations[conversation.session] = conversation
        tells, self._told_missing = missing and not self._told_missing, self._told_missing or missing
        asyncio.get_running_loop().call_soon(self._announce, conversation.session, MISSING if tells else "")
        return conversation

    async def _opened(self, folder: Path, session: str | None, servers: dict[str, McpServer]) -> Conversation:
        conversation = await _answered(self._open(folder, session, servers))
        if session not in (None, conversation.session):  # a beginning of its id: whatever comes next would name that
            await conversation.close()
            raise acp.RequestError.invalid_params({"message": f"no session has the id {session!r}: give the whole one"})
        return conversation

    def _announce(self, session: str, words: str) -> None:
        """Tell what may be written behind a slash, and ``words``, once the session has its answer."""
        commands = [
            schema.AvailableCommand(
                name=name,
                description=summary,
                input=schema.AvailableCommandInput(schema.UnstructuredCommandInput(hint=hint)) if hint else None,
            )
            for name, (summary, hint) in COMMANDS.items()
        ]
        update = schema.AvailableCommandsUpdate(session_update="available_commands_update", available_commands=commands)
        said = (acp.update_agent_message_text(words),) if words else ()
        self._announcing = asyncio.ensure_future(self._send(session, update, *said))

    def _known(self, session: str) -> Conversation:
        if (conversation := self._conversations.get(session)) is None:
            raise acp.RequestError.invalid_params({"message": f"there is no open session {session!r}"})
        return conversation

    async def _say(self, session: str, text: str) -> None:
        await self._send(session, acp.update_agent_message_text(text))

    async def _send(self, session: str, *updates: Any) -> None:  # noqa: ANN401 - of the update models
        assert self._client is not None
        for update in updates:
            await self._client.session_update(session_id=session, update=update)


async def _do(conversation: Conversation, command: str, behind: str) -> str:
    """A command that is no question; what came of it. What is said ``behind`` a thumbs-down is a comment."""
    if behind and command != "bad":
        return f"/{command} takes nothing behind it; nothing was done."
    if command == "undo":
        _, changes = await conversation.undo()
        said = put_back(changes, lambda path: plain(quoted(path)))
        return said[0].upper() + said[1:]
    rated = await conversation.rate(None, -1 if command == "bad" else 1)
    if rated is None:
        return "There is no turn yet."
    if behind:
        await conversation.add_feedback(rated, "comment", {"text": behind})
    return f"Kept: the last turn was {'wrong' if command == 'bad' else 'right'}. `codemode review` shows what waits."


async def _answered(work: Awaitable[T]) -> T:
    try:
        return await work
    except CodemodeError as error:
        raise _told(error) from error


def _told(error: CodemodeError) -> acp.RequestError:
    return acp.RequestError(-32602, error.message, {"hint": error.hint} if error.hint else None)


def _folder(cwd: str) -> Path:
    if not Path(cwd).is_absolute() or "\0" in cwd:
        raise acp.RequestError.invalid_params({"message": "cwd must be an absolute path"})
    return Path(cwd)


def _modes(conversation: Conversation) -> schema.SessionModeState:
    return schema.SessionModeState(current_mode_id=conversation.settings.run, available_modes=list(MODES.values()))
