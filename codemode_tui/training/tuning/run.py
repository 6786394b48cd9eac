"""One training from beginning to end: what `codemode train` calls."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from codemode_tui import __version__, config, locations
from codemode_tui.engine.api import ModelInfo
from codemode_tui.engine.choice import lasting
from codemode_tui.engine.lock import heavy
from codemode_tui.engine.models import BUNDLED, MARKER, ModelRef, find_model, inspect
from codemode_tui.engine.tuning.job import (
    CHECKPOINT,
    RESULT,
    ROWS,
    Event,
    Loaded,
    Row,
    Stepped,
    Train,
    Validated,
)
from codemode_tui.errors import ModelError, UsageError
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render_text
from codemode_tui.training.loading import protected_queries
from codemode_tui.training.tuning.base_set import base_set
from codemode_tui.training.tuning.card import adapter_card
from codemode_tui.training.tuning.child import run_child
from codemode_tui.training.tuning.folders import CURVE, PLAN, appear, check_out, locked
from codemode_tui.training.tuning.plan import NO_SET, Options, check_names, conflicts, resolved
from codemode_tui.training.tuning.room import admit
from codemode_tui.training.tuning.rows import LeftOut, Pieces, files_read, read_set, without

REPORT = "training.json"
SMOOTHED = 10
"""Reports that a loss is averaged over."""
EPOCHS = 12
"""How often each row is learnt from unless --iters says otherwise."""
FEWEST, MOST = 100, 2000
"""Steps, then."""


class Counts(msgspec.Struct, frozen=True):
    """Rows and, roughly, their characters."""

    train: int
    valid: int
    base: int
    left_out: tuple[LeftOut, ...]
    other_prompts: int
    """Rows with another system prompt than the profile's."""
    unread: tuple[str, ...] = ()
    """Files beside the rows that nothing was read from."""

    def set_of(self, at: int) -> Literal["own", "base", "valid"]:
        """Of which set the row at ``at`` in ``rows.jsonl`` is. Its name does not tell: two sets may be called alike."""
        return "own" if at < self.train else "base" if at < self.train + self.base else "valid"


class Plan(msgspec.Struct, frozen=True):
    """What a work folder is there for; ``options`` are complete."""

    options: Options
    base: str
    base_sha256: str
    profile: str
    counts: Counts
    names: tuple[str, ...]
    """Of the lines of ``rows.jsonl``."""
    data_sha256: str = ""
    """Of what they came from (``data_hash``), when they were read."""
    longest: int = 0
    """Bytes of the longest of those rows, as it is rendered; 0 in a run of a version that did not count them."""


class Before(msgspec.Struct, frozen=True):
    """What the earlier parts of a run came to."""

    curve: list[dict[str, float]] = []
    seconds: float = 0.0


class Trained(msgspec.Struct, frozen=True):
    """What came of a run; ``train --json`` prints this."""

    state: Literal["done", "stopped"]
    out: str
    """Folder of the adapter; empty when the run was stopped."""
    work: str
    """Folder that a stopped run goes on from; empty when it is done, or nothing is left of it."""
    model: ModelInfo
    """The adapter's, or the base's when it was stopped."""
    options: Options
    rows: dict[str, int]
    left_out: tuple[LeftOut, ...]
    steps: int
    loss: dict[str, float | None]
    """Nats a token: ``train`` (of the last reports), ``valid_before``, ``valid_after``."""
    curve: tuple[dict[str, float], ...]
    tokens: int
    tokens_per_second: float
    """Of the last part of a run that was stopped."""
    seconds: float
    """Of all its parts."""
    peak_memory_bytes: int


class Listener(Protocol):
    """What a front end may do meanwhile."""

    def planned(self, plan: Plan, info: ModelInfo) -> None: ...
    def loaded(self, event: Loaded, over_long: list[LeftOut]) -> None: ...
    def stepped(self, event: Stepped, iters: int, valid: float | None) -> None: ...


def train(options: Options, out: Path, listener: Listener, *, resume: bool = False) -> Trained:
    """Train an adapter and publish it as ``out``, whole or not at all.

    Raises:
        UsageError: ``out`` is in use, a stopped run stands there, or there is nothing to learn from.
        ModelError: the model cannot be trained.
        EngineError: the training process failed, or another job holds the memory.
        KeyboardInterrupt: it was stopped at once; whatever checkpoint there was is kept.
    """
    out = Path(os.path.abspath(out))
    check_out(out)
    check_names(options.data, options.base_set)
    work = out.with_name(f"{out.name}.training")
    with locked(work) as lock:
        try:
            plan, info = _begin(options, work, resume)
            return _run(plan, info, out, work, lock, listener)
        finally:
            if not (work / CHECKPOINT).exists():
                shutil.rmtree(work, ignore_errors=True)


def _begin(options: Options, work: Path, resume: bool) -> tuple[Plan, ModelInfo]:
    stands = (work / CHECKPOINT).exists()
    if stands:
        _check_rows(work)
    if stands and not resume:
        raise UsageError(f"a stopped run stands in {work}", hint="go on with --resume, or remove that folder")
    if stands:
        try:
            plan = msgspec.json.decode((work / PLAN).read_bytes(), type=Plan)
        except (OSError, msgspec.DecodeError) as error:
            raise UsageError(
                f"{work} is no stopped run: {error}", hint="remove that folder, and begin again"
            ) from error
        if options.model is not None and base_model(options.model)[0] != plan.base:
            raise UsageError(
                f"the stopped run is one of {plan.base}, not of {options.model}",
                hint="leave --model out to go on, or name another --out",
            )
        conflicts(msgspec.structs.replace(options, model=None), plan.options)
        if options.data is not None and plan.data_sha256 not in ("", data_hash(options.data), _manifest(options.data)):
            raise UsageError(
                f"{options.data} has changed since that run began, which goes on with what it read then",
                hint="leave --data out to go on with it, or name another --out",
            )
        info = inspect(find_model(plan.base).here())
        if info.weights_sha256 != plan.base_sha256:
            raise ModelError(f"{info.path} has changed since that run began", hint=f"remove {work} and begin again")
        return plan, msgspec.structs.replace(info, profile=plan.profile)
    if options.data is None:
        what = f"no stopped run in {work}" if resume else "no rows to learn from"
        raise UsageError(what, hint="name a folder with --data: make one with `codemode export --out DIR`")
    settings = config.load_settings(locations.config_file(), locations.current_dir())
    asked = find_model(options.model or settings.model.default).here()
    name, ref = base_model(options.model or settings.model.default)
    # The one of the model that was asked for, not of its base: an adapter says what it was trained under.
    profile = settings.model.profile_for(options.model) or asked.profile
    info = msgspec.structs.replace(inspect(ref), profile=profile)
    return _planned(options, name, info, work), info


def _check_rows(work: Path) -> None:
    """Raises UsageError: the rows of a stopped run are not as this version writes them."""
    try:
        with (work / ROWS).open("rb") as stream:
            msgspec.json.decode(stream.readline(), type=Row)
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(f"{work} is a run of another version", hint="remove that folder, and begin again") from error


def _planned(options: Options, name: str, info: ModelInfo, work: Path) -> Plan:
    """Read and judge all rows, and leave them in the work folder."""
    options = resolved(options, info, own=info.path == str(locations.bundled_model()))
    assert options.data is not None and options.seed is not None and options.base_set is not None
    profile = load_profile(info.profile, extra_dirs=(locations.config_dir() / "profiles",))
    protected = protected_queries()
    read_from = data_hash(options.data)
    own = read_set(Path(options.data), profile, protected)
    kept, left_out, unread = own
    base: list[Pieces] = []
    if options.base_set != NO_SET and options.mix:
        found = base_set(options.base_set, profile, protected, options.seed)
        held = [row.questions[0] for split in ("valid", "test") for row in kept[split]]
        base, leaks = without(found.splits["train"], held, "leak")
        left_out += [*found.left_out, *leaks]
        unread += found.unread
    lines = [("own", row) for row in kept["train"]]
    lines += [("base", row) for row in base] + [("valid", row) for row in kept["valid"]]
    with (work / ROWS).open("wb") as stream:
        for kind, row in lines:
            stream.write(msgspec.json.encode(Row(kind, row.pieces)) + b"\n")  # type: ignore[arg-type]
    if options.iters is None:
        options = msgspec.structs.replace(
            options, iters=_iters(options, sum(len(render_text(part)) for r in kept["train"] for part, _ in r.pieces))
        )
    other = sum(row.system != profile.system_prompt for _, row in lines)
    counts = Counts(len(kept["train"]), len(kept["valid"]), len(base), tuple(left_out), other, unread)
    names = tuple(row.name for _, row in lines)
    longest = max(sum(len(render_text(part).encode()) for part, _ in row.pieces) for _, row in lines)
    plan = Plan(options, name, info.weights_sha256, info.profile, counts, names, read_from, longest)
    (work / PLAN).write_bytes(msgspec.json.encode(plan))
    return plan


def _iters(options: Options, characters: int) -> int:
    """Steps in which each row is learnt from about ``EPOCHS`` times, if a token is three characters."""
    assert options.batch_tokens and options.mix is not None
    steps = EPOCHS * characters / 3 / options.batch_tokens / max(0.05, 1 - options.mix)
    return min(MOST, max(FEWEST, round(steps)))


def _run(plan: Plan, info: ModelInfo, out: Path, work: Path, lock: int, listener: Listener) -> Trained:
    options, began = plan.options, time.monotonic()
    assert options.iters is not None and options.mix is not None
    job = Train(
        model=info.path, iters=options.iters, learning_rate=options.learning_rate or 0.0, rank=options.rank or 0,
        scale=options.scale or 0.0, layers=options.layers or 0, batch_tokens=options.batch_tokens or 0,
        max_tokens=options.max_seq_length or 0, base_share=options.mix, seed=options.seed or 0,
    )  # fmt: skip
    admit(info, job, plan.longest, resumed=(work / CHECKPOINT).exists())
    listener.planned(plan, info)
    before = _before(work)
    curve = before.curve
    last = Stepped(0, 0.0, 0, 0.0, 0.0, 0)
    over_long: list[LeftOut] = []
    gone: Counter[str] = Counter()

    def follow(event: Event) -> None:
        nonlocal last
        if isinstance(event, Loaded):
            over_long.extend(LeftOut(plan.names[at], "over_long") for at, _ in event.over_long)
            gone.update(plan.counts.set_of(at) for at, _ in event.over_long)
            last = msgspec.structs.replace(last, tokens=event.tokens)
            curve[:] = [point for point in curve if point["step"] <= event.step]
            listener.loaded(event, over_long)
        elif isinstance(event, Stepped):
            last = event
            if event.loss is not None:
                curve.append({"step": event.step, "train": event.loss})
            listener.stepped(event, job.iters, _newest(curve, "valid"))
        elif isinstance(event, Validated):
            curve.append({"step": event.step, "valid": event.loss})

    try:
        with heavy(f"training on {info.name}", info.bytes, alone=True):
            ended = run_child(job, work, follow, (lock,))
    finally:  # whatever ended it: a run that goes on begins with what was measured before
        seconds = round(before.seconds + time.monotonic() - began, 1)
        (work / CURVE).write_bytes(msgspec.json.encode(Before(curve, seconds)))
    done = Trained(
        state="done" if ended.done else "stopped",
        out=str(out) if ended.done else "",
        work="" if ended.done or not ended.step else str(work),
        model=info,
        options=options,
        rows={
            "train": plan.counts.train - gone["own"],
            "valid": plan.counts.valid - gone["valid"],
            "base": plan.counts.base - gone["base"],
        },
        left_out=(*plan.counts.left_out, *over_long),
        steps=ended.step,
        loss={
            "train": _recent(curve),
            "valid_before": next((point["valid"] for point in curve if "valid" in point and not point["step"]), None),
            "valid_after": _newest(curve, "valid"),
        },
        curve=tuple(curve),
        tokens=last.tokens,
        tokens_per_second=last.tokens_per_second,
        seconds=seconds,
        peak_memory_bytes=last.memory,
    )
    return _publish(done, plan, out, work) if ended.done else done


def _publish(found: Trained, plan: Plan, out: Path, work: Path) -> Trained:
    """Give the adapter its marker and card, check it as any model, and let it appear as ``out``."""
    folder = work / RESULT
    marker = {
        "name": out.name, "profile": plan.profile, "base": plan.base, "base_sha256": plan.base_sha256,
        "made": {"codemode": __version__, "mlx_lm": version("mlx-lm"), "data": plan.data_sha256},
    }  # fmt: skip
    (folder / MARKER).write_text(json.dumps(marker, indent=2) + "\n", "utf-8")
    ref = msgspec.structs.replace(find_model(str(folder)), name=out.name)
    made = msgspec.structs.replace(found, model=msgspec.structs.replace(inspect(ref), path=str(out)))
    (folder / REPORT).write_bytes(msgspec.json.format(msgspec.json.encode(made)) + b"\n")
    (folder / "README.md").write_text(adapter_card(made, plan.base), "utf-8")
    appear(folder, out, f"move it away, then the same command with --resume: the run is kept in {work}")
    shutil.rmtree(work, ignore_errors=True)
    return made


def base_model(name: str | None) -> tuple[str, ModelRef]:
    """The whole model to train on: an adapter's is its base, since adapters stack by learning all rows again."""
    ref = find_model(name)
    if ref.adapter is not None:
        name = str(json.loads((ref.adapter / MARKER).read_text("utf-8"))["base"])
        ref = find_model(name)
    return lasting(name or BUNDLED), ref


def data_hash(data: str) -> str:
    """What the rows came from: a hash of the files that are read; empty where none can be."""
    digest = hashlib.sha256()
    try:
        for split, file in files_read(Path(data))[0]:
            with file.open("rb") as stream:
                digest.update(f"{split} {hashlib.file_digest(stream, 'sha256').hexdigest()}\n".encode())
    except (OSError, UsageError):
        return ""
    return digest.hexdigest()


def _manifest(data: str) -> str:
    """What earlier versions kept for ``data_hash``: a hash of an export's manifest; empty where there is none."""
    file = Path(data, "manifest.json")
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def _before(work: Path) -> Before:
    try:
        found = msgspec.json.decode((work / CURVE).read_bytes(), type=Before | list[dict[str, float]])
    except (OSError, msgspec.DecodeError):
        return Before()
    return found if isinstance(found, Before) else Before(found)  # earlier versions kept the curve alone


def _recent(curve: list[dict[str, float]]) -> float | None:
    """The mean of the last reports: one batch may be much harder than the next."""
    known = [point["train"] for point in curve if "train" in point][-SMOOTHED:]
    return round(sum(known) / len(known), 4) if known else None


def _newest(curve: list[dict[str, float]], key: str) -> float | None:
    return next((point[key] for point in reversed(curve) if key in point), None)
