"""The rows of a training set: read, judged one by one, cut into what is learnt and what stands before it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from codemode_tui.corpus.near import NearIndex, normalised
from codemode_tui.corpus.rows import (
    EXPORTED,
    Row,
    Split,
    Turn,
    files_of,
    is_rejected,
    is_unclear,
    read_lines,
    read_row,
    split_of,
    supervised,
    unfinished,
)
from codemode_tui.engine.tuning.job import Piece
from codemode_tui.errors import UsageError
from codemode_tui.protocol.calls import compiles
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.render import END, RESPONSE, RESPONSE_END, START, clean, render
from codemode_tui.protocol.types import Decision, Message, Segment

REASONS = {
    "torn": "no JSON object in UTF-8: cut off, or damaged",
    "no_shape": "no messages, prompt and completion, or text in it",
    "rejected": "an answer that was rejected (label false): it would be learnt as a good one",
    "unclear_label": "its label is neither true nor false: nobody knows whether its answer is good",
    "no_question": "no question stands before what is to be learnt",
    "system_inside": "a system message behind other messages: a conversation has one, at its beginning",
    "nothing_to_learn": "no message of the assistant that is to be learnt: its loss would be no number",
    "malformed": "teaches a call that cannot be run, or a message that was cut off",
    "control_token": "a control token inside a message: it would end the message there",
    "over_long": "more tokens than are read of a row",
    "duplicate": "stands in this split already",
    "leak": "asks what another split asks, or nearly",
    "protected": "asks what the built-in suite asks, or nearly: the gate would measure nothing",
}
_PREFERENCES = ("_pairs", "_unpaired")
"""Ends the names of files whose answers are not all good ones."""
_CONTROL = (START, END, "<|endoftext|>")
_SHOWN = re.compile(rf"\s*{RESPONSE}\n?(.*?)\n?{RESPONSE_END}\s*", re.DOTALL)
"""A message that is a run's output, as it was rendered."""


class Pieces(NamedTuple):
    """One row as the model will read it."""

    name: str
    """File and line, as people count."""
    questions: tuple[str, ...]
    pieces: tuple[Piece, ...]
    """Cut where learning begins and ends."""
    system: str


class LeftOut(msgspec.Struct, frozen=True):
    row: str
    reason: str
    """A name of ``REASONS``."""


class Rows(NamedTuple):
    """What a folder holds."""

    splits: dict[Split, list[Pieces]]
    left_out: list[LeftOut]
    unread: tuple[str, ...] = ()
    """Files of rows whose names say no split, or that they hold preference pairs."""


def read_set(folder: Path, profile: Profile, protected: tuple[str, ...] = ()) -> Rows:
    """The rows of an export, or of a folder of ``train.jsonl``, ``valid.jsonl`` and ``test.jsonl``; or of one file.

    Args:
        folder: an export, a folder of files in any shape that ``codemode data`` reads, or one file: all of it train.
        profile: how a run's output is rendered, and what rows without a system prompt are learnt under.
        protected: questions that nothing may be learnt from.

    Raises:
        UsageError: there is no such folder, or no row to learn from.
    """
    found: dict[Split, list[Pieces]] = {"train": [], "valid": [], "test": []}
    left_out: list[LeftOut] = []
    seen: set[tuple[Split, tuple[Piece, ...]]] = set()
    files, unread = files_read(folder)
    for split, file in files:
        for number, line in read_lines(file):
            name, row = f"{clean(file.name)}:{number}", read_row(line, split)
            made = judged(row, line, name, profile)
            if isinstance(made, Pieces) and (split, made.pieces) in seen:
                made = "duplicate"
            if isinstance(made, Pieces):
                seen.add((split, made.pieces))
                found[split].append(made)
            else:
                left_out.append(LeftOut(name, made))
    left_out += _without_leaks(found, protected)
    if not found["train"]:
        reasons = ", ".join(sorted({one.reason for one in left_out})) or "its files are empty"
        raise UsageError(f"no row of {folder} can be learnt from ({reasons})", hint="`codemode data audit` shows why")
    return Rows(found, left_out, tuple(clean(file.name) for file in unread))


def judged(row: Row | None, line: bytes, name: str, profile: Profile) -> Pieces | str:
    """The pieces of one row, or why it is left out: a name of ``REASONS``."""
    if row is None:
        return "no_shape" if line.rstrip().endswith(b"}") and line.lstrip().startswith(b"{") else "torn"
    if is_rejected(row):
        return "rejected"
    if is_unclear(row):
        return "unclear_label"
    spoken = [at for at, turn in enumerate(row.turns) if turn.role != "system"]
    turns, taught = [row.turns[at] for at in spoken], set(supervised(row))
    learnt = [at for at, turn in enumerate(turns) if spoken[at] in taught and turn.content.strip()]
    if not learnt:
        return "nothing_to_learn"
    if not any(turn.role == "user" for turn in turns[: learnt[0]]) or any(turn.role == "other" for turn in turns):
        return "no_question"
    if any(turn.role == "system" for turn in row.turns[1:]):
        return "system_inside"
    if any(token in turn.content for turn in row.turns for token in _CONTROL):
        return "control_token"
    if {spoken[at] for at in learnt} & {*unfinished(row)} or any(_misspoken(turns[at].content) for at in learnt):
        return "malformed"
    system = profile.system_prompt if row.system is None else row.system
    pieces = tuple(_pieces(turns[: learnt[-1] + 1], system, set(learnt), profile))
    asked = tuple(turn.content for turn in turns[: learnt[-1]] if turn.role == "user")
    return Pieces(name, asked, pieces, system)


def _misspoken(raw: str) -> bool:
    """Whether a message is neither an answer nor a call of code that is valid Python."""
    parsed = parse(raw)
    if parsed.decision is Decision.TOOL:
        return not compiles(parsed.code or "")
    return parsed.decision is not Decision.DIRECT


def _pieces(turns: list[Turn], system: str, learnt: set[int], profile: Profile) -> Iterator[Piece]:
    """As the engine renders it: what is read before a message is learnt has the ids that it has in a conversation.

    The line end behind the last message teaches nothing, and is left out.
    """
    messages = [_message(turn, at in learnt) for at, turn in enumerate(turns)]
    other = None if system == profile.system_prompt else system  # the profile's own may show how a call is written
    rendered = iter(render(profile, messages, add_generation_prompt=False, system=other))
    before: list[Segment] = []
    for segment in rendered:
        if segment.token_ids is None:
            before.append(segment)
            continue
        yield tuple(before), False
        yield (Segment(segment.text), next(rendered)), True  # the model writes its end, too
        before = []


def _message(turn: Turn, learnt: bool) -> Message:
    """One that is learnt has ids of its own, none yet: the renderer keeps it apart from its neighbours."""
    content = clean(turn.content)
    if turn.role == "assistant":
        return Message("assistant", content, () if learnt else None)
    if shown := _SHOWN.fullmatch(content):
        return Message("tool", shown[1])
    return Message("tool" if turn.role == "tool" and not content.lstrip().startswith(RESPONSE) else "user", content)


def without(rows: list[Pieces], questions: Iterable[str], reason: str) -> tuple[list[Pieces], list[LeftOut]]:
    """Those rows that ask none of ``questions``, nor nearly; and the others.

    What is protected may not be asked at all; of other splits, a conversation may not begin as one of theirs.
    """
    index = NearIndex(map(normalised, questions))
    kept: list[Pieces] = []
    left_out: list[LeftOut] = []
    for row in rows:
        asked = row.questions if reason == "protected" else row.questions[:1]
        if not any(True for question in asked for _ in index.near(normalised(question))):
            kept.append(row)
        else:
            left_out.append(LeftOut(row.name, reason))
    return kept, left_out


def _without_leaks(found: dict[Split, list[Pieces]], protected: tuple[str, ...]) -> Iterator[LeftOut]:
    """Take out what would make a measurement say more than is true.

    Nothing is learnt that is measured with: a row of train that the test split or the suite asks, too, goes; so does
    one of valid that train asks.
    """
    against: tuple[tuple[Split, Split], ...] = (("train", "test"), ("valid", "train"))
    for split, other in against:
        for questions, reason in ((protected, "protected"), ([row.questions[0] for row in found[other]], "leak")):
            found[split], gone = without(found[split], questions, reason)
            yield from gone


def files_read(folder: Path) -> tuple[list[tuple[Split, Path]], list[Path]]:
    """The files of a set with their splits, and those beside them that are not read.

    Raises:
        UsageError: there is no such folder, or no file to learn from.
    """
    if folder.is_file():
        return [("train", folder)], []
    if not folder.is_dir():
        wrong = "is neither a folder nor a regular file" if folder.exists() else "does not exist"
        raise UsageError(f"{folder} {wrong}", hint="make it with `codemode export --out DIR`")
    inside = folder / EXPORTED if (folder / EXPORTED).is_dir() else folder
    files = [(split_of(file), file) for file in files_of(folder)]
    known = [(split, file) for split, file in files if split is not None and not file.stem.endswith(_PREFERENCES)]
    if not any(split == "train" for split, _ in known):
        hint = "make it with `codemode export --out DIR`, or name a folder with train.jsonl"
        if known and inside.name == EXPORTED:
            hint = "none of its examples belongs to the train split: correct more turns, and export again"
        raise UsageError(f"{inside} holds no train.jsonl", hint=hint)
    read = {file for _, file in known}
    return known, [file for _, file in files if file not in read]
