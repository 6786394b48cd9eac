"""Sampling is changed in the middle of a conversation, and nothing else of it is."""

from __future__ import annotations

import msgspec
from support.fakes import FakeEngine, conversation

from codemode_tui.chat.settings import sampling_of
from codemode_tui.engine.api import Sampling
from codemode_tui.settings import SamplingSettings, Settings


async def test_it_holds_from_the_next_message_on(tmp_path):
    engine = FakeEngine("One.", "Two.")
    chat = conversation(engine, tmp_path)
    for warm in (0.0, 0.9):
        chat.sample(Sampling(temp=warm, seed=5))
        assert [event async for event in chat.ask("Well?")]
    first, second = engine.requests
    assert (first.sampling.temp, second.sampling.temp, second.sampling.seed) == (0.0, 0.9, 5)
    assert first.conversation == second.conversation and len(second.prompt) > len(first.prompt)


def test_every_setting_of_sampling_reaches_the_engine():
    assert sampling_of(Settings()) == Sampling()
    values = {
        "temp": 0.5,
        "top_p": 0.5,
        "top_k": 5,
        "min_p": 0.1,
        "repetition_penalty": 1.1,
        "max_tokens": 9,
        "seed": 3,
    }
    assert set(values) == {field.name for field in msgspec.structs.fields(SamplingSettings)}
    assert msgspec.structs.asdict(sampling_of(Settings(sampling=SamplingSettings(**values)))) == values
