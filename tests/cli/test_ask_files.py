"""Files below a question; what is told of a turn of several messages; `ask` that keeps quiet."""

from __future__ import annotations

import json

import pytest
from support.fakes import FakeEngine, FakeSandbox, Said, call, conversation

from codemode_tui.chat.settings import ChatSettings
from codemode_tui.cli import ask
from codemode_tui.cli.arguments import Parser
from codemode_tui.protocol.foreign import SEVERAL
from codemode_tui.sandbox.types import ExceptionInfo, Outcome

GOOD = Outcome("ok", 0, stdout="3\n")
BAD = Outcome("error", 1, exception=ExceptionInfo("ZeroDivisionError", "division by zero", 1, ""))
ONE, TWO = call("print(1)"), call("print(2)")
FENCE = '```json\n{"name": "execute_code", "arguments": {"code": "print(2)"}}\n```'


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
    "a file that is none": (("hi", "--file", "nope.txt"), b"", "nope.txt cannot be read: no such file"),
    "one whose variable is unset": (("hi", "--file", ""), b"", "--file: the name is empty"),
    "a folder": (("hi", "--file", "."), b"", "is a directory"),
    "a file that is no text": (("hi", "--file", "-"), b"\xff\xfe\x00", "- is no text"),
    "a file of bytes": (("hi", "--file", "-"), b"x\x00y", "- is no text"),
    "an input without an end": (("hi", "--file", "/dev/zero"), b"", "/dev/zero is longer than 8 MB"),
    "nothing where a text was to come": (("hi", "--file", "-"), b" \n", "standard input is empty"),
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


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """`ask` of a model that says the given messages, its runs with the given outcomes. Gives the exit code."""

    async def run(messages, outcomes, *flags, mode="auto"):
        sandbox, settings = FakeSandbox(*outcomes), ChatSettings(run=mode)
        chat = conversation(FakeEngine(*messages), tmp_path, sandbox=sandbox, settings=settings)

        async def opened(_):
            return chat

        monkeypatch.setattr(ask, "open_conversation", opened)
        ask.add_arguments(parser := Parser())
        return await ask._ask("How many?", None, parser.parse_args(flags))

    return run


TURNS = {
    "malformed after a run": ((ONE, FENCE), (GOOD,), ("print(2)", None, 1, 5)),
    "cut off after a run": ((ONE, Said(TWO[:-40], finish_reason="length")), (GOOD,), ("print(", None, 1, 5)),
    "unreadable after a run": ((ONE, "<tool_call></tool_call>"), (GOOD,), (None, None, 1, 5)),
    "announced after a run": ((ONE, "I'll read the file now."), (GOOD,), ("print(1)", "ok", 1, 5)),
    "a failure, then an answer": ((ONE, "Sorry."), (BAD,), ("print(1)", "error", 1, 3)),
    "a failure, then what cannot run": ((ONE, FENCE), (BAD,), ("print(2)", None, 1, 5)),
    "a failure, then success": ((ONE, TWO, "It is 3."), (BAD, GOOD), ("print(2)", "ok", 2, 0)),
    "two runs that went well": ((ONE, TWO, "It is 3."), (GOOD, GOOD), ("print(2)", "ok", 1, 0)),
    "all tries, and a call more": ((ONE, ONE, ONE, TWO), (BAD, BAD, BAD), ("print(2)", "not_run", 3, 4)),
}


@pytest.mark.parametrize("name", TURNS)
async def test_code_and_run_are_those_of_the_last_call_and_tries_are_what_ran(asked, capfdbinary, name):
    messages, outcomes, expected = TURNS[name]
    code = await asked(messages, outcomes, "--json")
    turn = json.loads(capfdbinary.readouterr().out)
    assert (turn["code"], turn["run"] and turn["run"]["status"], turn["attempts"], code) == expected


async def test_what_ran_is_printed_although_the_model_called_again_in_vain(asked, capsys):
    assert await asked((ONE, FENCE), (GOOD,)) == ask.EXIT_MALFORMED
    told = capsys.readouterr()
    assert told.out == "3\nprint(2)\n"
    assert "warning: a call in JSON" in told.err and "was not run" in told.err.splitlines()[-1]


@pytest.mark.parametrize(("mode", "out"), [("auto", "3\nDone.\n"), ("never", "print(1)\n")])
async def test_a_call_that_was_left_out_is_said(asked, capsys, mode, out):
    await asked((f"{ONE}\n{TWO}", "Done."), (GOOD,), mode=mode)
    told = capsys.readouterr()
    assert (told.out, told.err.count(f"warning: {SEVERAL}\n")) == (out, 1)


def test_quiet_leaves_it_to_the_exit_code(codemode):
    result = codemode("ask", "Read the file missing-9.md", "--run", "auto", "--quiet")
    assert (result.code, result.err) == (3, "")
