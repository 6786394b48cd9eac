"""``.gitignore`` rules as git applies them: nested files, negation, anchors, folders only.

Held to ``git check-ignore`` by a differential test. Standard library only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Rule(NamedTuple):
    regex: re.Pattern[str]
    """Matched against the path below the rule file's folder, or the name alone."""
    negated: bool
    folders_only: bool
    by_path: bool


class Rules:
    """The rules of one ``.gitignore``, which lies in the folder with ``depth`` components."""

    def __init__(self, text: str, depth: int) -> None:
        self._rules = [rule for line in _bytes(text).split("\n") if (rule := parse(line)) is not None]
        self._depth = depth

    def verdict(self, parts: Sequence[str], is_dir: bool) -> bool | None:
        """True: ignored; False: named as not ignored; None: nothing said. The last match wins."""
        path = _bytes("/".join(parts[self._depth :]))
        name = path.rpartition("/")[2]
        for rule in reversed(self._rules):
            if rule.folders_only and not is_dir:
                continue
            if rule.regex.fullmatch(path if rule.by_path else name):
                return not rule.negated
        return None


def _bytes(text: str) -> str:
    """A character for each byte: so git counts them."""
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def ignored(stack: Iterable[Rules], parts: Sequence[str], is_dir: bool) -> bool:
    """The verdict of all rule files from the workspace down; the deepest that says something wins.

    Folders above must have been asked before: git never looks into an ignored folder.
    """
    for rules in reversed(list(stack)):
        verdict = rules.verdict(parts, is_dir)
        if verdict is not None:
            return verdict
    return False


def parse(line: str) -> Rule | None:
    """One line of a rule file; None for blank lines, comments and patterns that match nothing."""
    pattern = _strip_spaces(line.removesuffix("\r"))
    if not pattern or pattern.startswith("#"):
        return None
    negated = pattern.startswith("!")
    pattern = pattern[negated:]
    folders_only = pattern.endswith("/")
    pattern = pattern[: len(pattern) - folders_only]
    by_path = "/" in pattern
    pattern = pattern.removeprefix("/")
    if not pattern:
        return None
    source = _translate(pattern)
    try:
        return Rule(re.compile(source, re.DOTALL), negated, folders_only, by_path) if source is not None else None
    except re.error:
        return None


def _strip_spaces(text: str) -> str:
    """Trailing spaces do not count unless a backslash stands before them."""
    kept = text.rstrip(" ")
    slashes = len(kept) - len(kept.rstrip("\\"))
    return text[: len(kept) + 1] if slashes % 2 and len(kept) < len(text) else kept


def _translate(pattern: str) -> str | None:
    out, i, n = [], 0, len(pattern)
    start = len(re.split(r"[*?\[\\]", pattern, maxsplit=1)[0])  # git compares what is before it by itself
    while i < n:
        if pattern.startswith("**/", i) and (i == start or pattern[i - 1] == "/"):
            out.append("(?:.*/)?")
            i += 3
        elif pattern.startswith("**", i) and i + 2 == n and (i == 0 or pattern[i - 1] == "/"):
            out.append(".+")
            i += 2
        elif pattern[i] == "*":
            while i < n and pattern[i] == "*":
                i += 1
            out.append("[^/]*")
        elif pattern[i] == "?":
            out.append("[^/]")
            i += 1
        elif pattern[i] == "[":
            end, source = _bracket(pattern, i)
            if source is None:
                return None
            out.append(source)
            i = end
        else:
            if pattern[i] == "\\":
                i += 1
                if i == n:
                    return None
            out.append(re.escape(pattern[i]))
            i += 1
    return "".join(out)


def _bracket(pattern: str, start: int) -> tuple[int, str | None]:
    """``[…]`` at ``start``: the index behind it and its regex; None when it is never closed."""
    i = start + 1
    inverted = pattern[i : i + 1] in ("!", "^")
    i += inverted
    items: list[str] = []
    first = True
    while i < len(pattern) and (first or pattern[i] != "]"):
        first = False
        named = re.match(r"\[:(\w+):\]", pattern[i:])
        if named:
            if named[1] not in _CLASSES:
                return i, None
            items.append(_CLASSES[named[1]])
            i += named.end()
            continue
        i, low = _item(pattern, i)
        if pattern[i : i + 1] == "-" and pattern[i + 1 : i + 2] not in ("", "]"):
            i, high = _item(pattern, i + 1)
            if low <= high:
                items.append(f"{re.escape(low)}-{re.escape(high)}")
        else:
            items.append(re.escape(low))
    if i >= len(pattern):
        return i, None
    if not items:
        return i + 1, "[^/]" if inverted else "(?!)"
    body = "".join(items)
    return i + 1, f"[^/{body}]" if inverted else f"(?!/)[{body}]"


def _item(pattern: str, i: int) -> tuple[int, str]:
    if pattern[i] == "\\" and i + 1 < len(pattern):
        i += 1
    return i + 1, pattern[i]


_CLASSES = {
    "alnum": "a-zA-Z0-9", "alpha": "a-zA-Z", "blank": r" \t", "cntrl": r"\x00-\x1f\x7f", "digit": "0-9",
    "graph": "!-~", "lower": "a-z", "print": " -~", "punct": r"!-/:-@\[-`{-~", "space": r" \t-\r", "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}  # fmt: skip
