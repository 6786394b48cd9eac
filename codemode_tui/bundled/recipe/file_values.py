"""Words, numbers and patterns in one file: frequent words, averages, sums, addresses, other things to count."""

from __future__ import annotations

import string

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_jobs import NOTHING, called, plural, some_file
from codemode_tui.bundled.recipe.number_words import CARDINALS
from codemode_tui.bundled.recipe.phrasing import ask

PATTERNS = {
    "email": (
        r"[\w.+-]+@[\w-]+\.[\w.-]+",
        ("email addresses", "emails", "e-mail addresses", "mail addresses", "email ids", "e-mails", "addresses with @"),
    ),
    "url": (
        r"https?://\S+",
        ("URLs", "urls", "links", "web addresses", "web links", "http links", "hyperlinks", "internet addresses"),
    ),
    "number": (r"\d+", ("numbers", "integers", "whole numbers", "numerals")),
    "date": (r"\d{4}-\d{2}-\d{2}", ("dates", "calendar dates", "ISO dates", "days of the form 2024-05-31")),
    "time": (r"\d{1,2}:\d{2}", ("times", "times of day", "clock times", "times like 12:30")),
    "hashtag": (r"#\w+", ("hashtags", "hash tags", "tags with #", "words with a #")),
    "mention": (r"@\w+", ("mentions", "@-mentions", "@ mentions", "handles")),
    "IP address": (r"\d+\.\d+\.\d+\.\d+", ("IP addresses", "ip addresses", "IPs", "IPv4 addresses")),
    "version": (r"\d+\.\d+\.\d+", ("version numbers", "versions", "semantic versions")),
    "capitalised word": (
        r"\b[A-Z]\w*",
        ("capitalised words", "capitalized words", "words with a capital letter", "words that start with a capital"),
    ),
    "quoted text": (r'"([^"]*)"', ("quoted texts", "texts in quotes", "quoted strings", "strings in double quotes")),
}
_MANY = {"email": "email addresses", "IP address": "IP addresses", "url": "URLs", "hashtag": "hashtags"}
# What can be counted: how it is said, in the singular, and the program.
_TEXT = "text = read_file({})\nprint({})"
UNITS: dict[str, tuple[tuple[tuple[str, str], ...], str, str]] = {
    "sentence": ((("sentences", "sentence"),), 'len(re.findall(r"[.!?](?:\\s|$)", text))', "re"),
    "paragraph": (
        (("paragraphs", "paragraph"), ("text blocks", "text block")),
        'len([part for part in text.split("\\n\\n") if part.strip()])',
        "",
    ),
    "digit": ((("digits", "digit"), ("figures 0-9", "digit")), "sum(char.isdigit() for char in text)", ""),
    "letter": (
        (("letters", "letter"), ("alphabetic characters", "letter")),
        "sum(char.isalpha() for char in text)",
        "",
    ),
    "capital letter": (
        (("capital letters", "capital letter"), ("uppercase letters", "uppercase letter"), ("capitals", "capital")),
        "sum(char.isupper() for char in text)",
        "",
    ),
    "small letter": (
        (("small letters", "small letter"), ("lowercase letters", "lowercase letter")),
        "sum(char.islower() for char in text)",
        "",
    ),
    "vowel": ((("vowels", "vowel"),), 'sum(char in "aeiou" for char in text.lower())', ""),
    "space": ((("spaces", "space"), ("blanks", "blank")), 'text.count(" ")', ""),
    "comma": ((("commas", "comma"),), 'text.count(",")', ""),
    "full stop": ((("full stops", "full stop"), ("periods", "period"), ("dots", "dot")), 'text.count(".")', ""),
    "question mark": ((("question marks", "question mark"),), 'text.count("?")', ""),
    "exclamation mark": ((("exclamation marks", "exclamation mark"),), 'text.count("!")', ""),
    "colon": ((("colons", "colon"),), 'text.count(":")', ""),
    "semicolon": ((("semicolons", "semicolon"),), 'text.count(";")', ""),
    "tab": ((("tabs", "tab"), ("tab characters", "tab character")), 'text.count("\\t")', ""),
    "hyphen": ((("hyphens", "hyphen"), ("dashes", "dash")), 'text.count("-")', ""),
}


def frequent(c: Chat) -> None:
    """The words used most."""
    r = c.r
    f = _wordy(c)
    if r.random() < 0.15:
        c.user(ask(r, "one_frequencies", held=c.held, f=called(r, f)))
        many = ""
    elif r.random() < 0.4:
        c.user(ask(r, "one_frequent_one", held=c.held, f=called(r, f)))
        many = "1"
    else:
        n = r.choice((2, 3, 3, 4, 5, 5, 6, 7, 8, 10, 10, 12, 15, 20))
        c.user(ask(r, "one_frequent", held=c.held, f=called(r, f), n=CARDINALS[n] if r.random() < 0.35 else str(n)))
        many = str(n)
    out, _ = c.call(
        f"from collections import Counter\ncounts = Counter(read_file({lit(f)}).split())\n"
        f"for word, count in counts.most_common({many}):\n    print(word, count)"
    )
    if out == NOTHING:
        c.say(f"{f} has no words.")
    elif many == "1":
        word, _, count = out.rpartition(" ")
        c.say(f"The most frequent word in {f} is {word} ({count}).")
    else:
        c.say(f"Those are the most frequent words in {f}." if many else f"Those are the words of {f} and their counts.")


def words_job(c: Chat) -> None:
    """Longest and different words, averages, words picked by length, start or end."""
    r = c.r
    f = _wordy(c)
    what = r.choice(
        (
            "longest_word",
            "longest_word",
            "unique_words",
            "unique_words",
            "word_list",
            "average_words",
            "average_length",
            "average_line",
            "long_words",
            "words_starting",
            "words_ending",
        )
    )
    n = str(r.randint(2, 15))
    text = "".join(ch for ch in c.world.files[f] if ch in string.ascii_letters) or "a"
    w = r.choice(
        (r.choice(text), r.choice(text), r.choice(string.ascii_lowercase), "un", "re", "ing", "ed", "er", "s", "pre")
    )
    said = w if r.random() < 0.5 and w not in ("a", "I") else f"'{w}'" if r.random() < 0.5 else f'"{w}"'
    c.user(ask(r, f"one_{what}", held=c.held, f=called(r, f), n=n, w=said))
    words = f"words = read_file({lit(f)}).split()\n"
    each = "for word in words:\n    if {}:\n        print(word)"
    text_code = f"text = read_file({lit(f)})\n"
    code = {
        "longest_word": f'{words}print(max(words, key=len, default=""))',
        "unique_words": f"{words}print(len(set(words)))",
        "word_list": f"{words}for word in sorted(set(words)):\n    print(word)",
        "average_words": f"{text_code}print(round(len(text.split()) / max(len(text.splitlines()), 1), 2))",
        "average_length": f"{words}print(round(sum(len(word) for word in words) / max(len(words), 1), 2))",
        "average_line": f"lines = read_file({lit(f)}).splitlines()\n"
        "print(round(sum(len(line) for line in lines) / max(len(lines), 1), 2))",
        "long_words": words + each.format(f"len(word) > {n}"),
        "words_starting": words + each.format(f"word.startswith({lit(w)})"),
        "words_ending": words + each.format(f"word.endswith({lit(w)})"),
    }[what]
    out, _ = c.call(code)
    none = out == NOTHING or not out.strip()
    c.say(
        {
            "longest_word": f"{f} has no words." if none else f"The longest word of {f} is {out}.",
            "unique_words": f"{f} has {plural(out, 'different word')}.",
            "word_list": f"{f} has no words." if none else f"Those are the different words of {f}.",
            "average_words": f"A line of {f} has {out} words on average.",
            "average_length": f"A word of {f} has {out} characters on average.",
            "average_line": f"A line of {f} has {out} characters on average.",
            "long_words": f"{f} has no such word." if none else f"Those words have more than {n} characters.",
            "words_starting": f"{f} has no such word." if none else f"Those words of {f} start with {w}.",
            "words_ending": f"{f} has no such word." if none else f"Those words of {f} end with {w}.",
        }[what]
    )


def patterns(c: Chat) -> None:
    """Addresses, numbers, dates and the like, by a regular expression."""
    r = c.r
    kind = r.choice((*sorted(PATTERNS), "email", "email", "url", "url", "number", "date"))
    pattern, ways = PATTERNS[kind]
    f = _file_with(c, kind)
    said = r.choice(ways)
    many = _MANY.get(kind, f"{kind}s")
    quote = "'" if '"' in pattern else '"'
    find = f"re.findall(r{quote}{pattern}{quote}, read_file({lit(f)}))"
    if r.random() < 0.35:
        single = said.removesuffix("es") if said.endswith("esses") else said.removesuffix("s")
        c.user(ask(r, "one_count", held=c.held, f=called(r, f), u=said, s=single))
        out, _ = c.call(f"import re\nprint(len({find}))")
        c.say(
            f"{f} has {out} {many if out != '1' else many.removesuffix('es') if many.endswith('sses') else many[:-1]}."
        )
        return
    c.user(ask(r, "one_patterns", held=c.held, f=called(r, f), p=said))
    out, _ = c.call(f"import re\nfor found in {find}:\n    print(found)")
    c.say(f"There are no {many} in {f}." if out == NOTHING else f"Those are the {many} in {f}.")


def other_units(c: Chat) -> None:
    """How many sentences, letters, commas, …"""
    r = c.r
    unit = r.choice((*sorted(UNITS), "sentence", "paragraph", "sentence", "paragraph", "digit", "letter"))
    ways, measure, module = UNITS[unit]
    f = _wordy(c)
    if unit == "paragraph" and r.random() < 0.7:
        c.world.files[f] = "\n".join(row + "\n" if r.random() < 0.5 else row for row in c.world.files[f].splitlines())
    said, single = r.choice(ways)
    c.user(ask(r, "one_count", held=c.held, f=called(r, f), u=said, s=single))
    out, _ = c.call((f"import {module}\n" if module else "") + _TEXT.format(lit(f), measure))
    c.say(f"{f} has {plural(out, unit) if unit != 'space' or out != '1' else '1 space'}.")


def numbers(c: Chat) -> None:
    """Arithmetic over a file with one number a line."""
    r = c.r
    f = some_file(c, r.choice(("txt", "txt", "txt", "dat", "log", "md", "lst", "out")), _number_lines(c))
    what = r.choice(("sum", "sum", "sum", "mean", "mean", "max", "max", "min", "sort_numbers", "numbers_over"))
    n = str(r.randint(1, 500))
    c.user(ask(r, f"one_{what}", held=c.held, f=called(r, f), n=n))
    code = {
        "sum": 'print(f"{sum(numbers):.12g}")',
        "mean": 'print(f"{sum(numbers) / len(numbers):.12g}")',
        "max": 'print(f"{max(numbers):.12g}")',
        "min": 'print(f"{min(numbers):.12g}")',
        "sort_numbers": 'for number in sorted(numbers):\n    print(f"{number:.12g}")',
        "numbers_over": f"print(sum(number > {n} for number in numbers))",
    }[what]
    out, _ = c.call(load_numbers(f) + code)
    c.say(
        {
            "sum": f"The sum of the numbers in {f} is {out}.",
            "mean": f"The average of the numbers in {f} is {out}.",
            "max": f"The largest number in {f} is {out}.",
            "min": f"The smallest number in {f} is {out}.",
            "sort_numbers": f"Those are the numbers of {f} in order.",
            "numbers_over": f"{plural(out, 'number')} in {f} {'is' if out == '1' else 'are'} above {n}.",
        }[what]
    )


def _number_lines(c: Chat) -> str:
    r = c.r
    top = r.choice((9, 50, 100, 1000, 10000))
    whole = r.random() < 0.75
    low = -top if r.random() < 0.1 else 0
    rows = [str(r.randint(low, top)) if whole else f"{r.uniform(low, top):.1f}" for _ in range(r.randint(1, 8))]
    if r.random() < 0.15:
        rows.append("")
    return "".join(row + "\n" for row in rows)


def _wordy(c: Chat) -> str:
    """A file of prose in most cases, in which some words come more than once."""
    r = c.r
    if r.random() < 0.4:
        return some_file(c)
    few = [names.word(r) for _ in range(r.randint(2, 6))]
    rows = []
    for _ in range(r.randint(1, 6)):
        words = [r.choice(few) if r.random() < 0.5 else names.word(r) for _ in range(r.randint(1, 8))]
        if r.random() < 0.4:
            words[0] = words[0].capitalize()
        rows.append(" ".join(words) + r.choice(("", "", ".", ".", "!", "?", ",", ";")))
    return some_file(c, r.choice(("txt", "md", "txt", "rst", "log", "tex")), "\n".join(rows) + "\n")


def _file_with(c: Chat, kind: str) -> str:
    """A file in which such things stand between other words, most of the time."""
    r = c.r
    rows = []
    for _ in range(r.randint(1, 6)):
        words = [names.word(r) for _ in range(r.randint(1, 5))]
        if r.random() < 0.6:
            words.insert(
                r.randint(0, len(words)), _instance(c, kind if r.random() < 0.8 else r.choice(sorted(PATTERNS)))
            )
        rows.append(" ".join(words))
    return some_file(c, r.choice(("txt", "md", "txt", "rst", "log", "html")), "\n".join(rows) + "\n")


def _instance(c: Chat, kind: str) -> str:
    r = c.r
    a, b = names.word(r), names.word(r)
    return {
        "email": f"{a}@{b}.{r.choice(('com', 'org', 'net', 'de', 'io', 'co.uk', 'fr', 'edu'))}",
        "url": f"http{r.choice(('s', 's', ''))}://{r.choice(('www.', ''))}{a}.{r.choice(('com', 'org', 'net', 'io'))}{r.choice(('', '/' + b))}",
        "number": str(names.number(r)),
        "date": f"20{r.randint(10, 39)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}",
        "time": f"{r.randint(0, 23)}:{r.randint(0, 59):02}",
        "hashtag": f"#{a}",
        "mention": f"@{a}",
        "IP address": ".".join(str(r.randint(0, 255)) for _ in range(4)),
        "version": f"{r.randint(0, 20)}.{r.randint(0, 20)}.{r.randint(0, 20)}",
        "capitalised word": a.capitalize(),
        "quoted text": f'"{a} {b}"',
    }[kind]


def load_numbers(f: str) -> str:
    """The code that puts the number on each line into ``numbers``."""
    return f"numbers = [float(line) for line in read_file({lit(f)}).splitlines() if line.strip()]\n"
