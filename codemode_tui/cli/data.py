"""`codemode data`: what sets of training rows hold and lack, keeping them, putting them together."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from codemode_tui.cli import data_gaps, data_generate, data_merge
from codemode_tui.cli.arguments import path
from codemode_tui.cli.ending import interrupt_when_told_to_end
from codemode_tui.cli.output import complain, print_json, say, write_text
from codemode_tui.errors import UsageError

if TYPE_CHECKING:
    from codemode_tui.corpus.rows import Row
    from codemode_tui.store.external import NewRow

EXAMPLE = "codemode data audit train.jsonl valid.jsonl --json"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    auditing = actions.add_parser("audit", help="count decisions, code, duplicates, leaks, secrets and lengths")
    auditing.add_argument("paths", nargs="+", metavar="PATH", help="a .jsonl file, or a folder that holds some")
    auditing.add_argument("--model", metavar="M", help="whose tokenizer counts lengths (default: the chosen model)")
    auditing.add_argument("--html", type=path, metavar="FILE", help="write the report as a page, too")
    importing = actions.add_parser(
        "import",
        help="keep rows that others made, to be reviewed and exported; their splits bind ours",
        example="codemode data import phase22/train.jsonl phase22/valid.jsonl --source phase22",
    )
    importing.add_argument("paths", nargs="+", metavar="PATH", help="a .jsonl file, or a folder that holds some")
    importing.add_argument("--source", required=True, metavar="NAME", help="what the set is called from now on")
    for action in (auditing, importing):
        action.add_argument("--json", action="store_true", help="as one JSON document")
    for module in (data_gaps, data_generate, data_merge):
        module.add_arguments(actions)


def run(args: argparse.Namespace) -> int:
    work: Callable[[argparse.Namespace], None] = {
        "import": _import,
        "audit": _audit,
        "gaps": data_gaps.run,
        "generate": data_generate.run,
        "merge": data_merge.run,
    }[args.action]
    # Being terminated is an interrupt like ctrl+c: unfinished folders go, and so do children.
    interrupt_when_told_to_end()
    work(args)
    return 0


def _import(args: argparse.Namespace) -> None:
    from codemode_tui import locations
    from codemode_tui.corpus.rows import TARGETED, find_files, read_rows, split_of
    from codemode_tui.feedback.example import FEEDBACK
    from codemode_tui.store.store import Store, wait

    source = args.source.strip()
    if not source or not source.isprintable() or source == FEEDBACK:
        raise UsageError(f"{args.source!r} is no name for a set", hint="choose a short word, such as phase22")
    if source == TARGETED:
        raise UsageError(f"{source} is the set that `data generate` makes", hint="choose another name, such as mine")
    files = find_files(args.paths)
    files.sort(key=lambda file: split_of(file) != "train")  # a row of several splits is one that was trained on
    unreadable: list[None] = []
    store = Store.open(locations.store_file())
    try:
        found = wait(store.import_rows(source, _new_rows(read_rows(files), unreadable)))
    finally:
        store.close()
    if args.json:
        print_json({"source": source, "files": files, **found._asdict(), "unreadable": len(unreadable)})
    else:
        print(f"{found.added:,} rows imported as {source}, {found.known:,} were there already")
    if found.held_out:
        complain(
            f"{found.held_out:,} rows of train were imported as valid or test before, and stay that: what resembles "
            "them is held out, though somebody may have trained with it"
        )
    if unreadable and not args.json:
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
    from codemode_tui import config, locations
    from codemode_tui.corpus.rows import find_files
    from codemode_tui.engine.models import find_model
    from codemode_tui.training.audit.audit import audit

    files = find_files(args.paths)
    settings = config.load_settings(locations.config_file(), locations.current_dir())
    found = audit(files, find_model(args.model or settings.model.default).here())
    if args.json:
        print_json(found)
    else:
        from codemode_tui.cli.audit_report import lines

        say(*lines(found))
    if args.html is not None:  # last: what was counted is not lost with a page that cannot be written
        from codemode_tui.cli.audit_report import document

        write_text(args.html, document(found))
