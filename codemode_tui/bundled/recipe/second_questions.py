"""How people ask when they have just had an answer: "and", "good. now", "then"."""

from __future__ import annotations

from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.grammar import choose
from codemode_tui.bundled.recipe.phrasing import ask

_GLUED = (
    "and ",
    "and ",
    "and ",
    "and now ",
    "now ",
    "then ",
    "and then ",
    "so ",
    "ok, ",
    "ok, now ",
    "ok so ",
    "good, ",
    "good, now ",
    "nice, ",
    "nice, and ",
    "fine, ",
    "great, ",
    "right, ",
    "hm, ",
    "hmm, and ",
    "also, ",
    "next, ",
    "thanks, ",
    "thanks, and ",
    "well, ",
    "but ",
    "alright, ",
    "cool, ",
    "perfect, ",
    "oh, and ",
    "besides, ",
    "after that, ",
    "yes, and ",
    "I see, ",
)
_APART = (
    "Good. ",
    "good. ",
    "Ok. ",
    "OK. ",
    "ok. ",
    "Nice. ",
    "nice! ",
    "Great. ",
    "Great! ",
    "Thanks. ",
    "Thanks! ",
    "Thank you. ",
    "Fine. ",
    "Perfect. ",
    "Very good. ",
    "Right. ",
    "I see. ",
    "Aha. ",
    "Interesting. ",
    "Alright. ",
    "Cool. ",
    "Well done. ",
    "One more thing: ",
    "Another thing: ",
    "Next question: ",
    "Next: ",
    "Got it. ",
    "Hm. ",
    "That helps. ",
    "Lovely. ",
    "Good to know. ",
    "As I thought. ",
)
_NOUNS = ("the ", "its ", "{", "number ", "a ", "an ", "line ", "all ", "every ", "each ", "only ", "just ", "size")
_QUESTIONS = frozenset(
    [
        "how",
        "what",
        "what's",
        "which",
        "is",
        "are",
        "does",
        "do",
        "did",
        "has",
        "have",
        "can",
        "could",
        "where",
        "when",
        "who",
        "may",
    ]
)


def again(c: Chat, section: str, **slots: str) -> None:
    """Ask a second question of ``section``, often with a word that joins it to what was before."""
    r = c.r
    text = choose(r, section, held=c.held)
    question = text.split(" ")[0].lower().rstrip(",") in _QUESTIONS
    way = r.random()
    if way < 0.3 and not text.startswith(("and ", "now ", "then ", "{")):
        text = r.choice(_GLUED) + (text if text.startswith(("I ", "I'")) else text[0].lower() + text[1:])
        if question and r.random() < 0.7:
            text += "?"
    ahead = r.choice(_APART) if way > 0.85 else ""
    # "Could you" cannot stand before a noun, such as "its size".
    shaped = r.random() < 0.25 if text.startswith(_NOUNS) else True
    if not shaped:
        text = text[0].upper() + text[1:] if r.random() < 0.5 else text
        text += r.choice(("", "", "", ".", "?", "?", "!")) if text[-1] not in "?!." else ""
    c.user(ahead + ask(r, [text, text], held=c.held, shaped=shaped, section=section, **slots))


def opened(c: Chat, at: int) -> None:
    """Put a word of reply before the question that stands at ``at``, now and then."""
    role, text = c.turns[at]
    if c.r.random() < 0.25 and role == "user":
        c.turns[at] = (role, c.r.choice(_APART) + text)
