"""Jobs over all files of a folder: numbers as names, folders by date, texts below headings, what all or only one have,
lengths of lines, code lines."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names, python_sources
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_moves import finish
from codemode_tui.bundled.recipe.file_sets import ask_about, some_set
from codemode_tui.bundled.recipe.grammar import expand
from codemode_tui.bundled.recipe.job_places import NOTHING, folders
from codemode_tui.bundled.recipe.new_texts import plural
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.tools.protected import is_secret

_BARE = ("w", "x", "o", "os", "s", "k", "e", "on", "rule", "where")
"""Slots that are never quoted."""


def numbered_names(c: Chat) -> None:
    """Numbers in front of the names of all files of a folder, or instead of them, in sorted order."""
    r = c.r
    (d,) = folders(c, 1)
    whole = r.random() < 0.35
    ending = r.choice(("txt", "md", "jpg", "png", "csv", "log", "pdf", "mp3"))
    for _ in range(r.randint(2, 5)):
        c.world.add(r, free(c, d, ending if whole or r.random() < 0.6 else r.choice(("txt", "md", "json"))))
    size, gap = r.choice((2, 2, 2, 3, 3, 4)), r.choice("__-")
    stem = r.choice(("photo", "page", "image", "chapter", "scan", "part", names.word(r)))
    slots = [f"{(stem + gap) if whole else ''}{at:0{size}}{'.' + ending if whole else gap}" for at in (1, 2)]
    section = "jj_number_whole" if whole else "jj_number"
    ask_for(c, section, d=d, x=slots[0], w=slots[1], e="." + ending)
    new = f"{stem}{gap}{{number:0{size}}}.{ending}" if whole else f"{{number:0{size}}}{gap}{{name}}"
    name = "" if whole else '    name = path.rpartition("/")[2]\n'
    pattern = f"{d}/*.{ending}" if whole else f"{d}/*"
    c.call(
        f"paths = glob_files({lit(pattern)})\nfor number, path in enumerate(paths, 1):\n{name}"
        f'    move_file(path, f"{d}/{new}")\nprint(len(paths))'
    )
    finish(c, f"I renamed {{n}} in {d}.", f"There are no such files in {d}.")


def by_date(c: Chat) -> None:
    """Files into folders that are called like the month, the year or the day in their names."""
    r = c.r
    d, e = folders(c, 2)
    e = d if r.random() < 0.5 else e
    kind, pattern, size = r.choice((("month", r"\d{4}-\d{2}", 7), ("month", r"\d{4}-\d{2}", 7), ("year", r"\d{4}", 4)))
    year, stem = r.randint(2001, 2028), "".join(ch for ch in names.word(r) if ch.isalpha()) or "log"
    ending = r.choice(("txt", "log", "csv", "md", "json", "jpg"))
    days = []
    for _ in range(r.randint(2, 5)):
        day = f"{year + r.choice((0, 0, 0, 1))}-{r.choice((3, r.randint(1, 12))):02}-{r.randint(1, 28):02}"
        days.append(day)
        name = f"{stem}-{day}" if r.random() < 0.7 else f"{day}_{names.word(r)}"
        c.world.add(r, f"{d}/{name}.{ending}", names.phrase(r) + "\n")
    if r.random() < 0.4:
        c.world.add(r, f"{d}/{''.join(ch for ch in names.word(r) if ch.isalpha()) or 'readme'}.{ending}")
    x, w = f"{stem}-{days[0]}.{ending}", days[0][:size]
    ask_for(c, f"jj_by_{kind}", d=d, e=e, x=x, w=f"{e}/{w}", o=w)
    c.call(
        f'import re\ncount = 0\nfor path in glob_files({lit(d + "/*")}):\n    name = path.rpartition("/")[2]\n'
        f'    {kind} = re.search(r"{pattern}", name)\n    if {kind}:\n'
        f'        move_file(path, f"{e}/{{{kind}[0]}}/{{name}}")\n        count += 1\nprint(count)'
    )
    finish(c, f"I moved {{n}} into folders by {kind}.", f"No file in {d} has a {kind} in its name.")


def headed_copy(c: Chat) -> None:
    """All text files of a folder in one, each below a line with its path or its name."""
    r = c.r
    (d,) = folders(c, 1)
    ending = r.choice(("txt", "txt", "md", "log", "csv"))
    for _ in range(r.randint(2, 4)):
        c.world.add(r, free(c, d, ending), "".join(names.phrase(r) + "\n" for _ in range(r.randint(1, 2))))
    g = free(c, "", r.choice(("txt", "md")))
    left, right = r.choice(
        (("# ", ""), ("# ", ""), ("## ", ""), ("=== ", " ==="), ("--- ", " ---"), ("== ", " =="), ("", ":"))
    )
    short = r.random() < 0.5
    kind = "name" if short else "path"
    ask_for(c, f"jj_headed_{kind}", d=d, g=g, x=f'"{left}{kind}{right}"', e="." + ending)
    name = '    name = path.rpartition("/")[2]\n' if short else ""
    out, _ = c.call(
        f'paths = glob_files({lit(f"{d}/*.{ending}")})\ntext = ""\nfor path in paths:\n{name}'
        f'    text += f"{left}{{{kind}}}{right}\\n" + read_file(path)\nwrite_file({lit(g)}, text)\nprint(len(paths))'
    )
    c.say(f"I copied {plural(out, 'file')} into {g}, each below its {kind}.")


def in_all(c: Chat) -> None:
    """Lines or words that every file of a folder has."""
    d, unit, split = _shared_texts(c)
    ask_for(c, "jj_in_all", d=d, x=unit)
    out, _ = c.call(
        f"texts = [set(read_file(path).{split}) for path in glob_files({lit(d + '/**/*')})]\n"
        f"for {unit[:-1]} in sorted(set.intersection(*texts)):\n    print({unit[:-1]})"
    )
    c.say(
        f"No {unit[:-1]} is in every file of {d}."
        if out == NOTHING
        else f"Those are the {unit} that every file of {d} has."
    )


def in_one(c: Chat) -> None:
    """Words or lines that only one file of a folder has, or that a given file has for itself."""
    r = c.r
    d, unit, split = _shared_texts(c)
    paths = [path for path in sorted(c.world.files) if path.startswith(d + "/")]
    if r.random() < 0.5:
        ask_for(c, "jj_in_one", d=d, x=unit)
        out, _ = c.call(
            f"from collections import Counter\ncounts = Counter()\nfor path in glob_files({lit(d + '/**/*')}):\n"
            f"    counts.update(set(read_file(path).{split}))\nfor {unit[:-1]} in sorted(counts):\n"
            f"    if counts[{unit[:-1]}] == 1:\n        print({unit[:-1]})"
        )
        c.say(
            f"Every {unit[:-1]} is in several files."
            if out == NOTHING
            else f"Those are the {unit} that only one file has."
        )
        return
    f = r.choice(paths)
    ask_for(c, "jj_own", d=d, f=f, x=unit)
    out, _ = c.call(
        f"{unit} = set(read_file({lit(f)}).{split})\nfor path in glob_files({lit(d + '/**/*')}):\n"
        f"    if path != {lit(f)}:\n        {unit} -= set(read_file(path).{split})\n"
        f"for {unit[:-1]} in sorted({unit}):\n    print({unit[:-1]})"
    )
    c.say(f"{f} has no {unit} of its own." if out == NOTHING else f"Those are the {unit} that only {f} has.")


def line_lengths(c: Chat) -> None:
    """The mean or the greatest length of the lines of each file."""
    r = c.r
    files = some_set(c, without=("top", "all", "two"))
    k = r.choice((1, 1, 2, 2, 3))
    kind = r.choice(("mean", "mean", "rounded", "rounded", "longest"))
    number = ("", "one", "two", "three")[k] if r.random() < 0.5 else str(k)
    place = f"{number} {r.choice(('decimal', 'decimal', 'decimal place'))}{'' if k == 1 else 's'}"
    c.user(ask_about(c, f"jj_lines_{kind}", files, k=place))
    if kind == "longest":
        out, _ = c.call(
            f"for path in {files.code}:\n    print(path, max([len(line) for line in read_file(path).splitlines()], default=0))"
        )
    else:
        mean = "sum(lengths) / len(lengths)"
        shown = f"round({mean}, {k})" if kind == "rounded" else f'f"{{{mean}:.12g}}"'
        out, _ = c.call(
            f"for path in {files.code}:\n    lengths = [len(line) for line in read_file(path).splitlines()]\n"
            f"    if lengths:\n        print(path, {shown})"
        )
    said = "greatest line lengths" if kind == "longest" else "mean line lengths"
    c.say(f"There are no lines in the {files.said}." if out == NOTHING else f"Those are the {said}.")


def code_lines(c: Chat) -> None:
    """Lines of Python files that are neither blank nor a comment: of each file, of all, or both."""
    r = c.r
    (d,) = folders(c, 1)
    d = d if r.random() < 0.75 else ""
    for _ in range(r.choice((1, 2, 2, 3))):
        deep = f"{names.folder(r)}/" if r.random() < 0.25 else ""
        rows = python_sources.code(r).text.splitlines()
        for _ in range(r.randint(0, 3)):
            rows.insert(r.randrange(len(rows) + 1), r.choice(("", "    ", "# ", "    # ", "#")))
        rows = [row + names.phrase(r) if row.endswith("# ") else row for row in rows]
        where = f"{d}/{deep}".strip("/")
        c.world.add(r, free(c, where, "py"), "\n".join(rows) + "\n")
    kind = r.choice(("each", "total", "both"))
    ask_for(c, f"jj_code_{kind}", d=d or "", where=_where(r, d))
    count = 'len([line for line in lines if line and not line.startswith("#")])'
    loop = (
        f"for path in glob_files({lit(f'{d}/**/*.py' if d else '**/*.py')}):\n"
        "    lines = [line.strip() for line in read_file(path).splitlines()]\n"
    )
    if kind == "each":
        c.call(f"{loop}    print(path, {count})")
        c.say("Those are the code lines of each file.")
    elif kind == "total":
        out, _ = c.call(f"total = 0\n{loop}    total += {count}\nprint(total)")
        c.say(f"There {'is' if out == '1' else 'are'} {plural(out, 'line')} of code.")
    else:
        out, _ = c.call(
            f'total = 0\n{loop}    count = {count}\n    print(path, count)\n    total += count\nprint("total", total)'
        )
        c.say(f"There are {out.rpartition(' ')[2]} lines of code in total.")


def _shared_texts(c: Chat) -> tuple[str, str, str]:
    """A folder whose files have lines or words in common: the folder, the unit, the code that splits a text."""
    r = c.r
    (d,) = folders(c, 1)
    unit = r.choice(("lines", "words"))
    make = names.word if unit == "words" or r.random() < 0.6 else names.phrase
    pool = list(dict.fromkeys(make(r) for _ in range(r.randint(3, 5))))
    fixed = [] if r.random() < 0.2 else pool[: r.randint(1, 2)]
    for _ in range(r.randint(2, 3)):
        parts = fixed + [part for part in pool if part not in fixed and r.random() < 0.5] + [make(r)]
        r.shuffle(parts)
        text = "\n".join(parts) if unit == "lines" else " ".join(parts)
        c.world.add(r, free(c, d, r.choice(("txt", "txt", "md"))), text + "\n")
    return d, unit, "splitlines()" if unit == "lines" else "split()"


def _where(r: Source, d: str) -> str:
    """Which Python files."""
    if d:
        name = quoted(r, d)
        return r.choice((f"in {name}", f"below {name}", f"under {name}", f"in the folder {name}"))
    return r.choice(("here", "of this project", "in the workspace", "in all folders", "in this project"))


def ask_for(c: Chat, section: str, /, *, more: str = "", **slots: str) -> None:
    """The question; names are now and then quoted. ``more``: a template for a last sentence."""
    filled = {key: value if key in _BARE else quoted(c.r, value) for key, value in slots.items()}
    text = ask(c.r, section, held=c.held, shaped=True, **filled)
    if more:
        text = (text if text[-1] in ".?!" else text + ".") + " " + expand(c.r, more)
    c.user(text)


def free(c: Chat, d: str, ending: str) -> str:
    """A path in ``d`` ("" for the top) that is not taken."""
    while True:
        path = (f"{d}/" if d else "") + names.file_name(c.r, ending)
        if path.endswith("." + ending) and path not in c.world.files and not is_secret(path.split("/")):
            return path


KINDS: list[tuple[Task, int]] = [
    (numbered_names, 6),
    (by_date, 6),
    (headed_copy, 6),
    (in_all, 5),
    (in_one, 6),
    (line_lengths, 5),
    (code_lines, 6),
]
