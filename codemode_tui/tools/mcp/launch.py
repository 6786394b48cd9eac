"""How a stdio server is started: its program, its environment from nothing, its folder."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import msgspec

from codemode_tui.settings import McpServer

WARDEN = Path(__file__).with_name("warden.py")
GRACE_SECONDS = 1.0
"""How long a server may take to notice that its input has ended, and again to heed a SIGTERM."""
_INHERITED = ("PATH", "HOME", "LANG")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class Launch(msgspec.Struct, frozen=True):
    """A server behind its warden, ready to be spawned."""

    argv: tuple[str, ...]
    """Of the server alone; ``command`` puts the warden before it."""
    env: dict[str, str]
    cwd: str

    def command(self, lifeline: int) -> tuple[str, ...]:
        """``lifeline`` is a descriptor; its other end closing ends the server."""
        return (sys.executable, "-I", "-S", "-B", str(WARDEN), str(lifeline), str(GRACE_SECONDS), *self.argv)


def launch_of(settings: McpServer, folder: Path, own: Mapping[str, str]) -> Launch:
    """Settings to a launch; ``own`` is this program's environment.

    Raises:
        RuntimeError: the program, its folder, or a variable that it needs is not there.
    """
    env = {name: own[name] for name in _INHERITED if name in own}
    # Never a program of whatever folder this one was started in.
    env["PATH"] = os.pathsep.join(part for part in env.get("PATH", os.defpath).split(os.pathsep) if part[:1] == "/")
    env |= {name: expanded(value, own) for name, value in settings.env.items()}
    wanted = os.path.expanduser(settings.command)
    program = shutil.which(wanted, path=env["PATH"]) if "/" not in wanted or wanted[0] == "/" else None
    if program is None:
        raise RuntimeError(f"there is no program {settings.command!r} on the PATH; give its whole path")
    cwd = os.path.expanduser(settings.cwd) if settings.cwd else str(folder)
    if not os.path.isabs(cwd) or not os.path.isdir(cwd):
        raise RuntimeError(f"there is no folder {cwd!r}; give its whole path")
    return Launch((program, *settings.args), env, cwd)


def expanded(value: str, own: Mapping[str, str]) -> str:
    """``${NAME}`` as a variable of ``own``; a secret need not stand in the settings.

    Raises:
        RuntimeError: there is none of that name.
    """

    def variable(match: re.Match[str]) -> str:
        if match[1] not in own:
            raise RuntimeError(f"the environment variable {match[1]} is not set")
        return own[match[1]]

    return _VARIABLE.sub(variable, value)
