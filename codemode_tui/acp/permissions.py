"""The questions of a turn as permission requests of the protocol, and what may be answered."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import acp
from acp import schema

from codemode_tui.acp.updates import call_id, fenced, plain
from codemode_tui.chat import events as ev
from codemode_tui.chat.gate import Reply
from codemode_tui.front.questions import Wanted, facts
from codemode_tui.protocol.python import tree_of
from codemode_tui.sandbox.sanitise import one_line, sanitise_text

Kind = Literal["allow_once", "allow_always", "reject_once", "reject_always"]
_EDITS: dict[str, Any] = {"create": "edit", "modify": "edit", "delete": "delete", "move": "move"}


class Choice(NamedTuple):
    kind: Kind
    label: str
    reply: Reply


class Question(NamedTuple):
    call: schema.ToolCallUpdate
    choices: dict[str, Choice]
    """By the id of their option."""
    denial: Reply

    @property
    def options(self) -> list[schema.PermissionOption]:
        return [
            schema.PermissionOption(option_id=id_, name=one.label, kind=one.kind) for id_, one in self.choices.items()
        ]

    def reply(self, answer: schema.RequestPermissionResponse) -> Reply:
        """What was chosen; everything else denies."""
        picked = answer.outcome.option_id if isinstance(answer.outcome, schema.AllowedOutcome) else ""
        return self.choices[picked].reply if picked in self.choices else self.denial


def question(event: Wanted, workspace: str) -> Question:
    match event:
        case ev.ApprovalWanted():
            return _run(event)
        case ev.WriteWanted():
            return _write(event, workspace)
        case ev.CallWanted():
            return _call(event)


def _run(event: ev.ApprovalWanted) -> Question:
    facts = [f"in {event.sandbox}", *map(plain, event.capabilities), *(f"▲ {plain(one)}" for one in event.warnings)]
    call = schema.ToolCallUpdate(
        tool_call_id=call_id(event.turn, event.step),
        title="Run Python in the sandbox",
        kind="execute",
        status="pending",
        content=_texts(fenced(event.code, "python"), "  \n".join(facts)),
        raw_input={"code": event.code, "sha256": event.code_sha256, "tools": event.tools, "paths": event.paths},
    )
    choices = {"run": Choice("allow_once", "Run", ev.Approval("run"))}
    if event.commands_may_write:
        choices["run-writing"] = Choice(
            "allow_once", "Run, and let its commands write (no undo)", ev.Approval("run", commands_write=True)
        )
    if tree_of(event.code) is not None:
        choices["always"] = Choice(
            "allow_always", f"Always run code that calls {', '.join(event.tools) or 'no tool'}", ev.Approval("always")
        )
    return _with_denial(call, choices, ev.Approval("deny"))


def _write(event: ev.WriteWanted, workspace: str) -> Question:
    path = one_line(event.path)
    title = f"{event.change} {path}" + (f" to {one_line(event.new_path)}" if event.new_path else "")
    call = schema.ToolCallUpdate(
        tool_call_id=event.request,
        title=title,
        kind=_EDITS[event.change],
        status="pending",
        content=_texts(fenced(event.diff, "diff"), *(f"▲ {plain(one)}" for one in event.warnings)),
        locations=[schema.ToolCallLocation(path=f"{workspace}/{event.path}")],
        raw_input={"tool": event.tool, "path": event.path, "new_path": event.new_path},
    )
    choices = {"once": Choice("allow_once", "Allow", ev.WriteReply("once"))}
    if not event.sensitive:
        if event.tool == "write_file":  # it holds for no other tool
            choices["path"] = Choice("allow_always", f"Always allow changes of {path}", ev.WriteReply("path"))
        choices["session"] = Choice("allow_always", "Allow every change in this session", ev.WriteReply("session"))
    return _with_denial(call, choices, ev.WriteReply("deny"))


def _call(event: ev.CallWanted) -> Question:
    name = f"{one_line(event.server)}.{one_line(event.tool)}"
    known = (f"{one.name}: {plain(one.text)}" if one.name else f"▲ {plain(one.text)}" for one in facts(event, None))
    call = schema.ToolCallUpdate(
        tool_call_id=event.request,
        title=f"Call {name}",
        kind="other",
        status="pending",
        content=_texts(fenced(event.arguments, "json"), *known),
    )
    choices = {
        "once": Choice("allow_once", "Allow", ev.WriteReply("once")),
        "session": Choice("allow_always", f"Always allow {name}", ev.WriteReply("session")),
    }
    return _with_denial(call, choices, ev.WriteReply("deny"))


def _with_denial(call: schema.ToolCallUpdate, choices: dict[str, Choice], denial: Reply) -> Question:
    return Question(call, {**choices, "deny": Choice("reject_once", "Deny", denial)}, denial)


def _texts(*parts: str) -> list[Any]:
    return [acp.tool_content(acp.text_block(sanitise_text(part))) for part in parts if part]
