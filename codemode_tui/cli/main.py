"""Find the command, parse its arguments, and turn every error into one line and an exit code."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from codemode_tui import __version__
from codemode_tui.cli import streams
from codemode_tui.cli.registry import COMMANDS, DEFAULT

if TYPE_CHECKING:
    from types import ModuleType

    from codemode_tui.cli.arguments import Parser

UNGUARDED = "--no-memory-guard"


def run(argv: list[str]) -> int:
    """Run one command line. Returns its exit code (CONTRACT); never raises for an expected error."""
    own = argv[: argv.index("--")] if "--" in argv else argv  # what follows -- is text, whatever it says
    debug = "--debug" in own
    if UNGUARDED in own:
        os.environ["CODEMODE_MEMORY_GUARD"] = "off"  # read where engines are made; what is started hears of it too
    argv = [a for a in own if a not in ("--debug", UNGUARDED)] + argv[len(own) :]
    streams.prepare()
    try:
        code = _run(argv, debug)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader went away (`codemode parse … | head`): not an error, and nobody to tell.
        streams.discard_output()
        return 0
    except Exception as error:
        if debug:
            _show_traceback()
        return _report(error)


def overview() -> str:
    """The text of `codemode --help`."""
    width = max(map(len, COMMANDS)) + 2
    rows = "\n".join(f"  {name:<{width}}{command.summary}" for name, command in COMMANDS.items())
    return (
        "usage: codemode [COMMAND] [OPTIONS]\n\n"
        f"Without a command: {DEFAULT.summary}.\n"
        "  --continue, --session ID, --fork ID, --model M, --profile P, --workspace DIR\n\n"
        f"commands:\n{rows}\n\n"
        "  --version   the version\n"
        "  --debug     show a traceback when something fails\n"
        f"  {UNGUARDED}  load a model that does not fit into memory all the same\n\n"
        'example: codemode ask "How many lines are in notes.txt?" --run auto\n'
        "`codemode COMMAND --help` tells more about one of them, `codemode help` lists what there is to read."
    )


def _run(argv: list[str], debug: bool) -> int:
    if argv[:1] in (["--help"], ["-h"]):
        print(overview())
        return 0
    if argv in (["--version"], ["-V"]):
        print(f"codemode {__version__}")
        return 0
    name = argv[0] if argv and not argv[0].startswith("-") else ""
    if name and name not in COMMANDS:
        return _complain(_unknown(name), 2)
    parser, module = parser_of(name)
    try:
        args = parser.parse_args(argv[1:] if name else argv)
    except SystemExit as stop:  # --help: argparse has printed it
        return int(stop.code or 0)
    for option in ("model", "baseline", "profile"):
        # A script's unset variable must not choose the default in silence.
        if getattr(args, option, None) == "":
            return _complain(f"no {option} ''; name one, or leave it out for the default", 2)
    args.debug = debug
    code: int = module.run(args)
    return code


def parser_of(name: str) -> tuple[Parser, ModuleType]:
    """The parser of one command, and its module; of the terminal interface for an empty name."""
    from codemode_tui.cli.arguments import Parser  # argparse costs ~6 ms, not needed by --version

    command = COMMANDS[name] if name else DEFAULT
    module = import_module(command.module)
    parser = Parser(
        prog=f"codemode {name}".strip(),
        description=command.summary[0].upper() + command.summary[1:] + ".",
        example=module.EXAMPLE,
    )
    module.add_arguments(parser)
    _lend_example(parser)
    return parser, module


def _lend_example(parser: Parser) -> None:
    """An action without an example of its own shows its command's."""
    for action in parser._actions:
        for sub in action.choices.values() if isinstance(action.choices, dict) else ():
            sub.epilog = sub.epilog or parser.epilog


def _show_traceback() -> None:
    import traceback

    from codemode_tui.sandbox.sanitise import sanitise_text

    print(sanitise_text(traceback.format_exc()), end="", file=sys.stderr)


def _report(error: Exception) -> int:
    from codemode_tui.errors import CodemodeError

    if isinstance(error, CodemodeError):
        return _complain(error.line(), error.exit_code)
    if isinstance(error, OSError):
        reason = (error.strerror or str(error)).lower()
        if error.filename:
            return _complain(f"{error.filename}: {reason}; check the path and its permissions", 2)
        streams.discard_output()  # most likely it is standard output; the exit must not try once more
        return _complain(f"{reason}; check the disk, and where the output is sent to", 2)
    return _complain(f"unexpected {type(error).__name__}: {error}; run again with --debug for a traceback", 2)


def _complain(line: str, code: int) -> int:
    from codemode_tui.cli.output import complain

    complain(line)
    return code


def _unknown(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, COMMANDS, n=1)
    hint = f"did you mean `codemode {near[0]}`?" if near else "`codemode --help` lists the commands"
    return f"no command {name!r}; {hint}"
