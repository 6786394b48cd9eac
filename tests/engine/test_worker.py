"""The engine with the real bundled model: a process of its own, and all that a front end relies on."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest

from codemode_tui import locations
from codemode_tui.engine import client, framing
from codemode_tui.engine.api import Finished, GenerateRequest, Progress, Sampling, Token, ToolLikelihood
from codemode_tui.engine.client import WorkerEngine
from codemode_tui.engine.link import Link
from codemode_tui.engine.models import find_model
from codemode_tui.engine.spawning import import_path
from codemode_tui.errors import ContextError, EngineError, ModelError
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render
from codemode_tui.protocol.types import Decision, Message

PROFILE = load_profile("bundled")
FILE_QUESTION = "How many lines are in notes.txt?"
CONCEPT = "What is a decorator?"


@pytest.fixture
async def engine(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    made = WorkerEngine(find_model(None), "bundled")
    yield made
    await made.close()


def request(query: str, *before: Message, **fields) -> GenerateRequest:
    sampling = fields.pop("sampling", Sampling(max_tokens=200))
    return GenerateRequest(
        prompt=render(PROFILE, [*before, Message("user", query)]),
        sampling=sampling,
        stop=PROFILE.stop,
        openings=PROFILE.openings,
        **fields,
    )


async def collect(engine: WorkerEngine, wanted: GenerateRequest) -> list:
    return [event async for event in engine.generate(wanted)]


def of(events, kind):
    return [event for event in events if isinstance(event, kind)]


async def test_tokens_are_streamed_with_their_ids_and_counted(engine):
    progress: list[Progress] = []
    info = await engine.start(progress.append)
    assert info.quantization == {"bits": 5, "group_size": 64} and len(info.weights_sha256) == 64
    assert {event.phase for event in progress} >= {"start", "load"}
    events = await collect(engine, request(CONCEPT))
    (finished,) = of(events, Finished)
    tokens = of(events, Token)
    assert "".join(token.text for token in tokens) == finished.text
    assert tuple(i for token in tokens for i in token.ids) == finished.token_ids
    assert finished.finish_reason == "stop" and "<|im_end|>" not in finished.text
    usage = finished.usage
    assert usage.generated_tokens >= len(finished.token_ids) > 5
    assert usage.prompt_tokens > 20 and usage.decode_tps > 0 and usage.ttft_ms > 0
    assert usage.context_limit == info.context_limit > 0


async def test_the_probability_of_code_comes_before_the_first_token_and_is_right(engine):
    await engine.start()
    for query, low, high in ((FILE_QUESTION, 0.9, 1.0), (CONCEPT, 0.0, 0.1)):
        events = await collect(engine, request(query))
        kinds = [type(event) for event in events if not isinstance(event, Progress)]
        assert kinds[0] is ToolLikelihood
        assert low <= of(events, ToolLikelihood)[0].probability <= high


async def test_both_decisions_can_be_forced(engine):
    await engine.start()
    tool = of(await collect(engine, request(CONCEPT, force="tool")), Finished)[0]
    assert tool.text.startswith("<tool_call>")
    direct = of(await collect(engine, request(FILE_QUESTION, force="direct")), Finished)[0]
    assert parse(direct.text, PROFILE).decision in (Decision.DIRECT, Decision.ANNOUNCED)
    assert "<tool_call>" not in direct.text


async def test_candidates_share_the_decision_and_differ_in_their_words(engine):
    await engine.start()
    sampling = Sampling(max_tokens=60, temp=1.5, seed=1)
    events = await collect(engine, request(FILE_QUESTION, force="tool", candidates=3, sampling=sampling))
    finished = of(events, Finished)
    assert [event.candidate for event in finished] == [0, 1, 2]
    assert all(event.text.startswith("<tool_call>") for event in finished)
    again = of(await collect(engine, request(FILE_QUESTION, force="tool", candidates=3, sampling=sampling)), Finished)
    assert [event.text for event in again] == [event.text for event in finished]  # a seed makes it repeatable


async def test_a_following_turn_reads_only_what_is_new(engine):
    await engine.start()
    first = of(await collect(engine, request(CONCEPT, conversation="c")), Finished)[0]
    before = (Message("user", CONCEPT), Message("assistant", first.text, first.token_ids))
    second = of(await collect(engine, request("What is a list?", *before, conversation="c")), Finished)[0]
    assert second.usage.cached_tokens >= first.usage.prompt_tokens
    fresh = of(await collect(engine, request("What is a list?", *before, conversation="other")), Finished)[0]
    assert fresh.text == second.text


async def test_cancelling_ends_the_message_with_what_there_is(engine):
    await engine.start()
    events = []
    async for event in engine.generate(request("Tell me " * 50, sampling=Sampling(max_tokens=2000, temp=3.0, seed=1))):
        events.append(event)
        if len(of(events, Token)) == 3:
            await engine.cancel()
    (finished,) = of(events, Finished)
    assert finished.finish_reason in ("cancel", "stop")
    assert of(await collect(engine, request(CONCEPT)), Finished)[0].finish_reason == "stop"  # and it goes on


async def test_closing_the_stream_frees_the_engine(engine):
    await engine.start()
    stream = engine.generate(request(CONCEPT))
    await anext(stream)
    await stream.aclose()
    assert of(await collect(engine, request(CONCEPT)), Finished)


async def test_a_reader_that_is_cancelled_while_it_clears_up_leaves_nothing_waiting(engine):
    await engine.start()
    reading = asyncio.create_task(collect(engine, request("Tell me " * 50, sampling=Sampling(max_tokens=2000))))
    while not engine._current:
        await asyncio.sleep(0)
    await asyncio.sleep(0.02)
    reading.cancel()
    await asyncio.sleep(0)
    reading.cancel()
    await asyncio.wait({reading})
    assert not engine._inboxes
    assert of(await collect(engine, request(CONCEPT)), Finished)


async def test_the_limit_of_tokens_is_told_as_such(engine):
    await engine.start()
    finished = of(await collect(engine, request(CONCEPT, sampling=Sampling(max_tokens=3))), Finished)[0]
    assert finished.finish_reason == "length" and finished.usage.generated_tokens == 3


@pytest.mark.parametrize("size", [20_000, 20_000_000])
async def test_a_prompt_beyond_the_context_is_refused_with_the_numbers(engine, size):
    await engine.start()
    with pytest.raises(ContextError, match=r"room for 2,048"):
        await collect(engine, request("x" * size))


async def test_a_killed_worker_is_an_error_and_one_start_mends_it(engine):
    await engine.start()
    with pytest.raises(EngineError, match="SIGKILL"):
        async for event in engine.generate(request("Tell me", sampling=Sampling(max_tokens=2000, temp=3.0, seed=1))):
            if isinstance(event, Token):
                os.kill(engine.pid, signal.SIGKILL)
    assert not engine.running
    await engine.start()
    assert of(await collect(engine, request(CONCEPT)), Finished)


async def test_the_worker_goes_with_its_client(engine):
    await engine.start()
    pid = engine.pid
    await engine.close()
    assert not Path(f"/proc/{pid}").exists() or sys.platform != "linux"


def test_the_worker_goes_when_its_client_is_killed(tmp_path):
    program = (
        "import asyncio\n"
        "from codemode_tui.engine.client import WorkerEngine\n"
        "from codemode_tui.engine.models import find_model\n"
        "async def main():\n"
        "    engine = WorkerEngine(find_model(None), 'bundled')\n"
        "    await engine.start()\n"
        "    print(engine.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    env = {**os.environ, "CODEMODE_HOME": str(tmp_path)}
    client = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=env)
    assert client.stdout is not None
    worker = int(client.stdout.readline())
    client.kill()
    client.wait()
    client.stdout.close()
    for _ in range(400):
        try:
            state = Path(f"/proc/{worker}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return
        if state == "Z":
            return
        asyncio.run(asyncio.sleep(0.05))
    raise AssertionError("the worker is still there")


async def test_a_message_too_long_for_a_frame_is_refused_and_the_engine_goes_on(engine, monkeypatch):
    await engine.start()
    with monkeypatch.context() as patch:
        patch.setattr(framing, "MAX_FRAME", 2_000)
        with pytest.raises(ContextError, match="too long"):
            await collect(engine, request("x" * 4_000))
    assert of(await collect(engine, request(CONCEPT)), Finished)


@pytest.mark.parametrize("strange", [99_999_999, -1])
async def test_tokens_of_another_model_are_refused_and_the_engine_goes_on(engine, strange):
    await engine.start()
    wanted = request(CONCEPT, Message("user", "Hi"), Message("assistant", "Hello", (strange,)))
    with pytest.raises(ModelError, match="tokens that this model does not know"):
        await collect(engine, wanted)
    assert of(await collect(engine, request(CONCEPT)), Finished)


async def test_more_candidates_for_a_token_than_there_are_tokens_are_all_of_them(engine):
    await engine.start()
    sampling = Sampling(max_tokens=5, temp=1.0, top_k=10_000, seed=1)
    assert of(await collect(engine, request(CONCEPT, sampling=sampling)), Finished)[0].token_ids


async def test_a_start_that_is_given_up_does_not_wait_for_the_hash_of_the_weights(engine, monkeypatch):
    begun, seen = threading.Event(), threading.Event()

    def hashing(ref, *, stopped):
        begun.set()
        while not stopped():
            time.sleep(0.01)
        seen.set()
        raise InterruptedError

    monkeypatch.setattr(client, "inspect", hashing)
    starting = asyncio.create_task(engine.start())
    while not begun.is_set():
        await asyncio.sleep(0.01)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert seen.is_set() and not engine.running


async def test_a_broken_model_folder_explains_itself(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    (tmp_path / "config.json").write_bytes(msgspec.json.encode({"model_type": "qwen3"}))
    engine = WorkerEngine(find_model(str(tmp_path)), "bundled")
    with pytest.raises(ModelError, match="no weights"):
        await engine.start()
    await engine.close()


def test_the_front_end_never_imports_mlx():
    program = (
        "import sys, codemode_tui.engine.client, codemode_tui.cli.session, codemode_tui.chat.conversation\n"
        "print([m for m in ('mlx', 'mlx_lm', 'transformers', 'torch', 'tokenizers') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "[]\n"


async def test_the_death_of_a_worker_is_not_taken_for_that_of_the_next(engine, monkeypatch):
    real, told = Link.obituary, asyncio.Event()

    async def late(self: Link) -> EngineError:
        await told.wait()
        return await real(self)

    await engine.start()
    with monkeypatch.context() as patched:
        patched.setattr(Link, "obituary", late)
        os.kill(engine.pid, signal.SIGKILL)
        while engine.running:
            await asyncio.sleep(0.01)
        await engine.start(lambda progress: told.set() if progress.phase == "load" else None)
    assert engine.running


def test_children_find_this_package_and_nothing_in_a_workspace(tmp_path, monkeypatch):
    root = str(locations.package_dir().parent)
    monkeypatch.setattr("site.getsitepackages", lambda: [str(tmp_path)])
    assert import_path({"PYTHONPATH": f":lib:.:{tmp_path}:"}) == f"{root}:{tmp_path}"
    assert import_path({}) == root
    monkeypatch.setattr("site.getsitepackages", lambda: [root])  # there its neighbours may be called as the library's
    assert import_path({"PYTHONPATH": f":lib:{tmp_path}"}) == str(tmp_path) and import_path({}) == ""
