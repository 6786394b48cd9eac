"""The proof in small: a few corrections by the product's own commands, and unseen questions are answered."""

from __future__ import annotations

import json
import zlib
from itertools import islice

import pytest

from codemode_tui.training.loading import load_suite
from codemode_tui.training.proof.__main__ import prove
from codemode_tui.training.proof.pattern import NEW, SEEN, questions
from codemode_tui.training.proof.report import markdown, picture
from codemode_tui.training.proof.steps import write_suite


def test_unseen_questions_share_no_file_with_corrected_ones(tmp_path):
    corrected = list(islice(questions("corrected", SEEN), 80))
    unseen = list(islice(questions("unseen", SEEN + NEW), 80))
    assert not {one.path.rpartition("/")[2] for one in corrected} & {one.path.rpartition("/")[2] for one in unseen}
    assert corrected == list(islice(questions("corrected", SEEN), 80))
    one = unseen[0]
    assert one.output == str(zlib.crc32(one.text.encode())) and one.path in one.code and one.output in one.answer
    write_suite(tmp_path / "s.toml", unseen[:16], SEEN)
    groups = [case.group for case in load_suite(tmp_path / "s.toml").cases]
    assert groups == ["as corrected"] * 10 + ["put otherwise"] * 6


def test_the_curve_is_a_table_and_a_picture():
    def arm(passed):
        return {"passed": passed, "code_right": passed, "groups": {}, "rows": 9, "seconds": 60.0, "loss": {}}

    counts = {"suite": {"total": 9, "old": 5, "new": 6}, "feedback": {"total": 4, "old": 0, "new": 4}}
    found = {
        "unseen": 10, "iters": 5, "before": arm(0),
        "points": [{"corrections": 5, "corrected": arm(8), "random": arm(0)}],
        "gate": {"passed": True, "allow_broken": 0, "counts": counts, "fixed": 5, "broken": []},
    }  # fmt: skip
    text = markdown(found)
    assert "| 5 | 8 (80 %) | 8 (80 %) | 0 (0 %) | 60 s |" in text and "5 → 6 of 9" in text and "passed" in text
    assert picture(found).count("<polyline") == 2


@pytest.mark.slow
def test_three_corrections_teach_what_was_never_met(tmp_path):
    options = ("--base-set", "none", "--batch-tokens", "512", "--learning-rate", "5e-4")
    found = prove(tmp_path, [3], unseen=3, iters=30, promoted=0, allow_broken=0, options=options, against_random=False)
    assert found["before"]["code_right"] == 0
    assert found["points"][0]["corrected"]["code_right"] >= 1
    assert json.loads((tmp_path / "proof.json").read_text()) == found
