"""A model folder that is wrong says so, names the file, and how to mend it."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path

import pytest

from codemode_tui.engine.client import WorkerEngine
from codemode_tui.engine.generation import LoadedModel, end_ids
from codemode_tui.engine.jsonfile import read_json
from codemode_tui.engine.loadable import check_tokens
from codemode_tui.engine.models import find_model, inspect
from codemode_tui.engine.templates import guess_profile, template_kind, template_text
from codemode_tui.engine.weights import check_shard
from codemode_tui.errors import ModelError

WEIGHTS = "model.safetensors"
pytestmark = pytest.mark.usefixtures("own_caches")


def edited(file: Path, change) -> None:
    table = json.loads(file.read_text())
    change(table)
    file.write_text(json.dumps(table))


def index(folder: Path, *names: str) -> None:
    table = {"weight_map": {f"layer.{at}": name for at, name in enumerate(names)}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(table))


def lost_shard(folder: Path) -> str:
    index(folder, WEIGHTS, "model-00002-of-00002.safetensors")
    return "model-00002-of-00002.safetensors is missing"


def cut_shard(folder: Path) -> str:
    os.truncate(folder / WEIGHTS, (folder / WEIGHTS).stat().st_size - 10)
    return "bytes instead of"


def cut_header(folder: Path) -> str:
    os.truncate(folder / WEIGHTS, 100)
    return "cut off inside its header"


def empty_shard(folder: Path) -> str:
    os.truncate(folder / WEIGHTS, 0)
    return "no safetensors file"


def page_for_weights(folder: Path) -> str:
    (folder / WEIGHTS).write_text("<html>404</html>" * 9)
    return "no safetensors file"


def pointer_for_weights(folder: Path) -> str:
    (folder / WEIGHTS).write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    return "no safetensors file"


def lost_index(folder: Path) -> str:
    (folder / "model.safetensors.index.json").write_text("[]")
    return "is not a JSON object"


def mapless_index(folder: Path) -> str:
    (folder / "model.safetensors.index.json").write_text('{"metadata": {}}')
    return "has no weight_map"


def wrong_index(folder: Path) -> str:
    index(folder, WEIGHTS)
    return "has no layer.0"


def stray_shard(folder: Path) -> str:
    name = next(iter(check_shard(folder / WEIGHTS)))
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {name: WEIGHTS}}))
    shutil.copy(folder / WEIGHTS, folder / "model-00002-of-00002.safetensors")
    return "not in the index"


def long_shard(folder: Path) -> str:
    with (folder / WEIGHTS).open("ab") as stream:
        stream.write(b"more")
    return "bytes instead of"


def odd_shape(folder: Path) -> str:
    data = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(data.replace(b'"shape":[1024,', b'"shape":[1023,', 1))
    return "not as long as its shape"


def unknown_type(folder: Path) -> str:
    edited(folder / "config.json", lambda table: table.update(model_type="no_such_thing"))
    return "does not know the model type 'no_such_thing'"


def path_for_type(folder: Path) -> str:
    edited(folder / "config.json", lambda table: table.update(model_type="../../../x"))
    return "does not know the model type"


def nested_rope(folder: Path) -> str:
    def change(table):
        table.update(model_type="qwen3_moe", rope_parameters={"rope_theta": table.pop("rope_theta")})

    edited(folder / "config.json", change)
    return "rope_theta"


def no_weights(folder: Path) -> str:
    (folder / WEIGHTS).unlink()
    return "no weights"


def no_tokenizer(folder: Path) -> str:
    (folder / "tokenizer.json").unlink()
    return "tokenizer.json"


def broken_config(folder: Path) -> str:
    (folder / "config.json").write_text("{")
    return "config.json cannot be read"


def listed_config(folder: Path) -> str:
    (folder / "config.json").write_text("[]")
    return "config.json is not a JSON object"


def nameless_config(folder: Path) -> str:
    (folder / "config.json").write_text("{}")
    return "model_type"


SPOILT = [
    lost_shard, cut_shard, cut_header, empty_shard, page_for_weights, pointer_for_weights, no_weights, no_tokenizer,
    broken_config, listed_config, nameless_config, lost_index, mapless_index, wrong_index, stray_shard, long_shard,
    odd_shape, unknown_type, path_for_type, nested_rope,
]  # fmt: skip


@pytest.mark.parametrize("spoil", SPOILT, ids=lambda spoil: spoil.__name__)
def test_a_folder_that_is_not_whole_says_what_is_wrong_and_what_to_do(folder, spoil):
    words = spoil(folder)
    with pytest.raises(ModelError) as caught:
        inspect(find_model(str(folder)))
    assert words in caught.value.message and str(folder) in caught.value.message
    assert caught.value.hint and caught.value.exit_code == 2


def test_a_file_that_is_closed_is_to_be_opened_and_not_to_be_downloaded_again(folder, monkeypatch):
    def closed(file, *_):
        raise PermissionError(errno.EACCES, "Permission denied", str(file))

    monkeypatch.setattr("pathlib.Path.read_text", closed)
    with pytest.raises(ModelError) as caught:
        read_json(folder, "config.json")
    assert caught.value.message == f"{folder / 'config.json'} cannot be read: permission denied"
    assert caught.value.hint == "check the permissions of its files"


def test_a_whole_model_is_described_and_hashed_once(folder):
    info = inspect(find_model(str(folder)))
    assert (info.name, info.architecture, info.quantization) == ("model", "qwen3", {"bits": 5, "group_size": 64})
    assert info.bytes == (folder / WEIGHTS).stat().st_size and info.context_limit == 2048
    assert info.weights_sha256 == inspect(find_model(None)).weights_sha256
    data = bytearray((folder / WEIGHTS).read_bytes())
    data[-1] ^= 1
    (folder / WEIGHTS).write_bytes(data)
    assert inspect(find_model(str(folder))).weights_sha256 != info.weights_sha256


@pytest.mark.parametrize("name", ["nope", "./nope", "some/repo", "/nowhere/at/all", "../..//x", "a\nb", "~nobody/x"])
def test_a_model_that_does_not_exist_is_named_and_never_downloaded(name):
    with pytest.raises(ModelError) as caught:
        find_model(name)
    assert repr(name) in caught.value.message and "bundled" in caught.value.hint


def test_a_name_of_no_sensible_length_is_shortened():
    with pytest.raises(ModelError) as caught:
        find_model("x" * 5_000)
    assert "no model" in caught.value.message and len(caught.value.message) < 300


def test_a_folder_whose_name_is_no_text_is_refused_before_an_engine_would_have_to_be_told_of_it(folder, tmp_path):
    odd = folder.rename(tmp_path / os.fsdecode(b"model-\xff"))
    with pytest.raises(ModelError, match="no path in UTF-8") as caught:
        find_model(str(odd))
    assert caught.value.line().isprintable()


def test_a_file_for_a_folder_is_said_to_be_a_file(folder):
    with pytest.raises(ModelError, match="is a file, not a model folder"):
        find_model(str(folder / WEIGHTS))


@pytest.mark.parametrize(
    ("name", "template", "profile"),
    [
        ("qwen3-coder-phase22-5bit", "", "phase22"),
        ("fused_model_codemode", "", "phase22"),
        ("Qwen3-Coder-30B-A3B-Instruct-5bit", "{% <function= %}", "qwen3-coder"),
        ("something", "", "qwen3-coder"),
        ("snapshots/phase22-fused-5bit", "", "phase22"),
        ("models--me--phase22-fused/snapshots/1a2b", "", "phase22"),
    ],
)
def test_the_profile_of_a_model_is_guessed_and_the_guess_explained(tmp_path, name, template, profile):
    folder = tmp_path / name
    folder.mkdir(parents=True)
    (folder / "chat_template.jinja").write_text(template)
    found, reason = guess_profile(folder, {"model_type": "qwen3"})
    assert found == profile and reason


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "none"),
        ("{{ '<|im_start|>' }} <tool_call>{{ call | tojson }}", "ChatML, calls as JSON (Hermes)"),
        ("<|im_start|> <tool_call>\n<function=", "ChatML, calls as XML (Qwen3-Coder)"),
        ("<|im_start|>", "ChatML, no calls"),
        ("[INST] [TOOL_CALLS]", "Mistral, calls as JSON"),
        ("<start_of_turn>", "Gemma"),
        ("who knows", "unknown"),
    ],
)
def test_a_template_is_called_what_people_call_it(text, kind):
    assert template_kind(text) == kind


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("chat_template.json", {"chat_template": "<function="}),
        ("tokenizer_config.json", {"chat_template": "<function="}),
        ("tokenizer_config.json", {"chat_template": [{"name": "default", "template": "x"},
                                                     {"name": "tool_use", "template": "<function="}]}),
    ],
)  # fmt: skip
def test_a_template_is_found_wherever_models_keep_it(tmp_path, name, table):
    (tmp_path / name).write_text(json.dumps(table))
    assert template_text(tmp_path) == "<function="
    assert guess_profile(tmp_path, {}) == ("qwen3-coder", "its chat template writes <function=…>")


def test_a_model_that_names_its_profile_is_believed(folder):
    (folder / "codemode.json").write_text('{"profile": "phase22"}')
    ref = find_model(str(folder))
    assert (ref.profile, ref.guessed) == ("phase22", "")


# -- what only the loader finds ------------------------------------------------------------------


def listed_tokenizer(folder: Path) -> str:
    (folder / "tokenizer.json").write_text("[]")
    return "cannot be loaded"


def unknown_numbers(folder: Path) -> str:
    data = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(data.replace(b'"U32"', b'"Q99"'))
    return "cannot be loaded"


def missing_layers(folder: Path) -> str:
    edited(folder / "config.json", lambda table: table.update(num_hidden_layers=99))
    return "cannot be loaded"


def tokenizer_without_turns(folder: Path) -> str:
    def change(table):
        table["added_tokens"] = [one for one in table["added_tokens"] if one["content"] != "<|im_end|>"]

    edited(folder / "tokenizer.json", change)
    return "has no token <|im_end|>"


def tokenizer_of_a_larger_model(folder: Path) -> str:
    edited(folder / "tokenizer.json", lambda table: table["model"]["vocab"].update(larger=200_000))
    return "knows 200,001 tokens"


@pytest.mark.parametrize(
    "spoil",
    [listed_tokenizer, unknown_numbers, missing_layers, tokenizer_without_turns, tokenizer_of_a_larger_model],
    ids=lambda spoil: spoil.__name__,
)
async def test_a_model_that_cannot_be_loaded_says_so_on_one_line(folder, spoil):
    words = spoil(folder)
    engine = WorkerEngine(find_model(str(folder)), "bundled")
    with pytest.raises(ModelError) as caught:
        await engine.start()
    assert not engine.running
    assert words in caught.value.message and str(folder) in caught.value.message
    assert "\n" not in caught.value.message and len(caught.value.message) < 800
    assert caught.value.hint and caught.value.exit_code == 2


def test_a_model_is_loaded_from_a_folder_whose_name_could_be_a_pattern(folder, tmp_path):
    assert LoadedModel(folder.rename(tmp_path / "m [5bit]?"), 0, lambda _: None).context_limit == 2048


@pytest.mark.parametrize("inside", ["vocab_size", "text_config"])
def test_the_size_of_a_vocabulary_is_found_where_models_of_several_senses_have_it(folder, inside):
    tokenizer_of_a_larger_model(folder)
    config = {"vocab_size": 8000} if inside == "vocab_size" else {"text_config": {"vocab_size": 8000}}
    with pytest.raises(ModelError, match="knows 200,001 tokens and the model 8,000"):
        check_tokens(folder, config)


def test_a_hash_can_be_stopped_and_a_torn_note_of_it_is_not_believed(folder, tmp_path):
    with pytest.raises(InterruptedError):
        inspect(find_model(str(folder)), stopped=lambda: True)
    whole = inspect(find_model(str(folder))).weights_sha256
    (note,) = (tmp_path / "home").rglob("weights/*.txt")
    note.write_text(whole[:20])
    assert inspect(find_model(str(folder))).weights_sha256 == whole


@pytest.mark.parametrize(
    ("text", "ends"),
    [('{"eos_token_id": [1, 2]}', {1, 2}), ('{"eos_token_id": 3}', {3}), ("[1]", {9}), ("{", {9}), ("{}", {9}),
     ('{"eos_token_id": "end"}', set()), ('{"eos_token_id": null}', set())],
)  # fmt: skip
def test_what_ends_a_message_is_read_from_odd_files_too(tmp_path, text, ends):
    (tmp_path / "generation_config.json").write_text(text)
    assert end_ids(tmp_path, {"eos_token_id": 9}) == ends


@pytest.mark.parametrize(
    "name", ["a/" + "b" * 300, "\u65e5" * 90 + "/x", "a/b\0", "\ud800/x", "x" * 5000, "/" + "x" * 300]
)
def test_what_no_file_can_be_called_is_no_model(name):
    with pytest.raises(ModelError, match="no model"):
        find_model(name)
