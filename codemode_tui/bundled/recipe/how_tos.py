"""Tasks of daily Python with a one-line way to do them."""

from __future__ import annotations

HOW: list[tuple[str, str]] = [
    ("open a file|read a file", "Use with open(path) as f: and then f.read() or a loop over f."),
    ("write a file|write to a file", 'Use with open(path, "w") as f: and then f.write(text).'),
    (
        "sort a list",
        "sorted(items) returns a new sorted list, items.sort() sorts in place. key= and reverse=True change the order.",
    ),
    ("reverse a list|reverse a string", "Use [::-1], or reversed() for an iterator."),
    (
        "remove duplicates from a list|remove duplicates",
        "list(dict.fromkeys(items)) removes duplicates and keeps the order.",
    ),
    ("merge two dicts|merge dictionaries|join two dictionaries", "Use a | b; values of b win."),
    ("loop over a dictionary|iterate over a dict", "Use for key, value in d.items():."),
    (
        "catch an exception|handle an error|handle exceptions",
        "Put the code into try: and handle the error in except ValueError as error:, naming the type you expect.",
    ),
    ("raise an exception|raise an error", 'Use raise ValueError("what is wrong").'),
    ("install a package|install packages", "Use pip install NAME, best inside a virtual environment."),
    (
        "create a virtual environment|make a venv",
        "Run python -m venv .venv and then source .venv/bin/activate.",
    ),
    ("parse JSON|read JSON|load JSON", "Use json.loads(text) for text and json.load(file) for an open file."),
    ("split a string", 'Use text.split(","); without an argument it splits at white space.'),
    ("join strings|join a list of strings", 'Use ", ".join(items).'),
    (
        "convert a string to an int|convert a string to a number",
        "Use int(text), or float(text) for decimals.",
    ),
    (
        "check the type of a variable|check a type",
        "Use isinstance(value, str) to check and type(value) to see the type.",
    ),
    (
        "define a function|write a function",
        "Use def name(arguments): and an indented body; return gives the result.",
    ),
    ("define a class|write a class", "Use class Name: with an __init__ method that sets up the instance."),
    (
        "write a decorator|make a decorator",
        "Write a function that takes a function, defines a wrapper inside and returns the wrapper.",
    ),
    (
        "write a unit test|test a function",
        "Write a function test_something() with assert, in a file test_*.py, and run pytest.",
    ),
    (
        "undo a commit|undo the last commit",
        "git reset --soft HEAD~1 takes back the last commit and keeps its changes.",
    ),
    ("create a branch|make a git branch", "Use git switch -c NAME."),
    ("format a number|round a number", 'Use round(x, 2) to round, or f"{x:.2f}" to show two decimals.'),
    ("measure time|time my code", "Use time.perf_counter() before and after, or python -m timeit."),
    ("debug Python|debug my code", "Put breakpoint() where you want to stop, or print the values you doubt."),
]
