"""The states of the screen that have a picture: what is scripted, and what is done to get there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace
from support.archive import Archive, row, turn
from support.picture import ANSWER, FIRST, PRINTED, QUESTIONS, SECOND
from support.scripted import ScriptedChat, answer, approval, call, candidate, parsed, record, run
from textual.pilot import Pilot

from codemode_tui.chat import events as ev
from codemode_tui.chat.gate import Grant
from codemode_tui.errors import CodemodeError, ModelError
from codemode_tui.protocol.types import Decision
from codemode_tui.sandbox.types import ExceptionInfo, FileChange, Outcome
from codemode_tui.store.records import Standing, StoredSession
from codemode_tui.tui.app import CodemodeApp

from .screen import app_for, ask, settle

T = "turn-1"
NEVER = asyncio.Event
DIFF = """--- TODO.md
+++ TODO.md
@@ -1,3 +1,4 @@
 # Tasks
-- [x] write the parser
+- [x] write the parser and its tests
+- [ ] paginate the search results
 - [ ] caching
"""


@dataclass
class State:
    app: CodemodeApp
    reach: Callable[[Pilot[None]], Awaitable[None]]


def outcome(status: str = "ok", **more: object) -> Outcome:
    return Outcome(status, **{"duration_ms": 41.0, "backend": "bwrap+landlock+seccomp", **more})


def _confirm() -> list:
    warnings = ("app/setings.py does not exist", "a bare `except:` hides every error")
    return [*call(T, FIRST), approval(T, FIRST, ("search_files",), ("app/setings.py",), warnings)]


def _asking(script: list, question: str = QUESTIONS[0]) -> tuple[ScriptedChat, Callable]:
    async def reach(pilot: Pilot[None]) -> None:
        await ask(pilot, question)

    return ScriptedChat(script), reach


def empty() -> tuple[ScriptedChat, Callable]:
    async def reach(pilot: Pilot[None]) -> None:
        await settle(pilot)

    return ScriptedChat(), reach


def loading() -> tuple[ScriptedChat, Callable]:
    async def reach(pilot: Pilot[None]) -> None:
        await ask(pilot, "What is in notes.txt?")

    return ScriptedChat(load=NEVER()), reach


def streaming() -> tuple[ScriptedChat, Callable]:
    code = FIRST.rsplit("\n", 3)[0] + "\nfor path, cou"
    prose = "I'll use the search_files tool."
    script = [*call(T, code, prose=prose)[:-1], NEVER()]
    return _asking(script)


def confirm() -> tuple[ScriptedChat, Callable]:
    return _asking(_confirm())


def running() -> tuple[ScriptedChat, Callable]:
    started = run(T, FIRST, PRINTED[:30])[:2]
    return _asking([*call(T, FIRST), *started, NEVER()])


def done() -> tuple[ScriptedChat, Callable]:
    script = [*call(T, FIRST), *run(T, FIRST, PRINTED), *answer(T, ANSWER, step=1, probability=None)]

    async def reach(pilot: Pilot[None]) -> None:
        await ask(pilot, QUESTIONS[0])
        await pilot.press("ctrl+g")
        await settle(pilot)

    return ScriptedChat(script), reach


def failed() -> tuple[ScriptedChat, Callable]:
    code = 'text = read_file("notse.txt")\nprint(len(text.splitlines()))\n'
    error = ExceptionInfo("FileNotFoundError", "notse.txt does not exist; did you mean notes.txt?", 1, "")
    script = [
        *call(T, code),
        ev.RunStarted(T, 0, "run", code, "bwrap+landlock+seccomp"),
        ev.RunFinished(T, 0, "run", outcome("error", exception=error)),
        lambda: died(),
    ]
    chat, reach = _asking(script, "How many lines are in notse.txt?")

    def died() -> ev.TurnFailed:
        chat.engine_running = False
        return ev.TurnFailed(T, "engine", "the engine died (signal 9)", "f5 restarts it", record(T, "", None))

    return chat, reach


def no_model() -> tuple[ScriptedChat, Callable]:
    error: CodemodeError = ModelError(
        "~/models/qwen: shard 3 of 5 is missing", hint="download it again, or choose another model with --model"
    )

    async def reach(pilot: Pilot[None]) -> None:
        await settle(pilot)

    return ScriptedChat(load_error=error), reach


def write() -> tuple[ScriptedChat, Callable]:
    wanted = ev.WriteWanted(
        T, 0, request="w", tool="write_file", path="TODO.md", change="modify", diff=DIFF,
    )  # fmt: skip
    started = run(T, SECOND, "")[0]
    return _asking([*call(T, SECOND), started, wanted], QUESTIONS[1])


def changed() -> tuple[ScriptedChat, Callable]:
    changes = (FileChange("TODO.md", "modified"),)
    script = [
        *call(T, SECOND),
        ev.RunStarted(T, 0, "run", SECOND, "bwrap+landlock+seccomp"),
        ev.RunOutput(T, 0, "stdout", "success\n"),
        ev.RunFinished(T, 0, "run", outcome("ok", stdout="success\n", files_changed=changes)),
        *answer(T, MARKDOWN, step=1, probability=None),
    ]
    return _asking(script, QUESTIONS[1])


MARKDOWN = """## What changed

1. `TODO.md` lists **seven** tasks
2. nothing else was touched

| file | tasks |
|---|---|
| app/routes.py | 4 |
| tests/test_routes.py | 2 |

```python
for task in open("TODO.md"):
    print(task)
```

> Tick them off as you go, see [the guide](https://example.com).
"""


def help_() -> tuple[ScriptedChat, Callable]:
    async def reach(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await pilot.press("f1")
        await settle(pilot)

    return ScriptedChat(), reach


def topic() -> tuple[ScriptedChat, Callable, dict]:
    return _lists(line="/help turn")


def slash() -> tuple[ScriptedChat, Callable]:
    async def reach(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await pilot.press("slash", "t")
        await settle(pilot)

    return ScriptedChat(), reach


def editing() -> tuple[ScriptedChat, Callable]:
    async def reach(pilot: Pilot[None]) -> None:
        await ask(pilot, QUESTIONS[0])
        await pilot.press("e")
        await settle(pilot)

    return ScriptedChat(_confirm()), reach


def reason() -> tuple[ScriptedChat, Callable]:
    async def reach(pilot: Pilot[None]) -> None:
        await ask(pilot, QUESTIONS[0])
        await pilot.press("w", *"use wc")
        await settle(pilot)

    return ScriptedChat(_confirm()), reach


def crowded() -> tuple[ScriptedChat, Callable]:
    """More to know than fits: it scrolls, and the choices stay."""
    paths = tuple(f"packages/server/source/modules/number_{n}/handlers/routes.py" for n in range(9))
    warnings = tuple(f"{path} does not exist; did you mean {path.replace('number_', 'module_')}?" for path in paths)
    return _asking([*call(T, FIRST), approval(T, FIRST, ("search_files", "run_command"), paths, warnings)])


def malformed() -> tuple[ScriptedChat, Callable]:
    raw = '```json\n{"name": "execute_code", "arguments": {"code": "print(1)"\n```'
    warnings = ("the call has no end",)
    step = msgspec.structs.replace(parsed(T, 0, Decision.MALFORMED, "", None, 0.91, raw=raw), warnings=warnings)
    script = [
        ev.Likelihood(T, 0, 0.91),
        ev.TextDelta(T, 0, raw),
        step,
        ev.TurnDone(T, record(T, "", None)),
    ]
    return _asking(script)


def truncated() -> tuple[ScriptedChat, Callable]:
    """Cut off within the call: it can go on."""
    code = FIRST.rsplit("\n", 4)[0]
    step = msgspec.structs.replace(parsed(T, 0, Decision.TRUNCATED, "", code, 0.98), finish_reason="length")
    return _asking([*call(T, code)[:-1], step, ev.TurnDone(T, record(T, "", None))])


def chosen() -> tuple[ScriptedChat, Callable]:
    """A turn with the focus, and what can be done with it."""
    script = [*call(T, FIRST), *run(T, FIRST, PRINTED), *answer(T, ANSWER, step=1, probability=None)]

    async def reach(pilot: Pilot[None]) -> None:
        await ask(pilot, QUESTIONS[0])
        await pilot.press("alt+up", "enter")
        await settle(pilot)

    return ScriptedChat(script), reach


def retried() -> tuple[ScriptedChat, Callable]:
    """A failed run, and the attempt after it."""
    wrong, right = 'print(len(read_file("notse.txt")))\n', 'print(len(read_file("notes.txt")))\n'
    error = ExceptionInfo("FileNotFoundError", "notse.txt does not exist; did you mean notes.txt?", 1, "")
    script = [
        *call(T, wrong),
        ev.RunStarted(T, 0, "run", wrong, "bwrap+landlock+seccomp"),
        ev.RunFinished(T, 0, "run", outcome("error", exception=error)),
        *call(T, right, step=1),
        *run(T, right, "812\n", step=1),
        *answer(T, "notes.txt has 812 characters.", step=2, probability=None),
    ]
    return _asking(script, "How long is notse.txt?")


def queued() -> tuple[ScriptedChat, Callable]:
    """A long output while the code runs, and the question that comes next."""
    script = [*call(T, FIRST), *run(T, FIRST, "".join(f"line {n} 日本語 é 👩‍👩‍👧\n" for n in range(40)))[:2], NEVER()]

    async def reach(pilot: Pilot[None]) -> None:
        await ask(pilot, QUESTIONS[0])
        await ask(pilot, QUESTIONS[1])

    return ScriptedChat(script), reach


WRONG = "Python comes with a function `len()` that counts the lines of a file."
RIGHT = 'print(len(read_file("notes.txt").splitlines()))\n'
LINES = "How many lines are in notes.txt?"


def _rated(*corrections: list, keys: tuple[str, ...] = ()) -> tuple[ScriptedChat, Callable]:
    """A direct answer where code should have run, rated down; then ``keys``."""
    chat = ScriptedChat(answer(T, WRONG, probability=0.44), corrections=corrections)

    async def reach(pilot: Pilot[None]) -> None:
        await ask(pilot, LINES)
        for key in ("ctrl+g", *keys):
            await pilot.press(key)
            await settle(pilot)

    return chat, reach


def _forced() -> list:
    return [
        *call(T, RIGHT, probability=0.44), approval(T, RIGHT, ("read_file",), ("notes.txt",)), *run(T, RIGHT, "812\n"),
        candidate(T, code=RIGHT),
    ]  # fmt: skip


def strip() -> tuple[ScriptedChat, Callable]:
    return _rated(keys=("3",))


def candidate_() -> tuple[ScriptedChat, Callable]:
    return _rated(_forced(), keys=("1", "y"))


def corrected() -> tuple[ScriptedChat, Callable]:
    text = "notes.txt has 812 lines."
    after = [
        *answer(T, text, step=1, probability=None, end=False), parsed(T, 1, Decision.DIRECT, text, None, None),
        candidate(T, text=text, name="then", step=1),
    ]  # fmt: skip
    return _rated(_forced(), after, keys=("1", "y", "y"))


def tries() -> tuple[ScriptedChat, Callable]:
    first, second = 'print(read_file("notes.txt").count("\\n"))\n', RIGHT
    script = [
        *call(T, first, probability=0.44), *run(T, first, "811\n"), candidate(T, code=first, name="one"),
        *call(T, "print(lines)\n", probability=0.44),
        *call(T, second, probability=0.44), *run(T, second, "812\n"), candidate(T, code=second, name="two"),
    ]  # fmt: skip
    return _rated(script, keys=("r",))


def nothing() -> tuple[ScriptedChat, Callable]:
    failed = ev.CorrectionFailed(
        T, "error", "the model says nothing else here", "write it yourself, or say what was wrong and leave it"
    )
    return _rated([failed], keys=("r",))


def writing() -> tuple[ScriptedChat, Callable]:
    return _rated(keys=("4", "e"))


CRASH = 'print(len(read_file("notse.txt").splitlines()))\n'


def _queue() -> Archive:
    down = Standing(-1)
    better = replace(turn("f", "", code=FIRST).generations[0], origin="fix_retry")
    fixed = replace(turn("e", "Which files mention TODO?", code=CRASH, probability=0.71), corrections=(better,))
    return Archive(
        (turn("a", "What is a decorator?", text="Let me look.", probability=0.03), replace(down, reasons=("format",))),
        (turn("b", LINES, text=WRONG, probability=0.47), replace(down, reasons=("should_run",), comment="count them")),
        (
            turn("c", "Sum the prices in data/prices.csv", code=CRASH, probability=0.98, error="FileNotFoundError"),
            down,
        ),
        (turn("d", "How long is notse.txt?", code=CRASH, probability=0.91, error="FileNotFoundError"), down),
        (fixed, replace(down, chosen={0: "gen-f"})),
    )


def _rows() -> list:
    code = "<tool_call><function=execute_code>\n<parameter=code>\n{}</parameter>\n</function></tool_call>"
    said = [
        {"role": "system", "content": "You are a helpful assistant with access to tools."},
        {"role": "user", "content": LINES},
        {"role": "assistant", "content": "I'll use the read_file tool." + code.format(CRASH)},
        {"role": "user", "content": "<tool_response>\n811\n</tool_response>"},
        {"role": "assistant", "content": "notes.txt has 811 lines."},
    ]
    lines = [
        {"messages": said},
        {
            "messages": [
                *said[:1],
                {"role": "user", "content": "What is a list?"},
                {"role": "assistant", "content": "A sequence that can change."},
            ]
        },
    ]
    return [row(n + 1, json.dumps(line).encode(), query=line["messages"][1]["content"]) for n, line in enumerate(lines)]


def _review(archive: Archive, source: str = "", keys: tuple[str, ...] = ()) -> tuple[ScriptedChat, Callable, dict]:
    async def reach(pilot: Pilot[None]) -> None:
        for key in ("", *keys):
            await (pilot.press(key) if key else pilot.pause())
            await settle(pilot)

    chat = ScriptedChat()
    return chat, reach, {"records": archive, "rehearsal": chat, "review": source}


def review() -> tuple[ScriptedChat, Callable, dict]:
    return _review(_queue())


def reviewed() -> tuple[ScriptedChat, Callable, dict]:
    return _review(_queue(), keys=("s", "d"))


def review_empty() -> tuple[ScriptedChat, Callable, dict]:
    return _review(Archive())


def rows() -> tuple[ScriptedChat, Callable, dict]:
    return _review(Archive(rows=_rows()), "phase22")


HERE = "/home/ada/projects/notes"


def _shelf() -> Archive:
    """Sessions here and elsewhere."""

    def session(id_: str, title: str, turns: int, day: int, folder: str = HERE) -> StoredSession:
        return StoredSession(id_, f"2026-11-{day:02}T09:12", f"2026-11-{day:02}T10:30", folder, title, turns)

    said = (
        turn("a", "Which files mention TODO?", code=FIRST), turn("b", QUESTIONS[1], code=SECOND),
        turn("c", "What is a decorator?", text="A function that takes a function and gives one.", probability=0.03),
    )  # fmt: skip
    return Archive(
        *((replace(one, session="session-1", rating=0), Standing()) for one in said),
        sessions=[
            session("session-1", "Which files mention TODO?", 3, 25),
            session("s-2", "Sum the prices in data/prices.csv", 12, 24),
            session("s-3", "the parser", 41, 21),
            session("s-4", "日本語のファイルはいくつありますか", 1, 19),
            session("s-5", "How long is the longest line?", 2, 18, "/home/ada/projects/server"),
        ],
    )


def _lists(*keys: str, line: str = "") -> tuple[ScriptedChat, Callable, dict]:
    """A list or a page that a command opens; then ``keys``."""

    async def reach(pilot: Pilot[None]) -> None:
        await settle(pilot)
        if line:
            await ask(pilot, line)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)

    chat = ScriptedChat()
    chat.grants = (Grant("run", ("read_file", "search_files")), Grant("write", ("TODO.md",)))
    return chat, reach, {"records": _shelf()}


def sessions() -> tuple[ScriptedChat, Callable, dict]:
    return _lists("f2")


def found() -> tuple[ScriptedChat, Callable, dict]:
    return _lists("f2", *"decorator")


def models() -> tuple[ScriptedChat, Callable, dict]:
    return _lists(line="/model")


def themes() -> tuple[ScriptedChat, Callable, dict]:
    return _lists(line="/theme")


def settings() -> tuple[ScriptedChat, Callable, dict]:
    return _lists(line="/settings sandbox")


def keymap() -> tuple[ScriptedChat, Callable, dict]:
    return _lists(line="/keymap wrong")


def tools() -> tuple[ScriptedChat, Callable, dict]:
    return _lists(line="/tools")


def sandbox() -> tuple[ScriptedChat, Callable, dict]:
    return _lists(line="/sandbox")


def system() -> tuple[ScriptedChat, Callable, dict]:
    return _lists(line="/system")


def stats() -> tuple[ScriptedChat, Callable, dict]:
    return _lists(line="/stats")


def history() -> tuple[ScriptedChat, Callable, dict]:
    return _lists("ctrl+r", *"file")


def mention() -> tuple[ScriptedChat, Callable, dict]:
    return _lists(*"Sum @se")


STATES = {
    f.__name__.rstrip("_"): f
    for f in (
        empty, loading, streaming, confirm, editing, running, done, changed, failed, no_model, write, help_, topic,
        slash, reason, crowded, malformed, truncated, chosen, retried, queued, strip, candidate_, corrected, tries,
        nothing, writing,
        review, reviewed, review_empty, rows, sessions, found, models, themes, settings, keymap, tools, sandbox, system,
        stats, history, mention,
    )
}  # fmt: skip


def state(name: str, theme: str) -> State:
    chat, reach, *more = STATES[name]()

    async def still(pilot: Pilot[None]) -> None:
        await reach(pilot)
        pilot.app.clear_notifications()  # they go by themselves: on a slow machine before the picture is taken
        await settle(pilot)

    return State(app_for(chat, theme=theme, **(more[0] if more else {})), still)
