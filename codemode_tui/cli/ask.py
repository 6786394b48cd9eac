"""`codemode ask`: one turn, headless."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from codemode_tui.chat import events as ev
from codemode_tui.cli.output import dumps, print_json
from codemode_tui.cli.session import Options, open_conversation
from codemode_tui.errors import UsageError

SUMMARY = "one question, headless"
EXAMPLE = 'codemode ask "How many lines are in notes.txt?" --run auto'

EXIT_CODE_FAILED = 3
EXIT_NOT_RUN = 4
EXIT_MALFORMED = 5
EXIT_OF_FAILURE = {"engine": 6, "sandbox": 7, "cancelled": 130, "store": 2, "error": 2}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", nargs="*", help="the question; - or nothing reads it from standard input")
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
    parser.add_argument("--workspace", type=Path, help="folder that the code may see (default: this one)")
    parser.add_argument("--model", help="bundled, a folder, or a repository id of the local cache")
    parser.add_argument("--profile", help="how the model was trained (default: guessed)")
    parser.add_argument("--session", help="continue this stored conversation")
    parser.add_argument("--no-store", action="store_true", help="keep nothing of this turn")
    parser.add_argument("--max-tokens", type=_positive, help="longest message the model may write")
    parser.add_argument("--temp", type=_temperature, help="sampling temperature; 0 takes the likeliest token")
    parser.add_argument("--seed", type=int, help="makes sampling repeatable")


def run(args: argparse.Namespace) -> int:
    if args.json and args.jsonl:
        raise UsageError("--json and --jsonl exclude each other", hint="choose one")
    if args.allow_write and args.run != "auto":
        raise UsageError("--allow-write does nothing without --run auto", hint="add --run auto")
    query = read_query(args.query)
    options = Options(
        workspace=args.workspace,
        model=args.model,
        profile=args.profile,
        session=args.session,
        store=not args.no_store,
        run=args.run,
        allow_write=args.allow_write,
        max_tokens=args.max_tokens,
        temp=args.temp,
        seed=args.seed,
    )
    return asyncio.run(_ask(query, options, args))


def read_query(words: list[str]) -> str:
    """The question from the command line, or from standard input for ``-`` or nothing.

    Raises:
        UsageError: it is empty, or standard input is closed or not text.
    """
    query = " ".join(words)
    if query in ("", "-"):
        if sys.stdin is None or sys.stdin.closed or (not words and sys.stdin.isatty()):
            raise UsageError("no question", hint='write codemode ask "…", or pipe it in with -')
        query = sys.stdin.buffer.read().decode("utf-8", "replace")
    if not query.strip():
        raise UsageError("the question is empty", hint='write codemode ask "…"')
    return query.strip()


async def _ask(query: str, options: Options, args: argparse.Namespace) -> int:
    conversation = await open_conversation(options)
    record: ev.TurnRecord | None = None
    failure: ev.TurnFailed | None = None
    try:
        async for event in conversation.ask(query, force=args.force):
            if args.jsonl:
                print(dumps(event, indent=None), flush=True)
            if isinstance(event, ev.TurnDone):
                record = event.record
            elif isinstance(event, ev.TurnFailed):
                failure, record = event, event.record
    finally:
        await conversation.close()
    assert record is not None
    if args.json and (failure is None or record.steps):
        print_json(document(record, failure))
    elif not args.jsonl and not args.json:
        _print(record)
    if failure is not None:
        from codemode_tui.sandbox.sanitise import sanitise_text

        line = f"{failure.message}; {failure.hint}" if failure.hint else failure.message
        print(f"codemode: {sanitise_text(' '.join(line.split()))}", file=sys.stderr)
    return exit_code(record, failure)


def exit_code(record: ev.TurnRecord, failure: ev.TurnFailed | None) -> int:
    """The exit code of a turn (CONTRACT)."""
    if failure is not None:
        return EXIT_OF_FAILURE[failure.kind]
    last = record.steps[-1].decision["value"]
    if last in ("announced", "malformed", "truncated"):
        return EXIT_MALFORMED
    if record.run is not None and record.run.status in ("not_run", "denied"):
        return EXIT_NOT_RUN
    if record.run is not None and record.run.status != "ok":
        return EXIT_CODE_FAILED
    return 0


def document(record: ev.TurnRecord, failure: ev.TurnFailed | None) -> dict[str, object]:
    """The one JSON document of ``ask --json`` (CONTRACT)."""
    import msgspec

    plain: dict[str, object] = msgspec.to_builtins(record)
    usage = msgspec.to_builtins(record.usage)
    counts = ("prompt_tokens", "cached_tokens", "generated_tokens", "context_limit")
    plain["usage"] = {key: usage[key] for key in counts}
    plain["timing"] = {key: value for key, value in usage.items() if key not in counts}
    if failure is not None:
        plain["finish_reason"] = "cancel" if failure.kind == "cancelled" else "error"
        plain["error"] = {"kind": failure.kind, "message": failure.message, "hint": failure.hint}
    return {"version": 1, **plain}


def _print(record: ev.TurnRecord) -> None:
    """The turn for people: the code when it was not run, else its output and the answer."""
    from codemode_tui.sandbox.sanitise import sanitise_text

    parts: list[str] = []
    if record.run is None or record.run.status in ("not_run", "denied"):
        parts += [record.answer or record.text or ("" if record.code else record.raw), record.code or ""]
    else:
        parts += [record.run.stdout, record.answer or ""]
        if record.run.exception is not None:
            parts.insert(1, f"{record.run.exception.type}: {record.run.exception.message}")
    print(sanitise_text("\n".join(part.rstrip("\n") for part in parts if part.strip())))
    if record.run is not None and record.run.status == "not_run":
        print("codemode: not run; --run auto runs it in the sandbox", file=sys.stderr)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _temperature(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 5:
        raise argparse.ArgumentTypeError("must be between 0 and 5")
    return value
