"""A verdict for people: as lines for a terminal, and as one page, in Markdown or HTML."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence

from codemode_tui.training.tuning.verdict import Change, Verdict

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}"
    "table{border-collapse:collapse;width:100%}td,th{padding:.3rem .6rem;border-bottom:1px solid #ddd;text-align:left;"
    "vertical-align:top}.passed{color:#176f2c}.failed{color:#b3261e}code{font-size:90%}"
)
_NAMES = {"suite": "suite", "feedback": "corrected and approved turns"}


def lines(verdict: Verdict) -> Iterator[str]:
    """The verdict as a table of plain text."""
    yield f"new   {_model(verdict, new=True)}"
    yield f"old   {_model(verdict, new=False)}"
    yield ""
    rows = _counts(verdict)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *others in rows:
        yield "  ".join([first.ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(others, widths[1:], strict=True))])
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


def page(verdict: Verdict) -> str:
    """One HTML page, with nothing in it that a case could have written as markup."""
    state = "passed" if verdict.passed else "failed"
    parts = [
        "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'>",
        f"<title>Gate: {html.escape(verdict.model.name)}</title><style>{_STYLE}</style>",
        f"<h1>Gate: {html.escape(verdict.model.name)}</h1>",
        f"<p class={state}><b>{html.escape(_sentence(verdict))}</b></p>",
        f"<p>new: {html.escape(_model(verdict, new=True))}<br>old: {html.escape(_model(verdict, new=False))}"
        f"<br>measured: {html.escape(verdict.at)}</p>",
        _table(_counts(verdict)),
    ]
    for title, changes in _sections(verdict):
        parts.append(f"<h2>{title} ({len(changes)})</h2>" + _table(_cells(changes)))
    return "\n".join(parts) + "\n"


def markdown(verdict: Verdict) -> str:
    """The same page for a repository."""
    parts = [
        f"# Gate: {_cell(verdict.model.name)}",
        f"**{_cell(_sentence(verdict))}**",
        f"new: {_cell(_model(verdict, new=True))}  \nold: {_cell(_model(verdict, new=False))}  ",
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
    return f"gate passed: {told}" if verdict.passed else f"gate failed: {told}; nothing was replaced"


def _model(verdict: Verdict, *, new: bool) -> str:
    model = verdict.model if new else verdict.baseline
    on = f", an adapter on {model.adapter.base}" if model.adapter else ""
    return f"{model.name} (profile {model.profile}, weights {model.weights_sha256[:12]}{on})"


def _counts(verdict: Verdict) -> list[list[str]]:
    rows = [["", "cases", "old", "new"]]
    for kind, count in verdict.counts.items():
        rows.append([_NAMES[kind], str(count.total), str(count.old), str(count.new)])
    return rows


def _cells(changes: Sequence[Change]) -> list[list[str]]:
    return [["case", "question", "why"], *([one.id, one.query, one.why] for one in changes)]


def _table(rows: list[list[str]]) -> str:
    head, *body = [
        "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row) + "</tr>"
        for tag, row in zip(["th", *["td"] * len(rows)], rows, strict=False)
    ]
    return f"<table>{head}{''.join(body)}</table>"


def _pipes(rows: list[list[str]]) -> str:
    head, *body = [f"| {' | '.join(map(_cell, row))} |" for row in rows]
    return "\n".join([head, "|" + "---|" * len(rows[0]), *body])


def _cell(text: str) -> str:
    """Text that Markdown shows as it is."""
    kept = "".join(f"\\{char}" if char in "\\`*_{}[]<>|#" else char for char in text)
    return " ".join(kept.split())
