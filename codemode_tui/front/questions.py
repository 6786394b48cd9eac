"""Questions that wait for a yes: may this code run, may this file change, may this server be called.

Each has a title, facts that the answer depends on, choices, and one choice that changes nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from codemode_tui.chat import events as ev
from codemode_tui.chat.precheck import only_computes
from codemode_tui.commands import command
from codemode_tui.protocol.python import tree_of
from codemode_tui.sandbox.sanitise import one_line, one_name
from codemode_tui.sandbox.types import Limits

Wanted = ev.ApprovalWanted | ev.WriteWanted | ev.CallWanted
ENDS = ev.RunFinished | ev.TurnDone | ev.TurnFailed | ev.CandidateReady | ev.CorrectionFailed
"""After these no question is open."""
SHOWN = 6
"""Paths and warnings shown; the code itself is above."""
FACT_LIMIT = 600
"""Characters: room for six paths."""
DONE = {"create": "create", "modify": "change", "delete": "delete", "move": "move"}


class Choice(NamedTuple):
    id: str
    """Of the command, e.g. ``confirm.run``."""
    label: str
    short: str = ""
    """Where there is little room; empty for the same."""

    @property
    def action(self) -> str:
        return command(self.id).action


class Fact(NamedTuple):
    """One line, made safe for a terminal."""

    name: str
    """Empty for a warning."""
    text: str
    color: str


def title(wanted: Wanted) -> str:
    """The question itself."""
    match wanted:
        case ev.ApprovalWanted():
            return "run this code?"
        case ev.CallWanted():
            return f"call {one_line(wanted.tool, 60)} of the MCP server {one_line(wanted.server, 40)}?"
    target = f" to {one_name(wanted.new_path, 60)}" if wanted.new_path else ""
    return f"{DONE[wanted.change]} {one_name(wanted.path, 60)}{target}?"


def choices(wanted: Wanted) -> tuple[Choice, ...]:
    match wanted:
        case ev.ApprovalWanted():
            always = (Choice("confirm.always", f"{'these' if wanted.tools else 'without'} tools, this session"),)
            writing = (Choice("confirm.run-writing", "run, commands may write: no undo"),)
            return (
                Choice("confirm.run", "run"),
                Choice("confirm.edit", "edit"),
                Choice("confirm.deny", "deny"),
                Choice("confirm.deny-why", "say why"),
                *(always if tree_of(wanted.code) is not None else ()),
                *(writing if wanted.commands_may_write else ()),
            )
        case ev.CallWanted():
            return (
                Choice("write.once", "call it"),
                Choice("write.deny", "deny"),
                Choice("write.session", "always this tool, this session"),
            )
    found = [Choice("write.once", f"{DONE[wanted.change]} it"), Choice("write.deny", "deny")]
    if not wanted.sensitive:  # asked about each time
        found += [Choice("write.path", "always this file")] if wanted.tool == "write_file" else []
        found += [Choice("write.session", "all changes, this session")]
    return tuple(found)


def safe(wanted: Wanted) -> str:
    """Id of the choice that changes nothing."""
    return "confirm.deny" if isinstance(wanted, ev.ApprovalWanted) else "write.deny"


def facts(wanted: Wanted, limits: Limits | None) -> list[Fact]:
    match wanted:
        case ev.ApprovalWanted():
            bounds = f" · {limits.wall_seconds:g} s · {limits.memory_mb:,} MB" if limits else ""
            # Of code that cannot be read, does odd things, or may reach files, nothing good is said.
            odd = wanted.warnings or wanted.capabilities or wanted.paths or not only_computes(wanted.code)
            named = "none named" if tree_of(wanted.code) is not None else "unknown: not valid Python"
            tools = ", ".join(wanted.tools) or (named if odd else "none: it only computes")
            found = [
                Fact("tools", one_line(tools, FACT_LIMIT), "code-tool"),
                Fact("paths", _listed(wanted.paths) or named, "foreground"),
                Fact("inside", one_line(f"{wanted.sandbox} · no network{bounds}", FACT_LIMIT), "success"),
                *(Fact("can", one_line(able, FACT_LIMIT), "warning") for able in wanted.capabilities),
                *(Fact("", one_line(warning), "warning") for warning in wanted.warnings[:SHOWN]),
            ]
            if (unsaid := len(wanted.warnings) - SHOWN) > 0:
                found.append(Fact("", f"and {unsaid} more", "warning"))
            return found
        case ev.CallWanted():
            outside = Fact("", "it acts outside the sandbox", "warning")
            claims = one_line(", ".join(wanted.claims), 160)
            return [outside, *([Fact("claims", f"{claims} (the server's word, unchecked)", "muted")] if claims else [])]
    return [Fact("", one_line(warning), "warning") for warning in wanted.warnings]


def answer(wanted: Wanted, action: str, text: str | None = None) -> ev.Approval | ev.WriteReply:
    """What a choice says.

    Args:
        wanted: the question.
        action: of the choice.
        text: the code as it was edited, or why it must not run.
    """
    if not isinstance(wanted, ev.ApprovalWanted):
        return ev.WriteReply(action)  # type: ignore[arg-type]  # its choices are its four
    if action in ("deny", "deny_why"):
        return ev.Approval("deny", reason=text or "")
    writing = action == "run_writing"
    return ev.Approval("always" if action == "always" else "run", text, commands_write=writing)


def _listed(items: tuple[str, ...]) -> str:
    more = f", and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return ", ".join(one_name(item, 80) for item in items[:SHOWN]) + more
