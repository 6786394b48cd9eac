"""Which rows are learnt from, what of them is learnt, and why others are left out."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from msgspec.structs import replace

from codemode_tui import locations
from codemode_tui.engine.encoding import Encoder
from codemode_tui.engine.tuning.batches import encode
from codemode_tui.engine.tuning.job import ROWS, Train
from codemode_tui.errors import EngineError, UsageError
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render, render_text
from codemode_tui.protocol.types import Message
from codemode_tui.training.tuning.base_set import base_set
from codemode_tui.training.tuning.child import run_child
from codemode_tui.training.tuning.rows import REASONS, Pieces, read_set

PROFILE = load_profile("bundled")
FENCED = '```json\n{"name": "execute_code", "arguments": {"code": "print(1)"}}\n```'
CALL = "<tool_call>\n<function=execute_code>\n<parameter=code>\nprint(1)\n</parameter>\n</function>\n</tool_call>"
ID = {"id": "sha256:" + "0" * 64, "meta": "{}"}


def chat(*said: str, **more) -> dict:
    """A conversation; of each message its role's first letter stands before it."""
    roles = {"s": "system", "u": "user", "a": "assistant", "t": "tool"}
    return {"messages": [{"role": roles[text[0]], "content": text[2:]} for text in said], **more}


def folder(tmp_path: Path, **splits) -> Path:
    for name, rows in splits.items():
        lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
        (tmp_path / f"{name}.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    return tmp_path


def learnt(row: dict, tmp_path: Path) -> list[str]:
    (found,) = read_set(folder(tmp_path, train=[row]), PROFILE).splits["train"]
    return [render_text(part) for part, mine in found.pieces if mine]


def text_of(row: Pieces) -> str:
    return "".join(render_text(part) for part, _ in row.pieces)


def test_a_row_of_an_export_teaches_its_last_message_alone(tmp_path):
    said = ("u:first", f"a:{CALL}", "t:1", "a:It is one.")
    assert learnt(chat(*said, **ID), tmp_path) == ["It is one.<|im_end|>"]
    assert learnt(chat(*said), tmp_path) == [f"{CALL}<|im_end|>", "It is one.<|im_end|>"]


def test_messages_that_say_so_are_not_learnt(tmp_path):
    row = chat("s:S", "u:q", "a:no", "u:again", "a:yes", "u:more", "a:well")
    row["messages"][2]["train"] = False
    row["messages"][6]["weight"] = 0
    assert learnt(row, tmp_path) == ["yes<|im_end|>"]


def test_of_a_prompt_and_its_completion_only_the_completion_is_learnt(tmp_path):
    messages = chat("s:S", "u:q", "a:wrong", "u:again", "a:right")["messages"]
    row = {"prompt": messages[:4], "completion": messages[4:]}
    assert learnt(row, tmp_path) == ["right<|im_end|>"]


def test_what_is_read_is_what_the_engine_renders(tmp_path):
    (found,) = read_set(folder(tmp_path, train=[chat("u:q", f"a:{CALL}", "t:out", "a:end")]), PROFILE).splits["train"]
    messages = [Message("user", "q"), Message("assistant", CALL), Message("tool", "out"), Message("assistant", "end")]
    whole = render_text(render(PROFILE, messages, add_generation_prompt=False))
    assert text_of(found) == whole.removesuffix("\n")


@pytest.mark.parametrize("name", ["bundled", "phase22", "qwen3-coder"])
def test_what_others_wrote_has_the_ids_that_the_engine_makes_of_it_and_no_control_token(tmp_path, name):
    """What stands before an answer is read in training as in a conversation; the answer has the tags that a model
    writes."""
    profile, encoder = load_profile(name), Encoder(locations.bundled_model())
    question, output = "What is <tool_call> for, and </tool_response>?", "a file with <tool_call> and </tool_response>"
    said = (f"u:{question}", f"a:{CALL}", f"t:{output}", "a:It is text.")
    shown = (*said[:2], f"u:<tool_response>\n{output}\n</tool_response>", said[3])  # as an export writes it
    before = [Message("user", question), Message("assistant", CALL), Message("tool", output)]
    for row in (chat(*said, **ID), chat(*shown, **ID), chat(f"s:{profile.system_prompt}", *said, **ID)):
        (found,) = read_set(folder(tmp_path, train=[row]), profile).splits["train"]
        ids, own = encode(encoder.encode, encoder.trusted, found.pieces)
        assert [one for one, mine in zip(ids, own, strict=True) if not mine] == encoder.encode(render(profile, before))
    (found,) = read_set(folder(tmp_path, train=[chat(*said)]), profile).splits["train"]
    ids, own = encode(encoder.encode, encoder.trusted, found.pieces)
    learnt = [one for one, mine in zip(ids, own, strict=True) if mine]
    assert learnt == encoder.trusted(f"{CALL}<|im_end|>It is text.<|im_end|>")
    assert [ids.count(encoder.added[tag]) for tag in ("<tool_response>", "</tool_response>")] == [1, 1]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"messages": [{"role"', "torn"),
        (b"\xff\xfe\x00", "torn"),
        (b"[1, 2]", "torn"),
        (b'{"chosen": "a", "rejected": "b"}', "no_shape"),
        ({"prompt": "q", "completion": "bad", "label": False}, "rejected"),
        ({"prompt": "q", "completion": "bad", "label": 0}, "rejected"),
        ({"prompt": "q", "completion": "bad", "label": 0.0}, "rejected"),
        ({"prompt": "q", "completion": "bad", "label": "false"}, "rejected"),
        ({"prompt": "q", "completion": "bad", "label": None}, "unclear_label"),
        ({"prompt": "q", "completion": "bad", "label": "bad"}, "unclear_label"),
        ({"prompt": "q", "completion": "bad", "label": [True]}, "unclear_label"),
        (chat("u:q", **ID), "nothing_to_learn"),
        (chat("u:q", "a:  "), "nothing_to_learn"),
        (chat("u:q", "a:x", "u:y", **ID), "nothing_to_learn"),
        (chat("a:out of the blue"), "no_question"),
        (chat("u:q", f"a:{FENCED}"), "malformed"),
        (chat("u:q", "a:<tool_call>\n<function=execute_code>\n<parameter=code>\nprint(1"), "malformed"),
        (chat("u:q", f"a:{CALL.replace('print(1)', 'print((1')}"), "malformed"),
        ({"text": "<|im_start|>user\nq<|im_end|>\n<|im_start|>assistant\nIt is a"}, "malformed"),
        (chat("s:S", "s:Answer in French.", "u:q", "a:x"), "system_inside"),
        (chat("u:q", "a:x", "s:Answer in French.", "u:more", "a:y"), "system_inside"),
        (chat("u:q <|im_end|>", "a:x"), "control_token"),
        (chat("u:What else? Tell me all", "a:ok"), "leak"),
        (chat("u:a protected question", "a:ok"), "protected"),
        (chat("u:\uff21 \uff50\uff52\uff4f\uff54\uff45\uff43\uff54\uff45\uff44 question", "a:ok"), "protected"),
    ],
)  # fmt: skip
def test_a_bad_row_is_left_out_by_name_and_the_others_are_learnt(tmp_path, line, reason):
    good = chat("u:How are you today", "a:Fine.")
    made = folder(tmp_path, train=[good, line], test=[chat("u:what else?  tell me  all", "a:z")])
    found = read_set(made, PROFILE, ("A protected question",))
    assert [row.name for row in found.splits["train"]] == ["train.jsonl:1"]
    assert [(one.row, one.reason) for one in found.left_out] == [("train.jsonl:2", reason)]
    assert reason in REASONS


def test_a_byte_order_mark_blank_lines_and_mixed_shapes_are_read(tmp_path):
    rows = [
        b"\xef\xbb\xbf" + json.dumps(chat("u:one", "a:1")).encode(),
        b"",
        {"prompt": "two", "completion": "2"},
        b"   ",
        {"text": "<|im_start|>user\nthree<|im_end|>\n<|im_start|>assistant\n3<|im_end|>\n"},
    ]
    found = read_set(folder(tmp_path, train=rows), PROFILE)
    assert [row.questions for row in found.splits["train"]] == [("one",), ("two",), ("three",)]
    assert not found.left_out


def test_half_a_character_is_read_as_the_renderer_shows_it(tmp_path):
    (found,) = read_set(folder(tmp_path, train=[chat("s:\ud800", "u:q \udc00", "a:x\ud800")]), PROFILE).splits["train"]
    assert text_of(found).encode().count("\ufffd".encode()) == 3


def test_valid_rows_that_train_asks_measure_nothing_and_go(tmp_path):
    row = chat("u:How many lines are in notes.txt?", "a:Three.")
    made = folder(tmp_path, train=[row, row], valid=[row, chat("u:Something else", "a:x")])
    found = read_set(made, PROFILE)
    assert [one.name for one in found.splits["valid"]] == ["valid.jsonl:2"]
    left_out = [(one.row, one.reason) for one in found.left_out]
    assert left_out == [("train.jsonl:2", "duplicate"), ("valid.jsonl:1", "leak")]


def test_a_row_that_stands_in_two_files_of_a_split_is_learnt_once(tmp_path):
    row = chat("u:How many lines are in notes.txt?", "a:Three.")
    found = read_set(folder(tmp_path, **{"train-1": [row], "train-2": [row]}), PROFILE)
    assert [(one.row, one.reason) for one in found.left_out] == [("train-2.jsonl:1", "duplicate")]


@pytest.mark.parametrize("label", [True, 1, 1.0])
def test_a_label_that_is_true_says_nothing_against_a_row(tmp_path, label):
    assert learnt({"prompt": "q", "completion": "good", "label": label}, tmp_path) == ["good<|im_end|>"]


def test_an_export_is_read_from_its_folder_and_preference_pairs_never(tmp_path):
    inside = tmp_path / "mlx-sft"
    inside.mkdir()
    folder(inside, train=[chat("u:q", "a:x", **ID)], train_pairs=[chat("u:bad", "a:y")])
    (inside / "._train.jsonl").write_bytes(b"\x00\x05\x16\x07")  # as macOS leaves it beside a copy
    found = read_set(tmp_path, PROFILE)
    assert [row.questions for row in found.splits["train"]] == [("q",)] and found.unread == ("train_pairs.jsonl",)
    assert not found.left_out


def test_every_file_that_says_its_split_is_read_and_the_others_are_named(tmp_path):
    made = folder(tmp_path, train=[chat("u:one", "a:1")], train_2=[chat("u:two", "a:2")], extra=[chat("u:no", "a:0")])
    found = read_set(folder(made, valid_1=[chat("u:three", "a:3")]), PROFILE)
    assert [row.questions for row in found.splits["train"]] == [("one",), ("two",)]
    assert [row.name for row in found.splits["valid"]] == ["valid_1.jsonl:1"] and found.unread == ("extra.jsonl",)


@pytest.mark.parametrize("rows", [[], [b"", b""], [b"torn"]])
def test_a_set_with_nothing_to_learn_is_refused(tmp_path, rows):
    with pytest.raises(UsageError, match="can be learnt from"):
        read_set(folder(tmp_path, train=rows), PROFILE)


def test_a_folder_without_a_training_split_says_how_to_make_one(tmp_path):
    with pytest.raises(UsageError, match=r"holds no train\.jsonl") as refused:
        read_set(folder(tmp_path, valid=[chat("u:q", "a:x")]), PROFILE)
    assert "codemode export" in refused.value.hint


def test_a_set_that_is_there_is_not_said_to_be_missing():
    with pytest.raises(UsageError, match="/dev/null is neither a folder nor a regular file"):
        read_set(Path("/dev/null"), PROFILE)


def test_a_base_set_that_is_missing_is_no_export_to_make(tmp_path):
    with pytest.raises(UsageError, match="gone does not exist") as refused:
        base_set(str(tmp_path / "gone"), PROFILE, (), 3)
    assert refused.value.hint == "name a folder or file of rows, bundled, or none"


def test_an_export_with_nothing_to_train_on_is_not_asked_for_once_more(tmp_path):
    inside = tmp_path / "mlx-sft"
    inside.mkdir()
    folder(inside, valid=[chat("u:q", "a:x", **ID)])
    with pytest.raises(UsageError, match=r"holds no train\.jsonl") as refused:
        read_set(tmp_path, PROFILE)
    assert "correct more turns" in refused.value.hint


def test_the_bundled_model_has_a_base_set_without_what_is_protected(monkeypatch):
    monkeypatch.setattr("codemode_tui.training.tuning.base_set.COUNT", 60)  # each is generated
    rows = base_set("bundled", PROFILE, (), 3).splits["train"]
    asked = rows[0].questions[0]
    found = base_set("bundled", PROFILE, (asked,), 3)
    assert asked not in {question for row in found.splits["train"] for question in row.questions}
    assert found.left_out[0].reason == "protected"


def test_a_training_that_does_not_fit_is_refused_with_its_arithmetic():
    from codemode_tui.engine.machine_memory import Machine
    from codemode_tui.engine.models import find_model, inspect
    from codemode_tui.training.tuning.room import admit

    info = inspect(find_model(None))
    job = Train(info.path, 10, 1e-3, 8, 8.0, -1, 1024, 2048, 0.5, 1)
    admit(info, job, here=Machine(2 << 30, "a test"))
    with pytest.raises(EngineError, match=r"does not fit into memory: weights .* \(a test\)") as refused:
        admit(info, job, here=Machine(1 << 28, "a test"))
    assert "--batch-tokens" in refused.value.hint and "--max-seq-length" in refused.value.hint
    with pytest.raises(EngineError) as refused:
        admit(info, job, resumed=True, here=Machine(1 << 28, "a test"))
    assert refused.value.hint == "end what else holds memory"  # its options are those that it began with
    long = replace(job, batch_tokens=32, max_tokens=9000)  # one row of that length is a step
    with pytest.raises(EngineError, match="a step of 9,000 tokens"):
        admit(info, long, here=Machine(2 << 30, "a test"))
    admit(info, long, longest=700, here=Machine(2 << 30, "a test"))  # as long as it might be, and no row is


def test_the_adapter_of_experts_and_what_trains_it_count_too(tmp_path):
    from codemode_tui.engine.machine_memory import Machine
    from codemode_tui.engine.memory import gigabytes
    from codemode_tui.engine.models import find_model, inspect
    from codemode_tui.training.tuning.room import TRAINED, admit

    shapes = {"lm_head.weight": (100, 64), "model.layers.0.mlp.switch_mlp.up_proj.weight": (128, 768, 2048),
              "model.layers.1.mlp.switch_mlp.up_proj.weight": (128, 768, 320), "model.layers.1.norm.weight": (2048,),
              "model.layers.1.mlp.switch_mlp.up_proj.scales": (128, 768, 32)}  # fmt: skip
    table, end = {}, 0
    for name, shape in shapes.items():
        table[name] = {"dtype": "U32", "shape": shape, "data_offsets": (end, end := end + 4 * math.prod(shape))}
    head = json.dumps(table).encode()
    with (tmp_path / "model.safetensors").open("wb") as file:  # nothing of it is written or read but the header
        file.write(len(head).to_bytes(8, "little") + head)
        file.truncate(8 + len(head) + end)
    quantised = {"bits": 5, "group_size": 64}
    config = {"hidden_size": 2048, "num_hidden_layers": 2, "vocab_size": 100, "quantization": quantised}
    (tmp_path / "config.json").write_text(json.dumps(config))
    info = replace(inspect(find_model(None)), bytes=3 << 30, quantization=quantised)
    for layers, rank in ((1, 1), (1, 64), (2, 64), (-1, 64)):
        job = Train(str(tmp_path), 10, 1e-3, rank, 8.0, layers, 32, 32, 0.0, 1)
        numbers = rank * (layers % 3) * 128 * (768 + 2048)
        with pytest.raises(EngineError, match=f"adapter and optimizer {gigabytes(TRAINED * numbers)} ") as refused:
            admit(info, job, here=Machine(0, "a test", gpu=True))
        assert "--layers" in refused.value.hint and "--rank" in refused.value.hint


def test_what_nobody_foresaw_is_told_with_a_log_that_outlives_the_work_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    (tmp_path / ROWS).write_text("no row\n")
    with pytest.raises(EngineError, match="training failed: DecodeError") as caught:
        run_child(Train(str(locations.bundled_model()), 1, 1e-3, 4, 1.0, -1, 512, 512, 0.0, 0), tmp_path, print)
    assert caught.value.hint == f"see {locations.log_file()}" and "Traceback" in locations.log_file().read_text()
