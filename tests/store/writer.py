"""Writes turns, feedback and corrections until it is killed; says of each what was confirmed.

python writer.py DATABASE WORKSPACE         writes at once, to standard output
python writer.py DATABASE WORKSPACE serve   forks a writer for each line of standard input, the name of the file
                                            that it writes to; prints its process id, and a line when it is gone
"""

import asyncio
import os
import sys
from pathlib import Path

from codemode_tui.engine.api import Usage
from codemode_tui.protocol.types import Decision, Message, Parsed
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.external import NewRow
from codemode_tui.store.store import Store


async def write(file: Path, workspace: Path) -> None:
    store = Store.open(file)
    session = await store.new_session(workspace)
    said: list[Message] = []
    while True:
        turn = await store.begin_turn(session, "question", said[-6:])
        print("begun", turn, flush=True)
        await message(store, turn, "model")
        await store.end_turn(turn, "done", "answer")
        print("ended", turn, flush=True)
        print("said", (await store.rate(turn, -1)).id, flush=True)
        fixed = await message(store, turn, "fix_edit")
        run = await store.begin_run(fixed, "print(1)", edited_from=None, confirmed_by="user", backend="b")
        await store.end_run(run, Outcome("ok", 0), "1")
        print("said", (await store.add_feedback(turn, "correct", {"chosen": fixed, "step": 0})).id, flush=True)
        proof = {"generation": fixed, "run": run, "ok": True, "how": "run"}
        print("said", (await store.add_feedback(turn, "verify", proof)).id, flush=True)
        print("fixed", turn, flush=True)
        await store.import_rows("set", [NewRow(f'{{"text": "{turn}"}}'.encode(), None, turn)])
        print("imported", turn, flush=True)
        said += [Message("user", "question"), Message("assistant", "answer", (1, 2))]


async def message(store: Store, turn: str, origin: str) -> str:
    generation = await store.begin_generation(turn, 0, origin, "prompt", {"model": "m"})
    await store.append_chunk(generation, "half")
    await store.end_generation(
        generation, raw_text="answer", token_ids=(1, 2), finish_reason="stop", usage=Usage(),
        probability=0.5, forced=False, parsed=Parsed(Decision.DIRECT, None, "answer", None),
    )  # fmt: skip
    return generation


def serve(file: Path, workspace: Path) -> None:
    for line in sys.stdin:
        if (child := os.fork()) == 0:
            output = os.open(line.strip(), os.O_WRONLY | os.O_CREAT)
            os.dup2(output, 1)
            asyncio.run(write(file, workspace))
        print(child, flush=True)
        os.waitpid(child, 0)
        print("gone", flush=True)


if __name__ == "__main__":
    if sys.argv[3:] == ["serve"]:
        serve(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        asyncio.run(write(Path(sys.argv[1]), Path(sys.argv[2])))
