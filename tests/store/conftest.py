"""A store in a temporary folder, and a way to record a whole turn."""

from pathlib import Path

import pytest

from codemode_tui.engine.api import Usage
from codemode_tui.protocol.types import Decision, Parsed
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.store import Store

PROVENANCE = {"model": {"tokenizer_sha256": "t1"}, "b": 1}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "codemode.db"


@pytest.fixture
def store(file: Path):
    opened = Store.open(file)
    yield opened
    opened.close()


@pytest.fixture
def record(tmp_path):
    """``await record(store, query)`` records a turn with a call, a run and an answer; returns its id."""

    async def _record(store, query="How many?", *, session=None, context=(), answer="It is 3."):
        session = session or await store.new_session(tmp_path)
        turn = await store.begin_turn(session, query, context)
        first = await store.begin_generation(turn, 0, "model", "<prompt>", PROVENANCE)
        await store.append_chunk(first, "<tool")
        await store.append_chunk(first, "_call>")
        call = Parsed(Decision.TOOL, "phase22", "I'll look.", "print(3)", ("one warning",))
        await _end(store, first, "<tool_call>", (1, 2, 3), call, 0.93)
        run = await store.begin_run(first, "print(3)", edited_from=None, confirmed_by="user", backend="bwrap")
        await store.end_run(run, Outcome("ok", 0, stdout="3\n", duration_ms=4.5, backend="bwrap"), "3\n")
        second = await store.begin_generation(turn, 1, "model", "<prompt>3", dict(reversed(PROVENANCE.items())))
        await _end(store, second, answer, (4, 5), Parsed(Decision.DIRECT, None, answer, None), 0.01)
        await store.end_turn(turn, "done", answer)
        return turn

    return _record


async def _end(store, generation, raw, ids, parsed, probability):
    await store.end_generation(
        generation, raw_text=raw, token_ids=ids, finish_reason="stop", usage=Usage(prompt_tokens=7),
        probability=probability, forced=False, parsed=parsed,
    )  # fmt: skip
