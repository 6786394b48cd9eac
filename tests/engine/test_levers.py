"""P(tool) is the probability that the model itself gives to the openings: nothing more, nothing guessed."""

from __future__ import annotations

import math

import mlx.core as mx
import pytest
from mlx_lm.utils import load_model
from support.inprocess import loaded, say, tiny, user

from codemode_tui import locations
from codemode_tui.engine.api import GenerateRequest, Sampling, ToolLikelihood
from codemode_tui.engine.client import WorkerEngine
from codemode_tui.engine.encoding import Encoder
from codemode_tui.engine.levers import NEGLIGIBLE, ban_openings, opening_probabilities, total_probability
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
    assert likelihood.by_opening == pytest.approx(expected, rel=0.02, abs=NEGLIGIBLE)
    assert likelihood.probability == pytest.approx(sum(expected.values()), rel=0.02, abs=NEGLIGIBLE)


def table_forward(table, passes):
    """A model that gives ``table[tokens so far]``: token to probability."""

    def row(before: tuple[int, ...]) -> list[float]:
        known = table.get(before, {})
        rest = (1 - sum(known.values())) / (VOCABULARY - len(known))
        return [math.log(known.get(token, rest)) for token in range(VOCABULARY)]

    def forward(ids, known):
        passes.append(tuple(ids[known:]))
        return mx.array([row(tuple(ids[: at + 1])) for at in range(known, len(ids))])

    return mx.array(row(())), forward


VOCABULARY = 12
OPENINGS = {"tag": (1,), "read": (2, 3, 4, 5), "write": (2, 3, 6, 5), "run": (2, 3, 7), "use": (2, 3), "odd": (8, 9)}
TABLE = {
    (): {1: 0.3, 2: 0.5, 8: 1e-7}, (2,): {3: 0.9}, (2, 3): {4: 0.6, 6: 1e-6, 7: 0.2}, (2, 3, 4): {5: 0.5},
}  # fmt: skip


def test_what_openings_share_is_fed_once_and_what_is_unlikely_not_at_all():
    passes: list[tuple[int, ...]] = []
    found = opening_probabilities(OPENINGS, *table_forward(TABLE, passes))
    expected = {"tag": 0.3, "use": 0.45, "run": 0.09, "read": 0.135, "write": 0.0, "odd": 0.0}
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert passes == [(2,), (3,), (4,)]


def test_an_opening_of_one_token_needs_no_pass_of_its_own():
    passes: list[tuple[int, ...]] = []
    found = opening_probabilities({"tag": (1,)}, *table_forward(TABLE, passes))
    assert found == pytest.approx({"tag": 0.3}) and passes == []


def test_the_first_token_needs_no_second_pass_over_the_prompt(tmp_path):
    model = loaded(folder=tiny(tmp_path), saved_bytes=0)
    fed: list[int] = []

    class Counted:
        def __call__(self, tokens, **more):
            fed.append(tokens.shape[1])
            return inner(tokens, **more)

        def __getattr__(self, name):
            return getattr(inner, name)

    inner, model.forward = model.forward, Counted()
    said = say(model, [user("What is a list?")], max_tokens=1)
    assert fed == [said.usage.prompt_tokens - 1, 1] and said.likelihoods


def test_an_opening_that_another_one_begins_is_counted_once():
    openings = {"<tool_call>": (7,), "<tool_call>\n": (7, 1), "I": (3, 4), "Ill": (3, 5)}
    found = {"<tool_call>": 0.5, "<tool_call>\n": 0.4, "I": 0.2, "Ill": 0.1}
    assert total_probability(openings, found) == pytest.approx(0.8)


def test_a_forced_answer_neither_goes_on_in_the_midst_of_a_call_nor_says_nothing():
    ids = {"<call>": (7,), "</call>": (8,), "<function=": (1, 2, 3), "I use <call>": (4, 5, 6, 7)}
    process = ban_openings(["<call>", "I use <call>"], 1, lambda text: ids[text], {7, 8, 9}, {9})

    def banned(*made: int) -> set[int]:
        logits = process(mx.array([0, *made]), mx.zeros((1, 12)))
        return {at for at, value in enumerate(logits[0].tolist()) if value < 0}

    assert banned() == {7, 8, 9}  # an end ends nothing here
    assert banned(4) == {7, 8}
    assert banned(4, 5) == {6, 7, 8}
    assert banned(1, 2) == {3, 7, 8}
