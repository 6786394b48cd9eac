"""Where tags stand in raw text, and where they are only prose. Pure string work, linear in its input."""

from __future__ import annotations

import re
from collections.abc import Iterator

CALL, CALL_END = "<tool_call>", "</tool_call>"
THINK, THINK_END = "<think>", "</think>"
_NAME = r"(?:=|[ \t]{1,9}name[ \t]{0,9}=)([^>\n]{0,200})>"
FUNCTION = re.compile(f"<function{_NAME}")
FUNCTION_END, PARAMETER_END = "</function>", "</parameter>"
PARAMETER = re.compile(f"<parameter{_NAME}")
CODE_PARAMETER = "<parameter=code>"
_OPENINGS = (CALL, "<function=", CODE_PARAMETER)
_LEAD = r"^[ \t]*(?:(?:>|[-*+](?=[ \t])|\d{1,3}[.)](?=[ \t]))[ \t]*){0,8}"
"""What may stand before a fence on its line: a quote, a bullet, a number."""
FENCE = re.compile(_LEAD + r"(?P<fence>```+|~~~+)")
FENCE_BEGUN = re.compile(_LEAD + r"(?:[`~]|[-*+\d.)]*\Z)")
JSON_FENCE = re.compile(
    _LEAD + r"```[ \t]*+(?:(?:json|tool_call|tool_code)[ \t]*+)?+(?:\r?\n)?+(?=\s*+[\[{])",
    re.MULTILINE | re.IGNORECASE,
)
"""Nothing in it gives back what it took: blanks that several parts may take are tried in every way otherwise."""
_MARKER = (
    r"\[TOOL_CALLS\]|<\|(?:python_tag|tool_calls?(?:_section)?(?:_begin)?|channel|start)\|>|<｜tool▁calls?▁begin｜>"
    r"|(?:<function_calls>\s{0,9})?<(?:invoke|function)[ \t]{1,9}name[ \t]{0,9}="
)
"""With what other families of models begin a call."""
MAX_NESTED = 8
"""Fences within fences that are told apart."""
_QUOTING = re.compile(
    FENCE.pattern + r"|(?P<ticks>`+)|(?P<tag><tool_call>|<function=[^>\n]{0,200}>|<parameter=code>)"
    r"|(?P<control><\|(?:im_start|im_end|endoftext)\|>)"
    rf"|(?P<marker>{_MARKER})"
    r'|^[ \t]*(?P<json>[\[{](?=[\s\[{]{0,40}"(?:name|arguments|parameters|function|tool_calls|type)"\s{0,9}:))',
    re.MULTILINE,
)
_TORN = re.compile(r"(?P<whole>(?:</parameter>\s*)?(?:</function>\s*)?)(?P<tag>(?:<(?:/[a-z_]{0,9})?)?)\Z")
_FENCED = re.compile(r"\s*(`{3,}|~{3,})[\w+-]*[ \t]*\n")


def openings(text: str) -> Iterator[int]:
    """Indices of the tags that open a call and are not quoted."""
    return (match.start() for match in _unquoted(text) if match["tag"])


def first_opening(text: str) -> int:
    """Index of the first tag that opens a call and is not quoted; -1 if there is none."""
    return next(openings(text), -1)


def json_values(text: str) -> Iterator[int]:
    """Indices of what looks like a call in JSON, at the beginning of a line and outside fences."""
    return (match.start("json") for match in _unquoted(text) if match["json"])


def json_fences(text: str) -> Iterator[re.Match[str]]:
    """Beginnings (of ``JSON_FENCE``) of what JSON follows in, a fence or a code span, where they stand in no fence."""
    return (
        found
        for match in _unquoted(text)
        if match["fence"] and (found := JSON_FENCE.match(text, match.start())) is not None
    )


def markers(text: str) -> Iterator[int]:
    """Indices of what begins a call in other families of models, where it is not quoted."""
    return (match.start() for match in _unquoted(text) if match["marker"])


def name_in(tag: re.Match[str]) -> str:
    """The name in an opening tag, with or without quotes around it."""
    name = tag[1].strip()
    return name[1:].partition(name[0])[0] if name[:1] in ("'", '"') else name


def controls(text: str) -> Iterator[int]:
    """Indices of the control tokens that are not quoted."""
    return (match.start() for match in _unquoted(text) if match["control"])


def _unquoted(text: str) -> Iterator[re.Match[str]]:
    """Tags, control tokens and fences that mean something.

    Inside a fence or between backticks they are prose (CONTRACT). An inline backtick span ends on
    its own line, so that one stray backtick cannot hide a call; or it holds one call and no more.
    """
    fences: tuple[str, ...] = ()
    position = line_end = 0
    beyond = -1
    while match := _QUOTING.search(text, position):
        ticks = match["ticks"] or match["fence"]
        position = match.end()
        before, fences = fences, fences_behind(fences, match) if match["fence"] else fences
        if not before and not match["ticks"]:
            yield match
        if before or fences or not ticks:
            continue
        if line_end < position and (line_end := text.find("\n", position)) < 0:
            line_end = len(text)
        closing = text.find(ticks, position, line_end)
        if closing < 0 and beyond < len(text) and text.startswith(_OPENINGS, position):
            found = re.compile(rf"</(?:tool_call|function|parameter)>(?={ticks}(?!`))").search(text, position)
            closing, beyond = (found.end(), beyond) if found else (-1, len(text))
        if closing >= 0:
            position = closing + len(ticks)


def fences_behind(fences: tuple[str, ...], mark: re.Match[str]) -> tuple[str, ...]:
    """The fences that are open, innermost last, behind the line with ``mark`` (of ``FENCE``).

    A language behind the mark begins a fence in a fence. Backticks that are closed on their line are a code span.
    """
    fence = mark["fence"]
    end = mark.string.find("\n", mark.end())
    rest = mark.string[mark.end() : end if end >= 0 else len(mark.string)]
    if fence[0] == "`" and fence in rest:
        return fences
    if not fences:
        return (fence,)
    if not fence.startswith(fences[-1]):
        return fences
    if rest[:1].isalnum():
        return (*fences, fence) if len(fences) < MAX_NESTED else fences
    return fences[:-1]


def held_back(text: str) -> int:
    """How many characters at the end of ``text`` may be the beginning of an opening tag."""
    start = text.rfind("<", max(0, len(text) - 220))
    if start < 0:
        return 0
    tail = text[start:]
    if any(opening.startswith(tail) for opening in _OPENINGS):
        return len(tail)
    return len(tail) if tail.startswith("<function=") and ">" not in tail and "\n" not in tail else 0


def trim_code(body: str) -> str:
    """The code between two tags: one line break less at each end, indentation kept."""
    body = body.replace("\r\n", "\n")
    return body.removeprefix("\n").removesuffix("\n")


def without_torn(body: str) -> str:
    """``body`` of a call that was cut off, without the closing tags, whole or torn, at its end."""
    match = _TORN.search(body, max(0, len(body) - 64))
    if match is None or not any(closer.startswith(match["tag"]) for closer in (PARAMETER_END, FUNCTION_END, CALL_END)):
        return body
    if match["tag"] == "<" and not match["whole"] and body[: match.start()].rstrip(" \t")[-1:] not in ("", "\n"):
        return body  # a comparison
    return body[: match.start()]


def without_fence(code: str) -> str | None:
    """The code inside a Markdown fence; None if ``code`` is not one fence from end to end."""
    opened, body = _FENCED.match(code), code.rstrip()
    if opened is None or not body.endswith(opened[1], opened.end()):
        return None
    body = body[opened.end() : -len(opened[1])].rstrip(" \t").removesuffix("\n")
    return None if f"\n{opened[1]}" in body else body
