"""The audit itself: one pass over all rows, then what only the whole set can tell."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise, takewhile
from pathlib import Path

from codemode_tui.corpus.lengths import Lengths, percentile
from codemode_tui.corpus.near import leaked
from codemode_tui.corpus.rows import Row, Turn, read_rows, split_of, strings
from codemode_tui.corpus.secrets import kinds
from codemode_tui.engine.models import ModelRef
from codemode_tui.errors import UsageError
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.types import Decision, Parsed
from codemode_tui.training.audit.code import PATTERNS, Facts, look_at
from codemode_tui.training.audit.doubts import Doubts
from codemode_tui.training.audit.drift import drift
from codemode_tui.training.audit.invented import known_tools, tools_of
from codemode_tui.training.audit.values import Audit, Leakage, Spread, Tokens

LIMIT = 2048
"""Tokens of a row that mlx_lm reads by default."""


def audit(files: Sequence[Path], model: ModelRef) -> Audit:
    """Count everything. Lengths are counted meanwhile, in a process of their own.

    Raises:
        UsageError: a file cannot be read, or only once: the tokenizer reads it, too.
        ModelError: the model has no usable tokenizer.
    """
    if pipe := next((file for file in files if file.is_fifo()), None):
        raise UsageError(f"{pipe} is a pipe, and an audit reads its rows twice", hint="save them to a file first")
    with Lengths(model, files) as lengths:
        tally = Tally()
        for row in read_rows(files):
            tally.add(row)
        return tally.result(files, model.name, lengths.result())


class Tally:
    """Counts that grow row by row. Of a row it keeps a digest and its query, not the text."""

    def __init__(self) -> None:
        self._unparseable = 0
        self._shapes: Counter[str] = Counter()
        self._splits: Counter[str] = Counter()
        self._labels: Counter[str] = Counter()
        self._distinct: set[bytes] = set()
        self._queries: defaultdict[str | None, Counter[str]] = defaultdict(Counter)
        """By split, how often each first user message stands there."""
        self._answers: defaultdict[str, set[str]] = defaultdict(set)
        self._systems: Counter[str] = Counter()
        self._secrets: Counter[str] = Counter()
        self._blocks: Counter[str] = Counter()
        self._facts: dict[str, Facts | None] = {}
        self._patterns: Counter[str] = Counter()
        self._calls: Counter[str] = Counter()
        self._known = known_tools()
        self._doubts = Doubts()

    def add(self, row: Row | None) -> None:
        """Count one row; None is a line that could not be read."""
        if row is None:
            self._unparseable += 1
            return
        parsed = {turn.content: parse(turn.content) for turn in row.turns if turn.role == "assistant"}
        self._shapes[row.shape] += 1
        self._distinct.add(hashlib.sha256(row.line).digest())
        self._labels.update(_labels(parsed.values()))
        blocks = list(_blocks(row.turns, parsed))
        self._blocks.update(blocks)
        self._facts |= {block: look_at(block) for block in blocks if block not in self._facts}
        facts = [fact for block in blocks if (fact := self._facts[block]) is not None]
        strangers = any(fact.calls.keys() - self._known for fact in facts)
        tools = self._known | tools_of(row) if strangers else self._known
        for fact in (fact.among(tools) for fact in facts):
            self._patterns.update(fact.patterns)
            self._calls.update(fact.calls)
        if row.split is not None:
            self._splits[row.split] += 1
        if row.system is not None:
            self._systems[row.system] += 1
        self._doubts.add(row, parsed, self._facts, tools)
        found = {kind for text in strings(row.table) for kind in kinds(text)}
        self._secrets.update([*found, *(["any"] if found else [])])
        if row.query is not None:
            self._queries[row.split][row.query] += 1
            self._answers[row.query].update(_first_answer(row.turns, parsed))

    def result(self, files: Sequence[Path], tokenizer: str, lengths: Sequence[int]) -> Audit:
        rows = self._shapes.total()
        facts = self._facts
        queries = sum(self._queries.values(), Counter[str]())
        secrets = self._secrets.pop("any", 0)
        return Audit(
            files=[str(file) for file in files],
            rows=rows,
            shape=next((shape for shape, _ in self._shapes.most_common(1)), None),
            shapes=dict(self._shapes),
            splits={split: self._splits[split] for split in dict.fromkeys(map(split_of, files)) if split is not None},
            tool=self._labels["tool"],
            direct=self._labels["direct"],
            malformed=self._labels["malformed"],
            unparseable_rows=self._unparseable,
            code_blocks=self._blocks.total(),
            unique_code_blocks=len(self._blocks),
            skeletons=len({fact.skeleton for fact in facts.values() if fact}),
            syntax_errors=sum(n for block, n in self._blocks.items() if facts[block] is None),
            calls=dict(self._calls.most_common()),
            patterns={name: self._patterns[name] for name in PATTERNS},
            exact_duplicates=rows - len(self._distinct),
            duplicate_queries=queries.total() - len(queries),
            leakage=self._leakage(),
            contradictions=sum(answers >= {"tool", "direct"} for answers in self._answers.values()),
            secrets=secrets,
            secret_kinds=dict(self._secrets),
            system_prompts=len(self._systems),
            prompt_drift=drift(self._systems, rows - self._systems.total()),
            unknown_calls=self._doubts.unknown,
            invented_paths=self._doubts.invented,
            impossible_outputs=self._doubts.impossible,
            tokenizer=tokenizer,
            tokens=Tokens(percentile(lengths, 50), percentile(lengths, 95), max(lengths, default=0)),
            lengths=_spread(lengths),
        )

    def _leakage(self) -> Leakage:
        train, held = self._queries["train"], self._queries["valid"] + self._queries["test"]
        found = leaked(held, train)
        return Leakage(
            exact=sum(times for query, times in held.items() if query in train),
            near=sum(held[query] for query in found),
        )


def _labels(messages: Iterable[Parsed]) -> list[str]:
    """What a row counts as: with calls and malformed calls it is both."""
    decisions = {message.decision for message in messages}
    return [d.value for d in (Decision.TOOL, Decision.MALFORMED) if d in decisions] or [Decision.DIRECT.value]


def _blocks(turns: Iterable[Turn], parsed: dict[str, Parsed]) -> Iterator[str]:
    """The code of every call, in order, also where the call is malformed."""
    for turn in turns:
        message = parsed.get(turn.content) if turn.role == "assistant" else None
        if message and message.decision in (Decision.TOOL, Decision.MALFORMED) and message.code:
            yield message.code


def _first_answer(turns: Sequence[Turn], parsed: dict[str, Parsed]) -> list[str]:
    """How the first question is answered: by what is said before the second one."""
    asked = next(at for at, turn in enumerate(turns) if turn.role == "user")
    reply = [
        parsed[turn.content]
        for turn in takewhile(lambda turn: turn.role != "user", turns[asked + 1 :])
        if turn.role == "assistant"
    ]
    return _labels(reply) if reply else []


def _spread(lengths: Sequence[int]) -> Spread:
    """Bins of doubling length; the last one holds the longest row."""
    longest = max(lengths, default=0)
    bounds = [0, 64]
    while bounds[-1] < longest:
        bounds.append(2 * bounds[-1])
    bins = [(high, sum(low < one <= high or (low == one == 0) for one in lengths)) for low, high in pairwise(bounds)]
    return Spread(LIMIT, sum(one > LIMIT for one in lengths), bins if lengths else [])
