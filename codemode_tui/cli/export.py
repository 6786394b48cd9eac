"""`codemode export`: what feedback came to, as files that trainers read."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from codemode_tui.cli.arguments import path, whole
from codemode_tui.cli.ending import interrupt_when_told_to_end
from codemode_tui.cli.output import print_json, say
from codemode_tui.cli.tables import counted, named
from codemode_tui.errors import UsageError

if TYPE_CHECKING:
    from codemode_tui.engine.models import ModelRef
    from codemode_tui.feedback.candidates import Profiles
    from codemode_tui.feedback.export import Options
    from codemode_tui.feedback.redaction import Person
    from codemode_tui.feedback.run import Exported
    from codemode_tui.protocol.profiles import Profile

EXAMPLE = "codemode export --out ./export --model ./my-model --max-seq-length 4096"

MOST_TOKENS = 2048
"""What mlx_lm reads of a row unless it is told otherwise."""
_SHOWN = 12
"""Characters of a credential that a preview shows, so that one sees which it is."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=path, metavar="DIR", help="a new folder, or an earlier export, which is replaced")
    parser.add_argument("--formats", metavar="LIST", help="separated by commas (default: all): mlx-sft, trl-dpo, …")
    parser.add_argument("--max-seq-length", type=whole(2, 1 << 31), metavar="N", help="longest row in tokens; give the "
                        "trainer the same (default: export.max_seq_length of the settings, else what mlx_lm reads, "
                        "or less if the model does)")  # fmt: skip
    parser.add_argument("--model", metavar="M", help="whose tokenizer counts: the model that will be trained")
    parser.add_argument("--profile", metavar="P", help="only what was made under this profile (default: all)")
    parser.add_argument("--include-source", action="append", default=[], metavar="NAME", help="an imported set, too")
    parser.add_argument(
        "--dry-run", action="store_true", help="show what would be redacted and left out; write nothing"
    )
    parser.add_argument("--json", action="store_true", help="print the manifest")


def run(args: argparse.Namespace) -> int:
    from codemode_tui import config, locations
    from codemode_tui.engine.models import find_model
    from codemode_tui.feedback.formats import FORMATS
    from codemode_tui.feedback.run import export
    from codemode_tui.store.store import Store

    if args.out is None and not args.dry_run:
        raise UsageError("no folder to write into", hint="name one with --out, or look first with --dry-run")
    settings = config.load_settings(locations.config_file(), locations.current_dir())
    model = find_model(args.model or settings.model.default).here()
    known = profiles()
    if args.profile is not None and known(args.profile) is None:
        raise UsageError(f"no profile {args.profile!r}", hint="`codemode ask --help` says what a profile is")
    wanted = replace(
        options(model),
        max_tokens=args.max_seq_length or settings.export.max_seq_length or _max_tokens(model.path),
        formats=_formats(args.formats, tuple(FORMATS)),
        profile=args.profile,
        sources=tuple(sorted(set(args.include_source))),
    )
    out = None if args.dry_run else args.out
    # Being terminated is an interrupt like ctrl+c: the unfinished folder goes, and so does the child.
    interrupt_when_told_to_end()
    with closing(Store.open(locations.store_file())) as store:
        found = export(store.feedback_records(), store.external_rows(), known, wanted, out)
    if args.json:
        print_json({**found.manifest, "redactions": _preview(found)} if args.dry_run else found.manifest)
    else:
        _print(found, args)
    return 0


def options(model: ModelRef) -> Options:
    """What an export on this machine is made with, unless the command line says otherwise."""
    from codemode_tui.feedback.export import Options
    from codemode_tui.training.loading import protected_queries

    return Options(model=model, max_tokens=_max_tokens(model.path), person=person(), protected=protected_queries())


def _formats(given: str | None, known: tuple[str, ...]) -> tuple[str, ...]:
    """In one order, however they were given: it is part of the manifest."""
    names = set(filter(None, map(str.strip, given.split(",")))) if given is not None else set(known)
    if unknown := sorted(names - set(known)):
        raise UsageError(f"no format {unknown[0]!r}", hint=f"choose of {', '.join(known)}")
    if not names:
        raise UsageError("no format", hint=f"choose of {', '.join(known)}")
    return tuple(name for name in known if name in names)


def profiles() -> Profiles:
    """Profiles by name, None for those that are no more; the user's own among them."""
    from functools import cache

    from codemode_tui import locations
    from codemode_tui.errors import ModelError
    from codemode_tui.protocol.profiles import load_profile

    @cache
    def find(name: str) -> Profile | None:
        try:
            return load_profile(name, extra_dirs=(locations.config_dir() / "profiles",))
        except ModelError:
            return None

    return find


def _max_tokens(model: Path) -> int:
    """What a trainer reads by default of a row, and the model at most."""
    import json

    try:
        limit = int(json.loads((model / "config.json").read_text("utf-8")).get("max_position_embeddings") or 0)
    except (OSError, ValueError, TypeError, AttributeError):
        limit = 0
    return min(MOST_TOKENS, limit) if limit > 1 else MOST_TOKENS


def person() -> Person:
    """Whose names are redacted."""
    import getpass
    import platform

    from codemode_tui import locations
    from codemode_tui.feedback.redaction import Person

    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = ""
    return Person(str(locations.home()), user, platform.node())


def _preview(found: Exported) -> list[dict[str, Any]]:
    """Every place that is redacted. Of a credential, its beginning."""
    return [
        {
            "source": one.source, "turn": one.turn, "step": one.step, "where": one.where, "rule": one.hit.rule,
            "found": _shown(one.hit.found, one.hit.becomes), "becomes": one.hit.becomes,
        }
        for one in found.redacted
    ]  # fmt: skip


def _shown(text: str, becomes: str) -> str:
    return f"{text[:_SHOWN]}…" if "<SECRET:" in becomes and len(text) > _SHOWN else text


def _print(found: Exported, args: argparse.Namespace) -> None:
    from codemode_tui.corpus.rows import TARGETED

    table = found.manifest
    unproven = sum((one["source"], one["reason"]) == (TARGETED, "unverified") for one in table["quarantined"])
    if args.dry_run:
        _print_preview(found)
    kto = table["kto"]
    lines = [
        *((file, f"{one['rows']:,} rows, {one['tokens']:,} tokens") for file, one in table["files"].items()),
        *([] if table["files"] else [("nothing to export", "no feedback passed the gates")]),
        ("left out", counted(table["quarantine"]) or "nothing"),
        *([("to review", f"{unproven:,} of them: `codemode review --source {TARGETED}`")] if unproven else []),
        ("redacted", counted(table["redaction"]) or "nothing"),
        ("leak", str(table["leak"])),
        *([("trl-kto", f"desirable weight {kto['desirable_weight']}")] if kto["desirable_weight"] is not None else []),
        *([("trl-kto", kto["note"])] if kto["note"] else []),
        ("dry run", "nothing was written") if args.dry_run else ("written to", str(args.out)),
    ]
    say(named(lines))


def _print_preview(found: Exported) -> None:
    from codemode_tui.sandbox.sanitise import one_line

    for one in _preview(found):
        place = f"{one['turn']} step {one['step']} {one['where']}"
        print(f"redact  {place}: {one['rule']}: {one_line(one['found'])} -> {one_line(one['becomes'])}")
    for one in found.manifest["quarantined"]:
        place = f"{one['turn']} step {one['step']} {one['what']}"
        print(f"leave   {place}: {one['reason']}: {found.manifest['gates'][one['reason']]}")
