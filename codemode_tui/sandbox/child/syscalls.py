"""System call numbers and the seccomp filter made from them. Pure: builds bytes, calls nothing."""

import struct

EPERM, ENOSYS = 1, 38
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

# Names that one architecture does not have are simply missing from its table.
# fmt: off
X86_64 = {
    "fork": 57, "vfork": 58, "execve": 59, "execveat": 322, "socket": 41, "connect": 42, "bind": 49, "listen": 50,
    "accept": 43, "accept4": 288, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "mount": 165,
    "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare": 272, "setns": 308, "bpf": 321,
    "perf_event_open": 298, "userfaultfd": 323, "keyctl": 250, "add_key": 248, "request_key": 249,
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "pidfd_open": 434, "pidfd_getfd": 438,
    "pidfd_send_signal": 424, "kexec_load": 246, "kexec_file_load": 320, "init_module": 175, "finit_module": 313,
    "delete_module": 176, "mknod": 133, "mknodat": 259, "chmod": 90, "fchmod": 91, "fchmodat": 268,
    "fchmodat2": 452, "chown": 92, "fchown": 93, "lchown": 94, "fchownat": 260, "utime": 132, "utimes": 235,
    "futimesat": 261, "utimensat": 280, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "setxattrat": 463,
    "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199, "removexattrat": 466, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442,
    "name_to_handle_at": 303, "open_by_handle_at": 304, "acct": 163, "swapon": 167, "swapoff": 168, "reboot": 169,
    "sethostname": 170, "setdomainname": 171, "iopl": 172, "ioperm": 173, "quotactl": 179, "quotactl_fd": 443,
    "nfsservctl": 180, "lookup_dcookie": 212, "settimeofday": 164, "clock_settime": 227, "adjtimex": 159,
    "clock_adjtime": 305, "syslog": 103, "setuid": 105, "setgid": 106, "setreuid": 113, "setregid": 114,
    "setgroups": 116, "setresuid": 117, "setresgid": 119, "setfsuid": 122, "setfsgid": 123, "capset": 126,
    "personality": 135, "modify_ldt": 154, "memfd_create": 319, "memfd_secret": 447, "shmget": 29, "shmat": 30,
    "shmctl": 31, "semget": 64, "msgget": 68, "mq_open": 240, "process_madvise": 440, "process_mrelease": 448,
    "kcmp": 312, "migrate_pages": 256, "move_pages": 279, "vhangup": 153, "fanotify_init": 300,
    "set_mempolicy": 238, "mbind": 237, "sched_setaffinity": 203, "setpriority": 141, "ioprio_set": 251,
    "setsid": 112, "setpgid": 109, "tkill": 200, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297,
    "setrlimit": 160, "uselib": 134, "ustat": 136, "sysfs": 139, "_sysctl": 156,
    "semop": 65, "semctl": 66, "msgsnd": 69, "msgrcv": 70, "msgctl": 71, "semtimedop": 220, "mq_unlink": 241,
    "inotify_init": 253, "inotify_add_watch": 254, "inotify_init1": 294, "fanotify_mark": 301, "splice": 275,
    "tee": 276, "vmsplice": 278, "io_setup": 206, "io_submit": 209, "seccomp": 317, "remap_file_pages": 216,
    "sched_setparam": 142, "sched_setscheduler": 144, "sched_setattr": 314, "statmount": 457, "listmount": 458,
    "lsm_set_self_attr": 460, "open_tree_attr": 467, "file_getattr": 468, "file_setattr": 469,
    "listns": 470, "set_mempolicy_home_node": 450, "getxattr": 191, "lgetxattr": 192, "getxattrat": 464,
    "kill": 62, "tgkill": 234, "prctl": 157, "prlimit64": 302, "ioctl": 16, "clone": 56, "clone3": 435,
    "socketpair": 53, "fcntl": 72,
}
AARCH64 = {
    "execve": 221, "execveat": 281, "socket": 198, "connect": 203, "bind": 200, "listen": 201, "accept": 202,
    "accept4": 242, "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "mount": 40, "umount2": 39,
    "pivot_root": 41, "chroot": 51, "unshare": 97, "setns": 268, "bpf": 280, "perf_event_open": 241,
    "userfaultfd": 282, "keyctl": 219, "add_key": 217, "request_key": 218, "io_uring_setup": 425,
    "io_uring_enter": 426, "io_uring_register": 427, "pidfd_open": 434, "pidfd_getfd": 438,
    "pidfd_send_signal": 424, "kexec_load": 104, "kexec_file_load": 294, "init_module": 105, "finit_module": 273,
    "delete_module": 106, "mknodat": 33, "fchmod": 52, "fchmodat": 53, "fchmodat2": 452, "fchown": 55,
    "fchownat": 54, "utimensat": 88, "setxattr": 5, "lsetxattr": 6, "fsetxattr": 7, "setxattrat": 463,
    "removexattr": 14, "lremovexattr": 15, "fremovexattr": 16, "removexattrat": 466, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "mount_setattr": 442,
    "name_to_handle_at": 264, "open_by_handle_at": 265, "acct": 89, "swapon": 224, "swapoff": 225, "reboot": 142,
    "sethostname": 161, "setdomainname": 162, "quotactl": 60, "quotactl_fd": 443, "nfsservctl": 42,
    "lookup_dcookie": 18, "settimeofday": 170, "clock_settime": 112, "adjtimex": 171, "clock_adjtime": 266,
    "syslog": 116, "setuid": 146, "setgid": 144, "setreuid": 145, "setregid": 143, "setgroups": 159,
    "setresuid": 147, "setresgid": 149, "setfsuid": 151, "setfsgid": 152, "capset": 91, "personality": 92,
    "memfd_create": 279, "memfd_secret": 447, "shmget": 194, "shmctl": 195, "shmat": 196, "semget": 190,
    "msgget": 186, "mq_open": 180, "process_madvise": 440, "process_mrelease": 448, "kcmp": 272,
    "migrate_pages": 238, "move_pages": 239, "vhangup": 58, "fanotify_init": 262, "set_mempolicy": 237,
    "mbind": 235, "sched_setaffinity": 122, "setpriority": 140, "ioprio_set": 30, "setsid": 157, "setpgid": 154,
    "tkill": 130, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240, "setrlimit": 164,
    "semop": 193, "semctl": 191, "msgsnd": 189, "msgrcv": 188, "msgctl": 187, "semtimedop": 192, "mq_unlink": 181,
    "inotify_init1": 26, "inotify_add_watch": 27, "fanotify_mark": 263, "splice": 76, "tee": 77, "vmsplice": 75,
    "io_setup": 0, "io_submit": 2, "seccomp": 277, "remap_file_pages": 234, "sched_setparam": 118,
    "sched_setscheduler": 119, "sched_setattr": 274, "statmount": 457, "listmount": 458, "lsm_set_self_attr": 460,
    "open_tree_attr": 467, "file_getattr": 468, "file_setattr": 469, "listns": 470, "set_mempolicy_home_node": 450,
    "getxattr": 8, "lgetxattr": 9, "getxattrat": 464,
    "kill": 129, "tgkill": 131, "prctl": 167, "prlimit64": 261, "ioctl": 29, "clone": 220, "clone3": 435,
    "socketpair": 199, "fcntl": 25,
}
# fmt: on
TABLES = {"x86_64": X86_64, "aarch64": AARCH64}
CONDITIONAL = {"kill", "tgkill", "prctl", "prlimit64", "ioctl", "fcntl", "clone", "clone3", "socketpair"}
"""Allowed or refused by their arguments."""

NEWEST = 470
"""Above it nothing is known, so nothing is allowed: it looks like an older kernel."""

LD, AND, JEQ, JGT, JGE, JSET, RET = 0x20, 0x54, 0x15, 0x25, 0x35, 0x45, 0x06
ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
NR, ARCH = 0, 4
CLONE_THREAD = 0x10000
AF_UNIX, SOCK_STREAM, SOCK_TYPE_MASK = 1, 1, 0xF
# What Python and libc themselves ask for. Others change files that may only be read (FS_IOC_SETFLAGS), type into the
# terminal (TIOCSTI), or send a signal of one's choice to whoever owns a descriptor (F_SETOWN, F_SETSIG, FIOSETOWN).
IOCTLS = {
    "TCGETS": 0x5401, "TIOCGWINSZ": 0x5413, "FIONREAD": 0x541B, "FIONBIO": 0x5421, "FIONCLEX": 0x5450,
    "FIOCLEX": 0x5451, "TCGETS2": 0x802C542A,
}  # fmt: skip
FCNTLS = {
    "F_DUPFD": 0, "F_GETFD": 1, "F_SETFD": 2, "F_GETFL": 3, "F_SETFL": 4, "F_GETLK": 5, "F_SETLK": 6, "F_SETLKW": 7,
    "F_OFD_GETLK": 36, "F_OFD_SETLK": 37, "F_OFD_SETLKW": 38, "F_DUPFD_CLOEXEC": 1030, "F_GETPIPE_SZ": 1032,
    "F_GET_SEALS": 1034,
}  # fmt: skip
PRCTLS = {
    "PR_GET_PDEATHSIG": 2, "PR_GET_DUMPABLE": 3, "PR_SET_NAME": 15, "PR_GET_NAME": 16, "PR_GET_SECCOMP": 21,
    "PR_CAPBSET_READ": 23, "PR_GET_NO_NEW_PRIVS": 39, "PR_SET_VMA": 0x53564D41,
}  # fmt: skip


def low(argument):
    return 16 + 8 * argument


def high(argument):
    return 20 + 8 * argument


def refused(machine):
    """Names and numbers that are refused whatever their arguments."""
    return {name: number for name, number in TABLES[machine].items() if name not in CONDITIONAL}


def program(machine, pid):
    """The filter as bytes of ``sock_filter`` (8 bytes each).

    A call of another architecture, or of the x32 interface, kills: its numbers mean other things.
    """
    table = TABLES[machine]
    code = [(LD, 0, 0, ARCH), (JEQ, 1, 0, AUDIT_ARCH[machine]), (RET, 0, 0, KILL), (LD, 0, 0, NR)]
    if machine == "x86_64":
        code += [(JGE, 0, 1, 0x40000000), (RET, 0, 0, KILL)]
    code += [(JGT, 0, 1, NEWEST), (RET, 0, 0, ERRNO | ENOSYS)]
    for number in sorted(refused(machine).values()):
        code += [(JEQ, 0, 1, number), (RET, 0, 0, ERRNO | EPERM)]
    deny = (RET, 0, 0, ERRNO | EPERM)
    allow = (RET, 0, 0, ALLOW)

    def one_of(argument, values):
        """Allow when the argument's low word is one of ``values``."""
        jumps = [(JEQ, len(values) - i, 0, value) for i, value in enumerate(values)]
        return [(LD, 0, 0, low(argument)), *jumps, deny, allow]

    def only(name, checks):
        """After a match of ``name``: the given instructions, which must return."""
        return [(JEQ, 0, len(checks), table[name]), *checks]

    code += only("clone3", [(RET, 0, 0, ERRNO | ENOSYS)])  # its flags are behind a pointer; libc falls back to clone
    code += only("clone", [(LD, 0, 0, low(0)), (JSET, 0, 1, CLONE_THREAD), allow, deny])
    # A pair of datagram sockets would do: each end may send to any address that the file system shows.
    kind = [(LD, 0, 0, low(1)), (AND, 0, 0, SOCK_TYPE_MASK), (JEQ, 0, 1, SOCK_STREAM)]
    code += only("socketpair", [(LD, 0, 0, low(0)), (JEQ, 0, 4, AF_UNIX), *kind, allow, deny])
    for name in ("kill", "tgkill"):
        code += only(name, [(LD, 0, 0, low(0)), (JEQ, 0, 1, pid), allow, deny])
    code += only("prctl", one_of(0, PRCTLS.values()))
    # Reading limits is fine; setting them (a third argument) or asking about others is not.
    code += only(
        "prlimit64",
        [
            (LD, 0, 0, low(0)),
            (JEQ, 0, 5, 0),
            (LD, 0, 0, low(2)),
            (JEQ, 0, 3, 0),
            (LD, 0, 0, high(2)),
            (JEQ, 0, 1, 0),
            allow,
            deny,
        ],
    )
    code += only("ioctl", one_of(1, IOCTLS.values()))
    code += only("fcntl", one_of(1, FCNTLS.values()))
    code.append(allow)
    return b"".join(struct.pack("<HBBI", *instruction) for instruction in code)
