"""Files, devices, sockets and other processes: what a program could reach outside."""

from __future__ import annotations

from support.hostile.attack import Attack, refused

_READERS = """
posix.open(SECRET, os.O_RDONLY)
posix.open(os.fsencode(SECRET), os.O_RDONLY)
posix.open(os.path.basename(SECRET), 0, dir_fd=posix.open(SECRET_FOLDER, os.O_RDONLY | os.O_DIRECTORY))
posix.open(os.path.basename(SECRET), 0, dir_fd=posix.open(SECRET_FOLDER, os.O_PATH))
posix.open('/proc/self/root' + SECRET, 0)
posix.open('/proc/self/cwd/../../../../..' + SECRET, 0)
posix.open('//' + SECRET, 0)
posix.open('/../../..' + SECRET, 0)
posix.chdir(SECRET_FOLDER) or posix.open(os.path.basename(SECRET), 0)
posix.open(f"/proc/self/fd/{posix.open(SECRET, os.O_PATH)}", 0)
import io; io.FileIO(SECRET).read()
import _io; _io.open_code(SECRET).read()
import mmap; mmap.mmap(posix.open(SECRET, os.O_RDWR), 0)
import importlib.machinery as m; m.SourceFileLoader('x', SECRET).get_data(SECRET)
import sqlite3; sqlite3.connect('file:' + SECRET + '?mode=ro', uri=True).execute('select * from x')
import urllib.request; urllib.request.urlopen('file://' + SECRET).read()
import _posixshmem; _posixshmem.shm_open('/x', os.O_CREAT | os.O_RDWR, 0o600)
import ctypes; print(ctypes.CDLL(SECRET))
os.listxattr(SECRET) and posix.getxattr(SECRET, 'user.x') or posix.getxattr(SECRET, 'user.x')
posix.listdir(SECRET_FOLDER)
posix.scandir(SECRET_FOLDER).__next__()
"""
_WRITERS = """
posix.open(SECRET, os.O_WRONLY)
posix.open(SECRET, os.O_RDONLY | os.O_TRUNC)
posix.open(SECRET_FOLDER, os.O_TMPFILE | os.O_RDWR)
posix.truncate(SECRET, 0)
posix.unlink(SECRET)
posix.rename(SECRET, os.environ['TMPDIR'] + '/s')
posix.rename(SECRET_FOLDER, os.environ['TMPDIR'] + '/s')
posix.mkdir(SECRET_FOLDER + '/d')
posix.rmdir(SECRET_FOLDER)
posix.symlink('x', SECRET_FOLDER + '/l')
posix.link(os.__file__, os.environ['TMPDIR'] + '/os.py')
posix.mkfifo(SECRET_FOLDER + '/f')
posix.chmod(SECRET, 0o777)
posix.chown(SECRET, 1, 1)
posix.lchown(SECRET, 1, 1)
posix.utime(SECRET, (1, 1))
posix.setxattr(SECRET, 'user.x', b'x')
posix.removexattr(SECRET, 'user.x')
posix.unlink(os.__file__)
posix.rename(os.__file__, os.__file__ + '.old')
posix.open(os.path.dirname(os.__file__) + '/sitecustomize.py', os.O_CREAT | os.O_WRONLY)
posix.open(sys.executable, os.O_WRONLY)
posix.rmdir(os.getcwd())
posix.rename(os.getcwd(), os.environ['TMPDIR'] + '/w')
posix.rename(os.environ['TMPDIR'], os.environ['TMPDIR'] + '2')
posix.open('/codemode/main.py', os.O_WRONLY)
"""
_DEVICES = "\n".join(
    f"posix.open({path!r}, os.{mode})"
    for path, mode in {
        "/dev/mem": "O_RDONLY", "/dev/kmsg": "O_RDONLY", "/dev/fuse": "O_RDWR", "/dev/net/tun": "O_RDWR",
        "/dev/ptmx": "O_RDWR", "/dev/tty": "O_RDWR", "/dev/tty0": "O_RDWR", "/dev/kvm": "O_RDWR", "/dev/vda": "O_RDONLY",
        "/dev/loop-control": "O_RDWR", "/dev/shm/x": "O_CREAT | os.O_RDWR", "/dev/console": "O_WRONLY",
        "/dev/vhost-vsock": "O_RDWR", "/dev/userfaultfd": "O_RDWR", "/dev/uinput": "O_WRONLY",
    }.items()
)  # fmt: skip
_PROC = "\n".join(
    f"posix.open({path}, os.{mode})"
    for path, mode in {
        "'/proc/HOST_PID/environ'": "O_RDONLY", "'/proc/HOST_PID/mem'": "O_RDWR", "'/proc/HOST_PID/maps'": "O_RDONLY",
        "'/proc/HOST_PID/fd/1'": "O_WRONLY", "'/proc/HOST_PID/root/etc/passwd'": "O_RDONLY",
        "'/proc/HOST_PID/cwd'": "O_RDONLY", "f'/proc/{os.getppid()}/environ'": "O_RDONLY", "'/proc/1/environ'": "O_RDONLY",
        "'/proc/sysrq-trigger'": "O_WRONLY", "'/proc/sys/kernel/core_pattern'": "O_WRONLY", "'/proc/kcore'": "O_RDONLY",
        "'/proc/self/uid_map'": "O_WRONLY", "'/proc/self/setgroups'": "O_WRONLY", "'/proc/self/mem'": "O_RDWR",
        "'/proc/self/oom_score_adj'": "O_WRONLY", "'/proc/self/attr/current'": "O_WRONLY", "'/proc/self/exe'": "O_WRONLY",
        "'/proc/self/clear_refs'": "O_WRONLY", "'/proc/net/tcp'": "O_RDONLY",
        "'/proc/self/environ'": "O_RDONLY", "'/sys/kernel/debug'": "O_RDONLY", "'/sys/fs/cgroup/cgroup.procs'": "O_WRONLY",
        "'/sys/power/state'": "O_WRONLY", "'/sys/kernel/uevent_helper'": "O_WRONLY",
    }.items()
)  # fmt: skip
_PLACES = "\n".join(
    f"posix.listdir({path})"
    for path in (
        "'/root'", "HOME_FOLDER", "'/home'", "'/proc'", "'/proc/self/fd'", "'/proc/self/task'", "'/etc'", "'/etc/ssl/private'",
        "'/var/log'", "'/var/spool/cron'", "'/run'", "'/tmp/..'", "'/sys'", "'/mnt'", "'/boot'", "'/dev/disk'", "'/srv'",
    )
)  # fmt: skip
_SOCKETS = """
socket.socket(socket.AF_INET).connect(('127.0.0.1', PORT))
socket.socket(socket.AF_INET6)
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', PORT))
socket.socket(socket.AF_INET, socket.SOCK_RAW, 1)
socket.socket(socket.AF_UNIX).connect(SOCKET)
socket.socket(socket.AF_UNIX).connect('\\0abstract')
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', DATAGRAMS)
socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b'x', DATAGRAMS)
socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)[0].sendto(b'x', DATAGRAMS)
socket.socketpair()[0].sendto(b'x', DATAGRAMS)
socket.socketpair()[0].sendmsg([b'x'], [], 0, DATAGRAMS)
socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
socket.socket(socket.AF_VSOCK)
socket.socket(38)
socket.socket(31, socket.SOCK_RAW, 1)
socket.socketpair(socket.AF_INET)
socket.create_server(('', 0))
socket.getaddrinfo('example.com', 80)
socket.gethostbyname('localhost.example')
import urllib.request; urllib.request.urlopen('http://127.0.0.1:PORT', timeout=1)
import asyncio; asyncio.run(asyncio.open_connection('127.0.0.1', PORT))
"""

FILES: tuple[Attack, ...] = (
    refused("every way to read a secret", _READERS, "OSError, ImportError, Exception"),
    refused("every way to change what is outside", _WRITERS),
    refused("devices", _DEVICES),
    refused("the process file system", _PROC),
    refused("places to look around in", _PLACES),
    refused("every kind of socket", _SOCKETS, "OSError, OverflowError"),
    Attack(
        "links that lead out",
        "import os, posix\nt = os.environ['TMPDIR']\n"
        "for n, where in enumerate((SECRET, SECRET_FOLDER, '/', '/proc/self/root', '../../..', '/etc/passwd')):\n"
        "    posix.symlink(where, f'{t}/{n}')\n"
        "for path in (f'{t}/0', f'{t}/1/' + os.path.basename(SECRET), f'{t}/2' + SECRET, f'{t}/3' + SECRET, f'{t}/5'):\n"
        "    for mode in (os.O_RDONLY, os.O_RDWR, os.O_WRONLY | os.O_TRUNC, os.O_CREAT | os.O_APPEND | os.O_WRONLY):\n"
        "        try: posix.open(path, mode); print('got through', path, mode)\n"
        "        except OSError: pass\n"
        "print('held')\n",
    ),
    Attack(
        "the path that is swapped while it is opened",
        "import os, posix, threading, time\nt = os.environ['TMPDIR']\n"
        "open(t + '/plain', 'w').write('mine'); end = time.monotonic() + 0.5\n"
        "def swap():\n"
        "    while time.monotonic() < end:\n"
        "        posix.symlink(SECRET, t + '/new'); posix.rename(t + '/new', t + '/p')\n"
        "        posix.link(t + '/plain', t + '/new'); posix.rename(t + '/new', t + '/p')\n"
        "threading.Thread(target=swap).start()\n"
        "seen = set()\n"
        "while time.monotonic() < end:\n"
        "    try: f = posix.open(t + '/p', 0); seen.add(os.read(f, 9)); posix.close(f)\n"
        "    except OSError: continue\n"
        "print('held' if seen <= {b'mine'} else seen)\n",
    ),
    Attack(
        "what was inherited",
        "import os, posix, stat\nfor fd in range(64):\n"
        "    try: mode = posix.fstat(fd).st_mode\n"
        "    except OSError: continue\n"
        "    null = stat.S_ISCHR(mode) and os.read(fd, 1) == b''\n"
        "    if not (null or stat.S_ISFIFO(mode) or (stat.S_ISSOCK(mode) and fd >= 3)): print('got', fd, oct(mode))\n"
        "print('held')\n",
    ),
    Attack(
        "hints for other programs",
        "import os\nos.putenv('LD_PRELOAD', '/tmp/x.so'); os.environ['PYTHONSTARTUP'] = '/tmp/x'\n"
        "import posix\nfor run in (lambda: posix.execv('/bin/sh', ['sh']), lambda: posix.posix_spawn('/bin/sh', ['sh'], {}),\n"
        "            lambda: posix.fork(), lambda: posix.forkpty()):\n"
        "    try: run(); print('got through')\n"
        "    except OSError: pass\n"
        "print('held')\n",
    ),
    refused(
        "other programs through the library",
        """
        import subprocess; subprocess.run(['true'])
        import multiprocessing; multiprocessing.Process(target=print).start()
        import multiprocessing as m; m.get_context('fork').Process(target=print).start()
        import multiprocessing.shared_memory as m; m.SharedMemory('x', True, 10)
        import multiprocessing; multiprocessing.Lock()
        import pty; pty.spawn('sh')
        import pty; pty.openpty()
        import asyncio; asyncio.run(asyncio.create_subprocess_shell('true'))
        import venv; venv.create(os.environ['TMPDIR'] + '/v', with_pip=True)
        import webbrowser; webbrowser.get('w3m')
        import pydoc; pydoc.pipepager('x', 'cat')
        import ctypes.util; print(open(ctypes.util.find_library('no such thing')))
        """,
        "OSError, ImportError, Exception",
    ),
)
