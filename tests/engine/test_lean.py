"""Engines import mlx-lm without what it only names; whoever needs that gets it."""

from __future__ import annotations

import subprocess
import sys

HEAD = """
import sys
from codemode_tui.engine.lean import STAND_INS, import_mlx_lm
def loaded():
    return sorted(name for name in sys.modules if name.startswith(("transformers", "huggingface_hub", "mlx_lm")))
"""


def told(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", HEAD + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_model_is_loaded_and_tuned_without_them():
    code = """
from codemode_tui import locations
import_mlx_lm("mlx_lm.tuner.trainer", "mlx_lm.tuner.utils")
from codemode_tui.engine.generation import LoadedModel
import codemode_tui.engine.tuning.fusing, codemode_tui.engine.tuning.loop, codemode_tui.engine.adapter
LoadedModel(locations.bundled_model(), 0, lambda event: None).warm()
print("mlx_lm.tuner.trainer" in loaded(), [name for name in loaded() if not name.startswith("mlx_lm")])
"""
    assert told(code) == "True []"


def test_whoever_imports_them_gets_the_real_ones():
    code = """
import_mlx_lm()
from transformers import AutoTokenizer
from huggingface_hub import ModelCard
print(AutoTokenizer.__module__, ModelCard.__module__)
"""
    assert told(code) == "transformers.models.auto.tokenization_auto huggingface_hub.repocard"


def test_an_mlx_lm_that_names_more_is_imported_whole():
    code = """
del STAND_INS["transformers"]["PreTrainedTokenizerFast"]
import_mlx_lm()
print(loaded())
from mlx_lm.tokenizer_utils import AutoTokenizer
print(AutoTokenizer.__module__)
"""
    assert told(code) == "[]\ntransformers.models.auto.tokenization_auto"


def test_what_is_there_already_stays():
    code = """
import transformers
import_mlx_lm()
print("mlx_lm" in sys.modules, sys.modules["transformers"] is transformers)
"""
    assert told(code) == "False True"
