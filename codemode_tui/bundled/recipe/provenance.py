"""How a model's weights came about: steps, ids, curves and a few sentences, kept beside them from one training to the next."""

from __future__ import annotations

import itertools
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from codemode_tui.bundled.recipe import curve
from codemode_tui.bundled.recipe.markers import Facts
from codemode_tui.bundled.recipe.settings import Settings
from codemode_tui.errors import ModelError

TRAINING = "training.json"
"""In a model's folder: its own. In a work folder: that of the model that is trained further."""

Points = list[tuple[int, float]]


@dataclass(frozen=True)
class Training:
    """All pre-training of some weights, over however many runs."""

    copy_step: int = 0
    step: int = 0
    ids: int = 0
    history: str = ""
    """Sentences: what was not one straight run."""
    curves: dict[str, Points] = field(default_factory=lambda: {"copy": [], "talk": []})
    """``(step, loss)`` of each phase, thinned."""


def read(folder: Path) -> Training:
    """What lies in ``folder``; nothing, where there is no such file. Raises ``ModelError`` where it is damaged."""
    file = folder / TRAINING
    if not file.exists():
        return Training()
    try:
        found = json.loads(file.read_text("utf-8"))
        curves = {name: [(int(step), float(loss)) for step, loss in found["curves"][name]] for name in ("copy", "talk")}
        return Training(**{**found, "curves": curves})
    except (ValueError, TypeError, KeyError) as error:
        raise ModelError(f"{file} does not tell of a training: {error!r}", hint="take the model whole again") from error


def write(folder: Path, done: Training) -> None:
    """Keep it in ``folder``."""
    (folder / TRAINING).write_text(json.dumps(asdict(done), ensure_ascii=False) + "\n", "utf-8")


def told(work: Path, export: Facts, settings: Settings) -> Training:
    """All training of the weights in ``work``: that of the model before, if it was not from nothing, and what was added."""
    before = read(work)
    talk, rose = curve.read(work / "talk.jsonl"), rises(curve.read(work / "talk.jsonl", "rate"))
    if not before.step:
        curves = {"copy": curve.read(work / "copy.jsonl"), "talk": talk}
        return Training(export["copy_step"], export["step"], export["ids"], _prolonged(rose).strip(), _thin(curves))
    later = [(before.step + step, loss) for step, loss in talk]
    curves = {"copy": before.curves["copy"], "talk": before.curves["talk"] + later}
    sentence = (
        f"Then {export['step']:,} steps of {settings.batch_tokens:,} ids from the 5-bit weights, at "
        f"{settings.learning_rate:g} and falling over the last {100 * settings.decay:.0f} %, "
        f"the last {100 * settings.rounded:.0f} % against the rounding"
    )
    if settings.mean:
        sentence += f"; of the steps' weights a running mean was taken, which forgets at {settings.mean:g}"
    if settings.averaged:
        sentence += f"; of the weights before, {100 * settings.averaged:.0f} % went into the result"
    history = " ".join(f"{before.history} {sentence}. {_prolonged([before.step + step for step in rose])}".split())
    return Training(before.copy_step, before.step + export["step"], before.ids + export["ids"], history, _thin(curves))


def rises(rates: Points) -> list[int]:
    """Steps at which the learning rate, once it had begun to fall, rose again: a run that was prolonged."""
    highest = next((at for at, (_, rate) in enumerate(rates) if rate == max(rate for _, rate in rates)), 0)
    rose = [after > 1.02 * before for (_, before), (_, after) in itertools.pairwise(rates[highest:])]
    steps = [step for step, _ in rates[highest + 1 :]]
    return [step for step, now, before in zip(steps, rose, [False, *rose], strict=False) if now and not before]


def _prolonged(steps: list[int]) -> str:
    if not steps:
        return ""
    at = ", ".join(f"{step:,}" for step in steps)
    return f"These weights were trained longer than first planned: the learning rate, falling already, rose again at step {at}."


def _thin(curves: dict[str, Points]) -> dict[str, Points]:
    return {name: curve.thinned(points) if points else [] for name, points in curves.items()}
