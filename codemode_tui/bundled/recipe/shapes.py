"""Programs that a second question can lean on: how they are written, what their parts are, what is said of the output.

A second question needs the program of the first to be recognised ("and b.txt?" is the same program with another
name), and it is answered by programs that are letter for letter those of first questions.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import NamedTuple

from codemode_tui.bundled.recipe.example import lit

Slots = dict[str, str]
Answer = Callable[[Slots, str], str]
_SLOT = re.compile(r"<(#?)([a-z])>")


class Shape(NamedTuple):
    """``<f>`` in the program stands for a string, ``<#n>`` for a number."""

    name: str
    program: str
    answer: Answer

    def code(self, slots: Slots) -> str:
        """The program with its parts filled in."""
        return _SLOT.sub(lambda m: slots[m[2]] if m[1] else lit(slots[m[2]]), self.program)


def is_blank(out: str) -> bool:
    """Whether nothing that one could see was printed."""
    return out == "(no output)" or not out.strip()


def plural(count: str, noun: str) -> str:
    """ "1 line", "2 lines"."""
    return f"{count} {noun}" if count == "1" else f"{count} {noun}s"


def _content(s: Slots, out: str) -> str:
    return f"{s['f']} is empty." if is_blank(out) else f"That is the content of {s['f']}."


def _ends(side: str) -> Answer:
    return lambda s, out: (
        f"{s['f']} is empty." if is_blank(out) else f"Those are the {side} {s['n']} lines of {s['f']}."
    )


def _line(s: Slots, out: str) -> str:
    subject, text = f"ine {s['n']} of {s['f']}", out.strip()
    if is_blank(out):
        return f"L{subject} is blank."
    return f"L{subject} is: {text}" if len(text) <= 70 else f"That is l{subject}."


def _found(none: str, some: str) -> Answer:
    return lambda s, out: (none if out == "(no output)" else some).format(**s)


def _yes(yes: str, no: str) -> Answer:
    return lambda s, out: (yes if out == "True" else no).format(**s)


def _files(some: str, one: str) -> Answer:
    return lambda s, out: (one if out == "1" else some).format(o=out, **s)


def _counted(unit: str) -> Answer:
    return lambda s, out: f"{s['f']} has {plural(out, unit)}."


READ = Shape("read", "print(read_file(<f>))", _content)
LINE = Shape("line", "print(read_file(<f>, <#n>, 1))", _line)
HEAD = Shape("head", "print(read_file(<f>, 1, <#n>))", _ends("first"))
TAIL = Shape("tail", 'lines = read_file(<f>).splitlines()\nprint("\\n".join(lines[-<#n>:]))', _ends("last"))
COUNTS = {
    "lines": Shape("lines", "text = read_file(<f>)\nprint(len(text.splitlines()))", _counted("line")),
    "words": Shape("words", "text = read_file(<f>)\nprint(len(text.split()))", _counted("word")),
    "characters": Shape("characters", "text = read_file(<f>)\nprint(len(text))", _counted("character")),
}
SIZE = Shape("size", 'print(file_info(<f>)["size"])', _counted("byte"))
MODIFIED = Shape(
    "modified", 'print(file_info(<f>)["modified"])', lambda s, out: f"{s['f']} was last changed on {out[:10]}."
)
OCCURRENCES = Shape(
    "occurrences",
    "text = read_file(<f>)\nprint(text.count(<w>))",
    lambda s, out: f"{s['w']} occurs {plural(out, 'time')} in {s['f']}.",
)
CONTAINS = Shape(
    "contains",
    "text = read_file(<f>)\nprint(<w> in text)",
    _yes("Yes, {f} contains {w}.", "No, {f} does not contain {w}."),
)
LINES_WITH = Shape(
    "lines_with",
    "for line in read_file(<f>).splitlines():\n    if <w> in line:\n        print(line)",
    _found("No line of {f} contains {w}.", "Those are the lines of {f} with {w}."),
)
EXISTS = Shape("exists", 'print(<f> in glob_files("**/*"))', _yes("Yes, {f} exists.", "No, there is no file {f}."))
LISTING = Shape(
    "listing",
    "for name in list_directory(<d>):\n    print(name)",
    lambda s, out: f"These are the files in {s['d']}.",
)
COUNT_FILES = Shape(
    "count_files",
    "print(len(glob_files(<p>)))",
    lambda s, out: f"{s['d']} has {plural(out, 'file')}.",
)
SEARCH = Shape(
    "search",
    "for line in search_files(<w>):\n    print(line)",
    _found("I found no {w}.", "Those are the lines with {w}."),
)
SEARCH_IN = Shape(
    "search_in",
    "for line in search_files(<w>, <d>):\n    print(line)",
    _found("I found no {w} in {d}.", "Those are the lines with {w} in {d}."),
)
FILES_WITH = Shape(
    "files_with",
    'found = search_files(<w>)\nfor path in sorted({line.split(":")[0] for line in found}):\n    print(path)',
    _found("No file contains {w}.", "Those are the files that contain {w}."),
)

ABOUT_ONE_FILE = (READ, LINE, HEAD, TAIL, *COUNTS.values(), SIZE, MODIFIED, OCCURRENCES, CONTAINS, LINES_WITH)
ALL = (*ABOUT_ONE_FILE, EXISTS, LISTING, SEARCH, SEARCH_IN, FILES_WITH)


def recognise(code: str) -> tuple[Shape, Slots] | None:
    """The shape that ``code`` has, and its parts."""
    for shape, pattern in _PATTERNS:
        if found := pattern.fullmatch(code):
            return shape, {
                key: ast.literal_eval(text) if text[0] in "\"'" else text for key, text in found.groupdict().items()
            }
    return None


def _pattern(program: str) -> re.Pattern[str]:
    pieces, at = [], 0
    for slot in _SLOT.finditer(program):
        value = r"\d+" if slot[1] else r"\"[^\"\n]*\"|'[^'\n]*'"
        pieces += [re.escape(program[at : slot.start()]), f"(?P<{slot[2]}>{value})"]
        at = slot.end()
    return re.compile("".join([*pieces, re.escape(program[at:])]))


_PATTERNS = [(shape, _pattern(shape.program)) for shape in ALL]
