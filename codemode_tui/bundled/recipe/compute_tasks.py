"""Arithmetic and small computations: always by code, never in the head."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.phrasing import ask, mark, quoted

OPERATORS = {
    "+": ("+", "plus", "+"),
    "-": ("-", "minus", "-"),
    "*": ("*", "times", "x", "*", "multiplied by"),
    "/": ("/", "divided by", "/"),
    "**": ("**", "to the power of", "^"),
    "%": ("%", "modulo", "mod"),
}


def number(c: Chat) -> int:
    return c.r.randint(1, 10 ** c.r.choice((1, 2, 2, 3, 3, 4, 5)))


def arithmetic(c: Chat) -> None:
    r = c.r
    op = r.choice(("+", "-", "*", "*", "/", "**", "%"))
    a, b = number(c), number(c)
    if op == "**":
        a, b = r.randint(2, 30), r.randint(2, 20)
    said, code = f"{a} {r.choice(OPERATORS[op])} {b}", f"{a} {op} {b}"
    if r.random() < 0.2 and op in "+-*":
        d = number(c)
        said, code = f"{said} + {d}", f"{code} + {d}"
    elif r.random() < 0.12 and op in "+-":
        d = number(c)
        said, code = f"({said}) * {d}", f"({code}) * {d}"
    if op != "**" and r.random() < 0.1:
        said = said.replace(" ", "") if all(w in "+-*/%x()0123456789 " for w in said) else said
    c.user(
        ask(
            r,
            [
                "(work|find) out {e}",
                "(how much|what) (do I get for|comes out of|makes) {e}",
                "(I need|give me) (the result of |){e}",
                "{e}(,|) (please|what is it|how much is that)",
                "(please |)(do|run) {e}",
                "(what is|how much is) {e} (then|exactly|all in all)",
                "what is {e}",
                "what's {e}",
                "(calculate|compute|work out|evaluate) {e}",
                "{e}",
                "how much is {e}",
                "{e} =",
                "(can you calculate|tell me) {e}",
                "(what does {e} equal|what is the result of {e})",
            ],
            held=c.held,
            e=said,
        )
    )
    out, _ = c.call(f"print({code})")
    c.say(f"{code} = {out}.")


def percent(c: Chat) -> None:
    r = c.r
    p, n = r.choice((5, 10, 15, 20, 25, 30, 50, 75, r.randint(1, 99))), number(c)
    c.user(
        ask(
            r,
            [
                "what is {p}% of {n}",
                "(calculate|compute) {p} percent of {n}",
                "{p}% of {n}",
                "how much is {p} percent of {n}",
            ],
            held=c.held,
            p=str(p),
            n=str(n),
        )
    )
    out, _ = c.call(f"print({n} * {p} / 100)")
    c.say(f"{p}% of {n} is {out}.")


ONE = [
    (
        ["(what is the |)factorial of {n}", "(compute|calculate) {n}!", "{n} factorial"],
        "import math\nprint(math.factorial({n}))",
        "The factorial of {n} is {o}.",
        20,
    ),
    (
        ["(what is the |)square root of {n}", "(compute|calculate) sqrt({n})", "the square root of {n}"],
        "import math\nprint(math.sqrt({n}))",
        "The square root of {n} is {o}.",
        9999,
    ),
    (
        ["is {n} (a prime|prime|a prime number)", "(check if|tell me if) {n} is prime", "prime or not: {n}"],
        "n = {n}\nprint(n > 1 and all(n % d for d in range(2, int(n**0.5) + 1)))",
        "{yes}",
        9999,
    ),
    (
        ["is {n} (even|an even number)", "(check|tell me) (if|whether) {n} is even", "even or odd: {n}"],
        "print({n} % 2 == 0)",
        "{even}",
        99999,
    ),
    (
        [
            "(sum|add up|add) (all |the |)numbers from 1 to {n}",
            "what is the sum (of the numbers |)from 1 to {n}",
            "1 + 2 + ... + {n}",
        ],
        "print(sum(range(1, {n} + 1)))",
        "The sum from 1 to {n} is {o}.",
        9999,
    ),
    (
        [
            "(list|show|print) (all |the |)primes (up to|below|under) {n}",
            "which numbers (up to|below) {n} are prime",
            "prime numbers up to {n}",
        ],
        "for n in range(2, {n} + 1):\n    if all(n % d for d in range(2, int(n**0.5) + 1)):\n        print(n)",
        "Those are the primes up to {n}.",
        60,
    ),
    (
        [
            "(list|show|print|what are) the first {n} fibonacci numbers",
            "(compute|calculate) {n} fibonacci numbers",
            "fibonacci up to {n} numbers",
        ],
        "a, b = 0, 1\nfor _ in range({n}):\n    print(a)\n    a, b = b, a + b",
        "Those are the first {n} Fibonacci numbers.",
        20,
    ),
    (
        ["is {n} a leap year", "(was|will) {n} (be |)a leap year", "leap year {n}"],
        "import calendar\nprint(calendar.isleap({n}))",
        "{leap}",
        2600,
    ),
    (
        ["(convert|write) {n} (to|in|as) (binary|binary form)", "what is {n} in binary", "{n} in binary"],
        "print(bin({n}))",
        "{n} in binary is {o}.",
        5000,
    ),
    (
        ["(convert|write) {n} (to|in|as) (hex|hexadecimal)", "what is {n} in hex", "{n} in hexadecimal"],
        "print(hex({n}))",
        "{n} in hexadecimal is {o}.",
        99999,
    ),
    (
        ["(what is|compute) {n} squared", "the square of {n}", "{n} squared"],
        "print({n} ** 2)",
        "{n} squared is {o}.",
        9999,
    ),
    (
        [
            "(count|print the numbers) from 1 to {n}",
            "(list|show|print) the numbers 1 to {n}",
            "numbers from 1 to {n}",
        ],
        "for n in range(1, {n} + 1):\n    print(n)",
        "Those are the numbers from 1 to {n}.",
        30,
    ),
    (
        [
            "(print|show|give me) the multiplication table (of|for) {n}",
            "what is the times table of {n}",
            "times table {n}",
        ],
        'for n in range(1, 11):\n    print(n, "*", {n}, "=", n * {n})',
        "That is the multiplication table of {n}.",
        30,
    ),
    (
        ["(convert|how much is) {n} (degrees |)celsius (to|in) fahrenheit", "{n} celsius in fahrenheit"],
        "print({n} * 9 / 5 + 32)",
        "{n} degrees Celsius are {o} Fahrenheit.",
        200,
    ),
    (
        [
            "how many (seconds are in|seconds do) {n} hours (have|)",
            "(convert|turn) {n} hours (to|into) seconds",
            "{n} hours in seconds",
        ],
        "print({n} * 3600)",
        "{n} hours are {o} seconds.",
        99,
    ),
]


def one_number(c: Chat) -> None:
    r = c.r
    questions, code, answer, limit = r.choice(ONE)
    n = r.randint(1, limit) if "leap" not in answer else r.randint(1800, 2100)
    c.user(ask(r, questions, held=c.held, n=str(n)))
    out, _ = c.call(code.replace("{n}", str(n)))
    words = {
        "{yes}": f"Yes, {n} is prime." if out == "True" else f"No, {n} is not prime.",
        "{even}": f"Yes, {n} is even." if out == "True" else f"No, {n} is odd.",
        "{leap}": f"Yes, {n} is a leap year." if out == "True" else f"No, {n} is not a leap year.",
    }
    c.say(words.get(answer, answer.replace("{n}", str(n)).replace("{o}", out)))


def series(c: Chat) -> None:
    r = c.r
    values = [number(c) for _ in range(r.randint(2, 6))]
    said = r.choice((", ", " ")).join(map(str, values[:-1])) + r.choice((" and ", ", ")) + str(values[-1])
    word, fn = r.choice(
        (
            ("sum", "sum(values)"),
            ("average", "sum(values) / len(values)"),
            ("mean", "sum(values) / len(values)"),
            ("maximum", "max(values)"),
            ("minimum", "min(values)"),
            ("largest", "max(values)"),
            ("smallest", "min(values)"),
            ("median", "statistics.median(values)"),
        )
    )
    top = "import statistics\n" if "statistics" in fn else ""
    if r.random() < 0.2:
        c.user(
            ask(
                r,
                ["sort {v}", "(sort|order) (these|the) numbers(:|) {v}", "put {v} in order"],
                held=c.held,
                v=said,
            )
        )
        c.call(f"values = {values}\nprint(sorted(values))")
        c.say("Those are the numbers in order.")
        return
    c.user(
        ask(
            r,
            [
                f"what is the {word} of {{v}}",
                f"(compute|calculate|find) the {word} of {{v}}",
                f"{word} of {{v}}",
                f"(the|which is the) {word} of {{v}}",
            ],
            held=c.held,
            v=said,
        )
    )
    out, _ = c.call(f"{top}values = {values}\nprint({fn})")
    c.say(f"The {word} is {out}.")


def two_numbers(c: Chat) -> None:
    r = c.r
    a, b = r.randint(2, 999), r.randint(2, 999)
    word, fn = r.choice(
        (
            ("greatest common divisor", "math.gcd"),
            ("least common multiple", "math.lcm"),
            ("gcd", "math.gcd"),
            ("lcm", "math.lcm"),
        )
    )
    if r.random() < 0.5:
        c.user(
            ask(
                r,
                [
                    f"what is the {word} of {{a}} and {{b}}",
                    f"(compute|calculate|find) the {word} of {{a}} and {{b}}",
                    f"{word} of {{a}} and {{b}}",
                ],
                held=c.held,
                a=str(a),
                b=str(b),
            )
        )
        out, _ = c.call(f"import math\nprint({fn}({a}, {b}))")
        c.say(f"The {word} of {a} and {b} is {out}.")
        return
    first, second = (
        f"{r.randint(1990, 2030)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}",
        f"{r.randint(1990, 2030)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}",
    )
    c.user(
        ask(
            r,
            [
                "how many days (are between|lie between|from) {a} (and|to) {b}",
                "days (between|from) {a} (and|to) {b}",
                "(count|compute) the days between {a} and {b}",
            ],
            held=c.held,
            a=first,
            b=second,
        )
    )
    out, _ = c.call(
        f'from datetime import date\na = date.fromisoformat("{first}")\nb = date.fromisoformat("{second}")\nprint(abs((b - a).days))'
    )
    c.say(f"There are {out} days between them.")


STRINGS = [
    (
        ["reverse {t}", "(write|spell) {t} backwards", "what is {t} (reversed|backwards)", "turn {t} around"],
        "print({s}[::-1])",
        "Reversed it is {o}.",
    ),
    (
        [
            "(write|put|convert) {t} (in|to) (upper case|uppercase|capitals)",
            "uppercase {t}",
            "{t} in capital letters",
        ],
        "print({s}.upper())",
        "In upper case it is {o}.",
    ),
    (
        ["(write|put|convert) {t} (in|to) (lower case|lowercase)", "lowercase {t}", "{t} in small letters"],
        "print({s}.lower())",
        "In lower case it is {o}.",
    ),
    (
        [
            "how (long is|many characters has) {t}",
            "how many (letters|characters) (are in|does) {t} (have|)",
            "(length of|count the letters of) {t}",
        ],
        "print(len({s}))",
        "It has {o} characters.",
    ),
    (
        ["is {t} a palindrome", "(check|tell me) (if|whether) {t} is a palindrome", "palindrome or not: {t}"],
        "text = {s}.lower()\nprint(text == text[::-1])",
        "{yes}",
    ),
    (
        ["how many vowels (are in|does) {t} (have|)", "count the vowels (in|of) {t}", "vowels in {t}"],
        'print(sum(letter in "aeiou" for letter in {s}.lower()))',
        "It has {o} vowels.",
    ),
    (
        ["how many words (are in|does) {t} (have|)", "count the words (in|of) {t}", "words in {t}"],
        "print(len({s}.split()))",
        "It has {o} words.",
    ),
]


def text_job(c: Chat) -> None:
    r = c.r
    text = names.phrase(r) if r.random() < 0.4 else names.word(r)
    if r.random() < 0.2:
        letter = r.choice(text.replace(" ", "") or "a")
        c.user(
            ask(
                r,
                [
                    "how (often|many times) (is|does) {l} (in|occur in) {t}",
                    "how many {l}s are in {t}",
                    "count the {l}s in {t}",
                    "(count|number of) {l} in {t}",
                ],
                held=c.held,
                l=letter,
                t=quoted(r, text),
            )
        )
        out, _ = c.call(f"print({lit(text)}.count({lit(letter)}))")
        c.say(f"{letter} occurs {out} time{'' if out == '1' else 's'}.")
        return
    questions, code, answer = r.choice(STRINGS)
    c.user(ask(r, questions, held=c.held, t=quoted(r, text) if r.random() < 0.5 else mark(r, text).lstrip(": ")))
    out, _ = c.call(code.replace("{s}", lit(text)))
    c.say(
        (f"Yes, {text} is a palindrome." if out == "True" else f"No, {text} is not a palindrome.")
        if answer == "{yes}"
        else answer.replace("{o}", out)
    )
