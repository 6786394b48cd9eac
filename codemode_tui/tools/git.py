"""git_status, git_diff, git_log: what git says, as values. Secrets are left out.

Each is asked of the repository that its path lies in: there may be others below that of the workspace.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import Any

from codemode_tui.tools.paths import split
from codemode_tui.tools.programs import run_program, why
from codemode_tui.tools.protected import is_secret
from codemode_tui.tools.toolbox import Toolbox

_GIT = ("git", "-c", "core.quotePath=false", "-c", "core.fsmonitor=false")
_STATUS = {
    "M": "modified", "A": "added", "D": "deleted", "R": "renamed", "C": "copied", "T": "type changed",
    "U": "conflicted", "?": "untracked",
}  # fmt: skip
_HUNK = re.compile(r"@@ -\d+(?:,(\d{1,9}))? \+\d+(?:,(\d{1,9}))? @@")


async def git_status(box: Toolbox, path: str = ".") -> dict[str, Any]:
    """{clean, file_count, files: [{file, status, staged}]} of the repository."""
    top = _top(box, path)
    output = await _git(box, path, top, "status", "--porcelain=v1", "-z", "--untracked-files=all")
    told = output[: output.rfind("\0") + 1]  # behind it: what git warns of
    files = list(_changes(told, top, box.workspace.root.name))
    return {"clean": not files, "file_count": len({one["file"] for one in files}), "files": files}


async def git_diff(box: Toolbox, path: str = ".", staged: bool = False) -> dict[str, Any]:
    """{file_count, additions, deletions, files: [{file, additions, deletions, hunks}]}; a hunk is its text."""
    cached = ("--cached",) if staged else ()
    options = ("--no-color", "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/")
    top, above = _top(box, path), box.workspace.root.name
    output = await _git(box, path, top, "diff", *cached, *options)
    files = [
        one | {"file": _below(top, one["file"])}
        for names, one in _diffs(output)
        if not any(is_secret(split(_below(top, name)), above=above) for name in names)
    ]
    additions, deletions = (sum(one[key] for one in files) for key in ("additions", "deletions"))
    return {"file_count": len(files), "additions": additions, "deletions": deletions, "files": files}


async def git_log(box: Toolbox, path: str = ".", count: int = 10) -> dict[str, Any]:
    """{commits: [{hash, message, author, date}], commit_count}, the newest first."""
    if count < 1:
        raise ValueError(f"count must be 1 or more, not {count}")
    arguments = ("log", "-z", f"--max-count={count}", "--format=%H%x00%an%x00%aI%x00%B")
    top = _top(box, path)
    # Any path makes git leave out merges and empty commits, even that of the whole repository.
    seen = os.path.lexists(box.workspace.root / top / ".git")
    output = await _git(box, path, top, *arguments, whole=() if seen else (".",))
    fields = output.split("\0")
    commits = [
        {"hash": fields[i], "message": fields[i + 3].strip(), "author": fields[i + 1], "date": fields[i + 2]}
        for i in range(0, len(fields) - 3, 4)
    ]
    return {"commits": commits, "commit_count": len(commits)}


def _top(box: Toolbox, path: str) -> str:
    """The folder of the repository that a path lies in; the workspace where none is seen below it."""
    with box.workspace.find(path) as place:
        parts = place.parts if place.is_dir else place.parts[:-1]
    while parts and not os.path.lexists(box.workspace.root.joinpath(*parts, ".git")):
        parts = parts[:-1]
    return "/".join(parts) or "."


def _below(top: str, name: str) -> str:
    """The path below the workspace of what git names below the repository."""
    return name if top == "." else f"{top}/{name}"


async def _git(box: Toolbox, path: str, top: str, *arguments: str, whole: Sequence[str] = (".",)) -> str:
    command = [*_GIT, *arguments, "--"]
    result = await run_program(box, command, path, whole=whole, top=top)
    if result.exit_code != 0 and "cannot hash" in result.output:
        # A secret is under version control, and closed to this git: it is left out by name.
        known = await run_program(box, [*_GIT, "ls-files", "-z", "--"], path, top=top)
        names, above = known.output.split("\0"), box.workspace.root.name
        closed = [f":(exclude,literal){name}" for name in names if is_secret(split(_below(top, name)), above=above)]
        result = await run_program(box, command, path, whole=whole, after=closed, top=top)
    if result.exit_code != 0:
        fatal = re.search(r"^fatal: (.+)", result.output, re.MULTILINE)
        raise RuntimeError(f"git {arguments[0]}: {fatal[1] if fatal else why(result)}")
    return result.output


def _changes(output: str, top: str, above: str) -> Iterator[dict[str, Any]]:
    """Of ``status --porcelain=v1 -z``. A file that is changed in the index and again outside it comes twice."""
    fields = iter(output.split("\0"))
    for field in fields:
        index, tree, file = field[:1], field[1:2], _below(top, field[3:])
        if not field[3:]:
            continue
        if index in "RC" or tree in "RC":
            next(fields, None)  # where it came from
        if is_secret(split(file), above=above):
            continue
        if "U" in index + tree or index + tree in ("AA", "DD"):
            yield {"file": file, "status": "conflicted", "staged": False}
            continue
        for mark, staged in ((index, True), (tree, False)):
            if mark not in " !" and not (mark == "?" and staged):
                yield {"file": file, "status": _STATUS.get(mark, mark), "staged": staged}


def _diffs(output: str) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """Of a unified diff: every name that a file has in it, and the file. Lines of a hunk are counted, never guessed:
    they may look like the head of a file."""
    one: dict[str, Any] = {}
    names: list[str] = []
    old = new = 0
    for line in output.split("\n"):
        if old > 0 or new > 0 or (line.startswith("\\") and one.get("hunks")):
            one["hunks"][-1] += line + "\n"
            one["additions"] += line.startswith("+")
            one["deletions"] += line.startswith("-")
            old -= not line.startswith(("+", "\\"))
            new -= not line.startswith(("-", "\\"))
        elif line.startswith(("diff --git ", "diff --cc ")):
            if one:
                yield names, one
            name = line.split(" ", 2)[2]
            if line.startswith("diff --git"):  # the same name twice, but for what is renamed; a conflict has it once
                name = _unquoted(name[len(name) // 2 + 1 :]).removeprefix("b/")
            else:
                name = _unquoted(name)
            one, names = {"file": name, "additions": 0, "deletions": 0, "hunks": []}, [name]
        elif line.startswith(("rename from ", "copy from ")):
            names = [_unquoted(line.partition(" from ")[2])]
        elif line.startswith(("rename to ", "copy to ")):
            one["file"] = _unquoted(line.partition(" to ")[2])
            names.append(one["file"])
        elif match := _HUNK.match(line):
            old, new = (int(count) if count is not None else 1 for count in match.groups())
            one["hunks"].append(line + "\n")
    if one:
        yield names, one


def _unquoted(name: str) -> str:
    """A name as git prints it; odd ones stand in quotes, with escapes of C."""
    if len(name) >= 2 and name[0] == name[-1] == '"':
        return name[1:-1].encode("latin-1", "backslashreplace").decode("unicode_escape")
    return name
