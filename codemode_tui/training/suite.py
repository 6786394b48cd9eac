"""The values of an evaluation suite (CONTRACT, "Eval suites")."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from codemode_tui.errors import UsageError

Text = Annotated[str, Meta(min_length=1)]
CHECKS = ("decision", "calls", "stdout_regex", "answer_contains", "answer_regex", "files_after", "files_gone")
"""The keys of a turn that are checks, in the order in which failures are named."""
SHOWN = 12
"""Names that a hint lists."""


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """One question and what must hold once its turn is over. None: not checked."""

    query: Text
    files: dict[str, str] = {}
    """Files put into the folder before the question: path = text."""
    decision: Literal["tool", "direct"] | None = None
    calls: tuple[Text, ...] | None = None
    """Functions that the code must call; ``a|b`` is either."""
    stdout_regex: str | None = None
    answer_contains: tuple[Text, ...] | None = None
    answer_regex: str | None = None
    """Of the values that an answer names: ``4`` is contained in ``14``, too."""
    files_after: dict[str, str] | None = None
    """Files that must then have this text; other files may be there."""
    files_gone: tuple[Text, ...] | None = None
    """Paths that must then not exist."""

    @property
    def checks(self) -> tuple[str, ...]:
        """The checks that this turn names. An empty list or table of them holds whatever happens, and is none."""
        return tuple(name for name in CHECKS if getattr(self, name) not in (None, (), {}))


class Case(Expected, frozen=True, kw_only=True):
    """A conversation in a folder of its own: the first question and those that follow it."""

    id: Text
    group: Text = "other"
    followup: tuple[Expected, ...] = ()

    @property
    def turns(self) -> tuple[Expected, ...]:
        return (self, *self.followup)


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    cases: tuple[Case, ...]


def select(suite: Suite, groups: Collection[str] = (), ids: Collection[str] = ()) -> Suite:
    """The cases of these groups and with these ids; none given means all.

    Raises:
        UsageError: there is no such group or case.
    """
    problems = [
        *(f"no group {name!r}" for name in groups if name not in {case.group for case in suite.cases}),
        *(f"no case {name!r}" for name in ids if name not in {case.id for case in suite.cases}),
    ]
    if problems:
        kind = "group" if problems[0].startswith("no group") else "case"
        known = list(dict.fromkeys(case.group if kind == "group" else case.id for case in suite.cases))
        more = f" … ({len(known)})" if len(known) > SHOWN else ""
        hint = f"its {kind}s are {', '.join(known[:SHOWN])}{more}"
        raise UsageError(f"{suite.name}: {'; '.join(problems)}", hint=hint)
    cases = tuple(case for case in suite.cases if (not groups or case.group in groups) and (not ids or case.id in ids))
    if not cases:
        raise UsageError("no case is in that group and has that id", hint="leave out --group or --case")
    return msgspec.structs.replace(suite, cases=cases)


def turn_key(number: int, check: str) -> str:
    """How a check of turn ``number`` is called: ``decision``, ``followup[0].calls``."""
    return check if number == 0 else f"followup[{number - 1}].{check}"
