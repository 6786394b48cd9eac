"""`codemode data`: what a set of training rows really holds, and keeping it for review and export."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from codemode_tui.cli.output import complain, print_json
from codemode_tui.errors import UsageError

if TYPE_CHECKING:
    from codemode_tui.corpus.rows import Row
    from codemode_tui.store.external import NewRow
    from codemode_tui.training.audit.audit import Audit

SUMMARY = "sets of training rows: what they really hold, and importing them"
EXAMPLE = "codemode data audit train.jsonl valid.jsonl --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    auditing = actions.add_parser("audit", help="count decisions, code, duplicates, leaks, secrets and lengths")
    auditing.add_argument("paths", nargs="+", metavar="PATH", help="a .jsonl file, or a folder that holds some")
    auditing.add_argument("--model", metavar="M", help="whose tokenizer counts lengths (default: the chosen model)")
    importing = actions.add_parser(
        "import",
        help="keep rows that others made, to be reviewed and exported; their splits bind ours",
        example="codemode data import phase22/train.jsonl phase22/valid.jsonl --source phase22",
    )
    importing.add_argument("paths", nargs="+", metavar="PATH", help="a .jsonl file, or a folder that holds some")
    importing.add_argument("--source", required=True, metavar="NAME", help="what the set is called from now on")
    for action in (auditing, importing):
        action.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    (_import if args.action == "import" else _audit)(args)
    return 0


def _import(args: argparse.Namespace) -> None:
    from codemode_tui import locations
    from codemode_tui.corpus.rows import find_files, read_rows
    from codemode_tui.feedback.example import FEEDBACK
    from codemode_tui.store.store import Store, wait

    source = args.source.strip()
    if not source or not source.isprintable() or source == FEEDBACK:
        raise UsageError(f"{args.source!r} is no name for a set", hint="choose a short word, such as phase22")
    files = find_files(args.paths)
    unreadable: list[None] = []
    store = Store.open(locations.store_file())
    try:
        added, known = wait(store.import_rows(source, _new_rows(read_rows(files), unreadable)))
    finally:
        store.close()
    if args.json:
        print_json({"source": source, "files": files, "added": added, "known": known, "unreadable": len(unreadable)})
        return
    print(f"{added:,} rows imported as {source}, {known:,} were there already")
    if unreadable:
        complain(f"{len(unreadable):,} lines are no rows and were left out; `codemode data audit` counts them")


def _new_rows(rows: Iterable[Row | None], unreadable: list[None]) -> Iterator[NewRow]:
    """Rows for the store; lines that are none go to ``unreadable``."""
    from codemode_tui.store.external import NewRow

    for row in rows:
        if row is None:
            unreadable.append(None)
        else:
            yield NewRow(row.line, row.split, row.query)


def _audit(args: argparse.Namespace) -> None:
    from pathlib import Path

    from codemode_tui import config, locations
    from codemode_tui.corpus.rows import find_files
    from codemode_tui.engine.models import find_model
    from codemode_tui.training.audit.audit import audit

    files = find_files(args.paths)
    settings = config.load_settings(locations.config_file(), Path.cwd())
    found = audit(files, find_model(args.model or settings.model.default).here())
    if args.json:
        print_json(found)
    else:
        _print(found)


def _print(found: Audit) -> None:
    from codemode_tui.sandbox.sanitise import sanitise_text

    leak, tokens = found.leakage, found.tokens
    lines = [
        ("files", ", ".join(found.files)),
        ("rows", f"{found.rows:,}{_parts(found.shapes)}{_also(found.unparseable_rows, 'not readable')}"),
        ("splits", _list(found.splits) or "none: no file is called train, valid or test"),
        ("decisions", f"{found.tool:,} tool, {found.direct:,} direct, {found.malformed:,} malformed"),
        ("code", f"{found.code_blocks:,} blocks, {found.unique_code_blocks:,} unique, {found.skeletons:,} skeletons"
                 f"{_also(found.syntax_errors, 'with syntax errors')}"),
        ("calls", _list(found.calls) or "none"),
        ("patterns", _list({name: n for name, n in found.patterns.items() if n}) or "none"),
        ("missing", ", ".join(name for name, n in found.patterns.items() if not n) or "no pattern"),
        ("duplicates", f"{found.exact_duplicates:,} rows, {found.duplicate_queries:,} first questions"),
        ("leakage", f"{leak.near:,} held-out first questions stand in train, {leak.exact:,} of them verbatim"),
        ("contradict", f"{found.contradictions:,} questions are answered with a call here and without one there"),
        ("secrets", f"{found.secrets:,} rows{_parts(found.secret_kinds)}"),
        ("prompts", f"{found.system_prompts:,} different system prompts"),
        ("tokens", f"p50 {tokens.p50:,}, p95 {tokens.p95:,}, longest {tokens.max:,} ({found.tokenizer})"),
    ]  # fmt: skip
    print("\n".join(sanitise_text(f"{name:<10}  {value}") for name, value in lines))


def _list(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in counts.items())


def _parts(counts: Mapping[str, int]) -> str:
    return f" ({_list(counts)})" if counts else ""


def _also(number: int, what: str) -> str:
    return f", {number:,} {what}" if number else ""
