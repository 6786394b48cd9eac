"""`codemode model info` and `verify` for a model at a server."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from codemode_tui import config, locations
from codemode_tui.engine.api import ModelInfo
from codemode_tui.engine.factory import make_engine
from codemode_tui.engine.models import ModelRef, inspect
from codemode_tui.errors import EngineError


def at_server(ref: ModelRef, profile: str, verify: bool) -> tuple[dict[str, Any], list[str]]:
    """What the name and the server itself tell of a model, and what is odd about it.

    Raises:
        EngineError: the server cannot be reached, and that is what was to be found out.
        ModelError: it is not clear which of its models is meant, or its key is not there.
    """
    doubt = ""
    try:
        info, doubt = asyncio.run(_asked(ref, profile))
        odd = [f"{doubt}: only a question shows whether it answers"] if verify and doubt else []
    except EngineError as error:
        if verify:
            raise
        info, odd = msgspec.structs.replace(inspect(ref), profile=profile), [error.line()]
    guessed = ref.guessed if profile == ref.profile else ""
    more = {"guessed": guessed, "template": "", "end_ids": [], "end_tokens": []}
    checked = {"verified": not doubt, "warnings": odd} if verify else {}
    return {**msgspec.to_builtins(info), **more, **checked}, odd


async def _asked(ref: ModelRef, profile: str) -> tuple[ModelInfo, str]:
    """What the server tells of the model, and why it is not sure that it has it."""
    settings = config.load_settings(locations.config_file(), locations.current_dir())
    engine = make_engine(ref, profile, settings.engine)
    try:
        return await engine.start(), getattr(engine, "doubt", "")
    finally:
        await engine.close()
