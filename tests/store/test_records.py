"""What an export reads: whole turns with their corrections, in an order that later feedback cannot change."""

import msgspec
import pytest

from codemode_tui.engine.api import Usage
from codemode_tui.protocol.types import Decision, Message, Parsed
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store.records import FeedbackEvent, Standing
from codemode_tui.store.standing import standing


@pytest.fixture
def correct(record):
    """``await correct(store, turn, step, …)`` records a correction of a step; returns its generation."""

    async def _correct(store, turn, step=0, *, origin="fix_edit", code="print(4)", ok=True, choose=True):
        generation = await store.begin_generation(turn, step, origin, "<prompt>", {"app": "1"})
        decision = Decision.TOOL if code else Decision.DIRECT
        await store.end_generation(
            generation, raw_text=code or "It is 4.", token_ids=(), finish_reason="stop", usage=Usage(),
            probability=None, forced=False, parsed=Parsed(decision, None, "" if code else "It is 4.", code),
        )  # fmt: skip
        run = None
        if code:
            run = await store.begin_run(generation, code, edited_from=None, confirmed_by="user", backend="bwrap")
            await store.end_run(run, Outcome("ok" if ok else "error", 0), "4")
        if choose:
            await store.add_feedback(turn, "correct", {"chosen": generation, "step": step})
            proof = {"generation": generation, "run": run, "ok": ok, "how": "run" if run else "human"}
            await store.add_feedback(turn, "verify", proof)
        return generation

    return _correct


async def test_a_correction_is_no_part_of_the_conversation(store, record, correct):
    turn = await record(store)
    before = await store.turn(turn)
    fixed = await correct(store, turn)
    after = await store.turn(turn)
    assert after.generations == before.generations and after.messages("t1") == before.messages("t1")
    (correction,) = after.corrections
    assert (correction.id, correction.step, correction.origin, correction.code) == (fixed, 0, "fix_edit", "print(4)")
    assert correction.runs[0].outcome.status == "ok"


async def test_an_export_gets_all_that_belongs_to_a_turn(store, record, correct, tmp_path):
    session = await store.new_session(tmp_path)
    first = await record(store, "first", session=session)
    said = (await store.turn(first)).messages("t1")
    second = await record(store, "second", session=session, context=said)
    await store.rate(second, -1)
    fixed = await correct(store, second)
    (found,) = store.feedback_records()
    assert found.turn == await store.turn(second)
    assert found.context == said and found.context[0] == Message("user", "first")
    assert found.session_query == "first"
    assert set(found.prompts) == {*(g.id for g in found.turn.generations), fixed}
    assert found.provenance[fixed] == {"app": "1"}
    assert [event.kind for event in found.events] == ["rate", "correct", "verify"]
    assert (found.standing.chosen, found.standing.proofs, found.standing.state) == (
        {0: fixed}, {fixed: "run"}, "verified",
    )  # fmt: skip


async def test_turns_come_in_the_order_of_the_first_word_about_them(store, record, monkeypatch):
    monkeypatch.setattr("codemode_tui.store.feedback.BATCH", 2)
    turns = [await record(store, f"question {i}") for i in range(6)]
    await store.add_feedback(turns[0], "implicit", {"signal": "denied"}, "program")
    for turn in (turns[3], turns[1], turns[4]):
        await store.rate(turn, -1)
    before = [(found.turn.id, found.first) for found in store.feedback_records()]
    assert [turn for turn, _ in before] == [turns[3], turns[1], turns[4]]
    await store.rate(turns[3], 0)
    await store.rate(turns[0], 1)
    await store.rate(turns[1], 1)
    after = [(found.turn.id, found.first) for found in store.feedback_records()]
    assert after[:3] == before and [turn for turn, _ in after[3:]] == [turns[0]]


async def test_records_are_one_moment_of_the_store(store, record, monkeypatch):
    monkeypatch.setattr("codemode_tui.store.feedback.BATCH", 1)
    turns = [await record(store, f"question {i}") for i in range(3)]
    for turn in turns[:2]:
        await store.rate(turn, -1)
    reading = store.feedback_records()
    next(reading)
    await store.rate(turns[2], -1)
    await store.rate(turns[1], 0)
    assert [(found.turn.id, found.standing.rating) for found in reading] == [(turns[1], -1)]


EVENTS = {
    "nothing": ("", Standing(), "none"),
    "down": ("down", Standing(rating=-1), "open"),
    "up": ("up", Standing(rating=1), "approved"),
    "taken back": ("down c0 undo", Standing(), "none"),
    "taken back once more": ("down undo undo", Standing(), "none"),
    "up by mistake": (
        "down c0 v0 up undo", Standing(rating=-1, chosen={0: "c0"}, proofs={"c0": "run"}), "verified",
    ),
    "the last word, then the one before": ("down c0 up undo undo", Standing(), "none"),
    "said twice, taken back once": ("down down undo", Standing(), "none"),
    "of another message": ("down g-down undo", Standing(rating=-1), "open"),
    "said again after a review": ("down skipped down undo", Standing(), "none"),
    "nothing to take back": ("c0 undo", Standing(chosen={0: "c0"}), "corrected"),
    "a review of what is taken back": ("down up skipped undo", Standing(rating=-1), "open"),
    "all taken back": ("down c0 v0 up retract", Standing(), "none"),
    "nothing stands again of what was taken back as a whole": ("up down retract undo", Standing(), "none"),
    "corrected": ("down c0", Standing(rating=-1, chosen={0: "c0"}), "corrected"),
    "verified": ("down c0 v0", Standing(rating=-1, chosen={0: "c0"}, proofs={"c0": "run"}), "verified"),
    "no longer verified": ("down c0 v0 x0", Standing(rating=-1, chosen={0: "c0"}), "corrected"),
    "an answer that nobody signed": (
        "down c0 v0 c1", Standing(rating=-1, chosen={0: "c0", 1: "c1"}, proofs={"c0": "run"}), "corrected",
    ),
    "a new choice takes back what followed the old one": (
        "down c0 v0 c1 v1 d0", Standing(rating=-1, chosen={0: "d0"}), "corrected",
    ),
    "up after all": ("down c0 v0 up", Standing(rating=1), "approved"),
    "down once more": ("down c0 v0 up down", Standing(rating=-1), "open"),
    "skipped": ("down skipped", Standing(rating=-1, review="skipped"), "skipped"),
    "dropped": ("down c0 dropped", Standing(rating=-1, chosen={0: "c0"}, review="dropped"), "dropped"),
    "corrected after it was skipped": ("down skipped c0", Standing(rating=-1, chosen={0: "c0"}), "corrected"),
    "signals": ("signal signal", Standing(), "none"),
}  # fmt: skip


@pytest.mark.parametrize("name", EVENTS)
def test_what_events_come_to(name):
    words, expected, state = EVENTS[name]
    found = standing(_event(i, word) for i, word in enumerate(words.split()))
    assert (found, found.state) == (expected, state)
    assert msgspec.json.encode(found)


def _event(seq, word):
    name, step = word.rstrip("0123456789"), int(word[-1]) if word[-1].isdigit() else 0
    kind, body = {
        "down": ("rate", {"v": -1}),
        "g-down": ("rate", {"v": -1}),
        "up": ("rate", {"v": 1}),
        "undo": ("retract", {"of": "rating"}),
        "retract": ("retract", {}),
        "signal": ("implicit", {"signal": "denied"}),
        "c": ("correct", {"chosen": word, "step": step}),
        "d": ("correct", {"chosen": word, "step": step}),
        "v": ("verify", {"generation": f"c{step}", "run": None, "ok": True, "how": "run"}),
        "x": ("verify", {"generation": f"c{step}", "run": None, "ok": False, "how": "run"}),
        "skipped": ("review", {"state": "skipped"}),
        "dropped": ("review", {"state": "dropped"}),
    }[name]
    generation = "g" if name == "g-down" else None
    return FeedbackEvent(str(seq), seq, "", "turn", generation, "user", kind, body)
