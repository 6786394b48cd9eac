"""The files of an export, one shape for each trainer, and the check that each row passes before it is published."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from codemode_tui.corpus.jsontext import escaped
from codemode_tui.corpus.rows import NEEDS_CORRECTION
from codemode_tui.feedback.example import Example, Said, content, row_id
from codemode_tui.feedback.ledger import CHOSEN, REJECTED, Entry
from codemode_tui.feedback.redaction import left_over
from codemode_tui.feedback.splits import Split

Row = dict[str, Any]


class Line(NamedTuple):
    """One row of one file."""

    file: str
    id: str
    text: str
    tokens: int


class Format(NamedTuple):
    """How one trainer wants its data."""

    files: dict[Split, str]
    """File name by split; a split without one has no place in this format."""
    keys: dict[str, type]
    rows: Callable[[Example, Entry], Iterator[tuple[Row, int]]]
    """What is learnt from an example, and its tokens."""
    meta: bool = True


def lines(example: Example, entry: Entry, formats: tuple[str, ...]) -> Iterator[Line]:
    """The rows of one example: of what passed its gates, and of what waits for a correction."""
    for name in formats if not entry.refused else ():
        assert entry.split is not None
        shape = FORMATS[name]
        file = shape.files.get(entry.split)
        if file is None:
            continue
        for row, tokens in shape.rows(example, entry):
            found = row_id(row)
            meta = _meta(example, entry, learnt=row.get("label", True))
            extra = {"id": found, "meta": content(meta)} if shape.meta else {"id": found}
            yield Line(f"{name}/{file}", found, _json({**row, **extra}), tokens)
    if _waits(example, entry):
        query, rejected, comment = map(_unless_secret, (example.query, example.rejected or "", example.comment))
        todo = {
            "turn": example.turn, "step": example.step, "query": query, "rejected": rejected,
            "reasons": example.reasons, "comment": comment,
        }  # fmt: skip
        yield Line(NEEDS_CORRECTION, row_id(todo), _json({**todo, "id": row_id(todo)}), entry.sides[REJECTED].tokens)


CORRECTABLE = ("special_tokens", "bridge", "secret")
"""Why nothing of a thumbs-down can be taught, though it may wait for a correction as any other one."""


def _waits(example: Example, entry: Entry) -> bool:
    """Whether it is a thumbs-down without a correction.

    No trainer reads the to-do, so a message that ran away belongs into it, however long. What was rejected where
    nobody rated down, or in a row of an imported set, is no turn that waits for a correction.
    """
    if not example.rated_down or entry.refused not in ("", *CORRECTABLE):
        return False
    corrected = CHOSEN in entry.sides if entry.refused else entry.alive(CHOSEN, "duplicate")
    return not corrected and entry.alive(REJECTED, "duplicate", "over_long", *CORRECTABLE)


def _unless_secret(text: str) -> str:
    """Nothing, where a credential is left that redaction cannot take out."""
    return "" if left_over(text) else text


def check(folder: Path, file: str) -> str:
    """What is wrong with a written file, as its consumer would find it; empty if nothing is."""
    name, _, _ = file.partition("/")
    last = ""
    with (folder / file).open("rb") as stream:
        for number, line in enumerate(stream, 1):
            problem, found = _wrong(name, line)
            if problem or found <= last:
                return f"{file} row {number}: {problem or 'is not in the order of ids'}"
            last = found
    return "" if last else f"{file} is empty"


def _wrong(name: str, line: bytes) -> tuple[str, str]:
    """What is wrong with one line, and its id."""
    try:
        row = json.loads(line.decode("utf-8"))
    except ValueError as error:
        return str(error), ""
    if not line.endswith(b"}\n") or not isinstance(row, dict):
        return "is no object on a line of its own", ""
    found = row.get("id")
    taught = {key: value for key, value in row.items() if key not in ("id", "meta")}
    if found != row_id(taught):
        return "its id is not the hash of its content", ""
    if name == NEEDS_CORRECTION:
        loadable = {"messages", "text"} & row.keys() or {"prompt", "completion"} <= row.keys()
        return "a trainer would load it" if loadable else "", found
    shape = FORMATS[name]
    extra = {"id": str, **({"meta": str} if shape.meta else {})}
    kinds = {**shape.keys, **extra}
    if list(row) != list(kinds) or not all(isinstance(row[key], kind) for key, kind in kinds.items()):
        return f"has not the keys {', '.join(kinds)}", found
    meta = json.loads(row["meta"]) if shape.meta else {}
    if not isinstance(meta, dict):
        return "its meta is no object", found
    if odd := [key for key, kind in _META.items() if key in meta and type(meta[key]) is not kind]:
        return f"its meta is not what an export writes: {odd[0]}", found
    return _misspoken(name, row), found


def _misspoken(name: str, row: Row) -> str:
    """What is wrong with the messages of a row."""
    if name == "mlx-lm-lora-dpo":
        empty = not all(row[key].strip() for key in ("prompt", "chosen", "rejected"))
        return "an empty text" if empty else "both sides are the same" if row["chosen"] == row["rejected"] else ""
    prompt, *answers = (
        [row["messages"][:-1], row["messages"][-1:]] if name == "mlx-sft" else
        [row["prompt"], *(row[key] for key in ("chosen", "rejected", "completion") if key in row)]
    )  # fmt: skip
    messages = [*prompt, *(message for answer in answers for message in answer)]
    if not all(
        list(message) == ["role", "content"] and all(isinstance(value, str) for value in message.values())
        for message in messages
    ):
        return "a message is not just role and content"
    roles = [message["role"] for message in prompt]
    if roles[:1] != ["system"] or roles[-1] != "user" or not set(roles[1:]) <= {"user", "assistant"}:
        return "its prompt is no conversation that waits for an answer"
    for answer in answers:
        if [message["role"] for message in answer] != ["assistant"] or not answer[0]["content"].strip():
            return "an answer is not one assistant's message with text"
    return "both sides are the same" if len(answers) == 2 and answers[0] == answers[1] else ""


def _sft(example: Example, entry: Entry) -> Iterator[tuple[Row, int]]:
    if entry.alive(CHOSEN):
        yield {"messages": [*_plain(example.prompt), _answer(example.chosen)]}, entry.sides[CHOSEN].tokens


def _dpo(example: Example, entry: Entry) -> Iterator[tuple[Row, int]]:
    if entry.pair:
        sides = {"chosen": [_answer(example.chosen)], "rejected": [_answer(example.rejected)]}
        yield {"prompt": _plain(example.prompt), **sides}, _pair_tokens(entry)


def _kto(example: Example, entry: Entry) -> Iterator[tuple[Row, int]]:
    for name, label in ((CHOSEN, True), (REJECTED, False)):
        if entry.alive(name):
            answer = [_answer(getattr(example, name))]
            row = {"prompt": _plain(example.prompt), "completion": answer, "label": label}
            yield row, entry.sides[name].tokens


def _strings(example: Example, entry: Entry) -> Iterator[tuple[Row, int]]:
    """Only first questions: this trainer has no place for what was said before."""
    if entry.pair and [said.role for said in example.prompt] == ["system", "user"]:
        system, question = example.prompt
        sides = {"chosen": example.chosen, "rejected": example.rejected}
        yield {"system": system.content, "prompt": question.content, **sides}, _pair_tokens(entry)


FORMATS = {
    "mlx-sft": Format(
        {"train": "train.jsonl", "valid": "valid.jsonl", "test": "test.jsonl"}, {"messages": list}, _sft
    ),
    # TRL knows train and test: what is held out for validation is tested with, too.
    "trl-dpo": Format(
        {"train": "train_pairs.jsonl", "valid": "test_pairs.jsonl", "test": "test_pairs.jsonl"},
        {"prompt": list, "chosen": list, "rejected": list}, _dpo,
    ),
    "trl-kto": Format(
        {"train": "train_unpaired.jsonl", "valid": "test_unpaired.jsonl", "test": "test_unpaired.jsonl"},
        {"prompt": list, "completion": list, "label": bool}, _kto,
    ),
    "mlx-lm-lora-dpo": Format(
        {"train": "train_pairs.jsonl", "valid": "valid_pairs.jsonl"},
        {"system": str, "prompt": str, "chosen": str, "rejected": str}, _strings, meta=False,
    ),
}  # fmt: skip


_META: dict[str, type] = {"source": str, "turn": str, "step": int, "profile": str, "provenance": str}
"""What a merge counts by; in a foreign export it may be anything."""


def _meta(example: Example, entry: Entry, *, learnt: bool) -> Row:
    """Where a row comes from. A string in the file, so that no table of a loader depends on it."""
    found = {
        "source": example.source, "turn": example.turn, "step": example.step, "reasons": example.reasons,
        "profile": example.profile, "provenance": example.provenance,
    }  # fmt: skip
    of_chosen = {"origin": example.origin, "decision": entry.decision, "proof": example.proof} if learnt else {}
    return {key: value for key, value in {**found, **of_chosen}.items() if value not in ("", ())}


def _plain(prompt: tuple[Said, ...]) -> list[Row]:
    return [{"role": said.role, "content": said.content} for said in prompt]


def _answer(text: str | None) -> Row:
    return {"role": "assistant", "content": text}


def _pair_tokens(entry: Entry) -> int:
    chosen, rejected = entry.sides[CHOSEN], entry.sides[REJECTED]
    return chosen.tokens + rejected.tokens - rejected.offset


def _json(row: Row) -> str:
    return escaped(json.dumps(row, ensure_ascii=False, separators=(",", ":"))) + "\n"
