"""The same in words: for screen readers, dumb terminals and pipes. No signs, no frames, nothing that moves."""

from __future__ import annotations

import re
from collections.abc import Sequence

from codemode_tui.commands import Front
from codemode_tui.front.questions import Choice, Fact
from codemode_tui.front.wording import Note, percent, reasons_in_words, said_of, took
from codemode_tui.protocol.types import Decision
from codemode_tui.repl.lines import Line
from codemode_tui.repl.look import QUESTION_LIMIT, Look
from codemode_tui.sandbox.sanitise import one_line, sanitise_text
from codemode_tui.store.records import Standing

_SIGNS = "✓✗●▲▼ "
_SIGN = re.compile(r"\A[✓✗●▲▼] +")
_WORDS = {
    Decision.TOOL: "run code",
    Decision.DIRECT: "answer",
    Decision.ANNOUNCED: "none: it announced code and wrote none",
    Decision.MALFORMED: "none: its call could not be read",
    Decision.TRUNCATED: "none: its message was cut off",
}


class AsWritten:
    """Prose stays as the model wrote it: the marks of Markdown are words, too."""

    def feed(self, line: str) -> list[Line]:
        return [[(line, "")]]

    def close(self) -> list[Line]:
        return []


class Spoken(Look):
    front: Front = "plain"
    draws = False

    def question(self, text: str) -> list[Line]:
        more = f" … and {len(text) - QUESTION_LIMIT:,} more characters" if len(text) > QUESTION_LIMIT else ""
        return [[("You asked: " + sanitise_text(text[:QUESTION_LIMIT].strip()) + more, "")]]

    def badge(
        self, decision: Decision, probability: float | None, note: str = "", latency: float = 0.0, *, sure: bool = True
    ) -> Line:
        parts = [f"Decision: {_WORDS[decision]}" if sure else f"Most likely: {_WORDS[decision]}"]
        if probability is not None:
            parts.append(f"probability of code {percent(probability).replace('<', 'below ').replace('>', 'above ')}")
        parts += [f"after {took(latency)}"] if latency else []
        parts += [note] if note in ("forced", "cut off") else []
        return [(", ".join(parts) + ".", "")]

    def rule(self, label: str = "", color: str = "faint") -> Line:
        return [(_sentence(label), "")]

    def code_head(self) -> list[Line]:
        return [[("Code:", "")]]

    def code_tail(self) -> list[Line]:
        return [[("End of code.", "")]]

    def output_head(self) -> list[Line]:
        return [[("Output:", "")]]

    def output(self, line: str, stream: str) -> Line:
        return [(f"Error output: {line}" if stream == "stderr" else line, "")]

    def ended(self, mood: str, text: str) -> Line:
        return [(_sentence(text), "")]

    def prose(self) -> AsWritten:  # type: ignore[override]  # the same two methods
        return AsWritten()

    def note(self, text: str, color: str = "muted") -> list[Line]:
        return [[(line, "")] for line in _SIGN.sub("", sanitise_text(text)).split("\n")]

    def warning(self, text: str) -> list[Line]:
        return [[(f"Warning: {one_line(text, 600)}", "")]]

    def figures(self, text: str) -> Line:
        return [(_sentence(text), "")]

    def failure(self, kind: str, message: str, hint: str) -> list[Line]:
        word = "Stopped" if kind == "cancelled" else "Failed"
        said = "." if message == word.lower() else f": {one_line(message, 600)}."
        return [[(f"{word}{said} {_sentence(one_line(hint, 400)) if hint else ''}".rstrip(), "")]]

    def standing(self, standing: Standing, hint: str = "") -> list[Line]:
        word = "Thumbs-down" if standing.rating < 0 else "Thumbs-up"
        text = [said_of(standing).text.lstrip(_SIGNS).replace(" · ", " and ")]
        text += [reasons_in_words(standing.reasons)] if standing.reasons else []
        text += [f"“{one_line(standing.comment, 300)}”"] if standing.comment else []
        return [[(_sentence(f"{word} {', '.join([*text, hint] if hint else text)}"), "")]]

    def title(self, text: str) -> Line:
        return [(f"Question: {text}", "")]

    def fact(self, fact: Fact) -> list[Line]:
        if not fact.name:
            return self.warning(fact.text)
        return [[(f"{fact.name.capitalize()}: {fact.text.replace(' · ', ', ')}", "")]]

    def choices(
        self, choices: Sequence[Choice], marked: int, chosen: frozenset[str] = frozenset(), *, live: bool = True
    ) -> list[Line]:
        keys = [self.key(choice.id) for choice in choices]
        said = [
            f"{key}: {one.label}{', chosen' * (one.action in chosen)}" for key, one in zip(keys, choices, strict=True)
        ]
        return [[(f"Type one of these and enter. {'; '.join(said)}. Enter alone: {choices[marked].label}.", "")]]

    def heading(self, text: str) -> Line:
        return [(f"{text}:", "")]

    def row(self, left: str, right: str, gap: int = 24) -> list[Line]:
        left, right = one_line(left, 200), one_line(right, 400)
        return [[(f"{left}: {right}" if left and right else left or right, "")]]

    def said(self, note: Note) -> list[Line]:
        return [[(_sentence(one_line(note.text, 600)), "")]]


def _sentence(text: str) -> str:
    """``✓ ran in 41 ms · 1 tool call`` as ``Ran in 41 ms, 1 tool call.``"""
    text = text.lstrip(_SIGNS).replace(" · ", ", ")
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!", ":", "…")) or not text else ".")
