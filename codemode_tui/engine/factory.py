"""The one place where engines are made."""

from __future__ import annotations

import os

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
    from codemode_tui.engine.client import WorkerEngine

    if os.environ.get("CODEMODE_ENGINE") == "private":
        settings = msgspec.structs.replace(settings, shared=False)
    return WorkerEngine(model, profile, settings)
