"""`codemode model use`: which model answers from now on, and how to go back."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING

from codemode_tui import config, locations
from codemode_tui.cli.output import complain, print_json, say
from codemode_tui.errors import ModelError, UsageError

if TYPE_CHECKING:
    from codemode_tui.engine.choice import Change, Chosen


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", nargs="?", help="bundled, a folder, a repository of the local cache, openai:URL")
    parser.add_argument("--previous", action="store_true", help="the model before this one; again: the one before that")
    parser.add_argument("--profile", metavar="P", help="how the model was trained (default: guessed)")


def run(args: argparse.Namespace) -> int:
    """Raises ModelError, ConfigError, UsageError: each names its fix, and nothing has changed."""
    from codemode_tui.engine import choice

    if bool(args.model) == args.previous or (args.previous and args.profile):
        raise UsageError("name a model, or --previous alone", hint="see codemode model use --help")
    if args.profile:
        from codemode_tui.protocol.profiles import load_profile

        load_profile(args.profile, extra_dirs=(locations.config_dir() / "profiles",))
    change = choice.back() if args.previous else choice.use(args.model, args.profile)
    if room := _too_large(change.now.model):
        complain(room)
    if args.json:
        document = {"model": change.now.model, "profile": change.now.profile, "previous": choice.previous()}
        print_json({**document, "overruled_by": change.overruled_by or None})
    else:
        tell(change, _again(change.before) if args.previous else "codemode model use --previous")
    return 0


def _too_large(model: str) -> str:
    """What to say of a model that memory has no room for; empty when it has, or when the model is at a server."""
    from codemode_tui.engine.admission import there_for
    from codemode_tui.engine.memory import plan
    from codemode_tui.engine.models import find_model

    ref = find_model(model)
    if ref.server is not None:
        return ""
    held = plan(ref, config.load_settings(locations.config_file()).engine, there_for(ref))
    return "" if held.fits else f"it does not fit into memory here: {held.words}"


def _again(chosen: Chosen) -> str:
    """The command that chooses it."""
    profile = f" --profile {shlex.quote(chosen.profile)}" if chosen.profile else ""
    return f"codemode model use {shlex.quote(chosen.model)}{profile}"


def _profile(chosen: Chosen) -> str:
    """The profile under which it answers, and if that is a guess, why."""
    from codemode_tui.engine.models import find_model

    if chosen.profile:
        return chosen.profile
    try:
        ref = find_model(chosen.model)
    except ModelError:  # it is chosen already, and may be gone
        return "guessed"
    other = "codemode config set model.profile NAME"
    return f"{ref.profile}, a guess: {ref.guessed}; another: {other}" if ref.guessed else ref.profile


def tell(change: Change, back: str) -> None:
    """Print what answers from now on, and ``back``, the command that undoes it, if anything has changed."""

    same = change.now == change.before
    was = f" (it was {change.before.profile or 'guessed'})" if change.now.profile or change.before.profile else ""
    lines = [
        f"{change.now.model} it is already"
        if same
        else f"{change.now.model} answers from now on (it was {change.before.model})",
        f"profile: {_profile(change.now)}{'' if same else was}",
    ]
    if change.overruled_by:
        lines.append(f"but here {change.overruled_by} names another model")
    if not same:
        lines.append(f"back: {back}")
    say(*lines)
