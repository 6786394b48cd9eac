"""Raw assistant text to a decision. Tolerant: it recovers what it can, names what it saw, raises nothing."""

from __future__ import annotations

import re
from itertools import islice

from codemode_tui.protocol import calls, foreign, syntax
from codemode_tui.protocol.calls import Call, compiles, read_call
from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.types import Decision, Parsed

_HEADER = re.compile(r"\s*<\|im_start\|>assistant[ \t]*(?:\r?\n|\Z)")
_THOUGHTS = re.compile(rf"(?:\s*+{syntax.THINK}.*?{syntax.THINK_END})++", re.DOTALL)
_WORDS = re.compile(r"[ \t]*[^\s<{\[`~](?:[^\n<]|<(?!/))*")
_REAL = re.compile(r"<tool_call>\s*<function=")
_PROMISE = re.compile(
    r"(?:^|[.!?]\s+|\n)\s*(?:(?:first|now|next|then|ok|okay|yes|sure(?: thing)?|great|right|alright|of course|certainly"
    r"|absolutely|got it|to [^.!?\n]{1,80}?)(?:[,!.:]|\s*[—–-])?\s+)?"
    r"(?:i['’]ll|i will|let me|i['’]m going to|i am going to|i need to|let['’]s)\s+"
    r"(?:(?:first|now|just|also|quickly|need to|go ahead and|start by|begin by|proceed to)\s+){0,3}"
    r"(?:(?:read|check|look|run|search|find|list|open|get|examin|execut|call|count|inspect|fetch|analy[sz]|explor|scan|"
    r"writ|creat|see|view|verify|brows|locat|load|compute|calculat|updat|modif|delet|renam|mov)\w*\b"
    r"|grep\b|(?:tak|hav)(?:e|ing) a (?:\w+ )?look\b"
    r"|use\s+(?:the\s+)?[`*'\"]*(?:\w+_\w+|\w+(?:(?:,|\s+and)\s+(?:the\s+)?\w+){0,3}[`*'\"]*\s+(?:tool|function|command)s?)\b)"
    r"(?:[^.!?\n]|[.!?](?=\S))*[.:!…]*\s*$",  # the dot of a file name ends no sentence
    re.IGNORECASE,
)
_NOT_PROMISE = re.compile(
    r"let me know|(?:i will|i['’]ll) (?:not|look forward)|let['’]s say|i need to (?:see|view)"
    r"|\b(?:if|when|once|unless|until|after|as soon as) you\b"  # an offer
    r"|:\s+(?:\S+\s+){3}",  # what was promised, said right away
    re.IGNORECASE,
)


def parse(raw: str, profile: Profile | None = None, *, truncated: bool = False) -> Parsed:
    """Parse one whole assistant message.

    Args:
        raw: the text as generated, verbatim.
        profile: the profile of the model; every dialect is recognised whatever it says.
        truncated: generation was cut off (length, cancel), so an open call is not a mistake.
    """
    notes: list[str] = []
    text, thinking = _without_thinking(_without_header(raw, notes), notes)
    if thinking:
        text = _cut(text, next(syntax.controls(text), -1), notes).strip()
        return Parsed(Decision.TRUNCATED if truncated else Decision.DIRECT, None, text, None, tuple(notes))
    found = foreign.json_in_prose(text)
    start = _opening(text, found, truncated)
    control = next((at for at in syntax.controls(text) if not _holds(found, at)), -1)
    if start < 0 or 0 <= control < start or _goes_before(found, text, start):
        return _prose(_cut(text, control, notes), truncated, notes)
    text, call = _call(text, start, notes)
    notes += call.warnings
    before = text[:start].strip()
    rest = text[call.end :]
    rest = _cut(rest, next(syntax.controls(rest), -1), notes)
    if call.complete and foreign.SEVERAL not in notes:
        _leave_out(rest, notes)
    # What looks like an end may be text of the code: cut off, only an end that is beyond doubt counts.
    certain = text[: call.end].endswith(syntax.CALL_END) and compiles(call.code or "") and not call.in_comment
    if not call.complete or (truncated and not certain):
        code = call.code if call.code and syntax.held_back(call.code) < len(call.code) else None
        return Parsed(Decision.TRUNCATED, call.dialect, before, code, tuple(notes))
    decision = Decision.TOOL if call.sound and call.code else Decision.MALFORMED
    return Parsed(decision, call.dialect, before, call.code, tuple(notes))


# -- calls ---------------------------------------------------------------------------------------


def _opening(text: str, found: foreign.Found | None, truncated: bool) -> int:
    """Index of the first call, -1 if there is none. A tag that is only mentioned begins none."""
    starts = islice(syntax.openings(text), calls.MAX_CANDIDATES)
    return next((at for at in starts if not _holds(found, at) and not _mentioned(text, at, truncated)), -1)


def _mentioned(text: str, start: int, truncated: bool) -> bool:
    """Whether the tag at ``start`` is only spoken of: a sentence goes on behind it, and not as a call would."""
    behind = text.index(">", start) + 1
    words = _WORDS.match(text, behind)
    if words is None:
        return False
    call = read_call(text, start)
    bare = call.dialect == "bare"
    if (bare and compiles(call.code or "")) or (truncated and not call.complete):
        return False
    if bare and _REAL.search(text, behind):
        return True
    before = text[text.rfind("\n", 0, start) + 1 : start]
    return bool(before.strip()) and "(" not in words.group()


def _call(text: str, start: int, notes: list[str]) -> tuple[str, Call]:
    """The call at ``start``, and the text without what stands behind a control token inside it.

    A control token may be a string of the code; where the code is no Python, it is the end of the message.
    """
    call = read_call(text, start)
    at = next(syntax.controls(text[start : call.end]), -1)
    if at < 0 or compiles(call.code or ""):
        return text, call
    notes.append("a control token inside the text: what follows was left out")
    text = text[: start + at]
    return text, read_call(text, start)


def _goes_before(found: foreign.Found | None, text: str, start: int) -> bool:
    """Whether a call in JSON decides, not the tag at ``start`` behind where it begins: one that could be read does. A
    torn one may hold the tag in a string, but not where the tag begins a line."""
    if found is None or found.start >= start:
        return False
    if found.read:
        return found.code is not None
    return not found.whole and not text[:start].rstrip(" \t").endswith("\n")


# -- prose ---------------------------------------------------------------------------------------


def _holds(found: foreign.Found | None, at: int) -> bool:
    """Whether what stands at ``at`` is text of a whole call in JSON."""
    return found is not None and found.whole and found.start < at < found.end


def _prose(text: str, truncated: bool, notes: list[str]) -> Parsed:
    found = foreign.json_in_prose(text)
    if found is not None:
        what = "a call in JSON" if found.dialect == "json" else "a call in other tags"
        notes.append(f"{what}, without its <tool_call> wrapper")
        _leave_out(text[found.end :], notes, alone=found.alone)
        decision = Decision.MALFORMED if found.whole else Decision.TRUNCATED
        return Parsed(decision, found.dialect, text[: found.start].strip(), found.code, tuple(notes))
    held = syntax.held_back(text)
    # "<tool_ca": cut inside the tag, whatever the engine says
    if held > (0 if truncated or is_promise(text[: len(text) - held]) else 4):
        return Parsed(Decision.TRUNCATED, None, text.strip(), None, tuple(notes))
    text = text.strip()
    if not text and not truncated:
        notes.append("the message is empty")
    if not truncated and is_promise(text):
        return Parsed(Decision.ANNOUNCED, None, text, None, tuple(notes))
    return Parsed(Decision.DIRECT, None, text, None, tuple(notes))


def _leave_out(rest: str, notes: list[str], *, alone: bool = True) -> None:
    """Say what of the message counts for nothing: the first call decides, and ``rest`` is behind it."""
    if not alone or foreign.calls_in(rest):
        notes.append(foreign.SEVERAL)
    elif rest.strip():
        notes.append("text after the call was left out")


def is_promise(text: str) -> bool:
    """Whether ``text`` ends by saying that it will act: "I'll use the read_file tool."."""
    tail = text[-400:].rstrip()
    match = _PROMISE.search(tail)
    return match is not None and not _NOT_PROMISE.search(match.group())


def _without_header(raw: str, notes: list[str]) -> str:
    """Leave out the opening of the message, which belongs to the prompt."""
    header = _HEADER.match(raw)
    if header is None:
        return raw
    notes.append("the message begins with its own header")
    return raw[header.end() :]


def _without_thinking(raw: str, notes: list[str]) -> tuple[str, bool]:
    """Leave out leading ``<think>`` blocks; this family of models has none (phase22 §4.5).

    Also whether another one follows that never closes: it is left in, and whatever it drafts is only thought.
    """
    closed = _THOUGHTS.match(raw)
    text = raw[closed.end() :] if closed else raw
    thinking = text.lstrip().startswith(syntax.THINK)
    if thinking or text != raw:
        notes.append("a <think> block: this is likely the wrong model")
    return text, thinking


def _cut(text: str, at: int, notes: list[str]) -> str:
    """Generation should have ended at the control token ``at`` (below 0: there is none); what follows is noise."""
    if at < 0:
        return text
    notes.append("a control token inside the text: what follows was left out")
    return text[:at]
