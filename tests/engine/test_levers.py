"""P(tool) is the probability that the model itself gives to the openings: nothing more, nothing guessed."""

from __future__ import annotations

import math

import mlx.core as mx
import pytest
from mlx_lm.utils import load_model

from codemode_tui import locations
from codemode_tui.engine.api import GenerateRequest, Sampling, ToolLikelihood
from codemode_tui.engine.client import WorkerEngine
from codemode_tui.engine.encoding import Encoder
from codemode_tui.engine.levers import total_probability
from codemode_tui.engine.models import find_model
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render
from codemode_tui.protocol.types import Message, Segment


def by_hand(prompt: tuple[Segment, ...], openings: tuple[str, ...]) -> dict[str, float]:
    """Each opening's probability, from one pass over prompt and opening together, without any cache."""
    folder = locations.bundled_model()
    model, encoder = load_model(folder)[0], Encoder(folder)
    ids = encoder.encode(prompt)
    found = {}
    for text in openings:
        opening = encoder.trusted(text)
        logits = model(mx.array(ids + opening)[None])[0].astype(mx.float32)
        logs = logits - mx.logsumexp(logits, axis=-1, keepdims=True)
        found[text] = math.exp(sum(logs[len(ids) - 1 + at, token].item() for at, token in enumerate(opening)))
    return found


@pytest.mark.parametrize("query", ["How many lines are in notes.txt?", "What is a list?", "Read it"])
async def test_the_measured_probability_is_the_probability(query, tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    prompt = render(load_profile("bundled"), [Message("user", query)])
    openings = (*load_profile("phase22").openings, "A list", "The file", "I")
    engine = WorkerEngine(find_model(None), "bundled")
    try:
        await engine.start()
        request = GenerateRequest(prompt=prompt, sampling=Sampling(max_tokens=1), openings=openings)
        (likelihood,) = [event async for event in engine.generate(request) if isinstance(event, ToolLikelihood)]
    finally:
        await engine.close()
    expected = by_hand(prompt, openings)
    assert likelihood.by_opening == pytest.approx(expected, rel=0.02, abs=1e-5)
    assert likelihood.probability == pytest.approx(sum(expected.values()), rel=0.02, abs=1e-5)


def test_an_opening_that_another_one_begins_is_counted_once():
    openings = {"<tool_call>": (7,), "<tool_call>\n": (7, 1), "I": (3, 4), "Ill": (3, 5)}
    found = {"<tool_call>": 0.5, "<tool_call>\n": 0.4, "I": 0.2, "Ill": 0.1}
    assert total_probability(openings, found) == pytest.approx(0.8)
