"""Requests that rename, move or delete many files at once."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit, repeated
from codemode_tui.bundled.recipe.new_texts import plural
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source

_ENDINGS = (
    *names.EXTENSIONS,
    *[
        "tmp",
        "bak",
        "old",
        "orig",
        "swp",
        "log1",
        "out",
        "txt1",
        "dat",
        "doc",
        "htm",
        "jpeg",
        "jpg",
        "png",
        "gif",
        "svg",
        "pdf",
        "mdx",
        "rs",
        "go",
        "c",
        "h",
        "cpp",
        "hpp",
        "java",
        "rb",
        "php",
        "lua",
        "pl",
        "r",
        "jl",
        "swift",
        "kt",
        "scala",
        "jsonl",
        "ndjson",
        "conf",
        "properties",
        "lock",
        "map",
        "tex",
        "bib",
        "adoc",
        "org",
        "asc",
        "srt",
        "vtt",
        "ics",
        "eml",
        "jsx",
        "tsx",
        "vue",
        "scss",
        "less",
        "bat",
        "ps1",
        "zsh",
        "fish",
        "gql",
        "proto",
        "patch",
        "diff",
        "part",
        "cache",
        "temp",
        "draft",
        "copy",
        "save",
        "backup",
    ],
)


def ending(r: Source) -> str:
    """An extension, one of many."""
    return r.choice(_ENDINGS) if r.random() < 0.6 else r.choice(names.EXTENSIONS)


def provide(c: Chat, e: str, *, most: int = 3, deep: bool = True) -> None:
    """Some files of the kind ``e``, or none."""
    for _ in range(c.r.randint(0, most)):
        where = f"{names.folder(c.r)}/" if deep and c.r.random() < 0.3 else ""
        c.world.add(c.r, where + names.file_name(c.r, e))


def finish(c: Chat, done: str, none: str) -> None:
    """The answer to a call that printed a number of files, or stopped at a name that was taken."""
    out = c.turns[-1][1]
    if out == "0":
        c.say(none)
    elif out.isdigit():
        c.say(done.replace("{n}", plural(out, "file")))
    else:
        c.say("A file of that name exists already, so I stopped there.")


def rename_all(c: Chat) -> None:
    r = c.r
    old, new = ending(r), ending(r)
    if old == new:
        new += "2"
    provide(c, old)
    c.user(ask(r, "changes.rename_all", held=c.held, a=old, b=new, xa="." + old, xb="." + new))
    c.call(
        f'paths = glob_files("**/*.{old}")\nfor path in paths:\n'
        f'    move_file(path, path.removesuffix(".{old}") + ".{new}")\nprint(len(paths))'
    )
    finish(c, f"I renamed {{n}} to .{new}.", f"There are no .{old} files to rename.")


def reorganise(c: Chat) -> None:
    r = c.r
    if r.random() < 0.25:
        provide(c, ending(r), deep=False)
        c.user(ask(r, "changes.by_extension", held=c.held))
        c.call(
            'paths = glob_files("*.*")\nfor path in paths:\n    move_file(path, path.rsplit(".", 1)[1] + "/" + path)\n'
            "print(len(paths))"
        )
        finish(c, "I moved {n} into folders named after their extensions.", "There are no files here to move.")
        return
    e = ending(r)
    provide(c, e, deep=False)
    d = r.choice(("archive", "old", "docs", "backup")) if r.random() < 0.3 else names.folder(r)
    c.user(ask(r, "changes.move_all", held=c.held, e=e, x="." + e, d=d))
    c.call(f'paths = glob_files("*.{e}")\nfor path in paths:\n    move_file(path, "{d}/" + path)\nprint(len(paths))')
    finish(c, f"I moved {{n}} into {d}.", f"There are no .{e} files here to move.")


def name_all(c: Chat) -> None:
    """A prefix, a suffix, lower case, no spaces: for the names of all files here, or of one kind."""
    r = c.r
    way = r.choice(("prefix", "suffix", "lower", "spaces"))
    e = ending(r) if r.random() < 0.6 else ""
    if e:
        provide(c, e, deep=False)
    if way == "spaces":
        for _ in range(r.randint(0, 2)):
            c.world.add(r, f"{names.word(r)} {names.word(r)}.{e or 'txt'}")
    if way == "lower":
        for _ in range(r.randint(0, 2)):
            c.world.add(r, f"{names.word(r).upper()}.{e or 'txt'}")
    pattern = f"*.{e}" if e else "*"
    kind = (
        r.choice((f".{e} files", f"*.{e} files", f"{e} files")) if e else r.choice(("files", "files here", "the files"))
    )
    p = r.choice(("old_", "new-", "draft_", "my_", "x", "2024-", "v2_")) if r.random() < 0.3 else f"{names.word(r)}_"
    if way == "suffix":
        p = "_" + p.strip("_-") if r.random() < 0.7 else "-" + p.strip("_-")
    slots = {"k": kind.removeprefix("the "), "p": quoted(r, p)}
    gap = r.choice((("underscores", "_"), ("dashes", "-"), ("hyphens", "-"), ("'_'", "_"), ("'-'", "-")))
    c.user(ask(r, f"changes.name_{way}", held=c.held, shaped=True, u=gap[0], **slots))
    new = {
        "prefix": f"{lit(p)} + path",
        "suffix": f'stem + {lit(p)} + "." + ending',
        "lower": "path.lower()",
        "spaces": f'path.replace(" ", "{gap[1]}")',
    }[way]
    if way in ("prefix", "suffix"):
        split = '    stem, dot, ending = path.rpartition(".")\n' if way == "suffix" else ""
        pattern = "*.*" if way == "suffix" and not e else pattern
        c.call(
            f'paths = glob_files("{pattern}")\nfor path in paths:\n{split}    move_file(path, {new})\nprint(len(paths))'
        )
    else:
        c.call(
            f'count = 0\nfor path in glob_files("{pattern}"):\n    name = {new}\n    if name != path:\n'
            "        move_file(path, name)\n        count += 1\nprint(count)"
        )
    finish(c, "I renamed {n}.", "There was nothing to rename.")


def delete_all(c: Chat) -> None:
    """All files of a kind, or all that are empty."""
    r = c.r
    if r.random() < 0.3:
        for _ in range(r.randint(0, 2)):
            c.world.add(r, names.file_name(r), "")
        c.user(ask(r, "changes.delete_empty", held=c.held))
        out, _ = c.call(
            'for path in glob_files("**/*"):\n    if file_info(path)["size"] == 0:\n        delete_file(path)\n'
            "        print(path)"
        )
        c.say("There are no empty files." if out == "(no output)" else "I deleted those empty files.")
        return
    e = ending(r)
    provide(c, e)
    if r.random() < 0.25:
        d = names.folder(r)
        for _ in range(r.randint(0, 2)):
            c.world.add(r, f"{d}/{names.file_name(r, e)}")
        c.user(ask(r, "changes.delete_kind_in", held=c.held, e=e, x="." + e, d=d))
        pattern, none = f"{d}/**/*.{e}", f"There are no .{e} files in {d}."
    else:
        c.user(ask(r, "changes.delete_kind", held=c.held, e=e, x="." + e))
        pattern, none = f"**/*.{e}", f"There are no .{e} files to delete."
    c.call(f'paths = glob_files("{pattern}")\nfor path in paths:\n    delete_file(path)\nprint(len(paths))')
    finish(c, "I deleted {n}.", none)


def replace_all(c: Chat) -> None:
    """A word that changes in every file, or in every file of a kind."""
    r = c.r
    e = ending(r) if r.random() < 0.6 else ""
    if e:
        provide(c, e, most=2)
    paths = [p for p in sorted(c.world.files) if not e or p.endswith("." + e)]
    words = [w for p in paths for w in c.world.files[p].split() if w.isalnum()]
    a = r.choice(words) if words and r.random() < 0.85 else names.word(r)
    b = names.word(r)
    if r.random() < 0.2:
        a, b = a.capitalize(), b.capitalize()
    if e:
        c.user(
            ask(
                r,
                "changes.replace_kind",
                held=c.held,
                a=quoted(r, a),
                b=quoted(r, b),
                e=r.choice((f".{e}", f".{e}", f"*.{e}", e)),
            )
        )
    else:
        c.user(ask(r, "changes.replace_all", held=c.held, a=quoted(r, a), b=quoted(r, b)))
    out, _ = c.call(
        f'for path in glob_files("**/*{"." + e if e else ""}"):\n    text = read_file(path)\n    if {lit(a)} in text:\n'
        f"        write_file(path, text.replace({lit(a)}, {lit(b)}))\n        print(path, text.count({lit(a)}))"
    )
    c.say(
        f"{a} does not occur in {'any .' + e + ' file' if e else 'any file'}, so nothing was replaced."
        if out == "(no output)"
        else repeated(f"I replaced {a} with {b} in those files.", out)
    )
