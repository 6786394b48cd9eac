"""How people ask: alternation grammars, politeness, lower case, missing marks, typos."""

from __future__ import annotations

import random
import re

_CHOICE = re.compile(r"\(([^()]*)\)")
_REQUESTS = (
    "please ",
    "can you ",
    "could you ",
    "would you ",
    "I want you to ",
    "I need you to ",
    "I would like you to ",
    "I'd like to ",
    "let us ",
    "let's ",
    "just ",
    "go and ",
    "you should ",
    "help me ",
)
"""Only before something to be done, never before a question."""
_PREFIXES = (
    "hey, ",
    "hi, ",
    "ok, ",
    "well, ",
    "right, ",
    "now ",
    "so ",
    "then ",
    "next: ",
    "I want to know: ",
    "I wonder: ",
    "tell me: ",
    "quick question: ",
    "one more thing: ",
    "by the way, ",
)
_SUFFIXES = (
    " please",
    ", please",
    " thanks",
    ", thanks",
    " for me",
    " now",
    " right now",
    " if you can",
    ", ok",
    ", will you",
)


def expand(r: random.Random, template: str) -> str:
    """Choose one branch of every ``(a|b|)`` in ``template``, innermost first."""
    while match := _CHOICE.search(template):
        template = template[: match.start()] + r.choice(match[1].split("|")) + template[match.end() :]
    return " ".join(template.split())


def ask(r: random.Random, templates: list[str], *, held: bool, **names: str) -> str:
    """One question from ``templates``. The last template is kept for validation (``held``).

    ``names`` are filled in after the words have been shaped, so that they are never changed.
    """
    pool = templates[-1:] if held else templates[:-1]
    text = expand(r, r.choice(pool))
    text = shape(r, text)
    for key, value in names.items():
        text = text.replace("{" + key + "}", value)
    return text


def shape(r: random.Random, text: str) -> str:
    """Politeness, letter case, final marks and now and then a typo. ``{slots}`` stay as they are."""
    question = text.split(" ")[0].lower() in (
        "how",
        "what",
        "which",
        "is",
        "are",
        "does",
        "do",
        "who",
        "where",
        "why",
        "when",
    )
    if r.random() < 0.22:
        prefix = r.choice(_PREFIXES if question or r.random() < 0.4 else _REQUESTS)
        text = prefix + text[0].lower() + text[1:]
    if r.random() < 0.1 and not question:
        text += r.choice(_SUFFIXES)
    if r.random() < 0.03:
        text = _typo(r, text)
    style = r.random()
    if style < 0.55:
        text = text[0].upper() + text[1:]
    elif style < 0.58:
        text = re.sub(r"(\{\w+\})|([^{}]+)", lambda m: m[1] or m[2].upper(), text)
    if question and r.random() < 0.8:
        text += "?"
    elif not question and r.random() < 0.25:
        text += "."
    return text


def quoted(r: random.Random, name: str) -> str:
    """A name as people write it: bare, or in quotes; always in quotes when it holds a space."""
    if " " in name or r.random() < 0.15:
        mark = r.choice('\'"`"')
        return f"{mark}{name}{mark}"
    return name


def mark(r: random.Random, text: str) -> str:
    """Quoted text, as people put it into a request."""
    m = r.choice("''\"\"")
    return f"{m}{text}{m}" if r.random() < 0.9 else f": {text}"


def _typo(r: random.Random, text: str) -> str:
    places = [
        i
        for i in range(1, len(text) - 1)
        if text[i].isalpha() and text[i + 1].isalpha() and "{" not in text[max(0, i - 8) : i + 8]
    ]
    if not places:
        return text
    i = r.choice(places)
    kind = r.random()
    if kind < 0.4:
        return text[:i] + text[i + 1] + text[i] + text[i + 2 :]
    return text[:i] + text[i + 1 :] if kind < 0.7 else text[:i] + text[i] + text[i:]
