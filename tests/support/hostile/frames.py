"""The wire between the program and the host, written by hand."""

from __future__ import annotations

from support.hostile.attack import Attack, ends

_WIRE = """\
import json, os, stat, struct, sys
def is_socket(n):
    try: return stat.S_ISSOCK(os.fstat(n).st_mode)
    except OSError: return False
fd = next(n for n in range(3, 4096) if is_socket(n))
def raw(data):
    view = memoryview(data)
    while view: view = view[os.write(fd, view):]
def frame(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    raw(struct.pack("<I", len(data)) + data)
def call(number, name, *args):
    frame({"op": "part", "id": number, "text": json.dumps([list(args), {}])})
    frame({"op": "call", "id": number, "name": name})
"""
_STAY = "while True: pass"
_DONE = '{"op": "done", "status": "ok", "exit_code": 0, "exception": None}'

_BROKEN = {
    "a length beyond all": "raw(b'\\xff' * 4)",
    "a length of four megabytes and one": "raw(struct.pack('<I', (4 << 20) + 1) + b'x')",
    "text that is not UTF-8": "frame(b'{\"op\": \"call\\xff\"}')",
    "UTF-16": "frame(json.dumps({'op': 'done'}).encode('utf-16'))",
    "a surrogate, encoded": "frame(b'\"\\xed\\xa0\\x80\"')",
    "no JSON": "frame(b'{')",
    "two values in one": "frame(b'{} {}')",
    "a list": "frame([1])",
    "nothing": "frame(b'')",
    "a number of five thousand digits": "frame(b'{\"op\": \"call\", \"id\": ' + b'1' * 5000 + b', \"name\": \"echo\"}')",
    "a hundred thousand brackets": "frame(b'[' * 100_000)",
    "arguments of a hundred thousand brackets": "frame({'op': 'part', 'id': 1, 'text': '[' * 100_000}); frame({'op': 'call', 'id': 1, 'name': 'echo'})",
    "an unknown kind": "frame({'op': 'exec', 'code': '1'})",
    "a kind that is no text": "frame({'op': ['call']})",
    "another READY": "frame({'op': 'ready', 'nonce': '0' * 32, 'layers': ['landlock7', 'seccomp', 'rlimits']})",
    "a call without arguments": "frame({'op': 'call', 'id': 1, 'name': 'echo'})",
    "a name that is a number": "frame({'op': 'part', 'id': 1, 'text': '[[],{}]'}); frame({'op': 'call', 'id': 1, 'name': 5})",
    "a number that is true": "frame({'op': 'call', 'id': True, 'name': 'echo'})",
    "a number that is half": "frame({'op': 'call', 'id': 0.5, 'name': 'echo'})",
    "a number below zero": "call(-1, 'echo')",
    "a number twice": "call(5, 'echo'); call(5, 'echo')",
    "numbers that go down": "call(5, 'echo'); call(4, 'echo')",
    "pieces of a thousand calls": "[frame({'op': 'part', 'id': n, 'text': 'x'}) for n in range(1, 1000)]",
    "pieces without end": "text = 'x' * 1_000_000\nwhile True: frame({'op': 'part', 'id': 1, 'text': text})",
    "arguments of a million parts": "frame({'op': 'part', 'id': 1, 'text': '[[' + '[],' * 1_200_000 + '0],{}]'}); frame({'op': 'call', 'id': 1, 'name': 'echo'})",
    "arguments of the wrong shape": "frame({'op': 'part', 'id': 1, 'text': '{}'}); frame({'op': 'call', 'id': 1, 'name': 'echo'})",
    "an end that is none": "frame({'op': 'done', 'status': 'denied', 'exit_code': 0})",
    "an exit code of its own": "frame({'op': 'done', 'status': 'ok', 'exit_code': 1 << 40, 'exception': None})",
    "an exit code that is a text": "frame({'op': 'done', 'status': 'ok', 'exit_code': '0', 'exception': None})",
    "an error that is none": "frame({'op': 'done', 'status': 'error', 'exit_code': 1, 'exception': {'type': 1}})",
    "an error on line minus one": "frame({'op': 'done', 'status': 'error', 'exit_code': 1, 'exception': {'type': 'E', 'message': '', 'traceback': '', 'line': -1}})",
    "calls without end": "n = 0\nwhile True: n += 1; call(n, 'echo', 'x')",
    "tools called without end": "while True: echo(1)",
    "giving up calls that never were": "n = 0\nwhile True: n += 1; frame({'op': 'cancel', 'id': n}); call(n, 'echo', 1)",
}  # fmt: skip
_ENDS = {
    "half a frame, then nothing": ("raw(b'\\x10\\x00')\n" + _STAY, ("timeout", "killed"), 1.0),
    "half a body, then nothing": ("raw(struct.pack('<I', 100) + b'{')\n" + _STAY, ("timeout", "killed"), 1.0),
    "half a frame, then the end": ("raw(struct.pack('<I', 100) + b'{')\nos._exit(0)", ("killed", "ok", "error"), 5.0),
    "done, and on it goes": (f"frame({_DONE})\n{_STAY}", ("ok",), 20.0),
    "done twice": (f"frame({_DONE}); frame({_DONE}); frame(b'{{')\n{_STAY}", ("ok",), 20.0),
    "done, then a call": (f"frame({_DONE}); call(1, 'echo', 1)\n{_STAY}", ("ok",), 20.0),
    "done and no exit code": ("frame({'op': 'done', 'status': 'ok'})\n" + _STAY, ("ok", "killed"), 20.0),
    "an error that never was": (
        "frame({'op': 'done', 'status': 'error', 'exit_code': 1, 'exception': {'type': '\\x1b[2J\\ud800', 'message': "
        "'\\u202e', 'traceback': 'x' * 3_000_000, 'line': 5}})\n" + _STAY, ("error",), 20.0,
    ),
    "the socket shut": ("import socket\nsocket.socket(fileno=fd).shutdown(2)\n" + _STAY, ("killed", "timeout"), 3.0),
    "the socket closed": ("os.close(fd)\n" + _STAY, ("killed", "timeout"), 3.0),
    "the socket closed, then a tool": ("os.close(fd)\necho(1)", ("killed", "error"), 5.0),
    "the socket in the place of stdout": ("os.dup2(fd, 1)\nprint('x' * 100)\n" + _STAY, ("killed",), 5.0),
    "stdout in the place of the socket": ("os.dup2(1, fd)\necho(1)\n" + _STAY, ("ok", "killed", "error", "timeout"), 3.0),
    "the socket read by someone else": ("call(1, 'echo', 1)\nimport _thread\ndone = _thread.allocate_lock(); done.acquire()\n_thread.start_new_thread(lambda: (os.read(fd, 3), done.release()), ())\ndone.acquire()\necho(2)", ("timeout", "killed", "error"), 1.0),
    "calls without end whose results nobody reads": ("n = 0\nwhile True: n += 1; call(n, 'echo', 'x' * 100_000)", ("timeout", "killed"), 2.0),
    "a memory of frames": ("raw(struct.pack('<I', 4 << 20))\nwhile True: raw(b' ' * 4096)", ("killed", "timeout"), 3.0),
}  # fmt: skip

FRAMES: tuple[Attack, ...] = (
    *(ends(f"frame: {name}", f"{_WIRE}{body}\n{_STAY}", "killed", seconds=20) for name, body in _BROKEN.items()),
    *(ends(f"wire: {name}", _WIRE + body, *how, seconds=seconds) for name, (body, how, seconds) in _ENDS.items()),
    Attack(
        "wire: descriptors sent to the host",
        _WIRE + "import array, socket\ns = socket.socket(fileno=fd)\n"
        "data = json.dumps({'op': 'part', 'id': 1, 'text': '[[1],{}]'}).encode()\n"
        "s.sendmsg([struct.pack('<I', len(data)) + data], [(1, 1, array.array('i', [1] * 200))])\n"
        "frame({'op': 'call', 'id': 1, 'name': 'echo'})\nprint('held')\n",
    ),
    Attack("wire: a name of a megabyte", _WIRE + "call(1, 'x' * 1_000_000)\nprint('held')\n"),
    Attack("wire: a name for terminals", _WIRE + "call(1, '\\x1b]0;x\\x07\\n')\nprint('held')\n"),
)
