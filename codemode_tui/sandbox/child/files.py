"""``open`` for the workspace: files read through ``read_file``, and sent through ``write_file`` when closed.

Bytes in memory under an ordinary ``TextIOWrapper``, so that encodings, line ends, seeking and errors
are those of any file. A file opened to append sends only what was added, to be put behind what the
file holds by then: somebody else may have written to it meanwhile.
"""

import io
from _thread import RLock  # one thread may come twice: a file can be collected, and so closed, at any moment
from _weakrefset import WeakSet  # without the rest of weakref

OPEN = WeakSet()
"""Files being written that nobody has closed yet."""
LOST = []
"""Errors of files that were collected before they were closed."""
SENDING = RLock()
"""Held from looking at a file on the host to writing it: nothing of another thread gets lost between the two."""
_listing = RLock()


class Reading(io.BytesIO):
    """A file opened for reading bytes."""

    def __init__(self, path, content, mode):
        super().__init__(content)
        self.name, self.mode = path, mode

    def writable(self):
        return False

    def write(self, data):
        raise io.UnsupportedOperation("not writable")

    def truncate(self, size=None):
        raise io.UnsupportedOperation("not writable")

    def readall(self):
        return self.read()

    def peek(self, size=0):
        return bytes(self.getbuffer()[self.tell() :])

    def fileno(self):
        raise no_descriptor()


class Writing(io.BytesIO):
    """Collects what is written and hands it to ``send(path, content, adds, known)`` on close: whole, or what it adds.

    ``known`` is what the file held when it was opened to be changed in places: it must hold that still.
    """

    def __init__(self, path, before, mode, send):
        super().__init__(before)
        self.name = self.path = path  # where it is to be found, and where a rename has put it since; None: nowhere
        self.mode, self._send = mode, send
        self.changed, self.flushed = "r" not in mode, False
        self._readable, self.appends, self.looked_at = "+" in mode, "a" in mode, False
        self._there = len(before) if self.appends else None  # bytes that the host has; None: all are to be sent
        self._known = before.decode() if "r" in mode else None
        self.seek(0, 2 if self.appends else 0)

    def readable(self):
        return self._readable

    def read(self, size=-1):
        if not self._readable:
            raise io.UnsupportedOperation("not readable")
        return super().read(size)

    def write(self, data):
        if self.appends:
            self.seek(0, 2)
        size = super().write(data)
        self.changed = True  # not before: a thread that sends the file at this moment has not seen the data
        return size

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def truncate(self, size=None):
        size, self._there = super().truncate(size), None
        self.changed = True
        return size

    def flush(self):
        super().flush()
        self.flushed = self.changed  # sent once somebody could see it, not now: each sending may ask the user
        if self.appends and not self.looked_at and any(raw.appends for raw in _writers(self.path) if raw is not self):
            self.sync()  # the other may add something, to be put behind it

    def close(self):
        if not self.closed:
            self.sync()
        super().close()

    def sync(self):
        """Send what has changed."""
        with SENDING:
            if self.changed and self.path is not None:
                self.changed = self.flushed = False
                data = self.getvalue()
                text = self._text(data[self._there :])
                self._send(self.path, text, self._there is not None, self._known)
                self._known = None if self._known is None else text
                self._there = len(data) if self.appends else None

    def size(self, now):
        """Bytes of the file once it is sent, if it has ``now`` bytes on the host."""
        size = len(self.getbuffer())
        return size if self._there is None else now + size - self._there

    def fileno(self):
        raise no_descriptor()

    def _text(self, data):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{self.path} was not written: write_file writes UTF-8 text, and this is not ({error.reason} at byte "
                f"{error.start}); run_command can write other files"
            ) from None

    def __del__(self):
        _close_at_last(self)


class Text(io.TextIOWrapper):
    """A text file that is written; one that is collected unclosed loses nothing silently."""

    def __del__(self):
        _close_at_last(self)


def opened(path, content, mode, encoding, errors, newline, send):
    """The file object of ``open(path, mode)``, for a file that holds the bytes ``content``."""
    reading = mode.replace("b", "").replace("t", "") == "r"
    raw = Reading(path, content, mode) if reading else Writing(path, content, mode, send)
    made = raw
    if "b" not in mode:
        made = (io.TextIOWrapper if reading else Text)(raw, encoding or "utf-8", errors, newline)
        made.mode = mode
    if not reading:
        with _listing:
            OPEN.add(made)
    return made


def sync(path, adding=False):
    """Before ``path`` is read: what this program has written to it, and not closed yet, is sent.

    Who only wants to add to the file need not see what others are going to add: the half line of another
    thread stays with its other half, as in any buffered file.
    """
    for file in _unclosed():
        raw = getattr(file, "buffer", file)
        if raw.path == path and not (adding and raw.appends):
            _drain(file)
            raw.sync()
    if adding:
        sync_flushed(path)


def sync_flushed(path=None):
    """Before something looks at the workspace: what this program has flushed is sent, of every file or of one."""
    for file in _unclosed():
        raw = getattr(file, "buffer", file)
        if raw.flushed and path in (None, raw.path):
            raw.sync()


def renamed(old, new):
    """What is still open of a file that has another name now goes there."""
    with SENDING:
        for raw in _writers(old):
            raw.path = new


def removed(path):
    """What is still open of a file that is gone goes nowhere."""
    renamed(path, None)


def size_of(path, now):
    """Bytes of ``path``, which has ``now`` on the host, once all is sent; None if there is nothing to send."""
    size = None
    for file in _unclosed():
        raw = getattr(file, "buffer", file)
        if raw.path == path:
            flushed, raw.looked_at = raw.flushed, True
            _drain(file)
            raw.flushed, raw.looked_at = flushed, False  # to be looked at is not to be flushed
            if raw.changed:
                now = size = raw.size(now)
    return size


def _writers(path):
    return [raw for file in _unclosed() if (raw := getattr(file, "buffer", file)).path == path]


def _unclosed():
    with _listing:  # other threads open files meanwhile
        return [file for file in OPEN if not file.closed]


def _drain(file):
    """Hand what a text file still holds back down to its bytes."""
    try:
        file.flush()
    except ValueError:
        if not file.closed:  # by another thread, just now
            raise


def close_all():
    """Write what is still open, as an interpreter does at its end.

    Raises:
        Exception: the first file that could not be written.
    """
    for file in _unclosed():
        _close_at_last(file)
    if LOST:
        raise LOST[0]


def no_descriptor():
    return OSError("a workspace file has no descriptor here; use read_file and write_file")


def _close_at_last(file):
    try:
        file.close()
    except Exception as error:
        LOST.append(error)  # it cannot be raised here; ``close_all`` does
