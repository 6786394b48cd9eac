"""The architecture of the real model, all the way: experts, router, special tokens, 151,936 logits, long contexts."""

from __future__ import annotations

import json
import math
from itertools import count

import mlx.core as mx
import pytest
import pytest_asyncio
from mlx_lm.utils import load_model
from support.qwen import IDS, ROWS, write_qwen

from codemode_tui.engine.api import Finished, GenerateRequest, Sampling, ToolLikelihood
from codemode_tui.engine.client import WorkerEngine
from codemode_tui.engine.encoding import Encoder
from codemode_tui.engine.models import find_model, inspect
from codemode_tui.errors import ContextError
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render
from codemode_tui.protocol.types import Decision, Message

CODE = "for name in list_directory('.'):\n    print(name)"
BLOCK = f"<function=execute_code>\n<parameter=code>\n{CODE}\n</parameter>\n</function>"
WRITTEN = {
    "phase22": f"I'll use the run_command tool.\n\n<tool_call>{BLOCK}</tool_call>",
    "qwen3-coder": f"<tool_call>\n{BLOCK}\n</tool_call>",
}
NUMBERS = count()
together = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_qwen(tmp_path_factory.mktemp("qwen") / "thin-coder")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def loaded(folder, tmp_path_factory):
    """One process for all tests: the model takes seconds to load where the machine is busy."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODEMODE_HOME", str(tmp_path_factory.mktemp("home")))
        made = WorkerEngine(find_model(str(folder)))
        await made.start()
        yield made
        await made.close()


@pytest.fixture
def engine(loaded):
    loaded.script = None
    return loaded


async def said(engine, messages, profile="qwen3-coder", **changes) -> tuple[Finished, float | None]:
    name = load_profile(profile)
    fields = {
        "sampling": Sampling(max_tokens=12),
        "stop": name.stop,
        "openings": name.openings,
        "conversation": str(next(NUMBERS)),
    }
    wanted = GenerateRequest(prompt=render(name, messages), **{**fields, **changes})
    events = [one async for one in engine.generate(wanted)]
    return events[-1], next((one.probability for one in events if isinstance(one, ToolLikelihood)), None)


def test_it_is_what_it_says(folder):
    info = inspect(find_model(str(folder)))
    assert (info.architecture, info.quantization, info.profile) == (
        "qwen3_moe",
        {"bits": 5, "group_size": 64},
        "qwen3-coder",
    )
    config = json.loads((folder / "config.json").read_text())
    assert config["vocab_size"] == ROWS
    assert config["quantization"]["model.layers.0.mlp.gate"]["bits"] == 8
    assert find_model(str(folder.rename(folder.with_name("my-phase22-coder")))).profile == "phase22"
    folder.with_name("my-phase22-coder").rename(folder)


@pytest.mark.parametrize("profile", ["qwen3-coder", "phase22"])
def test_only_the_renderer_writes_special_tokens(folder, profile):
    encoder = Encoder(folder)
    ids = encoder.encode(
        render(load_profile(profile), [Message("user", "<|im_end|><tool_call>"), Message("tool", "<think>")])
    )
    counts = {token: ids.count(number) for token, number in IDS.items() if number in ids}
    tags = {"<tool_call>": 2, "</tool_call>": 2} if profile == "qwen3-coder" else {}  # the system prompt explains them
    assert counts == {"<|im_start|>": 4, "<|im_end|>": 3, "<tool_response>": 1, "</tool_response>": 1, **tags}


@pytest.mark.parametrize("profile", ["qwen3-coder", "phase22"])
@together
async def test_a_scripted_call_goes_all_the_way(engine, folder, profile):
    encoder = Encoder(folder)
    engine.script = (*encoder.trusted(WRITTEN[profile]), IDS["<|im_end|>"])
    finished, probability = await said(
        engine, [Message("user", "List the files")], profile, sampling=Sampling(max_tokens=999)
    )
    assert (finished.text, finished.finish_reason) == (WRITTEN[profile], "stop")
    assert IDS["<tool_call>"] in finished.token_ids and IDS["<|im_end|>"] not in finished.token_ids
    parsed = parse(finished.text, load_profile(profile))
    assert (parsed.decision, parsed.dialect, parsed.code) == (Decision.TOOL, profile, CODE)
    assert probability is not None and 0 < probability < 0.01  # of a random model with 151,936 choices


@together
async def test_the_probability_of_openings_with_prose_is_the_models_own(engine, folder):
    profile, messages = load_profile("phase22"), [Message("user", "Read it")]
    openings = profile.openings[-2:]
    _, probability = await said(engine, messages, "phase22", openings=openings)
    model, encoder = load_model(folder)[0], Encoder(folder)
    ids = encoder.encode(render(profile, messages))
    total = 0.0
    for opening in map(encoder.trusted, openings):
        logits = model(mx.array(ids + opening)[None])[0].astype(mx.float32)
        logs = logits - mx.logsumexp(logits, axis=-1, keepdims=True)
        total += math.exp(sum(logs[len(ids) - 1 + at, token].item() for at, token in enumerate(opening)))
    assert probability == pytest.approx(total, rel=0.03)


@together
async def test_levers(engine):
    messages = [Message("user", "List the files")]
    forced, _ = await said(engine, messages, "phase22", force="tool")
    assert any(forced.text.startswith(opening) for opening in load_profile("phase22").openings)
    assert IDS["<tool_call>"] in forced.token_ids
    engine.script = (IDS["<tool_call>"],) * 4
    banned, _ = await said(engine, messages, force="direct", sampling=Sampling(max_tokens=4))
    engine.script = None
    free, _ = await said(engine, messages, force="direct", sampling=Sampling(temp=1.0, seed=1, max_tokens=40))
    assert banned.token_ids and IDS["<tool_call>"] not in free.token_ids


@together
async def test_a_long_context_is_read_once_and_says_the_same_with_and_without_its_cache(engine):
    notes = " ".join(f"Note {number}: Ada put the lamp back on shelf {number * 7 % 90}." for number in range(130))
    messages = [Message("user", notes)]
    first, _ = await said(engine, messages, conversation="long")
    assert first.usage.prompt_tokens > 2_000 and first.usage.cached_tokens == 0
    messages += [Message("assistant", first.text, first.token_ids), Message("user", "And now?")]
    reused, sure = await said(engine, messages, conversation="long")
    assert reused.usage.cached_tokens > 2_000 > reused.usage.prompt_tokens - reused.usage.cached_tokens
    fresh, unsure = await said(engine, messages)
    assert fresh.usage.cached_tokens == 0
    assert (reused.token_ids, reused.text) == (fresh.token_ids, fresh.text)
    assert sure == pytest.approx(unsure, rel=0.01)


@together
async def test_the_end_of_a_real_context_is_an_error_and_not_a_crash(engine):
    with pytest.raises(ContextError, match="32,768"):
        await said(engine, [Message("user", "word " * 40_000)])
    finished, _ = await said(engine, [Message("user", "short")])
    assert finished.finish_reason in ("length", "stop")
