"""The one table of what a person can do: keys, slash commands, palette and help all read it.

Imports nothing, so that every front end can afford it.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

Where = Literal["app", "chat", "scroll", "prompt", "confirm", "editor", "write"]


class Command(NamedTuple):
    """One thing to do, and the ways to ask for it."""

    id: str
    """Name in ``[keys]`` of the settings. ``place.action`` or ``action``."""
    summary: str
    keys: str = ""
    """Default keys, separated by commas; empty for none."""
    slash: str = ""
    """Name behind ``/``; empty for what only a key can do."""
    argument: str = ""
    """What may follow the slash name, in words; ``[…]`` when it may be left out."""
    where: Where = "app"
    """The place that has the focus when the key acts; ``app``, ``chat`` and ``scroll`` act everywhere."""

    @property
    def action(self) -> str:
        """Name of the method: ``thumbs-down`` is ``action_thumbs_down``."""
        return self.id.rpartition(".")[2].replace("-", "_")


COMMANDS: tuple[Command, ...] = (
    Command("help", "keys and commands", "f1", "help"),
    Command("palette", "find a command by typing", "ctrl+p"),
    Command("stop", "stop the turn; take back the next question", "escape", "stop", where="chat"),
    Command("thumbs-down", "this turn was wrong; again: undo", "ctrl+g", "bad"),
    Command("thumbs-up", "this turn was right; again: undo", "", "good"),
    Command("new", "begin an empty conversation", "", "new"),
    Command("tool", "ask, and make the model use code", "", "tool", "QUESTION"),
    Command("direct", "ask, and make the model answer", "", "direct", "QUESTION"),
    Command("copy", "copy the answer, code or output", "ctrl+o", "copy", "[answer|code|output]"),
    Command("raw", "what the model wrote, verbatim", "ctrl+t", "raw"),
    Command("expand", "all of a long output, or less", "ctrl+l", "expand"),
    Command("model", "which model answers", "", "model"),
    Command("restart", "start the engine again", "ctrl+r", "restart"),
    Command("theme", "choose the colours", "", "theme", "[NAME]"),
    Command("previous", "go to the turn above", "alt+up", where="chat"),
    Command("next", "go to the turn below", "alt+down", where="chat"),
    Command("page-up", "scroll up", "pageup", where="scroll"),
    Command("page-down", "scroll down", "pagedown", where="scroll"),
    Command("interrupt", "copy the selection; twice: quit", "ctrl+c"),
    Command("quit", "stop everything and leave", "ctrl+q", "quit"),
    Command("prompt.send", "send the question", "enter", where="prompt"),
    Command("prompt.newline", "begin a new line", "alt+enter,ctrl+j,shift+enter", where="prompt"),
    Command("prompt.history-previous", "the question before", "up", where="prompt"),
    Command("prompt.history-next", "the question after", "down", where="prompt"),
    Command("prompt.complete", "complete a /command; go to the open question", "tab", where="prompt"),
    Command("confirm.run", "run the code in the sandbox", "y", where="confirm"),
    Command("confirm.edit", "change the code first", "e", where="confirm"),
    Command("confirm.deny", "do not run it", "n", where="confirm"),
    Command("confirm.deny-why", "do not run it, and tell the model why", "w", where="confirm"),
    Command("confirm.always", "run, and ask no more for these tools", "a", where="confirm"),
    Command("editor.submit", "run the code as edited", "ctrl+s,ctrl+enter", where="editor"),
    Command("editor.cancel", "back, and forget the edit", "escape", where="editor"),
    Command("write.once", "let this change happen", "y", where="write"),
    Command("write.deny", "refuse the change", "n", where="write"),
    Command("write.session", "always change this file, in this session", "a", where="write"),
)

_BY_ID = {command.id: command for command in COMMANDS}
_BY_SLASH = {command.slash: command for command in COMMANDS if command.slash} | {
    "keys": _BY_ID["help"],
    "exit": _BY_ID["quit"],
    "q": _BY_ID["quit"],
}


def command(name: str) -> Command:
    """The command with this id. Raises ``KeyError``."""
    return _BY_ID[name]


def at(*places: Where) -> tuple[Command, ...]:
    """The commands of these places that have a key."""
    return tuple(c for c in COMMANDS if c.where in places and c.keys)


def slash(line: str) -> tuple[Command | None, str, str] | None:
    """Read ``/name argument``. None when ``line`` is a question; the command is None for an unknown name.

    A path such as ``/etc/hosts`` at the beginning of a question is not a command.
    """
    first, _, argument = line.strip().partition(" ")
    if not first.startswith("/") or "/" in first[1:] or len(first) < 2 or "\n" in first:
        return None
    return _BY_SLASH.get(first[1:].lower()), first, argument.strip()


def completions(start: str) -> tuple[Command, ...]:
    """Slash commands whose name begins with ``start`` (``/th``), in the order of the table."""
    if not start.startswith("/") or " " in start or "\n" in start:
        return ()
    return tuple(c for c in COMMANDS if c.slash and c.slash.startswith(start[1:].lower()))


def known(name: str) -> bool:
    """Whether a command has this id."""
    return name in _BY_ID
