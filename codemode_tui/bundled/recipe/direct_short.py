"""Short questions with one-word answers: abbreviations, status codes, which error, which keyword."""

from __future__ import annotations

from codemode_tui.bundled.recipe import computing_concepts, python_concepts, words_of_code
from codemode_tui.bundled.recipe.direct_tasks import direct_question
from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.fact_tables import article, rows

_TABLES = (python_concepts.NOUNS, words_of_code.BUILTINS, computing_concepts.NOUNS)
_KNOWN = {form.bare.lower(): concept.answer for table in _TABLES for concept in table for form in concept.forms}
"""What is said of a subject elsewhere, so that the same is said here."""
SHORT = [tuple(line.split(" :: ", 1)) for line in rows("abbreviations.txt")]
CODES = [tuple(line.split(" :: ", 2)) for line in rows("status_codes.txt")]
ERRORS = [(error, ways.split(" | ")) for error, ways in (line.split(" :: ") for line in rows("errors.txt"))]
KEYWORDS = [(word, ways.split(" | ")) for word, ways in (line.split(" :: ") for line in rows("keywords.txt"))]
_USUAL = 26
"""So many abbreviations, the first of the file, are asked for most."""
_USUAL_CODES = ("200", "201", "204", "301", "302", "304", "400", "401", "403", "404", "429", "500", "502", "503")


def abbreviation(c: Chat) -> None:
    """What the letters stand for."""
    r = c.r
    n, meaning = r.choice(SHORT[:_USUAL] if r.random() < 0.6 else SHORT)
    shown = n.lower() if r.random() < 0.3 else n
    c.user(direct_question(c, "direct abbreviation", {}, n=shown))
    c.say(f"{n} stands for {meaning}.")


def status(c: Chat) -> None:
    """What an HTTP status code means."""
    r = c.r
    n, name, meaning = r.choice([code for code in CODES if code[0] in _USUAL_CODES] if r.random() < 0.7 else CODES)
    section = "direct status"
    text = direct_question(c, section, {}, n=n)
    while "http" not in text.lower() and not any(word in text.lower() for word in _WEB):
        text = direct_question(c, section, {}, n=n)
    c.user(text)
    c.say(f"HTTP status {n} means {name}: {meaning}.")


_WEB = ("status", "server", "web", "page", "site", "api", "endpoint", "browser", "request")


def error(c: Chat) -> None:
    """Which exception comes when."""
    name, ways = c.r.choice(ERRORS)
    c.user(direct_question(c, "direct error", {}, x=c.r.choice(ways)))
    c.say(f"That is {article(name)}.")


def error_when(c: Chat) -> None:
    """When that exception comes."""
    r = c.r
    name, _ = r.choice(ERRORS)
    shown = r.choice((name, name, article(name), f"the {name}"))
    c.user(direct_question(c, "direct error when", {}, e=shown))
    c.say(_KNOWN[name.lower()])


def keyword(c: Chat) -> None:
    """Which keyword does it."""
    word, ways = c.r.choice(KEYWORDS)
    c.user(direct_question(c, "direct keyword", {}, x=c.r.choice(ways)))
    c.say(f"The keyword is {word}.")
