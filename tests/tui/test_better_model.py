"""A model that passed its gate is offered in the middle of whatever one does, once."""

from __future__ import annotations

from msgspec.structs import replace
from support.fakes import INFO
from support.scripted import ScriptedChat

from codemode_tui.front.better_model import better_model
from codemode_tui.training.tuning import verdict
from codemode_tui.training.tuning.verdict import Asked, Count, Verdict, keep
from codemode_tui.tui import app as app_module

from .screen import app_for, until


async def nowhere(**changes):
    raise AssertionError("nothing is opened here")


async def test_it_is_offered_with_the_command_that_takes_it(monkeypatch, tmp_path):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(app_module, "OFFER_SECONDS", 0.05)
    (tmp_path / "mine").mkdir()
    model = replace(INFO, name="mine", path=str(tmp_path / "mine"))
    there = {model.path: model, "bundled": INFO}
    monkeypatch.setattr(verdict, "find_model", lambda name: name)
    monkeypatch.setattr(verdict, "inspect", lambda name: there[name])
    counts = {"suite": Count(1, 0, 1), "feedback": Count(0, 0, 0)}
    told: list[str] = []
    app = app_for(ScriptedChat(), reopen=nowhere)
    monkeypatch.setattr(app, "notify", lambda text, **more: told.append(text))
    async with app.run_test(size=(100, 40)) as pilot:
        keep(Verdict(True, 0, "", model, INFO, Asked("", ""), counts, (), (), (), 0))
        await until(pilot, lambda: told)
    assert told == [f"a new model passed its gate, mine (0 fixed, nothing newly broken): /model {tmp_path / 'mine'}"]


def test_settings_that_cannot_be_read_offer_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    (tmp_path / "home/config").mkdir(parents=True)
    model = replace(INFO, path=str(tmp_path))
    keep(Verdict(True, 0, "", model, INFO, Asked("", ""), {}, (), (), (), 0))
    (tmp_path / "home/config/config.toml").write_text("[model\n")
    assert better_model() == ""
