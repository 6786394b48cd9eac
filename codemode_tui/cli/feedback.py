"""`codemode feedback`: thumbs-ups and thumbs-downs, for scripts."""

from __future__ import annotations

import argparse
from pathlib import Path

from codemode_tui import locations
from codemode_tui.cli.arguments import MOST_ROWS, whole
from codemode_tui.cli.output import print_json
from codemode_tui.errors import UsageError
from codemode_tui.sandbox.sanitise import sanitise_text
from codemode_tui.store.records import REASONS, REASONS_VERSION, FeedbackNow, Rating
from codemode_tui.store.store import Store, wait

SUMMARY = "thumbs-ups and thumbs-downs"
EXAMPLE = 'codemode feedback add --turn last --rating down --reason wrong_code --comment "off by one"'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser(
        "list", help="turns with feedback, the newest first", example="codemode feedback list --rating down"
    )
    listing.add_argument("--rating", choices=tuple(_VALUES), help="only these")
    listing.add_argument(
        "--limit", type=whole(1, MOST_ROWS), default=50, metavar="N", help="at most this many (default 50)"
    )
    adding = actions.add_parser("add", help="rate a turn")
    adding.add_argument("--rating", choices=tuple(_VALUES), required=True)
    adding.add_argument("--reason", choices=REASONS, action="append", default=[], help="may be repeated")
    adding.add_argument("--comment", metavar="TEXT")
    showing = actions.add_parser(
        "show", help="everything that was said about a turn", example="codemode feedback show --turn last"
    )
    taking = actions.add_parser(
        "retract", help="take back what was said about a turn", example="codemode feedback retract --turn last"
    )
    for action in (adding, showing, taking):
        action.add_argument("--turn", required=True, metavar="ID|last", help="a turn, or the newest finished one here")
    for action in (listing, adding, showing, taking):
        action.add_argument("--workspace", type=Path, metavar="DIR", help=_WORKSPACE_HELP)
        action.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    store = Store.open(locations.store_file())
    try:
        {"list": _list, "add": _add, "show": _show, "retract": _retract}[args.action](store, args)
    finally:
        store.close()
    return 0


def _list(store: Store, args: argparse.Namespace) -> None:
    found = wait(store.feedback_now(args.workspace, _VALUES.get(args.rating), args.limit))
    if args.json:
        print_json(found)
        return
    for feedback in found:
        print(_line(feedback))


def _add(store: Store, args: argparse.Namespace) -> None:
    turn = _turn(store, args)
    wait(store.rate(turn, _VALUES[args.rating]))
    if args.reason:
        wait(store.add_feedback(turn, "reason", {"codes": args.reason, "enum_version": REASONS_VERSION}))
    if args.comment:
        wait(store.add_feedback(turn, "comment", {"text": args.comment}))
    _answer(store, turn, args)


def _retract(store: Store, args: argparse.Namespace) -> None:
    turn = _turn(store, args)
    wait(store.rate(turn, 0))
    _answer(store, turn, args)


def _show(store: Store, args: argparse.Namespace) -> None:
    turn = _turn(store, args)
    now, events = wait(store.feedback_of(turn)), wait(store.feedback(turn))
    if args.json:
        print_json({"now": now, "events": events})
        return
    print(_line(now))
    for event in events:
        body = ", ".join(f"{key}={value}" for key, value in event.body.items())
        print(sanitise_text(f"  {event.at}  {event.actor}  {event.kind}  {' '.join(body.split())}".rstrip()))


def _answer(store: Store, turn: str, args: argparse.Namespace) -> None:
    now = wait(store.feedback_of(turn))
    if args.json:
        print_json(now)
    else:
        print(_line(now))


def _turn(store: Store, args: argparse.Namespace) -> str:
    """The whole id of the turn that is meant.

    Raises:
        UsageError: there is none.
    """
    if args.turn != "last":
        return wait(store.turn(args.turn)).id
    found = wait(store.last_turn(args.workspace or locations.current_dir()))
    if found is None:
        raise UsageError("no finished turn in this workspace", hint="ask something first, or name a turn")
    return found.id


def _line(now: FeedbackNow) -> str:
    said = " ".join(now.reasons) + (f" “{' '.join(now.comment.split())}”" if now.comment else "")
    query = " ".join(now.query.split())[:80]
    return sanitise_text(f"{now.turn}  {_WORDS[now.rating]:<4}  {said}  {query}").rstrip()


_VALUES: dict[str, Rating] = {"up": 1, "down": -1}
_WORDS = {1: "up", -1: "down", 0: "none"}
_WORKSPACE_HELP = "the folder that is meant; `list` shows all without it, `last` takes the current one"
