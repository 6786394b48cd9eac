"""`codemode sandbox`: run code without a model, and show what confines it here."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from codemode_tui.cli.output import print_json
from codemode_tui.errors import UsageError

if TYPE_CHECKING:
    from codemode_tui.sandbox.types import Outcome

SUMMARY = "run code in the sandbox, or check the sandbox of this machine"
EXAMPLE = "echo 'print(read_file(\"notes.txt\"))' | codemode sandbox run -"

EXIT_CODE_FAILED = 3
EXIT_CHECK_FAILED = 8


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    running = actions.add_parser("run", help="run code with the tools, no model")
    running.add_argument("file", nargs="?", default="-", help="a Python file; - reads standard input")
    running.add_argument("--workspace", type=Path, metavar="DIR", help="folder of the tools (default: this one)")
    running.add_argument("--allow-write", action="store_true", help="the code may change files")
    running.add_argument(
        "--timeout", type=_positive, default=60.0, metavar="S", help="seconds of execution (default 60)"
    )
    running.add_argument("--memory", type=_memory, default=512, metavar="MB", help="memory limit (default 512)")
    checking = actions.add_parser("check", help="layers of this machine, and a self-attack")
    for action in (running, checking):
        action.add_argument("--backend", default="auto", metavar="B", help="auto, bwrap, landlock or seatbelt")
        action.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    return asyncio.run(_run(args) if args.action == "run" else _check(args))


async def _run(args: argparse.Namespace) -> int:
    from codemode_tui.cli.session import check_workspace, make_tools
    from codemode_tui.sandbox.checks import CodeRejected, normalise
    from codemode_tui.sandbox.sanitise import sanitise_text
    from codemode_tui.sandbox.select import choose
    from codemode_tui.sandbox.types import ExceptionInfo, Limits, Outcome

    workspace = check_workspace(args.workspace or Path.cwd())
    source = _read(args.file)
    sandbox = await choose(args.backend)
    try:
        code, warnings = normalise(source)
    except CodeRejected as error:
        outcome = Outcome("error", exception=ExceptionInfo("SyntaxError", str(error), None, ""), reason=str(error))
    else:
        for warning in warnings:
            print(f"codemode: {sanitise_text(warning)}", file=sys.stderr)
        tools = make_tools(workspace, allow_write=args.allow_write, approve=None)
        limits = Limits(wall_seconds=args.timeout, memory_mb=args.memory)
        outcome = await sandbox.run(code, tools, limits)
    if args.json:
        print_json(outcome)
    else:
        _print(outcome)
    return 0 if outcome.status == "ok" else EXIT_CODE_FAILED


def _print(outcome: Outcome) -> None:
    from codemode_tui.sandbox.sanitise import sanitise_text

    sys.stdout.write(sanitise_text(outcome.stdout))
    sys.stdout.flush()
    sys.stderr.write(sanitise_text(outcome.stderr))
    if outcome.exception is not None:
        error = outcome.exception
        shown = error.traceback or f"{error.type}: {error.message}"
        sys.stderr.write(sanitise_text(shown.rstrip("\n")) + "\n")
    if outcome.reason and outcome.exception is None:
        print(f"codemode: {outcome.status}: {sanitise_text(outcome.reason)}", file=sys.stderr)


async def _check(args: argparse.Namespace) -> int:
    from codemode_tui.sandbox.attack import check

    report = await check(args.backend)
    if args.json:
        print_json(report)
    else:
        for capability in report.backends:
            mark = "✓" if capability.available else "–"
            print(f"{mark} {capability.name:<9} {' + '.join(capability.layers) or capability.reason}")
        for attack in report.attacks:
            print(f"{'✓' if attack.held else '✗'} {attack.name:<28} {attack.seen}")
        held = sum(attack.held for attack in report.attacks)
        print(f"{report.backend}: {held} of {len(report.attacks)} attacks held off")
    return 0 if report.ok else EXIT_CHECK_FAILED


def _read(name: str) -> str:
    if name == "-":
        if sys.stdin is None or sys.stdin.closed:
            raise UsageError("standard input is closed", hint="name a file")
        data = sys.stdin.buffer.read()
    else:
        try:
            data = Path(name).read_bytes()
        except OSError as error:
            raise UsageError(f"{name} cannot be read: {error.strerror}", hint="name a readable file") from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: not UTF-8 at byte {error.start}", hint="save it as UTF-8") from error


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value <= 86_400:
        raise argparse.ArgumentTypeError("must be above 0 and at most a day")
    return value


def _memory(text: str) -> int:
    value = int(text)
    if not 64 <= value <= 1 << 20:
        raise argparse.ArgumentTypeError("must be at least 64 (MB)")
    return value
