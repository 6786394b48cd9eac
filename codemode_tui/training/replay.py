"""The failures of the past once more, with another model: fixed, still failing, newly broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from codemode_tui.chat.context import Context
from codemode_tui.chat.conversation import Conversation
from codemode_tui.engine.api import Engine, ModelInfo
from codemode_tui.training.playing import CaseResult, OnCase, OpenConversation, play
from codemode_tui.training.regression import Item, LeftOut, Regression
from codemode_tui.training.report import Comparison, case_document, comparison

Verdict = Literal["fixed", "failing", "broken", "kept"]
"""``fixed``: failed then, good now · ``failing``: failed then and now · ``broken``: good then, fails now ·
``kept``: good then and now."""


class Replayed(msgspec.Struct, frozen=True):
    """One turn, asked again."""

    item: Item
    result: CaseResult

    @property
    def verdict(self) -> Verdict:
        if self.item.kind == "corrected":
            return "fixed" if self.result.passed else "failing"
        return "kept" if self.result.passed else "broken"


class Replay(msgspec.Struct, frozen=True):
    """All of them with one model."""

    model: ModelInfo
    turns: tuple[Replayed, ...]
    left_out: tuple[LeftOut, ...]

    def of(self, verdict: Verdict) -> tuple[Replayed, ...]:
        """The turns with this verdict."""
        return tuple(one for one in self.turns if one.verdict == verdict)


async def replay(
    found: Regression,
    engine: Engine,
    open_conversation: Callable[[Path], Awaitable[Conversation]],
    on_case: OnCase | None = None,
    *,
    jobs: int = 1,
) -> Replay:
    """Ask every turn of ``found`` again, after exactly what was said before it then.

    Args:
        found: what ``regression.regression`` made of the store.
        engine: the new model's, started by the caller and never closed here.
        open_conversation: a conversation over it in a folder: greedy, runs and writes granted, nothing stored.

    Raises:
        EngineError, ModelError: the engine cannot be (re)started.
        SandboxError: there is none.
    """
    info = await engine.start()
    cases = [(item.case, _after(item, open_conversation)) for item in found.items]
    results = await play(cases, engine, on_case, jobs=jobs)
    turns = tuple(Replayed(item, result) for item, result in zip(found.items, results, strict=True))
    return Replay(info, turns, found.left_out)


def document(one: Replay, baseline: Replay | None = None) -> dict[str, Any]:
    """The one JSON document of ``replay --json``."""
    count = Counter(turn.verdict for turn in one.turns)
    found: dict[str, Any] = {
        "model": one.model,
        "total": len(one.turns),
        "counts": {verdict: count[verdict] for verdict in ("fixed", "failing", "broken", "kept")},
        "fixed": _turns(one.of("fixed")),
        "failing": _turns(one.of("failing")),
        "broken": _turns(one.of("broken")),
        "turns": [{"turn": turn.item.turn, "kind": turn.item.kind, "verdict": turn.verdict}
                  | case_document(turn.result) for turn in one.turns],
        "left_out": one.left_out,
        "baseline": None,
    }  # fmt: skip
    if baseline is not None:
        found["baseline"] = {"model": baseline.model, **msgspec.to_builtins(compare(one, baseline))}
    return found


def compare(model: Replay, baseline: Replay) -> Comparison:
    """What ``model`` does better and worse than ``baseline`` on the same turns."""
    return comparison(*({turn.item.turn: turn.result for turn in one.turns} for one in (model, baseline)))


def _after(item: Item, open_conversation: OpenConversation) -> OpenConversation:
    """Conversations that know what was said before the turn."""

    async def opened(folder: Path) -> Conversation:
        conversation = await open_conversation(folder)
        conversation.services.context = Context.of(item.context)
        return conversation

    return opened


def _turns(turns: Iterable[Replayed]) -> list[str]:
    return [turn.item.turn for turn in turns]
