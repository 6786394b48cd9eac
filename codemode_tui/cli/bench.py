"""`codemode bench`: how fast the parts are, each figure beside a baseline of the same run."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from codemode_tui import config, locations
from codemode_tui.cli.output import print_json, say
from codemode_tui.cli.session import Options, find_model_of, make_engine
from codemode_tui.errors import CodemodeError, UsageError

if TYPE_CHECKING:
    from codemode_tui.engine.models import ModelRef
    from codemode_tui.protocol.profiles import Profile
    from codemode_tui.training.bench.parties import ScriptedEngine
    from codemode_tui.training.bench.result import Bench, Result

EXAMPLE = """codemode bench engine --model ./mine --json

A ratio holds where a time does not: do not look at the figures of a busy machine, look at their ratios.
A missed limit is reported; the exit code is 0 all the same."""
RUNS = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from codemode_tui.cli.arguments import whole

    parser.add_argument("what", nargs="?", choices=list(_PARTS), help="what to measure (default: everything)")
    parser.add_argument("--model", help="bundled, a folder, a repository of the local cache")
    parser.add_argument("--baseline", metavar="MODEL", help="another model to set beside the first")
    parser.add_argument("--profile", help="how the models were trained (default: guessed)")
    parser.add_argument(
        "--runs",
        type=whole(1, 1000),
        default=RUNS,
        help=f"how often each is measured (default {RUNS}; fewer prove nothing)",
    )
    parser.add_argument("--json", action="store_true", help="print the results as one JSON document")


def run(args: argparse.Namespace) -> int:
    _check(args)
    bench: Bench | None = None
    wrong: CodemodeError | OSError | None = None
    for what in [args.what] if args.what else _PARTS:
        try:
            found = _PARTS[what](args)
        except (CodemodeError, OSError) as error:
            wrong = error
            if bench is None:
                raise
            break  # what took minutes to measure is printed all the same
        bench = replace(bench, results=(*bench.results, *found.results)) if bench else found
    assert bench is not None
    if args.json:
        print_json(bench)
    else:
        from codemode_tui.cli.bench_report import lines

        say(*lines(bench))
    if wrong is not None:
        raise wrong
    return 0


def _check(args: argparse.Namespace) -> None:
    """Raises UsageError: an option that means nothing to the part would be passed over in silence."""
    for name in _UNUSED.get(args.what, ()):
        if getattr(args, name) is not None:
            raise UsageError(f"--{name} means nothing to `codemode bench {args.what}`", hint="leave it out")


_UNUSED = {"screen": ("baseline", "profile"), "sandbox": ("baseline", "profile"), "store": ("baseline",)}
"""Options that a part does without. Of all parts the engine is first, and looks at both before it measures."""


def _engine(args: argparse.Namespace) -> Bench:
    asked = [_options(args, name) for name in ([args.model] if args.baseline is None else [args.model, args.baseline])]
    # A model that is not there, or not here, is found out before anything is measured.
    for one in asked:
        _found(one)[0].here()
    engines = [make_engine(one, shared=False) for one in asked]
    return asyncio.run(_bench_engine([cast("ScriptedEngine", engine) for engine in engines], args.runs))


def _store(args: argparse.Namespace) -> Bench:
    from codemode_tui.cli.bench_store import bench

    ref, profile = _found(_options(args, args.model))
    return bench(ref.here(), profile, args.runs)


def _sandbox(args: argparse.Namespace) -> Bench:
    from codemode_tui.training.bench.sandbox import bench_sandbox

    return _measured(args, lambda say: asyncio.run(bench_sandbox(args.runs, say)))


def _screen(args: argparse.Namespace) -> Bench:
    from codemode_tui.cli.bench_screen import bench_screen

    return _measured(args, partial(bench_screen, args.runs))


def _measured(args: argparse.Namespace, measure: Callable[[Callable[[str], None]], list[Result]]) -> Bench:
    """What does not depend on the model; which one would answer is said all the same."""
    from codemode_tui.cli.progress import ProgressLine
    from codemode_tui.engine.models import inspect
    from codemode_tui.training.bench.machine import describe_machine
    from codemode_tui.training.bench.result import Bench

    ref, profile = _found(_options(args, args.model))
    machine, model = describe_machine(), replace(inspect(ref), profile=profile.name)
    progress = ProgressLine()
    try:
        return Bench(machine, model, tuple(measure(progress.say)))
    finally:
        progress.clear()


def _options(args: argparse.Namespace, model: str | None) -> Options:
    """What is asked of a model, None for the one that would answer here."""
    return Options(workspace=locations.current_dir(), model=model, profile=args.profile)


def _found(asked: Options) -> tuple[ModelRef, Profile]:
    """The model of every part, as `codemode model info` names it."""
    return find_model_of(asked, config.load_settings(locations.config_file(), asked.workspace))


_PARTS: dict[str, Callable[[argparse.Namespace], Bench]] = {
    "engine": _engine, "screen": _screen, "sandbox": _sandbox, "store": _store,
}  # fmt: skip


async def _bench_engine(engines: list[ScriptedEngine], runs: int) -> Bench:
    from codemode_tui.cli.bench_decode import OnScreen
    from codemode_tui.cli.progress import ProgressLine
    from codemode_tui.protocol.profiles import load_profile
    from codemode_tui.training.bench.engine import bench_engine, prepare
    from codemode_tui.training.bench.machine import describe_machine
    from codemode_tui.training.bench.result import Bench

    machine = describe_machine()
    find_profile = partial(load_profile, extra_dirs=(locations.config_dir() / "profiles",))
    progress = ProgressLine()
    try:
        model, *others = [await prepare(engine, find_profile, progress.say) for engine in engines]
        baseline = others[0] if others else None
        results = await bench_engine(model, baseline, runs, progress.say, OnScreen)
    finally:
        progress.clear()
    return Bench(machine, model.info, tuple(results), baseline.info if baseline else None)
