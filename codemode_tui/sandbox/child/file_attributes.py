"""Names, modes and times of workspace files: ``os.rename`` and its like. The first that is called imports this."""

import errno
import os
import stat
import sys

import files
import shims


def rename(source, target, *, src_dir_fd=None, dst_dir_fd=None):
    old, new = shims.ours(source), shims.ours(target)
    if old is None and new is None:
        return shims.REAL["rename"](source, target)
    _same_side(old, new)
    if old == new:
        os.stat(source)
        return
    if old in shims.MADE and not shims.on_host(old):
        return _rename_made(old, new, target)
    if new in shims.MADE:
        raise IsADirectoryError(errno.EISDIR, "Is a directory", new)
    files.sync(old)
    try:
        shims.call("move_file", (old, new), {})
    except FileExistsError:
        if _same_file(source, target):
            return
        raise
    shims.filled(new)
    if old in shims.PLAIN:
        shims.PLAIN.add(new)
    files.renamed(old, new)


def _rename_made(old, new, target):
    """A folder that is nowhere but here, and those in it."""
    if new.startswith(f"{old}/"):
        raise OSError(errno.EINVAL, "Invalid argument", old)
    if new not in shims.MADE or shims.entries(new):
        os.mkdir(target)
    inner = [one for one in shims.MADE if f"{one}/".startswith(f"{old}/")]
    shims.MADE.difference_update(inner)
    shims.MADE.update(new + one[len(old) :] for one in inner)


def replace(source, target, *, src_dir_fd=None, dst_dir_fd=None):
    old, new = shims.ours(source), shims.ours(target)
    if old is None and new is None:
        return shims.REAL["replace"](source, target)
    _same_side(old, new)
    if not os.path.lexists(target) or old.casefold() == new.casefold():  # where case does not count, one file
        return rename(source, target)
    if _same_file(source, target):
        return
    files.sync(old)
    plain = old in shims.PLAIN or os.access(source, os.X_OK)
    # move_file never overwrites; what is meant here is shown as what it is, a change of the target.
    shims.send(new, shims.call("read_file", (old,), {}))
    shims.call("delete_file", (old,), {})
    if plain:
        shims.PLAIN.add(new)
    files.renamed(old, new)


def _same_file(source, target):
    """Whether two paths lead to one file, which stays as it is then, wherever it is moved."""
    found = os.lstat(source), os.lstat(target)
    for path, one in zip((source, target), found, strict=True):
        if stat.S_ISLNK(one.st_mode):
            # No OSError: `shutil.move` would then copy through the link.
            raise NotImplementedError(
                f"{os.fspath(path)} is a symbolic link, which is neither moved nor replaced here; "
                "use run_command('mv', [path, new_path])"
            )
    return found[0].st_ino == found[1].st_ino


def _same_side(old, new):
    if old is None or new is None:
        raise OSError(
            errno.EXDEV, "a file cannot be moved between TMPDIR and the workspace; use read_file and write_file"
        )


def chmod(path, mode, *, dir_fd=None, follow_symlinks=True):
    """``shutil.copy`` and its like end with this: what they copied has the mode of any new file. At the end is told
    what cannot be run."""
    name = shims.ours(path)
    if name is None:
        return _kept("chmod", path, mode, dir_fd=dir_fd, follow_symlinks=follow_symlinks)
    own = stat.S_IMODE(os.stat(path).st_mode)
    if stat.S_IMODE(mode) == own:
        return
    if mode & ~own & stat.S_IXUSR:
        shims.PLAIN.add(name)
    if not _by_shutil():
        raise OSError("modes of workspace files cannot be changed here; use run_command('chmod', [mode, path])")


def utime(path, times=None, **more):
    """``shutil.copy2`` and ``Path.touch`` end with this; the times of a file are its own, which others are told."""
    if shims.ours(path) is None:
        return _kept("utime", path, times, **more)
    os.stat(path)
    if (times or more.get("ns")) and not _by_shutil():
        raise OSError("times of workspace files cannot be set here; use run_command('touch', ['-d', time, path])")


def chflags(path, flags, *, follow_symlinks=True):
    """Of macOS: ``shutil.copy2`` ends with this too. Workspace files have none."""
    if shims.ours(path) is None:
        return _kept("chflags", path, flags, follow_symlinks=follow_symlinks)
    if flags:
        raise OSError("flags of workspace files cannot be set here; use run_command('chflags', [flags, path])")
    os.stat(path)


def lchflags(path, flags):
    chflags(path, flags, follow_symlinks=False)


def _by_shutil():
    """Whether a function of ``shutil`` has called the one that asks, through its shim."""
    return sys._getframe(3).f_globals.get("__name__") == "shutil"


def _kept(name, path, *args, **more):
    """The kernel lets nobody change modes and times; of a file in TMPDIR they matter to no one, so copying goes on."""
    try:
        shims.REAL[name](path, *args, **more)
    except PermissionError:
        if isinstance(path, int) or not os.path.realpath(path).startswith(os.environ["TMPDIR"] + "/"):
            raise
