"""Requests that move, delete or copy all files of a folder or of a kind, names kept."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.file_moves import ending, finish, provide
from codemode_tui.bundled.recipe.phrasing import ask


def _filled(c: Chat) -> str:
    """A folder with a few files in it; at times there is none of that name."""
    r = c.r
    d = names.folder(r)
    for _ in range(r.randint(0, 3)):
        c.world.add(r, f"{d}/{names.file_name(r)}")
    return d


def change_folder(c: Chat) -> None:
    """All files of a folder go elsewhere, or away."""
    r = c.r
    d = _filled(c)
    if r.random() < 0.5:
        h = names.folder(r)
        h = h if h != d else h + "2"
        c.user(ask(r, "changes.move_folder", held=c.held, d=d, h=h))
        c.call(
            f'paths = glob_files("{d}/**/*")\nfor path in paths:\n'
            f'    move_file(path, "{h}/" + path.removeprefix("{d}/"))\nprint(len(paths))'
        )
        finish(c, f"I moved {{n}} from {d} to {h}.", f"There are no files in {d}.")
        return
    c.user(ask(r, "changes.delete_folder", held=c.held, d=d))
    c.call(f'paths = glob_files("{d}/**/*")\nfor path in paths:\n    delete_file(path)\nprint(len(paths))')
    finish(c, f"I deleted {{n}} in {d}.", f"There are no files in {d}.")


def copy_kind(c: Chat) -> None:
    """Copies of all files of a kind: in a folder, or beside them as .bak."""
    r = c.r
    e = ending(r)
    kind = r.choice((f"{e} files", f".{e} files", f"*.{e} files"))
    if r.random() < 0.5:
        provide(c, e, deep=False)
        d = r.choice(("backup", "copies", "archive", "old")) if r.random() < 0.3 else names.folder(r)
        c.user(ask(r, "changes.copy_all", held=c.held, k=kind, d=d))
        pattern, new, where = f"*.{e}", f'"{d}/" + path', f"to {d}"
    else:
        provide(c, e)
        c.user(ask(r, "changes.backup_all", held=c.held, k=kind, x=".bak"))
        pattern, new, where = f"**/*.{e}", 'path + ".bak"', "to .bak files"
    c.call(
        f'paths = glob_files("{pattern}")\nfor path in paths:\n    write_file({new}, read_file(path))\nprint(len(paths))'
    )
    finish(c, f"I copied {{n}} {where}.", f"There are no .{e} files to copy.")
