"""What commands may not ask of the kernel, though no namespace keeps it from them.

Its keyrings: Kerberos, CIFS and encrypted folders keep their keys there. And user namespaces of their own: in one of
those a process has every capability, can mount, and so finds what the host's root may write, such as control groups.
"""

from __future__ import annotations

import contextlib
import errno
import os
import struct
import tempfile
from collections.abc import Iterator

_CALLS: dict[str, dict[int, tuple[tuple[int, ...], tuple[int, ...]]]] = {
    "x86_64": {
        0xC000003E: (
            (248, 249, 250, 435, 0x400000F8, 0x400000F9, 0x400000FA, 0x400001B3),
            (56, 272, 0x40000038, 0x40000110),
        ),
        0x40000003: ((286, 287, 288, 435), (120, 310)),
    },
    "aarch64": {0xC00000B7: ((217, 218, 219, 435), (220, 97)), 0x40000028: ((309, 310, 311, 435), (120, 337))},
}
"""Of each interface that a machine's kernel may have (as ``AUDIT_ARCH`` has them): its own, x32 within it, and 32 bits.
First ``add_key``, ``request_key``, ``keyctl`` and ``clone3``, whose flags no filter can see: who calls it tries
``clone`` next. Then ``clone`` and ``unshare``."""
_LOAD, _EQUAL, _ANY, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _INTERFACE, _FLAGS = 0, 4, 16
_NEW_USER = 0x10000000
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.ENOSYS


def command_filter(machine: str) -> bytes:
    """A seccomp filter (``sock_filter``, 8 bytes each) under which the kernel seems to have neither keyrings nor user
    namespaces; all else goes on. It lets everything pass on a machine that is not known here."""
    code = [(_LOAD, 0, 0, _INTERFACE)]
    for interface, (never, by_flags) in (known := _CALLS.get(machine, {})).items():
        count = len(never) + len(by_flags)
        found = [
            (_EQUAL, count - at + (3 if number in never else 0), 0, number)
            for at, number in enumerate((*never, *by_flags))
        ]
        flags = [(_LOAD, 0, 0, _FLAGS), (_ANY, 1, 0, _NEW_USER), (_RETURN, 0, 0, _ALLOW)]
        judged = [(_LOAD, 0, 0, _NUMBER), *found, (_RETURN, 0, 0, _ALLOW), *flags, (_RETURN, 0, 0, _REFUSE)]
        code += [(_EQUAL, 0, len(judged), interface), *judged]
    code.append((_RETURN, 0, 0, _REFUSE if known else _ALLOW))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)


@contextlib.contextmanager
def opened_filter() -> Iterator[int]:
    """A descriptor from which bubblewrap reads the filter for this machine."""
    with tempfile.TemporaryFile() as file:
        file.write(command_filter(os.uname().machine))
        file.seek(0)
        yield file.fileno()
