"""Conversations of cases: a folder that is gone afterwards has no say, and takes nothing of the user's away."""

from __future__ import annotations

from argparse import Namespace

import pytest
from msgspec.structs import replace
from support.fakes import INFO, FakeEngine
from training.test_report import result

from codemode_tui import locations
from codemode_tui.cli import eval as eval_command
from codemode_tui.cli import playing, train_gate
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

    monkeypatch.setattr(eval_command, "contender", lambda name, _: Contender(name, FakeEngine(), 1))
    monkeypatch.setattr(eval_command, "evaluate", evaluate)
    with pytest.raises(EngineError, match="could not be asked a single case: engine: gone"):
        eval_command._play(args)
    assert '"baseline": {' in capsys.readouterr().out and page.exists()


class Down(FakeEngine):
    async def start(self, on_progress=None):
        raise EngineError("there is no server")


@pytest.fixture
def down(monkeypatch):
    """Nothing may be played, or run again: of two models one is at a server that is down."""
    engines = {"here": Contender("here", FakeEngine(), 1), "there": Contender("there", Down(), 0)}

    async def played(*_, **__):
        raise AssertionError("it is too early for that")

    for room in (eval_command, replay_command, playing):
        for name in {"evaluate", "replayed", "make_bench"} & vars(room).keys():
            monkeypatch.setattr(room, name, played)
        monkeypatch.setattr(room, "contender", lambda name, _: engines[name])
    return engines


def test_a_server_that_is_down_is_found_out_before_the_other_model_is_played(tmp_path, monkeypatch, down):
    suite = tmp_path / "s.toml"
    suite.write_text('[[case]]\nid = "a"\nquery = "q"\ndecision = "tool"\n')
    args = Namespace(suite=suite, model="here", baseline="there", profile=None, group=[], case=[], jobs=1, html=None,
                     allow_broken=0, json=True)  # fmt: skip
    monkeypatch.setattr(train_gate, "_info", lambda name: replace(INFO, weights_sha256=name))
    monkeypatch.setattr(train_gate, "_asked", lambda *_: None)
    for run in (eval_command._play, replay_command.run, lambda args: train_gate._measure(args, "there")):
        with pytest.raises(EngineError, match="there is no server"):
            run(args)
    assert down["there"].engine.closed and not down["here"].engine.starts  # weights are loaded where they are played


def test_a_replay_in_which_no_turn_could_be_asked_is_told_and_fails(monkeypatch, capsys):
    silent = result("a", "tool", None, passed=False)

    async def replays(*_):
        return [Replay(INFO, (Replayed(Item("t", "corrected", silent.case), silent),), ())]

    monkeypatch.setattr(replay_command, "contender", lambda *_: None)
    monkeypatch.setattr(replay_command, "_replays", replays)
    with pytest.raises(EngineError, match="could not be asked a single case: engine: gone"):
        replay_command.run(Namespace(model=None, baseline=None, profile=None, jobs=1, json=True))
    assert '"failing": 1' in capsys.readouterr().out
