"""A suite as the TOML that ``loading`` reads again."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import msgspec
import tomli_w

from codemode_tui.training.suite import Suite

HEAD = """# Cases made from corrected feedback by `codemode eval --from-feedback`.
# Each was proven: the accepted code, run over these files, does what it did; what was rejected fails.
"""
_SUSPECT = re.compile(r"[^\x20-\x7e\n]")


def dumps(suite: Suite) -> str:
    """The text of a TOML file; the same suite gives the same bytes. What a terminal would hide or obey is escaped."""
    table: dict[str, Any] = {"name": suite.name, "case": [_plain(msgspec.to_builtins(case)) for case in suite.cases]}
    return HEAD + _SUSPECT.sub(_escape, tomli_w.dumps(table))


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    category = unicodedata.category(char)
    if category == "Cs":
        return "\ufffd"  # TOML has none, and a model never saw it
    return f"\\U{ord(char):08x}" if category in ("Cc", "Cf", "Co") else char


def _plain(table: dict[str, Any]) -> dict[str, Any]:
    """Without what is not said: TOML has no null."""
    found = {}
    for key, value in table.items():
        if value in (None, [], {}, ()):
            continue
        found[key] = [_plain(one) for one in value] if key == "followup" else value
    return found
