"""Before-images of everything that one run changes, so that the run can be undone as a whole."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Container, Sequence
from contextlib import suppress
from pathlib import Path, PurePath
from typing import Literal

import msgspec

from codemode_tui import locations
from codemode_tui.errors import WorkspaceError
from codemode_tui.sandbox.types import FileChange
from codemode_tui.tools.diff import quoted, unified
from codemode_tui.tools.image import Image, make_folders, put, remove, take
from codemode_tui.tools.paths import Place, Workspace
from codemode_tui.tools.protected import fold
from codemode_tui.tools.types import MB

_FILE = "journal.jsonl"
_ANY_SIZE = 1024 * MB


class Effect(msgspec.Struct, frozen=True):
    """One path before and after a change; None: no file."""

    path: str
    before: Image | None
    after: Image | None


class _Mark(msgspec.Struct, frozen=True):
    """A file's state as the journal names it; its bytes lie in ``blobs/``."""

    sha256: str
    mode: int | None


class _Line(msgspec.Struct, frozen=True):
    workspace: str
    effects: tuple[tuple[str, _Mark | None, _Mark | None], ...] = ()
    folders: tuple[str, ...] = ()
    """Created with the files in them."""
    removed: tuple[str, ...] = ()
    """Folders that were deleted, empty as they were by then."""
    undone: bool = False


class _OtherSpelling(WorkspaceError):
    """What stands at a path has another name, which this file system takes for the same."""


class State(msgspec.Struct, frozen=True):
    """What a journal is about."""

    workspace: str
    undone: bool


class Journal:
    """The journal of one run, in a folder of its own. Nothing is created before the first change."""

    def __init__(self, folder: Path, workspace: Path, limit: int) -> None:
        self._folder = folder
        self.name = ""
        """Of the folder, once there is something to undo."""
        self.paths: set[str] = set()
        """All whose state before the run is kept."""
        self._workspace = workspace
        self._left = limit

    def record(self, effects: Sequence[Effect], folders: Sequence[str] = (), removed: Sequence[str] = ()) -> None:
        """Put the before-images on disk. Called before the change itself is made.

        Raises:
            ValueError: the run has used up what its journal may hold.
            OSError: the journal cannot be written; nothing must be changed then.
        """
        self._left -= sum(len(effect.before.data) for effect in effects if effect.before)
        if self._left < 0:
            raise ValueError("this run has changed more than can be undone; change the rest in another run")
        locations.private_dir(self._folder)
        locations.private_dir(self._folder / "blobs")
        for effect in effects:
            if effect.before is not None:
                _keep(self._folder / "blobs" / effect.before.sha256, effect.before.data)
        marks = tuple((e.path, _mark(e.before), _mark(e.after)) for e in effects)
        _append(self._folder / _FILE, _Line(str(self._workspace), marks, tuple(folders), tuple(removed)))
        self.name = self._folder.name
        self.paths.update(effect.path for effect in effects)


def state(folder: Path) -> State | None:
    """None when nothing has been recorded in ``folder``, or it cannot be read."""
    try:
        lines, _ = _read(folder / _FILE)
    except OSError:
        return None
    return State(lines[0].workspace, lines[-1].undone) if lines else None


class Changes(msgspec.Struct, frozen=True):
    """What a run changed, as it is now."""

    diff: str
    """Unified; of a file that was changed since, it says so."""
    changed_since: tuple[str, ...]
    """Those files: their diffs hold what somebody else did, too."""


def diff(folder: Path, workspace: Workspace, limit: int = 2000) -> Changes:
    """What the run in ``folder`` changed, with about ``limit`` lines a file.

    Raises:
        WorkspaceError: there is nothing to show.
    """
    _, lost, first, accepted = _history(folder, workspace)
    parts = [f"… {lost:,} changes of this run are not shown: its journal is damaged\n"] if lost else []
    later = []
    for path, mark in first.items():
        before, now = _load(folder, mark), _now(workspace, path, accepted)
        if (now and now.sha256) not in accepted[path]:
            later.append(path)
            parts.append(f"… {quoted(path)} was changed after this run: its diff holds that, too\n")
        if (before and before.sha256) != (now and now.sha256):
            parts.append(unified(path, before.data if before else None, now.data if now else None, limit))
    return Changes("".join(parts), tuple(later))


def undo(folder: Path, workspace: Workspace, kept: Path | None = None) -> list[FileChange]:
    """Put every file that the run in ``folder`` changed back as it was, and the folders that it deleted.

    Looks at all files first: when one of them was changed since the run, nothing is touched. May be
    repeated when it was interrupted. ``kept`` is a folder for a journal of the undo itself: what stands there after a
    command may be what somebody wrote while it ran. Without one it cannot be undone.

    Raises:
        WorkspaceError: no such journal, undone already, another workspace, or a file changed since; or the journal
            is damaged, and all but what it has lost was put back.
    """
    lines, lost, first, accepted = _history(folder, workspace)
    originals = {path: _load(folder, mark) for path, mark in first.items()}
    effects = _differences(workspace, originals, accepted)
    if kept is not None and effects:
        made = [name for line in lines for name in line.removed]
        Journal(kept, workspace.root, sys.maxsize).record(effects, made)
    for effect in effects:
        if effect.after is None:
            _restore(workspace, effect)
    _remove_folders(workspace, [name for line in lines for name in line.folders])  # one may stand in a file's place
    for effect in effects:
        if effect.after is not None:
            _restore(workspace, effect)
    changes = [FileChange(effect.path, net(effect.before, effect.after)) for effect in effects]
    changes += _make_folders(workspace, lines)
    _append(folder / _FILE, _Line(lines[0].workspace, undone=True))
    if lost:
        raise WorkspaceError(
            f"{lost:,} changes of this run were not put back: its journal is damaged",
            hint="all others were; look for these by hand",
        )
    return changes


def _history(
    folder: Path, workspace: Workspace
) -> tuple[list[_Line], int, dict[str, _Mark | None], dict[str, set[str | None]]]:
    """The journal's lines, and how many are lost; every path's state before the run; and those in which it may be
    undone."""
    lines, lost = _read(folder / _FILE)
    if not lines:
        if lost:
            raise WorkspaceError("the journal of this run is damaged", hint="nothing was undone")
        raise WorkspaceError("this run changed no files", hint="nothing is to be undone")
    if lines[-1].undone:
        raise WorkspaceError("this run has been undone already")
    if lines[0].workspace != str(workspace.root):
        raise WorkspaceError(f"this run belongs to the workspace {lines[0].workspace}", hint="open that one")
    first: dict[str, _Mark | None] = {}
    accepted: dict[str, set[str | None]] = {}
    for line in lines:
        for path, before, after in line.effects:
            first.setdefault(path, before)
            # All that the run knew of: what was recorded may not have happened, and the change before it stand still.
            accepted.setdefault(path, set()).update((_sha(before), _sha(after)))
    return lines, lost, first, accepted


def _differences(
    workspace: Workspace, originals: dict[str, Image | None], accepted: dict[str, set[str | None]]
) -> list[Effect]:
    """What undoes a run."""
    effects = []
    for path, original in originals.items():
        now = _now(workspace, path, accepted)
        if (now.sha256 if now else None) not in accepted[path]:
            raise WorkspaceError(f"{path} was changed after this run", hint="nothing was undone; compare it by hand")
        if original is None or now is None:
            differs = original is not now
        else:
            # A file that the run deleted and made again has lost its mode. Else a mode is somebody's own change.
            differs = original.sha256 != now.sha256 or (
                None in accepted[path] and original.mode not in (None, now.mode)
            )
        if differs:
            effects.append(Effect(path, now, original))
    return effects


def _now(workspace: Workspace, path: str, accepted: dict[str, set[str | None]]) -> Image | None:
    """What stands at a path; nothing where the run has put a folder with files of its own, and no others, in its place,
    or where a file stands again in the place of such a folder."""
    try:
        with _exactly(workspace, path) as place:
            if place.is_dir and None in accepted[path] and _holds_only(workspace.root / path, path, accepted):
                return None
            return take(place, _ANY_SIZE, shared=True)  # what is put there takes this name alone
    except (NotADirectoryError, _OtherSpelling):
        if None in accepted[path]:
            return None
        raise


def _holds_only(folder: Path, path: str, known: Container[str]) -> bool:
    """Whether all files in a folder, and there are some in it and in each folder below, are known."""
    for above, folders, names in os.walk(folder):
        where = os.path.normpath(os.path.join(path, os.path.relpath(above, folder)))
        if not (folders or names) or any(f"{where}/{name}" not in known for name in names):
            return False
    return True


def _restore(workspace: Workspace, effect: Effect) -> None:
    with _exactly(workspace, effect.path) as place:
        if effect.after is None:
            remove(place)
            return
        new = place.info is None
        make_folders(place)
        put(place, effect.after, new=new)


def _exactly(workspace: Workspace, path: str) -> Place:
    """The place of a recorded path; a folder that became a link since then is refused."""
    place = workspace.find(path, follow=False)
    if place.path != path:
        place.close()
        linked = any(os.path.islink(workspace.root / above) for above in PurePath(path).parents)
        if not linked and fold(place.path) == fold(path):
            raise _OtherSpelling(f"{path} is {place.path} now", hint="nothing was undone; rename it, then undo again")
        raise WorkspaceError(f"{path} is reached through a link now", hint="nothing was undone; compare it by hand")
    return place


def _remove_folders(workspace: Workspace, folders: list[str]) -> None:
    """Folders that the run created go too, unless something else lies in them."""
    for path in sorted(set(folders), reverse=True):
        try:
            with _exactly(workspace, path) as place:
                os.rmdir(place.name, dir_fd=place.parent)
        except (OSError, WorkspaceError):
            continue


def _make_folders(workspace: Workspace, lines: list[_Line]) -> list[FileChange]:
    """Folders that the run deleted come back, unless it was the run that had created them."""
    before: dict[str, bool] = {}
    for line in lines:
        for there, paths in ((True, line.removed), (False, line.folders)):
            for path in paths:
                before.setdefault(path, there)
    made = []
    for path in sorted(path for path, there in before.items() if there):
        with suppress(OSError, WorkspaceError), _exactly(workspace, path) as place:
            make_folders(place)
            if place.info is None:
                os.mkdir(place.name, dir_fd=place.parent)
                made.append(FileChange(f"{path}/", "created"))
    return made


def _read(file: Path) -> tuple[list[_Line], int]:
    """The lines of a journal, and how many others can be read no more."""
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        return [], 0
    lines, lost = [], 0
    for text in raw.split(b"\n")[:-1]:  # a line without its end was cut off: its change never happened
        try:
            lines.append(msgspec.convert(json.loads(text), _Line))
        except (ValueError, msgspec.ValidationError):
            lost += 1
    return lines, lost


def _load(folder: Path, mark: _Mark | None) -> Image | None:
    if mark is None:
        return None
    image = Image((folder / "blobs" / mark.sha256).read_bytes(), mark.mode)
    if image.sha256 != mark.sha256:
        raise WorkspaceError("the journal of this run is damaged", hint="nothing was undone")
    return image


def _keep(file: Path, data: bytes) -> None:
    if file.exists() and file.stat().st_size == len(data):
        return
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _append(file: Path, line: _Line) -> None:
    """Put a line at the end of a journal. One that cannot be written whole is taken back."""
    text = json.dumps(msgspec.to_builtins(line))  # ASCII: a file's name may be no UTF-8
    fd = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with open(fd, "r+b", buffering=0) as stream:  # a buffer would be written once more when it is closed
        size = os.fstat(fd).st_size
        torn = size > 0 and os.pread(fd, 1, size - 1) != b"\n"  # by a process that was killed in the midst of it
        left = memoryview(b"\n" * torn + text.encode() + b"\n")
        try:
            while left:
                left = left[stream.write(left) :]
            os.fsync(fd)
        except OSError:
            with suppress(OSError):  # the next line begins anew all the same
                os.ftruncate(fd, size)
            raise


def _mark(image: Image | None) -> _Mark | None:
    return None if image is None else _Mark(image.sha256, image.mode)


def net(before: object, after: object) -> Literal["created", "modified", "deleted"]:
    """What became of a path; None: no file."""
    if before is None:
        return "created"
    return "deleted" if after is None else "modified"


def _sha(mark: _Mark | None) -> str | None:
    return None if mark is None else mark.sha256
