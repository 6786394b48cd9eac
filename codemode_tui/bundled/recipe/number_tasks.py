"""Questions about one whole number or two: primes, powers, digits, notations."""

from __future__ import annotations

from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.jobs import Job, Slots, one, run, whole
from codemode_tui.bundled.recipe.source import Source

PRIMES = "for n in range({least}, {stop}):\n    if all(n % d for d in range(2, int(n**0.5) + 1)):\n        print(n)"
_FACTORS = "n = {n}\nd = 2\nwhile n > 1:\n    while n % d == 0:\n        print(d)\n        n //= d\n    d += 1"
_ROMAN = """n = {n}
signs = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), \
(10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
text = ""
for value, sign in signs:
    text += sign * (n // value)
    n %= value
print(text)"""
_FROM_ROMAN = """values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
numbers = [values[letter] for letter in "{n}"] + [0]
print(sum(-a if a < b else a for a, b in zip(numbers, numbers[1:])))"""


def _roman(r: Source) -> Slots:
    n, text = r.choice((r.randint(1, 50), r.randint(1, 3000))), ""
    for value, sign in (
        *((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL")),
        *((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
    ):
        text += sign * (n // value)
        n %= value
    return {"n": text}


def _small_pair(r: Source) -> Slots:
    d = r.choice((1, 1, r.randint(2, 30)))
    return {"a": str(d * r.randint(2, 200)), "b": str(d * r.randint(2, 200))}


def _divisible(r: Source) -> Slots:
    b = r.randint(2, 40)
    return {"a": str(b * r.randint(2, 300) if r.random() < 0.5 else r.randint(b, 9999)), "b": str(b)}


def _multiples(r: Source) -> Slots:
    n = r.randint(2, 30)
    return {"n": str(n), "m": str(n * r.randint(3, 15) + r.randint(0, n - 1))}


def _between(r: Source) -> Slots:
    a = r.randint(1, 500)
    return {"a": str(a), "b": str(a + r.randint(2, 30))}


def _rounded(r: Source) -> Slots:
    return {"n": f"{r.randint(0, 999)}.{r.randint(1000, 99999)}", "k": str(r.randint(2, 4))}


def _decimal(r: Source) -> Slots:
    return {"n": f"{r.randint(0, 9999)}.{r.randint(1, 999)}"}


def _signed(r: Source) -> Slots:
    return {"n": f"-{whole(r)}"}


def _sides(r: Source) -> Slots:
    return {"a": str(r.randint(1, 200)), "b": str(r.randint(1, 200))}


JOBS: list[tuple[Job, int]] = [
    (Job("factorial", "import math\nprint(math.factorial({n}))", "The factorial of {n} is {o}.", one(0, 20)), 3),
    (Job("square_root", "import math\nprint(math.sqrt({n}))", "The square root of {n} is {o}.", one(1, 9999)), 3),
    (Job("cube_root", "print(round({n} ** (1 / 3), 6))", "The cube root of {n} is {o}.", one(1, 9999)), 1),
    (Job("squared", "print({n} ** 2)", "{n} squared is {o}.", one(2, 9999)), 3),
    (Job("cubed", "print({n} ** 3)", "{n} cubed is {o}.", one(2, 999)), 2),
    (
        Job(
            "is_prime",
            "n = {n}\nprint(n > 1 and all(n % d for d in range(2, int(n**0.5) + 1)))",
            ("Yes, {n} is prime.", "No, {n} is not prime."),
            one(1, 9999),
        ),
        4,
    ),
    (
        Job(
            "primes_up_to",
            PRIMES.replace("{least}", "2").replace("{stop}", "{n} + 1"),
            "Those are the primes up to {n}.",
            one(2, 100),
        ),
        2,
    ),
    (
        Job(
            "primes_below",
            PRIMES.replace("{least}", "2").replace("{stop}", "{n}"),
            "Those are the primes below {n}.",
            one(4, 100),
        ),
        2,
    ),
    (
        Job(
            "count_primes",
            "print(sum(all(n % d for d in range(2, int(n**0.5) + 1)) for n in range(2, {n})))",
            "There are {o} primes below {n}.",
            one(4, 999),
        ),
        1,
    ),
    (Job("prime_factors", _FACTORS, "Those are the prime factors of {n}.", one(2, 9999)), 2),
    (
        Job(
            "divisors",
            "n = {n}\nprint([d for d in range(1, n + 1) if n % d == 0])",
            "The divisors of {n} are {o}.",
            one(2, 300),
        ),
        2,
    ),
    (Job("is_even", "print({n} % 2 == 0)", ("Yes, {n} is even.", "No, {n} is odd."), one(1, 99999)), 2),
    (Job("is_odd", "print({n} % 2 == 1)", ("Yes, {n} is odd.", "No, {n} is even."), one(1, 99999)), 1),
    (
        Job(
            "even_or_odd",
            'print("even" if {n} % 2 == 0 else "odd")',
            "{n} is {o}.",
            one(1, 99999),
        ),
        1,
    ),
    (Job("sum_to", "print(sum(range(1, {n} + 1)))", "The sum from 1 to {n} is {o}.", one(3, 9999)), 3),
    (
        Job(
            "sum_between",
            "print(sum(range({a}, {b} + 1)))",
            "The sum from {a} to {b} is {o}.",
            _between,
        ),
        1,
    ),
    (Job("product_to", "import math\nprint(math.prod(range(1, {n} + 1)))", "The product is {o}.", one(3, 20)), 1),
    (
        Job(
            "fibonacci",
            "a, b = 0, 1\nfor _ in range({n}):\n    print(a)\n    a, b = b, a + b",
            "Those are the first {n} Fibonacci numbers.",
            one(2, 20),
        ),
        2,
    ),
    (
        Job(
            "nth_fibonacci",
            "a, b = 0, 1\nfor _ in range({n}):\n    a, b = b, a + b\nprint(a)",
            "The Fibonacci number {n} is {o}.",
            one(2, 60),
        ),
        1,
    ),
    (
        Job(
            "numbers_to",
            "for n in range(1, {n} + 1):\n    print(n)",
            "Those are the numbers from 1 to {n}.",
            one(2, 30),
        ),
        2,
    ),
    (
        Job(
            "numbers_between",
            "for n in range({a}, {b} + 1):\n    print(n)",
            "Those are the numbers from {a} to {b}.",
            _between,
        ),
        1,
    ),
    (Job("countdown", "for n in range({n}, 0, -1):\n    print(n)", "Counted down from {n}.", one(2, 25)), 1),
    (
        Job(
            "evens_to",
            "for n in range(2, {n} + 1, 2):\n    print(n)",
            "Those are the even numbers up to {n}.",
            one(4, 50),
        ),
        1,
    ),
    (
        Job(
            "odds_to",
            "for n in range(1, {n} + 1, 2):\n    print(n)",
            "Those are the odd numbers up to {n}.",
            one(4, 50),
        ),
        1,
    ),
    (
        Job(
            "squares_to",
            "for n in range(1, {n} + 1):\n    print(n ** 2)",
            "Those are the squares of 1 to {n}.",
            one(3, 20),
        ),
        1,
    ),
    (
        Job(
            "multiples",
            "for n in range({n}, {m} + 1, {n}):\n    print(n)",
            "Those are the multiples of {n} up to {m}.",
            _multiples,
        ),
        1,
    ),
    (
        Job(
            "times_table",
            'for n in range(1, 11):\n    print(n, "*", {n}, "=", n * {n})',
            "That is the multiplication table of {n}.",
            one(2, 99),
        ),
        2,
    ),
    (
        Job(
            "digit_sum",
            'print(sum(int(digit) for digit in "{n}"))',
            "The digits of {n} add up to {o}.",
            one(10, 99_999_999),
            worded=False,
        ),
        2,
    ),
    (Job("digit_count", 'print(len("{n}"))', "{n} has {o} digits.", one(10, 10**12), worded=False), 1),
    (Job("digits_reversed", 'print("{n}"[::-1])', "Backwards it is {o}.", one(10, 99_999_999), worded=False), 1),
    (Job("to_binary", "print(bin({n})[2:])", "{n} in binary is {o}.", one(1, 5000)), 3),
    (Job("to_hex", "print(hex({n})[2:])", "{n} in hexadecimal is {o}.", one(1, 99999)), 2),
    (Job("to_octal", "print(oct({n})[2:])", "{n} in octal is {o}.", one(1, 9999)), 1),
    (
        Job(
            "from_binary",
            'print(int("{n}", 2))',
            "Binary {n} is {o}.",
            lambda r: {"n": f"{r.randint(2, 600):b}"},
            worded=False,
        ),
        2,
    ),
    (
        Job(
            "from_hex",
            'print(int("{n}", 16))',
            "Hexadecimal {n} is {o}.",
            lambda r: {"n": f"{r.randint(10, 70000):x}"},
            worded=False,
        ),
        1,
    ),
    (Job("to_roman", _ROMAN, "{n} in Roman numerals is {o}.", one(1, 3000), worded=False), 1),
    (Job("from_roman", _FROM_ROMAN, "{n} is {o}.", _roman, worded=False), 1),
    (
        Job(
            "gcd",
            "import math\nprint(math.gcd({a}, {b}))",
            "The greatest common divisor of {a} and {b} is {o}.",
            _small_pair,
        ),
        2,
    ),
    (
        Job(
            "lcm",
            "import math\nprint(math.lcm({a}, {b}))",
            "The least common multiple of {a} and {b} is {o}.",
            _small_pair,
        ),
        2,
    ),
    (
        Job(
            "is_divisible",
            "print({a} % {b} == 0)",
            ("Yes, {a} is divisible by {b}.", "No, {a} is not divisible by {b}."),
            _divisible,
        ),
        2,
    ),
    (Job("absolute", "print(abs({n}))", "The absolute value of {n} is {o}.", _signed, worded=False), 1),
    (Job("rounding", "print(round({n}, {k}))", "Rounded it is {o}.", _rounded, worded=False), 2),
    (Job("to_whole", "print(round({n}))", "Rounded it is {o}.", _decimal, worded=False), 1),
    (Job("rounded_up", "import math\nprint(math.ceil({n}))", "Rounded up it is {o}.", _decimal, worded=False), 1),
    (Job("rounded_down", "import math\nprint(math.floor({n}))", "Rounded down it is {o}.", _decimal, worded=False), 1),
    (Job("circle_area", "import math\nprint(math.pi * {n} ** 2)", "The area is {o}.", one(1, 99), worded=False), 1),
    (
        Job(
            "circumference",
            "import math\nprint(2 * math.pi * {n})",
            "The circumference is {o}.",
            one(1, 99),
            worded=False,
        ),
        1,
    ),
    (Job("rectangle_area", "print({a} * {b})", "The area is {o}.", _sides, worded=False), 1),
    (Job("rectangle_perimeter", "print(2 * ({a} + {b}))", "The perimeter is {o}.", _sides, worded=False), 1),
    (Job("hypotenuse", "import math\nprint(math.hypot({a}, {b}))", "The hypotenuse is {o}.", _sides, worded=False), 1),
]


def one_number(c: Chat) -> None:
    job, _ = c.r.choices(JOBS, [weight**2 for _, weight in JOBS])[0]
    run(c, job)
