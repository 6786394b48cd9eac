"""Start a worker process: its environment, and the log that its errors go to."""

from __future__ import annotations

import contextlib
import os
import site
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from codemode_tui import locations

LOG_LIMIT = 1 << 20
FOLDERS = ("CODEMODE_HOME", "HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")
BLAS = ("libopenblas.so.0", "libopenblas.so")


def spawn(connection: socket.socket, path: Path | None) -> tuple[subprocess.Popen[bytes], int]:
    """A worker that serves the other end of ``connection``, and others at a socket ``path``; where its log begins.

    Nothing else of ours is open in it: what reads our output must not wait for its end.

    Raises:
        OSError: it cannot be started.
    """
    with open_log() as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "codemode_tui.engine.worker", *([str(path)] if path else [])],
            stdin=connection.fileno(),
            stdout=log,
            stderr=log,
            env=worker_environment(dict(os.environ)),
            cwd="/",
            start_new_session=True,  # ctrl+c in the terminal is for the front end
        )
        return process, log.tell()


def worker_environment(base: dict[str, str]) -> dict[str, str]:
    """The environment of a child that runs a model: a fast BLAS on Linux."""
    found = {**child_environment(base), "PYTHONUNBUFFERED": "1"}
    blas = openblas() if sys.platform == "linux" else None
    if blas:
        # mlx's CPU wheel carries the reference BLAS; the system's is 25 times faster in matmul.
        found["LD_PRELOAD"] = ":".join(filter(None, (base.get("LD_PRELOAD"), blas)))
    return found


def child_environment(base: dict[str, str]) -> dict[str, str]:
    """The environment of a child that reads a model's files, and runs in another folder: no network look-ups."""
    found = {**base, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONPATH": import_path(base)}
    found["PYTHON_COLORS"] = "0"  # its errors are read, and shown, as text
    # `~` stays: whoever reads them knows it.
    return found | {name: os.path.abspath(base[name]) for name in FOLDERS if (base.get(name) or "~")[0] not in "~$/"}


def import_path(base: dict[str, str]) -> str:
    """``PYTHONPATH`` of a child that finds this package wherever it runs: with ``-P`` no folder it runs in counts.

    Nor does one that it was started in: what is relative would be a workspace's. A package that was installed is found
    without it; named here, its neighbours would come before the standard library.
    """
    root = locations.package_dir().parent
    entries = [one for one in base.get("PYTHONPATH", "").split(os.pathsep) if os.path.isabs(one)]
    return os.pathsep.join(entries if root in _installed() else [str(root), *entries])


def _installed() -> set[Path]:
    """The folders of packages that the interpreter knows by itself."""
    own = [site.getusersitepackages()] if site.ENABLE_USER_SITE else []
    return {Path(one).resolve() for one in (*site.getsitepackages(), *own)}


def openblas() -> str | None:
    """Path of the system's OpenBLAS, None when it is not installed."""
    folders = [
        Path(p) for p in ("/usr/lib", "/usr/lib64", "/usr/local/lib", *map(str, Path("/usr/lib").glob("*-linux-gnu")))
    ]
    return next(
        (str(folder / name) for folder in reversed(folders) for name in BLAS if (folder / name).exists()),
        None,
    )


@contextlib.contextmanager
def open_log() -> Iterator[IO[bytes]]:
    """The log that what child processes complain of goes to, begun afresh when it has grown too long."""
    file = locations.log_file()
    try:
        locations.private_dir(file.parent)
        if file.exists() and file.stat().st_size > LOG_LIMIT:
            os.truncate(file, 0)  # others append to it
        opened = file.open("ab")
    except OSError:
        opened = Path(os.devnull).open("wb")  # noqa: SIM115 - closed by the `with` below
    with opened as stream:
        yield stream


def log_size() -> int:
    """Where the log ends now."""
    try:
        return locations.log_file().stat().st_size
    except OSError:
        return 0


def last_log_line(start: int) -> str:
    """The last thing that a child said whose log begins at byte ``start``."""
    try:
        with locations.log_file().open("rb") as stream:
            stream.seek(start)
            lines = stream.read(LOG_LIMIT).decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    return next((line.strip()[:200] for line in reversed(lines) if line.strip()), "")
