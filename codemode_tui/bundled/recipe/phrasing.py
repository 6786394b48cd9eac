"""How people ask: politeness, a sentence around it, lower case, missing marks, typos."""

from __future__ import annotations

import random
import re

from codemode_tui.bundled.recipe.grammar import choose, expand
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.synonyms import measured, reworded

_QUESTION_WORDS = """
how what what's whats which is are does do did who who's where where's why when can could may has have was were
should would whose
"""
_VERBS = """
count show print tell find give list go add look ask write take let get make read put check sort name open search
grep sum total append replace compute change create compare rename explain display tally group turn calculate see
output say round start save move remove try split test delete run bring set empty keep order multiply erase divide
break reverse scan locate determine use select loop cut copy remind swap collect filter pull clean enumerate
overwrite convert figure skip drop cat build store switch gather load pick lay throw arrange describe help generate
begin fetch produce lowercase update subtract rank walk hunt spot strip join prepend duplicate dump correct diff
summarise report track prepare peek teach type place extend complete fix insert increase extract echo clear free
substitute shorten uppercase prefix verify ignore dig repeat exchange edit tidy combine shift dedupe flip decrease
concatenate transform capitalise reduce limit double measure spell fill catch merge deduplicate bump parse
distribute translate sample glue assign label export adapt indent deduct define outline identify browse comb sieve
jump rewrite rotate push modify wipe truncate reset halve transfer condense reorder trim separate validate summarize
clarify
"""
_REQUESTS = (
    "please ",
    "pls ",
    "can you ",
    "could you ",
    "would you ",
    "will you ",
    "can you please ",
    "could you please ",
    "I want you to ",
    "I need you to ",
    "I would like you to ",
    "I'd like to ",
    "let us ",
    "let's ",
    "just ",
    "go and ",
    "go ahead and ",
    "you should ",
    "help me ",
    "kindly ",
    "be so kind and ",
    "I'd be glad if you could ",
    "would you mind, ",
    "do me a favour and ",
    "your next job: ",
    "first, ",
    "next, ",
)
"""Only before a verb, never before a question or a statement."""
_WISHES = (
    "what I'd want you to do is ",
    "what I would ask of you is to ",
    "the next thing on my list: ",
    "next on the list is to ",
    "somebody should ",
    "it would be lovely if you could ",
    "is it possible to ",
    "is there any chance you could ",
    "would it be a lot of trouble to ",
    "your task, should you accept it, is to ",
    "here's what has to happen: ",
    "all that remains is to ",
    "before we go on, ",
    "while you are at it, ",
    "if it's not too much to ask, ",
    "the thing to do now is to ",
    "I was hoping that you could ",
    "I'm counting on you to ",
    "it's time to ",
)
"""A longer way to ask for what begins with a verb."""
_PLANS = (
    "I was told to ",
    "my plan is to ",
    "I've been meaning to ",
    "I promised to ",
    "they asked me to ",
    "for the {w} we have to ",
    "it's my job to ",
    "I've been trying to ",
    "on my list for today: ",
    "the {w} people want us to ",
    "what's left for me is to ",
)
"""The same, of what the speaker should do; not before "tell me"."""
_DOUBTS = (
    "I keep asking myself: ",
    "could you find out for me: ",
    "what nobody here could tell me: ",
    "the question came up again: ",
    "somebody wants to know: ",
    "here is what I'd like to understand: ",
    "what I can't work out by myself: ",
    "they asked me, and I had no answer: ",
    "maybe you can tell: ",
    "for the {w} I have to know: ",
    "before I go on, ",
    "I looked and still can't tell: ",
    "my only question is this: ",
    "let me ask you something: ",
    "the {w} team is asking: ",
    "it's for the minutes: ",
)
"""Before a question."""
_ASKED = re.compile(r"(can|could|would|will|may|should|do me|why not)\b", re.I)
"""What is a wish already, though it begins like a question."""
_PREFIXES = (
    "hey, ",
    "hey ",
    "hi, ",
    "hello, ",
    "ok, ",
    "ok ",
    "okay, ",
    "well, ",
    "right, ",
    "now ",
    "so ",
    "so, ",
    "then ",
    "next: ",
    "and ",
    "also, ",
    "hm, ",
    "alright, ",
    "great, ",
    "good, ",
    "nice, ",
    "fine, ",
    "thanks, ",
    "good. ",
    "great. ",
    "nice. ",
    "fine. ",
    "thanks! ",
    "perfect. ",
    "I want to know: ",
    "I wonder: ",
    "tell me: ",
    "say, ",
    "quick question: ",
    "question: ",
    "one more thing: ",
    "another one: ",
    "by the way, ",
    "just curious: ",
    "quickly: ",
    "sorry, ",
)
_SUFFIXES = (
    " please",
    ", please",
    " pls",
    " thanks",
    ", thanks",
    ", thank you",
    " for me",
    " now",
    " right now",
    " quickly",
    " if you can",
    " if possible",
    ", if you would",
    ", ok",
    ", will you",
    ", would you",
    " when you can",
)
_BEFORE = (
    "I am (tidying up|cleaning up|working on|looking through|sorting out|documenting|preparing) (this|my|our|the) {w} (project|folder|stuff|work|report|files).",
    "(we|I) have a (release|meeting|demo|review|deadline|call|{w} day) (tomorrow|today|soon|on Monday|next week|at noon).",
    "(my|our) (boss|colleague|teacher|friend|client|team|{w} team) (wants to know|asked me|needs this|is waiting|asked about it).",
    "(I'm|I am) (new here|a bit lost|not sure about this|in a hurry|writing about {w}|back from the {w}).",
    "(there is|there's) (something|one thing) (I want to|I'd like to|I need to|I have to) (check|know|find out|see).",
    "(I|we) (just|only) (finished|started|cloned|copied) the {w} (part|thing|project|work).",
    "(here is|here's) (a|my next|another|one more) (question|task|job|request).",
    "(I forgot|I can't remember|I don't remember|no idea).",
    "(this is|it's) about (the {w}|{w}|our {w} work).",
    "(that|this) {w} (thing|business|job) (is not over yet|goes on|keeps me busy|bothers me).",
    "I (need|want) (some|your) help (with {w}|here|with this|for a moment).",
    "(something|one thing) (for|about) the {w}.",
    "(somebody from {w}|the new colleague|an auditor|the {w} people|our customer) (rang|wrote|came by|dropped in) (this morning|an hour ago|yesterday|just now) (and wanted details|with a question|because of the {w} thing).",
    "(it's|it is) (late|early|nearly five|Friday|Monday morning), (so let us be brief|and the {w} is still not ready|and I would like to go home|so bear with me).",
    "(as you may know|in case you wonder|just so you know), (we are moving to {w}|the {w} is due soon|I took this over from somebody else|this is not my own work).",
    "(the reason I ask|why I am asking): (the {w} looks odd|something about {w} does not add up|I don't trust the {w}|it was in the minutes).",
    "(my notes are|the handover was|the manual is) (a mess|no help|of little use|silent on this).",
    "(it has been|that was) a (long|strange|busy) (day|week) (with|for) {w}.",
)
_AFTER = (
    "(I need|we need|I want) (it|that|this) for (the|my|our) {w}.",
    "(it's|that's) for (my|our|the) {w} (report|notes|team|project|friend).",
    "(thanks|thank you|cheers|thx)(!| in advance| a lot|.)",
    "(nothing else|that's all|no more than that|only that).",
    "(I'm|I am) (curious|in a hurry|just wondering|not sure).",
    "(I forgot|I can't remember|no idea).",
    "(be quick|keep it short|no rush|take your time).",
    "(the reason|why): (the {w} is due|a colleague doubts it|it was asked at the {w} meeting|I don't trust my notes).",
    "(our boss|the {w} team|somebody upstairs|a customer|my flatmate) (is asking|insists on it|would like to hear|has been waiting for that) (since this morning|again|for days|).",
    "(I need it by|it has to be ready by|they want it before) (noon|tonight|the end of the day|Friday|the {w} call).",
    "(I would do it myself|I tried it by hand), but (my wrist hurts|I got lost|I have no time|it took too long).",
)


_FILLERS = tuple(
    """actually|really|just|basically|simply|somehow|perhaps|maybe|exactly|currently|overall|altogether|
here|you know|like|um|uh|in fact|of course|at the moment|as far as you can see|by chance|again|
honestly|I think|I guess|say|today|at last|after all|for real|to be sure|for the {w}|as the {w} wants|
like the {w} one|if I may ask|whatever the reason|before I forget|as usual|for once|between ourselves|
if you don't mind|as my colleague put it|for what it's worth|while we are here|believe it or not|
to put it plainly|as I was told this morning|in the meantime""".replace("\n", "").split("|")
)
"""Words that change nothing, wherever they stand."""
_EMPTY = frozenset(("the", "a", "an", "of", "me", "there", "all", "please", "do", "does", "is", "are", "my", "this"))
"""Words that people in a hurry leave out."""

_SLOT = re.compile(r"\{(\w+)\}")
CALM = 0.6
"""Share of questions that have nothing around them: no greeting, no reason, no filler, no typo; fewer are reworded."""
QUESTIONS, VERBS = frozenset(_QUESTION_WORDS.split()), frozenset(_VERBS.split())


def ask(r: Source, ways: list[str] | str, *, held: bool, shaped: bool = True, section: str = "", **names: str) -> str:
    """One question.

    Args:
        r: the source of all choices.
        ways: a section of the grammar files, or templates, the last of which is kept for validation.
        held: use only phrasings that are kept for validation.
        shaped: add politeness, context, typos and the like.
        section: the one that templates are from, if they are.
        names: fill the slots. They are filled in last, so that they are never changed.

    Raises:
        ValueError: a slot that nothing fills, which would be asked as it stands.
    """
    if isinstance(ways, str):
        text = choose(r, ways, held=held)
    else:
        text = expand(r, r.choice(ways[-1:] if held else ways[:-1]))
    if shaped:
        text = shape(r, text, ways if isinstance(ways, str) else section, held=held)
    # Before they are filled: braces in what fills them are the user's own.
    if left := sorted(set(_SLOT.findall(text)) - set(names)):
        raise ValueError(f"nothing fills {', '.join(left)} in {text!r}")
    for key, value in names.items():
        text = text.replace("{" + key + "}", value)
    return text


def shape(r: Source, text: str, section: str = "", *, held: bool) -> str:
    """Politeness, letter case, final marks, a sentence around it, now and then a typo. ``{slots}`` stay as they are.

    Args:
        r: the source of all choices.
        text: what is asked.
        section: the section of the grammar that it is from; it is not reworded into what is kept there for validation.
        held: it is kept for validation, and keeps its words and its frame.
    """
    calm = r.random() < CALM
    if not held and r.random() < (0.15 if calm else 0.3):
        text = _reworded(r, text, section)
    first = text.split(" ")[0].lower().rstrip(",:")
    question, wish = first in QUESTIONS, first in VERBS
    ended = text[-1] in "?!."
    if not calm:
        text = _dressed(r, text, question=question, wish=wish, held=held)
    style = r.random()
    if style < 0.55:
        text = text[0].upper() + text[1:]
    elif style < 0.56:
        text = re.sub(r"(\{\w+\})|([^{}]+)", lambda m: m[1] or m[2].upper(), text)
    elif style < 0.71:
        text = re.sub(r"(\{\w+\})|([^{}]+)", lambda m: m[1] or m[2].lower(), text)
    if not ended and question and r.random() < 0.8:
        text += "?"
    elif not ended and not question and r.random() < 0.25:
        text += r.choice("....!?")
    around = 1.0 if calm else r.random()
    if around < 0.04:
        text = _sentence(r, _BEFORE) + " " + text
    elif around < 0.07:
        text = (text if text[-1] in "?!." else text + ("?" if question else ".")) + " " + _sentence(r, _AFTER)
    return text


def _dressed(r: Source, text: str, *, question: bool, wish: bool, held: bool) -> str:
    """A greeting, a wish or a longer frame before it, thanks behind it, a word too many or too few, a typo."""
    if not held and (wish or (question and not _ASKED.match(text))) and r.random() < 0.05:
        text = _framed(r, text, wish=wish)
    elif r.random() < 0.2:
        prefix = r.choice(_REQUESTS if wish and r.random() < 0.6 else _PREFIXES)
        text = prefix + (text if re.match(r"I\b", text) else text[0].lower() + text[1:])
    if r.random() < 0.1 and wish and text[-1] not in "?!.":
        text += r.choice(_SUFFIXES)
    if r.random() < 0.12 and not any(mark in text for mark in "\"'`:"):
        text = _loosened(r, text)
    return _typo(r, text) if r.random() < 0.03 else text


def _reworded(r: Source, text: str, section: str) -> str:
    """Other words of the same meaning, unless that makes one of the phrasings that are kept for validation."""
    new = reworded(r, text)
    return text if section and measured(section, new) else new


def _framed(r: Source, text: str, *, wish: bool) -> str:
    """The wish, or the question, as part of a longer sentence."""
    frames = _DOUBTS if not wish else _WISHES if re.search(r"\b(me|us)\b", text) else _WISHES + _PLANS
    return r.choice(frames).replace("{w}", r.choice(r.words)) + text[0].lower() + text[1:]


def _sentence(r: Source, ways: tuple[str, ...]) -> str:
    """A sentence that says nothing that matters, so that the model learns to pass over such."""
    text = expand(r, r.choice(ways)).replace("{w}", r.choice(r.words))
    return text[0].upper() + text[1:] if r.random() < 0.7 else text


def _loosened(r: Source, text: str) -> str:
    """A word too many, or one too few: what is meant must be found wherever it stands."""
    words = text.split(" ")
    empty = [at for at, word in enumerate(words) if word in _EMPTY]
    if empty and r.random() < 0.4:
        del words[r.choice(empty)]
        return " ".join(words)
    # Not beside a slot: it would read as part of what is to be copied.
    places = [at for at in range(1, len(words) + 1) if "{" not in "".join(words[at - 1 : at + 1])]
    if places:
        words.insert(r.choice(places), r.choice(_FILLERS).replace("{w}", r.choice(r.words)))
    return " ".join(words)


def quoted(r: random.Random, name: str) -> str:
    """A name as people write it: bare, or in quotes; mostly in quotes when it holds a space."""
    if r.random() < (0.6 if " " in name else 0.15):
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
