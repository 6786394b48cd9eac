"""Ordinary file code, served by the tools: ``open``, ``pathlib``, ``os.listdir``, ``glob`` and their like.

The workspace is not mounted here. A relative path is read through ``read_file`` and written, when the
file is closed, through ``write_file``; what cannot be served so says which tool to use. Convenience,
never policy: the host decides on every call.
"""

import builtins
import io
import os
import stat
import weakref

REAL = {}
"""The functions as they were, for paths that exist in here: the library, TMPDIR."""
OPEN = weakref.WeakSet()
"""Files being written that nobody has closed yet."""
LOST = []
"""Errors of files that were collected before they were closed."""
call = None


def install(tool):
    """Put the shims in place; ``tool(name, args, kwargs)`` calls a tool on the host."""
    global call
    call = tool
    REAL["open"] = io.open
    builtins.open = io.open = open_file
    for name, shim in (
        ("stat", stat_path), ("lstat", stat_path), ("listdir", listdir), ("scandir", scandir), ("remove", remove),
        ("unlink", remove), ("rename", rename), ("replace", rename), ("mkdir", mkdir),
        ("rmdir", refuse("rmdir", "delete_file")),
        ("access", access),
    ):  # fmt: skip
        REAL[name] = getattr(os, name)
        setattr(os, name, shim)


def finish():
    """At the end of the program: write what is still open, as an interpreter does. Nothing is lost silently."""
    for file in list(OPEN):
        file.close()
    if LOST:
        raise LOST[0]


def ours(path):
    """The workspace path behind ``path``, None if it belongs to this process's own small world."""
    if isinstance(path, int):
        return None
    name = os.fspath(path)
    if isinstance(name, bytes):
        name = os.fsdecode(name)
    if name.startswith("/"):
        here = os.getcwd()
        if name == here or name.startswith(here + "/"):
            return name[len(here) + 1 :] or "."
        if name.startswith(("/usr/", "/lib", "/tmp", "/dev/", os.environ["TMPDIR"])) or _exists(name):
            return None
    return os.path.normpath(name) if name else name


def _exists(name):
    try:
        REAL["stat"](name)
    except (OSError, ValueError):
        return False
    return True


def open_file(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
    path = ours(file)
    if path is None or opener is not None:
        return REAL["open"](file, mode, buffering, encoding, errors, newline, closefd, opener)
    if set(mode) - set("rwaxbt+") or sum(mode.count(m) for m in "rwax") != 1:
        raise ValueError(f"invalid mode: {mode!r}")
    binary = "b" in mode
    before = ""
    if "r" in mode or "a" in mode:
        try:
            before = call("read_file", (path,), {})
        except FileNotFoundError:
            if "r" in mode:
                raise
    elif "x" in mode and info(path) is not None:
        raise FileExistsError(f"{path} exists already")
    if "r" in mode and "+" not in mode:
        return Reading(before.encode()) if binary else text_reader(before, path, newline)
    return BinaryFile(path, before.encode(), mode) if binary else TextFile(path, before, mode)


def text_reader(text, path, newline):
    made = io.StringIO(text, newline)
    made.name, made.mode = path, "r"
    return made


class Reading(io.BytesIO):
    """A file opened for reading bytes."""

    def writable(self):
        return False

    def write(self, data):
        raise io.UnsupportedOperation("not writable")


class _Written:
    """Collects what is written and sends it as a whole on close."""

    def _begin(self, path, mode):
        self.name, self.mode, self._changed = path, mode, "r" not in mode
        OPEN.add(self)
        self.seek(0, 2 if "a" in mode else 0)

    def write(self, data):
        self._changed = True
        return super().write(data)

    def truncate(self, size=None):
        self._changed = True
        return super().truncate(size)

    def flush(self):
        super().flush()

    def close(self):
        if not self.closed and self._changed:
            self._changed = False
            value = self.getvalue()
            call("write_file", (self.name, value if isinstance(value, str) else value.decode("utf-8")), {})
        super().close()

    def fileno(self):
        raise OSError("a workspace file has no descriptor here; use read_file and write_file")

    def __del__(self):
        try:
            self.close()
        except Exception as error:
            LOST.append(error)  # it cannot be raised here; ``finish`` does


class TextFile(_Written, io.StringIO):
    def __init__(self, path, before, mode):
        io.StringIO.__init__(self, before, newline="\n")
        self._begin(path, mode)


class BinaryFile(_Written, io.BytesIO):
    def __init__(self, path, before, mode):
        io.BytesIO.__init__(self, before)
        self._begin(path, mode)


def info(path):
    """What the host says about a path, None when it is not there."""
    try:
        return call("file_info", (path,), {})
    except (FileNotFoundError, NotADirectoryError):
        return None


def stat_path(path, *, dir_fd=None, follow_symlinks=True):
    name = ours(path)
    if name is None or dir_fd is not None:
        return REAL["stat"](path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)
    found = call("file_info", (name,), {})
    folder = found["kind"] == "directory"
    when = _seconds(found.get("modified"))
    mode = stat.S_IFDIR | 0o755 if folder else stat.S_IFREG | 0o644
    return os.stat_result((mode, 0, 0, 1, 0, 0, found.get("size") or 0, when, when, when))


def _seconds(text):
    import datetime

    return int(datetime.datetime.fromisoformat(text).timestamp()) if text else 0


def access(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True):
    name = ours(path)
    if name is None:
        return REAL["access"](path, mode, dir_fd=dir_fd, effective_ids=effective_ids, follow_symlinks=follow_symlinks)
    return info(name) is not None


def listdir(path="."):
    name = ours(path)
    if name is None:
        return REAL["listdir"](path)
    return [entry.rstrip("/") for entry in call("list_directory", (name,), {})]


class Entry:
    """A directory entry of the workspace."""

    def __init__(self, folder, name):
        self.name = name.rstrip("/")
        self.path = self.name if folder in (".", "") else os.path.join(folder, self.name)
        self._folder = name.endswith("/")

    def is_dir(self, *, follow_symlinks=True):
        return self._folder

    def is_file(self, *, follow_symlinks=True):
        return not self._folder

    def is_symlink(self):
        return False

    def stat(self, *, follow_symlinks=True):
        return os.stat(self.path)

    def __fspath__(self):
        return self.path

    def __repr__(self):
        return f"<DirEntry {self.name!r}>"


class _Entries(list):
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


def scandir(path="."):
    name = ours(path)
    if name is None:
        return REAL["scandir"](path)
    shown = os.fspath(path)
    return _Entries(Entry(shown, entry) for entry in call("list_directory", (name,), {}))


def remove(path, *, dir_fd=None):
    name = ours(path)
    if name is None:
        return REAL["remove"](path, dir_fd=dir_fd)
    call("delete_file", (name,), {})


def rename(source, target, *, src_dir_fd=None, dst_dir_fd=None):
    old, new = ours(source), ours(target)
    if old is None and new is None:
        return REAL["rename"](source, target)
    if old is None or new is None:
        raise OSError("a file cannot be moved between TMPDIR and the workspace; use read_file and write_file")
    call("move_file", (old, new), {})


def mkdir(path, mode=0o777, *, dir_fd=None):
    if ours(path) is None:
        return REAL["mkdir"](path, mode, dir_fd=dir_fd)
    # write_file makes the folders that it needs; an empty one has no meaning for the tools.
    if info(ours(path)) is not None:
        raise FileExistsError(f"{path} exists already")


def refuse(name, tool):
    def shim(path, *args, **kwargs):
        if ours(path) is None:
            return REAL[name](path, *args, **kwargs)
        raise OSError(f"os.{name} does not work on the workspace; use {tool}(path)")

    return shim
