"""`bench screen`: how quick the terminal interface is, seen from the other end of a pseudo-terminal."""

from __future__ import annotations

import fcntl
import json
import math
import os
import pty
import select
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from codemode_tui.engine.spawning import import_path
from codemode_tui.errors import CodemodeError
from codemode_tui.training.bench.result import Result, result

Say = Callable[[str], None]
SIZE = (40, 120)
PRESSES = 40
PAUSE = 0.07
"""Seconds between keys."""
LINES, RATE = 200, 80.0
PATIENCE = 60.0
UP = "codemode --debug bench screen says more"
KEYS = [chr(0x2460 + number) for number in range(PRESSES)]
"""Characters that nothing else on the screen has: circled numbers."""
QUIT = b"\x11"


def bench_screen(runs: int, say: Say) -> list[Result]:
    """Budgets 2, 3, 6, 7, 8 and 13.

    Raises:
        CodemodeError: the interface did not come up.
    """
    figures: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in _DETAILS}
    for run in range(runs):
        for name, measure in _MEASURES.items():
            say(f"{name}, run {run + 1} of {runs}")
            for figure, pair in zip(_FIGURES[name], measure(), strict=True):
                for column, value in zip(figures[figure], pair, strict=True):
                    column.append(value)
    found: list[Result] = []
    for name, (values, baselines) in figures.items():
        budget, limit, unit, absolute = _BUDGETS[name]
        found.append(result(name, unit, values, baselines, budget=budget, limit=limit, detail=_DETAILS[name]))
        if absolute:
            most = f"{name}, at most"
            found.append(result(most, unit, values, budget=budget, limit=absolute, detail="the same, as it is"))
    return found


# -- in a terminal -------------------------------------------------------------------------------------


def _streaming() -> Iterator[tuple[float, float]]:
    idle, busy = _live(streaming=False), _live(streaming=True)
    return zip(busy, idle, strict=True)


def _live(*, streaming: bool) -> tuple[float, float]:
    """p99 of how late the event loop is, and of the time from a key to its echo, in milliseconds."""
    reading, writing = os.pipe()
    with terminal(
        "-c", f"from codemode_tui.cli.bench_stage import live; live({streaming}, {writing})", keep=writing
    ) as screen:
        os.close(writing)
        deadline = time.perf_counter() + PATIENCE
        while b"ready" not in (heard := screen.side(reading)):
            if not heard or time.perf_counter() > deadline:
                raise CodemodeError("the interface did not come up", hint=UP)
            screen.read()
        echoes = []
        for key in KEYS:
            screen.rest(PAUSE)
            echoes.append(screen.echo(key) * 1000)
        screen.write(QUIT)
        said = bytearray()
        while chunk := screen.side(reading):
            said += chunk if chunk != b" " else b""
    os.close(reading)
    return _p99(json.loads(said)), _p99(echoes)


def _started() -> Iterator[tuple[float, float]]:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-P", "-c", "import textual.app"], check=True)
    bare = time.perf_counter() - begun
    with tempfile.TemporaryDirectory() as home:
        begun = time.perf_counter()
        with terminal("-m", "codemode_tui", "--workspace", home, home=home) as screen:
            screen.until(b"sk about this folder")  # the cursor stands on the first letter
            screen.echo(KEYS[0])
            taken = time.perf_counter() - begun
            screen.write(QUIT)
            screen.end()
    yield taken * 1000, bare * 1000


class Screen:
    """The other end of a terminal."""

    def __init__(self, master: int) -> None:
        self._master = master
        self._open = True

    def write(self, data: bytes) -> None:
        os.write(self._master, data)

    def read(self, seconds: float = 0.05) -> bytes:
        """What the program has written since; nothing after its end."""
        if not self._open or not select.select([self._master], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self._master, 1 << 16)
        except OSError:  # the other end is closed
            data = b""
        self._open = bool(data)
        return data

    def side(self, descriptor: int) -> bytes:
        """From a pipe beside the terminal, which is read, too; a space where nothing has come, b"" at its end."""
        self.read(0.01)
        return os.read(descriptor, 1 << 20) if select.select([descriptor], [], [], 0)[0] else b" "

    def rest(self, seconds: float) -> None:
        until = time.perf_counter() + seconds
        while (left := until - time.perf_counter()) > 0:
            self.read(left)

    def until(self, text: bytes) -> None:
        seen, deadline = b"", time.perf_counter() + PATIENCE
        while text not in seen:
            if not self._open or time.perf_counter() > deadline:
                raise CodemodeError("the interface did not come up", hint=UP)
            seen = seen[-64:] + self.read()

    def echo(self, key: str) -> float:
        """Seconds from a key to its character on the screen."""
        begun = time.perf_counter()
        self.write(key.encode())
        self.until(key.encode())
        return time.perf_counter() - begun

    def end(self) -> None:
        while self._open:
            self.read(0.2)


@contextmanager
def terminal(*arguments: str, home: str | None = None, keep: int | None = None) -> Iterator[Screen]:
    """Python with these arguments in a terminal of its own; it is gone afterwards."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    env = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | ({"CODEMODE_HOME": home} if home else {})
    env["PYTHONPATH"] = import_path(env)
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program is compiled, as Textual is that it is set beside
    process = subprocess.Popen(
        [sys.executable, "-P", *arguments],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        pass_fds=() if keep is None else (keep,),
        env=env,
    )
    os.close(slave)
    screen = Screen(master)
    try:
        yield screen
        screen.end()
    finally:
        process.kill()
        process.wait()
        os.close(master)


# -- without one ---------------------------------------------------------------------------------------


def _fence() -> Iterator[tuple[float, float]]:
    ours, theirs = (float(_stage(f"cpu({ours}, {LINES}, {RATE})")) for ours in (True, False))
    yield ours, theirs


def _said() -> Iterator[tuple[float, float]]:
    """Milliseconds of a program that only says something, each beside one that does nothing."""
    for option in ("--version", "--help"):
        bare, taken = (_seconds(*arguments) * 1000 for arguments in (("-c", "pass"), ("-m", "codemode_tui", option)))
        yield taken, bare


def _seconds(*arguments: str) -> float:
    """From the start of Python with these arguments to its end."""
    env = os.environ | {"PYTHONPATH": import_path(dict(os.environ))}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-P", *arguments], stdout=subprocess.DEVNULL, check=True, env=env)
    return time.perf_counter() - begun


def _memory() -> Iterator[tuple[float, float]]:
    few, many = json.loads(_stage("memory()"))
    yield many, few


def _stage(call: str) -> str:
    program = f"from codemode_tui.cli import bench_stage; bench_stage.{call}"
    env = os.environ | {"PYTHONPATH": import_path(dict(os.environ))}
    done = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        raise CodemodeError("the interface cannot be measured", hint=done.stderr[-500:])
    return done.stdout


def _p99(values: list[float]) -> float:
    """By the nearest rank: of few values the largest."""
    return sorted(values)[math.ceil(0.99 * len(values)) - 1]


LATE, ECHO, FENCE = "event loop lateness, p99", "key to echo, p99", f"streaming {LINES} lines of code"
PAINT, MEMORY = "start to a prompt that takes keys", "memory with 2,000 turns"
VERSION, HELP = "codemode --version", "codemode --help"
_MEASURES: dict[str, Callable[[], Iterator[tuple[float, float]]]] = {
    "streaming": _streaming, "code": _fence, "start": _started, "words": _said, "memory": _memory,
}  # fmt: skip
_FIGURES = {"streaming": (LATE, ECHO), "code": (FENCE,), "start": (PAINT,), "words": (VERSION, HELP),
            "memory": (MEMORY,)}  # fmt: skip
_BUDGETS = {
    LATE: (2, 2.0, "ms", 8.0), ECHO: (3, 6.0, "ms", 16.0), FENCE: (6, 0.25, "s of CPU", 0), PAINT: (7, 2.0, "ms", 0),
    VERSION: (8, 3.0, "ms", 0), HELP: (8, 3.0, "ms", 0), MEMORY: (13, 1.5, "MB", 0),
}  # fmt: skip
_DETAILS = {
    LATE: "while code streams from a process that decodes as 48 layers would, against the same interface idle",
    ECHO: f"the same, from a key into the pseudo-terminal to its character coming out of it, {PRESSES} keys a run",
    FENCE: f"at {RATE:g} tokens a second, wrapped and numbered, against MarkdownStream.write of each token",
    PAINT: "the bundled model still loading, against python -c 'import textual.app'",
    VERSION: "from its start to its end, against python -c pass of the same interpreter",
    HELP: "the same, of the text that lists the commands",
    MEMORY: "of the interface's process, against 20 turns",
}
