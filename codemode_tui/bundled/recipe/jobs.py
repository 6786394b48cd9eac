"""A small computation: how it is asked for, its program and its answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.number_words import CARDINALS
from codemode_tui.bundled.recipe.phrasing import ask
from codemode_tui.bundled.recipe.source import Source

_TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty", 60: "sixty", 70: "seventy", 80: "eighty", 90: "ninety"}
Slots = dict[str, str]


@dataclass(frozen=True)
class Job:
    """``{slots}`` stand in the code and the answer; ``{o}`` in the answer is the output."""

    section: str
    """Where the phrasings are."""
    code: str
    answer: str | tuple[str, str]
    """Two of them: for True and for False."""
    slots: Callable[[Source], Slots]
    worded: bool = True
    """Numbers may be said in words, or with commas between the thousands."""


def run(c: Chat, job: Job, *, shaped: bool = True, **talk: str) -> None:
    """Ask, compute, answer. ``talk`` fills slots that only the question has."""
    values = job.slots(c.r)
    said = {key: spoken(c.r, value) for key, value in values.items()} if job.worded else values
    c.user(ask(c.r, job.section, held=c.held, shaped=shaped, **said, **talk))
    out, _ = c.call(fill(job.code, values))
    answer = job.answer if isinstance(job.answer, str) else job.answer[out != "True"]
    c.say(fill(answer, values).replace("{o}", out))


def fill(template: str, values: Slots) -> str:
    """Put the values where ``{name}`` stands; other braces stay, because programs have them."""
    for key, value in values.items():
        template = template.replace("{" + key + "}", value)
    return template


def spoken(r: Source, value: str) -> str:
    """A number as people write it: nearly always in digits."""
    way = r.random()
    if way < 0.04 and value.isdigit() and (in_words := _words(int(value))):
        return in_words
    if way > 0.96 and value.isdigit() and len(value) > 3:
        return f"{int(value):,}"
    return value


def _words(n: int) -> str:
    if n <= 20:
        return CARDINALS[n]
    if n > 99:
        return ""
    return _TENS[n // 10 * 10] + (f"-{CARDINALS[n % 10]}" if n % 10 else "")


def whole(r: Source, least: int = 1) -> str:
    """A whole number, small ones and large ones."""
    return str(r.randint(least, 10 ** r.choices((1, 2, 3, 4, 5, 6, 9), (5, 9, 8, 5, 3, 2, 1))[0]))


def number(r: Source) -> str:
    """Mostly a whole number, now and then a decimal or a negative one."""
    way = r.random()
    if way < 0.1:
        return f"{r.randint(0, 999)}.{r.randint(1, 99)}"
    return f"-{r.randint(1, 99)}" if way < 0.14 else whole(r)


def pair(r: Source) -> Slots:
    return {"a": number(r), "b": number(r)}


def larger_first(r: Source) -> Slots:
    a, b = int(whole(r, 2)), int(whole(r))
    return {"a": str(max(a, b)), "b": str(min(a, b))}


def one(least: int, most: int) -> Callable[[Source], Slots]:
    """One whole number ``n`` between the two."""
    return lambda r: {"n": str(r.randint(least, most if r.random() < 0.5 else min(most, least + 98)))}
