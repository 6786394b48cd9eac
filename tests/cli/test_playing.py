"""Conversations of cases: a folder that is gone afterwards has no say, and takes nothing of the user's away."""

from __future__ import annotations

from argparse import Namespace

import pytest
from support.fakes import INFO, FakeEngine
from training.test_report import result

from codemode_tui import locations
from codemode_tui.cli import eval as eval_command
from codemode_tui.cli import replay as replay_command
from codemode_tui.cli.playing import Contender, opener
from codemode_tui.errors import EngineError
from codemode_tui.training.regression import Item
from codemode_tui.training.replay import Replay, Replayed
from codemode_tui.training.report import Evaluation


@pytest.fixture
def opened(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    (folder := tmp_path / "case").mkdir()
    return folder, opener(Contender("bundled", FakeEngine(), 0), INFO)


async def test_runs_of_cases_leave_the_user_s_undo_history_alone(opened):
    folder, open_conversation = opened
    services = (await open_conversation(folder)).services
    await services.tools(None, services.commands_write).call("write_file", ["a.txt", "x"], {})
    assert (folder / "a.txt").read_text() == "x" and not locations.runs_dir().exists()


async def test_a_project_file_of_a_case_is_a_file_like_any_other(opened):
    folder, open_conversation = opened
    (folder / ".codemode.toml").write_text('[ui]\ntheme = "dark"\n[tools]\nmax_steps = 1\n')  # ui: not a project's
    assert (await open_conversation(folder)).services.settings.max_steps > 1


def test_an_evaluation_in_which_no_case_could_be_asked_is_told_and_fails(tmp_path, monkeypatch, capsys):
    suite = tmp_path / "s.toml"
    suite.write_text('[[case]]\nid = "a"\nquery = "q"\ndecision = "tool"\n')
    page = tmp_path / "page.html"
    args = Namespace(suite=suite, model="new", baseline="old", profile=None, group=[], case=[], jobs=1, html=page,
                     json=True)  # fmt: skip
    silent = result("a", "tool", None, passed=False)
    played = iter([(result("a", "tool", "tool"),), (silent,)])

    async def evaluate(suite, one, *, jobs):
        return Evaluation("s", INFO, next(played))

    monkeypatch.setattr(eval_command, "contender", lambda *_: None)
    monkeypatch.setattr(eval_command, "evaluate", evaluate)
    with pytest.raises(EngineError, match="could not be asked a single case: engine: gone"):
        eval_command._play(args)
    assert '"baseline": {' in capsys.readouterr().out and page.exists()


def test_a_replay_in_which_no_turn_could_be_asked_is_told_and_fails(monkeypatch, capsys):
    silent = result("a", "tool", None, passed=False)

    async def replays(*_):
        return [Replay(INFO, (Replayed(Item("t", "corrected", silent.case), silent),), ())]

    monkeypatch.setattr(replay_command, "contender", lambda *_: None)
    monkeypatch.setattr(replay_command, "_replays", replays)
    with pytest.raises(EngineError, match="could not be asked a single case: engine: gone"):
        replay_command.run(Namespace(model=None, baseline=None, profile=None, jobs=1, json=True))
    assert '"failing": 1' in capsys.readouterr().out
