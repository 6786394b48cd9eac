"""A command line as a shell would split it, in the part of the language that is understood here.

Words, quotes, globs, comments, pipes, ``&&``, ``||``, ``;``, ``!`` and redirections. Anything that would compute
words or outlive the command (``$x``, ``$(…)``, backticks, ``&``, ``<<``, keywords) is refused: what is shown is what
runs. The shell that runs it reads a line made from what was understood, never the text itself.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence

import msgspec

MOST_BYTES = 128 * 1024
"""Longest argument that Linux passes to a program."""
TOO_LONG = "a command may have at most 128 KB; write long text with write_file"

_OPERATORS = ("&&", "||", "|&", ";", "|", "\n")
_ENDS = " \t\n;|<>"
_SAFE = re.compile(r"[\w@%+=:,./*?\[\]!^-]\Z", re.ASCII)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=", re.ASCII)
_REDIRECTION = re.compile(r"(?P<both>&>>?)|(?P<fd>\d?)(?P<sign>>>|>\||[<>](?P<dup>&)?)", re.ASCII)
_BLANK = re.compile(r"\s")
_QUOTE = re.compile(r"[\\'\"]")
_BRACED = re.compile(r"(?:(?!\.\.)[^{}\s])+\}")
_KEYWORDS = frozenset(
    ("if", "then", "else", "elif", "fi", "for", "while", "until", "do", "done", "case", "esac", "select", "function",
     "[[", "{", "}", "eval", "exec", "source", "."),
)  # fmt: skip
_REFUSED = {
    "$": "no variables or substitutions; compute in Python",
    "`": "no substitutions; call run_command and use its result in Python",
    "&": "nothing may run on in the background",
    "(": "no subshells; write one command after the other",
    ")": "no subshells; write one command after the other",
    "{": "no lists in braces; write every word out",
    "<": "no here-documents or process substitutions; write_file a file and read that",
}


class Word(msgspec.Struct, frozen=True):
    text: str
    """What the program sees, if the word holds no glob."""
    shell: str
    """How ``sh`` reads exactly that, globs left to it."""


class Command(msgspec.Struct, frozen=True):
    """One program, its arguments, and where its streams go."""

    words: tuple[Word, ...]
    redirections: tuple[Word, ...] = ()

    @property
    def program(self) -> str:
        """The name of what is run; empty for assignments alone."""
        for word in self.words:
            if word.shell != "!" and not _ASSIGNMENT.match(word.shell):
                return word.text
        return ""


class Pipeline(msgspec.Struct, frozen=True):
    """Commands joined by operators: ``len(operators) == len(commands) - 1``."""

    commands: tuple[Command, ...]
    operators: tuple[str, ...] = ()

    @property
    def argv(self) -> tuple[str, ...]:
        """Everything as words, for people."""
        shown: list[str] = []
        for index, command in enumerate(self.commands):
            shown += [word.text for word in (*command.words, *command.redirections)]
            shown += self.operators[index : index + 1]
        return tuple(shown)

    @property
    def programs(self) -> tuple[str, ...]:
        return tuple(command.program for command in self.commands if command.program)

    @property
    def script(self) -> str:
        """For ``sh -c``: every word quoted but for its globs, nothing left to expand."""
        parts: list[str] = []
        for index, command in enumerate(self.commands):
            parts += [word.shell for word in (*command.words, *command.redirections)]
            # `|&` is not known to every sh; what it means is.
            parts += [{"|&": "2>&1 |"}.get(operator, operator) for operator in self.operators[index : index + 1]]
        return " ".join(parts)


def split_command(text: str, args: Sequence[str] = ()) -> Pipeline:
    """Split one command line; ``args`` are further words of its last command, whatever they hold.

    Raises:
        ValueError: it is too long or empty, ends inside a quote, or uses what is not understood here; says what to
            do instead.
    """
    if sum(map(len, (text, *args))) >= MOST_BYTES:
        raise ValueError(TOO_LONG)
    if any("\0" in part for part in (text, *args)):
        raise ValueError("a command cannot hold a NUL character")
    try:
        os.fsencode("".join((text, *args)))
    except UnicodeEncodeError:
        raise ValueError("a command cannot hold a lone surrogate") from None
    made = _Reader(text).pipeline()
    *others, last = made.commands
    words = (*last.words, *(Word(arg, _quoted(arg) or "''") for arg in args))
    return Pipeline((*others, Command(words, last.redirections)), made.operators)


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._judged = 0  # up to here no brace makes a list, unless by a range
        self._last_range = -1

    def pipeline(self) -> Pipeline:
        commands: list[Command] = []
        operators: list[str] = []
        words: list[Word] = []
        redirections: list[Word] = []
        while self._at < len(self._text):
            if self._skip_blank():
                continue
            if operator := self._take(_OPERATORS):
                if not words and not redirections:
                    if operator == "\n":
                        continue  # an empty line
                    raise ValueError(f"a command is missing before {operator}")
                commands.append(_command(words, redirections))
                operators.append(";" if operator == "\n" else operator)
                words, redirections = [], []
            elif found := _REDIRECTION.match(self._text, self._at):
                redirections.append(self._redirection(found))
            else:
                words.append(self._word())
                if words[0].shell == "!" and not words[1:] and (redirections or operators[-1:] in (["|"], ["|&"])):
                    raise ValueError("! is understood at the beginning of a pipeline only")
        if words or redirections:
            commands.append(_command(words, redirections))
        elif operators and operators[-1] != ";":
            raise ValueError(f"a command is missing after {operators[-1]}")
        else:
            operators = operators[:-1]
        if not commands:
            raise ValueError("the command is empty")
        return Pipeline(tuple(commands), tuple(operators))

    def _skip_blank(self) -> bool:
        """Past one blank, joined line or comment, if that is what stands here: between words all mean nothing."""
        if self._text[self._at] in " \t":
            self._at += 1
        elif self._text.startswith("\\\n", self._at):
            self._at += 2
        elif self._text[self._at] == "#":
            end = self._text.find("\n", self._at)
            self._at = len(self._text) if end < 0 else end
        else:
            return False
        return True

    def _take(self, choices: tuple[str, ...]) -> str:
        for choice in choices:
            if self._text.startswith(choice, self._at):
                self._at += len(choice)
                return choice
        return ""

    def _redirection(self, found: re.Match[str]) -> Word:
        self._at = found.end()
        if self._text[self._at : self._at + 1] in ("<", ">", "("):
            raise _refusal("<")
        while self._at < len(self._text) and self._text[self._at] in " \t":
            self._at += 1
        at_end = self._at == len(self._text) or self._text[self._at] in _ENDS
        target = "" if at_end else self._word().text
        if not target:
            raise ValueError(f"a file name is missing after {found.group()}")
        if found["both"]:
            sign = found["both"][1:]  # `&>` would mean something else to some shells
            return Word(f"&{sign}{target}", f"{sign}{_quoted(target)} 2>&1")
        if found["dup"]:
            if target != "-" and not (target.isascii() and target.isdigit()):
                raise ValueError(f"{found.group()} needs the number of a stream, such as 2>&1")
            return Word(f"{found.group()}{target}", f"{found.group()}{target}")
        return Word(f"{found.group()}{target}", f"{found.group()}{_quoted(target)}")

    def _word(self) -> Word:
        text: list[str] = []
        shell: list[str] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            if char in _ENDS or self._text.startswith(("&&", "&>"), self._at):
                break
            self._at += 1
            if char == "'":
                plain = self._until("'")
            elif char == '"':
                plain = self._double()
            elif char == "\\":
                plain = self._text[self._at : self._at + 1] or "\\"
                self._at += 1
                if plain == "\n":
                    continue  # joins two lines
            elif char == "~" and not text:
                raise ValueError("~ is not understood: there is no home folder here; name a path below the workspace")
            elif char in _REFUSED and not (char == "{" and self._literal_brace()):
                raise _refusal(char)
            else:
                text.append(char)
                shell.append(char if _SAFE.match(char) else _quoted(char))
                continue
            text.append(plain)
            shell.append(_quoted(plain))
        return Word("".join(text), "".join(shell) or "''")

    def _literal_brace(self) -> bool:
        """``{}`` and ``HEAD@{1}..HEAD@{2}`` mean themselves; ``{a,b}``, ``{1..9}`` and ``{},}`` do not.

        Takes a time that grows with the text alone: others wait while it is split.
        """
        if self._at >= self._judged:  # a word is looked through once, whatever braces it has
            blank = _BLANK.search(self._text, self._at)
            end = blank.start() if blank else len(self._text)
            # Where a word with quotes ends is not looked for.
            quoted = _QUOTE.search(self._text, self._at, end) is not None
            self._judged = len(self._text) if quoted else end
            self._last_range = self._text.rfind("..", self._at, self._judged)
            if self._text.find(",", self._at, self._judged) >= 0 or (quoted and self._last_range >= 0):
                return False
        return self._last_range < self._at or _BRACED.match(self._text, self._at) is not None

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
                if char == "\n":
                    continue
            elif char in "$`":
                raise ValueError(
                    f"{char} inside double quotes is not understood; use single quotes to mean the character"
                )
            taken.append(char)
        raise ValueError("the command ends inside a quote")


def _command(words: list[Word], redirections: list[Word]) -> Command:
    if not words:
        raise ValueError(f"a command is missing at {redirections[0].text}")
    made = Command(tuple(words), tuple(redirections))
    bare = next((word.shell for word in words if word.shell != "!" and not _ASSIGNMENT.match(word.shell)), "")
    if bare in _KEYWORDS:
        raise ValueError(f"{bare} is not understood in a command; write conditions and loops in Python")
    return made


def _refusal(char: str) -> ValueError:
    return ValueError(f"{char} is not understood in a command: {_REFUSED[char]}")


def _quoted(text: str) -> str:
    """Always within quotes: ``shlex.quote`` leaves an assignment or a keyword bare."""
    return "'" + text.replace("'", "'\"'\"'") + "'" if text else ""
