"""A file's content at one moment, and how it is put there in one step."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
import stat
import sys
from typing import IO

import msgspec

from codemode_tui.tools.paths import Place, plain

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_NAMELESS = os.O_WRONLY | getattr(os, "O_TMPFILE", 0) | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Image(msgspec.Struct, frozen=True):
    """The bytes and permission bits of a file. ``mode`` None: what a new file gets."""

    data: bytes
    mode: int | None = None

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def take(place: Place, limit: int, *, shared: bool = False) -> Image | None:
    """The image of the file at ``place``; None when there is no file. ``shared``: it may have other names (hard links).

    Raises:
        PermissionError: not a regular file, or with other names; IsADirectoryError; ValueError: too large.
    """
    if place.info is None:
        return None
    if stat.S_ISLNK(place.info.st_mode):
        raise PermissionError(f"{place.path} is a symbolic link; only the file that it leads to can be changed")
    fd = place.open_file()
    with os.fdopen(fd, "rb") as stream:
        found = os.fstat(fd)
        if found.st_nlink != 1 and not shared:
            raise PermissionError(f"{place.path} has {found.st_nlink} names (hard links); it is not changed")
        data = stream.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"{place.path} has {found.st_size:,} bytes; a change of so large a file could not be undone")
    return Image(data, stat.S_IMODE(found.st_mode) & 0o777)


def put(place: Place, image: Image, *, new: bool) -> None:
    """Write ``image`` to ``place`` so that a reader sees the old file or the whole new one.

    ``new``: there must be no such file yet.

    Raises:
        FileExistsError: ``new``, and there is one. OSError: nothing was changed.
    """
    scratch = f".codemode-{secrets.token_hex(8)}"
    try:
        try:
            _fill(scratch, place, image)
            if new:
                rename_new(scratch, place.parent, place.name, place.parent)
            else:
                os.rename(scratch, place.name, src_dir_fd=place.parent, dst_dir_fd=place.parent)
        except BaseException:
            _discard(scratch, place.parent)
            raise
        os.fsync(place.parent)
    except FileExistsError:
        raise FileExistsError(f"{place.path} exists already") from None
    except OSError as error:
        raise plain(error, place.path) from None


def _fill(scratch: str, place: Place, image: Image) -> None:
    """Make the file that will stand at ``place``, beside it. It has no name until it is whole, where there are files
    without one: then nothing is left of it if this process is killed."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):  # not every file system has them
            fd = os.open(".", _NAMELESS, 0o666, dir_fd=place.parent)  # less the umask, as any new file
            with os.fdopen(fd, "wb") as stream:
                _write(stream, place, image)
                os.link(f"/proc/self/fd/{fd}", scratch, dst_dir_fd=place.parent)
            return
    with os.fdopen(os.open(scratch, _NEW, 0o666, dir_fd=place.parent), "wb") as stream:
        _write(stream, place, image)


def _write(stream: IO[bytes], place: Place, image: Image) -> None:
    stream.write(image.data)
    if image.mode is not None:
        os.fchmod(stream.fileno(), image.mode)
    _keep_owner(stream.fileno(), place.info)
    stream.flush()
    os.fsync(stream.fileno())


def rename_new(name: str, folder: int, new_name: str, new_folder: int) -> None:
    """Rename without ever replacing a file: ``link`` fails when the new name is taken.

    Raises:
        FileExistsError: it is. OSError: nothing was renamed; ``filename`` alone is set where the old name may not go.
    """
    try:
        os.link(name, new_name, src_dir_fd=folder, dst_dir_fd=new_folder, follow_symlinks=False)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if _exists(new_name, new_folder):
            raise FileExistsError(new_name) from None
        os.rename(name, new_name, src_dir_fd=folder, dst_dir_fd=new_folder)
    else:
        try:
            os.unlink(name, dir_fd=folder)
        except FileNotFoundError:
            return  # somebody else took the old name away: the new one is all that the file has
        except OSError:
            _discard(new_name, new_folder)  # a file with two names could be changed by neither
            raise


def remove(place: Place) -> None:
    try:
        os.unlink(place.name, dir_fd=place.parent)
        os.fsync(place.parent)
    except OSError as error:
        raise plain(error, place.path) from None


def make_folders(place: Place) -> None:
    """Create the missing folders above ``place``, which then points into the last of them."""
    for name in place.missing:
        try:
            # Another call may have made it; O_NOFOLLOW below still refuses a link.
            with contextlib.suppress(FileExistsError):
                os.mkdir(name, dir_fd=place.parent)
            fd = os.open(name, _FOLDER, dir_fd=place.parent)
        except OSError as error:
            raise plain(error, place.path) from None
        os.close(place.parent)
        place.parent = fd
    place.missing = ()


def _keep_owner(fd: int, info: os.stat_result | None) -> None:
    if info is None or (info.st_uid, info.st_gid) == (os.geteuid(), os.getegid()):
        return
    try:
        os.fchown(fd, info.st_uid, info.st_gid)
    except OSError:  # only root may give files away
        return


def _discard(name: str, folder: int) -> None:
    try:
        os.unlink(name, dir_fd=folder)
    except OSError:
        return


def _exists(name: str, folder: int) -> bool:
    try:
        os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)
