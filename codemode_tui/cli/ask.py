"""`codemode ask`: one turn, headless."""

from __future__ import annotations

import argparse
import asyncio
import codecs
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import aclosing, contextmanager

from codemode_tui.chat import events as ev
from codemode_tui.chat.conversation import Conversation
from codemode_tui.cli.arguments import add_model, add_workspace, given, number, whole
from codemode_tui.cli.output import complain, print_json
from codemode_tui.cli.session import Options, open_conversation
from codemode_tui.cli.sources import read_bytes
from codemode_tui.errors import UsageError
from codemode_tui.protocol.types import Decision
from codemode_tui.store.markdown import fenced

EXAMPLE = 'codemode ask "How many lines are in notes.txt?" --run auto'

EXIT_CODE_FAILED = 3
EXIT_NOT_RUN = 4
EXIT_MALFORMED = 5
EXIT_OF_FAILURE = {"engine": 6, "model": 2, "sandbox": 7, "cancelled": 130, "store": 2, "error": 2}
UNRUN = ("not_run", "denied")
UNUSABLE = {
    "announced": "the model said that it would act and did not; ask again, or with --force tool",
    "malformed": "the model's call could not be read and was not run; ask again, or with --force tool",
    "truncated": "the model's message was cut off and nothing of it was run",
}


MOST_SEED = (1 << 63) - 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", nargs="*", help="the question; - or nothing reads it from standard input")
    parser.add_argument(
        "--file", action="append", type=given, default=[], metavar="F",
        help="put this text file below the question; - is standard input; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--run",
        choices=("never", "auto"),
        default="never",
        help="never: print the code (default); auto: run it in the sandbox",
    )
    parser.add_argument("--allow-write", action="store_true", help="with --run auto: the code may change files")
    parser.add_argument("--force", choices=("tool", "direct"), help="force the decision")
    parser.add_argument("--json", action="store_true", help="print the turn as one JSON document")
    parser.add_argument("--jsonl", action="store_true", help="print every event as one line of JSON")
    parser.add_argument("-q", "--quiet", action="store_true", help="no notes and warnings; the exit code tells")
    add_workspace(parser)
    add_model(parser)
    again = parser.add_mutually_exclusive_group()
    again.add_argument("--session", metavar="ID", help="continue this stored conversation")
    again.add_argument("--fork", metavar="ID", help="go on from a stored turn, or session, in a session of its own")
    parser.add_argument("--no-store", action="store_true", help="keep nothing of this turn")
    parser.add_argument("--max-tokens", type=whole(1, 1 << 31), metavar="N", help="longest message the model may write")
    parser.add_argument(
        "--temp", type=number(0, 5), metavar="T", help="sampling temperature; 0 takes the likeliest token"
    )
    parser.add_argument("--seed", type=whole(0, MOST_SEED), metavar="N", help="makes sampling repeatable")


def run(args: argparse.Namespace) -> int:
    if args.json and args.jsonl:
        raise UsageError("--json and --jsonl exclude each other", hint="choose one")
    if args.allow_write and args.run != "auto":
        raise UsageError("--allow-write does nothing without --run auto", hint="add --run auto")
    if "-" in args.file and args.query in ([], ["-"]):
        raise UsageError("standard input cannot be question and file", hint='write codemode ask "…" --file -')
    query = "\n\n".join([read_query(args.query), *map(read_file, dict.fromkeys(args.file))])
    options = Options(
        workspace=args.workspace,
        model=args.model,
        profile=args.profile,
        session=args.session,
        fork=args.fork,
        store=not args.no_store,
        run=args.run,
        allow_write=args.allow_write,
        max_tokens=args.max_tokens,
        temp=args.temp,
        seed=args.seed,
    )
    try:
        return asyncio.run(_ask(query, options, args))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def read_query(words: list[str]) -> str:
    """The question from the command line, or from standard input for ``-`` or nothing.

    Raises:
        UsageError: it is empty or too long, or standard input is closed.
    """
    query = " ".join(words)
    if words in ([], ["-"]):
        if sys.stdin is None or sys.stdin.closed or (not words and sys.stdin.isatty()):
            raise UsageError("no question", hint='write codemode ask "…", or pipe it in with -')
        data = read_bytes("-", 'write codemode ask "…"').removeprefix(codecs.BOM_UTF8)
        query = data.decode("utf-8", "replace")
        if query.encode() != data:
            complain("the question is not UTF-8; wrong bytes were replaced")
    if not query.strip():
        raise UsageError("the question is empty", hint='write codemode ask "…"')
    return query.strip()


def read_file(name: str) -> str:
    """A text file as it stands below a question: its name, and its text in a fence that nothing in it closes.

    Raises:
        UsageError: it is no text, too long, or cannot be read; or standard input is empty.
    """
    hint = "pipe something in, or leave --file - out" if name == "-" else "name a readable file"
    data = read_bytes(name if name == "-" else os.path.expanduser(name), hint)
    if name == "-" and not data.strip():
        raise UsageError("standard input is empty: there is nothing to ask about", hint=hint)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        raise UsageError(f"{name} is no text in UTF-8", hint="name a text file")
    return f"{'Standard input' if name == '-' else name}:\n{fenced(text, '')}"


async def _ask(query: str, options: Options, args: argparse.Namespace) -> int:
    conversation = await open_conversation(options)
    last: ev.TurnDone | ev.TurnFailed | None = None
    found: list[str] = []
    noticed: list[str] = []
    said: list[str] = []
    with _stopped_by_signals(conversation):
        try:
            async with aclosing(conversation.ask(query, force=args.force)) as turn:
                async for event in turn:
                    if args.jsonl:
                        print_json(event, indent=None)
                    if isinstance(event, ev.StepParsed) and event.decision is not Decision.TRUNCATED:
                        said += event.warnings
                    if isinstance(event, ev.Checked):
                        found += event.warnings
                        for able in event.capabilities if sys.stderr.isatty() and not args.quiet else ():
                            complain(able)
                    if isinstance(event, ev.Noticed):
                        noticed.append(event.text)
                    if isinstance(event, ev.TurnDone | ev.TurnFailed):
                        last = event
        finally:
            await conversation.close()
    assert last is not None
    failure = last if isinstance(last, ev.TurnFailed) else None
    if args.json:
        print_json(document(last.record, failure))
    elif not args.jsonl:
        _print(last.record)
    code = exit_code(last.record, failure)
    if args.quiet:
        return code
    # Of the code: where it failed the error itself says it better.
    for warning in dict.fromkeys((*noticed, *said, *(found if code in (0, EXIT_NOT_RUN) else ()))):
        complain(f"warning: {warning}")
    if note := _note(last.record, failure, told=bool(noticed)):
        complain(note)
    return code


@contextmanager
def _stopped_by_signals(conversation: Conversation) -> Iterator[None]:
    """The first signal stops the turn, which then ends in good order; another one ends everything at once."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    stopping: list[asyncio.Task[None]] = []

    def stop() -> None:
        if stopping:
            task.cancel()
        stopping.append(loop.create_task(conversation.stop()))

    # What whoever started us has switched off (nohup, a shell's background job) stays off.
    watched = [n for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) != signal.SIG_IGN]
    for one in watched:
        loop.add_signal_handler(one, stop)
    try:
        yield
    finally:
        for one in watched:
            loop.remove_signal_handler(one)


def exit_code(record: ev.TurnRecord, failure: ev.TurnFailed | None) -> int:
    """The exit code of a turn (CONTRACT)."""
    if failure is not None:
        return EXIT_OF_FAILURE[failure.kind]
    last = record.steps[-1].decision["value"]
    if last in ("announced", "malformed", "truncated"):
        return EXIT_MALFORMED
    if record.run is not None and record.run.status in UNRUN:
        return EXIT_NOT_RUN
    if record.run is not None and record.run.status != "ok":
        return EXIT_CODE_FAILED
    return 0


def document(record: ev.TurnRecord, failure: ev.TurnFailed | None) -> dict[str, object]:
    """The one JSON document of ``ask --json`` (CONTRACT)."""
    import msgspec

    plain: dict[str, object] = msgspec.to_builtins(record)
    usage = msgspec.to_builtins(record.usage)
    counts = ("prompt_tokens", "cached_tokens", "generated_tokens", "guessed_tokens", "context_limit")
    plain["usage"] = {key: usage[key] for key in counts}
    plain["timing"] = {key: value for key, value in usage.items() if key not in counts}
    if failure is not None:
        plain["error"] = {"kind": failure.kind, "message": failure.message, "hint": failure.hint}
    return {"version": 1, **plain}


def _print(record: ev.TurnRecord) -> None:
    """The turn for people: what the last run printed, the answer, and the last code where it was not run."""
    from codemode_tui.sandbox.sanitise import sanitise_text

    ran = [step.run.stdout for step in record.steps if step.run is not None and step.run.status not in UNRUN]
    parts = [*ran[-1:], record.answer or ("" if ran else record.text or ("" if record.code else record.raw))]
    if record.code is not None and (record.run is None or record.run.status in UNRUN):
        parts.append(record.code)
    text = "\n".join(part.rstrip("\n") for part in parts if part.strip())
    if text:
        print(sanitise_text(text), flush=True)


def _note(record: ev.TurnRecord, failure: ev.TurnFailed | None, *, told: bool) -> str:
    """What was not as it should be, and what to do, for standard error; empty when all is well."""
    if failure is not None:
        return f"{failure.message}; {failure.hint}" if failure.hint else failure.message
    run, last = record.run, record.steps[-1].decision["value"]
    # ``told``: the context was full, or the model was stopped, and that has been said.
    more = "; raise --max-tokens" if record.finish_reason == "length" and not told else ""
    if last in UNUSABLE:
        return f"{UNUSABLE[last]}{more}"
    if more:
        return f"the answer was cut off{more}"
    if run is None or run.status == "ok":
        return ""
    if run.status == "not_run":
        return f"not run: {run.reason}" if run.reason else "not run; --run auto runs it in the sandbox"
    if run.exception is not None:
        where = f" on line {run.exception.line}" if run.exception.line else ""
        return f"the code failed{where}: {run.exception.type}: {run.exception.message}"
    return f"the code failed ({run.status}): {run.reason or f'exit status {run.exit_code}'}"
