"""A look at the data before it is trained on: counts, and every call read by the product's own parser."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path

from codemode_tui.bundled.recipe import leaks, outcomes, rows, wire
from codemode_tui.bundled.recipe.markers import Facts
from codemode_tui.bundled.recipe.rows import Row
from codemode_tui.bundled.recipe.settings import Settings
from codemode_tui.errors import ModelError
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.types import Decision

KEPT = 200
"""Rows that are written out, to be read by people."""


def run(work: Path, settings: Settings) -> Facts:
    """Stage ``data``: generate a sample, check it, count it, keep a few rows."""
    kinds: Counter[str] = Counter()
    questions: set[str] = set()
    asked = assistant = tool = 0
    kept: list[Row] = []
    is_free, left_out = leaks.free_of(leaks.queries()), 0
    for row in itertools.islice(rows.rows(settings.seed), settings.sample_rows):
        if not is_free(row):
            left_out += 1
            continue
        check(row)
        kinds.update(row.kind.split("+"))
        questions.update(text for role, text in row.turns if role == "user")
        asked += sum(role == "user" for role, _ in row.turns)
        assistant += sum(role == "assistant" for role, _ in row.turns)
        tool += sum(role == "tool" for role, _ in row.turns)
        if len(kept) < KEPT:
            kept.append(row)
    for row in itertools.islice(outcomes.rows(settings.seed), settings.sample_rows // 10):
        check(row)
    with (work / "sample.jsonl").open("w", encoding="utf-8") as stream:
        for row in kept:
            messages = [{"role": role, "content": text} for role, text in row.turns]
            stream.write(json.dumps({"kind": row.kind, "messages": messages}, ensure_ascii=False) + "\n")
    known = leaks.found(questions)
    if known:
        raise ModelError(
            f"the built-in suite would be known to training: {next(iter(known.items()))}",
            hint="change the phrasing that made this question",
        )
    return {
        "conversations": settings.sample_rows - left_out,
        "left_out": left_out,
        "questions": asked,
        "distinct_questions": len(questions),
        "assistant_messages": assistant,
        "calls": tool,
        "suite_queries": len(leaks.queries()),
        "kinds": dict(kinds.most_common()),
    }


def check(row: Row) -> None:
    """Every assistant message must read as what it was meant to be: a call where a tool turn follows.

    Raises:
        ModelError: the product would read it otherwise.
    """
    for (role, text), (after, _) in itertools.pairwise((*row.turns, ("user", ""))):
        if role != "assistant":
            continue
        parsed = parse(text)
        wanted = Decision.TOOL if after == "tool" else Decision.DIRECT
        if parsed.decision != wanted or parsed.warnings:
            raise ModelError(
                f"a generated {wanted} message of kind {row.kind} reads as {parsed.decision}: {text[:200]!r}",
                hint="mend the task that made it",
            )
        if any(token in text for token in wire.SPECIAL if not token.startswith(("<tool_call", "</tool_call"))):
            raise ModelError(f"a control token inside a message of kind {row.kind}", hint="mend the task that made it")
