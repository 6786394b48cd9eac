"""`codemode bench`, as people and scripts call it."""

from __future__ import annotations

import pytest

SMALLER = """
import sys
from codemode_tui.__main__ import main
from codemode_tui.training.bench import engine, parties, plan, product

plan.SESSION, plan.NEW, plan.DECODED, engine.THIN_DECODED, product.WILD_CALLS = 1024, 120, 32, 24, 4
parties.TIMES.clear()  # each figure once
sys.exit(main())
"""
"""The program, with a quarter of what its models read and write: here its figures are of no interest."""


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
