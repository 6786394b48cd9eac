"""Tokens on their way to a client: joined where they are close, never lost, never held back behind anything else."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.engine.api import Finished, Token, ToolLikelihood, Usage
from codemode_tui.engine.gathering import Gathered

END = Finished("stop", "", (), Usage())


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_first_token_goes_at_once_and_close_ones_together():
    sent, clock = [], Clock()
    gathered = Gathered(sent.append, 0.025, clock)
    gathered(ToolLikelihood(0.5, {}))
    for number in range(6):
        gathered(Token("ab"[number % 2], (number,)))
        clock.now += 0.01
    assert sent[1:] == [Token("a", (0,)), Token("bab", (1, 2, 3))]
    gathered(END)
    assert sent[3:] == [Token("ab", (4, 5)), END]


def test_tokens_that_come_slowly_are_not_held_back():
    sent, clock = [], Clock()
    gathered = Gathered(sent.append, 0.025, clock)
    for number in range(3):
        gathered(Token("x", (number,)))
        clock.now += 0.03
        assert len(sent) == number + 1


EVENTS = st.lists(
    st.one_of(
        st.builds(Token, st.text("xyz", max_size=2), st.tuples(st.integers(0, 9)), st.integers(0, 1), st.booleans()),
        st.just(END),
    )
)


@given(EVENTS, st.lists(st.floats(0, 0.05), min_size=1))
def test_whatever_the_times_nothing_is_lost_or_changes_its_place(events, pauses):
    sent, clock = [], Clock()
    gathered = Gathered(sent.append, 0.025, clock)
    for event, pause in zip(events, itertools.cycle(pauses), strict=False):
        gathered(event)
        clock.now += pause
    gathered.flush()
    assert _flat(sent) == _flat(events)


def _flat(events):
    """One entry for each character, id and other event, in order within what is alike."""
    flat = []
    for event in events:
        if not isinstance(event, Token):
            flat.append(("end", "", ()))
            continue
        kind = (event.candidate, event.prefilled)
        if flat and flat[-1][0] == kind:
            flat[-1] = (kind, flat[-1][1] + event.text, flat[-1][2] + event.ids)
        else:
            flat.append((kind, event.text, event.ids))
    return flat
