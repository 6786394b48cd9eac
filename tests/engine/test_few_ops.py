"""The few operations say what mlx-lm's many say; what was guessed changes no token."""

from __future__ import annotations

from itertools import pairwise

import mlx.core as mx
import msgspec
import pytest
from mlx_lm.models import gemma3_text, qwen3
from mlx_lm.models.cache import make_prompt_cache
from mlx_lm.tuner.utils import linear_to_lora_layers
from mlx_lm.utils import dequantize_model, load_model

from codemode_tui import locations
from codemode_tui.engine.api import Finished, GenerateRequest, Sampling
from codemode_tui.engine.caching import Live
from codemode_tui.engine.few_ops import FewOps, few_ops
from codemode_tui.engine.generation import LoadedModel
from codemode_tui.engine.lookup import Guesses, Texts, Worth
from codemode_tui.engine.sampling import draw, sampler_of
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render
from codemode_tui.protocol.types import Message

SMALL = {
    "model_type": "qwen3", "hidden_size": 32, "num_hidden_layers": 2, "intermediate_size": 48, "num_attention_heads": 6,
    "rms_norm_eps": 1e-6, "vocab_size": 40, "num_key_value_heads": 2, "max_position_embeddings": 128, "head_dim": 16,
    "rope_theta": 1000.0, "tie_word_embeddings": True,
}  # fmt: skip
PROFILE = load_profile("bundled")


def small(**changes):
    mx.random.seed(5)
    model = qwen3.Model(qwen3.ModelArgs.from_dict({**SMALL, **changes}))
    for layer in model.model.layers:  # weights of 1, as they are made, would hide that they are left out
        for norm in (
            layer.input_layernorm,
            layer.post_attention_layernorm,
            layer.self_attn.q_norm,
            layer.self_attn.k_norm,
        ):
            norm.weight = mx.random.uniform(0.5, 1.5, norm.weight.shape)
    model.model.norm.weight = mx.random.uniform(0.5, 1.5, model.model.norm.weight.shape)
    return model


@pytest.mark.parametrize("changes", [{}, {"tie_word_embeddings": False}, {"num_key_value_heads": 6}, {"head_dim": 8}])
@pytest.mark.parametrize("cuts", [(0, 20), (0, 1, 2, 9, 20), (0, 12, 19, 20)])
def test_few_operations_make_the_same_logits(changes, cuts):
    model, few = small(**changes), few_ops(small(**changes))
    assert isinstance(few, FewOps)
    ids = mx.random.randint(0, SMALL["vocab_size"], (1, 20))
    known, own = make_prompt_cache(model), make_prompt_cache(model)
    for start, end in pairwise(cuts):
        expected, found = model(ids[:, start:end], cache=known), few(ids[:, start:end], cache=own)
        assert mx.allclose(expected, found, rtol=1e-4, atol=1e-4)
    assert all(mx.allclose(a.state[0], b.state[0], atol=1e-4) for a, b in zip(known, own, strict=True))


def test_other_models_keep_their_own_way():
    adapted = small()
    linear_to_lora_layers(adapted, 2, {"rank": 2, "scale": 1.0, "dropout": 0.0})
    halves = small()
    halves.set_dtype(mx.bfloat16)
    scaled = small(rope_scaling={"rope_type": "linear", "factor": 4.0})
    quantised, _ = load_model(locations.bundled_model())
    for model in (adapted, halves, scaled, quantised):
        assert few_ops(model) is None
    assert few_ops(dequantize_model(quantised)) is not None


def test_hardly_more_memory_is_needed_than_the_weights():
    model = small(num_hidden_layers=9, hidden_size=256, intermediate_size=512, vocab_size=4000)
    mx.eval(model.parameters())
    weights = mx.get_active_memory()
    mx.reset_peak_memory()
    few = few_ops(model)
    assert few is not None and mx.get_peak_memory() < 1.2 * weights and mx.get_active_memory() < 1.01 * weights


def test_a_cache_of_a_window_is_not_lost_to_a_wrong_guess():
    mx.random.seed(1)
    sizes = {
        "hidden_size": 32,
        "num_hidden_layers": 6,
        "intermediate_size": 64,
        "num_attention_heads": 4,
        "head_dim": 8,
    }
    model = gemma3_text.Model(
        gemma3_text.ModelArgs("gemma3_text", **sizes, num_key_value_heads=1, vocab_size=48, sliding_window=32)
    )
    prompt, said = [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6, 1, 2], []
    for guesses in (None, Guesses(prompt, Texts(), Worth(0.1))):
        live = Live(lambda: make_prompt_cache(model))
        logits = model(mx.array([prompt]), cache=live.kv)[0, -1:]
        live.tokens += prompt
        mx.random.seed(3)
        sampler = sampler_of(Sampling(temp=0.3), 48)
        drawn = draw(
            model, live, last=2, logits=logits, opening=(), sampler=sampler, processors=[], limit=60, guesses=guesses
        )
        said.append([token for token in drawn if len(live.tokens) >= len(prompt)])
    assert said[0] == said[1] and len(said[0]) == 60


@pytest.fixture(scope="module")
def loaded():
    model = LoadedModel(locations.bundled_model(), 0, lambda _: None)
    model._worth = Worth(0.5)  # whatever it costs here
    return model


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(temp=0.0, max_tokens=90),
        Sampling(temp=0.8, top_p=0.9, seed=3, max_tokens=60),
        Sampling(temp=0.0, repetition_penalty=1.3, max_tokens=40),
    ],
)
def test_guesses_change_no_token(loaded, sampling):
    said = []
    for guesses in (False, True):
        found, messages = [], []
        for number, text in enumerate(
            ("How many lines are in alpha.txt?", "How many lines are in beta.txt?", "What is a list?")
        ):
            messages.append(Message("user", text))
            request = GenerateRequest(
                prompt=tuple(render(PROFILE, messages)),
                sampling=sampling,
                stop=PROFILE.stop,
                openings=PROFILE.openings,
                conversation=f"{guesses}{sampling.seed}",
                guesses=guesses,
            )
            loaded.generate(request, found.append, lambda: False, None)
            last = found[-1]
            messages.append(Message("assistant", last.text, last.token_ids))
            assert (last.usage.guessed_tokens > 0) <= guesses, number
        said.append([one for one in found if isinstance(one, Finished)])
    assert [one.token_ids for one in said[0]] == [one.token_ids for one in said[1]]
    if not sampling.temp and sampling.repetition_penalty == 1.0:
        assert sum(one.usage.guessed_tokens for one in said[1]) > 20


def test_a_message_that_guesses_badly_goes_on_without_guesses(loaded, monkeypatch):
    request = GenerateRequest(
        prompt=tuple(render(PROFILE, [Message("user", "Print the first two lines of delta.txt.")])),
        sampling=Sampling(temp=0.0, max_tokens=60),
        conversation="bad",
    )
    expected: list = []
    loaded.generate(msgspec.structs.replace(request, guesses=False), expected.append, lambda: False, None)
    monkeypatch.setattr(loaded, "_worth", worth := Worth(3.0))
    monkeypatch.setattr(Guesses, "next", lambda self, most: [7, 8][:most])
    found: list = []
    loaded.generate(request, found.append, lambda: False, None)
    assert found[-1].token_ids == expected[-1].token_ids and not worth.pays


def test_a_message_ends_at_its_limit_also_in_the_midst_of_a_guess(loaded):
    for limit in range(1, 12):
        found = []
        request = GenerateRequest(
            prompt=tuple(render(PROFILE, [Message("user", "How many lines are in gamma.txt?")])),
            sampling=Sampling(temp=0.0, max_tokens=limit),
            stop=PROFILE.stop,
            conversation="limit",
        )
        loaded.generate(request, found.append, lambda: False, None)
        assert len(found[-1].token_ids) == limit and found[-1].finish_reason == "length"
