"""Markers of finished stages: what a stage was run with, and the facts that it found."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Facts = dict[str, Any]


def write(work: Path, name: str, needed: Facts, facts: Facts) -> None:
    """Write the marker of a finished stage, whole or not at all."""
    marker = _path(work, name)
    marker.parent.mkdir(parents=True, exist_ok=True)
    scratch = marker.with_suffix(".tmp")
    scratch.write_text(json.dumps({"settings": needed, "facts": facts}, indent=2, ensure_ascii=False) + "\n", "utf-8")
    scratch.replace(marker)


def clear(work: Path, name: str) -> None:
    _path(work, name).unlink(missing_ok=True)


def fits(work: Path, name: str, needed: Facts) -> bool:
    """Whether the stage is done, with these settings."""
    return _path(work, name).exists() and bool(_read(work, name)["settings"] == needed)


def facts(work: Path) -> dict[str, Facts]:
    """The facts of every stage that is done, by its name."""
    return {file.stem: _read(work, file.stem)["facts"] for file in sorted((work / "done").glob("*.json"))}


def _read(work: Path, name: str) -> dict[str, Facts]:
    found: dict[str, Facts] = json.loads(_path(work, name).read_text("utf-8"))
    return found


def _path(work: Path, name: str) -> Path:
    return work / "done" / f"{name}.json"
