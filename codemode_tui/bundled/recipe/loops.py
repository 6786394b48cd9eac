"""Programs that only compute: tables, FizzBuzz, factorials, series; savings that grow; and jobs of numbered steps."""

from __future__ import annotations

import json

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.new_texts import plural
from codemode_tui.bundled.recipe.nouns import many
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.tables import loop, table, written


def fizz(c: Chat) -> None:
    """Numbers with words for multiples."""
    r = c.r
    a = 1 if r.random() < 0.8 else r.randint(2, 30)
    b = a + r.choice((9, 14, 14, 19, 24, 29, r.randint(5, 40)))
    x, y = r.choice(((3, 5), (3, 5), (2, 3), (4, 6), (3, 7), (2, 7), (5, 7), (4, 5)))
    v, w = ("fizz", "buzz") if r.random() < 0.6 else (names.word(r), names.word(r))
    if r.random() < 0.3:
        v, w = v.capitalize(), w.capitalize()
    plain = (x, y, v.lower(), w.lower()) == (3, 5, "fizz", "buzz") and a == 1
    section = "loop_fizz_plain" if plain and v == "fizz" and r.random() < 0.5 else "loop_fizz"
    if section == "loop_fizz_plain":
        v, w = "Fizz", "Buzz"
    both = v + w if section == "loop_fizz_plain" or r.random() < 0.7 else names.word(r)
    c.user(ask(r, section, held=c.held, shaped=True, a=str(a), b=str(b), x=str(x), y=str(y), v=v, w=w, z=both))
    c.call(
        f"for number in range({a}, {b + 1}):\n    if number % {x} == 0 and number % {y} == 0:\n        print({lit(both)})\n"
        f"    elif number % {x} == 0:\n        print({lit(v)})\n    elif number % {y} == 0:\n        print({lit(w)})\n"
        "    else:\n        print(number)"
    )
    c.say(f"Those are the numbers from {a} to {b}.")


def times_table(c: Chat) -> None:
    """Products of two ranges."""
    r = c.r
    a, p = r.randint(1, 20), r.randint(1, 20)
    b, q = a + r.randint(1, 4), p + r.randint(1, 4)
    c.user(ask(r, "loop_times", held=c.held, shaped=True, a=str(a), b=str(b), p=str(p), q=str(q)))
    c.call(
        f"for first in range({a}, {b + 1}):\n    for second in range({p}, {q + 1}):\n"
        '        print(first, "*", second, "=", first * second)'
    )
    c.say("Those are the products.")


def factorial(c: Chat) -> None:
    """A function that calls itself, for a number in the question or in a file."""
    r = c.r
    n = r.randint(2, 25)
    body = "    return 1 if n < 2 else n * factorial(n - 1)"
    if r.random() < 0.5:
        f = some_file(c, "txt", f"{n}\n")
        c.user(ask(r, "loop_factorial_file", held=c.held, shaped=True, f=quoted(r, f)))
        out, _ = c.call(f"def factorial(n):\n{body}\n\nprint(factorial(int(read_file({lit(f)}))))")
        c.say(f"The factorial of the number in {f} is {out}.")
        return
    c.user(ask(r, "loop_factorial", held=c.held, shaped=True, n=str(n)))
    out, _ = c.call(f"def factorial(n):\n{body}\n\nprint(factorial({n}))")
    c.say(f"The factorial of {n} is {out}.")


def fibonacci(c: Chat) -> None:
    """The last of the first so many, counted from 0."""
    r = c.r
    n = r.randint(3, 40)
    c.user(ask(r, "loop_fibonacci_last", held=c.held, shaped=True, n=str(n)))
    out, _ = c.call(
        f"values = [0, 1]\nwhile len(values) < {n}:\n    values.append(values[-1] + values[-2])\nprint(values[-1])"
    )
    c.say(f"The last of the first {n} Fibonacci numbers is {out}.")


def savings(c: Chat) -> None:
    """Years until a goal is reached, with interest; from numbers in the question or in a file."""
    r = c.r
    start, rate = r.randint(1, 90) * 100, r.choice((1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 1.5, 2.5, 3.5))
    goal = int(start * r.uniform(1.1, 3))
    body = "years = 0\nwhile balance < {goal}:\n    balance += balance * {rate} / 100\n    years += 1\nprint(years)"
    if r.random() < 0.5:
        i, j, k = (
            r.choice(("balance", "start", "amount", "capital", "deposit", "principal")),
            r.choice(("rate", "interest", "percent", "yearly_rate", "rate_percent")),
            r.choice(("goal", "target", "wanted", "aim")),
        )
        f = some_file(c, "json", json.dumps({i: start, j: rate, k: goal}, indent=r.choice((None, 2))) + "\n")
        c.user(ask(r, "loop_savings_file", held=c.held, shaped=True, f=quoted(r, f), i=i, j=j, k=k))
        out, _ = c.call(
            f"import json\ndata = json.loads(read_file({lit(f)}))\nbalance = data[{lit(i)}]\n"
            + body.format(goal=f"data[{lit(k)}]", rate=f"data[{lit(j)}]")
        )
    else:
        c.user(ask(r, "loop_savings", held=c.held, shaped=True, i=str(start), j=str(rate), k=str(goal)))
        out, _ = c.call(f"balance = {start}\n" + body.format(goal=goal, rate=rate))
    c.say(f"The goal is reached after {plural(out, 'year')}.")


def steps(c: Chat) -> None:
    """Read a table, keep some rows, sort them, write a column to a file, say how many."""
    r = c.r
    t = table(c, rows=2, numbers=2)
    t.separator = ","
    t.path = t.path.replace(".tsv", ".csv")
    c.world.add(r, t.path, written(t))
    a, n = r.choice(t.texts), r.choice(t.numbers)
    m = n if r.random() < 0.6 else r.choice(t.numbers)
    g = names.file_name(r, "txt")
    k = str(r.choice((18, 10, 20, 50, 100, 5, r.randint(1, 200))))
    sign, w = r.choice(((">=", "at least"), (">", "above"), (">", "more than"), ("<", "below"), ("<", "less than")))
    down = r.random() < 0.4
    order = r.choice(
        ("descending", "highest first", "largest first") if down else ("ascending", "lowest first", "smallest first")
    )
    slots = {"a": a, "n": n, "m": m, "g": g, "f": t.path}
    filled = {key: quoted(r, value) for key, value in slots.items()}
    c.user(
        ask(
            r,
            "loop_steps",
            held=c.held,
            shaped=True,
            s=many(a),
            k=f"{w} {k}",
            w=order,
            z=r.choice((")", ")", ".", ":")),
            **filled,
        )
    )
    out, _ = c.call(
        f"{t.load}kept = []\n{loop(n)}    if value {sign} {k}:\n        kept.append(row)\n"
        f"kept.sort(key=lambda row: float(row[{lit(m)}]){', reverse=True' if down else ''})\n"
        f'write_file({lit(g)}, "".join(row[{lit(a)}] + "\\n" for row in kept))\nprint(len(kept))'
    )
    c.say(
        f"I wrote {plural(out, 'line')} to {g}." if out.isdigit() else f"There is a {m} in {t.path} that is no number."
    )
