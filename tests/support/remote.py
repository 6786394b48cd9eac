"""A model at a scripted server: one message asked of it, and what comes."""

from __future__ import annotations

import math

import pytest
from support.openai_server import OpenAiServer, glance, said

from codemode_tui.engine.api import GenerateRequest, Sampling
from codemode_tui.engine.factory import make_engine
from codemode_tui.engine.models import find_model
from codemode_tui.errors import CodemodeError
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render
from codemode_tui.protocol.types import Message
from codemode_tui.settings import EngineSettings

PROFILE = load_profile("bundled")
PROMPT = render(PROFILE, [Message("user", "How many lines?")])
CALL = "<tool_call>\n<function=execute_code>\n<parameter=code>\nprint(1)\n</parameter>\n</function>\n</tool_call>"
LIKELY = glance({"<tool_call>": math.log(0.9), "The": math.log(0.06)})
PATIENT = EngineSettings(server_timeout=20.0)


def request(**changes) -> GenerateRequest:
    fields = {
        "prompt": PROMPT,
        "sampling": Sampling(max_tokens=200),
        "stop": PROFILE.stop,
        "openings": PROFILE.openings,
    }
    return GenerateRequest(**{**fields, **changes})


def completing(*texts: str, **more):
    """A route that answers glances with ``LIKELY`` and streams ``texts``."""
    return lambda body: said(*texts, **more) if body.get("stream") else LIKELY


async def started(server: OpenAiServer, settings: EngineSettings = PATIENT, model: str = ""):
    engine = make_engine(find_model(server.name + model), "bundled", settings)
    await engine.start()
    return engine


async def collect(engine, wanted: GenerateRequest | None = None) -> list:
    return [one async for one in engine.generate(wanted or request())]


async def failed(server: OpenAiServer, settings: EngineSettings = PATIENT, **changes) -> CodemodeError:
    """The error that a message ends with."""
    engine = await started(server, settings)
    with pytest.raises(CodemodeError) as found:
        await collect(engine, request(**changes))
    assert "\n" not in found.value.line() and len(found.value.line()) < 500
    return found.value


def streaming(*pieces: bytes):
    """A route that answers glances with ``LIKELY`` and streams ``pieces``, as they are."""
    return lambda body: list(pieces) if body.get("stream") else LIKELY
