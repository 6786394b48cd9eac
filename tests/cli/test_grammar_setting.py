"""`engine.grammar` from the settings to the engine."""

from __future__ import annotations

import pytest
from support.fakes import FakeEngine, call

from codemode_tui.cli import session
from codemode_tui.cli.session import Options, open_conversation
from codemode_tui.config_file import set_value
from codemode_tui.errors import ConfigError


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    return tmp_path


async def guide_of(tmp_path, profile: str) -> str | None:
    engine = FakeEngine(call("print(1)"))
    chat = await open_conversation(Options(workspace=tmp_path, profile=profile, run="never"), engine)
    async for _ in chat.ask("q"):
        pass
    await chat.close()
    return engine.requests[0].guide


async def test_messages_are_drawn_freely_unless_it_is_on_and_then_in_the_profiles_dialect(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "find_spec", lambda name: object())
    assert await guide_of(tmp_path, "bundled") is None
    set_value("engine.grammar", "true")
    assert await guide_of(tmp_path, "bundled") == "qwen3-coder"
    assert await guide_of(tmp_path, "phase22") == "phase22"


async def test_without_the_extra_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(session, "find_spec", lambda name: None)
    set_value("engine.grammar", "true")
    with pytest.raises(ConfigError, match="not installed") as error:
        await guide_of(tmp_path, "bundled")
    assert "codemode-tui[grammar]" in error.value.hint
