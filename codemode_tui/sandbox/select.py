"""Which sandbox runs the code: the strongest that works here, or none at all. Never a bare run."""

from __future__ import annotations

from collections.abc import Callable

from codemode_tui.errors import SandboxError
from codemode_tui.sandbox.backends import bwrap_backend, landlock_backend, monty_backend, seatbelt_backend
from codemode_tui.sandbox.types import Limits, Sandbox

BACKENDS: dict[str, Callable[[], Sandbox]] = {
    "bwrap": bwrap_backend,
    "landlock": landlock_backend,
    "seatbelt": seatbelt_backend,
    "monty": monty_backend,
}
"""In the order in which ``auto`` tries them."""

_proved: dict[str, Sandbox] = {}


async def choose(name: str = "auto") -> Sandbox:
    """A backend that has just run an empty program here.

    Args:
        name: ``auto``, or one of ``BACKENDS``.

    Raises:
        SandboxError: none works; says why each was refused and how to get one.
    """
    wanted = list(BACKENDS) if name == "auto" else [name]
    refusals: list[str] = []
    hint = "run `codemode sandbox check`"
    for candidate in wanted:
        if candidate in _proved:
            return _proved[candidate]
        if candidate not in BACKENDS:
            raise SandboxError(f"no sandbox {candidate!r}", hint=f"one of auto, {', '.join(BACKENDS)}")
        try:
            backend = BACKENDS[candidate]()
            await prove(backend)
        except SandboxError as error:
            refusals.append(f"{candidate}: {error.message}")
            hint = error.hint if not refusals[1:] else hint
            continue
        _proved[candidate] = backend
        return backend
    raise SandboxError(f"no sandbox on this machine, so nothing is run ({'; '.join(refusals)})", hint=hint)


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


class NoTools:
    """A ``ToolHost`` without tools."""

    names: tuple[str, ...] = ()
    calls: tuple[()] = ()
    files_changed: tuple[()] = ()

    async def call(self, name: str, args: list[object], kwargs: dict[str, object]) -> object:
        raise NameError(f"there is no tool {name!r}")
