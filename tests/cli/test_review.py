"""`codemode review` before its screen opens."""

from __future__ import annotations

import json


def test_an_imported_set_that_is_not_there_is_named(codemode):
    done = codemode("review", "--source", "nope")
    assert done.code == 2 and "no imported set 'nope'" in done.error and "data import" in done.error


def test_it_needs_a_terminal(codemode):
    done = codemode("review")
    assert done.code == 2 and "use codemode feedback list and feedback add" in done.error
    assert "--source" in codemode("review", "--help").out


def test_rows_of_a_set_are_listed_as_they_are_wanted(codemode, workspace):
    rows = [("Who wrote Hamlet?", "Shakespeare."), ("Name \x1b[31ma fruit", "A pear.")]
    said = [[{"role": "user", "content": query}, {"role": "assistant", "content": text}] for query, text in rows]
    (workspace / "train.jsonl").write_text("".join(json.dumps({"messages": one}) + "\n" for one in said))
    codemode("data", "import", "train.jsonl", "--source", "mine")
    found = codemode("feedback", "list", "--source", "mine", "--sort", "question", "--json").json
    assert [(one["row"], one["state"], one["split"], one["decision"], one["events"]) for one in found] == [
        (2, "none", "train", "direct", 0), (1, "none", "train", "direct", 0),
    ]  # fmt: skip
    people = codemode("feedback", "list", "--source", "mine", "--search", "a PEAR")
    assert people.code == 0 and "fruit" in people.out and "\x1b" not in people.out and people.out.count("\n") == 1
    assert codemode("feedback", "list", "--source", "mine", "--limit", "1", "--json").json[0]["row"] == 1
    assert codemode("feedback", "list", "--source", "mine", "--state", "verified", "--json").json == []


def test_what_is_about_rows_needs_a_set(codemode):
    for args in (
        ("feedback", "list", "--split", "train"),
        ("review", "--sort", "longest"),
        ("review", "--state", "none"),
    ):
        done = codemode(*args)
        assert done.code == 2 and "--source" in done.error
    assert "no imported set" in codemode("feedback", "list", "--source", "nope").error
