"""The lines of one file in another form or order, and lines picked by a property."""

from __future__ import annotations

from typing import NamedTuple

from codemode_tui.bundled.recipe import contents, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_jobs import NOTHING, called, is_blank, plural, some_file
from codemode_tui.bundled.recipe.phrasing import ask

THINGS = [
    "guest",
    "name",
    "item",
    "entry",
    "task",
    "book",
    "song",
    "movie",
    "recipe",
    "ingredient",
    "plant",
    "bird",
    "player",
    "member",
    "student",
    "customer",
    "city",
    "country",
    "animal",
    "friend",
    "visitor",
    "tool",
    "part",
    "product",
    "flower",
    "tree",
    "dish",
    "game",
    "artist",
    "author",
    "employee",
    "teacher",
    "pupil",
    "child",
    "neighbour",
    "client",
    "supplier",
    "street",
    "village",
    "river",
    "mountain",
    "lake",
    "island",
    "planet",
    "star",
    "car",
    "train",
    "ship",
    "bicycle",
    "toy",
    "shirt",
    "fruit",
    "vegetable",
    "cheese",
    "wine",
    "tea",
    "spice",
    "soup",
    "cake",
    "idea",
    "wish",
    "goal",
    "rule",
    "chore",
    "errand",
    "appointment",
    "event",
    "holiday",
    "hotel",
    "restaurant",
    "museum",
    "painting",
    "poem",
    "film",
    "album",
    "band",
    "team",
    "sponsor",
    "volunteer",
    "candidate",
    "participant",
    "speaker",
    "subscriber",
    "winner",
    "runner",
    "swimmer",
    "dancer",
    "singer",
    "actor",
    "domain",
    "host",
    "server",
    "device",
    "password-holder",
    "sensor",
    "project",
    "topic",
    "question",
    "keyword",
    "title",
    "person",
]
_PLURALS = {
    "country": "countries",
    "city": "cities",
    "entry": "entries",
    "dish": "dishes",
    "child": "children",
    "person": "people",
    "toy": "toys",
    "holiday": "holidays",
}


class Kind(NamedTuple):
    """One thing that is done with the lines of a file."""

    body: str
    """What follows after ``lines`` has been read."""
    some: str
    """The answer; ``{out}`` is the output, ``{f}`` the file."""
    none: str = "{f} is empty."
    """The answer when nothing was printed."""


_SHORT_ENOUGH = 70
"""One line up to this length is repeated in the answer."""
_EACH = "for line in {}:\n    print(line)"
_WHERE = "for line in lines:\n    if {}:\n        print(line)"
FORMS = {
    "sort": Kind(_EACH.format("sorted(lines)"), "Those are the lines of {f} in order."),
    "sort_down": Kind(_EACH.format("sorted(lines, reverse=True)"), "Those are the lines of {f} in descending order."),
    "sort_length": Kind(_EACH.format("sorted(lines, key=len)"), "Those are the lines of {f} by length."),
    "reverse": Kind(_EACH.format("reversed(lines)"), "Those are the lines of {f} in reverse."),
    "number": Kind(
        "for number, line in enumerate(lines, 1):\n    print(number, line)", "Those are the numbered lines of {f}."
    ),
    "unique": Kind(_EACH.format("dict.fromkeys(lines)"), "Those are the different lines of {f}."),
    "duplicates": Kind(
        _EACH.format("sorted({line for line in lines if lines.count(line) > 1})"),
        "Those lines of {f} occur more than once.",
        "No line of {f} occurs twice.",
    ),
    "drop_blank": Kind(_WHERE.format("line.strip()"), "Those are the lines of {f} that are not blank."),
    "first_words": Kind(
        "for line in lines:\n    if line.strip():\n        print(line.split()[0])",
        "Those are the first words of the lines of {f}.",
    ),
    "last_words": Kind(
        "for line in lines:\n    if line.strip():\n        print(line.split()[-1])",
        "Those are the last words of the lines of {f}.",
    ),
    "line_lengths": Kind(
        "for line in lines:\n    print(len(line), line)", "Those are the lengths of the lines of {f}."
    ),
    "longest": Kind('print(max(lines, key=len, default=""))', "That is the longest line of {f}."),
    "shortest": Kind(
        'print(min(lines, key=len, default=""))',
        "That is the shortest line of {f}.",
        "The shortest line of {f} is blank.",
    ),
}
_COUNTS = {
    "unique_count": ("len(set(lines))", "different line"),
    "blank": ('sum(line.strip() == "" for line in lines)', "blank line"),
    "filled": ('sum(line.strip() != "" for line in lines)', "line"),
}


def lines_job(c: Chat) -> None:
    """All lines, in another order or form, or some of them."""
    r = c.r
    f = _with_repeats(c)
    what = r.choice((*sorted(FORMS), "sort", "reverse", "longest", "longest", "duplicates"))
    kind = FORMS[what]
    c.user(ask(r, f"one_{what}", held=c.held, f=called(r, f)))
    out, _ = c.call(f"lines = read_file({lit(f)}).splitlines()\n{kind.body}")
    none = is_blank(out)
    if what == "shortest" and not c.world.files[f]:
        c.say(f"{f} is empty.")
    elif what in ("longest", "shortest") and not none and len(out) <= _SHORT_ENOUGH:
        c.say(f"The {what} line of {f} is: {out.strip()}")
    else:
        c.say((kind.none if none else kind.some).format(f=f))


def line_numbers_of_kind(c: Chat) -> None:
    """Counts of lines: different ones, blank ones, filled ones, long ones, and the entries of a list."""
    r = c.r
    what = r.choice((*sorted(_COUNTS), "blank", "names", "names", "longest_length", "longer_count", "longer_list"))
    if what == "names":
        _names(c)
        return
    f = _with_repeats(c)
    n = r.choice((10, 15, 20, 25, 30, 40, 50, 60, 70, 72, 79, 80, 88, 90, 99, 100, 120, r.randint(5, 150)))
    load = f"lines = read_file({lit(f)}).splitlines()\n"
    c.user(ask(r, f"one_{what}", held=c.held, f=called(r, f), n=str(n)))
    if what == "longest_length":
        out, _ = c.call(f"{load}print(max((len(line) for line in lines), default=0))")
        c.say(f"The longest line of {f} has {plural(out, 'character')}.")
    elif what == "longer_count":
        out, _ = c.call(f"{load}print(sum(len(line) > {n} for line in lines))")
        c.say(f"{plural(out, 'line')} of {f} {'is' if out == '1' else 'are'} longer than {n} characters.")
    elif what == "longer_list":
        out, _ = c.call(load + _WHERE.format(f"len(line) > {n}"))
        none = out == NOTHING
        c.say(
            f"No line of {f} is longer than {n} characters." if none else f"Those lines are longer than {n} characters."
        )
    else:
        measure, noun = _COUNTS[what]
        out, _ = c.call(f"{load}print({measure})")
        extra = (
            " that are not blank"
            if what == "filled" and out != "1"
            else " that is not blank"
            if what == "filled"
            else ""
        )
        c.say(f"{f} has {plural(out, noun)}{extra}.")


def upper_lower(c: Chat) -> None:
    r = c.r
    f = some_file(c)
    way = r.choice(("upper", "lower"))
    c.user(ask(r, f"one_{way}", held=c.held, f=called(r, f)))
    out, _ = c.call(f"print(read_file({lit(f)}).{way}())")
    c.say(f"{f} is empty." if is_blank(out) else f"That is {f} in {way} case.")


def _names(c: Chat) -> None:
    """A list with one entry a line."""
    r = c.r
    thing = r.choice(THINGS)
    things = _PLURALS.get(thing, thing + "s")
    rows = [" ".join(names.word(r).capitalize() for _ in range(r.randint(1, 2))) for _ in range(r.randint(0, 9))]
    if rows and r.random() < 0.3:
        rows.insert(r.randrange(len(rows)), "")
    f = some_file(c, r.choice(("txt", "txt", "txt", "md", "lst", "list", "rst")), "".join(row + "\n" for row in rows))
    if r.random() < 0.35:
        place = f.rpartition("/")[0]
        text = c.world.files.pop(f)
        c.world.modified.pop(f)
        f = c.world.add(r, f"{place}/{things}.txt".lstrip("/"), text)
    c.user(
        ask(
            r,
            "one_names",
            held=c.held,
            f=called(r, f),
            t=things,
            s=thing,
            one=f"{'an' if thing[0] in 'aeiou' else 'a'} {thing}",
        )
    )
    out, _ = c.call(f'lines = read_file({lit(f)}).splitlines()\nprint(sum(line.strip() != "" for line in lines))')
    c.say(f"{f} lists {out} {thing if out == '1' else things}.")


def _with_repeats(c: Chat) -> str:
    """A file, in which at times lines come twice or are blank."""
    r = c.r
    f = some_file(c) if r.random() < 0.5 else some_file(c, r.choice(("txt", "md", "log", "lst")), contents.prose(r))
    lines = c.world.files[f].splitlines()
    if r.random() < 0.5:
        lines += r.sample(lines, min(2, len(lines)))
    if lines and r.random() < 0.3:
        lines.insert(r.randrange(len(lines)), "")
    c.world.files[f] = "".join(line + "\n" for line in lines)
    return f
