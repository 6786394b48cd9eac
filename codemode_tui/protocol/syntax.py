"""Where tags stand in raw text, and where they are only prose. Pure string work, linear in its input."""

from __future__ import annotations

import re
from collections.abc import Iterator

CALL, CALL_END = "<tool_call>", "</tool_call>"
FUNCTION = re.compile(r"<function=([^>\n]{0,200})>")
FUNCTION_END, PARAMETER_END = "</function>", "</parameter>"
PARAMETER = re.compile(r"<parameter=([^>\n]{0,200})>")
JSON_FENCE = re.compile(
    r"^[ \t]*```[ \t]*(?:json|tool_call|tool_code)?[ \t]*\r?\n(?=\s*\{)", re.MULTILINE | re.IGNORECASE
)
_QUOTING = re.compile(
    r"^[ \t]*(?P<fence>```+|~~~+)|(?P<ticks>`+)|(?P<tag><tool_call>|<function=[^>\n]{0,200}>)"
    r"|(?P<control><\|(?:im_start|im_end|endoftext)\|>)",
    re.MULTILINE,
)


def first_opening(text: str) -> int:
    """Index of the first tag that opens a call and is not quoted; -1 if there is none."""
    return next((match.start() for match in _unquoted(text) if match["tag"]), -1)


def first_control(text: str) -> int:
    """Index of the first control token that is not quoted; -1 if there is none."""
    return next((match.start() for match in _unquoted(text) if match["control"]), -1)


def _unquoted(text: str) -> Iterator[re.Match[str]]:
    """Tags and control tokens that mean something.

    Inside a fence or between backticks they are prose (CONTRACT). An inline backtick span ends on
    its own line or not at all, so that one stray backtick cannot hide a call.
    """
    fence = ""
    position = 0
    while match := _QUOTING.search(text, position):
        mark, ticks = match["fence"], match["ticks"]
        position = match.end()
        if mark:
            if not fence:
                fence = mark
            elif mark.startswith(fence):
                fence = ""
            continue
        if fence:
            continue
        if not ticks:
            yield match
            continue
        line_end = text.find("\n", position)
        closing = text.find(ticks, position, line_end if line_end >= 0 else len(text))
        if closing >= 0:
            position = closing + len(ticks)


def held_back(text: str) -> int:
    """How many characters at the end of ``text`` may be the beginning of an opening tag."""
    start = text.rfind("<", max(0, len(text) - 220))
    if start < 0:
        return 0
    tail = text[start:]
    if CALL.startswith(tail) or "<function=".startswith(tail):
        return len(tail)
    return len(tail) if tail.startswith("<function=") and ">" not in tail and "\n" not in tail else 0


def trim_code(body: str) -> str:
    """The code between two tags: one line break less at each end, indentation kept."""
    body = body.replace("\r\n", "\n")
    return body.removeprefix("\n").removesuffix("\n")
