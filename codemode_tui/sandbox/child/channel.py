"""The child's end of the RPC: frames on one socket, calls by id, results in pieces."""

import errno
import os
import struct

from wire import Condition, allocate_lock, dumps, loads

PIECE = 200_000
"""Characters of JSON text in one frame: well below the host's frame limit, whatever the escapes."""
MOST = 80 * 1024 * 1024
"""Characters of JSON of one call's arguments: more end the run on the host, so that the code is told here."""
LENGTH = struct.Struct("<I")
ERRNO = {
    "FileNotFoundError": errno.ENOENT,
    "PermissionError": errno.EACCES,
    "FileExistsError": errno.EEXIST,
    "NotADirectoryError": errno.ENOTDIR,
    "IsADirectoryError": errno.EISDIR,
}

PATHS = {
    **dict.fromkeys(("read_file", "write_file", "delete_file", "file_info", "list_directory", "glob_files"), (0,)),
    "move_file": (0, 1), "search_files": (1,), "run_command": (2,),
}  # fmt: skip
"""Arguments that are paths, by their places."""
NAMED = {"path", "new_path", "cwd"}


class Channel:
    """Thread-safe: whoever waits for a result reads frames for all who wait."""

    def __init__(self, fd):
        self._fd = fd
        self._send_lock = allocate_lock()
        self._state = Condition()
        self._reading = False
        self._pieces = {}
        self._results = {}
        self._next = 1
        self._here = os.getcwd()

    def send(self, frame):
        data = dumps(frame).encode()
        view = memoryview(LENGTH.pack(len(data)) + data)
        while view:
            view = view[os.write(self._fd, view) :]

    def receive(self):
        """The next frame. The host closing its end ends this process."""
        (length,) = LENGTH.unpack(self._exactly(LENGTH.size))
        return loads(self._exactly(length).decode("utf-8", "surrogatepass"))

    def call(self, name, args, kwargs):
        """Call a tool on the host and wait for its result; other threads may call meanwhile."""
        return self.end(self.begin(name, args, kwargs))

    def begin(self, name, args, kwargs):
        """Call a tool on the host; returns the number of the call."""
        if name in PATHS:  # what `os.path.abspath` made of a path below the workspace means the workspace
            args = [self._inside(one) if at in PATHS[name] else one for at, one in enumerate(args)]
            named = NAMED | {"pattern"} if name == "glob_files" else NAMED
            kwargs = {key: self._inside(one) if key in named else one for key, one in kwargs.items()}
        text = dumps([list(args), kwargs], default=_plain, ensure_ascii=False)
        if len(text) > MOST:
            raise ValueError(
                f"the arguments of {name} have {len(text):,} characters as JSON; {MOST:,} may be sent in one call"
            )
        with self._send_lock:
            number = self._next
            self._next += 1
            for at in range(0, len(text), PIECE):
                self.send({"op": "part", "id": number, "text": text[at : at + PIECE]})
            self.send({"op": "call", "id": number, "name": name})
        return number

    def end(self, number):
        """Wait for the result of a call."""
        kind, value = self._wait(number)
        if kind == "error":
            raise error(*value)
        try:
            text = "".join(value)
            return text if kind == "text" else loads(text, object_hook=Record)
        except MemoryError:  # one emoji makes each character of a text take four bytes
            raise ValueError(
                "the result is larger than the memory of this run; read it in pieces with read_file(path, start, lines)"
            ) from None

    def cancel(self, number):
        """The host ends the call with an error, unless it has ended already."""
        with self._send_lock:
            self.send({"op": "cancel", "id": number})

    def _inside(self, path):
        """``path``, relative to the current folder if it is an absolute one below it."""
        text = os.fspath(path) if isinstance(path, os.PathLike) else path
        if isinstance(text, str) and f"{text}/".startswith(f"{self._here}/"):
            return text[len(self._here) + 1 :] or "."
        return path

    def _wait(self, number):
        with self._state:
            while number not in self._results:
                if self._reading:
                    self._state.wait()
                    continue
                self._reading = True
                self._state.release()
                try:
                    frame = self.receive()
                finally:
                    self._state.acquire()
                    self._reading = False
                    self._state.notify_all()
                self._take(frame)
            return self._results.pop(number)

    def _take(self, frame):
        number = frame["id"]
        if frame["op"] == "part":
            self._pieces.setdefault(number, []).append(frame["text"])
        elif frame["op"] in ("result", "text"):
            self._results[number] = frame["op"], self._pieces.pop(number, [])
        else:
            self._pieces.pop(number, None)
            self._results[number] = "error", (frame["type"], frame["message"], frame.get("errno"))

    def _exactly(self, size):
        parts = []
        while size:
            data = os.read(self._fd, min(size, 1 << 20))
            if not data:
                os._exit(97)
            parts.append(data)
            size -= len(data)
        return b"".join(parts)


class Record(dict):
    """A dict of a tool's result; its keys can be read as attributes, too."""

    __slots__ = ()

    def __getattr__(self, name):
        try:
            return self[name]
        except KeyError:
            raise AttributeError(f"there is no {name!r}; there are {', '.join(map(str, self))}") from None


def _plain(value):
    """What ordinary code passes where text or a list is meant: paths, tuples' cousins."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, (bytes, bytearray)):
        raise TypeError("tools take text, not bytes; decode it first")
    if isinstance(value, (set, frozenset)) or hasattr(value, "__next__"):
        return list(value)
    raise TypeError(f"tools take text, numbers, lists and dicts, not {type(value).__name__}")


def error(kind, message, number=None):
    """The exception of a failed tool: of the same built-in type, with the same message."""
    import builtins

    found = getattr(builtins, kind, None)
    if not (isinstance(found, type) and issubclass(found, Exception)):
        return RuntimeError(f"{kind}: {message}")
    if found is UnicodeDecodeError:
        return found("utf-8", b"", 0, 1, message)
    try:
        made = found(message)
    except TypeError:  # it is made of more than a message
        return RuntimeError(f"{kind}: {message}")
    if isinstance(made, OSError):
        made.errno = number or ERRNO.get(kind)  # pathlib and others decide by the number
    return made
