"""What an output says beside its wording."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.training.facts import MOST, facts, numbers, pattern, saying, shared, values_of

LABELLED = 'n = len(read_file("a.txt").splitlines())\nprint(f"Lines: {n} in total")'


@pytest.mark.parametrize(
    ("output", "code", "found"),
    [
        ("3\n", "print(3)", ["3"]),
        ("Lines: 3 in total\n", LABELLED, ["3"]),
        ("total 7 of 9\n", 'print("total", x, "of", y)', ["7", "9"]),
        ("Sum = 4\n", 'print("Sum = " + str(4))', ["4"]),
        ("yes\n", 'print("yes" if x else "no")', ["yes"]),
        ("a.txt, b.txt\n", 'print(", ".join(names))', ["a.txt", "b.txt"]),
        ("done\n", 'print("done")', ["done"]),
        ("", "x = 1", []),
        ("[-1, 2]\n", "print(x)", ["-1", "2"]),
        ("It is -5.\n", "", ["It", "is", "-5"]),
        ("2024-01-05 a-5 --5- -x\n", "", ["2024-01-05", "a-5", "-5", "x"]),
    ],
)
def test_labels_of_the_code_are_no_values(output, code, found):
    assert facts(output, (code,)) == found


@pytest.mark.parametrize(
    ("accepted", "code", "other", "same"),
    [
        ("Lines: 3 in total\n", LABELLED, "3", True),
        ("Lines: 3 in total\n", LABELLED, "There are 3 lines", True),
        ("Lines: 3 in total\n", LABELLED, "13", False),
        ("Lines: 3 in total\n", LABELLED, "3.5", False),
        ("3 files, 120 lines\n", "", "lines 120, files 3,", True),
        ("b\na\n", "", "b a", True),
        ("b\na\n", "", "a\nb\n", False),
        ("True\n", "", "true", True),
        ("1,024 bytes\n", "", "bytes: 1,024", True),
        ("1,024 bytes\n", "", "bytes: 1,025", False),
        ("-5\n", "", "It is -5.", True),
        ("-5\n", "", "5", False),
        ("5\n", "", "-5", False),
        ("5\n", "", "x = -5", False),
        ("5\n", "", "lines 3-5, a-5 - 5", True),
        ("-5\n", "", "a-5", False),
        ("2 2\n", "", "2 5", False),
        ("2 2\n", "", "2", False),
        ("2 2\n", "", "2, 2", True),
        ("2 of 7 2\n", "", "7: 2 and 2 of them", True),
        ("['gamma', 'beta', 'alpha']\n", "", "gamma\nbeta\nalpha\n", True),
        ("['gamma', 'beta', 'alpha']\n", "", "['alpha', 'beta', 'gamma']", False),
        ("Back: gamma, beta\n", 'print("Back:", ", ".join(x))', "beta, gamma", False),
        ("(3, 5)\n", "", "(5, 3)", False),
        ("[('a.py', 3), ('b.py', 5)]\n", "", "[('b.py', 5), ('a.py', 3)]", False),
        ("(120, 'a.py')\n", "", "a.py has 120 lines", True),
        ("['a.py', 120]\n", "", "120 a.py", True),
        ("{('a', 1), ('b', 2)}\n", "", "{('b', 2), ('a', 1)}", True),
        ("c.py, b, a.py\n", "", "a.py, b, c.py", False),
        ("{'beta', 'alpha'}\n", "", "alpha beta", True),
        ("{'a': 'x', 'b': 'y'}\n", "", "b: y, a: x", True),
        ("files=3 lines=5\n", "", "lines=5 files=3", True),
        ("3 5\n", 'print(f"{n} {m}")', "5 3", False),
        ("3 in 5\n", 'print(f"{n} in {m}")', "5 with 3", True),
        ("yes Yes\n", "", "yes", False),
        ("3\n", "", "n=3", True),
        ("3\n", "", "3%", True),
        ("3\n", "", "1/3", False),
        ("3\n", "", "log.3", False),
        ("3\n", "", "[3, 5, 7]", False),
        ("7\n", "", "a: 3\nb: 7\n", True),
        ("Top 5: 3\n", 'print(f"Top 5: {n}")', "Top 5: 3", True),
        ("[3,-5]\n", "", "3, -5", True),
        ("10:30\n", "", "at 10:30.", True),
        ("10:30\n", "", "10:30:59", False),
        ("3/7\n", "", "3/77", False),
        ("yes\n", "", "clean=yes", True),
        ("yes\n", "", "yes/no", False),
        ("report.md\n", "", "old-report.md", False),
        ("report.md\n", "", "archive/report.md", False),
        ("report.md\n", "", "../report.md", False),
        ("report.md\n", "", "newest: **./report.md** (3 lines)", False),
        ("report.md\n", "", "./report.md", True),
        ("report.md\n", "", "newest=report.md, 3 lines", True),
        ("report.md\n", "", "The newest is report.md.", True),
        ("report.md\n", "", "report.md:120", True),
        ("site.tar\n", "", "site.tar.bak", False),
        ("src\n", "", "src/", True),
        ("a.py\n", "", "a.py b.py c.py d.py", False),
        ("a.py\n", "", "a.py\nb.py\n", False),
        ("a.py\n", "", "a.py\nb.py\nThe largest is a.py: a.py has 120 lines\n", True),
        ("a.py 3\n", "", "3 a.py b.py", True),
        ("[]\n", "", "found: []", True),
        ("[]\n", "", "['a']", False),
        ("---\n", "", "-----", False),
    ],
)
def test_another_wording_of_the_same_values_matches(accepted, code, other, same):
    assert bool(re.search(pattern(accepted, (code,)), other)) is same


@given(st.text(max_size=300), st.text(max_size=300))
def test_an_output_matches_its_own_pattern_whatever_stands_before(output, before):
    found = pattern(output)
    assert found is None or re.search(found, output)
    assert values_of(found or "") == facts(output)
    assert all(re.search(saying(values, output), output) for values in (facts(output), numbers(output)))
    assert len(facts(output)) <= MOST


def test_a_long_output_is_matched_in_no_time():
    found = pattern("\n".join(f"row {n}" for n in range(5000)))
    assert not re.search(found, "row " * 60_000)


def test_values_that_come_again_and_again_are_counted_in_no_time():
    found = pattern("7 " * MOST)
    assert re.search(found, "7 " * MOST) and not re.search(found, "7 " * (MOST - 1) + "x " * 60_000)


@pytest.mark.parametrize("output", ["a.py\n" * 40_000 + "b.py", "a.py:" * 40_000, "a." * 80_000, "._/" * 60_000])
def test_a_name_that_is_to_stand_alone_is_looked_for_in_no_time(output):
    assert not re.search(pattern("a.py"), output)


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("There are **4** rocky planets.", ("4",)),
        ("It is ~50%, or $1.2.3 at 10:30, a-b.", ("50", "$1.2.3", "10:30")),
        ("-42, 4 and 4.", ("-42", "4")),
        ("None.", ()),
    ],
)
def test_numbers_of_an_answer(answer, found):
    assert numbers(answer) == found


def test_an_answer_takes_its_values_from_the_output():
    assert shared("The largest is big.txt with 120 lines.", "120 big.txt\n7 a.txt\n") == ("big.txt", "120")


@pytest.mark.parametrize(
    ("accepted", "other", "same"),
    [
        ("- a.py\n- b.py\n", "b.py and a.py", True),
        ("They are `a.py`, `b.py`.", "`b.py` and `a.py`", True),
        ("The largest file (a.py, 120 lines) is in src.", "120 lines: that is a.py", True),
        ("1. a.py\n2. b.py\n", "first a.py, then b.py", True),
        ("1. a.py\n2. b.py\n", "1. b.py\n2. a.py\n", False),
        ("Lines: 120, 7", "120 and 7", True),
        ("Lines: 120, 7", "7, 120", False),
    ],
)
def test_an_order_of_an_answer_counts_where_it_says_something(accepted, other, same):
    found = saying(shared(accepted, "a.py b.py 120 7\n"), accepted)
    assert re.search(found, accepted) and bool(re.search(found, other)) is same
