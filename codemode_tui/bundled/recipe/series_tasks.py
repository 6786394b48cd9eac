"""A list of numbers in the question: sum, mean, largest, order and the like."""

from __future__ import annotations

from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.phrasing import ask
from codemode_tui.bundled.recipe.source import Source

MEASURES: list[tuple[str, str, str, int]] = [
    ("list_sum", "print(sum(values))", "The sum is {o}.", 5),
    ("list_mean", "print(sum(values) / len(values))", "The average is {o}.", 6),
    ("list_largest", "print(max(values))", "The largest is {o}.", 4),
    ("list_smallest", "print(min(values))", "The smallest is {o}.", 3),
    ("list_median", "import statistics\n{v}print(statistics.median(values))", "The median is {o}.", 3),
    ("list_mode", "import statistics\n{v}print(statistics.mode(values))", "The most frequent value is {o}.", 2),
    ("list_deviation", "import statistics\n{v}print(statistics.stdev(values))", "The standard deviation is {o}.", 2),
    ("list_range", "print(max(values) - min(values))", "The range is {o}.", 2),
    ("list_product", "import math\n{v}print(math.prod(values))", "The product is {o}.", 2),
    ("list_count", "print(len(values))", "There are {o} numbers.", 2),
    ("list_sorted", "print(sorted(values))", "In order: {o}.", 4),
    ("list_descending", "print(sorted(values, reverse=True))", "From large to small: {o}.", 3),
    ("list_reversed", "print(values[::-1])", "Reversed: {o}.", 1),
    ("list_unique", "print(list(dict.fromkeys(values)))", "Without repeats: {o}.", 2),
    ("list_second", "print(sorted(values)[-2])", "The second largest is {o}.", 1),
    ("list_evens", "print([n for n in values if n % 2 == 0])", "The even ones: {o}.", 1),
    ("list_odds", "print([n for n in values if n % 2 == 1])", "The odd ones: {o}.", 1),
    ("list_squares", "print([n ** 2 for n in values])", "The squares: {o}.", 1),
    ("list_doubled", "print([n * 2 for n in values])", "Doubled: {o}.", 1),
    ("list_both_ends", "print(min(values), max(values))", "The smallest and the largest are {o}.", 1),
    ("list_above", "print([n for n in values if n > {k}])", "Above {k}: {o}.", 2),
    ("list_below", "print([n for n in values if n < {k}])", "Below {k}: {o}.", 1),
    ("list_count_above", "print(sum(n > {k} for n in values))", "{o} of them are above {k}.", 1),
]
_WHOLE = {"list_evens", "list_odds"}
_REPEATING = {"list_mode", "list_unique"}


def series(c: Chat) -> None:
    """One measure of a list of numbers."""
    r = c.r
    section, code, answer, _ = r.choices(MEASURES, [weight**2 for *_, weight in MEASURES])[0]
    values = _values(r, section)
    k = r.choice(values) if r.random() < 0.4 else str(r.randint(1, 100))
    c.user(ask(r, section, held=c.held, v=_said(r, values), k=k))
    line = f"values = [{', '.join(values)}]\n"
    code = code.replace("{k}", k)
    out, _ = c.call(code.replace("{v}", line) if "{v}" in code else line + code)
    c.say(answer.replace("{k}", k).replace("{o}", out.strip("[]") or "none"))


def _values(r: Source, section: str) -> list[str]:
    most = 10 ** r.choices((1, 2, 3, 4, 5), (5, 6, 4, 2, 1))[0]
    fewest = 2 if section in ("list_mean", "list_largest", "list_smallest") else 3
    count = r.choice((3, 3, 4)) if r.random() < 0.4 else r.randint(fewest, 9)
    if section not in _WHOLE and r.random() < 0.12:
        values = [f"{r.randint(0, most)}.{r.randint(1, 9)}" for _ in range(count)]
    else:
        values = [str(r.randint(1, most)) for _ in range(count)]
        if section not in _WHOLE and r.random() < 0.07:
            values[r.randrange(count)] = f"-{r.randint(1, 40)}"
    if section in _REPEATING or r.random() < 0.1:
        values += r.choices(values, k=r.randint(1, 3))
        r.shuffle(values)
    return values


def _said(r: Source, values: list[str]) -> str:
    """One of the many ways to write a list of numbers."""
    *most, last = values
    way = r.random()
    if way < 0.34:
        return ", ".join(most) + r.choice((" and ", " and ", ", and ", " & ")) + last
    if way < 0.62:
        return ", ".join(values)
    if way < 0.74:
        return " ".join(values)
    if way < 0.82:
        return "[" + ", ".join(values) + "]"
    if way < 0.88:
        return ",".join(values)
    if way < 0.92:
        return "; ".join(values)
    if way < 0.95:
        return "(" + ", ".join(values) + ")"
    return " and ".join(values)
