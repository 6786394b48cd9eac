"""The tools that look and change nothing: read_file, file_info, list_directory."""

from __future__ import annotations

import codecs
import os
import stat
from datetime import UTC, datetime
from typing import IO

from codemode_tui.tools.near import missing
from codemode_tui.tools.paths import Place, Workspace, kind_of
from codemode_tui.tools.tree import readable_name
from codemode_tui.tools.types import MB, ToolLimits

_SNIFF = 8192
_COUNT_LINES_UP_TO = 1024 * MB


def read_text(workspace: Workspace, path: str, start: int | None, lines: int | None, limits: ToolLimits) -> str:
    """The file whole and verbatim, or ``lines`` lines from line ``start`` (1-based).

    Raises:
        UnicodeDecodeError: it is not UTF-8 text; the message says what it is.
        ValueError: too large to be read whole, or a line number that makes no sense.
    """
    if start is not None and start < 1:
        raise ValueError(f"start must be 1 or more (lines are counted from 1), not {start}")
    if lines is not None and lines < 0:
        raise ValueError(f"lines must be 0 or more, not {lines}")
    with workspace.find(path) as place:
        if place.info is None:
            raise missing(workspace, path)
        fd = place.open_file()
    with os.fdopen(fd, "rb") as stream:
        size = os.fstat(fd).st_size
        head = stream.read(_SNIFF)
        if b"\0" in head:  # most likely binary: then its many megabytes need not be read
            try:
                codecs.getincrementaldecoder("utf-8")().decode(head)  # a character may be cut at its end
            except UnicodeDecodeError as error:
                raise not_text(path, head, error.start, size) from None
        stream.seek(0)
        if start is None and lines is None:
            data = stream.read(limits.read_bytes + 1)
            if len(data) > limits.read_bytes:
                raise ValueError(
                    f"{path} has {size:,} bytes, more than the {limits.read_bytes // MB} MB "
                    "that are read whole; use read_file(path, start, lines)"
                )
        else:
            data = _some_lines(stream, path, start or 1, lines, limits.read_bytes)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise not_text(path, data, error.start, size) from None


def info(workspace: Workspace, path: str) -> dict[str, str | int | None]:
    """``{"size", "modified", "kind", "lines"}``; ``lines`` is None for what has none.

    A symbolic link has ``link`` too: where it leads, seen from its folder. All else is about what is there. What is
    reached through links has ``real``: its path below the workspace. A file that can be run has ``executable``.
    """
    with workspace.find(path) as place:
        found = place.info
        if found is None:
            raise missing(workspace, path)
        modified = datetime.fromtimestamp(found.st_mtime, UTC).isoformat(timespec="milliseconds")
        with workspace.find(path, follow=False) as own:
            is_link = own.info is not None and stat.S_ISLNK(own.info.st_mode)
            link = os.path.relpath(place.path, os.path.dirname(own.path) or ".") if is_link else ""
        told: dict[str, str | int | None] = {
            "size": found.st_size,
            "modified": modified.replace("+00:00", "Z"),
            "kind": kind_of(found),
            "lines": _line_count(place) if place.is_file else None,
        }
        if place.path != os.path.normpath(workspace.below(path, path)):
            told["real"] = place.path
        if place.is_file and found.st_mode & stat.S_IXUSR:
            told["executable"] = True
        return told | ({"link": link} if link else {})


def names(workspace: Workspace, path: str) -> list[str]:
    """Sorted names in a folder; those of folders end in ``/``."""
    with workspace.find(path) as place:
        if place.info is None:
            raise missing(workspace, path)
        if not place.is_dir:
            raise NotADirectoryError(f"{path} is a {kind_of(place.info)}, not a folder; read_file reads a file")
        fd = place.open_dir()
        base = place.path
    try:
        with os.scandir(fd) as listing:
            entries = [entry for entry in listing if readable_name(entry.name)]
            found = [
                entry.name + "/" * (_leads_to_folder(workspace, base, entry) or entry.is_dir(follow_symlinks=False))
                for entry in entries
            ]
    finally:
        os.close(fd)
    return sorted(found)


def not_text(path: str, data: bytes, at: int, size: int) -> UnicodeDecodeError:
    """The error that ``open().read()`` would raise, with a reason that says what the file is."""
    reason = f"{path} is {_describe(data)} of {size:,} bytes, not UTF-8 text; run_command can convert it (iconv, unzip)"
    return UnicodeDecodeError("utf-8", data[at : at + 1], 0, 1, reason)


def _some_lines(stream: IO[bytes], path: str, start: int, lines: int | None, limit: int) -> bytes:
    skipped = 0
    while skipped < start - 1:  # in pieces: one line may be longer than memory
        piece = stream.readline(MB)
        if not piece:
            return b""
        skipped += piece.endswith(b"\n")
    kept: list[bytes] = []
    left = limit
    while lines is None or len(kept) < lines:
        line = stream.readline(left + 1)
        left -= len(line)
        if left < 0:
            raise ValueError(f"these lines of {path} have more than {limit // MB} MB; ask for fewer")
        if not line:
            break
        kept.append(line)
    return b"".join(kept)


def _line_count(place: Place) -> int | None:
    try:
        fd = place.open_file()
    except OSError:
        return None
    count, last, left = 0, b"\n", _COUNT_LINES_UP_TO
    with os.fdopen(fd, "rb") as stream:
        if b"\0" in stream.read(_SNIFF):
            return None
        stream.seek(0)
        while chunk := stream.read(MB):
            left -= len(chunk)
            if left < 0:
                return None
            count += chunk.count(b"\n")
            last = chunk[-1:]
    return count + (last != b"\n")


def _leads_to_folder(workspace: Workspace, base: str, entry: os.DirEntry[str]) -> bool:
    if not entry.is_symlink():
        return False
    try:
        with workspace.find(f"{base}/{entry.name}") as place:
            return place.info is not None and stat.S_ISDIR(place.info.st_mode)
    except (OSError, ValueError):
        return False


def _describe(data: bytes) -> str:
    for magic, name in _MAGIC:
        if data.startswith(magic):
            return name
    return "a binary file" if b"\0" in data[:_SNIFF] else "a file in another encoding"


_MAGIC = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x7fELF", "an ELF program"),
    (b"\xcf\xfa\xed\xfe", "a Mach-O program"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
)
