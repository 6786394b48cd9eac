"""`codemode engine`: the engines that your terminals share, and ending them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codemode_tui import locations
from codemode_tui.cli.output import complain, print_json, say

if TYPE_CHECKING:
    from codemode_tui.engine.engines import Running

EXAMPLE = """codemode engine stop

An engine holds the loaded model for all of your terminals and `ask`. It ends by itself some minutes after
its last client (the setting engine.linger_minutes); engine.shared turns sharing off."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    status = actions.add_parser("status", help="what runs, for how many, until when", example="codemode engine status")
    stop = actions.add_parser(
        "stop", help="end them; a question that is being answered ends with an error", example="codemode engine stop"
    )
    stop.add_argument("--unused", action="store_true", help="only those without a client")
    for action in (status, stop):
        action.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    from codemode_tui.engine.engines import end, running
    from codemode_tui.engine.lock import memory_holder

    found = running()
    if args.action == "stop":
        found = [one for one in found if not args.unused or (one.state is not None and one.state.clients == 0)]
        wanted, found = found, [one for one in found if end(one)]
        for one in wanted:
            if one not in found:
                complain(f"not stopped: {line(one)}; stop it where it was started, in another container")
    holder = memory_holder()
    if args.json:
        key = "stopped" if args.action == "stop" else "engines"
        print_json({"version": 1, key: [document(one) for one in found], "memory_held_by": holder or None})
        return 0
    lines = [line(one) for one in found] or ["no engine is running"]
    if args.action == "stop":
        lines = [f"stopped: {line(one)}" for one in found] or ["nothing was stopped"]
    if holder:
        lines.append(f"the memory of this machine is taken by {holder}")
    say(*lines)
    return 0


def document(engine: Running) -> dict[str, Any]:
    """One engine of the JSON document; all but ``pid`` null when it does not answer."""
    state = engine.state
    return {
        "pid": engine.pid,
        "answers": state is not None,
        "model": state.model if state else None,
        "loaded": state.loaded if state else None,
        "clients": state.clients if state else None,
        "busy": state.busy if state else None,
        "waiting": state.waiting if state else None,
        "idle_seconds": round(state.idle_seconds, 1) if state else None,
        "ends_in_seconds": round(state.leaves_in, 1) if state and state.leaves_in is not None else None,
        "memory_bytes": state.memory_bytes if state else None,
    }


def line(engine: Running) -> str:
    """One engine for people."""
    from codemode_tui.engine.memory import gigabytes

    state, process = engine.state, f"process {engine.pid or 'unknown'}"
    if state is None:
        return f"{process}: does not answer; codemode engine stop ends it"
    users = "no client" if not state.clients else "one client" if state.clients == 1 else f"{state.clients} clients"
    if state.busy:
        doing = "at work" if not state.waiting else f"at work, {state.waiting} waiting"
    else:
        doing = f"idle for {_span(state.idle_seconds)}" if state.loaded else "its model is not loaded"
    ends = "" if state.leaves_in is None else f", ends in {_span(state.leaves_in)}"
    return f"{process}: {_name(Path(state.model))}, {gigabytes(state.memory_bytes)}, {users}, {doing}{ends}"


def _name(folder: Path) -> str:
    """A model's name, from its folder."""
    if folder == locations.bundled_model():
        return "bundled"
    cached = next((one for one in folder.parts if one.startswith("models--")), "")
    return cached.removeprefix("models--").replace("--", "/", 1) or folder.name or "no model yet"


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
