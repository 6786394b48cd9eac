"""The process between this program and a stdio server: however this program ends, nothing of the server stays.

Run as ``python -I -S -B warden.py FD GRACE PROGRAM ARG…``, with the server's own environment, folder and streams.
``FD`` is the reading end of a pipe whose other end this program holds: when that closes, by an orderly end or by a
kill -9, the server gets ``GRACE`` seconds to notice that its input ended too, as long again to heed a SIGTERM, then it
and all that it started is killed. On Linux what went into sessions of its own is found again: this process is the
parent that it falls to.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # the module typing costs this process more than all others
    from typing import NoReturn

_DEATH, _SUBREAPER = 1, 36


def main() -> None:
    lifeline, grace, argv = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
    os.set_inheritable(lifeline, False)
    woken, wake = os.pipe()
    for end in (woken, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    _prctl(_SUBREAPER, 1)
    server = os.fork()
    if server == 0:
        _start(argv)
    for stream in (0, 1):
        os.close(stream)  # the server alone holds them: their ends tell of its end
    code = _watch(server, lifeline, woken, grace)
    _kill_all(server)
    os._exit(code)


def _start(argv: list[str]) -> NoReturn:
    os.setpgid(0, 0)
    _prctl(_DEATH, signal.SIGKILL)
    for number in (signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execv(argv[0], argv)
    except OSError as error:
        os.write(2, f"{argv[0]}: {(error.strerror or str(error)).lower()}\n".encode())
    os._exit(127)


def _watch(server: int, lifeline: int, woken: int, grace: float) -> int:
    """Until the server has ended, or nobody wants it any more. Returns its exit status."""
    code = _wait(server, [woken, lifeline], None)
    if code is None:
        code = _wait(server, [woken], grace)
    if code is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # it has just ended
            os.killpg(server, signal.SIGTERM)
        code = _wait(server, [woken], grace)
    return 0 if code is None else code


def _wait(server: int, ends: list[int], seconds: float | None) -> int | None:
    """The server's exit status; None after ``seconds``, or once another of ``ends`` than the first is ready."""
    until = None if seconds is None else time.monotonic() + seconds
    while (code := _reap(server)) is None:
        left = None if until is None else until - time.monotonic()
        if left is not None and left <= 0:
            return None
        ready, _, _ = select.select(ends, [], [], left)
        if ready and ready != ends[:1]:
            return None
        if ready:
            os.read(ends[0], 512)
    return code


def _reap(server: int) -> int | None:
    """The exit status of the server, if it has ended. Others that fell to this process are reaped as well."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return 0
        if pid == 0:
            return None
        if pid == server:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code


def _kill_all(server: int) -> None:
    """The server's group, and every descendant, wherever it went."""
    for _ in range(200):
        for kill, pid in ((os.killpg, server), *((os.kill, pid) for pid in _children(os.getpid()))):
            with contextlib.suppress(OSError):
                kill(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.01)


def _children(pid: int) -> list[int]:
    """Where the system tells; elsewhere the server's group has to do."""
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            found = [int(each) for each in file.read().split()]
    except OSError:
        return []
    return [one for child in found for one in (child, *_children(child))]


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


main()
