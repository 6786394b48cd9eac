"""`codemode sessions resume` and `fork`: the terminal interface, in the folder that a session was about."""

from __future__ import annotations

import argparse
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

import msgspec
from support.fakes import FakeEngine

from codemode_tui import locations
from codemode_tui.chat import events as ev
from codemode_tui.cli import sessions, tui
from codemode_tui.cli.session import Options, open_conversation
from codemode_tui.engine.models import tokenizer_hash
from codemode_tui.errors import ContextError
from codemode_tui.store.store import Store, wait


def test_a_store_that_is_named_from_here_on_stays_the_same_in_another_folder(tmp_path, monkeypatch):
    (work := tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CODEMODE_HOME", "home")
    before = locations.store_file()
    store = Store.open(before)
    session = wait(store.new_session(work))
    store.close()
    seen = []

    def start(args):
        seen.append((args.session, Path.cwd(), locations.store_file()))
        return 0

    monkeypatch.setattr(tui, "start", start)
    assert sessions.run(argparse.Namespace(action="resume", session=session)) == 0
    assert seen == [(session, work, before)]


def test_the_list_has_a_line_of_bounded_length_and_this_machines_time_for_each(tmp_path, monkeypatch, request, capsys):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TZ", "EAST-9")
    request.addfinalizer(time.tzset)
    request.addfinalizer(monkeypatch.undo)
    time.tzset()
    with closing(Store.open(locations.store_file())) as store:
        wait(store.begin_turn(session := wait(store.new_session(tmp_path, "x" * 5000)), "How many?", ()))
        last = wait(store.session(session)).last
    args = argparse.Namespace(action="list", workspace=None, limit=5, json=False)
    assert sessions.run(args) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert f"{datetime.fromisoformat(last).astimezone():  %Y-%m-%d %H:%M  }" in line and len(line) < 300
    args.json = True
    sessions.run(args)
    assert last.endswith("Z") and last in capsys.readouterr().out


class Narrow(FakeEngine):
    """The bundled model as far as anybody can tell, with a context of 2,048 characters."""

    async def start(self, on_progress=None):
        self._info = msgspec.structs.replace(
            await super().start(on_progress), tokenizer_sha256=tokenizer_hash(locations.bundled_model())
        )
        return self._info

    async def generate(self, request):
        if sum(len(segment.text) for segment in request.prompt) + request.reserve > 2048:
            raise ContextError("too long")
        async for event in super().generate(request):
            yield event


async def test_turns_that_were_left_out_stay_out_when_the_session_goes_on_in_another_process(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))

    async def drops(question: str) -> bool:
        return any([isinstance(event, ev.Noticed) async for event in chat.ask(question)])

    chat = await open_conversation(Options(workspace=tmp_path), first := Narrow(*["a" * 200] * 20))
    while not await drops(f"question {len(first.prompts)}"):
        pass
    await chat.close()
    chat = await open_conversation(Options(workspace=tmp_path, session=chat.session), second := Narrow("b"))
    assert not await drops("and now?")
    await chat.close()
    assert second.prompts[0].startswith(first.prompts[-1]) and "question 0" not in second.prompts[0]


async def test_what_is_asked_in_a_folder_that_was_moved_is_the_last_there(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    (old := tmp_path / "old").mkdir()
    with closing(Store.open(locations.store_file())) as store:
        session = await store.new_session(old)
        old.rename(new := tmp_path / "new")
        old.symlink_to(new)
        elsewhere = await store.begin_turn(await store.new_session(new), "another", ())
        await store.end_turn(elsewhere, "done", "no")
        conversation = await open_conversation(Options(workspace=new, session=session), FakeEngine())
        turn = await store.begin_turn(session, "How many?", ())
        await store.end_turn(turn, "done", "3")
        await store.rate(turn, -1)
        assert (await store.last_turn(new)).id == turn
        assert [one.turn for one in await store.feedback_now(new, rating=-1)] == [turn]
        await conversation.close()
        again = await open_conversation(Options(workspace=new, resume_last=True), FakeEngine())
        assert again.session == session
        await again.close()
