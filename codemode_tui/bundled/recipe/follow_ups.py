"""Second questions that lean on the first: "and how many words?", "now show its first 3 lines"."""

from __future__ import annotations

import re

from codemode_tui.bundled.recipe.example import Chat, code_of, lit
from codemode_tui.bundled.recipe.file_reading import COUNTS, some_file
from codemode_tui.bundled.recipe.phrasing import ask, quoted

AFTER = {"read", "head", "count", "size", "follow_up", "listing", "by_extension"}
_PATH = re.compile(r'(?:read_file|file_info)\("([^"]+)"')


def follow(c: Chat, kind: str) -> bool:
    """Add a follow-up question; False when the conversation does not lend itself to one."""
    if kind in ("listing", "by_extension"):
        return _about_listed(c)
    found = [m for role, text in c.turns if role == "assistant" for m in _PATH.findall(text)]
    if not found or found[-1] not in c.world.files or c.turns[-2][0] != "tool" or c.turns[-2][1].startswith("Error"):
        return False
    if c.r.random() < 0.35 and _same_for_another(c, found[-1]):
        return True
    _about_file(c, found[-1])
    return True


def _same_for_another(c: Chat, f: str) -> bool:
    """ "And b.txt?": the last program once more, on another file. Only for reading and counting one file."""
    code = code_of(c.turns[-3][1])
    unit = next((u for u, measure in COUNTS.items() if code == f"text = read_file({lit(f)})\nprint({measure})"), "")
    if not unit and code != f"print(read_file({lit(f)}))":
        return False
    g = some_file(c)
    c.user(
        ask(
            c.r,
            [
                "(and|what about|how about) {g}",
                "(and |now |)the same (for|with|of) {g}",
                "do (the same|that|it) (for|with) {g}( too|)",
                "and (in|for) {g}",
                "now {g}",
                "{g} (as well|too)",
            ],
            held=c.held,
            g=quoted(c.r, g),
        )
    )
    out, _ = c.call(code.replace(lit(f), lit(g)))
    if unit:
        c.say(f"{g} has {out} {unit if out != '1' else unit[:-1]}.")
    else:
        c.say(f"{g} is empty." if out == "(no output)" or not out.strip() else f"That is the content of {g}.")
    return True


def _about_file(c: Chat, f: str) -> None:
    r = c.r
    way = r.random()
    if way < 0.6:
        unit = r.choice(sorted(COUNTS))
        c.user(
            ask(
                r,
                [
                    f"(and |)how many {unit} does it have",
                    f"(and |now |)count (its|the) {unit}",
                    f"how many {unit} (are in it|has it)",
                    f"and (how many |the |){unit}",
                    f"(what about|how about) the {unit}",
                    f"now (tell me|get) its {unit[:-1]} count",
                ],
                held=c.held,
            )
        )
        out, _ = c.call(f"text = read_file({lit(f)})\nprint({COUNTS[unit]})")
        c.say(f"{f} has {out} {unit if out != '1' else unit[:-1]}.")
    elif way < 0.85:
        n = r.choice((1, 2, 3, 5, 10))
        tail = r.random() < 0.5
        c.user(
            ask(
                r,
                [
                    "(and |now |)show (me |)(its|the) {w} {n} lines",
                    "(and |)the {w} {n} lines",
                    "(print|give me) its {w} {n} lines",
                    "what are its {w} {n} lines",
                ],
                held=c.held,
                n=str(n),
                w="last" if tail else "first",
            )
        )
        out, _ = c.call(
            f'lines = read_file({lit(f)}).splitlines()\nprint("\\n".join(lines[-{n}:]))'
            if tail
            else f"print(read_file({lit(f)}, 1, {n}))"
        )
        c.say(
            f"{f} is empty."
            if out == "(no output)" or not out.strip()
            else f"Those are the {'last' if tail else 'first'} {n} lines of {f}."
        )
    else:
        c.user(
            ask(
                r,
                [
                    "(and |)how (big|large) is it",
                    "(and |)(its|the) size",
                    "what is its size",
                    "how many bytes (is it|does it have)",
                ],
                held=c.held,
            )
        )
        out, _ = c.call(f'print(file_info({lit(f)})["size"])')
        c.say(f"{f} has {out} bytes.")


def _about_listed(c: Chat) -> bool:
    if len(c.turns) < 2 or c.turns[-2][0] != "tool":
        return False
    listed = [name for name in c.turns[-2][1].splitlines() if name in c.world.files]
    if not listed:
        return False
    place, words = c.r.choice([(0, "first"), (-1, "last"), *([(1, "second")] if len(listed) > 1 else [])])
    if listed != c.turns[-2][1].splitlines():
        return False  # folders between them: "the second one" would be ambiguous
    f = listed[place]
    if c.r.random() < 0.5:
        c.user(
            ask(
                c.r,
                [
                    "(read|open|show|show me) the {w} one",
                    "(and |)what is in the {w} one",
                    "(open|print) the {w} (file|one)",
                    "show the {w} of them",
                ],
                held=c.held,
                w=words,
            )
        )
        out, _ = c.call(f"print(read_file({lit(f)}))")
        c.say(f"{f} is empty." if out == "(no output)" or not out.strip() else f"That is the content of {f}.")
    else:
        unit = c.r.choice(sorted(COUNTS))
        c.user(
            ask(
                c.r,
                [
                    f"how many {unit} does the {{w}} one have",
                    f"count the {unit} (of|in) the {{w}} one",
                    f"and how many {unit} are in the {{w}} (one|file)",
                    f"{unit} of the {{w}} one",
                ],
                held=c.held,
                w=words,
            )
        )
        out, _ = c.call(f"text = read_file({lit(f)})\nprint({COUNTS[unit]})")
        c.say(f"{f} has {out} {unit if out != '1' else unit[:-1]}.")
    return True
