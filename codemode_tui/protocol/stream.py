"""The parser for text that is still arriving: pieces for live display, and the verdict at the end."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from codemode_tui.protocol import syntax
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.types import Decision, Parsed

MAX_LINE = 4096
"""A longer line is shown without waiting for its end, so that work stays linear."""
_THOUGHT = re.compile(rf"\s*{syntax.THINK}")
_HEADER = re.compile(
    r"(?:<tool_call>)?\s*(?:<function[= \t][^>\n]{0,200}>)?(?:\s*<parameter[= \t][^>\n]{0,200}>)?(?:[ \t]*\r?\n)?"
)
_PARTIAL_TAG = re.compile(r"\s*(?:</(?:parameter|function|tool_call)>\s*)?(?:<[^>]*)?\Z")
_END = re.compile(r"</(?:parameter|function)>\s*</|</tool_call>\s*(?:</|\Z)")


class Delta(NamedTuple):
    """A piece of the message for display. Joined texts of one kind approximate ``Parsed.text``/``code``."""

    kind: Literal["text", "code"]
    text: str


class StreamParser:
    """Feed text as it comes; ``finish`` gives exactly what ``parse`` says of the whole.

    The deltas are for the eye: they never run ahead of what is certain to be prose, and code is shown
    as soon as it stands. What is executed is only ever ``finish().code``.
    """

    def __init__(self, profile: Profile | None = None) -> None:
        self._profile = profile
        self._pieces: list[str] = []
        self._thinking = False
        """Inside a leading ``<think>`` block."""
        self._thought: str | None = ""
        """Text that may be a tag of one; None where no other can follow."""
        self._line = ""
        """Prose that is not decided yet: the current line."""
        self._given = 0
        """How many characters of it are shown already."""
        self._inside = False
        """Whether the line has begun before: the rest of a very long one."""
        self._fences: tuple[str, ...] = ()
        self._call: str | None = None
        """Text since the call opened that is not shown yet; None while there is only prose."""
        self._in_code = False
        self._ended = False

    @property
    def raw(self) -> str:
        """Everything fed so far, verbatim."""
        return "".join(self._pieces)

    def feed(self, text: str) -> list[Delta]:
        """Take the next piece; returns what can be shown now."""
        self._pieces.append(text)
        if self._call is not None:
            self._call += text
            return self._code()
        shown: list[str] = []
        if self._thought is not None:
            thought, text = self._thoughts(self._thought + text)
            shown.append(thought)
        self._line += text
        while self._call is None:
            line, newline, rest = self._line.partition("\n")
            if not newline and len(self._line) < MAX_LINE:
                break
            shown.append(self._whole_line(line + newline)[self._given :])
            self._line, self._given, self._inside = rest, 0, not newline
        if self._call is None:
            certain = max(self._given, self._certain())
            shown.append(self._line[self._given : certain])
            self._given = certain
        deltas = [Delta("text", "".join(shown))] if any(shown) else []
        if self._call is None:
            return deltas
        # Behind a call in JSON no other one counts, unless it is whole and says nothing; a torn one may hold the tag.
        before = parse(self.raw.removesuffix(self._call))
        self._ended = before.dialect is not None and (before.decision, before.code) != (Decision.MALFORMED, None)
        return deltas + self._code()

    def finish(self, *, truncated: bool = False) -> Parsed:
        """The verdict on the whole message."""
        return parse(self.raw, self._profile, truncated=truncated)

    def _thoughts(self, text: str) -> tuple[str, str]:
        """What of ``text`` is thought aloud, prose whatever it drafts, and what is certain to stand behind it."""
        at = 0
        while self._thinking or _THOUGHT.match(text, at):
            end = text.find(syntax.THINK_END, at)
            if end < 0:
                self._thinking = True
                tail = text.rfind("<", max(at, len(text) - len(syntax.THINK_END)))
                certain = tail if tail >= 0 and syntax.THINK_END.startswith(text[tail:]) else len(text)
                self._thought = text[certain:]
                return text[:certain], ""
            at, self._thinking = end + len(syntax.THINK_END), False
        rest = text[at:]
        self._thought = rest if syntax.THINK.startswith(rest.lstrip()) else None
        return text[:at], rest if self._thought is None else ""

    def _whole_line(self, line: str) -> str:
        """A finished line of prose, or its part before a call."""
        # what the line goes on from
        before = "".join(f"{fence}x\n" for fence in self._fences) or ("…" if self._inside else "")
        mark = None if self._inside else syntax.FENCE.match(line)
        if mark:
            self._fences = syntax.fences_behind(self._fences, mark)
        at = syntax.first_opening(before + line) - len(before)
        if at < 0:
            return line
        self._call = line[at:] + self._line[len(line) :]
        return line[:at]

    def _certain(self) -> int:
        """How much of the unfinished line is certain: nothing that may be a tag, a fence or a code span."""
        line = self._line
        if self._fences or not line.strip() or (not self._inside and syntax.FENCE_BEGUN.match(line)):
            return 0
        marks = [at for at in (line.find("`"), line.find("<")) if at >= 0]
        certain = min(marks, default=len(line))
        if syntax.first_opening(line) == certain < len(line):
            self._call = line[certain:]
        return certain

    def _code(self) -> list[Delta]:
        """Show the code that has arrived, holding back what may be closing tags."""
        assert self._call is not None
        if self._ended:
            return []
        if not self._in_code:
            header = _HEADER.match(self._call)
            # Behind the name of the function a blank is not code yet: the parameter's tag may follow it.
            if header is None or (self._call[header.end() :].strip() or "<").startswith("<"):
                return []
            self._in_code = True
            self._call = self._call[header.end() :]
        end = _END.search(self._call)
        if end is not None:
            self._ended = True
            ready, self._call = self._call[: end.start()].rstrip(), ""
        else:
            tail = _PARTIAL_TAG.search(self._call, max(0, len(self._call) - 64))
            cut = tail.start() if tail else len(self._call)
            ready, self._call = self._call[:cut], self._call[cut:]
        return [Delta("code", ready)] if ready else []


def left_of(streamed: str, text: str) -> str | None:
    """What ``text``, a message's prose as it was understood, says behind what was shown of it while it came.

    None when it does not go on from there, so that it has to be shown anew. Blanks around either do not count.
    """
    begun, whole = streamed.lstrip(), text.strip()
    if whole.startswith(begun):
        return whole[len(begun) :]
    return "" if whole == begun.rstrip() else None
