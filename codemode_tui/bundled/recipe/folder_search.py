"""Questions about words in many files: the lines, the files, how many of them, how often."""

from __future__ import annotations

from codemode_tui.bundled.recipe import contents, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_kinds import plural, some_extension
from codemode_tui.bundled.recipe.folder_listing import as_written, question, some_folder
from codemode_tui.bundled.recipe.phrasing import ask, quoted


def some_word(c: Chat) -> str:
    """What is searched: often something that stands in a file, now and then two words or a number."""
    r = c.r
    text = " ".join(text for path, text in sorted(c.world.files.items()) if not path.startswith(".")).split()
    chance = r.random()
    if chance < 0.5 and text:
        w = r.choice(text)
    elif chance < 0.62:
        w = names.identifier(r)
    elif chance < 0.7:
        w = r.choice(contents.MARKS)
    elif chance < 0.78:
        w = f"{names.word(r)} {names.word(r)}"
    else:
        w = names.word(r)
    w = "".join(ch for ch in w if ch.isalnum() or ch in "_- ").strip("- ")
    if r.random() < 0.35 and w:
        _put(c, w)
    return w or "error"


def _put(c: Chat, w: str) -> None:
    """A file that holds ``w`` a few times."""
    r = c.r
    lines = contents.prose(r, r.randint(1, 4)).splitlines()
    for _ in range(r.randint(1, 3)):
        lines.insert(r.randint(0, len(lines)), f"{names.word(r)} {w} {names.word(r)}" if r.random() < 0.8 else w)
    c.world.add(r, names.file_name(r, r.choice(("txt", "md", "log", "rst"))), "".join(line + "\n" for line in lines))


FILES = 'for path in sorted({line.split(":")[0] for line in found}):\n    print(path)'


def _nothing(w: str, tail: str) -> str:
    return f"I found no {w}{tail}."


def search(c: Chat) -> None:
    """The lines with a word: in all files, in a folder, or in files of one kind."""
    r = c.r
    chance = r.random()
    if chance < 0.55:
        w = some_word(c)
        c.user(ask(r, "search", held=c.held, w=quoted(r, w)))
        code, tail = f"search_files({lit(w)})", ""
    elif chance < 0.8:
        d = some_folder(c)
        w = some_word(c)
        c.user(ask(r, "search_in", held=c.held, w=quoted(r, w), d=as_written(r, d)))
        code, tail = f"search_files({lit(w)}, {lit(d)})", f" in {d}"
    else:
        e = some_extension(r)
        c.world.add(r, names.file_name(r, e))
        w = some_word(c)
        c.user(ask(r, "search_kind", held=c.held, w=quoted(r, w), kind=plural(r, e)))
        code, tail = f"search_files({lit(w)}, glob={lit('*.' + e)})", f" in .{e} files"
    out, _ = c.call(f"for line in {code}:\n    print(line)")
    c.say(_nothing(w, tail) if out == "(no output)" else f"Those are the lines with {w}{tail}.")


def search_any_case(c: Chat) -> None:
    """The lines with a word, capitals or not."""
    r = c.r
    w = some_word(c)
    shown = r.choice((w, w, w.lower(), w.capitalize(), w.upper()))
    c.user(ask(r, "search_any_case", held=c.held, w=quoted(r, shown)))
    out, _ = c.call(f"for line in search_files({lit('(?i)' + shown)}):\n    print(line)")
    c.say(_nothing(shown, "") if out == "(no output)" else f"Those are the lines with {shown}.")


def _total(w: str, pattern: str) -> str:
    """The program that adds up how often ``w`` occurs."""
    counted = f"    total += read_file(path).count({lit(w)})\n"
    return f"total = 0\nfor path in glob_files({lit(pattern)}):\n{counted}print(total)"


def _amount(number: str, w: str, tail: str) -> str:
    return f"There is 1 {w}{tail}." if number == "1" else f"There are {number} {w}s{tail}."


def marks(c: Chat) -> None:
    """TODO, FIXME and their like: the lines or their number."""
    r = c.r
    for _ in range(r.randint(0, 2)):
        c.world.add(r, names.file_name(r, r.choice(("py", "md", "txt", "js"))))
    way = r.random()
    if way < 0.2:
        c.user(ask(r, "open_tasks", held=c.held))
        out, _ = c.call('for line in search_files("TODO"):\n    print(line)')
        c.say("I found no TODO." if out == "(no output)" else "Those are the lines with TODO.")
    elif way < 0.28:
        c.user(ask(r, "count_open_tasks", held=c.held))
        out, _ = c.call(_total("TODO", "**/*"))
        c.say(_amount(out, "TODO", ""))
    elif way < 0.4:
        w, v = r.sample(contents.MARKS, 2)
        c.user(ask(r, "two_marks", held=c.held, w=w, v=v))
        out, _ = c.call(f"for line in search_files({lit(f'{w}|{v}')}):\n    print(line)")
        c.say(f"I found no {w} and no {v}." if out == "(no output)" else f"Those are the lines with {w} or {v}.")
    else:
        w = r.choice(("TODO", "TODO", "FIXME", "FIXME", "HACK", "NOTE", "XXX", "BUG", "REVIEW", "DEPRECATED"))
        d = some_folder(c) if r.random() < 0.3 else ""
        where = "_in" if d else ""
        args = f"{lit(w)}, {lit(d)}" if d else lit(w)
        tail = f" in {d}" if d else ""
        if way < 0.75:
            c.user(ask(r, f"marks{where}", held=c.held, w=w, d=as_written(r, d)))
            out, _ = c.call(f"for line in search_files({args}):\n    print(line)")
            c.say(_nothing(w, tail) if out == "(no output)" else f"Those are the lines with {w}{tail}.")
        else:
            c.user(ask(r, f"count_marks{where}", held=c.held, w=w, d=as_written(r, d)))
            out, _ = c.call(_total(w, f"{d}/**/*" if d else "**/*"))
            c.say(_amount(out, w, tail))


def files_with(c: Chat) -> None:
    """Which files hold a word, and how many files do."""
    r = c.r
    chance = r.random()
    d = some_folder(c) if chance < 0.2 else ""
    e = some_extension(r) if chance > 0.85 else ""
    if e:
        c.world.add(r, names.file_name(r, e))
    w = some_word(c)
    args = lit(w) + (f", {lit(d)}" if d else f", glob={lit('*.' + e)}" if e else "")
    tail = f" in {d}" if d else ""
    kind = f".{e} file" if e else "file"
    asked = "files_with" + ("_in" if d else "_kind" if e else "")
    slots = {"w": quoted(r, w), "d": as_written(r, d), "kind": plural(r, e) if e else ""}
    if r.random() < 0.7:
        question(c, asked, slots)
        out, _ = c.call(f"found = search_files({args})\n{FILES}")
        c.say(
            f"No {kind}{tail} contains {w}."
            if out == "(no output)"
            else f"Those are the {kind}s{tail} that contain {w}."
        )
    else:
        question(c, f"count_{asked}", slots)
        out, _ = c.call(f'found = search_files({args})\nprint(len({{line.split(":")[0] for line in found}}))')
        c.say(f"{out} {kind}{' contains' if out == '1' else 's contain'} {w}.")


def files_without(c: Chat) -> None:
    """Which files do not hold a word."""
    r = c.r
    e = some_extension(r) if r.random() < 0.3 else ""
    if e:
        c.world.add(r, names.file_name(r, e))
    w = some_word(c)
    kind = f".{e} file" if e else "file"
    asked = "files_without_kind" if e else "files_without"
    c.user(ask(r, asked, held=c.held, w=quoted(r, w), kind=plural(r, e) if e else ""))
    out, _ = c.call(
        f"for path in glob_files({lit('**/*.' + e if e else '**/*')}):\n"
        f"    if {lit(w)} not in read_file(path):\n        print(path)"
    )
    c.say(f"Every {kind} contains {w}." if out == "(no output)" else f"Those are the {kind}s that do not contain {w}.")


def word_counts(c: Chat) -> None:
    """On how many lines a word stands, how often in all."""
    r = c.r
    w = some_word(c)
    way = r.random()
    slots = {"w": quoted(r, w)}
    if way < 0.55:
        d = some_folder(c) if r.random() < 0.3 else ""
        args = f"{lit(w)}, {lit(d)}" if d else lit(w)
        question(c, "count_lines_in" if d else "count_lines", {**slots, "d": as_written(r, d)})
        out, _ = c.call(f"print(len(search_files({args})))")
        c.say(f"{w} is on {out} line{'' if out == '1' else 's'}{f' in {d}' if d else ''}.")
    else:
        d = some_folder(c) if r.random() < 0.3 else ""
        pattern = f"{d}/**/*" if d else "**/*"
        question(c, "count_times_in" if d else "count_times", {**slots, "d": as_written(r, d)})
        out, _ = c.call(_total(w, pattern))
        c.say(f"{w} occurs {out} time{'' if out == '1' else 's'}{f' in {d}' if d else ''}.")
