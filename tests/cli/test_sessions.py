"""`codemode sessions resume` and `fork`: the terminal interface, in the folder that a session was about."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path

from support.fakes import FakeEngine

from codemode_tui import locations
from codemode_tui.cli import sessions, tui
from codemode_tui.cli.session import Options, open_conversation
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
