"""Lines around a word, files cut down to their first or last lines."""

from __future__ import annotations

from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.line_edits import text_file, written
from codemode_tui.bundled.recipe.new_texts import plural, word_of
from codemode_tui.bundled.recipe.phrasing import ask, quoted


def keep_ends(c: Chat) -> None:
    """Only the first or the last lines of a file stay in it."""
    r = c.r
    f = text_file(c)
    n = str(r.choice((2, 2, 3, 3, 4, 5, 5, 6, 8, 10, 10, 20, 50, 100)))
    first = r.random() < 0.6
    word = r.choice(("first", "first", "top") if first else ("last", "last", "final"))
    c.user(ask(r, "changes.keep_ends", held=c.held, f=quoted(r, f), n=n, w=word))
    part = f"lines[:{n}]" if first else f"lines[-{n}:]"
    c.call(f'lines = read_file({lit(f)}).splitlines()\n{written(f, part)}print("written")')
    side = "first" if first else "last"
    c.say(f"{f} has only its {side} {n} lines now.")


def around(c: Chat) -> None:
    """Each line with a word, with some lines before and after it."""
    r = c.r
    f = text_file(c)
    w = word_of(c, f, 0.8)
    n = r.choice((1, 1, 2, 2, 3, 3, 4, 5))
    c.user(ask(r, "one_around", held=c.held, f=quoted(r, f), w=quoted(r, w), n=str(n), s="" if n == 1 else "s"))
    out, _ = c.call(
        f"lines = read_file({lit(f)}).splitlines()\nfor number, line in enumerate(lines):\n    if {lit(w)} in line:\n"
        f'        print("\\n".join(lines[max(number - {n}, 0) : number + {n} + 1]))'
    )
    c.say(
        f"No line of {f} contains {w}."
        if out == "(no output)"
        else f"Those are the lines of {f} with {w} and {plural(str(n), 'line')} around them."
    )
