"""What is shared by questions about one file: which file, how people call it, and how a question becomes a turn."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from codemode_tui.bundled.recipe import contents, names
from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.phrasing import quoted
from codemode_tui.bundled.recipe.source import Source

NOTHING = "(no output)"
_PLAIN_TALK = frozenset(
    [
        "a",
        "about",
        "all",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "blank",
        "by",
        "characters",
        "count",
        "different",
        "do",
        "each",
        "empty",
        "every",
        "first",
        "for",
        "from",
        "has",
        "have",
        "hello",
        "hey",
        "hi",
        "how",
        "i",
        "if",
        "in",
        "is",
        "it",
        "last",
        "letters",
        "line",
        "lines",
        "list",
        "long",
        "longest",
        "me",
        "my",
        "name",
        "new",
        "no",
        "not",
        "note",
        "notes",
        "number",
        "numbers",
        "of",
        "on",
        "one",
        "or",
        "other",
        "out",
        "same",
        "show",
        "six",
        "size",
        "so",
        "sum",
        "ten",
        "text",
        "the",
        "their",
        "there",
        "title",
        "to",
        "top",
        "total",
        "two",
        "unique",
        "us",
        "we",
        "what",
        "which",
        "with",
        "without",
        "word",
        "words",
        "yes",
        "you",
        "your",
    ]
)
"""Search words that would read as part of the question when they stand there without quotes."""
_MARKS = ".!:,;()[]{}<>\"'`"


class Job(NamedTuple):
    """A program about one file, and the answer to its output."""

    code: str
    answer: Callable[[str, str], str]
    """From the file and the output."""


def some_file(c: Chat, extension: str | None = None, text: str | None = None) -> str:
    """A file of the workspace, usually fresh so that its name is random."""
    r = c.r
    if extension is None and text is None and c.world.files and r.random() < 0.3:
        return r.choice(sorted(c.world.files))
    where = f"{names.folder(r)}/" if r.random() < 0.25 else ""
    return c.world.add(r, where + names.file_name(r, extension), text)


def called(r: Source, path: str) -> str:
    """A file as people name it: its path, or its name and then the folder."""
    folder, _, base = path.rpartition("/")
    if not folder or r.random() < 0.6:
        return quoted(r, path)
    return r.choice(
        (
            "{b} in {d}",
            "{b} in {d}",
            "{b} in {d}/",
            "{b} in the {d} folder",
            "{b} in the folder {d}",
            "{b} from the {d} folder",
            "{b} inside {d}",
            "{b} (in {d})",
            "{b} under {d}",
            "{b} from {d}",
            "{b} in the {d} directory",
            "{b} of the folder {d}",
        )
    ).format(b=quoted(r, base), d=folder)


def run(c: Chat, f: str, job: Job) -> str:
    """Call, answer, and return the output. A file that is not there is said to be missing."""
    out, ok = c.call(job.code)
    if ok:
        c.say(job.answer(f, out))
    elif "FileNotFoundError" in out:
        c.say(absent(f, out))
    else:
        c.say("The program failed.")
    return out


def absent(f: str, out: str) -> str:
    """The answer to ``FileNotFoundError``: the similar file, where the error names one."""
    if "(similar: " not in out:
        return f"There is no file {f}."
    return f"There is no file {f}. Did you mean {similar(out)}?"


def similar(out: str) -> str:
    """The first similar file that an error names."""
    return out.split("(similar: ")[1].split(", ")[0].rstrip(")")


def is_blank(out: str) -> bool:
    """Whether a program printed nothing that one can see."""
    return out == NOTHING or not out.strip()


def plural(count: str, noun: str) -> str:
    """ "1 line", "2 lines"."""
    return f"{count} {noun}" if count == "1" else f"{count} {noun}s"


def search_word(c: Chat, text: str, share: float = 0.65) -> str:
    """A word, a number or a few words to look for: from ``text`` in most cases, else one that is hardly there."""
    r = c.r
    rows = [row for row in text.splitlines() if row.strip()]
    if r.random() < 0.08:
        return r.choice(contents.MARKS)
    if rows and r.random() < share:
        words = r.choice(rows).split()
        if r.random() < 0.12 and len(words) > 1:
            at = r.randrange(len(words) - 1)
            found = " ".join(words[at : at + 2]).strip(_MARKS)
        else:
            found = r.choice(words).strip(_MARKS)
        if found and not re.search(r"[\"'`{}\\]", found):
            return found
    return names.word(r)


def spoken(r: Source, w: str) -> str:
    """A search word as it stands in a question, in quotes where it would be misread without them."""
    if " " in w or len(w) < 3 or w.lower() in _PLAIN_TALK or not w[-1].isalnum() or r.random() < 0.3:
        mark = r.choice("'\"\"'`")
        return f"{mark}{w}{mark}"
    return w
