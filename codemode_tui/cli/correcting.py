"""Correct a stored turn without a screen and without its model: what a person wrote is run and recorded."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

from codemode_tui import config, locations
from codemode_tui.chat import events as ev
from codemode_tui.chat.conversation import Conversation
from codemode_tui.chat.services import ApproveWrite, Services
from codemode_tui.chat.settings import ChatSettings
from codemode_tui.cli.session import check_workspace, make_tools
from codemode_tui.cli.wide import closed
from codemode_tui.engine.api import EngineEvent, GenerateRequest, ModelInfo, OnProgress
from codemode_tui.errors import EngineError, SandboxError, StoreError, UsageError, WorkspaceError
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.sandbox.types import Limits, Outcome, Sandbox, ToolHost
from codemode_tui.store.store import Store


async def correct(
    store: Store, turn: str, *, code: str | None, answer: str | None, allow_write: bool, named: Path | None
) -> Outcome | None:
    """Put ``code``, ``answer`` or both (the answer then follows on the run) in the place of what the model said.

    The code runs at once, in the workspace of the turn; ``named`` is the one of the command line. Returns what it did.
    Code that fails takes no place that a verified correction has: it stays a candidate, and no answer follows on it.

    Raises:
        UsageError: the turn cannot be corrected so; SandboxError: there is none, and nothing was run.
    """
    conversation = await _conversation(store, turn, runs=code is not None, allow_write=allow_write, named=named)
    outcome: Outcome | None = None
    step: int | None = None
    for text, what in ((code, "code"), (answer, "answer")):
        if text is not None:
            ready = await _candidate(conversation, turn, step, **{what: text})
            outcome = ready.outcome or outcome
            before = await store.standing(turn)
            if ready.outcome and not ready.verified and before.chosen.get(ready.step) in before.proofs:
                break
            await conversation.accept(turn, ready.generation)
            step = ready.step + 1  # the answer belongs to this code, also to code that failed
    return outcome


async def _workspace_of(store: Store, turn: str, *, runs: bool) -> Path:
    """The folder that a turn was about; where code is to run it must still be there.

    Raises:
        UsageError: it is not, or the turn has nothing that could be corrected.
    """
    stored = await store.turn(turn)
    if not stored.generations:
        raise UsageError("the model said nothing in this turn", hint="ask again")
    workspace = Path((await store.session(stored.session)).workspace)
    try:
        return check_workspace(workspace) if runs else workspace
    except WorkspaceError as error:
        raise UsageError(
            f"{error.message}, where the code of this turn runs",
            hint="put the folder back, or correct it with --answer",
        ) from error


async def _candidate(conversation: Conversation, turn: str, step: int | None, **written: str) -> ev.CandidateReady:
    async with aclosing(conversation.correct(turn, "edit", step=step, **written)) as stream:  # type: ignore[arg-type]
        last = [event async for event in stream][-1]
    if isinstance(last, ev.CorrectionFailed):
        raise _ERRORS.get(last.kind, UsageError)(last.message, hint=last.hint)
    assert isinstance(last, ev.CandidateReady)
    return last


_ERRORS = {"sandbox": SandboxError, "store": StoreError}


async def _conversation(store: Store, turn: str, *, runs: bool, allow_write: bool, named: Path | None) -> Conversation:
    """A conversation for this one correction, with the profile and in the workspace of its turn."""
    workspace = await _workspace_of(store, turn, runs=runs)
    stored = await store.turn(turn)
    _, provenance = await store.prompt(stored.generations[0].id)
    settings = config.load_settings(locations.config_file(), workspace)

    async def sandbox() -> Sandbox:
        from codemode_tui.sandbox.select import choose

        return await choose(settings.sandbox.backend, settings.sandbox.packages)

    def tools(_: ApproveWrite, commands_write: bool) -> ToolHost:
        said = named if named is not None and os.path.realpath(named) == str(workspace) else None
        return make_tools(workspace, allow_write=commands_write, approve=None, closed=closed(workspace, said))

    return Conversation(
        Services(
            engine=NoEngine(),
            profile=load_profile(str(provenance["profile"]), extra_dirs=(locations.config_dir() / "profiles",)),
            recorder=store,
            settings=ChatSettings(run="auto", limits=Limits.of(settings.sandbox.timeout, settings.sandbox.memory_mb)),
            workspace=workspace,
            sandbox=sandbox,
            tools=tools,
            session=stored.session,
            commands_write=allow_write,
        )
    )


class NoEngine:
    """In the place of an engine where nothing is generated: the model may be gone."""

    info: ModelInfo | None = None
    running = False

    async def start(self, on_progress: OnProgress | None = None) -> ModelInfo:
        raise EngineError("no model is used here")

    async def generate(self, request: GenerateRequest) -> AsyncIterator[EngineEvent]:
        raise EngineError("no model is used here")
        yield

    async def cancel(self) -> None:
        return None

    async def close(self) -> None:
        return None
