"""`codemode replay` and `eval --from-feedback`: what was corrected is asked again."""

from __future__ import annotations

import json

import pytest
from feedback.scripted import play
from support.fakes import call

WRONG = call('print(len(read_file("notes.txt")))')


@pytest.fixture
def corrected(codemode, workspace):
    """One turn whose code was wrong, corrected by code that ran; one that was only rated down."""
    turn, other = play(
        codemode.home, workspace, ("How many lines are in notes.txt?", WRONG, "There are 23."), ("Say hello", "No.")
    )
    (workspace / "right.py").write_text('print(len(read_file("notes.txt").splitlines()))\n')
    assert codemode("feedback", "add", "--turn", turn, "--rating", "down", "--code", "right.py").code == 0
    assert codemode("feedback", "add", "--turn", other, "--rating", "down").code == 0
    return turn


def test_a_corrected_failure_becomes_a_case_and_is_asked_again(codemode, workspace, corrected):
    made = codemode("eval", "--from-feedback", "--out", "mine.toml", "--json")
    assert made.code == 0 and made.json["total"] == 1 and made.json["left_out"] == []
    case = made.json["cases"][0]
    assert case["files"] == {"notes.txt": "alpha\nbeta\ngamma\ndelta\n"} and case["decision"] == "tool"
    assert codemode("eval", "--from-feedback").out == (workspace / "mine.toml").read_text()
    odd = codemode("eval", "--from-feedback", "--out", "\x1b[31mred.toml")
    assert odd.code == 0 and "red.toml" in odd.out and "\x1b" not in odd.out
    result = codemode("replay", "--json")
    assert result.code == 0 and result.err == ""
    found = result.json
    assert found["total"] == 1 and found["counts"]["fixed"] + found["counts"]["failing"] == 1
    assert found["fixed"] + found["failing"] == [corrected] and found["broken"] == []
    again = codemode("eval", "mine.toml", "--json").json
    assert again["passed"] == len(found["fixed"]) and again["suite"] == "feedback"


def test_nothing_to_ask(codemode):
    assert "no turn to ask again" in codemode("replay").out
    assert codemode("eval", "--from-feedback", "--out", "x.toml").out == "0 cases, nothing was written\n"
    assert not (codemode.workspace / "x.toml").exists()
    assert "no model 'nobody'" in codemode("replay", "--model", "nobody").error


def test_perplexity_tells_known_rows_from_others(codemode, workspace):
    def row(query):
        said = [{"role": "user", "content": query}, {"role": "assistant", "content": "It has 4 lines."}]
        return json.dumps({"messages": said}) + "\n"

    (workspace / "train.jsonl").write_text(row("How many lines are in notes.txt?"))
    (workspace / "test.jsonl").write_text(row("How many lines are in notes.txt??") + row("What is a set?") + '{"torn')
    result = codemode("eval", "--perplexity", "test.jsonl", "--json")
    assert (result.code, result.err) == (0, "")
    found = result.json
    assert (found["all"]["rows"], found["leaky"]["rows"], found["leak_free"]["rows"]) == (2, 1, 1)
    assert (
        found["unreadable"] == 1 and found["all"]["tokens"] == found["leaky"]["tokens"] + found["leak_free"]["tokens"]
    )
    assert found["all"]["perplexity"] > 1
    (workspace / "empty.jsonl").write_text("\n")
    assert codemode("eval", "--perplexity", "empty.jsonl", "--json").json["leak_free"]["perplexity"] is None
    (workspace / "train.jsonl").rename(workspace / "known.jsonl")
    assert "not known" in codemode("eval", "--perplexity", "empty.jsonl").out
    for meant in ("x.toml --perplexity a", "--train a", "--perplexity a --jobs 2", "--from-feedback --out a --html b"):
        assert "means nothing with" in codemode("eval", *meant.split()).error
    assert "no set at gone" in codemode("eval", "--perplexity", "gone").error
    server = codemode("eval", "--perplexity", "empty.jsonl", "--model", "openai:http://127.0.0.1:9/v1")
    assert server.code == 2 and "at a server" in server.error
