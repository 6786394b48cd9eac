"""What an editor sends as a prompt, as the plain question that a model is asked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from acp import schema

from codemode_tui.acp.updates import fenced
from codemode_tui.errors import UsageError

_OPEN = re.compile(r"(?:^|[\s(\[{@])[\"'`]?\Z")
"""The end of words behind which a path needs no space."""
_CLOSED = re.compile(r"[\s.,;:!?)\]}]")
"""The beginning of words that stand right behind a path."""

_LINES = re.compile(r"L(\d+)(?:[:-]L?(\d+))?")
"""The lines of a selection, as editors write them behind a file."""


def query(blocks: Iterable[Any], workspace: Path) -> str:
    """The text of ``blocks``. A file of the workspace is its path: code reads it; what is elsewhere is quoted, and so
    is a part of a file.

    Raises:
        UsageError: there are pictures or sounds.
    """
    parts: list[tuple[str, bool]] = []
    quoted: list[str] = []
    for block in blocks:
        match block:
            case schema.TextContentBlock(text=text):
                parts.append((text, False))
            case schema.ResourceContentBlock(uri=uri):
                parts.append((_name(uri, workspace), True))
            case schema.EmbeddedResourceContentBlock(resource=schema.TextResourceContents(uri=uri, text=text)):
                name = _name(uri, workspace)
                parts.append((name, True))
                if name != _path(uri, workspace):
                    quoted.append(f"{name}\n{fenced(text)}")
            case _:
                raise UsageError("this model reads text alone", hint="ask without pictures, sounds and binary files")
    return "\n\n".join([_joined(parts).strip(), *quoted])


def _joined(parts: Iterable[tuple[str, bool]]) -> str:
    """One after another, a space between what would run together; true for a path, which is whole."""
    text, quote, after_path = "", "", False
    for part, is_path in parts:
        if not part:
            continue
        if is_path:
            apart = after_path or not _OPEN.search(text)
            quote = text[-1:] if not apart and text[-1:] in ("'", '"', "`") else ""
        elif after_path:
            apart = not _CLOSED.match(part) and not (quote and part.startswith(quote))
        else:
            apart = part[0].isalnum() and text != "" and not text[-1].isspace()
        text += " " * apart + part
        after_path = is_path
    return text


def _name(uri: str, workspace: Path) -> str:
    """The path of a file of the workspace, and which part of it is meant; of anything else ``uri``."""
    if not (path := _path(uri, workspace)):
        return uri
    parts = urlsplit(uri)
    named = parse_qs(parts.query).get("symbol") or ([unquote(parts.query)] if parts.query else [])
    if lines := _LINES.fullmatch(parts.fragment):
        first, last = lines[1], lines[2] or lines[1]
        named.append(f"line {first}" if first == last else f"lines {first} to {last}")
    elif parts.fragment:
        named.append(unquote(parts.fragment))
    return f"{path} ({', '.join(named)})" if named else path


def _path(uri: str, workspace: Path) -> str:
    """Relative to the workspace; empty when it is not in there."""
    try:
        parts = urlsplit(uri)
        if parts.scheme not in ("", "file"):
            return ""
        path = Path(unquote(parts.path))
        return str((path if path.is_absolute() else workspace / path).resolve().relative_to(workspace))
    except (ValueError, OSError, RuntimeError):  # not in there, no URI, or a link that leads to itself
        return ""
