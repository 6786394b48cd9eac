"""Questions that find files: by extension, by name, by what they lack."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_kinds import COMMON, GROUPS, KINDS, plural, singular, some_extension
from codemode_tui.bundled.recipe.folder_listing import as_written, folder_name, question, some_folder
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source


def _some_of(c: Chat, e: str, where: str, least: int = 0) -> None:
    """A few files of the kind that is asked for, or none."""
    for _ in range(c.r.choice((0, 1, 1, 2, 3)) + least):
        folder = where or (names.folder(c.r) if c.r.random() < 0.3 else "")
        c.world.add(c.r, (folder + "/" if folder else "") + names.file_name(c.r, e))


def _is(number: str) -> str:
    return "is" if number == "1" else "are"


def _files(number: str) -> str:
    return "file" if number == "1" else "files"


def by_extension(c: Chat) -> None:
    """Files of one extension: list or count them, everywhere or in a folder."""
    r = c.r
    e = some_extension(r)
    d = some_folder(c) if r.random() < 0.35 else ""
    _some_of(c, e, d)
    where = f" in {d}" if d else ""
    pattern = f"{d}/**/*.{e}" if d else f"**/*.{e}"
    asked = "extension_in" if d else "extension"
    slots = {"kind": plural(r, e), "one": singular(r, e), "d": as_written(r, d)}
    if r.random() < 0.55:
        question(c, asked, slots)
        out, _ = c.call(f"for path in glob_files({lit(pattern)}):\n    print(path)")
        c.say(f"There are no .{e} files{where}." if out == "(no output)" else f"Those are the .{e} files{where}.")
    else:
        question(c, f"count_{asked}", slots)
        out, _ = c.call(f"print(len(glob_files({lit(pattern)})))")
        c.say(f"There {_is(out)} {out} .{e} {_files(out)}{where}.")


def top_extension(c: Chat) -> None:
    """Files of one extension on one level only."""
    r = c.r
    e = some_extension(r)
    d = some_folder(c) if r.random() < 0.5 else ""
    _some_of(c, e, d)
    where = f" directly in {d}" if d else " at the top"
    pattern = f"{d}/*.{e}" if d else f"*.{e}"
    asked = "extension_directly_in" if d else "extension_top"
    slots = {"kind": plural(r, e), "d": as_written(r, d)}
    if r.random() < 0.65:
        question(c, asked, slots)
        out, _ = c.call(f"for path in glob_files({lit(pattern)}):\n    print(path)")
        c.say(f"There are no .{e} files{where}." if out == "(no output)" else f"Those are the .{e} files{where}.")
    else:
        question(c, f"count_{asked}", slots)
        out, _ = c.call(f"print(len(glob_files({lit(pattern)})))")
        c.say(f"There {_is(out)} {out} .{e} {_files(out)}{where}.")


def some_of_kind(c: Chat) -> None:
    """The first or last few of a kind, or all in reverse order."""
    r = c.r
    e = some_extension(r)
    _some_of(c, e, "", 1)
    kind = plural(r, e)
    way = r.random()
    n = r.choice((2, 3, 3, 4, 5, 6, 7, 8, 10, 12, 20))
    files = f"glob_files({lit('**/*.' + e)})"
    if way < 0.35:
        c.user(ask(r, "first_of_kind", held=c.held, kind=kind, n=str(n)))
        out, _ = c.call(f"for path in {files}[:{n}]:\n    print(path)")
        said = f"Those are the first {n} .{e} files."
    elif way < 0.55:
        c.user(ask(r, "last_of_kind", held=c.held, kind=kind, n=str(n)))
        out, _ = c.call(f"for path in {files}[-{n}:]:\n    print(path)")
        said = f"Those are the last {n} .{e} files."
    elif way < 0.75:
        c.user(ask(r, "kind_reversed", held=c.held, kind=kind))
        out, _ = c.call(f"for path in sorted({files}, reverse=True):\n    print(path)")
        said = f"Those are the .{e} files in reverse order."
    else:
        c.user(ask(r, "kind_sorted", held=c.held, kind=kind))
        out, _ = c.call(f"for path in {files}:\n    print(path)")
        said = f"Those are the .{e} files."
    c.say(f"There are no .{e} files." if out == "(no output)" else said)


def by_extensions(c: Chat) -> None:
    """Files of several extensions at once."""
    r = c.r
    endings: tuple[str, ...]
    if r.random() < 0.35:
        endings, ways = GROUPS[r.choice(sorted(GROUPS))]
        kind = label = r.choice(ways)
    else:
        found = dict.fromkeys((r.choice(COMMON), some_extension(r), *([some_extension(r)] * (r.random() < 0.3))))
        endings = tuple(found) if len(found) > 1 else ("py", "md")
        kind = _joined(r, endings)
        label = ", ".join(f".{e}" for e in endings[:-1]) + f" and .{endings[-1]} files"
    for e in endings:
        _some_of(c, e, "")
    suffixes = lit_tuple(endings)
    if r.random() < 0.7:
        c.user(ask(r, "extension", held=c.held, kind=kind, one="of the " + kind))
        out, _ = c.call(f'for path in glob_files("**/*"):\n    if path.endswith({suffixes}):\n        print(path)')
        c.say(f"There are no {label}." if out == "(no output)" else f"Those are the {label}.")
    else:
        c.user(ask(r, "count_extension", held=c.held, kind=kind, one="of the " + kind))
        out, _ = c.call(f'print(len([path for path in glob_files("**/*") if path.endswith({suffixes})]))')
        c.say(f"There are {out} {label}.")


def lit_tuple(endings: tuple[str, ...]) -> str:
    """A tuple of suffixes as it stands in a program; one alone needs no brackets."""
    if len(endings) == 1:
        return lit("." + endings[0])
    return "(" + ", ".join(lit("." + e) for e in endings) + ")"


def _joined(r: Source, endings: tuple[str, ...]) -> str:
    word = r.choice(("and", "and", "or"))
    style = r.random()
    if style < 0.5:
        parts = [f".{e}" for e in endings]
    elif style < 0.75:
        parts = list(endings)
    else:
        parts = [KINDS[e][0].removesuffix(" files") if e in KINDS else f".{e}" for e in endings]
    text = ", ".join(parts[:-1]) + f" {word} {parts[-1]}" if len(parts) > 1 else parts[0]
    return f"files ending in {text}" if style < 0.75 and r.random() < 0.3 else f"{text} files"


def other_extension(c: Chat) -> None:
    """Files that do not have an extension, or none at all."""
    r = c.r
    if r.random() < 0.3:
        if r.random() < 0.7:
            c.world.add(r, r.choice(("LICENSE", "Makefile", "Dockerfile", "README", names.word(r))), "x\n")
        c.user(ask(r, "no_extension", held=c.held))
        out, _ = c.call('for path in glob_files("**/*"):\n    if "." not in path.split("/")[-1]:\n        print(path)')
        c.say("Every file has an extension." if out == "(no output)" else "Those are the files without an extension.")
        return
    e = some_extension(r)
    _some_of(c, e, "")
    if r.random() < 0.7:
        c.user(ask(r, "other_extension", held=c.held, kind=plural(r, e), one=singular(r, e), e="." + e, x=e))
        out, _ = c.call(
            f'for path in glob_files("**/*"):\n    if not path.endswith({lit("." + e)}):\n        print(path)'
        )
        c.say(f"All files are .{e} files." if out == "(no output)" else f"Those are the files that are not .{e} files.")
    else:
        c.user(ask(r, "count_other_extension", held=c.held, kind=plural(r, e), one=singular(r, e), e="." + e, x=e))
        out, _ = c.call(f'print(len([path for path in glob_files("**/*") if not path.endswith({lit("." + e)})]))')
        c.say(f"There {_is(out)} {out} {_files(out)} that {_is(out)} not .{e}.")


def by_name(c: Chat) -> None:
    """Where a file lies, by its exact name."""
    r = c.r
    here = [path.rsplit("/", 1)[-1] for path in sorted(c.world.files)]
    if r.random() < 0.55 and here:
        f = r.choice(here)
    elif r.random() < 0.5:
        f = names.file_name(r)
        folder = some_folder(c)
        c.world.add(r, f"{folder}/{f}")
    else:
        f = names.file_name(r)
    if any(ch in f for ch in "[]*?") or f.startswith(".") or ("." not in f and f not in r.famous):
        f = c.world.add(r, "notes.txt")
    c.user(ask(r, "where_file", held=c.held, f=quoted(r, f)))
    out, _ = c.call(f"for path in glob_files({lit('**/' + f)}):\n    print(path)")
    if out == "(no output)":
        c.say(f"There is no file {f}.")
    else:
        c.say(f"I found several files {f}." if "\n" in out else f"It is {out}.")


def name_part(c: Chat) -> None:
    """Files by a part of their names, its beginning or its end: list or count them."""
    r = c.r
    w = names.word(r) if r.random() < 0.7 else f"{names.word(r)}{r.choice('_-')}{names.word(r)}"
    way = r.choice(("contains", "contains", "starts", "starts", "ends"))
    if way == "ends" and r.random() < 0.5:
        w = r.choice("_-") + w
    for _ in range(r.choice((0, 1, 1, 2))):
        other = names.file_name(r)
        stem, _, ending = other.rpartition(".")
        made = {"contains": f"{stem}-{w}.{ending}", "starts": f"{w}_{other}", "ends": f"{stem}{w}.{ending}"}[way]
        c.world.add(r, f"{names.folder(r)}/{made}" if r.random() < 0.3 else made)
    d = some_folder(c) if r.random() < 0.2 else ""
    pattern = {"contains": f"*{w}*", "starts": f"{w}*", "ends": f"*{w}.*"}[way]
    pattern = f"{d}/**/{pattern}" if d else f"**/{pattern}"
    where = f" in {d}" if d else ""
    verb = {"contains": "contain", "starts": "start with", "ends": "end with"}[way]
    asked = f"name_{way}" + ("_in" if d else "")
    if r.random() < 0.72:
        c.user(ask(r, asked, held=c.held, w=quoted(r, w), d=as_written(r, d)))
        out, _ = c.call(f"for path in glob_files({lit(pattern)}):\n    print(path)")
        c.say(
            f"No file name{where} {verb}s {w}.".replace("start withs", "starts with").replace("end withs", "ends with")
            if out == "(no output)"
            else f"Those are the files{where}."
        )
    else:
        c.user(ask(r, f"count_{asked}", held=c.held, w=quoted(r, w), d=as_written(r, d)))
        out, _ = c.call(f"print(len(glob_files({lit(pattern)})))")
        c.say(f"There {_is(out)} {out} such {_files(out)}{where}.")


def special_names(c: Chat) -> None:
    """Test files and read-me files."""
    r = c.r
    if r.random() < 0.65:
        for _ in range(r.randint(0, 3)):
            c.world.add(r, r.choice(("tests/", "", "src/")) + r.choice(("test_", "")) + f"{names.word(r)}_test.py")
            c.world.add(r, r.choice(("tests/", "tests/unit/", "")) + f"test_{names.identifier(r).lower()}.py")
        c.user(ask(r, "test_files", held=c.held))
        out, _ = c.call('for path in glob_files("**/*test*"):\n    print(path)')
        c.say("There are no test files." if out == "(no output)" else "Those are the test files.")
    else:
        if r.random() < 0.8:
            c.world.add(r, r.choice(("README.md", "docs/README.md", "README.txt", f"{names.folder(r)}/README.md")))
        c.user(ask(r, "readme_files", held=c.held))
        out, _ = c.call('for path in glob_files("**/README*"):\n    print(path)')
        c.say(
            "There is no README."
            if out == "(no output)"
            else "Those are the README files."
            if "\n" in out
            else f"It is {out}."
        )


def empty_files(c: Chat) -> None:
    """Files without content: list or count them."""
    r = c.r
    for _ in range(r.choice((0, 1, 2))):
        c.world.add(r, names.file_name(r), "")
    if r.random() < 0.7:
        c.user(ask(r, "empty_files", held=c.held))
        out, _ = c.call('for path in glob_files("**/*"):\n    if file_info(path)["size"] == 0:\n        print(path)')
        c.say("None of them is empty." if out == "(no output)" else "Those are empty.")
    else:
        c.user(ask(r, "count_empty_files", held=c.held))
        out, _ = c.call('print(len([path for path in glob_files("**/*") if file_info(path)["size"] == 0]))')
        c.say(f"There {_is(out)} {out} empty {_files(out)}.")


def where_folder(c: Chat) -> None:
    """Where a folder lies, by its name."""
    r = c.r
    d = folder_name(r).split("/")[-1]
    if r.random() < 0.75:
        above = f"{folder_name(r)}/" if r.random() < 0.6 else ""
        for _ in range(r.randint(1, 2)):
            c.world.add(r, f"{above}{d}/{names.file_name(r)}")
    c.user(ask(r, "where_folder", held=c.held, d=as_written(r, d)))
    out, _ = c.call(
        f'folders = {{path.rpartition("/")[0] for path in glob_files({lit(f"**/{d}/*")})}}\n'
        "for folder in sorted(folders):\n    print(folder)"
    )
    if out == "(no output)":
        c.say(f"There is no folder {d}.")
    else:
        c.say(f"I found several folders {d}." if "\n" in out else f"It is {out}.")


def names_only(c: Chat) -> None:
    """The names of the files of one kind, without the folders before them."""
    r = c.r
    e = some_extension(r)
    _some_of(c, e, "", 1)
    c.user(ask(r, "names_only", held=c.held, kind=plural(r, e)))
    c.call(f'for path in glob_files({lit("**/*." + e)}):\n    print(path.split("/")[-1])')
    c.say(f"Those are the names of the .{e} files.")


def folders_of_kind(c: Chat) -> None:
    """Which folders hold files of an extension."""
    r = c.r
    e = some_extension(r)
    for _ in range(r.randint(0, 3)):
        c.world.add(r, f"{names.folder(r)}/{names.file_name(r, e)}")
    c.user(ask(r, "folders_of_kind", held=c.held, kind=plural(r, e), one=singular(r, e)))
    out, _ = c.call(
        f'folders = {{path.rpartition("/")[0] or "." for path in glob_files({lit("**/*." + e)})}}\n'
        "for folder in sorted(folders):\n    print(folder)"
    )
    c.say(f"No folder has .{e} files." if out == "(no output)" else f"Those folders have .{e} files.")


def count_files(c: Chat) -> None:
    """How many files there are, at any depth."""
    r = c.r
    if r.random() < 0.5:
        c.user(ask(r, "count_files", held=c.held))
        out, _ = c.call('print(len(glob_files("**/*")))')
        c.say(f"There {_is(out)} {out} {_files(out)}.")
    else:
        d = some_folder(c)
        c.user(ask(r, "count_files_in", held=c.held, d=as_written(r, d)))
        out, _ = c.call(f"print(len(glob_files({lit(d + '/**/*')})))")
        c.say(f"{d} has {out} {_files(out)}.")
