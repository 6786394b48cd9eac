"""What a row takes from nowhere: functions that nobody has told it of, paths that nothing before them mentions."""

from __future__ import annotations

import re
from collections.abc import Iterable

from codemode_tui.chat.precheck import mentioned, read_paths
from codemode_tui.corpus.rows import Row, strings
from codemode_tui.protocol.profiles import list_profiles, load_profile
from codemode_tui.protocol.python import tree_of
from codemode_tui.tools.registry import stub_lines

_NAME = re.compile(r"\b([A-Za-z_]\w*)\s*\(")


def tools_of(row: Row) -> set[str]:
    """Functions that the row itself tells of: in its list of tools, or as calls in its system prompt."""
    told = [row.system or "", *strings(row.table.get("tools") or [])]
    named = {text for text in told[1:] if text.isidentifier()}
    return {match[1] for text in told for match in _NAME.finditer(text)} | named


def known_tools() -> frozenset[str]:
    """The functions of this program, and those of its profiles."""
    own = {line.removeprefix("def ").partition("(")[0] for line in stub_lines().splitlines()}
    return frozenset(own.union(*(load_profile(name).tools for name in list_profiles())))


def paths(code: str, before: Iterable[str]) -> tuple[int, list[str]]:
    """How many literal paths the code reads, and which of them no text before it mentions, not even by their name."""
    tree = tree_of(code)
    found = read_paths(tree) if tree is not None else []
    said = "\n".join(before)
    return len(found), [path for path in found if not mentioned(path, said)]
