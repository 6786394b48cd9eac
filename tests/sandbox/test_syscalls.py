"""The seccomp filter, run by a small interpreter of its language: the right calls are refused on every architecture."""

from __future__ import annotations

import importlib.util
import struct
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.sandbox.command_filter import command_filter
from codemode_tui.sandbox.interpreter import CHILD

PID = 4242
ALLOW, DENY, UNKNOWN, KILL = "allow", "EPERM", "ENOSYS", "kill"


def _load():
    spec = importlib.util.spec_from_file_location("child_syscalls", CHILD / "syscalls.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


syscalls = _load()
MACHINES = sorted(syscalls.TABLES)
PUBLISHED = {
    machine: {
        name: int(number)
        for number, name in map(str.split, Path(__file__).with_name("syscalls").joinpath(f"{machine}.txt").open())
    }
    for machine in MACHINES
}
"""Every call of the kernel (its own tables, 6.19), by name."""
PROGRAMS = {machine: list(struct.iter_unpack("<HBBI", syscalls.program(machine, PID))) for machine in MACHINES}


def verdict(machine: str, number: int, *args: int, arch: int | None = None, code: list | None = None) -> str:
    """What the filter says about one call."""
    program = PROGRAMS[machine] if code is None else code
    arch = syscalls.AUDIT_ARCH[machine] if arch is None else arch
    data = struct.pack("<IIQ6Q", number, arch, 0, *(arg & (1 << 64) - 1 for arg in (*args, 0, 0, 0, 0, 0, 0)[:6]))
    at, loaded = 0, 0
    while True:
        kind, yes, no, value = program[at]
        at += 1
        match kind:
            case syscalls.LD:
                (loaded,) = struct.unpack_from("<I", data, value)
            case syscalls.AND:
                loaded &= value
            case syscalls.RET:
                errno = {syscalls.EPERM: DENY, syscalls.ENOSYS: UNKNOWN}
                return {syscalls.ALLOW: ALLOW, syscalls.KILL: KILL}.get(value) or errno[value & 0xFFFF]
            case syscalls.JEQ:
                at += yes if loaded == value else no
            case syscalls.JGT:
                at += yes if loaded > value else no
            case syscalls.JGE:
                at += yes if loaded >= value else no
            case syscalls.JSET:
                at += yes if loaded & value else no
            case _:
                raise AssertionError(f"an instruction that nobody writes: {kind:#x}")


@pytest.mark.parametrize("machine", MACHINES)
def test_every_number_is_the_kernels(machine):
    published = PUBLISHED[machine]
    assert {name: published.get(name) for name in syscalls.TABLES[machine]} == syscalls.TABLES[machine]
    assert max(published.values()) == syscalls.NEWEST


def test_what_both_architectures_have_is_refused_on_both():
    for name in syscalls.X86_64.keys() & PUBLISHED["aarch64"].keys():
        assert name in syscalls.AARCH64, name
    for name in syscalls.AARCH64.keys() & PUBLISHED["x86_64"].keys():
        assert name in syscalls.X86_64, name


PLAIN = """
read write readv pread64 close fstat lseek mmap munmap mprotect brk madvise futex getrandom clock_gettime nanosleep
rt_sigaction rt_sigprocmask exit exit_group openat mkdirat unlinkat renameat2 getdents64 ftruncate pipe2 dup3
epoll_pwait epoll_ctl eventfd2 sendto recvfrom getcwd getpid gettid getuid sched_yield sched_getaffinity statx rseq
set_robust_list
"""
HOSTILE = """
execve execveat socket connect bind listen ptrace process_vm_readv process_vm_writev mount umount2 chroot pivot_root
unshare setns bpf perf_event_open userfaultfd keyctl add_key io_uring_setup pidfd_open pidfd_getfd kexec_load
init_module mknodat fchmod fchmodat fchmodat2 fchown fchownat utimensat setxattr fsetxattr getxattr
open_by_handle_at memfd_create setsid tkill rt_sigqueueinfo splice vmsplice seccomp file_setattr inotify_add_watch
fanotify_init shmget mq_open personality setuid capset
"""


@pytest.mark.parametrize("machine", MACHINES)
def test_plain_work_is_allowed_and_hostile_work_is_not(machine):
    for name in PLAIN.split():
        assert verdict(machine, PUBLISHED[machine][name]) == ALLOW, name
    for name in HOSTILE.split():
        assert verdict(machine, PUBLISHED[machine][name]) == DENY, name


@pytest.mark.parametrize("machine", MACHINES)
def test_what_depends_on_its_arguments(machine):
    def says(name: str, *args: int) -> str:
        return verdict(machine, PUBLISHED[machine][name], *args)

    threads = 0x3D0F00
    assert says("clone", threads) == ALLOW and says("clone", 17) == DENY and says("clone", 0x10000000) == DENY
    assert says("clone3") == UNKNOWN
    stream, datagram, packets, flags = 1, 2, 5, 0x80800
    assert says("socketpair", 1, stream) == says("socketpair", 1, stream | flags) == ALLOW
    assert {says("socketpair", 1, kind | flags) for kind in (datagram, packets, 3)} == {DENY}
    assert says("socketpair", 16, stream) == says("socketpair", 2, stream) == DENY
    assert says("kill", PID, 9) == says("tgkill", PID, 1, 9) == ALLOW
    assert {says("kill", pid, 9) for pid in (0, 1, -1, -PID, PID + 1)} == {DENY}
    assert says("prctl", 15) == ALLOW and {says("prctl", option) for option in (1, 4, 22, 35, 36, 38, 59)} == {DENY}
    assert says("prlimit64", 0, 7) == ALLOW
    assert says("prlimit64", 0, 7, 1 << 40) == says("prlimit64", 0, 7, 8) == says("prlimit64", 1, 7) == DENY
    assert says("ioctl", 1, 0x5401) == says("ioctl", 1, 0x5413) == ALLOW
    tiocsti, set_flags, set_owner, ficlone = 0x5412, 0x40086602, 0x8901, 0x40049409
    assert {says("ioctl", 1, request) for request in (tiocsti, set_flags, set_owner, ficlone)} == {DENY}
    assert says("ioctl", 1, 0x1_0000_5412) == DENY  # the kernel reads 32 bits
    assert says("fcntl", 1, 3) == ALLOW
    set_owner, set_signal, lease, notify = 8, 10, 1024, 1026
    assert {says("fcntl", 1, request) for request in (set_owner, set_signal, 15, lease, notify)} == {DENY}


@given(st.sampled_from(MACHINES), st.integers(syscalls.NEWEST + 1, 0x3FFFFFFF))
def test_a_call_that_is_newer_than_the_table_does_not_exist(machine, number):
    assert verdict(machine, number) == UNKNOWN


@given(st.sampled_from(MACHINES), st.integers(0, 0xFFFFFFFF), st.integers(0, 600))
def test_another_architectures_call_kills(machine, arch, number):
    expected = verdict(machine, number)
    assert verdict(machine, number, arch=arch) == (expected if arch == syscalls.AUDIT_ARCH[machine] else KILL)


@given(st.integers(0x40000000, 0xFFFFFFFF))
def test_the_x32_interface_kills(number):
    assert verdict("x86_64", number) == KILL


@given(st.sampled_from(MACHINES), st.integers(0, 600), st.lists(st.integers(0, (1 << 64) - 1), max_size=6))
def test_no_argument_makes_a_refused_call_pass(machine, number, args):
    if number in syscalls.refused(machine).values():
        assert verdict(machine, number, *args) == DENY


@pytest.mark.parametrize("machine", MACHINES)
def test_commands_may_do_all_but_use_keyrings_and_make_user_namespaces(machine):
    code = list(struct.iter_unpack("<HBBI", command_filter(machine)))
    published = PUBLISHED[machine]
    never = {published[name] for name in ("add_key", "request_key", "keyctl", "clone3")}
    by_flags = {published[name] for name in ("clone", "unshare")}
    numbers = published.values()
    assert {number for number in numbers if verdict(machine, number, code=code) == UNKNOWN} == never
    assert {number for number in numbers if verdict(machine, number, code=code) == ALLOW} == {*numbers} - never
    new = {number for number in numbers if verdict(machine, number, 0x10020000, code=code) == UNKNOWN}
    assert new == never | by_flags
    bits32, others = {
        "x86_64": (0x40000003, (286, 287, 288, 435, 120, 310)),
        "aarch64": (0x40000028, (309, 310, 311, 435, 120, 337)),
    }[machine]
    assert {verdict(machine, number, 0x10000011, arch=bits32, code=code) for number in others} == {UNKNOWN}
    assert {verdict(machine, number, 0x11, arch=bits32, code=code) for number in (4, *others[4:])} == {ALLOW}
    if machine == "x86_64":  # x32
        assert {verdict(machine, number | 0x40000000, 0x10000000, code=code) for number in new} == {UNKNOWN}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_is_one_that_the_kernel_takes(machine):
    code = PROGRAMS[machine]
    assert len(code) < 4096
    for at, (kind, yes, no, _) in enumerate(code):
        if kind & 7 == 5:
            assert max(at + 1 + yes, at + 1 + no) < len(code)
    assert code[-1][0] == syscalls.RET
