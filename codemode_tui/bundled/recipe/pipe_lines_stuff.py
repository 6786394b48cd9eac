"""What the files of jobs over lines hold, and the words and messages that go with them."""

from __future__ import annotations

from dataclasses import dataclass, field

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import lit
from codemode_tui.bundled.recipe.new_texts import marked
from codemode_tui.bundled.recipe.source import Source

_LEVELS = ["ERROR", "WARNING", "INFO", "DEBUG", "FATAL", "NOTICE", "TRACE", "CRITICAL", "WARN"]


_TAGS = ["TODO", "FIXME", "NOTE", "BUG", "HACK", "DONE", "XXX", "IDEA"]


_JUNK = ("n/a", "-", "?", "unknown", "12 kg", "total:", "none", "# {w}", "{w}", "x{w}", "3,5")


SIGNS = {":": "colon", "=": "equals sign", ",": "comma", ";": "semicolon", "|": "bar"}


@dataclass(frozen=True)
class Part:
    """One part: the stem of its sections, its lines of code, what fills its slots, what must hold in a good job."""

    name: str
    code: str
    slots: dict[str, str] = field(default_factory=dict)
    before: str = ""
    """Run before the code, only where a job is tried."""
    after: str = ""


@dataclass(frozen=True)
class Stuff:
    """What a file holds."""

    kind: str
    lines: list[str]
    sign: str = ""
    """Between the two parts of a line."""

    @property
    def numeric(self) -> bool:
        """Whether its lines are numbers, most of them."""
        return self.kind in ("numbers", "junk", "json_numbers")

    @property
    def noun(self) -> str:
        """What one calls its entries."""
        return "numbers" if self.numeric else "items" if self.kind == "json" else "lines"


def some_stuff(r: Source) -> Stuff:
    """The content of a file of some kind."""
    kind = r.choices(
        ("log", "list", "notes", "pairs", "keys", "numbers", "junk", "json", "json_numbers"),
        (22, 18, 14, 22, 12, 10, 10, 5, 3),
    )[0]
    many = r.randint(4, 10)
    sign = ""
    if kind == "log":
        heads = r.sample(_LEVELS, r.randint(2, 3))
        day = f"20{r.randint(19, 29)}-{r.randint(1, 12):02}-"
        dated, counted = r.random() < 0.4, r.random() < 0.3
        lines = [
            (f"{day}{r.randint(1, 28):02} " if dated and r.random() < 0.8 else "")
            + f"{_skewed(r, heads)} {_words(r, 1, 3)}"
            + (f" {r.randint(2, 900)}" if counted else "")
            for _ in range(many)
        ]
    elif kind == "notes":
        heads = r.sample(_TAGS, r.randint(2, 3))
        start = r.choice(("", "", "# ", "// "))
        lines = [
            f"{start}{_skewed(r, heads)}: {_words(r, 1, 3)}" if r.random() < 0.75 else _words(r, 1, 4)
            for _ in range(many)
        ]
    elif kind in ("pairs", "keys"):
        sign = r.choice(",,,:==;|" if kind == "pairs" else ":::==;")
        gap = " " if sign == ":" or r.random() < 0.15 else ""
        pool = [names.word(r) for _ in range(r.randint(3, 5) if kind == "pairs" and r.random() < 0.6 else many)]
        step = r.choice((1, 1, 1, 2, 10))
        lines = [
            f"{_skewed(r, pool)}{sign}{gap}" + (f"{r.randint(1, 300) / step:g}" if kind == "pairs" else _words(r, 1, 2))
            for _ in range(many)
        ]
    elif kind in ("numbers", "junk", "json_numbers"):
        step = r.choice((1, 1, 1, 2, 10))
        low = r.choice((1, 1, 1, 1, -200))
        lines = [f"{r.randint(low, 400) / step:g}" for _ in range(many)]
        for _ in range(r.randint(1, 3) if kind == "junk" else 0):
            lines.insert(r.randint(0, len(lines)), r.choice(_JUNK).replace("{w}", r.choice(r.words)))
    else:
        pool = [_words(r, 1, r.choice((1, 2, 3))) for _ in range(r.randint(4, 8))]
        lines = [_skewed(r, pool) for _ in range(many)]
        if kind == "list" and r.random() < 0.25:
            lines.insert(r.randint(1, len(lines)), "")
    return Stuff(kind, lines, sign)


def _skewed(r: Source, pool: list[str]) -> str:
    """One of them, the first ones more often, so that counts differ."""
    return r.choices(pool, range(2 * len(pool), len(pool), -1) if len(pool) > 4 else (9, 5, 2, 1)[: len(pool)])[0]


def _words(r: Source, low: int, high: int) -> str:
    return " ".join(names.word(r) for _ in range(r.randint(low, high)))


def said(r: Source, text: str) -> str:
    """A word or sign in quotes, or bare where it is but letters and digits."""
    return text if text.isalnum() and len(text) > 1 and r.random() < 0.55 else marked(r, text)


def before(s: Stuff) -> str:
    """The code for the part before the sign."""
    return f"line.split({lit(s.sign)})[0].strip()"


def after(s: Stuff) -> str:
    """The code for the part behind it; ``float`` strips by itself."""
    return f"line.split({lit(s.sign)})[1]"


def message(r: Source) -> str:
    """Two to six words that somebody wants to have printed."""
    w, v = names.word(r), names.word(r)
    text = r.choice(
        (
            f"no {w} today",
            f"there is no {w} {v}",
            f"the {w} is missing",
            f"too many {w} {v}",
            f"all {w} fine",
            f"check the {w} now",
            f"{w} {v} ok",
            f"please call {w}",
            f"{w} not found",
            f"{w} file is missing",
            f"nothing to {w} here",
            f"{w}: {v} needed",
            f"bad {w}, ask {v}",
            "nothing to do",
            "no such file here",
            "all is well",
            "nothing matched at all",
            "could not find it",
            "this looks wrong",
            _words(r, 2, 6),
            _words(r, 2, 4),
            _words(r, 2, 3),
        )
    )
    way = r.random()
    text = text.upper() if way < 0.12 else text.capitalize() if way < 0.35 else text.title() if way < 0.4 else text
    return text + r.choice(("", "", "", "", "!", "."))
