"""Folders of a Mac's Pythons below some other root, as their installers lay them out."""

from __future__ import annotations

from pathlib import Path

from codemode_tui.sandbox.interpreter import Interpreter
from codemode_tui.sandbox.mac_python import mac_binary, mac_reads

HOME = "Users/ann"
_CELLAR = "opt/homebrew/Cellar/python@3.12/3.12.8/Frameworks/Python.framework/Versions/3.12"
_DEVELOPER = "Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/3.9"
PREFIXES = {
    "uv": f"{HOME}/.local/share/uv/python/cpython-3.12.8-macos-aarch64-none",
    "homebrew": _CELLAR,
    "python.org": "Library/Frameworks/Python.framework/Versions/3.12",
    "pyenv": f"{HOME}/.pyenv/versions/3.12.8",
    "conda": f"{HOME}/miniconda3",
    "xcode": _DEVELOPER,
    "home": HOME,
    "usr-local": "usr/local",
}
_LINKS = {
    "uv": (f"{HOME}/.local/share/uv/python/cpython-3.12-macos-aarch64-none", "cpython-3.12.8-macos-aarch64-none"),
    "homebrew": ("opt/homebrew/opt/python@3.12", "../Cellar/python@3.12/3.12.8"),
    "python.org": ("Library/Frameworks/Python.framework/Versions/Current", "3.12"),
}
_STARTED = {
    "uv": f"{_LINKS['uv'][0]}/bin/python3.12",
    "homebrew": "opt/homebrew/opt/python@3.12/Frameworks/Python.framework/Versions/3.12/bin/python3.12",
    "python.org": "Library/Frameworks/Python.framework/Versions/Current/bin/python3.12",
}
OTHERS = (
    f"{HOME}/.ssh/id_ed25519", f"{HOME}/.zshrc", f"{HOME}/project/notes.txt", f"{HOME}/miniconda3/.condarc",
    f"{HOME}/miniconda3/envs/work/lib/secret.py", f"{HOME}/Library/Keychains/login.keychain-db",
    "opt/homebrew/etc/my.cnf", "opt/homebrew/var/postgres/base", "usr/local/etc/my.cnf", "private/etc/passwd",
    "Library/Preferences/x.plist", "private/var/folders/other", "Volumes/USB/x", "bin/sh",
)  # fmt: skip
"""Files that no interpreter needs."""


def make_mac(root: Path, layout: str) -> Interpreter:
    """The interpreter of that layout, found as ``find_interpreter`` would on a Mac whose root is ``root``."""
    prefix = root / PREFIXES[layout]
    version = "3.9" if layout == "xcode" else "3.12"
    for file in (
        *OTHERS,
        f"{PREFIXES[layout]}/bin/python{version}",
        f"{PREFIXES[layout]}/lib/python{version}/os.py",
        f"{PREFIXES[layout]}/lib/libpython{version}.dylib",
        "opt/homebrew/opt/openssl@3/lib/libssl.3.dylib",
        "opt/homebrew/lib/libintl.8.dylib",
    ):
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    if "framework" in PREFIXES[layout]:
        inner = prefix / "Resources/Python.app/Contents/MacOS/Python"
        inner.parent.mkdir(parents=True)
        inner.touch()
    if layout == "conda":
        (prefix / "conda-meta").mkdir()
        (prefix / "share/zoneinfo").mkdir(parents=True)
    if layout in _LINKS:
        link, target = _LINKS[layout]
        (root / link).parent.mkdir(parents=True, exist_ok=True)
        (root / link).symlink_to(target)
    started = root / _STARTED.get(layout, f"{PREFIXES[layout]}/bin/python{version}")
    binary = mac_binary(str(started.resolve()))
    stdlib = str(prefix / f"lib/python{version}")
    return Interpreter(binary, mac_reads(binary, str(prefix), stdlib, str(root / HOME), root=str(root)))
