"""Parts of one file: its first and last lines, one line by its number, a range of lines."""

from __future__ import annotations

from codemode_tui.bundled.recipe import contents
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_jobs import NOTHING, Job, called, is_blank, run, some_file
from codemode_tui.bundled.recipe.number_words import CARDINALS, MOST, ORDINALS
from codemode_tui.bundled.recipe.phrasing import ask

_FIRST = ("first", "first", "first", "first", "top", "opening", "initial", "leading", "topmost")
_LAST = ("last", "last", "last", "last", "final", "closing", "bottom", "final", "trailing")
_COUNTS = (2, 2, 3, 3, 4, 5, 5, 6, 7, 8, 9, 10, 10, 11, 12, 13, 14, 15, 16, 18, 20, 25, 30, 40, 50, 100)
"""Lines that are asked for."""
_SHORT_ENOUGH = 70
"""One line up to this length is repeated in the answer."""


def head(c: Chat) -> None:
    f = some_file(c)
    run(c, f, heading(c, f))


def heading(c: Chat, f: str) -> Job:
    """Ask for the first or last lines, with a number or without."""
    r = c.r
    tail = r.random() < 0.45
    if r.random() < 0.15:
        n = 10
        c.user(ask(r, "one_tail_some" if tail else "one_head_some", held=c.held, f=called(r, f)))
    else:
        rows = len(c.world.files.get(f, "").splitlines())
        fitting = [k for k in _COUNTS if k <= rows]
        n = r.choice(fitting if fitting and r.random() < 0.8 else _COUNTS)
        own = r.random() < 0.3
        section = ("one_tail" if tail else "one_head") if own else "one_ends"
        said = r.choice(_LAST if tail else _FIRST)
        c.user(ask(r, section, held=c.held, f=called(r, f), n=_number(c, n), d=str(n), w=said))
    side = "last" if tail else "first"
    if tail:
        code = f'lines = read_file({lit(f)}).splitlines()\nprint("\\n".join(lines[-{n}:]))'
    else:
        code = f"print(read_file({lit(f)}, 1, {n}))"

    def answer(f: str, out: str) -> str:
        if is_blank(out):
            return f"{f} is empty."
        few = len(c.world.files[f].splitlines()) < n
        return f"Those are all lines of {f}." if few else f"Those are the {side} {n} lines of {f}."

    return Job(code, answer)


def end_line(c: Chat) -> None:
    """The first or the last line alone."""
    r = c.r
    f = some_file(c)
    tail = r.random() < 0.5
    c.user(ask(r, "one_end", held=c.held, f=called(r, f), w=r.choice(_LAST if tail else _FIRST)))
    if tail:
        out, _ = c.call(f'lines = read_file({lit(f)}).splitlines()\nprint("\\n".join(lines[-1:]))')
    else:
        out, _ = c.call(f"print(read_file({lit(f)}, 1, 1))")
    side = "last" if tail else "first"
    if not c.world.files[f]:
        c.say(f"{f} is empty.")
    else:
        c.say(_one_line(f"The {side} line of {f}", f"the {side} line of {f}", out))


def nth_line(c: Chat) -> None:
    r = c.r
    if r.random() < 0.12:
        _from_the_end(c)
        return
    f = _long_file(c)
    n = r.randint(1, max(2, len(c.world.files[f].splitlines()) + 1)) if r.random() < 0.85 else r.randint(10, 400)
    number = CARDINALS[n] if n <= MOST and r.random() < 0.15 else str(n)
    c.user(ask(r, "one_nth", held=c.held, f=called(r, f), n=number, o=_ordinal(c, n) if n > 1 else "1st"))
    out, _ = c.call(f"print(read_file({lit(f)}, {n}, 1))")
    if n > len(c.world.files[f].splitlines()):
        c.say(f"{f} has no line {n}.")
    else:
        c.say(_one_line(f"Line {n} of {f}", f"line {n} of {f}", out))


def line_range(c: Chat) -> None:
    r = c.r
    f = _long_file(c)
    way = r.random()
    if way < 0.2:
        n = r.randint(2, 30)
        c.user(ask(r, "one_from", held=c.held, f=called(r, f), n=_number(c, n), d=str(n)))
        out, _ = c.call(f"print(read_file({lit(f)}, {n}))")
        c.say(f"{f} has no line {n}." if is_blank(out) else f"That is {f} from line {n} on.")
    elif way < 0.3:
        c.user(ask(r, "one_without_first", held=c.held, f=called(r, f)))
        out, _ = c.call(f"print(read_file({lit(f)}, 2))")
        c.say(f"{f} has no other line." if is_blank(out) else f"That is {f} without its first line.")
    elif way < 0.37:
        c.user(ask(r, "one_without_last", held=c.held, f=called(r, f)))
        out, _ = c.call(f'lines = read_file({lit(f)}).splitlines()\nprint("\\n".join(lines[:-1]))')
        c.say(f"{f} has no other line." if is_blank(out) else f"That is {f} without its last line.")
    else:
        low, high = sorted(r.sample(range(1, 13) if r.random() < 0.75 else range(1, 400), 2))
        words = high <= MOST and r.random() < 0.2
        a, b = (CARDINALS[low], CARDINALS[high]) if words else (str(low), str(high))
        slots = {"a": a, "b": b, "da": str(low), "db": str(high), "oa": _ordinal(c, low), "ob": _ordinal(c, high)}
        c.user(ask(r, "one_range", held=c.held, shaped=True, f=called(r, f), **slots))
        out, _ = c.call(f'lines = read_file({lit(f)}).splitlines()\nprint("\\n".join(lines[{low} - 1:{high}]))')
        c.say(
            f"{f} has no line {low}." if out == NOTHING or is_blank(out) else f"Those are lines {low} to {high} of {f}."
        )


def _from_the_end(c: Chat) -> None:
    r = c.r
    f = c.world.add(r, some_file(c), contents.prose(r, r.randint(3, 7)))
    n = r.randint(2, 3)
    c.user(ask(r, "one_nth_last", held=c.held, f=called(r, f), o=_ordinal(c, n)))
    out, _ = c.call(f"lines = read_file({lit(f)}).splitlines()\nprint(lines[-{n}])")
    c.say(_one_line("That line", "that line", out))


def _one_line(subject: str, shown: str, out: str) -> str:
    text = out.strip()
    if is_blank(out):
        return f"{subject} is blank."
    return f"{subject} is: {text}" if len(text) <= _SHORT_ENOUGH else f"That is {shown}."


def _long_file(c: Chat) -> str:
    """A file that has some lines."""
    r = c.r
    return (
        some_file(c)
        if r.random() < 0.4
        else some_file(c, r.choice(("txt", "md", "log", "rst")), contents.prose(r, r.randint(3, 9)))
    )


def _number(c: Chat, n: int) -> str:
    return CARDINALS[n] if n <= MOST and c.r.random() < 0.4 else str(n)


def _ordinal(c: Chat, n: int) -> str:
    if n <= MOST and c.r.random() < 0.75:
        return ORDINALS[n]
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"
