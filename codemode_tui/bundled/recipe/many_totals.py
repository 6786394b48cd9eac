"""One number over a set of files, or one for each: totals, means, shares."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_sets import FileSet, ask_about
from codemode_tui.bundled.recipe.file_units import PARSED, SEARCHED, some_unit, unit_of
from codemode_tui.bundled.recipe.phrasing import ask, quoted


def each(c: Chat) -> None:
    """The number of every file on a line of its own."""
    unit, files = some_unit(c, without=PARSED)
    c.user(ask_about(c, "many_each", files, **unit.slots))
    out, _ = c.call(f"{unit.load}for path in {files.code}:\n    print(path, {unit.code})")
    c.say(no_such(files) if out == "(no output)" else f"Those are the {unit.listed} of each file.")


def total(c: Chat) -> None:
    """The sum over all files of the set."""
    r = c.r
    unit, files = some_unit(c, without=("mark", "with", *PARSED))
    if unit.kind in SEARCHED and files.kind in ("all", "folder", "nouns"):
        unit = unit_of(c, "words")  # searching the workspace is another question, in the same words
    sized = unit.kind == "bytes" and r.random() < 0.6
    c.user(ask_about(c, "many_total_size" if sized else "many_total", files, **unit.slots))
    out, _ = c.call(f"{unit.load}total = 0\nfor path in {files.code}:\n    total += {unit.code}\nprint(total)")
    c.say(f"All {files.said} together have {unit.amount(out)}.")


def folder_total(c: Chat) -> None:
    """The size of a folder as a whole, or its lines or words."""
    r = c.r
    known = c.world.folders()
    d = r.choice(known) if known and r.random() < 0.7 else names.folder(r)
    if d not in known:
        c.world.add(r, f"{d}/{names.file_name(r)}")
    unit = unit_of(c, r.choice(("bytes", "bytes", "bytes", "lines", "lines", "words", "characters")))
    section = "many_folder_size" if unit.kind == "bytes" else "many_folder_count"
    c.user(ask(r, section, held=c.held, shaped=True, d=quoted(r, d), **unit.slots))
    out, _ = c.call(f"total = 0\nfor path in glob_files({lit(d + '/**/*')}):\n    total += {unit.code}\nprint(total)")
    c.say(f"{d} has {unit.amount(out)}.")


def average(c: Chat) -> None:
    """The mean, rarely the median, per file."""
    r = c.r
    unit, files = some_unit(c)
    middle = r.random() < 0.2
    c.user(ask_about(c, "many_median" if middle else "many_average", files, **unit.slots))
    counts = f"counts = [{unit.code} for path in {files.code}]\n"
    if middle:
        out, ok = c.call(f"{unit.load}from statistics import median\n{counts}print(median(counts))")
    else:
        out, ok = c.call(f"{unit.load}{counts}print(round(sum(counts) / len(counts), 2))")
    if not ok:
        c.say(no_such(files))
    elif middle:
        c.say(f"The median is {unit.amount(out)}.")
    else:
        c.say(f"On average it is {unit.amount(out)}.")


def spread(c: Chat) -> None:
    """The difference of the largest and the smallest number."""
    unit, files = some_unit(c, only=("lines", "words", "characters", "bytes", "lines"))
    c.user(ask_about(c, "many_spread", files, **unit.slots))
    counts = f"counts = [{unit.code} for path in {files.code}]\n"
    out, ok = c.call(f"{unit.load}{counts}print(max(counts) - min(counts))")
    c.say(f"The difference is {unit.amount(out)}." if ok else no_such(files))


def share(c: Chat) -> None:
    """Percent of the total: of each file, or of one set in all files."""
    r = c.r
    unit, files = some_unit(c, only=("lines", "words", "characters", "bytes"))
    if files.kind == "all" or r.random() < 0.4:
        c.user(ask_about(c, "many_share_each", files, **unit.slots))
        out, _ = c.call(
            f"counts = {{path: {unit.code} for path in {files.code}}}\ntotal = sum(counts.values())\n"
            "for path in counts:\n    print(path, round(100 * counts[path] / max(total, 1), 1))"
        )
        c.say(no_such(files) if out == "(no output)" else f"Those are the shares of the {unit.said} in percent.")
        return
    c.user(ask_about(c, "many_share_part", files, **unit.slots))
    out, _ = c.call(
        f"part = sum({unit.code} for path in {files.code})\n"
        f'total = sum({unit.code} for path in glob_files("**/*"))\nprint(round(100 * part / max(total, 1), 1))'
    )
    c.say(f"The {files.said} have {out} percent of all {unit.said}.")


def no_such(files: FileSet) -> str:
    """The answer where the set is empty."""
    return f"There are no {files.said}."
