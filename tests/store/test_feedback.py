"""Feedback is a list of events; what is in force is what they come to."""

import pytest

from codemode_tui.errors import UsageError


async def test_a_rating_is_there_and_can_be_taken_back(store, record):
    turn = await record(store)
    event = await store.rate(turn, -1)
    assert (event.turn, event.kind, event.body, event.actor) == (turn, "rate", {"v": -1}, "user")
    assert (await store.turn(turn)).rating == -1
    await store.rate(turn, 0)
    assert (await store.turn(turn)).rating == 0
    await store.rate(turn, 1)
    assert (await store.turn(turn)).rating == 1
    assert [e.kind for e in await store.feedback(turn)] == ["rate", "retract", "rate"]
    assert [e.seq for e in await store.feedback(turn)] == [1, 2, 3]


async def test_one_message_of_a_turn_can_be_rated(store, record):
    turn = await record(store)
    generation = (await store.turn(turn)).generations[0].id
    event = await store.rate(generation, -1)
    assert (event.turn, event.generation) == (turn, generation)
    assert (await store.turn(turn)).rating == -1
    await store.rate(turn, 1)
    assert (await store.standing(turn)).message is None
    await store.rate(turn, 0)
    assert (await store.standing(turn)).message == generation


async def test_feedback_in_force_is_the_last_word(store, record, tmp_path):
    bad, good = await record(store, "bad"), await record(store, "good")
    await store.rate(bad, -1)
    await store.add_feedback(bad, "reason", {"codes": ["wrong_code"]})
    await store.add_feedback(bad, "reason", {"codes": ["wrong_code", "crashed"]})
    await store.add_feedback(bad, "comment", {"text": "off by one"})
    await store.rate(good, 1)
    first, second = await store.feedback_now()
    assert (first.turn, first.rating, first.query) == (good, 1, "good")
    assert (second.turn, second.rating, second.reasons, second.comment, second.events) == (
        bad, -1, ("wrong_code", "crashed"), "off by one", 4,
    )  # fmt: skip
    assert [f.turn for f in await store.feedback_now(rating=-1)] == [bad]
    assert await store.feedback_now(tmp_path / "elsewhere") == []
    await store.rate(bad, 0)
    (retracted,) = [f for f in await store.feedback_now() if f.turn == bad]
    assert (retracted.rating, retracted.reasons, retracted.comment) == (0, (), "")


async def test_what_was_said_against_a_turn_is_not_said_of_it_once_it_is_approved(store, record):
    turn = await record(store)
    await store.rate(turn, -1)
    await store.add_feedback(turn, "reason", {"codes": ["wrong_code"]})
    await store.add_feedback(turn, "comment", {"text": "off by one"})
    await store.rate(turn, 1)
    now = await store.standing(turn)
    assert (now.rating, now.reasons, now.comment) == (1, (), "")
    await store.add_feedback(turn, "comment", {"text": "well done"})
    await store.rate(turn, 1)
    assert (await store.standing(turn)).comment == "well done"


async def test_what_was_said_for_a_turn_is_nothing_against_it_once_it_is_rated_down(store, record):
    turn = await record(store)
    await store.add_feedback(turn, "comment", {"text": "before any rating"})
    await store.rate(turn, 1)
    assert (await store.standing(turn)).comment == "before any rating"
    await store.add_feedback(turn, "reason", {"codes": ["other"]})
    await store.rate(turn, -1)
    now = await store.standing(turn)
    assert (now.rating, now.reasons, now.comment) == (-1, (), "")


@pytest.mark.parametrize(
    "said",
    [
        "-w", "-wc", "-w0", "-w0-", "-w0-c", "w-", "w0-",  # 0: retracted; a letter: a reason
        "-w+0", "-w+c0", "-w+-0", "+w-0", "-w+-", "-w+-c", "+w-", "+w-c", "+-w", "w+-", "-+w-", "-w--", "-w+",
    ],
)  # fmt: skip
async def test_statistics_count_the_reasons_that_are_in_force(store, record, said):
    turn = await record(store)
    for one in said:
        if one in "+-0":
            await store.rate(turn, {"+": 1, "-": -1, "0": 0}[one])
        else:
            await store.add_feedback(turn, "reason", {"codes": [{"w": "wrong_code", "c": "crashed"}[one]]})
    now = await store.standing(turn)
    assert (await store.statistics()).reasons == dict.fromkeys(now.reasons if now.rating < 0 else (), 1)


async def test_only_what_exists_can_be_rated(store, record):
    await record(store)
    with pytest.raises(UsageError, match="no turn nothing"):
        await store.rate("nothing", -1)
    with pytest.raises(UsageError, match="no reason bogus"):
        await store.add_feedback(await record(store), "reason", {"codes": ["bogus"]})


async def test_a_turn_that_still_runs_can_be_rated(store, tmp_path):
    turn = await store.begin_turn(await store.new_session(tmp_path), "q", ())
    await store.rate(turn, -1)
    await store.end_turn(turn, "done", "a")
    assert (await store.turn(turn)).rating == -1
