"""Saved caches through the real engine: its end, its death, and the session that goes on with the next one."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from codemode_tui.engine import kv_files
from codemode_tui.engine.api import Finished, GenerateRequest, Sampling, Token
from codemode_tui.engine.client import WorkerEngine
from codemode_tui.engine.models import find_model
from codemode_tui.errors import EngineError
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render
from codemode_tui.protocol.types import Message
from codemode_tui.settings import EngineSettings

PROFILE = load_profile("bundled")
QUESTIONS = (
    "What is a decorator?", "How many lines are in notes.txt?", "What is a list?", "What is a generator?",
    "What is 17 times 23?", "What is a tuple?",
)  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    return tmp_path


def engine(**settings) -> WorkerEngine:
    return WorkerEngine(find_model(None), "bundled", EngineSettings(shared=False, **settings))


async def say(made: WorkerEngine, messages: list[Message], conversation: str = "session", **more) -> Finished:
    info = await made.start()
    request = GenerateRequest(
        prompt=render(PROFILE, messages),
        sampling=more.pop("sampling", Sampling(max_tokens=60)),
        stop=PROFILE.stop,
        openings=PROFILE.openings,
        conversation=conversation,
        **{"cache_key": kv_files.key_of(info, PROFILE.sha256), "keep": True, **more},
    )
    (finished,) = [event async for event in made.generate(request) if isinstance(event, Finished)]
    return finished


async def test_six_turns_of_the_bundled_model_are_the_same_with_a_cache_with_a_saved_one_and_with_none():
    one, bare = engine(), engine(saved_cache_mb=0)
    messages: list[Message] = []
    cached = []
    try:
        for number, question in enumerate(QUESTIONS):
            messages.append(Message("user", question))
            if number == 4:  # as when the session goes on tomorrow
                await one.close()
                one = engine()
            kept = await say(one, messages)
            plain = await say(bare, messages, f"turn {number}", cache_key="", keep=False)
            assert (kept.text, kept.token_ids) == (plain.text, plain.token_ids)
            assert plain.usage.cached_tokens == 0
            cached.append(kept.usage.cached_tokens)
            messages.append(Message("assistant", kept.text, kept.token_ids))
    finally:
        await one.close()
        await bare.close()
    assert cached[0] == 0 and cached == sorted(set(cached))


async def test_an_engine_that_is_told_to_end_saves_first_and_one_that_is_killed_leaves_that_as_it_was():
    first = engine()
    messages = [Message("user", QUESTIONS[0])]
    said = await say(first, messages)
    os.kill(first.pid, signal.SIGTERM)
    while first.running:
        await asyncio.sleep(0.02)
    await first.close()
    file = kv_files.file_of("session")
    before = file.read_bytes()
    messages += [Message("assistant", said.text, said.token_ids), Message("user", QUESTIONS[3])]
    second = engine()
    await second.start()
    request = GenerateRequest(
        prompt=render(PROFILE, messages), sampling=Sampling(max_tokens=1000, temp=3.0, seed=2), conversation="session",
        cache_key=kv_files.key_of(second.info, PROFILE.sha256), keep=True,
    )  # fmt: skip
    with pytest.raises(EngineError):
        async for event in second.generate(request):
            if isinstance(event, Token):
                os.kill(second.pid, signal.SIGKILL)
    await second.close()
    assert file.read_bytes() == before
    third = engine()
    again = await say(third, messages)
    await third.close()
    assert again.usage.cached_tokens >= said.usage.prompt_tokens and again.finish_reason == "stop"


async def test_quantised_caches_and_limits_are_settings_of_the_engine():
    small = engine(kv_bits=8, context_limit=256)
    said = await say(small, [Message("user", QUESTIONS[0])])
    await small.close()
    assert said.text and said.usage.context_limit == 256 and not said.notes
    assert kv_files.header_of(kv_files.file_of("session"))["key"].split()[2] == "8"
