"""Whether a model may be loaded now: into memory that is there and nobody else has. Asked again before each loading."""

from __future__ import annotations

import os

import msgspec

from codemode_tui.engine import machine_memory
from codemode_tui.engine.engines import running
from codemode_tui.engine.lock import check_memory_free
from codemode_tui.engine.memory import admit
from codemode_tui.engine.models import ModelRef, check
from codemode_tui.settings import EngineSettings


def guarded(settings: EngineSettings) -> bool:
    """Whether the settings, and the environment, want to know."""
    return settings.memory_guard and os.environ.get("CODEMODE_MEMORY_GUARD") != "off"


def ask(model: ModelRef, settings: EngineSettings) -> int:
    """Refuse what does not fit beside all other engines, held as the settings say.

    Returns:
        Bytes that the model may come to, where nobody else may have them meanwhile: on a GPU. 0 elsewhere.

    Raises:
        EngineError: another process holds the memory, or there is too little; the hint says what would fit.
        ModelError: the model's files are not whole.
    """
    check_memory_free(model.name, sum(shard.stat().st_size for shard in check(model)[1]))
    found = admit(model, settings, left(machine_memory.machine()))
    return found.need.total if found.machine.gpu else 0


def left(here: machine_memory.Machine) -> machine_memory.Machine:
    """What this machine has beside all engines but this process."""
    others = [engine.state for engine in running() if engine.state and engine.pid != os.getpid()]
    # Available memory is what is left, but for what another engine is about to take; a working set is not.
    taken = sum(state.memory_bytes if here.gpu else state.coming_bytes for state in others)
    source = f"{here.source}, beside other engines" if taken else here.source
    return msgspec.structs.replace(here, bytes=here.bytes - taken, source=source, taken=taken)


def there_for(model: ModelRef) -> machine_memory.Machine:
    """What there is for ``model`` on this machine, with what an engine that holds it already has taken for it."""
    here = machine_memory.machine()
    states = [engine.state for engine in running() if engine.state and not here.gpu]
    taken = sum(state.memory_bytes - state.coming_bytes for state in states if state.model == str(model.folder))
    return msgspec.structs.replace(here, bytes=here.bytes + max(0, taken))
