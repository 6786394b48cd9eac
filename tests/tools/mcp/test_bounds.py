"""What a server may send: as much text as fits, few parts, and little that nobody asked for."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from codemode_tui.tools.mcp.bounds import TooManyParts, Unasked, structure


@pytest.mark.parametrize(
    ("lines", "outside"),
    [
        (b'{"a": "{}{}{}"}', 4),
        (rb'["\"[]\\", 1]', 5),
        (b'["never ends', 1),
        (b': "\ndata: []', 11),  # a text ends with its line
        (b': "\\\ndata: []', 12),
    ],
)
def test_what_is_outside_of_texts_is_counted(lines, outside):
    assert structure(lines) == outside
    with pytest.raises(TooManyParts):
        structure(lines, outside - 1)


def test_many_texts_are_many_parts():
    with pytest.raises(TooManyParts):
        structure(b'""' * 100, 20)
    assert structure(b'"' + rb"\"" * 1000 + b'"', 0) == 0


def asked(number: object, **params: object) -> SimpleNamespace:
    return SimpleNamespace(id=number, method="ping", params=params)


def test_a_question_is_handed_on_while_few_wait_for_their_answer():
    unasked = Unasked()
    assert [unasked.admits(asked(number)) for number in range(40)].count(True) == 32
    unasked.sent(SimpleNamespace(id=7, result={}))
    unasked.sent(asked(8))  # one of ours, with a number of its own
    assert unasked.admits(asked("41")) and not unasked.admits(asked(42))


def test_two_questions_of_one_number_do_not_wait_side_by_side():
    unasked = Unasked()
    assert unasked.admits(asked(1)) and not unasked.admits(asked("1"))


def test_what_nobody_asked_for_is_short_and_answers_are_as_long_as_they_are():
    unasked, long = Unasked(), {"data": [0] * 20_000}
    assert not unasked.admits(SimpleNamespace(method="notifications/message", params=long))
    assert unasked.admits(SimpleNamespace(method="notifications/message", params=None))
    assert unasked.admits(SimpleNamespace(id=1, result=long))
    assert unasked.admits(None)  # an error of the transport
