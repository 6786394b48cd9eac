"""run_command: a program under the sandbox's command profile, its output as text."""

from __future__ import annotations

import asyncio
import os
import re
import shlex
from collections.abc import Callable, Iterator
from itertools import pairwise, takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from codemode_tui.sandbox.types import FileChange
from codemode_tui.tools.near import missing
from codemode_tui.tools.paths import Workspace, split
from codemode_tui.tools.protected import is_secret

if TYPE_CHECKING:
    from codemode_tui.sandbox.commands import CommandRunner
    from codemode_tui.sandbox.shellwords import Pipeline


_READS_PAST = frozenset(
    (
        "show", "log", "diff", "blame", "annotate", "cat-file", "grep", "stash", "archive", "whatchanged",
        "format-patch", "diff-tree", "diff-index", "diff-files", "fast-export", "reflog", "range-diff",
        "checkout-index", "merge-tree", "checkout", "restore",
    )
)  # fmt: skip
"""Of git: what shows files as they were, or writes them anywhere."""
_APART = frozenset(
    ("-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--attr-source", "--super-prefix")
)
"""Options of git itself whose value may be a word of its own."""
_CONTENTS = frozenset(("--batch", "--batch-command", "--text", "-a", "--binary"))
"""Of these: what prints contents whatever git's attributes say. What they make binary, ``--binary`` prints whole."""
_DIFFS_TEXT = re.compile(r"-[pusRzbwW]+a")
"""``-a`` behind other letters in one word, as whatever makes diffs takes it."""
_ONLY_WITH = {"fast-export": "--no-data", "format-patch": "--no-binary", "merge-tree": "--write-tree"}
"""Of these: what prints contents unless it is told not to."""
_GREPS_TEXT = re.compile(r"-(?!\w*[lLcq])[viwnhHIrzoEGFPpW0-9]*a")
"""The same of ``git grep``; with some other letters it prints no contents."""
_PATTERN = frozenset("*?[\\:")
"""What git reads as more than a name."""
_SHELLS = frozenset(("sh", "bash", "dash", "zsh", "ksh"))
_SHELL_TEXT = re.compile(r"-[a-z]*c\Z")
_BETWEEN = re.compile(r"[;|&()`\n]+")
"""What stands between the commands of a shell."""
_WANT_TEXT = frozenset(
    (
        "-S", "-G", "-e", "-m", "-n", "--message", "--author", "--committer", "--grep", "--since", "--until", "--date",
        "--format", "--pretty",
    )
)  # fmt: skip
"""Options whose next word is no path of the repository."""


async def run_text(
    runner: CommandRunner | None,
    workspace: Workspace,
    command: str,
    args: list[str] | None,
    cwd: str | None,
    seconds: float,
    changed: Callable[[tuple[FileChange, ...]], None],
) -> str:
    """Standard output, then standard error; a failure's text ends with ``[exit status N]``, as a shell has it: 127
    where there is no such program.

    ``command`` is split as a shell splits words (the model nearly always sends one string); ``args``
    are appended to its last command as they are. ``changed`` is told what differs in the workspace afterwards, however
    it ended.

    Raises:
        TimeoutError: with what the command had printed by then.
        ValueError: it printed more than one call may return.
    """
    from codemode_tui.sandbox.commands import OUTPUT_MB, split_command

    if runner is None:
        raise PermissionError("commands cannot be run here: there is no sandbox to confine them")

    def understood() -> tuple[Pipeline, Path]:
        pipeline = split_command(command, args or ())
        folder = _folder(workspace, cwd)
        _refuse_past_secrets(pipeline, workspace.root, folder)
        return pipeline, folder

    pipeline, folder = await asyncio.to_thread(understood)
    result = await runner.run(pipeline, folder, seconds, changed)
    if result.truncated:
        raise ValueError(
            f"{shlex.join(result.argv)} printed more than {OUTPUT_MB} MB; "
            "use head, tail or grep, or read_file(path, start, lines)"
        )
    if result.timed_out:
        raise TimeoutError(f"{shlex.join(result.argv)} was stopped after {seconds:g} s{_so_far(result.output)}")
    if result.exit_code == 0:
        return result.output
    gap = "" if not result.output or result.output.endswith("\n") else "\n"
    return f"{result.output}{gap}[exit status {result.exit_code}]"


def _refuse_past_secrets(pipeline: Pipeline, root: Path, folder: Path) -> None:
    """Files are closed to commands; what git keeps of one that was ever committed is not, so it may not be named.

    Where none is named, git's own attributes (``sandbox.attributes``) leave secrets out of diffs, of what
    is searched and of archives; of nothing else. So what prints or writes contents without asking them is for named
    files only. A look at words stops what is asked for by habit, not who wants to get around it: a program may read
    what git keeps without git. A path may begin in ``root``, the workspace, or in ``folder``, where the command runs.
    """
    from codemode_tui.sandbox.bwrap import WORKSPACE

    for words in _commands(pipeline):
        told = _git(words)
        for path in _named(told):
            if any(is_secret(split(path.removeprefix(WORKSPACE)), above=above.name) for above in (root, folder)):
                raise PermissionError(f"{path} may hold secrets; commands never read it, nor what git keeps of it")
        around = _around(told)
        if around and not _names_files(told, folder):
            raise PermissionError(
                f"git {around} shows what git keeps of secrets too; do without, or name one file that is there, "
                "such as -- notes.txt, or git show HEAD:notes.txt"
            )


def _around(told: list[str]) -> str:
    """What makes git show contents whatever its attributes say; empty where nothing does."""
    match told:
        case ["checkout-index", *_]:  # with --prefix, --temp or another work tree they get names that nothing closes
            return told[0]
        case [name, *words] if (option := _ONLY_WITH.get(name)) and option not in takewhile("--".__ne__, words):
            return f"{name} without {option}"
        case ["grep", *options] if found := next(filter(_GREPS_TEXT.match, options), ""):
            return f"grep {found}"
    found = next((word for word in told[1:] if word.partition("=")[0] in _CONTENTS or _DIFFS_TEXT.match(word)), "")
    diffs = told[1:2] in (["show"], ["list"]) and told[1:] != ["list", "-a"]
    if told[:1] == ["stash"] and found[:2] != "--" and not diffs:
        return ""  # it puts away ignored files too, or asks for no diff
    return f"{told[0]} {found}" if found else ""


def _names_files(told: list[str], folder: Path) -> bool:
    """Whether what follows ``--`` is nothing but files that are there: a folder or a pattern may mean secrets too."""
    paths = told[told.index("--") + 1 :] if "--" in told else []
    return bool(paths) and all(_PATTERN.isdisjoint(path) and _is_file(folder / path, folder) for path in paths)


def _is_file(path: Path, folder: Path) -> bool:
    """Through no link and not above ``folder``: nothing is told of what lies elsewhere."""
    return path.is_relative_to(folder) and os.path.isfile(path) and os.path.realpath(path) == str(path)


def _commands(pipeline: Pipeline) -> Iterator[list[str]]:
    """The words of each command, and of those that a shell among them is given as a text."""
    for command in pipeline.commands:
        words = [word.text for word in command.words]
        yield words
        if any(os.path.basename(word) in _SHELLS for word in words):
            for option, text in pairwise(words):
                if _SHELL_TEXT.match(option):
                    yield from _given(text)


def _given(text: str) -> Iterator[list[str]]:
    from codemode_tui.sandbox.commands import split_command

    try:
        yield from _commands(split_command(text))
    except ValueError:  # a shell understands more; for a look at the words this is close enough
        for part in _BETWEEN.split(text):
            yield part.replace("'", " ").replace('"', " ").split()


def _git(words: list[str]) -> list[str]:
    """What git is told if it shows files as they were, its own options left out; whoever runs it (env, timeout)."""
    at = next((at for at, word in enumerate(words) if os.path.basename(word) == "git"), len(words)) + 1
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in _APART else 1
    return words[at:] if at < len(words) and words[at] in _READS_PAST else []


def _named(told: list[str]) -> list[str]:
    """The paths that git is told to read, as far as its words tell: neither options (but ``-L1,9:path``) and what
    follows those that want a text, nor what is searched for, nor what is left out."""
    found: list[str] = []
    skipped = told[:1] == ["grep"]
    if told[:2] == ["stash", "save"]:
        return found  # words of a message
    for before, word in pairwise(told):
        path = word.rpartition(":")[2]
        option = word.startswith("-") and not (word.startswith("-L") and ":" in word)
        if word.startswith(":/") and " " in word:  # a commit, by the words of its message
            continue
        if option or word.startswith((":!", ":^", ":(")) or before in _WANT_TEXT or (" " in path and "/" not in path):
            continue
        if skipped:
            skipped = False  # the pattern
            continue
        found.append(path)
    return found


def _folder(workspace: Workspace, cwd: str | None) -> Path:
    if cwd is None:
        return workspace.root
    with workspace.find(cwd) as place:
        if place.info is None:
            raise missing(workspace, cwd)
        if not place.is_dir:
            raise NotADirectoryError(f"{cwd} is not a folder")
        return workspace.root / place.path


def _so_far(output: str) -> str:
    return f"; its output so far:\n{output[-2000:]}" if output else "; it had printed nothing"
