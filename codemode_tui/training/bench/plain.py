"""Plain mlx-lm, measured at what the product is measured at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from codemode_tui.engine.api import ModelInfo
from codemode_tui.engine.bare import BareModel
from codemode_tui.training.bench.parties import FEW_TOKENS, WARM_TOKENS, Figures, Step, rate
from codemode_tui.training.bench.plan import Plan


class Plain:
    """``mlx_lm.stream_generate`` with the same model, prompts and tokens."""

    def __init__(self, model: ModelInfo, plan: Plan) -> None:
        self._model = model
        self._plan = plan
        self._bare = BareModel()
        self.steps: Mapping[Step, Callable[[], Awaitable[Figures]]] = {
            "first": self._first,
            "prompt": self._prompt,
            "decode": self._decode,
            "bandwidth": self._bandwidth,
        }

    async def start(self) -> Figures:
        took = await self._bare.start(self._model)
        warm = await self._bare.follow(self._plan.short_ids, self._plan.script[:WARM_TOKENS])
        return {"start": took, "warm": warm.first_seconds}

    async def close(self) -> None:
        await self._bare.close()

    async def _first(self) -> Figures:
        return {"first": (await self._bare.follow(self._plan.short_ids, self._plan.script[:FEW_TOKENS])).first_seconds}

    async def _prompt(self) -> Figures:
        pace = await self._bare.follow(self._plan.long_ids, self._plan.script[:FEW_TOKENS])
        return {"prompt": len(self._plan.long_ids) / pace.first_seconds}

    async def _decode(self) -> Figures:
        pace = await self._bare.follow(self._plan.short_ids, self._plan.script)
        return {"decode": rate(pace.tokens, pace.rest_seconds)}

    async def _bandwidth(self) -> Figures:
        return {"bandwidth": (await self._bare.weigh()).bandwidth}
