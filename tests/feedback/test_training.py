"""The loop from a wrong turn to a lower loss: real turns, ``feedback add``, ``export``, and mlx-lm's own trainer."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from feedback.scripted import play
from support.fakes import call

from codemode_tui.engine.models import find_model

pytestmark = pytest.mark.slow
ITERATIONS = 6
WRONG = {
    "How many planets does our sun have?": "It has eight planets.",
    "Name a fruit that is yellow and bent": "A banana is one.",
    "What colour is fresh snow in winter": "Fresh snow is white.",
    "Which animal says moo all day long": "A cow says that.",
    "Say in one word what bees make": "Honey.",
    "Tell me who wrote the play Hamlet": "Shakespeare wrote it.",
}


@pytest.fixture
def run(tmp_path):
    (tmp_path / "work").mkdir()
    (tmp_path / "work/notes.txt").write_text("alpha\nbeta\ngamma\n")
    env = {**os.environ, "CODEMODE_HOME": str(tmp_path / "home"), "HF_HUB_OFFLINE": "1"}

    def _run(*args: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *args], capture_output=True, text=True, cwd=tmp_path / "work", env=env
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return _run


def test_ten_turns_become_an_export_that_lowers_the_loss(run, tmp_path):
    out = corrected(run, tmp_path)
    rows = [json.loads(line) for line in (out / "mlx-sft/train.jsonl").read_text().splitlines()]
    assert len(rows) >= 6 and not [row for row in rows if "nobody knows" in str(row["messages"][-1])]
    said = run(
        "mlx_lm", "lora", "--train", "--mask-prompt", "--model", str(find_model(None).path),
        "--data", str(out / "mlx-sft"), "--adapter-path", str(tmp_path / "adapter"), "--iters", str(ITERATIONS),
        "--batch-size", "1", "--num-layers", "4", "--learning-rate", "1e-4", "--steps-per-report", "2",
        "--max-seq-length", "1024", "--val-batches", "1", "--steps-per-eval", str(ITERATIONS),
    )  # fmt: skip
    table = re.sub(r"\x1b\[[0-9;]*m", "", said)
    losses = [float(found) for found in re.findall(r"^ *\d+ +([\d.]+|nan|inf) ", table, re.MULTILINE)]
    assert len(losses) == ITERATIONS // 2 and all(map(math.isfinite, losses)), said
    assert losses[-1] < 0.9 * losses[0]
    assert (tmp_path / "adapter/adapters.safetensors").is_file()


def corrected(run, tmp_path: Path) -> Path:
    """Turns that went wrong, each corrected by the command; exported. Returns the folder."""
    turns = play(tmp_path / "home", tmp_path / "work", *((query, "nobody knows") for query in WRONG))
    for turn, answer in zip(turns, WRONG.values(), strict=True):
        (tmp_path / "answer").write_text(answer)
        run("codemode_tui", "feedback", "add", "--turn", turn, "--rating", "down", "--answer", str(tmp_path / "answer"))
    questions = [
        "How many lines are in my notes, please",
        "Read notes.txt aloud to me",
        "Size of the notes file in lines",
    ]
    code = "print(len(read_file('notes.txt').splitlines()))"
    (tmp_path / "code").write_text(code)
    for turn in play(tmp_path / "home", tmp_path / "work", *((query, "nobody knows") for query in questions)):
        run("codemode_tui", "feedback", "add", "--turn", turn, "--rating", "down", "--code", str(tmp_path / "code"))
    (good,) = play(tmp_path / "home", tmp_path / "work", ("And the longest line of it?", call(code), "The first one."))
    run("codemode_tui", "feedback", "add", "--turn", good, "--rating", "up")
    manifest = json.loads(run("codemode_tui", "export", "--out", str(tmp_path / "out"), "--json"))
    assert manifest["leak"] == 0 and manifest["quarantine"] == {}
    assert sum(manifest["rows"].values()) == len(WRONG) + len(questions) + 2
    return tmp_path / "out"
