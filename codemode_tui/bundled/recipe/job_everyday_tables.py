"""Records asked for by adjectives and dates: the priciest and what it costs, who is older than 5, the latest."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from codemode_tui.bundled.recipe import fields, tables
from codemode_tui.bundled.recipe import group_tables as gt
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.everyday_sheets import (
    WHO,
    Record,
    Sheet,
    about,
    ask_for,
    different,
    figures,
    saved,
    some_person,
)
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.job_places import NOTHING
from codemode_tui.bundled.recipe.nouns import many
from codemode_tui.bundled.recipe.source import Source


@dataclass(frozen=True)
class Quality:
    """A column that adjectives stand for."""

    column: str
    most: tuple[str, ...]
    least: tuple[str, ...]
    more: tuple[str, ...]
    less: tuple[str, ...]
    units: tuple[str, ...]
    asked: tuple[str, ...]
    """How its value is asked for, after "and"."""

    @property
    def personal(self) -> bool:
        """Whether people have it."""
        return any("they" in words for words in self.asked)


def _quality(line: str) -> Quality:
    column, rest = line.split(": ")
    most, least, more, less, units, asked = (
        tuple(part.strip().split("|")) if part.strip() else () for part in rest.split(";")
    )
    return Quality(column, most, least, more, less, units, asked)


_TABLE = """
age: oldest; youngest; older|older; younger; years|years|years old; how old they are|the age|how old that is
price: priciest|most expensive|dearest; cheapest|least expensive|cheapest; more expensive|dearer|pricier; cheaper|less expensive; euros|pounds|dollars; what it costs|how much it costs|its price|what I'd pay for it|how much it is
weight: heaviest; lightest; heavier; lighter; kilos|kg|grams; what it weighs|how much it weighs|its weight|how heavy it is
height: tallest; shortest; taller; shorter; metres|cm; how tall they are|the height|how tall that is
length: longest; ; longer; ; metres|cm|km; how long it is|its length
width: widest|broadest; narrowest; wider|broader; narrower; metres|cm; how wide it is|its width
depth: deepest; shallowest; deeper; shallower; metres|feet; how deep it is|its depth
speed: fastest|quickest; slowest; faster|quicker; slower; km/h|knots; how fast it is|its speed|how fast it goes
temperature: hottest|warmest; coldest|coolest; hotter|warmer; colder|cooler; degrees; how hot it is|its temperature|how many degrees it has
volume: loudest|noisiest; quietest; louder|noisier; quieter; decibels; how loud it is|its volume
score: best-scoring|highest-scoring; worst-scoring|lowest-scoring; ; ; points; what they scored|the score|how much they scored
rating: best-rated|top-rated|highest-rated; worst-rated|lowest-rated; better rated; worse rated; stars; how it is rated|its rating
salary: best-paid|highest-paid|best paid; lowest-paid|worst-paid; better paid; worse paid; euros|pounds; what they earn|the salary|how much they get
distance: farthest|furthest|most distant; nearest|closest; farther away|further away|farther; closer|nearer; km|miles; how far it is|its distance|how far away it is
population: most populous|most populated; least populous|least populated; more populous; less populous; people; how many people live there|its population
size: biggest|largest; smallest; bigger|larger; smaller; acres|cm; how big it is|its size|how large it is
"""
_QUALITIES = [_quality(line) for line in _TABLE.strip().splitlines()]
_HIGHEST = {"age": 95, "rating": 10, "score": 100, "temperature": 40}
_YEARS = "born born birth_year birth_year year_of_birth founded year_built year built released"
"""Columns of years: what came early is old."""
_ENDS_OF_YEARS = {
    ("person", "old"): ("oldest",),
    ("person", "new"): ("youngest",),
    ("thing", "old"): ("oldest",),
    ("thing", "new"): ("newest",),
}


def best_by_adjective(c: Chat) -> None:
    """The priciest thing and what it costs: the name and the number at one end of a column that is only meant."""
    r = c.r
    quality = _some_quality(r)
    high = not quality.least or r.random() < 0.6
    h, _, _ = _sheet(c, quality.column, person=quality.personal)
    w = r.choice(quality.most if high else quality.least)
    inner = {"w": w, "q": r.choice(quality.asked), "i": _subject(r, quality, h)}
    ask_for(c, "et_best", inner, n=quality.column, **about(h))
    _best(c, h, quality.column, w, high=high)


def by_year(c: Chat) -> None:
    """Who is the oldest, going by the year of birth: the least number is the oldest."""
    r = c.r
    n = r.choice(_YEARS.split())
    old = r.random() < 0.6
    born = "birth" in n or n == "born"
    h, _, _ = _sheet(c, n, year=True, person=born)
    w = r.choice(_ENDS_OF_YEARS["person" if born else "thing", "old" if old else "new"])
    ask_for(c, "et_born" if born else "et_year", {"w": w}, n=n, **about(h))
    _best(c, h, n, w, high=not old)


def beyond_adjective(c: Chat) -> None:
    """Names of what is older, cheaper or heavier than so much."""
    r = c.r
    quality = _some_quality(r)
    while not quality.more:
        quality = _some_quality(r)
    n, high = quality.column, not quality.less or r.random() < 0.55
    h, a, values = _sheet(c, n, person=quality.personal)
    near = sorted(values)[r.choice((0, 1, 1, 1, 2, 2, -1))] + r.choice((-1, 0, 0, 0.5))
    k = gt.limit(r, max(1, near))
    w = f"{r.choice(quality.more if high else quality.less)} than"
    limit = f"{k} {r.choice(quality.units)}" if r.random() < 0.35 else k
    named = a != "name" or r.random() < 0.4
    inner = {"w": w, "i": _subject(r, quality, h, several=True)}
    ask_for(c, "et_beyond_said" if named else "et_beyond", inner, k=limit, n=n, a=a, s=many(a), **about(h))
    sign = ">" if high else "<"
    if h.is_json:
        code = (
            f"{h.load}for item in items:\n    if item.get({lit(n)}, 0) {sign} {k}:\n        print(item.get({lit(a)}))"
        )
    else:
        shown = f"row[{lit(a)}]" if named else "list(row.values())[0]"
        code = f"{h.load}{tables.loop(n)}    if value {sign} {k}:\n        print({shown})"
    out, _ = c.call(code)
    _say_beyond(c, h, f"{w} {limit}", out)


def date_end(c: Chat) -> None:
    """The earliest or the latest, by a column of ISO dates that is named, or that is called date."""
    r = c.r
    named = r.random() < 0.55
    h, a, t, _ = _dated(c, fields.draw(r, gt.DATES) if named else "date")
    late = r.random() < 0.5
    w = r.choice(("latest", "most recent", "newest", "latest") if late else ("earliest", "oldest", "earliest"))
    whole = not named and r.random() < 0.25
    section = "et_date_row" if whole else "et_date_said" if named else "et_date"
    ask_for(c, section, {"w": w}, d=t, a=a, **about(h))
    find = f"{h.load}best = {'max' if late else 'min'}({h.all}, key=lambda {h.one}: {h.cell(t)})\n"
    shown = 'print(*best.values(), sep=", ")' if whole else f"print(best[{lit(a)}], best[{lit(t)}])"
    out, _ = c.call(find + shown)
    if whole:
        c.say(f"The {w} {h.noun} is {out}." if len(out) < 70 else f"That is the {w} {h.noun}.")
        return
    found, _, day = out.rpartition(" ")
    c.say(f"The {w} is {found}: {day}.")


def beyond_day(c: Chat) -> None:
    """Names of what is newer or older than a day, by a column of ISO dates that is named, or that is called date."""
    r = c.r
    named = r.random() < 0.5
    h, a, t, days = _dated(c, fields.draw(r, gt.DATES) if named else "date")
    late = r.random() < 0.5
    w = r.choice(
        ("newer than", "later than", "more recent than", "after") if late else ("older than", "earlier than", "before")
    )
    k = r.choice(days)
    ask_for(c, "et_day_said" if named else "et_day", {"w": w}, k=k, d=t, a=a, s=many(a), **about(h))
    out, _ = c.call(
        f"{h.load}for {h.one} in {h.all}:\n    if {h.cell(t)} {'>' if late else '<'} {lit(k)}:\n        print({h.cell(a)})"
    )
    _say_beyond(c, h, f"{w} {k}", out)


def _dated(c: Chat, t: str) -> tuple[Sheet, str, str, list[str]]:
    """Records with a name and, as ``t``, different days: the file, the columns of names and of days, the days."""
    r = c.r
    taken = {t}
    a = fields.draw(r, WHO if r.random() < 0.6 else fields.NAMES, taken)
    extra = fields.draw(r, fields.GROUPS, taken) if r.random() < 0.5 else ""
    count = r.randint(3, 6)
    first = datetime.date(r.randint(2012, 2029), r.randint(1, 12), r.randint(1, 28))
    days = [(first + datetime.timedelta(days=at)).isoformat() for at in r.sample(range(900), count)]
    rows: list[Record] = []
    for name, day in zip(different(r, a, count), days, strict=True):
        row: Record = {a: name, t: day}
        if extra:
            row[extra] = fields.text(r, extra)
        rows.append(row)
    return saved(c, rows, is_json=r.random() < 0.3), a, t, days


def _some_quality(r: Source) -> Quality:
    """One of them, mostly of the first three: people ask for age, price and weight most often."""
    return r.choice(_QUALITIES[:3]) if r.random() < 0.45 else r.choice(_QUALITIES)


def _sheet(c: Chat, n: str, *, year: bool = False, person: bool = False) -> tuple[Sheet, str, list[int | float]]:
    """Records with a name, whose column is first, and different numbers in ``n``: the file, the column of names, the
    numbers. ``year``: those are years; ``person``: the records are mostly of people."""
    r = c.r
    is_json = r.random() < 0.4
    taken = {n}
    a = "name" if is_json or r.random() < 0.6 else fields.draw(r, fields.NAMES, taken)
    taken.add(a)
    extra = [fields.draw(r, fields.GROUPS, taken) for _ in range(r.choice((0, 1, 1, 2)))]
    count = r.randint(3, 6)
    first = r.choice((1870, 1930, 1950, 1960, 1980, 1995))
    numbers: list[int | float] = (
        [first + at for at in r.sample(range(40), count)] if year else figures(r, count, _HIGHEST.get(n, 0))
    )
    others = [n, *extra]
    if r.random() < 0.4:
        r.shuffle(others)
    rows: list[Record] = []
    for name, number in zip(different(r, a, count), numbers, strict=True):
        rows.append({a: name, **{key: number if key == n else fields.text(r, key) for key in others}})
    noun = some_person(r) if person and r.random() < 0.75 else ""
    return saved(c, rows, noun, is_json=is_json), a, numbers


def _subject(r: Source, quality: Quality, h: Sheet, *, several: bool = False) -> str:
    """What the question begins with."""
    if quality.personal and r.random() < 0.5:
        return "who"
    if several:
        return r.choice((f"which {many(h.noun)}", "which ones", f"what {many(h.noun)}"))
    return r.choice((f"which {h.noun}", "which one", "what", f"which {h.noun}"))


def _best(c: Chat, h: Sheet, n: str, w: str, *, high: bool) -> None:
    """Run the program that finds one end of ``n``, and say what it found."""
    code = tables.best(h.load, n, high=high)
    if h.is_json:
        find = f"best = {'max' if high else 'min'}(items, key=lambda item: item[{lit(n)}])"
        code = f'{h.load}{find}\nprint(best["name"], best[{lit(n)}])'
    out, _ = c.call(code)
    found, _, value = out.rpartition(" ")
    c.say(f"The {w} is {found} with {n} {value}.")


def _say_beyond(c: Chat, h: Sheet, beyond: str, out: str) -> None:
    found = f"Those are {beyond}: {', '.join(out.splitlines())}."
    c.say(f"Nothing in {h.path} is {beyond}." if out == NOTHING else found)


KINDS: list[tuple[Task, int]] = [
    (best_by_adjective, 9),
    (by_year, 6),
    (beyond_adjective, 9),
    (date_end, 7),
    (beyond_day, 6),
]
