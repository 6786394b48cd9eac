"""`codemode model`: which models are here, which one would answer, and whether it is whole."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from codemode_tui import config, locations
from codemode_tui.cli import model_use
from codemode_tui.cli.output import print_json

if TYPE_CHECKING:
    from codemode_tui.engine.api import ModelInfo
    from codemode_tui.engine.models import ModelRef

SUMMARY = "which models are here, and whether they are whole"
EXAMPLE = "codemode model info bundled --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser(
        "list", help="the bundled model and those of the local cache", example="codemode model list --json"
    )
    info = actions.add_parser("info", help="the model that would answer, or the named one")
    verifying = actions.add_parser(
        "verify",
        help="check every shard of a model and hash its weights again",
        example="codemode model verify ~/models/my-model",
    )
    using = actions.add_parser(
        "use", help="choose the model that answers from now on", example="codemode model use --previous"
    )
    model_use.add_arguments(using)
    for action in (info, verifying):
        action.add_argument("model", nargs="?", help="bundled, a folder, or a repository id of the local cache")
        action.add_argument("--profile", help="how the model was trained (default: guessed)")
    for action in (listing, info, verifying, using):
        action.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    if args.action == "use":
        return model_use.run(args)
    from codemode_tui.engine import models

    if args.action == "list":
        _list(models.list_models(), args.json)
        return 0
    ref, profile = _chosen(args)
    info = models.inspect(ref, fresh=args.action == "verify")
    info = _with_profile(info, profile)
    if args.json:
        print_json(info)
    else:
        _print(info, ref)
    return 0


def _chosen(args: argparse.Namespace) -> tuple[ModelRef, str]:
    from codemode_tui.engine.models import find_model
    from codemode_tui.protocol.profiles import load_profile

    settings = config.load_settings(locations.config_file(), locations.current_dir())
    ref = find_model(args.model or settings.model.default)
    named = args.profile or (None if args.model else settings.model.profile)
    profile = load_profile(named or ref.profile, extra_dirs=(locations.config_dir() / "profiles",))
    return ref, profile.name


def _with_profile(info: ModelInfo, profile: str) -> ModelInfo:
    import msgspec

    return msgspec.structs.replace(info, profile=profile)


def _list(found: list[ModelRef], as_json: bool) -> None:
    from codemode_tui.sandbox.sanitise import sanitise_text

    if as_json:
        print_json([{"name": ref.name, "path": str(ref.path), "profile": ref.profile} for ref in found])
        return
    for ref in found:
        print(sanitise_text(f"{ref.name:<40} {ref.profile:<12} {ref.path}"))


def _print(info: ModelInfo, ref: ModelRef) -> None:
    from codemode_tui.sandbox.sanitise import sanitise_text

    bits = (info.quantization or {}).get("bits")
    lines = [
        ("model", info.name),
        ("folder", info.path),
        ("size", f"{info.bytes / 1e6:,.1f} MB on disk" + (f", {bits}-bit" if bits else "")),
        ("profile", info.profile + (f" (guessed: {ref.guessed})" if ref.guessed else "")),
        ("context", f"{info.context_limit:,} tokens"),
        ("weights", info.weights_sha256),
    ]
    if info.adapter is not None:
        lines.append(("adapter", f"rank {info.adapter.rank}, on {info.adapter.base} ({info.adapter.base_path})"))
    print("\n".join(sanitise_text(f"{name:<8} {value}") for name, value in lines))
