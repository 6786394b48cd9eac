"""Questions about what lies in a folder: list it, all of it, only some of it; is it there, is it empty."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_kinds import COMMON, KINDS
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source

LANGUAGES = {
    e: tuple(n.removesuffix(" files") for n in KINDS[e] if n.endswith(" files") and " source" not in n)
    for e in (*COMMON, "rb", "java", "kt", "cpp", "xml", "ini", "yml", "php", "tsv", "rst", "cfg", "dat")
}
"""Extensions and what stands before "files" for them."""
_FOLDERS = [
    "src",
    "docs",
    "tests",
    "data",
    "lib",
    "app",
    "notes",
    "src/app",
    "assets",
    "scripts",
    "images",
    "photos",
    "reports",
    "invoices",
    "backup",
    "backups",
    "old",
    "archive",
    "config",
    "configs",
    "templates",
    "static",
    "public",
    "private",
    "bin",
    "build",
    "dist",
    "examples",
    "samples",
    "demo",
    "tools",
    "utils",
    "models",
    "views",
    "controllers",
    "migrations",
    "fixtures",
    "logs",
    "output",
    "input",
    "results",
    "letters",
    "music",
    "recipes",
    "homework",
    "school",
    "work",
    "travel",
    "taxes",
    "contracts",
    "meetings",
    "drafts",
    "projects",
    "website",
    "server",
    "client",
    "frontend",
    "backend",
    "api",
    "core",
    "common",
    "shared",
    "vendor",
    "plugins",
    "themes",
    "locales",
    "translations",
    "docs/api",
    "src/core",
    "tests/unit",
    "data/raw",
    "data/2024",
    "reports/2023",
    "notebooks",
    "papers",
    "slides",
    "exports",
    "imports",
    "downloads",
    "attachments",
    "mails",
    "calendar",
    "finance",
    "Pictures",
    "Documents",
    "My_Files",
    "v1.2",
    "2024",
    "2025-03",
]


def folder_name(r: Source) -> str:
    """A folder as people have it, or a random name."""
    if r.random() < 0.35:
        return r.choice(_FOLDERS)
    name = names.folder(r)
    return name.replace("_", " ", 1) if "_" in name and r.random() < 0.12 else name


def some_folder(c: Chat) -> str:
    """A folder of the workspace, often a fresh one so that its name is random."""
    r = c.r
    known = c.world.folders()
    if known and r.random() < 0.5:
        return r.choice(known)
    folder = folder_name(r)
    for _ in range(r.randint(1, 3)):
        c.world.add(r, f"{folder}/{names.file_name(r)}")
    return folder


def as_written(r: Source, folder: str) -> str:
    """The folder as it stands in a question: quoted or not, now and then with a slash behind it."""
    return quoted(r, folder + "/" if r.random() < 0.15 else folder)


def question(c: Chat, section: str, slots: dict[str, str]) -> None:
    """Ask in one of the ways of ``section``, the slots given as a dictionary."""
    c.user(ask(c.r, section, held=c.held, shaped=True, **slots))


def listing(c: Chat) -> None:
    """The names in the workspace's top folder, or in a folder of it."""
    r = c.r
    if r.random() < 0.4:
        c.user(ask(r, "list_here", held=c.held))
        c.call('for name in list_directory("."):\n    print(name)')
        c.say("These are the files here.")
        return
    d = some_folder(c) if r.random() < 0.85 else folder_name(r)
    c.user(ask(r, "list_folder", held=c.held, d=as_written(r, d)))
    out, ok = c.call(f"for name in list_directory({lit(d)}):\n    print(name)")
    c.say(f"These are the files in {d}." if ok else no_folder(d, out))


def no_folder(d: str, out: str) -> str:
    """What is said when a folder is missing: the similar name is offered."""
    if "(similar: " not in out:
        return f"There is no folder {d}."
    other = out.split("(similar: ")[1].split(", ")[0].removesuffix(")")
    return f"There is no folder {d}. Did you mean {other}?"


def recursive_listing(c: Chat) -> None:
    """All files with their paths, at any depth."""
    r = c.r
    if r.random() < 0.55:
        c.user(ask(r, "list_all_here", held=c.held))
        c.call('for path in glob_files("**/*"):\n    print(path)')
        c.say("These are all files.")
        return
    d = some_folder(c)
    c.user(ask(r, "list_all_folder", held=c.held, d=as_written(r, d)))
    c.call(f"for path in glob_files({lit(d + '/**/*')}):\n    print(path)")
    c.say(f"These are all files in {d}.")


def folders_only(c: Chat) -> None:
    """Folders without files: list, count, at any depth."""
    r = c.r
    way = r.random()
    if way < 0.2:
        c.user(ask(r, "all_folders", held=c.held))
        out, _ = c.call(
            'folders = {path.rpartition("/")[0] for path in glob_files("**/*") if "/" in path}\n'
            "for folder in sorted(folders):\n    print(folder)"
        )
        c.say("There are no folders." if out == "(no output)" else "These are all folders.")
        return
    d = _parent(c) if r.random() < 0.35 else "."
    where = "" if d == "." else f" in {d}"
    section = "here" if d == "." else "in"
    if way < 0.65:
        c.user(ask(r, f"folders_{section}", held=c.held, d=as_written(r, d)))
        out, _ = c.call(f'for name in list_directory({lit(d)}):\n    if name.endswith("/"):\n        print(name)')
        c.say(f"There are no folders{where or ' here'}." if out == "(no output)" else f"These are the folders{where}.")
    else:
        c.user(ask(r, f"count_folders_{section}", held=c.held, d=as_written(r, d)))
        out, _ = c.call(f'print(len([name for name in list_directory({lit(d)}) if name.endswith("/")]))')
        c.say(f"There {'is 1 folder' if out == '1' else f'are {out} folders'}{where}.")


def files_only(c: Chat) -> None:
    """The files of one level, without its folders."""
    r = c.r
    d = some_folder(c) if r.random() < 0.4 else "."
    where = "" if d == "." else f" in {d}"
    section = "here" if d == "." else "in"
    if r.random() < 0.7:
        c.user(ask(r, f"only_files_{section}", held=c.held, d=as_written(r, d)))
        out, _ = c.call(f'for name in list_directory({lit(d)}):\n    if not name.endswith("/"):\n        print(name)')
        c.say(f"There are no files{where or ' here'}." if out == "(no output)" else f"These are the files{where}.")
    else:
        c.user(ask(r, f"count_top_{section}", held=c.held, d=as_written(r, d)))
        out, _ = c.call(f'print(len([name for name in list_directory({lit(d)}) if not name.endswith("/")]))')
        c.say(f"There {'is 1 file' if out == '1' else f'are {out} files'} directly{where or ' here'}.")


def _parent(c: Chat) -> str:
    """A folder that often has folders in it."""
    r = c.r
    d = some_folder(c)
    if r.random() < 0.8:
        for _ in range(r.randint(1, 3)):
            c.world.add(r, f"{d}/{names.folder(r)}/{names.file_name(r)}")
    return d


def tree(c: Chat) -> None:
    """Folders and files, indented by depth."""
    r = c.r
    d = _parent(c)
    here = r.random() < 0.6
    start = "" if here else d + "/"
    c.user(ask(r, "tree_here" if here else "tree_folder", held=c.held, d=as_written(r, d)))
    c.call(
        "def tree(folder, indent):\n"
        '    for name in list_directory(folder or "."):\n'
        '        if not name.startswith("."):\n'
        "            print(indent + name)\n"
        '            if name.endswith("/"):\n'
        '                tree(folder + name, indent + "  ")\n'
        f'tree({lit(start)}, "")'
    )
    c.say("That is the tree." if here else f"That is the tree of {d}.")


def folder_facts(c: Chat) -> None:
    """Is a folder there, is it empty, where does it lie, how much is in it."""
    r = c.r
    way = r.random()
    there = r.random() < 0.6
    d = some_folder(c) if there else folder_name(r)
    if way < 0.45:
        d = d.split("/")[0]
        c.user(ask(r, "folder_exists", held=c.held, d=as_written(r, d)))
        out, _ = c.call(f'print({lit(d + "/")} in list_directory("."))')
        c.say(f"Yes, there is a folder {d}." if out == "True" else f"No, there is no folder {d}.")
    elif way < 0.75:
        c.user(ask(r, "folder_empty", held=c.held, d=as_written(r, d)))
        out, ok = c.call(f'print("not empty" if list_directory({lit(d)}) else "empty")')
        c.say(f"{d} is {out}." if ok else no_folder(d, out))
    else:
        c.user(ask(r, "count_entries", held=c.held, d=as_written(r, d)))
        out, ok = c.call(f"print(len(list_directory({lit(d)})))")
        c.say(f"{d} has {out} {'entry' if out == '1' else 'entries'}." if ok else no_folder(d, out))


def hidden(c: Chat) -> None:
    """Names that begin with a dot."""
    r = c.r
    for _ in range(r.randint(0, 3)):
        c.world.add(r, r.choice((".env", ".gitignore", ".editorconfig", f".{names.stem(r)}", f".{names.file_name(r)}")))
    d = some_folder(c) if r.random() < 0.3 else "."
    where = "" if d == "." else f" in {d}"
    c.user(ask(r, "hidden_here" if d == "." else "hidden_in", held=c.held, d=as_written(r, d)))
    out, _ = c.call(f'for name in list_directory({lit(d)}):\n    if name.startswith("."):\n        print(name)')
    c.say(f"There are no hidden files{where}." if out == "(no output)" else f"These are the hidden files{where}.")
