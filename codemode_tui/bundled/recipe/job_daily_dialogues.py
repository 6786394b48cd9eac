"""Conversations in everyday words: on a list or not, lines of a log, a change undone, a file that was found, one more
measure, the other end of a table."""

from __future__ import annotations

from collections.abc import Callable

from codemode_tui.bundled.recipe import contents, file_finding, many_rankings, names
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.fields import PEOPLE
from codemode_tui.bundled.recipe.file_changes import ENDED
from codemode_tui.bundled.recipe.file_jobs import called, spoken
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.file_values import load_numbers
from codemode_tui.bundled.recipe.job_daily_lines import MEASURES, number_lines
from codemode_tui.bundled.recipe.job_many_files import free
from codemode_tui.bundled.recipe.job_places import folders
from codemode_tui.bundled.recipe.line_edits import written
from codemode_tui.bundled.recipe.new_texts import line, plural, told
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.second_questions import again
from codemode_tui.bundled.recipe.table_groups import VERBS
from codemode_tui.bundled.recipe.tables import best, loop, request, table
from codemode_tui.bundled.recipe.world import World

_ITEMS = "milk bread eggs butter tea coffee rice salt sugar apples cheese soap flour honey juice candles nails paint"
_LEVELS = ("ERROR", "WARNING", "INFO", "DEBUG", "FATAL", "timeout", "failed", "denied")
_CALLED = {
    "sum": ("sum of the numbers", ("sum", "sum", "total")),
    "mean": ("average of the numbers", ("average", "average", "mean")),
    "max": ("largest number", ("largest", "highest", "maximum", "biggest")),
    "min": ("smallest number", ("smallest", "lowest", "minimum")),
}
"""How measures are called in answers, and in questions."""
_FINDERS: tuple[Callable[[Chat], None], ...] = (
    file_finding.by_name, file_finding.by_name, file_finding.name_part, many_rankings.latest, many_rankings.extreme,
)  # fmt: skip
_TRIES = 20
"""Searches until one finds a single file: most find several or none."""


def on_the_list(c: Chat) -> None:
    """Is it on the list? Then it is added at the end, or taken off."""
    r = c.r
    way = r.random()
    pool = _ITEMS.split() if way < 0.4 else PEOPLE if way < 0.6 else [names.word(r) for _ in range(9)]
    pool = list(dict.fromkeys(pool if way < 0.8 else [names.phrase(r).strip(".!") for _ in pool]))
    w = r.choice(pool)
    lines = [item for item in r.sample(pool, min(len(pool), r.randint(3, 6))) if item != w]
    if r.random() < 0.45:
        lines.insert(r.randint(0, len(lines)), w)
    f = some_file(c, r.choice(("txt", "txt", "md", "lst")), "".join(f"{item}\n" for item in lines))
    c.user(ask(r, "dy_on_list", held=c.held, f=quoted(r, f), w=spoken(r, w)))
    if not _is_on_list(c, f, w):
        again(c, "dy_then_add")
        c.call(f'text = read_file({lit(f)})\n{ENDED}write_file({lit(f)}, text + {lit(w)} + "\\n")\nprint("added")')
        c.say(f"I added {w} to {f}.")
    elif r.random() < 0.6:
        again(c, "dy_take_off")
        out, _ = c.call(
            f"lines = read_file({lit(f)}).splitlines()\nkept = [line for line in lines if line != {lit(w)}]\n"
            f"{written(f, 'kept')}print(len(lines) - len(kept))"
        )
        c.say(f"I deleted {plural(out, 'line')} from {f}.")
    else:
        other = r.choice([item for item in pool if item != w])
        again(c, "dy_and_that", x=spoken(r, other))
        _is_on_list(c, f, other)


def _is_on_list(c: Chat, f: str, w: str) -> bool:
    """Run the program that looks for a line, and say what it found."""
    out, _ = c.call(f"print({lit(w)} in read_file({lit(f)}).splitlines())")
    found = out == "True"
    c.say(f"{'Yes' if found else 'No'}, {w} is {'' if found else 'not '}on the list in {f}.")
    return found


def log_talk(c: Chat) -> None:
    """How many lines hold a word; those lines; the number of the last or the first of them."""
    r = c.r
    levels = r.sample(_LEVELS, 3)
    w = r.choice(levels) if r.random() < 0.7 else r.choice((*contents.MARKS, names.word(r)))
    said = [r.choice((w, w, *levels)) for _ in range(r.randint(3, 5))]
    if r.random() < 0.85:
        said[r.randrange(len(said))] = w
    rows = "".join(f"{r.randint(0, 23):02}:{r.randint(0, 59):02} {word} {names.phrase(r)}\n" for word in said)
    f = some_file(c, r.choice(("log", "log", "txt", "out")), rows)
    c.user(ask(r, r.choice(("dy_log_count", "one_line_count")), held=c.held, f=called(r, f), w=spoken(r, w)))
    out, _ = c.call(f"lines = read_file({lit(f)}).splitlines()\nprint(sum({lit(w)} in line for line in lines))")
    c.say(f"{w} is on {plural(out, 'line')} of {f}.")
    if out == "0":
        return
    shown = r.random() < 0.75
    if shown:
        again(c, "dy_show_them" if out != "1" else "dy_show_it")
        c.call(f"for line in read_file({lit(f)}).splitlines():\n    if {lit(w)} in line:\n        print(line)")
        c.say(f"Those are the lines of {f} with {w}.")
    if out != "1" and (not shown or r.random() < 0.75):
        x, at = r.choice((("last", "-1"), ("last", "-1"), ("first", "0")))
        again(c, "dy_its_number", x=x)
        out, _ = c.call(
            f"numbers = [number for number, line in enumerate(read_file({lit(f)}).splitlines(), 1) if {lit(w)} in line]\n"
            f"print(numbers[{at}])"
        )
        c.say(f"The {x} one is line {out} of {f}.")


def undone(c: Chat) -> None:
    """A change, and then: undo that."""
    r = c.r
    (d,) = folders(c, 1)
    f = c.world.add(r, free(c, "", r.choice(("txt", "txt", "md", "log"))))
    words = [word for word in names.phrase(r).split() if word.isalnum()] or ["draft"]
    c.world.files[f] = "".join(f"{names.phrase(r)}\n" for _ in range(2)) + " ".join(words) + "\n"
    way = r.choice(("replace", "replace", "replace", "append", "append", "move", "copy"))
    if way == "replace":
        a, b = r.choice(words), names.word(r)
        while b in c.world.files[f] or a in b:
            b = names.word(r) + r.choice("xyz")
        c.user(ask(r, "changes.replace", held=c.held, a=quoted(r, a), b=quoted(r, b), f=quoted(r, f)))
        _replace(c, f, a, b)
        again(c, "dy_undo")
        _replace(c, f, b, a)
    elif way == "append":
        text = line(r)
        told(c, "changes.append", text, f=quoted(r, f))
        c.call(f'text = read_file({lit(f)})\n{ENDED}write_file({lit(f)}, text + {lit(text)} + "\\n")\nprint("added")')
        c.say(f"I added the line to {f}.")
        again(c, "dy_undo_line" if r.random() < 0.4 else "dy_undo")
        c.call(f'lines = read_file({lit(f)}).splitlines()\n{written(f, "lines[:-1]")}print("deleted")')
        c.say(f"I deleted the last line of {f}.")
    elif way == "move":
        c.user(ask(r, "changes.move_into", held=c.held, f=quoted(r, f), d=d))
        c.call(f'move_file({lit(f)}, {lit(f"{d}/{f}")})\nprint("moved")')
        c.say(f"I moved {f} into {d}.")
        again(c, "dy_undo_move" if r.random() < 0.4 else "dy_undo")
        c.call(f'move_file({lit(f"{d}/{f}")}, {lit(f)})\nprint("moved")')
        c.say(f"I moved {f} back.")
    else:
        g = free(c, "", f.rpartition(".")[2])
        c.user(ask(r, "changes.copy", held=c.held, f=quoted(r, f), g=quoted(r, g)))
        c.call(f'write_file({lit(g)}, read_file({lit(f)}))\nprint("copied")')
        c.say(f"I copied {f} to {g}.")
        again(c, "dy_undo")
        c.call(f'delete_file({lit(g)})\nprint("deleted")')
        c.say(f"I deleted {g}.")


def _replace(c: Chat, f: str, a: str, b: str) -> None:
    """Run the replacement, and say how often it was made."""
    out, _ = c.call(
        f"text = read_file({lit(f)})\nprint(text.count({lit(a)}))\n"
        f"write_file({lit(f)}, text.replace({lit(a)}, {lit(b)}))"
    )
    c.say(f"I replaced {a} with {b} in {f}, {plural(out, 'time')}.")


def found_and_copied(c: Chat) -> None:
    """A search for a file, and what it found copied or moved into a folder. What was said before keeps its workspace, and
    gets one search, found or not."""
    r = c.r
    f = ""
    for _ in range(1 if c.turns else _TRIES):
        made = Chat(r, c.world if c.turns else World(r), c.held)
        r.choice(_FINDERS)(made)
        role, out = made.turns[-2]
        f = next((name for name in (out, out.rpartition(" ")[0]) if role == "tool" and name in made.world.files), "")
        if f:
            break
    c.world = made.world
    c.turns += made.turns
    c.worlds += made.worlds
    if not f:
        return
    name = f.rpartition("/")[2]
    d = r.choice(r.words) if r.random() < 0.7 else names.folder(r)
    while any(f"{path}/".startswith(f"{d}/") for path in c.world.files):
        d = f"{d}-{r.choice(r.words)}"
    if r.random() < 0.7:
        again(c, "dy_copy_found", d=quoted(r, d + "/" if r.random() < 0.15 else d))
        c.call(f'write_file({lit(f"{d}/{name}")}, read_file({lit(f)}))\nprint("copied")')
        c.say(f"I copied {f} to {d}/{name}.")
    else:
        again(c, "dy_move_found", d=quoted(r, d + "/" if r.random() < 0.15 else d))
        c.call(f'move_file({lit(f)}, {lit(f"{d}/{name}")})\nprint("moved")')
        c.say(f"I moved {f} into {d}.")


def one_more_measure(c: Chat) -> None:
    """One measure of the numbers of a file, then one or two others."""
    r = c.r
    f = some_file(c, r.choice(("txt", "txt", "dat", "log", "lst")), number_lines(r, 3))
    keys = r.sample(sorted(_CALLED), r.choice((2, 2, 3)))
    if r.random() < 0.4:
        keys = ["sum", "mean", *[key for key in keys if key not in ("sum", "mean")]]
    for number, key in enumerate(keys[:3]):
        said, words = _CALLED[key]
        if number:
            again(c, "dy_and_measure", g=r.choice(words))
        else:
            c.user(ask(r, f"one_{key}", held=c.held, f=called(r, f)))
        out, _ = c.call(f"{load_numbers(f)}print({MEASURES[key]})")
        c.say(f"The {said} in {f} is {out}.")


def other_end(c: Chat) -> None:
    """The oldest, the dearest, the coldest of a table, then the one at the other end, and now and then the mean."""
    r = c.r
    t = table(c, rows=3)
    w = r.choice(sorted(w for w in VERBS if w != "longest"))
    n, high = VERBS[w]
    opposite = r.choice([other for other in VERBS if VERBS[other] == (n, not high)])
    numbers = t.numbers[0]
    if n not in t.header:  # the adjective stands for a column, which must be there
        first, _, rest = c.world.files[t.path].partition("\n")
        cells = [n if cell.strip('"') == numbers else cell for cell in first.split(t.separator)]
        c.world.files[t.path] = t.separator.join(cells) + "\n" + rest
    for which, end in ((w, high), (opposite, not high)):
        if which == w:
            request(c, t, r.choice(("csv_superlative", "dy_superlative")), w=which, t=t.texts[0])
        else:
            again(c, "dy_other_end", g=which)
        out, ok = c.call(best(t.load, n, high=end))
        if not ok:
            c.say(f"There is no number in {n} of {t.path}.")
            return
        found, _, value = out.rpartition(" ")
        c.say(f"{found} is the {which}: {value}.")
    if r.random() < 0.35:
        again(c, "dy_and_mean", n=n)
        out, _ = c.call(
            f'{t.load}values = []\n{loop(n)}    values.append(value)\nprint(f"{{sum(values) / len(values):.12g}}")'
        )
        c.say(f"The average of {n} is {out}.")


KINDS: list[tuple[Task, int]] = [
    (on_the_list, 7),
    (log_talk, 7),
    (undone, 7),
    (found_and_copied, 6),
    (one_more_measure, 6),
    (other_end, 6),
]
