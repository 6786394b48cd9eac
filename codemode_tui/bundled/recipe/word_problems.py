"""Small stories that end in a sum: what counts are the numbers, the rest is talk."""

from __future__ import annotations

from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.jobs import Job, Slots, run
from codemode_tui.bundled.recipe.source import Source

_THINGS = """
tickets apples books pages chairs cookies coins pencils eggs bottles stamps cards marbles oranges flowers trees photos
cups plates boxes bags letters parcels cakes candles stickers balloons seats rooms visitors guests students children
players members passengers birds cows sheep chickens fish horses bikes cars trucks buses computers phones screens
cables batteries screws nails bricks tiles planks shirts socks shoes hats gloves lemons pears bananas grapes carrots
onions potatoes sandwiches pizzas muffins sweets toys dolls pens notebooks erasers posters songs videos messages
emails orders invoices customers points goals files lines bugs commits tests servers requests errors downloads users
miles steps litres kilos hours minutes euros dollars pounds pieces units copies items
"""
THINGS = _THINGS.split()
_PEOPLE = """
Anna Ben Carla David Emma Felix Grace Hugo Ida Jack Karen Leo Maria Nina Oscar Paul Rosa Sam Tina Victor Wendy Zoe Tom
Lucy Ali Fatima Chen Priya Ivan Olga Pedro Sofia Lars Greta Omar Yuki Liam Noah Mia Eva Max Julia Peter Susan Mark
Jane Dad Mum Grandpa Grandma
"""
PEOPLE = _PEOPLE.split()
_DAYS = """
Monday Tuesday Wednesday Thursday Friday Saturday Sunday
"""
DAYS = _DAYS.split()


def _two(r: Source) -> Slots:
    most = 10 ** r.choice((1, 2, 2, 3, 4))
    return {"a": str(r.randint(2, most)), "b": str(r.randint(2, most))}


def _three(r: Source) -> Slots:
    most = 10 ** r.choice((1, 2, 2, 3, 4))
    return {key: str(r.randint(1, most)) for key in "abd"}


def _less(r: Source) -> Slots:
    a = r.randint(3, 10 ** r.choice((1, 2, 2, 3, 4)))
    return {"a": str(a), "b": str(r.randint(1, a - 1))}


def _less_twice(r: Source) -> Slots:
    slots = _three(r)
    return {**slots, "a": str(sum(map(int, slots.values())))}


def _shares(r: Source) -> Slots:
    b = r.randint(2, 40)
    return {"a": str(b * r.randint(2, 200)), "b": str(b)}


def _bought(r: Source) -> Slots:
    a, b = r.randint(2, 12), r.randint(2, 20)
    paid = r.choice((a * b + r.randint(1, 50), *(note for note in (50, 100, 200, 500) if note > a * b)))
    return {"a": str(a), "b": str(b), "d": str(paid)}


STORIES = [
    (Job("story_add", "print({a} + {b})", "{a} + {b} = {o}.", _two), 4),
    (Job("story_add_three", "print({a} + {b} + {d})", "{a} + {b} + {d} = {o}.", _three), 2),
    (Job("story_take", "print({a} - {b})", "{a} - {b} = {o}.", _less), 4),
    (Job("story_take_two", "print({a} - {b} - {d})", "{a} - {b} - {d} = {o}.", _less_twice), 1),
    (Job("story_up_and_down", "print({a} + {b} - {d})", "{a} + {b} - {d} = {o}.", _less_twice), 1),
    (Job("story_times", "print({a} * {b})", "{a} * {b} = {o}.", _two), 4),
    (Job("story_times_plus", "print({a} * {b} + {d})", "{a} * {b} + {d} = {o}.", _three), 1),
    (Job("story_share", "print({a} / {b})", "{a} / {b} = {o}.", _shares), 4),
    (Job("story_change", "print({d} - {a} * {b})", "{d} - {a} * {b} = {o}.", _bought), 2),
]


def word_problem(c: Chat) -> None:
    """One story."""
    r = c.r
    jobs, weights = zip(*STORIES, strict=True)
    thing = r.choice(THINGS) if r.random() < 0.75 else f"{r.choice(r.words)}s"
    person, other = r.sample(PEOPLE, 2)
    first, second, third = r.sample(DAYS, 3)
    talk = {"w": thing, "p": person, "q": other, "x": first, "y": second, "z": third, "v": r.choice(r.words)}
    # A story begins with a person more often than with a request: no "could you" in front of it.
    run(c, r.choices(jobs, weights)[0], shaped=False, **talk)
