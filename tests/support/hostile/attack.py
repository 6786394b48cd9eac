"""What an attack is, and short ways to write one."""

from __future__ import annotations

from textwrap import dedent

import msgspec

from codemode_tui.sandbox.types import RunStatus


class Attack(msgspec.Struct, frozen=True):
    """``code`` prints ``held`` when it was refused.

    Filled in: ``SECRET SECRET_FOLDER HOME_FOLDER`` (paths as literals), ``SOCKET DATAGRAMS`` (Unix sockets), ``PORT``,
    ``HOST_PID``, ``NR`` (system call numbers by name).
    """

    name: str
    code: str
    ends: tuple[RunStatus, ...] = ("ok",)
    """How the run must end; an ``ok`` must have printed ``held`` and nothing else, if ``quiet``."""
    quiet: bool = True
    seconds: float = 10.0
    cpu_seconds: int = 10


def refused(name: str, body: str, errors: str = "OSError") -> Attack:
    """Every line of ``body`` must raise one of ``errors``, each tried for itself."""
    tried = "\n".join(
        f"try:\n    {line}\n    print('got through line', {number})\nexcept ({errors}): pass"
        for number, line in enumerate(dedent(body).strip().splitlines(), 1)
    )
    return Attack(name, f"import os, posix, sys, socket\n{tried}\nprint('held')\n")


CALLS = """\
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
def call(name, *args):
    number = NR.get(name)
    if number is None: return "there is none"
    values = [ctypes.c_long(a) if isinstance(a, int) else a for a in args]
    if libc.syscall(ctypes.c_long(number), *values) != -1: return None
    return errno.errorcode.get(ctypes.get_errno())
def no(name, *args, also=()):
    said = call(name, *args)
    if said not in ("EPERM", "ENOSYS", "there is none", *also): print("got through", name, args, said)
"""


def calls(name: str, body: str) -> Attack:
    """``body`` says with ``no(name, *args)`` which system calls must be refused."""
    return Attack(name, f"{CALLS}{dedent(body).strip()}\nprint('held')\n")


def ends(name: str, body: str, *how: RunStatus, seconds: float = 10.0, cpu_seconds: int = 10) -> Attack:
    """``body`` must end in one of these ways, whatever it printed."""
    return Attack(name, dedent(body).strip() + "\n", how, quiet=False, seconds=seconds, cpu_seconds=cpu_seconds)


def endless(name: str, body: str) -> Attack:
    """``body`` does not end by itself, whatever anybody says to it."""
    return ends(name, body, "timeout", "memory", seconds=1.0)
