"""Halves of characters: a server may cut one beyond U+FFFF into two escapes of JSON. UTF-8 has no bytes for a half."""

from __future__ import annotations

import codecs
import json
from typing import Any


class Halves:
    """Joins the halves in text that streams; one that never meets its other becomes U+FFFD."""

    def __init__(self) -> None:
        # UTF-16 writes such characters in the very halves that JSON does, so its decoder knows which wait for another.
        self._decoder = codecs.getincrementaldecoder("utf-16-le")("replace")

    def feed(self, text: str) -> str:
        """``text`` with what was held back; a first half at its end waits for the next text."""
        return self._decoder.decode(text.encode("utf-16-le", "surrogatepass"))

    def flush(self) -> str:
        """What is held back still, as U+FFFD."""
        return self._decoder.decode(b"", final=True)


def without_halves(text: str) -> str:
    """``text`` that has come to its end, likewise."""
    halves = Halves()
    return halves.feed(text) + halves.flush()


def whole(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """A JSON value, likewise in each of its texts and keys."""
    text = json.dumps(value, ensure_ascii=False)
    mended = without_halves(text)
    return value if mended == text else json.loads(mended)
