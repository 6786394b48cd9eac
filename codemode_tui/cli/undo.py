"""`codemode sandbox undo` and `sandbox changes`: what a run changed, and back again."""

from __future__ import annotations

import argparse

from codemode_tui.cli.arguments import folder
from codemode_tui.cli.output import complain, print_json


def add_actions(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    for name, summary in (
        ("changes", "what a run changed in the workspace, as a diff"),
        ("undo", "put back what a run changed with the tools; what a command wrote stays"),
    ):
        action = actions.add_parser(name, help=summary, description=summary, example=f"codemode sandbox {name}")
        action.add_argument(
            "name", nargs="?", default="last", metavar="RUN",
            help="`undo` in its JSON, or `undone`: the last undo itself (default: last)",
        )  # fmt: skip
        action.add_argument(
            "--workspace", type=folder, metavar="DIR", help="folder that it changed (default: this one)"
        )
        action.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    from codemode_tui import locations
    from codemode_tui.cli.session import check_workspace
    from codemode_tui.sandbox.sanitise import sanitise_text
    from codemode_tui.tools.diff import quoted
    from codemode_tui.tools.runs import diff_of, undo_run

    workspace = check_workspace(args.workspace or locations.current_dir())
    if args.action == "changes":
        found = diff_of(args.name, workspace)
        print_json(found) if args.json else print(sanitise_text(found.diff), end="")
        return 0
    _, changes = undo_run(args.name, workspace)
    if args.json:
        print_json({"files_changed": changes})
        return 0
    for change in changes:
        print(f"{change.change} {sanitise_text(quoted(change.path))}")
    if changes:
        complain("`codemode sandbox undo undone` takes this back")
    return 0
