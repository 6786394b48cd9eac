"""Jobs on a word or a phrase that stands in the question itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.jobs import Slots, fill
from codemode_tui.bundled.recipe.phrasing import ask
from codemode_tui.bundled.recipe.source import Source

_WORDS = """
hello world apple banana orange python programming computer keyboard elephant giraffe kangaroo butterfly chocolate
strawberry pineapple raincoat mountain river ocean island summer winter spring season birthday holiday garden flower
kitchen window bicycle airplane station library university hospital restaurant dictionary encyclopedia adventure mystery
happiness freedom language grammar sentence paragraph alphabet mississippi bookkeeper committee success address balloon
coffee cheese ginger butter hamster giraffe tiger panda turtle penguin parrot rhythm queue oxygen hydrogen planet planet
telescope orchestra violin trumpet guitar melody harmony theatre museum gallery picture portrait landscape sunrise
"""
_PLAIN = _WORDS.split()
_SAME_BACKWARDS = "level radar civic rotor kayak refer noon madam racecar stats tenet wow deed peep otto anna hannah"
_PALINDROMES = _SAME_BACKWARDS.split()
_ANAGRAMS = (
    "listen silent|night thing|earth heart|study dusty|evil live|tea eat|stop post|angel glean|act cat|dear read"
)


@dataclass(frozen=True)
class TextJob:
    """``{s}`` in the code is the text as a literal; other slots come from ``more``."""

    section: str
    code: str
    answer: str | tuple[str, str]
    weight: int = 2
    text: str = "any"
    """What it is about: "word", "phrase" or "any"."""
    more: Callable[[Source, str], Slots] | None = None


def _letter(r: Source, text: str) -> Slots:
    letters = text.replace(" ", "")
    chosen = r.choice(letters) if r.random() < 0.85 else r.choice("aeioustrnlxz")
    return {"l": chosen if chosen.isalpha() else "e"}


def _swap(r: Source, text: str) -> Slots:
    return {**_letter(r, text), "m": r.choice("aeioubdkmnprtxyz_-0")}


def _times(r: Source, text: str) -> Slots:
    return {"n": str(r.randint(2, 6))}


def _place(r: Source, text: str) -> Slots:
    return {"n": str(r.randint(1, max(1, min(9, len(text)))))}


def _some(r: Source, text: str) -> Slots:
    return {"n": str(r.randint(2, 6))}


def _shift(r: Source, text: str) -> Slots:
    return {"n": str(r.choice((1, 2, 3, 3, 3, 5, 13, r.randint(1, 25))))}


def _piece(r: Source, text: str) -> Slots:
    start = r.randrange(len(text))
    piece = text[start : start + r.randint(2, 4)].strip() if r.random() < 0.6 else names.word(r)[:4]
    return {"p": piece or "a"}


def _word_of(r: Source, text: str) -> Slots:
    return {"w": r.choice(text.split()).strip("!.,") or "a"} if r.random() < 0.7 else {"w": r.choice(r.words)}


def _joint(r: Source, text: str) -> Slots:
    sign, said = r.choice(
        (
            ("-", "a dash"),
            ("-", "hyphens"),
            ("_", "underscores"),
            ("+", "a plus sign"),
            ("/", "slashes"),
            (".", "dots"),
            (", ", "commas"),
        )
    )
    return {"j": sign, "said": r.choice((said, said, f"'{sign}'", f'"{sign}"'))}


_CAESAR = """text = {s}
result = ""
for letter in text:
    if letter.isalpha():
        start = ord("A") if letter.isupper() else ord("a")
        letter = chr((ord(letter) - start + {n}) % 26 + start)
    result += letter
print(result)"""

JOBS = [
    TextJob("text_reversed", "print({s}[::-1])", "Reversed it is {o}.", 6),
    TextJob("text_upper", "print({s}.upper())", "In upper case it is {o}.", 4),
    TextJob("text_lower", "print({s}.lower())", "In lower case it is {o}.", 3),
    TextJob("text_title", "print({s}.title())", "In title case it is {o}.", 2, "phrase"),
    TextJob("text_capitalised", "print({s}.capitalize())", "Capitalised it is {o}.", 1),
    TextJob("text_swapped", "print({s}.swapcase())", "With the case swapped it is {o}.", 1),
    TextJob("text_letters", "print(len({s}))", "It has {o} letters.", 6, "word"),
    TextJob("text_length", "print(len({s}))", "It has {o} characters.", 4),
    TextJob("text_words", "print(len({s}.split()))", "It has {o} words.", 5, "phrase"),
    TextJob("text_count_letter", 'print({s}.count("{l}"))', "{l} occurs {o} times.", 6, "any", _letter),
    TextJob("text_count_word", 'print({s}.split().count("{w}"))', "{w} occurs {o} times.", 2, "phrase", _word_of),
    TextJob("text_vowels", 'print(sum(letter in "aeiou" for letter in {s}.lower()))', "It has {o} vowels.", 4),
    TextJob(
        "text_consonants",
        'print(sum(letter.isalpha() and letter not in "aeiou" for letter in {s}.lower()))',
        "It has {o} consonants.",
        2,
    ),
    TextJob(
        "text_no_vowels",
        'print("".join(letter for letter in {s} if letter.lower() not in "aeiou"))',
        "Without vowels: {o}",
        1,
    ),
    TextJob(
        "text_palindrome",
        "text = {s}.lower()\nprint(text == text[::-1])",
        ("Yes, {t} is a palindrome.", "No, {t} is not a palindrome."),
        4,
        "word",
    ),
    TextJob("text_sorted_letters", 'print("".join(sorted({s})))', "Sorted: {o}", 3, "word"),
    TextJob("text_sorted_words", 'print(" ".join(sorted({s}.split())))', "Sorted: {o}", 3, "phrase"),
    TextJob("text_unique_letters", "print(len(set({s})))", "It has {o} different letters.", 2, "word"),
    TextJob("text_unique_words", 'print(" ".join(dict.fromkeys({s}.split())))', "Each word once: {o}", 1, "phrase"),
    TextJob("text_first_letter", "print({s}[0])", "The first letter is {o}.", 2, "word"),
    TextJob("text_last_letter", "print({s}[-1])", "The last letter is {o}.", 2, "word"),
    TextJob("text_nth_letter", "print({s}[{n} - 1])", "Letter {n} is {o}.", 2, "word", _place),
    TextJob("text_first_letters", "print({s}[:{n}])", "The first {n} letters are {o}.", 2, "word", _some),
    TextJob("text_last_letters", "print({s}[-{n}:])", "The last {n} letters are {o}.", 2, "word", _some),
    TextJob("text_first_word", "print({s}.split()[0])", "The first word is {o}.", 1, "phrase"),
    TextJob("text_last_word", "print({s}.split()[-1])", "The last word is {o}.", 1, "phrase"),
    TextJob(
        "text_acronym", 'print("".join(word[0] for word in {s}.split()).upper())', "The acronym is {o}.", 2, "phrase"
    ),
    TextJob("text_repeated", "print({s} * {n})", "That is {t}, {n} times.", 3, "word", _times),
    TextJob("text_lines", "for _ in range({n}):\n    print({s})", "That is {t}, {n} times.", 2, "any", _times),
    TextJob("text_replaced", 'print({s}.replace("{l}", "{m}"))', "It becomes {o}", 3, "any", _swap),
    TextJob("text_removed", 'print({s}.replace("{l}", ""))', "It becomes {o}", 2, "any", _letter),
    TextJob("text_spaceless", 'print({s}.replace(" ", ""))', "Without spaces: {o}", 2, "phrase"),
    TextJob("text_longest_word", "print(max({s}.split(), key=len))", "The longest word is {o}.", 3, "phrase"),
    TextJob("text_shortest_word", "print(min({s}.split(), key=len))", "The shortest word is {o}.", 1, "phrase"),
    TextJob("text_contains", "print({p} in {s})", ("Yes, it does.", "No, it does not."), 3, "any", _piece),
    TextJob("text_starts", "print({s}.startswith({p}))", ("Yes, it does.", "No, it does not."), 1, "any", _piece),
    TextJob("text_ends", "print({s}.endswith({p}))", ("Yes, it does.", "No, it does not."), 1, "any", _piece),
    TextJob(
        "text_position",
        'print({s}.index("{l}") + 1)',
        "It is letter number {o}.",
        1,
        "word",
        lambda r, t: {"l": r.choice(t)},
    ),
    TextJob("text_joined", 'print("{j}".join({s}.split()))', "Joined: {o}", 3, "phrase", _joint),
    TextJob("text_split_words", "for word in {s}.split():\n    print(word)", "Those are the words.", 2, "phrase"),
    TextJob("text_spelled", "for letter in {s}:\n    print(letter)", "Those are its letters.", 2, "word"),
    TextJob("text_spaced", 'print(" ".join({s}))', "With spaces: {o}", 1, "word"),
    TextJob(
        "text_words_reversed", 'print(" ".join({s}.split()[::-1]))', "The words from last to first: {o}", 2, "phrase"
    ),
    TextJob("text_caesar", _CAESAR, "Shifted by {n} it is {o}", 2, "any", _shift),
    TextJob("text_codes", "for letter in {s}:\n    print(letter, ord(letter))", "Those are the codes.", 1, "word"),
    TextJob("text_snake", 'print({s}.lower().replace(" ", "_"))', "In snake case it is {o}", 1, "phrase"),
    TextJob("text_kebab", 'print({s}.lower().replace(" ", "-"))', "In kebab case it is {o}", 1, "phrase"),
]


def text_job(c: Chat) -> None:
    """One job on one text."""
    r = c.r
    job = r.choices(JOBS, [job.weight**2 for job in JOBS])[0]
    text = _text(r, job)
    more = job.more(r, text) if job.more else {}
    said = dict(more)
    if "l" in more:
        said["l"] = r.choice((more["l"], f"'{more['l']}'", f'"{more["l"]}"', more["l"]))
    if "m" in more:
        said["m"] = r.choice((more["m"], f"'{more['m']}'", f'"{more["m"]}"'))
    if "p" in more:
        said["p"], more["p"] = _quoted(r, more["p"], 0.8), lit(more["p"])
    if "w" in more:
        said["w"] = _quoted(r, more["w"], 0.6)
    c.user(_question(c, job.section, text, said))
    out, _ = c.call(fill(job.code, {**more, "s": lit(text)}))
    answer = job.answer if isinstance(job.answer, str) else job.answer[out != "True"]
    if out == "1":
        answer = (
            answer.replace("{o} times", "once").replace("{o} letters", "one letter").replace("{o} words", "one word")
        )
    c.say(fill(answer, {**more, "t": text}).replace("{o}", out))


def anagram(c: Chat) -> None:
    """Two words: are they made of the same letters; which is longer; one after the other."""
    r = c.r
    a, b = _text(r, JOBS[6]), _text(r, JOBS[6])
    way = r.random()
    if way < 0.5:
        if r.random() < 0.5:
            a, b = r.choice(_ANAGRAMS.split("|")).split()
        elif r.random() < 0.4:
            b = "".join(r.sample(a, len(a)))
        section, code = "text_anagram", f"print(sorted({lit(a)}) == sorted({lit(b)}))"
        answers = (f"Yes, {a} and {b} are anagrams.", f"No, {a} and {b} are not anagrams.")
    elif way < 0.7:
        section, code = "text_longer", f"print(max({lit(a)}, {lit(b)}, key=len))"
        answers = ("The longer one is {o}.", "The longer one is {o}.")
    elif way < 0.85:
        section, code = "text_glued", f"print({lit(a)} + {lit(b)})"
        answers = ("Together: {o}", "Together: {o}")
    else:
        if r.random() < 0.4:
            b = a
        section, code = "text_same", f"print({lit(a)} == {lit(b)})"
        answers = ("Yes, they are the same.", "No, they are different.")
    c.user(ask(r, section, held=c.held, a=_quoted(r, a, 0.4), b=_quoted(r, b, 0.4)))
    out, _ = c.call(code)
    c.say(answers[out != "True"].replace("{o}", out))


def word_list(c: Chat) -> None:
    """Several words: sorted, joined, counted, the longest of them."""
    r = c.r
    words = [r.choice(_PLAIN) if r.random() < 0.5 else names.word(r) for _ in range(r.randint(3, 6))]
    way = r.random()
    if way < 0.45:
        said = ", ".join(words)
    elif way < 0.8:
        said = ", ".join(words[:-1]) + " and " + words[-1]
    elif way < 0.9:
        said = "[" + ", ".join(map(lit, words)) + "]"
    else:
        said = " ".join(words)
    values = f"words = [{', '.join(map(lit, words))}]\n"
    section, code, answer = r.choice(
        (
            ("words_sorted", "print(sorted(words))", "In order: {o}."),
            ("words_sorted", "print(sorted(words))", "In order: {o}."),
            ("words_by_length", "print(sorted(words, key=len))", "By length: {o}."),
            ("words_longest", "print(max(words, key=len))", "The longest is {o}."),
            ("words_shortest", "print(min(words, key=len))", "The shortest is {o}."),
            ("words_lengths", "for word in words:\n    print(word, len(word))", "Those are the lengths."),
            ("words_count", "print(len(words))", "There are {o} words."),
        )
    )
    c.user(ask(r, section, held=c.held, v=said))
    out, _ = c.call(values + code)
    c.say(answer.replace("{o}", out.strip("[]").replace("'", "").replace('"', "")))


def _text(r: Source, job: TextJob) -> str:
    if job.section == "text_palindrome" and r.random() < 0.4:
        return r.choice(_PALINDROMES)
    if job.text == "phrase" or (job.text == "any" and r.random() < 0.4):
        words = [r.choice(_PLAIN) if r.random() < 0.4 else names.word(r) for _ in range(r.randint(2, 5))]
        if r.random() < 0.25:
            words[0] = words[0].capitalize()
        if r.random() < 0.15:
            words.append(r.choice(words))
        return " ".join(words)
    word = r.choice(_PLAIN) if r.random() < 0.35 else names.word(r)
    way = r.random()
    return word.capitalize() if way < 0.15 else word.upper() if way < 0.2 else word


def _quoted(r: Source, text: str, share: float) -> str:
    if r.random() >= share:
        return text
    mark = r.choice("''\"\"\"'`")
    return f"{mark}{text}{mark}"


def _question(c: Chat, section: str, text: str, said: Slots) -> str:
    """The question; a phrase without quotes only where nothing follows it."""
    r = c.r
    # {t} stays until it is known what follows it.
    asked = ask(r, section, held=c.held, shaped=True, t="{t}", **said)
    bare = asked.rstrip("?.!")
    if " " in text and bare.endswith("{t}") and r.random() < 0.25:
        return bare.replace("{t}", text)
    return asked.replace("{t}", _quoted(r, text, 1 if " " in text else 0.55))
