"""The only place that knows where files live.

``CODEMODE_HOME`` moves config, data and cache below one folder (tests, portable installs);
otherwise the platform's own folders are used (``platformdirs``).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from codemode_tui.errors import ConfigError, WorkspaceError

APP = "codemode"
SOCKET_PATH = 103
"""Bytes that the path of a Unix socket may have (macOS; Linux allows 107)."""
SOCKET_NAME = 16
"""Bytes kept for the name of a socket in its folder."""


def home() -> Path:
    """The user's home folder; one that does not exist where there is none (a user without an entry, no ``HOME``)."""
    try:
        return Path.home()
    except RuntimeError:
        return Path("/nonexistent")


def config_dir() -> Path:
    """Settings, user profiles and user themes."""
    return _base("config")


def data_dir() -> Path:
    """The store and everything else that must never be lost."""
    return _base("data")


def cache_dir() -> Path:
    """What can be made again: weight hashes, saved KV caches."""
    return _base("cache")


def runtime_dir() -> Path:
    """Sockets and locks of this user's running processes: on this machine, and with a path that a socket may have."""
    if os.environ.get("CODEMODE_HOME"):
        return _short(_base("cache") / "run")
    # Not only what the environment says: a job of cron must meet the engine of the terminals. On a Mac some shells set
    # it, and nothing knows of it that they have not started.
    places = (os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{os.getuid()}")
    for place in () if sys.platform == "darwin" else places:
        if place.startswith("/") and os.path.isdir(place) and os.stat(place).st_uid == os.getuid():
            return _short(Path(place) / APP)
    return _short(_base("cache") / "run")


def own_dirs(root: Path) -> tuple[Path, ...]:
    """Of the folders for config, data and cache, as real paths, those that are ``root`` (a real path) or lie below it.

    Spelled below ``root`` as that is, whatever spelling of the same folder the environment has.
    """
    try:
        folders = {os.path.realpath(folder) for folder in (config_dir(), data_dir(), cache_dir())}
        workspace = os.stat(root)
    except (ConfigError, OSError):
        return ()
    found = []
    for folder in sorted(folders):
        for above in (Path(folder), *Path(folder).parents):
            try:
                same = os.path.samestat(os.stat(above), workspace)
            except OSError:  # not there yet
                continue
            if same:
                found.append(root / Path(folder).relative_to(above))
                break
    return tuple(found)


def config_file() -> Path:
    return config_dir() / "config.toml"


def store_file() -> Path:
    return data_dir() / "codemode.db"


def runs_dir() -> Path:
    """What runs changed in workspaces, so that it can be undone."""
    return data_dir() / "runs"


def log_file() -> Path:
    return cache_dir() / "engine.log"


def current_dir() -> Path:
    """The folder that the program was started in.

    Raises:
        WorkspaceError: it has been deleted.
    """
    try:
        return Path.cwd()
    except FileNotFoundError as error:
        raise WorkspaceError("the current folder is no longer there", hint="cd into another one") from error


def package_dir() -> Path:
    return Path(__file__).resolve().parent


def bundled_model() -> Path:
    """The folder of the model that ships inside the package."""
    return package_dir() / "bundled" / "model"


def themes_dirs() -> list[Path]:
    """Where themes are looked for; later folders override earlier ones.

    A checkout keeps its themes at the top level, the wheel carries them inside the package.
    """
    shipped = package_dir() / "themes"
    checkout = package_dir().parent / "themes"
    return [shipped if shipped.is_dir() else checkout, config_dir() / "themes"]


def private_dir(path: Path) -> Path:
    """Create ``path`` with mode 0700 if it is missing, and return it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _short(folder: Path) -> Path:
    """``folder``, or one in the folder of temporary files that stands for it when its path is too long."""
    if len(os.fsencode(folder)) + SOCKET_NAME <= SOCKET_PATH:
        return folder
    import hashlib

    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    temporary = next((t for t in (os.environ.get("TMPDIR", ""), "/tmp") if t.startswith("/") and len(t) < 50), "/tmp")
    return Path(temporary) / f"{APP}-{os.getuid()}-{name}"


def _base(kind: str) -> Path:
    home = os.environ.get("CODEMODE_HOME")
    if home:
        return Path(os.path.expanduser(home)).absolute() / kind
    import platformdirs  # ~10 ms, not needed when CODEMODE_HOME is set

    finder = {
        "config": platformdirs.user_config_path,
        "data": platformdirs.user_data_path,
        "cache": platformdirs.user_cache_path,
    }[kind]
    try:
        return Path(finder(APP, appauthor=False))
    except RuntimeError as error:
        raise ConfigError("this user has no home folder to keep files in", hint="set HOME or CODEMODE_HOME") from error
