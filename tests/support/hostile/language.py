"""The interpreter turned against its own program: nothing of it may matter to the host."""

from __future__ import annotations

from support.hostile.attack import Attack, ends

_FRAMES = "import sys, gc\nchannels = [o for o in gc.get_objects() if type(o).__name__ == 'Channel']\n"

LANGUAGE: tuple[Attack, ...] = (
    ends("a crash", "import ctypes\nctypes.string_at(0)", "error"),
    ends(
        "a crash by bytecode",
        "f = lambda: 1\nf.__code__ = f.__code__.replace(co_code=bytes([100, 200] * 50))\nf()",
        "error",
        "ok",
    ),
    ends(
        "a crash by marshal",
        "import marshal\nfor n in range(256):\n    try: exec(marshal.loads(bytes([0xe3]) + bytes([n]) * 300))\n    except Exception: pass",
        "ok",
        "error",
        "memory",
    ),
    ends("abort", "import os\nos.abort()", "error"),
    ends("an alarm", "import signal, time\nsignal.alarm(1)\ntime.sleep(9)", "error"),
    ends("a signal to itself", "import os\nos.kill(os.getpid(), 9)", "killed", "error"),
    ends("leaving without a word", "import os\nprint('x', flush=True)\nos._exit(7)", "error"),
    ends("leaving through libc", "import ctypes\nctypes.CDLL(None)._exit(0)", "ok"),
    ends("an exit code beyond all codes", "raise SystemExit(10 ** 4000)", "error", "ok"),
    ends("builtins gone", "import builtins\nfor name in list(vars(builtins)): delattr(builtins, name)", "ok", "error"),
    ends("modules gone", "import sys\nsys.modules.clear()\nraise ValueError", "error"),
    ends(
        "modules poisoned",
        "import sys\nfor name in ('traceback', 'json', 'linecache', 'asyncio', 'threading'):\n    sys.modules[name] = 1\nraise ValueError('told')",
        "error",
        "killed",
    ),
    ends(
        "a finder that lies",
        "import sys\nclass F:\n    def find_spec(self, *a): raise SystemExit('gotcha')\nsys.meta_path.insert(0, F())\nraise ValueError",
        "error",
    ),
    ends(
        "print and exit replaced",
        "import builtins, os, sys\nbuiltins.print = os._exit = os.write = sys.exit = None",
        "ok",
        "error",
        "killed",
    ),
    ends("the end held up", "import os\nos._exit = lambda code: None", "ok", "killed"),
    ends(
        "standard streams closed",
        "import os, sys\nsys.stdout.close(); sys.stderr.close()\nfor n in (0, 1, 2): os.close(n)",
        "ok",
        "error",
    ),
    ends(
        "standard streams replaced",
        "import sys\nsys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = None\nprint('x')\nraise ValueError",
        "error",
    ),
    ends(
        "all descriptors closed",
        "import os\nos.closerange(0, 100)\nwhile True: pass",
        "killed",
        "error",
        "timeout",
        seconds=3,
    ),
    ends(
        "a pickle",
        "import pickle\npickle.loads(b\"cposix\\nsystem\\n(S'touch /tmp/x'\\ntR.\")\npickle.loads(b'cos\\nsystem\\n(S\\'true\\'\\ntR.')",
        "ok",
        "error",
    ),
    ends(
        "an error that cannot be told",
        "class E(Exception):\n    def __str__(self): raise ValueError\n    __repr__ = __str__\nraise E",
        "error",
    ),
    ends("an error of many megabytes", "raise ValueError('x' * (50 << 20))", "error", "memory"),
    ends("an error with a name of megabytes", "raise type('E' * (5 << 20), (Exception,), {})", "error"),
    ends(
        "an error with a name for terminals",
        "raise type('\\x1b]52;c;eA==\\x07\\u202e', (Exception,), {})('\\x1b[2J\\x9b31m')",
        "error",
    ),
    ends("a surrogate in an error", "raise ValueError('\\ud800' * 10)", "error"),
    ends("a surrogate printed", "print('\\ud800')", "error"),
    ends(
        "a chain of errors",
        "e = None\nfor n in range(20_000):\n    n = ValueError(n); n.__context__ = e; e = n\nraise e",
        "error",
    ),
    ends("a circle of errors", "a, b = ValueError(), ValueError()\na.__cause__, b.__cause__ = b, a\nraise a", "error"),
    ends("groups in groups", "e = ValueError()\nfor _ in range(5000): e = ExceptionGroup('x', [e])\nraise e", "error"),
    ends(
        "a long traceback",
        "import sys\nsys.setrecursionlimit(50_000)\ndef f(n): return f(n + 1) if n < 20_000 else 1 / 0\nf(0)",
        "error",
        "memory",
    ),
    ends("a line that lies", "exec(compile('\\n' * 9_999_999 + '1/0', '<code>', 'exec'))", "error"),
    ends("an interrupt", "raise KeyboardInterrupt", "error"),
    ends(
        "interrupts in its end",
        "import signal, _thread\ndef f(*a): raise KeyboardInterrupt\nsignal.signal(signal.SIGALRM, f)\nsignal.setitimer(signal.ITIMER_REAL, 0.001, 0.0001)\nwhile True: pass",
        "error",
        "killed",
        "timeout",
        seconds=3,
    ),
    ends(
        "an end in its end",
        "import atexit, os\natexit.register(lambda: os._exit(0))\natexit.register(lambda: 1 / 0)\nraise ValueError",
        "ok",
        "error",
    ),
    ends(
        "hooks for errors",
        "import sys, threading\nsys.excepthook = threading.excepthook = sys.unraisablehook = lambda *a: 1 / 0\nraise ValueError",
        "error",
    ),
    ends(
        "source that hides its lines",
        "import linecache\nlinecache.cache['<code>'] = (1, None, ['\\x1b[2J'], '<code>')\n1/0",
        "error",
    ),
    ends(
        "a program of its own",
        "import sys\nsys.modules['__main__'].__builtins__ = {}\n__builtins__.clear() if isinstance(__builtins__, dict) else None\nimport types\nexec('1/0', {})",
        "error",
    ),
    ends("nul and broken text", "import os\nos.write(1, b'\\x00\\xff\\xfe\\x80abc\\xf0\\x9f')", "ok"),
    ends(
        "every control character",
        "import sys\nsys.stdout.buffer.write(bytes(range(256)) * 4)\nprint(''.join(map(chr, range(0x80, 0x2100))))",
        "ok",
    ),
    ends(
        "orders to the terminal",
        "print('\\x1b]52;c;aGk=\\x07\\x1b]0;title\\x1b\\\\\\x1bP+q\\x1b\\\\\\x1b[?1049h\\x1b[6n\\x9b2J\\x1bc\\x90q\\x9c')\nimport sys\nprint('\\x1b[2J', file=sys.stderr)",
        "ok",
    ),
    ends("text that turns round", "print('\\u202eabc\\u2066\\u200b\\ufeff\\U000e0041')", "ok"),
    ends("a name for this program", "import ctypes\nctypes.CDLL(None).prctl(15, b'systemd\\x1b[2J', 0, 0, 0)", "ok"),
    Attack(
        "code that stays for the next run",
        "import os\np = os.environ['TMPDIR'] + '/left'\nif os.path.exists(p): print('got through')\n"
        "open(p, 'w').write('x'); import builtins; builtins.open = None\nprint('held')\n",
    ),
    ends(
        "the channel, found in memory",
        _FRAMES
        + "channels[0].send({'op': 'ready', 'nonce': '0', 'layers': ['seccomp', 'rlimits', 'landlock']})\nwhile True: pass",
        "killed",
    ),
    ends(
        "the channel, found by its frames",
        "import sys\nf = sys._getframe()\nwhile f and 'channel' not in f.f_locals: f = f.f_back\nf.f_locals['channel'].send({'op': 'exec', 'code': '1'})\nwhile True: pass",
        "killed",
    ),
    ends(
        "the child's own functions replaced",
        "import sys\nfor m in list(sys.modules.values()):\n    for name in ('told', 'failed', 'leave', 'dumps', 'finish'):\n        if hasattr(m, name): setattr(m, name, lambda *a: {'status': 'ok', 'exit_code': 0, 'exception': None, 'op': 'boom'})",
        "ok",
        "error",
        "killed",
    ),
    ends(
        "spare memory taken",
        _FRAMES
        + "import __main__\nfor m in list(sys.modules.values()):\n    if hasattr(m, 'spare'): m.spare = None\nraise ValueError('told')",
        "error",
    ),
    Attack(
        "a tool that is not there",
        "for name in ('launch', '__class__', '', 'echo\\x1b[2J', 'x' * 100_000):\n    try: globals()[name]()\n    except KeyError: pass\nprint('held')\n",
    ),
    Attack(
        "the host's name in a tool's arguments",
        "for a in ({'__class__': 'x'}, [[[[]]]] , '\\x1b[2J\\ud800', 1e308, -0.0, None, True, 10 ** 300, ''):\n"
        "    assert echo(a) in (a, None, [[[[]]]]), a\n"
        "for a in (print, b'x', object(), {1: object()}, float('nan')):\n"
        "    try: echo(a)\n    except (TypeError, ValueError): pass\nprint('held')\n",
    ),
)
