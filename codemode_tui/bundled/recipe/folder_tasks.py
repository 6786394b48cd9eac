"""Questions about many files: list, find, search, count, compare, summarise, git."""

from __future__ import annotations

from codemode_tui.bundled.recipe import contents, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.phrasing import ask, quoted

LANGUAGES = {
    "py": ("python", "Python"),
    "md": ("markdown",),
    "txt": ("text",),
    "json": ("json", "JSON"),
    "csv": ("csv", "CSV"),
    "log": ("log",),
    "js": ("javascript",),
    "html": ("html",),
    "toml": ("toml", "TOML"),
    "yml": ("yaml",),
}


def some_folder(c: Chat) -> str:
    r = c.r
    known = c.world.folders()
    if known and r.random() < 0.7:
        return r.choice(known)
    folder = names.folder(r)
    for _ in range(r.randint(1, 3)):
        c.world.add(r, f"{folder}/{names.file_name(r)}")
    return folder


def listing(c: Chat) -> None:
    r = c.r
    if r.random() < 0.5:
        c.user(
            ask(
                r,
                [
                    "list the files here",
                    "list files",
                    "list (all |the |)files",
                    "what files are (here|there|in this folder|in this directory|in the workspace)",
                    "(show|show me|give me) (the |all |)files",
                    "ls",
                    "what is in this (folder|directory)",
                    "which files (are here|do I have|do we have|are there)",
                    "(list|show) the (current |)(folder|directory)",
                    "list (the |)(directory|folder|workspace)",
                    "(can I see|let me see) what is here",
                ],
                held=c.held,
            )
        )
        c.call('for name in list_directory("."):\n    print(name)')
        c.say("These are the files here.")
        return
    d = some_folder(c) if r.random() < 0.85 else names.folder(r)
    c.user(
        ask(
            r,
            [
                "(list|show|show me|print) (the |all |)files in {d}",
                "what (is|files are) in (the folder |the directory |){d}",
                "ls {d}",
                "(list|show) (the folder |the directory |){d}",
                "which files (are in|does) {d} (contain|have)",
                "what does (the folder |){d} contain",
                "(contents of|files of) the folder {d}",
            ],
            held=c.held,
            d=quoted(r, d),
        )
    )
    _, ok = c.call(f"for name in list_directory({lit(d)}):\n    print(name)")
    c.say(f"These are the files in {d}." if ok else f"There is no folder {d}.")


def by_extension(c: Chat) -> None:
    r = c.r
    e = r.choice(sorted(LANGUAGES)) if r.random() < 0.75 else r.choice(names.EXTENSIONS)
    shown = r.choice(LANGUAGES[e]) if e in LANGUAGES and r.random() < 0.6 else f".{e}"
    for _ in range(r.choice((0, 1, 2, 3))):
        c.world.add(r, names.file_name(r, e))
    where = some_folder(c) if r.random() < 0.25 else ""
    place = f" in {where}" if where else ""
    pattern = f"{where}/**/*.{e}" if where else f"**/*.{e}"
    if r.random() < 0.5:
        c.user(
            ask(
                r,
                [
                    f"(find|list|show|show me|get|locate) (all |the |all the |every |){{x}} files?{place}".replace(
                        "files?", "files"
                    ),
                    f"which {{x}} files (are there|are here|exist|do I have){place}",
                    f"where are the {{x}} files{place}",
                    f"what {{x}} files (are there|exist){place}",
                    f"(give me|print) (a list of |)all {{x}} files{place}",
                ],
                held=c.held,
                x=shown,
            )
        )
        out, _ = c.call(f"for path in glob_files({lit(pattern)}):\n    print(path)")
        c.say(f"There are no {shown} files{place}." if out == "(no output)" else f"Those are the {shown} files{place}.")
    else:
        c.user(
            ask(
                r,
                [
                    f"how many {{x}} files are (there|here){place}",
                    f"count (the |all |){{x}} files{place}",
                    f"how many {{x}} files (do I have|do we have|exist){place}",
                    f"(number of|total number of) {{x}} files{place}",
                    f"tell me how many {{x}} files there are{place}",
                ],
                held=c.held,
                x=shown,
            )
        )
        out, _ = c.call(f"print(len(glob_files({lit(pattern)})))")
        c.say(f"There {'is' if out == '1' else 'are'} {out} {shown} file{'' if out == '1' else 's'}{place}.")


def by_name(c: Chat) -> None:
    r = c.r
    if r.random() < 0.5 and c.world.files:
        f = r.choice(sorted(c.world.files)).rsplit("/", 1)[-1]
        if r.random() < 0.5:
            f = names.file_name(r)
        if any(ch in f for ch in "[]*?"):
            return listing(c)
        c.user(
            ask(
                r,
                [
                    "where is (the file |){f}",
                    "find (the file |a file called |){f}",
                    "locate (the file |){f}",
                    "in which folder is {f}",
                    "(search for|look for) the file {f}",
                ],
                held=c.held,
                f=quoted(r, f),
            )
        )
        out, _ = c.call(f"for path in glob_files({lit('**/' + f)}):\n    print(path)")
        c.say(
            f"There is no file {f}."
            if out == "(no output)"
            else "I found it."
            if "\n" not in out
            else "I found several."
        )
        return
    w = names.word(r)
    if r.random() < 0.6:
        c.world.add(r, f"{w}{r.choice('-_')}{names.file_name(r)}")
    way = r.choice((("start with", "beginning with", f"**/{w}*"), ("contain", "containing", f"**/*{w}*")))
    c.user(
        ask(
            r,
            [
                f"(find|list|show) (all |)files {way[1]} {{w}}",
                f"(find|list|show) (all |)files (that|whose names) {way[0]} {{w}}",
                f"which (files|file names) {way[0]} {{w}}",
                f"files whose name {way[0]}s {{w}}",
            ],
            held=c.held,
            w=quoted(r, w),
        )
    )
    out, _ = c.call(f"for path in glob_files({lit(way[2])}):\n    print(path)")
    c.say(f"No file names {way[0]} {w}." if out == "(no output)" else "Those are the files.")


def count_files(c: Chat) -> None:
    r = c.r
    if r.random() < 0.6:
        c.user(
            ask(
                r,
                [
                    "how many files are (there|here|in this folder|in the workspace)",
                    "count (the |all |)files",
                    "how many files (do I have|do we have|exist)",
                    "(number of|total number of) files",
                    "how many files does this (folder|project|workspace) have",
                ],
                held=c.held,
            )
        )
        out, _ = c.call('print(len(glob_files("**/*")))')
        c.say(f"There {'is 1 file' if out == '1' else f'are {out} files'}.")
    else:
        d = some_folder(c)
        c.user(
            ask(
                r,
                [
                    "how many files are in {d}",
                    "count (the |)files in {d}",
                    "how many files does {d} (have|contain)",
                    "number of files in {d}",
                ],
                held=c.held,
                d=quoted(r, d),
            )
        )
        out, _ = c.call(f"print(len(glob_files({lit(d + '/**/*')})))")
        c.say(f"{d} has {out} file{'' if out == '1' else 's'}.")


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


def search(c: Chat) -> None:
    r = c.r
    text = " ".join(c.world.files.values()).split()
    w = r.choice((r.choice(contents.MARKS), r.choice(text) if text else "a", names.identifier(r), names.word(r)))
    w = "".join(ch for ch in w if ch.isalnum() or ch in "_-") or "TODO"
    d = some_folder(c) if r.random() < 0.35 else ""
    place = f" in {d}" if d else r.choice((" in all files", "", "", " here", " in this project", " everywhere"))
    args = f"{lit(w)}, {lit(d)}" if d else lit(w)
    if r.random() < 0.62:
        if w in contents.MARKS and r.random() < 0.4:
            c.user(
                ask(
                    r,
                    [
                        f"(collect|find|list|show|show me|gather) (all |the |all the |){w}s{place}",
                        f"what {w}s (are there|are left){place}",
                        f"(give me|print) every {w}{place}",
                    ],
                    held=c.held,
                )
            )
        else:
            c.user(
                ask(
                    r,
                    [
                        f"(search|look|grep) for {{w}}{place}",
                        f"(find|find all uses of|find all occurrences of) {{w}}{place}",
                        f"where is {{w}} (used|mentioned|defined){place}",
                        f"which lines (contain|mention) {{w}}{place}",
                        f"grep {{w}}{place}",
                        f"where does {{w}} (occur|appear){place}",
                    ],
                    held=c.held,
                    w=quoted(r, w),
                )
            )
        out, _ = c.call(f"for line in search_files({args}):\n    print(line)")
        tail = f" in {d}" if d else ""
        c.say(f"I found no {w}{tail}." if out == "(no output)" else f"Those are the lines with {w}{tail}.")
    elif r.random() < 0.6:
        c.user(
            ask(
                r,
                [
                    f"how many lines (contain|mention) {{w}}{place}",
                    f"count the lines with {{w}}{place}",
                    f"how (often|many times) (is|does) {{w}} (used|appear|occur){place}",
                    f"how many {{w}}s? are there{place}".replace("s?", ""),
                ],
                held=c.held,
                w=quoted(r, w),
            )
        )
        out, _ = c.call(f"print(len(search_files({args})))")
        c.say(f"{w} is on {out} line{'' if out == '1' else 's'}.")
    else:
        c.user(
            ask(
                r,
                [
                    f"which files (contain|mention|have) {{w}}{place}",
                    f"(list|find|show) (the |all |)files (with|that contain|containing) {{w}}{place}",
                    f"in which files (is|does) {{w}} (appear|occur){place}",
                    f"files with {{w}}{place}",
                ],
                held=c.held,
                w=quoted(r, w),
            )
        )
        out, _ = c.call(
            f'found = search_files({args})\nfor path in sorted({{line.split(":")[0] for line in found}}):\n    print(path)'
        )
        c.say(f"No file contains {w}." if out == "(no output)" else f"Those files contain {w}.")


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


def conditional(c: Chat) -> None:
    r = c.r
    f = r.choice(sorted(c.world.files)) if c.world.files and r.random() < 0.5 else names.file_name(r)
    text = names.phrase(r)
    c.user(
        ask(
            r,
            [
                "if {f} exists(,|) (read|show) it(,|) (otherwise|else) create it with '{t}'",
                "(read|show) {f} if it exists(,|) (otherwise|else) (create|write) it with '{t}'",
                "create {f} with '{t}' (if it does not exist|unless it exists)(,|) else (show|read) it",
                "when {f} is there print it, if not write '{t}' into it",
            ],
            held=c.held,
            f=quoted(r, f),
            t=text,
        )
    )
    out, _ = c.call(
        f'if {lit(f)} in glob_files("**/*"):\n    print(read_file({lit(f)}))\nelse:\n    write_file({lit(f)}, {lit(text)} + "\\n")\n    print("created")'
    )
    c.say(f"{f} did not exist, so I created it." if out == "created" else f"{f} exists; that is its content.")


COMMANDS = {
    "git status --short": (
        [
            "git status",
            "(show|what is) the git status",
            "(what has|which files have) changed (in git|)",
            "are there uncommitted changes",
            "(is the working tree clean|any changes in git)",
        ],
        "That is the git status.",
        "The working tree is clean.",
    ),
    "git branch --show-current": (
        [
            "(which|what) branch (am I on|is this|are we on)",
            "(show|print|what is) the current (git |)branch",
            "current git branch",
            "on which branch am I",
        ],
        "You are on the branch {out}.",
        "",
    ),
    "git diff --stat": (
        [
            "(show|summarise) the git diff",
            "git diff",
            "what is the (git |)diff",
            "how much (did I change|have I changed)",
        ],
        "That is what has changed.",
        "Nothing has changed.",
    ),
    "python --version": (
        [
            "(which|what) (version of python|python version) (is this|is installed|do I have)",
            "python version",
            "(check|show|print) the python version",
        ],
        "It is {out}.",
        "",
    ),
    "whoami": (["who am I logged in as", "what is my user name", "whoami"], "You are {out}.", ""),
    "date": (
        ["what (day|date) is (it|today)", "what time is it", "what is today's date"],
        "It is {out}.",
        "",
    ),
    "uname -a": (
        ["(which|what) operating system is this", "what system am I on", "uname"],
        "That is your system.",
        "",
    ),
    "pwd": (
        ["(what is|print|show) the (current|working) directory", "where am I", "in which folder am I"],
        "You are in {out}.",
        "",
    ),
}


def command(c: Chat) -> None:
    r = c.r
    if r.random() < 0.3:
        n = r.randint(1, 20)
        c.user(
            ask(
                r,
                [
                    "(show|show me|print|list) the last {n} commits",
                    "git log (of|for) the last {n} commits",
                    "what (are|were) the last {n} commits",
                    "the {n} most recent commits",
                ],
                held=c.held,
                n=str(n),
            )
        )
        c.call(f'print(run_command("git log --oneline -n {n}"))')
        c.say(f"Those are the last {n} commits." if n > 1 else "That is the last commit.")
        return
    line = r.choice(sorted(COMMANDS))
    questions, full, empty = COMMANDS[line]
    c.user(ask(r, questions, held=c.held))
    out, _ = c.call(f"print(run_command({lit(line)}))")
    c.say(empty if empty and not out.strip() else full.replace("{out}", out.strip()))


TASKS = [
    (listing, 7),
    (by_extension, 9),
    (by_name, 5),
    (count_files, 4),
    (extreme, 6),
    (search, 10),
    (totals, 6),
    (ranking, 4),
    (conditional, 3),
    (command, 6),
]
