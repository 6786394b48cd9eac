"""How the worker holds a model in this machine's memory. Runs where mlx does."""

from __future__ import annotations

import json

import mlx.core as mx

from codemode_tui.engine.admission import left
from codemode_tui.engine.caching import MAX_BYTES, MAX_CONVERSATIONS
from codemode_tui.engine.machine_memory import WORKING_SET, machine
from codemode_tui.engine.memory import Plan, model_of, planned
from codemode_tui.engine.messages import Load
from codemode_tui.engine.models import find_model


def plan_for(wanted: Load) -> Plan:
    """The context and the caches that memory has room for beside other engines, as its client was told.

    Raises:
        ModelError: the model's files are not whole.
    """
    model = model_of(find_model(wanted.adapter or wanted.path))
    here = machine(ask=lambda _: json.dumps(mx.device_info()))
    return planned(model, wanted.context_limit, wanted.kv_bits, left(here))


def cache_bytes(held: Plan) -> int:
    """What the KV caches of all conversations may take: a full one fits in any case, others where there is room."""
    return max(held.need.kv, min(MAX_BYTES, MAX_CONVERSATIONS * held.need.kv, held.cache_bytes))


def taken_bytes(held: Plan) -> int:
    """What others cannot have. A working set is given out once; elsewhere the system says what of it is left, and the
    caches may grow into that or not."""
    return held.need.weights + (held.need.working + cache_bytes(held) if held.machine.gpu else 0)


def wire() -> str:
    """Keep what is loaded from now on in memory, whatever else is asked for. Returns what was done, for people."""
    limit = int(mx.device_info().get(WORKING_SET, 0))
    if not limit:
        return "not wired: there is no GPU to wire memory for"
    mx.set_wired_limit(limit)
    return f"wired up to {limit / 1e9:.1f} GB"
