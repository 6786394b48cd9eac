"""Linux: the child takes its own rights away before it sees any code. Returns what has been applied."""

import _ctypes
import _signal
import os
import resource
import struct

import syscalls

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 1, 4, 22, 38, 47
SECCOMP_MODE_FILTER = 2
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
RULE_PATH_BENEATH = 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
WRITE_FILE, TRUNCATE = 1 << 1, 1 << 14
RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
NET_FROM, SCOPE_FROM = 4, 6


class Long(_ctypes._SimpleCData):
    _type_ = "l"


class _Function(_ctypes.CFuncPtr):
    _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_USE_ERRNO
    _restype_ = Long


# `ctypes` itself, a wrapper of this, takes 2.7 ms of a run of 16 to import; `signal` brings `enum`.
_libc = _ctypes.dlopen(None, os.RTLD_NOW)
syscall, prctl = (_Function(_ctypes.dlsym(_libc, name)) for name in ("syscall", "prctl"))


class Refused(Exception):
    """A layer could not be applied."""


def confine(limits, read, write, parent):
    """Apply limits, Landlock and seccomp to this process, for good.

    Args:
        limits: ``cpu_seconds memory_bytes file_bytes open_files stack_bytes``.
        read, write: folders and files that may be read, or read and changed.
        parent: pid that must still be the parent; 0 where pids are private.
    """
    machine = os.uname().machine
    if machine not in syscalls.TABLES:
        raise Refused(f"no system call table for {machine}")
    applied = ["rlimits"]
    set_limits(limits)
    _prctl(PR_SET_PDEATHSIG, _signal.SIGKILL)
    if parent and os.getppid() != parent:
        raise Refused("the host is gone")
    _prctl(PR_SET_DUMPABLE, 0)
    drop_capabilities()
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    abi = landlock_abi()
    if abi >= 1:
        landlock(abi, read, write)
        applied.append(f"landlock{abi}")
    seccomp(syscalls.program(machine, os.getpid()))
    applied.append("seccomp")
    return applied


def set_limits(limits):
    cpu = limits["cpu_seconds"]
    # Never below what the interpreter has reckoned with when it started: from 3.12 on it counts the depth of calls in C
    # against that, and would crash where it means to raise RecursionError.
    began = resource.getrlimit(resource.RLIMIT_STACK)[0]
    stack = max(limits["stack_bytes"], 8 << 20 if began == resource.RLIM_INFINITY else began)
    for kind, soft, hard in (
        (resource.RLIMIT_CPU, cpu, cpu + 1),
        (resource.RLIMIT_AS, limits["memory_bytes"], limits["memory_bytes"]),
        (resource.RLIMIT_FSIZE, limits["file_bytes"], limits["file_bytes"]),
        (resource.RLIMIT_NOFILE, limits["open_files"], limits["open_files"]),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_STACK, stack, stack),
    ):
        ceiling = resource.getrlimit(kind)[1]
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(kind, (soft, hard))
    # A file that grows too long raises OSError(EFBIG) instead of ending the process.
    _signal.signal(_signal.SIGXFSZ, _signal.SIG_IGN)


def drop_capabilities():
    """No capability stays, also for root."""
    header = struct.pack("<II", 0x20080522, 0)
    empty = struct.pack("<6I", 0, 0, 0, 0, 0, 0)
    number = {"x86_64": 126, "aarch64": 91}[os.uname().machine]
    if syscall(Long(number), header, empty) != 0:
        raise Refused(f"capset: {os.strerror(_ctypes.get_errno())}")


def landlock_abi():
    """The kernel's Landlock version; 0 when there is none."""
    return max(0, syscall(Long(CREATE_RULESET), None, Long(0), Long(1)))


def landlock(abi, read, write):
    """Deny every file access that a rule does not allow, TCP, foreign signals and abstract sockets."""
    handled = RIGHTS_BY_ABI[max(version for version in RIGHTS_BY_ABI if version <= abi)]
    attributes = struct.pack("<Q", handled)
    if abi >= NET_FROM:
        attributes += struct.pack("<Q", 3)
    if abi >= SCOPE_FROM:
        attributes += struct.pack("<Q", 3)
    ruleset = syscall(Long(CREATE_RULESET), attributes, Long(len(attributes)), Long(0))
    if ruleset < 0:
        raise Refused(f"landlock: {os.strerror(_ctypes.get_errno())}")
    for path in read:
        _allow(ruleset, path, (READ_FILE | READ_DIR) & handled)
    for path in write:
        _allow(ruleset, path, handled & ~1)  # all but executing
    if syscall(Long(RESTRICT_SELF), Long(ruleset), Long(0)) != 0:
        raise Refused(f"landlock: {os.strerror(_ctypes.get_errno())}")
    os.close(ruleset)


def seccomp(code):
    """Install a filter for all threads of this process."""

    class Text(_ctypes._SimpleCData):
        _type_ = "z"

    class Program(_ctypes.Structure):
        _fields_ = (("length", Long), ("code", Text))  # the length is 16 bits, little endian, and 48 of padding

    _prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, _ctypes.byref(Program(len(code) // 8, code)))


def _allow(ruleset, path, rights):
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no rule
    try:
        if not os.path.isdir(path):
            rights &= READ_FILE | WRITE_FILE | TRUNCATE
        rule = struct.pack("<Qi", rights, fd)
        if syscall(Long(ADD_RULE), Long(ruleset), Long(RULE_PATH_BENEATH), rule, Long(0)) != 0:
            raise Refused(f"landlock rule for {path}: {os.strerror(_ctypes.get_errno())}")
    finally:
        os.close(fd)


def _prctl(option, first, second=0):
    second = second if not isinstance(second, int) else Long(second)
    if prctl(Long(option), Long(first), second, Long(0), Long(0)) != 0:
        raise Refused(f"prctl {option}: {os.strerror(_ctypes.get_errno())}")
