"""Grammar-guided decoding: whatever the model wants to say, a call is whole and in its dialect, or there is none."""

from __future__ import annotations

import random

import mlx.core as mx
import numpy as np
import pytest

pytest.importorskip("llguidance", reason="the extra `grammar` is not installed")

from codemode_tui import locations
from codemode_tui.engine.api import Finished, GenerateRequest, Sampling
from codemode_tui.engine.client import WorkerEngine
from codemode_tui.engine.encoding import Encoder
from codemode_tui.engine.grammar import Grammars
from codemode_tui.engine.models import find_model
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render
from codemode_tui.protocol.types import Decision, Message

VOCABULARY = 1024
TEMPTING = [
    "<tool_call>",
    "</tool_call>",
    "<function=",
    "execute_code>",
    "\n",
    "<parameter=code>",
    "</parameter>",
    "</function>",
]
TEMPTING += [
    "```json\n{",
    '{"name":',
    "[",
    "print(1)",
    "x = '</param'",
    "</parameter>",
    "<tool_call>",
    "<|im_end|>",
    "<|im_start|>",
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(locations.bundled_model())


@pytest.fixture(scope="module")
def grammars(encoder) -> Grammars:
    return Grammars(
        locations.bundled_model(), VOCABULARY, {encoder.added["<|im_end|>"], encoder.added["<|endoftext|>"]}
    )


def drawn(grammars, encoder, guide, dice, length=120) -> tuple[str, bool]:
    """A message of a model that likes to write tags and braces: its text, and whether it ended by itself."""
    process = grammars.processor(guide, 1, ())
    ends = {encoder.added["<|im_end|>"], encoder.added["<|endoftext|>"]}
    said, wanted = [0], []
    while len(said) < length:
        logits = process(mx.array(said), mx.zeros((1, VOCABULARY)))
        allowed = set(np.flatnonzero(np.array(logits[0]) > -np.inf).tolist())
        wanted = wanted or encoder.trusted(dice.choice(TEMPTING))
        token = wanted.pop(0) if wanted[0] in allowed else dice.choice(sorted(allowed))
        wanted = wanted if token in allowed and said[-1] != token else []
        said.append(token)
        if token in ends:
            return encoder.decode(said[1:-1]), True
    return encoder.decode(said[1:]), False


@pytest.mark.parametrize("guide", ["phase22", "qwen3-coder"])
def test_no_message_is_malformed_and_calls_are_of_the_dialect(grammars, encoder, guide):
    dice, found = random.Random(7), []
    for _ in range(60):
        text, ended = drawn(grammars, encoder, guide, dice)
        parsed = parse(text, load_profile(guide), truncated=not ended)
        assert parsed.decision is not Decision.MALFORMED, text
        assert parsed.dialect in (None, guide) or parsed.decision is Decision.TRUNCATED, text
        assert parsed.decision is not Decision.TOOL or parsed.code
        found.append(parsed.decision)
    assert found.count(Decision.TOOL) >= 3


def test_what_does_not_fit_is_let_through_and_not_stopped(grammars, encoder):
    process = grammars.processor("qwen3-coder", 1, ())
    logits = mx.zeros((1, VOCABULARY))
    assert (process(mx.array([0, *encoder.trusted("<tool_call>{")]), logits) == 0).all()


def test_behind_a_whole_call_nothing_may_follow_but_an_end(grammars, encoder):
    call = "<tool_call>\n<function=execute_code>\n<parameter=code>\nprint(1)\n</parameter>\n</function>\n</tool_call>"
    process = grammars.processor("qwen3-coder", 1, ())
    said = mx.array([0, *encoder.trusted(call)])
    allowed = np.flatnonzero(np.array(process(said, mx.zeros((1, VOCABULARY)))[0]) > -np.inf).tolist()
    assert set(allowed) == {encoder.added["<|im_end|>"], encoder.added["<|endoftext|>"]}


def test_a_message_that_goes_on_is_guided_from_where_it_is(grammars, encoder):
    begun = encoder.trusted("I look.\n<tool_call>\n<function=execute_code>\n<parameter=code>\nprint(1)\n</parameter>")
    logits = grammars.processor("qwen3-coder", 1, begun)(mx.array([0]), mx.zeros((1, VOCABULARY)))
    allowed = np.flatnonzero(np.array(logits[0]) > -np.inf).tolist()
    assert encoder.decode(allowed).strip() == "" and allowed


async def test_a_model_that_has_lost_its_head_writes_whole_calls(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    profile, engine = load_profile("bundled"), WorkerEngine(find_model(None), "bundled")
    try:
        await engine.start()
        wanted = GenerateRequest(
            prompt=render(profile, [Message("user", "How many lines are in notes.txt?")]),
            sampling=Sampling(temp=2.0, seed=1, max_tokens=120), stop=profile.stop, openings=profile.openings,
            force="tool", candidates=4, guide="qwen3-coder",
        )  # fmt: skip
        said = [one async for one in engine.generate(wanted) if isinstance(one, Finished)]
    finally:
        await engine.close()
    for one in said:
        decision = parse(one.text, profile, truncated=one.finish_reason != "stop").decision
        assert decision in (Decision.TOOL, Decision.TRUNCATED)
        assert one.text.startswith("<tool_call>\n<function=execute_code>\n<parameter=code>\n")
