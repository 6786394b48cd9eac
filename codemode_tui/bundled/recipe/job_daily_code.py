"""Numbers, words and Python files in everyday words: discounts, powers, words backwards, series up to a limit,
functions that lack something, files that define nothing."""

from __future__ import annotations

from dataclasses import replace

from codemode_tui.bundled.recipe import names, python_sources
from codemode_tui.bundled.recipe.arithmetic import PAIRS, PERCENT
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.job_many_files import free
from codemode_tui.bundled.recipe.job_places import NOTHING, folders
from codemode_tui.bundled.recipe.jobs import Slots, run
from codemode_tui.bundled.recipe.number_tasks import PRIMES
from codemode_tui.bundled.recipe.phrasing import ask, mark, quoted
from codemode_tui.bundled.recipe.python_files import FUNCTION
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.text_jobs import JOBS

_WORDS = "hello banana python stressed garden window winter orange flower chocolate keyboard holiday raincoat"
_GOODS = """
shirt chair laptop camera hat sofa tent dress radio clock bag lamp table pullover pan bike phone book game watch bed desk
mirror rug cooker toaster rucksack drill ladder vase coat belt guitar skirt blanket shelf monitor stool
"""
_SERIES = {
    "Fibonacci numbers": "a, b = 0, 1\nwhile a {sign} {n}:\n    print(a)\n    a, b = b, a + b",
    "primes": PRIMES.replace("{least}", "2"),
    "square numbers": "n = 1\nwhile n ** 2 {sign} {n}:\n    print(n ** 2)\n    n += 1",
    "cubes": "n = 1\nwhile n ** 3 {sign} {n}:\n    print(n ** 3)\n    n += 1",
    "powers of two": "n = 1\nwhile n {sign} {n}:\n    print(n)\n    n *= 2",
    "powers of three": "n = 1\nwhile n {sign} {n}:\n    print(n)\n    n *= 3",
}
"""Programs that print the members of a series."""
_NAMES = {
    "primes": ("primes", "prime numbers"),
    "square numbers": ("square numbers", "squares", "perfect squares"),
    "cubes": ("cubes", "cube numbers"),
    "Fibonacci numbers": ("Fibonacci numbers", "fibonacci numbers", "numbers of the Fibonacci series"),
}
"""Other names of a series than its own."""
_FUNCTIONS = {
    "undocumented": (
        (
            "without docstring",
            "without a docstring",
            "that have no docstring",
            "lacking a docstring",
            "with no docstring",
        ),
        "not ast.get_docstring(node)",
    ),
    "no arguments": (
        (
            "without arguments",
            "without parameters",
            "that take no arguments",
            "with no parameters",
            "that take nothing",
        ),
        "not ast.unparse(node.args)",
    ),
    "many arguments": (
        ("with more than {n} arguments", "that take more than {n} arguments", "with more than {n} parameters"),
        "len(node.args.args) > {n}",
    ),
    "private": (
        ("whose name begins with an underscore", "that start with an underscore", "with an underscore in front"),
        'node.name.startswith("_")',
    ),
}
"""What is said of functions, and its test."""


def _reduction(r: Source) -> Slots:
    price = (
        str(r.randint(5, 10 ** r.choice((2, 2, 3, 4))))
        if r.random() < 0.8
        else f"{r.randint(5, 300)}.{r.choice((50, 90, 95, 99))}"
    )
    return {"n": price, "p": str(r.choice((5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 75, r.randint(1, 90))))}


def _power(r: Source) -> Slots:
    return {"a": str(r.randint(2, 25)), "b": str(r.randint(2, 16))}


# The programs and answers of jobs that others ask for, too: one program for one question.
_LESS = next(job for job in PERCENT if job.section == "percent_off")
_RAISED = next(job for job in PAIRS if job.section == "power")
_REVERSED = next(job for job in JOBS if job.section == "text_reversed")


def discount(c: Chat) -> None:
    """The price after a discount."""
    t = c.r.choice(_GOODS.split())
    m = c.r.choice(("", "", "", " euros", " dollars", " pounds"))
    run(c, replace(_LESS, section="dy_offer", slots=_reduction), t=t, m=m)


def power(c: Chat) -> None:
    """A power, the exponent named second."""
    run(c, replace(_RAISED, section="dy_raised", slots=_power))


def backwards(c: Chat) -> None:
    """A word from its last letter to its first."""
    r = c.r
    w = r.choice((names.word(r), r.choice(r.words), r.choice(_WORDS.split())))
    said = mark(r, w).removeprefix(": ") if r.random() < 0.4 else w
    c.user(ask(r, "dy_backwards", held=c.held, t=said))
    out, _ = c.call(_REVERSED.code.replace("{s}", lit(w)))
    c.say(f"Reversed it is {out}.")


def series_to_limit(c: Chat) -> None:
    """The members of a well-known series below a limit, or up to it."""
    r = c.r
    kind = r.choice((*_SERIES, "Fibonacci numbers", "Fibonacci numbers", "primes", "square numbers"))
    n = r.choice((20, 30, 50, 60, 80, 100, 100, 150, 200, r.randint(10, 150)))
    n *= 5 if kind not in ("primes", "square numbers") and r.random() < 0.5 else 1
    strict = r.random() < 0.75
    q = r.choice(
        ("below", "under", "less than", "smaller than") if strict else ("up to", "not above", "no larger than")
    )
    x = r.choice(_NAMES.get(kind, (kind,)))
    c.user(ask(r, "dy_below", held=c.held, x=x, q=f"{q} {n}"))
    code = _SERIES[kind].replace("{sign}", "<" if strict else "<=").replace("{n}", str(n))
    c.call(code.replace("{stop}", str(n) if strict else f"{n} + 1"))
    c.say(f"Those are the {kind} {q} {n}.")


def functions_that(c: Chat) -> None:
    """Functions of a Python file that lack a docstring or arguments, have many of them, or are private."""
    r = c.r
    text = python_sources.code(r).text
    while "def " not in text and r.random() < 0.9:
        text = python_sources.code(r).text
    f = some_file(c, "py", text)
    kinds = ("undocumented", "undocumented", "no arguments", "no arguments", "many arguments", "private")
    ways, test = _FUNCTIONS[r.choice(kinds)]
    n = str(r.choice((1, 1, 2, 2, 3)))
    q = r.choice(ways).replace("{n}", n).replace("1 arguments", "1 argument").replace("1 parameters", "1 parameter")
    c.user(ask(r, "dy_bare", held=c.held, f=quoted(r, f), q=q))
    out, _ = c.call(
        f"import ast\ntree = ast.parse(read_file({lit(f)}))\nfor node in ast.walk(tree):\n"
        f"    if isinstance(node, {FUNCTION}) and {test.replace('{n}', n)}:\n        print(node.name)"
    )
    c.say(f"There are no functions {q} in {f}." if out == NOTHING else f"Those are the functions {q}.")


def files_without(c: Chat) -> None:
    """Python files that define no function, or no class, everywhere or in a folder."""
    r = c.r
    (d,) = folders(c, 1)
    d = d if r.random() < 0.5 else ""
    for n in range(r.randint(2, 4)):
        text = python_sources.code(r).text if n and r.random() < 0.6 else f"{names.word(r).upper()[:1]}X = {n}\n"
        c.world.add(r, free(c, d, "py"), text)
    defined = (
        ("function", "functions", FUNCTION),
        ("function", "functions", FUNCTION),
        ("class", "classes", "ast.ClassDef"),
    )
    k, ks, test = r.choice(defined)
    where = r.choice((f"in {quoted(r, d)}", f"under {quoted(r, d)}", f"below {quoted(r, d)}")) if d else "here"
    c.user(ask(r, "dy_no_function", held=c.held, w=where, k=k, ks=ks))
    out, _ = c.call(
        f"import ast\nfor path in glob_files({lit(f'{d}/**/*.py' if d else '**/*.py')}):\n"
        f"    tree = ast.parse(read_file(path))\n"
        f"    if not any(isinstance(node, {test}) for node in ast.walk(tree)):\n        print(path)"
    )
    c.say(f"Every Python file defines a {k}." if out == NOTHING else f"Those are the files that define no {k}.")


KINDS: list[tuple[Task, int]] = [
    (discount, 5),
    (power, 4),
    (backwards, 4),
    (series_to_limit, 6),
    (functions_that, 6),
    (files_without, 5),
]
