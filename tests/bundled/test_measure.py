"""Measuring: on what training never saw, and going on where it was stopped."""

import itertools
from pathlib import Path

import pytest

from codemode_tui.bundled.recipe.measure import held_out, said_at
from codemode_tui.bundled.recipe.scoring import Moment, moments


class Parrot:
    """A model that says the question back, and fails after a number of messages."""

    def __init__(self, fails_after: int = 10**9) -> None:
        self.asked: list[Moment] = []
        self.fails_after = fails_after

    def speak(self, moment: Moment) -> tuple[str, bool]:
        if len(self.asked) == self.fails_after:
            raise KeyboardInterrupt
        self.asked.append(moment)
        return f"you said \u2028 {moment.history[-1][1]}", False


def test_a_stopped_measurement_goes_on_without_asking_again(tmp_path: Path) -> None:
    asked = [Moment((("user", f"question\n{n}"),), "x") for n in range(7)]
    with pytest.raises(KeyboardInterrupt):
        said_at(tmp_path / "said.jsonl", Parrot(fails_after=3), asked)
    parrot = Parrot()
    said = said_at(tmp_path / "said.jsonl", parrot, asked)
    assert parrot.asked == asked[3:]
    assert said == [Parrot().speak(moment) for moment in asked]
    again = Parrot()
    assert said_at(tmp_path / "said.jsonl", again, asked) == said
    assert again.asked == []


def test_what_was_said_to_other_questions_is_not_taken_for_an_answer(tmp_path: Path) -> None:
    file = tmp_path / "said.jsonl"
    asked = [Moment((("user", f"question {n}"),), "x") for n in range(4)]
    said_at(file, Parrot(), asked)
    changed = [asked[0], Moment((("user", "a new question"),), "x"), *asked[2:]]
    parrot = Parrot()
    assert said_at(file, parrot, changed) == [Parrot().speak(moment) for moment in changed]
    assert parrot.asked == changed[1:]
    file.write_text('["said by earlier code, of who knows what", false]\n')
    assert said_at(file, Parrot(), asked) == [Parrot().speak(moment) for moment in asked]


def test_every_set_is_the_same_each_time_and_differs_from_the_others() -> None:
    def first(name: str) -> list[object]:
        return [row.turns for row in itertools.islice(held_out()[name], 20)]

    told = {name: first(name) for name in held_out()}
    assert told == {name: first(name) for name in held_out()}
    assert len({str(turns) for turns in told.values()}) == len(told)


def test_the_skills_set_holds_runs_that_did_not_end_well() -> None:
    for row in itertools.islice(held_out()["skill"], 30):
        assert any(m.history[-1][0] == "tool" and "Error" in m.history[-1][1] for m in moments(row))
