"""One call in raw text: its dialect, its code, and where it ends."""

from __future__ import annotations

import ast
import re
import warnings as python_warnings
from itertools import islice
from typing import NamedTuple

from codemode_tui.protocol import foreign, syntax
from codemode_tui.protocol.python import tree_of

RUNNERS = {"execute_code", "python", "run_code", "run_python", "execute_python", "code"}
"""Function names under which a model sends code."""
MAX_CHECKED = 200_000
"""Characters of code beyond which closers are not told apart by compiling."""
MAX_CANDIDATES = 24

_CLOSER = re.compile(r"</parameter>\s*</function>")
_NEXT = re.compile(r"</parameter>\s*<parameter=[^>\n]{0,200}>")
_CODE_NEXT = re.compile(r"</parameter>\s*(<parameter=code>)")
_JSON = re.compile(r"\s*(?:(?:`{3,}|~{3,})[\w+-]*[ \t]*\n\s*)?(?=[{\[])")
_INNER = re.compile(r"^[ \t]*(?:<tool_call>|<function=|<parameter=code>)", re.MULTILINE)


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
    in_comment: bool = False
    """Its end stands in a comment of its code, where it may be text."""


def read_call(text: str, start: int) -> Call:
    """The call that opens at ``start``."""
    wrapped = text.startswith(syntax.CALL, start)
    inside = start + len(syntax.CALL) if wrapped else start
    at = _skip_space(text, inside)
    if text.startswith(syntax.CODE_PARAMETER, at):
        return _execute(text, at, "bare" if wrapped else "unwrapped", ["the call has no <function=…>"])
    function = syntax.FUNCTION.match(text, at)
    if function is None:
        return _bare(text, inside)
    name = syntax.name_in(function)
    dialect = "unwrapped" if not wrapped else "phase22" if function.start() == inside else "qwen3-coder"
    if name not in RUNNERS:
        return foreign.direct_call(text, function.end(), name, dialect, Call)
    return _execute(text, function.end(), dialect, [])


def compiles(code: str) -> bool:
    """Whether ``code`` is valid Python (top-level ``await`` included). Never raises, never warns."""
    return bool(code.strip()) and len(code) <= MAX_CHECKED and tree_of(code) is not None


def _execute(text: str, at: int, dialect: str, notes: list[str]) -> Call:
    """``<function=execute_code>`` is behind us: find its code and its end."""
    functionless = bool(notes)
    sound = dialect != "unwrapped"
    if not sound:
        notes.append("a call without its <tool_call> wrapper")
    parameter = _code_parameter(text, at, notes)
    if parameter is not None:
        if "\n" not in text[at : parameter.start()] and not functionless and sound:
            dialect = "phase22-inline"
        if (called := syntax.name_in(parameter)) != "code":
            notes.append(f"the parameter is called {called!r}, not 'code'")
        begin = parameter.end()
    else:
        notes.append("the call has no <parameter=code>")
        begin = at
    stop, end, closed = _closing(text, begin, notes)
    if functionless and not closed and text.startswith(syntax.PARAMETER_END, stop):
        end, closed = stop + len(syntax.PARAMETER_END), True
    body, single = _first_parameter(text[begin:stop], notes)
    code, alone = _first_call(syntax.trim_code(body if closed else syntax.without_torn(body)), notes)
    sound = sound and single and alone
    if parameter is None and (meant := foreign.code_in_json(code)) is not None:
        notes.append("a call in JSON")
        code, sound = meant, False
    if closed and not code.strip():
        notes.append("the call holds no code")
        sound = False
    if closed and any("closed" in note for note in notes) and not compiles(code):
        sound = False
    return Call(code, dialect, closed, sound, tuple(notes), end, _in_comment(text[begin:stop]))


def _code_parameter(text: str, at: int, notes: list[str]) -> re.Match[str] | None:
    """The tag before the code: ``<parameter=code>``, else the only parameter there is."""
    parameter = syntax.PARAMETER.match(text, _skip_space(text, at))
    if parameter is None or syntax.name_in(parameter) == "code":
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


def _first_call(code: str, notes: list[str]) -> tuple[str, bool]:
    """The code, without what does not belong to it, and whether it was the only one in there.

    A model may begin another call before it has closed this one, or put a Markdown fence around the code.
    """
    if compiles(code):
        return code, True
    fenced = syntax.without_fence(code)
    if fenced is not None:
        notes.append("the fence around the code was left out")
        return fenced, True
    inner = _INNER.search(code)
    before = syntax.trim_code(syntax.without_torn(code[: inner.start()].rstrip())) if inner else ""
    if not compiles(before):
        return code, True
    notes.append("another call begins inside this one: only the first one is shown")
    return before, False


def _closing(text: str, begin: int, notes: list[str]) -> tuple[int, int, bool]:
    """Where the code ends, where the call ends, and whether it was closed at all.

    Code may contain the closing tags as text. Of all places that look like the end, the first whose
    code is valid Python is taken; if none is, the first one before another call.
    """
    candidates = _few([(match.start(), match.end()) for match in _CLOSER.finditer(text, begin)])
    if candidates:
        good = _valid(text, begin, candidates)
        if good is None and (early := _closed_early(text, begin, candidates[0][0])):
            stop, end, missing = early
            notes.append(f"the call was closed without {missing}")
            return (stop, end, True) if missing == "</function>" else (stop, *_wrapper_end(text, end, notes))
        stop, end = good or candidates[0]
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
    pairs = [(at, at) for at in _positions(text, syntax.PARAMETER_END, begin)]
    good = _valid(text, begin, pairs)
    return (good[0] if good else len(text)), len(text), False


def _closed_early(text: str, begin: int, before: int) -> tuple[int, int, str] | None:
    """Where valid code ends before ``before``, where another call ends that opens behind it; the end, and the tag that
    it lacks."""
    for closer, missing in ((syntax.FUNCTION_END, "</parameter>"), (syntax.CALL_END, "</function>")):
        places = [at for at in _positions(text, closer, begin) if at < before]
        pairs = [(_before_parameter_end(text, begin, at), at + len(closer)) for at in places]
        good = _valid(text, begin, pairs)
        if good and syntax.first_opening(text[good[1] : before]) >= 0 and not _in_comment(text[begin : good[0]]):
            return *good, missing
    return None


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
    elif syntax.CALL_END.startswith(text[after:].rstrip()):  # "</tool_ca": cut inside the tag
        return len(text), False
    return at, True


def _bare(text: str, inside: int) -> Call:
    """``<tool_call>`` with no function in it: JSON, keys and values, or code and nothing around it."""
    found = _positions(text, syntax.CALL_END, inside)
    call = foreign.keyed_call(text, inside, Call) or _json(text, inside, found[0] if found else len(text))
    if call is not None:
        return call
    if not found:
        return Call(syntax.trim_code(syntax.without_torn(text[inside:])) or None, "bare", False, False, (), len(text))
    notes = ["code without <function=…>"]
    pairs = [(stop, stop + len(syntax.CALL_END)) for stop in found]
    stop, end = _valid(text, inside, pairs) or pairs[0]
    code, alone = _first_call(syntax.trim_code(text[inside:stop]), notes)
    sound = alone and compiles(code)
    return Call(code or None, "bare", True, sound, tuple(notes), end, _in_comment(text[inside:stop]))


def _json(text: str, inside: int, until: int) -> Call | None:
    """A call in JSON between the tags, whole or torn; None if it is something else."""
    body = text[inside:until]
    opener = _JSON.match(text, inside)
    if opener is None:
        return None
    found = foreign.json_call(text, opener.end())
    code = syntax.trim_code(body)
    if found is None and compiles(code) and not foreign.is_value(body) and not _spells_a_call(code):
        return None
    meant, behind = found or (foreign.torn(body), until)
    close = text.find(syntax.CALL_END, behind)  # a string of the JSON may hold the tag
    end = close + len(syntax.CALL_END) if close >= 0 else len(text)
    alone = meant.alone and not foreign.calls_in(text[behind : close if close >= 0 else end])
    return Call(meant.code, "json", close >= 0, False, ("a call in JSON", *(() if alone else (foreign.SEVERAL,))), end)


def _spells_a_call(code: str) -> bool:
    """Whether valid Python is nothing but a dictionary that was to be a call."""
    try:
        with python_warnings.catch_warnings(action="ignore"):
            node = ast.parse(code.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    keys = node.keys if isinstance(node, ast.Dict) else []
    names = {key.value if isinstance(key, ast.Constant) else getattr(key, "id", None) for key in keys}
    return "name" in names and not names.isdisjoint(("arguments", "parameters"))


def _few(candidates: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """So many that trying them stays quick; the last one is the likeliest of all that are left out."""
    return candidates if len(candidates) <= MAX_CANDIDATES else [*candidates[: MAX_CANDIDATES - 1], candidates[-1]]


def _valid(text: str, begin: int, candidates: list[tuple[int, int]]) -> tuple[int, int] | None:
    """The first candidate that ends valid Python, if possible not in the middle of a comment."""
    good = (c for c in candidates if compiles(syntax.trim_code(text[begin : c[0]])))
    first = next(good, None)
    if first is None or not _in_comment(text[begin : first[0]]):
        return first
    return next((c for c in good if not _in_comment(text[begin : c[0]])), first)


def _in_comment(code: str) -> bool:
    """Whether valid ``code`` ends inside a comment: there, what is no Python may follow."""
    return "#" in code[code.rfind("\n") + 1 :] and compiles(code.strip("\n") + " )")


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
