"""What an editor sends as a prompt, as the plain question that a model is asked."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from acp import schema

from codemode_tui.acp.updates import fenced
from codemode_tui.errors import UsageError


def query(blocks: Iterable[Any], workspace: Path) -> str:
    """The text of ``blocks``. A file of the workspace is its path: code reads it; what is elsewhere is quoted.

    Raises:
        UsageError: there are pictures or sounds.
    """
    parts: list[str] = []
    quoted: list[str] = []
    for block in blocks:
        match block:
            case schema.TextContentBlock(text=text):
                parts.append(text)
            case schema.ResourceContentBlock(uri=uri):
                parts.append(_path(uri, workspace) or uri)
            case schema.EmbeddedResourceContentBlock(resource=schema.TextResourceContents(uri=uri, text=text)):
                inside = _path(uri, workspace)
                parts.append(inside or uri)
                if not inside:
                    quoted.append(f"{uri}\n{fenced(text)}")
            case _:
                raise UsageError("this model reads text alone", hint="ask without pictures, sounds and binary files")
    return "\n\n".join([_joined(parts).strip(), *quoted])


def _joined(parts: Iterable[str]) -> str:
    """One after another, a space between two words that would run together."""
    text = ""
    for part in parts:
        text += (" " if text and part and not text[-1].isspace() and part[0].isalnum() else "") + part
    return text


def _path(uri: str, workspace: Path) -> str:
    """Relative to the workspace; empty when it is not in there."""
    parts = urlsplit(uri)
    if parts.scheme not in ("", "file"):
        return ""
    path = Path(unquote(parts.path))
    try:
        return str((path if path.is_absolute() else workspace / path).resolve().relative_to(workspace))
    except (ValueError, OSError, RuntimeError):  # not in there, or a link that leads to itself
        return ""
