"""Writes turns and ratings until it is killed; prints the id of each that was confirmed.

python writer.py DATABASE WORKSPACE
"""

import asyncio
import sys
from pathlib import Path

from codemode_tui.engine.api import Usage
from codemode_tui.protocol.types import Decision, Message, Parsed
from codemode_tui.store.store import Store


async def main() -> None:
    store = Store.open(Path(sys.argv[1]))
    session = await store.new_session(Path(sys.argv[2]))
    said: list[Message] = []
    while True:
        turn = await store.begin_turn(session, "question", said[-6:])
        print("begun", turn, flush=True)
        generation = await store.begin_generation(turn, 0, "model", "prompt", {"model": "m"})
        await store.append_chunk(generation, "half")
        parsed = Parsed(Decision.DIRECT, None, "answer", None)
        await store.end_generation(
            generation, raw_text="answer", token_ids=(1, 2), finish_reason="stop", usage=Usage(),
            probability=0.5, forced=False, parsed=parsed,
        )  # fmt: skip
        await store.end_turn(turn, "done", "answer")
        print("ended", turn, flush=True)
        event = await store.rate(turn, -1)
        print("rated", event.id, flush=True)
        said += [Message("user", "question"), Message("assistant", "answer", (1, 2))]


if __name__ == "__main__":
    asyncio.run(main())
