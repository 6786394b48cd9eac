"""Feedback as the store gives it, made up: rendered with the real profile, no database."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec

from codemode_tui.engine.models import find_model
from codemode_tui.feedback.export import Options
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render, render_text
from codemode_tui.protocol.types import Message
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.records import FeedbackEvent, FeedbackRecord, StoredGeneration, StoredRun, StoredTurn
from codemode_tui.store.standing import standing

BUNDLED = load_profile("bundled")
MADE = {"app": "1", "profile": "bundled", "model": {"name": "fake", "path": "/models/fake", "weights_sha256": "00"}}
OPTIONS = Options(model=find_model(None), max_tokens=1024)


def profiles(name: str) -> Any:
    return BUNDLED if name == "bundled" else load_profile(name) if name in ("phase22", "qwen3-coder") else None


def call(code: str, prose: str = "") -> str:
    block = f"<function=execute_code>\n<parameter=code>\n{code}\n</parameter>\n</function>"
    return f"{prose}<tool_call>\n{block}\n</tool_call>"


class Step(msgspec.Struct, frozen=True):
    """One message of the model, and what became of its code."""

    raw: str
    run: str | None = None
    """Status of its run; None: there was none."""
    edited: str | None = None
    """The code that ran instead of the model's."""
    response: str = "3"
    finish: str = "stop"
    proof: str | None = None
    """Of a correction: how it was verified. None: ``run`` for code that ran well, ``human`` for an answer."""
    origin: str = "fix_edit"


def ran(code: str, status: str = "ok", **rest: Any) -> Step:
    return Step(call(code), status, **rest)


class History:
    """Records in the order in which they are added."""

    def __init__(self, first: int = 1) -> None:
        """``first``: number of the first turn; two people have no turn of one number."""
        self.records: list[FeedbackRecord] = []
        self._numbers = itertools.count(first)

    def add(
        self,
        query: str,
        *steps: Step | str,
        rating: int = 1,
        fixes: dict[int, Step | str] | None = None,
        reasons: tuple[str, ...] = (),
        comment: str = "",
        review: str | None = None,
        session: str | None = None,
        session_query: str | None = None,
        context: tuple[Message, ...] = (),
        provenance: dict[str, Any] = MADE,
        rated: int | None = None,
    ) -> FeedbackRecord:
        number = next(self._numbers)
        turn = f"{number:032x}"
        profile = profiles(provenance["profile"])
        before = [*context, Message("user", query)]
        prompts: dict[str, str] = {}
        own, said = [], list(before)
        starts = []
        for at, step in enumerate(map(_step, steps)):
            starts.append(list(said))
            one = _generation(f"{turn}-{at}", at, "model", step)
            prompts[one.id] = render_text(render(profile, said))
            own.append(one)
            said += [Message("assistant", one.raw), *(Message("tool", run.response) for run in one.runs)]
        starts.append(list(said))
        bodies: list[tuple[str, dict[str, Any]]] = []
        if rating:
            bodies.append(("rate", {"v": rating}))
        bodies += [("reason", {"codes": list(reasons), "enum_version": 1})] if reasons else []
        bodies += [("comment", {"text": comment})] if comment else []
        fixed, way = [], None
        for at, step in sorted((fixes or {}).items()):
            made = _step(step)
            one = _generation(f"{turn}-fix{at}", at, made.origin, made)
            way = way if way is not None else list(starts[at])
            prompts[one.id] = render_text(render(profile, way))
            way += [Message("assistant", one.raw), *(Message("tool", run.response) for run in one.runs)]
            fixed.append(one)
            bodies.append(("correct", {"chosen": one.id, "step": at}))
            how = (
                made.proof if made.proof is not None else ("human" if one.code is None else made.run == "ok" and "run")
            )
            bodies.append(("verify", {"generation": one.id, "run": None, "ok": bool(how), "how": how or "run"}))
        bodies += [("review", {"state": review})] if review else []
        events = tuple(
            FeedbackEvent(
                f"e{number}-{i}", number * 100 + i, "2026", turn,
                own[rated].id if rated is not None and kind == "rate" else None, "user", kind, body,
            )
            for i, (kind, body) in enumerate(bodies or [("comment", {"text": ""})])
        )  # fmt: skip
        self.records.append(
            FeedbackRecord(
                turn=StoredTurn(
                    turn, session or f"session-{number}", 1, "2026", query, "done", None, "", rating, tuple(own),
                    tuple(fixed),
                ),
                context=context,
                prompts=prompts,
                provenance=dict.fromkeys(prompts, provenance),
                events=events,
                first=events[0].seq,
                session_query=session_query or next((m.content for m in context if m.role == "user"), query),
                standing=standing(events),
            )
        )  # fmt: skip
        return self.records[-1]


def _step(step: Step | str) -> Step:
    return Step(step) if isinstance(step, str) else step


def _generation(name: str, step: int, origin: str, made: Step) -> StoredGeneration:
    parsed = parse(made.raw, BUNDLED, truncated=made.finish != "stop")
    run = ()
    if made.run is not None:
        code = made.edited if made.edited is not None else parsed.code or ""
        edited_from = parsed.code if made.edited is not None else None
        run = (StoredRun(f"{name}-run", code, edited_from, "user", "fake", Outcome(made.run, 0), made.response),)
    return StoredGeneration(
        name, step, origin, made.finish, made.raw, (), parsed.decision.value, 0.5, False, parsed.dialect, parsed.text,
        parsed.code, parsed.warnings, {}, "p", runs=run,
    )  # fmt: skip
