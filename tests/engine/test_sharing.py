"""One engine for all terminals of a user, with the real bundled model: found, shared, replaced, never left behind."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.processes import is_running, left

from codemode_tui import locations
from codemode_tui.engine import client, link, sharing
from codemode_tui.engine.api import Finished, GenerateRequest, Progress, Sampling, Token
from codemode_tui.engine.client import WorkerEngine
from codemode_tui.engine.engines import end, end_unused, running
from codemode_tui.engine.identity import identity
from codemode_tui.engine.messages import Failed, Hello, Inquire, Load, State
from codemode_tui.engine.models import ModelRef, find_model
from codemode_tui.errors import EngineError, ModelError
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render
from codemode_tui.protocol.types import Message
from codemode_tui.settings import EngineSettings

PROFILE = load_profile("bundled")
CONCEPT = "What is a decorator?"
STAYS = EngineSettings(linger_minutes=5)
GOES = EngineSettings(linger_minutes=0)
LONG = Sampling(max_tokens=1500, temp=3.0, seed=1)


@pytest.fixture
async def clients(tmp_path, monkeypatch):
    """Makes clients of the shared engine. At the end no engine of theirs is left."""
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    made: list[WorkerEngine] = []
    pids: set[int] = set()

    def make(settings: EngineSettings = STAYS, *, model: ModelRef | None = None, **more) -> WorkerEngine:
        made.append(WorkerEngine(model or find_model(None), "bundled", settings, **more))
        return made[-1]

    yield make
    for one in made:
        if one.pid:
            pids.add(one.pid)
        await one.close()
    for engine in running():
        end(engine)
    assert left(pids) == []


def request(query: str = CONCEPT, **fields) -> GenerateRequest:
    return GenerateRequest(
        prompt=render(PROFILE, [Message("user", query)]),
        sampling=fields.pop("sampling", Sampling(max_tokens=40)),
        stop=PROFILE.stop,
        **fields,
    )


async def say(engine: WorkerEngine, wanted: GenerateRequest | None = None) -> tuple[Finished, list[str]]:
    """The message, and the phases that came before it."""
    events = [event async for event in engine.generate(wanted or request())]
    finished = [event for event in events if isinstance(event, Finished)]
    return finished[0], [event.phase for event in events if isinstance(event, Progress)]


async def seen(condition, seconds: float = 30) -> None:
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came to that")


async def test_clients_that_start_at_once_come_to_one_engine_and_do_not_hold_each_other_up(clients):
    first, second, third = clients(), clients(), clients()
    await asyncio.gather(first.start(), second.start(), third.start())
    assert first.pid == second.pid == third.pid
    (engine,) = running()
    socket = locations.runtime_dir() / engine.path.name
    assert socket.stat().st_mode & 0o777 == 0o600 and socket.parent.stat().st_mode & 0o777 == 0o700
    assert engine.state is not None and (engine.state.clients, engine.state.loaded) == (3, True)

    # One of them waits for another's message, is told so, and can stop waiting.
    stream = first.generate(request(sampling=LONG, conversation="a"))
    async for event in stream:
        if isinstance(event, Token):
            break
    waiting = asyncio.create_task(say(second, request(conversation="b")))
    await seen(lambda: running()[0].state.waiting == 1)
    await second.cancel()
    finished, phases = await waiting
    assert finished.finish_reason == "cancel" and phases == ["queue"]
    await stream.aclose()

    # Both go on, each in its own conversation.
    (one, _), (two, _) = await asyncio.gather(say(first, request(conversation="a")), say(third, request()))
    assert one.text == two.text and one.finish_reason == "length"

    # The model was loaded once, for whichever of them came first.
    (three, _) = await say(second, request("And now?", conversation="b"))
    assert sum(message.usage.load_ms > 0 for message in (one, two, three)) == 1


async def test_a_killed_engine_is_started_again_by_one_and_found_by_the_other(clients):
    first, second = clients(), clients()
    await first.start()
    await second.start()
    old = first.pid
    with pytest.raises(EngineError, match="SIGKILL"):
        async for event in first.generate(request(sampling=LONG)):
            if isinstance(event, Token):
                os.kill(old, signal.SIGKILL)
    await seen(lambda: not second.running)
    with pytest.raises(EngineError, match="ended unexpectedly"):
        await say(second)
    await asyncio.gather(second.start(), first.start())
    assert first.pid == second.pid != old
    assert (await say(second))[0].text == (await say(first))[0].text


async def test_a_killed_client_loses_its_lease_and_the_last_one_takes_the_engine_along(clients):
    program = (
        "import asyncio\n"
        "from codemode_tui.engine.client import WorkerEngine\n"
        "from codemode_tui.engine.models import find_model\n"
        "from codemode_tui.settings import EngineSettings\n"
        "async def main():\n"
        "    engine = WorkerEngine(find_model(None), 'bundled', EngineSettings(linger_minutes=0))\n"
        "    await engine.start()\n"
        "    print(engine.pid, flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    others = [
        subprocess.Popen([sys.executable, "-P", "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    pids = {int(other.stdout.readline()) for other in others if other.stdout}
    assert len(pids) == 1
    engine = clients(GOES)
    await engine.start()
    assert {engine.pid} == pids
    for other in others:
        other.kill()
        other.communicate()
    await seen(lambda: running()[0].state.clients == 1)
    assert (await say(engine))[0].text
    await engine.close()
    assert left(pids) == [] and running() == []
    assert list(locations.runtime_dir().glob("*.sock")) == []


async def test_other_settings_get_an_engine_of_their_own_and_one_without_clients_makes_room(clients):
    first = clients()
    await first.start()
    refusals = []

    def admit() -> int:
        if running():
            refusals.append(1)
            raise ModelError("there is no room")
        return 0

    second = clients(EngineSettings(context_limit=512), admit=admit)
    with pytest.raises(ModelError, match="no room"):
        await second.start()
    assert first.running  # somebody uses it
    old = first.pid
    await first.close()
    info = await second.start()
    assert info.context_limit == 512 and len(refusals) == 2
    assert left([old]) == []
    third = clients(EngineSettings(context_limit=512), admit=admit)
    await third.start()  # what is there needs no room
    assert third.pid == second.pid


async def test_an_engine_that_has_not_noticed_yet_that_its_client_went_makes_room_all_the_same(clients, monkeypatch):
    first = clients()
    await first.start()
    await first.close()
    looks = []

    def unused() -> int:
        looks.append(1)
        return end_unused() if len(looks) > 2 else 0

    def admit() -> int:
        if running():
            raise ModelError("there is no room")
        return 0

    monkeypatch.setattr(sharing, "end_unused", unused)
    second = clients(EngineSettings(context_limit=512), admit=admit)
    assert (await second.start()).context_limit == 512 and len(looks) >= 3


async def test_an_engine_of_its_own_too_has_the_room_of_those_that_nobody_uses(clients, monkeypatch):
    def admit() -> int:
        if not ended:
            raise ModelError("there is no room")
        return 0

    async def start(hello):
        raise EngineError("started")

    ended: list[int] = []
    monkeypatch.setattr(sharing, "end_unused", lambda: ended.append(1) or 1)
    monkeypatch.setattr(client, "start", start)
    with pytest.raises(EngineError, match="started"):
        await clients(EngineSettings(shared=False), admit=admit).start()


async def test_an_engine_says_from_its_start_on_what_it_was_promised(monkeypatch, tmp_path):
    async def start(hello, path):
        return hello.memory_bytes

    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    monkeypatch.setattr(sharing, "start", start)
    wanted = Load(0, str(find_model(None).path))
    assert await sharing.share(wanted, Hello(memory_bytes=5), lambda: 7) == 7
    assert await sharing.share(wanted, Hello(memory_bytes=5), lambda: 0) == 5


async def test_where_no_engine_is_in_the_way_nothing_is_waited_for(clients, monkeypatch):
    monkeypatch.setattr(sharing, "POLL_SECONDS", 3600.0)

    def admit() -> int:
        raise ModelError("there is no room")

    with pytest.raises(ModelError, match="no room"):
        async with asyncio.timeout(60):
            await clients(admit=admit).start()


async def test_an_engine_that_hangs_is_noticed_and_replaced(clients, monkeypatch):
    monkeypatch.setattr(sharing, "ANSWER_SECONDS", 0.5)
    first = clients()
    await first.start()
    os.kill(hung := first.pid, signal.SIGSTOP)
    joining = clients()
    await joining.start()
    assert joining.pid != hung and not is_running(hung)
    monkeypatch.setattr(client, "SILENCE_SECONDS", 0.5)
    with pytest.raises(EngineError, match="does not answer any more"):
        async for event in joining.generate(request(sampling=LONG)):
            if isinstance(event, Token):
                os.kill(joining.pid, signal.SIGSTOP)
    assert left([joining.pid]) == [] and not joining.running


async def test_an_engine_that_does_not_stop_is_ended(clients, monkeypatch):
    monkeypatch.setattr(client, "STUCK_SECONDS", 0.3)
    engine = clients(EngineSettings(shared=False))
    await engine.start()
    with pytest.raises(EngineError, match="did not stop"):
        async for event in engine.generate(request(sampling=LONG)):
            if isinstance(event, Token) and engine.running:
                os.kill(engine.pid, signal.SIGSTOP)
                await engine.cancel()


async def test_a_question_under_way_when_its_client_is_closed_ends(clients):
    engine = clients()
    await engine.start()
    with pytest.raises(EngineError, match="was closed"):
        async with asyncio.timeout(10):
            async for event in engine.generate(request(sampling=LONG)):
                if isinstance(event, Token):
                    asyncio.get_running_loop().create_task(engine.close())
    assert not engine.running


async def test_an_engine_whose_socket_is_gone_stays_for_its_clients_only(clients):
    first, second = clients(), clients()
    await first.start()
    old = first.pid
    shutil.rmtree(locations.runtime_dir())
    await second.start()
    assert second.pid != old
    assert (await say(first))[0].text == (await say(second))[0].text
    await first.close()
    assert left([old]) == []


async def test_memory_is_given_back_after_a_while_and_the_next_question_loads_again(clients):
    engine = clients(EngineSettings(idle_unload_minutes=0.2 / 60))
    await engine.start()
    before, _ = await say(engine)
    await seen(lambda: not running()[0].state.loaded)
    again, phases = await say(engine)
    assert again.text == before.text and {"load", "warm"} <= set(phases)


async def test_other_weights_in_the_folder_never_answer_for_the_ones_that_were_loaded(clients, tmp_path):
    folder = Path(shutil.copytree(find_model(None).path, tmp_path / "model"))
    engine = clients(EngineSettings(idle_unload_minutes=0.2 / 60), model=find_model(str(folder)))
    old = await engine.start()
    await seen(lambda: not running()[0].state.loaded)
    weights = bytearray((folder / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (folder / "model.safetensors").write_bytes(weights)
    with pytest.raises(EngineError, match="have changed since they were loaded"):
        await say(engine)
    await seen(lambda: not engine.running)
    new = await engine.start()
    assert new.weights_sha256 != old.weights_sha256 and (await say(engine))[0].text


async def test_an_engine_never_takes_another_model_than_its_own(clients, tmp_path):
    engine = clients()
    await engine.start()
    stranger = await link.connect(running()[0].path)
    answer = await stranger.ask(Load(1, str(tmp_path)))
    assert isinstance(answer, Failed) and "another model" in answer.message
    await stranger.close()
    assert (await say(engine))[0].text


async def test_where_there_can_be_no_socket_the_engine_is_private(clients, tmp_path):
    locations.private_dir(tmp_path / "cache")
    (tmp_path / "cache" / "run").write_text("a file")
    engine = clients()
    await engine.start()
    pid = engine.pid
    await engine.close()
    assert not is_running(pid)


async def test_where_the_file_system_has_no_sockets_the_engine_serves_who_started_it(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    alone = await link.start(Hello(linger_seconds=1e5), tmp_path / "missing" / "s.sock")
    state = await alone.ask(Inquire())
    assert isinstance(state, State) and state.clients == 1
    await alone.close()
    await seen(lambda: not is_running(alone.pid))


async def test_a_dead_socket_is_removed_and_none_of_a_stranger_is_joined(clients, monkeypatch):
    stale = locations.private_dir(locations.runtime_dir()) / "0000000000.sock"
    import socket

    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(stale))
        dead.listen()
        monkeypatch.setattr(link, "peer", lambda _: link.Peer(os.getuid() + 1, 1))
        with pytest.raises(PermissionError):
            await link.connect(stale)
    assert running() == [] and not stale.exists()
    assert end_unused() == 0


def test_an_engine_is_shared_only_while_its_answers_would_be_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    model = tmp_path / "model"
    shutil.copytree(locations.bundled_model(), model)
    load = Load(1, str(model))
    same = identity(load)
    for name in (".DS_Store", "._config.json", "README.md"):  # what a file manager or its owner puts there
        (model / name).write_text("of no account")
    assert same == identity(Load(2, str(model)))
    names = {same, identity(Load(1, str(model), 512)), identity(Load(1, str(model), 0, str(tmp_path)))}
    os.utime(next(model.glob("*.safetensors")), (1, 1))
    names.add(identity(load))
    monkeypatch.setattr("codemode_tui.engine.identity.__version__", "99")
    names.add(identity(load))
    monkeypatch.setenv("MLX_METAL_FAST_SYNCH", "1")
    names.add(identity(load))
    assert len(names) == 6


def test_an_engine_whose_saved_caches_lie_elsewhere_is_another_one(tmp_path, monkeypatch):
    monkeypatch.delenv("CODEMODE_HOME", raising=False)
    load = Load(1, str(locations.bundled_model()))
    names = []
    for folder in ("one", "other", "one"):  # who deletes a session deletes its saved cache where it finds that folder
        monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, folder=folder, **__: tmp_path / folder)
        names.append(identity(load))
    (tmp_path / "link").symlink_to(tmp_path / "one")
    monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: tmp_path / "link")
    assert names[0] == names[2] == identity(load) != names[1]


def test_a_new_engine_file_is_another_version(tmp_path, monkeypatch):
    load = Load(1, str(locations.bundled_model()))
    before = identity(load)
    monkeypatch.setattr(locations, "package_dir", lambda: Path(tmp_path))
    assert identity(load) != before
