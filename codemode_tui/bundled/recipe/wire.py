"""Conversations as the model sees them: ids, and which of them carry loss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from codemode_tui.bundled.recipe.example import Role
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
    for text, mine in _pieces(row.turns):
        found = tokenizer.encode(text, add_special_tokens=False).ids
        ids.extend(found)
        own.extend([mine] * len(found))
    return ids, own


def prompt(tokenizer: Tokenizer, turns: Sequence[tuple[Role, str]]) -> list[int]:
    """Ids of a conversation up to where the assistant begins to speak."""
    texts = [*(text for text, _ in _pieces(turns)), "<|im_start|>assistant\n"]
    return [i for text in texts for i in tokenizer.encode(text, add_special_tokens=False).ids]


def _pieces(turns: Sequence[tuple[Role, str]]) -> Iterator[tuple[str, bool]]:
    yield f"<|im_start|>system\n{SYSTEM}<|im_end|>\n", False
    for role, text in turns:
        if role == "user":
            yield f"<|im_start|>user\n{text}<|im_end|>\n", False
        elif role == "tool":
            yield f"<|im_start|>user\n<tool_response>\n{text}\n</tool_response><|im_end|>\n", False
        else:
            yield "<|im_start|>assistant\n", False
            yield f"{text}<|im_end|>", True
            yield "\n", False


def load(path: Path) -> Tokenizer:
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(path))
