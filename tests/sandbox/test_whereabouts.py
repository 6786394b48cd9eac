"""What a child says of where its code stands is no more believed than its output."""

from __future__ import annotations

import pytest

from codemode_tui.sandbox.whereabouts import Whereabouts, stopped_at

CODE = "a = 1\nwhile True:\n    pass\n"


@pytest.fixture
def asked():
    made = Whereabouts()
    yield made
    made.close()


def told(asked, text):
    asked.child_end.send(text.encode())
    return asked.frames()


async def test_what_is_told_last_counts_outermost_first(asked):
    asked.child_end.send(b'Stack (most recent call first):\n  File "<code>", line 9 in old\n')
    await asked.ask()
    assert asked.child_end.recv(9) == b"?"
    new = 'Stack (most recent call first):\n  File "<code>", line 3 in f\n  File "/x.py", line 7 in g\n'
    assert told(asked, new + '  File "<code>", line 2 in <module>\n') == [(2, "<module>"), (3, "f")]


async def test_a_child_that_says_nothing_is_not_waited_for(asked):
    await asked.ask()
    assert asked.frames() == []
    asked.child_end.close()
    await asked.ask()
    assert asked.frames() == []


@pytest.mark.parametrize("line", [0, 4, 999_999_999])
def test_lines_that_the_code_does_not_have_are_not_taken(asked, line):
    frames = told(asked, f'(most recent call first):\n  File "<code>", line {line} in f\n')
    assert stopped_at(frames, CODE, "TimeoutError", "stopped") is None


def test_an_exception_is_made_of_it(asked):
    frames = told(asked, '(most recent call first):\n  File "<code>", line 3 in <module>\n')
    error = stopped_at(frames, CODE, "TimeoutError", "stopped")
    assert (error.type, error.message, error.line) == ("TimeoutError", "stopped", 3)
    assert error.traceback.splitlines()[1:] == [
        '  File "<code>", line 3, in <module>',
        "    pass",
        "TimeoutError: stopped",
    ]


def test_a_flood_of_frames_is_cut(asked):
    assert len(told(asked, "(most recent call first):\n" + '  File "<code>", line 1 in f\n' * 900)) == 50
