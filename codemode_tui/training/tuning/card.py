"""What is written beside trained weights, so that they can be judged and made again."""

from __future__ import annotations

import shlex
from collections import Counter
from typing import TYPE_CHECKING

from codemode_tui.engine.tuning.job import MOST_VALID
from codemode_tui.training.tuning.rows import REASONS

if TYPE_CHECKING:
    from codemode_tui.training.tuning.run import Trained


def adapter_card(made: Trained, base: str) -> str:
    """``README.md`` of an adapter."""
    options, loss = made.options, made.loss
    left_out = Counter(one.reason for one in made.left_out)
    lines = [
        f"# {made.model.name}: an adapter on {base}",
        "",
        f"LoRA of rank {options.rank}, scale {options.scale:g}, on "
        + ("all blocks" if (options.layers or 0) < 1 else f"the last {options.layers} blocks")
        + f"; {made.steps} steps, {made.tokens:,} tokens learnt,"
        + f" learning rate {options.learning_rate:g}, seed {options.seed}.",
        "It changes the answers of its base and of nothing else: once the base's weights are others, it is refused.",
        "",
        f"- Learnt from {made.rows['train']} rows of `{options.data}`, and"
        f" {made.rows['base']} of `{options.base_set}` that were {100 * (options.mix or 0):.0f} % of each step.",
        *(f"- Left out: {number} {name} ({REASONS.get(name, name)})." for name, number in sorted(left_out.items())),
        f"- Loss in nats a token: {_number(loss['train'])} on what was learnt;"
        f" on {measured(made.rows['valid'])} rows kept back"
        f" {_number(loss['valid_before'])} → {_number(loss['valid_after'])}.",
        f"- Weights of base and adapter: sha256 `{made.model.weights_sha256}`.",
        "",
        "Made again by",
        "",
        "```",
        _command(made, base),
        "```",
        "",
        "Whether it is better than what it replaces says `codemode train gate`.",
    ]
    return "\n".join(lines) + "\n"


def measured(valid: int) -> str:
    """On how many of ``valid`` rows a loss is measured."""
    return f"{MOST_VALID} of {valid:,}" if valid > MOST_VALID else str(valid)


def _command(made: Trained, base: str) -> str:
    """The command line that makes these weights again."""
    given = {**made.options.given(), "model": base, "out": made.model.name}
    words = (word for name, value in given.items() for word in (f"--{name.replace('_', '-')}", str(value)))
    return shlex.join(["codemode", "train", *words])


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
