"""Parts of composed jobs over one table: its rows, conditions on them, and the numbers that are computed from them."""

from __future__ import annotations

import datetime
import operator
from collections.abc import Callable
from dataclasses import dataclass

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe import group_tables as gt
from codemode_tui.bundled.recipe.example import lit
from codemode_tui.bundled.recipe.source import Source

Row = dict[str, str]
_STATES = (
    "status open closed",
    "status open paid overdue",
    "state ok late lost",
    "state active inactive",
    "paid yes no",
    "shipped yes no",
    "active true false",
    "priority high low medium",
    "kind in out",
    "result pass fail",
    "stage new draft done",
    "level A B C",
    "size S M L",
    "channel web shop phone",
    "billable y n",
)
SIGNS: dict[str, Callable[[float, float], bool]] = {
    "gt": operator.gt,
    "lt": operator.lt,
    "ge": operator.ge,
    "le": operator.le,
}
MARKS = {"gt": ">", "lt": "<", "ge": ">=", "le": "<="}
RULES = ("over", "cap", "off", "tax", "bulk")
"""Values that change one column by a rule, which keep its name."""


@dataclass(frozen=True)
class Filter:
    """Which rows are kept: sections of its clauses, what fills them, and its condition."""

    kind: str
    slots: dict[str, str]
    code: str
    keeps: Callable[[Row], bool]
    columns: tuple[str, ...]
    other: Filter | None = None
    """The second of two, joined by ``joint``."""
    joint: str = ""


@dataclass(frozen=True)
class Value:
    """The number of a row."""

    kind: str
    slots: dict[str, str]
    code: str
    of: Callable[[Row], float]
    columns: tuple[str, ...]


@dataclass
class Sheet:
    """Rows with a name, two groups, a date and two numbers, in a CSV file or as JSON objects."""

    rows: list[Row]
    is_json: bool
    a: str
    b: str
    s: str
    t: str
    n: str
    m: str

    def cell(self, column: str) -> str:
        return f"{'item' if self.is_json else 'row'}[{lit(column)}]"

    def number(self, column: str) -> str:
        return self.cell(column) if self.is_json else f"float({self.cell(column)})"


def sheet(r: Source) -> Sheet:
    """Rows in which no name, date or number comes twice."""
    taken: set[str] = set()
    a, b = fields.draw(r, fields.NAMES, taken), fields.draw(r, fields.GROUPS, taken)
    known = [*r.choice(_STATES).split()]
    s, pool = (known[0], known[1:]) if r.random() < 0.6 else (fields.draw(r, fields.GROUPS, taken), gt.few(r, "shift"))
    while s in taken and pool == known[1:]:
        s = names.word(r)
    taken.add(s)
    t = fields.draw(r, gt.DATES, taken)
    n = fields.draw(r, fields.DECIMALS if r.random() < 0.35 else fields.COUNTS, taken)
    m = fields.draw(r, fields.DECIMALS if r.random() < 0.35 else fields.COUNTS, taken)
    groups, count = gt.few(r, b), r.randint(5, 9)
    called = list(dict.fromkeys(fields.text(r, a) for _ in range(40)))[:count]
    first = datetime.date(r.randint(2018, 2029), r.randint(1, 12), r.randint(1, 28))
    days = [(first + datetime.timedelta(days=at)).isoformat() for at in r.sample(range(120), count)]
    high = r.choice((10, 20, 60, 100, 500))
    share = r.random() < 0.35
    rows = []
    for name, day in zip(called, days, strict=False):
        first_number = f"{r.randint(2, high * 4) / 4:.2f}" if share else str(r.randint(1, high))
        second = f"{r.randint(2, 60) / 2:.1f}" if r.random() < 0.3 else str(r.randint(1, 40))
        rows.append({a: name, b: r.choice(groups), s: r.choice(pool), t: day, n: first_number, m: second})
    return Sheet(rows, r.random() < 0.22, a, b, s, t, n, m)


def some_filter(r: Source, h: Sheet, plain: tuple[str, ...] = ()) -> Filter:
    """A condition, or two on different columns; none on the number columns in ``plain``."""
    first = _single(r, h, plain)
    if r.random() < 0.72:
        return first
    while (second := _single(r, h, plain)).columns == first.columns:
        pass
    joint = r.choice(("and", "and", "and", "or"))
    keeps: Callable[[Row], bool] = (
        (lambda row: first.keeps(row) and second.keeps(row))
        if joint == "and"
        else (lambda row: first.keeps(row) or second.keeps(row))
    )
    code = f"{first.code} {joint} {second.code}"
    return Filter(first.kind, first.slots, code, keeps, first.columns + second.columns, second, joint)


def _single(r: Source, h: Sheet, plain: tuple[str, ...]) -> Filter:
    numbers = [column for column in (h.n, h.n, h.m) if column not in plain]
    kinds = ["eq", "eq", "eq", "ne", "in", "date", "part", "anycase", "start", "end", "empty", "filled"]
    kind = r.choice(kinds + ["gt", "gt", "lt", "ge", "le", "between"] * bool(numbers) + ["more"] * (not plain))
    if kind in SIGNS or kind == "between":
        s = r.choice(numbers)
        values = sorted(float(row[s]) for row in h.rows)
        at = r.randrange(1, len(values))
        k = limit_near(r, values[at])
        low = float(k)
        test: Callable[[float, float], bool] = SIGNS.get(kind, operator.ge)
        if kind != "between":
            code = f"{h.number(s)} {MARKS[kind]} {k}"
            return Filter(kind, {"s": s, "k": k}, code, lambda row: test(float(row[s]), low), (s,))
        top = limit_near(r, low + max(2.0, values[-1] * r.choice((0.2, 0.4, 0.6))))
        top = top if float(top) > low else f"{low + 5:g}"
        code = f"{k} <= {h.number(s)} <= {top}"
        return Filter(kind, {"s": s, "k": k, "l": top}, code, lambda row: low <= float(row[s]) <= float(top), (s,))
    if kind == "more":
        s, v = r.choice(((h.n, h.m), (h.m, h.n)))
        code = f"{h.number(s)} > {h.number(v)}"
        return Filter(kind, {"s": s, "v": v}, code, lambda row: float(row[s]) > float(row[v]), (s, v))
    if kind == "date":
        t, row = h.t, r.choice(h.rows)
        way, v = r.choice(("before", "after", "since", "month", "month")), row[h.t]
        cell = h.cell(t)
        if way == "month":
            v = v[:7]
            return Filter(way, {"s": t, "v": v}, f"{cell}.startswith({lit(v)})", lambda row: row[t][:7] == v, (t,))
        sign, found = {"before": ("<", operator.lt), "after": (">", operator.gt), "since": (">=", operator.ge)}[way]
        return Filter(way, {"s": t, "v": v}, f"{cell} {sign} {lit(v)}", lambda row: bool(found(row[t], v)), (t,))
    s = r.choice((h.s, h.s, h.b)) if kind in ("eq", "ne", "in") else r.choice((h.a, h.b, h.s))
    v = r.choice(h.rows)[s]
    cell = h.cell(s)
    if kind in ("empty", "filled"):
        s = r.choice((h.s, h.b))
        cell = h.cell(s)
        blank = kind == "empty"
        return Filter(kind, {"s": s}, f'{cell} {"==" if blank else "!="} ""', lambda row: (row[s] == "") == blank, (s,))
    if kind == "in":
        others = [value for value in dict.fromkeys(row[s] for row in h.rows) if value != v] or ["other"]
        u = r.choice(others)
        return Filter(
            kind, {"s": s, "v": v, "u": u}, f"{cell} in ({lit(v)}, {lit(u)})", lambda row: row[s] in (v, u), (s,)
        )
    if kind == "part":
        size = min(len(v), r.randint(2, 4))
        at = r.randint(0, len(v) - size)
        v = v[at : at + size].strip() or v
        return Filter(kind, {"s": s, "v": v}, f"{lit(v)} in {cell}", lambda row: v in row[s], (s,))
    if kind == "anycase":
        v = v[: r.randint(2, 5)].strip().lower() or v
        return Filter(kind, {"s": s, "v": v}, f"{lit(v)} in {cell}.lower()", lambda row: v in row[s].lower(), (s,))
    if kind == "end":
        v = v[-r.choice((1, 1, 2, 3)) :].strip() or v
        return Filter(kind, {"s": s, "v": v}, f"{cell}.endswith({lit(v)})", lambda row: row[s].endswith(v), (s,))
    if kind == "start":
        v = v[: r.choice((1, 1, 2, 3))].strip() or v
        return Filter(kind, {"s": s, "v": v}, f"{cell}.startswith({lit(v)})", lambda row: row[s].startswith(v), (s,))
    if kind == "eq":
        return Filter(kind, {"s": s, "v": v}, f"{cell} == {lit(v)}", lambda row: row[s] == v, (s,))
    return Filter(kind, {"s": s, "v": v}, f"{cell} != {lit(v)}", lambda row: row[s] != v, (s,))


def limit_near(r: Source, value: float) -> str:
    """A number near ``value`` as people say it."""
    if value > 60 and r.random() < 0.6:
        return f"{round(value, -1):g}"
    return f"{round(value) if r.random() < 0.8 else value:g}"


def plain_value(h: Sheet) -> Value:
    n = h.n
    return Value("plain", {"n": n}, h.number(n), lambda row: float(row[n]), (n,))


def some_value(r: Source, h: Sheet) -> Value:
    """A number that is computed from one column or two."""
    n, m = h.n, h.m
    x, y = h.number(n), h.number(m)
    kind = r.choice(
        ("prod", "prod", "prod", "minus", "plus", "over", "over", "over", "cap", "off", "tax", "ratio", "bulk")
    )
    w = r.choice([word for word in ("amount", "worth", "cost", "score") if word not in (n, m)])
    two = {"n": n, "m": m, "w": w}
    if kind == "prod":
        return Value(kind, two, f"{x} * {y}", lambda row: float(row[n]) * float(row[m]), (n, m))
    if kind == "minus":
        return Value(kind, two, f"{x} - {y}", lambda row: float(row[n]) - float(row[m]), (n, m))
    if kind == "plus":
        return Value(kind, two, f"{x} + {y}", lambda row: float(row[n]) + float(row[m]), (n, m))
    if kind == "ratio":
        return Value(kind, two, f"{x} / {y}", lambda row: float(row[n]) / float(row[m]), (n, m))
    if kind in ("off", "tax"):
        percent = r.choice((5, 10, 10, 15, 20, 25, 30))
        factor = f"{1 + (percent if kind == 'tax' else -percent) / 100:g}"
        return Value(
            kind, {"n": n, "k": str(percent)}, f"{x} * {factor}", lambda row: float(row[n]) * float(factor), (n,)
        )
    values = sorted(float(row[n]) for row in h.rows)
    k = limit_near(r, values[len(values) // 2])
    top = float(k)
    if kind == "bulk":
        percent = r.choice((5, 10, 10, 20, 25))
        less = f"{1 - percent / 100:g}"
        code = f"({x} * {less} if {x} >= {k} else {x})"
        slots = {"n": n, "k": k, "l": str(percent)}
        return Value(kind, slots, code, lambda row: float(row[n]) * (float(less) if float(row[n]) >= top else 1), (n,))
    if kind == "cap":
        return Value(kind, {"n": n, "k": k}, f"min({x}, {k})", lambda row: min(float(row[n]), top), (n,))
    rate, said = r.choice(
        (
            ("1.5", "one and a half times"),
            ("1.5", "1.5 times"),
            ("2", "double"),
            ("2", "twice"),
            ("0.5", "half"),
            ("3", "three times"),
            ("1.25", "1.25 times"),
        )
    )
    code = f"min({x}, {k}) + max(0, {x} - {k}) * {rate}"
    by = float(rate)
    return Value(
        kind,
        {"n": n, "k": k, "u": said},
        code,
        lambda row: min(float(row[n]), top) + max(0, float(row[n]) - top) * by,
        (n,),
    )
