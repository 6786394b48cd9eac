"""Calls in other shapes than ours: JSON, others' tags, tools called directly. Recovered as code, never run as is."""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice, zip_longest
from typing import Any, NamedTuple, TypeVar

from codemode_tui.protocol import syntax
from codemode_tui.protocol.halves import without_halves

C = TypeVar("C")
_FENCE_END = re.compile(r"(?:^[ \t]*|(?<=[}\]]))```[ \t]*$", re.MULTILINE)
_WRAPPER_END = re.compile(r"\s*(?:</tool_call>|</function_calls>|\Z)")
_NAME = re.compile(r"[A-Za-z_]\w{0,80}\Z")
_TORN_CALL = re.compile(r'\[?\s*\{\s*"name"\s*:\s*"\w{1,80}"\s*,\s*"(?:arguments|parameters)"\s*:')
_MARKED = re.compile(
    r"(?:<\|(?:channel|start)\|>\w{0,20}\s{0,9}to=(?:functions\.)?(?P<to>[A-Za-z_]\w{0,80})"
    r"|(?!<\|(?:channel|start)\|>)(?:(?:<[|｜][^<>|｜\s]{1,40}[|｜]>|\[TOOL_CALLS\])\s{0,9}){1,4}"
    r"(?:function<｜tool▁sep｜>)?(?:functions\.)?(?P<name>[A-Za-z_]\w{0,80})?(?::\d{1,4})?)"
    r"(?:\s{0,9}(?:<[|｜][^<>|｜\s]{1,40}[|｜]>|\[ARGS\]|commentary\b|(?:```)?json\b)){0,6}\s{0,9}(?=[\[{])"
)
"""From the marker to the JSON: those of Mistral, Llama, Granite, DeepSeek, Kimi and gpt-oss, and the tool's name."""
_MARKED_END = re.compile(
    r"(?:\s*(?:```|<｜tool▁calls?▁end｜>|<\|(?:/tool_call|tool_calls?(?:_section)?_end|eom_id|call)\|>))+"
)
_ATTRIBUTED = re.compile(
    r"(?:<function_calls>\s{0,9})?<(?:invoke|function)[ \t]{1,9}name[ \t]{0,9}=([^>\n]{0,200})>(?=\s*(?:<parameter|</))"
)
_KEYED = re.compile(r"\s*([A-Za-z_]\w{0,80})\s*(?=<arg_key>)")
_KEY = re.compile(r"\s*<arg_key>([^<\n]{0,200})</arg_key>\s*<arg_value>")
_KEY_END = re.compile(r"</arg_value>(?=\s*(?:<arg_key>|</tool_call>|\Z))")
_KEYS = (re.compile("[\"']name[\"']"), re.compile("[\"'](?:arguments|parameters)[\"']"))
_CODE_KEY = re.compile(r'"code"\s*:\s*"')
_STRING_END = re.compile(r'(?<!\\)(?:\\\\)*"(?=\s*(?:[,}\]`]|</|\Z))')
_OBJECT = re.compile(r'\s*\{\s*"\w{1,80}"\s*:')
_LAST_COMMA = re.compile(r",(\s*[}\]])")
_LONE_BACKSLASH = re.compile(r'(?<!\\)\\(?!["\\/bfnrtu\'])')
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\", "/": "/"}
_TEXTS = {"code", "path", "new_path", "content", "pattern", "glob", "command", "cwd"}
"""Arguments of our tools that are text, whatever they look like."""
_SPAN_END = re.compile(r"[ \t]*```[ \t]*[^\s`]")
"""Behind JSON in backticks: they close, and a sentence goes on."""
SEVERAL = "several calls in one message: only the first one counts"
MAX_TRIED = 24
MAX_ARGUMENTS = 64
MAX_MENDED = 20_000
"""Characters of broken JSON that are mended; ``ast`` takes long for more."""


class Found(NamedTuple):
    """A call in JSON in the middle of prose, and where it stands."""

    code: str | None
    start: int
    end: int
    whole: bool = True
    """False: the text ends inside it."""
    dialect: str = "json"
    alone: bool = True
    """False: further calls stand in the same list or fence."""
    read: bool = True
    """False: the JSON could not be read, and ``code`` is what looks like it."""


class Meant(NamedTuple):
    """What a JSON value asks for."""

    code: str | None
    """Made from the arguments if it must be; None where it cannot."""
    alone: bool = True
    """False: it is the first of several calls."""
    read: bool = True
    """False: the value could not be read."""


def json_in_prose(text: str) -> Found | None:
    """The first call in JSON in a fence or on a line of its own, or behind what begins one in other families."""
    found = [one for one in (_fenced(text), _naked(text), _marked(text)) if one is not None]
    return min(found, key=lambda one: one.start, default=None)


def calls_in(text: str) -> bool:
    """Whether a call stands in ``text``, whatever its form."""
    return syntax.first_opening(text) >= 0 or json_in_prose(text) is not None


def json_call(text: str, at: int) -> tuple[Meant, int] | None:
    """``{"name": …, "arguments": {…}}`` at ``at``, and the index behind the JSON; None if there is no such call."""
    meant, length = _meant_at(text[at:])
    return (meant, at + length) if meant is not None else None


def torn(body: str) -> Meant:
    """A call whose JSON is broken or cut off."""
    if (meant := _mended_call(body)) is not None:
        return meant
    begin = _CODE_KEY.search(body)
    if begin is None:
        return Meant(None, read=False)
    end = _STRING_END.search(body, begin.end())
    text = _ESCAPE.sub(_unescaped, body[begin.end() : end.start() if end else len(body)])
    return Meant(syntax.trim_code(without_halves(text)) or None, read=False)


def code_in_json(body: str) -> str | None:
    """The code of ``{"code": …}``, which may be torn; None if ``body`` is something else."""
    # Its last brace is left to mending: a string that is torn would take it for its own.
    return torn(f'{{"name": "", "arguments": {body}').code if _OBJECT.match(body) else None


def is_value(body: str) -> bool:
    """Whether ``body`` is a value and nothing else, in JSON or in Python: data, not code."""
    return next(_mended(body), None) is not None


def _fenced(text: str) -> Found | None:
    for match in islice(syntax.json_fences(text), MAX_TRIED):
        close = _FENCE_END.search(text, match.end())
        body = text[match.end() : close.start() if close else len(text)]
        meant, length = _meant_at(body)
        behind = match.end() + length
        if meant is not None and ("\n" in text[match.start() : behind] or not _SPAN_END.match(text, behind)):
            alone = meant.alone and _naked(body[length:]) is None
            return Found(meant.code, match.start(), close.end() if close else behind, alone=alone)
        if not length and all(key.search(body) for key in _KEYS):
            end = close.end() if close else len(text)
            meant = torn(body)
            return Found(meant.code, match.start(), end, close is not None, read=meant.read)
    return None


def _naked(text: str) -> Found | None:
    for start in islice(syntax.json_values(text), MAX_TRIED):
        meant, length = _meant_at(text[start:])
        if meant is not None:
            return Found(meant.code, start, start + length, alone=meant.alone)
        if _TORN_CALL.match(text, start):
            stop = next((at for at in syntax.openings(text) if at > start), len(text))
            if stop < len(text) and (meant := _mended_call(text[start:stop])) is not None:
                return Found(meant.code, start, stop)  # a brace too few, and then another call
            meant = torn(text[start:])
            return Found(meant.code, start, len(text), False, read=meant.read)
    return None


def _marked(text: str) -> Found | None:
    for start in islice(syntax.markers(text), MAX_TRIED):
        found = _attributed(text, start) if (head := _MARKED.match(text, start)) is None else _behind(text, head)
        if found is not None:
            return found
    return None


def _behind(text: str, head: re.Match[str]) -> Found | None:
    """The call whose JSON stands behind the marker ``head``: all of it, or its arguments alone."""
    at, name = head.end(), head["to"] or head["name"]
    value, length = _decoded(text[at:])
    meant = Meant(_code(name, value)) if name and isinstance(value, dict) else _meant(value)
    end = _MARKED_END.match(text, at + length) if length else _MARKED_END.search(text, at)
    if meant is not None:
        return Found(meant.code, head.start(), end.end() if end else at + length, alone=meant.alone)
    if not length and (name or _TORN_CALL.match(text, at)):
        body = text[at : end.start() if end else len(text)]
        meant = torn(body)
        return Found(meant.code, head.start(), end.end() if end else len(text), end is not None, read=meant.read)
    return None


def _attributed(text: str, start: int) -> Found | None:
    """``<invoke name="…">`` or ``<function name="…">``, parameters likewise."""
    tag = _ATTRIBUTED.match(text, start)
    if tag is None:
        return None
    closer = "</invoke>" if "<invoke" in tag.group() else syntax.FUNCTION_END
    end = _function_end(text, tag.end(), closer)
    code = _code(syntax.name_in(tag), _arguments(text[tag.end() : end if end >= 0 else len(text)]))
    behind = _WRAPPER_END.match(text, end + len(closer)) if end >= 0 else None
    after = behind.end() if behind else end + len(closer) if end >= 0 else len(text)
    return Found(code, start, after, end >= 0, "unwrapped", read=end >= 0)


def keyed_call(text: str, at: int, make: Callable[..., C]) -> C | None:
    """``<tool_call>name<arg_key>…</arg_key><arg_value>…</arg_value>``, of which the wrapper is behind us."""
    head = _KEYED.match(text, at)
    if head is None:
        return None
    arguments: dict[str, Any] = {}
    at = head.end()
    while key := _KEY.match(text, at):
        end = _KEY_END.search(text, key.end())
        value = text[key.end() : end.start() if end else len(text)]
        arguments[key[1].strip()] = _value(key[1].strip(), syntax.trim_code(value))
        at = end.end() if end else len(text)
    close = text.find(syntax.CALL_END, at)
    notes = ("a call in keys and values",)
    after = close + len(syntax.CALL_END) if close >= 0 else len(text)
    return make(_code(head[1], arguments), "bare", close >= 0, False, notes, after)


_ONLY_THE_WHOLE = re.compile(rf"{syntax.PARAMETER_END}\s*({syntax.CALL_END})")


def direct_call(text: str, at: int, name: str, dialect: str, make: Callable[..., C]) -> C:
    """``<function=read_file>`` and the like: the same call written as code."""
    given, length = _decoded(text[at:])
    end, tag = _function_end(text, at + length, syntax.FUNCTION_END), len(syntax.FUNCTION_END)
    if end < 0 and (whole := _ONLY_THE_WHOLE.search(text, at)):
        end, tag = whole.start(1), 0
    closed = end >= 0
    arguments = given if isinstance(given, dict) else _arguments(text[at : end if closed else len(text)])
    after = end + tag if closed else len(text)
    close = re.compile(r"\s*</tool_call>").match(text, after)
    notes = (f"the tool {name!r} was called directly, not through code",)
    return make(_code(name, arguments), dialect, closed, False, notes, close.end() if close else after)


def _arguments(body: str) -> dict[str, Any]:
    """What ``<parameter=…>`` tags say."""
    arguments: dict[str, Any] = {}
    matches = list(islice(syntax.PARAMETER.finditer(body), MAX_ARGUMENTS))
    for match, following in zip_longest(matches, matches[1:]):
        value = body[match.end() : following.start() if following else len(body)]
        stop = value.rfind(syntax.PARAMETER_END)  # the value may hold the tag
        key = syntax.name_in(match)
        arguments[key] = _value(key, syntax.trim_code(value[:stop] if stop >= 0 else syntax.without_torn(value)))
    return arguments


def _function_end(text: str, at: int, closer: str) -> int:
    """Index of the ``closer`` that ends the call, below 0 if none does; a value may hold the tag."""
    ends = [at + match.start() for match in islice(re.finditer(closer, text[at:]), MAX_TRIED)]
    for end in ends:
        inside = text[at:end].rstrip()
        if (
            "<parameter" not in inside
            or inside.endswith(syntax.PARAMETER_END)
            or _WRAPPER_END.match(text, end + len(closer))
        ):
            return end
    return min(ends, default=-1)


def _value(key: str, text: str) -> object:
    """An argument that was written as text: numbers and lists, unless it is sure to be text."""
    if key in _TEXTS:
        return text
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text if isinstance(value, str) else value


def _meant_at(body: str) -> tuple[Meant | None, int]:
    """A call in JSON, and how many characters of ``body`` the value takes that it begins with, call or not."""
    value, length = _decoded(body)
    return _meant(value), length


def _mended_call(body: str) -> Meant | None:
    return next((meant for meant in map(_meant, _mended(body)) if meant is not None), None)


def _decoded(body: str) -> tuple[Any, int]:
    """The JSON value that ``body`` begins with, and its length; 0 if there is none."""
    space = len(body) - len(body.lstrip())
    try:
        return json.JSONDecoder(strict=False).raw_decode(body, space)
    except (ValueError, RecursionError):
        return None, 0


def _meant(value: Any) -> Meant | None:  # noqa: ANN401 - a JSON value
    """What a call, a list of calls or an OpenAI ``tool_calls`` asks for; None if the value is none of them."""
    others: list[object] = []
    while isinstance(value, list) or (isinstance(value, dict) and isinstance(value.get("tool_calls"), list)):
        value, *others = (value if isinstance(value, list) else value["tool_calls"]) or [None]
    call = _call_in(value)
    return Meant(_code(*call), not any(map(_call_in, others))) if call is not None else None


def _call_in(value: object) -> tuple[str, dict[str, Any]] | None:
    """Name and arguments of one call."""
    if not isinstance(value, dict) or {"description", "parameters"} <= value.keys():  # a schema is no call
        return None
    value = value.get("function", value) if isinstance(value.get("function"), dict) else value
    name, arguments = value.get("name"), value.get("arguments", value.get("parameters", ""))
    if isinstance(arguments, str) and arguments:
        try:
            arguments = json.loads(arguments, strict=False)
        except (ValueError, RecursionError):
            arguments = {"code": arguments}
    arguments = {} if arguments is None else arguments
    if not isinstance(name, str) or not isinstance(arguments, dict):
        return None
    return (name, arguments) if all(isinstance(key, str) for key in arguments) else None  # in Python's they may not be


def _mended(body: str) -> Iterator[object]:
    """What broken JSON may have meant: brackets that are missing, commas too many, Python's own spelling."""
    body = _LONE_BACKSLASH.sub(r"\\\\", body.strip()[:MAX_MENDED])
    for text in (*(body + "}" * missing for missing in range(4)), _LAST_COMMA.sub(r"\1", body)):
        for read in (partial(json.loads, strict=False), _literal):
            try:
                yield read(text)
            except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
                continue


def _literal(text: str) -> object:
    with warnings.catch_warnings(action="ignore"):
        return ast.literal_eval(text)


def _unescaped(match: re.Match[str]) -> str:
    escape = match[1]
    if len(escape) == 5:
        return chr(int(escape[1:], 16))
    return _ESCAPES.get(escape, match[0])


def _code(name: str, arguments: dict[str, Any]) -> str | None:
    code = arguments.get("code")
    if isinstance(code, str):
        return syntax.trim_code(without_halves(code))
    if not _NAME.match(name) or not all(_NAME.match(key) for key in arguments):
        return None
    try:
        return f"print({name}({', '.join(f'{key}={value!r}' for key, value in arguments.items())}))"
    except (RecursionError, ValueError):  # Python reads whole numbers in hex that are too long for it to write
        return None
