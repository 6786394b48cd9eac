"""`bench engine`: the engine against plain mlx-lm, against itself without cache reuse, and against the machine."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

import msgspec

from codemode_tui import locations
from codemode_tui.engine.api import ModelInfo
from codemode_tui.engine.bare import BareModel, Weight
from codemode_tui.engine.client import WorkerEngine
from codemode_tui.engine.models import ModelRef, inspect
from codemode_tui.protocol.profiles import Profile, load_profile
from codemode_tui.training.bench.machine import memory_bytes
from codemode_tui.training.bench.parties import STEPS, Figures, Party, ScriptedEngine, Step, play
from codemode_tui.training.bench.plain import Plain
from codemode_tui.training.bench.plan import DECODED, FILES, NEW, SESSION, TURNS, Plan, make_plan
from codemode_tui.training.bench.product import ASKED, WILD, WILD_CALLS, Product
from codemode_tui.training.bench.result import Result, result

DECODE_LIMIT, TURN_LIMIT, RESUME_LIMIT = 0.95, 0.25, 0.05
GUESSES_LIMIT = 1.15
MEMORY_SHARE = 0.5
BUNDLED_DECODE = 100.0
"""Tokens a second that the bundled model decodes at least (two processors)."""
BUNDLED_MB = 6.0
PRODUCT, PLAIN, BASELINE, SCREEN = "the product", "plain mlx-lm", "the other model", "the interface"
THIN_PROFILE = "bundled"
THIN_DECODED = 96
"""Tokens: on a CPU each takes 30 ms and more."""

Say = Callable[[str], None]
OnScreen = Callable[[Path, tuple[int, ...]], Party]
"""The whole interface with the model of a folder, saying a script: a party that is measured at its decode."""


class Candidate(msgspec.Struct, frozen=True):
    """A model that is ready to be measured."""

    info: ModelInfo
    profile: Profile
    engine: ScriptedEngine
    plan: Plan
    weight: Weight

    @property
    def product(self) -> Product:
        return Product(self.engine, self.profile, self.plan)


async def prepare(engine: ScriptedEngine, find_profile: Callable[[str], Profile], say: Say) -> Candidate:
    """Load a model once on both ways: what it is, what fits its context, what a token of it costs.

    Raises:
        ModelError, ContextError: it cannot be measured.
        EngineError: a process failed.
    """
    say("loading the model")
    try:
        info = await engine.start()
    finally:
        await engine.close()
    profile = find_profile(info.profile)
    bare = BareModel()
    try:
        await bare.start(info)
        plan = await make_plan(bare.encode, profile, info.context_limit)
        return Candidate(info, profile, engine, plan, await bare.weigh())
    finally:
        await bare.close()


async def bench_engine(
    model: Candidate, baseline: Candidate | None, runs: int, say: Say, on_screen: OnScreen
) -> list[Result]:
    """Measure everything. Raises ``EngineError`` when a process fails.

    Args:
        model: the model in question.
        baseline: another model to set beside it.
        runs: how often each figure is taken.
        say: progress, a few words.
        on_screen: makes the interface, which this room cannot see.
    """
    parties: dict[str, Party] = {PRODUCT: model.product, PLAIN: Plain(model.info, model.plan)}
    if baseline is not None:
        parties[BASELINE] = baseline.product
    found = await play(grouped(parties, model, baseline), STEPS, runs, say)
    missing: list[Step] = [] if model.plan.turn_tokens >= NEW else ["chat"]
    missing += [] if has_room(found[PRODUCT]) else ["resume"]
    thin = await _play_thin(runs, say, on_screen, missing)
    results = [
        *against_plain(found[PRODUCT], found[PLAIN], model),
        *against_plain_thin(thin[SCREEN], thin[PRODUCT], thin[PLAIN]),
        *reuse(found[PRODUCT], thin[PRODUCT], model.plan, model.info.context_limit),
        *resume(found[PRODUCT], thin[PRODUCT]),
        *task(found[PRODUCT], model.plan),
        deciding(found[PRODUCT]),
        guessed(found[PRODUCT]),
        *guided(found[PRODUCT]),
        bound(found[PRODUCT], found[PLAIN], model),
    ]
    if Path(model.info.path) == locations.bundled_model():
        results += promises(found[PRODUCT], Path(model.info.path))
    if baseline is not None:
        results += side_by_side(found[PRODUCT], found[BASELINE], model.info.name, baseline.info.name)
    return results


def grouped(parties: Mapping[str, Party], model: Candidate, baseline: Candidate | None) -> list[Mapping[str, Party]]:
    """Who may be there at the same time: all of them within half of the memory, else each alone."""
    needed = 2 * model.info.bytes + (baseline.info.bytes if baseline else 0)
    together = needed < (memory_bytes() or 0) * MEMORY_SHARE
    return [parties] if together else [{name: party} for name, party in parties.items()]


def against_plain(product: Sequence[Figures], plain: Sequence[Figures], model: Candidate) -> list[Result]:
    """The product beside ``mlx_lm``: loading, first token, prompt, decode."""
    held = "both hold a float copy of the weights" if model.weight.float_copy else "the same weights"
    short, long = len(model.plan.short_ids), len(model.plan.long_ids)
    return [
        result(
            "start and load",
            "s",
            *_both(product, plain, "start"),
            detail="from nothing to a loaded model, against a process that imports mlx-lm and loads it",
        ),
        result(
            "warm-up",
            "ms",
            *_both(product, plain, "warm", 1000),
            detail="the first token of the first question after loading, against mlx_lm.stream_generate",
        ),
        result(
            "time to first token",
            "ms",
            *_both(product, plain, "first", 1000),
            detail=f"prompt of {short} tokens, P(tool) included, against mlx_lm.stream_generate; {held}",
        ),
        result(
            "prompt speed",
            "tok/s",
            *_both(product, plain, "prompt"),
            detail=f"{long} tokens over the time to the first one, against mlx_lm.stream_generate; {held}",
        ),
        result(
            "decode",
            "tok/s",
            *_both(product, plain, "decode"),
            detail=f"{DECODED} tokens through worker, pipe and parser, against mlx_lm.stream_generate; {held}",
        ),
    ]


def against_plain_thin(screen: Sequence[Figures], product: Sequence[Figures], plain: Sequence[Figures]) -> list[Result]:
    """Budget 1, and what of it is the interface's."""
    return [
        result(
            "decode on the screen, 48 thin layers",
            "tok/s",
            *_both(screen, plain, "decode"),
            budget=1,
            limit=DECODE_LIMIT,
            at_least=True,
            detail="a random 48-layer Qwen3-MoE, through worker, pipe, parser and interface in a terminal of 120×40, "
            "against mlx_lm.stream_generate",
        ),
        result(
            "decode, 48 thin layers",
            "tok/s",
            *_both(product, plain, "decode"),
            detail="the same through worker, pipe and parser, without the interface",
        ),
    ]


def reuse(product: Sequence[Figures], thin: Sequence[Figures], plan: Plan, context_limit: int) -> list[Result]:
    """Every turn of a chat with and without the cache of the turns before; the last one is budget 4, of the thin
    model where the own context has no room for turns as long as it means them."""
    last = len(plan.turns)
    turns = [
        result(
            f"first token in turn {number}",
            "ms",
            *_columns(product, f"turn {number}", f"cold {number}", 1000),
            detail="against the same prompt without cache reuse",
        )
        for number in range(2, last)
    ]
    own = plan.turn_tokens >= NEW
    what = f"first token in turn {TURNS}"
    less = f"; the context of {context_limit:,} has no room for {NEW} a turn"
    return turns + [
        result(
            name,
            "ms",
            *_columns(figures, f"turn {last}", f"cold {last}", 1000),
            budget=4 if judged else None,
            limit=TURN_LIMIT if judged else None,
            detail=f"{median(one['new'] for one in figures):.0f} new tokens in the last of {last} turns, against the "
            f"same prompt without cache reuse{'' if judged else less}",
        )
        for name, figures, judged in _where_room_is(what, product, thin, own)
    ]


def _where_room_is(
    what: str, product: Sequence[Figures], thin: Sequence[Figures], own: bool
) -> list[tuple[str, Sequence[Figures], bool]]:
    """Name, figures, and whether the budget counts: the thin model's, unless the ``own`` context has room for it."""
    return [(what, product, own)] + ([] if own else [(f"{what}, 48 thin layers", thin, True)])


def has_room(product: Sequence[Figures]) -> bool:
    """Whether the model's own context held a session as long as budget 5 means it."""
    return median(one["session"] for one in product) >= SESSION * 0.8


def resume(product: Sequence[Figures], thin: Sequence[Figures]) -> list[Result]:
    """Budget 5: the first token of a saved session; of the thin model's, where the own context is too small."""
    own = has_room(product)
    what = "first token of a resumed session"
    return [
        result(
            name,
            "ms",
            *_columns(figures, "resumed", "unsaved", 1000),
            budget=5 if judged else None,
            limit=RESUME_LIMIT if judged else None,
            detail=f"{median(one['session'] for one in figures):,.0f} tokens in the saved cache"
            + ("" if judged else f", for which the context has no more room ({SESSION:,} are meant)")
            + ", against a cold prefill; the model is loaded",
        )
        for name, figures, judged in _where_room_is(what, product, thin, own)
    ]


def task(product: Sequence[Figures], plan: Plan) -> list[Result]:
    """A task of several steps in code mode, against one tool a turn."""
    written, called = (sum(len(step.said) for step in steps) for steps in (plan.program, plan.calls))
    turns = [[float(len(steps))] * len(product) for steps in (plan.program, plan.calls)]
    return [
        result("model turns of a task", "turns", *turns, detail=f"{FILES} files, code mode against one tool a turn"),
        result(
            "time of a task",
            "s",
            *_columns(product, "program", "calls", 1),
            detail=f"all messages of the model ({written:,} tokens written against {called:,}), P(tool) included; "
            "what their code does is not counted",
        ),
    ]


def deciding(product: Sequence[Figures]) -> Result:
    """What it costs to know P(tool)."""
    return result(
        "first token with P(tool)",
        "ms",
        *_columns(product, "first", "undecided", 1000),
        detail="against the same prompt without measuring the decision",
    )


def guessed(product: Sequence[Figures]) -> Result:
    """Budget 15: reading guesses must be worth it. Where the engine found that it cannot be, it does not guess."""
    right = median(one["right"] for one in product)
    return result(
        "decode with guesses",
        "tok/s",
        *_columns(product, "guessed", "unguessed", 1),
        budget=15 if right else None,
        limit=GUESSES_LIMIT if right else None,
        at_least=True,
        detail=f"{len(ASKED)} questions, {right:.0f} tokens of an answer guessed right, against plain decode"
        if right
        else "a pass over a guess is too dear here: the engine does not guess",
    )


def guided(product: Sequence[Figures]) -> list[Result]:
    """Budget 15: a grammar must remove malformed calls, at a price that is told. Nothing where it is not installed."""
    if "guided" not in product[0]:
        return []
    middle = {
        name: median(one[name] for one in product) for name in ("malformed freely", "whole guided", "whole freely")
    }
    return [
        result(
            "malformed calls through a grammar",
            f"of {WILD_CALLS}",
            [one["malformed guided"] for one in product],
            budget=15,
            limit=0,
            detail=f"drawn at temperature {WILD:g}; without it {middle['malformed freely']:g}; whole calls "
            f"{middle['whole guided']:g} against {middle['whole freely']:g}",
        ),
        result(
            "decode through a grammar",
            "tok/s",
            *_columns(product, "guided", "decode", 1),
            detail="against plain decode",
        ),
    ]


def bound(product: Sequence[Figures], plain: Sequence[Figures], model: Candidate) -> Result:
    """Decode beside what memory allows: every token reads the weights that it touches and the context's cache."""
    bandwidth = max([model.weight.bandwidth, *(one["bandwidth"] for one in plain)])
    context = len(model.plan.short_ids) + DECODED // 2
    read = model.weight.bytes_per_token + context * model.weight.kv_bytes_per_token
    return result(
        "decode, of what memory allows",
        "tok/s",
        [one["decode"] for one in product],
        [bandwidth / read] * len(product),
        detail=f"{bandwidth / 1e9:,.1f} GB/s (the best of several copies) over {read / 1e6:,.1f} MB read a token "
        f"({model.weight.device}, {context} tokens of context)",
    )


def promises(product: Sequence[Figures], folder: Path) -> list[Result]:
    """What the bundled model promises of its speed and size."""
    size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file()) / 1e6
    return [
        result(
            "bundled model: decode",
            "tok/s",
            [one["decode"] for one in product],
            limit=BUNDLED_DECODE,
            at_least=True,
            detail="promised on two processors that do nothing else",
        ),
        result(
            "bundled model: size on disk", "MB", [size], limit=BUNDLED_MB, detail="weights, tokenizer and descriptions"
        ),
    ]


def side_by_side(model: Sequence[Figures], other: Sequence[Figures], name: str, other_name: str) -> list[Result]:
    """Two models, both through the product."""
    figures: list[tuple[str, str, str, float]] = [
        ("start and load", "s", "start", 1),
        ("warm-up", "ms", "warm", 1000),
        ("time to first token", "ms", "first", 1000),
        ("prompt speed", "tok/s", "prompt", 1),
        ("decode", "tok/s", "decode", 1),
        (f"first token in turn {TURNS}", "ms", f"turn {TURNS}", 1000),
        ("first token of a resumed session", "ms", "resumed", 1000),
        ("time of a task in code mode", "s", "program", 1),
        ("time of a task with one tool a turn", "s", "calls", 1),
    ]
    return [
        result(
            f"two models: {what}",
            unit,
            *_both(model, other, figure, scale),
            detail=f"{name} against {other_name}, both through the product",
        )
        for what, unit, figure, scale in figures
    ]


async def _play_thin(runs: int, say: Say, on_screen: OnScreen, missing: Sequence[Step]) -> dict[str, list[Figures]]:
    """Decode of a model whose layers cost nothing but their number, and the steps that are ``missing`` for want of
    context."""
    profile = load_profile(THIN_PROFILE)
    say("making a random model of 48 thin layers")
    with tempfile.TemporaryDirectory(prefix="codemode-bench-") as temporary:
        folder = Path(temporary) / "thin"
        bare = BareModel()
        try:
            await bare.make_thin(folder, locations.bundled_model())
            ref = ModelRef("thin", folder, THIN_PROFILE)
            info = inspect(ref)
            await bare.start(info)
            plan = await make_plan(bare.encode, profile, 0)
            plan = msgspec.structs.replace(plan, script=plan.script[:THIN_DECODED])
        finally:
            await bare.close()
        engine = WorkerEngine(ref)
        parties: dict[str, Party] = {
            PRODUCT: Product(engine, profile, plan), PLAIN: Plain(info, plan), SCREEN: on_screen(folder, plan.script),
        }  # fmt: skip
        return await play([parties], ["decode", *missing], runs, lambda text: say(f"48 thin layers, {text}"))


def _both(
    ours: Sequence[Figures], theirs: Sequence[Figures], figure: str, scale: float = 1
) -> tuple[list[float], list[float]]:
    return [one[figure] * scale for one in ours], [one[figure] * scale for one in theirs]


def _columns(runs: Sequence[Figures], value: str, baseline: str, scale: float) -> tuple[list[float], list[float]]:
    return [one[value] * scale for one in runs], [one[baseline] * scale for one in runs]
