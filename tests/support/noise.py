"""Text that would do something to a terminal, a console or a reader if it were let through."""

from __future__ import annotations

import random
import re

from codemode_tui.sandbox.sanitise import OutputDecoder

PIECES = [
    "\x1b[2J", "\x1b]8;;http://e/\x1b\\link\x1b]8;;\x1b\\", "\x1b]52;c;ZXZpbA==\x07", "\x1b]0;title\x07",
    "\x9b31m", "\x90q\x9c", "\x1bP1$r\x1b\\", "\x1b[6n", "\x1b[?1049h", "\x1bc", "\x0e", "\x0f", "\x05",
    "\x7f", "\x00", "\x08\x08", "\r", "\r\n", "\n", "\t", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff",
    "\u00ad", "\u2028", "\U000e0041", "\U000e0150", "\ufe0f", "\ufe00", "\u034f", "\ud800", "\udfff",
    "\ue000", "\u0301" * 40, "[red]", "[/]", "[@click=app.quit]x[/]", "[link=http://e]", "👩\u200d💻", "日本",
    "é", "e\u0301", "a", "1", " ", "❤\ufe0f", "葛\U000e0100", "\uffa0", "\u115f",
]  # fmt: skip
ACTS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200c\u200e\u200f\u061c\u202a-\u202e\u2060-\u206f\ufeff\u00ad\u2028\u2029"
    "\ud800-\udfff\ue000-\uf8ff\U000e0000-\U000e00ff\U000e01f0-\U000e0fff\U000f0000-\U0010ffff]"
)


def hostile(r: random.Random) -> str:
    kind = r.randrange(4)
    if kind == 0:
        decoder = OutputDecoder()
        return decoder.feed(r.randbytes(r.randrange(40))) + decoder.feed(b"", final=True)
    if kind == 1:
        return "".join(chr(r.randrange(0x110000)) for _ in range(r.randrange(12)))
    if kind == 2:
        return "".join(chr(r.randrange(0x250)) for _ in range(r.randrange(20)))
    return "".join(r.choices(PIECES, k=r.randrange(8)))
