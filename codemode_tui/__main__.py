"""The `codemode` program."""

from __future__ import annotations

import os
import site
import sys

INTERRUPTED = 130


def main() -> int:
    """Entry point of the console script and of ``python -m codemode_tui``."""
    try:
        _leave_out_the_workspace()
        from codemode_tui.cli.main import run

        return run(sys.argv[1:])
    except KeyboardInterrupt:  # also while all that is still being imported
        return INTERRUPTED


def _leave_out_the_workspace() -> None:
    """What is empty or relative in ``PYTHONPATH`` means the folder that we are started in: its modules are not ours."""
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if entries != [""]:
        own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        library = os.path.dirname(os.__file__)
        known = {own, library, os.path.join(library, "lib-dynload"), *site.getsitepackages(), site.USER_SITE}
        strange = {os.path.abspath(one) for one in entries if not os.path.isabs(one)} - known
        sys.path[:] = [one for one in sys.path if one not in strange]


if __name__ == "__main__":
    sys.exit(main())
