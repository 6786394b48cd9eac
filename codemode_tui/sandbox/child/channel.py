"""The child's end of the RPC: frames on one socket, calls by id, results in pieces."""

import errno
import os
import struct
from _thread import allocate_lock  # without what the package `threading` imports

from wire import dumps, loads

PIECE = 200_000
"""Characters of JSON text in one frame: well below the host's frame limit, whatever the escapes."""
MOST = 80 * 1024 * 1024
"""Characters of JSON of one call's arguments: more end the run on the host, so that the code is told here."""
LENGTH = struct.Struct("<I")
LOOK_AGAIN_SECONDS = 1.0
TOO_LARGE = "the result is larger than the memory of this run; read it in pieces with read_file(path, start, lines)"
ERRNO = {
    "FileNotFoundError": errno.ENOENT,
    "PermissionError": errno.EACCES,
    "FileExistsError": errno.EEXIST,
    "NotADirectoryError": errno.ENOTDIR,
    "IsADirectoryError": errno.EISDIR,
}

PATHS = {
    **dict.fromkeys(("read_file", "write_file", "delete_file", "file_info", "list_directory", "glob_files"), (0,)),
    **dict.fromkeys(("git_status", "git_diff", "git_log", "ruff_check", "pytest_run", "typecheck"), (0,)),
    "move_file": (0, 1), "search_files": (1, 2), "run_command": (2,),
}  # fmt: skip
"""Arguments that are paths, by their places."""
NAMED = {"path", "new_path", "cwd", "glob"}


class Channel:
    """Thread-safe: whoever waits for a result reads frames for all who wait.

    An exception may come at any call in here: the handler of a signal raises, memory is used up. What was read and
    written by then is kept in the object, and so is not lost to whoever comes next. It gets there by functions in C,
    or by assignments that are one statement without a call: between these no handler runs.
    """

    def __init__(self, fd):
        self._fd = fd
        self._send_lock = allocate_lock()
        self._out, self._sent = b"", []  # a frame, and of how many bytes of it each write was
        self._parts = []  # of a frame that is being read
        self._lock = allocate_lock()
        self._reading = False
        self._waiting = []  # locks of those who wait for whoever reads
        self._pieces = {}  # of results that are coming
        self._results = {}
        self._dropped = set()  # calls whose results are not kept
        self._open = set()  # calls that the host has not ended
        self._next = 1
        self._here = os.getcwd()

    def send(self, frame):
        with self._send_lock:
            self._put(frame)

    def _put(self, frame):
        data = dumps(frame).encode()
        self._write()
        self._out, self._sent = LENGTH.pack(len(data)) + data, []
        try:
            self._write()
        finally:
            self._write()  # the host does not wait long for the rest of a frame

    def receive(self):
        """The next frame. The host closing its end ends this process."""
        frame = self._frame()
        self._parts = []
        return frame

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
        if name == "run_command" and self._here != "/workspace" and len(args) < 3 and not kwargs.get("cwd"):
            # Commands run in the workspace itself, and find no folder of that name.
            text = text.replace(f"{self._here}/", "./").replace(self._here, ".")
        if len(text) > MOST:
            raise ValueError(
                f"the arguments of {name} have {len(text):,} characters as JSON; {MOST:,} may be sent in one call"
            )
        with self._send_lock:
            number = self._next
            self._next += 1
            for at in range(0, len(text), PIECE):
                self._put({"op": "part", "id": number, "text": text[at : at + PIECE]})
            self._open.add(number)
            self._put({"op": "call", "id": number, "name": name})
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
            value = text = None  # the traceback would keep them
            raise ValueError(TOO_LARGE) from None

    def cancel(self, number):
        """The host ends the call with an error, unless it has ended already."""
        self.send({"op": "cancel", "id": number})

    def leave(self):
        """Once all is said: take what the host may still be sending, until it ends this process.

        A connection that is closed with something unread in it is reset, and what was said last is lost.
        """
        while self._open and os.read(self._fd, 1 << 20):
            pass

    def _inside(self, path):
        """``path``, relative to the current folder if it is an absolute one below it."""
        text = os.fspath(path) if isinstance(path, os.PathLike) else path
        if isinstance(text, str) and f"{text}/".startswith(f"{self._here}/"):
            return text[len(self._here) + 1 :] or "."
        return path

    def _wait(self, number):
        try:
            while number not in self._results:
                self._read_or_wait(number)
            return self._results.pop(number)
        except BaseException:
            self._dropped.add(number)  # nobody will ask for it again
            self._pieces.pop(number, None)
            raise

    def _read_or_wait(self, number):
        """Take one frame, or wait for somebody else to have done so, unless the result has come meanwhile."""
        reads = False
        try:
            with self._lock:
                if number in self._results:
                    return
                if not self._reading:
                    self._reading = reads = True
                else:
                    mine = allocate_lock()
                    mine.acquire()
                    self._waiting.append(mine)
            if reads:
                self._take(self._frame())
            else:
                mine.acquire(True, LOOK_AGAIN_SECONDS)  # an exception may keep the reader from what it does at last
        except MemoryError:
            if not self._drop_largest():
                raise
        finally:
            if reads:
                self._reading = False
                with self._lock:
                    waiting, self._waiting = self._waiting, []
                for one in waiting:
                    one.release()

    def _take(self, frame):
        """Put a frame where it belongs, once: in the same statement it is forgotten."""
        number, kind = frame["id"], frame["op"]
        into, value = self._results, (kind, self._pieces.get(number, ()))
        if kind == "error":
            value = kind, (frame["type"], frame["message"], frame.get("errno"))
        elif number in self._dropped:
            into, value = (self._results if kind != "part" else {}), ("error", ("ValueError", TOO_LARGE))
        elif kind == "part":
            into, value = self._pieces, (*value[1], frame["text"])
        into[number], self._parts = value, []
        if into is self._results:
            self._pieces.pop(number, None)
            self._open.discard(number)

    def _drop_largest(self):
        """Make room: of the results that are coming, the one with the most pieces will be an error. False if none is.

        Its frames come all the same, and must be read: others stand behind them.
        """
        coming = list(self._pieces.items())
        if not coming:
            return False
        number = max(coming, key=lambda one: len(one[1]))[0]
        self._dropped.add(number)
        self._pieces.pop(number, None)
        return True

    def _frame(self):
        """The frame that comes next, which is so until ``_parts`` are empty."""
        while size := self._lacking():
            self._parts.extend(map(os.read, (self._fd,), (min(size, 1 << 20),)))
            if not self._parts[-1]:
                os._exit(97)
        return loads(str(memoryview(b"".join(self._parts))[LENGTH.size :], "utf-8", "surrogatepass"))

    def _lacking(self):
        """Bytes of the frame that have not come: of its length first, then of the rest."""
        there = sum(map(len, self._parts))
        if there < LENGTH.size:
            return LENGTH.size - there
        head = b"".join([part[: LENGTH.size] for part in self._parts[: LENGTH.size]])
        return LENGTH.size + LENGTH.unpack_from(head)[0] - there

    def _write(self):
        """Whatever is left of the last frame."""
        while (done := sum(self._sent)) < len(self._out):
            self._sent.extend(map(os.write, (self._fd,), (memoryview(self._out)[done:],)))


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
