"""`codemode sessions resume` and `fork`: the terminal interface, in the folder that a session was about."""

from __future__ import annotations

import argparse
from pathlib import Path

from codemode_tui import locations
from codemode_tui.cli import sessions, tui
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
