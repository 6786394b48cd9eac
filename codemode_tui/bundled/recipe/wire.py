"""Conversations as the model sees them: ids, and which of them carry loss."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from codemode_tui.bundled.recipe.rows import Row

if TYPE_CHECKING:
    from tokenizers import Tokenizer

SYSTEM = "You are Codemode, a small local assistant. Answer, or write Python that calls tools."
SPECIAL = (
    "<|endoftext|>",
    "<|im_start|>",
    "<|im_end|>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
)
TEMPLATE = """{%- for m in messages -%}
{%- if m.role == 'tool' -%}
<|im_start|>user
<tool_response>
{{ m.content }}
</tool_response><|im_end|>
{% else -%}
<|im_start|>{{ m.role }}
{{ m.content }}<|im_end|>
{% endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
<|im_start|>assistant
{% endif -%}"""


def encode(tokenizer: Tokenizer, row: Row) -> tuple[list[int], list[bool]]:
    """Ids of a whole conversation and, for each, whether it is the assistant's own (carries loss)."""
    ids: list[int] = []
    own: list[bool] = []

    def add(text: str, mine: bool = False) -> None:
        pieces = tokenizer.encode(text, add_special_tokens=False).ids
        ids.extend(pieces)
        own.extend([mine] * len(pieces))

    add(f"<|im_start|>system\n{SYSTEM}<|im_end|>\n")
    for role, text in row.turns:
        if role == "user":
            add(f"<|im_start|>user\n{text}<|im_end|>\n")
        elif role == "tool":
            add(f"<|im_start|>user\n<tool_response>\n{text}\n</tool_response><|im_end|>\n")
        else:
            add("<|im_start|>assistant\n")
            add(f"{text}<|im_end|>", mine=True)
            add("\n")
    return ids, own


def load(path: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(path))
