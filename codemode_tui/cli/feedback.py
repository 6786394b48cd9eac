"""`codemode feedback`: thumbs-ups and thumbs-downs, for scripts."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from codemode_tui import locations
from codemode_tui.cli import forgetting, rows
from codemode_tui.cli.arguments import MOST_ROWS, folder, whole
from codemode_tui.cli.output import complain, print_json, say
from codemode_tui.cli.sources import read_source
from codemode_tui.errors import UsageError
from codemode_tui.sandbox.sanitise import sanitise_text
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.records import REASONS, REASONS_VERSION, FeedbackNow, FeedbackState, Rating
from codemode_tui.store.store import Store, wait

if TYPE_CHECKING:
    from codemode_tui.feedback.choosing import Wanted

EXAMPLE = 'codemode feedback add --turn last --rating down --reason wrong_code --comment "off by one"'

EXIT_CODE_FAILED = 3


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser(
        "list",
        help="turns with feedback, the newest first; or the rows of an imported set",
        example="codemode feedback list --rating down",
    )
    rows.add_arguments(listing)
    listing.add_argument("--rating", choices=tuple(_VALUES), help="only these")
    listing.add_argument("--state", choices=get_args(FeedbackState), help="only these; open: wrong, and not corrected")
    listing.add_argument(
        "--limit", type=whole(1, MOST_ROWS), default=50, metavar="N", help="at most this many (default 50)"
    )
    adding = actions.add_parser("add", help="rate a turn, and say what would have been right")
    adding.add_argument("--rating", choices=tuple(_VALUES), required=True, help="what you think of it")
    adding.add_argument("--reason", choices=REASONS, action="append", default=[], help="may be repeated")
    adding.add_argument("--comment", metavar="TEXT", help="in your words")
    adding.add_argument(
        "--code", metavar="FILE", help="code that would have been right; it is run in the sandbox at once"
    )
    adding.add_argument(
        "--answer", metavar="FILE", help="the answer that would have been right; with --code, after its run"
    )
    adding.add_argument("--allow-write", action="store_true", help="with --code: it may change files")
    showing = actions.add_parser(
        "show", help="everything that was said about a turn", example="codemode feedback show --turn last"
    )
    taking = actions.add_parser(
        "retract",
        help="take back all that was said about a turn",
        example="codemode feedback retract --turn last",
    )
    purging = actions.add_parser(
        "purge",
        help="delete a turn for good, with the turns after it in its session: they hold it",
        example="codemode feedback purge --turn last --yes",
    )
    forgetting.add_arguments(purging)
    for action in (adding, showing, taking, purging):
        action.add_argument("--turn", required=True, metavar="ID|last", help="a turn, or the newest finished one here")
    for action in (listing, adding, showing, taking, purging):
        action.add_argument("--workspace", type=folder, metavar="DIR", help=_WORKSPACE_HELP)
        action.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    with closing(Store.open(locations.store_file())) as store:
        code = _ACTIONS[args.action](store, args)
    return code or 0


def _list(store: Store, args: argparse.Namespace) -> None:
    wanted = rows.wanted(args, args.state)
    if args.source:
        _list_rows(store, args, wanted)
        return
    found = wait(store.feedback_now(args.workspace, _VALUES.get(args.rating), args.limit, args.state))
    if args.json:
        print_json(found)
        return
    for feedback in found:
        print(_line(feedback))


def _list_rows(store: Store, args: argparse.Namespace, wanted: Wanted) -> None:
    """The rows of an imported set, and what the review made of them."""
    if args.rating or args.workspace:
        raise UsageError("rows of a set have neither rating nor workspace", hint="--state, --split, --search")
    rows.check_source(store, args.source)
    found = rows.listed(islice(rows.Shelf(store, wanted).external_rows(args.source), args.limit))
    if args.json:
        print_json(list(found))
        return
    for one in found:
        query = " ".join(one["query"].split())[:80]
        line = f"{one['row']:>7}  {one['state']:<9}  {one['split'] or '-':<5}  {one['decision']:<10}  {query}"
        print(sanitise_text(line).rstrip())


def _add(store: Store, args: argparse.Namespace) -> int:
    if args.code == args.answer == "-":
        raise UsageError("standard input is read once only", hint="name a file for --code or for --answer")
    code, answer = (None if name is None else read_source(name) for name in (args.code, args.answer))
    if args.rating != "down" and (code is not None or answer is not None):
        raise UsageError("only a turn that was wrong can be corrected", hint="--rating down")
    if any(text is not None and not text.strip() for text in (code, answer)):
        raise UsageError("what would have been right is empty", hint="write it into the file first")
    turn = _turn(store, args)
    outcome: Outcome | None = None
    if code is None and answer is None:
        wait(store.rate(turn, _VALUES[args.rating]))
    else:  # first: nothing is recorded beside what cannot be done. That the turn was wrong is said with it
        import asyncio

        from codemode_tui.cli.correcting import correct  # what is needed to run code, and nothing else needs

        outcome = asyncio.run(
            correct(store, turn, code=code, answer=answer, allow_write=args.allow_write, named=args.workspace)
        )
    if args.reason:
        codes = list(dict.fromkeys(args.reason))
        wait(store.add_feedback(turn, "reason", {"codes": codes, "enum_version": REASONS_VERSION}))
    if args.comment:
        wait(store.add_feedback(turn, "comment", {"text": args.comment}))
    _answer(store, turn, args)
    if outcome is None or outcome.status == "ok":
        return 0
    what = f"{outcome.exception.type}: {outcome.exception.message}" if outcome.exception else outcome.status
    stays = wait(store.feedback_of(turn)).verified
    kept = (
        "the code failed, and the verified correction stays" if stays else "the code failed and is kept as unverified"
    )
    complain(f"{kept}: {what}; mend it and add it again")
    return EXIT_CODE_FAILED


def _retract(store: Store, args: argparse.Namespace) -> None:
    turn = _turn(store, args)
    wait(store.add_feedback(turn, "retract", {}))
    _answer(store, turn, args)


def _purge(store: Store, args: argparse.Namespace) -> int:
    return forgetting.forget(store, args, turn=_turn(store, args))


def _show(store: Store, args: argparse.Namespace) -> None:
    turn = _turn(store, args)
    now, events, corrections = wait(store.feedback_of(turn)), wait(store.feedback(turn)), _corrections(store, turn)
    if args.json:
        print_json({"now": now, "events": events, "corrections": corrections})
        return
    print(_line(now))
    for event in events:
        body = ", ".join(f"{key}={value}" for key, value in event.body.items())
        say(f"  {event.at}  {event.actor}  {event.kind}  {' '.join(body.split())}".rstrip())
    for one in corrections:
        if one["chosen"]:
            print(f"\n  instead of message {one['step']}, {'verified' if one['verified'] else 'unverified'}:")
            say(*(f"    {line}" for line in (one["code"] or one["text"]).splitlines()))


def _answer(store: Store, turn: str, args: argparse.Namespace) -> None:
    now = wait(store.feedback_of(turn))
    if args.json:
        print_json({**msgspec.to_builtins(now), "corrections": _corrections(store, turn)})
    else:
        print(_line(now))


def _corrections(store: Store, turn: str) -> list[dict[str, Any]]:
    """What was made to stand in the place of the turn's messages, candidates that nobody chose included."""
    now = wait(store.standing(turn))
    return [
        {
            "generation": one.id,
            "step": one.step,
            "origin": one.origin,
            "decision": one.decision,
            "raw": one.raw,
            "text": one.text,
            "code": one.code,
            "run": one.runs[-1].outcome if one.runs else None,
            "chosen": one.id in now.chosen.values(),
            "verified": one.id in now.proofs,
        }
        for one in wait(store.turn(turn)).corrections
    ]


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
    return sanitise_text(f"{now.turn}  {_WORDS[now.rating]:<4}  {now.state:<9}  {said}  {query}").rstrip()


_ACTIONS: dict[str, Callable[[Store, argparse.Namespace], int | None]] = {
    "list": _list,
    "add": _add,
    "show": _show,
    "retract": _retract,
    "purge": _purge,
}
_VALUES: dict[str, Rating] = {"up": 1, "down": -1}
_WORDS = {1: "up", -1: "down", 0: "none"}
_WORKSPACE_HELP = "the folder that is meant; `list` shows all without it, `last` takes the current one"
