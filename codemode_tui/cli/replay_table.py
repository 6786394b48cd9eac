"""A replay for people: counts, then each turn that is not as it should be, and what could not be asked."""

from __future__ import annotations

from collections.abc import Iterator

from codemode_tui.cli.tables import model_line
from codemode_tui.training.replay import Replay, Replayed, compare

WORDS = {"fixed": "fixed", "failing": "still failing", "broken": "newly broken", "kept": "still good"}


def lines(one: Replay, baseline: Replay | None = None) -> Iterator[str]:
    """The lines of the whole report."""
    yield model_line(one.model)
    if not one.turns:
        yield "no turn to ask again: correct a thumbs-down (`codemode review`), or rate a good turn up"
    for verdict, word in WORDS.items():
        if one.turns:
            yield f"{word:<14} {len(one.of(verdict)):>4}"  # type: ignore[arg-type] # the keys are the verdicts
    if baseline is not None:
        found = compare(one, baseline)
        counts = f"{len(found.fixed)} fixed, {len(found.failing)} still failing, {len(found.broken)} newly broken"
        unasked = f"; {len(found.unasked)} could not be asked of both" if found.unasked else ""
        yield f"against {baseline.model.name}: {counts}{unasked}"
    for turn in (*one.of("broken"), *one.of("failing")):
        yield ""
        yield from _turn(turn)
    if one.left_out:
        yield ""
        yield f"{len(one.left_out)} left out"
    for left in one.left_out:
        yield f"  {left.turn[:13]}  {' '.join(left.query.split())}: {left.reason}"


def _turn(turn: Replayed) -> Iterator[str]:
    yield f"{WORDS[turn.verdict]}  {turn.item.turn}  {' '.join(turn.item.case.query.split())}"
    if turn.result.crash:
        yield f"    {turn.result.crash}"
        return
    for failure in turn.result.failures:
        yield f"    {failure.check}: {failure.why}"
