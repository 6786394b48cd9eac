"""What a command may see: system folders, the trees of the PATH entries, the workspace without its secrets."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from codemode_tui.sandbox.interpreter import system_libraries
from codemode_tui.sandbox.mac_python import outermost

_SYSTEM = ("/usr", "/opt", "/nix/store", "/snap")
_MERGED = ("/bin", "/sbin")
_ETC = (
    "alternatives", "ca-certificates", "debian_version", "fonts", "group", "hostname", "hosts", "java", "ld.so.cache",
    "ld.so.conf", "ld.so.conf.d", "locale.alias", "localtime", "magic", "mime.types", "nsswitch.conf", "os-release",
    "passwd", "perl", "protocols", "python3", "python3.11", "python3.12", "python3.13", "services", "ssl/certs",
    "ssl/openssl.cnf", "terminfo", "timezone",
)  # fmt: skip
_OWN = (
    "bin",
    "sbin",
    "lib",
    "lib64",
    "libexec",
    "include",
    "versions",
    "shims",
    "toolchains",
    "plugins",
    "opt",
    "Cellar",
    "Frameworks",
    "share/uv/python",
    "share/uv/tools",
    "share/pipx",
    "pyvenv.cfg",
    *(f"etc/openssl@{version}/{name}" for version in ("1.1", "3", "4") for name in ("openssl.cnf", "cert.pem")),
    "etc/ca-certificates",
)
"""Of an installation below some home folder: its programs, never its settings or keys. (Without the settings of
OpenSSL, though, Homebrew's Node does not start.)"""
_UV_PYTHONS = ".local/share/uv/python"
"""Below the home folder: the Pythons of virtual environments, and nothing else."""
_DEVELOPERS = (
    "private/var/db/xcode_select_link",
    "Applications/Xcode.app/Contents/Developer",
    "Library/Developer/CommandLineTools",
)
"""Where macOS looks for Apple's own git, make, Python and compilers, in this order."""
_APPLE = ("usr/bin", "Toolchains/XcodeDefault.xctoolchain/usr/bin")
_SDKS = ("Platforms/MacOSX.platform/Developer/SDKs/MacOSX.sdk", "SDKs/MacOSX.sdk")


class CommandView(msgspec.Struct, frozen=True):
    """Paths of the host, by how a command sees them."""

    read: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    path: str
    """The value of PATH."""
    variables: dict[str, str] = {}
    """What the programs of ``path`` need besides, in their environment."""


def command_view(search_path: str, home: Path, *, mac: bool = sys.platform == "darwin", root: str = "/") -> CommandView:
    """
    Args:
        search_path: the host's PATH.
        home: folder below which only programs are shown, never the rest.
        mac: the system's own folders stand in the profile, and Homebrew keeps settings and data beside its programs.
        root: of a Mac's file system; another one in tests.
    """
    read, links = ([], ()) if mac else _system(os.path.realpath(home))
    entries = [entry for entry in search_path.split(os.pathsep) if os.path.isabs(entry) and os.path.isdir(entry)]
    entries = [entry for entry in entries if not _holds(entry, home)]
    for entry in entries:
        if _below(os.path.realpath(entry), read):
            continue  # shown already
        read += [tree for tree in trees(entry, home) if not _below(tree, read)]
    if os.path.isdir(pythons := home / _UV_PYTHONS) and not _below(str(pythons), read):
        read.append(str(pythons))
    shown, variables = [*entries, "/usr/bin", "/bin"], {}
    if mac and (developer := _developer(root, home)):
        # Apple's programs in /usr/bin only look for those, and complain of what they may not ask the system.
        at = shown.index("/usr/bin")
        shown[at:at] = [path for name in _APPLE if os.path.isdir(path := f"{developer}/{name}")]
        read.append(developer[: -len("/Developer")] if developer.endswith(".app/Contents/Developer") else developer)
        variables = _variables(developer)
    read = outermost(read)
    links = tuple(link for link in links if not any(_below(path, link[:1]) for path in read))
    return CommandView(tuple(read), tuple(dict.fromkeys(links)), os.pathsep.join(dict.fromkeys(shown)), variables)


def _developer(root: str, home: Path) -> str:
    """The folder of Apple's developer tools that is in use; empty if there is none."""
    found = (os.path.realpath(os.path.join(root, name)) for name in _DEVELOPERS)
    return next((path for path in found if os.path.isdir(f"{path}/usr/bin") and not _holds(path, home)), "")


def _variables(developer: str) -> dict[str, str]:
    """What Apple's programs in ``/usr/bin`` tell the compilers that they start."""
    sdk = next((path for name in _SDKS if os.path.isdir(path := f"{developer}/{name}")), "")
    return {"SDKROOT": sdk, "CPATH": "/usr/local/include", "LIBRARY_PATH": "/usr/local/lib"} if sdk else {}


def _system(home: str) -> tuple[list[str], tuple[tuple[str, str], ...]]:
    libraries, links = system_libraries()
    read = [path for path in (*_SYSTEM, *libraries) if os.path.isdir(path) or path.startswith("/etc")]
    for folder in _SYSTEM:
        # Accounts of services may live there; those of the system itself have its programs as their home.
        real = os.path.realpath(folder)
        if folder in read and home.startswith(f"{real}/") and os.path.basename(home) not in _OWN:
            read.remove(folder)
            beside, more = _beside(folder, folder + home.removeprefix(real))
            read, links = [*beside, *read], (*links, *more)
    for name in _MERGED:
        if os.path.islink(name):
            links = (*links, (name, os.readlink(name)))
        elif os.path.isdir(name):
            read.append(name)
    read += [f"/etc/{name}" for name in _ETC if os.path.exists(f"/etc/{name}")]
    return read, links


def _beside(folder: str, home: str) -> tuple[list[str], list[tuple[str, str]]]:
    """All in ``folder`` but the home folder somewhere below it: what is shown, and links as they are."""
    read: list[str] = []
    links: list[tuple[str, str]] = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_symlink():
                links.append((entry.path, os.readlink(entry.path)))
            elif home.startswith(f"{entry.path}/"):
                below, more = _beside(entry.path, home)
                read, links = [*read, *below], [*links, *more]
            elif entry.path != home:
                read.append(entry.path)
    return read, links


def trees(entry: str, home: Path) -> list[str]:
    """The folders that the programs of one PATH entry need, as given and with links resolved."""
    found = [entry]
    for folder in {entry, os.path.realpath(entry)}:
        prefix = os.path.dirname(folder.rstrip("/"))
        if os.path.realpath(prefix) == os.path.realpath(home):
            continue  # ~/bin: its parent is the home folder itself
        found += _own(prefix)
    found += _targets(entry, home)
    return list(dict.fromkeys(found))


def _own(prefix: str) -> list[str]:
    """The programs of an installation. ``/`` is none: beside ``/bin``, ``/opt`` holds others with all their data."""
    return [path for name in _OWN if prefix.strip("/") and os.path.exists(path := f"{prefix}/{name}")]


def _targets(entry: str, home: Path) -> list[str]:
    """Where an entry's links lead, such as ``~/.local/bin/tool`` into a virtual environment."""
    found: dict[str, None] = {}
    try:
        names = os.listdir(entry)
    except OSError:
        return []
    for name in names[:500]:
        path = os.path.join(entry, name)
        if os.path.islink(path):
            target = os.path.realpath(path)
            folder = os.path.dirname(target)
            if os.path.basename(folder) == "bin" and os.path.dirname(folder) != str(home):
                found |= dict.fromkeys(_own(os.path.dirname(folder)))
            elif os.path.isfile(target) and os.access(target, os.X_OK):
                found[target] = None
    return list(found)


def _holds(entry: str, home: Path) -> bool:
    """The entry is the home folder or lies above it: no folder of programs."""
    return f"{os.path.realpath(home)}/".startswith(os.path.realpath(entry).rstrip("/") + "/")


def _below(path: str, roots: Iterable[str]) -> bool:
    return any(path == root or path.startswith(root + "/") for root in roots)
