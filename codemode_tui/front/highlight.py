"""Code to coloured lines: Pygments tokens become names of theme colours, resolved when they are drawn."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Any

Piece = tuple[str, str]
"""Text, and the theme variable of its colour (empty: the text colour)."""
Line = list[Piece]

TOOLS = frozenset(
    [
        "read_file",
        "write_file",
        "move_file",
        "delete_file",
        "file_info",
        "list_directory",
        "glob_files",
        "search_files",
        "run_command",
    ]
)
LARGEST = 200_000
"""Characters. Longer text is shown without colours: highlighting it would cost seconds."""
LONGEST = 1.0
"""Seconds of the processor. Many lexers look far ahead from each place, which takes four times as long for twice as
much of the right text: that is shown without colours too."""


def highlight(code: str, language: str = "python") -> list[Line]:
    """The lines of ``code``, coloured where the language is known. Joined, the pieces are ``code``."""
    source = code.split("\n")
    plain: list[Line] = [[(line, "code-name")] if line else [] for line in source]
    lexer = _lexer(language) if len(code) <= LARGEST else None
    if lexer is None:
        return plain
    # From each line of blanks Python's lexer looks over all that follow it.
    bare = "\n".join("" if line.isspace() else line for line in source)
    lines: list[Line] = [[]]
    end = time.thread_time() + LONGEST
    # A lexer of sessions (console, psql) gives nothing for a last line that does not end.
    for kind, value in lexer.get_tokens(f"{bare}\n"):
        if time.thread_time() > end:
            return plain
        color = _color(kind, value)
        first, *rest = value.split("\n")
        if first:
            lines[-1].append((first, color))
        for part in rest:
            lines.append([(part, color)] if part else [])
    lines.pop()
    if "\n".join("".join(text for text, _ in line) for line in lines) != bare:
        return plain
    return [blank if line.isspace() else coloured for line, blank, coloured in zip(source, plain, lines, strict=True)]


class LineByLine:
    """Colours lines as they arrive. Of those before it keeps what is still open: a string over many lines is known
    only from its beginning, and all of it again for each line would cost seconds."""

    def __init__(self, language: str = "python") -> None:
        self._language = language
        self._open: list[str] = []

    def feed(self, line: str) -> Line:
        self._open.append(line)
        *_, coloured, after = highlight("\n".join([*self._open, _PROBE]), self._language)
        if after == highlight(_PROBE, self._language)[-1]:
            self._open.clear()
        return coloured

    def tail(self, line: str) -> Line:
        """The last line, which is still being written."""
        return highlight("\n".join([*self._open, line]), self._language)[-1]


_PROBE = "0"
"""What follows looks as it does alone, where nothing is open."""


@lru_cache(maxsize=32)
def _lexer(language: str) -> Any:  # noqa: ANN401 - Pygments has no types
    from pygments.lexers import get_lexer_by_name  # ~30 ms, not needed for the first paint
    from pygments.util import ClassNotFound

    try:
        # ensurenl would add a line that is not there; stripnl would eat one that is.
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def _color(kind: Any, value: str) -> str:  # noqa: ANN401 - a Pygments token type
    if value in TOOLS and kind[:1] == ("Name",):
        return "code-tool"
    return _by_kind(tuple(kind))


@lru_cache(maxsize=256)
def _by_kind(kind: tuple[str, ...]) -> str:
    for depth in range(len(kind), 0, -1):
        if color := _COLORS.get(".".join(kind[:depth])):
            return f"code-{color}"
    return "code-name"


def diff_lines(diff: str) -> list[Line]:
    """The lines of the diff of one file. Its head are the first two alone: ``--- x`` may be ``-- x``, deleted."""
    lines = diff.rstrip("\n").split("\n")
    head = 2 if lines[0].startswith("--- ") else 0
    return [
        [(line, "muted" if at < head else _DIFF.get(line[:1], "code-name"))] if line else []
        for at, line in enumerate(lines)
    ]


_DIFF = {"+": "success", "-": "error", "@": "secondary", "\\": "faint"}


_COLORS = {
    "Comment": "comment",
    "Error": "error",
    "Generic.Deleted": "error",
    "Generic.Inserted": "string",
    "Generic.Heading": "function",
    "Generic.Subheading": "function",
    "Keyword": "keyword",
    "Keyword.Constant": "number",
    "Literal.Number": "number",
    "Literal.String": "string",
    "Literal.String.Affix": "keyword",
    "Literal.String.Interpol": "operator",
    "Literal.String.Escape": "number",
    "Literal.Date": "number",
    "Name.Builtin": "builtin",
    "Name.Class": "function",
    "Name.Decorator": "function",
    "Name.Exception": "builtin",
    "Name.Function": "function",
    "Name.Tag": "keyword",
    "Operator": "operator",
    "Operator.Word": "keyword",
    "Punctuation": "operator",
}
