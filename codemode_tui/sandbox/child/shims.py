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
from listing import Entries, Entry, status

READS = frozenset(("read_file", "file_info", "delete_file", "move_file"))
"""Tools whose first argument is a file that this program may be writing."""
REAL = {}
"""The functions as they were, for paths that exist in here: the library, TMPDIR."""
MADE = set()
"""Folders that the code made and has written nothing into yet: the tools make them with their files."""
PLAIN = set()
"""Files that the code would have made executable, by copying one that is."""
tool = None
HERE = os.path.dirname(os.path.abspath(__file__))
start = ""
"""The current folder at the beginning: it stands for the workspace."""
SYSTEM = ("/usr", "/lib", "/lib64", "/dev", "/System")  # the last has the name and version of macOS
roots = ()
"""Where this process has files of its own."""


def install(caller, own):
    """Put the shims in place; ``caller(name, args, kwargs)`` calls a tool on the host, ``own(name)`` gives a module of
    this program."""
    global tool, start, roots
    tool, start = caller, os.getcwd()
    kept = {os.environ["TMPDIR"], sys.base_prefix, sys.prefix, os.path.dirname(os.__file__)}
    roots = (*kept, HERE, *SYSTEM)
    REAL["open_file"] = io.open
    builtins.open = io.open = open_file
    if tokenize := sys.modules.get("tokenize"):
        tokenize._builtin_open = open_file
    served = (open_descriptor, stat_path, readlink, listdir, scandir, remove, mkdir, rmdir, access)
    for shim in (*served, listxattr):
        _put(NAMES.get(shim.__name__, shim.__name__), shim)
    for name in ("rename", "replace", "chmod", "utime", "chflags", "lchflags"):
        _put(name, _late(name, own))
    _put("lstat", lstat_path)
    _put("unlink", remove)
    REAL["realpath"], os.path.realpath = os.path.realpath, realpath
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
    for name in (one for one in sorted(MADE) if not on_host(one)):
        print(f"the empty folder {name}/ was not made: folders come with the files in them", file=sys.stderr)
    if plain := [name for name in sorted(PLAIN) if (found := on_host(name)) and "executable" not in found]:
        hint = f"modes are not kept here; use run_command('chmod', {['+x', *plain]!r})"
        print(f"{', '.join(plain)} cannot be run: {hint}", file=sys.stderr)


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


def call(name, args, kwargs):
    """Call a tool about a path. Code looks at the fields of the system's errors, so these have them."""
    try:
        return tool(name, args, kwargs)
    except OSError as error:
        if error.errno:
            said = str(error).removeprefix(f"{args[0]} ")
            said = said.removeprefix("does not exist").strip(" ()") if error.errno == errno.ENOENT else said
            system = os.strerror(error.errno)
            # The system's words for a link that is not followed are about loops.
            error.strerror = said if error.errno == errno.ELOOP else f"{system} ({said})" if said else system
            error.filename = args[0]
            if name == "move_file":
                error.filename2 = args[1]
        raise


def ours(path):
    """The workspace path behind ``path``, None if it belongs to this process's own small world."""
    if isinstance(path, int):
        return None
    name = os.fspath(path)
    if isinstance(name, bytes):
        name = os.fsdecode(name)
    if not name:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", path)
    here = os.getcwd()
    if not name.startswith("/"):
        if here == start:
            return os.path.normpath(name)
        name = os.path.join(here, name)
    name = "/" + os.path.normpath(name).lstrip("/")  # two slashes at the beginning it keeps
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


def send(path, content, adds=False, known=None):
    with files.SENDING:
        if known is not None and _text_of(path) != known:
            raise OSError(f"{path} was not written: it has changed since it was opened with 'r+'; open it again first")
        call("write_file", (path, _text_of(path) + content if adds else content), {})
    filled(path)


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
    if flags & (os.O_CREAT | os.O_TRUNC | os.O_RDWR | os.O_WRONLY) != os.O_CREAT | os.O_WRONLY:
        raise OSError(
            "os.open, and tempfile with dir=, do not work on the workspace; use open, read_file or write_file"
        )
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
    closed = link = False
    try:
        found = info(name)
    except PermissionError as error:
        # A secret, or a link that leads out: its folder may be listed all the same, so it may be told that it is there.
        found, closed, link = _listed(name), True, error.errno == errno.ELOOP
        if found is None:
            raise
    if found is None and not follow_symlinks:
        found = _listed(name)
        link = found is not None  # one that leads nowhere
    if found is None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", name)
    if found["kind"] != "directory" and os.fsencode(path).endswith(b"/"):
        raise NotADirectoryError(errno.ENOTDIR, "Not a directory", os.fspath(path))
    return status(name, found, closed=closed, link=(link or "link" in found) and not follow_symlinks)


def _listed(name):
    """What its folder tells about a path, None if it is not in it."""
    parent, last = os.path.split(name)
    try:
        names = call("list_directory", (parent or ".",), {})
    except (FileNotFoundError, NotADirectoryError):
        return None
    return {"kind": "directory" if f"{last}/" in names else "file"} if {last, f"{last}/"} & set(names) else None


def lstat_path(path, *, dir_fd=None):
    return stat_path(path, dir_fd=dir_fd, follow_symlinks=False)


def readlink(path, *, dir_fd=None):
    """Where a symbolic link of the workspace leads, seen from its folder."""
    name = ours(path)
    if name is None or dir_fd is not None:
        return REAL["readlink"](path, dir_fd=dir_fd)
    if not stat.S_ISLNK(os.lstat(path).st_mode):
        raise OSError(errno.EINVAL, "Invalid argument", path)
    if link := (info(name) or {}).get("link"):
        return link
    raise OSError(f"{name} leads nowhere; run_command('readlink', [{name!r}]) tells what it names")


def realpath(path, *, strict=False):
    name = ours(path)
    if name is None:
        return REAL["realpath"](path, strict=strict)
    if strict is True:
        os.stat(path)
    found = os.path.normpath(os.path.join(start, _real(name)))
    return os.fsencode(found) if isinstance(os.fspath(path), bytes) else found


def _real(name):
    """The path behind the links of a path, as far as they can be followed."""
    try:
        found = info(name)
    except OSError:
        found = None
    parent, last = os.path.split(name)
    if found or parent in ("", "/"):
        return (found or {}).get("real", name)
    return os.path.join(_real(parent), last)


def access(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True):
    try:
        name = ours(path)
        if name is not None:
            found = info(name)
            return found is not None and (not mode & os.X_OK or found["kind"] == "directory" or "executable" in found)
    except OSError:
        return False
    return REAL["access"](path, mode, dir_fd=dir_fd, effective_ids=effective_ids, follow_symlinks=follow_symlinks)


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
    files.removed(name)


def _late(name, own):
    def shim(*args, **more):
        return getattr(own("file_attributes"), name)(*args, **more)  # few programs need it

    return shim


def mkdir(path, mode=0o777, *, dir_fd=None):
    name = ours(path)
    if name is None:
        return REAL["mkdir"](path, mode, dir_fd=dir_fd)
    if info(name) is not None:
        raise FileExistsError(errno.EEXIST, "File exists", name)
    above = info(os.path.dirname(name) or ".")
    if above is None:
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", name)
    if above["kind"] != "directory":
        raise NotADirectoryError(errno.ENOTDIR, "Not a directory", name)
    MADE.add(name)


def rmdir(path, *, dir_fd=None):
    name = ours(path)
    if name is None:
        return REAL["rmdir"](path, dir_fd=dir_fd)
    if entries(name):
        raise OSError(errno.ENOTEMPTY, "Directory not empty", name)
    if name not in MADE or on_host(name):
        call("delete_file", (f"{name}/",), {})
    MADE.discard(name)


def on_host(path):
    """What the host says of a path; nothing if it has none, as of a folder that was made here and is empty still."""
    try:
        return call("file_info", (path,), {})
    except Exception:
        return {}


def filled(path):
    """The folders above ``path`` are on the host now."""
    while path != (path := os.path.dirname(path)):
        MADE.discard(path)


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
