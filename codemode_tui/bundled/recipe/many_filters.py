"""Files above or below a number, yes or no over a set, labels by thresholds."""

from __future__ import annotations

from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.file_sets import FileSet, ask_about, noun_phrase, some_set
from codemode_tui.bundled.recipe.file_units import Unit, some_unit
from codemode_tui.bundled.recipe.many_totals import no_such

_OPERATORS = {"up": ">", "down": "<", "from": ">=", "to": "<=", "equal": "=="}
_ROUND = (2, 3, 5, 10, 15, 20, 25, 30, 50, 100, 200, 300, 500, 1000, 2000, 5000)
_PLENTY = ("lines", "words", "characters", "bytes")
"""What a file may have hundreds of."""


def above(c: Chat) -> None:
    """The files that have more or fewer than so many."""
    r = c.r
    style = r.random()
    if style < 0.25:
        unit, files = some_unit(c, only=("bytes", "bytes", "lines"))
        way = r.choice(("up", "up", "down"))
        k = _threshold(c, unit, files)
        size = unit.kind == "bytes"
        word = noun_phrase(c, f"many_{'bigger' if size else 'longer'}_{way}")
        section = "many_above_size" if size else "many_above_length"
        c.user(ask_about(c, section, files, bigger=word, longer=word, k=str(k)))
    else:
        unit, files = some_unit(c)
        k = _threshold(c, unit, files)
        way, more = _more(c, k)
        c.user(ask_about(c, "many_above", files, more=more, **unit.slots))
    out, _ = c.call(
        f"{unit.load}for path in {files.code}:\n    count = {unit.code}\n"
        f"    if count {_OPERATORS[way]} {k}:\n        print(path, count)"
    )
    c.say("There are no such files." if out == "(no output)" else f"Those are the files, with their {unit.listed}.")


def above_count(c: Chat) -> None:
    """How many files have more or fewer than so many."""
    unit, files = some_unit(c)
    k = _threshold(c, unit, files)
    way, more = _more(c, k)
    c.user(ask_about(c, "many_above_count", files, more=more, **unit.slots))
    out, _ = c.call(
        f"{unit.load}found = 0\nfor path in {files.code}:\n    if {unit.code} {_OPERATORS[way]} {k}:\n"
        "        found += 1\nprint(found)"
    )
    c.say(f"There {'is 1 such file' if out == '1' else f'are {out} such files'}.")


def yes_or_no(c: Chat) -> None:
    """Whether one file, or every file, has more or fewer than so many."""
    r = c.r
    unit, files = some_unit(c)
    k = _threshold(c, unit, files)
    way, more = _more(c, k)
    every = r.random() < 0.45
    c.user(ask_about(c, "many_every" if every else "many_any", files, more=more, **unit.slots))
    out, _ = c.call(
        f"{unit.load}print({'all' if every else 'any'}({unit.code} {_OPERATORS[way]} {k} for path in {files.code}))"
    )
    if every:
        c.say("Yes, every one of them." if out == "True" else "No, not all of them.")
    else:
        c.say("Yes, there is such a file." if out == "True" else "No, there is no such file.")


def label(c: Chat) -> None:
    """A word for each file, by one or two thresholds."""
    r = c.r
    unit, files = some_unit(c, without=("word", "with", "mark"))
    near = {*_near(c, unit, files)}
    pool = near if r.random() < 0.85 or unit.kind not in _PLENTY else {*_ROUND}
    low, high = sorted(r.sample(sorted(pool | {min(pool) + 1}), 2))
    three = r.random() < 0.6
    section = "many_label_three" if three else "many_label_two"
    c.user(ask_about(c, section, files, a=str(low), b=str(high), **unit.slots))
    one, other = ("small", "large") if three else ("short", "long")
    middle = f'    elif count < {high}:\n        label = "medium"\n' if three else ""
    out, _ = c.call(
        f"{unit.load}for path in {files.code}:\n    count = {unit.code}\n    if count < {low}:\n"
        f'        label = "{one}"\n{middle}    else:\n        label = "{other}"\n    print(path, label)'
    )
    c.say(no_such(files) if out == "(no output)" else "Those are the files with their labels.")


def empty(c: Chat) -> None:
    """Files without content."""
    r = c.r
    files = some_set(c)
    if r.random() < 0.6:
        for path in c.world.run(f"print('\\n'.join({files.code}))")[0].splitlines()[:1]:
            if path in c.world.files:
                c.world.files[path] = ""
    c.user(ask_about(c, "many_empty", files))
    out, _ = c.call(f'for path in {files.code}:\n    if file_info(path)["size"] == 0:\n        print(path)')
    c.say("None of them is empty." if out == "(no output)" else "Those are empty.")


def changed(c: Chat) -> None:
    """Files that were changed since a day, or before it."""
    r = c.r
    files = some_set(c)
    day = f"{r.randint(2020, 2027)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
    since = r.random() < 0.6
    c.user(ask_about(c, "many_since" if since else "many_before", files, day=day))
    out, _ = c.call(
        f'for path in {files.code}:\n    date = file_info(path)["modified"]\n'
        f'    if date {">=" if since else "<"} "{day}":\n        print(path, date)'
    )
    word = "since" if since else "before"
    c.say(f"None was changed {word} {day}." if out == "(no output)" else f"Those were changed {word} {day}.")


def _threshold(c: Chat, unit: Unit, files: FileSet) -> int:
    """A number that splits the set, mostly; or one that is large for any file here."""
    near = _near(c, unit, files)
    return c.r.choice(near if c.r.random() < 0.85 or unit.kind not in _PLENTY else _ROUND)


def _near(c: Chat, unit: Unit, files: FileSet) -> list[int]:
    """The counts of the set and numbers a little beside them; at least 2, as all questions have a plural."""
    out, ok = c.world.run(f"{unit.load}for path in {files.code}:\n    print({unit.code})")
    counts = [int(line) for line in out.splitlines() if line.isdigit() and line != "0"] if ok else []
    return [max(2, count + step * max(1, count // 10)) for count in counts or (2, 4, 8) for step in (-1, 0, 1)]


def _more(c: Chat, k: int) -> tuple[str, str]:
    """A comparison, as its name and as words."""
    r = c.r
    way = r.choices(tuple(_OPERATORS), (40, 28, 14, 10, 8))[0]
    return way, noun_phrase(c, f"many_more_{way}").replace("{k}", str(k))
