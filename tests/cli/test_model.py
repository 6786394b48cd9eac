"""`codemode model`, as scripts see it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from support.hub import serving

from codemode_tui import locations
from codemode_tui.cli import session
from codemode_tui.cli.main import run
from codemode_tui.cli.model_pull import words
from codemode_tui.engine.machine_memory import Machine
from codemode_tui.engine.pulling import Progress

MODEL = {"name", "path", "bytes", "quantization", "weights_sha256", "profile", "engine"}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copytree(locations.bundled_model(), tmp_path / "mine"))


def out(capfdbinary) -> dict:
    return json.loads(capfdbinary.readouterr().out)


def test_info_prints_the_object_of_the_contract_and_more(capfdbinary):
    assert run(["model", "info", "--json"]) == 0
    found = out(capfdbinary)
    assert set(found) >= MODEL and found["name"] == "bundled" and found["engine"] == "mlx"
    assert found["template"] and found["end_ids"] and "guessed" in found


def test_info_tells_people_that_a_profile_is_a_guess(folder, capsys):
    (folder / "codemode.json").unlink()
    assert run(["model", "info", "mine"]) == 0
    assert "qwen3-coder (guessed: " in capsys.readouterr().out
    assert run(["model", "info", "mine", "--profile", "bundled"]) == 0
    assert "guessed" not in capsys.readouterr().out


def test_a_whole_model_is_verified(capfdbinary):
    assert run(["model", "verify", "mine", "--json"]) == 0
    found = out(capfdbinary)
    assert found["verified"] is True and found["warnings"] == [] and set(found) >= MODEL


def truncated(folder):
    os.truncate(folder / "model.safetensors", 100_000)
    return "it was cut off"


def without_ends(folder):
    table = json.loads((folder / "tokenizer.json").read_text())
    table["added_tokens"] = [one for one in table["added_tokens"] if one["content"] != "<|im_end|>"]
    (folder / "tokenizer.json").write_text(json.dumps(table))
    return "has no token <|im_end|>, which profile bundled needs"


def unknown_type(folder):
    table = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**table, "model_type": "nonsense"}))
    return "does not know the model type 'nonsense'"


@pytest.mark.parametrize("spoil", [truncated, without_ends, unknown_type], ids=lambda spoil: spoil.__name__)
def test_what_is_wrong_with_a_model_is_one_line(folder, spoil, capsys):
    words = spoil(folder)
    assert run(["model", "verify", "mine"]) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and words in shown.err and shown.err.count("\n") == 1


def test_what_is_odd_but_works_is_a_warning(folder, capsys):
    table = json.loads((folder / "tokenizer.json").read_text())
    table["added_tokens"] = [one for one in table["added_tokens"] if one["content"] != "<tool_call>"]
    (folder / "tokenizer.json").write_text(json.dumps(table))
    assert run(["model", "verify", "mine"]) == 0
    assert "<tool_call> is not one token here" in capsys.readouterr().err


def test_the_list_names_each_model_once_and_the_one_that_answers(tmp_path, monkeypatch, capfdbinary):
    assert run(["model", "use", "mine"]) == 0
    capfdbinary.readouterr()
    assert run(["model", "list"]) == 0
    shown = capfdbinary.readouterr().out.decode()
    assert "mine  (answers here)" in shown and "5-bit, groups of 64" in shown
    assert run(["model", "list", "--json"]) == 0
    assert [one["source"] for one in out(capfdbinary)] == ["bundled", "folder"]
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run(["config", "set", "model.default", "~/mine"]) == run(["model", "list"]) == 0
    assert "mine  (answers here)" in capfdbinary.readouterr().out.decode()


def test_a_model_that_is_too_large_is_chosen_and_described_with_a_warning(monkeypatch, capfdbinary):
    monkeypatch.setattr("codemode_tui.engine.machine_memory.machine", lambda: Machine(100_000_000, "available memory"))
    assert run(["model", "use", "mine"]) == run(["model", "info", "mine", "--json"]) == 0
    shown = capfdbinary.readouterr()
    assert shown.err.count(b"it does not fit into memory here: weights ") == 2
    held = json.loads(shown.out[shown.out.index(b"{") :])["memory"]
    assert not held["fits"] and held["total"] == held["weights"] + held["kv"] + held["working"] > held["available"]


def test_use_and_back(tmp_path, capfdbinary):
    assert run(["model", "use", "mine", "--profile", "phase22", "--json"]) == 0
    assert out(capfdbinary)["model"] == str(tmp_path / "mine")
    assert run(["model", "info", "--json"]) == 0
    found = out(capfdbinary)
    assert (found["name"], found["profile"]) == ("mine", "phase22")
    for named, profile in (
        ("./mine", "phase22"),
        ("bundled", "bundled"),
    ):  # no other model's
        assert run(["model", "info", named, "--json"]) == 0
        assert out(capfdbinary)["profile"] == profile
        assert session.make_engine(session.Options(model=named))._profile == profile
    assert run(["model", "use", "--previous", "--json"]) == 0
    assert out(capfdbinary)["model"] == "bundled"


def test_use_tells_the_profile_and_that_it_is_a_guess(folder, capsys):
    (folder / "codemode.json").unlink()
    for args, said in (
        (["mine"], "profile: qwen3-coder, a guess: "),
        (["mine"], "profile: qwen3-coder, a guess: "),  # it is already
        (["mine", "--profile", "phase22"], "profile: phase22 (it was guessed)\n"),
        (["bundled"], "profile: bundled (it was phase22)\n"),
    ):
        assert run(["model", "use", *args]) == 0
        assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    "args",
    [[], ["mine", "--previous"], ["--previous", "--profile", "bundled"], ["mine", "--profile", "none"], ["gone"]],
)
def test_a_use_that_makes_no_sense_changes_nothing(args, capsys):
    assert run(["model", "use", *args]) == 2
    assert capsys.readouterr().err.count("\n") == 1 and not locations.config_file().exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("head_dim", "abc"), ("num_hidden_layers", 1e30), ("quantization", True), ("max_position_embeddings", "abc"),
        ("hidden_size", 10**400),
    ],
    ids=lambda value: str(value)[:9],
)  # fmt: skip
def test_a_model_that_says_what_cannot_be_is_not_chosen(folder, name, value, capsys):
    table = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**table, name: value}))
    assert run(["model", "use", "mine"]) == 2
    shown = capsys.readouterr()
    assert shown.err.count("\n") == 1 and "download it again" in shown.err
    assert not locations.config_file().exists()


def test_pull_prints_what_came_and_how_far_it_is(folder, tmp_path, monkeypatch, capfdbinary):
    monkeypatch.delenv("HF_HUB_CACHE", raising=False)
    with serving(folder) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        assert run(["model", "pull", "team/tiny", "--jsonl"]) == 0
        *told, last = map(json.loads, capfdbinary.readouterr().out.splitlines())
        assert told[0]["done"] == 0 and last["fetched_bytes"] == last["bytes"] == told[-1]["total"]
        assert run(["model", "pull", "team/tiny"]) == 0
        assert "codemode model use team/tiny" in capfdbinary.readouterr().out.decode()
        assert run(["model", "pull", "team/other"]) == 2
        assert capfdbinary.readouterr().err.count(b"\n") == 1
    assert run(["model", "use", "team/tiny", "--json"]) == 0
    assert out(capfdbinary)["model"] == "team/tiny"


def test_a_line_of_progress_says_how_long_it_takes():
    now = Progress("model-00001.safetensors", 3_200_000_000, 21_000_000_000)
    assert words(now, 0.1, 0) == "model-00001.safetensors  3.2 of 21.0 GB  15%"
    assert words(now, 10, 420_000_000).endswith("42 MB/s  7 min")


@pytest.mark.parametrize("key", ["default", "profile"])
def test_a_model_that_a_project_names_is_reported_with_that_file(tmp_path, capsys, key):
    (tmp_path / ".codemode.toml").write_text(f'[model]\n{key} = "nosuch"\n')
    assert run(["model", "info"]) == 2
    assert f".codemode.toml: line 2: model.{key}: no " in capsys.readouterr().err
    assert run(["model", "info", "other"]) == 2
    assert "codemode: no model 'other'" in capsys.readouterr().err
