"""Raw assistant text to a decision. Tolerant: it recovers what it can, names what it saw, raises nothing."""

from __future__ import annotations

import ast
import re
import warnings as python_warnings
from itertools import islice
from typing import NamedTuple

from codemode_tui.protocol import foreign, syntax
from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.types import Decision, Parsed

RUNNERS = {"execute_code", "python", "run_code", "run_python", "execute_python", "code"}
"""Function names under which a model sends code."""
MAX_CHECKED = 200_000
"""Characters of code beyond which closers are not told apart by compiling."""
MAX_CANDIDATES = 24

_CLOSER = re.compile(r"</parameter>\s*</function>")
_NEXT = re.compile(r"</parameter>\s*<parameter=[^>\n]{0,200}>")
_CODE_NEXT = re.compile(r"</parameter>\s*(<parameter=code>)")
_HEADER = re.compile(r"\s*<\|im_start\|>assistant\n")
_PROMISE = re.compile(
    r"(?:^|[.!?:]\s+|\n)\s*(?:(?:first|now|next|ok|okay|sure|great)[,!.]?\s+)?"
    r"(?:i['’]ll|i will|let me|i['’]m going to|i am going to|i need to|we need to|let['’]s)\s+"
    r"(?:first\s+|now\s+|start by\s+)?"
    r"(?:(?:read|check|look|run|search|find|list|open|get|examin|execut|call|count|inspect|fetch|analy[sz]|explor|scan|"
    r"writ|creat|see|view|verify|brows|locat|load|compute|calculat|updat|modif|delet|renam|mov)\w*\b"
    r"|use\s+(?:the\s+)?[`'\"]?\w+[`'\"]?\s+(?:tool|function|command)\b)"
    r"(?:[^.!?\n]|[.!?](?=\S))*[.:!…]*\s*$",  # the dot of a file name ends no sentence
    re.IGNORECASE,
)
_NOT_PROMISE = re.compile(r"let me know|i will not|i['’]ll not|let['’]s say", re.IGNORECASE)


class Call(NamedTuple):
    """One call found in the text."""

    code: str | None
    dialect: str
    complete: bool
    """Whether it was closed."""
    sound: bool
    """Whether it may be executed as it stands."""
    warnings: tuple[str, ...]
    end: int
    """Index behind it."""


def parse(raw: str, profile: Profile | None = None, *, truncated: bool = False) -> Parsed:
    """Parse one whole assistant message.

    Args:
        raw: the text as generated, verbatim.
        profile: the profile of the model; every dialect is recognised whatever it says.
        truncated: generation was cut off (length, cancel), so an open call is not a mistake.
    """
    notes: list[str] = []
    text = _without_thinking(_without_header(raw, notes), notes)
    start = syntax.first_opening(text)
    if start < 0 or 0 <= syntax.first_control(text) < start:
        return _prose(text, truncated, notes)
    call = read_call(text, start)
    notes += call.warnings
    before = text[:start].strip()
    rest = _cut_control(text[call.end :], notes)
    if call.complete and syntax.first_opening(rest) >= 0:
        notes.append("several calls in one message: only the first one counts")
    elif call.complete and rest.strip():
        notes.append("text after the call was left out")
    if not call.complete:
        return Parsed(Decision.TRUNCATED, call.dialect, before, call.code, tuple(notes))
    # What looks like an end may be text of the code: cut off, only an end that is beyond doubt counts.
    if truncated and not (text[: call.end].endswith(syntax.CALL_END) and compiles(call.code or "")):
        return Parsed(Decision.TRUNCATED, call.dialect, before, call.code, tuple(notes))
    decision = Decision.TOOL if call.sound and call.code else Decision.MALFORMED
    return Parsed(decision, call.dialect, before, call.code, tuple(notes))


def read_call(text: str, start: int) -> Call:
    """The call that opens at ``start``."""
    wrapped = text.startswith(syntax.CALL, start)
    inside = start + len(syntax.CALL) if wrapped else start
    function = syntax.FUNCTION.match(text, _skip_space(text, inside))
    if function is None:
        return _bare(text, inside)
    name = function[1].strip().strip("\"'")
    dialect = "unwrapped" if not wrapped else "phase22" if function.start() == inside else "qwen3-coder"
    if name not in RUNNERS:
        return foreign.direct_call(text, function.end(), name, dialect if wrapped else "unwrapped", Call)
    return _execute(text, function.end(), wrapped, dialect)


def compiles(code: str) -> bool:
    """Whether ``code`` is valid Python (top-level ``await`` included). Never raises, never warns."""
    if not code.strip() or len(code) > MAX_CHECKED:
        return False
    try:
        with python_warnings.catch_warnings():
            python_warnings.simplefilter("ignore")
            compile(code, "<code>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return False
    return True


# -- calls ---------------------------------------------------------------------------------------


def _execute(text: str, at: int, wrapped: bool, dialect: str) -> Call:
    """``<function=execute_code>`` is behind us: find its code and its end."""
    notes: list[str] = []
    sound = wrapped
    if not wrapped:
        notes.append("a call without its <tool_call> wrapper")
    parameter = _code_parameter(text, at, notes)
    if parameter is not None:
        if "\n" not in text[at : parameter.start()] and dialect != "unwrapped":
            dialect = "phase22-inline"
        if parameter[1].strip() != "code":
            notes.append(f"the parameter is called {parameter[1].strip()!r}, not 'code'")
        begin = parameter.end()
    else:
        notes.append("the call has no <parameter=code>")
        begin = at
    stop, end, closed = _closing(text, begin, notes)
    body, single = _first_parameter(text[begin:stop], notes)
    code = syntax.trim_code(body)
    sound = sound and single
    if closed and not code.strip():
        notes.append("the call holds no code")
        sound = False
    if closed and notes and any("closed" in note for note in notes) and not compiles(code):
        sound = False
    return Call(code, dialect, closed, sound, tuple(notes), end)


def _code_parameter(text: str, at: int, notes: list[str]) -> re.Match[str] | None:
    """The tag before the code: ``<parameter=code>``, else the only parameter there is."""
    parameter = syntax.PARAMETER.match(text, _skip_space(text, at))
    if parameter is None or parameter[1].strip() == "code":
        return parameter
    end = text.find(syntax.FUNCTION_END, at)
    later = _CODE_NEXT.search(text, parameter.end(), end if end >= 0 else len(text))
    if later is None:
        return parameter
    notes.append("parameters besides the code were left out")
    return syntax.PARAMETER.match(text, later.start(1))


def _first_parameter(body: str, notes: list[str]) -> tuple[str, bool]:
    """The code alone, where further parameters follow it, and whether there was only one code.

    A string of the code may hold the same tags: valid Python is one parameter, whatever is in it.
    """
    seams = list(islice(_NEXT.finditer(body), MAX_CANDIDATES))
    if not seams or compiles(syntax.trim_code(body)):
        return body, True
    seam = next((m for m in seams if compiles(syntax.trim_code(body[: m.start()]))), seams[0])
    if _CODE_NEXT.search(body, seam.start()):
        notes.append("several codes in one call: only the first one is shown")
        return body[: seam.start()], False
    notes.append("parameters besides the code were left out")
    return body[: seam.start()], True


def _closing(text: str, begin: int, notes: list[str]) -> tuple[int, int, bool]:
    """Where the code ends, where the call ends, and whether it was closed at all.

    Code may contain the closing tags as text. Of all places that look like the end, the first whose
    code is valid Python is taken; if none is, the first one before another call.
    """
    candidates: list[tuple[int, int]] = []
    for match in _CLOSER.finditer(text, begin):
        candidates.append((match.start(), match.end()))
        if len(candidates) == MAX_CANDIDATES:
            break
    if candidates:
        stop, end = _valid(text, begin, candidates) or candidates[0]
        return stop, *_wrapper_end(text, end, notes)
    for closer, missing in ((syntax.FUNCTION_END, "</parameter>"), (syntax.CALL_END, "</function>")):
        found = _positions(text, closer, begin)
        if not found:
            continue
        pairs = [(_before_parameter_end(text, begin, at), at + len(closer)) for at in found]
        stop, end = _valid(text, begin, pairs) or pairs[0]
        notes.append(f"the call was closed without {missing}")
        if closer == syntax.FUNCTION_END:
            return stop, *_wrapper_end(text, end, notes)
        return stop, end, True
    at = text.find(syntax.PARAMETER_END, begin)
    return (at if at >= 0 else len(text)), len(text), False


def _wrapper_end(text: str, at: int, notes: list[str]) -> tuple[int, bool]:
    """Behind ``</function>``: the end of the block, further functions in it noted."""
    after = _skip_space(text, at)
    if text.startswith(syntax.CALL_END, after):
        return after + len(syntax.CALL_END), True
    if syntax.FUNCTION.match(text, after):
        notes.append("several functions in one call: only the first one counts")
        close = text.find(syntax.CALL_END, after)
        return (close + len(syntax.CALL_END) if close >= 0 else len(text)), True
    if after >= len(text):
        notes.append("</tool_call> is missing")
    return at, True


def _bare(text: str, inside: int) -> Call:
    """``<tool_call>`` with something else than a function in it: JSON, or code and nothing around it."""
    found = _positions(text, syntax.CALL_END, inside)
    body_end = found[0] if found else len(text)
    if text[inside:body_end].lstrip().startswith("{"):
        code, behind = foreign.json_body(text, inside)
        close = text.find(syntax.CALL_END, behind)  # a string of the JSON may hold the tag
        end = close + len(syntax.CALL_END) if close >= 0 else len(text)
        return Call(code, "json", close >= 0, False, ("a call in JSON",), end)
    if not found:
        return Call(syntax.trim_code(text[inside:]) or None, "bare", False, False, (), len(text))
    pairs = [(at, at + len(syntax.CALL_END)) for at in found]
    good = _valid(text, inside, pairs)
    stop, end = good or pairs[0]
    code = syntax.trim_code(text[inside:stop])
    return Call(code or None, "bare", True, good is not None, ("code without <function=…>",), end)


def _valid(text: str, begin: int, candidates: list[tuple[int, int]]) -> tuple[int, int] | None:
    """The first candidate that ends valid Python."""
    return next((c for c in candidates if compiles(syntax.trim_code(text[begin : c[0]]))), None)


def _positions(text: str, tag: str, begin: int) -> list[int]:
    found: list[int] = []
    at = text.find(tag, begin)
    while at >= 0 and len(found) < MAX_CANDIDATES:
        found.append(at)
        at = text.find(tag, at + len(tag))
    return found


def _before_parameter_end(text: str, begin: int, at: int) -> int:
    """``</parameter>`` right before ``at`` belongs to the tags, not to the code."""
    stripped = text[begin:at].rstrip()
    return begin + len(stripped) - len(syntax.PARAMETER_END) if stripped.endswith(syntax.PARAMETER_END) else at


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n":
        at += 1
    return at


# -- prose ---------------------------------------------------------------------------------------


def _prose(text: str, truncated: bool, notes: list[str]) -> Parsed:
    text = _cut_control(text, notes)
    fence = foreign.json_fence(text)
    if fence is not None:
        notes.append("a call in a JSON fence")
        if text[fence.end :].strip():
            notes.append("text after the call was left out")
        return Parsed(Decision.MALFORMED, "json", text[: fence.start].strip(), fence.code, tuple(notes))
    held = syntax.held_back(text)
    if held > (0 if truncated else 4):  # "<tool_ca": cut inside the tag, whatever the engine says
        return Parsed(Decision.TRUNCATED, None, text.strip(), None, tuple(notes))
    text = text.strip()
    if not text and not truncated:
        notes.append("the message is empty")
    if not truncated and is_promise(text):
        return Parsed(Decision.ANNOUNCED, None, text, None, tuple(notes))
    return Parsed(Decision.DIRECT, None, text, None, tuple(notes))


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


def _without_thinking(raw: str, notes: list[str]) -> str:
    """Leave out a leading ``<think>`` block; this family of models has none (phase22 §4.5)."""
    stripped = raw.lstrip()
    if not stripped.startswith("<think>"):
        return raw
    notes.append("a <think> block: this is likely the wrong model")
    end = stripped.find("</think>")
    return stripped[end + len("</think>") :].lstrip("\n") if end >= 0 else raw


def _cut_control(text: str, notes: list[str]) -> str:
    """Generation should have ended at a control token; what stands behind one is noise."""
    at = syntax.first_control(text)
    if at < 0:
        return text
    notes.append("a control token inside the text: what follows was left out")
    return text[:at]
