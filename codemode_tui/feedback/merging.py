"""Several exports as one: every row keeps its bytes and its split, or is left out with a reason.

Exports count in the order in which they are named. A question that resembles one of an earlier export must stand in
the same split as that one: it cannot be moved, for somebody may have trained with it where it is.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from codemode_tui import __version__
from codemode_tui.corpus.near import NearIndex, leaked
from codemode_tui.corpus.rows import NEEDS_CORRECTION
from codemode_tui.engine.models import ModelRef, tokenizer_hash
from codemode_tui.feedback.consumer import Consumer
from codemode_tui.feedback.example import Said, chatml
from codemode_tui.feedback.gates import GATES, decision_of
from codemode_tui.feedback.manifest import KIND, REDACTION, RENDERING, card, counts, dumps, largest_batch, weighting
from codemode_tui.feedback.merge_rows import Part, Place, Row, read_part, rows
from codemode_tui.feedback.publishing import CARD, MANIFEST, staged
from codemode_tui.feedback.redaction import left_over
from codemode_tui.feedback.splits import SALT, SHARES, SplitIndex, keys
from codemode_tui.feedback.writing import Written, check_files

SPLITTING = (
    "Merged: every row keeps the split that its own export gave it. Exports count in the order in which they were "
    "named; a question like one of an earlier export (Jaccard of character 5-grams >= 0.8) that stands in another "
    "split is left out."
)
Key = tuple[int, str, str]
"""Export, file and id: one row."""


class Options(msgspec.Struct, frozen=True):
    """What decides the bytes of a merged export, beside the exports."""

    model: ModelRef
    max_tokens: int
    protected: tuple[str, ...] = ()


class LeftOut(NamedTuple):
    export: int
    """Counted from 1."""
    file: str
    id: str
    reason: str
    """A name of ``gates.GATES``."""


def merge(folders: Sequence[Path], options: Options, out: Path | None) -> dict[str, Any]:
    """Publish one export as ``out``; without ``out`` everything is done but that. Returns its manifest.

    Raises:
        UsageError: a folder is no export or was changed; ``out`` is in use.
        Refused: mlx-lm would not take the result.
        ModelError: the model's tokenizer cannot be used.
    """
    parts = [read_part(folder) for folder in folders]
    with staged(out) as (folder, scratch), Consumer(options.model) as consumer:
        tokens = _measured(parts, options.max_tokens, consumer, scratch)
        left = _judge(parts, options.protected, tokens)
        files = _write(parts, left, tokens, folder)
        texts = _questions(parts, left)
        held = texts["valid"] | texts["test"] | texts["held"]
        leak = len(leaked(held, texts["train"])) + len(leaked(texts["test"], texts["valid"]))
        check_files(files, leak, folder, consumer, options.max_tokens)
        table = _manifest(parts, files, left, leak, options)
        (folder / CARD).write_text(card(table), "utf-8")
        (folder / MANIFEST).write_text(dumps(table), "utf-8")
    return table


def _key(row: Row) -> Key:
    return row.part, row.file, row.id


def _measured(parts: Sequence[Part], most: int, consumer: Consumer, scratch: Path) -> dict[Key, tuple[int, str]]:
    """Tokens of every row, and why it cannot be trained on; the model may be another one than the exports' own."""
    asked: list[Key] = []
    file = scratch / "measure.jsonl"
    with file.open("w", encoding="utf-8") as stream:
        for row in rows(parts):
            for answer in row.answers:
                prompt = tuple(Said(one["role"], one["content"]) for one in answer.prompt)  # type: ignore[arg-type]
                last = {"role": "assistant", "content": answer.text}
                stream.write(json.dumps({"messages": [*answer.prompt, last], "prompt": chatml(prompt)}) + "\n")
                asked.append(_key(row))
    found: dict[Key, tuple[int, str]] = {}
    if asked:
        consumer.begin_measuring(file)
    for key, length in zip(asked, consumer.lengths() if asked else [], strict=True):
        before, reason = found.get(key, (0, ""))
        shared = length.offset if before else 0  # the prompt of a pair counts once
        reason = reason or length.refused or ("over_long" if length.tokens > most else "")
        found[key] = (before + length.tokens - shared, reason)
    return found


def _judge(parts: Sequence[Part], questions: tuple[str, ...], tokens: dict[Key, tuple[int, str]]) -> dict[Key, str]:
    """The rows that are left out, and why."""
    left: dict[Key, str] = {}
    known: set[tuple[Any, ...]] = set()
    index = SplitIndex(text for row in rows(parts) for text in keys(*_asked(row)))
    held = SplitIndex(text for row in rows(parts) for text in keys(*_asked(row)))
    protected = NearIndex(keys(*questions))
    verdicts: dict[tuple[int, Place, tuple[str, ...]], str] = {}
    for row in rows(parts):
        place = row.place
        same = (row.file, row.id) if place is not None else _to_do(row)
        if same in known:
            left[_key(row)] = "duplicate"
            continue
        if place is None:
            known.add(same)
            continue
        own = keys(*row.questions)
        group = (row.part, place, own)
        if group not in verdicts:
            verdicts[group] = _verdict(own, place, index, held, protected)
        reason = verdicts[group] or _alone(row, tokens)
        if reason:
            left[_key(row)] = reason
            continue
        known.add(same)
        if place == "held":
            held.add(own, "test")
        else:
            index.add(own, place)
    left |= _clashes(_kept(parts, left))
    return left | _corrected(parts, left)


def _corrected(parts: Sequence[Part], left: dict[Key, str]) -> dict[Key, str]:
    """The to-dos of turns of which another export has something to learn, and nothing more to do."""
    alive = {(row.file, row.id) for row in _kept(parts, left)}
    waiting: set[tuple[int, str]] = set()
    good: set[tuple[int, str]] = set()
    for row in rows(parts):
        if row.file == NEEDS_CORRECTION:
            waiting.add((row.part, str(row.table.get("turn"))))
        elif (row.file, row.id) in alive and any(answer.good for answer in row.answers):
            good.add((row.part, row.meta.get("turn", "")))
    done = {turn for _, turn in good - waiting}
    todo = (row for row in _kept(parts, left) if row.file == NEEDS_CORRECTION)
    return {_key(row): "corrected" for row in todo if row.table.get("turn") and str(row.table["turn"]) in done}


def _to_do(row: Row) -> tuple[Any, ...]:
    """What is to be done, whatever else was said about it before each export."""
    turn, step = row.table.get("turn"), row.table.get("step")
    return (row.file, str(turn), str(step)) if turn else (row.file, row.id)


def _asked(row: Row) -> tuple[str, ...]:
    return row.questions if row.place is not None else ()


def _verdict(own: tuple[str, ...], place: Place, index: SplitIndex, held: SplitIndex, protected: NearIndex) -> str:
    """Why nothing of a question can stand at ``place``; empty if it can."""
    if any(True for text in own for _ in protected.near(text)):
        return "protected"
    there = index.splits(own)
    others = there - {place} if place != "held" else there & {"train"}
    return "split_conflict" if others or (place == "train" and held.splits(own)) else ""


def _alone(row: Row, tokens: dict[Key, tuple[int, str]]) -> str:
    """Why a row cannot stand in any export that is made now; empty if it can."""
    _, reason = tokens[_key(row)]
    texts = [answer.text for answer in row.answers] + [one["content"] for one in row.answers[0].prompt]
    return reason or ("secret" if any(left_over(text) for text in texts) else "")


def _clashes(some: Iterable[Row]) -> dict[Key, str]:
    """What only all exports together can tell: answers that somebody rejected, prompts that are answered both ways."""
    good: defaultdict[str, list[tuple[Key, str]]] = defaultdict(list)
    rejected: set[tuple[str, str]] = set()
    for row in some:
        for answer in row.answers:
            digest = hashlib.sha256(answer.asked.encode("utf-8", "surrogatepass")).hexdigest()
            if answer.good:
                good[digest].append((_key(row), answer.text.strip()))
            else:
                rejected.add((digest, answer.text.strip()))
    left: dict[Key, str] = {}
    for digest, those in good.items():
        left |= {key: "rejected_text" for key, text in those if (digest, text) in rejected}
        alive = [(key, text) for key, text in those if key not in left]
        if len({decision_of(text) for _, text in alive}) > 1:
            left |= {key: "contradiction" for key, _ in alive}
    return left


def _write(
    parts: Sequence[Part], left: dict[Key, str], tokens: dict[Key, tuple[int, str]], folder: Path
) -> dict[str, Written]:
    """The rows that stay, verbatim, in the order of their ids."""
    index: defaultdict[str, list[tuple[str, int, int, int]]] = defaultdict(list)
    for row in _kept(parts, left):
        index[row.file].append((row.id, row.part, row.at, len(row.line)))
    written = {}
    for file, those in sorted(index.items()):
        digest, size, total = hashlib.sha256(), 0, 0
        (folder / file).parent.mkdir(exist_ok=True)
        with (folder / file).open("xb") as stream:
            for name, part, at, length in sorted(those):
                with (parts[part].folder / file).open("rb") as source:
                    source.seek(at)
                    data = source.read(length)
                stream.write(data)
                digest.update(data)
                size, total = size + length, total + tokens.get((part, file, name), (0, ""))[0]
        if file == NEEDS_CORRECTION:
            total = _todo_tokens(parts, Counter(part for _, part, _, _ in those))
        written[file] = Written(digest.hexdigest(), size, len(those), total)
    return written


def _todo_tokens(parts: Sequence[Part], stay: Counter[int]) -> int:
    """What the exports counted, a share of it where rows are left out: a to-do's prompt is not among its fields.

    Args:
        parts: the exports.
        stay: how many to-dos of each of them are kept.
    """
    total = 0.0
    for part, number in stay.items():
        about = parts[part].manifest["files"][NEEDS_CORRECTION]
        tokens, before = about.get("tokens"), about.get("rows")
        if isinstance(tokens, int) and isinstance(before, int) and before > 0:
            total += tokens * number / before
    return round(total)


def _questions(parts: Sequence[Part], left: dict[Key, str]) -> defaultdict[str, set[str]]:
    """The questions that are published, by place."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for row in _kept(parts, left):
        if row.place is not None:
            found[row.place].update(keys(*row.questions))
    return found


def _manifest(
    parts: Sequence[Part], files: dict[str, Written], left: dict[Key, str], leak: int, options: Options
) -> dict[str, Any]:
    stay = list(_kept(parts, left))
    reasons = [LeftOut(part + 1, file, name, reason) for (part, file, name), reason in left.items()]
    labels = Counter(row.table["label"] for row in stay if row.file == "trl-kto/train_unpaired.jsonl")
    # What is learnt of one message stands in several formats; it counts once.
    metas = [row.meta for row in stay if "meta" in row.table]
    origins = {(meta.get("source"), meta.get("turn"), meta.get("step")): meta for meta in metas}.values()
    used = {meta.get("provenance", "") for meta in metas}
    provenance: dict[str, Any] = {}
    for part in parts:
        provenance |= {key: value for key, value in part.manifest.get("provenance", {}).items() if key in used}
    redaction: Counter[str] = Counter()
    for part in parts:
        redaction.update(part.manifest.get("redaction", {}))
    return {
        "kind": KIND,
        "version": 1,
        "app": __version__,
        "files": {file: one._asdict() for file, one in files.items()},
        "rows": counts(row.place for row in stay if row.file.startswith("mlx-sft/")),
        "leak": leak,
        "split": {"salt": SALT, "shares": dict(SHARES), "rule": SPLITTING},
        "gates": GATES,
        "quarantine": counts(one.reason for one in reasons),
        "quarantined": [one._asdict() for one in sorted(reasons)],
        "redaction": dict(sorted(redaction.items())),
        "kto": weighting(labels[True], labels[False]),
        "tokenizer": {"model": options.model.name, "sha256": tokenizer_hash(options.model.path)},
        "max_seq_length": options.max_tokens,
        "largest_batch": largest_batch(files),
        "rendering": RENDERING,
        "redacting": REDACTION,
        "profiles": counts(meta["profile"] for meta in origins if meta.get("profile")),
        "sources": counts(meta["source"] for meta in origins if meta.get("source")),
        "provenance": dict(sorted(provenance.items())),
        "options": {"formats": sorted({file.partition("/")[0] for file in files if file != NEEDS_CORRECTION})},
        "merged": [{"manifest_sha256": part.sha256, "rows": part.manifest.get("rows", {})} for part in parts],
    }


def _kept(parts: Sequence[Part], left: dict[Key, str]) -> Iterator[Row]:
    return (row for row in rows(parts) if _key(row) not in left)
