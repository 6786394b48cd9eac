"""Names of files, folders, words and identifiers: from words, and from nothing but random characters.

Every token of the vocabulary must occur in names that are copied, in every case style, with digits,
dots, dashes and repeats inside; a copying circuit that has only seen tidy names fails on untidy ones.
"""

from __future__ import annotations

import string

from codemode_tui.bundled.recipe.source import Source

EXTENSIONS = [
    "txt",
    "md",
    "py",
    "json",
    "csv",
    "toml",
    "log",
    "yaml",
    "yml",
    "html",
    "css",
    "js",
    "ts",
    "sh",
    "sql",
    "ini",
    "cfg",
    "rst",
    "xml",
    "tsv",
]
_UNICODE = "äöüéèñçßøåœ"


def word(r: Source) -> str:
    """A word, or something that only looks like one; now and then very short, which is the hardest to copy."""
    if r.random() < 0.08:
        return r.choice(r.short)
    if r.random() < 0.55:
        return r.choice(r.words)
    return scramble(r)


def scramble(r: Source) -> str:
    """Random letters, sometimes a piece that comes twice."""
    if r.random() < 0.3:
        piece = "".join(r.choices(string.ascii_lowercase, k=r.randint(2, 4)))
        return piece + r.choice(("", r.choice(string.ascii_lowercase))) + piece
    pool = string.ascii_lowercase if r.random() < 0.9 else string.ascii_lowercase + _UNICODE
    return "".join(r.choices(pool, k=r.randint(*r.letters)))


def stem(r: Source) -> str:
    """A file name without extension, in one of many case styles."""
    parts = [word(r) for _ in range(r.choices((1, 2, 3), (5, 4, 1))[0])]
    style = r.random()
    if style < 0.35:
        text = "_".join(parts)
    elif style < 0.55:
        text = "-".join(parts)
    elif style < 0.65:
        text = "".join(p.capitalize() for p in parts)
    elif style < 0.72:
        text = "_".join(parts).upper()
    elif style < 0.78:
        text = ".".join(parts)
    elif style < 0.83 and len(parts) > 1:
        text = " ".join(parts)
    elif style < 0.88:
        text = parts[0] + "".join(p.capitalize() for p in parts[1:])
    else:
        text = "".join(parts)
    tail = r.random()
    if tail < 0.12:
        text += str(r.randint(0, 99))
    elif tail < 0.22:
        text += r.choice("-_") + str(r.randint(0, 99999))
    elif tail < 0.26:
        text += f"-{r.randint(2015, 2031)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
    elif tail < 0.30:
        text = f"{r.randint(0, 99):02}{r.choice('-_.')}{text}"
    elif tail < 0.33:
        text += r.choice("-_") + "".join(r.choices(string.ascii_letters + string.digits, k=r.randint(3, 8)))
    return text


def file_name(r: Source, extension: str | None = None) -> str:
    if extension is None and r.random() < 0.10:
        return r.choice(r.famous)
    ending = extension or (
        r.choice(EXTENSIONS) if r.random() < 0.94 else "".join(r.choices(string.ascii_lowercase, k=3))
    )
    if r.random() < 0.02:
        ending = ending.upper()
    return f"{stem(r)}.{ending}"


def folder(r: Source) -> str:
    name = (
        r.choice(("src", "docs", "tests", "data", "lib", "app", "notes", "src/app", "assets", "scripts"))
        if r.random() < 0.3
        else stem(r)
    )
    return name.replace(" ", "_").lower() if r.random() < 0.8 else name.replace(" ", "_")


def identifier(r: Source) -> str:
    """A Python name in snake or camel case."""
    parts = [
        r.choice(r.words) if r.random() < 0.7 else "".join(r.choices(string.ascii_lowercase, k=r.randint(2, 7)))
        for _ in range(r.choices((1, 2, 3), (3, 5, 2))[0])
    ]
    style = r.random()
    if style < 0.6:
        return r.choice(("", "", "", "_", "get_", "set_", "is_", "load_", "make_")) + "_".join(parts)
    return "".join(p.capitalize() for p in parts)


def phrase(r: Source) -> str:
    """A few words, as in quoted text."""
    words = [word(r) for _ in range(r.randint(1, 5))]
    if r.random() < 0.3:
        words[0] = words[0].capitalize()
    if r.random() < 0.15:
        words.insert(r.randrange(len(words) + 1), str(number(r)))
    return " ".join(words) + r.choice(("", "", "", "!", "."))


def number(r: Source) -> int:
    """Small numbers often, large ones too."""
    return r.randint(0, 10 ** r.choices((1, 2, 3, 4, 6, 9), (4, 6, 5, 3, 2, 1))[0])
