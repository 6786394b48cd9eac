"""What a listing of the workspace gives: entries as ``os.scandir`` makes them, and what ``os.stat`` tells of each."""

import os
import stat
import time


def status(name, found, *, closed=False, link=False):
    """The ``os.stat_result`` of what the host has ``found`` under a name; ``closed``: it may not be read."""
    if link:
        size = len(found.get("link", ""))
        return os.stat_result((stat.S_IFLNK | 0o777, _number(name), 0, 1, 0, 0, size, 0, 0, 0), _more(size, 0))
    kind = stat.S_IFDIR if found["kind"] == "directory" else stat.S_IFREG
    mode = kind | (0o755 if kind == stat.S_IFDIR or found.get("executable") else 0o644)
    size, when = found.get("size") or 0, _nanoseconds(found.get("modified"))
    when = when if when or closed else time.time_ns()  # it was made just now, and the host has not seen it yet
    times = {f"st_{kind}time": when / 10**9 for kind in "amc"} | {f"st_{kind}time_ns": when for kind in "amc"}
    number = _number(found.get("real", name))
    mode = stat.S_IFMT(mode) if closed else mode
    return os.stat_result((mode, number, 0, 1, 0, 0, size, *[when // 10**9] * 3), times | _more(size, when))


def _more(size, when):
    """Fields beyond the ten that each system has, of those that this one has: without a value they would be None."""
    more = {"st_blksize": 4096, "st_blocks": -(-size // 512), "st_rdev": 0, "st_flags": 0, "st_gen": 0}
    more["st_birthtime"] = when / 10**9
    return {name: value for name, value in more.items() if hasattr(os.stat_result, name)}


def _number(path):
    """As of an inode: one for each file, or ``shutil`` takes them all for the same."""
    return hash(path) & ((1 << 62) - 1) | 1


def _nanoseconds(text):
    import datetime

    return int(datetime.datetime.fromisoformat(text).timestamp() * 1000) * 10**6 if text else 0


class Entry:
    """A directory entry of the workspace."""

    def __init__(self, folder, name):
        self.name = name.rstrip("/")
        self.path = os.path.join(folder, self.name)
        self._folder = name.endswith("/")
        self._link = None

    def is_dir(self, *, follow_symlinks=True):
        return self._folder and (follow_symlinks or not self.is_symlink())

    def is_file(self, *, follow_symlinks=True):
        return not self._folder and (follow_symlinks or not self.is_symlink())

    def is_symlink(self):
        if self._link is None:  # each look is a call of a tool
            self._link = os.path.islink(self.path)
        return self._link

    def is_junction(self):
        return False

    def stat(self, *, follow_symlinks=True):
        return os.stat(self.path, follow_symlinks=follow_symlinks)

    def __fspath__(self):
        return self.path

    def __repr__(self):
        return f"<DirEntry {self.name!r}>"


class Entries(list):
    """Entries, as the iterator that ``os.scandir`` returns."""

    def __enter__(self):
        return iter(self)

    def __exit__(self, *_):
        return None

    def __next__(self):
        if not self:
            raise StopIteration
        return self.pop(0)

    def close(self):
        self.clear()
