"""The other consumers' own code reads the files, where it is installed (none of it is a dependency)."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from feedback.histories import OPTIONS, History, profiles, ran

from codemode_tui.feedback.formats import FORMATS
from codemode_tui.feedback.run import export

pytestmark = pytest.mark.slow


@pytest.fixture
def out(quick, tmp_path):
    history = History()
    for number in range(40):
        query = f"{'abcdefgh'[number % 8] * 9} {number:04d} {'ijklmnop'[number // 8] * 9}"
        history.add(query, f"I think {number}.", rating=-1, fixes={0: ran(f"print({number})"), 1: f"It is {number}."})
    export(history.records, [], profiles, OPTIONS, tmp_path / "out")
    return tmp_path / "out"


def test_mlx_lm_lora_reads_its_pairs(out, tmp_path):
    pytest.importorskip("mlx_lm_lora", reason="a trainer outside the install")
    from mlx_lm.tokenizer_utils import load
    from mlx_lm_lora.trainer.datasets import load_local_dataset

    for name in ("train", "valid"):
        (out / f"mlx-lm-lora-dpo/{name}_pairs.jsonl").rename(tmp_path / f"{name}.jsonl")
    train, valid, _ = load_local_dataset(tmp_path, load(OPTIONS.model.path), SimpleNamespace(train_mode="dpo"))
    assert len(train) > len(valid) > 0 and train[0]["chosen"] != train[0]["rejected"]


def test_datasets_finds_every_split_by_the_card(out):
    datasets = pytest.importorskip("datasets", reason="a trainer outside the install")
    for name in FORMATS:
        found = datasets.load_dataset(str(out), name)
        wanted = {"mlx-sft": {"train", "valid", "test"}, "mlx-lm-lora-dpo": {"train", "valid"}}
        assert set(found) == wanted.get(name, {"train", "test"})
        assert len({str(split.features) for split in found.values()}) == 1


def test_trl_takes_the_rows_for_what_they_are(out):
    data_utils = pytest.importorskip("trl.data_utils", reason="a trainer outside the install")
    datasets = pytest.importorskip("datasets", reason="a trainer outside the install")
    for name in ("mlx-sft", "trl-dpo", "trl-kto"):
        row = datasets.load_dataset(str(out), name)["train"][0]
        assert data_utils.is_conversational(row)
    pairs = datasets.load_dataset(str(out), "trl-dpo")["train"]
    unpaired = data_utils.unpair_preference_dataset(pairs)
    assert len(unpaired) == 2 * len(pairs)
