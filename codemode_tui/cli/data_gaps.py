"""`codemode data gaps`: which patterns of code fail, and of which there are too few examples."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codemode_tui.cli.arguments import path, whole
from codemode_tui.cli.output import dumps, print_json, say, write_text
from codemode_tui.cli.tables import columns
from codemode_tui.errors import UsageError

if TYPE_CHECKING:
    from codemode_tui.training.gaps import Coverage, Targets, Use

TARGET = 25
"""Examples of a pattern that are enough, unless something else is said."""


def add_arguments(actions: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    parser = actions.add_parser(
        "gaps",
        help="patterns that fail in use and are rare in the rows: writes targets.json",
        example="codemode eval --json > eval.json; codemode data gaps train.jsonl --eval eval.json --out targets.json",
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="rows that are there already (default: the accepted "
                        "feedback and the imported sets of the store)")  # fmt: skip
    parser.add_argument("--eval", action="append", default=[], type=path, metavar="FILE",
                        help="a document of `eval --json` or `replay --json`: its cases count, too")  # fmt: skip
    parser.add_argument("--target", type=whole(1, 1_000_000), default=TARGET, metavar="N",
                        help=f"examples of a pattern that are enough (default: {TARGET})")  # fmt: skip
    parser.add_argument("--out", type=path, default=Path("targets.json"), metavar="FILE",
                        help="where the targets go (default: targets.json)")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print them, too")


def run(args: argparse.Namespace) -> None:
    from codemode_tui import locations
    from codemode_tui.store.store import Store
    from codemode_tui.training.gaps import gaps, of_feedback

    # Before anything else is read: a wrong name is found out at once.
    evaluated = [use for file in args.eval for use in _read(file)]
    store = Store.open(locations.store_file())
    try:
        rated = list(of_feedback(store.feedback_records()))
        coverage, sources = _coverage(args.paths, store)
    finally:
        store.close()
    sources |= {"feedback": len(rated), "evaluation": len(evaluated)}
    found = gaps(coverage, [*rated, *evaluated], args.target, sources)
    write_text(args.out, dumps(found) + "\n")
    if args.json:
        print_json(found)
    else:
        print("\n".join(_lines(found)))
        say(f"written to {args.out}")


def _coverage(paths: list[str], store: Any) -> tuple[Coverage, dict[str, Any]]:  # noqa: ANN401 - a Store
    from codemode_tui.corpus.rows import find_files, read_rows
    from codemode_tui.training.gaps import Coverage

    coverage = Coverage()
    if paths:
        files = find_files(paths)
        for row in read_rows(files):
            coverage.add(row)
        return coverage, {"rows": coverage.rows, "files": [str(file) for file in files]}
    for raw in _accepted(store):
        coverage.add_message(raw)
    from codemode_tui.feedback.choosing import as_it_stands
    from codemode_tui.feedback.imported import reviewed

    for row in store.external_rows():
        if (now := reviewed(row)).proof and not now.dropped:
            coverage.add(as_it_stands(row))
    return coverage, {"rows": coverage.rows, "files": []}


def _accepted(store: Any) -> Iterator[str]:  # noqa: ANN401 - a Store
    """The messages of the store that an export would teach."""
    from codemode_tui.cli.export import profiles
    from codemode_tui.feedback.candidates import examples

    known = profiles()
    for record in store.feedback_records():
        for example in examples(record, known):
            if example.chosen is not None and not example.refused and not example.doubt:
                yield example.chosen


def _read(file: Path) -> list[Use]:
    """The turns of one evaluation."""
    import json

    from codemode_tui.training.gaps import of_evaluation

    try:
        table = json.loads(file.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no JSON: {error}", hint="make it with `codemode eval --json`") from error
    return list(of_evaluation(table, str(file)))


def _lines(found: Targets) -> Iterator[str]:
    rows = [("pattern", "have", "of", "use", "failed", "score")]
    rows += [
        (one.pattern, str(one.have), str(one.target), str(one.use), str(one.failures), f"{one.score:.4f}")
        for one in found.targets
    ]
    return columns(rows)
