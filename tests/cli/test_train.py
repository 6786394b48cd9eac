"""From a folder of rows to a model that answers, and back: the commands, with the real bundled model."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from msgspec.structs import replace
from support.adapters import make_adapter
from support.fakes import INFO

from codemode_tui import locations
from codemode_tui.cli import train as command
from codemode_tui.cli import train_gate
from codemode_tui.cli.arguments import Parser
from codemode_tui.cli.train import Screen
from codemode_tui.engine import choice
from codemode_tui.engine.tuning.job import Ended
from codemode_tui.errors import ModelError, UsageError
from codemode_tui.training.tuning import run as tuning
from codemode_tui.training.tuning.card import adapter_card
from codemode_tui.training.tuning.plan import Options

SUITE = """name = "mine"
[[case]]
id = "lines"
query = "How many lines are in notes.txt?"
files = {"notes.txt" = "alpha\\nbeta\\ngamma\\n"}
decision = "tool"
stdout_regex = '\\b3\\b'
"""


@pytest.fixture
def data(workspace: Path) -> Path:
    folder = workspace / "rows"
    folder.mkdir()
    rows = [
        {"messages": [{"role": "user", "content": f"Say {word}"}, {"role": "assistant", "content": f"{word} it is."}]}
        for word in ("pear", "plum", "fig", "lime")
    ]
    long = {"messages": [{"role": "user", "content": "much " * 9000}, {"role": "assistant", "content": "Yes."}]}
    lines = [json.dumps(row) for row in (*rows[:3], long)]
    (folder / "train.jsonl").write_text("\ufeff" + "\n\n".join(lines) + '\n{"messages": [{"ro')
    (folder / "valid.jsonl").write_text(json.dumps(rows[3]) + "\n")
    return folder


def test_what_is_trained_is_rendered_with_the_profile_that_answers(data, tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    choice.use("bundled", "phase22")
    (tmp_path / "made").mkdir()
    plan, _ = tuning._begin(Options(data=str(data), base_set=str(data), iters=1), tmp_path / "made", resume=False)
    assert plan.profile == "phase22"
    assert 9000 * len("much ") < plan.longest < 9000 * len("much ") + 5000


def test_a_model_is_measured_under_the_profile_that_it_answers_with_by_whatever_name(codemode, workspace, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(codemode.home))
    choice.use("bundled", "phase22")
    measured = train_gate._info(None), train_gate._info("bundled"), train_gate._info(str(make_adapter(workspace / "a")))
    assert [info.profile for info in measured] == ["phase22", "phase22", "bundled"]
    kept = codemode("train", "promote", "--model", "bundled", "--json").json
    assert kept["promoted"] and not kept["measured"] and choice.current().profile == "phase22"


def test_an_answering_adapter_whose_base_has_changed_is_no_dead_end(codemode, workspace, tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(codemode.home))
    base = Path(shutil.copytree(locations.bundled_model(), tmp_path / "base"))
    choice.use(str(make_adapter(workspace / "mine", base=str(base))))
    with (base / "model.safetensors").open("r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        stream.write(b"\x7f")
    for action in ("gate", "promote"):
        refused = codemode("train", action, "--model", "bundled")
        assert refused.code == 2 and "the model that answers now cannot be measured: " in refused.error
        assert "has changed since the adapter" in refused.error and "`codemode train rollback` first" in refused.error
    assert "until then: `codemode train rollback`" in codemode("model", "verify", str(workspace / "mine")).error
    assert codemode("train", "rollback", "--json").json["model"] == "bundled"


def test_of_how_many_rows_a_loss_is_stands_on_the_screen_and_on_the_card(capsys):
    rows, loss = {"train": 9, "valid": 700, "base": 0}, {"train": 1.0, "valid_before": 0.5, "valid_after": 0.4}
    options = Options(rank=8, scale=8.0, layers=-1, learning_rate=1e-4, mix=0.0)
    found = tuning.Trained("done", "/new", "", INFO, options, rows, (), 1, loss, (), 1, 1.0, 1.0, 1)
    Screen(quiet=False).tell(found)
    assert "0.500 -> 0.400 on 64 of 700 rows kept back" in capsys.readouterr().out
    assert "on 64 of 700 rows kept back 0.500" in adapter_card(found, "bundled")
    assert "on 7 rows kept back" in adapter_card(replace(found, rows=rows | {"valid": 7}), "bundled")


@pytest.mark.parametrize("name", ["data", "base_set", "out"])
def test_a_folder_whose_name_is_no_utf_8_is_refused_in_words(tmp_path, name):
    out = tmp_path / ("caf\udce9" if name == "out" else "new")
    options = Options() if name == "out" else Options(**{name: str(tmp_path / "caf\udce9")})
    with pytest.raises(UsageError, match=r"caf\\udce9' is no path in UTF-8"):
        tuning.train(options, out, None)  # type: ignore[arg-type] # nobody is told anything
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("resume", [True, False])
def test_a_run_whose_rows_another_version_wrote_says_so(tmp_path, resume):
    work = tmp_path / "new.training"
    work.mkdir()
    (work / "checkpoint.safetensors").touch()
    (work / "rows.jsonl").write_text('{"set": "own", "prompt": "a", "completion": "b"}\n')
    with pytest.raises(UsageError, match="is a run of another version") as caught:
        tuning.train(Options(), tmp_path / "new", None, resume=resume)  # type: ignore[arg-type] # nobody is told anything
    assert "remove that folder" in caught.value.hint and (work / "rows.jsonl").exists()


def test_a_second_adapter_is_trained_under_the_profile_of_the_first(data, tmp_path, monkeypatch):
    """After a promotion the model that answers is an adapter: its base alone would be read otherwise."""
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    marker = make_adapter(tmp_path / "first") / "codemode.json"
    marker.write_text(json.dumps(json.loads(marker.read_text()) | {"profile": "phase22"}))
    (tmp_path / "made").mkdir()
    options = Options(data=str(data), base_set="none", iters=1)
    named, _ = tuning._begin(replace(options, model=str(tmp_path / "first")), tmp_path / "made", resume=False)
    choice.use(str(tmp_path / "first"))
    promoted, _ = tuning._begin(options, tmp_path / "made", resume=False)
    assert [(plan.base, plan.profile) for plan in (named, promoted)] == [("bundled", "phase22")] * 2


@pytest.mark.parametrize("name", ["", "train.jsonl"])
def test_a_run_goes_on_with_the_rows_that_it_began_with_or_not_at_all(data, tmp_path, monkeypatch, name):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (work := tmp_path / "made").mkdir()
    options = Options(data=str(data / name), base_set="none", iters=1)
    began = tuning._begin(options, work, resume=False)
    (work / "checkpoint.safetensors").touch()
    (data / "notes.txt").write_text("This is not read.")
    assert tuning._begin(options, work, resume=True) == began
    with (data / "train.jsonl").open("a") as stream:
        stream.write("\n")
    with pytest.raises(UsageError, match="has changed since that run began"):
        tuning._begin(options, work, resume=True)
    assert tuning._begin(Options(), work, resume=True) == began


def test_a_run_of_an_earlier_version_goes_on_with_its_export_and_its_curve(data, tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (work := tmp_path / "made").mkdir()
    options = Options(data=str(data), base_set="none", iters=1)
    plan, _ = tuning._begin(options, work, resume=False)
    (data / "manifest.json").write_text("{}")
    old = replace(plan, data_sha256=hashlib.sha256(b"{}").hexdigest())
    (work / "plan.json").write_bytes(msgspec.json.encode(old))
    (work / "checkpoint.safetensors").touch()
    assert tuning._begin(options, work, resume=True)[0] == old
    (data / "manifest.json").write_text("[]")
    with pytest.raises(UsageError, match="has changed since that run began"):
        tuning._begin(options, work, resume=True)
    curve = [{"step": 0, "valid": 3.0}, {"step": 10, "train": 2.0}]
    (work / "curve.json").write_text(json.dumps(curve))
    assert tuning._before(work).curve == curve


def test_the_time_of_a_run_is_that_of_all_its_parts(data, tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tuning, "run_child", lambda *_: Ended(1, done=False))
    (work := tmp_path / "made").mkdir()
    plan = tuning._begin(Options(data=str(data), base_set="none", iters=1), work, resume=False)
    ran = partial(tuning._run, *plan, tmp_path / "out", work, 0, SimpleNamespace(planned=lambda *_: None))
    first = ran().seconds
    file = work / "curve.json"
    before = json.loads(file.read_text())
    assert before["seconds"] == first
    file.write_text(json.dumps({**before, "seconds": 5000.0}))
    assert ran().seconds >= 5000


def test_a_model_at_a_server_is_refused_before_its_rows_are_read(data, tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    choice.use("openai:http://127.0.0.1:9/v1")
    with pytest.raises(ModelError, match="are at a server"):
        tuning._begin(Options(data=str(data)), tmp_path, resume=False)
    assert not (tmp_path / "rows.jsonl").exists()


def test_rows_become_an_adapter_on_the_model_that_one_has(codemode, workspace, data):
    options = ("--data", str(data), "--iters", "3", "--batch-tokens", "256", "--layers", "2")
    options += ("--base-set", str(data), "--mix", "0.2")  # its rows have the same names, and one of them is as long
    done = codemode("train", *options, "--out", "new", "--json")
    assert done.code == 0, done.err
    found = done.json
    assert (found["state"], found["steps"], found["rows"]) == ("done", 3, {"train": 3, "valid": 1, "base": 3})
    assert {one["row"]: one["reason"] for one in found["left_out"]} == {
        "train.jsonl:7": "over_long", "train.jsonl:8": "torn",
    }  # fmt: skip
    assert found["loss"]["valid_after"] < found["loss"]["valid_before"]
    assert found["tokens_per_second"] > 0 and found["peak_memory_bytes"] > 0
    info = codemode("model", "verify", "new", "--json").json
    assert info["adapter"]["base"] == "bundled" and info["weights_sha256"] == found["model"]["weights_sha256"]
    assert info["quantization"] == {"bits": 5, "group_size": 64}
    assert sorted(path.name for path in workspace.glob("new*")) == ["new"]
    again = (workspace / "new" / "README.md").read_text()
    assert all(f"--{name} {value}" in again for name, value in (("max-seq-length", 2048), ("mix", 0.2), ("iters", 3)))
    again = codemode("train", *options, "--out", "new")
    assert again.code == 2 and "exists already" in again.error
    fused = codemode("train", "fuse", "--model", "new", "--out", "whole")
    assert fused.code == 2 and "has 5 bits already" in fused.error and not (workspace / "whole").exists()


def test_a_full_disk_says_which_folder(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))  # as a write says it: without a name

    monkeypatch.setattr(tuning, "_begin", full)
    with pytest.raises(UsageError, match=r"new\.training cannot be written: no space left on device"):
        tuning.train(Options(), tmp_path / "new", None)  # type: ignore[arg-type] # nobody is told anything
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_run_that_is_interrupted_goes_on_or_is_gone(codemode, workspace, data, number):
    command = [sys.executable, "-m", "codemode_tui", "train", "--data", str(data), "--iters", "100000", "--out", "new"]
    process = subprocess.Popen(
        [*command, "--base-set", "none", "--layers", "1"], env=codemode.env, cwd=workspace, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert any(line.startswith("adapter") for line in process.stdout)  # the model is loaded, the first step begins
    process.send_signal(number)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 130 and "stopped at step" in said
    stands = (workspace / "new.training").exists()
    assert stands == ("--resume" in said) and not (workspace / "new").exists()
    if stands:
        assert "a stopped run stands" in codemode("train", "--data", str(data), "--out", "new").error
        codemode("config", "set", "model.default", "openai:http://127.0.0.1:9/v1")  # meanwhile another one answers
        again = codemode("train", "--resume", "--model", "bundled", "--data", str(data), "--out", "new", "--iters", "5")
        assert "--iters 100000, not 5" in again.error


def test_the_gate_decides_what_is_promoted_and_rollback_is_free(codemode, workspace, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(codemode.home))
    (workspace / "suite.toml").write_text(SUITE)
    good, bad = make_adapter(workspace / "good"), make_adapter(workspace / "bad", fill=9.0)
    promote = ("train", "promote", "--suite", "suite.toml", "--model")
    refused = codemode(*promote, str(bad), "--json")
    assert refused.code == 8 and refused.json["promoted"] is False and refused.json["model"] == "bundled"
    assert [one["id"] for one in refused.json["gate"]["broken"]] == ["lines"]
    passed = codemode("train", "gate", "--suite", "suite.toml", "--model", str(good), "--out", "gate.html")
    assert passed.code == 0 and "gate passed: 0 fixed, 0 newly broken" in passed.out
    assert "gate passed" in (workspace / "gate.html").read_text()
    promoted = codemode(*promote, str(good), "--json").json
    assert (promoted["promoted"], promoted["measured"], promoted["model"]) == (True, False, str(good))
    assert codemode("model", "info", "--json").json["path"] == str(good)
    assert codemode("train", "rollback", "--json").json["model"] == "bundled"


def test_a_run_whose_place_was_taken_meanwhile_says_how_it_is_kept(tmp_path, data, monkeypatch):
    """And what was learnt before a run went on at its last step is told, too. An empty folder takes no place."""
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    out, screen = tmp_path / "new", Screen(quiet=True)
    options = Options(data=str(data), base_set="none", iters=1, batch_tokens=256, layers=1)
    loaded = Screen.loaded
    monkeypatch.setattr(Screen, "loaded", lambda *given: out.touch() or loaded(*given))
    with pytest.raises(UsageError, match="new exists already") as caught:
        tuning.train(options, out, screen)
    assert "with --resume" in caught.value.hint and f"kept in {out}.training" in caught.value.hint
    out.unlink()
    out.mkdir()
    with monkeypatch.context() as patched, pytest.raises(UsageError, match="you are in it"):
        patched.chdir(out)
        tuning.train(options, out, screen, resume=True)
    monkeypatch.setattr(Screen, "loaded", loaded)
    found = tuning.train(options, out, screen, resume=True)
    assert (found.state, found.steps) == ("done", 1) and found.tokens > 0


def test_a_set_is_the_same_by_whatever_name(tmp_path, monkeypatch):
    def trained(options, *_, **__):
        told.append((options.data, options.base_set))
        raise KeyboardInterrupt

    told: list = []
    monkeypatch.setattr(tuning, "train", trained)
    monkeypatch.setattr(command, "interrupt_when_told_to_end", lambda: None)
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "rows").mkdir()
    (tmp_path / "link").symlink_to("rows")
    monkeypatch.chdir(tmp_path / "rows")
    parser = Parser()
    command.add_arguments(parser)
    names = [str(tmp_path / "rows"), ".", "../rows", "~/rows", "../link"]
    for data, base in [*((name, name) for name in names), (".", "bundled"), (".", "none")]:
        with pytest.raises(KeyboardInterrupt):
            command.run(parser.parse_args(["--data", data, "--base-set", base, "--out", "new"]))
    rows = str(tmp_path / "rows")
    assert told == [(rows, rows)] * len(names) + [(rows, "bundled"), (rows, "none")]


@pytest.mark.parametrize(
    ("line", "json_wanted", "out"),
    [
        ("--json rollback", True, None),
        ("rollback --json", True, None),
        ("--json --out page.html gate --model new", True, Path("page.html")),
        ("gate --model new --json --out page.html", True, Path("page.html")),
        ("fuse --model new --out whole", False, Path("whole")),
    ],
)
def test_what_stands_before_an_action_is_not_lost(line, json_wanted, out):
    parser = Parser()
    command.add_arguments(parser)
    args = parser.parse_args(line.split())
    assert (args.json, args.out) == (json_wanted, out)
    train_gate._refuse_others(args)


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("--data rows promote --model new", "--data"),
        ("--seed 0 gate --model new", "--seed"),
        ("--max-seq-length 9 fuse --model new --out whole", "--max-seq-length"),
        ("--out page.html promote --model new", "--out"),
        ("--model new rollback", "--model"),
        ("--resume rollback", "--resume"),
    ],
)
def test_an_option_that_means_nothing_to_an_action_is_refused(line, option, monkeypatch):
    monkeypatch.setattr(command, "interrupt_when_told_to_end", lambda: None)
    parser = Parser()
    command.add_arguments(parser)
    args = parser.parse_args(line.split())
    with pytest.raises(UsageError, match=f"{option} means nothing to `codemode train {args.action}`"):
        command.run(args)


def test_a_folder_that_is_somebody_s_own_is_not_taken_for_a_stopped_run(tmp_path):
    (tmp_path / "new.training").mkdir()
    (tmp_path / "new.training" / "notes.txt").touch()
    with pytest.raises(UsageError, match=r"holds notes\.txt"):
        tuning.train(Options(), tmp_path / "new", None)  # type: ignore[arg-type] # nobody is told anything
    assert (tmp_path / "new.training" / "notes.txt").exists()


@pytest.mark.parametrize(
    ("args", "what"),
    [
        (("--data", "nowhere", "--out", "new"), "does not exist"),
        (("--data", "rows"), "no folder for the adapter"),
        (("--out", "new"), "no rows to learn from"),
        (("--out", "new", "--resume"), "no stopped run"),
        (("--data", "rows", "--out", "gone/new"), "is no folder"),
        (("--data", "rows", "--out", "/"), "exists already"),
        (("--data", "rows", "--out", "new", "--model", "nobody"), "no model 'nobody'"),
        (("--data", "rows", "--out", "new", "--iters", "0"), "must be from 1"),
        (("--data", "rows", "--out", "new", "--layers", "0"), "must be -1 or at least 1"),
    ],
)
def test_what_cannot_be_done_is_said_at_once_and_leaves_nothing(codemode, workspace, data, args, what):
    before = sorted(workspace.iterdir())
    done = codemode("train", *args)
    assert done.code == 2 and what in done.error
    assert sorted(workspace.iterdir()) == before
