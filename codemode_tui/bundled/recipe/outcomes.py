"""What to say when a run did not end well: the skill that LoRA adds. Pre-training has no such rows.

Declined with a reason, declined with a correction ("I meant b.txt"), stopped by a limit, refused by a tool.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.example import Chat, code_of, lit
from codemode_tui.bundled.recipe.file_reading import COUNTS, count, read, some_file
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.rows import Row
from codemode_tui.bundled.recipe.source import HeldSource, Source
from codemode_tui.bundled.recipe.tasks import TOOL
from codemode_tui.bundled.recipe.world import World
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import response_text

PROFILE = load_profile("bundled")
_BINARY = (
    "a PNG image",
    "a JPEG image",
    "a GIF image",
    "a PDF document",
    "a ZIP archive",
    "a gzip archive",
    "an ELF program",
    "an SQLite database",
    "UTF-16 text",
    "a binary file",
    "a file in another encoding",
)
"""What the tools say that a file is."""
STOPPED = {
    "timeout": "The code took too long and was stopped, so I have no answer.",
    "memory": "The code needed too much memory and was stopped, so I have no answer.",
    "killed": "The code was stopped before it was done, so I have no answer.",
}


def rows(seed: int, *, held: bool = False) -> Iterator[Row]:
    """An endless stream of conversations whose last run did not end well."""
    number = 0
    while True:
        key = f"outcomes/{seed}/{number}/{held}"
        r = HeldSource(key) if held else Source(key)
        chat = Chat(r, World(r), held)
        (kind,) = r.choices((declined, corrected, stopped, refused), (4, 4, 3, 3))
        kind(chat)
        yield Row(f"outcome_{kind.__name__}", tuple(chat.turns), tuple(chat.worlds))
        number += 1


def declined(c: Chat) -> None:
    """The user said no, and why."""
    question(c)
    reason = ask(c.r, "outcome_reason", held=c.held, shaped=c.r.random() < 0.3, w=names.word(c.r))
    ended(c, "denied", reason)
    c.say(f"All right, I did not run it. You said: {reason}")


def corrected(c: Chat) -> None:
    """The user said no and named the file that was meant: it is tried with that one."""
    r = c.r
    reading = r.random() < 0.5
    first_turn(c, read if reading else count)
    other = some_file(c)
    code = c.turns[-1][1]
    unit = next((u for u, measure in COUNTS.items() if f"print({measure})" in code), "lines")
    reason = ask(r, "outcome_meant", held=c.held, shaped=r.random() < 0.4, g=quoted(r, other))
    ended(c, "denied", reason)
    if reading:
        out, _ = c.call(f"print(read_file({lit(other)}))")
        c.say(f"{other} is empty." if out == "(no output)" or not out.strip() else f"That is the content of {other}.")
    else:
        out, _ = c.call(f"text = read_file({lit(other)})\nprint({COUNTS[unit]})")
        c.say(f"{other} has {out} {unit if out != '1' else unit[:-1]}.")


def stopped(c: Chat) -> None:
    """A limit of the sandbox ended the run, now and then after some output."""
    question(c)
    status = c.r.choice(sorted(STOPPED))
    printed = "".join(names.phrase(c.r) + "\n" for _ in range(c.r.choice((0, 0, 0, 1, 2))))
    c.turns.append(("tool", response_text(PROFILE, status=status, stdout=printed)))
    c.say(STOPPED[status])


def refused(c: Chat) -> None:
    """A tool would not do it, and its sentence says why."""
    question(c)
    if c.r.random() < 0.15:
        no_text(c)
        return
    f, n = names.file_name(c.r), c.r.randint(1000, 9_999_999)
    kind, message = c.r.choice(
        (
            ("PermissionError", f"{f} may hold secrets; tools never read or write it"),
            ("PermissionError", "commands cannot be run here: there is no sandbox to confine them"),
            ("PermissionError", f"{f} is a symbolic link; only the file that it leads to can be changed"),
            ("TimeoutError", "search_files took longer than 20 s and was stopped; use a simpler pattern"),
            ("ValueError", f"{f} has {n:,} bytes; a change of so large a file could not be undone"),
            ("OSError", names.phrase(c.r).rstrip(".!")),
            *_slips(c),
        )
    )
    line = c.r.randint(1, c.turns[-1][1].count("\n") - 5)
    text = response_text(PROFILE, status="error", stdout="", exception=(kind, message, line))
    c.turns.append(("tool", text))
    c.say(f"That did not work: {message}.")


def no_text(c: Chat) -> None:
    """The file is an image, an archive or the like."""
    r = c.r
    code = code_of(c.turns[-1][1])
    named = [text for text in re.findall(r'"([^"\n]+)"', code) if text in c.world.files]
    f = named[0] if named else names.file_name(r)
    reason = f"{f} is {r.choice(_BINARY)} of {r.randint(20, 9_999_999):,} bytes, not UTF-8 text"
    message = f"'utf-8' codec can't decode bytes in position 0-0: {reason}"
    error = ("UnicodeDecodeError", message, r.randint(1, code.count("\n") + 1))
    c.turns.append(("tool", response_text(PROFILE, status="error", stdout="", exception=error)))
    c.say(f"I cannot read it: {reason}.")


def _slips(c: Chat) -> tuple[tuple[str, str], ...]:
    """What Python says of a program that is wrong."""
    r = c.r
    line, w = r.randint(1, 9), names.identifier(r)
    opened, closed = r.choice(("([", ")]", "{(", "[{")), r.choice(")]}")
    return (
        ("SyntaxError", f"unmatched '{closed}' (<code>, line {line})"),
        ("SyntaxError", f"'{opened[0]}' was never closed (<code>, line {line})"),
        ("SyntaxError", f"unterminated string literal (detected at line {line}) (<code>, line {line})"),
        (
            "SyntaxError",
            r.choice(("invalid syntax", "invalid syntax. Perhaps you forgot a comma?")) + f" (<code>, line {line})",
        ),
        (
            "SyntaxError",
            f"closing parenthesis '{closed}' does not match opening parenthesis '{opened[1]}' (<code>, line {line})",
        ),
        ("NameError", f"name '{w}' is not defined"),
        ("TypeError", f"{w}() takes {r.randint(0, 2)} positional arguments but {r.randint(3, 5)} were given"),
        ("AttributeError", f"'{r.choice(('str', 'list', 'dict', 'int'))}' object has no attribute '{w}'"),
        ("ValueError", f"invalid literal for int() with base 10: '{names.word(r)}'"),
        ("IndexError", "list index out of range"),
        ("ZeroDivisionError", "division by zero"),
    )


def question(c: Chat) -> None:
    """Any question with a call, up to that call."""
    tasks, weights = zip(*TOOL, strict=True)
    first_turn(c, c.r.choices(tasks, weights)[0])


def first_turn(c: Chat, task: Task) -> None:
    """A question of ``task`` and the call that answers it, as if it had not been run."""
    task(c)
    del c.turns[2:], c.worlds[1:]
    c.world = c.worlds.pop().copy()


def ended(c: Chat, status: str, reason: str) -> None:
    c.turns.append(("tool", response_text(PROFILE, status=status, stdout="", reason=reason)))
