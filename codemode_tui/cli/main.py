"""Find the command, parse its arguments, and turn every error into one line and an exit code."""

from __future__ import annotations

import os
import sys
from importlib import import_module

from codemode_tui.cli.registry import COMMANDS, DEFAULT

INTERRUPTED = 130


def run(argv: list[str]) -> int:
    """Run one command line. Returns its exit code (CONTRACT); never raises for an expected error."""
    debug = "--debug" in argv
    argv = [a for a in argv if a != "--debug"]
    if argv[:1] in (["--help"], ["-h"], ["help"]):
        print(overview())
        return 0
    name = argv[0] if argv and not argv[0].startswith("-") else ""
    if name and name not in COMMANDS:
        return _complain(_unknown(name), 2)
    try:
        return _dispatch(name, argv[1:] if name else argv)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader went away (`codemode parse … | head`): not an error, and nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if debug:
            raise
        return _report(error)


def overview() -> str:
    """The text of `codemode --help`."""
    width = max(map(len, COMMANDS)) + 2
    rows = "\n".join(f"  {name:<{width}}{command.summary}" for name, command in COMMANDS.items())
    return (
        "usage: codemode [COMMAND] [OPTIONS]\n\n"
        f"Without a command: {DEFAULT.summary}.\n"
        "  --continue, --session ID, --model M, --profile P, --workspace DIR\n\n"
        f"commands:\n{rows}\n\n"
        "  --version   the version\n"
        "  --debug     show a traceback when something fails\n\n"
        'example: codemode ask "How many lines are in notes.txt?" --run auto\n'
        "`codemode COMMAND --help` tells more about one of them."
    )


def _dispatch(name: str, argv: list[str]) -> int:
    import argparse  # ~6 ms, not needed by --version

    command = COMMANDS[name] if name else DEFAULT
    module = import_module(command.module)
    parser = argparse.ArgumentParser(
        prog=f"codemode {name}".strip(),
        description=command.summary[0].upper() + command.summary[1:] + ".",
        epilog=f"example: {module.EXAMPLE}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    module.add_arguments(parser)
    try:
        args = parser.parse_args(argv)
    except SystemExit as stop:  # argparse has printed its own line
        return int(stop.code or 0)
    code: int = module.run(args)
    sys.stdout.flush()
    return code


def _report(error: Exception) -> int:
    from codemode_tui.errors import CodemodeError

    if isinstance(error, CodemodeError):
        return _complain(error.line(), error.exit_code)
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return _complain(f"{error.strerror or error}{where}; check the path and its permissions", 2)
    return _complain(f"unexpected {type(error).__name__}: {error}; run again with --debug for a traceback", 2)


def _complain(line: str, code: int) -> int:
    from codemode_tui.sandbox.sanitise import sanitise_text

    print(f"codemode: {sanitise_text(' '.join(line.split()))}", file=sys.stderr)
    return code


def _unknown(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name, COMMANDS, n=1)
    hint = f"did you mean `codemode {near[0]}`?" if near else "`codemode --help` lists the commands"
    return f"no command {name!r}; {hint}"
