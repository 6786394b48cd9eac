"""A rendered prompt for a server, as text or as the messages of a chat; and calls that it took apart, as text again.

A server turns control tokens in any text into control tokens. Here there is no tokenizer to prevent it, so
what others wrote is broken up by a space: ``<|im_end|>`` in a file reaches the model as ``< |im_end|>``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from codemode_tui.protocol.render import END, START
from codemode_tui.protocol.types import Segment

_MARKED = re.compile(r"<(?=\|[^<>|\s]{1,64}\|>)|<(?=[｜][^<>\s]{1,64}[｜]>)")
_CONTROL = re.compile(
    _MARKED.pattern
    + r"|<(?=/?(?:tool_call|tool_response|think|s|bos|eos|pad|unk|mask|start_of_turn|end_of_turn)>)|\[(?=/?INST\])"
)
"""The control tokens of the families of models that servers offer."""
_ROLES = ("system", "user", "assistant")

Wrapper = Literal["phase22", "qwen3-coder"]


class RemotePrompt(msgspec.Struct, frozen=True):
    """What is sent of a prompt."""

    text: str
    messages: tuple[dict[str, str], ...]
    begun: bool
    """It ends in the middle of the model's message."""
    broken: int
    """How many control tokens of other people's text were broken up."""


def remote_prompt(segments: Sequence[Segment]) -> RemotePrompt:
    """A prompt in both forms. Only what the renderer wrote still holds control tokens."""
    pieces: list[tuple[str, bool]] = []
    broken = 0
    for segment, plain in _joined(segments):
        text = segment.text
        if not segment.special:
            # What the model said itself may hold its own tags, and nothing that ends a turn.
            text, count = (_CONTROL if plain else _MARKED).subn(lambda found: f"{found[0]} ", text)
            broken += count
        pieces.append((text, segment.special))
    messages = tuple(_messages(pieces))
    begun = bool(messages) and messages[-1]["role"] == "assistant"
    return RemotePrompt("".join(text for text, _ in pieces), messages, begun, broken)


def call_text(wrapper: Wrapper, name: str, arguments: str) -> str:
    """A call that a server parsed, as the model must have written it, about.

    Args:
        wrapper: how the profile's calls are written.
        name: of the function.
        arguments: JSON as the server sent it; what is no object stands as it is, for the parser to judge.
    """
    gap = "" if wrapper == "phase22" else "\n"
    return f"<tool_call>{gap}<function={name}>\n{_parameters(arguments)}</function>{gap}</tool_call>"


def _parameters(arguments: str) -> str:
    try:
        table: Any = json.loads(arguments)
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, dict):
        return f"{arguments}\n"
    return "".join(
        f"<parameter={key}>\n{value if isinstance(value, str) else json.dumps(value)}\n</parameter>\n"
        for key, value in table.items()
    )


def _joined(segments: Sequence[Segment]) -> list[tuple[Segment, bool]]:
    """Segments, and whether others wrote them; neighbours of one kind are one, or a token could hide in the seam."""
    found: list[tuple[Segment, bool]] = []
    for segment in segments:
        plain = not segment.special and segment.token_ids is None
        if plain and found and found[-1][1]:
            found[-1] = (Segment(found[-1][0].text + segment.text), True)
        else:
            found.append((segment, plain))
    return found


def _messages(pieces: Sequence[tuple[str, bool]]) -> list[dict[str, str]]:
    """The turns between the tokens that begin and end one; the last one, which has no end, is the model's to say."""
    found: list[dict[str, str]] = []
    inside: list[str] | None = None
    for text, special in pieces:
        if special and text == START:
            inside = []
        elif special and text == END and inside is not None:
            role, _, content = "".join(inside).partition("\n")
            found.append({"role": role if role in _ROLES else "user", "content": content})
            inside = None
        elif inside is not None:
            inside.append(text)
    begun = "".join(inside or ()).partition("\n")[2]
    return [*found, {"role": "assistant", "content": begun}] if begun else found
