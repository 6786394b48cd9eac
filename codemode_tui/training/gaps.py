"""What a model lacks: how often each pattern of code is wanted, fails, and stands in the training rows."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec

from codemode_tui.corpus.rows import Row, is_rejected, is_unclear, supervised, unfinished
from codemode_tui.errors import UsageError
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.types import Decision
from codemode_tui.store.records import FeedbackRecord
from codemode_tui.tools.registry import TOOLS
from codemode_tui.training.audit.code import PATTERNS, look_at
from codemode_tui.training.suite import CHECKS, turn_key

DIRECT = "direct"
"""The pattern of an answer without code."""
NAMES = (*(name for name in PATTERNS if name != "bare_except"), *(f"call:{name}" for name in TOOLS), DIRECT)
"""What there can be too little of. Nobody needs more bare ``except:``."""
FORMULA = (
    "score = failure_rate * share * lack; failure_rate = (failures + 1) / (use + 2); "
    "share = (use + 1) / (sum of all use + number of patterns); lack = max(0, 1 - have / target)"
)
SEEDS, AVOIDED, OFTEN = 10, 20, 3


class Use(NamedTuple):
    """One question that was asked of a model, and how it went."""

    id: str
    query: str
    patterns: frozenset[str]
    """Of the code that was accepted; where none was, of the code that the model wrote. None of a call that should have
    been and never was: nobody knows what it would have been like."""
    failed: bool


class Target(msgspec.Struct, frozen=True):
    """One pattern of which there should be more examples."""

    pattern: str
    have: int
    """Blocks of code (of ``direct``: answers) with it in the training rows."""
    target: int
    use: int
    failures: int
    failure_rate: float
    share: float
    score: float
    seed_turns: list[str]
    """Turns and cases that failed with it."""
    questions: list[str]
    avoid_skeletons: list[str]
    """Hashes of syntax trees that the rows have often enough."""


class Targets(msgspec.Struct, frozen=True):
    """``targets.json``: the patterns that lack examples, the worst gap first."""

    version: int
    formula: str
    sources: dict[str, Any]
    targets: list[Target]


class Coverage:
    """What training rows hold, counted row by row."""

    def __init__(self) -> None:
        self.rows = 0
        self.have: Counter[str] = Counter()
        self.skeletons: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, row: Row | None) -> None:
        """Count what one row teaches; None is a line that could not be read."""
        self.rows += row is not None
        if row is not None and not is_rejected(row) and not is_unclear(row):
            torn = unfinished(row)  # nobody learns from what was cut off
            for at in supervised(row):
                if at not in torn:
                    self.add_message(row.turns[at].content)

    def add_message(self, raw: str) -> None:
        """Count one message of the assistant that is worth learning."""
        found = parse(raw)
        if found.decision is Decision.DIRECT:
            self.have[DIRECT] += 1
        elif found.decision is Decision.TOOL and found.code:
            names, tree = patterns(found.code)
            self.have.update(names)
            for name in names:
                self.skeletons[name][tree] += 1


def gaps(coverage: Coverage, uses: Iterable[Use], target: int, sources: dict[str, Any]) -> Targets:
    """The patterns of which there are fewer than ``target`` examples, by ``FORMULA``."""
    known = list(uses)
    use = Counter(name for one in known for name in one.patterns)
    failed = Counter(name for one in known if one.failed for name in one.patterns)
    all_use = sum(use[name] for name in NAMES)
    found = []
    for name in NAMES:
        have = coverage.have[name]
        if have >= target:
            continue
        rate = (failed[name] + 1) / (use[name] + 2)
        share = (use[name] + 1) / (all_use + len(NAMES))
        seeds = [one for one in known if one.failed and name in one.patterns][:SEEDS]
        often = [tree for tree, times in coverage.skeletons[name].most_common(AVOIDED) if times >= OFTEN]
        found.append(
            Target(
                name,
                have,
                target,
                use[name],
                failed[name],
                round(rate, 4),
                round(share, 4),
                round(rate * share * (1 - have / target), 6),
                [one.id for one in seeds],
                [one.query for one in seeds],
                sorted(often),
            )
        )
    return Targets(1, FORMULA, sources, sorted(found, key=lambda one: (-one.score, NAMES.index(one.pattern))))


def patterns(code: str) -> tuple[frozenset[str], str]:
    """The patterns of a piece of code and the hash of its syntax tree; nothing of code that is no Python."""
    facts = look_at(code)
    if facts is None:
        return frozenset(), ""
    names = {name for name, times in facts.patterns.items() if times}
    names |= {f"call:{name}" for name in facts.calls if name in TOOLS}
    return frozenset(names), hashlib.sha256(facts.skeleton.encode()).hexdigest()[:16]


def of_feedback(records: Iterable[FeedbackRecord]) -> Iterator[Use]:
    """The turns that somebody rated."""
    for record in records:
        standing = record.standing
        if not standing.rating or standing.review == "dropped":
            continue
        by_id = {one.id: one for one in record.turn.corrections}
        accepted = [by_id[one] for one in standing.chosen.values() if one in by_id]
        wanted = accepted or list(record.turn.generations)
        codes = [code for one in wanted if (code := one.runs[-1].code if one.runs else one.code)]
        decision = "tool" if codes else wanted[0].decision if wanted else None
        wrong = not accepted and ("should_answer" if codes else "should_run") in standing.reasons
        names = _wanted(decision, codes, wrong)
        yield Use(record.turn.id, record.turn.query, names, standing.rating < 0)


def of_evaluation(table: Any, name: str) -> Iterator[Use]:  # noqa: ANN401 - a JSON value
    """The turns of a document of ``eval --json`` or ``replay --json``, called ``name`` where it is none.

    Raises:
        UsageError: it is none.
    """
    try:
        for case in table["cases" if "cases" in table else "turns"]:
            failed, crashed = set(case.get("failed_checks") or ()), bool(case.get("error"))
            for number, turn in enumerate((case, *(case.get("followup") or ()))):
                wrong = not crashed and turn_key(number, "decision") in failed
                codes = [turn["code"]] if turn["code"] else []
                names = _wanted(turn.get("decision", "tool" if codes else "direct"), codes, wrong)
                unsaid = "failed_checks" not in case and not case.get("passed", True)
                fails = crashed or unsaid or any(turn_key(number, check) in failed for check in CHECKS)
                yield Use(str(case["id"]), str(turn.get("query", "")), names, fails)
    except (AttributeError, KeyError, TypeError) as error:
        hint = "make one with `codemode eval --json`"
        raise UsageError(f"{name} is no result of an evaluation", hint=hint) from error


def _wanted(decision: str | None, codes: list[str], wrong: bool) -> frozenset[str]:
    """The patterns that a turn wanted, of its ``codes`` unless its decision is ``wrong``."""
    if decision == ("tool" if wrong else "direct"):
        return frozenset({DIRECT})
    return frozenset[str]().union(*(patterns(code)[0] for code in codes))
