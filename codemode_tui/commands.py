"""The one table of what a person can do: keys, slash commands, palette and help all read it.

Imports nothing of the program, so that every front end can afford it.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Where = Literal[
    "app",
    "chat",
    "scroll",
    "prompt",
    "turn",
    "confirm",
    "editor",
    "write",
    "strip",
    "candidate",
    "review",
    "row",
    "list",
]

Front = Literal["tui", "repl", "plain"]
"""Screen, line front end, and that without any drawing."""
EVERYWHERE: tuple[Front, ...] = ("tui", "repl", "plain")
_WRITING = ("app", "chat", "scroll", "prompt", "editor")
"""Places in which characters are written."""
_NO_CHARACTER = re.compile(
    r"(shift\+)?((ctrl|alt|super|hyper|meta)\+.|(f\d+|pageup|pagedown|insert|home|end|up|down|tab|enter|escape)$)"
)
_ON_SCREEN = frozenset({"scroll", "turn", "row", "list"})
"""Places that only a screen has."""
_UNDO = "ctrl+underscore,ctrl+slash,ctrl+shift+minus"
"""One key for most terminals; those that tell modifiers apart send what is really pressed."""


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
    line_keys: str | None = None
    """Default keys in a line, where emacs and vi mode have taken others; None for the same."""
    also: tuple[str, ...] = ()
    """Other slash names."""
    fronts: tuple[Front, ...] = EVERYWHERE
    """Which front ends can do it."""

    def can(self, front: Front) -> bool:
        """Whether this front end can do it."""
        return front in self.fronts and (front == "tui" or self.where not in _ON_SCREEN)

    def keys_in(self, front: Front, keymap: dict[str, str]) -> str:
        """Its keys there, as the user has mapped them."""
        shipped = self.keys if front == "tui" or self.line_keys is None else self.line_keys
        return keymap.get(self.id, shipped)

    @property
    def action(self) -> str:
        """Name of the method: ``thumbs-down`` is ``action_thumbs_down``."""
        return self.id.rpartition(".")[2].replace("-", "_")


COMMANDS: tuple[Command, ...] = (
    Command("help", "keys and commands, or a topic to read", "f1", "help", "[TOPIC]", also=("keys",)),
    Command("palette", "find a command by typing", "ctrl+p", fronts=("tui",)),
    Command("stop", "stop the turn; take back the next question", "escape", "stop", where="chat", line_keys="ctrl+c"),
    Command("thumbs-down", "this turn was wrong; again: undo", "ctrl+g", "bad", line_keys="f8", also=("down",)),
    Command("thumbs-up", "this turn was right; again: undo", "ctrl+n", "good", line_keys="f7", also=("up",)),
    Command("correct", "what it should have done", "", "correct", "[run|answer|edit|retry]"),
    Command("review", "go through what was rated down, or (on the screen) an imported set", "", "review", "[SET]"),
    Command("new", "begin an empty conversation", "", "new"),
    Command("tool", "ask, and make the model use code", "", "tool", "QUESTION"),
    Command("direct", "ask, and make the model answer", "", "direct", "QUESTION"),
    Command(
        "copy",
        "copy the answer, code or output",
        "ctrl+o",
        "copy",
        "[answer|code|output|question|raw]",
        line_keys="",
        fronts=("tui", "repl"),
    ),
    Command("undo", "put back what the last run changed", "", "undo", "[undone]"),
    Command("raw", "what the model wrote, verbatim", "ctrl+t", "raw", line_keys=""),
    Command("expand", "all of a long output, or less", "ctrl+l", "expand", line_keys=""),
    Command("sessions", "open, search, rename or delete a session", "f2", "sessions", "[WORDS]"),
    Command("settings", "change a setting", "f3", "settings", "[NAME]"),
    Command("model", "choose the model that answers", "f4", "model", "[NAME]"),
    Command("profile", "say how the model was trained", "", "profile", "[NAME]"),
    Command("sampling", "temperature, longest message and the like", "", "sampling"),
    Command("theme", "choose the colours", "", "theme", "[NAME]", fronts=("tui", "repl")),
    Command("keymap", "change a key", "", "keymap", "[WORDS]"),
    Command("workspace", "work in another folder", "", "workspace", "[FOLDER]"),
    Command("rename", "give this session a title", "", "rename", "TITLE"),
    Command("export", "write this session into a file here", "", "export", "[md|json]"),
    Command("tools", "what code may call, and what you allowed for this session", "", "tools"),
    Command("sandbox", "what code may reach, and its limits", "", "sandbox"),
    Command("system", "the system prompt", "", "system"),
    Command("stats", "this session in numbers", "", "stats"),
    Command("restart", "start the engine again", "f5", "restart"),
    Command("previous", "go to the turn above", "alt+up", where="chat", fronts=("tui",)),
    Command("next", "go to the turn below", "alt+down", where="chat", fronts=("tui",)),
    Command("page-up", "scroll up", "pageup", where="scroll"),
    Command("page-down", "scroll down", "pagedown", where="scroll"),
    Command("suspend", "leave the program waiting; fg in the shell goes on", "ctrl+z"),
    Command("interrupt", "copy the selection; twice: quit", "ctrl+c", fronts=("tui",)),
    Command("quit", "stop everything and leave", "ctrl+q", "quit", line_keys="ctrl+d", also=("exit", "q")),
    Command("prompt.send", "send the question", "enter", where="prompt"),
    Command("prompt.newline", "begin a new line", "alt+enter,ctrl+j,shift+enter", where="prompt"),
    Command("prompt.history-previous", "the question before", "up", where="prompt"),
    Command("prompt.history-next", "the question after", "down", where="prompt"),
    Command("prompt.search", "search what you asked before", "ctrl+r", where="prompt"),
    Command("prompt.complete", "complete a /command or @file; go to the open question", "tab", where="prompt"),
    Command("prompt.undo", "undo the last change of what is written", _UNDO, where="prompt", fronts=("tui",)),
    Command("prompt.redo", "redo what was undone", "ctrl+y", where="prompt", fronts=("tui",)),
    Command("turn.again", "ask once more, in its place", "r", where="turn"),
    Command("turn.edit", "change its question, and ask that in its place", "e", where="turn"),
    Command("turn.tool", "ask once more, and make the model use code", "t", where="turn"),
    Command("turn.direct", "ask once more, and make the model answer", "d", where="turn"),
    Command("turn.go-on", "let a message that was cut off go on", "g", where="turn"),
    Command("turn.run", "run its code once more", "x", where="turn"),
    Command("turn.fork", "go on from there, in a session of its own", "f", where="turn"),
    Command("turn.copy", "copy its answer as it was written", "c", where="turn"),
    Command("turn.copy-code", "copy its code", "k", where="turn"),
    Command("turn.copy-output", "copy its output", "o", where="turn"),
    Command("turn.open", "open its code or answer in $EDITOR", "v", where="turn"),
    Command("turn.raw", "what the model wrote, verbatim", "w", where="turn"),
    Command("turn.prompt", "what the model was shown", "p", where="turn"),
    Command("confirm.run", "run the code in the sandbox", "y", where="confirm"),
    Command("confirm.edit", "change the code first", "e", where="confirm"),
    Command("confirm.deny", "do not run it", "n", where="confirm"),
    Command("confirm.deny-why", "do not run it, and tell the model why", "w", where="confirm"),
    Command("confirm.always", "run, and ask no more for these tools", "a", where="confirm"),
    Command("confirm.run-writing", "run, and let its commands write", "c", where="confirm"),
    Command("editor.submit", "take what is written; code is run", "ctrl+s,ctrl+enter", where="editor"),
    Command("editor.cancel", "back, and forget the edit", "escape", where="editor"),
    Command(
        "editor.other", "write another message of the turn instead", "alt+down,alt+up", where="editor", fronts=("tui",)
    ),
    Command("editor.undo", "undo the last change of what is written", _UNDO, where="editor", fronts=("tui",)),
    Command("editor.redo", "redo what was undone", "ctrl+y", where="editor", fronts=("tui",)),
    Command("write.once", "let this change or call happen", "y", where="write"),
    Command("write.deny", "refuse it", "n", where="write"),
    Command("write.path", "always change this file, in this session", "f", where="write"),
    Command("write.session", "ask about no further change, or call of this tool, in this session", "a", where="write"),
    Command("strip.should-run", "it should have run code: shows that", "1", where="strip"),
    Command("strip.should-answer", "it should have answered: shows that", "2", where="strip"),
    Command("strip.wrong-code", "the code was wrong", "3", where="strip"),
    Command("strip.wrong-answer", "the answer was wrong", "4", where="strip"),
    Command("strip.crashed", "the code crashed", "5", where="strip"),
    Command("strip.unsafe", "it was not safe", "6", where="strip"),
    Command("strip.format", "its form was wrong", "7", where="strip"),
    Command("strip.edit", "write the code or the answer yourself", "e", where="strip"),
    Command("strip.retry", "let the model try three times", "r", where="strip"),
    Command("strip.comment", "say it in your words", "c", where="strip"),
    Command("strip.undo", "take the thumbs-down back", "u", where="strip"),
    Command("strip.later", "leave it for the review", "enter", where="strip"),
    Command("candidate.accept", "this is what it should have been", "y", where="candidate"),
    Command("candidate.first", "of several, the first is", "1", where="candidate"),
    Command("candidate.second", "the second is", "2", where="candidate"),
    Command("candidate.third", "the third is", "3", where="candidate"),
    Command("candidate.drop", "it is no better", "n", where="candidate"),
    Command("candidate.again", "let the model try again", "r", where="candidate"),
    Command("candidate.edit", "change it first", "e", where="candidate"),
    Command("review.next", "the next one", "j,down", where="review"),
    Command("review.previous", "the one before", "k,up", where="review"),
    Command("review.skip", "skip it for now", "s", where="review"),
    Command("review.drop", "drop it: nothing is learnt from it", "d", where="review"),
    Command("review.leave", "back to the conversation", "escape", where="review", line_keys="q"),
    Command("row.edit", "write one of its messages anew", "e", where="row"),
    Command("row.run", "run its code in the sandbox", "r", where="row"),
    Command("row.verify", "it is right", "y", where="row"),
    Command("row.keep", "take back that it was dropped", "u", where="row"),
    Command("list.take", "take the marked one", "enter", where="list"),
    Command("list.close", "leave it as it is", "escape", where="list"),
    Command(
        "list.delete", "delete it; of a setting: back to what ships; of a grant: ask again", "ctrl+d", where="list"
    ),
    Command("list.rename", "rename it", "ctrl+e", where="list"),
    Command("list.export", "write it into a file here", "ctrl+x", where="list"),
)

_BY_ID = {command.id: command for command in COMMANDS}
_BY_SLASH = {name: command for command in COMMANDS for name in (command.slash, *command.also) if name}


def command(name: str) -> Command:
    """The command with this id. Raises ``KeyError``."""
    return _BY_ID[name]


def at(*places: Where) -> tuple[Command, ...]:
    """The commands of these places that have a key."""
    return tuple(c for c in COMMANDS if c.where in places and c.keys)


def slash(line: str) -> tuple[Command | None, str, str] | None:
    """Read ``/name argument``. None when ``line`` is a question; the command is None for an unknown name.

    A path such as ``/etc/hosts`` at the beginning of a question is not a command, nor is an unknown name on a line of
    its own above others.
    """
    text = line.strip()
    first = text.split(maxsplit=1)[0] if text else ""
    if not first.startswith("/") or "/" in first[1:] or len(first) < 2:
        return None
    command, behind = _BY_SLASH.get(first[1:].lower()), text[len(first) :]
    return None if command is None and behind.startswith("\n") else (command, first, behind.strip())


def completions(start: str, front: Front = "tui") -> tuple[Command, ...]:
    """Slash commands whose name begins with ``start`` (``/th``), in the order of the table, under that name."""
    if not start.startswith("/") or " " in start or "\n" in start:
        return ()
    typed = start[1:].lower()
    able = [c for c in COMMANDS if c.slash and c.can(front)]
    names = [(c, next((name for name in (c.slash, *c.also) if name.startswith(typed)), "")) for c in able]
    return tuple(c._replace(slash=name) for c, name in names if name)


def unfit(name: str, key: str) -> str:
    """Why this command cannot have ``key``, which is written where it acts; empty when it can."""
    if _BY_ID[name].where in _WRITING and not _NO_CHARACTER.match(key):
        return f"{key} writes a character there; take one with ctrl or alt, or a function key"
    return ""


def known(name: str) -> bool:
    """Whether a command has this id."""
    return name in _BY_ID
