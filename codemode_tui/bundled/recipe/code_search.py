"""Questions that search for more than one word: uses of a name, dates, addresses, two words at once."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.folder_listing import question
from codemode_tui.bundled.recipe.folder_search import some_word
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source


def _program(c: Chat, text: str) -> str:
    """A Python file with ``text`` in it."""
    r = c.r
    folder = r.choice(("", "", "src/", "lib/", f"{names.folder(r)}/"))
    return c.world.add(r, folder + names.file_name(r, "py"), text)


def uses(c: Chat) -> None:
    """Where a name is used."""
    r = c.r
    n = names.identifier(r)
    for _ in range(r.randint(0, 2)):
        _program(c, r.choice((f"print({n})\n", f"value = {n}(1)\n", f"import os\n\nresult = {n}(value)\n")))
    c.user(ask(r, "uses", held=c.held, n=quoted(r, n)))
    out, _ = c.call(f"for line in search_files({lit(n)}):\n    print(line)")
    c.say(f"I found no {n}." if out == "(no output)" else f"Those are the lines with {n}.")


def _sample(r: Source, what: str) -> str:
    w = names.word(r) if r.random() < 0.5 else r.choice(r.words)
    w = w if w.isascii() else "mail"
    return {
        "dates": f"20{r.randint(10, 31)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}",
        "emails": f"{w}@{r.choice(r.words)}.{r.choice(('com', 'org', 'net', 'de', 'co.uk'))}",
        "urls": f"http{r.choice('s ').strip()}://{r.choice(r.words)}.{r.choice(('com', 'org', 'io'))}/{w}",
        "addresses": ".".join(str(r.randint(0, 255)) for _ in range(4)),
        "numbers": str(names.number(r)),
        "times": f"{r.randint(0, 23):02}:{r.randint(0, 59):02}",
    }[what]


PATTERNS = {
    "dates": r"\d{4}-\d{2}-\d{2}",
    "emails": r"\S+@\S+\.\S+",
    "urls": "https?://",
    "addresses": r"\d+\.\d+\.\d+\.\d+",
    "numbers": r"\d",
    "times": r"\d{2}:\d{2}",
}
LABELS = {"emails": "email addresses", "urls": "links", "addresses": "IP addresses"}


def shapes(c: Chat) -> None:
    """Lines with something of a certain shape: dates, mail addresses, links, numbers."""
    r = c.r
    what = r.choice(sorted(PATTERNS))
    for _ in range(r.randint(0, 2)):
        lines = [names.phrase(r) for _ in range(r.randint(0, 3))]
        lines.insert(
            r.randint(0, len(lines)), f"{names.word(r)} {_sample(r, what)}{r.choice(('', ' ' + names.word(r)))}"
        )
        c.world.add(r, names.file_name(r, r.choice(("txt", "md", "log", "rst"))), "\n".join(lines) + "\n")
    counted = r.random() < 0.25
    c.user(ask(r, f"{'count_' if counted else ''}lines_with_{what}", held=c.held))
    pattern = ("r" if "\\" in PATTERNS[what] else "") + f'"{PATTERNS[what]}"'
    if counted:
        out, _ = c.call(f"print(len(search_files({pattern})))")
        c.say(f"{out} line{' has' if out == '1' else 's have'} {LABELS.get(what, what)}.")
    else:
        out, _ = c.call(f"for line in search_files({pattern}):\n    print(line)")
        label = LABELS.get(what, what)
        c.say(f"I found no {label}." if out == "(no output)" else f"Those are the lines with {label}.")


def two_words(c: Chat) -> None:
    """Lines with both of two words, or with either."""
    r = c.r
    w, v = some_word(c), some_word(c)
    if w == v:
        v = names.scramble(r)
    if r.random() < 0.5:
        pair = f"{w} {v}" if r.random() < 0.5 else f"{v} and {w}"
        c.world.add(r, names.file_name(r, "txt"), f"{names.phrase(r)}\n{names.word(r)} {pair}\n{w}\n")
    slots = {"w": quoted(r, w), "v": quoted(r, v)}
    if r.random() < 0.55:
        question(c, "both_words", slots)
        out, _ = c.call(f"for line in search_files({lit(w)}):\n    if {lit(v)} in line:\n        print(line)")
        c.say(f"No line has both {w} and {v}." if out == "(no output)" else f"Those lines have both {w} and {v}.")
    else:
        question(c, "either_word", slots)
        out, _ = c.call(f"for line in search_files({lit(f'{w}|{v}')}):\n    print(line)")
        c.say(f"No line has {w} or {v}." if out == "(no output)" else f"Those are the lines with {w} or {v}.")
