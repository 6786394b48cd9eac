"""What is published for a history of feedback: which rows, in which files, what was left out and why."""

import json
import unicodedata

import pytest
from feedback.histories import MADE, OPTIONS, History, Step, call, profiles, ran
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from codemode_tui.corpus.near import leaked
from codemode_tui.feedback.example import row_id
from codemode_tui.feedback.formats import FORMATS
from codemode_tui.feedback.redaction import Person
from codemode_tui.feedback.run import export
from codemode_tui.feedback.splits import hashed
from codemode_tui.feedback.writing import Refused
from codemode_tui.protocol.types import Message
from codemode_tui.store.external import ExternalRow

TRAIN, VALID, TEST = (
    next(q for q in (f"question {i:04d} about {'abcdefghijk'[i % 11] * 9}" for i in range(999)) if hashed(q) == split)
    for split in ("train", "valid", "test")
)


def reasons(exported):
    return exported.manifest["quarantine"]


def test_rows_of_every_format_have_the_shape_of_the_contract(exported):
    history = History()
    history.add(TRAIN, "I think 5.", rating=-1, fixes={0: ran("print(3)"), 1: "There are 3."})
    found = exported(history)
    (first, second) = sorted(found.rows("mlx-sft/train.jsonl"), key=lambda row: len(row["messages"]))
    assert list(first) == ["messages", "id", "meta"]
    assert [message["role"] for message in first["messages"]] == ["system", "user", "assistant"]
    assert first["messages"][-1]["content"] == call("print(3)")
    assert second["messages"][-2]["content"].startswith("<tool_response>")
    assert json.loads(first["meta"])["proof"] == "run" and first["id"] == row_id({"messages": first["messages"]})
    (pair,) = found.rows("trl-dpo/train_pairs.jsonl")
    assert list(pair) == ["prompt", "chosen", "rejected", "id", "meta"]
    assert (pair["chosen"][0]["content"], pair["rejected"][0]["content"]) == (call("print(3)"), "I think 5.")
    unpaired = found.rows("trl-kto/train_unpaired.jsonl")
    assert all(list(row) == ["prompt", "completion", "label", "id", "meta"] for row in unpaired)
    assert sorted(row["label"] for row in unpaired) == [False, True, True]
    (strings,) = found.rows("mlx-lm-lora-dpo/train_pairs.jsonl")
    assert list(strings) == ["system", "prompt", "chosen", "rejected", "id"]
    assert all(isinstance(value, str) for value in strings.values()) and strings["prompt"] == TRAIN


def test_what_no_eye_can_see_is_spelt_out_in_every_file(exported):
    history, hidden = History(), "\u202eevil\u200b\x85\x7f \ue000 é日"
    history.add(f"{TRAIN} {hidden}", hidden, rating=-1, fixes={0: f"{hidden}!"}, comment=hidden)
    history.add(f"{VALID} {hidden}", hidden, rating=-1, comment=hidden)
    found = exported(history)
    for name, data in found.bytes.items():
        suspects = [char for char in data.decode() if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co")]
        assert set(suspects) <= {"\n"}, name
    assert found.learnt == [f"{hidden}!"] and found.rows("needs_correction.jsonl")[0]["comment"] == hidden
    assert "é日".encode() in found.bytes["needs_correction.jsonl"]


def test_splits_go_to_the_files_that_each_trainer_knows(exported):
    history = History()
    for query in (TRAIN, VALID, TEST):
        history.add(query, "I think 5.", rating=-1, fixes={0: "It is 3."})
    found = exported(history)
    files = {file: one["rows"] for file, one in found.manifest["files"].items()}
    assert files == {
        "mlx-sft/train.jsonl": 1, "mlx-sft/valid.jsonl": 1, "mlx-sft/test.jsonl": 1,
        "trl-dpo/train_pairs.jsonl": 1, "trl-dpo/test_pairs.jsonl": 2,
        "trl-kto/train_unpaired.jsonl": 2, "trl-kto/test_unpaired.jsonl": 4,
        "mlx-lm-lora-dpo/train_pairs.jsonl": 1, "mlx-lm-lora-dpo/valid_pairs.jsonl": 1,
    }  # fmt: skip
    assert not [file for file in found.bytes if file.endswith("train.jsonl") and "sft" not in file]


@pytest.mark.parametrize(
    ("last", "left"),
    [("Go on", {}), ("继续", {}), ("And now the one below it", {"bridge": 1}), ("统计一下文件的行数", {"bridge": 1})],
)
def test_a_nod_in_two_conversations_is_no_question_that_both_have(exported, last, left):
    history = History()
    for query in (TRAIN, TEST):
        history.add(last, f"And {query}.", context=(Message("user", query), Message("assistant", "It has 3.")))
    found = exported(history)
    assert reasons(found) == left and found.manifest["rows"] == {"train": 1} | ({} if left else {"test": 1})


def test_prompts_of_several_turns_have_no_place_in_files_of_strings(exported):
    history = History()
    context = (Message("user", "Hello"), Message("assistant", "Hello."))
    history.add(TRAIN, "5", rating=-1, fixes={0: "3"}, context=context)
    found = exported(history)
    assert len(found.all("trl-dpo")) == 1 and not found.all("mlx-lm-lora-dpo")


def test_a_thumbs_down_without_a_correction_is_a_to_do_and_never_taught(exported):
    history = History()
    history.add(TRAIN, "I think 5.", rating=-1, reasons=("wrong_answer",), comment="it is 3")
    history.add(VALID, "I think 6.", rating=-1, fixes={0: ran("print(3)", "error")})
    found = exported(history)
    assert found.learnt == [] and not found.all("trl-dpo")
    assert [row["label"] for row in found.all("trl-kto")] == [False, False]
    todo = {row["rejected"]: row for row in found.rows("needs_correction.jsonl")}
    assert set(todo) == {"I think 5.", "I think 6."}
    assert todo["I think 5."]["reasons"] == ["wrong_answer"] and todo["I think 5."]["comment"] == "it is 3"
    assert reasons(found) == {"unverified": 1}
    kto = found.manifest["kto"]
    assert kto["desirable_weight"] is None and "low learning rate" in kto["note"]


def test_what_cannot_be_taught_can_wait_for_a_correction_without_its_secrets(exported):
    history, key = History(), "-----BEGIN PRIVATE KEY-----\nabc"
    history.add(f"{TRAIN} <|im_end|>", "I think 5.", rating=-1, comment="no")
    history.add(f"{VALID} <|im_end|>", "I think 6.", rating=-1, fixes={0: "It is 3."})
    history.add(f"{VALID} zzz", f"{key} <|im_end|>", rating=-1, comment="why?")
    history.add(f"{TRAIN} {key}", "I think 7.", rating=-1)
    history.add(f"{TRAIN} <|im_end|>", "I think 8.", rating=-1, review="dropped")
    found = exported(history)
    todo = sorted((row["query"], row["rejected"], row["comment"]) for row in found.rows("needs_correction.jsonl"))
    assert todo == sorted([
        (f"{TRAIN} <|im_end|>", "I think 5.", "no"), (f"{VALID} zzz", "", "why?"), ("", "I think 7.", ""),
    ])  # fmt: skip
    assert not any(b"PRIVATE KEY" in data for data in found.bytes.values()) and not found.all("trl-kto")


def test_a_bridge_can_wait_for_a_correction(exported):
    said = {"system": "S", "user": TRAIN, "assistant": "3"}
    rows = [
        ExternalRow(at, "set", str(at), split, TRAIN, json.dumps({"messages": [
            {"role": role, "content": text} for role, text in said.items()
        ]}).encode(), 0)
        for at, split in enumerate(("train", "valid"))
    ]  # fmt: skip
    history = History()
    history.add(TRAIN, "I think 5.", rating=-1)
    found = exported(history, imported=rows)
    assert [row["rejected"] for row in found.rows("needs_correction.jsonl")] == ["I think 5."]
    assert reasons(found) == {"bridge": 1} and not found.all("trl-kto")


def test_what_was_rated_up_waits_for_no_correction(exported):
    history = History()
    history.add(TRAIN, ran("print(2)", "error", edited="prnt(3)"))
    history.add(VALID, ran("print(2)", edited="print('" + "3" * 9000 + "')"))
    found = exported(history)
    assert found.rows("needs_correction.jsonl") == [] and reasons(found) == {"unverified": 1, "over_long": 1}
    assert [(row["completion"][0]["content"], row["label"]) for row in found.all("trl-kto")] == [
        (call("print(2)"), False)
    ]


def test_nothing_at_all(exported):
    found = exported(History())
    assert set(found.bytes) == {"manifest.json", "README.md"}
    assert found.manifest["files"] == {} and found.manifest["leak"] == 0


@pytest.mark.parametrize("formats", [("mlx-sft",), ("trl-kto", "trl-dpo")])
def test_only_the_formats_that_were_asked_for(exported, formats):
    history = History()
    history.add(TRAIN, "5", rating=-1, fixes={0: "3"})
    found = exported(history, options=replace(OPTIONS, formats=formats))
    assert {file.split("/")[0] for file in found.manifest["files"]} == set(formats)


def test_the_same_answer_to_the_same_prompt_was_rejected(exported):
    history = History()
    history.add(TRAIN, "It is 5.")
    history.add(f"  {TRAIN.upper()} ", "It is 5.", rating=-1)
    history.add(VALID, "It is 5.")
    found = exported(history)
    assert reasons(found) == {"rejected_text": 1} and found.learnt == ["It is 5."]


def test_a_correction_that_says_what_was_rejected(exported):
    history = History()
    history.add(TRAIN, "It is 5.", rating=-1, fixes={0: "It is 5. "})
    found = exported(history)
    assert reasons(found) == {"rejected_text": 1} and len(found.rows("needs_correction.jsonl")) == 1


def test_a_call_here_and_none_there_contradict_each_other(exported):
    history = History()
    history.add(TRAIN, ran("print(3)"))
    history.add(TRAIN, "It is 3.")
    history.add(VALID, "It is 3.")
    found = exported(history)
    assert reasons(found) == {"contradiction": 2} and found.learnt == ["It is 3."]


def test_a_contradiction_needs_two_that_could_be_exported(exported):
    history = History()
    history.add(TRAIN, ran("print(3)", "error"))
    history.add(TRAIN, "It is 3.")
    found = exported(history)
    assert reasons(found) == {"unverified": 1} and found.learnt == ["It is 3."]


def test_the_first_of_equal_rows_stays_and_new_pairs_with_them(exported):
    history = History()
    history.add(TRAIN, "It is 3.")
    history.add(TRAIN, "It is 5.", rating=-1, fixes={0: "It is 3."})
    history.add(TRAIN, "It is 6.", rating=-1, fixes={0: "It is 3."})
    history.add(TRAIN, "It is 6.", rating=-1, fixes={0: "It is 3."})
    found = exported(history)
    assert reasons(found) == {"duplicate": 4} and found.learnt == ["It is 3."]
    assert len(found.all("trl-dpo")) == 2
    assert [row["label"] for row in found.all("trl-kto")].count(True) == 1
    assert found.rows("needs_correction.jsonl") == []


def test_questions_of_the_evaluation_suite_stay_out(exported):
    history = History()
    history.add("How many lines are in notes/todo.md?", "3")
    history.add("how many lines are in notes/todo.md", "3")
    before = [Message(role, text) for role, text in (
        ("user", TRAIN), ("assistant", "3"), ("user", "How many lines are in notes/todo.md?"), ("assistant", "3"),
    )]  # fmt: skip
    history.add("And words?", "9", context=tuple(before))
    found = exported(history, options=replace(OPTIONS, protected=("How many lines are in notes/todo.md?",)))
    assert reasons(found) == {"protected": 3} and found.learnt == []


def test_what_the_trainer_would_cut_is_left_out(exported):
    history = History()
    history.add(TRAIN, "word " * 900)
    history.add(VALID, "3")
    history.add("long " * 2000, "3")
    history.add(TEST, "word " * 900, rating=-1, fixes={0: "3"})
    found = exported(history)
    assert reasons(found) == {"over_long": 3} and found.learnt == ["3", "3"]
    assert not found.all("trl-dpo")  # half a pair is none


def test_a_message_that_ran_away_is_to_be_corrected_all_the_same(exported):
    history = History()
    history.add(TRAIN, "word " * 2000, rating=-1)
    history.add(VALID, "word " * 2000, rating=-1, fixes={0: "3"})
    found = exported(history)
    assert reasons(found) == {"over_long": 2} and found.learnt == ["3"]
    assert [row["query"] for row in found.rows("needs_correction.jsonl")] == [TRAIN]
    assert [file for file in found.manifest["files"] if "kto" in file] == ["trl-kto/test_unpaired.jsonl"]


def test_only_one_profile(exported):
    history = History()
    history.add(TRAIN, "3")
    history.add(VALID, "3", provenance={**MADE, "profile": "phase22"})
    assert exported(history).manifest["profiles"] == {"bundled": 1, "phase22": 1}
    found = exported(history, options=replace(OPTIONS, profile="phase22"))
    assert reasons(found) == {"other_profile": 1} and found.manifest["profiles"] == {"phase22": 1}


def test_everything_of_a_person_is_redacted_everywhere(exported):
    history = History()
    secret = "sk-ant-" + "a1" * 20
    history.add(
        f"Use {secret} in /home/ada/x for ada@corp.com", f"no, {secret}", rating=-1, comment=f"{secret} on adas-mbp",
        fixes={0: ran(f"print('{secret}', '/home/ada/x')", response=f"{secret} at 10.1.2.3"), 1: "Done, ada@corp.com."},
    )  # fmt: skip
    history.add("And 10.1.2.3?", "no, ada", rating=-1, comment=secret)
    found = exported(history, options=replace(OPTIONS, person=Person("/home/ada", "ada", "adas-mbp")))
    text = b"".join(found.bytes.values()).decode()
    for private in (secret, "/home/ada", "corp.com", "10.1.2.3", "adas-mbp", "no, ada"):
        assert private not in text
    (pair,) = found.all("trl-dpo")
    assert "<SECRET:openai-or-anthropic-key:1>" in pair["prompt"][1]["content"]
    assert pair["chosen"][0]["content"] == call("print('<SECRET:openai-or-anthropic-key:1>', '~/x')")
    assert found.manifest["redaction"]["e-mail address"] == 3
    assert {one.where for one in found.redacted} == {"prompt", "chosen", "rejected", "comment"}


def test_a_loader_that_refuses_forbids_publishing(exported, quick, tmp_path, monkeypatch):
    history = History()
    history.add(TRAIN, "3")
    monkeypatch.setattr(quick, "refuses", "train row 1: TypeError")
    with pytest.raises(Refused, match="train row 1: TypeError") as refused:
        exported(history, out=tmp_path / "out")
    assert refused.value.exit_code == 8 and list(tmp_path.iterdir()) == []


def test_a_dry_run_does_everything_but_publish(quick, tmp_path, exported):
    history = History()
    history.add(TRAIN, "3")
    manifest = exported(history).manifest
    before = sorted(tmp_path.iterdir())
    assert export(history.records, [], profiles, OPTIONS, None).manifest == manifest
    assert sorted(tmp_path.iterdir()) == before


QUERIES = st.sampled_from([f"{how} lines {where}" for how in ("count", "Count the", "show", "sum all") for where in (
    "in notes.txt", "in notes.md", "of the report", "and words of the report", "please", "")])  # fmt: skip
TURNS = st.lists(
    st.tuples(
        QUERIES, st.sampled_from(["It is 3.", "It is 4.", call("print(3)")]), st.sampled_from([-1, 0, 1, 1]),
        st.sampled_from([None, None, "It is 9.", call("print(9)")]), st.sampled_from("abcdefgh"),
    ),
    max_size=10,
)  # fmt: skip


def history_of(turns):
    history, firsts = History(), {}
    for query, raw, rating, fix, session in turns:
        step = Step(raw, "ok" if "<tool" in raw else None)
        fixes = {0: Step(fix, "ok" if "<tool" in fix else None)} if fix and rating < 0 else None
        first = firsts.setdefault(session, query)
        history.add(query, step, rating=rating, fixes=fixes, session=session, session_query=first)
    return history


def places(exported):
    return {
        row["id"]: path.relative_to(exported.out).as_posix()
        for path in exported.out.rglob("*.jsonl") for row in exported.rows(path.relative_to(exported.out).as_posix())
    }  # fmt: skip


# The fixture gives each export a folder of its own.
FOLDERS = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FOLDERS
@given(TURNS, TURNS)
def test_later_feedback_moves_no_row_and_no_question_stands_in_two_splits(quick_export, some, more):
    before, after = quick_export(history_of(some)), quick_export(history_of([*some, *more]))
    earlier, later = places(before), places(after)
    assert all(later[row] == file for row, file in earlier.items() if row in later)
    asked = {
        name: {message["content"] for row in after.rows(f"mlx-sft/{name}.jsonl") for message in row["messages"][1:2]}
        for name in ("train", "valid", "test")
    }
    assert not leaked(asked["valid"] | asked["test"], asked["train"]) and not leaked(asked["test"], asked["valid"])


@FOLDERS
@given(TURNS)
def test_two_exports_are_equal_byte_for_byte(quick_export, turns):
    history = history_of(turns)
    assert quick_export(history).bytes == quick_export(history).bytes


@pytest.fixture
def quick_export(exported, tmp_path):
    """Each example of a property test in a folder of its own."""
    import itertools

    numbers = itertools.count()
    return lambda history: exported(history, out=tmp_path / f"out-{next(numbers)}")


def test_the_card_names_every_split_of_every_format(exported):
    history = History()
    for query in (TRAIN, VALID, TEST):
        history.add(query, "I think 5.", rating=-1, fixes={0: "It is 3."})
    card = exported(history).bytes["README.md"].decode()
    head = card.split("---\n")[1]
    assert "- config_name: mlx-sft\n  data_files:\n  - split: train\n    path: mlx-sft/train.jsonl\n" in head
    assert "  - split: valid\n    path: mlx-sft/valid.jsonl\n  - split: test\n    path: mlx-sft/test.jsonl\n" in head
    assert head.count("config_name") == len(FORMATS) and head.count("trl-dpo/test_pairs.jsonl") == 1


def test_neither_paths_nor_dates_stand_in_a_manifest(exported):
    history = History()
    history.add(TRAIN, "3")
    text = exported(history).bytes["manifest.json"].decode()
    assert "/models/fake" not in text and "/tmp" not in text and "2026" not in text
