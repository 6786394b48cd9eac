"""One generated conversation, and how its tool turns are executed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.world import World

Role = Literal["user", "assistant", "tool"]

MOST_LINES, MOST_CHARACTERS = 6, 120
"""Of an output that is repeated in an answer."""


@dataclass
class Chat:
    """A conversation that grows: questions, calls with their executed output, answers."""

    r: Source
    world: World
    held: bool = False
    """True for validation: phrasings that training never sees."""
    turns: list[tuple[Role, str]] = field(default_factory=list)
    worlds: list[World] = field(default_factory=list)
    """The workspace before each call."""

    def user(self, text: str) -> None:
        self.turns.append(("user", text))

    def say(self, text: str) -> None:
        role, last = self.turns[-1]
        self.turns.append(("assistant", with_output(text, last) if role == "tool" else text))

    def call(self, code: str) -> tuple[str, bool]:
        """The assistant calls; the code is executed and its output becomes the tool turn."""
        self.turns.append(("assistant", wrap(code)))
        self.worlds.append(self.world.copy())
        output, ok = self.world.run(code)
        self.turns.append(("tool", output))
        return output, ok


def with_output(text: str, out: str) -> str:
    """An answer that only points at the output ("Those are the functions.") with the output in it, where that is short."""
    points = text.startswith(("Those ", "These ", "That is the ")) and text.endswith(".") and ": " not in text
    return repeated(text, out, 1 if text.startswith("That is the content ") else MOST_LINES) if points else text


def repeated(text: str, out: str, most: int = MOST_LINES) -> str:
    """A sentence with the output behind it, where that is short: at most ``most`` lines."""
    lines = [line.strip() for line in out.splitlines() if line.strip()]
    if not 1 <= len(lines) <= most or len(out) > MOST_CHARACTERS or out in ("(no output)", "done"):
        return text
    comma = "; " if any(", " in line for line in lines) else ", "
    return f"{text[:-1]}: {comma.join(lines)}"


def wrap(code: str) -> str:
    """The call as the model writes it."""
    return f"<tool_call>\n<function=execute_code>\n<parameter=code>\n{code}\n</parameter>\n</function>\n</tool_call>"


def code_of(call: str) -> str:
    """The program inside a call made by ``wrap``, "" for any other message."""
    _, found, rest = call.partition("<parameter=code>\n")
    return rest.rpartition("\n</parameter>")[0] if found else ""


def lit(text: str) -> str:
    """A Python string literal in double quotes where that is possible without escapes."""
    if '"' in text or "\\" in text or "\n" in text:
        return repr(text)
    return f'"{text}"'
