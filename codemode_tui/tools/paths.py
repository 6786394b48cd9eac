"""Race-free paths: a workspace is opened once, and every path is walked from that handle.

Each component is opened with ``O_NOFOLLOW`` relative to its parent's descriptor, so that nothing
which is swapped for a symbolic link between a check and its use can lead outside. Links that stay
inside are followed one hop at a time under the same rules. Standard library only: the search
helper runs this file without site-packages.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import weakref
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from codemode_tui.errors import WorkspaceError
from codemode_tui.tools.other_names import OtherNames
from codemode_tui.tools.protected import fold, is_secret

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# O_NONBLOCK: opening a FIFO would otherwise wait for its writer for ever.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_MAX_HOPS = 40
SPELLINGS = sys.platform == "darwin"
"""Names may differ in case, or in how accents are written, and mean one file."""
DEEPEST = 200
"""Folders within folders. A walk holds a descriptor for each: what lay deeper could be made, but not be found again."""
_LONGEST = 4096
"""Bytes of a path (``PATH_MAX`` of Linux): what looks at each of its folders would take for ever."""


class Place:
    """Where a path led: an open parent folder and a name in it. Close it, or use it with ``with``."""

    __slots__ = ("info", "missing", "name", "parent", "parts")

    def __init__(
        self,
        parent: int,
        name: str,
        parts: tuple[str, ...],
        info: os.stat_result | None,
        missing: tuple[str, ...] = (),
    ) -> None:
        self.parent = parent
        """Descriptor of the parent folder (of the folder itself when ``name`` is ``.``)."""
        self.name = name
        self.parts = parts
        """Real components below the workspace."""
        self.info = info
        """``lstat`` of the name; None when it does not exist."""
        self.missing = missing
        """Folders between ``parent`` and ``name`` that do not exist."""

    @property
    def path(self) -> str:
        return "/".join(self.parts) or "."

    @property
    def is_dir(self) -> bool:
        return self.info is not None and stat.S_ISDIR(self.info.st_mode)

    @property
    def is_file(self) -> bool:
        return self.info is not None and stat.S_ISREG(self.info.st_mode)

    def open_file(self) -> int:
        """Open for reading; the descriptor is certain to be a regular file.

        Raises:
            FileNotFoundError, IsADirectoryError, PermissionError: it is not one.
        """
        if self.info is None:
            raise FileNotFoundError(f"{self.path} does not exist")
        refuse_unless_file(self.info, self.path)
        try:
            fd = os.open(self.name, _FILE, dir_fd=self.parent)
        except OSError as error:
            raise plain(error, self.path) from None
        try:
            refuse_unless_file(os.fstat(fd), self.path)
        except OSError:
            os.close(fd)
            raise
        return fd

    def open_dir(self) -> int:
        """Open the folder itself.

        Raises:
            FileNotFoundError, NotADirectoryError, PermissionError: it cannot be listed.
        """
        try:
            return os.open(self.name, _DIRECTORY, dir_fd=self.parent)
        except OSError as error:
            raise plain(error, self.path) from None

    def close(self) -> None:
        if self.parent >= 0:
            os.close(self.parent)
            self.parent = -1

    def __enter__(self) -> Place:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()


class Workspace:
    """A folder whose descriptor is pinned for as long as this object lives.

    Raises:
        WorkspaceError: there is no such folder, or it cannot be read.
    """

    def __init__(self, path: Path | str, *, fd: int | None = None) -> None:
        self.given = Path(os.path.abspath(path))
        # The user's own choice may be a link (`/tmp` on macOS is one): resolved once, here.
        self.root = Path(os.path.realpath(path))
        try:
            self.fd = os.open(self.root, _DIRECTORY) if fd is None else fd
        except OSError as error:
            reason = "is not a folder" if error.errno == errno.ENOTDIR else (error.strerror or str(error)).lower()
            raise WorkspaceError(
                f"workspace {path}: {reason}", hint="choose a readable folder with --workspace DIR"
            ) from None
        info = os.fstat(self.fd)
        self._identity = info.st_dev, info.st_ino
        self._others = OtherNames()
        self._closer = weakref.finalize(self, os.close, self.fd)

    def close(self) -> None:
        self._closer()

    def check(self) -> None:
        """Raise FileNotFoundError when the folder is gone or another one stands in its place."""
        try:
            info = os.stat(self.root)
        except OSError:
            info = None
        if info is None or (info.st_dev, info.st_ino) != self._identity:
            raise FileNotFoundError("the workspace folder does not exist any more")

    def find(self, path: str, *, follow: bool = True) -> Place:
        """Walk to ``path``; the last component, and folders before it, may be missing.

        Without ``follow`` the last component may be a symbolic link itself, and is not followed.

        Raises:
            ValueError: an empty path, or what no name can hold. OSError: a path too long, or too deep.
            PermissionError: it leads out of the workspace, or to a secret.
            FileNotFoundError, NotADirectoryError: nothing can be there, or a path that ends with ``/`` leads to a file.
        """
        asked = self._parts(path)
        refuse_secret(asked, path, self.root.name)
        with contextlib.closing(_Walk(self, path, follow)) as walk:
            place = walk.to(asked)
            try:
                refuse_secret(place.parts, path, self.root.name)
                if self._others.lead_to(walk.folders(), place.info):
                    raise PermissionError(
                        f"{path} is another name of what may hold secrets; tools never read or write it"
                    )
                if path.endswith("/") and place.is_file:
                    raise NotADirectoryError(f"{place.path} is a file, not a folder")
            except OSError:
                place.close()
                raise
            return place

    def _parts(self, path: str) -> list[str]:
        if "\0" in path:
            raise ValueError("a path cannot contain a NUL character")
        if not path:
            raise ValueError('the path is empty; the workspace itself is "."')
        try:
            size = len(os.fsencode(path))
        except UnicodeEncodeError:
            raise ValueError(f"{path[:80]!r} is no path: it holds a lone surrogate") from None
        if size > _LONGEST:
            raise plain(OSError(errno.ENAMETOOLONG, ""), f"{path[:80]}…")
        if path == "~" or path.startswith("~/"):
            raise outside(path)
        return split(self.below(path, path))

    def below(self, path: str, shown: str) -> str:
        """An absolute path inside the workspace made relative; relative ones as they are."""
        if not path.startswith("/"):
            return path
        for root in (self.root, self.given):
            prefix = str(root).rstrip("/")
            if path == prefix or path.startswith(prefix + "/"):
                return path[len(prefix) :].lstrip("/") or "."
        # By another name: through a link to the workspace, or above it (`/tmp` on macOS).
        parts = path.split("/")
        for end in range(len(parts), 1, -1):
            try:
                info = os.stat("/".join(parts[:end]))
            except (OSError, ValueError):
                continue
            if (info.st_dev, info.st_ino) == self._identity:
                return "/".join(parts[end:]) or "."
        raise outside(shown)


class _Walk:
    """One walk: the real folders passed so far, each held open."""

    def __init__(self, workspace: Workspace, shown: str, follow: bool) -> None:
        self._workspace = workspace
        self._follow_last = follow
        self._shown = shown
        self._names: list[str] = []
        self._fds: list[int] = []
        self._hops = 0

    def to(self, parts: list[str]) -> Place:
        todo = deque(parts)
        while todo:
            if len(self._names) + len(todo) > DEEPEST + 1:
                raise OSError(f"{self._shown[:80]}… leads through more than {DEEPEST} folders")
            place = self._step(todo.popleft(), todo)
            if place is not None:
                return place
        here = os.dup(self._here())
        return Place(here, ".", tuple(self._names), os.fstat(here))

    def folders(self) -> list[tuple[int, str]]:
        """Descriptor and name of each folder passed on the real way, the workspace first."""
        return [(self._workspace.fd, self._workspace.root.name), *zip(self._fds, self._names, strict=True)]

    def _step(self, name: str, todo: deque[str]) -> Place | None:
        """Take one component; a Place when it is the end of the path."""
        if name == "..":
            if not self._fds:
                raise (leads_out if self._hops else outside)(self._shown)
            self._names.pop()
            os.close(self._fds.pop())
            return None
        try:
            info = self._lstat(name)
        except FileNotFoundError:
            return self._absent(name, todo)
        name = self._spelled(name, info) if SPELLINGS else name
        if stat.S_ISLNK(info.st_mode) and (todo or self._follow_last):
            self._follow(name, todo)
            return None
        if not todo:
            return Place(os.dup(self._here()), name, (*self._names, name), info)
        try:
            fd = os.open(name, _DIRECTORY, dir_fd=self._here())
        except OSError as error:
            raise plain(error, "/".join((*self._names, name))) from None
        self._names.append(name)
        self._fds.append(fd)
        return None

    def _spelled(self, name: str, info: os.stat_result) -> str:
        """The name that the folder itself has for what was found: a file has one, however it is asked for."""
        try:
            fd = os.open(".", _DIRECTORY, dir_fd=self._here())  # another thread may list the same descriptor
        except OSError:
            return name
        found = name
        try:
            with os.scandir(fd) as entries:
                for entry in entries:
                    if entry.name == name:
                        return name
                    if entry.inode() == info.st_ino and fold(entry.name) == fold(name):
                        found = entry.name
        finally:
            os.close(fd)
        return found

    def _absent(self, name: str, todo: deque[str]) -> Place:
        rest = [name, *todo]
        if ".." in rest:
            raise FileNotFoundError(f"{self._shown} does not exist")
        return Place(os.dup(self._here()), rest[-1], (*self._names, *rest), None, tuple(rest[:-1]))

    def _follow(self, name: str, todo: deque[str]) -> None:
        self._hops += 1
        if self._hops > _MAX_HOPS:
            raise _link(f"{self._shown} is a loop of symbolic links")
        try:
            target = os.readlink(name, dir_fd=self._here())
        except OSError as error:
            raise plain(error, self._shown) from None
        if target.startswith("/"):
            try:
                target = self._workspace.below(target, self._shown)
            except PermissionError:
                raise leads_out(self._shown) from None
            self.close()
        todo.extendleft(reversed(split(target)))

    def _lstat(self, name: str) -> os.stat_result:
        try:
            return os.stat(name, dir_fd=self._here(), follow_symlinks=False)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise plain(error, self._shown) from None

    def _here(self) -> int:
        return self._fds[-1] if self._fds else self._workspace.fd

    def close(self) -> None:
        """Back to the workspace."""
        self._names.clear()
        while self._fds:
            os.close(self._fds.pop())


def split(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in ("", ".")]


def refuse_secret(parts: Iterable[str], shown: str, above: str) -> None:
    if is_secret(list(parts), above=above):
        raise PermissionError(f"{shown} may hold secrets; tools never read or write it")


def refuse_unless_file(info: os.stat_result, path: str) -> None:
    if stat.S_ISDIR(info.st_mode):
        raise IsADirectoryError(f"{path} is a folder, not a file; list_directory shows what is in it")
    if not stat.S_ISREG(info.st_mode):
        raise PermissionError(f"{path} is a {kind_of(info)}, not a regular file")


def kind_of(info: os.stat_result) -> str:
    for test, name in _KINDS:
        if test(info.st_mode):
            return name
    return "special file"


def outside(path: str) -> PermissionError:
    return PermissionError(f"{path} is outside the workspace; nothing outside it can be read or written")


def leads_out(path: str) -> PermissionError:
    return _link(f"{path} is a symbolic link that leads out of the workspace")


def _link(sentence: str) -> PermissionError:
    """Of a link that is not followed: its number tells it from a file that may not be read."""
    error = PermissionError(sentence)
    error.errno = errno.ELOOP
    return error


def plain(error: OSError, path: str) -> OSError:
    """The same kind of error, with its number, and a sentence instead of the system's words and a host path."""
    if error.errno == errno.ELOOP:
        return _link(f"{path} was replaced by a symbolic link")
    text = _PLAIN.get(error.errno or 0) or (error.strerror or str(error)).lower()
    made = type(error)(f"{path} {text}" if error.errno in _PLAIN else f"{path}: {text}")
    made.errno = error.errno
    return made


_KINDS = (
    (stat.S_ISREG, "file"),
    (stat.S_ISDIR, "directory"),
    (stat.S_ISLNK, "symbolic link"),
    (stat.S_ISFIFO, "named pipe"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)
_PLAIN = {
    errno.ENOENT: "does not exist",
    errno.ENOTDIR: "is not a folder",
    errno.EACCES: "cannot be opened: permission denied",
    errno.ENAMETOOLONG: "is too long a name",
    errno.ENOTEMPTY: "is not empty",
    errno.ENOSPC: "cannot be written: no space left on the disk",
    errno.EROFS: "cannot be written: the file system is read-only",
    errno.EDQUOT: "cannot be written: the disk quota is used up",
}
