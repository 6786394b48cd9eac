"""The verdict: what is newly broken decides, and only a verdict on just these weights and questions promotes."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

import pytest
from msgspec.structs import replace
from support.adapters import make_adapter
from support.fakes import INFO
from training.test_report import result

from codemode_tui.cli import train_gate
from codemode_tui.cli.gate_page import document, lines, markdown
from codemode_tui.cli.output import dumps
from codemode_tui.engine.choice import Change, Chosen
from codemode_tui.errors import ConfigError, EngineError, ModelError, UsageError
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.settings import EngineSettings, SamplingSettings, Settings, ToolSettings
from codemode_tui.training.regression import Item
from codemode_tui.training.replay import Replay, Replayed
from codemode_tui.training.report import Evaluation
from codemode_tui.training.suite import Case, Suite
from codemode_tui.training.tuning.plan import Options, conflicts, resolved
from codemode_tui.training.tuning.run import base_model
from codemode_tui.training.tuning.verdict import asked_of, conditions, judge, keep, offer, same, standing

NEW, OLD = replace(INFO, name="new", weights_sha256="1" * 64), INFO
SUITE = Suite(name="s", cases=(Case(id="a", query="q", decision="tool"),))
ASKED = asked_of(SUITE, ["1 wrong"], "now")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))


def verdict(before: str, now: str, *, past: str = "", later: str = "", allow: int = 0, new=NEW, kind="corrected"):
    """A letter for each case: ``+`` passed, ``-`` failed, ``!`` never asked, ``~`` too long, ``?`` its files have no
    place; of the suite, and of feedback."""

    def played(model, marks):
        return Evaluation("s", model, tuple(_result(f"c{at}", mark) for at, mark in enumerate(marks)))

    def asked_again(model, marks):
        turns = [(f"t{at}", _result(f"t{at}", mark)) for at, mark in enumerate(marks)]
        items = [Replayed(Item(turn, kind, found.case), found) for turn, found in turns]
        return Replay(model, tuple(items), ())

    return judge(played(new, now), played(OLD, before), asked_again(new, later), asked_again(OLD, past), ASKED, allow)


def _result(name: str, mark: str):
    if mark in "!~?":
        crash = {"!": "engine: gone", "~": "error: full", "?": "set-up: a name is too long"}[mark]
        return result(name, "tool", None, passed=False)._replace(crash=crash)
    return result(name, "tool", "tool" if mark == "+" else "direct", passed=mark == "+")


def test_nothing_newly_broken_passes_whatever_fails_with_both():
    found = verdict("++--", "+++-", past="-", later="+")
    assert found.passed and [one.id for one in found.fixed] == ["c2", "t0"]
    assert [one.id for one in found.failing] == ["c3"] and not found.broken
    assert (found.counts["suite"].old, found.counts["suite"].new, found.counts["feedback"].new) == (2, 3, 1)


@pytest.mark.parametrize(
    ("past", "later", "kind", "counted"),
    [("--+", "--+", "corrected", (2, 0)), ("--+", "-++", "corrected", (2, 1)), ("+", "+", "corrected", (0, 0)),
     ("-", "-", "approved", (0, 0)), ("?-", "?-", "corrected", (1, 0)), ("", "", "corrected", (0, 0))],
)  # fmt: skip
def test_a_model_that_fixes_nothing_of_what_was_corrected_passes_and_that_is_the_last_word(
    monkeypatch, capsys, past, later, kind, counted
):
    found = verdict("+-", "++", past=past, later=later, kind=kind)
    assert found.passed and (found.corrected.failed, found.corrected.fixed) == counted
    plural = "s" if counted[0] > 1 else ""
    said = f"of {counted[0]} corrected failure{plural} it fixes none"
    change = Change(Chosen("new", ""), Chosen("old", ""), "")
    monkeypatch.setattr(train_gate, "_measure", lambda *_: found)
    monkeypatch.setattr(train_gate, "_info", lambda name: NEW if name else OLD)
    monkeypatch.setattr(train_gate, "_asked", lambda *_: ASKED)
    monkeypatch.setattr(train_gate, "_check_unchanged", lambda *_: None)
    monkeypatch.setattr("codemode_tui.engine.choice.set_profile", lambda _: None)
    monkeypatch.setattr("codemode_tui.engine.choice.use", lambda *_: change)
    keep(found)
    args = Namespace(model="new", baseline=None, suite=None, jobs=1, allow_broken=0, json=False, out=None)
    for action in (train_gate._gate, train_gate._promote):  # promote: what the gate has measured is not measured again
        assert action(args) == 0
        assert (said in capsys.readouterr().out.splitlines()[-1]) == (counted[0] > counted[1] == 0)


def test_one_broken_case_fails_however_many_are_fixed_unless_it_is_allowed():
    assert not verdict("+---", "-+++").passed
    assert verdict("+---", "-+++", allow=1).passed
    broken = verdict("+", "+", past="+", later="-")
    assert not broken.passed and [(one.kind, one.id) for one in broken.broken] == [("feedback", "t0")]


def test_a_case_that_the_old_model_was_never_asked_must_pass_with_the_new_one():
    found = verdict("!+-!", "-+-+", past="!", later="!")
    assert not found.passed and [one.id for one in found.failing] == ["c2"]
    why = "could not be asked of the old model: engine: gone"
    assert [(one.id, one.why) for one in found.broken] == [("c0", why), ("t0", why)]
    assert verdict("~+", "~+").passed  # asked, and too long for both: it may be for ever


def test_a_case_that_neither_model_can_be_asked_for_its_own_files_is_noted_and_broken_by_nobody():
    found = verdict("?+", "?+", past="?", later="?")
    assert found.passed and not found.broken
    assert [(one.id, one.why) for one in found.failing] == [(id, "set-up: a name is too long") for id in ("c0", "t0")]
    assert [one.id for one in verdict("+?", "?-").broken] == ["c0", "c1"]  # it could be asked of one of them


@pytest.mark.parametrize(("before", "now"), [("!!", "++"), ("++", "!!")])
def test_a_model_that_gave_no_answer_at_all_is_not_judged(before, now):
    with pytest.raises(EngineError, match="could not be asked a single case: engine: gone"):
        verdict(before, now, past=before, later=now)


def test_a_passing_verdict_stands_for_these_weights_this_baseline_and_these_questions_alone():
    keep(verdict("+", "+"))
    assert standing(NEW, OLD, ASKED, 0)
    assert not standing(replace(NEW, weights_sha256="2" * 64), OLD, ASKED, 0)
    assert not standing(NEW, replace(OLD, weights_sha256="2" * 64), ASKED, 0)
    assert not standing(replace(NEW, profile="phase22"), OLD, ASKED, 0)
    assert not standing(NEW, replace(OLD, profile="phase22"), ASKED, 0)
    assert not standing(NEW, OLD, asked_of(SUITE, ["1 wrong", "9 wrong"], "now"), 0)  # corrected since
    assert not standing(NEW, OLD, asked_of(replace(SUITE, cases=()), ["1 wrong"], "now"), 0)
    assert not standing(NEW, OLD, asked_of(SUITE, ["1 wrong"], "under another profile"), 0)
    keep(verdict("++", "+-", allow=1))
    assert not standing(NEW, OLD, ASKED, 0) and standing(NEW, OLD, ASKED, 1)
    keep(verdict("+", "-"))  # measured again, and now it fails
    assert not standing(NEW, OLD, ASKED, 5)


def test_conditions_are_all_that_reaches_a_measured_model_and_nothing_else():
    profile, settings = load_profile("bundled"), Settings()
    now = conditions(settings, [profile])
    others = [
        conditions(replace(settings, tools=ToolSettings(retries=0)), [profile]),
        conditions(replace(settings, engine=EngineSettings(grammar=True)), [profile]),
        conditions(replace(settings, sampling=SamplingSettings(max_tokens=9)), [profile]),
        conditions(settings, [replace(profile, system_prompt="Otherwise.")]),
    ]
    assert len({now, *others}) == 5
    warm = replace(settings, sampling=SamplingSettings(temp=1.0), engine=EngineSettings(linger_minutes=1.0))
    assert conditions(warm, [profile]) == now  # cases are played greedily, by an engine of their own


def test_a_note_that_cannot_be_read_is_none(tmp_path):
    file = keep(verdict("+", "+"))
    file.write_text(file.read_text()[:40])
    assert standing(NEW, OLD, ASKED, 0) is None and offer() is None


def test_a_model_that_passed_is_offered_once_while_it_is_what_was_measured(tmp_path, monkeypatch):
    monkeypatch.setattr("codemode_tui.training.tuning.verdict.find_model", lambda name: name)
    now = {str(tmp_path): replace(NEW, path=str(tmp_path)), "bundled": OLD}

    def inspected(name):
        if name not in now:
            raise ModelError("gone")
        return now[name]

    monkeypatch.setattr("codemode_tui.training.tuning.verdict.inspect", inspected)
    there = now[str(tmp_path)]
    keep(verdict("+", "-", new=there))
    assert offer() is None
    keep(verdict("+", "+", new=replace(there, path=str(tmp_path / "gone"))))
    assert offer() is None
    keep(verdict("+", "+", new=there))
    now[str(tmp_path)] = replace(there, weights_sha256="2" * 64)  # trained again since
    assert offer() is None
    now[str(tmp_path)], now["bundled"] = there, replace(OLD, weights_sha256="3" * 64)  # better than what answered then
    assert offer() is None
    now["bundled"] = OLD
    found = offer()
    assert found and found.model.name == "new" and offer() is None


def test_weights_at_a_server_are_known_by_name_and_measured_each_time():
    good, bad = (replace(NEW, weights_sha256="", name=name, path=f"http://h/v1#{name}") for name in ("good", "bad"))
    assert not same(good, bad) and same(good, replace(good))
    keep(verdict("+", "+", new=good))
    assert standing(good, OLD, ASKED, 0) is None and standing(bad, OLD, ASKED, 0) is None


def test_a_verdict_on_a_question_of_half_a_character_is_kept():
    failed = result("caf\udce9 in todo.md?", "tool", "direct", passed=False)
    passed = result("caf\udce9 in todo.md?", "tool", "tool", passed=True)
    played = [Evaluation("s", model, (one,)) for model, one in ((NEW, passed), (OLD, failed))]
    found = judge(*played, Replay(NEW, (), ()), Replay(OLD, (), ()), ASKED, 0)
    assert found.fixed[0].query == "caf\ufffd in todo.md?" and keep(found).exists()


def test_the_verdict_is_told_as_lines_a_page_markdown_and_json():
    found = verdict("+-+", "-++", allow=0)
    hostile = replace(found, broken=(replace(found.broken[0], query="<script>x</script> | `a` [b](c)"),))
    text = "\n".join(lines(found))
    assert "gate failed: 1 fixed, 1 newly broken; no corrected turn could be asked again; nothing was replaced" in text
    assert "newly broken (1)" in text and "c0" in text
    assert "<script>" not in document(hostile) and "&lt;script&gt;" in document(hostile)
    assert r"\<script\>x\</script\> \| \`a\` \[b\](c)" in markdown(hostile)
    table = json.loads(dumps(found))
    assert table["corrected"] == {"failed": 0, "fixed": 0}
    assert table["passed"] is False and table["broken"][0]["why"].startswith("decision: ")
    assert Path(table["model"]["path"]) == Path(NEW.path)


def test_a_failed_gate_says_so_also_where_its_page_cannot_be_written(tmp_path, monkeypatch, capsys):
    args = Namespace(model="new", baseline=None, json=True, out=tmp_path / "nowhere" / "gate.html")
    monkeypatch.setattr(train_gate, "_measure", lambda *_: verdict("+", "-"))
    assert train_gate._gate(args) == 8
    assert "gate.html cannot be written" in capsys.readouterr().err
    monkeypatch.setattr(train_gate, "_measure", lambda *_: verdict("+", "+"))
    with pytest.raises(UsageError, match="cannot be written"):
        train_gate._gate(args)


def test_pages_show_what_a_case_hides():
    odd = "\x1b]0;a\x07\u202eb\x9b2J"
    found = verdict("+", "-")
    found = replace(found, broken=(replace(found.broken[0], id=odd, query=odd, why=odd),))
    for text in (document(found), markdown(found)):
        assert not set(odd) & set("\x1b\x07\u202e\x9b") & set(text)
    assert r"\x1b]0;a\x07\u202eb\x9b2J" in document(found) and r"\\x1b\]0;a\\x07\\u202eb" in markdown(found)


@pytest.fixture
def unwritable(monkeypatch):
    """Both models are played, and nothing can be written any more."""

    def full(*_):
        raise ConfigError("gates cannot be written: no space left on device", hint="check the disk")

    def finish(work):
        work.close()
        return verdict("+", full.marks)

    full.marks = "+"
    monkeypatch.setattr("codemode_tui.training.tuning.verdict.keep", full)
    monkeypatch.setattr("codemode_tui.engine.choice.use", full)
    monkeypatch.setattr("codemode_tui.cli.playing.finish", finish)
    monkeypatch.setattr("codemode_tui.cli.playing.contender", lambda *_: None)
    monkeypatch.setattr(train_gate, "_info", lambda name: NEW if name else OLD)
    monkeypatch.setattr(train_gate, "_asked", lambda *_: ASKED)
    monkeypatch.setattr("codemode_tui.engine.choice.set_profile", lambda _: None)
    return full


@pytest.mark.parametrize(("marks", "code"), [("+", 0), ("-", 8)])
def test_a_verdict_that_cannot_be_remembered_is_told_all_the_same(tmp_path, unwritable, capsys, marks, code):
    unwritable.marks = marks
    args = Namespace(model="new", baseline=None, suite=None, jobs=1, allow_broken=0, json=False, out=tmp_path / "g.md")
    assert train_gate._gate(args) == code
    said = capsys.readouterr()
    assert "0 fixed" in said.out and "no space left" in said.err and said.err.count("\n") == 1
    assert "0 fixed" in args.out.read_text()


@pytest.mark.parametrize("as_json", [True, False])
def test_a_verdict_is_told_also_where_the_model_cannot_be_chosen(unwritable, capsys, as_json):
    args = Namespace(model="new", suite=None, jobs=1, allow_broken=0, json=as_json)
    with pytest.raises(ConfigError, match="no space left"):
        train_gate._promote(args)
    said = capsys.readouterr().out
    assert json.loads(said)["promoted"] is False if as_json else "gate passed" in said


def test_promoting_what_answers_already_is_no_change_to_be_taken_back(tmp_path, monkeypatch, capsys):
    name = str(make_adapter(tmp_path / "mine"))
    measured = replace(verdict("+", "+"), model=train_gate._info(name), baseline=train_gate._info(None))
    monkeypatch.setattr(train_gate, "_measure", lambda *_: measured)
    monkeypatch.setattr(train_gate, "_asked", lambda *_: ASKED)
    for said, taken_back in ((f"{name} answers from now on", True), (f"{name} it is already", False)):
        args = Namespace(model=name, suite=None, jobs=1, allow_broken=0, json=False)
        assert train_gate._promote(args) == 0
        lines = capsys.readouterr().out
        assert said in lines and ("back: codemode train rollback" in lines) is taken_back


@pytest.mark.parametrize(
    ("meanwhile", "said"),
    [
        ({"new": replace(NEW, weights_sha256="2" * 64)}, "new has changed while it was measured"),
        ({"new": replace(NEW, profile="phase22")}, "new has changed while it was measured"),
        ({None: replace(OLD, weights_sha256="3" * 64)}, "another model answers now than the one that new was measured"),
    ],
)
def test_what_is_not_what_was_measured_any_more_is_not_promoted(monkeypatch, capsys, meanwhile, said):
    models = {"new": NEW, None: OLD}

    def measured(*_):
        models.update(meanwhile)
        return verdict("+", "+")

    monkeypatch.setattr(train_gate, "_measure", measured)
    monkeypatch.setattr(train_gate, "_info", models.get)
    monkeypatch.setattr(train_gate, "_asked", lambda *_: ASKED)
    monkeypatch.setattr("codemode_tui.engine.choice.use", lambda *_: pytest.fail("it was promoted"))
    with pytest.raises(UsageError, match=said):
        train_gate._promote(Namespace(model="new", suite=None, jobs=1, allow_broken=0, json=True))
    table = json.loads(capsys.readouterr().out)
    assert (table["promoted"], table["measured"], table["gate"]["passed"]) == (False, True, True)


def test_an_adapter_is_trained_again_from_its_base(tmp_path):
    name, ref = base_model(str(make_adapter(tmp_path / "mine", size=0.1)))
    assert name == "bundled" and ref.adapter is None
    assert base_model(None)[0] == "bundled"


def test_what_a_run_goes_on_with_must_be_what_it_began_with():
    kept = Options(data="/rows", iters=10, seed=11)
    conflicts(Options(iters=10), kept)
    with pytest.raises(UsageError, match="has --iters 10, not 20"):
        conflicts(Options(iters=20), kept)


def test_a_share_of_a_set_that_is_none_is_no_conflict():
    kept = resolved(Options(data="d", mix=0.5), INFO, own=False)
    assert kept.mix == 0.0
    conflicts(Options(data="d", mix=0.5), kept)
    with pytest.raises(UsageError, match="--rank"):
        conflicts(Options(data="d", rank=4), kept)


def test_small_models_are_trained_whole_and_the_bundled_one_with_what_it_knows():
    small, large = replace(INFO, bytes=5 << 20, context_limit=512), replace(INFO, bytes=20 << 30, context_limit=32768)
    assert resolved(Options(), small, own=True).base_set == "bundled" and resolved(Options(), small, own=True).mix
    found = resolved(Options(rank=4), large, own=False)
    assert (found.base_set, found.mix, found.layers, found.rank) == ("none", 0.0, 16, 4)
    assert resolved(Options(), small, own=True).max_seq_length == 512
