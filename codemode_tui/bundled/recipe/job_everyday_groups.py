"""Groups and sums in everyday words: what percentage is open, how many hours in the kitchen altogether, what each one
spent, who earned the most, whose average is above a limit, how many of each, sums over cells that are no numbers."""

from __future__ import annotations

from codemode_tui.bundled.recipe import fields, names, tables
from codemode_tui.bundled.recipe import group_tables as gt
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.everyday_sheets import WHO, Record, Sheet, about, ask_for, figures, saved, word_pairs
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.job_places import NOTHING
from codemode_tui.bundled.recipe.nouns import many
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.table_rows import ABOVE, BELOW

_ROOMS = "kitchen garden garage cellar attic hall bathroom bedroom office workshop barn library pool stable yard shop"
_PURPOSES = "rent food travel books music swimming homework cleaning repairs heating clothes gifts training shopping"
_HOW_MANY = """
hours hours hours minutes days weeks litres kilos tons eggs points goals pages boxes crates bottles jars sacks miles
calls steps laps games passengers tickets cakes cups grams calories visits orders parcels copies trees bricks tiles
"""
_HOW_MUCH = "fuel milk water paint flour sugar salt energy tax profit rent money time rainfall harvest sand wood honey"
_STATES = """
open closed done pending cancelled late vegan organic broken empty paid unpaid sold overdue active retired urgent
male female red green blue married single local foreign full private public new used
"""
_STATE_COLUMNS = "status status state diet kind type category colour result condition stage priority sex"
_VERBS = word_pairs("""
spent spend|earned earn|sold sell|produced produce|walked walk|paid pay|ate eat|drank drink|baked bake|caught catch
picked pick|saved save|donated donate|ran run|swam swim|cycled cycle|collected collect|bought buy|planted plant
grew grow|built build|scored score|won win|lost lose|read read|wrote write|drove drive|worked work|slept sleep
shipped ship|used use|lent lend|borrowed borrow|delivered deliver|lifted lift|harvested harvest|ordered order
""")
"""What somebody did, which is the column, and how that is asked with "did"."""
_DOERS = """
person person name player pupil student teacher employee worker driver runner member guest child friend farm team club
shop family city country region department group class branch factory boat crew house
"""
_GAPS = (*fields.GAPS, "lost", "x")


def share(c: Chat) -> None:
    """How many percent of the records are something, where the column is named or only meant."""
    r = c.r
    taken: set[str] = set()
    b = fields.draw(r, [*_STATE_COLUMNS.split(), *fields.PLAIN_GROUPS[:30]], taken)
    pool = _few_of(r, _STATES.split()) if r.random() < 0.7 else gt.few(r, b)
    a = fields.draw(r, WHO, taken)
    rows: list[Record] = [{a: _apart(r, a, pool), b: r.choice(pool)} for _ in range(r.randint(3, 9))]
    v = str(r.choice(rows)[b]) if r.random() < 0.92 else r.choice(pool)
    h = saved(c, rows, is_json=r.random() < 0.3)
    named = r.random() < 0.45
    ask_for(c, "eg_share_said" if named else "eg_share", b=b, v=v, t=many(b), **about(h))
    test = f"{h.cell(b)} == {lit(v)}" if named else f"{lit(v)} in {h.one}.values()"
    out, _ = c.call(f"{h.load}count = sum({test} for {h.one} in {h.all})\nprint(round(100 * count / len({h.all}), 1))")
    c.say(f"{out} % of the {many(h.noun)} {f'have {v} as {b}' if named else f'are {v}'}.")


def total_of_word(c: Chat) -> None:
    """A column added up over the records with a word in any other: "how many hours in the kitchen altogether"."""
    r = c.r
    taken: set[str] = set()
    much = r.random() < 0.3
    n = fields.draw(r, (_HOW_MUCH if much else _HOW_MANY).split(), taken)
    b, pool, before = _unnamed(r, taken)
    a = fields.draw(r, ["task", "date", "day", "name", "item", "job", "week", "title"] * 3 + fields.NAMES, taken)
    count = r.randint(3, 7)
    numbers = figures(r, count)
    rows: list[Record] = [{a: _apart(r, a, pool), b: r.choice(pool), n: number} for number in numbers]
    columns = [a, b, n]
    r.shuffle(columns)
    h = saved(c, [{key: row[key] for key in columns} for row in rows], is_json=r.random() < 0.3)
    v = str(r.choice(rows)[b])
    ask_for(c, "eg_total", {"x": r.choice(before), "h": "how much" if much else "how many"}, n=n, v=v, **about(h))
    out, _ = c.call(
        f"{h.load}total = 0\nfor {h.one} in {h.all}:\n    if {lit(v)} in {h.one}.values():\n"
        f'        total += {h.number(n)}\nprint(f"{{total:.12g}}")'
    )
    c.say(f"{v}: {out} {n} in all.")


def done_by_each(c: Chat) -> None:
    """What each one spent, sold or walked in all, the verb being the column; or how many hours, eggs, miles of it."""
    r = c.r
    past, base = r.choice(_VERBS)
    of_what = r.random() < 0.45
    b, n, h = _deeds(c, past, of_what=of_what)
    inner = {"p": past, "v": base}
    ask_for(c, "eg_each_of" if of_what else "eg_each", inner, b=b, n=n, t=many(b), **about(h))
    c.call(f'{_totals(h, b, n)}for key, value in sorted(totals.items()):\n    print(key, f"{{value:.12g}}")')
    c.say(f"That is {f'how many {n}' if of_what else 'what'} each {b} {past}.")


def did_most(c: Chat) -> None:
    """Who did the most, or the least, over all rows: the same two ways."""
    r = c.r
    past, base = r.choice(_VERBS)
    of_what = r.random() < 0.45
    b, n, h = _deeds(c, past, of_what=of_what)
    high = r.random() < 0.75
    w = "most" if high else r.choice(("least", "least", "fewest") if of_what else ("least",))
    section = "eg_most_of" if of_what else "eg_most"
    ask_for(c, section, {"p": past, "v": base, "w": w}, b=b, n=n, t=many(b), **about(h))
    find = f"best = {'max' if high else 'min'}(totals, key=totals.get)"
    out, _ = c.call(f'{_totals(h, b, n)}{find}\nprint(best, f"{{totals[best]:.12g}}")')
    found, _, value = out.rpartition(" ")
    c.say(f"{found} {past} the {w}{f' {n}' if of_what else ''}: {value}.")


def means_beyond(c: Chat) -> None:
    """The groups whose average is beyond a limit, with it or without."""
    r = c.r
    f, _, b, n = gt.grouped(c)
    sign, w = r.choice(((">", r.choice(ABOVE)), (">", r.choice(ABOVE)), ("<", r.choice(BELOW)), (">=", "at least")))
    means = [sum(group) / len(group) for group in gt.numbers_by(c.world.files[f], b, n)]
    limit = gt.limit(r, sum(means) / len(means) * r.choice((0.8, 1, 1, 1.1)))
    both = r.random() < 0.55
    ask_for(c, "eg_mean_value" if both else "eg_mean_names", f=f, b=b, n=n, w=w, k=limit, t=many(b))
    shown = 'key, f"{mean:.12g}"' if both else "key"
    out, _ = c.call(
        f"{gt.load(f)}{gt.values_by(b, n)}for key, values in sorted(groups.items()):\n"
        f"    mean = sum(values) / len(values)\n    if mean {sign} {limit}:\n        print({shown})"
    )
    said = f"an average {n} {w} {limit}"
    c.say(f"No {b} has {said}." if out == NOTHING else f"Those are the {many(b)} with {said}.")


def counted_down(c: Chat) -> None:
    """How many of each there are, the most common first."""
    r = c.r
    taken: set[str] = set()
    a, b = fields.draw(r, WHO, taken), fields.draw(r, fields.PLAIN_GROUPS, taken)
    pool = gt.few(r, b) if r.random() < 0.6 else _few_of(r, _STATES.split())
    while True:
        rows: list[Record] = [{a: fields.text(r, a), b: r.choice(pool)} for _ in range(r.randint(4, 9))]
        counts = [sum(row[b] == value for row in rows) for value in dict.fromkeys(row[b] for row in rows)]
        if len(counts) > 1 and len(set(counts)) == len(counts):
            break
    h = saved(c, rows, is_json=r.random() < 0.3)
    ask_for(c, "eg_counts", b=b, t=many(b), **about(h))
    key = h.cell(b)
    c.call(
        f"{h.load}counts = {{}}\nfor {h.one} in {h.all}:\n    counts[{key}] = counts.get({key}, 0) + 1\n"
        "for key, count in sorted(counts.items(), key=lambda pair: pair[1], reverse=True):\n    print(key, count)"
    )
    c.say(f"Those are the {many(b)}, the most common first.")


def partly_numbers(c: Chat) -> None:
    """A column added up of which some cells are no numbers; now and then with how many those are."""
    r = c.r
    taken: set[str] = set()
    a = fields.draw(r, fields.NAMES, taken)
    n = fields.draw(r, fields.DECIMALS if r.random() < 0.3 else fields.COUNTS, taken)
    count = r.randint(4, 8)
    numbers = figures(r, count)
    gaps = {at: r.choice(_GAPS) for at in r.sample(range(count), r.choice((0, 1, 1, 2, 2, 3)))}
    rows: list[Record] = [{a: fields.text(r, a), n: gaps.get(at, number)} for at, number in enumerate(numbers)]
    h = saved(c, rows)
    known = [value for value in gaps.values() if value] or ["n/a", "-", "?"]
    counted = r.random() < 0.4
    u = r.choice(('"{}"', "{}", "{}")).format(r.choice(known))
    ask_for(c, "eg_partly_count" if counted else "eg_partly", n=n, u=u, **about(h))
    if not counted:
        out, _ = c.call(
            f'{h.load}values = []\n{tables.loop(n)}    values.append(value)\nprint(f"{{sum(values):.12g}}")'
        )
        c.say(f"The sum of {n} is {out}.")
        return
    out, _ = c.call(
        f"{h.load}total = 0\nskipped = 0\nfor row in rows:\n    try:\n        total += float(row[{lit(n)}])\n"
        '    except (TypeError, ValueError):\n        skipped += 1\nprint(f"{total:.12g}", skipped)'
    )
    total, _, skipped = out.partition(" ")
    c.say(f"The sum of {n} is {total}; {skipped} of the cells {'is' if skipped == '1' else 'are'} no number.")


def _few_of(r: Source, pool: list[str]) -> list[str]:
    """Two to four different words."""
    return r.sample(pool, r.choice((2, 2, 3, 3, 4)))


def _apart(r: Source, a: str, pool: list[str]) -> str:
    """A value of ``a`` that is not one of ``pool``."""
    while True:
        if (value := fields.text(r, a)) not in pool:
            return value


def _unnamed(r: Source, taken: set[str]) -> tuple[str, list[str], tuple[str, ...]]:
    """A column that the question does not name, its values, and what stands before one of them."""
    way = r.random()
    if way < 0.3:
        b = fields.draw(r, ["room", "room", "place", "area", "location", "where"], taken)
        return b, _few_of(r, _ROOMS.split()), ("in the", "in the", "for the", "on the")
    if way < 0.55:
        b = fields.draw(r, ["person", "name", "who", "worker", "owner", "driver", "player"], taken)
        return b, _few_of(r, fields.PEOPLE), ("by", "for", "from", "with")
    if way < 0.75:
        b = fields.draw(r, ["city", "town", "village", "port", "region", "branch"], taken)
        return b, _few_of(r, fields.PLACES[:-4]), ("in", "in", "from", "for", "at")
    if way < 0.9:
        b = fields.draw(r, ["purpose", "kind", "category", "topic", "reason", "subject"], taken)
        return b, _few_of(r, _PURPOSES.split()), ("for", "on", "on", "under")
    b = fields.draw(r, fields.GROUPS, taken)
    return b, [*dict.fromkeys(names.word(r) for _ in range(3))], ("for", "with", "of", "in")


def _deeds(c: Chat, past: str, *, of_what: bool) -> tuple[str, str, Sheet]:
    """Rows of who did how much, no two totals the same: the column of who, that of the number, the file."""
    r = c.r
    taken: set[str] = set()
    n = fields.draw(r, _HOW_MANY.split(), taken) if of_what else past
    taken.add(n)
    b = fields.draw(r, _DOERS.split(), taken)
    extra = fields.draw(r, ["date", "day", "week", "month", "note", "place"], taken)
    while True:
        pool, count = gt.few(r, b), r.randint(4, 8)
        numbers = figures(r, count)
        rows: list[Record] = [{extra: fields.text(r, extra), b: r.choice(pool), n: number} for number in numbers]
        totals: dict[str, float] = {}
        for row in rows:
            totals[str(row[b])] = totals.get(str(row[b]), 0) + float(row[n])
        if 1 < len(totals) < count and len(set(totals.values())) == len(totals):
            break
    columns = [extra, b, n] if r.random() < 0.5 else [b, extra, n]
    return b, n, saved(c, [{key: row[key] for key in columns} for row in rows], is_json=r.random() < 0.2)


def _totals(h: Sheet, b: str, n: str) -> str:
    """The beginning of a program: ``n`` added up for each value of ``b``."""
    key = h.cell(b)
    loop, add = ("for item in items:\n", h.cell(n)) if h.is_json else (tables.loop(n), "value")
    return f"{h.load}totals = {{}}\n{loop}    totals[{key}] = totals.get({key}, 0) + {add}\n"


KINDS: list[tuple[Task, int]] = [
    (share, 9),
    (total_of_word, 9),
    (done_by_each, 8),
    (did_most, 7),
    (means_beyond, 7),
    (counted_down, 7),
    (partly_numbers, 7),
]
