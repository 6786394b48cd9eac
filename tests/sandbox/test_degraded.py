"""Machines that lack something: the next best way is taken and named, or nothing is run."""

from __future__ import annotations

import importlib.util
import struct
import sys
import tempfile

import pytest

from codemode_tui.errors import SandboxError
from codemode_tui.sandbox import attack, backends, child_process, select
from codemode_tui.sandbox.commands import CommandRunner
from codemode_tui.sandbox.interpreter import CHILD
from codemode_tui.sandbox.select import NoTools, choose
from codemode_tui.sandbox.types import CommandResult, Limits, Outcome

LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="these are the Linux backends")
REFUSALS = {
    "a kernel without user namespaces": "bwrap: No permissions to create a new namespace: Operation not permitted",
    "a distribution that restricts them": "bwrap: setting up uid map: Permission denied",
    "a container": "bwrap: Creating new namespace failed: Operation not permitted",
    "another sandbox around it": "sandbox-exec: sandbox_apply: Operation not permitted",
}


@pytest.fixture(autouse=True)
def nothing_proved(monkeypatch):
    monkeypatch.setattr(select, "_proved", {})


@pytest.fixture
def fake_bwrap(monkeypatch, tmp_path):
    def make(script: str) -> None:
        path = tmp_path / "bwrap"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        monkeypatch.setattr(backends, "find_bwrap", lambda: str(path))

    return make


async def test_an_attack_on_the_limits_that_the_clock_has_stopped_is_held_off(tmp_path):
    """A busy machine may take all of its time before the memory or the output is full."""

    class Busy:
        name = "bwrap"

        async def run(self, *_: object) -> Outcome:
            return Outcome("timeout", reason="stopped after 3 s")

    for each in attack.ATTACKS:
        result = await attack._attack(Busy(), each, tmp_path, 1)
        assert result.held == (each.group == "limits"), each.name


@LINUX_ONLY
@pytest.mark.parametrize("why", REFUSALS)
async def test_a_refused_namespace_leaves_landlock(fake_bwrap, why):
    fake_bwrap(f"echo {REFUSALS[why]!r} >&2; exit 1")
    assert (await choose("auto")).name == "landlock+seccomp"
    with pytest.raises(SandboxError, match="nothing is run") as caught:
        await choose("bwrap")
    assert REFUSALS[why].rpartition(": ")[2] in caught.value.message
    assert "sandbox check" not in caught.value.hint


@LINUX_ONLY
async def test_no_bubblewrap_leaves_landlock(monkeypatch):
    monkeypatch.setattr(backends, "find_bwrap", lambda: None)
    sandbox = await choose("auto")
    assert sandbox.name == "landlock+seccomp"
    assert (await sandbox.run("print(1)", NoTools(), Limits())).stdout == "1\n"


@LINUX_ONLY
async def test_neither_leaves_monty_or_nothing(monkeypatch):
    monkeypatch.setattr(backends, "find_bwrap", lambda: None)
    monkeypatch.setattr(backends, "landlock_abi", lambda: 0)
    if importlib.util.find_spec("pydantic_monty"):
        assert (await choose("auto")).name == "monty"
    monkeypatch.setattr("codemode_tui.sandbox.monty.monty_binary", lambda: None)
    select._proved.clear()
    with pytest.raises(SandboxError, match="nothing is run") as caught:
        await choose("auto")
    for name in ("bwrap", "landlock", "seatbelt", "monty"):
        assert name in caught.value.message
    assert caught.value.exit_code == 7 and "install" in caught.value.hint


@LINUX_ONLY
@pytest.mark.parametrize("script", ["sleep 60", "exit 0", "exec cat", "kill -9 $$", "while :; do echo x; done"])
async def test_a_launcher_that_does_anything_else_is_refused(fake_bwrap, script, monkeypatch):
    monkeypatch.setattr(child_process, "_READY_SECONDS", 0.5)
    fake_bwrap(script)
    with pytest.raises(SandboxError, match="nothing is run"):
        await choose("bwrap")


@pytest.mark.parametrize("abi", [0, 1, 2])
def test_a_landlock_that_lets_files_be_cut_short_is_not_enough(monkeypatch, abi):
    monkeypatch.setattr(backends, "landlock_abi", lambda: abi)
    with pytest.raises(SandboxError, match="too old") as caught:
        backends.landlock_backend()
    assert "bubblewrap" in caught.value.hint


FILES = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16, 6: 16, 7: 16, 9: 16}
"""Rights over files that each version of Landlock knows."""


@LINUX_ONLY
@pytest.mark.parametrize("abi", FILES)
def test_each_version_of_landlock_is_asked_for_what_it_knows(monkeypatch, abi, tmp_path):
    monkeypatch.syspath_prepend(str(CHILD))
    confine = importlib.import_module("confine")
    asked: list[tuple[int, ...] | bytes] = []

    def kernel(number, *arguments):
        asked.append((number.value, arguments[0] if isinstance(arguments[0], bytes) else arguments[0].value))
        if len(arguments) > 2 and isinstance(arguments[2], bytes):
            asked.append(arguments[2])
        return 0 if number.value != confine.CREATE_RULESET else 99

    monkeypatch.setattr(confine, "syscall", kernel)
    monkeypatch.setattr(confine.os, "close", lambda fd: None)
    confine.landlock(abi, [str(tmp_path)], [str(tmp_path)])
    attributes = asked[0][1]
    (files,) = struct.unpack_from("<Q", attributes)
    assert files == (1 << FILES[abi]) - 1
    assert len(attributes) == 8 * (1 + (abi >= 4) + (abi >= 6))
    rules = [struct.unpack("<Qi", one)[0] for one in asked if isinstance(one, bytes)]
    assert rules == [0b1100, files & ~1]  # read; all but executing
    assert asked[-1][0] == confine.RESTRICT_SELF


@LINUX_ONLY
async def test_the_check_says_what_was_tried_and_why_it_was_not_taken(fake_bwrap, monkeypatch):
    fake_bwrap("echo 'bwrap: setting up uid map: Permission denied' >&2; exit 1")
    monkeypatch.setattr(attack, "ATTACKS", attack.ATTACKS[:3])
    report = await attack.check()
    assert report.backend == "landlock+seccomp" and report.ok
    tried = {one.name: one for one in report.backends}
    assert not tried["bwrap"].available and "user namespaces" in tried["bwrap"].reason
    assert tried["landlock"].available and not tried["seatbelt"].available
    assert set(report.layers) == {"landlock", "seccomp"}
    assert all(one.group and one.means for one in report.attacks)


@LINUX_ONLY
@pytest.mark.parametrize(
    ("output", "mac", "held"),
    [
        ("ran\n", False, True),
        ("ran\nthe secret of the workspace", False, False),
        (REFUSALS["a distribution that restricts them"], False, True),
        (REFUSALS["another sandbox around it"], True, False),
    ],
)
async def test_the_check_says_so_when_a_command_gets_a_secret_or_none_runs_on_a_mac(
    tmp_path, monkeypatch, output, mac, held
):
    class Unconfined(CommandRunner):
        async def run(self, *_: object) -> CommandResult:
            return CommandResult(("sh",), output, 0)

    monkeypatch.setattr(attack, "CommandRunner", Unconfined)
    monkeypatch.setattr(attack.seatbelt, "available", lambda: mac)
    result = await attack._command(tmp_path / "work")
    assert result.held is held and result.seen in ("exit status 0", output)


async def test_a_long_path_of_the_temporary_folder_does_not_end_the_check(tmp_path, monkeypatch):
    (long := tmp_path / ("x" * 120)).mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    monkeypatch.setattr(attack, "ATTACKS", ())
    assert len((await attack.check()).attacks) == 1
