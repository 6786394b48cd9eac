"""Which conversations may have a cache beyond themselves: those that are stored, and those that go on."""

from __future__ import annotations

import pytest
from support.fakes import FakeEngine, conversation

from codemode_tui.chat.context import PastTurn
from codemode_tui.chat.ports import NullRecorder


class Stored(NullRecorder):
    """Stands for the store."""


async def asked(tmp_path, recorder, past=()):
    engine = FakeEngine("Fine.", "Fine.")
    chat = conversation(engine, tmp_path, recorder=recorder)
    chat.services.past = past
    assert [event async for event in chat.ask("Well?")]
    return engine.requests[0]


@pytest.mark.parametrize("past", [(), (PastTurn("t", (), 0),)])
async def test_what_is_not_stored_is_not_saved_and_begins_with_nothing_of_others(tmp_path, past):
    request = await asked(tmp_path, NullRecorder(), past)
    assert not request.keep and bool(request.cache_key) == bool(past)


async def test_a_stored_session_is_kept_under_the_model_and_the_profile(tmp_path, monkeypatch):
    monkeypatch.setattr("codemode_tui.chat.steps.NullRecorder", type("Nothing", (), {}))
    request = await asked(tmp_path, Stored())
    assert request.keep and len(request.cache_key) == 64 and request.conversation == "session"
