"""Words by thresholds: how a question says the rule, and the branches of the program."""

from __future__ import annotations

from dataclasses import dataclass

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_sets import noun_phrase
from codemode_tui.bundled.recipe.source import Source

NUMBER_WORDS = {"2": "two", "3": "three", "4": "four"}
_LABELS = [
    "low mid high",
    "low medium high",
    "small medium large",
    "cold mild hot",
    "bad fair good",
    "short normal long",
    "cheap fair expensive",
    "slow ok fast",
    "red yellow green",
    "empty half full",
    "S M L",
    "weak average strong",
    "young adult senior",
    "late close early",
    "poor good excellent",
]
_PAIRS = ["low high", "small large", "short long", "few many", "bad good", "fail pass", "no yes", "minor major"]
_GRADES = ("A B C D", "gold silver bronze none", "top good fair poor", "high medium low none", "great good ok bad")
_SIGNS = {
    "<": ("below {k}", "under {k}", "less than {k}", "smaller than {k}"),
    "<=": ("at most {k}", "up to {k}", "no more than {k}", "{k} or less"),
    ">=": ("at least {k}", "{k} or more", "{k} or higher", "at least {k}"),
    ">": ("above {k}", "over {k}", "more than {k}", "greater than {k}"),
}
_COUNT_SIGNS = {
    "<": ("fewer than {k}", "less than {k}", "under {k}"),
    "<=": ("at most {k}", "up to {k}", "no more than {k}"),
    ">=": ("at least {k}", "{k} or more"),
    ">": ("more than {k}", "over {k}"),
}


@dataclass
class Scale:
    """Words by thresholds: all but the last have a test, in the order in which they are tried."""

    words: list[str]
    tests: list[str]
    """ "< 10" and the like."""
    said: list[str]
    """The same in words."""

    def slots(self, r: Source, it: str) -> dict[str, str]:
        """What the rule of the question is filled with."""
        mark = r.choice(("", "", "", "'", '"'))
        found = {f"l{at}": mark + word + mark for at, word in enumerate(self.words)}
        return {**found, **{f"c{at}": said for at, said in enumerate(self.said)}, "z": it}

    def rule(self, c: Chat, kind: str, it: str) -> str:
        """ "low if it is below 10, otherwise high" (kind "rule") or "below 10 is low, the rest is high" ("saying")."""
        text = noun_phrase(c, f"jc_{kind}_{NUMBER_WORDS[str(len(self.words))]}")
        for key, value in self.slots(c.r, it).items():
            text = text.replace("{" + key + "}", value)
        return text

    def code(self, name: str, action: str, space: str = "") -> str:
        """The branches; ``action`` has ``{}`` for the word's literal."""
        text = ""
        for at, word in enumerate(self.words):
            head = "else" if at == len(self.tests) else f"{'if' if at == 0 else 'elif'} {name} {self.tests[at]}"
            text += f"{space}{head}:\n{space}    {action.format(lit(word))}\n"
        return text


def _words(r: Source, count: int, *, down: bool = False) -> list[str]:
    """So many different words, of the low end first."""
    if r.random() < 0.35:
        made = list(dict.fromkeys(names.word(r) for _ in range(9)))[:count]
        if len(made) == count:
            return made
    if down and (count == 4 or r.random() < 0.5):
        return r.choice(_GRADES).split()[:count][::-1]
    if count == 4:
        return r.choice(_GRADES).split()[::-1]
    made = r.choice(_PAIRS if count == 2 else _LABELS).split()
    return [word.capitalize() for word in made] if r.random() < 0.12 else made


def some_bounds(r: Source, count: int) -> list[str]:
    """Thresholds, rising."""
    pool = r.choice((range(2, 12, 2), range(1, 40, 4), range(10, 100, 5), range(10, 100, 10), range(50, 1000, 50)))
    found = sorted(r.sample(list(pool), count))
    half = r.random() < 0.1
    return [f"{k}.5" if half else str(k) for k in found]


def value_near(r: Source, bounds: list[str], *, whole: bool = False) -> float | int:
    """A number somewhere around the thresholds, now and then right on one."""
    if r.random() < 0.15:
        k = float(r.choice(bounds))
        return int(k) if k.is_integer() or whole else k
    edges = [0.0, *(float(k) for k in bounds), float(bounds[-1]) * 1.6]
    at = r.randrange(len(edges) - 1)
    value = r.uniform(edges[at], edges[at + 1])
    return round(value) if whole else round(value, 1)


def some_scale(r: Source, bounds: list[str], *, down: bool = False, counts: bool = False, unit: str = "") -> Scale:
    """Words for the thresholds, tried from the low end, or from the high one."""
    words = _words(r, len(bounds) + 1, down=down)
    sign = r.choice((">=", ">=", ">") if down else ("<", "<", "<="))
    way = r.choice((_COUNT_SIGNS if counts else _SIGNS)[sign])
    tried = bounds[::-1] if down else bounds
    said = [way.replace("{k}", k) + (f" {unit}" if unit and not k.endswith(" ") else "") for k in tried]
    return Scale(words[::-1] if down else words, [f"{sign} {k}" for k in tried], said)


def as_sentence(text: str, part: str) -> str:
    """A capital for ``part`` where it begins a sentence, unless it begins with a name, which stays as it is."""
    begins = part.split(" ")[0] in (
        "below",
        "under",
        "less",
        "smaller",
        "at",
        "up",
        "no",
        "above",
        "over",
        "more",
        "greater",
        "fewer",
    )
    return text.replace(f". {part}", f". {part[0].upper()}{part[1:]}") if begins else text
