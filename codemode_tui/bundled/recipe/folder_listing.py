"""Questions about which files there are: list, find by extension or name, count."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
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
                    "what (do I have|do we have|have I|is there|lies) (here|in here|in this folder)",
                    "(tell me|name|print) (the |all |)files (here|in this folder|of this folder|of this directory)",
                    "everything (here|in this folder)",
                    "(give me|print|I need|get) a (list|listing) of (the |all |)(files|what is here)",
                    "(the names of|names of) (the|all) files( here|)",
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
                "(tell me|name|give me|I need) (the |all |)files (in|of|below|under) {d}",
                "what (do I have|do we have|lies|is there|is stored) (in|under|below|inside) {d}",
                "(look into|open|see) the (folder|directory) {d}",
                "(everything|all) (in|under) {d}",
                "{d}(:|,) (what is in it|list it|show the files)",
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
                    f"(I need|I want|name|tell me|search for|collect) (all |the |my |all the |){{x}} files{place}",
                    f"(do we have|have we|are there) any {{x}} files{place}",
                    f"(all|every one of) the {{x}} files{place}",
                    f"(any|which) files (ending in|that end in|with the ending|of type) {{x}}{place}",
                    f"{{x}} files{place}",
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
                    f"(what is|I need|give me|find out) the number of {{x}} files{place}",
                    f"(how many|what number of) files (are|end in|of type) {{x}}{place}",
                    f"(do you know|can you say|find out) how many {{x}} files (there are|we have|exist){place}",
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
                    "where (can I find|did I put|do I have|lies) {f}",
                    "I (cannot find|can't find|am looking for|lost) {f}",
                    "(in what|which) folder (has|holds|contains) {f}",
                    "(show|tell|give) me the path of {f}",
                    "{f}(:|,) where is it",
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
                f"(I need|I want|name|print|give me) (the |all |)files {way[1]} {{w}}",
                f"(are there|do we have) files {way[1]} {{w}}",
                f"what files {way[0]} {{w}}",
                f"(names|file names) {way[1]} {{w}}",
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
                    "(what is|give me|I need) the number of files (in|below|under) {d}",
                    "how many files (lie|are there|do we have|has) (in|below|under|inside) {d}",
                    "{d}(:|,) how many files",
                    "in {d}(,|) how many files (are there|do we have)",
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
