"""Fold the events about one turn into what is in force."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from codemode_tui.store.records import FeedbackEvent, Standing


def standing(events: Iterable[FeedbackEvent]) -> Standing:
    """What ``events`` (of one turn, in order) come to. Implicit signals never change it."""
    found, before = Standing(), list[Standing]()
    for event in events:
        if event.kind == "retract":
            if event.body.get("of") != "rating":  # all that was said
                found, before = Standing(), []
            elif before:
                found = before.pop()
            continue
        # Said once more it is the same rating: what takes it back leaves nothing of it, however often it was said.
        if event.kind == "rate" and (event.body["v"], event.generation) != (found.rating, found.message):
            before.append(found)
        found = _after(found, event)
    return replace(found, proofs={one: found.proofs[one] for one in found.chosen.values() if one in found.proofs})


def _after(before: Standing, event: FeedbackEvent) -> Standing:
    body = event.body
    if event.kind == "rate":  # what was said for the turn is nothing against it, nor the other way round
        kept = before if before.rating * body["v"] >= 0 else Standing()
        if body["v"] > 0:  # what the model did stands: nothing is in its place, nor will be again
            kept = replace(kept, chosen={}, proofs={})
        return replace(kept, rating=1 if body["v"] > 0 else -1, message=event.generation, review=None)
    if event.kind == "reason":
        return replace(before, reasons=tuple(body["codes"]))
    if event.kind == "comment":
        return replace(before, comment=body["text"])
    if event.kind == "correct":
        earlier = {step: chosen for step, chosen in before.chosen.items() if step < body["step"]}
        return replace(before, chosen=earlier | {body["step"]: body["chosen"]}, review=None)
    if event.kind == "verify":
        proofs = {one: how for one, how in before.proofs.items() if one != body["generation"]}
        return replace(before, proofs=proofs | ({body["generation"]: body["how"]} if body["ok"] else {}))
    if event.kind == "review":
        return replace(before, review=body["state"])
    return before
