"""From a gap to an export: targets, generated examples, the imported set, and two exports as one."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from contextlib import closing

import msgspec
import pytest
from msgspec.structs import replace
from support.fakes import INFO, FakeEngine, Said, call
from training.past import real

from codemode_tui import locations
from codemode_tui.cli import data_generate, export
from codemode_tui.cli.playing import Contender
from codemode_tui.engine.lock import memory_holder
from codemode_tui.errors import EngineError, UsageError
from codemode_tui.feedback.imported import examples, state
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.store.store import Store, wait
from codemode_tui.training.gaps import FORMULA, Target, Targets


def test_generated_examples_are_exported_as_targeted_and_merged(codemode):
    assert codemode("data", "gaps").code == 0
    table = json.loads((codemode.workspace / "targets.json").read_text())
    table["targets"] = [one for one in table["targets"] if one["pattern"] == "for"]
    (codemode.workspace / "targets.json").write_text(json.dumps(table))
    result = codemode("data", "generate", "--most", "2", "--json")
    assert (result.code, result.json["added"], result.json["patterns"]["for"]["found"]) == (0, 2, 2)
    assert codemode("data", "generate", "--most", "2", "--json").json["added"] == 0
    assert codemode("export", "--out", "plain").code == 0
    assert codemode("export", "--include-source", "targeted", "--out", "more", "--json").json["sources"] == {
        "targeted": 4
    }
    merged = codemode("data", "merge", "plain", "more", "--out", "both", "--json").json
    assert merged["sources"] == {"targeted": 4} and merged["leak"] == 0
    for file in ("mlx-sft/train.jsonl", "mlx-sft/valid.jsonl", "mlx-sft/test.jsonl"):
        one, other = (codemode.workspace / name / file for name in ("more", "both"))
        assert one.exists() == other.exists() and (not one.exists() or one.read_bytes() == other.read_bytes())
    assert "is merged itself" in codemode("data", "merge", "plain", "more", "--out", "more").error
    assert "named twice" in codemode("data", "merge", "plain", "plain", "--out", "x").error
    assert "no --out" in codemode("data", "merge", "plain").error


def test_a_model_of_another_domain_needs_prompts(codemode, tmp_path):
    assert codemode("data", "gaps").code == 0
    assert "no nowhere.json" in codemode("data", "generate", "--targets", "nowhere.json").error


@pytest.fixture
def generate(tmp_path, monkeypatch, capsys):
    """``generate(engine, *questions)`` has the questions answered by the model ``name``; without any the generator is
    asked."""
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    wanted = Targets(1, FORMULA, {}, [Target("direct", 0, 5, 0, 0, 0.5, 0.1, 0.1, [], [], [])])
    (tmp_path / "targets.json").write_bytes(msgspec.json.encode(wanted))

    def run(engine, *questions, name="bundled"):
        async def opened(folder):
            engine.holders.append(memory_holder())
            return real(engine, folder)

        engine.holders = []
        (tmp_path / "prompts").write_text("\n".join(questions))
        monkeypatch.setattr(data_generate, "contender", lambda *_: Contender(name, engine, 1))
        monkeypatch.setattr(data_generate, "opener", lambda *_: opened)
        prompts = tmp_path / "prompts" if questions else None
        data_generate.run(Namespace(targets=tmp_path / "targets.json", prompts=prompts, model=None, most=9, seed=0,
                                    dry_run=False, json=True))  # fmt: skip
        return json.loads(capsys.readouterr().out)

    return run


class OtherProfile(FakeEngine):
    async def start(self, on_progress=None):
        await super().start(on_progress)
        return replace(INFO, profile="phase22")


def test_what_a_model_answers_is_learnt_under_the_profile_under_which_it_answers(generate):
    found = generate(OtherProfile("A tuple never changes."), "What is a tuple in Python good for?")
    assert (found["profile"], found["added"]) == ("phase22", 1)
    with closing(Store.open(locations.store_file())) as store:
        (row,) = store.external_rows("targeted")
    assert json.loads(row.line)["messages"][0]["content"] == load_profile("phase22").system_prompt


def stored(*events):
    """What was imported, after ``events`` about its first row."""
    with closing(Store.open(locations.store_file())) as store:
        for kind, body in events:
            wait(store.external_event(1, kind, body))
        return list(store.external_rows("targeted"))


def test_what_a_model_answers_without_code_is_learnt_once_somebody_has_reviewed_it(generate, capsys):
    found = generate(FakeEngine("A tuple never changes."), "What is a tuple in Python good for?")
    assert (found["added"], found["unproven"]) == (1, 1)
    parser = ArgumentParser()
    export.add_arguments(parser)
    export.run(parser.parse_args(["--dry-run", "--include-source", "targeted"]))
    assert "1 of them: `codemode review --source targeted`" in capsys.readouterr().out
    for events, shown, doubt in (((), "none", "unverified"), ([("verify", {"ok": True})], "verified", "")):
        (row,) = stored(*events)
        assert (state(row), [one.doubt for one in examples(row)]) == (shown, [doubt])


def test_what_the_generator_s_authors_wrote_is_learnt_as_it_is(generate):
    assert (found := generate(FakeEngine()))["added"] and not found["unproven"]
    assert {(state(row), one.doubt) for row in stored() for one in examples(row)} == {("verified", "")}


def test_a_model_at_a_server_answers_prompts_though_its_files_are_not_here(generate):
    found = generate(FakeEngine("A tuple never changes."), "What is a tuple?", name="openai:http://127.0.0.1:9#A")
    assert (found["added"], found["refused"]) == (1, {})


def test_the_generator_makes_nothing_for_a_profile_that_the_settings_name(generate):
    locations.config_file().parent.mkdir(parents=True)
    locations.config_file().write_text('[model]\nprofile = "phase22"\n')
    with pytest.raises(UsageError, match="makes nothing for the profile phase22"):
        generate(FakeEngine())


def test_turns_that_fail_are_counted_and_where_none_can_be_asked_that_is_an_error(generate):
    engine = FakeEngine(Said("", dies=True), call("print(nope)"), "Oh.", "A tuple never changes.")
    found = generate(engine, "What is a list?", "How long is a.txt?", "What is a tuple?")
    assert (found["kept"], found["refused"]) == (1, {"failed": 1, "unverified": 1})
    with pytest.raises(EngineError, match="not a single prompt could be asked: engine: the engine was killed"):
        generate(FakeEngine(Said("", dies=True), Said("", dies=True)), "What is a list?", "What is a set?")


def test_the_memory_of_the_machine_is_taken_while_a_large_model_answers(generate, monkeypatch):
    monkeypatch.setattr("codemode_tui.engine.lock.LARGE", 1)
    generate(engine := FakeEngine("A tuple never changes."), "What is a tuple in Python good for?")
    assert ["generating with bundled" in holder for holder in engine.holders] == [True] and not memory_holder()
