"""run_command: a program under the sandbox's command profile, its output as text."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
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
    ("show", "log", "diff", "blame", "annotate", "cat-file", "grep", "stash", "archive", "whatchanged")
)
"""Of git: what shows files as they were."""
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
    """
    from codemode_tui.sandbox.commands import split_command

    if runner is None:
        raise PermissionError("commands cannot be run here: there is no sandbox to confine them")
    pipeline = split_command(command if not args else f"{command} {shlex.join(args)}")
    _refuse_past_secrets(pipeline)
    result = await runner.run(pipeline, _folder(workspace, cwd), seconds)
    changed(result.changed)
    if result.timed_out:
        raise TimeoutError(f"{shlex.join(result.argv)} was stopped after {seconds:g} s{_so_far(result.output)}")
    if result.exit_code == 0:
        return result.output
    gap = "" if not result.output or result.output.endswith("\n") else "\n"
    return f"{result.output}{gap}[exit status {result.exit_code}]"


def _refuse_past_secrets(pipeline: Pipeline) -> None:
    """Files are closed to commands; what git keeps of one that was ever committed is not, so it may not be named."""
    for command in pipeline.commands:
        words = [word.text for word in command.words]
        for path in _named(words) if os.path.basename(command.program) == "git" else ():
            if is_secret(split(path)):
                raise PermissionError(f"{path} may hold secrets; commands never read it, nor what git keeps of it")


def _named(words: list[str]) -> list[str]:
    """The paths that a git command which shows files as they were reads, as far as its words tell: neither options and
    what follows those that want a text, nor what is searched for, nor what is left out."""
    at = next(at for at, word in enumerate(words) if os.path.basename(word) == "git") + 1
    while at < len(words) and words[at].startswith("-"):
        at += 2 if words[at] in ("-C", "-c") else 1
    if at >= len(words) or words[at] not in _READS_PAST:
        return []
    found: list[str] = []
    skipped = words[at] == "grep"
    for before, word in pairwise(words[at:]):
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
