"""run_command: a program under the sandbox's command profile, its output as text."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from codemode_tui.sandbox.types import CommandResult, FileChange
from codemode_tui.tools.near import missing
from codemode_tui.tools.paths import Workspace, split
from codemode_tui.tools.protected import is_secret

if TYPE_CHECKING:
    from codemode_tui.sandbox.shellwords import Pipeline


_READS_PAST = frozenset(
    (
        "show", "log", "diff", "blame", "annotate", "cat-file", "grep", "stash", "archive", "whatchanged",
        "format-patch", "diff-tree", "diff-index", "fast-export",
    )
)  # fmt: skip
"""Of git: what shows files as they were."""
_APART = frozenset(
    ("-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--attr-source", "--super-prefix")
)
"""Options of git itself whose value may be a word of its own."""
_CONTENTS = frozenset(("--batch", "--batch-command", "--text", "-a"))
"""Of these: what prints contents whatever git's attributes say."""
_SHELLS = frozenset(("sh", "bash", "dash", "zsh", "ksh"))
_SHELL_TEXT = re.compile(r"-[a-z]*c\Z")
_BETWEEN = re.compile(r"[;|&()`\n]+")
"""What stands between the commands of a shell."""
_WANT_TEXT = frozenset(("-S", "-G", "-e", "-m", "-n", "--author", "--grep", "--since", "--until", "--format"))
"""Options whose next word is no path of the repository."""


class CommandRunnerLike(Protocol):
    """What runs commands, confined: ``sandbox.commands.CommandRunner``."""

    def reading(self) -> CommandRunnerLike:
        """The same, without leave to write the workspace."""
        ...

    async def run(self, pipeline: Any, cwd: Path, timeout: float) -> CommandResult:  # noqa: ANN401 - made by split_command
        """Run to the end.

        Raises:
            FileNotFoundError: no such program; the message names it.
        """
        ...


async def run_text(
    runner: CommandRunnerLike | None,
    workspace: Workspace,
    command: str,
    args: list[str] | None,
    cwd: str | None,
    seconds: float,
    changed: Callable[[tuple[FileChange, ...]], None],
) -> str:
    """Standard output, then standard error; a failure's text ends with ``[exit status N]``.

    ``command`` is split as a shell splits words (the model nearly always sends one string); ``args``
    are appended to it as they are. ``changed`` is told what differs in the workspace afterwards.

    Raises:
        TimeoutError: with what the command had printed by then.
        ValueError: it printed more than one call may return.
    """
    from codemode_tui.sandbox.commands import OUTPUT_MB, split_command

    if runner is None:
        raise PermissionError("commands cannot be run here: there is no sandbox to confine them")
    pipeline = split_command(command if not args else f"{command} {shlex.join(args)}")
    folder = _folder(workspace, cwd)
    _refuse_past_secrets(pipeline, workspace.root.name, folder.name)
    result = await runner.run(pipeline, folder, seconds)
    changed(result.changed)
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


def _refuse_past_secrets(pipeline: Pipeline, *above: str) -> None:
    """Files are closed to commands; what git keeps of one that was ever committed is not, so it may not be named.

    Where none is named, git's own attributes leave secrets out (``sandbox.commands.git_attributes``); so what goes
    around those is for named files only. ``above``: the folders that a path may begin in.
    """
    for words in _commands(pipeline):
        told = _git(words)
        around = next((word for word in told[1:] if word.partition("=")[0] in _CONTENTS), "")
        if around and "--" not in told:
            raise PermissionError(
                f"git {told[0]} {around} prints what git keeps of secrets too; "
                "leave it out, or name one file, such as git show HEAD:path"
            )
        for path in _named(told):
            if any(is_secret(split(path), above=name) for name in above or ("",)):
                raise PermissionError(f"{path} may hold secrets; commands never read it, nor what git keeps of it")


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
    """The paths that git is told to read, as far as its words tell: neither options and what follows those that want a
    text, nor what is searched for, nor what is left out."""
    found: list[str] = []
    skipped = told[:1] == ["grep"]
    for before, word in pairwise(told):
        if word.startswith(("-", ":!", ":^", ":(")) or before in _WANT_TEXT or " " in word:
            continue
        if skipped:
            skipped = False  # the pattern
            continue
        found.append(word.rpartition(":")[2])
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
