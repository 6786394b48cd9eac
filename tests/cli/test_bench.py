"""`codemode bench`, as people and scripts call it."""

from __future__ import annotations

import argparse
import errno
import json
import shutil
from pathlib import Path

import pytest

from codemode_tui import locations
from codemode_tui.cli import bench, bench_store
from codemode_tui.cli.main import run
from codemode_tui.engine.models import find_model, inspect
from codemode_tui.errors import StoreError
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.training.bench.history import fill
from codemode_tui.training.bench.machine import describe_machine
from codemode_tui.training.bench.result import Bench

SMALLER = """
import subprocess
import sys
from codemode_tui.__main__ import main
from codemode_tui.engine.bare import BareModel
from codemode_tui.training.bench import engine, parties, plan, product

plan.SESSION, plan.DECODED, engine.THIN_DECODED, product.WILD_CALLS = 1024, 32, 24, 4
plan.NEW = engine.NEW = 120
parties.TIMES.clear()  # each figure once
THIN = '''
import sys
from pathlib import Path
from codemode_tui.engine.thin import write_thin
write_thin(Path(sys.argv[1]), Path(sys.argv[2]), num_hidden_layers=4)
'''

async def thinner(self, folder, tokenizer):
    subprocess.run([sys.executable, "-c", THIN, folder, tokenizer], check=True, stdout=subprocess.DEVNULL)

BareModel.make_thin = thinner
sys.exit(main())
"""
"""The program, with a quarter of what its models read and write, and few layers: figures are of no interest here."""


@pytest.mark.parametrize(
    "args, words",
    [
        (("scren",), "screen"),
        (("engine", "--runs", "0"), "from 1 to"),
        (("engine", "--model", "/no/such/model"), "no model"),
        (("--baseline", "/no/such/model"), "no model"),
        (("engine", "--profile", "nobody"), "nobody"),
        (("--profile", "nobody"), "nobody"),
        (("sandbox", "--profile", "bundled"), "--profile means nothing to `codemode bench sandbox`"),
        (("screen", "--baseline", "bundled"), "--baseline means nothing to `codemode bench screen`"),
        (("store", "--baseline", "bundled"), "--baseline means nothing to `codemode bench store`"),
    ],
)
def test_what_does_not_exist_is_refused_before_anything_is_measured(codemode, args, words):
    result = codemode("bench", *args)
    assert result.code == 2 and words in result.error


def test_a_broken_model_is_told_as_such(codemode, tmp_path):
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "qwen3"}')
    result = codemode("bench", "engine", "--model", str(folder))
    assert result.code == 2 and "no weights" in result.error


def test_a_model_at_a_server_is_refused_before_a_store_is_filled(codemode):
    result = codemode("bench", "store", "--model", "openai:http://127.0.0.1:1/v1", timeout=60)
    assert result.code == 2 and "are at a server" in result.error


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """The current folder, which is nobody else's."""
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_part_is_about_the_model_that_would_answer(here, monkeypatch):
    folder = Path(shutil.copytree(locations.bundled_model(), here / "mine"))
    (here / ".codemode.toml").write_text('[model]\ndefault = "./mine"\nprofile = "qwen3-coder"\n')
    asked = argparse.Namespace(model=None, baseline=None, profile=None, runs=1)
    seen = []

    async def engines(made, runs):
        seen.extend((str(one._model.path), one._profile) for one in made)

    monkeypatch.setattr(bench, "_bench_engine", engines)
    monkeypatch.setattr(bench_store, "bench", lambda ref, profile, runs: seen.append((str(ref.path), profile.name)))
    bench._engine(asked)
    bench._store(asked)
    model = bench._measured(asked, lambda say: []).model
    assert [*seen, (model.path, model.profile)] == [(str(folder), "qwen3-coder")] * 3


@pytest.mark.parametrize("wrong", [OSError(errno.ENOSPC, "No space left on device"), StoreError("no space left")])
def test_what_was_measured_is_printed_before_what_went_wrong(here, monkeypatch, capfdbinary, wrong):
    def fails(args):
        raise wrong

    made = Bench(describe_machine(), inspect(find_model(None)), ())
    monkeypatch.setattr(bench, "_PARTS", {"sandbox": lambda args: made, "store": fails})
    assert run(["bench", "--json"]) == 2
    shown = capfdbinary.readouterr()
    assert json.loads(shown.out)["model"]["name"] == "bundled" and b"no space left" in shown.err.lower()


async def test_a_key_that_rates_nothing_is_said_so(here, monkeypatch):
    fill(here / "codemode.db", here, load_profile("bundled"), 4, 0.0)
    monkeypatch.setattr(bench_store, "PATIENCE", 0)
    with pytest.raises(StoreError, match="had rated nothing after 0 s"):
        await bench_store._press(here / "codemode.db", 1, lambda: None)


@pytest.mark.slow
def test_the_bundled_model_is_measured_beside_plain_mlx_lm(codemode):
    codemode.run = ("-c", SMALLER)
    result = codemode("bench", "engine", "--runs", "1", "--json", timeout=1200)
    assert result.code == 0 and result.err == ""
    assert set(result.json) >= {"machine", "model", "results"} and result.json["model"]["name"] == "bundled"
    found = {one["name"]: one for one in result.json["results"]}
    keys = {"budget", "name", "value", "baseline", "unit", "ratio", "limit", "ok", "runs"}
    assert all(set(one) >= keys and one["runs"] == 1 for one in found.values())
    assert {name for name, one in found.items() if one["value"] <= 0} <= {"malformed calls through a grammar"}
    assert found["first token in turn 6"]["budget"] == 4 and found["first token in turn 6"]["limit"] == 0.25
    assert {1, 4, 5} <= {one["budget"] for one in found.values()}
    assert found["model turns of a task"]["ratio"] < 0.5
    assert {
        "start and load",
        "warm-up",
        "time to first token",
        "prompt speed",
        "decode",
        "decode, 48 thin layers",
    } <= set(found)
    assert all(one["ok"] is None for one in found.values() if one["limit"] is None)
    assert found["bundled model: size on disk"]["ok"] is True
