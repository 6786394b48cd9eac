"""From a gap to an export: targets, generated examples, the imported set, and two exports as one."""

from __future__ import annotations

import json


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
