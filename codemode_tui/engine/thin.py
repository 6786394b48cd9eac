"""A random model with the layers of the real one, all of them thin: much graph to build, little to compute.

A model of few layers hides what a token costs outside of mlx; 48 layers of Qwen3-MoE show it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx_lm.models import qwen3_moe
from mlx_lm.utils import quantize_model, save_config, save_model
from tokenizers import Tokenizer

LAYERS = 48
COPIED = ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json", "codemode.json")
CONFIG: dict[str, Any] = {
    "model_type": "qwen3_moe",
    "architectures": ["Qwen3MoeForCausalLM"],
    "hidden_size": 64,
    "num_hidden_layers": LAYERS,
    "intermediate_size": 64,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 32,
    "num_experts": 4,
    "num_experts_per_tok": 2,
    "decoder_sparse_step": 1,
    "mlp_only_layers": [],
    "moe_intermediate_size": 64,
    "rms_norm_eps": 1e-6,
    "rope_theta": 100000.0,
    "tie_word_embeddings": False,
    "max_position_embeddings": 8192,
    "norm_topk_prob": True,
    "torch_dtype": "float32",
}


def write_thin(folder: Path, tokenizer: Path, **changes: Any) -> None:  # noqa: ANN401 - of a model's config
    """Write a whole model folder, 5-bit with its 8-bit router.

    Args:
        folder: is made.
        tokenizer: model folder whose tokenizer, ends and profile the random model gets.
        changes: to ``CONFIG``. The vocabulary is the tokenizer's unless ``vocab_size`` says more, as Qwen's does.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        if (tokenizer / name).is_file():
            shutil.copyfile(tokenizer / name, folder / name)
    vocabulary: int = Tokenizer.from_file(str(tokenizer / "tokenizer.json")).get_vocab_size()
    config = {**CONFIG, "vocab_size": vocabulary, **changes}
    mx.random.seed(0)
    model, config = quantize_model(qwen3_moe.Model(qwen3_moe.ModelArgs.from_dict(config)), config, 64, 5)
    save_model(folder, model)
    save_config(config, folder / "config.json")
