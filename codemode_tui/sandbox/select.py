"""Which sandbox runs the code: the strongest that works here, or none at all. Never a bare run."""

from __future__ import annotations

from collections.abc import Callable

from codemode_tui.errors import SandboxError
from codemode_tui.sandbox.backends import bwrap_backend, landlock_backend, monty_backend, seatbelt_backend
from codemode_tui.sandbox.interpreter import find_interpreter
from codemode_tui.sandbox.packages import with_packages
from codemode_tui.sandbox.types import Limits, Sandbox

BACKENDS: dict[str, Callable[[str | None], Sandbox]] = {
    "bwrap": bwrap_backend,
    "landlock": landlock_backend,
    "seatbelt": seatbelt_backend,
    "monty": monty_backend,
}
"""In the order in which ``auto`` tries them."""

LEAVE_IT = "auto takes the strongest that works"

_proved: dict[tuple[str, str | None], Sandbox] = {}


async def choose(name: str = "auto", packages: str | None = None) -> Sandbox:
    """A backend that has just run an empty program here.

    Args:
        name: ``auto``, or one of ``BACKENDS``.
        packages: folder of a Python environment whose packages the code may import.

    Raises:
        SandboxError: none works; says why each was refused and how to get one.
    """
    if packages:
        with_packages(find_interpreter(), packages)  # else a wrong folder would look like a sandbox that does not work
    wanted = list(BACKENDS) if name == "auto" else [name]
    refusals: list[str] = []
    hint = "run `codemode sandbox check`"
    for candidate in wanted:
        if (candidate, packages) in _proved:
            return _proved[candidate, packages]
        if candidate not in BACKENDS:
            raise SandboxError(f"no sandbox {candidate!r}", hint=f"one of auto, {', '.join(BACKENDS)}")
        try:
            backend = BACKENDS[candidate](packages)
            await prove(backend)
        except SandboxError as error:
            refusals.append(f"{candidate}: {error.message}")
            hint = (advice(error.message) or error.hint) if not refusals[1:] else hint
            continue
        _proved[candidate, packages] = backend
        return backend
    why = f", so nothing is run ({'; '.join(refusals)})"
    if name != "auto":
        raise SandboxError(f"the sandbox {name} cannot be had here{why}", hint=f"{hint}; {LEAVE_IT}")
    raise SandboxError(f"no sandbox on this machine{why}", hint=hint)


async def prove(backend: Sandbox) -> None:
    """Run nothing in it.

    Raises:
        SandboxError: it does not work here.
    """
    outcome = await backend.run("", NoTools(), Limits(wall_seconds=20))
    if outcome.status != "ok":
        raise SandboxError(
            f"an empty program ended with {outcome.status}: {outcome.exception or outcome.reason or outcome.stderr}",
            hint="run `codemode sandbox check`",
        )


def advice(words: str) -> str:
    """What to do about a refusal of the system's, by its words; empty for others."""
    return next((said for sign, said in _ADVICE.items() if sign in words.lower()), "")


_NAMESPACES = (
    "user namespaces are refused here: use the distribution's own bubblewrap in /usr/bin, allow them (Ubuntu: sysctl "
    "kernel.apparmor_restrict_unprivileged_userns=0), or in a container leave it to landlock"
)
_ADVICE = {
    "sandbox_apply": "this terminal runs inside another sandbox, and they do not nest: start codemode from a plain one",
    "namespace": _NAMESPACES,
    "uid map": _NAMESPACES,
}


class NoTools:
    """A ``ToolHost`` without tools."""

    names: tuple[str, ...] = ()
    calls: tuple[()] = ()
    files_changed: tuple[()] = ()
    journal = ""
    allowed: frozenset[str] | None = None

    async def call(self, name: str, args: list[object], kwargs: dict[str, object]) -> object:
        raise NameError(f"there is no tool {name!r}")
