"""`codemode model`: which models are here, which one would answer, and whether it is whole."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from codemode_tui import config, locations
from codemode_tui.cli import model_pull, model_use
from codemode_tui.cli.output import complain, print_json, say

if TYPE_CHECKING:
    from codemode_tui.engine.models import ModelRef
    from codemode_tui.engine.registry import Entry
    from codemode_tui.protocol.profiles import Profile

EXAMPLE = "codemode model info bundled --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser(
        "list", help="the bundled model, folders that were used, the local cache", example="codemode model list --json"
    )
    info = actions.add_parser("info", help="the model that would answer, or the named one")
    verifying = actions.add_parser(
        "verify",
        help="check every shard of a model and its tokenizer, and hash its weights again",
        example="codemode model verify ~/models/my-model",
    )
    using = actions.add_parser(
        "use", help="choose the model that answers from now on", example="codemode model use --previous"
    )
    model_use.add_arguments(using)
    pulling = actions.add_parser(
        "pull",
        help="download a model into the Hugging Face cache",
        example="codemode model pull mlx-community/Qwen3-Coder-30B-A3B-Instruct-5bit",
    )
    model_pull.add_arguments(pulling)
    for action in (info, verifying):
        action.add_argument("model", nargs="?", help="bundled, a folder, a repository of the local cache, openai:URL")
        action.add_argument("--profile", help="how the model was trained (default: guessed)")
    for action in (listing, info, verifying, using, pulling):
        action.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    if args.action == "use":
        return model_use.run(args)
    if args.action == "pull":
        return model_pull.run(args)
    if args.action == "list":
        return _list(args.json)
    ref, profile = _chosen(args)
    document, odd = _described(ref, profile, args.action == "verify")
    if args.json:
        print_json(document)
    else:
        _print(document, args.action == "verify")
    for line in odd:
        complain(line)
    return 0


def _chosen(args: argparse.Namespace) -> tuple[ModelRef, Profile]:
    from codemode_tui.cli.session import Options, find_model_of

    asked = Options(workspace=locations.current_dir(), model=args.model, profile=args.profile)
    return find_model_of(asked, config.load_settings(locations.config_file(), asked.workspace))


def _described(ref: ModelRef, profile: Profile, verify: bool) -> tuple[dict[str, Any], list[str]]:
    """The ``model`` object of the CONTRACT and what else is known, and what is odd about it."""
    import msgspec

    from codemode_tui.cli.model_server import at_server
    from codemode_tui.engine.admission import there_for
    from codemode_tui.engine.loadable import check_tokens
    from codemode_tui.engine.memory import plan
    from codemode_tui.engine.models import check, inspect
    from codemode_tui.engine.registry import entry
    from codemode_tui.engine.weights import odd_sizes

    if ref.server is not None:
        return at_server(ref, profile.name, verify)
    found = entry(ref, ref.name, "folder")
    odd: list[str] = []
    if verify:
        model_config, shards = check(ref)
        odd = [*check_tokens(ref.path, model_config, profile), *odd_sizes(ref.path, shards)]
    info = msgspec.structs.replace(inspect(ref, fresh=verify), profile=profile.name)
    settings = config.load_settings(locations.config_file(), locations.current_dir())
    held = plan(ref, settings.engine, there_for(ref))
    more: dict[str, Any] = {"guessed": found.guessed if profile.name == found.profile else "", "memory": held.figures}
    if not held.fits:
        odd.append(f"it does not fit into memory here: {held.words}")
    for name in ("template", "end_ids", "end_tokens"):
        more[name] = getattr(found, name)
    return {**msgspec.to_builtins(info), **more, **({"verified": True, "warnings": odd} if verify else {})}, odd


def _list(as_json: bool) -> int:
    from codemode_tui.engine.registry import describe, entries

    found = entries()
    if as_json:
        print_json(found)
        return 0
    settings = config.load_settings(locations.config_file(), locations.current_dir())
    used = describe(settings.model.default or "bundled", "folder").path  # whichever way it is written there
    say(*(line for one in found for line in _lines(one, one.path == used)))
    return 0


def _lines(one: Entry, used: bool) -> list[str]:
    """One model for people: its name, and what it is."""
    head = one.name + ("  (answers here)" if used else "")
    if one.problem:
        return [head, f"  cannot be used: {one.problem}"]
    if one.source == "server":
        return [head, f"  at {one.path}, profile {one.profile}"]
    ends = ", ".join(f"{id_} {text}".strip() for id_, text in zip(one.end_ids, one.end_tokens, strict=True))
    return [
        head,
        f"  {size(one.bytes)} · {bits(one.quantization)} · {one.architecture} · {tokens(one.context_limit)}",
        f"  profile {one.profile}" + (f" (guessed: {one.guessed})" if one.guessed else ""),
        f"  template: {one.template} · ends at {ends or 'nothing'}",
        *([f"  {one.path}"] if one.path != one.name else []),
    ]


def _print(info: dict[str, Any], verified: bool) -> None:

    if info["engine"] == "openai":
        lines = [("model", info["name"]), ("server", info["path"]), ("profile", info["profile"])]
        say(*(f"{name:<9} {value}" for name, value in lines))
        return
    ends = ", ".join(f"{i} {t}".strip() for i, t in zip(info["end_ids"], info["end_tokens"], strict=True))
    lines = [
        ("model", info["name"]),
        ("folder", info["path"]),
        ("size", f"{size(info['bytes'])} on disk, {bits(info['quantization'])}"),
        ("kind", info["architecture"]),
        ("profile", info["profile"] + (f" (guessed: {info['guessed']})" if info["guessed"] else "")),
        ("template", info["template"]),
        ("ends at", ends or "nothing"),
        ("context", tokens(info["context_limit"])),
        ("weights", info["weights_sha256"]),
        ("memory", _memory(info["memory"])),
    ]
    if (adapter := info["adapter"]) is not None:
        lines.append(("adapter", f"rank {adapter['rank']}, on {adapter['base']} ({adapter['base_path']})"))
    if verified:
        lines.append(("verified", "every shard is whole, and the tokenizer fits"))
    say(*(f"{name:<9} {value}" for name, value in lines))


def _memory(held: dict[str, Any]) -> str:
    return (
        f"{size(held['total'])} with a context of {held['context']:,}, of {size(held['available'])} ({held['source']})"
    )


def size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.1f} MB"


def bits(quantization: dict[str, int] | None) -> str:
    if not quantization:
        return "not quantised"
    group = quantization.get("group_size")
    return f"{quantization.get('bits', '?')}-bit" + (f", groups of {group}" if group else "")


def tokens(count: int) -> str:
    return f"{count:,} tokens" if count else "context unknown"
