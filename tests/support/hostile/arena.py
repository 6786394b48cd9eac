"""A driver process for one backend and one user, kept for many attacks."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile
import termios
from pathlib import Path
from typing import Any

from support.hostile.attack import Attack

ROOT = Path(__file__).parents[3]
NOBODY = 65534


class Unavailable(Exception):
    """This machine does not have it; says why."""


class Arena:
    """``attack`` answers what an attack came to (``driver.main``)."""

    def __init__(self, backend: str, user: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="hostile-arena-", dir="/tmp"))
        self._master, slave = os.openpty()
        try:
            command = _command(user, self._folder)
            requests, self._requests = os.pipe()
            self._answers, answers = os.pipe()
            self._process = subprocess.Popen(
                [*command, "-m", "support.hostile.driver", backend, str(requests), str(answers)],
                stdin=slave, stdout=slave, stderr=slave, pass_fds=(requests, answers), start_new_session=True,
                preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
                env=_environment(self._folder), cwd="/",
            )  # fmt: skip
        finally:
            os.close(slave)
        for fd in (requests, answers):
            os.close(fd)
        self._out, self._in = os.fdopen(self._requests, "w"), os.fdopen(self._answers)
        first = self._in.readline()
        if not first:
            raise Unavailable(self._terminal().strip().splitlines()[-1:] or "the driver does not start")
        self.name = json.loads(first)["backend"]

    def attack(self, one: Attack) -> dict[str, Any]:
        print(
            json.dumps({"code": one.code, "seconds": one.seconds, "cpu_seconds": one.cpu_seconds}),
            file=self._out,
            flush=True,
        )
        answer = self._in.readline()
        assert answer, f"the host itself died: {self._terminal()}"
        return {**json.loads(answer), "terminal": self._terminal()}

    def _terminal(self) -> str:
        """What has reached the terminal since the last look."""
        os.set_blocking(self._master, False)
        try:
            return os.read(self._master, 65536).decode("utf-8", "backslashreplace")
        except OSError:
            return ""

    def close(self) -> None:
        self._out.close()
        self._process.wait(30)
        self._in.close()
        os.close(self._master)
        shutil.rmtree(self._folder, ignore_errors=True)


def _command(user: str, folder: Path) -> list[str]:
    """An interpreter as ``user``: the tests' own, or the system's for somebody who may not read that one."""
    if user == "self":
        return [sys.executable]
    if os.geteuid() != 0:
        raise Unavailable("only root can become somebody else")
    setpriv, python = shutil.which("setpriv"), f"/usr/bin/python3.{sys.version_info.minor}"
    if setpriv is None or not os.access(python, os.X_OK):
        raise Unavailable(f"setpriv and {python} are needed")
    drop = [setpriv, f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--inh-caps=-all"]
    folder.chmod(0o700)
    os.chown(folder, NOBODY, NOBODY)
    subprocess.run([*drop, python, "-m", "venv", "--without-pip", folder / "venv"], check=True, cwd="/")
    worker = Path(sys.executable).parent / "monty"
    if worker.exists():
        shutil.copy(worker, folder / "venv" / "bin" / "monty")
    return [*drop, str(folder / "venv" / "bin" / "python")]


def _environment(folder: Path) -> dict[str, str]:
    packages = next(path for path in sys.path if path.endswith("site-packages"))
    return {
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests"), packages)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "A_SECRET_OF_THE_HOST": "xyzzy",
    }
