"""The one place where engines are made."""

from __future__ import annotations

import os
from functools import partial

import msgspec

from codemode_tui.engine.api import Engine
from codemode_tui.engine.models import ModelRef, check
from codemode_tui.settings import EngineSettings


def make_engine(model: ModelRef, profile: str, settings: EngineSettings) -> Engine:
    """An engine for ``model``, not started yet; several conversations may share it.

    Args:
        model: what was found under the name of a model.
        profile: name of the profile that the conversations render with.
        settings: the group ``engine`` of the settings.
    """
    if model.server is not None:
        return _remote(model, profile, settings)
    from codemode_tui.engine.client import WorkerEngine

    if os.environ.get("CODEMODE_ENGINE") == "private":
        settings = msgspec.structs.replace(settings, shared=False)
    return WorkerEngine(model, profile, settings, admit=partial(_admit, model, settings))


def _admit(model: ModelRef, settings: EngineSettings) -> None:
    """Raises ``EngineError`` when there is no memory for ``model``, and the settings do not say to try all the same."""
    if not settings.memory_guard or os.environ.get("CODEMODE_MEMORY_GUARD") == "off":
        return
    from codemode_tui.engine.lock import check_memory_free

    check_memory_free(model.name, sum(shard.stat().st_size for shard in check(model)[1]))
    from codemode_tui.engine.engines import running
    from codemode_tui.engine.machine_memory import machine
    from codemode_tui.engine.memory import admit

    here = machine()
    if here.gpu:  # a working set is not what is left of it, as available memory is
        held = sum(engine.state.memory_bytes for engine in running() if engine.state)
        here = msgspec.structs.replace(here, bytes=here.bytes - held)
    admit(model, settings, here)


def _remote(model: ModelRef, profile: str, settings: EngineSettings) -> Engine:
    """Raises ``ModelError`` when the key's variable is not set."""
    from codemode_tui import locations
    from codemode_tui.engine.remote import RemoteEngine, api_key
    from codemode_tui.protocol.profiles import load_profile

    assert model.server is not None
    wrapper = load_profile(profile, (locations.config_dir() / "profiles",)).wrapper
    return RemoteEngine(model, profile, wrapper, settings, api_key(settings, model.server))
