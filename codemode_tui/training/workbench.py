"""Code on a bench: run in a fresh folder with exactly these files, reads and writes granted, and what that left."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
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
            gone = tuple(path for path in files if not is_there(folder / path))
        return Trial(tuple(outcomes), left, gone)


@contextmanager
def fresh_folder(prefix: str) -> Iterator[Path]:
    """An empty workspace that is gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix=prefix)).resolve()
    folder = root / "workspace"
    try:
        folder.mkdir()
        yield folder
    finally:
        _remove(root)


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
    """The text files of a folder, by their paths in it. Neither links nor what cannot be read."""
    found: dict[str, str] = {}
    waiting = [folder]
    while waiting:  # no recursion: code may have made more levels than Python has
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                path = Path(entry.path)
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(path)
                elif entry.is_file(follow_symlinks=False) and (text := read_text(path)) is not None:
                    found[path.relative_to(folder).as_posix()] = text
    return dict(sorted(found.items(), key=lambda one: one[0].split("/")))


def is_there(file: Path) -> bool:
    """Whether something stands at this path, be it a link that leads nowhere. What cannot be looked for counts as
    there: a folder that was closed has lost nothing."""
    try:
        file.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        pass
    return True


def read_text(file: Path) -> str | None:
    """The text of a file; None where it is none, or too long."""
    try:
        if file.stat().st_size > 4 * MOST_CHARACTERS:
            return None
        text = file.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    return text if len(text) <= MOST_CHARACTERS and "\0" not in text else None


def _remove(root: Path) -> None:
    """Remove a folder and all in it, what cannot be removed excepted.

    Each folder moves up to the top before it is looked into: code may have made more levels than Python recurses, and
    longer paths than the system takes.
    """
    numbers, waiting = itertools.count(), [root]
    while waiting:
        folder = waiting.pop()
        with suppress(OSError):
            folder.chmod(0o700)
            with os.scandir(folder) as found:
                entries = list(found)
            for entry in entries:
                with suppress(OSError):
                    if not entry.is_dir(follow_symlinks=False):
                        os.unlink(entry.path)
                        continue
                    os.chmod(entry.path, 0o700)  # a closed one does not move
                    waiting.append(Path(entry.path).rename(root / str(next(numbers))))
            folder.rmdir()
    with suppress(OSError):
        root.rmdir()
