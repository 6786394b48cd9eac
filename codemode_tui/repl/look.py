"""How things are drawn in the scrollback. Code and output stand alone on their lines: what is selected there is
what was written, without frames or hard breaks.
"""

from __future__ import annotations

from collections.abc import Sequence

from codemode_tui.commands import Front, command
from codemode_tui.front.highlight import diff_lines, highlight
from codemode_tui.front.keys import spelled
from codemode_tui.front.questions import Choice, Fact
from codemode_tui.front.wording import METER, Note, meter, percent, reasons_in_words, said_of, took
from codemode_tui.protocol.types import Decision
from codemode_tui.repl.lines import Line, Piece, cells, wrapped
from codemode_tui.repl.markdown import MarkdownLines
from codemode_tui.sandbox.sanitise import one_line, sanitise_text
from codemode_tui.store.records import Standing

QUESTION_LIMIT, QUESTION_LINES = 1_000, 15
"""Characters and lines shown of a question; a pasted file is not repeated."""
RULE = 48
"""Columns of a rule at most: short ones outlive a narrower window."""
_MOODS = {"ok": "success", "failed": "error", "denied": "warning"}


class Look:
    """With colours and signs. Every line is made for a terminal of ``width`` columns."""

    front: Front = "repl"
    draws = True

    def __init__(self, keymap: dict[str, str]) -> None:
        self.keymap = keymap
        self.width = 80

    def key(self, name: str) -> str:
        """The first key of a command, as people write it; else its slash name."""
        one = command(name)
        return spelled(one.keys_in(self.front, self.keymap).split(",")[0]) or f"/{one.slash}"

    # -- a turn ------------------------------------------------------------------------------------

    def question(self, text: str) -> list[Line]:
        kept = "\n".join(text[:QUESTION_LIMIT].strip().split("\n")[:QUESTION_LINES])
        first, *more = sanitise_text(kept).split("\n")
        lines: list[Line] = [
            [("❯ ", "bold primary"), (first, "bold")],
            *([("  ", ""), (line, "bold")] for line in more),
        ]
        if (rest := len(text.strip()) - len(kept)) > 0:
            lines[-1].append((f" … and {rest:,} more characters", "muted"))
        return lines

    def badge(
        self, decision: Decision, probability: float | None, note: str = "", latency: float = 0.0, *, sure: bool = True
    ) -> Line:
        """The decision with P(tool); not ``sure`` while the message is still being written."""
        color = {"tool": "secondary", "direct": "primary"}.get(decision.value, "warning")
        share = percent(probability)
        word = f" {decision.value.upper()} {share if decision is Decision.TOOL else ''}".rstrip() + " "
        line: Line = [(word, f"on-{color}" if sure else f"bold {color}")]
        if probability is not None:
            bar = meter(probability)
            line += [("  ", ""), (bar, color), ("━" * (METER - len(bar)), "faint")]
            if decision is not Decision.TOOL:
                line.append((f"  P(tool) {share}", "muted"))
        if latency:
            line.append((f"  {took(latency)}", "faint"))
        if note:
            line.append((f"  {note}", "muted" if note == "forced" else "warning"))
        return line

    def rule(self, label: str = "", color: str = "faint") -> Line:
        """What parts code from output, and both from the rest."""
        if not label:
            return [("─" * min(RULE, self.width), "faint")]
        label = one_line(label, max(10, self.width - 5))
        line: Line = [("─── ", "faint"), (label, color)]
        return [*line, (" " + "─" * (min(RULE, self.width) - cells(line) - 1), "faint")]

    def code_head(self) -> list[Line]:
        return [self.rule("python", "muted")]

    def code(self, code: str) -> list[Line]:
        """Lines of Python, coloured. ``code`` has passed the sanitiser."""
        return [list(line) for line in highlight(code)]

    def code_tail(self) -> list[Line]:
        return [self.rule()]

    def output_head(self) -> list[Line]:
        return [self.rule("output", "muted")]

    def output(self, line: str, stream: str) -> Line:
        return [(line, "warning" if stream == "stderr" else "")]

    def ended(self, mood: str, text: str) -> Line:
        return self.rule(text, _MOODS[mood])

    def prose(self) -> MarkdownLines:
        return MarkdownLines(self.width)

    def note(self, text: str, color: str = "muted") -> list[Line]:
        return [part for line in sanitise_text(text).split("\n") for part in wrapped([(line, color)], self.width)]

    def warning(self, text: str) -> list[Line]:
        return wrapped([("▲ ", "bold warning"), (one_line(text, 600), "warning")], self.width, "  ")

    def figures(self, text: str) -> Line:
        return [(text, "faint")]

    def failure(self, kind: str, message: str, hint: str) -> list[Line]:
        color = "warning" if kind == "cancelled" else "error"
        word = {"cancelled": "stopped", "error": "failed"}.get(kind, kind)
        said = "" if message == word else f" {one_line(message, 600)}"
        lines = wrapped([(f" {word} ", f"on-{color}"), (said, color)], self.width, "  ")
        return [*lines, *wrapped([(one_line(hint, 400), "muted")], self.width)] if hint else lines

    def standing(self, standing: Standing, hint: str = "") -> list[Line]:
        """What is said about a turn; ``hint``: and how to take it back."""
        down = standing.rating < 0
        text, color = said_of(standing)
        line: Line = [(" ▼ thumbs-down " if down else " ▲ thumbs-up ", f"on-{'error' if down else 'success'}")]
        line.append((f" {text}", f"bold {color}" if color == "success" else color))
        if standing.reasons:
            line.append((" · " + reasons_in_words(standing.reasons), "muted"))
        line += [(f"   {hint}", "faint")] if hint else []
        quoted = self.note(f"“{one_line(standing.comment, 300)}”") if standing.comment else []
        return [*wrapped(line, self.width, "  "), *quoted]

    def diff(self, diff: str) -> list[Line]:
        """``diff`` has passed the sanitiser."""
        return diff_lines(diff)

    # -- questions and pages -----------------------------------------------------------------------

    def title(self, text: str) -> Line:
        return [("? ", "bold secondary"), (text, "bold")]

    def fact(self, fact: Fact) -> list[Line]:
        if not fact.name:
            return self.warning(fact.text)
        begin: Line = [(f"  {fact.name:<7}", "muted"), (fact.text, fact.color)]
        return wrapped(begin, self.width, " " * 9)

    def choices(
        self, choices: Sequence[Choice], marked: int, chosen: frozenset[str] = frozenset(), *, live: bool = True
    ) -> list[Line]:
        """Each with its key, on as many lines as they need; ``chosen``: actions that hold already."""
        lines: list[Line] = [[]]
        for at, choice in enumerate(choices):
            key = spelled(command(choice.id).keys_in(self.front, self.keymap).split(",")[0])
            short = choice.short if choice.short and self.width < 100 else choice.label
            here = live and (at == marked or choice.action in chosen)
            look = "on-secondary" if here else "bold secondary" if live else "muted"
            parts: Line = [(f" {key} ", look), (f"{short} ", look if here else "" if live else "muted"), (" ", "")]
            if cells(lines[-1]) + cells(parts) - 2 > self.width and lines[-1]:
                lines.append([])
            lines[-1] += parts
        return lines

    def heading(self, text: str) -> Line:
        return [(text, "bold secondary")]

    def row(self, left: str, right: str, gap: int = 24) -> list[Line]:
        """One entry of a list. Neither has passed the sanitiser."""
        gap = min(gap, self.width // 2)
        begin: Piece = (f"  {one_line(left, 200):<{gap - 2}} ", "accent")
        return wrapped([begin, (one_line(right, 400), "")], self.width, " " * (gap + 1))

    def said(self, note: Note) -> list[Line]:
        """An answer of the program to a command."""
        sign = {"error": "✗ ", "warning": "▲ ", "success": "✓ "}.get(note.color, "")
        return wrapped([(f"{sign}{one_line(note.text, 600)}", note.color)], self.width, " " * len(sign))
