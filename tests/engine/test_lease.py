"""Clients of a worker: they take turns, and one that does not read holds up nobody."""

from __future__ import annotations

import socket
import struct
import threading
import time
from pathlib import Path

import pytest

from codemode_tui.engine import admission, machine_memory, service
from codemode_tui.engine.engines import SUFFIX, Running, running
from codemode_tui.engine.fair_queue import FairQueue
from codemode_tui.engine.framing import FrameReader, pack
from codemode_tui.engine.lease import Lease
from codemode_tui.engine.lock import runtime_folder
from codemode_tui.engine.machine_memory import Machine
from codemode_tui.engine.memory import model_of, need, plan
from codemode_tui.engine.messages import Failed, Hello, Load, State
from codemode_tui.engine.models import ModelRef, find_model
from codemode_tui.engine.peer import kill, mac_uid, peer
from codemode_tui.engine.service import Service
from codemode_tui.settings import EngineSettings


def test_clients_take_turns_each_in_its_own_order():
    queue: FairQueue[str, int] = FairQueue()
    for client, request in (("a", 1), ("a", 2), ("a", 3), ("b", 4), ("c", 5), ("b", 6)):
        queue.put(client, request)
    assert sorted(queue.waiting())[:2] == [("a", 1), ("a", 2)]
    assert queue.remove("a", 2) and not queue.remove("a", 2)
    order = [queue.get() for _ in range(3)]
    queue.drop("b")
    assert [*order, queue.get()] == [("a", 1), ("b", 4), ("c", 5), ("a", 3)]
    assert queue.get(0.01) is None and queue.waiting() == []


def test_who_waits_for_requests_can_be_woken():
    queue: FairQueue[str, int] = FairQueue()
    threading.Timer(0.05, queue.wake).start()
    assert queue.get() is None


def test_a_client_that_does_not_read_gets_everything_later_and_holds_up_nobody():
    ours, theirs = socket.socketpair()
    lease = Lease(1, ours)
    texts = [f"{number}" * 50_000 for number in range(40)]
    for number, text in enumerate(texts):
        lease.send(Failed(number, "engine", text))  # far more than a socket takes
    frames, got = FrameReader(), []
    while len(got) < len(texts):
        got += frames.feed(theirs.recv(1 << 16))
    assert [one.message for one in got] == texts
    theirs.close()
    assert lease.read() == b""
    lease.free()
    lease.send(Failed(0, "engine", "nobody hears this"))


def test_a_client_that_never_reads_is_given_up(monkeypatch):
    monkeypatch.setattr("codemode_tui.engine.lease.MOST_UNREAD", 1_000_000)
    ours, theirs = socket.socketpair()
    lease = Lease(1, ours)
    for number in range(30):
        lease.send(Failed(number, "engine", "x" * 100_000))
    assert lease.closed.is_set()
    lease.free()
    theirs.close()


def test_the_kernel_says_who_is_at_the_other_end(tmp_path):
    import os

    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))
        assert peer(client) == (os.getuid(), os.getpid())
    kill(0, 9)  # our own group, were it sent
    assert mac_uid(struct.pack("@IIh16I", 0, 501, 1, *range(16))) == 501


@pytest.mark.parametrize("short", [False, True])
def test_an_engine_that_nobody_uses_stays_unless_memory_gets_short(tmp_path, monkeypatch, short):
    monkeypatch.setattr(service, "LEAVE_SECONDS", 1e6)  # this process is to live
    monkeypatch.setattr(service, "TICK_SECONDS", 1e6)
    monkeypatch.setattr(service, "_short_of_memory", lambda: short)
    made = Service()
    made.loaded = True
    made.open_to_others(tmp_path / "s")
    ours, theirs = socket.socketpair()
    made.serve(ours)
    theirs.sendall(pack(Hello(linger_seconds=1e5)))
    assert FrameReader().feed(theirs.recv(1 << 16)) and made.clients == 1
    theirs.close()
    while made.clients:
        time.sleep(0.01)
    assert made.leaving.wait(0.2) is short and (tmp_path / "s").exists() is not short


def test_what_an_engine_is_about_to_take_is_nobody_elses(tmp_path, monkeypatch):
    """Two large models that are started within seconds of each other: the second is told, on any machine."""
    monkeypatch.setattr(service, "LEAVE_SECONDS", 1e6)
    monkeypatch.setattr(service, "TICK_SECONDS", 1e6)
    # The engine in this process is to be another one.
    monkeypatch.setattr(admission, "running", lambda: [found._replace(pid=0) for found in running()])
    monkeypatch.setattr(admission, "check", lambda model: ({}, []))
    asked: list[int] = []

    def admit(model, settings, here):
        asked.append(here.bytes)
        return plan(find_model(None), settings, here)

    monkeypatch.setattr(admission, "admit", admit)
    made = Service()
    made.open_to_others(runtime_folder() / f"one{SUFFIX}")
    ours, theirs = socket.socketpair()
    made.serve(ours)
    large = 1 << 50
    theirs.sendall(pack(Hello(linger_seconds=1e5, memory_bytes=large)))
    assert FrameReader().feed(theirs.recv(1 << 16))
    for gpu in (False, True):
        monkeypatch.setattr(machine_memory, "machine", lambda gpu=gpu: Machine(large + 5, "this", gpu=gpu))
        promised = admission.ask(ModelRef("m", tmp_path, "bundled"), EngineSettings())
        assert (promised > 1 << 20) is gpu
    (state,) = [found.state for found in running()]
    assert state is not None and state.memory_bytes == large
    made.loaded = True  # else it ends this process with its last client
    assert asked[1] == 5 < asked[0] < 1 << 36  # what it has taken already is no longer counted as available
    theirs.close()


def test_a_worker_leaves_a_gpu_s_memory_to_the_engines_that_it_was_promised_to(monkeypatch):
    """Its working set stays the same, however many engines have been admitted into it."""
    from codemode_tui.engine import holding

    model = model_of(find_model(None))
    few = need(model, 1024, gpu=True).total
    other = State(1, "/another", True, 1, 0, False, 0.0, None, 10 * few)
    monkeypatch.setattr("codemode_tui.engine.memory.LEAST_CONTEXT", 512)
    monkeypatch.setattr(holding, "machine", lambda **_: Machine(11 * few, "its working set", gpu=True))
    wanted = Load(1, str(find_model(None).path))
    alone = holding.plan_for(wanted)
    assert holding.taken_bytes(alone) >= alone.need.total > few  # which is what it tells the others
    monkeypatch.setattr(admission, "running", lambda: [Running(1, Path("x"), other)])
    beside = holding.plan_for(wanted)
    assert beside.fits and beside.need.context == 1024
    assert holding.taken_bytes(beside) == beside.need.total == few


def test_what_was_given_back_is_not_counted_where_only_the_peak_is_told(monkeypatch):
    def missing(*_, **__):
        raise FileNotFoundError("no /proc, as on a Mac")

    monkeypatch.setattr(service.Path, "read_text", missing)
    made = Service()
    made.memory_bytes = 5 << 30
    assert made._state().memory_bytes == 5 << 30
    made.memory_bytes = 0
    assert made._state().memory_bytes == 0
