"""A small random model in the dress of Qwen3-Coder: its kinds of layers, its special tokens and their ids."""

from __future__ import annotations

import json
from pathlib import Path

from codemode_tui import locations

ROWS = 151_936
"""Of the embedding: more than there are tokens, as in the original."""
FIRST = 151_643
SPECIAL = [
    *(f"<|{name}|>" for name in ("endoftext", "im_start", "im_end", "object_ref_start", "object_ref_end")),
    *(f"<|{name}|>" for name in ("box_start", "box_end", "quad_start", "quad_end", "vision_start", "vision_end")),
    *(f"<|{name}|>" for name in ("vision_pad", "image_pad", "video_pad")), "<tool_call>", "</tool_call>",
    *(f"<|{name}|>" for name in ("fim_prefix", "fim_middle", "fim_suffix", "fim_pad", "repo_name", "file_sep")),
    "<tool_response>", "</tool_response>", "<think>", "</think>",
]  # fmt: skip
IDS = {token: FIRST + number for number, token in enumerate(SPECIAL)}
TEMPLATE = """{% for message in messages %}<|im_start|>{{ message.role }}
{% for call in message.tool_calls or [] %}<tool_call>
<function={{ call.name }}>
{% for name, value in call.arguments.items() %}<parameter={{ name }}>
{{ value }}
</parameter>
{% endfor %}</function>
</tool_call>{% else %}{{ message.content }}{% endfor %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""


def write_qwen(folder: Path, layers: int = 2, context: int = 32_768) -> Path:
    """Write the model; returns its folder. It says nothing of its profile, as a stock model."""
    from codemode_tui.engine.thin import write_thin

    dress = folder.parent / f"{folder.name}-tokenizer"
    dress.mkdir()
    (dress / "tokenizer.json").write_text(json.dumps(_tokenizer()))
    (dress / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "Qwen2Tokenizer", "eos_token": "<|im_end|>"})
    )
    (dress / "generation_config.json").write_text(
        json.dumps({"eos_token_id": [IDS["<|im_end|>"], IDS["<|endoftext|>"]]})
    )
    (dress / "chat_template.jinja").write_text(TEMPLATE)
    write_thin(folder, dress, vocab_size=ROWS, num_hidden_layers=layers, num_experts=8, max_position_embeddings=context)
    return folder


def _tokenizer() -> dict:
    """The bundled model's tokenizer, with words that nobody writes up to the first special token."""
    table = json.loads((locations.bundled_model() / "tokenizer.json").read_text("utf-8"))
    own = {token["content"] for token in table["added_tokens"]}
    words = [word for word, _ in sorted(table["model"]["vocab"].items(), key=lambda one: one[1]) if word not in own]
    words += [f"\u0100{number:x}" for number in range(FIRST - len(words))]
    table["model"]["vocab"] = {word: number for number, word in enumerate(words)}
    like = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    table["added_tokens"] = [
        {"id": number, "content": token, **like, "special": token.startswith("<|")} for token, number in IDS.items()
    ]
    return table
