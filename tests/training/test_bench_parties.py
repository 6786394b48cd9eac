"""Measuring the product: what is timed, that every figure begins without a cache, and that nothing is left running."""

from __future__ import annotations

from collections import Counter
from itertools import cycle

import msgspec
import pytest
from support.fakes import INFO

from codemode_tui.engine.api import Finished, Token, Usage
from codemode_tui.engine.bare import Weight
from codemode_tui.errors import EngineError
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render_text
from codemode_tui.protocol.types import Message, Segment
from codemode_tui.training.bench.engine import (
    Candidate,
    against_plain,
    against_plain_thin,
    bound,
    deciding,
    grouped,
    guessed,
    guided,
    promises,
    resume,
    reuse,
    side_by_side,
    task,
)
from codemode_tui.training.bench.parties import STEPS, play
from codemode_tui.training.bench.plan import Exchange, Plan
from codemode_tui.training.bench.product import Product

PROFILE = load_profile("bundled")
PLAN = Plan(
    short=(Segment("short"),),
    short_ids=(1,),
    long=(Segment("long " * 100),),
    long_ids=tuple(range(100)),
    script=tuple(range(21)),
    turns=("one", "two", "three"),
    reply=(1, 2, 3),
    turn_tokens=300,
    session=(Message("user", "session " * 50),),
    task="task",
    program=(Exchange((1, 2, 3, 4), "out"), Exchange((5, 6))),
    calls=(*[Exchange((1, 2, 3), "out")] * 3, Exchange((5, 6))),
)


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class SlowEngine:
    """Takes 1 s to start, 10 ms a new character of the prompt, 5 ms for P(tool), 50 ms a token."""

    def __init__(self, clock, *, stops_after=None):
        self.clock = clock
        self.script = None
        self.requests = []
        self.running = False
        self.closed = 0
        self._stops_after = stops_after
        self._caches = {}
        self.kept = set()

    async def start(self, on_progress=None):
        self._caches = {name: text for name, text in self._caches.items() if name in self.kept}
        self.running = True
        self.clock.now += 1.0
        return INFO

    async def close(self):
        self.running = False
        self.closed += 1

    async def generate(self, request):
        self.requests.append(request)
        text = render_text(request.prompt)
        before = self._caches.get(request.conversation, "")
        cached = len(before) if before and text.startswith(before) else 0
        self._caches[request.conversation] = text
        if request.keep and request.cache_key:
            self.kept.add(request.conversation)
        self.clock.now += 0.01 * (len(text) - cached) + (0.005 if request.openings else 0)
        said = (self.script or (1, 2))[: self._stops_after]
        for at, token in enumerate(said):
            self.clock.now += (0.025 if request.guesses and not self.script else 0.05) if at else 0
            yield Token("x", (token,))
        right = int(request.guesses and not self.script)
        usage = Usage(len(text), cached, len(said), guessed_tokens=right)
        self.clock.now += 3.0  # what comes after the last token is not decode
        yield Finished("length", "x" * len(said), tuple(said), usage)


async def measured(engine, clock, *steps) -> dict[str, float]:
    party = Product(engine, PROFILE, PLAN, clock)
    return (await play([{"product": party}], steps or STEPS, 1, lambda text: None))["product"][0]


async def test_times_are_those_of_the_tokens():
    found = await measured(SlowEngine(clock := Clock()), clock)
    assert found["start"] == pytest.approx(1.0)
    assert found["first"] == pytest.approx(0.055) and found["undecided"] == pytest.approx(0.05)
    assert found["decode"] == pytest.approx(20)
    assert found["prompt"] == pytest.approx(500 / 5.005)


async def test_only_the_turns_of_the_chat_meet_their_own_cache():
    engine = SlowEngine(clock := Clock())
    found = await measured(engine, clock, "chat")
    size = max(len(render_text(r.prompt)) for r in engine.requests)
    assert found["cold 3"] == pytest.approx(size * 0.01 + 0.005)
    assert found["turn 3"] == pytest.approx(found["new"] * 0.01 + 0.005)
    assert found["turn 1"] == pytest.approx(found["cold 1"]) and 0 < found["new"] < size / 2
    uses = Counter(r.conversation for r in engine.requests)
    assert sorted(uses.values())[-2:] == [1, len(PLAN.turns)]  # one conversation goes on, all others are new


async def test_a_session_is_resumed_in_a_process_of_its_own():
    engine = SlowEngine(clock := Clock())
    found = await measured(engine, clock, "resume")
    assert engine.closed == 2  # once in between
    assert found["unsaved"] - found["resumed"] == pytest.approx(found["session"] * 0.01)
    assert found["session"] > 400


async def test_a_task_is_all_its_messages():
    engine = SlowEngine(clock := Clock())
    found = await measured(engine, clock, "task")
    assert found["program"] < found["calls"]
    said = [r.sampling.max_tokens for r in engine.requests if r.prompt != PLAN.short]
    assert said == [4, 2, 3, 3, 3, 2]


async def test_the_engine_ends_after_every_run_also_after_a_failed_one():
    engine = SlowEngine(clock := Clock())
    await measured(engine, clock, "decode")
    assert engine.closed == 1 and not engine.running
    short = SlowEngine(clock, stops_after=2)
    with pytest.raises(EngineError, match="stopped after 2 of"):
        await measured(short, clock)
    assert short.closed == 1


class Noted:
    """Writes down who did what."""

    def __init__(self, name, book, *steps, values=(1.0,)):
        self.name = name
        self.book = book
        self.values = cycle(values)
        self.steps = {step: lambda step=step: self._note(step) for step in steps}

    async def _note(self, step):
        self.book.append(f"{self.name} {step}")
        return {step: next(self.values)}

    async def start(self):
        self.book.append(f"{self.name} start")
        return {"start": 2.0}

    async def close(self):
        self.book.append(f"{self.name} close")


async def test_parties_of_a_group_take_turns_figure_by_figure_and_who_begins_alternates():
    book, said = [], []
    group = {"a": Noted("a", book, "bandwidth", "chat"), "b": Noted("b", book, "bandwidth")}
    found = await play([group], ["chat", "bandwidth"], 2, said.append)
    first = ["a start", "b start", "a chat", "a bandwidth", "b bandwidth", "a close", "b close"]
    second = ["b start", "a start", "a chat", "b bandwidth", "a bandwidth", "a close", "b close"]
    assert book == first + second
    assert found["b"] == [{"start": 2.0, "bandwidth": 1.0}] * 2
    assert said[0] == "run 1 of 2: a, loading"


async def test_groups_are_never_there_together():
    book = []
    await play([{"a": Noted("a", book, "chat")}, {"b": Noted("b", book, "chat")}], ["chat"], 2, lambda text: None)
    alone = {name: [f"{name} start", f"{name} chat", f"{name} close"] for name in "ab"}
    assert book == alone["a"] + alone["b"] + alone["b"] + alone["a"]


async def test_a_short_figure_is_the_median_of_several_in_its_run():
    group = {"a": Noted("a", [], "decode", values=(5.0, 1.0, 3.0))}
    assert (await play([group], ["decode"], 1, lambda text: None))["a"][0]["decode"] == 3.0


def test_two_large_models_are_not_loaded_together():
    parties = {"product": Noted("a", []), "plain": Noted("b", [])}
    assert grouped(parties, MODEL, None) == [parties]
    large = msgspec.structs.replace(MODEL, info=msgspec.structs.replace(INFO, bytes=1 << 50))
    assert len(grouped(parties, large, None)) == 2


MODEL = Candidate(INFO, PROFILE, SlowEngine(Clock()), PLAN, Weight("cpu", True, 10_000_000, 1000, 5e9))
OURS = [
    {
        "start": 2.0,
        "warm": 0.04,
        "first": 0.03,
        "undecided": 0.02,
        "prompt": 900.0,
        "decode": 95.0,
        "turn 2": 0.3,
        "cold 2": 0.6,
        "turn 3": 0.2,
        "cold 3": 1.0,
        "turn 6": 0.2,
        "new": 300,
        "resumed": 0.01,
        "unsaved": 1.0,
        "session": 4000,
        "program": 2.0,
        "calls": 5.0,
    }
] * 5
PLAIN = [{"start": 1.0, "warm": 0.02, "first": 0.02, "prompt": 1000.0, "decode": 100.0, "bandwidth": 10e9}] * 5


def test_every_figure_stands_beside_its_baseline():
    found = {one.name: one for one in against_plain(OURS, PLAIN, MODEL)}
    assert found["decode"].ratio == pytest.approx(0.95) and found["decode"].budget is None
    assert found["start and load"].ratio == 2.0
    assert found["time to first token"].value == pytest.approx(30) and found["time to first token"].unit == "ms"
    assert "float copy" in found["prompt speed"].detail
    assert deciding(OURS).ratio == pytest.approx(1.5)


def test_a_decode_without_a_screen_does_not_pass_for_the_budget():
    screen, without = against_plain_thin([{"decode": 94.0}], OURS[:1], PLAIN[:1])
    assert (screen.budget, screen.limit, screen.at_least, screen.ok) == (1, 0.95, True, False)
    assert without.budget is None and without.ok is None and "without the interface" in without.detail


def test_a_resumed_session_is_budget_five():
    (one,) = resume(OURS, [])
    assert (one.budget, one.limit, one.ok) == (5, 0.05, True) and "4,000" in one.detail
    small, thin = resume([{**OURS[0], "session": 900}], OURS[:1])
    assert "no more room" in small.detail and small.budget is None and small.ok is None
    assert (thin.budget, thin.limit, thin.ok) == (5, 0.05, True) and "48 thin layers" in thin.name


FREE = {"malformed freely": 3, "whole freely": 7}


def test_a_grammar_is_judged_by_the_calls_that_go_wrong():
    one, speed = guided([FREE | {"guided": 80.0, "decode": 100.0, "malformed guided": 0, "whole guided": 9}])
    assert (one.budget, one.limit, one.ok, one.ratio) == (15, 0, True, None) and "9 against 7" in one.detail
    assert speed.ratio == pytest.approx(0.8)
    assert guided([{"decode": 1.0}]) == []  # where it is not installed


async def test_guesses_are_held_against_the_same_kind_of_question_without_them():
    engine = SlowEngine(clock := Clock())
    found = await measured(engine, clock, "guesses")
    assert found["guessed"] == pytest.approx(40) and found["unguessed"] == pytest.approx(20)
    assert found["right"] == 1
    asked = [render_text(request.prompt) for request in engine.requests]
    assert len(set(asked)) == len(asked)  # no answer is known from before


def test_guesses_must_pay_where_the_engine_guesses():
    one = guessed([{"guessed": 115.0, "unguessed": 100.0, "right": 9.0}])
    assert (one.budget, one.limit, one.at_least, one.ok) == (15, 1.15, True, True) and "9 tokens" in one.detail
    off = guessed([{"guessed": 101.0, "unguessed": 100.0, "right": 0.0}])
    assert off.budget is None and off.ok is None and "does not guess" in off.detail


def test_a_task_counts_its_turns_and_its_tokens():
    turns, seconds = task(OURS, PLAN)
    assert (turns.value, turns.baseline) == (2, 4) and turns.limit is None
    assert seconds.ratio == pytest.approx(0.4) and "6 tokens written against 11" in seconds.detail


def test_the_chat_is_budget_four_and_says_when_its_turns_are_smaller():
    second, one, thin = reuse(OURS, OURS, PLAN, 2048)
    assert (second.name, second.budget, second.ratio) == ("first token in turn 2", None, 0.5)
    assert (one.budget, one.limit, one.ok) == (None, None, None) and one.ratio == pytest.approx(0.2)
    assert "2,048" in one.detail
    assert (thin.budget, thin.limit, thin.ok) == (4, 0.25, True) and "thin" in thin.name
    *_, one = reuse(OURS, [], msgspec.structs.replace(PLAN, turn_tokens=680), 32768)
    assert (one.budget, one.limit, one.ok) == (4, 0.25, True) and "no room" not in one.detail


def test_the_bound_is_the_best_copy_over_what_a_token_reads():
    one = bound(OURS, PLAIN, MODEL)
    assert one.baseline == pytest.approx(10e9 / (10_000_000 + 65 * 1000))
    assert one.value == 95.0 and one.limit is None


def test_the_bundled_model_is_held_to_its_promises(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(b"x" * 7_000_000)
    speed, size = promises(OURS, tmp_path)
    assert (speed.value, speed.limit, speed.ok, speed.ratio) == (95.0, 100.0, False, None)
    assert (size.value, size.ok) == (7.0, False)


def test_two_models_stand_side_by_side():
    found = side_by_side(OURS, OURS, "new", "old")
    assert all(one.ratio == 1.0 and "new against old" in one.detail for one in found)
