"""Sets of files that questions are about: all, of one kind, in a folder, by name; as words and as code."""

from __future__ import annotations

import string
from dataclasses import dataclass

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.grammar import choose
from codemode_tui.bundled.recipe.nouns import many, some_noun
from codemode_tui.bundled.recipe.phrasing import ask, quoted

KINDS = {
    "py": ("python", "Python"),
    "md": ("markdown", "Markdown"),
    "txt": ("text", "plain text"),
    "json": ("json", "JSON"),
    "csv": ("csv", "CSV"),
    "log": ("log",),
    "js": ("javascript", "JavaScript"),
    "ts": ("typescript", "TypeScript"),
    "html": ("html", "HTML"),
    "css": ("css", "CSS"),
    "toml": ("toml", "TOML"),
    "xml": ("xml", "XML"),
    "sql": ("sql", "SQL"),
    "sh": ("shell",),
    "rs": ("rust", "Rust"),
    "rb": ("ruby", "Ruby"),
    "java": ("java", "Java"),
    "go": ("go", "Go"),
    "php": ("php", "PHP"),
    "tex": ("latex", "LaTeX"),
}
"""What the files of an ending are called."""
_OTHERS = [
    "yaml",
    "yml",
    "ini",
    "cfg",
    "rst",
    "tsv",
    "c",
    "h",
    "cpp",
    "hpp",
    "cs",
    "kt",
    "swift",
    "lua",
    "pl",
    "r",
    "jl",
    "m",
    "vue",
    "jsx",
    "tsx",
    "scss",
    "less",
    "svg",
    "bib",
    "org",
    "adoc",
    "bat",
    "ps1",
    "conf",
    "lock",
    "diff",
    "patch",
    "srt",
    "vtt",
    "ics",
    "vcf",
    "tcl",
    "ex",
    "hs",
    "ml",
    "clj",
    "dart",
    "zig",
    "nim",
    "asm",
    "proto",
    "graphql",
    "tf",
    "gradle",
    "properties",
    "ndjson",
]
_CODES = {
    "all": "**/*",
    "language": "**/*.{e}",
    "ending": "**/*.{e}",
    "folder": "{d}/**/*",
    "nouns": "{d}/**/*",
    "both": "{d}/**/*.{e}",
    "named": "**/*{w}*",
    "start": "**/{w}*",
    "tests": "**/test_*.py",
    "top": "*",
}
_SHARES = {
    "all": 26,
    "language": 26,
    "ending": 20,
    "folder": 12,
    "nouns": 10,
    "both": 8,
    "named": 4,
    "start": 2,
    "tests": 3,
    "top": 2,
    "two": 2,
}


@dataclass(frozen=True)
class FileSet:
    """One set, in the words of one question and in code."""

    kind: str
    code: str
    """An expression for the list of paths."""
    all: str
    """With article: "all python files"."""
    files: str
    """Bare plural: "python files"."""
    file: str
    """Bare singular: "python file"."""
    place: str
    """"in the python files"."""
    said: str
    """Bare plural as the answer has it."""

    @property
    def slots(self) -> dict[str, str]:
        """What ``ask`` fills in."""
        return {"all": self.all, "files": self.files, "file": self.file, "place": self.place}


def some_set(c: Chat, *, ending: str = "", without: tuple[str, ...] = ()) -> FileSet:
    """A random set, of which the workspace usually has some files.

    Args:
        c: the conversation.
        ending: only sets of files with this ending.
        without: kinds of set that are not wanted.
    """
    r = c.r
    allowed = ("language", "ending", "both") if ending else tuple(k for k in _SHARES if k not in without)
    kind = r.choices(allowed, [_SHARES[k] for k in allowed])[0]
    e = ending or (r.choice(sorted(KINDS)) if kind == "language" or r.random() < 0.7 else _other(c))
    d = w = ""
    if kind in ("folder", "both"):
        known = c.world.folders()
        d = r.choice(known) if known and r.random() < 0.4 else names.folder(r)
    o = some_noun(r)
    if kind == "nouns":
        d = many(o) if r.random() < 0.6 else names.folder(r)
    if kind in ("named", "start"):
        w = "".join(ch for ch in names.word(r) if ch.isalnum()) or "draft"
    if kind == "two":
        return _two(c, e)
    _fill(c, kind, e, d, w)
    code = f"glob_files({lit(_CODES[kind].format(e=e, d=d, w=w))})"
    known_as = KINDS.get(e)
    language = kind == "language" or (kind == "both" and known_as and r.random() < 0.6)
    x = (
        r.choice(known_as)
        if language and known_as
        else r.choice((f".{e}", f".{e}", f".{e}", e if len(e) > 2 else f".{e}", f"*.{e}"))
    )
    said = {
        "all": "files",
        "language": f"{x} files",
        "ending": f"{x} files",
        "folder": f"files in {d}",
        "nouns": f"{many(o)} in {d}",
        "both": f"{x} files in {d}",
        "named": f"files with {w} in their name",
        "start": f"files whose name starts with {w}",
        "tests": "test files",
        "top": "top-level files",
    }[kind]
    slots = {"x": x, "d": quoted(r, d), "w": quoted(r, w), "os": many(o), "o": o}
    if kind == "both":
        section = "language" if language else "ending"
        inside = r.choice(
            ("in {d}", "in {d}", "under {d}", "below {d}", "inside {d}", "in the folder {d}", "within {d}")
        )
        inside = " " + _filled(inside, slots)
        forms = [_filled(f"{{x}} {noun}", slots) + inside for noun in ("files", "file")]
        forms.insert(0, r.choice(("all ", "the ", "all the ", "my ", "all of the ")) + forms[0])
        place = r.choice(("in the ", "in all ", "across the ", "over all ", "in all the ")) + forms[1]
        if r.random() < 0.3 and section == "ending":
            forms[:2] = [f"{_words(c, section, form, slots)}{inside}" for form in ("all", "files")]
        return FileSet(kind, code, forms[0], forms[1], forms[2], place, said)
    phrases = [_words(c, kind, form, slots) for form in ("all", "files", "file", "place")]
    return FileSet(kind, code, phrases[0], phrases[1], phrases[2], phrases[3], said)


def _two(c: Chat, e: str) -> FileSet:
    """Files of one of two endings."""
    r = c.r
    other = r.choice([k for k in sorted(KINDS) if k != e])
    _fill(c, "ending", e, "", "")
    _fill(c, "ending", other, "", "")
    if e in KINDS and r.random() < 0.4:
        slots = {"x": KINDS[e][0], "y": KINDS[other][0]}
    else:
        slots = {"x": f".{e}", "y": f".{other}"}
    code = f"glob_files({lit(f'**/*.{e}')}) + glob_files({lit(f'**/*.{other}')})"
    phrases = [_words(c, "two", form, slots) for form in ("all", "files", "file", "place")]
    said = f"{slots['x']} and {slots['y']} files"
    return FileSet("two", code, phrases[0], phrases[1], phrases[2], phrases[3], said)


def _other(c: Chat) -> str:
    """An ending that is rarer, or nothing but letters."""
    r = c.r
    if r.random() < 0.75:
        return r.choice(_OTHERS)
    return "".join(r.choices(string.ascii_lowercase, k=r.randint(2, 4)))


def _fill(c: Chat, kind: str, e: str, d: str, w: str) -> None:
    """Put files of the set into the workspace; sometimes there are none, so that the answer has to say so."""
    r = c.r
    if kind == "all" or r.random() < 0.07:
        if kind in ("folder", "both", "nouns") and not any(path.startswith(d + "/") for path in c.world.files):
            c.world.add(r, f"{d}/{names.file_name(r)}")
        return
    for _ in range(r.randint(1, 4)):
        name = names.file_name(r, "py" if kind == "tests" else e if kind in ("language", "ending", "both") else None)
        name = {
            "named": f"{name.rpartition('.')[0]}{r.choice('-_')}{w}.{name.rpartition('.')[2]}",
            "start": f"{w}{r.choice('-_')}{name}",
            "tests": f"test_{name}",
        }.get(kind, name)
        deep = r.random() < 0.3 and kind != "top"
        where = (f"{d}/" if d else "") + (f"{names.folder(r)}/" if deep else "")
        c.world.add(r, where + name)


def ask_about(c: Chat, section: str, files: FileSet, **slots: str) -> str:
    """A question about a set. One that does not name a set fits all files only."""
    for _ in range(99):
        way = choose(c.r, section, held=c.held)
        if files.kind == "all" or any(f"{{{slot}}}" in way for slot in files.slots):
            break
    return ask(c.r, [way, way], held=c.held, shaped=True, section=section, **slots, **files.slots)


def noun_phrase(c: Chat, section: str) -> str:
    """A part of a question from a section of its own; ``a|b`` without brackets is a choice here, too.

    Where it is measured, few parts are new: the sentence around them is.
    """
    held = c.held and c.r.random() < 0.25
    return c.r.choice(choose(c.r, section, held=held).split("|"))


def _words(c: Chat, kind: str, form: str, slots: dict[str, str]) -> str:
    return _filled(noun_phrase(c, f"set_{kind}_{form}"), slots)


def _filled(text: str, slots: dict[str, str]) -> str:
    for key, value in slots.items():
        text = text.replace("{" + key + "}", value)
    return text
