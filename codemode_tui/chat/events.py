"""The one stream of events that every front end consumes.

A turn is: ``TurnStarted``, then for each step (one assistant message and, if it called, one run)
``Waiting``/``Likelihood``/``RawDelta``… ``StepParsed`` [``ApprovalWanted`` ``RunStarted``
``RunOutput``… ``RunFinished``], then ``AnswerReady`` and ``TurnDone`` — or ``TurnFailed``.
A front end has no logic of its own about turns: it shows events and posts replies.

A correction of a turn is the same from ``Likelihood`` to ``RunFinished``, under the id of that turn, and ends in
``CandidateReady``, once for each candidate, or in ``CorrectionFailed``.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from codemode_tui.engine.api import FinishReason, ModelInfo, Phase, Usage
from codemode_tui.protocol.types import Decision
from codemode_tui.sandbox.types import Outcome

FailureKind = Literal["engine", "model", "cancelled", "sandbox", "store", "error"]

NoticeKind = Literal["dropped", "full", "thinking", "engine"]
"""``dropped``: turns were left out to make room · ``full``: cut off at the end of the context · ``thinking``: it begins
as no model of this profile would · ``engine``: what the engine says of how the message came about."""


def _snake(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(name))


class Event(msgspec.Struct, frozen=True, tag_field="event", tag=_snake):
    """Base of all events. ``turn`` is the stored id of the turn."""

    turn: str


class TurnStarted(Event, frozen=True):
    session: str
    query: str


class Waiting(Event, frozen=True):
    """Long work with progress: the worker starts, the model loads, the prompt is read."""

    phase: Phase
    done: int
    total: int


class Likelihood(Event, frozen=True):
    """P(tool) at the decision position, known before the first token."""

    step: int
    probability: float


class RawDelta(Event, frozen=True):
    """Raw text of the assistant message as it arrives. Untrusted."""

    step: int
    text: str
    tokens: int = 1
    """How many it is, where the engine says so."""


class TextDelta(Event, frozen=True):
    """Prose of the message (before a call, or the answer). Untrusted."""

    step: int
    text: str


class CodeDelta(Event, frozen=True):
    """Code of the call while it streams. Untrusted; what runs is ``StepParsed.code``."""

    step: int
    text: str


class Noticed(Event, frozen=True):
    """Something about a message that people should know; it goes on, or has its end all the same. Untrusted."""

    step: int
    kind: NoticeKind
    text: str


class StepParsed(Event, frozen=True):
    """One assistant message is complete and has been parsed."""

    step: int
    decision: Decision
    probability: float | None
    forced: bool
    dialect: str | None
    raw: str
    text: str
    code: str | None
    warnings: tuple[str, ...]
    finish_reason: FinishReason
    usage: Usage
    generation: str
    """Stored id of the generation: feedback refers to it."""
    notices: tuple[str, ...] = ()
    """The texts of what was ``Noticed``."""


class ApprovalWanted(Event, frozen=True):
    """The code waits for a yes. Answer with ``Conversation.reply(request, Approval(…))``."""

    step: int
    request: str
    code: str
    code_sha256: str
    tools: tuple[str, ...]
    """Tools that the code names (by AST)."""
    paths: tuple[str, ...]
    """Literal paths that the code names."""
    warnings: tuple[str, ...]
    sandbox: str
    """The backend that will run it, in words."""
    capabilities: tuple[str, ...] = ()
    """What its tools may do beyond reading files, in words."""
    commands_may_write: bool = False
    """Whether ``Approval.commands_write`` has a meaning: the code runs commands, and those may only read so far."""


class Checked(Event, frozen=True):
    """Code that nobody is asked about is about to run, or is only shown: what a look at it has found."""

    step: int
    tools: tuple[str, ...]
    paths: tuple[str, ...]
    warnings: tuple[str, ...]
    capabilities: tuple[str, ...] = ()


class WriteWanted(Event, frozen=True):
    """A tool is about to change a file. Answer with ``Conversation.reply(request, WriteReply(…))``."""

    step: int
    request: str
    tool: str
    path: str
    change: Literal["create", "modify", "delete", "move"]
    diff: str
    warnings: tuple[str, ...] = ()
    new_path: str | None = None
    """Where a moved file goes."""
    sensitive: bool = False
    """It makes other programs run code: asked about each time, whatever was granted before."""


class CallWanted(Event, frozen=True):
    """An MCP server is about to be called. Answer with a ``WriteReply``; ``session`` is for this tool of it."""

    step: int
    request: str
    server: str
    tool: str
    """The server's own name of it; untrusted, as all that follows."""
    name: str
    """What it is called in the code."""
    arguments: str
    """JSON, indented: what is sent."""
    claims: tuple[str, ...] = ()
    """What the server says of the tool. Nobody has checked it."""


class RunStarted(Event, frozen=True):
    step: int
    run: str
    code: str
    backend: str


class RunOutput(Event, frozen=True):
    step: int
    stream: Literal["stdout", "stderr"]
    text: str


class RunFinished(Event, frozen=True):
    step: int
    run: str
    outcome: Outcome


class AnswerReady(Event, frozen=True):
    """The final text of the turn."""

    text: str


class TurnDone(Event, frozen=True):
    """The turn is complete and stored."""

    record: TurnRecord


class TurnFailed(Event, frozen=True):
    """The turn ended early: engine died, cancelled, store failed. Stored as such, as soon as the store takes it."""

    kind: FailureKind
    message: str
    hint: str
    record: TurnRecord
    """What there was until then."""


class CandidateReady(Event, frozen=True):
    """A correction of a turn that may be accepted (``Conversation.accept``). Nothing is decided yet."""

    step: int
    """Which message of the turn it would replace, or follow."""
    generation: str
    decision: Decision
    code: str | None
    text: str
    """The answer, or the prose before the call."""
    outcome: Outcome | None
    """What its code did; None for an answer."""
    verified: bool
    """Its code ran well. An answer is verified by the human's yes."""


class CorrectionFailed(Event, frozen=True):
    """There is no (further) candidate. The turn is as it was."""

    kind: FailureKind
    message: str
    hint: str


class Step(msgspec.Struct, frozen=True):
    """One assistant message and its run, in the form of ``ask --json``."""

    decision: dict[str, Any]
    """``{"value", "probability", "forced", "dialect"}``."""
    raw: str
    text: str
    code: str | None
    run: Outcome | None
    warnings: tuple[str, ...] = ()


class TurnRecord(msgspec.Struct, frozen=True):
    """A whole turn (CONTRACT, ``ask --json``, plus ``steps``)."""

    session: str
    turn: str
    query: str
    decision: dict[str, Any]
    raw: str
    text: str
    code: str | None
    run: Outcome | None
    answer: str | None
    attempts: int
    finish_reason: FinishReason
    usage: Usage
    steps: tuple[Step, ...]
    model: ModelInfo | None


class Approval(msgspec.Struct, frozen=True):
    """The reply to ``ApprovalWanted``."""

    action: Literal["run", "always", "deny"]
    code: str | None = None
    """The code as the user edited it; None runs what was shown."""
    reason: str = ""
    """Why it was denied; goes to the model."""
    commands_write: bool = False
    """The commands of this run may write; that cannot be undone."""


class WriteReply(msgspec.Struct, frozen=True):
    """The reply to ``WriteWanted`` and ``CallWanted``."""

    action: Literal["once", "path", "session", "deny"]
    """``path``: whenever this file is written; ``session``: every change, for as long as the conversation lives."""
