"""A cache is saved with its session: going on costs no prefill, and whatever is wrong with the file costs only that."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import mlx_lm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlx_lm.models.cache import KVCache
from support.inprocess import KEY, loaded, say, tiny, user

from codemode_tui.engine import kv_files, saved_cache

VARIANT = f"0  {mlx_lm.__version__}"
"""Of caches that are not quantised, of weights as they are in the files."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def start(folder):
    """A fresh worker's model, as after a restart."""
    return lambda **more: loaded(folder=folder, **more)


def talk(model, *questions: str, conversation: str = "s", **more):
    """A conversation, and its last message."""
    messages, said = [], None
    for question in questions or ("What is a decorator?", "What is a list?"):
        messages.append(user(question))
        said = say(model, messages, conversation, **more)
        messages.append(said.message)
    return messages, said


def saved(model) -> Path:
    model.caches.save(ending=True)
    return kv_files.file_of("s")


@pytest.mark.parametrize("kv_bits", [0, 8])
def test_a_session_that_goes_on_in_another_process_reads_only_what_is_new(start, kv_bits):
    messages, said = talk(first := start(kv_bits=kv_bits))
    file = saved(first)
    assert file.stat().st_mode & 0o777 == 0o600 and file.parent.stat().st_mode & 0o777 == 0o700
    messages.append(user("What is a tuple?"))
    resumed = say(start(kv_bits=kv_bits), messages, "s")
    cold = say(start(kv_bits=kv_bits), messages, "other", cache_key="")
    assert resumed.usage.cached_tokens >= said.usage.prompt_tokens + said.usage.generated_tokens - 1
    assert resumed.text == cold.text and resumed.last.token_ids == cold.last.token_ids
    assert cold.usage.cached_tokens == 0
    # An edit of the last question goes on from the saved cache too.
    edited = [*messages[:-1], user("And what is a set?")]
    again = say(start(kv_bits=kv_bits), edited, "s")
    assert again.usage.cached_tokens >= said.usage.prompt_tokens and again.text == say(first, edited, "x").text


def test_only_stored_sessions_are_saved_and_only_once(start, home):
    model = start()
    talk(model, keep=False)
    talk(model, conversation="keyless", cache_key="")
    model.caches.save(ending=True)
    assert not list(home.rglob("*.safetensors"))
    talk(model)
    first = saved(model).stat()
    assert saved(model).stat().st_ino == first.st_ino  # nothing new: not written again


def test_while_there_is_time_a_cache_is_written_anew_only_for_much_that_is_new(start):
    model = start()
    messages, _ = talk(model, *("What is a list?",) * 12)
    model.caches.save()
    file = kv_files.file_of("s")
    model.caches._disk.settle()
    before = file.stat().st_ino
    say(model, [*messages, user("And?")], "s", max_tokens=1)
    model.caches.save()
    model.caches._disk.settle()
    assert file.stat().st_ino == before
    assert saved(model).stat().st_ino != before  # at the end all of it


@pytest.mark.parametrize(
    ("now", "then"),
    [({"kv_bits": 8}, {}), ({}, {"kv_bits": 4}), ({}, {"key": "another model"})],
)
def test_a_cache_of_another_model_or_another_kind_is_not_used(start, now, then):
    messages, _ = talk(first := start(**{k: v for k, v in now.items() if k != "key"}))
    saved(first)
    key = then.pop("key", KEY)
    messages.append(user("What is a tuple?"))
    other = say(start(**then), messages, "s", cache_key=key)
    assert other.usage.cached_tokens == 0
    assert other.text == say(start(**then), messages, "cold", cache_key="").text


def test_what_a_cache_belongs_to_is_every_part_of_the_model_and_the_profile():
    import msgspec
    from support.scripted import MODEL

    keys = {kv_files.key_of(MODEL, "p"), kv_files.key_of(MODEL, "q")}
    for field in ("weights_sha256", "tokenizer_sha256", "template_sha256"):
        keys.add(kv_files.key_of(msgspec.structs.replace(MODEL, **{field: "x"}), "p"))
    assert len(keys) == 5 and all(len(key) == 64 for key in keys)
    for without in ({"engine": "openai"}, {"weights_sha256": ""}):
        assert kv_files.key_of(msgspec.structs.replace(MODEL, **without), "p") == ""
    assert kv_files.key_of(None, "p") == ""


# -- files that are not what they should be ------------------------------------------------------------


@pytest.fixture(scope="module")
def whole(folder, tmp_path_factory):
    """The bytes of a saved cache, the conversation, and what is said next without it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODEMODE_HOME", str(tmp_path_factory.mktemp("whole")))
        model = loaded(folder=folder)
        messages, _ = talk(model)
        messages.append(user("What is a tuple?"))
        file = saved(model)
        return file.read_bytes(), messages, say(model, messages, "cold", cache_key="").text


def damages(data: bytes) -> dict[str, bytes]:
    (length,) = struct.unpack("<Q", data[:8])
    return {
        "empty": b"",
        "no header": data[:5],
        "half a header": data[: 8 + length // 2],
        "header alone": data[: 8 + length],
        "half": data[: len(data) // 2],
        "one byte less": data[:-1],
        "one byte more": data + b"\0",
        "nothing but zeros": bytes(len(data)),
        "not JSON": data[:8] + b"x" * length + data[8 + length :],
        "too long a header": struct.pack("<Q", 1 << 60) + data[8:],
        "another file": b"\x02\0\0\0\0\0\0\0{}",
        "text": b"not a cache at all\n" * 100,
        "a header without a bottom": struct.pack("<Q", 100_005) + b'{"a":' + b"[" * 100_000,
    }


@pytest.mark.parametrize("damage", damages(struct.pack("<Q", 2) + b"{}"))
def test_a_damaged_file_is_a_cold_prefill_and_no_error(start, whole, damage):
    data, messages, text = whole
    file = kv_files.file_of("s")
    file.parent.mkdir(parents=True)
    file.write_bytes(damages(data)[damage])
    model = start()
    said = say(model, messages, "s")
    assert said.text == text and said.usage.cached_tokens == 0
    assert len(saved(model).read_bytes()) > len(data)  # and the next save mends it


@settings(max_examples=25)
@given(at=st.floats(0, 1), byte=st.integers(0, 255))
def test_a_header_with_one_wrong_byte_never_ends_the_worker(folder, whole, tmp_path_factory, at, byte):
    data = whole[0]
    (length,) = struct.unpack("<Q", data[:8])
    changed = bytearray(data)
    changed[int(at * (8 + length - 1))] = byte
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CODEMODE_HOME", str(tmp_path_factory.mktemp("byte")))
        file = kv_files.file_of("s")
        file.parent.mkdir(parents=True)
        file.write_bytes(changed)
        found = saved_cache.SavedCaches(1 << 30, VARIANT).load("s", KEY, [KVCache(), KVCache()])
        assert found is None or all(layer.offset == len(found[1]) for layer in found[0])


def test_a_cache_that_says_more_tokens_than_it_holds_is_not_believed(start, whole):
    talk(model := start())
    disk = saved_cache.SavedCaches(1 << 30, VARIANT)
    disk.save("s", KEY, model.caches.of("s", [1], KEY).kv, [1, 2, 3], time.time())
    disk.settle()
    said = say(start(), whole[1], "s")
    assert said.text == whole[2] and said.usage.cached_tokens == 0


# -- disks -----------------------------------------------------------------------------------------------


def test_a_full_disk_is_no_error_and_leaves_what_was_there(start, whole):
    model = start()
    messages, _ = talk(model)
    before = saved(model).read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    say(model, [*messages, user("What is a tuple?")], "s")
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        model.caches.save(ending=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    file = kv_files.file_of("s")
    assert file.read_bytes() == before and [one.name for one in file.parent.iterdir()] == [file.name]


def test_nothing_is_saved_on_a_disk_that_is_nearly_full_or_into_a_folder_that_cannot_be(start, monkeypatch, home):
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 1000))
        model = start()
        talk(model)
        assert not saved(model).exists()
    (home / "cache").mkdir(exist_ok=True)
    shutil.rmtree(kv_files.folder(), ignore_errors=True)
    kv_files.folder().write_text("a file in the way")
    talk(model, "Something else?", conversation="t")
    model.caches.save(ending=True)
    assert kv_files.folder().read_text() == "a file in the way"


def test_the_oldest_go_when_the_bound_is_reached_and_what_a_crash_left_goes_with_them(start, home):
    model = start()
    talk(model)
    size = saved(model).stat().st_size
    for number in range(4):
        other = kv_files.file_of(f"old{number}")
        other.write_bytes(b"x" * size)
        os.utime(other, (time.time() - 1000 + number,) * 2)
    dead = subprocess.Popen(["true"])
    dead.wait()
    left = kv_files.folder() / f".s.{dead.pid}.safetensors"
    left.write_bytes(b"half")
    bounded = start(saved_bytes=int(size * 3.5))
    talk(bounded, "What is a set?", conversation="new")
    bounded.caches.save(ending=True)
    kept = {file.stem for file in kv_files.folder().iterdir()}
    assert "new" in kept and "old0" not in kept and not left.exists()
    assert sum(file.stat().st_size for file in kv_files.folder().iterdir()) <= size * 3.5
    tiny_bound = start(saved_bytes=1000)
    talk(tiny_bound, "And a dict?", conversation="huge")
    tiny_bound.caches.save(ending=True)
    assert not kv_files.file_of("huge").exists()


def test_one_conversation_that_makes_room_for_others_is_saved_before_it_goes(start):
    model = start()
    talk(model)
    for number in range(5):
        talk(model, f"What is {number}?", conversation=f"other{number}")
    model.caches._disk.settle()
    assert kv_files.file_of("s").exists()


# -- sessions that are deleted -----------------------------------------------------------------------------


def test_what_is_deleted_before_anything_was_saved_is_not_saved_either(start, home):
    talk(model := start())
    kv_files.forget("s")
    model.caches.save(ending=True)
    assert not list(home.rglob("*.safetensors"))


def test_what_is_deleted_is_not_saved_again_by_an_engine_that_still_has_it(start):
    model = start()
    talk(model)
    file = saved(model)
    kv_files.forget("s")
    assert not file.exists()
    talk(second := start(), "What is a set?")
    kv_files.forget("s")
    second.caches.save(ending=True)
    assert not file.exists()
    # But a session that lives on (one of its turns was deleted) is saved again with what comes next.
    time.sleep(0.02)
    talk(second, "What is a dict?")
    assert saved(second).exists()


def test_what_is_deleted_while_it_is_being_written_does_not_come_back(start, home, monkeypatch):
    def written(*args) -> None:
        kv_files.forget("s")
        write(*args)

    write = saved_cache.save_prompt_cache
    monkeypatch.setattr(saved_cache, "save_prompt_cache", written)
    talk(model := start())
    model.caches.save(ending=True)
    assert not list(home.rglob("*.safetensors"))


@pytest.mark.parametrize("name", ["../../../etc/passwd", "a/b", "", ".", "..", "x" * 500, "ä\udcff", "a b\n"])
def test_any_name_of_a_conversation_stays_in_the_folder(name, home):
    assert kv_files.file_of(name).parent == kv_files.folder()
    assert kv_files.scratch_of(name).parent == kv_files.folder()
    kv_files.forget(name)
    assert kv_files.file_of("x" * 64) != kv_files.file_of("x" * 65)


# -- several processes, and their deaths ------------------------------------------------------------------

WRITER = """
import sys
from pathlib import Path
from mlx_lm.models.cache import KVCache
from support.inprocess import loaded, say, user
model = loaded(folder=Path(sys.argv[1]))
messages = [user("What is a decorator?")]
print("ready", flush=True)
while True:
    said = say(model, messages, "s", max_tokens=8)
    model.caches.save(ending=True)
    messages += [said.message, user(f"What is a list, {sys.argv[2]}?")]
    messages = messages[-9:] if len(messages) % 2 else messages
"""


def writer(folder: Path, name: str) -> subprocess.Popen[str]:
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONPATH": f"{root}:{root / 'tests'}:{os.environ.get('PYTHONPATH', '')}"}
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), name], stdout=subprocess.PIPE, text=True, env=env
    )


def test_two_processes_that_save_one_session_and_are_killed_in_it_leave_a_whole_file(folder, start, whole):
    writers = [writer(folder, name) for name in ("a", "b")]
    for one in writers:
        assert one.stdout is not None and one.stdout.readline() == "ready\n"
    file = kv_files.file_of("s")
    seen = 0
    ends = time.monotonic() + 60
    while seen < 40 and time.monotonic() < ends:
        if file.exists():
            seen += 1
            assert kv_files.header_of(file).get("tokens")  # never half a file
        time.sleep(0.01)
    for one in writers:
        one.send_signal(signal.SIGKILL)
        one.wait()
        assert one.stdout is not None
        one.stdout.close()
    assert seen == 40 and kv_files.header_of(file)
    model = start()
    said = say(model, whole[1], "s")
    assert said.text == whole[2]
    assert saved(model).exists() and [one.name for one in file.parent.iterdir()] == [file.name]


def test_caches_without_a_bound_on_disk_touch_none(start, home):
    model = start(saved_bytes=0)
    talk(model)
    model.caches.save(ending=True)
    assert not kv_files.folder().exists()


@pytest.mark.parametrize(("limit", "kept"), [(0, set()), (1500, {"new"}), (1 << 30, {"old", "new"})])
def test_a_bound_that_was_lowered_holds_for_what_was_saved_before(limit, kept):
    for number, name in enumerate(("old", "new")):
        file = kv_files.file_of(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x" * 1000)
        os.utime(file, (time.time() - 1000 + number,) * 2)
    saved_cache.SavedCaches(limit, VARIANT)
    assert {file.stem for file in kv_files.folder().iterdir()} == kept


@pytest.mark.parametrize("limit", [0, 1 << 30])
def test_what_a_crash_left_goes_when_the_next_engine_starts(start, home, limit):
    dead = subprocess.Popen(["true"])
    dead.wait()
    kv_files.folder().mkdir(parents=True)
    left, kept = kv_files.folder() / f".s.{dead.pid}.safetensors", kv_files.file_of("s")
    left.write_bytes(b"half a conversation")
    kept.write_bytes(b"x")
    start(saved_bytes=limit)
    assert not left.exists() and kept.exists() is bool(limit)
