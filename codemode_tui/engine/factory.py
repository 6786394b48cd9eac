"""The one place where engines are made."""

from __future__ import annotations

import os
from functools import partial

import msgspec

from codemode_tui.engine.api import Engine
from codemode_tui.engine.models import ModelRef
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


def _admit(model: ModelRef, settings: EngineSettings) -> int:
    """As ``admission.ask``, unless the settings say to try all the same."""
    from codemode_tui.engine.admission import ask, guarded

    return ask(model, settings) if guarded(settings) else 0


def _remote(model: ModelRef, profile: str, settings: EngineSettings) -> Engine:
    """Raises ``ModelError`` when the key's variable is not set."""
    from codemode_tui import locations
    from codemode_tui.engine.remote import RemoteEngine, api_key
    from codemode_tui.protocol.profiles import load_profile

    assert model.server is not None
    wrapper = load_profile(profile, (locations.config_dir() / "profiles",)).wrapper
    return RemoteEngine(model, profile, wrapper, settings, api_key(settings, model.server))
