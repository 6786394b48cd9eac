"""A program: the drawn REPL in this terminal, on a conversation that follows a script. ``python stage.py SCRIPT``."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.scripted import ScriptedChat, answer, approval, call, run

from codemode_tui import locations
from codemode_tui.chat import events as ev
from codemode_tui.front.drafts import Draft, Drafts
from codemode_tui.front.ports import Opened
from codemode_tui.front.themes import load_colours
from codemode_tui.repl import repl
from codemode_tui.repl.look import Look
from codemode_tui.repl.terminal import Terminal
from codemode_tui.settings import Settings

TURN = "turn-1"
HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07\x1b]52;c;aGk=\x07 \x9b31m \u202egnp.exe \x00\x08\x7f "
    "[link](javascript:alert) \x1b[?1049h end"
)
SPELT = "\u0645\u06cc\u200c\u0631\u0648\u062f"
"""Persian: the joiner that does not join is part of the word."""
CODE = "total = 0\nfor path in glob_files('*.md'):\n    total += len(read_file(path).splitlines())\nprint(total)\n"


def scripts(name: str) -> list[list[object]]:
    if name == "hostile":
        code = f"print('''{HOSTILE}\n'''){chr(13)}#{HOSTILE}"
        return [[
            *call(TURN, code, prose=f"I'll use {HOSTILE}\n\n"),
            approval(TURN, code, (HOSTILE,), (HOSTILE,), (HOSTILE,)),
            *run(TURN, code, f"{HOSTILE}\r\n{HOSTILE}"),
            *answer(TURN, f"{HOSTILE}\n\n# {HOSTILE}\n\n| a | {HOSTILE} |\n\n```\n{HOSTILE}\n```\n&#27;[31m", step=1),
        ]]  # fmt: skip
    if name == "code":
        turn = [
            *call(TURN, CODE, prose="I'll use the read_file tool."),
            approval(TURN, CODE, ("read_file",), ("notes.txt",)),
            *run(TURN, CODE, "4\n"),
            *answer(TURN, "There are **4** lines.", step=1, probability=None),
        ]
        return [turn, turn]
    if name == "endless":
        begun = [ev.Likelihood(TURN, 0, 0.01), *(ev.TextDelta(TURN, 0, f"line {n}\n") for n in range(5))]
        return [[*begun, ev.TextDelta(TURN, 0, "half a line"), asyncio.Event()]]
    if name == "write":
        diff = "--- a/notes.txt\n+++ b/notes.txt\n@@ -1 +1,2 @@\n alpha\n+b\x1b[31meta\n"
        wanted = ev.WriteWanted(TURN, 0, request="w", tool="write_file", path="notes.txt", change="modify", diff=diff)
        return [
            [*call(TURN, CODE), approval(TURN, CODE, (), ()), wanted, *run(TURN, CODE, "ok"), *answer(TURN, "Done.")]
        ]
    if name == "spelt":
        return [answer(TURN, f"{SPELT} \u202eabc.")]
    return []


class Before:
    """The store, where questions of before take a while."""

    async def questions(self, workspace: Path, limit: int = 500) -> list[str]:
        await asyncio.sleep(0.2)
        return ["the newest", "a line\n" * 3_000]


class Patient(Before):
    """The store, which waits for a file ``go``."""

    async def questions(self, workspace: Path, limit: int = 500) -> list[str]:
        while not Path("go").exists():
            await asyncio.sleep(0.01)
        return []


class Lazy(Drafts):
    """A disk that waits for a file ``go``."""

    def left(self) -> Draft | None:
        while not Path("go").exists():
            time.sleep(0.01)
        return super().left()


class Listed(ScriptedChat):
    """An empty folder, and how often it was looked through."""

    looks = 0

    async def files(self) -> list[str]:
        self.looks += 1
        return []


async def main(name: str) -> None:
    settings = Settings()
    vi = os.environ.get("STAGE_VI") == "1"
    look = Look(json.loads(os.environ.get("STAGE_KEYS", "{}")))
    terminal = Terminal(look, load_colours(locations.themes_dirs()), "codemode-dark", vi=vi, guard=0.0)
    chat = (Listed if name == "empty" else ScriptedChat)(*scripts(name), workspace=Path.cwd())
    stores: dict[str, Callable[[], Any]] = {"history": Before, "patient": Patient, "lazy": Before}
    records: Any = stores.get(name, lambda: None)()
    if name == "lazy":
        repl.Drafts = Lazy  # type: ignore[misc]
    await repl.Repl(terminal, Opened(chat, [], records, None, settings), None).run()
    print("wishes:", *(wish for _, _, wish in chat.wishes))
    print("looks:", getattr(chat, "looks", 0))
    print("replies:", *chat.replies, "questions:", [text for text, _ in chat.questions], flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
