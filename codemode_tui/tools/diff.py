"""What a change looks like to the person who is asked: a unified diff of bounded size and cost."""

from __future__ import annotations

import difflib
import re

_ALIGN_LINES = 2000
"""Beyond this many differing lines the quadratic alignment is left out."""
_LINE = 2000
_CONTEXT = 3
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029"\\]')
_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def unified(path: str, before: bytes | None, after: bytes | None, limit: int) -> str:
    """The diff from ``before`` to ``after`` (None: no file), at most about ``limit`` lines.

    The carriage return at the end of a line is spelt ``\\r``, except in a file that ends all lines so and still does.
    """
    if binary(before) or binary(after):
        return f"binary file {quoted(path)}: {_size(before)} → {_size(after)}\n"
    old, new = _lines(before), _lines(after)
    body = _aligned(old, new, limit) if old != new else ["(no change)\n"]
    left = len(body) - limit
    if left > 0:
        body = [*body[:limit], f"… {left:,} more lines of this diff\n"]
    head = [
        f"--- {'/dev/null' if before is None else quoted('a/' + path)}\n",
        f"+++ {'/dev/null' if after is None else quoted('b/' + path)}\n",
    ]
    if before is None or any(line.endswith("\n") and not line.endswith("\r\n") for line in (*old, *new)):
        body = [f"{line[:-2]}\\r\n" if line.endswith("\r\n") else line for line in body]
    return "".join((*head, *map(_ended, body)))


def quoted(path: str) -> str:
    """``path`` on one line, as git writes it: a name that holds a line break must not look like lines of its own."""
    shown = _UNSAFE.sub(_escape, path)
    return path if shown == path else f'"{shown}"'


def binary(data: bytes | None) -> bool:
    if data is None:
        return False
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return b"\0" in data


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    return _ESCAPES.get(char) or "".join(f"\\{byte:03o}" for byte in char.encode())


def _aligned(old: list[str], new: list[str], limit: int) -> list[str]:
    """Hunks; the equal head and tail are cut off first, so that a small edit of a huge file is cheap."""
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    if max(len(old_middle), len(new_middle)) > _ALIGN_LINES:
        mark = f"@@ -{head + 1},{len(old_middle)} +{head + 1},{len(new_middle)} @@ (shown unaligned)\n"
        half = max((limit - 3) // 2, 0)  # the mark and what each side leaves out are lines too, and are never cut
        shown = [mark]
        for sign, lines in (("-", old_middle), ("+", new_middle)):
            shown += [sign + line for line in lines[:half]]
            if len(lines) > half:
                shown.append(f"{sign} … {len(lines) - half:,} more such lines\n")
        return shown
    start = max(head - _CONTEXT, 0)
    end = max(tail - _CONTEXT, 0)
    hunks = list(difflib.unified_diff(old[start : len(old) - end], new[start : len(new) - end], n=_CONTEXT))
    return [_moved(line, start) if line.startswith("@@") else line for line in hunks[2:]]


def _moved(hunk: str, by: int) -> str:
    """Line numbers of the whole file in a hunk's head that was made from a part of it."""
    if by == 0:
        return hunk

    def shift(span: str) -> str:
        number, comma, count = span[1:].partition(",")
        return f"{span[0]}{int(number) + by}{comma}{count}"

    _, old, new, _ = hunk.split()
    return f"@@ {shift(old)} {shift(new)} @@\n"


def _common(a: list[str], b: list[str]) -> int:
    for i, (x, y) in enumerate(zip(a, b, strict=False)):
        if x != y:
            return i
    return min(len(a), len(b))


def _lines(data: bytes | None) -> list[str]:
    text = (data or b"").decode("utf-8")
    lines = text.split("\n")
    tail = lines.pop()
    return [line + "\n" for line in lines] + ([tail] if tail else [])


def _ended(line: str) -> str:
    cut = line if len(line) <= _LINE else f"{line[:_LINE]}… ({len(line):,} characters)\n"
    return cut if cut.endswith("\n") else cut + "\n\\ No newline at end of file\n"


def _size(data: bytes | None) -> str:
    return "none" if data is None else f"{len(data):,} bytes"
