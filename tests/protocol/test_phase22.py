"""The fine-tuned model's own training rows: rendered byte for byte, and parsed as what they are."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render, render_text
from codemode_tui.protocol.types import Decision, Message

FOLDER = Path(os.environ.get("CODEMODE_PHASE22") or Path(__file__).resolve().parents[3] / "shared" / "data" / "phase22")
pytestmark = pytest.mark.skipif(
    not any(FOLDER.glob("*.jsonl")), reason="the phase22 rows are not here (name their folder in CODEMODE_PHASE22)"
)
RESPONSE, END = "<tool_response>\n", "\n</tool_response>"


def rows() -> list[str]:
    return [json.loads(line)["text"] for file in sorted(FOLDER.glob("*.jsonl")) for line in file.open()]


def conversation(row: str) -> tuple[str, list[Message]]:
    """System prompt and messages of one training row."""
    system, messages = "", []
    for role, content in re.findall(r"<\|im_start\|>(\w+)\n(.*?)<\|im_end\|>(?:\n|$)", row, re.DOTALL):
        if role == "system":
            system = content
        elif role == "user" and content.startswith(RESPONSE) and content.endswith(END):
            messages.append(Message("tool", content[len(RESPONSE) : -len(END)]))
        else:
            messages.append(Message(role, content))
    return system, messages


def test_every_row_is_rendered_byte_for_byte():
    profile = load_profile("phase22")
    found = rows()
    assert len(found) == 635
    for row in found:
        system, messages = conversation(row)
        made = render_text(render(profile, messages, add_generation_prompt=False, system=system))
        assert made.removesuffix("\n") == row.removesuffix("\n")


def test_every_message_is_understood():
    profile = load_profile("phase22")
    decisions: Counter[Decision] = Counter()
    for row in rows():
        for message in conversation(row)[1]:
            if message.role == "assistant":
                parsed = parse(message.content, profile)
                decisions[parsed.decision] += 1
                if parsed.decision is Decision.TOOL:
                    assert parsed.code and parsed.code in message.content
    assert decisions[Decision.TOOL] > 400 and decisions[Decision.DIRECT] > 600
    assert set(decisions) <= {Decision.TOOL, Decision.DIRECT, Decision.MALFORMED}
