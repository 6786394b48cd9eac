"""How turns are run, as one frozen value."""

from __future__ import annotations

from typing import Literal

import msgspec

from codemode_tui.engine.api import Sampling
from codemode_tui.sandbox.types import Limits
from codemode_tui.settings import Settings


class ChatSettings(msgspec.Struct, frozen=True):
    run: Literal["ask", "auto", "never"] = "ask"
    """``ask`` waits for a yes, ``auto`` runs in the sandbox at once, ``never`` only shows the code."""
    max_steps: int = 8
    """Runs in one turn; after the last one the model must answer."""
    retries: int = 2
    """Further tries after a run that failed."""
    other_tries: int = 3
    """What a correction by a retry asks the model for."""
    at_limit: Literal["drop", "stop"] = "drop"
    """When the context is full: ``drop`` leaves the oldest turns out, ``stop`` fails the turn."""
    guided: bool = False
    """Only whole calls of the profile's dialect can be drawn."""
    sampling: Sampling = Sampling()
    limits: Limits = Limits()


def sampling_of(settings: Settings) -> Sampling:
    """How the settings want tokens to be drawn."""
    return msgspec.convert(msgspec.structs.asdict(settings.sampling), Sampling)
