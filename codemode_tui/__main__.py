"""The `codemode` program. Answers ``--version`` before anything else is imported."""

from __future__ import annotations

import sys


def main() -> int:
    """Entry point of the console script and of ``python -m codemode_tui``."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from codemode_tui import __version__

        print(f"codemode {__version__}")
        return 0
    from codemode_tui.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
