"""Lines of files in everyday words: files joined, numbers measured at once, words used often, pairings, units, lists
compared, lines without repetitions."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.fields import PEOPLE, PLACES
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.file_values import load_numbers
from codemode_tui.bundled.recipe.job_many_files import free
from codemode_tui.bundled.recipe.job_places import NOTHING, listed
from codemode_tui.bundled.recipe.line_edits import text_file, written
from codemode_tui.bundled.recipe.new_texts import marked, plural
from codemode_tui.bundled.recipe.nouns import many
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source

MEASURES = {
    "min": 'f"{min(numbers):.12g}"',
    "max": 'f"{max(numbers):.12g}"',
    "mean": 'f"{sum(numbers) / len(numbers):.12g}"',
    "sum": 'f"{sum(numbers):.12g}"',
    "count": "len(numbers)",
}
"""What is printed of ``numbers``."""
_SAID = {
    "min": ("minimum", "minimum", "smallest", "lowest", "min"),
    "max": ("maximum", "maximum", "largest", "highest", "max"),
    "mean": ("average", "mean", "average", "average", "mean"),
    "sum": ("sum", "sum", "sum", "total", "sum"),
    "count": ("count", "count", "count", "count", "count"),
}
"""How they are called; words of one column go together."""
_MEETING = ("team", "team", "team", "player", "club", "class", "crew", "side", "guest", "member", "school")
_UNITS: list[tuple[tuple[str, ...], tuple[str, ...], str, tuple[int, int]]] = [
    (("celsius", "degrees Celsius", "Celsius"), ("fahrenheit", "Fahrenheit", "°F"), "{v} * 9 / 5 + 32", (-20, 45)),
    (("fahrenheit", "degrees Fahrenheit", "°F"), ("celsius", "Celsius", "°C"), "({v} - 32) * 5 / 9", (-10, 110)),
    (("km", "kilometres", "kilometers"), ("miles", "miles", "mi"), "{v} / 1.609344", (1, 400)),
    (("miles", "miles"), ("km", "kilometres", "kilometers"), "{v} * 1.609344", (1, 300)),
    (("kg", "kilos", "kilograms"), ("pounds", "lbs", "pounds"), "{v} / 0.453592", (1, 200)),
    (("pounds", "lbs"), ("kg", "kilos", "kilograms"), "{v} * 0.453592", (1, 300)),
    (("inches", "inches"), ("cm", "centimetres", "centimeters"), "{v} * 2.54", (1, 100)),
    (("cm", "centimetres"), ("inches", "inches"), "{v} / 2.54", (1, 250)),
    (("minutes", "minutes"), ("hours", "hours"), "{v} / 60", (5, 600)),
    (("metres", "meters", "m"), ("kilometres", "km"), "{v} / 1000", (50, 9000)),
    (("grams", "g"), ("kilos", "kg"), "{v} / 1000", (20, 5000)),
]
"""Names of a unit, names of another, the formula, the least and the greatest value."""
_COINS = ("euros", "dollars", "pounds", "francs", "yen", "crowns", "zlotys", "rupees", "pesos", "lira")
_VERSUS = ((" - ", "A - B"), (" vs ", "A vs B"), (" - ", "A - B"), (" : ", "A : B"), (" against ", "A against B"))
"""What stands between two names, and that as a pattern."""
_TURNS = (("left: ", "joined: "), ("left: ", "joined: "), ("gone: ", "new: "), ("out: ", "in: "), ("- ", "+ "))
"""What stands before the name of who left and of who joined."""
_JUNK = ("n/a", "-", "?", "# {word}", "total:", "", "x{name}", "closed", "12 kg", "sick", "unknown")


def joined_in_order(c: Chat) -> None:
    """Two to four named files in a new one, in that order; the program for two is that of ``derived_files.join``."""
    r = c.r
    count, ending = r.choice((2, 3, 3, 3, 4)), r.choice(("txt", "txt", "md", "csv", "log", "text"))
    paths: list[str] = []
    while len(paths) < count + 1:
        if (path := free(c, "", ending)) not in paths:
            paths.append(path)
    *paths, g = paths
    for path in paths:
        c.world.add(r, path, "".join(f"{names.phrase(r)}\n" for _ in range(r.randint(1, 3))))
    said = [quoted(r, path) for path in paths]
    last = r.choice((" and ", " and ", " and then ", ", then ", ", " if count > 2 else " and "))
    c.user(ask(r, "dy_join", held=c.held, v=", ".join(said[:-1]) + last + said[-1], g=quoted(r, g)))
    if count == 2:
        text = f"read_file({lit(paths[0])}) + read_file({lit(paths[1])})"
        c.call(f'text = {text}\nwrite_file({lit(g)}, text)\nprint("written")')
        c.say(f"I joined {paths[0]} and {paths[1]} in {g}.")
        return
    c.call(
        f'paths = [{", ".join(lit(path) for path in paths)}]\ntext = "".join(read_file(path) for path in paths)\n'
        f"write_file({lit(g)}, text)\nprint(len(paths))"
    )
    c.say(f"I joined {plural(str(count), 'file')} in {g}.")


def measured(c: Chat) -> None:
    """Three measures of the numbers of a file in one go, mostly the smallest, the largest and the mean."""
    r = c.r
    f = some_file(c, r.choice(("txt", "txt", "dat", "log", "lst")), number_lines(r))
    keys = ["min", "max", "mean"] if r.random() < 0.7 else r.sample(sorted(MEASURES), 3)
    if r.random() < 0.25:
        r.shuffle(keys)
    column = r.randrange(5)
    words = [_SAID[key][column] for key in keys]
    c.user(ask(r, "dy_measured", held=c.held, f=quoted(r, f), v=listed(c, words)))
    out, _ = c.call(
        load_numbers(f)
        + "\n".join(f"print({lit(word)}, {MEASURES[key]})" for key, word in zip(keys, words, strict=True))
    )
    c.say(f"The numbers in {f}: {', '.join(out.splitlines())}.")


def number_lines(r: Source, least: int = 2) -> str:
    """A text with a number on each line."""
    top, step = r.choice((9, 50, 100, 1000)), r.choice((1, 1, 1, 2, 10))
    return "".join(f"{r.randint(0, top * step) / step:g}\n" for _ in range(r.randint(least, 7)))


def often_used(c: Chat) -> None:
    """Words that occur more than so many times, with or without how often."""
    r = c.r
    pool = list(dict.fromkeys(names.word(r) for _ in range(r.randint(3, 6))))
    words = [word for word in pool for _ in range(r.choice((1, 1, 2, 3, 4, 5)))]
    r.shuffle(words)
    size = r.randint(3, 6)
    text = "".join(" ".join(words[at : at + size]) + "\n" for at in range(0, len(words), size))
    f = some_file(c, r.choice(("txt", "txt", "md", "log")), text)
    n = r.choice((1, 1, 2, 2, 3, 4, 5))
    above = "once" if n == 1 else "twice" if n == 2 and r.random() < 0.4 else f"{n} times"
    if r.random() < 0.75:
        q, test = r.choice((f"more than {above}", f"more than {above}", f"more often than {above}")), f"> {n}"
    else:
        q = r.choice((f"at least {n + 1} times", f"{n + 1} times or more", f"{n + 1} or more times"))
        test = f">= {n + 1}"
    counts = r.random() < 0.4
    c.user(ask(r, "dy_often_counts" if counts else "dy_often", held=c.held, f=quoted(r, f), q=q))
    out, _ = c.call(
        f"from collections import Counter\ncounts = Counter(read_file({lit(f)}).split())\n"
        f"for word, count in counts.most_common():\n    if count {test}:\n        print({'word, count' if counts else 'word'})"
    )
    c.say(f"No word of {f} occurs {q}." if out == NOTHING else f"Those are the words of {f} that occur {q}.")


def fixtures(c: Chat) -> None:
    """Everyone on a list meets everyone else once: each pair, or how many there are."""
    r = c.r
    t = r.choice(_MEETING)
    pool = PEOPLE if t in ("player", "guest", "member") else PLACES
    lines = r.sample(pool, r.randint(3, 4)) if r.random() < 0.6 else sorted({names.word(r) for _ in range(4)})
    f = some_file(c, "txt", "".join(f"{line}\n" for line in lines))
    kind = r.choice(("plain", "plain", "form", "form", "count"))
    sign, form = r.choice(_VERSUS) if kind == "form" else (" - ", "")
    v = marked(r, form) if form else ""
    c.user(ask(r, f"dy_fixtures_{kind}", held=c.held, f=quoted(r, f), t=t, ts=many(t), v=v))
    load = f"from itertools import combinations\nlines = read_file({lit(f)}).splitlines()\n"
    if kind == "count":
        out, _ = c.call(f"{load}print(len(list(combinations(lines, 2))))")
        c.say(f"The {many(t)} of {f} make {plural(out, 'pair')}.")
    else:
        c.call(f'{load}for a, b in combinations(lines, 2):\n    print(f"{{a}}{sign}{{b}}")')
        c.say("Those are the pairs.")


def converted(c: Chat) -> None:
    """Every number of a file in another unit or currency: printed, printed beside the old one, or written to a file."""
    r = c.r
    if r.random() < 0.3:
        a, unit = r.sample(_COINS, 2)
        rate = f"{r.randint(1, 12)}.{r.randint(1, 99):02}" if r.random() < 0.5 else f"{r.uniform(0.5, 1.5):.2f}"
        b = unit + r.choice((f" at a rate of {rate}", f" at {rate}", f" at the rate {rate}", f", at a rate of {rate}"))
        formula, (low, high) = "{v} * " + rate, (1, 900)
    else:
        have, want, formula, (low, high) = r.choice(_UNITS)
        a, unit = r.choice(have), r.choice(want)
        b = unit
    step = r.choice((1, 1, 2, 10))
    rows = "".join(f"{r.randint(low * step, high * step) / step:g}\n" for _ in range(r.randint(2, 5)))
    f = some_file(c, r.choice(("txt", "txt", "dat", "log", "csv")), rows)
    places = r.choice((0, 0, 1, 1, 2, 2)) if "/" in formula or "." in formula else 0
    digits = f".{places}f" if places else ".12g"
    if places:
        b += f", {r.choice(('rounded to', 'with', 'to'))} {('one decimal', 'two decimals')[places - 1]}"
    kind = r.choice(("print", "print", "write", "write", "both"))
    g = free(c, "", r.choice(("txt", "txt", "dat", "csv")))
    c.user(ask(r, f"dy_converted_{kind}", held=c.held, f=quoted(r, f), g=quoted(r, g), a=a, b=b))
    read = f"read_file({lit(f)}).splitlines()"
    if kind == "write":
        value = formula.replace("{v}", "float(line)")
        out, _ = c.call(f'lines = [f"{{{value}:{digits}}}" for line in {read}]\n{written(g)}print(len(lines))')
        c.say(f"I wrote {plural(out, 'line')} to {g}.")
        return
    shown = f'f"{{{formula.replace("{v}", "value")}:{digits}}}"'
    beside = "line, " if kind == "both" else ""
    c.call(f"for line in {read}:\n    value = float(line)\n    print({beside}{shown})")
    c.say(f"Those are the numbers in {unit}.")


def turnover(c: Chat) -> None:
    """Who left and who joined between two lists, each behind a word."""
    r = c.r
    pool = r.sample(PEOPLE, 7) if r.random() < 0.6 else list(dict.fromkeys(names.word(r) for _ in range(7)))
    f, g = free(c, "", "txt"), free(c, "", "txt")
    while g == f:
        g = free(c, "", "txt")
    for path in (f, g):
        kept = [name for name in pool if r.random() < 0.65]
        c.world.add(r, path, "".join(f"{name}\n" for name in kept) or f"{pool[0]}\n")
    told = r.random() < 0.65
    left, joined = r.choice(_TURNS) if told else ("left: ", "joined: ")
    x = r.choice(("X", "X", "NAME", "name", "..."))
    p, q = marked(r, left + x), marked(r, joined + x)
    c.user(ask(r, f"dy_turnover_{'told' if told else 'plain'}", held=c.held, f=quoted(r, f), g=quoted(r, g), p=p, q=q))
    out, _ = c.call(
        f"old = read_file({lit(f)}).splitlines()\nnew = read_file({lit(g)}).splitlines()\n"
        f'for name in old:\n    if name not in new:\n        print(f"{left}{{name}}")\n'
        f'for name in new:\n    if name not in old:\n        print(f"{joined}{{name}}")'
    )
    c.say("Nobody left and nobody joined." if out == NOTHING else "Those are the changes.")


def each_once(c: Chat) -> None:
    """The lines of a file without repetitions, in their order, under another name."""
    r = c.r
    f = text_file(c, r.randint(3, 6))
    g = free(c, "", r.choice(("txt", "txt", "md", "csv")))
    c.user(ask(r, "dy_each_once", held=c.held, f=quoted(r, f), g=quoted(r, g)))
    out, _ = c.call(
        f"lines = read_file({lit(f)}).splitlines()\nkept = list(dict.fromkeys(lines))\n"
        f"{written(g, 'kept')}print(len(kept))"
    )
    c.say(f"I wrote {plural(out, 'line')} to {g}.")


def only_numbers(c: Chat) -> None:
    """The sum of the lines that are numbers; others are passed over."""
    r = c.r
    rows = number_lines(r).splitlines()
    for _ in range(r.choice((1, 1, 2, 2, 3))):
        at, row = r.randint(0, len(rows)), r.choice(_JUNK)
        if "{word}" in row:
            row = row.format(word=r.choice(r.words))
        elif "{name}" in row:
            row = row.format(name=names.word(r))
        rows.insert(at, row)
    f = some_file(c, r.choice(("txt", "txt", "dat", "log", "md")), "".join(f"{row}\n" for row in rows))
    c.user(ask(r, "dy_only_numbers", held=c.held, f=quoted(r, f)))
    out, _ = c.call(
        f"total = 0\nfor line in read_file({lit(f)}).splitlines():\n    try:\n        total += float(line)\n"
        '    except ValueError:\n        continue\nprint(f"{total:.12g}")'
    )
    c.say(f"The numbers in {f} add up to {out}.")


KINDS: list[tuple[Task, int]] = [
    (joined_in_order, 7),
    (measured, 7),
    (often_used, 6),
    (fixtures, 5),
    (converted, 7),
    (turnover, 6),
    (each_once, 5),
    (only_numbers, 6),
]
