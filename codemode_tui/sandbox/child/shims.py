"""Ordinary file code, served by the tools: ``open``, ``pathlib``, ``os.listdir``, ``glob`` and their like.

The workspace is not mounted here. A relative path is read through ``read_file`` and written, when the
file is closed, through ``write_file``; what cannot be served so says which tool to use. Convenience,
never policy: the host decides on every call.
"""

import builtins
import errno
import io
import os
import stat
import sys

import files
from listing import Entries, Entry

READS = frozenset(("read_file", "file_info", "delete_file", "move_file"))
"""Tools whose first argument is a file that this program may be writing."""
REAL = {}
"""The functions as they were, for paths that exist in here: the library, TMPDIR."""
MADE = set()
"""Folders that the code made and has written nothing into yet: the tools make them with their files."""
call = None
start = ""
"""The current folder at the beginning: it stands for the workspace."""
roots = ()
"""Where this process has files of its own."""


def install(tool):
    """Put the shims in place; ``tool(name, args, kwargs)`` calls a tool on the host."""
    global call, start, roots
    call, start = tool, os.getcwd()
    own = {os.environ["TMPDIR"], sys.base_prefix, sys.prefix, os.path.dirname(os.__file__)}
    roots = (*own, os.path.dirname(os.path.abspath(__file__)), "/usr", "/lib", "/lib64", "/dev")
    REAL["open_file"] = io.open
    builtins.open = io.open = open_file
    if tokenize := sys.modules.get("tokenize"):
        tokenize._builtin_open = open_file
    served = (open_descriptor, stat_path, listdir, scandir, remove, rename, replace, mkdir, rmdir, access, chmod)
    for shim in (*served, utime, listxattr):
        _put(NAMES.get(shim.__name__, shim.__name__), shim)
    _put("lstat", lstat_path)
    _put("readlink", readlink)
    _put("unlink", remove)
    for name, hint in REFUSED.items():
        _put(name, refuse(name, hint))
    _refuse_programs()


NAMES = {"open_descriptor": "open", "stat_path": "stat"}
REFUSED = {
    "chdir": "name paths from the workspace, such as folder/file.txt",
    "truncate": "use write_file(path, content)",
    "symlink": "links cannot be made; use write_file(path, content)",
    "link": "links cannot be made; use write_file(path, content)",
    "mkfifo": "use write_file(path, content)",
    "chown": "owners stay as they are",
}


def finish():
    """At the end of the program: write what is still open, as an interpreter does. Nothing is lost silently."""
    files.close_all()
    for name in (one for one in sorted(MADE) if not _is_there(one)):
        print(f"the empty folder {name}/ was not made: folders come with the files in them", file=sys.stderr)


def settle(name, args, kwargs):
    """Before a tool is called: what it is to find in the workspace is there.

    Of the file that it names, everything; of others what was flushed, as a program in any system sees no more.
    """
    if name not in READS:
        files.sync_flushed()
        return
    path = args[0] if args else kwargs.get("path")
    if isinstance(path, (str, os.PathLike)):
        files.sync(ours(os.path.join(start, path)))


def ours(path):
    """The workspace path behind ``path``, None if it belongs to this process's own small world."""
    if isinstance(path, int):
        return None
    name = os.fspath(path)
    if isinstance(name, bytes):
        name = os.fsdecode(name)
    here = os.getcwd()
    if not name.startswith("/"):
        if here == start:
            return os.path.normpath(name) if name else name
        name = os.path.join(here, name)
    name = os.path.normpath(name)
    if name == start or name.startswith(start + "/"):
        return name[len(start) + 1 :] or "."
    if any(root.startswith(name.rstrip("/") + "/") for root in roots):
        return None
    for root in roots:
        if name == root or name.startswith(root + "/"):
            first = name[len(root) + 1 :].partition("/")[0]
            if _exists(name) or _exists(os.path.dirname(name)) or _exists(f"{root}/{first}"):
                return None
    return name


def open_file(file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
    path = ours(file)
    if path is None or opener is not None:
        return REAL["open_file"](file, mode, buffering, encoding, errors, newline, closefd, opener)
    if set(mode) - set("rwaxbt+") or sum(mode.count(m) for m in "rwax") != 1 or ("b" in mode and "t" in mode):
        raise ValueError(f"invalid mode: {mode!r}")
    if "b" in mode and (encoding or errors or newline):
        raise ValueError("binary mode takes no encoding, errors or newline argument")
    before = ""
    files.sync(path, adding="a" in mode)
    if "r" in mode:
        before = call("read_file", (path,), {})
    elif "a" in mode:
        before = _text_of(path)
    elif "x" in mode and info(path) is not None:
        raise FileExistsError(errno.EEXIST, "File exists", path)
    return files.opened(path, before.encode(), mode, encoding, errors, newline, send)


def send(path, content, adds=False):
    with files.SENDING:
        call("write_file", (path, _text_of(path) + content if adds else content), {})
    _filled(path)


def _text_of(path):
    """What a file holds now; nothing if it is not there."""
    try:
        return call("read_file", (path,), {})
    except FileNotFoundError:
        return ""


def open_descriptor(path, flags, mode=0o777, *, dir_fd=None):
    name = ours(path)
    if name is None or dir_fd is not None:
        return REAL["open"](path, flags, mode, dir_fd=dir_fd)
    if not flags & os.O_CREAT or flags & os.O_TRUNC:
        raise OSError("os.open does not work on the workspace; use open, read_file or write_file")
    # `Path.touch` comes here. Its descriptor cannot be written to: that fails, and loses nothing.
    if info(name) is None:
        send(name, "", adds=True)  # another thread may have written to it by now
    elif flags & os.O_EXCL:
        raise FileExistsError(errno.EEXIST, "File exists", name)
    return REAL["open"](os.devnull, os.O_RDONLY)


def info(path):
    """What the host says about a path, None when it is not there; of a file that is being written, what it will be."""
    try:
        found = call("file_info", (path,), {})
    except (FileNotFoundError, NotADirectoryError):
        found = {"kind": "directory"} if path in MADE else None
    size = files.size_of(path, (found or {}).get("size") or 0)
    return found if size is None else {"kind": "file", **(found or {}), "size": size}


def stat_path(path, *, dir_fd=None, follow_symlinks=True):
    name = ours(path)
    if name is None or dir_fd is not None:
        return REAL["stat"](path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)
    closed = 0o7777
    try:
        found = info(name)
    except PermissionError:
        # A secret, or a link that leads out: its folder may be listed all the same, so it may be told that it is there.
        parent, last = os.path.split(name)
        listed = call("list_directory", (parent or ".",), {})
        if last not in listed and f"{last}/" not in listed:
            raise
        found, closed = {"kind": "directory" if f"{last}/" in listed else "file"}, 0
    if found is None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", name)
    link = found.get("link")
    if link and not follow_symlinks:
        return os.stat_result((stat.S_IFLNK | 0o777, _number(name), 0, 1, 0, 0, len(link), 0, 0, 0))
    mode = stat.S_IFDIR | 0o755 & closed if found["kind"] == "directory" else stat.S_IFREG | 0o644 & closed
    size, when = found.get("size") or 0, _nanoseconds(found.get("modified"))
    times = {f"st_{kind}time": when / 10**9 for kind in "amc"} | {f"st_{kind}time_ns": when for kind in "amc"}
    real = os.path.normpath(os.path.join(os.path.dirname(name), link)) if link else name
    return os.stat_result((mode, _number(real), 0, 1, 0, 0, size, *[when // 10**9] * 3), times)


def _number(name):
    """As of an inode: one for each file, or ``shutil`` takes them all for the same."""
    return hash(name) & ((1 << 62) - 1) | 1


def lstat_path(path, *, dir_fd=None):
    return stat_path(path, dir_fd=dir_fd, follow_symlinks=False)


def readlink(path, *, dir_fd=None):
    name = ours(path)
    if name is None or dir_fd is not None:
        return REAL["readlink"](path, dir_fd=dir_fd)
    if link := _link(name):
        return link
    os.stat(path)  # which raises what there is to raise
    raise OSError(errno.EINVAL, "Invalid argument", path)


def _link(name):
    """Where a symbolic link of the workspace leads, seen from its folder; "" for what is none, or leads out."""
    try:
        return (info(name) or {}).get("link", "")
    except OSError:
        return ""


def _nanoseconds(text):
    import datetime

    return int(datetime.datetime.fromisoformat(text).timestamp() * 1000) * 10**6 if text else 0


def access(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True):
    name = ours(path)
    if name is None:
        return REAL["access"](path, mode, dir_fd=dir_fd, effective_ids=effective_ids, follow_symlinks=follow_symlinks)
    try:
        return info(name) is not None
    except OSError:
        return False


def listdir(path="."):
    name = ours(path)
    return REAL["listdir"](path) if name is None else [entry.rstrip("/") for entry in entries(name)]


def entries(name):
    """Names in a folder, those of folders with a slash; the ones that were only made here included."""
    files.sync_flushed()
    try:
        found = set(call("list_directory", (name,), {}))
    except FileNotFoundError:
        if name not in MADE:
            raise
        found = set()
    return sorted(found | {os.path.basename(made) + "/" for made in MADE if (os.path.dirname(made) or ".") == name})


def scandir(path="."):
    name = ours(path)
    if name is None:
        return REAL["scandir"](path)
    folder = os.fspath(path)
    return Entries(Entry(folder, entry) for entry in entries(name))


def remove(path, *, dir_fd=None):
    name = ours(path)
    if name is None:
        return REAL["remove"](path, dir_fd=dir_fd)
    files.sync(name)
    call("delete_file", (name,), {})


def rename(source, target, *, src_dir_fd=None, dst_dir_fd=None):
    old, new = ours(source), ours(target)
    if old is None and new is None:
        return REAL["rename"](source, target)
    _same_side(old, new)
    if old == new:
        os.stat(source)
        return
    if new in MADE:
        raise IsADirectoryError(errno.EISDIR, "Is a directory", new)
    files.sync(old)
    call("move_file", (old, new), {})
    _filled(new)


def replace(source, target, *, src_dir_fd=None, dst_dir_fd=None):
    old, new = ours(source), ours(target)
    if old is None and new is None:
        return REAL["replace"](source, target)
    _same_side(old, new)
    if info(new) is None or old.casefold() == new.casefold():  # where case does not count, these are one file
        return rename(source, target)
    files.sync(old)
    # move_file never overwrites; what is meant here is shown as what it is, a change of the target.
    send(new, call("read_file", (old,), {}))
    call("delete_file", (old,), {})


def _same_side(old, new):
    if old is None or new is None:
        raise OSError(
            errno.EXDEV, "a file cannot be moved between TMPDIR and the workspace; use read_file and write_file"
        )


def mkdir(path, mode=0o777, *, dir_fd=None):
    name = ours(path)
    if name is None:
        return REAL["mkdir"](path, mode, dir_fd=dir_fd)
    if info(name) is not None:
        raise FileExistsError(errno.EEXIST, "File exists", name)
    parent = os.path.dirname(name)
    if parent and info(parent) is None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", name)
    MADE.add(name)


def rmdir(path, *, dir_fd=None):
    name = ours(path)
    if name is None:
        return REAL["rmdir"](path, dir_fd=dir_fd)
    if name not in MADE or _is_there(name):
        raise OSError("folders of the workspace cannot be removed here, only files: delete_file(path)")
    MADE.discard(name)


def _is_there(path):
    """Whether a folder that was made here has come to the host, with a file in it that a tool wrote."""
    try:
        return bool(call("file_info", (path,), {}))
    except Exception:
        return False


def _filled(path):
    """The folders above ``path`` are on the host now."""
    while path := os.path.dirname(path):
        MADE.discard(path)


def chmod(path, mode, *, dir_fd=None, follow_symlinks=True):
    if ours(path) is None:
        return _kept("chmod", path, mode, dir_fd=dir_fd, follow_symlinks=follow_symlinks)
    if stat.S_IMODE(os.stat(path).st_mode) != mode:
        raise OSError("modes of workspace files cannot be changed here; use run_command")


def utime(path, times=None, **more):
    """``shutil.copy2`` and ``Path.touch`` end with this; the times of a file are its own."""
    if ours(path) is None:
        return _kept("utime", path, times, **more)
    os.stat(path)


def _kept(name, path, *args, **more):
    """The kernel lets nobody change modes and times; of a file in TMPDIR they matter to no one, so copying goes on."""
    try:
        REAL[name](path, *args, **more)
    except PermissionError:
        if isinstance(path, int) or not os.path.realpath(path).startswith(os.environ["TMPDIR"] + "/"):
            raise


def listxattr(path=None, *, follow_symlinks=True):
    return [] if path is not None and ours(path) is not None else REAL["listxattr"](path)


def refuse(name, hint):
    def shim(path, *args, **kwargs):
        if ours(path) is None and (name not in ("symlink", "link") or ours(args[0]) is None):
            return REAL[name](path, *args, **kwargs)
        raise OSError(f"os.{name} does not work on the workspace; {hint}")

    return shim


def _refuse_programs():
    """The kernel refuses every program; here is said what to do instead."""
    import _posixsubprocess

    def shim(*_, **__):
        raise PermissionError("no program can be started here; use run_command(command)")

    _posixsubprocess.fork_exec = shim
    for name in ("system", "fork", "forkpty", "posix_spawn", "posix_spawnp"):
        if hasattr(os, name):
            setattr(os, name, shim)


def _put(name, shim):
    if hasattr(os, name):
        REAL[name] = getattr(os, name)
        setattr(os, name, shim)


def _exists(name):
    try:
        REAL["stat"](name)
    except (OSError, ValueError):
        return False
    return True
