"""`codemode train gate`, `promote` and `rollback`: a model replaces another only where it is no worse."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from codemode_tui.cli.arguments import path, whole
from codemode_tui.cli.output import complain, print_json, say, write_text
from codemode_tui.errors import CodemodeError, ConfigError, UsageError

if TYPE_CHECKING:
    from codemode_tui.engine.api import ModelInfo
    from codemode_tui.engine.choice import Change
    from codemode_tui.store.store import Store
    from codemode_tui.training.suite import Suite
    from codemode_tui.training.tuning.verdict import Asked, Verdict

FAILED = 8
_ALSO = {"gate": ("model", "out"), "promote": ("model",), "rollback": (), "fuse": ("model", "out")}
"""Options of `codemode train` that an action has, too."""


def add_actions(parser: argparse.ArgumentParser) -> None:
    """The actions of `codemode train`, this module's and the others'."""
    from codemode_tui.cli import train_fuse

    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    measuring = actions.add_parser(
        "gate",
        help="old and new model on the suite and on every corrected failure; exit 8 if something is newly broken",
        example="codemode train gate --model ./mine --out gate.html",
    )
    measuring.add_argument("--baseline", metavar="OLD", help="what it would replace (default: the model that answers)")
    # An action's own default would overwrite what stands before its name.
    measuring.add_argument(
        "--out", type=path, default=argparse.SUPPRESS, metavar="FILE", help="the verdict as a page: .html, or .md"
    )
    promoting = actions.add_parser(
        "promote",
        help="let a model answer from now on; measured first, unless it just was",
        example="codemode train promote --model ./mine",
    )
    for action in (measuring, promoting):
        action.add_argument("--model", required=True, metavar="NEW", help="the model that is to answer")
        action.add_argument("--suite", type=path, metavar="FILE", help="a suite of your own (default: built in)")
        action.add_argument("--allow-broken", type=whole(0, 10_000), default=0, metavar="N", help="as many cases may "
                            "be newly broken (0)")  # fmt: skip
        action.add_argument("--jobs", type=whole(1, 4), default=2, metavar="N", help="cases side by side (2)")
    back = actions.add_parser(
        "rollback", help="the model before the promoted one answers again", example="codemode train rollback"
    )
    fusing = actions.add_parser(
        "fuse",
        help="an adapter into the weights of its base: a whole model; needs a float base, or one of other bits",
        example="codemode train fuse --model ./mine --out ./fused",
    )
    train_fuse.add_arguments(fusing)
    for action in (measuring, promoting, back, fusing):
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    _refuse_others(args)
    if args.action == "gate":
        return _gate(args)
    if args.action == "promote":
        return _promote(args)
    if args.action == "rollback":
        from codemode_tui.cli import model_use

        return model_use.run(argparse.Namespace(model=None, previous=True, profile=None, json=args.json))
    from codemode_tui.cli import train_fuse

    return train_fuse.run(args)


def _refuse_others(args: argparse.Namespace) -> None:
    """Raises UsageError: an option of the training itself stands before an action, which would do without it."""
    from codemode_tui.training.tuning.plan import Options

    for name in (*Options.__struct_fields__, "out", "resume"):
        value = getattr(args, name)
        if value is not None and value is not False and name not in _ALSO[args.action]:
            raise UsageError(
                f"--{name.replace('_', '-')} means nothing to `codemode train {args.action}`",
                hint=f"see codemode train {args.action} --help",
            )


def _gate(args: argparse.Namespace) -> int:
    verdict = _measure(args, args.baseline)
    if args.json:
        print_json(verdict)
    else:
        from codemode_tui.cli.gate_page import unlearnt

        _print(verdict)
        if verdict.passed and not unlearnt(verdict):
            say(f"next: codemode train promote --model {shlex.quote(str(args.model))}")
    if args.out is not None:  # last: what took long to measure is not lost with a page that cannot be written
        from codemode_tui.cli.gate_page import document, markdown

        try:
            write_text(args.out, (markdown if args.out.suffix == ".md" else document)(verdict))
        except UsageError as error:
            if verdict.passed:
                raise
            complain(error.line())  # that the gate failed matters more
    return 0 if verdict.passed else FAILED


def _promote(args: argparse.Namespace) -> int:
    from codemode_tui.engine import choice
    from codemode_tui.training.tuning.verdict import same, standing

    new, old = _info(args.model), _info(None)
    verdict = None if same(new, old) else standing(new, old, _asked(args.suite, new, old), args.allow_broken)
    measured = verdict is None and not same(new, old)
    if measured:
        verdict = _measure(args, None)
        if not args.json:
            _print(verdict)
    passed = verdict is None or verdict.passed
    change: Change | None = None
    trouble: CodemodeError | None = None
    try:
        if verdict is not None and measured and passed:
            _check_unchanged(args.model, new, old, verdict)
        change = choice.use(args.model, choice.set_profile(args.model)) if passed else None
    except CodemodeError as error:
        trouble = error  # raised once the verdict is told: it may have taken hours
    if args.json and (measured or trouble is None):
        print_json(
            {
                "promoted": change is not None,
                "model": change.now.model if change else choice.current().model,
                "previous": choice.previous(),
                "measured": measured,
                "overruled_by": (change.overruled_by or None) if change else None,
                "gate": verdict,
            }
        )
    elif change is not None:
        from codemode_tui.cli.gate_page import unlearnt
        from codemode_tui.cli.model_use import tell

        tell(change, "codemode train rollback")
        if verdict is not None and (said := unlearnt(verdict)):
            print(f"note: {said}")
    if trouble is not None:
        raise trouble
    return 0 if passed else FAILED


def _check_unchanged(name: str, new: ModelInfo, old: ModelInfo, verdict: Verdict) -> None:
    """Raises UsageError: the weights that would answer from now on, or those that answer now, are not those that were
    measured: another terminal may have trained or chosen a model meanwhile."""
    from msgspec.structs import replace

    from codemode_tui.training.tuning.verdict import same

    hint = "nothing was replaced; promote again"
    # A model at a server is described by its name, of which the measured one may say more.
    if not same(_info(name), replace(new, weights_sha256=verdict.model.weights_sha256)):
        raise UsageError(f"{name} has changed while it was measured", hint=hint)
    if not same(_info(None), replace(old, weights_sha256=verdict.baseline.weights_sha256)):
        raise UsageError(f"another model answers now than the one that {name} was measured against", hint=hint)


def _measure(args: argparse.Namespace, baseline: str | None) -> Verdict:
    """Play both models, the old one first, and remember the verdict. One that cannot be remembered is still told.

    Raises:
        UsageError: both are the same.
        ModelError, EngineError, SandboxError: one of them cannot be played, or gave no answer at all; nothing is
            remembered.
    """
    from codemode_tui.cli.playing import contender, evaluate, finish, make_bench, reach, replayed
    from codemode_tui.engine import choice
    from codemode_tui.training.regression import regression
    from codemode_tui.training.tuning.verdict import judge, keep, same

    name = baseline if baseline is not None else choice.current().model
    new, old = _info(args.model), _info(baseline)
    if same(new, old):
        raise UsageError(f"{args.model} is the model that answers already", hint="name another with --baseline")
    suite, asked = _suite(args.suite), _asked(args.suite, new, old)
    sides = [contender(name, old.profile), contender(args.model, new.profile)]

    async def work() -> Verdict:
        await reach(sides)
        bench = await make_bench()
        store = _store()
        try:
            past = await regression(store.feedback_records(), bench)
        finally:
            store.close()
        (was, again), (now, later) = [
            (await evaluate(suite, one, jobs=args.jobs), await replayed(past, one, jobs=args.jobs)) for one in sides
        ]
        return judge(now, was, later, again, asked, args.allow_broken)

    verdict = finish(work())
    try:
        keep(verdict)
    except ConfigError as error:  # it took hours
        complain(f"this verdict is not remembered, and promoting would measure again: {error.line()}")
    return verdict


def _info(name: str | None) -> ModelInfo:
    """The description of a model, None for the one that answers, with the profile under which it answers.

    Raises:
        ModelError: it is not whole. Of the one that answers, that is no dead end: another one can be chosen first.
    """
    import msgspec

    from codemode_tui.engine import choice
    from codemode_tui.engine.models import find_model, inspect
    from codemode_tui.errors import ModelError

    try:
        info = inspect(find_model(name or choice.current().model))
    except ModelError as error:
        if name is not None:
            raise
        raise ModelError(
            f"the model that answers now cannot be measured: {error.message}",
            hint="`codemode train rollback` first, or choose another with `codemode model use NAME`",
        ) from error
    profile = choice.set_profile(name)
    return msgspec.structs.replace(info, profile=profile) if profile else info


def _suite(path: Path | None) -> Suite:
    from codemode_tui.training.loading import BUILTIN, load_suite

    return load_suite(path or BUILTIN)


def _asked(path: Path | None, *models: ModelInfo) -> Asked:
    from codemode_tui import config, locations
    from codemode_tui.protocol.profiles import load_profile
    from codemode_tui.training.tuning.verdict import asked_of, conditions

    own = (locations.config_dir() / "profiles",)
    under = conditions(
        config.load_settings(locations.config_file()), [load_profile(model.profile, extra_dirs=own) for model in models]
    )
    store = _store()
    try:
        return asked_of(_suite(path), [f"{one.first} {one.standing}" for one in store.feedback_records()], under)
    finally:
        store.close()


def _store() -> Store:
    from codemode_tui import locations
    from codemode_tui.store.store import Store

    return Store.open(locations.store_file())


def _print(verdict: Verdict) -> None:
    from codemode_tui.cli.gate_page import lines

    say(*lines(verdict))
