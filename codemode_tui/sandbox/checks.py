"""Code before it is shown: one spelling, nothing hidden. What passes here is shown, hashed and run as it is."""

from __future__ import annotations

import io
import re
import tokenize
import unicodedata

MAX_BYTES = 64 * 1024

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile(
    "[\u00ad\u115f\u1160\u180e\u200b-\u200d\u2060-\u2064\u3164\ufe00-\ufe0d\ufeff\uffa0\U000e0000-\U000e0fff]"
    "|(?<![\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff])[\ufe0e\ufe0f](?!\u20e3)"  # of no emoji
)
_BLANK = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


class CodeRejected(ValueError):
    """The code holds something that no display can show honestly; it is never run."""

    def __init__(self, why: str, line: int | None = None) -> None:
        super().__init__(f"{why} (line {line})" if line else why)
        self.why = why
        self.line = line


def normalise(code: str) -> tuple[str, tuple[str, ...]]:
    """The text that is shown, confirmed and run, and warnings about what is easy to misread in it.

    ``\\r\\n`` becomes a newline. The interpreter compiles this ``str``, so a coding cookie has no effect.

    Raises:
        CodeRejected: too long, or with characters that hide what runs: a lone carriage return is a new
            line to Python and an overwritten one to a terminal.
    """
    text = code.replace("\r\n", "\n")
    if (size := len(text.encode("utf-8", "surrogatepass"))) > MAX_BYTES:
        raise CodeRejected(f"the code has {size:,} bytes; at most {MAX_BYTES:,} are run")
    if "\r" in text:
        raise CodeRejected("a lone carriage return hides a line", _line(text, text.index("\r")))
    if found := _CONTROL.search(text):
        raise CodeRejected(f"control character {_name(found.group())}", _line(text, found.start()))
    if found := re.search("[\ud800-\udfff]", text):
        raise CodeRejected(f"unpaired surrogate {_name(found.group())}", _line(text, found.start()))
    return text, tuple(_warnings(text))


def _warnings(text: str) -> list[str]:
    if text.isascii():
        return []
    found = []
    for pattern, what in (
        (_BIDI, "changes the reading direction"),
        (_INVISIBLE, "cannot be seen"),
        (_BLANK, "looks like a blank and is another character"),
    ):
        if match := pattern.search(text):
            found.append(f"{_name(match.group())} {what} (line {_line(text, match.start())})")
    found += [
        f"the name {_shown(name)} is not ASCII: Python reads it as {_shown(unicodedata.normalize('NFKC', name))}"
        for name in _foreign_names(text)
    ]
    return found


def _foreign_names(text: str) -> list[str]:
    """Identifiers that can look like others."""
    names: dict[str, None] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NAME and not token.string.isascii():
                names[token.string] = None
    except (tokenize.TokenError, SyntaxError, RecursionError):
        pass  # whatever is no Python fails loudly when it runs
    return list(names)[:5]


def _shown(name: str) -> str:
    return ascii(name)[1:-1] if not name.isprintable() else name


def _name(char: str) -> str:
    return f"U+{ord(char):04X}"


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
