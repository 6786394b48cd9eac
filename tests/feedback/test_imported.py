"""Rows of other sets: every shape that they come in, after what a reviewer made of them."""

import hashlib
import json

import pytest
from feedback.histories import OPTIONS, History, call
from msgspec.structs import replace

from codemode_tui.corpus.rows import read_row
from codemode_tui.errors import UsageError
from codemode_tui.feedback.example import chatml
from codemode_tui.feedback.imported import examples, reviewed, state
from codemode_tui.feedback.splits import hashed
from codemode_tui.store.external import ExternalEvent, ExternalRow

QUERY = "Which files mention the word alpha?"
TEXT = {
    "text": "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\n" + QUERY + "<|im_end|>\n<|im_start|>assistant\n"
    + call("print(3)") + "<|im_end|>\n<|im_start|>user\n<tool_response>\n3\n</tool_response><|im_end|>\n"
    "<|im_start|>assistant\nThere are 3.<|im_end|>"
}  # fmt: skip
CHAT = {
    "messages": [
        {"role": "system", "content": "S"}, {"role": "user", "content": QUERY},
        {"role": "assistant", "content": call("print(3)")}, {"role": "tool", "content": "3"},
        {"role": "assistant", "content": "There are 3."},
    ]
}  # fmt: skip
COMPLETION = {"prompt": CHAT["messages"][:2], "completion": CHAT["messages"][2:3]}
TOOLS = {
    "messages": [
        *CHAT["messages"][:2],
        {"role": "assistant", "content": None, "tool_calls": [
            {"type": "function", "function": {"name": "execute_code", "arguments": {"code": "print(3)"}}}]},
    ]
}  # fmt: skip


def row(table, *events, split="train", newest=0, source="mine"):
    line = table if isinstance(table, bytes) else json.dumps(table).encode()
    found = read_row(line)
    kinds = tuple(ExternalEvent(f"e{i}", i, "2026", "user", kind, body) for i, (kind, body) in enumerate(events))
    digest = hashlib.sha256(line).hexdigest()
    return ExternalRow(newest + 1, source, digest, split, found and found.query, line, newest, kinds)


INCLUDED = replace(OPTIONS, sources=("mine",))


@pytest.mark.parametrize(("table", "rows"), [(TEXT, 2), (CHAT, 2), (COMPLETION, 1), (TOOLS, 1)])
def test_every_shape_becomes_one_example_for_each_message_of_the_model(table, rows):
    found = list(examples(row(table)))
    assert [example.refused for example in found] == [""] * rows
    assert found[0].chosen == call("print(3)") and found[0].prompt[0].content == "S"
    if rows == 2:
        assert chatml(found[1].prompt) == TEXT["text"].removesuffix("There are 3.<|im_end|>")


@pytest.mark.parametrize(
    "table",
    [
        b"{torn", {"messages": []}, {"messages": CHAT["messages"][1:]},
        {"messages": [*CHAT["messages"][:2]]}, {"messages": [*CHAT["messages"], {"role": "system", "content": "S"}]},
        {"messages": [{"role": "ipython", "content": "S"}, *CHAT["messages"][1:]]},
    ],
)  # fmt: skip
def test_a_row_that_is_no_conversation_is_refused(table, exported):
    found = exported(History(), imported=[row(table)], options=INCLUDED)
    assert found.manifest["quarantine"] == {"no_prompt": 1} and found.learnt == []


EDIT = ("edit", {"line": json.dumps(CHAT)})


@pytest.mark.parametrize(
    ("events", "proof", "shown"),
    [
        ([], "human", "none"),
        ([("verify", {"ok": True, "how": "run"})], "run", "verified"),
        ([("verify", {"ok": False, "how": "run"})], "", "corrected"),
        ([("verify", {"ok": False, "how": "run"}), ("keep", {})], "human", "verified"),
        ([EDIT], "", "corrected"),
        ([EDIT, ("keep", {})], "human", "verified"),
        ([EDIT, ("verify", {"ok": True, "how": "run"})], "run", "verified"),
        ([("drop", {})], "human", "dropped"),
        ([("drop", {}), ("keep", {})], "human", "none"),
    ],
)
def test_what_a_reviewer_said(events, proof, shown):
    seen = row(TEXT, *events)
    found = reviewed(seen)
    assert (found.proof, state(seen), found.dropped) == (proof, shown, shown == "dropped")


@pytest.mark.parametrize(
    ("events", "proof", "shown"),
    [([], "", "none"), ([("keep", {})], "human", "verified"), ([("verify", {"ok": True})], "human", "verified"),
     ([("verify", {"ok": False})], "", "corrected"), ([("drop", {})], "", "dropped")],
)  # fmt: skip
def test_for_what_a_model_was_asked_for_nobody_stands_before_a_review(events, proof, shown):
    seen = row(TEXT, *events, source="targeted")
    assert (reviewed(seen).proof, state(seen)) == (proof, shown)


def test_an_edited_row_is_exported_as_it_was_edited(exported):
    better = {"messages": [*CHAT["messages"][:2], {"role": "assistant", "content": call("print(4)")}]}
    edited = row(TEXT, ("edit", {"line": json.dumps(better)}), ("verify", {"ok": True, "how": "run"}))
    assert exported(History(), imported=[edited], options=INCLUDED).learnt == [call("print(4)")]


REJECTED = {**COMPLETION, "label": False}


def test_what_a_set_calls_rejected_is_never_taught(exported):
    found = exported(History(), imported=[row(REJECTED)], options=INCLUDED)
    assert found.learnt == [] and not (found.out / "needs_correction.jsonl").exists()
    (told,) = found.all("trl-kto")
    assert told["label"] is False and told["completion"][0]["content"] == call("print(3)")


@pytest.mark.parametrize(
    ("label", "refused"), [(0, {}), ("false", {}), ("bad", {"unclear_label": 1}), (None, {"unclear_label": 1})]
)
def test_what_a_set_does_not_call_good_is_never_taught(exported, label, refused):
    found = exported(History(), imported=[row({**COMPLETION, "label": label})], options=INCLUDED)
    assert found.learnt == [] and found.manifest["quarantine"] == refused
    assert [told["label"] for told in found.all("trl-kto")] == ([] if refused else [False])


@pytest.mark.parametrize("event", [("edit", {"line": json.dumps(REJECTED)}), ("verify", {"ok": True, "how": "human"})])
def test_a_rejected_row_that_a_reviewer_mended_or_approved_is_taught(exported, event):
    seen = row(REJECTED, event, ("verify", {"ok": True, "how": "run"}))
    assert exported(History(), imported=[seen], options=INCLUDED).learnt == [call("print(3)")]


def test_only_what_a_row_is_there_for_is_taught(exported):
    ours = {**CHAT, "id": "sha256:" + "0" * 64, "meta": "{}"}  # of an export: its last message alone
    weighed = {"messages": [*CHAT["messages"][:4], {**CHAT["messages"][4], "weight": 0}]}
    prompted = {"prompt": CHAT["messages"][:4], "completion": CHAT["messages"][4:]}
    for table, learnt in ((ours, "There are 3."), (weighed, call("print(3)")), (prompted, "There are 3.")):
        assert exported(History(), imported=[row(table)], options=INCLUDED).learnt == [learnt]


def test_imported_rows_are_exported_only_by_name_and_say_where_they_come_from(exported):
    assert exported(History(), imported=[row(TEXT)]).learnt == []
    found = exported(History(), imported=[row(TEXT)], options=INCLUDED)
    assert len(found.learnt) == 2 and found.manifest["sources"] == {"mine": 2}
    assert json.loads(found.all("mlx-sft")[0]["meta"])["source"] == "mine"
    with pytest.raises(UsageError, match="no imported set other") as error:
        exported(History(), imported=[row(TEXT)], options=replace(OPTIONS, sources=("other",)))
    assert "mine" in error.value.hint


def test_feedback_goes_into_the_split_of_an_imported_row_like_it(exported):
    history = History()
    history.add(f"{QUERY} ", "3")
    assert list(exported(history, imported=[row(TEXT, split="test")]).manifest["rows"]) == ["test"]


def test_feedback_that_was_there_first_stays_and_the_imported_row_is_a_leak(exported):
    history = History()
    history.add(QUERY, "3")
    (split,) = exported(history).manifest["rows"]
    other = "test" if split == "train" else "train"
    late = row(TEXT, split=other, newest=history.records[0].first)
    found = exported(history, imported=[late], options=INCLUDED)
    assert found.manifest["rows"] == {split: 1} and found.manifest["quarantine"] == {"leak": 2}
    history.add(f"{QUERY}?", "4")
    assert exported(history, imported=[late]).manifest["quarantine"] == {"bridge": 1}


def test_a_question_in_the_middle_of_a_row_is_in_one_split_too(exported):
    def asked(*questions):
        said = [one for text in questions for one in (("user", text), ("assistant", "Yes."))]
        return {"messages": [{"role": role, "content": text} for role, text in (("system", "S"), *said)]}

    middle = "Is there a kettle in the kitchen of the office?"
    rows = [row(asked("What is a b-tree good for?", middle, "And who wrote Emma?"), split="train")]
    rows.append(row(asked(middle), split="valid"))
    found = exported(History(), imported=rows, options=INCLUDED)
    assert found.manifest["rows"] == {"train": 3} and found.manifest["quarantine"] == {"leak": 1}
    nods = [row(asked(first, "continue", last), split=split) for first, last, split in (
        ("What is a b-tree good for?", "And who wrote Emma?", "train"),
        ("How deep is the deepest lake?", "Where do swallows sleep?", "valid"),
    )]  # fmt: skip
    nods += [row(asked(first, "Go on"), split=split) for first, split in (
        ("Which bird sings at night?", "train"), ("What does a locksmith do all day?", "valid"),
    )]  # fmt: skip
    assert exported(History(), imported=nods, options=INCLUDED).manifest["rows"] == {"train": 5, "valid": 5}


def asks(query, system="S"):
    said = (("system", system), ("user", query), ("assistant", "It is this one."))
    return {"messages": [{"role": role, "content": text} for role, text in said]}


HELD = next(q for q in (f"Which functions of module {i} does nobody call?" for i in range(99)) if hashed(q) == "test")
OTHER = "How tall is the Eiffel tower in metres?"


def edit(query, **when):
    return ("edit", {"line": json.dumps(asks(query)), **when})


def test_an_edit_moves_nothing_that_was_there_before_it(exported):
    history = History()
    history.add(HELD, "This one.")
    for edits in ([], [edit(HELD)], [edit(HELD), edit(OTHER)]):
        found = exported(history, imported=[row(asks(OTHER), *edits)])
        assert found.manifest["rows"] == {"test": 1} and found.manifest["quarantine"] == {}
    rice = row(asks("And how is rice cooked?"), edit(HELD), split="valid")
    approved = row(asks(OTHER), edit(HELD), ("verify", {"ok": True, "how": "human"}))
    found = exported(history, imported=[approved, rice], options=INCLUDED)
    assert found.manifest["rows"] == {"test": 1} and found.manifest["quarantine"] == {"leak": 2}


def test_an_edit_binds_what_comes_after_it(exported):
    history = History()
    first = history.add("Who sings in the choir?", "Nobody.").first
    early = row(asks(OTHER), edit(HELD, feedback=first, rows=1), ("keep", {}))
    history.add(HELD, "This one.")
    assert exported(history, imported=[early], options=INCLUDED).manifest["rows"] == {"train": 3}
    late = row(asks(HELD), split="test", newest=first)
    found = exported(History(), imported=[early, late], options=INCLUDED)
    assert found.manifest["rows"] == {"train": 1} and found.manifest["quarantine"] == {"leak": 1}


def test_a_leak_that_was_edited_into_another_question_is_none(exported):
    rows = [row(asks(HELD), split="test"), row(asks(f"{HELD}!"), edit(OTHER), ("keep", {}))]
    assert exported(History(), imported=rows, options=INCLUDED).manifest["rows"] == {"test": 1, "train": 1}


def test_a_row_whose_question_a_reviewer_wrote(exported):
    line = {"messages": [{"role": "system", "content": "S"}, {"role": "assistant", "content": "Hello."}]}
    found = exported(History(), imported=[row(line, edit(OTHER), ("keep", {}), split="valid")], options=INCLUDED)
    assert found.manifest["rows"] == {"valid": 1} and found.learnt == ["It is this one."]


@pytest.mark.parametrize("events", [[], [("verify", {"ok": True, "how": "human"})]])
def test_an_answer_that_was_cut_off_is_taught_only_if_a_reviewer_approves(exported, events):
    torn = {"text": TEXT["text"].removesuffix("<|im_end|>")}
    found = exported(History(), imported=[row(torn, *events)], options=INCLUDED)
    assert len(found.learnt) == (2 if events else 1) and ("There are 3." in found.learnt) == bool(events)
    assert found.manifest["quarantine"] == ({} if events else {"malformed": 1})


def test_the_system_prompt_of_a_set_is_nobody_s_business_either(exported):
    found = exported(History(), imported=[row(asks(OTHER, "In /home/jane, by jane@corp.com."))], options=INCLUDED)
    assert found.all("mlx-sft")[0]["messages"][0]["content"] == "In ~, by <EMAIL:1>."


def test_a_set_that_leaks_into_itself_is_cleaned(exported):
    rows = [row(TEXT, split="train"), row(CHAT, split="valid")]
    found = exported(History(), imported=rows, options=INCLUDED)
    assert found.manifest["rows"] == {"train": 2} and found.manifest["quarantine"] == {"leak": 2}
