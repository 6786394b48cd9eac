"""A verdict for people: as lines for a terminal, and as one page, in HTML or Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from codemode_tui.cli import page
from codemode_tui.cli.tables import columns, model_line
from codemode_tui.sandbox.sanitise import sanitise_text
from codemode_tui.training.tuning.verdict import Change, Verdict

_NAMES = {"suite": "suite", "feedback": "corrected and approved turns"}


def lines(verdict: Verdict) -> Iterator[str]:
    """The verdict as a table of plain text."""
    yield f"new   {model_line(verdict.model)}"
    yield f"old   {model_line(verdict.baseline)}"
    yield ""
    yield from columns(_counts(verdict))
    for title, changes in (("fixed", verdict.fixed), ("newly broken", verdict.broken)):
        if changes:
            yield ""
            yield f"{title} ({len(changes)})"
        for one in changes:
            yield f"  {one.id[:40]}  {one.query[:100]}"
            if title != "fixed":
                yield f"    {one.why[:200]}"
    yield ""
    yield _sentence(verdict)


def unlearnt(verdict: Verdict) -> str:
    """What to say where failures were asked again and none is fixed; empty otherwise."""
    failed, fixed = verdict.corrected.failed, verdict.corrected.fixed
    return "" if fixed or not failed else f"of {failed} corrected failure{'s' * (failed > 1)} it fixes none"


def document(verdict: Verdict) -> str:
    """One HTML page, with nothing in it that a case could have written as markup."""
    return page.page(
        f"Gate: {verdict.model.name}",
        page.text(_sentence(verdict)),
        page.text(f"new: {model_line(verdict.model)}"),
        page.text(f"old: {model_line(verdict.baseline)}"),
        page.text(f"measured: {verdict.at}"),
        _table(_counts(verdict)),
        *(page.section(f"{title} ({len(those)})", _table(_cells(those))) for title, those in _sections(verdict)),
    )


def markdown(verdict: Verdict) -> str:
    """The same for a repository."""
    parts = [
        f"# Gate: {_cell(verdict.model.name)}",
        f"**{_cell(_sentence(verdict))}**",
        f"new: {_cell(model_line(verdict.model))}  \nold: {_cell(model_line(verdict.baseline))}  ",
        f"measured: {verdict.at}",
        _pipes(_counts(verdict)),
    ]
    for title, changes in _sections(verdict):
        parts.append(f"## {title} ({len(changes)})\n\n" + _pipes(_cells(changes)))
    return "\n\n".join(parts) + "\n"


def _sections(verdict: Verdict) -> Iterator[tuple[str, Sequence[Change]]]:
    named = (("Newly broken", verdict.broken), ("Fixed", verdict.fixed), ("Failing with both", verdict.failing))
    yield from ((title, changes) for title, changes in named if changes)


def _sentence(verdict: Verdict) -> str:
    broken, fixed = len(verdict.broken), len(verdict.fixed)
    allowed = f", {verdict.allow_broken} allowed" if verdict.allow_broken else ""
    told = f"{fixed} fixed, {broken} newly broken{allowed}"
    if not verdict.counts["feedback"].total:
        told += "; no corrected turn could be asked again"
    told += f"; {said}" if (said := unlearnt(verdict)) else ""
    return f"gate passed: {told}" if verdict.passed else f"gate failed: {told}; nothing was replaced"


def _counts(verdict: Verdict) -> list[list[str]]:
    rows = [["", "cases", "old", "new"]]
    for kind, count in verdict.counts.items():
        rows.append([_NAMES[kind], str(count.total), str(count.old), str(count.new)])
    return rows


def _cells(changes: Sequence[Change]) -> list[list[str]]:
    return [["case", "question", "why"], *([one.id, one.query, one.why] for one in changes)]


def _table(rows: list[list[str]]) -> str:
    return page.table(rows[0], rows[1:])


def _pipes(rows: list[list[str]]) -> str:
    head, *body = [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def _cell(text: str) -> str:
    """Text that Markdown shows as it is, and what it hides made visible."""
    kept = "".join(f"\\{char}" if char in "\\`*_{}[]<>|#" else char for char in sanitise_text(text))
    return " ".join(kept.split())
