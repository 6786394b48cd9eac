"""Whether a model fits: the arithmetic, what a machine has, and what is said when it does not."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.engine import admission, machine_memory, memory
from codemode_tui.engine.api import Finished, GenerateRequest, Sampling
from codemode_tui.engine.engines import Running
from codemode_tui.engine.factory import make_engine
from codemode_tui.engine.machine_memory import UNLIMITED, Machine, machine, whole
from codemode_tui.engine.memory import Model, admit, kv_bytes, largest_context, model_of, need, plan, planned
from codemode_tui.engine.messages import Failed, Generate, Load, State
from codemode_tui.engine.models import find_model
from codemode_tui.engine.service import Service
from codemode_tui.errors import EngineError
from codemode_tui.protocol.types import Segment
from codemode_tui.settings import EngineSettings

CODER = {
    "model_type": "qwen3_moe", "hidden_size": 2048, "num_hidden_layers": 48, "num_attention_heads": 32,
    "num_key_value_heads": 4, "head_dim": 128, "num_experts_per_tok": 8, "moe_intermediate_size": 768,
    "intermediate_size": 5472, "vocab_size": 151_936, "max_position_embeddings": 262_144,
}  # fmt: skip
FIVE_BIT = Model("coder", CODER, 21_000_000_000, 5, 2)


def mac(gigabytes: float) -> Machine:
    return Machine(int(gigabytes * 1e9), "recommended working set of the GPU", gpu=True)


# -- arithmetic ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("bits", "per_token"), [(0, 98_304), (8, 52_224), (4, 27_648)])
def test_the_cache_of_the_recommended_model_is_what_was_measured(bits, per_token):
    assert kv_bytes(CODER, 32_768, kv_bits=bits) == 32_768 * per_token


def test_layers_with_a_window_hold_no_more_than_it_and_are_never_quantised():
    config = {**CODER, "num_hidden_layers": 4, "sliding_window": 1024,
              "layer_types": ["sliding_attention"] * 3 + ["full_attention"]}  # fmt: skip
    one = 2 * 4 * 128 * 2
    assert kv_bytes(config, 8192) == one * (3 * 1024 + 8192)
    assert kv_bytes(config, 8192, kv_bits=8) == one * 3 * 1024 + 8192 * 2 * 4 * 128 * 17 // 16
    assert kv_bytes({**config, "use_sliding_window": False}, 8192) == one * 4 * 8192
    every = {**CODER, "num_hidden_layers": 6, "sliding_window": 1024, "sliding_window_pattern": 6}
    assert kv_bytes(every, 8192) == one * (5 * 1024 + 8192)


def test_layers_with_a_state_of_fixed_size_and_latent_attention_hold_less():
    assert kv_bytes({**CODER, "full_attention_interval": 4}, 1024) == kv_bytes(CODER, 1024) // 4
    assert kv_bytes({**CODER, "kv_lora_rank": 512, "qk_rope_head_dim": 64}, 1024) == 1024 * 48 * 576 * 2
    assert kv_bytes({"model_type": "mamba", "num_hidden_layers": 8}, 1024) == 0


@given(context=st.integers(0, 300_000), more=st.integers(0, 1000), bits=st.sampled_from([0, 4, 8]))
def test_more_context_never_takes_less(context, more, bits):
    less, longer = (need(FIVE_BIT, tokens, bits, gpu=True) for tokens in (context, context + more))
    assert less.total <= longer.total and less.weights == longer.weights == FIVE_BIT.weights


@given(gigabytes=st.floats(0.1, 200), bits=st.sampled_from([0, 4, 8]), gpu=st.booleans())
def test_the_largest_context_fits_and_one_step_more_does_not(gigabytes, bits, gpu):
    here = Machine(int(gigabytes * 1e9), "", gpu)
    room = largest_context(FIVE_BIT, here, bits, 262_144)
    assert room == 0 or need(FIVE_BIT, room, bits, gpu=gpu).total <= here.bytes
    assert room == 262_144 or need(FIVE_BIT, room + memory.STEP, bits, gpu=gpu).total > here.bytes


def test_the_cache_of_the_bundled_model_is_what_mlx_allocates_for_it():
    program = (
        "import mlx.core as mx; from mlx_lm.utils import load_model; from pathlib import Path\n"
        "from mlx_lm.models.cache import make_prompt_cache\n"
        f"model, _ = load_model(Path({str(find_model(None).path)!r})); kv = make_prompt_cache(model)\n"
        "model(mx.array([[5] * 300]), cache=kv); mx.eval([one.state for one in kv])\n"
        "print(sum(one.keys.nbytes + one.values.nbytes for one in kv))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    model = model_of(find_model(None))
    # mlx-lm grows a cache by what is fed at once, in whole steps: two of 256 here.
    assert int(done.stdout) == kv_bytes(model.config, 300, width=model.width)


def test_the_bundled_model_is_read_from_its_files():
    model = model_of(find_model(None))
    assert (model.bits, model.width, model.context) == (5, 4, 2048)
    here = Machine(2_000_000_000, "available memory")
    found = plan(find_model(None), EngineSettings(), here)
    assert found.fits and not found.shortened and found.need.context == 2048 and found.need.total < 500_000_000


# -- what is done with it ------------------------------------------------------------------------


@pytest.mark.parametrize(("gigabytes", "least"), [(22.9, 12_288), (29, 65_536), (38.7, 163_840), (51.5, 262_144)])
def test_a_context_that_nobody_set_is_what_memory_holds_beside_a_small_model(gigabytes, least):
    from codemode_tui.engine import holding

    found = planned(FIVE_BIT, 0, 0, mac(gigabytes))
    assert found.fits and least <= found.need.context < least * 1.1
    assert found.shortened is (least < 262_144)
    left = mac(gigabytes).bytes - holding.taken_bytes(found)
    admit(find_model(None), EngineSettings(), Machine(left, "its working set", gpu=True))


def test_a_short_context_is_not_cut_for_another_engine():
    few = mac(need(FIVE_BIT, 8192, gpu=True).total / 1e9)
    assert planned(FIVE_BIT, 0, 0, few).need.context == 8192


def test_a_quantised_cache_needs_room_for_the_scores_that_its_attention_holds():
    chunk = 32 * memory.PREFILL_CHUNK * 131_072 * 2  # of all heads, in bfloat16
    exact, *few = (need(FIVE_BIT, 131_072, bits, gpu=True) for bits in (0, *memory.KV_BITS))
    assert all(one.working >= exact.working + chunk and one.total < exact.total for one in few)


def test_a_context_that_was_set_is_kept_to_and_what_would_fit_is_said():
    found = planned(FIVE_BIT, 131_072, 0, mac(30))
    assert not found.fits and found.need.context == 131_072
    hint = memory._fixes(FIVE_BIT, found)
    room = largest_context(FIVE_BIT, mac(30), 0, 131_072)
    assert f"engine.context_limit {room})" in hint and "engine.kv_bits 4" in hint and "--no-memory-guard" in hint
    assert planned(FIVE_BIT, room, 0, mac(30)).fits and planned(FIVE_BIT, 131_072, 4, mac(30)).fits


def test_where_only_a_quantised_cache_fits_it_is_said_in_a_sentence_of_its_own():
    few = Machine(need(FIVE_BIT, memory.LEAST_CONTEXT, gpu=True).total - 1, "", gpu=True)
    hint = memory._fixes(FIVE_BIT, planned(FIVE_BIT, memory.LEAST_CONTEXT, 0, few))
    assert hint.startswith("this context fits with its cache in 8 bits (codemode config set engine.kv_bits 8)")


def test_weights_that_do_not_fit_want_a_smaller_model():
    found = planned(FIVE_BIT, 0, 0, mac(16))
    assert not found.fits and found.need.context == memory.LEAST_CONTEXT
    hint = memory._fixes(FIVE_BIT, found)
    assert "choose a smaller model with weights below 15." in hint and "context_limit" not in hint
    assert "close other programs" not in hint and "engine stop" not in hint  # a GPU's limit is the same without them
    beside = msgspec.structs.replace(mac(16), taken=1 << 30)
    assert "codemode engine stop" in memory._fixes(FIVE_BIT, planned(FIVE_BIT, 0, 0, beside))
    assert "close other programs" in memory._fixes(FIVE_BIT, planned(FIVE_BIT, 0, 0, Machine(9**10, "")))


@pytest.mark.parametrize(("size", "limit"), [(32, 26_624), (36, 30_720), (128, 114_688)])
def test_a_mac_s_gpu_is_let_have_more_where_that_is_enough_and_leaves_macos_some(size, limit):
    here = machine("darwin", ask=telling(memsize=str(size << 30)))
    named, most = f"(sudo sysctl iogpu.wired_limit_mb={limit})", limit << 20
    beside = msgspec.structs.replace(here, bytes=here.bytes - 1000, taken=1000)
    assert named in here.wider(most) and named in beside.wider(most - 1000)
    assert not here.wider(most + 1) and not beside.wider(most)
    assert not machine("darwin", ask=telling(memsize=str(size << 30), wired=str(limit))).wider(most)
    room = largest_context(FIVE_BIT, Machine(most, "", gpu=True), 0, 262_144)
    assert named in memory._fixes(FIVE_BIT, planned(FIVE_BIT, room, 0, here))
    assert not planned(FIVE_BIT, 0, 0, machine("darwin", ask=telling(memsize=str(24 << 30)))).wider


def test_a_refusal_is_arithmetic_that_adds_up_on_one_line():
    here = Machine(100_000_000, "available memory")
    with pytest.raises(EngineError) as caught:
        admit(find_model(None), EngineSettings(), here)
    assert caught.value.exit_code == 6
    for words in ("weights ", "KV cache ", "2,048 tokens", "working ", "there are 0.1 GB (available memory)"):
        assert words in caught.value.message
    assert "\n" not in caught.value.line()


def test_what_other_caches_may_take_is_what_is_left():
    found = planned(FIVE_BIT, 32_768, 0, mac(36))
    assert found.cache_bytes == 36_000_000_000 - found.need.weights - found.need.working - memory.RESERVE
    assert planned(FIVE_BIT, 32_768, 0, mac(22)).cache_bytes == found.need.kv


# -- machines ------------------------------------------------------------------------------------


def linux(root: Path, files: dict[str, str]) -> Machine:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return machine("linux", root)


MEMINFO = {"proc/meminfo": "MemTotal:       16000000 kB\nMemAvailable:    8000000 kB\n"}


def test_linux_gives_its_available_memory(tmp_path):
    assert linux(tmp_path, MEMINFO) == Machine(8_000_000 * 1024, "available memory")


def test_a_control_group_gives_what_it_has_left_its_file_cache_included(tmp_path):
    group = "sys/fs/cgroup/user/app"
    files = {**MEMINFO, "proc/self/cgroup": "0::/user/app\n", f"{group}/memory.max": "2000000000\n",
             f"{group}/memory.current": "900000000\n",
             f"{group}/memory.stat": "anon 1\ninactive_file 400000000\n"}  # fmt: skip
    assert linux(tmp_path, files) == Machine(1_500_000_000, "what its control group leaves")
    (tmp_path / group / "memory.max").write_text("max\n")
    assert machine("linux", tmp_path).source == "available memory"


def test_the_narrowest_of_the_groups_around_it_counts(tmp_path):
    files = {**MEMINFO, "proc/self/cgroup": "0::/a/b\n",
             "sys/fs/cgroup/a/memory.max": "1000", "sys/fs/cgroup/a/memory.current": "400",
             "sys/fs/cgroup/a/b/memory.max": "5000", "sys/fs/cgroup/a/b/memory.current": "300"}  # fmt: skip
    assert linux(tmp_path, files).bytes == 600


def test_groups_of_the_first_version_and_of_containers_count_too(tmp_path):
    base = "sys/fs/cgroup/memory"
    files = {**MEMINFO, "proc/self/cgroup": "4:cpu,memory:/docker/abc\n3:pids:/x\n",
             f"{base}/memory.limit_in_bytes": "3000000000", f"{base}/memory.usage_in_bytes": "1000000000"}  # fmt: skip
    assert linux(tmp_path, files).bytes == 2_000_000_000
    (tmp_path / base / "memory.limit_in_bytes").write_text(str((1 << 63) - 4096))
    assert machine("linux", tmp_path).source == "available memory"


def test_the_whole_is_what_a_container_has_not_what_its_machine_has(tmp_path):
    assert whole(tmp_path) == 0
    linux(tmp_path, MEMINFO)
    assert whole(tmp_path) == 16_000_000 * 1024
    linux(tmp_path, {"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/memory.max": "5000",
                     "sys/fs/cgroup/a/memory.current": "400"})  # fmt: skip
    assert whole(tmp_path) == 5000


@pytest.mark.parametrize(
    "files",
    [{}, {"proc/meminfo": ""}, {"proc/meminfo": "MemAvailable:\n"}, {"proc/self/cgroup": "\n::\nx\n0::/../..\n"}],
)
def test_a_system_that_does_not_tell_stops_nothing(tmp_path, files):
    found = linux(tmp_path, files)
    assert found.bytes == UNLIMITED and "unknown" in found.source


def telling(**answers: str):
    def ask(command):
        for part, text in answers.items():
            if part in " ".join(command):
                return text
        raise OSError("no such program")

    return ask


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"mlx": json.dumps({"max_recommended_working_set_size": 28_991_029_248})}, 28_991_029_248),
        ({"mlx": "{}", "wired": "0\n", "memsize": str(32 << 30)}, (32 << 30) * 2 // 3),
        ({"wired": "30000\n", "memsize": str(32 << 30)}, 30_000 << 20),
        ({"mlx": "garbage", "memsize": str(64 << 30)}, (64 << 30) * 3 // 4),
        ({"mlx": "[]"}, UNLIMITED),
        ({}, UNLIMITED),
    ],
)
def test_a_mac_gives_the_working_set_of_its_gpu(answers, expected):
    found = machine("darwin", ask=telling(**answers))
    assert found.bytes == expected and found.gpu and found.source


@pytest.mark.mac_only
@pytest.mark.skipif(sys.platform != "darwin", reason="asks mlx for the working set of a Mac's GPU")
def test_this_mac_tells_its_working_set():
    assert machine().source == "recommended working set of the GPU"


def test_settings_may_turn_the_guard_off_and_wire_nothing_by_themselves():
    assert EngineSettings().memory_guard and not EngineSettings().wired
    assert not msgspec.structs.replace(EngineSettings(), memory_guard=False).memory_guard


# -- where engines are made ----------------------------------------------------------------------


async def refused(settings: EngineSettings) -> bool:
    engine = make_engine(find_model(None), "bundled", settings)
    try:
        await engine.start()
    except EngineError as error:
        assert "does not fit into memory" in error.message and "--no-memory-guard" in error.hint
        assert not engine.running
        return True
    finally:
        await engine.close()
    return False


async def test_what_does_not_fit_is_not_started_unless_somebody_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    monkeypatch.setattr(machine_memory, "machine", lambda: Machine(100_000_000, "available memory"))
    assert await refused(EngineSettings(shared=False))
    assert not await refused(EngineSettings(shared=False, memory_guard=False))
    monkeypatch.setenv("CODEMODE_MEMORY_GUARD", "off")
    assert not await refused(EngineSettings(shared=False))


@pytest.mark.parametrize("joins", [True, False])
@pytest.mark.parametrize("guarded", [True, False])
def test_memory_that_was_given_back_is_asked_for_again(monkeypatch, guarded, joins):
    from codemode_tui.engine import worker

    monkeypatch.setattr(machine_memory, "machine", lambda: Machine(100_000_000, "available memory"))
    opened, sent = [], []
    engine = worker.Worker(Service())
    monkeypatch.setattr(engine, "_open", lambda *_: opened.append(1))
    engine._wanted = Load(0, str(find_model(None).path))
    engine._stamps, engine._service.guarded = worker.model_stamps(engine._wanted), guarded
    lease = SimpleNamespace(send=sent.append, cancelled=set(), closed=threading.Event())
    asked = Generate(7, GenerateRequest((Segment("2 + 2?", True),), Sampling()))
    joined = msgspec.structs.replace(engine._wanted, id=7)  # by another terminal, which has not asked itself
    engine._guarded(lease, 7, lambda: engine._load(lease, joined) if joins else engine._generate(lease, asked))
    assert isinstance(sent[-1], Failed) and bool(opened) is not guarded
    if guarded:
        assert "does not fit into memory" in sent[-1].message and sent[-1].kind == "engine"


def test_a_workspace_has_no_part_in_what_a_mac_is_asked_with(tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("open('touched', 'w').close()")
    monkeypatch.chdir(tmp_path)
    machine("darwin")
    monkeypatch.setenv("PYTHONPATH", "")  # nor is it where that names the current folder
    machine("darwin")
    assert [path.name for path in tmp_path.iterdir()] == ["json.py"]


@pytest.mark.parametrize("gpu", [False, True])
def test_memory_that_is_just_being_filled_is_not_free_for_others(monkeypatch, gpu):
    from codemode_tui.engine import generation, holding, service, worker

    def load(*_, **__):
        held.append(engine._service._state().memory_bytes)
        raise ValueError("torn")

    held = []
    monkeypatch.setattr(service, "_resident_bytes", lambda: 0)
    monkeypatch.setattr(generation, "LoadedModel", load)
    monkeypatch.setattr(holding, "machine", lambda **_: Machine(1 << 40, "a test", gpu=gpu))
    engine, lease = worker.Worker(Service()), SimpleNamespace(send=lambda _: None, cancelled=set())
    engine._guarded(lease, 1, lambda: engine._load(lease, Load(1, str(find_model(None).path))))
    assert held[0] > (need(model_of(find_model(None)), 2048, gpu=True).total if gpu else 5_000_000)
    assert engine._service._state().memory_bytes == 0


def test_a_worker_holds_what_memory_has_room_for_and_says_so_once(monkeypatch):
    from codemode_tui.engine import holding
    from codemode_tui.engine.generation import LoadedModel

    model = model_of(find_model(None))
    few = Machine(need(model, 1024).total, "available memory")
    monkeypatch.setattr(memory, "LEAST_CONTEXT", 512)
    monkeypatch.setattr(holding, "machine", lambda **_: few)
    held = holding.plan_for(Load(1, str(find_model(None).path)))
    assert held.fits and held.shortened and held.need.context == 1024
    assert holding.cache_bytes(held) == held.need.kv == few.bytes - held.need.weights - held.need.working
    loaded = LoadedModel(
        find_model(None).path, held.need.context, lambda _: None, cache_bytes=held.need.kv, note="room for 1,024"
    )
    assert loaded.context_limit == 1024
    said: list[Finished] = []
    for _ in range(2):
        request = GenerateRequest((Segment("hi"),), Sampling(max_tokens=2))
        loaded.generate(request, lambda event: said.append(event) if isinstance(event, Finished) else None, bool, None)
    assert [one.notes for one in said] == [("room for 1,024",), ()]


def test_a_model_that_an_engine_holds_has_the_memory_that_it_has_taken(monkeypatch):
    ref = find_model(None)
    state = State(1, str(ref.folder), True, 1, 0, False, 0.0, None, 900, 100)
    monkeypatch.setattr(admission.machine_memory, "machine", lambda: Machine(1000, "available memory"))
    monkeypatch.setattr(admission, "running", lambda: [Running(1, Path("x"), state), Running(2, Path("y"), None)])
    assert admission.there_for(ref).bytes == 1800
    other = msgspec.structs.replace(state, model="/another")
    monkeypatch.setattr(admission, "running", lambda: [Running(1, Path("x"), other)])
    assert admission.there_for(ref).bytes == 1000
    monkeypatch.setattr(admission.machine_memory, "machine", lambda: Machine(1000, "the GPU's", gpu=True))
    assert admission.there_for(ref).bytes == 1000
