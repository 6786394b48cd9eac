"""A Mac on its own falls asleep after minutes without a key, in the middle of a training of hours too."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache

CAFFEINATE = "/usr/bin/caffeinate"


def awake_argv(pid: int, system: str) -> list[str]:
    """What keeps the machine awake until process ``pid`` ends; empty where none does."""
    return [CAFFEINATE, "-i", "-w", str(pid)] if system == "darwin" else []


@cache
def keep_awake(system: str = sys.platform) -> subprocess.Popen[bytes] | None:
    """Keep this machine awake until this process ends. That it cannot be is no reason to do nothing."""
    if not (argv := awake_argv(os.getpid(), system)):
        return None
    none = subprocess.DEVNULL
    try:
        # Out of reach of a ctrl+c that asks us to stop, which takes a while.
        return subprocess.Popen(argv, stdin=none, stdout=none, stderr=none, start_new_session=True)
    except OSError:
        return None
