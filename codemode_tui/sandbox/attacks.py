"""The hostile programs of ``sandbox check``. Pure data."""

from __future__ import annotations

from textwrap import dedent

import msgspec

from codemode_tui.sandbox.types import RunStatus


class Attack(msgspec.Struct, frozen=True):
    name: str
    code: str
    """Prints ``held`` when refused. ``SECRET``, ``PORT``, ``HOST_PID``, ``HOME_FOLDER`` are filled in."""
    ends: tuple[RunStatus, ...] = ("ok",)
    """How the run must end; an ``ok`` must have printed ``held``."""
    group: str = ""
    """A key of ``MEANS``."""


def _refused(name: str, body: str, errors: str = "OSError") -> Attack:
    """``body`` must raise one of ``errors``. It calls ``posix`` itself: what ``os`` does is softened by the shims."""
    indented = "\n".join(f"    {line}" for line in dedent(body).strip().splitlines())
    return Attack(
        name,
        f"import os, posix, sys\ntry:\n{indented}\n    print('got through')\nexcept ({errors}):\n    print('held')\n",
    )


_FRAMES = """\
import os
for fd in range(3, 4096):
    try:
        os.write(fd, b"\\xff" * 64)
    except OSError:
        pass
while True:
    pass
"""
_CTYPES = "import ctypes; libc = ctypes.CDLL(None, use_errno=True)\n"

_ENVIRONMENT = {
    "PATH", "HOME", "TMPDIR", "LANG", "TZ", "MALLOC_ARENA_MAX", "PWD", "LC_CTYPE", "__CF_USER_TEXT_ENCODING",
}  # fmt: skip

MEANS = {
    "files": "code sees no file of yours and changes none: what it reads and writes goes through the tools, which ask",
    "programs": "code starts no other program: commands go through run_command, which has a sandbox of its own",
    "network": "code sends nothing to anybody: no address, no name, no local service",
    "you": "code does not reach this program, your other programs, your terminal, or what they know",
    "commands": "a command with leave to write still reads no secret, wherever it moves, links or copies it",
    "limits": "code that runs on and on, or takes and takes, is stopped; what it printed is kept",
}
"""What it means for a person that the attacks of a group are held off."""


def _of(group: str, *attacks: Attack) -> tuple[Attack, ...]:
    return tuple(msgspec.structs.replace(attack, group=group) for attack in attacks)


_MAC = "import sys\nif sys.platform != 'darwin':\n    print('held')\n    raise SystemExit\n"
_ARGUMENTS = """
name, size = (ctypes.c_int * 3)(1, 49, HOST_PID), ctypes.c_size_t(1 << 20)
found = ctypes.create_string_buffer(1 << 20)
print("held" if libc.sysctl(name, 3, found, ctypes.byref(size), None, 0) else "got through")
"""
"""``KERN_PROCARGS2``."""
_SERVICES = """
names = b"com.apple.SecurityServer", b"com.apple.pasteboard.1", b"com.apple.coreservices.launchservicesd"
bootstrap = ctypes.c_uint.in_dll(libc, "bootstrap_port")
found = [name for name in names if not libc.bootstrap_look_up(bootstrap, name, ctypes.byref(ctypes.c_uint()))]
print("got through" if found else "held")
"""
_LINUX = "import sys\nif sys.platform != 'linux':\n    print('held')\n    raise SystemExit\n"

COMMAND = """
echo ran >/dev/stderr
cat a/b/.env; ln a/b/.env "$TMPDIR/1"; cp -cR a "$TMPDIR/2"; ln -s "$PWD/a" "$TMPDIR/3"
mv a/b "$TMPDIR/4"; mv a "$TMPDIR/5"; mv "$PWD" "$TMPDIR/6"
cat "$TMPDIR"/? "$TMPDIR"/?/.env "$TMPDIR"/?/b/.env "$TMPDIR"/?/a/b/.env
"""
"""What a shell is told in a folder whose ``a/b/.env`` is a secret."""

ATTACKS: tuple[Attack, ...] = (
    *_of(
        "files",
        _refused("read a file of the host", "import io; io.FileIO(SECRET).read()"),
        _refused("write a file of the host", "fd = posix.open(SECRET, os.O_WRONLY | os.O_TRUNC)"),
        _refused("list the home folder", "print(len(posix.listdir(HOME_FOLDER)))"),
        _refused("read /etc/passwd", "import io; io.FileIO('/etc/passwd').read()"),
        _refused("write below /etc", "posix.open('/etc/codemode-check', os.O_CREAT | os.O_WRONLY)"),
        _refused(
            "write into the library", "posix.open(os.path.dirname(os.__file__) + '/x.pth', os.O_CREAT | os.O_WRONLY)"
        ),
        _refused("write into the current folder", "posix.open(os.getcwd() + '/x', os.O_CREAT | os.O_WRONLY)"),
        _refused(
            "symbolic link to a secret",
            "p = os.environ['TMPDIR'] + '/l'; posix.symlink(SECRET, p); os.read(posix.open(p, 0), 1)",
        ),
        _refused("hard link to a secret", "posix.link(SECRET, os.environ['TMPDIR'] + '/h')"),
        _refused("change modes of the host", "posix.chmod(SECRET, 0o777)"),
        _refused("change times of the host", "posix.utime(SECRET, (1, 1))"),
        Attack(
            "flags of a file that is only read",
            _LINUX + "import array, fcntl, os, posix\ntry:\n"
            "    fcntl.ioctl(posix.open(os.__file__, 0), 0x80086601, array.array('l', [0]))\n"
            "    print('got through')\nexcept OSError:\n    print('held')\n",
        ),
        _refused(
            "folders all over the host",
            "print([posix.listdir(p) for p in ('/etc', '/var', '/home', '/Users', '/Library')])",
        ),
    ),
    *_of(
        "programs",
        _refused("fork", "posix.fork()"),
        _refused("start a program", "posix.posix_spawn(sys.executable, ['python', '-c', ''], {})"),
        _refused("replace itself", "os.execv('/bin/sh', ['sh', '-c', 'echo got through'])"),
        _refused("fork with a terminal", "posix.forkpty()"),
        Attack("a shell", "import posix\nprint('held' if posix.system('true') else 'got through')\n"),
    ),
    *_of(
        "network",
        _refused("connect by TCP", "import socket; socket.create_connection(('127.0.0.1', PORT), 1)"),
        _refused(
            "send by UDP",
            "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', PORT))",
        ),
        _refused("resolve a name", "import socket; socket.getaddrinfo('example.com', 80)"),
        _refused(
            "Unix socket",
            "import socket; s = socket.socket(socket.AF_UNIX); s.connect(os.path.dirname(SECRET) + '/socket')",
        ),
        _refused(
            "a datagram from a pair of sockets",
            "import socket; socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b'x', SECRET)",
        ),
    ),
    *_of(
        "you",
        _refused("kill the host", "os.kill(HOST_PID, 0)"),
        _refused("kill the parent", "os.kill(os.getppid(), 0) if os.getppid() > 1 else os.kill(1, 9)"),
        _refused("memory of the host", "import io; io.FileIO('/proc/HOST_PID/mem')"),
        _refused("environment of the parent", "import io; io.FileIO(f'/proc/{os.getppid()}/environ').read(1)"),
        Attack(
            "ptrace",
            _CTYPES + "import sys; attach = 14 if sys.platform == 'darwin' else 16\n"
            "print('held' if libc.ptrace(attach, HOST_PID, None, None) != 0 else 'got through')\n",
        ),
        Attack("arguments and environment of the host", _MAC + _CTYPES + _ARGUMENTS),
        Attack("keychain, clipboard and other services", _MAC + _CTYPES + _SERVICES),
        Attack(
            "new namespaces",
            _CTYPES + "print('held' if not hasattr(libc, 'unshare') or libc.unshare(0x10000000) else 'got through')\n",
        ),
        _refused("the terminal", "posix.open('/dev/tty', os.O_RDWR)"),
        Attack(
            "environment", f"import os\nprint('held' if set(os.environ) <= {_ENVIRONMENT} else sorted(os.environ))\n"
        ),
        _refused(
            "raise its limits",
            "import resource; resource.setrlimit(resource.RLIMIT_CORE, (1 << 20, 1 << 20))",
            "OSError, ValueError",
        ),
        Attack(
            "host packages",
            "try:\n    import msgspec\n    print('got through')\nexcept ImportError:\n    print('held')\n",
        ),
    ),
    *_of(
        "limits",
        Attack("endless loop", "while True: pass\n", ("timeout",)),
        Attack(
            "sleeping loop that catches all",
            "import time\nwhile True:\n    try: time.sleep(9)\n    except BaseException: pass\n",
            ("timeout",),
        ),
        Attack("one endless C call", "10 ** 10 ** 8\n", ("timeout", "memory")),
        Attack(
            "ignoring signals",
            "import signal\nfor s in (1, 2, 15): signal.signal(s, signal.SIG_IGN)\nwhile True: pass\n",
            ("timeout",),
        ),
        Attack("memory", "bytearray(4 << 30)\n", ("memory", "killed")),
        Attack("growing list", "a = []\nwhile True: a.append(bytearray(1 << 20))\n", ("memory", "killed")),
        Attack("flood of output", "while True: print('x' * 1000)\n", ("killed",)),
        Attack("flood without lines", "import os\nwhile True: os.write(1, b'x' * 65536)\n", ("killed",)),
        _refused(
            "one huge file",
            "f = open(os.environ['TMPDIR'] + '/big', 'wb')\nfor _ in range(64): f.write(b'x' * (1 << 20))\nf.close()",
        ),
        _refused("open files", "f = [posix.open('/dev/null', 0) for _ in range(10000)]"),
        Attack("crash", "import ctypes\nctypes.string_at(0)\n", ("error",)),
        Attack("broken frames", _FRAMES, ("killed",)),
        Attack(
            "folders in folders without end",
            "import os, posix\nposix.chdir(os.environ['TMPDIR'])\n"
            "for _ in range(2000):\n    posix.mkdir('d'); posix.chdir('d')\nprint('held')\n",
            ("ok", "killed", "error"),
        ),
    ),
)
