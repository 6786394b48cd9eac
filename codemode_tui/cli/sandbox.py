"""`codemode sandbox`: run code without a model, and show what confines it here."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from codemode_tui.cli import mcp, undo, wide
from codemode_tui.cli.arguments import folder, number, whole
from codemode_tui.cli.output import print_json, say
from codemode_tui.cli.sources import read_source
from codemode_tui.errors import SandboxError, UsageError

if TYPE_CHECKING:
    from codemode_tui.sandbox.attack import CheckReport
    from codemode_tui.sandbox.types import Outcome

EXAMPLE = "echo 'print(read_file(\"notes.txt\"))' | codemode sandbox run -"

EXIT_CODE_FAILED = 3
EXIT_CHECK_FAILED = 8
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    running = actions.add_parser("run", help="run code with the tools, no model")
    running.add_argument("file", nargs="?", default="-", help="a Python file; - reads standard input")
    running.add_argument("--workspace", type=folder, metavar="DIR", help="folder of the tools (default: this one)")
    running.add_argument(
        "--allow-write",
        action="store_true",
        help="the code may change files, which can be undone; what a command writes cannot",
    )
    running.add_argument(
        "--timeout",
        type=number(0.001, 86_400),
        metavar="S",
        help="seconds of execution, waiting for tools aside (settings: 60)",
    )
    running.add_argument("--memory", type=whole(64, 1 << 20), metavar="MB", help="memory limit (settings: 512)")
    checking = actions.add_parser(
        "check", help="layers of this machine, and a self-attack", example="codemode sandbox check"
    )
    for action, otherwise in ((running, "settings: auto"), (checking, "default: auto")):
        action.add_argument("--backend", metavar="B", help=f"auto, bwrap, landlock, seatbelt or monty ({otherwise})")
        action.add_argument("--json", action="store_true", help="as one JSON document")
    undo.add_actions(actions)
    mcp.add_actions(actions)


def run(args: argparse.Namespace) -> int:
    if args.action in ("undo", "changes"):
        return undo.run(args)
    if args.action == "tools":
        return mcp.run(args)
    return asyncio.run(_run(args) if args.action == "run" else _check(args))


async def _run(args: argparse.Namespace) -> int:
    from codemode_tui import config, locations
    from codemode_tui.cli.session import check_workspace, make_servers, make_tools
    from codemode_tui.sandbox.checks import CodeRejected, normalise
    from codemode_tui.sandbox.sanitise import sanitise_text
    from codemode_tui.sandbox.select import choose
    from codemode_tui.sandbox.types import ExceptionInfo, Limits, Outcome

    workspace = check_workspace(args.workspace or locations.current_dir())
    whole = config.load_settings(locations.config_file(), workspace)
    settings, servers = whole.sandbox, make_servers(whole)
    source = read_source(args.file)
    sandbox = await choose(_backend(args.backend or settings.backend), settings.packages)
    interrupt = _Interrupt()
    try:
        code, warnings = normalise(source)
    except CodeRejected as error:
        outcome = Outcome(
            "error", exception=ExceptionInfo("SyntaxError", str(error), error.line, ""), reason=str(error)
        )
    else:
        for warning in warnings:
            print(f"codemode: {sanitise_text(warning)}", file=sys.stderr)
        if args.allow_write and "run_command" in code and sys.stderr.isatty():
            print("codemode: what a command writes cannot be undone", file=sys.stderr)
        limits = Limits.of(args.timeout or settings.timeout, args.memory or settings.memory_mb)
        async with mcp.started(servers, code, interrupt.stop):
            tools = make_tools(
                workspace,
                allow_write=args.allow_write,
                approve=None,
                servers=servers,
                closed=wide.closed(workspace, args.workspace),
            )
            if interrupt.number:  # while servers started
                outcome = Outcome("killed", reason="stopped by the user")
            else:
                outcome = await sandbox.run(code, tools, limits, stop=interrupt.stop)
    if args.json:
        print_json(outcome)
    else:
        _print(outcome)
    if interrupt.number:
        return 128 + interrupt.number
    return 0 if outcome.status == "ok" else EXIT_CODE_FAILED


class _Interrupt:
    """The first signal that would end this program ends the run, whose output is told; the next one ends all."""

    def __init__(self) -> None:
        self.stop = asyncio.Event()
        self.number = 0
        self._loop = asyncio.get_running_loop()
        for one in _ENDING:
            if signal.getsignal(one) is not signal.SIG_IGN:
                self._loop.add_signal_handler(one, self._take, one)

    def _take(self, number: int) -> None:
        self.number = number
        self.stop.set()
        for each in _ENDING:
            self._loop.remove_signal_handler(each)


def _print(outcome: Outcome) -> None:
    from codemode_tui.sandbox.sanitise import sanitise_text

    sys.stdout.write(sanitise_text(outcome.stdout))
    sys.stdout.flush()
    sys.stderr.write(sanitise_text(outcome.stderr))
    if outcome.exception is not None:
        error = outcome.exception
        shown = error.traceback or f"{error.type}: {error.message}"
        sys.stderr.write(sanitise_text(shown.rstrip("\n")) + "\n")
    if outcome.undo and sys.stderr.isatty():
        print(f"codemode: codemode sandbox undo {outcome.undo} puts back what the tools changed", file=sys.stderr)
    if outcome.reason and outcome.exception is None:
        print(f"codemode: {outcome.status}: {sanitise_text(outcome.reason)}", file=sys.stderr)


async def _check(args: argparse.Namespace) -> int:
    from codemode_tui.sandbox.attack import check
    from codemode_tui.sandbox.select import LEAVE_IT

    report = await check(_backend(args.backend or "auto"))
    if args.json:
        print_json(report)
    else:
        say(*_report(report))
    if not report.backend:
        none = args.backend in (None, "auto")
        raise SandboxError(report.reason, hint="nothing is run until one of them works" if none else LEAVE_IT)
    return 0 if report.ok else EXIT_CHECK_FAILED


def _report(report: CheckReport) -> Iterator[str]:
    """For a person who sees it for the first time: what there is, what was tried, what that means."""
    yield "ways to confine code on this machine, the strongest first:"
    for capability in report.backends:
        mark, chosen = "✓" if capability.available else "–", capability.name == report.backend.split("+")[0]
        what = " + ".join(capability.layers) or capability.reason
        yield f"  {mark} {capability.name:<9} {what}{'  (this one is used)' if chosen else ''}"
    if not report.backend:
        return
    yield ""
    yield from (f"  {text}" for text in report.layers.values())
    for group in dict.fromkeys(attack.group for attack in report.attacks):
        tried = [attack for attack in report.attacks if attack.group == group]
        through = [attack for attack in tried if not attack.held]
        yield ""
        yield f"{'✗' if through else '✓'} {group}: {tried[0].means}"
        yield f"  tried: {', '.join(attack.name for attack in tried)}"
        yield from (f"  ✗ {attack.name} was NOT held off: {attack.seen}" for attack in through)
        if stopped := [attack for attack in tried if attack.timed_out]:
            told = sum(attack.line is not None for attack in stopped)
            yield f"  of {len(stopped)} that the clock stopped, {told} said in which line they were"
    held = sum(attack.held for attack in report.attacks)
    yield ""
    seconds = report.duration_ms / 1000
    yield f"{report.backend}: {held} of {len(report.attacks)} attacks held off, in {seconds:.0f} s"
    if not report.ok:
        yield "do not run code on this machine until they are; please report this with `codemode sandbox check --json`"


def _backend(name: str) -> str:
    from codemode_tui.sandbox.select import BACKENDS

    if name not in ("auto", *BACKENDS):
        raise UsageError(f"no sandbox {name!r}", hint=f"one of auto, {', '.join(BACKENDS)}")
    return name
