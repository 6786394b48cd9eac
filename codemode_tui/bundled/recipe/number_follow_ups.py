"""Second questions about a number that was just printed: "and times 3?". The number is copied from the output."""

from __future__ import annotations

import re

from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.number_words import CARDINALS
from codemode_tui.bundled.recipe.second_questions import again

_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,12})?")
_OPERATIONS = {"fu_times": "*", "fu_plus": "+", "fu_minus": "-", "fu_divide": "/"}


def is_number(out: str) -> bool:
    """Whether ``out`` is one number that is short enough to go on with."""
    return _NUMBER.fullmatch(out) is not None


def about_number(c: Chat, a: str) -> None:
    """Go on calculating with ``a``."""
    r = c.r
    way = r.random()
    if way < 0.7:
        section, sign = r.choice(sorted(_OPERATIONS.items()))
        b = r.choice((r.randint(2, 12), r.randint(2, 12), r.randint(2, 99), r.randint(10, 2000)))
        n = CARDINALS[b] if b <= 12 and r.random() < 0.2 else str(b)
        if r.random() < 0.25:
            again(c, section.replace("fu_", "fu_named_"), n=n, a=a)
        else:
            again(c, section, n=n)
        _calculate(c, f"{a} {sign} {b}")
    elif way < 0.78:
        again(c, "fu_half")
        _calculate(c, f"{a} / 2")
    elif way < 0.85:
        again(c, "fu_double")
        _calculate(c, f"{a} * 2")
    elif way < 0.89 and not a.startswith("-"):
        again(c, "fu_square")
        _calculate(c, f"{a} ** 2")
    elif way < 0.93 and not a.startswith("-"):
        again(c, "fu_root")
        out, _ = c.call(f"import math\nprint(math.sqrt({a}))")
        c.say(f"The square root of {a} is {out}.")
    else:
        p = r.choice((5, 10, 15, 20, 25, 30, 50, 75, r.randint(1, 99)))
        again(c, "fu_percent", n=str(p))
        out, _ = c.call(f"print({a} * {p} / 100)")
        c.say(f"{p}% of {a} is {out}.")


def _calculate(c: Chat, code: str) -> None:
    out, _ = c.call(f"print({code})")
    c.say(f"{code} = {out}.")
