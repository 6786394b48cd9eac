"""Conversations for a front end, one in the place of another."""

from __future__ import annotations

from support.fakes import FakeEngine, conversation

from codemode_tui.cli import doors
from codemode_tui.cli.session import Options


async def test_what_was_not_taken_leaves_no_trace_and_the_end_closes_what_is_open(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    asked: list[Options] = []

    async def opens(options: Options):
        asked.append(options)
        return conversation(FakeEngine(), tmp_path)

    monkeypatch.setattr(doors, "open_conversation", opens)
    those = doors.Doors(Options(workspace=tmp_path))
    first = (await those.open()).chat
    second = (await those.open(model="another")).chat
    await second.close()  # a question was faster
    third = (await those.open(profile="qwen")).chat
    assert [one.model for one in asked] == [None, "another", None] and asked[-1].profile == "qwen"
    await those.close()
    assert first.closed and third.closed
