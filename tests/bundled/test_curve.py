"""The picture of the loss."""

import json
from pathlib import Path
from xml.etree import ElementTree

from codemode_tui.bundled.recipe.curve import Phase, add, draw, read
from codemode_tui.bundled.recipe.pretraining import last_of


def test_of_a_step_that_was_trained_twice_the_last_loss_counts(tmp_path: Path) -> None:
    file = tmp_path / "talk.jsonl"
    lines = [
        {"step": 20, "loss": 3.0},
        {"step": 40, "loss": 2.0},
        {"step": 40, "loss": 1.5},
        {"step": 60, "valid": 9.0},
    ]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert read(file) == [(20, 3.0), (40, 1.5)]
    assert read(tmp_path / "none.jsonl") == []


def test_a_line_that_was_torn_is_left_out_and_spoils_no_other(tmp_path: Path) -> None:
    file = tmp_path / "talk.jsonl"
    add(file, {"step": 20, "loss": 3.0})
    with file.open("a") as stream:
        stream.write('{"step": 40, "lo')
    assert read(file) == [(20, 3.0)]
    assert last_of(file) == {"step": 20, "loss": 3.0}
    add(file, {"step": 60, "loss": 1.0})
    assert read(file) == [(20, 3.0), (60, 1.0)]


def test_the_picture_is_small_and_names_every_phase_that_ran() -> None:
    long = [(step, 7.0 / step) for step in range(1, 9000)]
    svg = draw([Phase("copying", "#123456", long), Phase("LoRA", "#654321", [(1, 0.5)]), Phase("none", "#000000", [])])
    tree = ElementTree.fromstring(svg)
    texts = [node.text for node in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert "copying" in texts and "LoRA" in texts and "none" not in texts
    assert len(svg) < 10_000


def test_a_run_too_short_for_a_curve_still_has_a_picture() -> None:
    assert ElementTree.fromstring(draw([])).tag.endswith("svg")
