"""Questions that compare and add up files: the largest, totals, rankings."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.folder_listing import LANGUAGES
from codemode_tui.bundled.recipe.phrasing import ask


def extreme(c: Chat) -> None:
    r = c.r
    word, fn, key, unit = r.choice(
        (
            ("largest", "max", 'file_info(path)["size"]', "bytes"),
            ("biggest", "max", 'file_info(path)["size"]', "bytes"),
            ("smallest", "min", 'file_info(path)["size"]', "bytes"),
            ("longest", "max", 'file_info(path)["lines"]', "lines"),
            ("shortest", "min", 'file_info(path)["lines"]', "lines"),
            ("newest", "max", 'file_info(path)["modified"]', ""),
            ("oldest", "min", 'file_info(path)["modified"]', ""),
            ("latest", "max", 'file_info(path)["modified"]', ""),
        )
    )
    e = r.choice(sorted(LANGUAGES)) if r.random() < 0.3 else ""
    kind = f"{r.choice(LANGUAGES[e])} " if e else ""
    if e:
        c.world.add(r, names.file_name(r, e))
    c.user(
        ask(
            r,
            [
                f"(I need|tell me|give me|look for) the {word} {kind}file",
                f"which (one |)of the {kind}files is the {word}",
                f"(the |){word} of (all |the |all the |){kind}files",
                f"(name|print) the {kind}file that is the {word}",
                f"(what|which) is the {word} {kind}file",
                f"(find|show|show me|get|name) the {word} {kind}file",
                f"which {kind}file is the {word}",
                f"what is the {word} {kind}file here",
                f"{word} {kind}file",
            ],
            held=c.held,
        )
    )
    shown = key.replace("path", "found")
    out, _ = c.call(
        f"files = glob_files({lit('**/*.' + e if e else '**/*')})\nfound = {fn}(files, key=lambda path: {key})\nprint(found, {shown})"
    )
    name, _, value = out.rpartition(" ")
    c.say(f"The {word} {kind}file is {name}" + (f" with {value} {unit}." if unit else f", changed on {value[:10]}."))


def totals(c: Chat) -> None:
    r = c.r
    e = r.choice(sorted(LANGUAGES)) if r.random() < 0.5 else ""
    kind = f"{r.choice(LANGUAGES[e])} " if e else ""
    if e:
        c.world.add(r, names.file_name(r, e))
    pattern = lit("**/*." + e if e else "**/*")
    unit = r.choice(("lines", "lines", "words", "characters"))
    measure = {
        "lines": "len(read_file(path).splitlines())",
        "words": "len(read_file(path).split())",
        "characters": "len(read_file(path))",
    }[unit]
    way = r.random()
    if way < 0.4:
        c.user(
            ask(
                r,
                [
                    f"how many {unit} (are in|do) all {kind}files (have|contain|)",
                    f"(count|add up|sum) the {unit} of all {kind}files",
                    f"(total|total number of) {unit} in (all |){kind}files",
                    f"how many {unit} (in total|altogether) in the {kind}files",
                    f"how many {unit} are there in all {kind}files together",
                ],
                held=c.held,
            )
        )
        out, _ = c.call(f"total = 0\nfor path in glob_files({pattern}):\n    total += {measure}\nprint(total)")
        c.say(f"All {kind}files together have {out} {unit}.")
    elif way < 0.7:
        c.user(
            ask(
                r,
                [
                    f"(count|show|list|print) the {unit} of (each|every) {kind}file",
                    f"how many {unit} does (each|every) {kind}file have",
                    f"{unit} per {kind}file",
                    f"for each {kind}file(,|) (print|show) the number of {unit}",
                ],
                held=c.held,
            )
        )
        c.call(f"for path in glob_files({pattern}):\n    print(path, {measure})")
        c.say(f"Those are the {unit} of each {kind}file.")
    else:
        c.user(
            ask(
                r,
                [
                    f"(count|show|list) the {unit} (per|by|for each) (folder|directory)",
                    f"how many {unit} does each (folder|directory) have",
                    f"{unit} per (folder|directory)",
                    f"(group|total) the {unit} by (folder|directory)",
                ],
                held=c.held,
            )
        )
        c.call(
            f'totals = {{}}\nfor path in glob_files("**/*"):\n    folder = path.rsplit("/", 1)[0] if "/" in path else "."\n    totals[folder] = totals.get(folder, 0) + {measure}\nfor folder, total in sorted(totals.items()):\n    print(folder, total)'
        )
        c.say(f"Those are the {unit} per folder.")


def ranking(c: Chat) -> None:
    r = c.r
    n = r.choice((2, 3, 4, 5, 10))
    way = r.random()
    if way < 0.5:
        c.user(
            ask(
                r,
                [
                    "(show|list|what are|which are|find) the {n} (largest|biggest) files",
                    "top {n} files by size",
                    "(list|show) files (sorted by|by) size(,| and) the {n} largest",
                    "which {n} files are the (largest|biggest)",
                ],
                held=c.held,
                n=str(n),
            )
        )
        c.call(
            f'files = sorted(glob_files("**/*"), key=lambda path: file_info(path)["size"], reverse=True)\nfor path in files[:{n}]:\n    print(path, file_info(path)["size"])'
        )
        c.say(f"Those are the {n} largest files.")
    else:
        c.user(
            ask(
                r,
                [
                    "(count|group) (the |all |)files by (extension|type|ending)",
                    "how many files (per|of each|for each) (extension|type)",
                    "(which|what) (file types|extensions) are (here|there)",
                    "files per (extension|type)",
                ],
                held=c.held,
            )
        )
        c.call(
            'counts = {}\nfor path in glob_files("**/*"):\n    ending = path.rsplit(".", 1)[-1]\n    counts[ending] = counts.get(ending, 0) + 1\nfor ending, count in sorted(counts.items()):\n    print(ending, count)'
        )
        c.say("Those are the files by extension.")
