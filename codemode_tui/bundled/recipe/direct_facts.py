"""More questions that need no code: what is this called, is it so, and what does it look like."""

from __future__ import annotations

from codemode_tui.bundled.recipe.direct_tasks import direct_question, spelt
from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.fact_tables import questions, samples

NAMES = questions("names.txt")
FACTS = questions("yes_no.txt")
EXAMPLES = samples("examples.txt")


def name(c: Chat) -> None:
    """What is it called when a function calls itself."""
    ways, answer = c.r.choice(NAMES)
    c.user(direct_question(c, "direct name", {"d": c.r.choice(ways)}))
    c.say(answer)


def fact(c: Chat) -> None:
    """Can a tuple be changed."""
    ways, answer = c.r.choice(FACTS)
    c.user(direct_question(c, "direct fact", {"q": c.r.choice(ways)}))
    c.say(answer)


def example(c: Chat) -> None:
    """Show me a list comprehension."""
    r = c.r
    forms, answer = r.choice(EXAMPLES)
    form = r.choice(forms)
    grammar = {"do": "do" if form.plural else "does", "in": r.choice(("", "", " in Python"))}
    if "Python" in form.text:
        grammar["in"] = ""
    c.user(direct_question(c, "direct example", grammar, t=spelt(r, form.text), n=spelt(r, form.bare)))
    c.say(answer)
