"""The `codemode` program."""

from __future__ import annotations

import sys


def main() -> int:
    """Entry point of the console script and of ``python -m codemode_tui``."""
    from codemode_tui.cli.main import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
