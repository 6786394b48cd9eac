"""``open`` for the workspace: files read through ``read_file``, and sent through ``write_file`` when closed.

Bytes in memory under an ordinary ``TextIOWrapper``, so that encodings, line ends, seeking and errors
are those of any file.
"""

import io
from _weakrefset import WeakSet  # without the rest of weakref

OPEN = WeakSet()
"""Files being written that nobody has closed yet."""
LOST = []
"""Errors of files that were collected before they were closed."""


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

    def fileno(self):
        raise no_descriptor()


class Writing(io.BytesIO):
    """Collects what is written and hands it to ``send(path, content)`` as a whole on close."""

    def __init__(self, path, before, mode, send):
        super().__init__(before)
        self.name, self.mode, self._send = path, mode, send
        self._changed = "r" not in mode
        self._readable, self._appends = "+" in mode, "a" in mode
        self.seek(0, 2 if self._appends else 0)

    def readable(self):
        return self._readable

    def read(self, size=-1):
        if not self._readable:
            raise io.UnsupportedOperation("not readable")
        return super().read(size)

    def write(self, data):
        self._changed = True
        if self._appends:
            self.seek(0, 2)
        return super().write(data)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def truncate(self, size=None):
        self._changed = True
        return super().truncate(size)

    def close(self):
        if not self.closed:
            self.sync()
        super().close()

    def sync(self):
        """Send what has changed."""
        if self._changed:
            self._changed = False
            self._send(self.name, self._text())

    def fileno(self):
        raise no_descriptor()

    def _text(self):
        try:
            return self.getvalue().decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(
                f"{self.name} was not written: write_file writes UTF-8 text, and this is not ({error.reason} at byte "
                f"{error.start})"
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
        OPEN.add(made)
    return made


def sync(path):
    """Before ``path`` is read: what this program has written to it, and not closed yet, is sent."""
    for file in list(OPEN):
        if not file.closed and file.name == path:
            file.flush()
            getattr(file, "buffer", file).sync()


def size_of(path):
    """Bytes of what this program has written to ``path`` and not sent yet; None if there is no such file."""
    for file in list(OPEN):
        if not file.closed and file.name == path:
            file.flush()
            raw = getattr(file, "buffer", file)
            if raw._changed:
                return len(raw.getbuffer())
    return None


def close_all():
    """Write what is still open, as an interpreter does at its end.

    Raises:
        Exception: the first file that could not be written.
    """
    for file in list(OPEN):
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
