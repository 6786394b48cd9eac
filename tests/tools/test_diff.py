"""The diff that a person is asked about."""

import difflib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemode_tui.tools.diff import quoted, unified

_TEXTS = st.lists(st.sampled_from(["a", "b", "c", "", "d"]), max_size=14).map("\n".join)


@settings(max_examples=200, deadline=None)
@given(_TEXTS, _TEXTS)
def test_applying_the_diff_to_the_old_text_gives_the_new_one(old, new):
    shown = unified("f", old.encode(), new.encode(), 10_000)
    assert shown.startswith("--- a/f\n+++ b/f\n")
    assert _apply(old, shown) == new


def _apply(old: str, diff: str) -> str:
    source, out, at = old.splitlines(keepends=True), [], 0
    for line in diff.replace("\n\\ No newline at end of file\n", "\0").splitlines(keepends=True)[2:]:
        for text in _parts(line):
            if text.startswith("@@"):
                start, _, count = text.split()[1][1:].partition(",")
                begin = int(start) - (count != "0")
                out += source[at:begin]
                at = begin
            elif text[0] == "+":
                out.append(text[1:])
            elif text[0] in " -":
                assert source[at] == text[1:]
                out += [text[1:]] if text[0] == " " else []
                at += 1
    return "".join(out + source[at:])


def _parts(line: str) -> list[str]:
    """A line without its newline is followed by the next one at once."""
    pieces = line.split("\0")
    return [piece for piece in pieces if piece and piece != "(no change)\n"]


def test_line_numbers_are_those_of_the_whole_file():
    old = [f"line {i}\n" for i in range(1, 1001)]
    new = list(old)
    new[499] = "changed\n"
    shown = unified("f", "".join(old).encode(), "".join(new).encode(), 400)
    assert shown == "".join(difflib.unified_diff(old, new, "a/f", "b/f"))


def test_a_huge_change_is_bounded_and_quick():
    old = "".join(f"{i}\n" for i in range(200_000)).encode()
    new = "".join(f"{i * 7 % 199_999}\n" for i in range(200_000)).encode()
    shown = unified("f", old, new, 100)
    assert len(shown.splitlines()) < 120
    assert "more such lines" in shown


@pytest.mark.parametrize("limit", [400, 101, 100, 4])
@pytest.mark.parametrize(("old", "new"), [(5000, 9000), (3, 9000), (9000, 0)])
def test_what_a_huge_change_does_not_show_is_counted_in_full(limit, old, new):
    before, after = ("".join(f"{side}{i}\n" for i in range(count)).encode() for side, count in (("x", old), ("y", new)))
    body = unified("f", before, after, limit).splitlines()[3:]
    assert len(body) < limit
    for sign, count in (("-", old), ("+", new)):
        lines = [line for line in body if line.startswith(sign)]
        told = [int(line.split()[2].replace(",", "")) for line in lines if line.endswith(" more such lines")]
        assert len(lines) - len(told) + sum(told) == count
    assert all(line[0] in "-+" for line in body)


@pytest.mark.parametrize(
    ("before", "after", "body"),
    [
        (b"a\r\nfoo\nb\n", b"a\r\nfoo\r\nb\n", " a\\r\n-foo\n+foo\\r\n b\n"),
        (None, b"#!/bin/sh\r\n", "+#!/bin/sh\\r\n"),
        (b"a\r\nb", b"a\r\nc", " a\r\n-b\n\\ No newline at end of file\n+c\n\\ No newline at end of file\n"),
    ],
)
def test_a_line_end_that_differs_from_others_is_shown(before, after, body):
    assert unified("f", before, after, 400).split("@@\n")[1] == body


def test_a_long_line_is_cut_and_binaries_are_said():
    assert len(unified("f", None, b"x" * 1_000_000, 400)) < 5000
    assert unified("f", b"\xff\0", b"text", 400) == "binary file f: 2 bytes → 4 bytes\n"


_NAME = 'n.txt\n+++ b/README.md\n@@ -1 +1 @@\n-harmless\x1b\x85\u2028"\\'


def test_a_name_is_one_line_whatever_is_in_it():
    shown = unified(_NAME, None, b"evil\n", 400)
    name = r"n.txt\n+++ b/README.md\n@@ -1 +1 @@\n-harmless\033\302\205\342\200\250\"\\"
    assert shown == f'--- /dev/null\n+++ "b/{name}"\n@@ -0,0 +1 @@\n+evil\n'
    assert unified(_NAME, None, b"\0", 400) == f'binary file "{name}": none → 1 bytes\n'
    assert quoted("dir/ä b.txt") == "dir/ä b.txt"
