"""A command line as a shell would split it, in the small part of the language that is understood here.

Words, quotes, globs, pipes, ``&&``, ``||``, ``;`` and redirections to ``/dev/null`` or ``2>&1``. Anything
that would compute words or run further programs (``$x``, ``$(…)``, backticks, ``&``, ``<``, ``>file``) is
refused: what is shown is what runs.
"""

from __future__ import annotations

import re
import shlex

import msgspec

_OPERATORS = ("&&", "||", "|&", ";", "|")
_REDIRECTIONS = (
    "2>&1",
    "2>/dev/null",
    "2> /dev/null",
    ">/dev/null",
    "> /dev/null",
    "1>/dev/null",
    "&>/dev/null",
)
_SAFE = re.compile(r"[\w@%+=:,./*?\[\]!^-]+\Z", re.ASCII)
_GLOB = re.compile(r"([*?\[\]!]+)")


class Word(msgspec.Struct, frozen=True):
    text: str
    """What the program sees, if the word holds no glob."""
    shell: str
    """How ``sh`` reads exactly that, globs left to it."""


class Command(msgspec.Struct, frozen=True):
    """One program and its arguments."""

    words: tuple[Word, ...]
    redirections: tuple[str, ...] = ()


class Pipeline(msgspec.Struct, frozen=True):
    """Commands joined by operators: ``len(operators) == len(commands) - 1``."""

    commands: tuple[Command, ...]
    operators: tuple[str, ...] = ()

    @property
    def argv(self) -> tuple[str, ...]:
        """Everything as words, for people."""
        shown: list[str] = []
        for index, command in enumerate(self.commands):
            shown += [word.text for word in command.words] + list(command.redirections)
            shown += self.operators[index : index + 1]
        return tuple(shown)

    @property
    def programs(self) -> tuple[str, ...]:
        return tuple(command.words[0].text for command in self.commands)

    @property
    def script(self) -> str:
        """For ``sh -c``: every word quoted but for its globs, nothing left to expand."""
        parts: list[str] = []
        for index, command in enumerate(self.commands):
            parts += [word.shell for word in command.words] + list(command.redirections)
            parts += self.operators[index : index + 1]
        return " ".join(parts)


def split_command(text: str) -> Pipeline:
    """Split one command line.

    Raises:
        ValueError: it is empty, ends inside a quote, or uses what is not understood here; says what to
            do instead.
    """
    if "\0" in text:
        raise ValueError("a command cannot hold a NUL character")
    return _Reader(text.strip()).pipeline()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def pipeline(self) -> Pipeline:
        commands: list[Command] = []
        operators: list[str] = []
        words: list[Word] = []
        redirections: list[str] = []
        while self._at < len(self._text):
            if self._text[self._at] in " \t":
                self._at += 1
            elif self._text[self._at] == "\n" or (operator := self._take(_OPERATORS)):
                if self._text[self._at : self._at + 1] == "\n":
                    self._at, operator = self._at + 1, ";"
                if not words:
                    if operator == ";":
                        continue  # an empty line
                    raise ValueError(f"a command is missing before {operator}")
                commands.append(Command(tuple(words), tuple(redirections)))
                operators.append(operator)
                words, redirections = [], []
            elif found := self._take(_REDIRECTIONS):
                redirections.append(found)
            else:
                words.append(self._word())
        if words:
            commands.append(Command(tuple(words), tuple(redirections)))
        elif operators and operators[-1] != ";":
            raise ValueError(f"a command is missing after {operators[-1]}")
        else:
            operators = operators[:-1]
        if not commands:
            raise ValueError("the command is empty")
        return Pipeline(tuple(commands), tuple(operators))

    def _take(self, choices: tuple[str, ...]) -> str:
        for choice in choices:
            if self._text.startswith(choice, self._at):
                self._at += len(choice)
                return choice
        return ""

    def _word(self) -> Word:
        text: list[str] = []
        shell: list[str] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            if char in " \t\n;|" or self._text.startswith("&&", self._at):
                break
            self._at += 1
            if char == "'":
                plain = self._until("'")
            elif char == '"':
                plain = self._double()
            elif char == "\\":
                plain = self._text[self._at : self._at + 1]
                self._at += 1
            elif char == "~" and not text and self._text[self._at : self._at + 1] in ("", "/", " "):
                raise ValueError("~ is not understood: there is no home folder here; name a path below the workspace")
            elif char in "$`<>&(){}#" and not (char in "{}#" and self._literal(char, text)):
                raise ValueError(
                    f"{char} is not understood in a command: no variables, substitutions or redirections to files; "
                    "use read_file and write_file, or compute in Python"
                )
            else:
                text.append(char)
                shell.append(char if _SAFE.match(char) else shlex.quote(char))
                continue
            text.append(plain)
            shell.append(shlex.quote(plain))
        return Word("".join(text), "".join(shell) or "''")

    def _literal(self, char: str, before: list[str]) -> bool:
        """``{}`` and a ``#`` inside a word mean themselves (``find -exec``, ``HEAD@{1}``)."""
        if char == "#":
            return bool(before)
        rest = self._text[self._at :]
        return char == "}" or rest.startswith("}") or not re.match(r"[^}\s]*(,|\.\.)", rest)

    def _until(self, quote: str) -> str:
        end = self._text.find(quote, self._at)
        if end < 0:
            raise ValueError("the command ends inside a quote")
        taken, self._at = self._text[self._at : end], end + 1
        return taken

    def _double(self) -> str:
        taken: list[str] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            self._at += 1
            if char == '"':
                return "".join(taken)
            if char == "\\" and self._text[self._at : self._at + 1] in ('"', "\\", "$", "`", "\n"):
                char = self._text[self._at]
                self._at += 1
            elif char in "$`":
                raise ValueError(
                    f"{char} inside double quotes is not understood; use single quotes to mean the character"
                )
            taken.append(char)
        raise ValueError("the command ends inside a quote")
