"""`codemode model pull`: download a model into the Hugging Face cache."""

from __future__ import annotations

import argparse
import shlex
import sys
import time
from typing import TYPE_CHECKING

from codemode_tui.cli.awake import keep_awake
from codemode_tui.cli.output import complain, dumps, print_json
from codemode_tui.cli.progress import ProgressLine
from codemode_tui.errors import UsageError

if TYPE_CHECKING:
    from codemode_tui.engine.pulling import Progress

EVERY_SECONDS = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="REPO", help="for example mlx-community/Qwen3-Coder-30B-A3B-Instruct-5bit")
    parser.add_argument("--revision", metavar="R", help="a branch, tag or commit (default: the newest)")
    parser.add_argument("--jsonl", action="store_true", help="progress and result, one JSON document a line")


def run(args: argparse.Namespace) -> int:
    """Raises ModelError: what went wrong, and that the same command goes on where it was."""
    from codemode_tui.engine.pulling import pull

    if args.json and args.jsonl:
        raise UsageError("--json and --jsonl exclude each other", hint="choose one")
    keep_awake()
    screen = Screen(args.jsonl)
    try:
        found = pull(args.model, args.revision, screen.tell, complain)
    except KeyboardInterrupt:
        screen.line.clear()
        complain("stopped; the same command goes on where it was")
        raise
    finally:
        screen.line.clear()
    document = {"model": args.model, "path": str(found.path), "revision": found.revision, "bytes": found.bytes}
    document["fetched_bytes"] = found.fetched
    name = args.model if args.revision is None else str(found.path)
    if args.json or args.jsonl:
        print_json(document, indent=None if args.jsonl else 2)
    else:
        came = f"{found.fetched / 1e9:.2f} GB came" if found.fetched else "it was there already"
        print(f"{args.model} is whole: {found.bytes / 1e9:.2f} GB in {found.path} ({came})")
        print(f"choose it: codemode model use {shlex.quote(name)}")
    return 0


class Screen:
    """What is shown of a download while it runs."""

    def __init__(self, as_lines: bool) -> None:
        self.line = ProgressLine()
        self._as_lines = as_lines
        self._first: tuple[float, int] | None = None
        self._next = 0.0

    def tell(self, now: Progress) -> None:
        at = time.monotonic()
        if self._first is None:
            self._first = (at, now.done)
            _warn(now.total)
        if at < self._next and now.done < now.total:
            return
        self._next = at + EVERY_SECONDS
        if self._as_lines:
            sys.stdout.write(dumps(now._asdict(), indent=None) + "\n")
            sys.stdout.flush()
        else:
            self.line.say(words(now, at - self._first[0], now.done - self._first[1]))


def words(now: Progress, seconds: float, came: int) -> str:
    """A line like ``model.safetensors  3.2 of 21.0 GB  15%  42 MB/s  7 min``."""
    share = now.done / now.total if now.total else 1.0
    text = f"{now.file}  {now.done / 1e9:.1f} of {now.total / 1e9:.1f} GB  {share:.0%}"
    if seconds < 1 or came <= 0:
        return text
    left = (now.total - now.done) / (came / seconds)
    return f"{text}  {came / seconds / 1e6:.0f} MB/s  " + (f"{left:.0f} s" if left < 120 else f"{left / 60:.0f} min")


def _warn(total: int) -> None:
    """Say before the download that it will not fit, not after."""
    from codemode_tui.engine.machine_memory import machine
    from codemode_tui.engine.memory import gigabytes

    here = machine()
    if total > here.bytes:
        complain(f"its files have {gigabytes(total)}, more than the {gigabytes(here.bytes)} that a model may take here "
                 f"({here.source})")  # fmt: skip
