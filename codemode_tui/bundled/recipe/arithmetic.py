"""Plain arithmetic and word problems: always by code, never in the head."""

from __future__ import annotations

from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.jobs import Job, Slots, larger_first, number, pair, run, spoken, whole
from codemode_tui.bundled.recipe.phrasing import ask
from codemode_tui.bundled.recipe.source import Source

OPERATORS = {
    "+": ("+", "+", "plus", "+", "added to"),
    "-": ("-", "-", "minus", "-", "less", "take away"),
    "*": ("*", "times", "x", "*", "multiplied by", "×", "*", "X"),
    "/": ("/", "divided by", "/", "over", "÷", ":"),
    "//": ("//",),
    "**": ("**", "to the power of", "^", "**", "raised to the power of", "raised to", "to the power"),
    "%": ("%", "modulo", "mod"),
}


def _divided(r: Source) -> Slots:
    b = r.randint(2, 10 ** r.choice((1, 1, 2, 2, 3)))
    if r.random() < 0.5:
        return {"a": str(b * r.randint(1, 10 ** r.choice((1, 2, 3)))), "b": str(b)}
    return {"a": str(r.randint(b, b * 10 ** r.choice((1, 2, 3)))), "b": str(b)}


def _changed(r: Source) -> Slots:
    values = _divided(r)
    return values if r.random() < 0.5 else {"a": values["b"], "b": values["a"]}


def _power(r: Source) -> Slots:
    return {"a": str(r.randint(2, 30)), "b": str(r.randint(2, 20))}


def _percent(r: Source) -> Slots:
    p = r.choice((5, 10, 15, 20, 25, 30, 50, 75, 7, 19, r.randint(1, 99), r.randint(1, 99)))
    n = f"{r.randint(1, 999)}.{r.randint(10, 99)}" if r.random() < 0.12 else whole(r, 5)
    return {"p": f"{p}.5" if r.random() < 0.05 else str(p), "n": n}


PAIRS = [
    Job("sum_of_two", "print({a} + {b})", "{a} + {b} = {o}.", pair),
    Job("subtraction", "print({a} - {b})", "{a} - {b} = {o}.", pair),
    Job("difference", "print({a} - {b})", "{a} - {b} = {o}.", larger_first),
    Job("product_of_two", "print({a} * {b})", "{a} * {b} = {o}.", pair),
    Job("quotient", "print({a} / {b})", "{a} / {b} = {o}.", _divided),
    Job("remainder", "print({a} % {b})", "The remainder of {a} divided by {b} is {o}.", _divided),
    Job("power", "print({a} ** {b})", "{a} ** {b} = {o}.", _power),
]
PERCENT = [
    Job("percent_of", "print({n} * {p} / 100)", "{p}% of {n} is {o}.", _percent, worded=False),
    Job("percent_of", "print({n} * {p} / 100)", "{p}% of {n} is {o}.", _percent, worded=False),
    Job("percent_off", "print({n} * (100 - {p}) / 100)", "{n} less {p}% is {o}.", _percent, worded=False),
    Job("percent_more", "print({n} * (100 + {p}) / 100)", "{n} plus {p}% is {o}.", _percent, worded=False),
    Job("what_percent", "print({b} / {a} * 100)", "{b} is {o}% of {a}.", larger_first, worded=False),
    Job(
        "percent_change",
        "print(({b} - {a}) / {a} * 100)",
        "From {a} to {b} is a change of {o}%.",
        _changed,
        worded=False,
    ),
]
PARTS = {
    "half": ("print({n} / 2)", "{n} / 2 = {o}."),
    "a third": ("print({n} / 3)", "{n} / 3 = {o}."),
    "a quarter": ("print({n} / 4)", "{n} / 4 = {o}."),
    "one third": ("print({n} / 3)", "{n} / 3 = {o}."),
    "one quarter": ("print({n} / 4)", "{n} / 4 = {o}."),
    "one half": ("print({n} / 2)", "{n} / 2 = {o}."),
    "a fifth": ("print({n} / 5)", "{n} / 5 = {o}."),
    "a tenth": ("print({n} / 10)", "{n} / 10 = {o}."),
    "two thirds": ("print({n} * 2 / 3)", "{n} * 2 / 3 = {o}."),
    "three quarters": ("print({n} * 3 / 4)", "{n} * 3 / 4 = {o}."),
}
TIMES = {"double": "2", "twice": "2", "two times": "2", "triple": "3", "three times": "3", "four times": "4"}


def arithmetic(c: Chat) -> None:
    """An expression, in signs or in words."""
    said, code = _expression(c.r)
    c.user(ask(c.r, "expression", held=c.held, e=said))
    out, _ = c.call(f"print({code})")
    c.say(f"{code} = {out}.")


def two_operands(c: Chat) -> None:
    """One operation, named by a verb or a noun."""
    r = c.r
    way = r.random()
    if way < 0.08:
        part = r.choice(sorted(PARTS))
        code, answer = PARTS[part]
        run(c, Job("part_of", code, answer, lambda r: {"n": whole(r, 2)}), part=part)
    elif way < 0.13:
        word = r.choice(sorted(TIMES))
        job = Job(
            "multiple_of", f"print({{n}} * {TIMES[word]})", f"{{n}} * {TIMES[word]} = {{o}}.", lambda r: {"n": whole(r)}
        )
        run(c, job, times=word)
    elif way < 0.18:
        values = _divided(r)
        a, b = values["a"], values["b"]
        c.user(ask(r, "division_with_remainder", held=c.held, a=spoken(r, a), b=spoken(r, b)))
        out, _ = c.call(f"print({a} // {b}, {a} % {b})")
        c.say(f"{a} divided by {b} is {out.replace(' ', ', remainder ')}.")
    else:
        run(c, r.choice(PAIRS))


def percent(c: Chat) -> None:
    run(c, c.r.choice(PERCENT))


def _expression(r: Source) -> tuple[str, str]:
    """The expression as it is said, and as it is computed."""
    op = r.choice(("+", "+", "-", "-", "*", "*", "*", "/", "/", "**", "%"))
    if op == "**":
        a, b = _power(r).values()
    elif op == "%":
        a, b = _divided(r).values()
    else:
        a, b = number(r), number(r)
        if op == "/" and r.random() < 0.6:
            a, b = _divided(r).values()
    sign = r.choice(OPERATORS[op])
    said, code = f"{spoken(r, a)} {sign} {spoken(r, b)}", f"{a} {op} {b}"
    more = r.random()
    d = whole(r)
    if op in "+-*" and more < 0.25:
        op2 = r.choice("+-*" if op in "+-" else "+-")
        said, code = f"{said} {r.choice(OPERATORS[op2][:3])} {d}", f"{code} {op2} {d}"
        if r.random() < 0.3:
            op2, d = r.choice("+-"), whole(r)
            said, code = f"{said} {op2} {d}", f"{code} {op2} {d}"
    elif op in "+-" and more < 0.38:
        op2 = r.choice("*/")
        said, code = f"({said}) {r.choice(OPERATORS[op2][:2])} {d}", f"({code}) {op2} {d}"
    elif op in "+-" and more < 0.46:
        said, code = f"{d} {r.choice(OPERATORS['*'][:3])} ({said})", f"{d} * ({code})"
    elif op in "+-*" and more < 0.5:
        e, f = whole(r), whole(r)
        said, code = f"({said}) - ({e} * {f})", f"({code}) - ({e} * {f})"
    if r.random() < 0.12 and all(sign in "+-*/%x×÷()0123456789. " for sign in said):
        said = said.replace(" ", "")
    return said, code
