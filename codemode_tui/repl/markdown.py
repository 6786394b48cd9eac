"""Markdown line by line, as it arrives: a line is drawn once, when it is complete, and never again.

So a paragraph keeps the line breaks of its author, and only a table waits for its end.
"""

from __future__ import annotations

import re
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from prompt_toolkit.utils import get_cwidth

from codemode_tui.front.highlight import LineByLine
from codemode_tui.repl.lines import Line, cells, plain, wrapped
from codemode_tui.sandbox.sanitise import sanitise_text

_FENCE = re.compile(r"\s{0,3}(`{3,}(?=[^`]*$)|~{3,})\s*([\w+#.-]*)")
_HEADING = re.compile(r"(#{1,6})\s+(.*?)(?:\s+#+)?$")
_ITEM = re.compile(r"(\s*)([-*+]|\d{1,9}[.)])\s+(\[[ xX]\]\s+)?(.*)")
_QUOTE = re.compile(r"\s{0,3}>\s?(.*)")
_RULE = re.compile(r"\s{0,3}([-*_])(?:\s*\1){2,}\s*$")
WIDEST = 100
"""Columns of prose: longer lines are hard to read."""


class MarkdownLines:
    """``feed`` takes sanitised lines and gives styled ones; ``close`` what it still holds."""

    def __init__(self, width: int) -> None:
        self.width = min(width, WIDEST)
        self._fence = ""
        self._code = LineByLine()
        self._table: list[str] = []

    def feed(self, line: str) -> list[Line]:
        if self._fence:
            return self._in_fence(line)
        if line.lstrip().startswith("|"):
            self._table.append(line)
            return []
        before = self.close()
        if found := _FENCE.match(line):
            self._fence, language = found.group(1), found.group(2) or "text"
            self._code = LineByLine(language)
            return [*before, [(f"─── {language} ".ljust(40, "─"), "faint")]]
        return [*before, *self._line(line)]

    def close(self) -> list[Line]:
        table, self._table = self._table, []
        if self._fence and not table:
            self._fence = ""
            return [[("─" * 40, "faint")]]
        return _table(table, self.width) if table else []

    def _in_fence(self, line: str) -> list[Line]:
        if line.strip().startswith(self._fence) and not line.strip().strip(self._fence[0]):
            return self.close()
        return [self._code.feed(line)]

    def _line(self, line: str) -> list[Line]:
        if not line.strip():
            return [[]]
        if found := _HEADING.match(line):
            look = "bold underline" if len(found.group(1)) == 1 else "bold"
            return wrapped(inline(found.group(2), look), self.width)
        if _RULE.match(line):
            return [[("─" * min(40, self.width), "faint")]]
        if found := _ITEM.match(line):
            return self._item(*found.groups(""))
        if found := _QUOTE.match(line):
            return [[("▌ ", "primary"), *part] for part in wrapped(inline(found.group(1), "muted"), self.width - 2)]
        if line.startswith("    "):
            return [[(line, "")]]  # code, most likely
        return wrapped(inline(line.strip()), self.width)

    def _item(self, lead: str, mark: str, box: str, text: str) -> list[Line]:
        mark = mark if mark[0].isdigit() else "•"
        done = {"": "", " ": "☐ "}.get(box[1:2], "☑ ")
        begin = f"{lead}{mark} {done}"
        first, *rest = wrapped(inline(text), self.width - get_cwidth(begin))
        return [
            [(lead, ""), (f"{mark} {done}", "accent"), *first],
            *([(" " * get_cwidth(begin), ""), *one] for one in rest),
        ]


def inline(text: str, look: str = "") -> Line:
    """Emphasis, code and links of one line; links do nothing, and say where they would lead."""
    found = _parser().parseInline(text)
    line: Line = []
    leads: list[str] = []
    open_: list[str] = [look] if look else []
    for token in found[0].children or () if found else ():
        if token.type == "link_close":
            open_.remove("underline")
            line += [(f" ({address})", "muted")] if (address := leads.pop()) not in ("", plain(line)) else []
            continue
        if token.type == "link_open":
            leads.append(sanitise_text(str(token.attrs.get("href", ""))))
        line += _piece(token, open_)
    return line or [(text, look)]


def _piece(token: Token, open_: list[str]) -> Line:
    kind, _, end = token.type.rpartition("_")
    name = {"strong": "bold", "em": "italic", "s": "strike", "link": "underline"}.get(kind)
    if name and end == "open":
        open_.append(name)
        return []
    if name and end == "close":
        open_.remove(name)
        return []
    if token.type == "code_inline":
        return [(token.content, " ".join([*open_, "code-string"]))]
    if token.type == "image":
        return [(f"[{token.content}]", " ".join(open_))]
    return [(token.content, " ".join(open_))] if token.content else []


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    # Entities would bring back characters that the sanitiser has taken out.
    return MarkdownIt("gfm-like", {"html": False, "linkify": False}).disable("entity")


def _table(rows: list[str], width: int) -> list[Line]:
    """The rows below each other; where that is too wide, the cells of each one after another."""
    parts = [
        [inline(cell.strip()) for cell in row.strip().strip("|").split("|")]
        for row in rows
        if row.strip(" \t|:-") or "-" not in row
    ]
    count = max(map(len, parts), default=0)
    widths = [max((cells(row[at]) for row in parts if at < len(row)), default=0) for at in range(count)]
    if not parts:
        return [inline(row) for row in rows]
    if sum(widths) + 2 * count > width:
        return [part for row in parts for part in wrapped(_joined(row), width, "    ")]
    lines: list[Line] = []
    for number, row in enumerate(parts):
        line: Line = []
        for at, cell in enumerate(row):
            line += [*cell, (" " * (widths[at] - cells(cell) + 2), "")]
        lines.append([(text, f"{look} bold".strip()) for text, look in line] if number == 0 else line)
        if number == 0 and len(parts) > 1:
            lines.append([("  ".join("─" * one for one in widths), "faint")])
    return lines


def _joined(cells_: list[Line]) -> Line:
    line: Line = []
    for cell in cells_:
        line += [(" · ", "faint"), *cell] if line and plain(cell).strip() else cell
    return line
