"""macOS: the profile of ``run_command``. Names that stay closed are closed wherever they appear, existing or not."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from codemode_tui.sandbox.command_profile import CommandView
from codemode_tui.sandbox.mac_python import outermost
from codemode_tui.sandbox.seatbelt import BASE, OPENMP, each, libraries, metadata, numbered, sandbox_exec, ways
from codemode_tui.sandbox.types import ClosedPaths

_COMMAND = """\
(allow process-fork)
(allow signal (target same-sandbox))
(allow process-info* (target same-sandbox))
(allow file-read* file-test-existence file-map-executable process-exec*
  (subpath "/bin") (subpath "/sbin") (subpath "/usr/bin") (subpath "/usr/sbin") (subpath "/usr/libexec")
  (subpath "/usr/share") (subpath "/Library/Developer/CommandLineTools") (subpath "/Library/Developer/Toolchains")
  (subpath "/Library/Frameworks") (subpath "/Library/Java") (subpath "/Library/Ruby") (subpath "/Library/Perl"))
(allow file-read* file-test-existence
  (subpath "/private/var/select") (literal "/private/var/db/xcode_select_link") (literal "/private/etc/passwd")
  (literal "/private/etc/group") (literal "/private/etc/hosts") (literal "/private/etc/services")
  (literal "/private/etc/protocols") (literal "/private/etc/shells") (subpath "/private/etc/ssl")
  (literal "/Library/Preferences/com.apple.dt.Xcode.plist"))
(allow file-read* file-write-data
  (subpath "/dev/fd") (literal "/dev/stdin") (literal "/dev/stdout") (literal "/dev/stderr"))
(allow file-read-metadata file-test-existence
  (literal "/private/var/db") (literal "/Library/Developer") (literal "/Library/Preferences"))
(allow ipc-posix-sem)
(allow file-read* file-test-existence file-map-executable process-exec* (subpath (param "WORKSPACE")))
(allow file-read* file-write* file-map-executable process-exec* (subpath (param "SCRATCH")))
"""
"""Beside programs of the system and their libraries: by the Xcode plist Apple's git, make and compilers know that
their licence was accepted; a descriptor that is open already is opened anew below ``/dev/fd``; locks of Python's
``multiprocessing`` are semaphores."""
_READ = "file-read-data file-read-xattr file-map-executable process-exec*"
"""What a secret refuses, besides writing. Its metadata may be seen: ``ls`` and git fail on what they cannot stat."""


def command_profile(
    *, prefixes: int, hops: int, writable: bool, closed: ClosedPaths, secrets: int, protected: int, anchors: int
) -> str:
    """No network, no home; later rules win, so what stays closed comes last.

    Args:
        prefixes: number of ``PREFIX0…`` parameters (PATH entries' own trees).
        hops: number of ``HOP0…`` parameters: folders and links on the way.
        writable: the workspace may be written.
        closed: names that stay closed; constants of this program, never paths of the user.
        secrets, protected: number of ``SECRET0…`` and ``PROTECTED0…`` parameters below the workspace.
        anchors: number of ``ANCHOR0…`` parameters: the workspace and the folders in it above anything closed. They
            can be moved nowhere: in ``SCRATCH``, on the same disk, nothing is closed.
    """
    parts = [BASE, _COMMAND, OPENMP, libraries(prefixes, programs=True), metadata(hops)]
    if writable:
        parts.append('(allow file-write* (subpath (param "WORKSPACE")))\n')
        # A folder or file `.git` keeps its place and cannot be made; what is in it git itself must write.
        parts.append(_deny("file-write*", closed.protected_names, exactly=(".git",)))
        parts.append(each("deny file-write*", "subpath", "PROTECTED", protected))
        parts.append(each("deny file-write-unlink", "literal", "ANCHOR", anchors))
    spared = [name for name in closed.secret_names if any(fnmatchcase(one, name) for one in closed.spared_names)]
    always = [name for name in closed.secret_names if name not in spared]
    parts.append(_deny(f"{_READ} file-write*", always))
    parts.append(_deny(f"{_READ} file-write*", spared, but=closed.spared_names))
    parts.append(each(f"deny {_READ} file-write*", "subpath", "SECRET", secrets))
    return "".join(parts)


def seatbelt_arguments(
    view: CommandView, workspace: Path, allow_write: bool, closed: ClosedPaths, scratch: str
) -> tuple[str, ...]:
    """The beginning of the argv of a command."""
    root, scratch = os.path.realpath(workspace), os.path.realpath(scratch)
    prefixes = outermost(os.path.realpath(path) for path in view.read)
    hops = ways([*view.read, *prefixes, root, scratch])
    usable = _usable(closed, root)
    # What a name closes needs no path of its own.
    secrets = _unnamed(closed.secrets, root, usable.secret_names, closed.spared_names)
    protected = _unnamed(closed.protected, root, usable.protected_names)
    everything = (*closed.named, *closed.secrets, *closed.protected, *closed.anchors)
    anchors = sorted({root, *_above(map(_real, everything), root), *map(_real, closed.anchors)})
    profile = command_profile(
        prefixes=len(prefixes),
        hops=len(hops),
        writable=allow_write,
        closed=usable,
        secrets=len(secrets),
        protected=len(protected),
        anchors=len(anchors),
    )
    parameters = {"WORKSPACE": root, "SCRATCH": scratch, **numbered("PREFIX", prefixes), **numbered("HOP", hops)}
    parameters |= numbered("SECRET", secrets)
    if allow_write:
        parameters |= {**numbered("PROTECTED", protected), **numbered("ANCHOR", anchors)}
    return sandbox_exec(profile, parameters)


def name_regex(glob: str) -> str:
    """A regular expression for paths with a component (or two, ``a/b``) that matches, in any case of ASCII letters."""
    made = "".join(_char(char) for char in glob)
    return f"/{made}($|/)"


def _char(char: str) -> str:
    if char == "*":
        return "[^/]*"
    if char.isalpha():
        return f"[{char.lower()}{char.upper()}]"
    return char if char.isdigit() or char == "/" else f"[{char}]"


def _usable(closed: ClosedPaths, root: str) -> ClosedPaths:
    """Without names that the way to the workspace itself has: they would close all of it."""

    def kept(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(name for name in names if not re.search(name_regex(name), root))

    return ClosedPaths(
        secret_names=kept(closed.secret_names),
        spared_names=closed.spared_names,
        protected_names=kept(closed.protected_names),
    )


def _unnamed(paths: Iterable[str], root: str, names: Sequence[str], spared: Sequence[str] = ()) -> list[str]:
    """Of ``paths``, as real paths, those that no name closes."""

    def match(path: str, globs: Sequence[str]) -> bool:
        return any(re.search(name_regex(glob), path[len(root) :]) for glob in globs)

    return [path for path in map(_real, paths) if not match(path, names) or match(path, spared)]


def _real(path: str) -> str:
    """A path whose folders are real: the kernel compares no other."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


def _above(paths: Iterable[str], root: str) -> list[str]:
    """Folders between the workspace and ``paths``."""
    found = {str(folder) for path in paths for folder in Path(path).parents if str(folder).startswith(f"{root}/")}
    return sorted(found)


def _deny(operations: str, names: Sequence[str], *, exactly: Sequence[str] = (), but: Sequence[str] = ()) -> str:
    patterns = [name_regex(name) for name in names] + [name_regex(name).removesuffix("($|/)") + "$" for name in exactly]
    if not patterns:
        return ""
    exceptions = "".join(f'\n  (require-not (regex #"{name_regex(name)}"))' for name in but)
    listed = "".join(f'\n    (regex #"{pattern}")' for pattern in patterns)
    return f'(deny {operations} (require-all (subpath (param "WORKSPACE")){exceptions}\n  (require-any{listed})))\n'
