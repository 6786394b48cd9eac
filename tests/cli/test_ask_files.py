"""Files below a question, and `ask` that keeps quiet."""

from __future__ import annotations

import pytest


def test_files_and_standard_input_stand_below_the_question(codemode):
    turn = codemode(
        "ask", "What is this?", "--file", "report-4711.md", "--file", "-", "--force", "direct", "--json", "--no-store",
        stdin="one\n```\ntwo\n",
    ).json  # fmt: skip
    assert turn["query"] == (
        "What is this?\n\nreport-4711.md:\n```\n# Report\nAll is well.\n```\n\n"
        "Standard input:\n````\none\n```\ntwo\n````"
    )


WRONG = {
    "a file that is none": (("hi", "--file", "nope.txt"), b"", "nope.txt: no such file"),
    "a folder": (("hi", "--file", "."), b"", "is a directory"),
    "a file that is no text": (("hi", "--file", "-"), b"\xff\xfe\x00", "- is no text"),
    "a file of bytes": (("hi", "--file", "-"), b"x\x00y", "- is no text"),
    "one input for two things": (("-", "--file", "-"), b"hi", "cannot be question and file"),
    "no question": (("--file", "-"), b"hi", "cannot be question and file"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_file_that_cannot_be_read(codemode, name):
    args, stdin, words = WRONG[name]
    result = codemode("ask", *args, stdin=stdin)
    assert result.code == 2 and words in result.error and result.out == ""


def test_too_much_is_refused_with_the_numbers(codemode):
    assert "tokens" in codemode("ask", "hi", "--file", "-", stdin="why " * 20_000).error


def test_quiet_leaves_it_to_the_exit_code(codemode):
    result = codemode("ask", "Read the file missing-9.md", "--run", "auto", "--quiet")
    assert (result.code, result.err) == (3, "")
