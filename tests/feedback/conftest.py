"""Exports without a tokenizer: the stand-in counts characters. ``test_consumer`` has the real one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from feedback.histories import OPTIONS, History, profiles

from codemode_tui.feedback.consumer import Length, Loaded
from codemode_tui.feedback.run import export


class FakeConsumer:
    """A token is four characters. ``refuses`` is what it says of each loaded folder."""

    refuses = ""

    def __init__(self, model: object) -> None:
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def begin_measuring(self, file: Path) -> None:
        self._lengths = self._measure(file)

    def lengths(self) -> list[Length]:
        return self._lengths

    def _measure(self, file: Path) -> list[Length]:
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        return [
            Length(
                len(row["prompt"]) // 4 + 1 + len(row["messages"][-1]["content"]) // 4 + 1, len(row["prompt"]) // 4, ""
            )
            for row in rows
        ]

    def load(self, folder: Path, max_tokens: int) -> Loaded:
        rows = {file.stem: len(file.read_text().splitlines()) for file in folder.glob("*.jsonl")}
        return Loaded(rows, self.refuses)


@pytest.fixture
def quick(monkeypatch):
    """The stand-in instead of the child process."""
    monkeypatch.setattr("codemode_tui.feedback.export.Consumer", FakeConsumer)
    return FakeConsumer


class Exported:
    """What was published, read again."""

    def __init__(self, out: Path, result) -> None:
        self.out, self.manifest, self.redacted = out, result.manifest, result.redacted

    def rows(self, file: str) -> list[dict]:
        path = self.out / file
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def all(self, name: str) -> list[dict]:
        """The rows of one format, whatever their split."""
        return [row for file in sorted((self.out / name).glob("*.jsonl")) for row in self.rows(f"{name}/{file.name}")]

    @property
    def learnt(self) -> list[str]:
        return [row["messages"][-1]["content"] for row in self.all("mlx-sft")]

    @property
    def bytes(self) -> dict[str, bytes]:
        return {
            str(file.relative_to(self.out)): file.read_bytes() for file in sorted(self.out.rglob("*")) if file.is_file()
        }


@pytest.fixture
def exported(quick, tmp_path):
    """``exported(history)`` publishes it into a new folder."""

    def _export(history: History, *, imported=(), options=OPTIONS, out=None) -> Exported:
        out = out or tmp_path / f"export-{len(list(tmp_path.iterdir()))}"
        return Exported(out, export(history.records, imported, profiles, options, out))

    return _export
