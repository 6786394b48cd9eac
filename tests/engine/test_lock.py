"""One heavy job at a time, and a folder for sockets that is the user's alone."""

from __future__ import annotations

import contextlib
import os
import pwd
import subprocess
import sys

import pytest

from codemode_tui import locations
from codemode_tui.engine import client, engines
from codemode_tui.engine.engines import Running
from codemode_tui.engine.factory import make_engine
from codemode_tui.engine.lock import LARGE, check_memory_free, heavy, memory_holder, memory_lock, runtime_folder
from codemode_tui.engine.messages import State
from codemode_tui.engine.models import find_model
from codemode_tui.errors import ConfigError, EngineError
from codemode_tui.settings import EngineSettings

HOLD = """
import sys
from codemode_tui.engine.lock import memory_lock
with memory_lock("training"):
    print("held", flush=True)
    sys.stdin.read()
"""

HAND_ON = """
import subprocess
from codemode_tui.engine.lock import held_files, memory_lock
with memory_lock("training"):
    child = subprocess.Popen(["cat"], pass_fds=held_files())
    print("held", flush=True)
    child.wait()
"""


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))


def test_a_second_job_is_told_who_has_the_memory_and_gets_it_when_that_one_was_killed():
    other = subprocess.Popen([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None and other.stdin is not None
    other.stdout.readline()
    assert memory_holder() == f"training (process {other.pid})"
    with pytest.raises(EngineError, match=rf"taken by training \(process {other.pid}\)"), memory_lock("an evaluation"):
        pass
    check_memory_free("small", LARGE - 1)
    with pytest.raises(EngineError, match=rf"large is not loaded: .* training \(process {other.pid}\)"):
        check_memory_free("large", LARGE)
    other.kill()
    other.wait()
    other.stdin.close()
    other.stdout.close()
    with memory_lock("an evaluation"):
        assert memory_holder().startswith("an evaluation")
    assert memory_holder() == ""


def test_a_child_that_was_given_the_memory_holds_it_when_its_parent_was_killed():
    other = subprocess.Popen([sys.executable, "-c", HAND_ON], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None and other.stdin is not None
    other.stdout.readline()
    other.kill()
    other.wait()
    assert memory_holder() == f"training (process {other.pid})"
    with pytest.raises(EngineError, match="taken by training"), memory_lock("an evaluation"):
        pass
    other.stdin.close()
    assert other.stdout.read() == b""  # the child has ended
    other.stdout.close()
    with memory_lock("an evaluation"):
        pass


def test_a_job_may_have_jobs_of_its_own():
    with memory_lock("training"):
        with memory_lock("an evaluation"):
            pass
        assert memory_holder().startswith("training")
        check_memory_free("large", LARGE)  # its own


def test_only_a_large_model_takes_the_memory():
    with heavy("measuring small", LARGE - 1):
        assert memory_holder() == ""
    with heavy("measuring large", LARGE):
        assert memory_holder().startswith("measuring large")


def test_a_job_of_its_own_waits_for_the_large_engine_of_the_terminals(monkeypatch, tmp_path):
    def engine(clients: int, size: int) -> Running:
        return Running(77, tmp_path, State(77, "m", True, clients, 0, False, 0.0, None, size))

    monkeypatch.setattr(engines, "running", lambda: [engine(1, LARGE)])
    with memory_lock("an evaluation"):  # asks that engine
        pass
    with pytest.raises(EngineError, match=r"process 77\) has a large model"), memory_lock("training", alone=True):
        pass
    monkeypatch.setattr(engines, "running", lambda: [engine(1, LARGE - 1)])
    with memory_lock("training", alone=True):
        pass


def test_the_folder_is_private_even_if_it_was_made_otherwise():
    folder = locations.runtime_dir()
    folder.mkdir(parents=True, mode=0o755)
    assert runtime_folder() == folder and folder.stat().st_mode & 0o777 == 0o700


def test_a_path_too_long_for_a_socket_has_a_short_place_of_its_own(tmp_path, monkeypatch):
    places = []
    for name in ("a", "b"):
        monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / (name * 120)))
        places.append(locations.runtime_dir())
        assert len(os.fsencode(places[-1])) + locations.SOCKET_NAME <= locations.SOCKET_PATH
    assert places[0] != places[1]


def test_the_folder_of_somebody_else_is_not_used(tmp_path, monkeypatch):
    real = tmp_path / "real"
    real.mkdir()
    link = tmp_path / "link"
    link.symlink_to(real)
    monkeypatch.setattr(locations, "runtime_dir", lambda: link)
    with pytest.raises(EngineError, match="not a folder of yours"), memory_lock("training"):
        pass


def test_without_a_home_of_its_own_the_runtime_folder_of_the_system_is_used(tmp_path, monkeypatch):
    monkeypatch.delenv("CODEMODE_HOME")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert locations.runtime_dir() == locations._short(tmp_path / "codemode")
    # A Mac has none: what a shell says of one there is unknown to whatever it did not start.
    monkeypatch.setattr(locations, "_base", lambda kind: tmp_path / kind)
    monkeypatch.setattr("codemode_tui.locations.sys.platform", "darwin")
    assert locations.runtime_dir() == locations._short(tmp_path / "cache" / "run")


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch):
    for name in [one for one in os.environ if one in ("HOME", "CODEMODE_HOME") or one.startswith("XDG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(pwd, "getpwuid", {}.__getitem__)
    with pytest.raises(ConfigError, match="no home folder") as raised:
        locations.config_file()
    assert "CODEMODE_HOME" in raised.value.hint


async def test_an_engine_of_a_heavy_job_never_finds_its_own_client_in_its_way(monkeypatch):
    said: list[bool] = []

    async def start(hello, path=None):
        said.append(hello.guarded)
        raise EngineError("not now")

    monkeypatch.setattr(client, "start", start)
    monkeypatch.delenv("CODEMODE_MEMORY_GUARD", raising=False)
    for job in (contextlib.nullcontext, lambda: memory_lock("evaluating")):
        engine = make_engine(find_model("bundled"), "bundled", EngineSettings(shared=False))
        with job(), pytest.raises(EngineError):
            await engine.start()
    assert said == [True, False]
