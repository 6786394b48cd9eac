"""A composed job over one table, drawn from its parts without ties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.pipe_tables_filters import (
    MARKS,
    RULES,
    SIGNS,
    Filter,
    Sheet,
    Value,
    limit_near,
    plain_value,
    sheet,
    some_filter,
    some_value,
)
from codemode_tui.bundled.recipe.source import Source

_MESSAGES = (
    "nothing found",
    "nothing to do",
    "no rows",
    "no match",
    "no open invoices",
    "none left",
    "all clear",
    "nothing here",
    "empty list",
    "no such entries",
    "nothing this time",
    "no results at all",
    "nobody is late",
    "all is paid",
    "nothing to report",
    "not a single one",
)


@dataclass
class Job:
    """One combination of parts; what is "" or None is not asked for."""

    sheet: Sheet
    agg: str
    value: Value
    filter: Filter | None = None
    order: str = ""
    """ "down" or "up" by value, "name", "old" or "new"."""
    limit: int = 0
    sep: str = ""
    """Between name and value; "(" for brackets, "only" for names without values."""
    digits: str = ""
    """The format of numbers, ".2f" and the like."""
    target: str = ""
    """ "count", "content" or "total" of a file that is written; "both" for a single result that is printed, too."""
    message: str = ""
    having: tuple[str, str, str] | None = None
    """Of groups: the kind of the condition, its sign, and the number."""
    label: str = ""
    """In front of a single number."""
    header: str = ""
    """The first line of a file."""
    monthly: bool = False
    """Whether groups are the months of the date."""
    columns: list[str] = field(default_factory=list)

    @property
    def grouped(self) -> bool:
        return self.agg in ("gsum", "gcount", "gmean", "gmax", "gmin")

    @property
    def key(self) -> str:
        """The code of the group of a row."""
        return f"{self.sheet.cell(self.sheet.t)}[:7]" if self.monthly else self.sheet.cell(self.sheet.b)

    @property
    def group(self) -> str:
        """What a group is called."""
        return "month" if self.monthly else self.sheet.b

    @property
    def listed(self) -> bool:
        """Whether the result is several lines."""
        return self.grouped or self.agg in ("names", "pair", "text", "whole", "distinct")

    @property
    def numeric(self) -> bool:
        """Whether values are shown that are no counts."""
        return self.agg in ("pair", "sum", "csum", "mean", "best", "least", "gsum", "gmean", "gmax", "gmin")


_AGGS = {
    "names": 4, "pair": 5, "text": 3, "whole": 2, "sum": 4, "mean": 2, "count": 2, "best": 3, "least": 1,
    "gsum": 7, "gcount": 4, "gmean": 3, "gmax": 2, "gmin": 1, "distinct": 2, "ndistinct": 1, "csum": 2,
}  # fmt: skip
_WEIGHTS = {
    "filter": 5.0,
    "value": 2.5,
    "order": 2.5,
    "limit": 1.5,
    "sep": 2.5,
    "digits": 1.3,
    "target": 2.5,
    "message": 1.5,
    "having": 1.2,
    "label": 1.0,
    "header": 1.0,
}
SEPARATORS = (": ", ": ", " - ", ",", "(", " = ", ";", " -> ", " ")


def some_job(r: Source, kinds: tuple[str, ...] = ()) -> Job:
    """A job with one of some aggregates (all if none are named) whose filter takes some rows but not all, and without ties where they would matter."""
    known = [*(kinds or _AGGS)]
    agg = r.choices(known, [_AGGS[kind] for kind in known])[0]
    parts = _drawn(r, agg)
    while True:
        h = sheet(r)
        h.is_json = h.is_json and agg != "whole"
        value = some_value(r, h) if "value" in parts else plain_value(h)
        job = Job(h, agg, value)
        job.monthly = job.grouped and r.random() < 0.15
        if "filter" in parts:
            job.filter = some_filter(r, h, value.columns if value.kind in RULES else ())
            for one in (job.filter, job.filter.other):
                if one and one.kind in ("empty", "filled"):
                    for row in r.sample(h.rows, r.randint(1, len(h.rows) // 2)):
                        row[one.columns[0]] = ""
        if "order" in parts:
            job.order = r.choice(_orders(agg))
        if "limit" in parts:
            job.limit = r.choice((2, 2, 3, 3, 4))
        if "sep" in parts:
            job.sep = r.choice((*SEPARATORS, *(("only", "only") if _may_hide(job) else ())))
        if "header" in parts:
            job.sep = r.choice((",", ",", ";"))
            right = r.choice(("total", "value", "result")) if job.grouped or job.agg == "pair" else h.b
            left = job.group if job.grouped else h.a
            job.header = r.choice((left, left, "name")) + job.sep + right
        if "label" in parts:
            word = r.choice((agg.removeprefix("n"), "result", "answer", h.n, names.word(r)))
            job.label = r.choice((word, word.capitalize())) + r.choice((": ", ": ", " = ", " "))
        if "digits" in parts and job.sep != "only":
            job.digits = r.choice((".2f", ".2f", ".0f", ".1f"))
        if "target" in parts:
            total = job.agg in ("pair", "gsum", "gcount") and job.sep != "only" and not job.digits
            total = total and not job.header
            job.target = (
                r.choice(("count", "count", "content", *(("total",) if total else ()))) if job.listed else "both"
            )
        if "message" in parts:
            job.message = (
                r.choice(_MESSAGES)
                if r.random() < 0.6
                else f"no {names.word(r)} {r.choice(('left', 'today', 'there', 'found'))}"
            )
        if _fits(r, job, empty="message" in parts and r.random() < 0.34, having="having" in parts):
            return job


def _may_hide(job: Job) -> bool:
    """Whether the names alone say enough."""
    return job.agg in ("best", "least") or (job.grouped and job.order in ("down", "up"))


def _drawn(r: Source, agg: str) -> set[str]:
    """One to four parts that go with ``agg``, and what they need."""
    listed = agg in ("names", "pair", "text", "whole") or agg[0] == "g"
    can = ["filter", "target", "message"]
    can += ["value"] * (agg in ("pair", "sum", "csum", "mean", "best", "least", "gsum", "gmean", "gmax", "gmin"))
    can += ["order", "limit"] * listed
    can += ["sep"] * (agg in ("pair", "text", "best", "least", "csum") or agg[0] == "g")
    can += ["digits"] * (agg in ("pair", "sum", "csum", "mean", "best", "least", "gsum", "gmean", "gmax", "gmin"))
    can += ["having"] * (agg in ("gsum", "gcount", "gmean"))
    can += ["label"] * (agg in ("sum", "mean", "count", "ndistinct"))
    can += ["header"] * (agg in ("pair", "text") or agg[0] == "g")
    parts: set[str] = set()
    wanted = min(r.randint(1, 4), len(can))
    while len(parts) < wanted:
        parts.add(r.choices(can, [_WEIGHTS[part] for part in can])[0])
    if "message" in parts:
        parts.add("filter")
    if "limit" in parts:
        parts.add("order")
    if "header" in parts:
        parts |= {"target", "sep"}
    return parts


def _orders(agg: str) -> tuple[str, ...]:
    if agg[0] == "g":
        return ("down", "down", "down", "up", "name")
    if agg == "text":
        return ("name", "old", "new")
    return ("down", "down", "up", "old", "new", *(("name",) if agg in ("names", "pair") else ()))


def _fits(r: Source, job: Job, *, empty: bool, having: bool) -> bool:
    """Whether all is as it should be; takes the rows away that the filter keeps if ``empty``, fixes the columns."""
    h = job.sheet
    kept = [row for row in h.rows if job.filter.keeps(row)] if job.filter else h.rows
    if job.filter and not len(h.rows) > len(kept) > 1:
        return False
    if job.agg == "text" and job.filter and h.b in job.filter.columns:
        return False
    numbers = [job.value.of(row) for row in kept]
    found: dict[str, list[float]] = {}
    for row, number in zip(kept, numbers, strict=True):
        found.setdefault(row[h.t][:7] if job.monthly else row[h.b], []).append(number)
    made: dict[str, Callable[[list[float]], float]] = {
        "gsum": sum,
        "gcount": len,
        "gmean": lambda of: sum(of) / len(of),
        "gmax": max,
        "gmin": min,
    }
    if job.grouped:
        numbers = [float(made[job.agg](group)) for group in found.values()]
        if len(numbers) < 2 or "" in found:
            return False
    if (job.order in ("down", "up") or job.agg in ("best", "least")) and len({round(x, 6) for x in numbers}) < len(
        numbers
    ):
        return False
    if having:
        kind, ordered = r.choice(("gt", "gt", "ge", "lt")), sorted(numbers)
        k = limit_near(r, ordered[r.randrange(len(ordered))])
        job.having = (kind, MARKS[kind], k)
        left = [number for number in numbers if SIGNS[kind](number, float(k))]
        if not len(numbers) > len(left) > 0:
            return False
        numbers = left
    if job.limit >= len(numbers):
        return False
    if job.agg in ("distinct", "ndistinct") and (len(found) < 2 or "" in found):
        return False
    if empty:
        h.rows = [row for row in h.rows if row not in kept]
        if len(h.rows) < 2:
            return False
    used = _used(job)
    free = [column for column in (h.a, h.b, h.s, h.t, h.n, h.m) if column not in used]
    used += r.sample(free, min(r.choice((0, 0, 1, 1, 2)), len(free)))
    job.columns = [column for column in (h.a, h.b, h.s, h.t, h.n, h.m) if column in used]
    if r.random() < 0.4:
        r.shuffle(job.columns)
    return True


def _used(job: Job) -> list[str]:
    """The columns that the job needs."""
    h = job.sheet
    used = list(job.filter.columns) if job.filter else []
    if job.numeric or job.order in ("down", "up"):
        used += [] if job.agg == "gcount" else job.value.columns
    used += [h.t] * (job.order in ("old", "new"))
    used += [h.t] * job.monthly
    used += [h.b] * ((job.grouped and not job.monthly) or job.agg in ("text", "distinct", "ndistinct"))
    used += [h.a] * (job.agg in ("names", "pair", "text", "whole", "best", "least") or len(set(used)) < 2)
    return used
