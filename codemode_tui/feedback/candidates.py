"""What one record of feedback has to teach: examples, not yet judged."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import replace

from codemode_tui.feedback.dialogue import prompt_of
from codemode_tui.feedback.example import Example
from codemode_tui.feedback.provenance import provenance_id
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.python import UNREADABLE, parsed_code
from codemode_tui.protocol.render import clean
from codemode_tui.protocol.types import Decision
from codemode_tui.store.records import FeedbackRecord, StoredGeneration, StoredRun

Profiles = Callable[[str], Profile | None]
"""A profile by its name; None if there is none any more."""


def examples(record: FeedbackRecord, profiles: Profiles) -> Iterator[Example]:
    """The examples of one turn.

    - Rated up: each message of the turn, as it was run.
    - Corrected: each message that was chosen, against the one in whose place it stands; and code before
      it that was edited before it ran.
    - Rated down, nothing chosen: the message that was most likely meant, as what not to say.
    """
    standing = record.standing
    if standing.review == "dropped":
        yield Example(record.turn.id, 0, (), query=clean(record.turn.query), refused="dropped")
        return
    own = [one for one in record.turn.generations if one.finished]
    if standing.chosen:
        first = min(standing.chosen)
        yield from (_as_run(record, one, profiles) for one in own if one.step < first and _edited(one))
        yield from _corrected(record, own, profiles)
    elif standing.rating > 0:
        yield from (_as_run(record, one, profiles) for one in own if record.standing.message in (None, one.id))
    elif standing.rating < 0:
        blamed = _blamed(record, own)
        if blamed is None:
            yield Example(record.turn.id, 0, (), query=clean(record.turn.query), refused="empty_target")
        else:
            yield replace(_example(record, blamed, profiles), rejected=clean(blamed.raw))


def with_code(generation: StoredGeneration, code: str) -> str | None:
    """The message with other code in its call; None if the call cannot be rewritten safely."""
    at = generation.raw.rfind(generation.code or "\0")
    if at < 0:
        return None
    text = generation.raw[:at] + code + generation.raw[at + len(generation.code or "") :]
    parsed = parse(text)
    return text if parsed.decision is Decision.TOOL and parsed.code == code else None


def _as_run(record: FeedbackRecord, generation: StoredGeneration, profiles: Profiles) -> Example:
    """A message of the turn itself as something to learn, with the code that the user made of it."""
    run = generation.runs[-1] if generation.runs else None
    example = replace(_example(record, generation, profiles), chosen=clean(generation.raw), proof=_proof(run))
    if generation.finish_reason != "stop" or _rebuilt(generation):
        return replace(example, doubt="malformed")
    if run is not None and _edited(generation):
        text = with_code(generation, run.code)
        if text is None:
            return replace(example, doubt="malformed")
        # Code that was not run, or failed, is no better than the model's.
        rejected = clean(generation.raw) if example.proof == "run" else None
        example = replace(example, chosen=clean(text), rejected=rejected)
    return example if example.proof or example.doubt else replace(example, doubt="unverified")


def _rebuilt(generation: StoredGeneration) -> bool:
    """A server took its call apart, and it was put together here: not a word of that is how the model writes."""
    return (generation.dialect or "").endswith("-rebuilt")


def _corrected(record: FeedbackRecord, own: list[StoredGeneration], profiles: Profiles) -> Iterator[Example]:
    """A chosen message for each corrected step; a pair where both answer the same prompt."""
    by_id = {one.id: one for one in (*record.turn.corrections, *own)}
    for step, chosen_id in sorted(record.standing.chosen.items()):
        chosen = by_id.get(chosen_id)
        if chosen is None:
            yield Example(record.turn.id, step, (), query=clean(record.turn.query), refused="malformed")
            continue
        proof = record.standing.proofs.get(chosen_id, "")
        run = chosen.runs[-1] if chosen.runs else None
        text = with_code(chosen, run.code) if run and _edited(chosen) else chosen.raw
        if chosen.code is not None and (proof != "run" or _proof(run) != "run"):
            proof = ""
        example = replace(
            _example(record, chosen, profiles),
            step=step,
            chosen=clean(chosen.raw if text is None else text),
            proof=proof,
            doubt="" if proof else "unverified",
        )
        if text is None or chosen.finish_reason != "stop" or _rebuilt(chosen):
            example = replace(example, doubt="malformed")
        stood = [one for one in own if one.step == step and record.prompts[one.id] == record.prompts[chosen_id]]
        stood = [one for one in stood if not _rebuilt(one)]
        yield replace(example, rejected=clean(stood[-1].raw) if stood else None)


def _example(record: FeedbackRecord, generation: StoredGeneration, profiles: Profiles) -> Example:
    """Everything of an example but what is to be learnt."""
    made: dict[str, Any] = record.provenance[generation.id]
    profile = profiles(str(made.get("profile", "")))
    prompt = prompt_of(record, generation, profile) if profile is not None else None
    return Example(
        record.turn.id,
        generation.step,
        prompt or (),
        origin=generation.origin,
        profile=profile.name if profile else "",
        provenance=provenance_id(made),
        query=clean(record.turn.query),
        reasons=record.standing.reasons,
        comment=clean(record.standing.comment),
        rated_down=record.standing.rating < 0,
        refused="" if prompt else "prompt_mismatch",
    )


def _proof(run: StoredRun | None) -> Any:  # noqa: ANN401 - a Literal
    """``run``: it ran well · ``human``: it was never run, the thumbs-up stands for it · empty: it ran, and failed."""
    if run is None or (run.outcome is not None and run.outcome.status == "not_run"):
        return "human"
    return "run" if run.outcome is not None and run.outcome.status == "ok" else ""


def _edited(generation: StoredGeneration) -> bool:
    """Whether other code ran than the model's."""
    run = generation.runs[-1] if generation.runs else None
    return run is not None and run.edited_from is not None and _meaning(run.edited_from) != _meaning(run.code)


def _meaning(code: str) -> str:
    """What two codes have in common that differ in blanks or comments alone: neither is better than the other."""
    trimmed = "\n".join(map(str.rstrip, code.splitlines())).strip()
    try:
        return ast.dump(parsed_code(trimmed))
    except UNREADABLE:
        return trimmed


def _blamed(record: FeedbackRecord, own: list[StoredGeneration]) -> StoredGeneration | None:
    """The message that a thumbs-down means: the named one, else by its reasons, else the decision."""
    if not own:
        return None
    named = [one for one in own if one.id == record.standing.message]
    if "crashed" in record.standing.reasons:
        named += [one for one in own if one.failed]
    if "wrong_answer" in record.standing.reasons:
        named.append(own[-1])
    return named[0] if named else own[0]
