"""What the conversation needs of a terminal: paper, questions, words. Two are there: drawn and plain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from codemode_tui.commands import Command
from codemode_tui.engine.api import ModelInfo
from codemode_tui.front.drafts import Draft
from codemode_tui.front.questions import Choice
from codemode_tui.repl.lines import Line
from codemode_tui.repl.look import Look

Kind = Literal["words", "code", "answer"]


@dataclass(slots=True)
class Now:
    """What the bottom line says; a ``front.status.Status``."""

    state: str = "starting"
    progress: float | None = None
    rate: float = 0.0
    used: int = 0
    limit: int = 0
    memory: int = 0
    attempt: int = 1
    info: ModelInfo | None = None
    sandbox: str = ""
    waiting: tuple[str, ...] = ()
    """Questions that come next."""


@dataclass(eq=False, slots=True)
class Panel:
    """A question that is answered by one key."""

    title: str
    choices: tuple[Choice, ...]
    safe: str
    """Id of the choice that is marked first: it changes nothing."""
    lines: list[Line] = field(default_factory=list)
    """What the answer depends on."""
    chosen: frozenset[str] = frozenset()
    """Actions that hold already."""
    casual: bool = False
    """It may be left: whoever types on has answered nothing, and a more serious question goes before it."""
    guarded: bool = True
    """It ignores keys for a moment: nothing that has not been read is answered."""


class Listener(Protocol):
    """Who hears what is typed."""

    def entered(self, text: str, shown: str = "") -> bool:
        """A whole question or command, pastes unfolded; ``shown``: as it was typed. False: it stays where it is."""
        ...

    def interrupted(self) -> bool:
        """ctrl+c. False: nothing was running."""
        ...

    def pressed(self, command: Command) -> None:
        """The key of a command."""
        ...

    def files_wanted(self) -> None:
        """A file is about to be mentioned: ``Console.offer`` is waited for."""
        ...

    def left(self) -> None:
        """Nothing more will be typed."""
        ...


class Console(Protocol):
    look: Look
    now: Now
    files: Sequence[str]
    """For mentions."""

    @property
    def draft(self) -> Draft: ...

    def print(self, lines: Sequence[Line]) -> None: ...

    def live(self, lines: Sequence[Line]) -> None: ...

    def refresh(self) -> None:
        """``now`` has changed."""
        ...

    async def ask(self, panel: Panel) -> str | None:
        """The action that was chosen; None: it was left. Cancelling takes the question away."""
        ...

    async def write(self, label: str, text: str = "", kind: Kind = "words") -> str | None:
        """What somebody writes, beginning with ``text``; None for nothing."""
        ...

    def offer(self, files: Sequence[str]) -> None:
        """The files of the workspace, for mentions."""
        ...

    def put(self, draft: Draft) -> None:
        """A draft for the prompt, before what is being written there."""
        ...

    def remember(self, questions: Sequence[str]) -> None:
        """Questions of before, the oldest first."""
        ...

    def copy(self, text: str) -> None: ...

    def theme(self, name: str) -> None: ...

    async def run(self, listener: Listener) -> None:
        """Until ``leave``."""
        ...

    def leave(self) -> None: ...
