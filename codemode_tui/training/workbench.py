"""Code on a bench: run in a fresh folder with exactly these files, reads and writes granted, and what that left."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from codemode_tui.sandbox.types import Limits, Outcome, Sandbox

MOST_CHARACTERS = 64_000
"""Of a file that becomes part of a case."""


class Trial(msgspec.Struct, frozen=True):
    """What one piece of code after another did in the same folder."""

    outcomes: tuple[Outcome, ...]
    files: dict[str, str]
    """All files afterwards: path = text. Those that are no text, or too long, are left out."""
    gone: tuple[str, ...]
    """Paths that were there before and are not any more."""


class Bench:
    """A sandbox and its limits."""

    def __init__(self, sandbox: Sandbox, limits: Limits) -> None:
        self._sandbox, self._limits = sandbox, limits

    async def run(self, codes: Sequence[str], files: Mapping[str, str]) -> Trial:
        """Run ``codes`` one after another, also behind one that failed.

        Raises:
            SandboxError: the sandbox does not work.
            ValueError, OSError: a path of ``files`` cannot be written.
        """
        from codemode_tui.sandbox.commands import CommandRunner
        from codemode_tui.tools.closed import closed_paths
        from codemode_tui.tools.host import WorkspaceTools

        with fresh_folder("codemode-try-") as folder:
            put(folder, files)
            outcomes = []
            for code in codes:
                commands = CommandRunner(folder, allow_write=True, closed=closed_paths)
                tools = WorkspaceTools(folder, allow_write=True, commands=commands)
                outcomes.append(await self._sandbox.run(code, tools, self._limits))
            left = texts(folder)
            gone = tuple(path for path in files if not (folder / path).exists())
        return Trial(tuple(outcomes), left, gone)


@contextmanager
def fresh_folder(prefix: str) -> Iterator[Path]:
    """An empty workspace that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve() / "workspace"
        folder.mkdir()
        yield folder


def put(folder: Path, files: Mapping[str, str]) -> None:
    """Put files into a folder, their text byte for byte.

    Raises:
        ValueError: there is a link that leads out of the folder, or something that is no file: a pipe that nobody reads
            would be waited for without end.
    """
    for path, text in files.items():
        file = folder / path
        if not file.resolve().is_relative_to(folder):
            raise ValueError(f"{path} leads out of the workspace")
        if file.exists() and not file.is_file():
            raise ValueError(f"{path} is no regular file")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8"))


def texts(folder: Path) -> dict[str, str]:
    """The text files of a folder, by their paths in it. Links are not followed."""
    found = {}
    for file in sorted(folder.rglob("*")):
        text = None if file.is_symlink() or not file.is_file() else read_text(file)
        if text is not None:
            found[file.relative_to(folder).as_posix()] = text
    return found


def read_text(file: Path) -> str | None:
    """The text of a file; None where it is none, or too long."""
    try:
        if file.stat().st_size > 4 * MOST_CHARACTERS:
            return None
        text = file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return text if len(text) <= MOST_CHARACTERS and "\0" not in text else None
