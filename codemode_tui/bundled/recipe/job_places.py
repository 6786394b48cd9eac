"""Jobs over folders: names in one and not in another, files sorted into folders, totals, new names, years."""

from __future__ import annotations

import re

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_moves import finish
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.file_sets import ask_about, some_set
from codemode_tui.bundled.recipe.new_texts import plural
from codemode_tui.bundled.recipe.phrasing import ask, quoted

NOTHING = "(no output)"
_ENDINGS = [
    "md",
    "csv",
    "txt",
    "json",
    "py",
    "log",
    "html",
    "css",
    "js",
    "ts",
    "sql",
    "xml",
    "yaml",
    "tex",
    "sh",
    "toml",
    "ini",
    "rst",
    "jpg",
    "png",
    "pdf",
    "zip",
    "bak",
    "tmp",
    "docx",
    "xlsx",
    "svg",
]
_MARKERS = ("TODO", "FIXME", "HACK", "XXX", "NOTE", "BUG", "DEBUG", "WARNING", "ERROR", "INFO", "OPTIMIZE", "REVIEW")


def folders(c: Chat, count: int) -> list[str]:
    """Different folders, none inside another, and nothing in them yet."""
    found: list[str] = []
    while len(found) < count:
        d = names.folder(c.r)
        if not any(f"{d}/".startswith(f"{other}/") or f"{other}/".startswith(f"{d}/") for other in found):
            found.append(d)
    for path in list(c.world.files):
        if any(path == d or path.startswith(d + "/") for d in found):
            del c.world.files[path]
    return found


def listed(c: Chat, said: list[str]) -> str:
    """ "a, b and c"."""
    return ", ".join(said[:-1]) + c.r.choice((" and ", " and ", ", and " if len(said) > 2 else " and ")) + said[-1]


def folder_names(c: Chat) -> None:
    """The names of files that are in one folder, but not in another, or in both."""
    r = c.r
    d, e = folders(c, 2)
    kind = r.choice(("only", "only", "both"))
    ending = r.choice(("txt", "md", "csv", "json", None))
    alike = r.random()
    for _ in range(r.randint(1, 5)):
        name = names.file_name(r, ending or r.choice(_ENDINGS))
        where = (d, e) if r.random() < alike else r.choice(((d,), (d,), (e,)))
        for folder in where:
            c.world.add(r, f"{folder}/{name}")
    for folder in (d, e):
        if not c.world.glob_files(f"{folder}/*"):
            c.world.add(r, f"{folder}/{names.file_name(r, ending or 'txt')}")
    c.user(ask(r, f"jp_names_{kind}", held=c.held, d=quoted(r, d), e=quoted(r, e)))
    read = '[path.rpartition("/")[2] for path in glob_files({})]\n'
    test = "in" if kind == "both" else "not in"
    out, _ = c.call(
        f"a = {read.format(lit(d + '/*'))}b = {read.format(lit(e + '/*'))}"
        f"for name in a:\n    if name {test} b:\n        print(name)"
    )
    if kind == "both":
        c.say(f"{d} and {e} have no file name in common." if out == NOTHING else f"Those are in both {d} and {e}.")
    else:
        c.say(f"Every file of {d} is in {e}, too." if out == NOTHING else f"Those are in {d}, but not in {e}.")


def file_lines(c: Chat) -> None:
    """The lines of one file that are not in another, or in both."""
    r = c.r
    f, g = some_file(c, "txt"), some_file(c, "txt")
    if f == g:
        g = g.removesuffix(".txt") + "-2.txt"
    pool = [names.word(r) if r.random() < 0.6 else names.phrase(r) for _ in range(r.randint(2, 6))]
    for path in (f, g):
        c.world.add(r, path, "".join(f"{line}\n" for line in pool if r.random() < 0.65) or names.word(r) + "\n")
    kind = r.choice(("only", "both"))
    c.user(ask(r, f"jp_lines_{kind}", held=c.held, f=quoted(r, f), g=quoted(r, g)))
    test = "in" if kind == "both" else "not in"
    out, _ = c.call(
        f"a = read_file({lit(f)}).splitlines()\nb = read_file({lit(g)}).splitlines()\n"
        f"for line in a:\n    if line {test} b:\n        print(line)"
    )
    if kind == "both":
        c.say(f"{f} and {g} have no line in common." if out == NOTHING else f"Those lines are in both {f} and {g}.")
    else:
        c.say(f"Every line of {f} is in {g}." if out == NOTHING else f"Those lines are in {f}, but not in {g}.")


def sort_by_ending(c: Chat) -> None:
    """Files of two or three endings, each kind into a folder of its own, moved or copied."""
    r = c.r
    count = r.choice((2, 3, 3))
    endings = r.sample(_ENDINGS, count)
    source, *targets = folders(c, count + 1)
    source = source if r.random() < 0.5 else ""
    for ending in endings:
        for _ in range(r.randint(0 if r.random() < 0.2 else 1, 2)):
            name = names.file_name(r, ending)
            c.world.add(r, f"{source}/{name}" if source else name)
    copy = r.random() < 0.3
    way = r.choice(
        (
            "the .{a} files {to} {d}",
            "the .{a} files {to} {d}",
            "all .{a} files {to} {d}",
            ".{a} files {to} {d}",
            "the {a} files {to} {d}",
            "the *.{a} files {to} {d}",
            "every .{a} file {to} {d}",
            "what ends in .{a} {to} {d}",
            "files ending in .{a} {to} {d}",
            ".{a} {to} {d}",
        )
    )
    to = r.choice(("to", "into", "into", "into the folder"))
    said = [way.format(a=ending, to=to, d=quoted(r, d)) for ending, d in zip(endings, targets, strict=True)]
    section = f"jp_sort_{'copy' if copy else 'move'}{'_from' if source else ''}"
    c.user(ask(r, section, held=c.held, v=listed(c, said), s=quoted(r, source)))
    lines = []
    for ending, d in zip(endings, targets, strict=True):
        new = f'"{d}/" + ' + ('path.rpartition("/")[2]' if source else "path")
        pattern = lit((source + "/" if source else "") + f"*.{ending}")
        do = f"write_file({new}, read_file(path))" if copy else f"move_file(path, {new})"
        lines.append(f"for path in glob_files({pattern}):\n    {do}\n")
    done = "copied" if copy else "moved"
    out, _ = c.call("".join(lines) + f'print("{done}")')
    told = [f"the .{ending} files into {d}" for ending, d in zip(endings, targets, strict=True)]
    c.say(
        f"I {done} {', '.join(told[:-1])} and {told[-1]}."
        if out == done
        else "A file of that name exists already, so I stopped there."
    )


def counts_and_total(c: Chat) -> None:
    """Every file of a set with its lines, words or bytes, and the total at the end."""
    r = c.r
    files = some_set(c, without=("top", "all", "two"))
    unit, code = r.choice(
        (
            ("lines", "len(read_file(path).splitlines())"),
            ("lines", "len(read_file(path).splitlines())"),
            ("words", "len(read_file(path).split())"),
            ("characters", "len(read_file(path))"),
        )
    )
    c.user(ask_about(c, "jp_counts_total", files, u=unit))
    out, _ = c.call(
        f"total = 0\nfor path in {files.code}:\n    count = {code}\n    print(path, count)\n    total += count\n"
        'print("total", total)'
    )
    last = out.rpartition("\n")[2].rpartition(" ")[2]
    c.say(f"There are no {files.said}." if "\n" not in out else f"The {files.said} have {last} {unit} in total.")


def folder_sizes(c: Chat) -> None:
    """How many bytes, files or lines there are in each of two to four folders."""
    r = c.r
    found = folders(c, r.choice((2, 2, 3, 3, 4)))
    for d in found:
        for _ in range(r.randint(1, 3)):
            deep = f"{names.folder(r)}/" if r.random() < 0.3 else ""
            c.world.add(r, f"{d}/{deep}{names.file_name(r, r.choice(_ENDINGS))}")
    unit = r.choice(("bytes", "bytes", "files", "lines", "words"))
    code = {
        "bytes": 'sum(file_info(path)["size"] for path in glob_files(folder + "/**/*"))',
        "files": 'len(glob_files(folder + "/**/*"))',
        "lines": 'sum(len(read_file(path).splitlines()) for path in glob_files(folder + "/**/*"))',
        "words": 'sum(len(read_file(path).split()) for path in glob_files(folder + "/**/*"))',
    }[unit]
    c.user(ask(r, "jp_folder_sizes", held=c.held, v=listed(c, [quoted(r, d) for d in found]), u=unit))
    c.call(f"for folder in [{', '.join(lit(d) for d in found)}]:\n    print(folder, {code})")
    c.say(f"Those are the {unit} of each folder.")


def rename_files(c: Chat) -> None:
    """New names for all files of a folder: spaces, underscores, small letters, something in front or behind."""
    r = c.r
    (d,) = folders(c, 1)
    kind = r.choice(("spaces", "spaces", "lower", "prefix", "suffix"))
    old, new = r.choice(((" ", "_"), (" ", "_"), (" ", "-"), ("_", "-"), ("-", "_")))
    for _ in range(r.randint(1, 4)):
        name = names.file_name(r, r.choice(_ENDINGS))
        if kind == "spaces" and r.random() < 0.75:
            name = old.join((names.word(r), name))
        if kind == "lower" and r.random() < 0.7:
            name = r.choice((name.title(), name.upper(), name.capitalize()))
        c.world.add(r, f"{d}/{name}")
    said = {" ": "spaces", "_": "underscores", "-": r.choice(("dashes", "hyphens"))}
    w = r.choice((names.word(r), names.word(r), "old", "new", "draft", "final", "backup", str(r.randint(1999, 2030))))
    w = "".join(ch for ch in w if ch.isalnum()) or "old"
    w = w + r.choice("_-") if kind == "prefix" else r.choice("_-") + w
    c.user(ask(r, f"jp_rename_{kind}", held=c.held, d=quoted(r, d), a=said[old], b=said[new], w=quoted(r, w)))
    if kind == "lower":
        c.call(
            f'count = 0\nfor path in glob_files({lit(d + "/*")}):\n    name = path.rpartition("/")[2]\n'
            f'    if name != name.lower():\n        move_file(path, "{d}/" + name.lower())\n        count += 1\nprint(count)'
        )
        finish(c, f"I renamed {{n}} in {d}.", f"All names in {d} are in lower case already.")
        return
    code = {
        "spaces": f'    name = path.rpartition("/")[2]\n    move_file(path, "{d}/" + name.replace("{old}", "{new}"))',
        "prefix": f'    name = path.rpartition("/")[2]\n    move_file(path, "{d}/{w}" + name)',
        "suffix": f'    stem, _, ending = path.rpartition(".")\n    move_file(path, stem + "{w}." + ending)',
    }[kind]
    pattern = lit(f"{d}/*{old}*" if kind == "spaces" else f"{d}/*")
    c.call(f"paths = glob_files({pattern})\nfor path in paths:\n{code}\nprint(len(paths))")
    finish(c, f"I renamed {{n}} in {d}.", f"No file in {d} has {said[old]} in its name.")


def move_by_year(c: Chat) -> None:
    """Files with a year in their name before, or after, a given one go to a folder."""
    r = c.r
    d, e = folders(c, 2)
    year = r.randint(1995, 2029)
    for _ in range(r.randint(2, 5)):
        stem = "".join(ch for ch in names.word(r) if ch.isalpha()) or "report"
        here = year + r.choice((-5, -3, -2, -1, -1, 0, 1, 1, 2, 3))
        tail = r.choice(("", "", "", f"-{r.randint(1, 12):02}"))
        name = r.choice((f"{stem}-{here}{tail}", f"{stem}_{here}", f"{here}{tail}-{stem}", stem))
        c.world.add(r, f"{d}/{name}.{r.choice(_ENDINGS)}")
    kind, sign = r.choice((("before", "<"), ("after", ">"), ("from", ">=")))
    c.user(ask(r, f"jp_year_{kind}", held=c.held, d=quoted(r, d), e=quoted(r, e), y=str(year)))
    c.call(
        f'import re\ncount = 0\nfor path in glob_files({lit(d + "/*")}):\n    name = path.rpartition("/")[2]\n'
        f'    year = re.search(r"\\d{{4}}", name)\n    if year and int(year[0]) {sign} {year}:\n'
        f'        move_file(path, "{e}/" + name)\n        count += 1\nprint(count)'
    )
    finish(c, f"I moved {{n}} from {d} to {e}.", f"No file in {d} has such a year in its name.")


def marker_counts(c: Chat) -> None:
    """How often two to four markers stand in the files below a folder."""
    r = c.r
    (d,) = folders(c, 1)
    count = r.choice((2, 2, 3, 3, 4))
    markers = r.sample(_MARKERS, count)
    if r.random() < 0.6:
        markers = ["TODO", "FIXME", *r.sample(_MARKERS[2:], 2)][:count]
    elif r.random() < 0.6:
        markers = list(dict.fromkeys(names.word(r) for _ in range(count)))
    for _ in range(r.randint(1, 3)):
        deep = f"{names.folder(r)}/" if r.random() < 0.3 else ""
        ending = r.choice(("py", "py", "js", "txt", "md", "java", "c"))
        sign = {"py": "# ", "txt": "", "md": "- "}.get(ending, "// ")
        lines = [
            f"{sign}{r.choice(markers)}{r.choice((':', ''))} {names.phrase(r)}" if r.random() < 0.8 else names.phrase(r)
            for _ in range(r.randint(2, 5))
        ]
        c.world.add(r, f"{d}/{deep}{names.file_name(r, ending)}", "\n".join(lines) + "\n")
    c.user(ask(r, "jp_markers", held=c.held, d=quoted(r, d), v=listed(c, [quoted(r, word) for word in markers])))
    c.call(
        f"texts = [read_file(path) for path in glob_files({lit(d + '/**/*')})]\n"
        f"for word in [{', '.join(lit(word) for word in markers)}]:\n"
        "    print(word, sum(text.count(word) for text in texts))"
    )
    c.say("Those are the counts.")


def dated_file(c: Chat) -> None:
    """The newest or oldest file of a folder by the date in its name: its name, first or last line, or text."""
    r = c.r
    (d,) = folders(c, 1)
    while re.search(r"\d{4}-\d{2}", d):
        (d,) = folders(c, 1)
    taken: set[str] = set()
    year = r.randint(2005, 2027)
    for _ in range(r.randint(2, 4)):
        day = f"{year + r.choice((-1, 0, 0, 0))}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
        if day not in taken:
            taken.add(day)
            stem = "".join(ch for ch in names.word(r) if ch.isalpha()) or "report"
            name = r.choice((f"{stem}-{day}", f"{stem}_{day}", f"{day}-{stem}", f"{day}", f"{day}_{stem}"))
            text = "".join(f"{names.phrase(r)}\n" for _ in range(r.randint(1, 3)))
            c.world.add(r, f"{d}/{name}.{r.choice(('txt', 'md', 'log', 'csv'))}", text)
    kind = r.choice(("first line", "last line", "name", "text"))
    newest = r.random() < 0.65
    age = r.choice(("newest", "newest", "latest", "most recent") if newest else ("oldest", "oldest", "earliest"))
    section = "jp_dated_" + kind.rpartition(" ")[2]
    place = "at the end" if kind == "last line" else "on top"
    c.user(ask(r, section, held=c.held, d=quoted(r, d), n=age, l=kind, p=place))
    shown = {
        "first line": "read_file(path).splitlines()[0]",
        "last line": "read_file(path).splitlines()[-1]",
        "name": "path",
        "text": "read_file(path)",
    }[kind]
    out, _ = c.call(
        f"import re\ndates = {{}}\nfor path in glob_files({lit(d + '/*')}):\n"
        f'    date = re.search(r"\\d{{4}}-\\d{{2}}-\\d{{2}}", path)\n    if date:\n        dates[date[0]] = path\n'
        f"path = dates[{'max' if newest else 'min'}(dates)]\nprint({shown})"
    )
    say = {"name": f"The {age} file in {d} is {out}.", "text": f"That is the content of the {age} file in {d}."}
    c.say(say.get(kind, f"The {kind} of the {age} file is: {out}"))


def directly_in(c: Chat) -> None:
    """How many files, or folders, are in a folder itself, not below it."""
    r = c.r
    (d,) = folders(c, 1)
    for _ in range(r.randint(1, 5)):
        deep = f"{names.folder(r)}/" if r.random() < 0.45 else ""
        c.world.add(r, f"{d}/{deep}{names.file_name(r, r.choice(_ENDINGS))}")
    kind = r.choice(("files", "files", "folders"))
    c.user(ask(r, f"jp_direct_{kind}", held=c.held, d=quoted(r, d)))
    test = 'if name.endswith("/")' if kind == "folders" else 'if not name.endswith("/")'
    out, _ = c.call(f"print(len([name for name in list_directory({lit(d)}) {test}]))")
    where = "in" if kind == "folders" else "directly in"
    c.say(f"There {'is' if out == '1' else 'are'} {plural(out, kind[:-1])} {where} {d}.")


KINDS: list[tuple[Task, int]] = [
    (folder_names, 8),
    (file_lines, 4),
    (sort_by_ending, 8),
    (counts_and_total, 6),
    (folder_sizes, 6),
    (rename_files, 7),
    (move_by_year, 5),
    (marker_counts, 6),
    (dated_file, 6),
    (directly_in, 4),
]
