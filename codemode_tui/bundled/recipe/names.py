"""Names of files, folders, words and identifiers: from words, and from nothing but random characters.

Every token of the vocabulary must occur in names that are copied, in every case style, with digits,
dots, dashes and repeats inside; a copying circuit that has only seen tidy names fails on untidy ones.
"""

from __future__ import annotations

import re
import string

from codemode_tui.bundled.recipe.source import Source

_ALL_COMMON = "txt txt md md py py json csv toml log yaml yml html css js ts sh sql ini cfg rst xml tsv"
_ALL_EXTENSIONS = (
    "txt md py json csv toml log yaml yml html css js ts sh sql ini cfg rst xml tsv "
    "tex bib org adoc c h cpp hpp cc cs java kt go rs rb php pl lua r jl swift scala dart jsx tsx vue scss sass less "
    "bat ps1 zsh fish bash conf properties lock gitignore jsonl ndjson geojson ipynb ics vcf eml srt vtt svg diff "
    "patch proto graphql gradle cmake mk tf hcl nix el clj ex exs erl hs ml asm f90 pas vb dat out err bak old orig "
    "tmp text lst map mdx rss opml po pot sty cls dot puml feature stories"
)
_UNICODE = "äöüéèñçßøåœ"
_ALL_ENDS_IN_TWO = (
    "tar.gz test.js test.ts spec.ts min.js min.css d.ts config.js config.json en.json de.md html.bak txt.old csv.bak "
    "py.orig json.tmp md.bak log.1 log.2 sql.dump module.css stories.tsx tar.xz tar.bz2 user.js blade.php cy.ts"
)
_ALL_WELL_KNOWN = (
    "src docs tests data lib app notes src/app assets scripts tools bin build config examples images logs models reports "
    "public static templates utils backup archive old drafts tests/unit src/lib src/utils docs/api data/raw src/main "
    "packages core common include resources migrations fixtures locale test spec services components pages"
)
_ALL_TAGS = "final copy draft new old backup v1 v2 v3 en de fr us uk min dev prod test tmp orig signed clean raw todo"
SERIES = tuple(
    line.split()
    for line in (
        "spring summer fall winter",
        "north south east west",
        "monday tuesday wednesday thursday friday saturday sunday",
        "january february march april may june july august september october november december",
        "jan feb mar apr jun jul aug sep oct nov dec",
        "red green blue yellow black white",
        "old new current",
        "dev test prod staging",
        "q1 q2 q3 q4",
        "draft final review",
        "left right middle",
        "client server shared",
        "alpha beta gamma delta",
        "one two three four",
        "first second third last",
        "a b c d",
        "before after now then",
        "today yesterday tomorrow",
        "v1 v2 v3 v4",
        "in out",
        "small large medium",
        "local remote",
    )
)
"""What stands in one another's place in names that differ in a part only."""
_COMMON, EXTENSIONS = _ALL_COMMON.split(), _ALL_EXTENSIONS.split()
_ENDS_IN_TWO, _WELL_KNOWN, _TAGS = _ALL_ENDS_IN_TWO.split(), _ALL_WELL_KNOWN.split(), _ALL_TAGS.split()
_ODD = "+@#=~&,%!"


def word(r: Source) -> str:
    """A word, or something that only looks like one; now and then very short, which is the hardest to copy."""
    if r.tidy:
        return r.choice(r.words)
    if r.random() < 0.08:
        return r.choice(r.short)
    if r.random() < 0.7:
        return r.choice(r.words)
    return scramble(r)


def scramble(r: Source) -> str:
    """Random letters, sometimes a piece that comes twice, sometimes what could be a syllable of a real word."""
    way = r.random()
    if way < 0.25:
        piece = "".join(r.choices(string.ascii_lowercase, k=r.randint(2, 4)))
        return piece + r.choice(("", r.choice(string.ascii_lowercase))) + piece
    low, high = r.letters
    # Short ones are more common than long ones, but no length is missing.
    length = min(r.randint(low, high), r.randint(low, high)) if r.random() < 0.7 else r.randint(low, high)
    if way < 0.55:
        return _syllables(r, length)
    pool = string.ascii_lowercase if r.random() < 0.9 else string.ascii_lowercase + _UNICODE
    return "".join(r.choices(pool, k=length))


def stem(r: Source) -> str:
    """A file name without extension, in one of many case styles."""
    parts = [word(r) for _ in range(r.choices((1, 2, 3, 4), (50, 38, 9, 3))[0])]
    if r.tidy:
        return r.choice("__-").join(parts[:2]) + (
            r.choice(("", "-", "_")) + str(r.randint(1, 30)) if r.random() < 0.15 else ""
        )
    text = _joined(r, parts)
    tail = r.random()
    if tail < 0.09:
        text += str(r.randint(0, 99))
    elif tail < 0.16:
        text += r.choice("-_") + str(r.randint(0, 99999))
    elif tail < 0.20:
        text += r.choice(("-", "_")) + _date(r)
    elif tail < 0.22:
        text = _date(r) + r.choice("-_") + text
    elif tail < 0.26:
        text = f"{r.randint(0, 99):02}{r.choice('-_.')}{text}"
    elif tail < 0.29:
        text += r.choice("-_") + "".join(r.choices(string.ascii_letters + string.digits, k=r.randint(3, 8)))
    elif tail < 0.32:
        text += r.choice(("-", "_", ".", "")) + _version(r)
    elif tail < 0.34:
        text += r.choice("-_") + r.choice(_TAGS)
    elif tail < 0.37:
        text += r.choice("-__.") + r.choice(r.choice(SERIES))
    elif tail < 0.39:
        text = r.choice(("_", "_", "__", "~", "-", "x_")) + text
    elif tail < 0.395:
        text += r.choice((" (1)", "(2)", " (copy)", " copy", "(3)"))
    elif tail < 0.41:
        text = text[:1] + r.choice(_ODD) + text[1:]
    elif tail < 0.43:
        text = str(r.randint(0, 10 ** r.randint(1, 8)))
    elif tail < 0.445:
        text = _date(r)
    elif tail < 0.46:
        text = "".join(r.choice(string.ascii_letters + string.digits) for _ in range(r.randint(*r.letters)))
    return text


def file_name(r: Source, extension: str | None = None) -> str:
    """A file name without folder; with ``extension``, of that kind. Now and then it is much like the one before.

    Two names that share their beginning are the hardest to keep apart: behind it both go on. Those that differ in a
    digit only are commonest in life.
    """
    before = r.named
    r.named = ""
    if before and r.random() < (0.6 if re.search(r"\d\.", before) else 0.25):
        r.named = alike(r, before)
        if r.named == before or (extension and not r.named.endswith("." + extension)):
            r.named = ""
    r.named = r.named or _file_name(r, extension)
    return r.named


def _file_name(r: Source, extension: str | None) -> str:
    if r.tidy:
        return f"{stem(r)}.{extension or r.choice(_COMMON)}"
    if extension is None:
        way = r.random()
        if way < 0.09:
            return r.choice(r.famous)
        if way < 0.12:
            return _without_ending(r)
        if way < 0.145:
            return f"{stem(r)}.{r.choice(_ENDS_IN_TWO)}"
        if way < 0.165:
            return f"{stem(r)}.{r.choice(r.words)}.{r.choice(EXTENSIONS)}"
    ending = extension or _ending(r)
    if r.random() < 0.02:
        ending = ending.upper()
    return f"{stem(r)}.{ending}"


def alike(r: Source, f: str) -> str:
    """A name that differs from ``f`` in a part only, in the same folder."""
    where, slash, name = f.rpartition("/")
    stem, dot, ending = name.partition(".") if not name.startswith(".") else (name, "", "")
    way = r.random()
    if way < 0.15:
        return where + slash + file_name(r)
    if way < 0.5 and stem[-1:].isdecimal():
        return where + slash + _next(r, stem) + dot + ending
    tag = r.choice(("copy", "old", "new", "backup", "default", "example", "local", "2", "v2", "final", word(r)))
    made = r.choice(
        (
            _next(r, stem) + dot + ending,
            _next(r, stem) + dot + ending,
            f"{stem}{r.choice('-_.')}{tag}{dot}{ending}",
            f"{tag}{r.choice('-_.')}{stem}{dot}{ending}",
            f"{stem}.{r.choice(EXTENSIONS)}",
            f"{word(r)}{dot}{ending}",
        )
    )
    return where + slash + (made if made != name else f"{tag}_{name}")


def _next(r: Source, stem: str) -> str:
    """The same with one part changed: mostly the last, ``v1`` to ``v2``, ``draft`` to ``final``, else to any word."""
    parts = re.findall(r"[^\W\d_]+|\d+|[\W_]+", stem)
    spots = [at for at, part in enumerate(parts) if part.isalnum()]
    if not spots:
        return stem
    at = spots[-1] if r.random() < 0.75 else r.choice(spots)
    part = parts[at]
    if part.isdecimal() and part.isascii():
        parts[at] = str(abs(int(part) + r.choice((-1, 1, 1, 1, 2)))).zfill(len(part))
    else:
        known = next((series for series in SERIES if part.lower() in series), None)
        other = r.choice([name for name in known if name != part.lower()]) if known else word(r)
        parts[at] = other.upper() if part.isupper() else other.capitalize() if part[0].isupper() else other
    return "".join(parts)


def folder(r: Source) -> str:
    """A folder, mostly at the top, sometimes two or three deep."""
    if r.random() < 0.3:
        name = r.choice(_WELL_KNOWN)
    else:
        depth = r.choices((1, 2, 3), (80, 15, 5))[0]
        name = "/".join(_plain(stem(r) if r.random() < 0.5 else word(r)) for _ in range(depth))
    return name.lower() if r.random() < 0.8 else name


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


def _ending(r: Source) -> str:
    way = r.random()
    if way < 0.5:
        return r.choice(_COMMON)
    return r.choice(EXTENSIONS) if way < 0.95 else "".join(r.choices(string.ascii_lowercase, k=r.randint(2, 5)))


def _joined(r: Source, parts: list[str]) -> str:
    style = r.random()
    if style < 0.30:
        return "_".join(parts)
    if style < 0.50:
        return "-".join(parts)
    if style < 0.60:
        return "".join(p.capitalize() for p in parts)
    if style < 0.66:
        return "_".join(parts).upper()
    if style < 0.71:
        return ".".join(parts)
    if style < 0.78 and len(parts) > 1:
        return " ".join(p.capitalize() for p in parts) if r.random() < 0.3 else " ".join(parts)
    if style < 0.83:
        return parts[0] + "".join(p.capitalize() for p in parts[1:])
    if style < 0.87:
        return "_".join(p.capitalize() for p in parts)
    if style < 0.90:
        return "-".join(p.capitalize() if r.random() < 0.5 else p for p in parts)
    if style < 0.93:
        mixed = r.choice("_-.")
        return mixed.join(parts[:2]) + "".join(r.choice("_-.") + p for p in parts[2:])
    return "".join(parts)


def _syllables(r: Source, length: int) -> str:
    text = ""
    while len(text) < length:
        text += r.choice("bcdfghjklmnprstvw") + r.choice("aeiou") + r.choice(("", "", "n", "r", "s", "l", "m", "t"))
    return text[:length]


def _date(r: Source) -> str:
    year, month, day = r.randint(1998, 2031), r.randint(1, 12), r.randint(1, 28)
    return r.choice(
        (
            f"{year}-{month:02}-{day:02}",
            f"{year}-{month:02}-{day:02}",
            f"{year}_{month:02}_{day:02}",
            f"{year}{month:02}{day:02}",
            f"{year}-{month:02}",
            f"{day:02}.{month:02}.{year}",
            f"{year}",
            f"{year}-q{r.randint(1, 4)}",
            f"w{r.randint(1, 52):02}",
        )
    )


def _version(r: Source) -> str:
    return r.choice(("v", "v", "", "V", "r")) + ".".join(str(r.randint(0, 20)) for _ in range(r.randint(1, 3)))


def _without_ending(r: Source) -> str:
    """``Makefile`` and the like: no dot but in front, where hidden files would begin with one."""
    text = _joined(r, [word(r) for _ in range(r.randint(1, 2))]).replace(".", "_")
    return text.capitalize() if r.random() < 0.3 else text


def _plain(name: str) -> str:
    """A name for a folder: no spaces, brackets or odd marks, which are rare there."""
    return "".join(ch for ch in name.replace(" ", "_") if ch.isalnum() or ch in "._-").strip(".") or "misc"
