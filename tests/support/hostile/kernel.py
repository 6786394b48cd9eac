"""System calls without the library in between."""

from __future__ import annotations

from support.hostile.attack import CALLS, Attack, calls, ends

_RUN = "memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)\n"

KERNEL: tuple[Attack, ...] = (
    calls(
        "new processes",
        """
        for flags in (17, 0x100 | 0x4000 | 17, 0x10000000 | 17, 0x20000000 | 17, 0x8000 | 17): no("clone", flags, 0, 0, 0, 0)
        no("fork"); no("vfork"); no("clone3", ctypes.create_string_buffer(88), 88)
        no("clone", 0x10000 | 0x10000000, 0, 0, 0, 0, also=("EINVAL",))
        """,
    ),
    calls(
        "a program in memory",
        """
        no("memfd_create", b"x", 0); no("memfd_secret", 0)
        self = os.open(os.__file__, 0)
        no("execveat", self, b"", None, None, 0x1000); no("execve", b"/proc/self/fd/4", None, None); no("uselib", b"/lib/x")
        """,
    ),
    calls(
        "other processes' memory and descriptors",
        """
        b = ctypes.create_string_buffer(64)
        no("ptrace", 16, HOST_PID, 0, 0); no("ptrace", 0, 0, 0, 0); no("ptrace", 0x4206, 1, 0, 0)
        no("process_vm_readv", HOST_PID, b, 1, b, 1, 0); no("process_vm_writev", HOST_PID, b, 1, b, 1, 0)
        no("pidfd_open", HOST_PID, 0); no("pidfd_open", os.getpid(), 0); no("pidfd_getfd", 3, 0, 0)
        no("pidfd_send_signal", 3, 9, 0, 0); no("kcmp", HOST_PID, os.getpid(), 0, 0, 0)
        no("process_madvise", 3, b, 1, 4, 0); no("process_mrelease", 3, 0)
        no("move_pages", HOST_PID, 1, b, b, b, 0); no("migrate_pages", HOST_PID, 1, b, b)
        no("get_robust_list", HOST_PID, b, b, also=("ESRCH",))
        """,
    ),
    calls(
        "signals to others",
        """
        for pid in (HOST_PID, os.getppid(), 1, 0, -1, -HOST_PID, -os.getpgrp() or -1):
            if pid != os.getpid(): no("kill", pid, 0); no("kill", pid, 9)
        no("tkill", HOST_PID, 9); no("tgkill", HOST_PID, HOST_PID, 9); no("rt_sigqueueinfo", HOST_PID, 9, b" " * 128)
        no("rt_tgsigqueueinfo", HOST_PID, HOST_PID, 9, b" " * 128)
        no("fcntl", 3, 8, HOST_PID); no("fcntl", 3, 8, -HOST_PID); no("fcntl", 3, 10, 9); no("fcntl", 3, 15, b" " * 8)
        no("ioctl", 3, 0x8901, (ctypes.c_int * 1)(HOST_PID)); no("ioctl", 3, 0x8902, (ctypes.c_int * 1)(HOST_PID))
        """,
    ),
    calls(
        "the priority of others, and its own",
        """
        no("setpriority", 0, HOST_PID, 19); no("setpriority", 1, 0, 19); no("ioprio_set", 1, HOST_PID, 0)
        no("sched_setaffinity", HOST_PID, 8, b"\\1" + b"\\0" * 7); no("sched_setaffinity", 0, 8, b"\\1" + b"\\0" * 7)
        no("sched_setscheduler", 0, 1, b"\\1\\0\\0\\0"); no("sched_setattr", 0, b"\\x30" + b"\\0" * 47, 0)
        no("prlimit64", HOST_PID, 7, 0, ctypes.create_string_buffer(16))
        no("prlimit64", 0, 9, b"\\xff" * 16, 0); no("setrlimit", 9, b"\\xff" * 16)
        no("setpgid", 0, 0); no("setsid")
        """,
    ),
    calls(
        "new namespaces and mounts",
        """
        for flag in (0x10000000, 0x20000, 0x40000000, 0x20000000, 0x8000000, 0x4000000, 0x2000000, 0x80): no("unshare", flag)
        no("setns", 3, 0); no("mount", b"x", b"/tmp", b"tmpfs", 0, 0); no("umount2", b"/tmp", 2); no("chroot", b"/tmp")
        no("pivot_root", b"/tmp", b"/tmp"); no("open_tree", -100, b"/", 1); no("move_mount", 3, b"", -100, b"/tmp", 4)
        no("fsopen", b"tmpfs", 0); no("fsconfig", 3, 0, 0, 0, 0); no("fsmount", 3, 0, 0); no("fspick", -100, b"/", 0)
        no("mount_setattr", -100, b"/", 0, b" " * 32, 32); no("open_tree_attr", -100, b"/", 1, b" " * 32, 32)
        no("statmount", b" " * 64, b" " * 64, 64, 0); no("listmount", b" " * 64, b" " * 64, 1, 0); no("listns", b" " * 64, b" ", 1, 0)
        """,
    ),
    calls(
        "large pieces of kernel",
        """
        b = ctypes.create_string_buffer(256)
        no("bpf", 5, b, 128); no("perf_event_open", b, 0, -1, -1, 0); no("userfaultfd", 0); no("userfaultfd", 1)
        no("io_uring_setup", 8, b); no("io_uring_enter", 3, 1, 0, 0, 0); no("io_uring_register", 3, 0, 0, 0)
        no("io_setup", 8, b); no("io_submit", 0, 1, b); no("keyctl", 0, -3, 1); no("add_key", b"user", b"x", b"y", 1, -3)
        no("request_key", b"user", b"x", 0, -3); no("fanotify_init", 0, 0); no("inotify_init1", 0); no("inotify_init")
        no("seccomp", 1, 8, b); no("seccomp", 2, 0, b); no("remap_file_pages", 0, 0, 0, 0, 0); no("modify_ldt", 1, b, 16)
        no("set_mempolicy", 0, 0, 0); no("mbind", 0, 0, 0, 0, 0, 0); no("personality", 0x40000)
        """,
    ),
    calls(
        "the machine as a whole",
        """
        b = ctypes.create_string_buffer(256)
        no("reboot", 0xfee1dead, 672274793, 0x1234567, 0); no("kexec_load", 0, 0, 0, 0); no("kexec_file_load", 3, 3, 0, 0, 0)
        no("init_module", b, 1, b); no("finit_module", 3, b, 0); no("delete_module", b"x", 0); no("swapon", b"/x", 0)
        no("swapoff", b"/x"); no("sethostname", b"x", 1); no("setdomainname", b"x", 1); no("settimeofday", b, 0)
        no("clock_settime", 0, b); no("adjtimex", b); no("clock_adjtime", 0, b); no("acct", b"/tmp/x"); no("syslog", 3, b, 9)
        no("quotactl", 0, 0, 0, b); no("quotactl_fd", 3, 0, 0, b); no("vhangup"); no("iopl", 3); no("ioperm", 0, 8, 1)
        no("nfsservctl", 0, 0, 0); no("lookup_dcookie", 0, b, 9); no("sysfs", 3); no("ustat", 0, b); no("_sysctl", b)
        """,
    ),
    calls(
        "another user, more rights",
        """
        for name in ("setuid", "setgid", "setfsuid", "setfsgid"): no(name, 0)
        no("setreuid", 0, 0); no("setregid", 0, 0); no("setresuid", 0, 0, 0); no("setresgid", 0, 0, 0); no("setgroups", 0, 0)
        no("capset", b"\\x22\\x05\\x08\\x20" + b"\\0" * 4, b"\\xff" * 24); no("lsm_set_self_attr", 100, b" " * 64, 64, 0)
        for option in (1, 4, 8, 22, 24, 28, 33, 35, 36, 38, 47, 53, 59, 62, 0x59616d61): no("prctl", option, 1, 0, 0, 0)
        """,
    ),
    calls(
        "flags, leases and modes of what can be read",
        """
        f = os.open(os.__file__, 0)
        for request in (0x40086602, 0x401c5820, 0x40049409, 0xc0185879, 0x5412, 0x541c, 0x5414, 0x540e, 0x5423, 0xc0045878):
            no("ioctl", f, request, ctypes.create_string_buffer(64)); no("ioctl", 1, request, ctypes.create_string_buffer(64))
        no("fcntl", f, 1024, 0); no("fcntl", f, 1026, 1); no("fcntl", f, 1033, 1); no("fcntl", 1, 1031, 1 << 20)
        no("fchmod", f, 0o777); no("fchown", f, 0, 0); no("fsetxattr", f, b"user.x", b"x", 1, 0); no("fremovexattr", f, b"user.x")
        no("fchmodat2", f, b"", 0o777, 0x1000); no("fchownat", f, b"", 0, 0, 0x1000); no("utimensat", f, 0, 0, 0)
        no("file_setattr", -100, os.fsencode(os.__file__), b" " * 24, 24, 0); no("setxattrat", f, b"", 0x1000, b"user.x", b" ", 16)
        no("mknodat", -100, os.fsencode(os.environ["TMPDIR"]) + b"/d", 0o60600, 0x801)
        no("mknodat", -100, os.fsencode(os.environ["TMPDIR"]) + b"/p", 0o10600, 0)
        """,
    ),
    calls(
        "pages of what can be read, through a pipe",
        """
        f, (r, w) = os.open(os.__file__, 0), os.pipe()
        no("splice", f, 0, w, 0, 1, 0); no("tee", r, w, 1, 0); no("vmsplice", w, b" " * 16, 1, 0)
        no("name_to_handle_at", f, b"", b" " * 128, b" " * 8, 0x1000); no("open_by_handle_at", f, b" " * 128, 0)
        """,
    ),
    calls(
        "sockets without the library",
        """
        for family in range(1, 46):
            for kind in (1, 2, 3, 5): no("socket", family, kind, 0)
        for kind in (2, 3, 5, 2 | 0x80000): no("socketpair", 1, kind, 0, ctypes.create_string_buffer(8))
        no("connect", 3, b" " * 16, 16); no("bind", 3, b" " * 16, 16); no("listen", 3, 1); no("accept4", 3, 0, 0, 0)
        """,
    ),
    calls(
        "shared memory and queues",
        """
        no("shmget", 0, 4096, 0o1777); no("shmat", 0, 0, 0); no("shmctl", 0, 0, 0); no("semget", 0, 1, 0o1777)
        no("semop", 0, b" " * 6, 1); no("semctl", 0, 0, 0); no("msgget", 0, 0o1777); no("msgsnd", 0, b" " * 16, 1, 0)
        no("msgrcv", 0, b" " * 16, 1, 0, 0); no("msgctl", 0, 0, 0); no("mq_open", b"/x", 0o102, 0o600, 0); no("mq_unlink", b"/x")
        """,
    ),
    Attack("calls that nobody knows yet", CALLS + "for n in range(471, 1200): NR[n] = n; no(n)\nprint('held')\n"),
    Attack(
        "a thread of its own making",
        "import _thread, time\nimport ctypes, os\n"
        "libc = ctypes.CDLL(None, use_errno=True)\nseen = []\n"
        "def inside():\n"
        "    seen.append((libc.syscall(ctypes.c_long(NR['socket']), 2, 1, 0), libc.syscall(ctypes.c_long(NR['unshare']), 0x10000000)))\n"
        "_thread.start_new_thread(inside, ())\n"
        "while not seen: time.sleep(0.01)\nprint('held' if seen == [(-1, -1)] else seen)\n",
    ),
    ends(
        "machine code: a 32-bit call",
        "import ctypes, mmap, platform\n" + _RUN + "assert platform.machine() == 'x86_64', ctypes.string_at(0)\n"
        "memory.write(b'\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3')\n"
        "address = ctypes.addressof(ctypes.c_char.from_buffer(memory))\nprint(ctypes.CFUNCTYPE(ctypes.c_int)(address)())\n",
        "error",
    ),
    ends(
        "machine code: an x32 call",
        "import ctypes, mmap, platform\n" + _RUN + "assert platform.machine() == 'x86_64', ctypes.string_at(0)\n"
        "memory.write(b'\\xb8\\x27\\x00\\x00\\x40\\x0f\\x05\\xc3')\n"
        "address = ctypes.addressof(ctypes.c_char.from_buffer(memory))\nprint(ctypes.CFUNCTYPE(ctypes.c_int)(address)())\n",
        "error",
    ),
    Attack(
        "machine code: a socket",
        "import ctypes, mmap, platform\n"
        + _RUN
        + "if platform.machine() != 'x86_64': print('held'); raise SystemExit\n"
        "memory.write(bytes.fromhex('b829000000bf02000000be0100000031d20f05c3'))\n"
        "address = ctypes.addressof(ctypes.c_char.from_buffer(memory))\n"
        "got = ctypes.CFUNCTYPE(ctypes.c_long)(address)()\nprint('held' if got == -1 else got)\n",
    ),
)
