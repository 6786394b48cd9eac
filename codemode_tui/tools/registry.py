"""The closed table of tools: their functions, and everything that is generated from them.

A tool is a function whose first parameter is the ``Toolbox``; the rest of its signature is what the
code sees, what arguments are checked against, and what a profile's typed stubs say.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from codemode_tui.tools import checks, git, toolbox
from codemode_tui.tools.programs import program
from codemode_tui.tools.toolbox import Toolbox


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One tool."""

    name: str
    signature: inspect.Signature
    """As the code sees it."""
    doc: str
    """One line."""
    needs_write: bool
    function: Callable[..., Awaitable[Any]]
    """Called with the Toolbox and the bound arguments."""

    def bind(self, args: list[Any], kwargs: dict[str, Any]) -> dict[str, Any]:
        """The arguments by name, defaults filled in, each of its declared type.

        Raises:
            TypeError: they do not fit; the message holds the signature.
        """
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{error}; the signature is {self.name}{self.signature}") from None
        for name, value in bound.arguments.items():
            kind = self.signature.parameters[name].annotation
            try:
                msgspec.convert(value, kind, strict=True)
            except (msgspec.ValidationError, RecursionError):
                given = type(value).__name__
                if isinstance(value, list):
                    given += f"[{' | '.join(sorted({type(one).__name__ for one in value}))}]"
                shown = str(self.signature.parameters[name]).partition(":")[2].partition("=")[0].strip()
                raise TypeError(
                    f"{name} must be {shown}, not {given}; the signature is {self.name}{self.signature}"
                ) from None
        bound.apply_defaults()
        return dict(bound.arguments)

    @property
    def stub(self) -> str:
        return f'{self._head}:\n    """{self.doc}"""'

    @property
    def line(self) -> str:
        """The stub on one line, for a model's prompt."""
        return f"{self._head}: ...  # {self.doc}"

    @property
    def _head(self) -> str:
        return f"def {self.name}{self.signature}".replace("typing.Any", "Any")


def stub_lines() -> str:
    """The stubs of all tools, a line each: what ``protocol/profiles/stubs.txt`` holds."""
    others = (spec for specs in _INSTALLED.values() for spec in specs)
    return "".join(f"{line}\n" for line in dict.fromkeys(spec.line for spec in (*TOOLS.values(), *others)))


def _spec(function: Callable[..., Awaitable[Any]], *, needs_write: bool = False) -> ToolSpec:
    whole = inspect.signature(function, eval_str=True)
    seen = whole.replace(parameters=list(whole.parameters.values())[1:])
    doc = (function.__doc__ or "").partition("\n")[0]
    return ToolSpec(function.__name__, seen, doc, needs_write, function)


TOOLS: dict[str, ToolSpec] = {
    spec.name: spec
    for spec in (
        _spec(toolbox.read_file),
        _spec(toolbox.write_file, needs_write=True),
        _spec(toolbox.move_file, needs_write=True),
        _spec(toolbox.delete_file, needs_write=True),
        _spec(toolbox.file_info),
        _spec(toolbox.list_directory),
        _spec(toolbox.glob_files),
        _spec(toolbox.search_files),
        _spec(toolbox.run_command),
    )
}

_INSTALLED: dict[str, tuple[ToolSpec, ...]] = {
    "git": (_spec(git.git_status), _spec(git.git_diff), _spec(git.git_log)),
    "ruff": (_spec(checks.ruff_check),),
    "pytest": (_spec(checks.pytest_run),),
    **dict.fromkeys(checks.TYPE_CHECKERS, (_spec(checks.typecheck),)),
}
"""Tools by the program that they need."""


NAMES = frozenset((*TOOLS, *(spec.name for specs in _INSTALLED.values() for spec in specs)))
"""Of all our tools, whether their programs are there or not."""


def installed(root: Path) -> dict[str, ToolSpec]:
    """The tools whose programs are there, for the workspace ``root``."""
    found = (specs for name, specs in _INSTALLED.items() if program(root, name))
    return {spec.name: spec for specs in found for spec in specs}


__all__ = ["NAMES", "TOOLS", "ToolSpec", "Toolbox", "installed", "stub_lines"]
