"""Rows of imported sets on the command line: which are meant (`review`, `feedback list`), and the list of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, get_args

from codemode_tui.errors import UsageError
from codemode_tui.front.ports import Records
from codemode_tui.store.external import ExternalRow, Split
from codemode_tui.store.store import Store, wait

if TYPE_CHECKING:
    from codemode_tui.feedback.choosing import Wanted

FILTERS = ("split", "decision", "search", "sort")
SORTS = ("import", "question", "longest")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", metavar="NAME", help="the rows that were imported under this name")
    only = parser.add_argument_group("with --source")
    only.add_argument("--split", choices=get_args(Split), help="only rows of this split")
    only.add_argument(
        "--decision", choices=("tool", "direct", "malformed", "unreadable"), help="only rows that call, answer, …"
    )
    only.add_argument("--search", metavar="TEXT", help="only rows with this in one of their messages")
    only.add_argument("--sort", choices=SORTS, help="default: as imported, those that were reviewed last")


def wanted(args: argparse.Namespace, state: str | None) -> Wanted:
    """What the command line asks for.

    Raises:
        UsageError: it asks without a set.
    """
    from codemode_tui.feedback.choosing import Wanted

    given = {name: getattr(args, name) for name in FILTERS if getattr(args, name) is not None}
    if not args.source and given:
        raise UsageError(f"--{next(iter(given))} is about the rows of a set", hint="name it with --source")
    text = given.pop("search", "")
    return Wanted(state=state, text=text, **given)  # type: ignore[arg-type] # argparse has checked it


def check_source(store: Store, source: str) -> None:
    """Raises UsageError: nothing was imported under this name."""
    known = wait(store.external_sources())
    if source not in known:
        raise UsageError(
            f"no imported set {source!r}",
            hint=f"there is {', '.join(known)}" if known else "`codemode data import PATH --source NAME` imports one",
        )


def listed(rows: Iterator[ExternalRow]) -> Iterator[dict[str, Any]]:
    """What `feedback list --source` says of each row."""
    from codemode_tui.feedback.choosing import as_it_stands, decision
    from codemode_tui.feedback.imported import state

    for row in rows:
        yield {
            "row": row.seq, "source": row.source, "state": state(row), "split": row.split,
            "decision": decision(as_it_stands(row)), "query": row.query or "", "events": len(row.events),
        }  # fmt: skip


class Shelf(Records):
    """Deletes and exports as the command line does."""

    async def delete(self, session: str) -> str:
        from codemode_tui.cli.forgetting import deleted

        return await deleted(self._store, session)

    async def exported(self, session: str, form: str) -> str:
        from codemode_tui.cli.sessions import exported

        return await exported(self._store, session, form)
