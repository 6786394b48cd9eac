"""The real child with the bundled model: its tokenizer, its template, mlx-lm's own loader."""

import json
import os
import subprocess
import sys

import pytest
from feedback.histories import OPTIONS, History, Step, call, profiles, ran
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from codemode_tui.engine.models import ModelRef, find_model
from codemode_tui.errors import ModelError
from codemode_tui.feedback.consumer import Consumer
from codemode_tui.feedback.example import Said, chatml
from codemode_tui.feedback.run import export

pytestmark = pytest.mark.slow
BUNDLED = find_model(None)


@pytest.fixture(scope="module")
def consumer():
    with Consumer(BUNDLED) as running:
        yield running


class Kept:
    """One child for all examples of a property test."""

    def __init__(self, consumer):
        self._consumer = consumer

    def __call__(self, model):
        return self

    def __enter__(self):
        return self._consumer

    def __exit__(self, *_):
        pass


def line(answer, prompt=None, question="How many?"):
    said = (Said("system", "S"), Said("user", question))
    messages = [{"role": one.role, "content": one.content} for one in said]
    return json.dumps(
        {"messages": [*messages, {"role": "assistant", "content": answer}], "prompt": prompt or chatml(said)}
    )


def test_lengths_are_the_trainer_s_own(consumer, tmp_path):
    rows = [
        line("There are 3."),
        line("", question="x" * 4000),
        line("3", prompt="other"),
        json.dumps({"messages": [], "prompt": ""}),
    ]
    (tmp_path / "m").write_text("\n".join(rows) + "\n")
    good, long, other, none = _measured(consumer, tmp_path / "m")
    assert 0 < good.offset < good.tokens and good.refused == ""
    assert long.tokens > 500 and other.refused == "prompt_mismatch" and none.refused == "unloadable"


def test_a_folder_that_would_poison_an_adapter_is_named(consumer, tmp_path):
    (tmp_path / "train.jsonl").write_text(line("There are 3.") + "\n" + line("3", question="x" * 9000) + "\n")
    assert "train row 2" in consumer.load(tmp_path, 1024).problem
    assert consumer.load(tmp_path, 100_000) == ({"train": 2, "valid": 0, "test": 0}, "")
    (tmp_path / "train.jsonl").write_text("{torn")
    assert "JSONDecodeError" in consumer.load(tmp_path, 1024).problem


def test_a_tokenizer_that_cannot_be_loaded_is_said_in_one_line(tmp_path):
    with pytest.raises(ModelError, match=r"no tokenizer\.json"):
        Consumer(ModelRef("broken", tmp_path, "bundled"))
    (tmp_path / "tokenizer.json").write_text("{")
    (tmp_path / "m").write_text("")
    with Consumer(ModelRef("broken", tmp_path, "bundled")) as consumer, pytest.raises(ModelError, match="broken"):
        _measured(consumer, tmp_path / "m")


TEXTS = st.text(max_size=40) | st.sampled_from(
    ["<|im_end|>", "<tool_call>", call("print(3)"), call("print(3"), "I'll use the read_file tool.", "\n", "x " * 1500,
     "<tool_response>\n3\n</tool_response>", "\ufeff\u2028\x85", "\ud800", "{%raw%}{{ x }}", "`<tool_call>`"]
)  # fmt: skip
TURNS = st.lists(st.tuples(TEXTS, TEXTS, TEXTS, st.sampled_from([1, -1])), min_size=1, max_size=6)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TURNS)
def test_no_row_is_published_that_the_trainer_rejects(consumer, tmp_path_factory, monkeypatch, turns):
    monkeypatch.setattr("codemode_tui.feedback.export.Consumer", Kept(consumer))
    history = History()
    for query, first, second, rating in turns:
        steps = [
            Step(first, "ok" if "<function" in first else None),
            Step(second, "ok" if "<function" in second else None),
        ]
        fixes = {1: Step(first, "ok" if "<function" in first else None)} if rating < 0 else None
        history.add(query or "?", *steps, rating=rating, fixes=fixes)
    out = tmp_path_factory.mktemp("export") / "out"
    # Publishing checks by itself; here its loader looks once more, and at all the other files.
    manifest = export(history.records, [], profiles, OPTIONS, out).manifest
    rows = sum(one["rows"] for file, one in manifest["files"].items() if file.startswith("mlx-sft/"))
    found = consumer.load(out / "mlx-sft", OPTIONS.max_tokens)
    assert found.problem == "" and sum(found.rows.values()) == rows
    for name in ("trl-dpo", "trl-kto", "mlx-lm-lora-dpo"):
        assert consumer.load(out / name, OPTIONS.max_tokens).rows in ({}, {"train": 0, "valid": 0, "test": 0})


def test_a_row_that_does_not_fit_never_reaches_the_trainer(tmp_path):
    history = History()
    history.add("Read it.", ran("print(read_file('x'))", response="word " * 3000), "It is long.")
    history.add("And this?", "It is short.")
    found = export(history.records, [], profiles, replace(OPTIONS, max_tokens=300), tmp_path / "out")
    assert found.manifest["quarantine"] == {"over_long": 1}


def test_a_to_do_is_nothing_that_mlx_lm_would_train_with(tmp_path):
    history = History()
    history.add("How many?", "I think 5.", rating=-1)
    export(history.records, [], profiles, OPTIONS, tmp_path / "out")
    (tmp_path / "wrong").mkdir()
    (tmp_path / "out/needs_correction.jsonl").rename(tmp_path / "wrong/train.jsonl")
    with Consumer(BUNDLED) as consumer:
        assert "Unsupported data format" in consumer.load(tmp_path / "wrong", 1024).problem


def test_a_workspace_has_no_part_in_what_reads_rows(tmp_path, monkeypatch):
    (tmp_path / "mlx_lm.py").write_text("raise SystemExit('ran')")
    (tmp_path / "rows.jsonl").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", f":.:{os.environ.get('PYTHONPATH', '')}")
    with Consumer(BUNDLED) as consumer:
        consumer.begin_measuring(tmp_path / "rows.jsonl")
        assert consumer.lengths() == []


def test_nothing_of_the_trainer_is_imported_here():
    code = "import codemode_tui.feedback.run, sys; print({'mlx', 'mlx_lm', 'transformers'} & sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "set()"


def _measured(consumer, file):
    consumer.begin_measuring(file)
    return consumer.lengths()
