"""Questions that need no code: concepts, how-tos, comparisons. See ``small_talk`` and ``refusals`` for the others."""

from __future__ import annotations

import re

from codemode_tui.bundled.recipe import computing_concepts, how_tos, python_concepts, words_of_code
from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.fact_tables import Concept, Form, rows
from codemode_tui.bundled.recipe.grammar import choose
from codemode_tui.bundled.recipe.phrasing import shape
from codemode_tui.bundled.recipe.source import Source

TABLES = (python_concepts.NOUNS, words_of_code.BUILTINS, computing_concepts.NOUNS)
TABLE_WEIGHTS = (3, 4, 5)
_POPULAR = frozenset(name.lower() for name in rows("popular.txt"))
POPULAR = tuple(c for table in TABLES for c in table if any(f.bare.lower() in _POPULAR for f in c.forms))
POPULAR_CODE = tuple(c for c in POPULAR if c in words_of_code.BUILTINS)
POPULAR_SHARE = 0.9
"""How often one of the subjects is asked for that people ask for most."""
HOW_WEIGHTS = [
    1 / (10 + [task.domain for task in how_tos.HOW[:rank]].count(how_tos.HOW[rank].domain))
    for rank in range(len(how_tos.HOW))
]
"""Within its domain, what stands first is asked for most."""
TOLD = 0.25
"""How often the trouble is told where a how-to has sentences for it, instead of naming the goal."""
AND_ANOTHER = 0.12
"""How often a second subject is asked for right after the first: "and tuples?"."""


_OF_HERE = re.compile(
    r"file|folder|director|branch|commit|remote|stash|\btag|kernel|operating|PATH|env|TODO|hidden"
    r"|\b(line|row|column|scripts?|archive|backup|duplicate|import|class|function|test|dependenc|user)"
)
"""What is a request to list or show when it stands alone: "CSV files"."""


def direct_question(c: Chat, section: str, grammar: dict[str, str], **slots: str) -> str:
    """A question whose ``grammar`` words agree with its subject and are shaped with the sentence; ``slots`` are not."""
    text = choose(c.r, section, held=c.held)
    for key, value in grammar.items():
        text = text.replace("{" + key + "}", value)
    text = shape(c.r, text, section, held=c.held)
    for key, value in slots.items():
        if text.startswith("{" + key + "}") and c.r.random() < 0.5 and re.match(r"[a-z]+[ a-z]*$", value):
            text = value[0].upper() + value[1:] + text[len(key) + 2 :]
        text = text.replace("{" + key + "}", value)
    return text


def concept(c: Chat) -> None:
    """What is this, what does that do."""
    _concept(c, _any_concept(c.r), first=True)
    while c.r.random() < AND_ANOTHER:
        _concept(c, _any_concept(c.r), first=False)


def code_word(c: Chat) -> None:
    """What does this function, keyword, module or command do."""
    _concept(c, c.r.choice(POPULAR_CODE if c.r.random() < POPULAR_SHARE else words_of_code.BUILTINS), first=True)


def _any_concept(r: Source) -> Concept:
    if r.random() < POPULAR_SHARE:
        return r.choice(POPULAR)
    return r.choice(r.choices(TABLES, TABLE_WEIGHTS)[0])


def _concept(c: Chat, subject: Concept, *, first: bool) -> None:
    r = c.r
    form = r.choice(subject.forms)
    if not first:
        section = "direct concept next"
    elif subject.kind == "noun":
        section = "direct concept curt" if r.random() < 0.06 and not _OF_HERE.search(form.text) else "direct concept"
    elif subject.kind == "tool" or (subject.kind == "code" and "function" not in form.text):
        section = r.choices(("direct concept curt", "direct concept code", "direct concept"), (1, 12, 7))[0]
    else:
        # A command alone, such as "git status", is a request to run it.
        section = r.choices(("direct concept code", "direct concept"), (3, 2))[0]
    if subject.kind == "command" and (not first or r.random() < 0.8):
        form = _as_command(form, subject)
    if first and subject.kind == "command" and "command" not in form.text:
        section = "direct concept code"
    if not first and _OF_HERE.search(form.text):
        section = "direct concept"
    many = form.plural
    grammar = {
        "is": "are" if many else "is",
        "do": "do" if many else "does",
        "it": "they" if many else "it",
        "them": "them" if many else "it",
        "that": r.choice(("that", "those")) if many else "that",
        "in": "" if r.random() < 0.65 else " " + r.choice(subject.where),
    }
    c.user(direct_question(c, section, grammar, t=spelt(r, form.text), n=spelt(r, form.bare)))
    c.say(subject.answer)


def _as_command(form: Form, subject: Concept) -> Form:
    """The form that says it is a command, where there is one."""
    return next((f for f in subject.forms if "command" in f.text), form)


def spelt(r: Source, text: str) -> str:
    """As people spell it: small letters, hyphens left out, quotes around code, a letter lost."""
    style = r.random()
    if style < 0.12:
        return text.lower()
    if style < 0.15 and "-" in text:
        return text.replace("-", r.choice((" ", "")))
    if style < 0.2 and re.search(r"[_().=@*]", text) and not text.startswith("the "):
        mark = r.choice("`'\"")
        return f"{mark}{text}{mark}"
    if 0.25 < style < 0.28 and not text.startswith(("a ", "an ", "the ")):
        return f"'{text}'" if r.random() < 0.5 else f'"{text}"'
    if style < 0.23 and len(text) > 7 and text.replace(" ", "").isalpha():
        i = r.randrange(3, len(text) - 1)
        return text[:i] + text[i + 1 :] if text[i] != " " and r.random() < 0.5 else text[:i] + text[i] + text[i:]
    return text


def how(c: Chat) -> None:
    """How is something done."""
    r = c.r
    task = r.choices(how_tos.HOW, HOW_WEIGHTS)[0]
    command = task.domain in ("git", "shell")
    if task.told and r.random() < TOLD:
        place = task.domain if task.domain == "git" else r.choice(task.where)
        text = direct_question(c, "direct how told", {"in": place}, x=r.choice(task.told))
        c.user(text)
        c.say(task.answer)
        return
    phrase = r.choice(task.ways)
    section = "direct how command" if command and r.random() < 0.4 else "direct how"
    # Shell and git questions must say what they are about, or "how do I rename a branch" could be meant of anything.
    needed = 0.9 if command else 0.5
    place = " " + r.choice(task.where)
    if phrase.split()[-1] in ("git", "SQL", "grep", "pytest", "shell", "Python", "command", "terminal"):
        place = ""
    d = "git" if task.domain == "git" else r.choice(("shell", "Linux", "terminal", "bash", "Unix"))
    grammar = {"in": place if r.random() < needed else "", "d": d}
    c.user(direct_question(c, section, grammar, x=phrase, ing=how_tos.gerund(phrase)))
    c.say(task.answer)


def versus(c: Chat) -> None:
    """What is the difference, and which of the two."""
    r = c.r
    pair = r.choices(words_of_code.VERSUS, [1 / (40 + rank) for rank in range(len(words_of_code.VERSUS))])[0]
    sides = [pair.first, pair.second]
    r.shuffle(sides)
    a, b = (r.choice(side) for side in sides)
    if a.plural != b.plural:
        a, b = sides[0][0], sides[1][0]
    which = bool(pair.traits) and not a.plural and r.random() < 0.3
    grammar = {
        "isa": "are" if a.plural else "is",
        "isb": "are" if b.plural else "is",
        "doa": "do" if a.plural else "does",
        "in": "",
        "p": r.choice(pair.traits) if which else "",
    }
    slots = {"a": spelt(r, a.text), "b": spelt(r, b.text), "na": spelt(r, a.bare), "nb": spelt(r, b.bare)}
    c.user(direct_question(c, "direct versus which" if which else "direct versus", grammar, **slots))
    c.say(pair.answer)
