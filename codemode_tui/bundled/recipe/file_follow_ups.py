"""Second questions about the file that the last program dealt with, which they do not name."""

from __future__ import annotations

from collections.abc import Callable

from codemode_tui.bundled.recipe import contents, names, shapes
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.number_words import CARDINALS
from codemode_tui.bundled.recipe.phrasing import mark, quoted
from codemode_tui.bundled.recipe.second_questions import again
from codemode_tui.bundled.recipe.shapes import Shape

_MARKS = ".!:,;()[]{}<>\"'`\\"


def about_file(c: Chat, f: str) -> None:
    """One question about ``f``, called "it"."""
    kinds, weights = zip(*_KINDS, strict=True)
    c.r.choices(kinds, weights)[0](c, f)


def run(c: Chat, shape: Shape, **slots: str) -> None:
    """Call and answer."""
    out, ok = c.call(shape.code(slots))
    c.say(shape.answer(slots, out) if ok else f"There is no file {slots['f']}.")


def read(c: Chat, f: str) -> None:
    again(c, "fu_read")
    run(c, shapes.READ, f=f)


def ends(c: Chat, f: str) -> None:
    n = c.r.choice((2, 2, 3, 3, 4, 5, 5, 6, 7, 8, 10, 10, 12, 15, 20))
    tail = c.r.random() < 0.45
    said = CARDINALS[n] if n <= 12 and c.r.random() < 0.35 else str(n)
    where = c.r.choice(("last", "last", "last", "final") if tail else ("first", "first", "first", "top"))
    again(c, "fu_head", n=said, w=where)
    run(c, shapes.TAIL if tail else shapes.HEAD, f=f, n=str(n))


def line(c: Chat, f: str) -> None:
    count = len(c.world.files[f].splitlines())
    n = c.r.randint(1, max(2, count + 1))
    again(c, "fu_line", n=str(n))
    if n <= count:
        run(c, shapes.LINE, f=f, n=str(n))
    else:
        c.call(shapes.LINE.code({"f": f, "n": str(n)}))
        c.say(f"{f} has no line {n}.")


def count(c: Chat, f: str) -> None:
    unit = c.r.choice(("lines", "lines", "words", "characters"))
    again(c, "fu_count", u=unit, s=unit[:-1])
    run(c, shapes.COUNTS[unit], f=f)


def size(c: Chat, f: str) -> None:
    again(c, "fu_size")
    run(c, shapes.SIZE, f=f)


def modified(c: Chat, f: str) -> None:
    again(c, "fu_modified")
    run(c, shapes.MODIFIED, f=f)


def occurrences(c: Chat, f: str) -> None:
    w = _word(c, f)
    again(c, "fu_occurrences", w=_spoken(c, w))
    run(c, shapes.OCCURRENCES, f=f, w=w)


def contains(c: Chat, f: str) -> None:
    w = _word(c, f)
    again(c, "fu_contains", w=_spoken(c, w))
    run(c, shapes.CONTAINS, f=f, w=w)


def lines_with(c: Chat, f: str) -> None:
    w = _word(c, f)
    again(c, "fu_lines_with", w=_spoken(c, w))
    run(c, shapes.LINES_WITH, f=f, w=w)


def append(c: Chat, f: str) -> None:
    text = names.phrase(c.r)
    again(c, "fu_append", t=mark(c.r, text).removeprefix(": "))
    c.call(
        f'text = read_file({lit(f)})\nif text and not text.endswith("\\n"):\n    text += "\\n"\n'
        f'write_file({lit(f)}, text + {lit(text)} + "\\n")\nprint("added")'
    )
    c.say(f"I added the line to {f}.")


def replace(c: Chat, f: str) -> None:
    r = c.r
    a, b = _word(c, f), names.word(r) if r.random() < 0.8 else str(names.number(r))
    again(c, "fu_replace", a=_spoken(c, a), b=_spoken(c, b))
    out, _ = c.call(
        f"text = read_file({lit(f)})\nprint(text.count({lit(a)}))\n"
        f"write_file({lit(f)}, text.replace({lit(a)}, {lit(b)}))"
    )
    c.say(
        f"{a} does not occur in {f}, so nothing was replaced."
        if out == "0"
        else f"I replaced {a} with {b} in {f}, {shapes.plural(out, 'time')}."
    )


def rename(c: Chat, f: str) -> None:
    r = c.r
    where, slash, name = f.rpartition("/")
    asked = names.file_name(r, name.rsplit(".", 1)[-1] if "." in name and r.random() < 0.7 else None)
    again(c, "fu_rename", g=quoted(r, asked))
    g = where + slash + asked
    _, ok = c.call(f'move_file({lit(f)}, {lit(g)})\nprint("moved")')
    c.say(f"{f} is now called {g}." if ok else f"{g} exists already, so I did not move {f}.")


def copy(c: Chat, f: str) -> None:
    r = c.r
    name = f.rpartition("/")[2]
    g = names.file_name(r, name.rsplit(".", 1)[-1] if "." in name and r.random() < 0.7 else None)
    g = f"{names.folder(r)}/{g}" if r.random() < 0.2 else g
    again(c, "fu_copy", g=quoted(r, g))
    c.call(f'write_file({lit(g)}, read_file({lit(f)}))\nprint("copied")')
    c.say(f"I copied {f} to {g}.")


def delete(c: Chat, f: str) -> None:
    again(c, "fu_delete")
    c.call(f'delete_file({lit(f)})\nprint("deleted")')
    c.say(f"I deleted {f}.")


def same_as(c: Chat, f: str) -> None:
    name = f.rpartition("/")[2]
    g = some_file(c, name.rsplit(".", 1)[-1] if "." in name else None, c.world.files[f] if c.r.random() < 0.4 else None)
    if g == f:
        g = c.world.add(c.r, "x" + names.file_name(c.r))
    again(c, "fu_same_as", g=quoted(c.r, g))
    out, _ = c.call(f'a = read_file({lit(f)})\nb = read_file({lit(g)})\nprint("same" if a == b else "different")')
    c.say(f"{f} and {g} are the same." if out == "same" else f"{f} and {g} are different.")


def _word(c: Chat, f: str) -> str:
    """A word of the file in most cases, else one that is hardly there."""
    words = [w for w in (word.strip(_MARKS) for word in c.world.files[f].split()) if w and not set(w) & set(_MARKS)]
    way = c.r.random()
    if way < 0.06:
        return c.r.choice(contents.MARKS)
    return c.r.choice(words) if words and way < 0.65 else names.word(c.r)


def _spoken(c: Chat, w: str) -> str:
    """A word as it stands in a question; in quotes where it would be read as a part of it."""
    if len(w) < 4 or not w[-1].isalnum() or c.r.random() < 0.3:
        return f"{(q := c.r.choice(chr(39) + chr(34)))}{w}{q}"
    return w


_KINDS: list[tuple[Callable[[Chat, str], None], int]] = [
    (read, 9),
    (ends, 8),
    (line, 4),
    (count, 14),
    (size, 5),
    (modified, 2),
    (occurrences, 5),
    (contains, 4),
    (lines_with, 5),
    (append, 6),
    (replace, 5),
    (rename, 5),
    (copy, 3),
    (delete, 4),
    (same_as, 3),
]
