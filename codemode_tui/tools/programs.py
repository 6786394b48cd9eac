"""What the tools over installed programs share: one confined, read-only run of a program on a workspace path."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

from codemode_tui.sandbox.types import CommandResult
from codemode_tui.tools.near import missing
from codemode_tui.tools.paths import Workspace
from codemode_tui.tools.toolbox import Toolbox

_ENVIRONMENTS = (".venv/bin", "venv/bin")


def program(root: Path, *names: str) -> str | None:
    """The first of these programs that is there: in the workspace's own environment, or on the PATH."""
    for name in names:
        for folder in _ENVIRONMENTS:
            if os.access(root / folder / name, os.X_OK):
                return f"{root}/{folder}/{name}"
        if shutil.which(name):
            return name
    return None


async def run_program(
    box: Toolbox,
    argv: Sequence[str],
    path: str,
    *,
    prefix: str = "",
    whole: Sequence[str] = (".",),
    after: Sequence[str] = (),
    top: str = ".",
) -> CommandResult:
    """Run ``argv`` with ``path`` and ``after`` as its last arguments. Whatever was granted, it cannot write here.

    It runs in ``top``, a folder that ``path`` lies in, or is: then ``whole`` stands for it.

    Raises:
        FileNotFoundError, PermissionError: of the path. TimeoutError. ValueError: it printed too much.
    """
    from codemode_tui.sandbox.commands import OUTPUT_MB, split_command

    if box.commands is None:
        raise PermissionError("programs cannot be run here: there is no sandbox to confine them")
    with box.workspace.find(path) as place:
        if place.info is None:
            raise missing(box.workspace, path)
        real = os.path.relpath(place.path, top)
    # Never read as an option, whatever it is called.
    line = prefix + shlex.join([*argv, *(whole if real == "." else (f"./{real}",)), *after])
    seconds = box.limits.command_seconds
    folder = box.workspace.root if top == "." else box.workspace.root / top
    result = await box.commands.reading().run(split_command(line), folder, seconds)
    if result.truncated:
        raise ValueError(f"{Path(argv[0]).name} printed more than {OUTPUT_MB} MB; name a smaller folder or file")
    if result.timed_out:
        raise TimeoutError(f"{Path(argv[0]).name} was stopped after {seconds:g} s; name a smaller folder or file")
    return result


def relative(workspace: Workspace, path: str) -> str:
    """A path as a program printed it, below the workspace."""
    return os.path.relpath(path, workspace.root) if path.startswith("/") else os.path.normpath(path)


def why(result: CommandResult) -> str:
    """Why a program did not do what it is for: the first and the last line that it, or what stands for it, printed."""
    lines = [line.strip()[:500] for line in result.output.splitlines() if line.strip()]
    said = " … ".join(dict.fromkeys((lines[0], lines[-1]))) if lines else "it printed nothing"
    return f"it is not installed here ({said})" if result.exit_code == 127 else said
