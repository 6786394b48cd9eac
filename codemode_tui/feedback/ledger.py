"""The examples of one export: texts on disk, and of each in memory no more than what sets them against each other."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

import msgspec

from codemode_tui.corpus.near import normalised
from codemode_tui.feedback.example import Example, Said, row_id
from codemode_tui.feedback.splits import Split

CHOSEN, REJECTED = "chosen", "rejected"


class Quarantined(NamedTuple):
    """What was kept out, for the manifest."""

    source: str
    turn: str
    step: int
    what: str
    """``chosen``, ``rejected`` or ``example``."""
    reason: str


@dataclass(slots=True)
class Side:
    """One message of an example: the one to learn, or the one not to say."""

    text: bytes
    """Hash of it; equal texts at equal prompts meet."""
    reason: str = ""
    """Why it is not exported; empty while it is."""
    tokens: int = 0
    """Of prompt and message."""
    offset: int = 0
    """Of the prompt."""


@dataclass(slots=True)
class Entry:
    """One example."""

    at: int
    """Where its text begins in the file."""
    place: int
    """Index of its ``splits.Place``: all examples of one turn share one."""
    turn: str
    step: int
    source: str
    prompt: bytes
    """Hash of what was said before it: system prompt aside, spelling normalised."""
    decision: str
    """Of the chosen message: ``tool``, ``direct``, or empty if there is none."""
    provenance: str
    profile: str
    refused: str = ""
    sides: dict[str, Side] = field(default_factory=dict)
    split: Split | None = None

    def refuse(self, reason: str, side: str | None = None) -> None:
        """Keep it, or one side of it, out; the first reason stays."""
        if side is None:
            self.refused = self.refused or reason
        for name in (side,) if side else self.sides:
            self.sides[name].reason = self.sides[name].reason or reason

    def alive(self, side: str, *despite: str) -> bool:
        return side in self.sides and self.sides[side].reason in ("", *despite)

    def quarantined(self) -> Iterator[Quarantined]:
        """What of it is kept out, and why."""
        if self.refused:
            yield Quarantined(self.source, self.turn, self.step, "example", self.refused)
            return
        for name, side in self.sides.items():
            if side.reason:
                yield Quarantined(self.source, self.turn, self.step, name, side.reason)

    @property
    def pair(self) -> bool:
        """Both sides can be exported; a message that another row holds too may still be new in a pair."""
        return self.alive(CHOSEN, "duplicate") and self.alive(REJECTED, "duplicate")


class Ledger:
    """Examples, written once and read in order."""

    def __init__(self, file: Path) -> None:
        self.entries: list[Entry] = []
        self._file: BinaryIO = file.open("w+b")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def add(self, example: Example, place: int, decision: str) -> Entry:
        entry = Entry(
            at=self._file.tell(), place=place, turn=example.turn, step=example.step, source=example.source,
            prompt=_hash(_spoken(example.prompt)), decision=decision, provenance=example.provenance,
            profile=example.profile,
        )  # fmt: skip
        for name in (CHOSEN, REJECTED):
            text = getattr(example, name)
            if text is not None:
                entry.sides[name] = Side(_hash(text.strip()))
        self._file.write(msgspec.json.encode(example) + b"\n")
        self.entries.append(entry)
        return entry

    def read(self, *, refused: bool = False) -> Iterator[tuple[Entry, Example]]:
        """Every example in order, those that are refused as a whole only if they are wanted, too."""
        self._file.flush()
        for entry in self.entries:
            if refused or not entry.refused:
                self._file.seek(entry.at)
                yield entry, msgspec.json.decode(self._file.readline(), type=Example)

    def clashes(self) -> None:
        """Refuse what only the whole set can tell: rejected texts, contradictions, duplicates."""
        rejected = {(e.prompt, e.sides[REJECTED].text) for e in self.entries if REJECTED in e.sides}
        answers: defaultdict[bytes, set[str]] = defaultdict(set)
        for entry in self.entries:
            if CHOSEN in entry.sides and (entry.prompt, entry.sides[CHOSEN].text) in rejected:
                entry.refuse("rejected_text", CHOSEN)
            if entry.alive(CHOSEN):
                answers[entry.prompt].add(entry.decision)
        for entry in self.entries:
            if entry.alive(CHOSEN) and len(answers[entry.prompt]) > 1:
                entry.refuse("contradiction", CHOSEN)

    def duplicates(self) -> None:
        """Of rows that say the same, the first one stays."""
        known: set[str] = set()
        for entry, example in self.read():
            for name in (CHOSEN, REJECTED):
                if entry.alive(name):
                    digest = row_id([example.prompt, name, getattr(example, name)])
                    if digest in known:
                        entry.refuse("duplicate", name)
                    known.add(digest)


def _spoken(prompt: tuple[Said, ...]) -> str:
    return "\0".join(f"{said.role}\0{normalised(said.content)}" for said in prompt if said.role != "system")


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
