"""Time, memory, disk, descriptors, output: what a program could use up."""

from __future__ import annotations

from support.hostile.attack import Attack, endless, ends

RESOURCES: tuple[Attack, ...] = (
    endless("sleeping", "import time\ntime.sleep(1000)"),
    endless("waiting for ever on a lock", "import _thread\nl = _thread.allocate_lock(); l.acquire(); l.acquire()"),
    endless("stopping itself", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\nwhile True: pass"),
    endless("an endless sum in C", "sum(range(10 ** 15))"),
    endless(
        "an endless query",
        "import sqlite3\nsqlite3.connect(':memory:').execute('with recursive c(x) as (select 1 union all select x+1 from c) select count(*) from c').fetchall()",
    ),
    endless("a regular expression that backtracks", "import re\nre.match('(a+)+$', 'a' * 60 + 'b')"),
    endless("an endless product", "import itertools\nfor _ in itertools.product(range(99), repeat=40): pass"),
    endless("a digit at a time", "import sys\nsys.set_int_max_str_digits(0)\nstr(1 << (1 << 26))"),
    endless(
        "a handler that never returns",
        "import signal, time\nsignal.signal(signal.SIGALRM, lambda *_: time.sleep(99))\nsignal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)\nwhile True: pass",
    ),
    endless(
        "all signals ignored",
        "import signal\nfor n in signal.valid_signals():\n    try: signal.signal(n, signal.SIG_IGN)\n    except (OSError, ValueError): pass\nsignal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\nwhile True: pass",
    ),
    endless(
        "a thread that outlives the program",
        "import threading\ndef f():\n    while True: pass\nthreading.Thread(target=f).start()",
    ),
    endless("a time bomb", "import threading\ndef f():\n    while True: pass\nthreading.Timer(0.2, f).start()"),
    endless("a late hook", "import atexit, time\natexit.register(lambda: time.sleep(1000))"),
    endless(
        "a file that never closes",
        "class F:\n    def flush(self):\n        while True: pass\n    write = lambda self, x: None\nimport sys\nsys.stdout = F()",
    ),
    endless(
        "an error that takes for ever to tell",
        "class E(Exception):\n    def __str__(self):\n        while True: pass\nraise E",
    ),
    endless(
        "an exit code that takes for ever",
        "class C:\n    def __str__(self):\n        while True: pass\nraise SystemExit(C())",
    ),
    endless(
        "switching for ever",
        "import sys, threading\nsys.setswitchinterval(1e-9)\ndef f():\n    while True: pass\nfor _ in range(8): threading.Thread(target=f, daemon=True).start()\nf()",
    ),
    endless("a trace of everything", "import sys\ndef t(*a):\n    while True: pass\nsys.settrace(t)\n(lambda: 1)()"),
    endless(
        "an audit hook", "import sys\ndef hook(*a):\n    while True: pass\nsys.addaudithook(hook)\nopen('/dev/null')"
    ),
    endless("a collection that resurrects", "class R:\n    def __del__(self):\n        while True: R()\nR()"),
    endless(
        "a key that never compares",
        "class K:\n    __hash__ = lambda s: 1\n    def __eq__(s, o):\n        while True: pass\n{K(): 1, K(): 2}",
    ),
    ends("processor time", "while True: pass", "timeout", "killed", cpu_seconds=1, seconds=20),
    ends(
        "processor time, its signal ignored",
        "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass",
        "timeout",
        "killed",
        cpu_seconds=1,
        seconds=20,
    ),
    ends("memory by a string", "x = 'a' * (1 << 40)", "memory"),
    ends("memory by formatting", "'{:>99999999999}'.format(1)", "memory", "error"),
    ends("memory by doubling", "x = [0]\nwhile True: x += x", "memory"),
    ends("memory by a dict", "d = {}\nwhile True: d[len(d)] = 'x' * 4096", "memory"),
    ends("memory by mapping", "import mmap\nm = []\nwhile True: m.append(mmap.mmap(-1, 32 << 20))", "memory", "error"),
    ends(
        "memory by reserved mapping",
        "import mmap\nmmap.mmap(-1, 1 << 46, flags=mmap.MAP_PRIVATE | 0x4000)",
        "memory",
        "error",
    ),
    ends(
        "memory by a decompressed bomb",
        "import zlib\nz = zlib.compressobj(1)\nbomb = b''.join(z.compress(bytes(1 << 20)) for _ in range(400)) + z.flush()\nzlib.decompress(bomb)",
        "memory",
    ),
    ends(
        "memory by a zip bomb",
        "import io, zipfile\nb = io.BytesIO()\nwith zipfile.ZipFile(b, 'w', 8, compresslevel=1) as z:\n    with z.open('x', 'w') as f:\n        for _ in range(400): f.write(bytes(1 << 20))\nzipfile.ZipFile(b).read('x')",
        "memory",
    ),
    ends(
        "memory by a key derivation",
        "import hashlib\nhashlib.scrypt(b'x', salt=b'y', n=1 << 20, r=64, p=1, maxmem=1 << 31)",
        "memory",
        "error",
    ),
    ends(
        "memory by laughing",
        "import xml.etree.ElementTree as e\nx = '<!DOCTYPE x [<!ENTITY a0 \"ha\">' + ''.join(f'<!ENTITY a{i} \"{f\"&a{i-1};\" * 20}\">' for i in range(1, 12)) + ']><x>&a11;</x>'\ne.fromstring(x)",
        "memory",
        "error",
        "timeout",
        seconds=3,
    ),
    ends(
        "memory in threads",
        "import threading\ndef f():\n    x = []\n    while True: x.append(bytearray(1 << 20))\nt = [threading.Thread(target=f) for _ in range(4)]\n[x.start() for x in t]\n[x.join() for x in t]\nbytearray(1 << 40)",
        "memory",
        "error",
    ),
    ends(
        "memory in an error",
        "class E(Exception):\n    def __str__(self): return 'x' * (1 << 40)\nraise E",
        "error",
        "memory",
    ),
    ends("recursion", "def f(): f()\nf()", "error"),
    ends(
        "recursion without a limit",
        "import sys\nsys.setrecursionlimit(10 ** 9)\ndef f(): f()\nf()",
        "error",
        "memory",
        "timeout",
        "killed",
        seconds=3,
    ),
    ends(
        "recursion in C",
        "import sys\nsys.setrecursionlimit(10 ** 6)\nx = []\nfor _ in range(10 ** 6): x = [x]\nrepr(x)",
        "error",
        "memory",
    ),
    ends("nested JSON", "import json\nx = []\nfor _ in range(100_000): x = [x]\njson.dumps(x)", "error"),
    ends("nested source", "eval('(' * 100_000 + ')' * 100_000)", "error", "memory"),
    ends(
        "nested source of another kind",
        "exec('if 1:\\n pass\\n' + 'elif 1:\\n pass\\n' * 20_000)",
        "error",
        "memory",
        "ok",
    ),
    ends(
        "threads",
        "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(99,), daemon=True).start()",
        "error",
        "memory",
        "timeout",
        seconds=3,
    ),
    ends("a bomb of processes", "import posix\nwhile True: posix.fork()", "error"),
    ends("stderr", "import os\nwhile True: os.write(2, b'x' * 65536)", "killed"),
    ends("empty lines", "while True: print('\\n' * 10_000)", "killed"),
    ends("one line without an end", "import sys\nwhile True: sys.stdout.write('x' * 65536)", "killed"),
    ends(
        "output at its end", "import atexit\ndef f():\n    while True: print('x' * 9999)\natexit.register(f)", "killed"
    ),
    ends(
        "output by a thread that stays",
        "import threading, os\ndef f():\n    while True: os.write(1, b'x' * 4096)\nthreading.Thread(target=f, daemon=True).start()\nwhile True: pass",
        "killed",
    ),
    ends(
        "faults told for ever",
        "import faulthandler\nfaulthandler.dump_traceback_later(0.001, repeat=True, file=1)\nwhile True: pass",
        "killed",
        "timeout",
        seconds=2,
    ),
    Attack(
        "a sparse file",
        "import os\nt = os.environ['TMPDIR'] + '/s'\ntry:\n    with open(t, 'wb') as f: f.truncate(1 << 40)\n    print('got through')\nexcept OSError: print('held')\n",
    ),
    Attack(
        "room reserved",
        "import os, posix\nf = posix.open(os.environ['TMPDIR'] + '/s', os.O_CREAT | os.O_RDWR)\ntry: posix.posix_fallocate(f, 0, 1 << 40); print('got through')\nexcept OSError: print('held')\n",
    ),
    ends(
        "the temporary folder full",
        "import os\nt = os.environ['TMPDIR']\nfor n in range(1000):\n    with open(f'{t}/{n}', 'wb') as f:\n        for _ in range(8): f.write(os.urandom(1 << 20))",
        "error",
        "killed",
    ),
    ends(
        "the temporary folder full, out of sight",
        "import os, posix\nfor n in range(60): posix.mkdir('d' * 200); posix.chdir('d' * 200)\n"
        if False
        else "import os, posix\nposix.chdir(os.environ['TMPDIR'])\nfor n in range(60): posix.mkdir('d' * 200); posix.chdir('d' * 200)\nn = 0\nwhile True:\n    f = posix.open(str(n), os.O_CREAT | os.O_WRONLY); n += 1\n    for _ in range(8): posix.write(f, os.urandom(1 << 20))\n    posix.close(f)",
        "error",
        "killed",
    ),
    ends(
        "thousands of empty files",
        "import os, posix\nfor n in range(30_000): posix.close(posix.open(f\"{os.environ['TMPDIR']}/{n}\", os.O_CREAT))",
        "ok",
        "timeout",
        "killed",
        seconds=5,
    ),
    ends(
        "folders in folders in folders",
        "import os, posix\nposix.chdir(os.environ['TMPDIR'])\nfor n in range(3000): posix.mkdir('d'); posix.chdir('d')\nposix.open('x', os.O_CREAT)",
        "ok",
        "killed",
    ),
    ends(
        "folders that nobody may enter",
        "import os, posix\nposix.chdir(os.environ['TMPDIR'])\nposix.mkdir('a'); posix.mkdir('a/b'); posix.open('a/b/x', os.O_CREAT)\nposix.mkdir('a/c', 0); posix.mkdir('z', 0)\nposix.umask(0o777); posix.mkdir('u'); posix.open('w', os.O_CREAT)",
        "ok",
        "killed",  # looked into while it ran: what nobody may enter might hold anything
    ),
    ends(
        "names that no terminal should see",
        "import os, posix\nfor n in (b'\\x1b]0;x\\x07', b'a\\nb', b'\\xff\\xfe', b'-rf', b'*', ' \\u202e'.encode(), b'x' * 255):\n    posix.close(posix.open(os.fsencode(os.environ['TMPDIR']) + b'/' + n, os.O_CREAT)); posix.mkdir(os.fsencode(os.environ['TMPDIR']) + b'/' + n[:250] + b'd')",
        "ok",
    ),
    ends(
        "links in the place of files",
        "import os, posix\nt = os.environ['TMPDIR']\nposix.symlink(SECRET_FOLDER, t + '/folder'); posix.symlink('.', t + '/loop'); posix.symlink(SECRET, t + '/file')",
        "ok",
    ),
    Attack("descriptors", "import os, posix\ntry:\n    while True: posix.dup(0)\nexcept OSError: print('held')\n"),
    ends(
        "descriptors, then an error",
        "import posix\ntry:\n    while True: posix.dup(0)\nexcept OSError: pass\nraise ValueError('told')",
        "error",
    ),
    ends(
        "memory, then an error",
        "x = []\ntry:\n    while True: x.append(bytearray(1 << 16))\nexcept MemoryError: pass\nraise ValueError('told')",
        "error",
        "memory",
    ),
    ends(
        "a lock on what the host reads",
        "import fcntl, os\nf = os.open(os.__file__, 0)\nfcntl.flock(f, fcntl.LOCK_EX)\nwhile True: pass",
        "timeout",
        "error",
        seconds=1,
    ),
    Attack(
        "input",
        "import sys\nassert sys.stdin.read() == ''\ntry: input(); print('got')\nexcept EOFError: print('held')\n",
    ),
    ends("a debugger that waits", "breakpoint()", "error", "ok"),
    ends("a password that is asked for", "import getpass\ngetpass.getpass()", "error"),
)
