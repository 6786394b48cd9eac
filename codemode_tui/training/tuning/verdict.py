"""The gate: whether a new model may replace an old one, and the record by which promotion knows that it may."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from codemode_tui import __version__, locations
from codemode_tui.config_file import write
from codemode_tui.engine import choice
from codemode_tui.engine.api import ModelInfo
from codemode_tui.engine.models import find_model, inspect
from codemode_tui.errors import CodemodeError
from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.render import clean
from codemode_tui.settings import Settings
from codemode_tui.training.dumping import dumps
from codemode_tui.training.playing import CaseResult, must_have_answered
from codemode_tui.training.replay import Replay
from codemode_tui.training.report import Evaluation
from codemode_tui.training.suite import Suite

Kind = Literal["suite", "feedback"]


class Change(msgspec.Struct, frozen=True):
    """One case that the new model does otherwise than the old one."""

    kind: Kind
    id: str
    """Of the case, or of the turn."""
    query: str
    why: str
    """What fails, of whichever model fails."""


class Count(msgspec.Struct, frozen=True):
    total: int
    old: int
    """Passed by the old model."""
    new: int


class Corrected(msgspec.Struct, frozen=True):
    """Corrected turns that the old model does not pass."""

    failed: int = 0
    fixed: int = 0
    """Of these, how many the new model passes."""


class Asked(msgspec.Struct, frozen=True):
    """What both models were measured with."""

    suite: str
    """SHA-256 of the suite's cases."""
    feedback: str
    """Where the history of feedback stood."""
    conditions: str = ""
    """What they were asked under (``conditions``); empty in a verdict of a version that did not note it."""


class Verdict(msgspec.Struct, frozen=True):
    """``train gate --json`` prints this."""

    passed: bool
    allow_broken: int
    at: str
    model: ModelInfo
    baseline: ModelInfo
    asked: Asked
    counts: dict[Kind, Count]
    """``feedback``: turns that were corrected, and turns that were rated up, asked again."""
    fixed: tuple[Change, ...]
    failing: tuple[Change, ...]
    broken: tuple[Change, ...]
    left_out: int
    """Turns with feedback that make no case."""
    corrected: Corrected = Corrected()
    """What was learnt. The gate asks for none of it: a model that is no worse passes."""


def judge(
    new: Evaluation, old: Evaluation, new_replay: Replay, old_replay: Replay, asked: Asked, allow_broken: int
) -> Verdict:
    """Compare both models case by case; the gate is passed if at most ``allow_broken`` cases are newly broken.

    Raises:
        EngineError: one of the models gave no answer at all, so that there is nothing to compare with.
    """
    for one, again in ((old, old_replay), (new, new_replay)):
        must_have_answered(one.model, [*one.results, *(turn.result for turn in again.turns)])
    pairs = [
        *_pairs("suite", ((one.case.id, one) for one in old.results), ((one.case.id, one) for one in new.results)),
        *_pairs(
            "feedback",
            ((one.item.turn, one.result) for one in old_replay.turns),
            ((one.item.turn, one.result) for one in new_replay.turns),
        ),
    ]
    # A case that the old model was never asked might have passed with it: unasked, it speaks for nobody. But where none
    # can be asked it, no model will ever pass it.
    failed = [(*pair, pair[2].unplayable and pair[3].unplayable) for pair in pairs if not pair[3].passed]
    broken = tuple(
        _change(kind, id, now, before.crash if before.unasked else "")
        for kind, id, before, now, unplayable in failed
        if before.passed or (before.unasked and not unplayable)
    )
    kinds: tuple[Kind, ...] = ("suite", "feedback")
    corrected = {turn.item.turn for turn in new_replay.turns if turn.item.kind == "corrected"}
    learnt = [
        now.passed
        for kind, id, before, now in pairs
        if kind == "feedback" and id in corrected and not before.passed and not (before.unplayable and now.unplayable)
    ]
    return Verdict(
        passed=len(broken) <= allow_broken,
        allow_broken=allow_broken,
        at=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        model=new.model,
        baseline=old.model,
        asked=asked,
        counts={
            kind: Count(
                sum(one[0] == kind for one in pairs),
                sum(one[0] == kind and one[2].passed for one in pairs),
                sum(one[0] == kind and one[3].passed for one in pairs),
            )
            for kind in kinds
        },
        fixed=tuple(_change(kind, id, before) for kind, id, before, now in pairs if now.passed and not before.passed),
        failing=tuple(
            _change(kind, id, now)
            for kind, id, before, now, unplayable in failed
            if unplayable or not (before.passed or before.unasked)
        ),
        broken=broken,
        left_out=len(new_replay.left_out),
        corrected=Corrected(len(learnt), sum(learnt)),
    )


def asked_of(suite: Suite, marks: Iterable[str], conditions: str) -> Asked:
    """What a measurement asks; ``marks``: where each turn with feedback stands."""
    return Asked(_hash(dumps(suite)), _hash(repr(sorted(marks))), conditions)


def conditions(settings: Settings, profiles: Iterable[Profile]) -> str:
    """Hash of all but the weights and the questions that decides what a measured model says: this program, the texts
    of the ``profiles``, and those ``settings`` that reach the model or its runs."""
    sampling = msgspec.structs.replace(settings.sampling, temp=0.0, seed=0)  # as cases are played, whatever is set
    engine = settings.engine
    reach = (engine.context_limit, engine.at_limit, engine.kv_bits, engine.grammar, engine.server_api)
    said = (__version__, [one.sha256 for one in profiles], sampling, settings.tools, settings.sandbox, reach)
    return _hash(msgspec.json.encode(said).decode())


def keep(verdict: Verdict) -> Path:
    """Remember a verdict for ``promote``. Returns its file; a later one on the same weights takes its place."""
    file = _file(verdict.model)
    write(file, msgspec.json.format(msgspec.json.encode(verdict)).decode() + "\n")
    return file


def standing(model: ModelInfo, baseline: ModelInfo, asked: Asked, allow_broken: int) -> Verdict | None:
    """The verdict that promotes exactly these weights over exactly those, measured with what is asked now, if any.

    Weights at a server are known by name only, and may be others by now: they are measured each time.
    """
    if not (model.weights_sha256 and baseline.weights_sha256):
        return None
    try:
        found = msgspec.json.decode(_file(model).read_bytes(), type=Verdict)
    except (OSError, msgspec.DecodeError):
        return None
    fresh = found.asked == asked and same(found.model, model) and same(found.baseline, baseline)
    return found if fresh and found.passed and len(found.broken) <= allow_broken else None


def same(one: ModelInfo, other: ModelInfo) -> bool:
    """Whether two models say the same: equal weights, at a server the same name, read under one profile."""
    first, second = ((model.weights_sha256 or (model.path, model.name), model.profile) for model in (one, other))
    return first == second


def offer() -> Verdict | None:
    """The newest verdict on a model that passed and neither answers already nor was offered before, if any."""
    told, current = _folder() / "offered", choice.current()
    since = told.stat().st_mtime if told.exists() else 0.0
    found = [(made, file) for file in _folder().glob("*.json") if (made := file.stat().st_mtime) > since]
    for _, file in sorted(found, reverse=True):
        try:
            verdict = msgspec.json.decode(file.read_bytes(), type=Verdict)
            if not verdict.passed or verdict.model.path == current.model:
                continue
            # It is about the weights that are there now, and better than the ones that answer now.
            stands = same(verdict.model, inspect(find_model(verdict.model.path)))
            known = msgspec.structs.replace(inspect(find_model(current.model)), profile=verdict.baseline.profile)
        except (OSError, msgspec.DecodeError, CodemodeError):
            continue
        if stands and same(verdict.baseline, known):
            told.touch()
            return verdict
    return None


def _pairs(
    kind: Kind, before: Iterable[tuple[str, CaseResult]], now: Iterable[tuple[str, CaseResult]]
) -> Iterator[tuple[Kind, str, CaseResult, CaseResult]]:
    known = dict(before)
    yield from ((kind, id, known[id], result) for id, result in now)


def _change(kind: Kind, id: str, failed: CaseResult, unasked: str = "") -> Change:
    """``unasked``: why the old model was not asked, if it was not."""
    why = failed.crash or "; ".join(f"{one.check}: {one.why}" for one in failed.failures)
    why = f"could not be asked of the old model: {unasked}" if unasked else why
    return Change(kind, clean(id), clean(" ".join(failed.case.query.split())), clean(why))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _folder() -> Path:
    return locations.data_dir() / "gates"


def _file(model: ModelInfo) -> Path:
    return _folder() / f"{model.weights_sha256 or hashlib.sha256(model.path.encode()).hexdigest()}.json"
