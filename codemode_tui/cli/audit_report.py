"""An audit for people: a summary of one line each, plots, what to look at; and the same as a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from codemode_tui.cli import page
from codemode_tui.cli.plot import bar
from codemode_tui.cli.tables import counted
from codemode_tui.training.audit.values import Audit

MOST = 12
"""Names of a plot."""


def lines(found: Audit) -> Iterator[str]:
    """The whole report for a terminal."""
    yield from (f"{name:<10}  {value}" for name, value in summary(found))
    for title, counts in plots(found):
        yield ""
        yield title
        yield from _bars(counts)
    for title, texts in remarks(found):
        yield ""
        yield title
        yield from (f"  {line}" for text in texts for line in text.splitlines())


def document(found: Audit) -> str:
    """The whole report as one HTML file."""
    return page.page(
        "Audit of " + (found.files[0] if len(found.files) == 1 else f"{len(found.files)} files"),
        page.table(("what", "found"), summary(found)),
        *(page.section(title, page.bars(counts)) for title, counts in plots(found)),
        *(page.section(title, *(page.code(text) for text in texts)) for title, texts in remarks(found)),
    )


def summary(found: Audit) -> list[tuple[str, str]]:
    """What was found, a line each."""
    leak, tokens, made_up = found.leakage, found.tokens, found.impossible_outputs
    paths, unknown, prompts = found.invented_paths, found.unknown_calls, found.prompt_drift
    return [
        ("files", ", ".join(found.files)),
        ("rows", f"{found.rows:,}{_parts(found.shapes)}{_also(found.unparseable_rows, 'not readable')}"),
        ("splits", _splits(found.splits)),
        ("decisions", f"{found.tool:,} tool, {found.direct:,} direct, {found.malformed:,} malformed"),
        ("code", f"{found.code_blocks:,} blocks, {found.unique_code_blocks:,} unique, {found.skeletons:,} skeletons"
                 f"{_also(found.syntax_errors, 'with syntax errors')}"),
        ("calls", counted(found.calls) or "none"),
        ("unknown", f"{counted(unknown.names)} in {unknown.rows:,} rows" if unknown.names else "no function"),
        ("patterns", counted({name: n for name, n in found.patterns.items() if n}) or "none"),
        ("missing", ", ".join(name for name, n in found.patterns.items() if not n) or "no pattern"),
        ("duplicates", f"{found.exact_duplicates:,} rows, {found.duplicate_queries:,} first questions"),
        ("leakage", f"{leak.near:,} held-out first questions stand in train, {leak.exact:,} of them verbatim"),
        ("contradict", f"{found.contradictions:,} questions are answered with a call here and without one there"),
        ("secrets", f"{found.secrets:,} rows{_parts(found.secret_kinds)}"),
        ("prompts", f"{found.system_prompts:,} different system prompts{_also(prompts.without, 'rows without one')}"),
        ("paths", f"{paths.invented:,} of {paths.literal:,} paths that code reads are mentioned nowhere before"),
        ("outputs", f"{made_up.impossible:,} of {made_up.checked:,} cannot be what the code printed"),
        ("tokens", f"p50 {tokens.p50:,}, p95 {tokens.p95:,}, longest {tokens.max:,} ({found.tokenizer})"),
    ]  # fmt: skip


def plots(found: Audit) -> Iterator[tuple[str, dict[str, int]]]:
    """What is worth a picture; nothing of an empty set."""
    if found.rows:
        yield "decisions", {"tool": found.tool, "direct": found.direct, "malformed": found.malformed}
    if found.code_blocks:
        yield f"patterns in {found.code_blocks:,} blocks of code", found.patterns
        yield "calls", dict(list(found.calls.items())[:MOST])
    if found.lengths.bins:
        over = f", {found.lengths.over:,} over {found.lengths.limit:,}" if found.lengths.over else ""
        yield f"tokens of a row{over}", {f"to {most:,}": rows for most, rows in found.lengths.bins}


def remarks(found: Audit) -> Iterator[tuple[str, list[str]]]:
    """What somebody should look at, with examples."""
    drift = found.prompt_drift
    if drift.distinct > 1:
        yield "system prompts", [f"{one.rows:,} rows: {one.differs or one.beginning}" for one in drift.prompts]
    if found.invented_paths.examples:
        yield "paths from nowhere", found.invented_paths.examples
    for one in found.impossible_outputs.examples:
        yield "output that the code cannot have printed", [one.code, f"printed, it says: {one.output}"]


def _bars(counts: Mapping[str, int]) -> Iterator[str]:
    most, wide = max(counts.values(), default=0) or 1, max(map(len, counts), default=0)
    for name, count in counts.items():
        yield f"  {name:<{wide}}  {bar(count / most)}  {count:>{len(f'{most:,}')},}"


def _splits(counts: Mapping[str, int]) -> str:
    empty = "; mlx_lm stops at an empty file: leave it out" if 0 in counts.values() else ""
    return f"{counted(counts)}{empty}" if counts else "none: no file is called train, valid or test"


def _parts(counts: Mapping[str, int]) -> str:
    return f" ({counted(counts)})" if counts else ""


def _also(number: int, what: str) -> str:
    return f", {number:,} {what}" if number else ""
