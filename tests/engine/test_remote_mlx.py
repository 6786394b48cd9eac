"""The bundled model behind a real mlx_lm.server, one that takes calls apart itself as for Qwen3-Coder."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request

import pytest

from codemode_tui.engine.api import CallsAnywayError, GenerateRequest, Sampling, ToolLikelihood
from codemode_tui.engine.factory import make_engine
from codemode_tui.engine.models import find_model
from codemode_tui.engine.spawning import worker_environment
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render
from codemode_tui.protocol.types import Decision, Message, Segment
from codemode_tui.settings import EngineSettings

PROFILE = load_profile("bundled")
QUESTION = "How many lines are in notes.txt?"
PROMPT = render(PROFILE, [Message("user", QUESTION)])


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served")
    model = folder / "model"
    shutil.copytree(find_model(None).path, model)
    tokenizer = json.loads((model / "tokenizer_config.json").read_text())
    (model / "tokenizer_config.json").write_text(json.dumps({**tokenizer, "tool_parser_type": "qwen3_coder"}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "hub").mkdir()
    environment = worker_environment({**os.environ, "HF_HOME": str(folder)})
    command = (sys.executable, "-m", "mlx_lm", "server", "--model", str(model), "--port", str(port))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=folder)
    try:
        yield f"openai:http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


async def engine_at(server: str, **settings):
    engine = make_engine(find_model(server), "bundled", EngineSettings(**settings))
    for _ in range(60):
        try:
            await engine.start()
            return engine
        except Exception:  # it is still loading
            continue
    raise AssertionError("the server did not come up")


async def said(engine, prompt=PROMPT, **changes):
    sampling = changes.pop("sampling", Sampling(max_tokens=200))
    wanted = GenerateRequest(prompt, sampling, PROFILE.stop, PROFILE.openings, **changes)
    events = [one async for one in engine.generate(wanted)]
    return events[-1], next((one.probability for one in events if isinstance(one, ToolLikelihood)), None)


async def test_the_same_message_as_on_this_machine_and_every_lever(server):
    local = make_engine(find_model(None), "bundled", EngineSettings(shared=False))
    await local.start()
    expected, sure = await said(local)
    await local.close()
    engine = await engine_at(server)
    assert engine.info.name.endswith("/model") and engine.info.engine == "openai"
    for _ in range(2):
        finished, probability = await said(engine)
        assert (finished.text, finished.rebuilt) == (expected.text, False)
        assert probability == pytest.approx(sure, abs=0.01)
    assert finished.usage.cached_tokens > 0 < finished.usage.prompt_tokens
    forced, _ = await said(engine, render(PROFILE, [Message("user", "What is a list?")]), force="tool")
    assert parse(forced.text).decision is Decision.TOOL
    with contextlib.suppress(CallsAnywayError):  # only the tag's own token can be banned there: a sure model spells it
        direct, _ = await said(engine, force="direct")
        assert "<tool_call>" not in direct.text
    direct, _ = await said(engine, render(PROFILE, [Message("user", "Is there a README?")]), force="direct")
    assert parse(direct.text).decision is Decision.DIRECT


async def test_a_message_that_was_cut_off_goes_on_where_it_ended(server):
    """That prompt is in the server's cache to the last token, which would kill it."""
    engine = await engine_at(server)
    whole, _ = await said(engine)
    half, _ = await said(engine, sampling=Sampling(max_tokens=12))
    assert half.finish_reason == "length" and whole.text.startswith(half.text)
    rest, _ = await said(engine, (*PROMPT, Segment(half.text, token_ids=())))
    assert half.text + rest.text == whole.text
    with urllib.request.urlopen(f"{server.removeprefix('openai:')}/health") as health:
        assert health.status == 200


async def test_a_chat_whose_calls_the_server_parses(server):
    engine = await engine_at(server, server_api="chat")
    finished, probability = await said(engine)
    parsed = parse(finished.text, PROFILE)
    assert (parsed.decision, finished.rebuilt, probability) == (Decision.TOOL, True, None)
    assert "notes.txt" in parsed.code
