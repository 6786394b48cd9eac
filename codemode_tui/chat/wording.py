"""Code that a person wrote, as the model would have written it: the same bytes around it as in training."""

from __future__ import annotations

import ast
import builtins
import re

from codemode_tui.errors import UsageError
from codemode_tui.protocol.calls import compiles
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.python import parsed_code
from codemode_tui.protocol.types import Decision, Parsed

_WRAPPERS = {
    "phase22": "<function=execute_code>\n<parameter=code>\n{}\n</parameter>\n</function></tool_call>",
    "qwen3-coder": "\n<function=execute_code>\n<parameter=code>\n{}\n</parameter>\n</function>\n</tool_call>",
}
"""What follows on ``<tool_call>``, by ``Profile.wrapper``."""
_TAG = "<tool_call>"


def as_call(profile: Profile, code: str, instead_of: str = "") -> tuple[str, Parsed]:
    """A message that calls with ``code``, and how it is understood.

    Args:
        profile: its dialect, and the openings from which the one for this code is taken.
        code: what a person wrote; line breaks around it do not count.
        instead_of: the message in whose place it stands; its own words before a call are kept.

    Raises:
        UsageError: there is no code, or it would not be read as this code again.
    """
    code = code.replace("\r\n", "\n").strip("\n")
    if not code.strip():
        raise UsageError("there is no code", hint="write some")
    before = _words(profile, code, instead_of)
    raw = before + _WRAPPERS[profile.wrapper].format(code)
    parsed = parse(raw, profile)
    if parsed.decision is not Decision.TOOL or parsed.code != code:
        raise UsageError("a call with this code would be read as another", hint="leave out the closing tags in it")
    return raw, parsed


def as_answer(text: str) -> tuple[str, Parsed]:
    """A message that answers, and how it is understood.

    Raises:
        UsageError: it says nothing, or would be read as a call.
    """
    text = text.replace("\r\n", "\n").strip()
    parsed = parse(text)
    if not text:
        raise UsageError("there is no answer", hint="write one")
    if parsed.text != text or parsed.decision in (Decision.TOOL, Decision.MALFORMED, Decision.TRUNCATED):
        raise UsageError("this answer would be read as a call", hint="put the tags in it between backticks")
    return text, Parsed(Decision.DIRECT, None, text, None)


def _words(profile: Profile, code: str, instead_of: str) -> str:
    """What stands before the code, the tag included."""
    openings = [text[: text.index(_TAG) + len(_TAG)] for text in profile.openings if _TAG in text]
    found = parse(instead_of, profile)
    if found.decision is Decision.TOOL and found.dialect == profile.wrapper:
        # The tag behind its own words: one that these only speak of begins no call.
        ends = (tag.end() for tag in re.finditer(_TAG, instead_of) if _said(instead_of[: tag.start()], found.text))
        before = instead_of[: next(ends, 0)]
        if before and before not in openings:
            return before
    name = _first_called(code)
    return next((text for text in openings if name in text.split()), min(openings, key=len, default=_TAG))


def _said(before: str, words: str) -> bool:
    return before.rstrip().endswith(words)


def _first_called(code: str) -> str:
    """The first function in the text of ``code`` that is called and no builtin; empty if there is none."""
    if not compiles(code):
        return ""
    calls = [node for node in ast.walk(parsed_code(code)) if isinstance(node, ast.Call)]
    named = [(call.lineno, call.col_offset, call.func.id) for call in calls if isinstance(call.func, ast.Name)]
    return next((name for _, _, name in sorted(named) if not hasattr(builtins, name)), "")
