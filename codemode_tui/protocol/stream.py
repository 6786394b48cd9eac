"""The parser for text that is still arriving: pieces for live display, and the verdict at the end."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from codemode_tui.protocol import syntax
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.types import Parsed

MAX_LINE = 4096
"""A longer line is shown without waiting for its end, so that work stays linear."""
_HEADER = re.compile(r"(?:<tool_call>)?\s*(?:<function=[^>\n]{0,200}>\s*(?:<parameter=[^>\n]{0,200}>)?)?\r?\n?")
_PARTIAL_TAG = re.compile(r"\s*(?:</(?:parameter|function|tool_call)>\s*)?(?:<[^>]*)?\Z")
_END = re.compile(r"\r?\n?\s*</(?:parameter|function|tool_call)>\s*(?:</|\Z)")


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
        self._line = ""
        """Prose that is not decided yet: the current line."""
        self._fence = ""
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
        self._line += text
        while self._call is None:
            line, newline, rest = self._line.partition("\n")
            if not newline and len(self._line) < MAX_LINE:
                break
            shown.append(self._whole_line(line + newline))
            if self._call is None:
                self._line = rest
        if self._call is None:
            shown.append(self._partial_line())
        deltas = [Delta("text", "".join(shown))] if any(shown) else []
        return deltas + (self._code() if self._call is not None else [])

    def finish(self, *, truncated: bool = False) -> Parsed:
        """The verdict on the whole message."""
        return parse(self.raw, self._profile, truncated=truncated)

    def _whole_line(self, line: str) -> str:
        """A finished line of prose, or its part before a call."""
        mark = re.match(r"[ \t]*(```+|~~~+)", line)
        if mark:
            if not self._fence:
                self._fence = mark[1]
            elif mark[1].startswith(self._fence):
                self._fence = ""
            return line
        at = -1 if self._fence else syntax.first_opening(line)
        if at < 0:
            return line
        self._call = self._line[at:]
        return line[:at]

    def _partial_line(self) -> str:
        """What of the unfinished line is certain: nothing that may be a tag, a fence or a code span."""
        line = self._line
        if self._fence or not line or line.lstrip()[:1] in ("`", "~") or not line.strip():
            return ""
        at = syntax.first_opening(line)
        if at >= 0 and line.count("`", 0, at) == 0:
            self._call = line[at:]
            return line[:at]
        safe = min((i for i in (line.find("`"), line.find("<")) if i >= 0), default=len(line))
        self._line = line[safe:]
        return line[:safe]

    def _code(self) -> list[Delta]:
        """Show the code that has arrived, holding back what may be closing tags."""
        assert self._call is not None
        if self._ended:
            return []
        if not self._in_code:
            header = _HEADER.match(self._call)
            if header is None or header.end() >= len(self._call) or self._call[header.end() :].lstrip().startswith("<"):
                return []
            self._in_code = True
            self._call = self._call[header.end() :]
        end = _END.search(self._call)
        if end is not None:
            self._ended = True
            ready, self._call = self._call[: end.start()], ""
        else:
            tail = _PARTIAL_TAG.search(self._call, max(0, len(self._call) - 64))
            cut = tail.start() if tail else len(self._call)
            ready, self._call = self._call[:cut], self._call[cut:]
        return [Delta("code", ready)] if ready else []
