"""`bench store`: what a person waits for in a store of 100,000 turns, and what an export of 20,000 costs."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import msgspec

from codemode_tui.protocol.profiles import Profile
from codemode_tui.store.store import Store, wait
from codemode_tui.training.bench.history import fill
from codemode_tui.training.bench.result import Result, result

CAPTURE_LIMIT, SCALE_LIMIT, LINEAR_LIMIT = 2.0, 2.0, 12.0
PRESSES = 40
"""Thumbs-downs of a run: enough for a 95th percentile."""
REPEATS = 15
"""How often each question is put in a run."""
ROWS = 10
"""Asked for each time: so many there are in the small store, too."""
WORDS = ("how many", "show me", "lo")
"""What is searched for: words that many turns have, and a beginning that even more have."""


class Sizes(msgspec.Struct, frozen=True):
    """Turns of the stores that are compared."""

    small: int = 100
    big: int = 100_000
    part: int = 2_000
    """Rated turns, exported; ``whole`` are ten times as many."""
    whole: int = 20_000


Say = Callable[[str], None]
Export = Callable[[Path, Path], None]
"""Export a store into a folder, all gates on."""
Press = Callable[[Path, int, Callable[[], None]], list[float]]
"""Open the screen on a session of a store and press the key for thumbs-down so many times, each followed by a call of
the function. Returns the seconds from each key to its row on disk."""


def bench_store(
    folder: Path, profile: Profile, press: Press, export: Export, runs: int, say: Say, sizes: Sizes
) -> list[Result]:
    """Measure everything in stores that are made for it.

    Args:
        folder: an empty one, on the disk that stores lie on.
        profile: of the messages.
        runs: how often each figure is taken.
        say: progress, a few words.
        sizes: of the stores.

    Raises:
        StoreError, OSError: the disk is full.
    """
    made = {}
    for turns, rated in ((sizes.small, 0.5), (sizes.big, 0.5), (sizes.part, 1.0), (sizes.whole, 1.0)):
        say(f"making a store of {turns:,} turns")
        made[turns, rated] = folder / f"{turns}-{rated:g}" / "codemode.db"
        fill(made[turns, rated], folder, profile, turns, rated)
    small, big, part, whole = made.values()
    return [
        *_asked(small, big, sizes, runs, say),
        *_captured(big, sizes, press, runs, say),
        *_exported(part, whole, sizes, export, runs, say),
    ]


def _captured(big: Path, sizes: Sizes, press: Press, runs: int, say: Say) -> Iterator[Result]:
    """Budget 11."""
    values, baselines = [], []
    for number in range(runs):
        say(f"thumbs-down, run {number + 1} of {runs}")
        with _bare_commits(big.parent / "bare.db") as commit:
            bare: list[float] = []
            values.append(_p95(press(big, PRESSES, lambda bare=bare, commit=commit: bare.append(commit()))) * 1000)  # type: ignore[misc]
            baselines.append(_p95(bare) * 1000)
    yield result(
        "thumbs-down to disk, p95",
        "ms",
        values,
        baselines,
        budget=11,
        limit=CAPTURE_LIMIT,
        detail=f"from the key in the terminal interface to its row on disk, with {sizes.big:,} turns stored, against "
        f"one bare SQLite commit (WAL, synchronous=FULL), p95 of {PRESSES}",
    )


def _asked(small: Path, big: Path, sizes: Sizes, runs: int, say: Say) -> Iterator[Result]:
    """Budget 12, and the same for feedback and its review."""
    found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in ("start", *_QUESTIONS)}
    for number in range(runs):
        say(f"start, lists and search, run {number + 1} of {runs}")
        for at, file in enumerate((big, small)):
            found["start"][at].append(median(_seconds(_start, file) for _ in range(REPEATS)) * 1000)
            with _opened(file) as store:
                for name, question in _QUESTIONS.items():
                    found[name][at].append(median(_seconds(question, store) for _ in range(REPEATS)) * 1000)
    for name, (values, baselines) in found.items():
        yield result(
            name,
            "ms",
            values,
            baselines,
            budget=12 if name in _IN_BUDGET else None,
            limit=SCALE_LIMIT if name in _IN_BUDGET else None,
            detail=f"{_DETAILS[name]}, with {sizes.big:,} turns stored against {sizes.small:,}",
        )


def _exported(part: Path, whole: Path, sizes: Sizes, export: Export, runs: int, say: Say) -> Iterator[Result]:
    """Budget 14."""
    values: list[float] = []
    tenths: list[float] = []
    dumps: list[float] = []
    for number in range(runs):
        say(f"export of {sizes.whole:,} rows, run {number + 1} of {runs}")
        for file, column in ((part, tenths), (whole, values)):
            out = file.parent / "export"
            column.append(_seconds(export, file, out))
        dumps.append(_dumped(whole))
    yield result(
        f"export of {sizes.whole:,} rows",
        "s",
        values,
        dumps,
        budget=14,
        detail="all gates on, those of mlx-sft read by mlx-lm's own loader, against json.dumps of the same feedback",
    )
    yield result(
        "export, ten times the rows",
        "s",
        values,
        tenths,
        budget=14,
        limit=LINEAR_LIMIT,
        detail=f"{sizes.whole:,} rated turns against {sizes.part:,}: linear in rows",
    )


def _start(file: Path) -> None:
    with _opened(file) as store:
        wait(store.sessions(_workspace(store), 1))


def _search(store: Store) -> None:
    for words in WORDS:
        wait(store.search(words, ROWS))


_QUESTIONS: dict[str, Callable[[Store], object]] = {
    "resume list": lambda store: wait(store.sessions(_workspace(store), ROWS)),
    "full-text search": _search,
    "feedback list": lambda store: wait(store.feedback_now(limit=ROWS)),
    "review queue": lambda store: wait(store.feedback_now(_workspace(store), -1, ROWS, "open")),
    "review queue of a quiet folder": lambda store: wait(store.feedback_now(store.file.parent, -1, ROWS, "open")),
}
_IN_BUDGET = ("start", "resume list", "full-text search")
_DETAILS = {
    "start": "opening the store, finding the newest session of this folder, closing it",
    "resume list": f"the newest {ROWS} sessions of this folder",
    "full-text search": f"the newest {ROWS} matches of {', '.join(repr(words) for words in WORDS)}, in turn",
    "feedback list": f"the newest {ROWS} turns with feedback",
    "review queue": f"the newest {ROWS} uncorrected turns of this folder",
    "review queue of a quiet folder": "the same, where there is none",
}


def _seconds(work: Callable[..., object], *args: object) -> float:
    begun = time.perf_counter()
    work(*args)
    return time.perf_counter() - begun


@contextmanager
def _opened(file: Path) -> Iterator[Store]:
    store = Store.open(file)
    try:
        yield store
    finally:
        store.close()


def _workspace(store: Store) -> Path:
    return store.file.parent.parent


def _dumped(file: Path) -> float:
    """Seconds of ``json.dumps`` alone over the feedback of a store."""
    spent = 0.0
    with _opened(file) as store:
        for record in store.feedback_records():
            begun = time.perf_counter()
            json.dumps(msgspec.to_builtins(record, str_keys=True))
            spent += time.perf_counter() - begun
    return spent


@contextmanager
def _bare_commits(file: Path) -> Iterator[Callable[[], float]]:
    """A function that commits one row into a database of its own, and returns how many seconds that took."""
    db = sqlite3.connect(file, isolation_level=None)

    def commit() -> float:
        begun = time.perf_counter()
        db.execute("INSERT INTO bare VALUES ('down')")
        return time.perf_counter() - begun

    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE IF NOT EXISTS bare (text TEXT)")
        yield commit
    finally:
        db.close()


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]
