"""Rows to files, in the order of their ids, and the checks without which nothing is published."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from codemode_tui.corpus.near import leaked
from codemode_tui.errors import CodemodeError
from codemode_tui.feedback.consumer import Consumer
from codemode_tui.feedback.formats import check, lines
from codemode_tui.feedback.ledger import CHOSEN, REJECTED, Entry, Ledger
from codemode_tui.feedback.splits import Place, Split

SFT = "mlx-sft"


class Refused(CodemodeError):
    """A gate that forbids publishing: nothing was published."""

    title = "export"
    exit_code = 8


class Written(NamedTuple):
    """One file."""

    sha256: str
    bytes: int
    rows: int
    tokens: int


def write(ledger: Ledger, formats: tuple[str, ...], folder: Path, scratch: Path) -> dict[str, Written]:
    """Write every file that has a row. Rows wait on disk until all ids of a file are known."""
    index: defaultdict[str, list[tuple[str, int, int, int]]] = defaultdict(list)
    with (scratch / "rows").open("w+b") as waiting:
        for entry, example in ledger.read(refused=True):  # some of them wait for a correction
            for line in lines(example, entry, formats):
                data = line.text.encode()
                index[line.file].append((line.id, waiting.tell(), len(data), line.tokens))
                waiting.write(data)
        written = {}
        for file, rows in sorted(index.items()):
            digest, size, tokens, last, kept = hashlib.sha256(), 0, 0, "", 0
            (folder / file).parent.mkdir(exist_ok=True)
            with (folder / file).open("xb") as stream:
                for row_id, at, length, count in sorted(rows):
                    if row_id != last:  # two examples may differ only in what is not learnt
                        waiting.seek(at)
                        data = waiting.read(length)
                        stream.write(data)
                        digest.update(data)
                        size, tokens, last, kept = size + length, tokens + count, row_id, kept + 1
            written[file] = Written(digest.hexdigest(), size, kept, tokens)
    return written


def leaks(entries: Iterable[Entry], places: Sequence[Place], found: Sequence[Split | None]) -> int:
    """Questions of one split that resemble a question of another one, compared anew: 0, or the splits are broken.

    Imported sets count, exported or not, but for those rows that were themselves refused as leaks.
    """
    exported = {
        entry.place for entry in entries if not entry.refused and (entry.alive(CHOSEN) or entry.alive(REJECTED))
    }
    texts: defaultdict[str | None, set[str]] = defaultdict(set)
    for at, (place, split) in enumerate(zip(places, found, strict=True)):
        if (place.fixed is not None and not place.edited) or at in exported:
            texts[split].update(place.texts)
    held = texts["valid"] | texts["test"]
    return len(leaked(held, texts["train"])) + len(leaked(texts["test"], texts["valid"]))


def check_files(files: dict[str, Written], leak: int, folder: Path, consumer: Consumer, max_tokens: int) -> None:
    """Read everything again, as its consumers will.

    Raises:
        Refused: naming the first file and row that is not in order.
    """
    for file in files:
        if problem := check(folder, file):
            raise Refused(f"nothing was published: {problem}", hint="this is a mistake of the program: report it")
    if leak:
        raise Refused(
            f"nothing was published: {leak} questions stand in two splits",
            hint="this is a mistake of the program: report it",
        )
    wanted = {
        name: files[f"{SFT}/{name}.jsonl"].rows for name in ("train", "valid", "test") if f"{SFT}/{name}.jsonl" in files
    }
    if not wanted:
        return
    found = consumer.load(folder / SFT, max_tokens)
    if found.problem or {name: n for name, n in found.rows.items() if n} != wanted:
        raise Refused(
            f"nothing was published: mlx_lm refuses {SFT}: {found.problem or f'it reads {found.rows}'}",
            hint="name the --model that will be trained, or another --max-seq-length",
        )
