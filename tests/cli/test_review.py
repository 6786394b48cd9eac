"""`codemode review` before its screen opens."""

from __future__ import annotations


def test_an_imported_set_that_is_not_there_is_named(codemode):
    done = codemode("review", "--source", "nope")
    assert done.code == 2 and "no imported set 'nope'" in done.error and "data import" in done.error


def test_it_needs_a_terminal(codemode):
    assert codemode("review").code == 2
    assert "--source" in codemode("review", "--help").out
