"""The kernel's keyrings, which no namespace separates: Kerberos, CIFS and encrypted folders keep their keys there."""

from __future__ import annotations

import contextlib
import errno
import os
import struct
import tempfile
from collections.abc import Iterator

_CALLS: dict[str, dict[int, tuple[int, ...]]] = {
    "x86_64": {0xC000003E: (248, 249, 250, 0x400000F8, 0x400000F9, 0x400000FA), 0x40000003: (286, 287, 288)},
    "aarch64": {0xC00000B7: (217, 218, 219), 0x40000028: (309, 310, 311)},
}
"""``add_key``, ``request_key``, ``keyctl`` of each interface that a machine's kernel may have (as ``AUDIT_ARCH`` has
them): its own, x32 within it, and 32 bits."""
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_NUMBER, _INTERFACE = 0, 4
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.ENOSYS


def no_keyrings(machine: str) -> bytes:
    """A seccomp filter (``sock_filter``, 8 bytes each) under which the kernel seems to have no keyrings; all else goes
    on. It lets everything pass on a machine that is not known here."""
    code = [(_LOAD, 0, 0, _INTERFACE)]
    for interface, numbers in (known := _CALLS.get(machine, {})).items():
        count = len(numbers)
        found = [(_EQUAL, count - at, 0, number) for at, number in enumerate(numbers)]
        judged = [(_LOAD, 0, 0, _NUMBER), *found, (_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
        code += [(_EQUAL, 0, len(judged), interface), *judged]
    code.append((_RETURN, 0, 0, _REFUSE if known else _ALLOW))
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)


@contextlib.contextmanager
def opened_filter() -> Iterator[int]:
    """A descriptor from which bubblewrap reads the filter for this machine."""
    with tempfile.TemporaryFile() as file:
        file.write(no_keyrings(os.uname().machine))
        file.seek(0)
        yield file.fileno()
