"""`codemode sessions`: stored conversations."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from msgspec.structs import replace

from codemode_tui import locations
from codemode_tui.cli import forgetting
from codemode_tui.cli.arguments import MOST_ROWS, folder, path, whole
from codemode_tui.cli.output import dumps, print_json, say
from codemode_tui.errors import UsageError
from codemode_tui.sandbox.sanitise import one_line, sanitise_text
from codemode_tui.store.ids import local
from codemode_tui.store.markdown import markdown, said_by, unanswered
from codemode_tui.store.records import StoredSession, StoredTurn
from codemode_tui.store.store import Store, wait

EXAMPLE = 'codemode sessions search "notes.txt"'


_ID = "its id, or that of one of its turns, or a beginning that is unique"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="sessions, the newest first", example="codemode sessions list --limit 5")
    listing.add_argument("--workspace", type=folder, metavar="DIR", help="only those of this folder")
    showing = actions.add_parser("show", help="the turns of one session", example="codemode sessions show 0192f3a1")
    showing.add_argument("session", metavar="ID", help=_ID)
    finding = actions.add_parser("search", help="turns by the words of their questions and answers")
    finding.add_argument("text")
    deleting = actions.add_parser(
        "delete",
        help="delete a session for good, with all that was said about it",
        example="codemode sessions delete 0192f3a1 --yes",
    )
    deleting.add_argument("session", metavar="ID", help="its id, or a beginning that is unique")
    forgetting.add_arguments(deleting)
    naming = actions.add_parser(
        "rename", help="give a session another title", example='codemode sessions rename 0192f3a1 "the parser"'
    )
    naming.add_argument("session", metavar="ID", help=_ID)
    naming.add_argument("title", help="empty: the beginning of its first question again")
    exporting = actions.add_parser(
        "export",
        help="a session as Markdown, or with --json as JSON",
        example="codemode sessions export 0192f3a1 > session.md",
    )
    exporting.add_argument("session", metavar="ID", help=_ID)
    going_on = actions.add_parser(
        "resume", help="go on with a session in the terminal interface", example="codemode sessions resume 0192f3a1"
    )
    going_on.add_argument("session", metavar="ID", help=_ID)
    forking = actions.add_parser(
        "fork",
        help="go on from a turn or session in a new session, in the terminal interface",
        example='codemode sessions fork 0192f3a1     (headless: codemode ask "…" --fork 0192f3a1)',
    )
    forking.add_argument("session", metavar="ID", help="a turn's id, or a session's: its last turn")
    saving = actions.add_parser(
        "backup",
        help="copy everything that is stored into one file, also while it is in use",
        example="codemode sessions backup ~/codemode-backup.db",
    )
    saving.add_argument("file", type=path, metavar="FILE", help="a new file")
    for action in (listing, finding):
        action.add_argument(
            "--limit", type=whole(1, MOST_ROWS), default=50, metavar="N", help="at most this many (default 50)"
        )
    for action in (listing, showing, finding, deleting, naming, exporting, saving):
        action.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    if args.action in ("resume", "fork"):
        return _open(args)
    with closing(Store.open(locations.store_file())) as store:
        code = _ACTIONS[args.action](store, args)
    return code or 0


def _open(args: argparse.Namespace) -> int:
    """`codemode --session ID` and `--fork ID`, in the folder that the session was about."""
    from codemode_tui.cli import tui
    from codemode_tui.engine.spawning import FOLDERS

    with closing(Store.open(locations.store_file())) as store:
        found = wait(_meant(store, args.session))
    resume = args.action == "resume"
    if os.path.isdir(found.workspace):
        # Folders that are named from here on stay what they are, or the store would be another one there.
        os.environ |= {name: os.path.abspath(os.environ[name]) for name in FOLDERS if _relative(name)}
        os.chdir(found.workspace)  # no folder that was named: a home folder asks, as it did the first time
    return tui.start(
        argparse.Namespace(
            session=found.id if resume else None,
            fork=None if resume else args.session,
            resume=False,
            model=None,
            profile=None,
            workspace=None,
        )
    )


def _relative(name: str) -> bool:
    """Whether a variable names a folder from the current one on; `~` is known to whoever reads it."""
    return (os.environ.get(name) or "~")[0] not in "~$/"


def _backup(store: Store, args: argparse.Namespace) -> None:
    file = Path(os.path.expanduser(args.file)).absolute()  # absolute: SQLite has names of its own, like ":memory:"
    wait(store.backup(file))
    if args.json:
        print_json({"file": str(file), "bytes": file.stat().st_size})


def _list(store: Store, args: argparse.Namespace) -> None:
    found = wait(store.sessions(args.workspace, args.limit))
    if args.json:
        print_json(found)
        return
    for session in found:
        turns = f"{session.turns} turn{'' if session.turns == 1 else 's'}"
        say(f"{session.id}  {local(session.last):%Y-%m-%d %H:%M}  {turns:>9}  {one_line(session.title)}")


def _rename(store: Store, args: argparse.Namespace) -> None:
    session = wait(_meant(store, args.session)).id
    wait(store.rename_session(session, args.title))
    if args.json:
        print_json(wait(store.session(session)))


def _export(store: Store, args: argparse.Namespace) -> None:
    text = wait(exported(store, args.session, "json" if args.json else "md"))
    sys.stdout.buffer.write((text if args.json else sanitise_text(text)).encode())


def _show(store: Store, args: argparse.Namespace) -> None:
    if args.json:
        _export(store, args)
        return
    session = wait(_meant(store, args.session))
    turns = wait(store.turns(session.id))
    say(f"{session.id}  {session.workspace}")
    for turn in turns:
        say(f"\n{_RATINGS[turn.rating]}{turn.index}. {turn.id}  {turn.state}{f': {turn.error}' if turn.error else ''}")
        say(f"> {turn.query}")
        say(_told(turn))


def _search(store: Store, args: argparse.Namespace) -> None:
    found = wait(store.search(args.text, args.limit))
    if args.json:
        print_json([replace(hit, snippet=hit.bracketed) for hit in found])
        return
    for hit in found:
        say(f"{hit.turn}  {local(hit.at):%Y-%m-%d %H:%M}  {' '.join(hit.bracketed.split())}")


def _delete(store: Store, args: argparse.Namespace) -> int:
    return forgetting.forget(store, args, session=wait(store.session(args.session)).id)


async def exported(store: Store, session: str, form: str) -> str:
    """A session as a document: ``md``, or ``json`` as `sessions show --json` prints it."""
    found = await _meant(store, session)
    turns = await store.turns(found.id)
    return dumps({"session": found, "turns": turns}) + "\n" if form == "json" else markdown(found, turns)


async def _meant(store: Store, given: str) -> StoredSession:
    """The session of this id, or of the turn with this id: a search finds turns.

    Raises:
        UsageError: no session begins like that, nor a turn.
    """
    try:
        return await store.session(given)
    except UsageError as error:
        try:
            return await store.session((await store.turn(given)).session)
        except UsageError:
            raise error from None


def _told(turn: StoredTurn) -> str:
    """Code, what it printed, and the answer."""
    parts: list[str] = []
    for generation in turn.generations:
        parts += unanswered(turn, generation, lambda text, _: text)
        for run in generation.runs:
            parts.append(run.code)
            if run.outcome is not None:
                parts.append(f"[{run.outcome.status}] {said_by(run.outcome)}".rstrip())
    if turn.answer:
        parts.append(turn.answer)
    return "\n".join(parts)


_ACTIONS: dict[str, Callable[[Store, argparse.Namespace], int | None]] = {
    "list": _list, "show": _show, "search": _search, "delete": _delete, "rename": _rename, "export": _export,
    "backup": _backup,
}  # fmt: skip
_RATINGS = {-1: "👎 ", 0: "", 1: "👍 "}
