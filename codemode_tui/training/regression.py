"""Feedback as test cases: each verified correction, and each turn that was rated up, asked again over the same files.

A case is kept only if it is proven on the bench: the code that was accepted, run again over the rebuilt files,
does what it did; and what was rejected fails the case. All others are left out, each with its reason.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from codemode_tui.chat.events import Step, TurnRecord
from codemode_tui.corpus.rows import strings
from codemode_tui.corpus.secrets import kinds
from codemode_tui.engine.api import Usage
from codemode_tui.protocol.types import Message
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.records import FeedbackRecord, StoredGeneration, StoredRun
from codemode_tui.training import facts
from codemode_tui.training.grading import grade, joined
from codemode_tui.training.loading import wrong_paths
from codemode_tui.training.rebuilding import rebuild
from codemode_tui.training.suite import Case, Expected, Suite
from codemode_tui.training.workbench import Bench, Trial, fresh_folder, put

NAME = "feedback"
MOST_BEFORE = 3
"""Earlier questions that a suite asks again before the one it is about."""
SHORT = 100
"""Characters of an answer whose numbers are checked though no run stands behind them."""
Kind = Literal["corrected", "approved"]


class Item(msgspec.Struct, frozen=True):
    """One turn of the past as a case."""

    turn: str
    kind: Kind
    """``corrected``: it failed then · ``approved``: it was good then."""
    case: Case
    """The question of the turn alone."""
    context: tuple[Message, ...] = ()
    """What the model saw before it; without token ids, so that any model may be asked."""


class LeftOut(msgspec.Struct, frozen=True):
    """A turn that makes no case."""

    turn: str
    query: str
    kind: Kind
    reason: str


class Regression(msgspec.Struct, frozen=True):
    """What feedback came to."""

    items: tuple[Item, ...]
    left_out: tuple[LeftOut, ...]


async def regression(records: Iterable[FeedbackRecord], bench: Bench, *, approved: bool = True) -> Regression:
    """Every turn with a correction, and with ``approved`` every one that was rated up.

    Args:
        records: ``Store.feedback_records()``, used up on this thread.
        bench: where the code of the past is run again.

    Raises:
        SandboxError: the sandbox does not work.
    """
    items: list[Item] = []
    left: list[LeftOut] = []
    async for found in _found(records, bench, approved):
        items += [found] if isinstance(found, Item) else []
        left += [found] if isinstance(found, LeftOut) else []
    return Regression(tuple(items), tuple(left))


async def suite_from_feedback(records: Iterable[FeedbackRecord], bench: Bench) -> tuple[Suite, tuple[LeftOut, ...]]:
    """The corrected turns as a suite that can be written down, and the turns that make no case.

    What was said before a question is asked again as turns that check nothing.

    Raises:
        SandboxError: the sandbox does not work.
    """
    found = await regression(records, bench, approved=False)
    cases, left = [], list(found.left_out)
    for item in found.items:
        before = [message.content for message in item.context if message.role == "user"]
        case, reason = _with_questions(item.case, before), ""
        if len(before) > MOST_BEFORE:
            reason = f"{len(before)} questions stand before it, a suite asks {MOST_BEFORE} again"
        elif secret := _secret(strings(msgspec.to_builtins(case))):
            reason = f"what was said before it, or what its code did, holds a credential ({secret})"
        elif wrong := _wrong_paths(case):
            reason = f"a path of it cannot stand in a suite: {wrong[0]}"
        if reason:
            left.append(LeftOut(item.turn, item.case.query, item.kind, reason))
        else:
            cases.append(case)
    return Suite(name=NAME, cases=tuple(cases)), tuple(left)


def workspace_of(record: FeedbackRecord) -> Path | None:
    """The folder that a turn was asked in, if it is still there."""
    folder = Path(record.workspace) if record.workspace else None
    return folder if folder is not None and folder.is_dir() else None


async def _found(records: Iterable[FeedbackRecord], bench: Bench, approved: bool) -> AsyncIterator[Item | LeftOut]:
    for record in records:
        standing = record.standing
        if standing.review == "dropped":
            continue
        if standing.chosen:
            yield await _made(record, "corrected", bench)
        elif approved and standing.rating > 0:
            yield await _made(record, "approved", bench)


async def _made(record: FeedbackRecord, kind: Kind, bench: Bench) -> Item | LeftOut:
    turn = record.turn
    try:
        case = await _case(record, kind, bench)
    except Unfit as why:
        return LeftOut(turn.id, turn.query, kind, str(why))
    context = tuple(Message(one.role, one.content) for one in record.context)
    return Item(turn.id, kind, case, context)


class Unfit(Exception):
    """A turn of which no case can be made. Its text is the reason."""


async def _case(record: FeedbackRecord, kind: Kind, bench: Bench) -> Case:
    if kind == "corrected" and not record.standing.verified:
        raise Unfit("its correction is not verified: the code never ran well")
    way = _way(record)
    if not way:
        raise Unfit("the model said nothing that could be asked for again")
    ran = [one.runs[-1] for one in way if one.runs and _done(one.runs[-1])]
    files = rebuild(_runs(record), workspace_of(record))
    if secret := _secret((record.turn.query, *files.values())):
        raise Unfit(f"its files hold a credential ({secret})")
    trial = await _try(bench, [run.code for run in ran], files)
    _prove(ran, trial)
    if trial.files != files:
        _same_files(trial, await _try(bench, [run.code for run in ran], files))
    answer = _answer(record, way, kind)
    checks = _checks(way, ran, trial, files, answer)
    if kind == "approved" and ran and checks.keys() <= {"decision"}:
        raise Unfit("nothing that its code did can be checked")
    expected = Expected(query=record.turn.query, files=files, **checks)
    if kind == "corrected" and not await _fails(record, expected, bench):
        raise Unfit("nothing that is checked tells the correction from what was rejected")
    return Case(id=_id(record), group=_group(record, kind), **msgspec.structs.asdict(expected))


def _way(record: FeedbackRecord) -> list[StoredGeneration]:
    """The messages as they should have been: the turn's own up to the first correction, then those chosen."""
    own = [one for one in record.turn.generations if one.finished]
    chosen = record.standing.chosen
    if not chosen:
        return own
    by_id = {one.id: one for one in (*own, *record.turn.corrections)}
    later = [by_id[one] for _, one in sorted(chosen.items()) if one in by_id]
    return [*(one for one in own if one.step < min(chosen)), *later]


def _runs(record: FeedbackRecord) -> list[StoredRun]:
    """Every run of the turn, corrections behind what they correct."""
    return [run for one in (*record.turn.generations, *record.turn.corrections) for run in one.runs if _done(run)]


def _done(run: StoredRun) -> bool:
    return run.outcome is not None and run.outcome.status not in ("not_run", "denied")


async def _try(bench: Bench, codes: Sequence[str], files: dict[str, str]) -> Trial:
    try:
        return await bench.run(codes, files)
    except (ValueError, OSError) as error:
        raise Unfit(f"its files cannot be made again: {error}") from error


def _prove(ran: Sequence[StoredRun], trial: Trial) -> None:
    """Raises Unfit: the same code does something else over the rebuilt files."""
    for run, now in zip(ran, trial.outcomes, strict=True):
        then = run.outcome
        assert then is not None
        if (then.status == "ok") != (now.status == "ok"):
            said = f"{now.exception.type}: {now.exception.message}" if now.exception else now.reason or now.status
            raise Unfit(f"its files cannot be made again: the same code now ends with {said}")
        if then.status == "ok" and then.stdout.strip() != now.stdout.strip():
            raise Unfit("its files cannot be made again: the same code now prints something else")
        if then.status == "ok" and _written(then) != _written(now):
            raise Unfit("its files cannot be made again: the same code now writes something else")


def _written(outcome: Outcome) -> list[dict[str, Any]]:
    """What a run gave to the tool that writes: a date in it is another one by now."""
    return [call.args for call in outcome.tool_calls if call.name == "write_file" and call.ok]


def _same_files(once: Trial, again: Trial) -> None:
    """Raises Unfit: two trials leave different files, so no other code could leave the same."""
    paths = sorted({path for path, _ in once.files.items() ^ again.files.items()} | {*once.gone} ^ {*again.gone})
    if paths:
        raise Unfit(f"its files cannot be made again: the same code leaves another {paths[0]} each time")


def _answer(record: FeedbackRecord, way: Sequence[StoredGeneration], kind: Kind) -> str | None:
    """The answer that was accepted; None where the way ends with a call."""
    last = way[-1]
    if last.decision != "direct":
        return None
    if kind == "approved":
        return record.turn.answer
    return last.text if last.step in record.standing.chosen else None


def _checks(
    way: Sequence[StoredGeneration],
    ran: Sequence[StoredRun],
    trial: Trial,
    files: dict[str, str],
    answer: str | None,
) -> dict[str, Any]:
    """What a turn must do to be as good as the accepted one."""
    found: dict[str, Any] = {}
    if way[0].decision in ("tool", "direct"):
        found["decision"] = way[0].decision
    well = [outcome.stdout for outcome in trial.outcomes if outcome.status == "ok"]
    after = {path: text for path, text in trial.files.items() if files.get(path) != text}
    if after:
        found["files_after"] = after
    if trial.gone:
        found["files_gone"] = trial.gone
    codes = tuple(run.code for run in ran)
    changed = bool(after or trial.gone)
    # What only says that it is done ("saved") proves nothing where the files themselves are looked at.
    if well and not (changed and facts.constant(well[-1], codes)) and (values := facts.pattern(well[-1], codes)):
        found["stdout_regex"] = values
    if answer:
        told = facts.shared(answer, joined(well)) if well else facts.numbers(answer if len(answer) <= SHORT else "")
        if told:
            found["answer_regex"] = facts.saying(told, answer)
    if not found:
        raise Unfit("nothing of it can be checked")
    return found


async def _fails(record: FeedbackRecord, expected: Expected, bench: Bench) -> bool:
    """Whether the turn as it was fails the case: its code is run again, its answer stands as it was."""
    own = [one for one in record.turn.generations if one.finish_reason is not None]
    if record.turn.state != "done" or not own:
        return True
    ran = [one for one in own if one.runs and _done(one.runs[-1])]
    with fresh_folder("codemode-try-") as folder:
        trial = await _try(bench, [one.runs[-1].code for one in ran], expected.files)
        put(folder, trial.files)
        outcomes = dict(zip((one.id for one in ran), trial.outcomes, strict=True))
        return bool(grade(expected, as_record(record, own, outcomes), folder))


def as_record(record: FeedbackRecord, own: Sequence[StoredGeneration], outcomes: dict[str, Outcome]) -> TurnRecord:
    """A stored turn in the form that is graded."""
    steps = tuple(
        Step({"value": one.decision}, one.raw, one.text, one.code, outcomes.get(one.id), one.warnings) for one in own
    )
    turn, first, last = record.turn, steps[0], steps[-1]
    return TurnRecord(
        turn.session, turn.id, turn.query, first.decision, first.raw, first.text, last.code, last.run, turn.answer,
        len(steps), "stop", Usage(), steps, None,
    )  # fmt: skip


def _secret(texts: Iterable[str]) -> str:
    """The kind of the first credential in some texts; empty if there is none."""
    return next((kind for text in texts for kind in kinds(text)), "")


def _wrong_paths(case: Case) -> list[str]:
    """What would keep the whole suite from being read: a name like ``out\\a.txt``, which one file may well have."""
    tables = ((turn.files, turn.files_after or (), turn.files_gone or ()) for turn in case.turns)
    return [wrong for paths in tables for some in paths for wrong in wrong_paths(some)]


def _with_questions(case: Case, before: Sequence[str]) -> Case:
    """The case with earlier questions in front; its files are put there for each of both ends."""
    if not before:
        return case
    last = Expected(**{name: getattr(case, name) for name in Expected.__struct_fields__})
    others = tuple(Expected(query=query) for query in before[1:])
    return Case(id=case.id, group=case.group, query=before[0], files=case.files, followup=(*others, last))


def _group(record: FeedbackRecord, kind: Kind) -> str:
    """The reason that was given, so that totals say which kind of failure comes back."""
    return kind if kind == "approved" else (record.standing.reasons or ("corrected",))[0]


def _id(record: FeedbackRecord) -> str:
    words = re.findall(r"[a-z0-9]+", record.turn.query.casefold())[:6]
    return "-".join([*words, hashlib.sha256(record.turn.id.encode()).hexdigest()[:6]])
