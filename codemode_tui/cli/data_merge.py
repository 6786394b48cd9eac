"""`codemode data merge`: the exports of several people, or of several machines, as one."""

from __future__ import annotations

import argparse
import os
from typing import Any

from codemode_tui.cli.arguments import path, whole
from codemode_tui.cli.output import print_json, say
from codemode_tui.cli.tables import counted, named
from codemode_tui.errors import UsageError


def add_arguments(actions: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    parser = actions.add_parser(
        "merge",
        help="several exports as one: no row changes its split, nothing stands in two",
        example="codemode data merge ./alice ./bob --out ./team",
    )
    parser.add_argument("exports", nargs="+", type=path, metavar="DIR",
                        help="exports; of questions that are alike, those of the first one count")  # fmt: skip
    parser.add_argument("--out", type=path, metavar="DIR", help="a new folder, or an earlier export, which is replaced")
    parser.add_argument("--model", metavar="M", help="whose tokenizer counts: the model that will be trained")
    parser.add_argument("--max-seq-length", type=whole(2, 1 << 31), metavar="N",
                        help="longest row in tokens (default: the longest that one of the exports allows)")  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="only say what would be left out")
    parser.add_argument("--json", action="store_true", help="print the manifest")


def run(args: argparse.Namespace) -> None:
    from codemode_tui import config, locations
    from codemode_tui.cli.export import options
    from codemode_tui.engine.models import find_model
    from codemode_tui.feedback.merge_rows import read_part
    from codemode_tui.feedback.merging import Options, merge

    if args.out is None and not args.dry_run:
        raise UsageError("no --out", hint="name a folder for the merged export, or only look with --dry-run")
    folders = {os.path.realpath(folder) for folder in args.exports}
    if len(folders) < len(args.exports):
        raise UsageError("the same export is named twice", hint="name each once")
    if args.out is not None and os.path.realpath(args.out) in folders:
        raise UsageError(f"{args.out} is merged itself", hint="name another --out")
    model = find_model(args.model or config.load_settings(locations.config_file()).model.default).here()
    longest = [int(read_part(folder).manifest.get("max_seq_length") or 0) for folder in args.exports]
    known = options(model)
    wanted = Options(model, args.max_seq_length or max(longest) or known.max_tokens, known.protected)
    table = merge(args.exports, wanted, None if args.dry_run else args.out)
    if args.json:
        print_json(table)
    else:
        _print(table, args)


def _print(table: dict[str, Any], args: argparse.Namespace) -> None:

    lines = [
        *((file, f"{one['rows']:,} rows, {one['tokens']:,} tokens") for file, one in table["files"].items()),
        ("left out", counted(table["quarantine"]) or "nothing"),
        ("leak", str(table["leak"])),
        ("dry run", "nothing was written") if args.dry_run else ("written to", str(args.out)),
    ]
    say(named(lines))
