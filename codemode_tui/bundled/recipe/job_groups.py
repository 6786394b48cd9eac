"""Jobs over groups and series of rows: the first few of each group, shares, medians, months, balances, differences."""

from __future__ import annotations

from itertools import pairwise

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe import group_tables as gt
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.nouns import many
from codemode_tui.bundled.recipe.number_words import CARDINALS
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.table_rows import ABOVE, BELOW, SHOWN

_BARE = ("k", "s", "t", "w", "x", "y")
"""Slots that are never quoted."""
_MOMENTS = "time timestamp created_at at started logged_at seen login_time when moment date_time begin visited"
_USERS = """
user user user_id user username account visitor customer client member login person guest player student device
ip session employee browser driver host sender author
"""
_FLOWS = "amount amount amount change value sum flow movement delta booking total_amount net transfer"


def top_of_group(c: Chat) -> None:
    """The two or three rows with the most of each group."""
    r = c.r
    f, a, b, n = gt.grouped(c)
    high, both = r.random() < 0.75, r.random() < 0.5
    k = r.choice((2, 2, 2, 2, 3, 3, 4))
    w = r.choice(("highest", "largest", "biggest", "greatest", "most") if high else ("lowest", "smallest", "least"))
    _ask(c, f"jg_top_{'value' if both else 'names'}", f=f, a=a, b=b, n=n, w=w, k=_said(r, k), s=many(a))
    c.call(
        f"{gt.load(f)}{gt.rows_by(b)}for key, items in sorted(groups.items()):\n"
        f"    for row in sorted(items, key=lambda row: float(row[{lit(n)}]){', reverse=True' if high else ''})[:{k}]:\n"
        f"        print(key, row[{lit(a)}]{f', row[{lit(n)}]' if both else ''})"
    )
    c.say(f"Those are the {many(a)} with the {w} {n} of each {b}.")


def first_of_group(c: Chat) -> None:
    """The first or last few rows of each group, in the order of the file."""
    r = c.r
    f, a, b, _ = gt.grouped(c)
    first, k = r.random() < 0.55, r.choice((1, 1, 2, 2, 2, 3, 3, 4))
    whole = r.random() < 0.4
    end = "first" if first else "last"
    section = f"jg_end_{'rows' if whole else 'names'}" + ("_one" if k == 1 else "")
    _ask(c, section, f=f, a=a, b=b, w=end, k=_said(r, k), s=many(a))
    part = f"[:{k}]" if first else f"[-{k}:]"
    c.call(
        f"{gt.load(f)}{gt.rows_by(b)}for key, items in sorted(groups.items()):\n    for row in items{part}:\n"
        f"        {SHOWN if whole else f'print(key, row[{lit(a)}])'}"
    )
    c.say(f"Those are the {end} {'rows' if whole else many(a)} of each {b}.")


def share(c: Chat) -> None:
    """The group of the largest total with its share of all, or the share of every group."""
    r = c.r
    f, _, b, n = gt.grouped(c)
    high = r.random() < 0.8
    w = r.choice(("largest", "highest", "biggest", "greatest") if high else ("smallest", "lowest"))
    kind = r.choice(("best", "best", "each", "rows"))
    _ask(c, f"jg_share_{kind}", f=f, b=b, n=n, w=w, t=many(b))
    if kind == "rows":
        code = f"{gt.load(f)}{gt.counted(b)}for key, count in sorted(counts.items()):\n    print(key, count, "
        c.call(f'{code}f"{{count / len(rows) * 100:.1f}}%")')
        c.say(f"Those are the rows of each {b} with their share.")
        return
    code = f"{gt.load(f)}{gt.totals_of(b, n)}whole = sum(totals.values())\n"
    if kind == "each":
        c.call(f'{code}for key, value in sorted(totals.items()):\n    print(key, f"{{value / whole * 100:.1f}}%")')
        c.say(f"Those are the shares of {n} by {b}.")
        return
    out, _ = c.call(
        f"{code}best = {'max' if high else 'min'}(totals, key=totals.get)\n"
        'print(best, f"{totals[best]:.12g}", f"{totals[best] / whole * 100:.1f}%")'
    )
    found, value, percent = out.rsplit(" ", 2)
    c.say(f"{found} has the {w} total of {n}: {value}, which is {percent} of all.")


def median_of_group(c: Chat) -> None:
    """The median of each group."""
    f, _, b, n = gt.grouped(c)
    _ask(c, "jg_median", f=f, b=b, n=n, t=many(b))
    c.call(
        f"{gt.load(f, 'statistics')}{gt.values_by(b, n)}for key, values in sorted(groups.items()):\n"
        '    print(key, f"{statistics.median(values):.12g}")'
    )
    c.say(f"Those are the medians of {n} by {b}.")


def count_and_mean(c: Chat) -> None:
    """Rows and mean, or rows and total, of each group in one line."""
    r = c.r
    f, _, b, n = gt.grouped(c)
    kind = r.choice(("mean", "rounded", "rounded", "total"))
    d = r.choice((1, 1, 2, 2, 2))
    w = f"{_said(r, d)} {'decimal' if r.random() < 0.6 else 'decimal place'}{'s' if d > 1 else ''}"
    _ask(c, f"jg_count_{kind}", f=f, b=b, n=n, w=w, t=many(b))
    value = {"mean": "sum(values) / len(values):.12g", "total": "sum(values):.12g"}
    shown = value.get(kind, f"sum(values) / len(values):.{d}f")
    c.call(
        f"{gt.load(f)}{gt.values_by(b, n)}for key, values in sorted(groups.items()):\n"
        f'    print(key, len(values), f"{{{shown}}}")'
    )
    c.say(f"Those are the rows and the {'total' if kind == 'total' else 'mean'} of {n} for each {b}.")


def both_ends(c: Chat) -> None:
    """The smallest and the largest number of each group, or how far they are apart."""
    r = c.r
    f, _, b, n = gt.grouped(c)
    low = r.choice((("smallest", "largest"), ("lowest", "highest"), ("minimum", "maximum"), ("least", "greatest")))
    up = r.random() < 0.7
    kind = r.choice(("both", "both", "spread"))
    x, y = low if up else low[::-1]
    _ask(c, f"jg_ends_{kind}", f=f, b=b, n=n, x=x, y=y, t=many(b))
    parts = [f'f"{{{call}(values):.12g}}"' for call in (("min", "max") if up else ("max", "min"))]
    shown = ", ".join(parts) if kind == "both" else 'f"{max(values) - min(values):.12g}"'
    c.call(f"{gt.load(f)}{gt.values_by(b, n)}for key, values in sorted(groups.items()):\n    print(key, {shown})")
    c.say(f"Those are the {x} and the {y} {n} of each {b}." if kind == "both" else f"Those are the ranges of {n}.")


def pivot(c: Chat) -> None:
    """One line for each value of a column, with a number for each value of another one."""
    r = c.r
    taken: set[str] = set()
    a, b = fields.draw(r, fields.GROUPS, taken), fields.draw(r, fields.GROUPS, taken)
    n = fields.draw(r, fields.DECIMALS if r.random() < 0.3 else fields.COUNTS, taken)
    first, second = gt.few(r, a), gt.few(r, b)
    rows = [{a: r.choice(first), b: r.choice(second), n: fields.number(r, n)} for _ in range(r.randint(4, 9))]
    f = gt.new_file(c, gt.csv_text(rows))
    count, header = r.random() < 0.5, r.random() < 0.5
    x = r.choice(("the number of rows", "the number of rows", "the count of rows"))
    if not count:
        q = quoted(r, n)
        x = r.choice((f"the sum of {q}", f"the total of {q}", f"the total {q}"))
    _ask(c, f"jg_pivot_{'header' if header else 'pairs'}", f=f, a=a, b=b, x=x, s=many(a), t=many(b))
    name, plus = ("counts", "1") if count else ("totals", f"float(row[{lit(n)}])")
    cell = f"{name}.get((a, b), 0)" if count else 'f"{totals.get((a, b), 0):.12g}"'
    if header:
        top, line = f"print({lit(a)}, *columns)\n", f"print(a, *[{cell} for b in columns])"
    else:
        inner = f"{name}.get((a, b), 0)" + ("" if count else ":.12g")
        top, line = "", f'print(a, *[f"{{b}}={{{inner}}}" for b in columns])'
    c.call(
        f"{gt.load(f)}{name} = {{}}\nfor row in rows:\n    key = (row[{lit(a)}], row[{lit(b)}])\n"
        f"    {name}[key] = {name}.get(key, 0) + {plus}\ncolumns = sorted({{row[{lit(b)}] for row in rows}})\n{top}"
        f"for a in sorted({{row[{lit(a)}] for row in rows}}):\n    {line}"
    )
    c.say(f"That is {'the number of rows' if count else f'the total of {n}'} by {a} and {b}.")


def months(c: Chat) -> None:
    """Sum or number of rows per month or year of an ISO date, or the best month."""
    r = c.r
    f, a, t, n = gt.dated(c)
    x, end = r.choice((("month", 7), ("month", 7), ("month", 7), ("year", 4)))
    kind = r.choice(("sum", "sum", "count", "best", "mean"))
    high = r.random() < 0.75
    w = r.choice(("largest", "highest", "biggest", "greatest") if high else ("smallest", "lowest"))
    _ask(c, f"jg_month_{kind}", f=f, a=a, d=t, n=n, w=w, x=x, s=many(a))
    key = f"    {x} = row[{lit(t)}][:{end}]\n"
    if kind == "count":
        c.call(
            f"{gt.load(f)}counts = {{}}\nfor row in rows:\n{key}    counts[{x}] = counts.get({x}, 0) + 1\n"
            f"for {x}, count in sorted(counts.items()):\n    print({x}, count)"
        )
        c.say(f"Those are the rows per {x}.")
        return
    if kind == "mean":
        c.call(
            f"{gt.load(f)}groups = {{}}\nfor row in rows:\n{key}"
            f"    groups.setdefault({x}, []).append(float(row[{lit(n)}]))\n"
            f'for {x}, values in sorted(groups.items()):\n    print({x}, f"{{sum(values) / len(values):.2f}}")'
        )
        c.say(f"Those are the averages of {n} per {x}.")
        return
    load = f"{gt.load(f)}totals = {{}}\nfor row in rows:\n{key}    totals[{x}] = totals.get({x}, 0) + float(row[{lit(n)}])\n"
    if kind == "sum":
        c.call(f'{load}for {x}, value in sorted(totals.items()):\n    print({x}, f"{{value:.12g}}")')
        c.say(f"Those are the totals of {n} per {x}.")
        return
    out, _ = c.call(
        f'{load}best = {"max" if high else "min"}(totals, key=totals.get)\nprint(best, f"{{totals[best]:.12g}}")'
    )
    found, _, value = out.rpartition(" ")
    c.say(f"{found} has the {w} total of {n}: {value}.")


def balance(c: Chat) -> None:
    """The balance after each row, the lowest one, or the first row after which it is below zero."""
    r = c.r
    a = fields.draw(r, gt.DATES) if r.random() < 0.6 else fields.draw(r, fields.NAMES)
    n = fields.draw(r, _FLOWS.split(), {a})
    dates = gt.days(r, 12) if a.lower() in gt.DATES else []
    cents = r.random() < 0.25
    start = r.choice((0, 0, 0, 0, 0, 50, 100, 100, 200, 500, 1000, r.randint(1, 900)))
    kind = r.choice(("each", "each", "lowest", "below", "below", "below_else", "end"))
    while True:
        rows, level, levels = [], float(start), []
        for at in range(r.randint(4, 8)):
            move = r.choice((1, 1, -1)) * r.randint(1, 300) * r.choice((1, 1, 1, 5))
            text = f"{move + r.randint(0, 99) / 100:.2f}" if cents else str(move)
            level += float(text)
            levels.append(level)
            rows.append({a: dates[at] if dates else fields.text(r, a), n: text})
        if levels.count(min(levels)) == 1 and (kind == "each" or (min(levels) < 0) == (r.random() < 0.7)):
            break
    f = gt.new_file(c, gt.csv_text(rows))
    w = names.word(r) if r.random() < 0.4 else r.choice(("never", "never", "no", "always positive", "none", "fine"))
    section = f"jg_balance_{kind}{'_from' if start else ''}"
    _ask(c, section, f=f, a=a, n=n, k=str(start), w=quoted(r, w) if r.random() < 0.5 else f'"{w}"', s=many(a))
    step = f"balance = {start}\nfor row in rows:\n    balance += float(row[{lit(n)}])\n"
    shown = f'print(row[{lit(a)}], f"{{balance:.12g}}")'
    if kind == "each":
        c.call(f"{gt.load(f)}{step}    {shown}")
        c.say("Those are the balances after each row.")
    elif kind == "end":
        out, _ = c.call(f'{gt.load(f)}{step}print(f"{{balance:.12g}}")')
        c.say(f"The balance at the end is {out}.")
    elif kind == "lowest":
        out, _ = c.call(
            f"{gt.load(f)}found = []\n{step}    found.append((balance, row[{lit(a)}]))\n"
            'value, name = min(found, key=lambda pair: pair[0])\nprint(name, f"{value:.12g}")'
        )
        found, _, value = out.rpartition(" ")
        c.say(f"The lowest balance is {value}, at {found}.")
    else:
        tail = f"\nelse:\n    print({lit(w)})" if kind == "below_else" else ""
        out, _ = c.call(f"{gt.load(f)}{step}    if balance < 0:\n        {shown}\n        break{tail}")
        found, _, value = out.rpartition(" ")
        never = out in ("(no output)", w)
        c.say("The balance never falls below zero." if never else f"It falls below zero at {found}: {value}.")


def differences(c: Chat) -> None:
    """From row to row: each difference, the largest rise or fall, how many rises or falls, which rows are higher."""
    r = c.r
    a = fields.draw(r, gt.DATES) if r.random() < 0.6 else fields.draw(r, fields.NAMES)
    n = fields.draw(r, fields.DECIMALS if r.random() < 0.4 else fields.COUNTS, {a})
    dates = gt.days(r, 12) if a.lower() in gt.DATES else []
    while True:
        count = r.randint(4, 8)
        rows = [{a: dates[at] if dates else fields.text(r, a), n: fields.number(r, n)} for at in range(count)]
        steps = [round(float(new[n]) - float(old[n]), 4) for old, new in pairwise(rows)]
        if len(set(steps)) == len(steps) and min(steps) < 0 < max(steps):
            break
    f = gt.new_file(c, gt.csv_text(rows))
    kind = r.choice(("each", "most", "most", "count", "count", "names"))
    up = r.random() < 0.5
    sign = ">" if up else "<"
    big = r.choice(("largest", "biggest", "greatest"))
    _ask(c, f"jg_step_{kind}" + ("" if kind == "each" else "_up" if up else "_down"), f=f, a=a, n=n, w=big, s=many(a))
    loop = "for old, new in zip(rows, rows[1:]):\n"
    new, old = f"float(new[{lit(n)}])", f"float(old[{lit(n)}])"
    if kind == "each":
        c.call(f'{gt.load(f)}{loop}    value = {new} - {old}\n    print(new[{lit(a)}], f"{{value:.12g}}")')
        c.say(f"Those are the changes of {n}.")
    elif kind == "most":
        out, _ = c.call(
            f"{gt.load(f)}found = []\n{loop}    found.append(({f'{new} - {old}' if up else f'{old} - {new}'}, new[{lit(a)}]))\n"
            'value, name = max(found, key=lambda pair: pair[0])\nprint(name, f"{value:.12g}")'
        )
        found, _, value = out.rpartition(" ")
        c.say(f"The {big} {'rise' if up else 'fall'} of {n} is {value}, at {found}.")
    elif kind == "count":
        out, _ = c.call(f"{gt.load(f)}count = 0\n{loop}    if {new} {sign} {old}:\n        count += 1\nprint(count)")
        c.say(f"{n} {'rises' if up else 'falls'} {out} time{'' if out == '1' else 's'}.")
    else:
        c.call(f"{gt.load(f)}{loop}    if {new} {sign} {old}:\n        print(new[{lit(a)}])")
        c.say(f"Those have {'more' if up else 'less'} {n} than the row before.")


def users_per_day(c: Chat) -> None:
    """How many different users, or which, each day has; the day with the most."""
    r = c.r
    moment = r.random() < 0.4
    t = fields.draw(r, _MOMENTS.split() if moment else gt.DATES)
    a = fields.draw(r, _USERS.split(), {t})
    pool, days = [*gt.few(r, a), fields.text(r, a)], gt.days(r, 4)
    kind = r.choice(("count", "count", "names", "best"))
    while True:
        rows = []
        for day in sorted(r.choices(days, k=r.randint(5, 9))):
            hour = f"{r.choice('T ')}{r.randint(0, 23):02}:{r.randint(0, 59):02}" if moment else ""
            rows.append({t: day + hour, a: r.choice(pool)})
        seen: dict[str, set[str]] = {}
        for row in rows:
            seen.setdefault(row[t][:10], set()).add(row[a])
        sizes = sorted(len(users) for users in seen.values())
        if len(sizes) > 1 and (kind != "best" or sizes[-1] > sizes[-2]):
            break
    f = gt.new_file(c, gt.csv_text(rows))
    _ask(c, f"jg_users_{kind}{'_moment' if moment else ''}", f=f, a=a, d=t, s=many(a))
    add = f"    groups.setdefault(row[{lit(t)}]{'[:10]' if moment else ''}, set()).add(row[{lit(a)}])\n"
    load = f"{gt.load(f)}groups = {{}}\nfor row in rows:\n{add}"
    if kind == "best":
        out, _ = c.call(f"{load}best = max(groups, key=lambda key: len(groups[key]))\nprint(best, len(groups[best]))")
        found, value = out.split()
        c.say(f"{found} has the most different {many(a)}: {value}.")
        return
    shown = "len(values)" if kind == "count" else "*sorted(values)"
    c.call(f"{load}for key, values in sorted(groups.items()):\n    print(key, {shown})")
    c.say(f"Those are the {'numbers of ' if kind == 'count' else ''}different {many(a)} per day.")


def large_groups(c: Chat) -> None:
    """Groups with at least so many rows, or with a total beyond a limit."""
    r = c.r
    f, _, b, n = gt.grouped(c)
    count, shown = r.random() < 0.6, r.random() < 0.5
    if count:
        sign, w = r.choice(
            ((">=", "at least"), (">=", "at least"), (">", "more than"), ("<", "fewer than"), ("==", "exactly"))
        )
        k = str(r.choice((2, 2, 3) if sign == ">" else (2, 2, 3, 3, 4, 5)))
    else:
        sign, w = r.choice(((">", r.choice(ABOVE)), (">", r.choice(ABOVE)), ("<", r.choice(BELOW)), (">=", "at least")))
        k = gt.near(r, c.world.files[f], b, n)
    section = f"jg_{'size' if count else 'sum'}_{'value' if shown else 'names'}"
    _ask(c, section, f=f, b=b, n=n, w=w, k=k, t=many(b))
    if count:
        out, _ = c.call(
            f"{gt.load(f)}{gt.counted(b)}for key, count in sorted(counts.items()):\n    if count {sign} {k}:\n"
            f"        print({'key, count' if shown else 'key'})"
        )
        c.say(f"No {b} has {w} {k} rows." if out == "(no output)" else f"Those are the {many(b)} with {w} {k} rows.")
        return
    value = 'key, f"{value:.12g}"' if shown else "key"
    out, _ = c.call(
        f"{gt.load(f)}{gt.totals_of(b, n)}for key, value in sorted(totals.items()):\n    if value {sign} {k}:\n        print({value})"
    )
    said = f"a total of {n} {w} {k}"
    c.say(f"No {b} has {said}." if out == "(no output)" else f"Those are the {many(b)} with {said}.")


def groups_in_order(c: Chat) -> None:
    """Groups with their totals, means or numbers of rows, largest first; all of them or the first few."""
    r = c.r
    f, _, b, n = gt.grouped(c, counts=True)
    kind, k = r.choice(("sum", "sum", "mean", "count")), r.choice((0, 0, 2, 3))
    down = r.random() < 0.8
    w = r.choice(("largest", "highest", "biggest") if down else ("smallest", "lowest"))
    x = {"sum": r.choice(("total", "sum")), "mean": r.choice(("average", "mean")), "count": "number of rows"}[kind]
    section = f"jg_order_{'count' if kind == 'count' else 'value'}{'_top' if k else ''}"
    _ask(c, section, f=f, b=b, n=n, w=w, x=x, k=_said(r, k) if k else "", t=many(b))
    back = ", reverse=True" if down else ""
    cut = f"[:{k}]" if k else ""
    if kind == "count":
        c.call(
            f"{gt.load(f)}{gt.counted(b)}for key, count in sorted(counts.items(), key=lambda pair: pair[1]{back}){cut}:\n"
            "    print(key, count)"
        )
        c.say(f"Those are the {many(b)}, {w} first.")
        return
    load = gt.totals_of(b, n)
    if kind == "mean":
        load = f"{gt.values_by(b, n)}means = {{key: sum(values) / len(values) for key, values in groups.items()}}\n"
    name = "means" if kind == "mean" else "totals"
    c.call(
        f"{gt.load(f)}{load}for key, value in sorted({name}.items(), key=lambda pair: pair[1]{back}){cut}:\n"
        '    print(key, f"{value:.12g}")'
    )
    c.say(f"Those are the {many(b)} by {'average' if kind == 'mean' else 'total'} {n}, {w} first.")


def _ask(c: Chat, section: str, /, **slots: str) -> None:
    """The question; names are now and then quoted."""
    filled = {key: value if key in _BARE else quoted(c.r, value) for key, value in slots.items()}
    c.user(ask(c.r, section, held=c.held, shaped=True, **filled))


def _said(r: Source, k: int) -> str:
    """A small number, mostly as a word."""
    return CARDINALS[k] if r.random() < 0.6 else str(k)


KINDS: list[tuple[Task, int]] = [
    (top_of_group, 7),
    (first_of_group, 6),
    (share, 7),
    (median_of_group, 5),
    (count_and_mean, 6),
    (both_ends, 6),
    (pivot, 6),
    (months, 7),
    (balance, 8),
    (differences, 7),
    (users_per_day, 6),
    (large_groups, 7),
    (groups_in_order, 7),
]
