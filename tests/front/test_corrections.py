"""What of a turn is offered to be written anew, and which of that is opened."""

from __future__ import annotations

import pytest

from codemode_tui.front.corrections import Message, drafts, likeliest, rating_in_words
from codemode_tui.protocol.types import Decision
from codemode_tui.store.records import Standing

GOOD = Message(Decision.TOOL, "print(1)", "")
BAD = Message(Decision.TOOL, "1/0", "", failed=True)
DONE = Message(Decision.DIRECT, None, "There is 1.")


@pytest.mark.parametrize(
    ("reasons", "text"),
    [((), "print(1)"), (("wrong_code",), "print(1)"), (("crashed",), "1/0"), (("wrong_code", "crashed"), "1/0"),
     (("wrong_answer", "crashed"), "There is 1.")],
)  # fmt: skip
def test_the_draft_that_the_reasons_mean(reasons, text):
    found = drafts({0: GOOD, 1: BAD, 2: DONE})
    assert found[likeliest(found, reasons)].text == text


def test_an_answer_that_the_turn_does_not_have_is_not_put_in_the_place_of_its_code():
    code, answer = drafts({0: GOOD})
    assert (code.step, code.kind, answer.step, answer.kind, answer.text) == (0, "code", None, "answer", "")


def test_a_rating_behind_which_another_one_like_it_stands_is_undone_in_words_too():
    of_turn, of_message = Standing(rating=-1), Standing(rating=-1, message="g")
    assert rating_in_words("thumbs-down", of_turn, of_message, "") == "thumbs-down undone: thumbs-down stands again"
