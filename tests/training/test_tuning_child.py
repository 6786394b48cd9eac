"""The process that trains or fuses, played by a small program: how its end, its words and ours are taken."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from codemode_tui.engine.lock import memory_holder
from codemode_tui.engine.tuning.job import RESULT, Fuse, Train, Validated
from codemode_tui.errors import EngineError, UsageError
from codemode_tui.training.tuning.child import run_child
from codemode_tui.training.tuning.folders import locked

FUSE = Fuse("", "", 5, 64, 0.7)
TRAIN = Train("", 1, 1e-3, 4, 1.0, -1, 512, 512, 0.0, 0)
KILLED = """
import sys
from pathlib import Path
from codemode_tui.engine.lock import memory_lock
from codemode_tui.engine.tuning.job import Fuse
from codemode_tui.training.tuning.child import run_child
from codemode_tui.training.tuning.folders import locked
work, sys.executable = Path(sys.argv[1]), sys.argv[2]
with locked(work) as lock, memory_lock("fusing"):
    run_child(Fuse("", "", 5, 64, 0.7), work, print, (lock,))
"""

CLOSED = """
import os, signal, sys
from pathlib import Path
from codemode_tui.cli.ending import interrupt_when_told_to_end
from codemode_tui.engine.tuning.job import Train
from codemode_tui.training.tuning.child import run_child
work, sys.executable = Path(sys.argv[1]), sys.argv[2]
interrupt_when_told_to_end()
run_child(Train("", 1, 1e-3, 4, 1.0, -1, 512, 512, 0.0, 0), work, lambda _: os.kill(os.getpid(), signal.SIGHUP))
"""


@pytest.fixture(autouse=True)
def _home(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))


@pytest.fixture
def work(tmp_path) -> Path:
    return Path(tmp_path / "new.training")


def child(folder: Path, text: str) -> str:
    """A program that is started in the place of the interpreter; its last argument is the work folder."""
    script = folder / "child"
    script.write_text(f"#!{sys.executable}\nimport sys, time\nfrom pathlib import Path\n{text}")
    script.chmod(0o755)
    return str(script)


@pytest.mark.parametrize(("job", "name", "options"), [(TRAIN, "training", True), (FUSE, "fusing", False)])
def test_a_process_that_dies_is_named_and_the_way_out_is_one_that_its_command_has(
    tmp_path, monkeypatch, job, name, options
):
    monkeypatch.setattr(sys, "executable", child(tmp_path, "sys.exit('no memory')"))
    with pytest.raises(EngineError, match=rf"the {name} process ended unexpectedly \[no memory\]") as caught:
        run_child(job, tmp_path, print)
    assert ("--batch-tokens" in caught.value.hint) is options


def test_words_that_cannot_be_read_are_an_error_of_the_engine(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", child(tmp_path, """print('{"type":"valid","step":1,"loss":null}')"""))
    with pytest.raises(EngineError, match=r"the training process said what cannot be read: .*loss"):
        run_child(TRAIN, tmp_path, print)


def test_a_terminal_that_is_closed_is_told_of_twice_and_costs_no_checkpoint(tmp_path):
    """By its shell and by the kernel; here while the child ends its step."""
    valid = """print('{"type":"valid","step":1,"loss":1.5}', flush=True)\n"""
    last = """time.sleep(0.3)\nPath(sys.argv[-1], 'checkpoint').touch()\n"""
    ended = """print('{"type":"ended","step":1,"done":false}')"""
    program = child(tmp_path, f"{valid}sys.stdin.read()\n{valid}{last}{ended}")
    subprocess.run([sys.executable, "-c", CLOSED, str(tmp_path), program], check=True)
    assert (tmp_path / "checkpoint").exists()


def test_a_terminal_that_is_gone_ends_no_training_that_was_left_running(tmp_path, monkeypatch):
    events = ('{"type":"valid","step":1,"loss":1.5}', '{"type":"ended","step":2}')
    monkeypatch.setattr(sys, "executable", child(tmp_path, "".join(f"print('{one}')\n" for one in events)))

    def gone(_):
        raise OSError("input/output error")

    assert run_child(TRAIN, tmp_path, gone).done


def test_a_terminal_that_is_gone_costs_no_checkpoint(tmp_path, monkeypatch):
    valid = """print('{"type":"valid","step":1,"loss":1.5}', flush=True)\n"""
    script = f"""{valid}sys.stdin.read()\n{valid}print('{{"type":"ended","step":1,"done":false}}')"""
    monkeypatch.setattr(sys, "executable", child(tmp_path, script))
    told = []

    def hang_up(event):
        told.append(event)
        raise KeyboardInterrupt if len(told) == 1 else OSError("input/output error")

    assert run_child(TRAIN, tmp_path, hang_up).step == 1
    assert told == [Validated(1, 1.5)] * 2


def test_what_a_killed_parent_leaves_running_keeps_its_folder_and_the_memory_until_its_end(tmp_path, work):
    up = work / RESULT
    waiting = f"up = Path(sys.argv[-1], {RESULT!r})\nup.touch()\nwhile up.exists(): time.sleep(0.02)"
    with subprocess.Popen([sys.executable, "-c", KILLED, str(work), child(tmp_path, waiting)]) as parent:
        until(up.exists)
        parent.kill()
    with pytest.raises(UsageError, match="another process works in"), locked(work):
        pass
    assert memory_holder() == f"fusing (process {parent.pid})"
    up.unlink()
    until(lambda: not memory_holder() and free(work))


def free(work: Path) -> bool:
    try:
        with locked(work):
            return True
    except UsageError:
        return False


def until(true) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)
