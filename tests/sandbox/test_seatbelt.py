"""The macOS profiles as text: what they would allow and deny. That the kernel agrees, only a Mac can show."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.sbpl import allowed, parse

from codemode_tui.sandbox import seatbelt
from codemode_tui.sandbox.command_profile import CommandView
from codemode_tui.sandbox.commands import seatbelt_arguments
from codemode_tui.sandbox.footprint import footprint_bytes, parse_footprint
from codemode_tui.sandbox.interpreter import Interpreter, mac_binary
from codemode_tui.sandbox.types import ClosedPaths, Limits

LAYOUTS = {
    "uv": "/Users/ann/.local/share/uv/python/cpython-3.12.8-macos-aarch64-none",
    "homebrew": "/opt/homebrew/Cellar/python@3.12/3.12.8/Frameworks/Python.framework/Versions/3.12",
    "python.org": "/Library/Frameworks/Python.framework/Versions/3.12",
    "pyenv": "/Users/ann/.pyenv/versions/3.12.8",
}


def _launched(prefix: str, scratch: Path):
    """The profile text and its parameters."""
    scratch.mkdir(parents=True, exist_ok=True)
    python = Interpreter(f"{prefix}/bin/python3.12", (prefix,))
    launch = seatbelt.seatbelt_launch(python, Limits(), str(scratch))
    profile = launch.argv[2]
    parameters = dict(item[2:].split("=", 1) for item in launch.argv if item.startswith("-D"))
    return launch, profile, parameters


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_code_process_gets_its_interpreter_and_a_scratch_folder_and_nothing_else(layout, tmp_path):
    prefix = LAYOUTS[layout]
    _, profile, parameters = _launched(prefix, tmp_path / "run")
    scratch, empty = parameters["SCRATCH"], parameters["EMPTY"]
    table = {
        ("file-read-data", f"{prefix}/lib/python3.12/json/__init__.py"): True,
        ("process-exec", f"{prefix}/bin/python3.12"): True,
        ("file-read-data", "/usr/lib/dyld"): True,
        ("file-write-data", f"{scratch}/x"): True,
        ("file-read-data", f"{scratch}/x"): True,
        ("file-read-data", empty): True,
        ("file-write-data", "/dev/null"): True,
        ("file-write-create", f"{empty}/x"): False,
        ("file-write-data", f"{prefix}/lib/python3.12/site-packages/x.pth"): False,
        ("file-read-data", "/Users/ann/.ssh/id_ed25519"): False,
        ("file-read-data", "/Users/ann/project/notes.txt"): False,
        ("file-read-data", "/private/etc/passwd"): False,
        ("process-exec", "/bin/sh"): False,
        ("process-fork", ""): False,
        ("network-outbound", ""): False,
        ("mach-lookup", ""): False,
        ("file-write-data", "/Users/ann/.zshrc"): False,
    }
    assert {key: allowed(profile, parameters, *key) for key in table} == table


@pytest.mark.parametrize(
    "profile", [seatbelt.code_profile(3), seatbelt.command_profile(prefixes=2, hops=1, writable=True, masked=1)]
)
def test_no_profile_ever_opens_the_door(profile):
    forms = parse(profile)
    assert ["version", "1"] in forms and ["deny", "default"] in forms
    for forbidden in ("(allow default", "network", "no-sandbox", '(subpath "/")', "mach-lookup", "iokit"):
        assert forbidden not in profile


def test_commands_read_the_workspace_and_write_only_when_granted():
    for writable in (False, True):
        profile = seatbelt.command_profile(prefixes=1, hops=0, writable=writable, masked=1)
        parameters = {"WORKSPACE": "/w", "SCRATCH": "/s", "PREFIX0": "/opt/homebrew", "MASK0": "/w/.env"}
        assert allowed(profile, parameters, "file-read-data", "/w/notes.txt")
        assert allowed(profile, parameters, "file-write-data", "/w/notes.txt") is writable
        assert not allowed(profile, parameters, "file-read-data", "/w/.env")
        for path in ("/w/.git/hooks/pre-commit", "/w/.bashrc", "/w/.zshrc", "/w/a/.git/config", "/w/x.pth"):
            assert not allowed(profile, parameters, "file-write-data", path), path
        assert not allowed(profile, parameters, "file-read-data", "/Users/ann/.ssh/id_rsa")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_no_path_becomes_profile_text(tmp_path, name):
    view = CommandView((f"/opt/{name}",), (), "/usr/bin")
    closed = ClosedPaths((f"/w/{name}/.env",))
    argv = seatbelt_arguments(view, Path("/w") / name.replace("/", "_"), True, closed, str(tmp_path))
    plain = seatbelt_arguments(
        CommandView(("/opt/plain",), (), "/usr/bin"),
        Path("/w/plain"),
        True,
        ClosedPaths(("/w/plain/.env",)),
        str(tmp_path),
    )
    assert parse(argv[2])[:4] == parse(plain[2])[:4]
    assert all(item.startswith("-D") for item in argv[3:])


def test_a_framework_build_is_started_by_the_program_that_really_runs(tmp_path):
    real = tmp_path / "Resources/Python.app/Contents/MacOS/Python"
    real.parent.mkdir(parents=True)
    real.write_text("")
    assert mac_binary(str(tmp_path / "bin/python3.12")) == str(real)
    assert mac_binary("/opt/py/bin/python3.12") == "/opt/py/bin/python3.12"


def test_footprint_is_read_where_the_kernel_writes_it():
    info = bytearray(296)
    struct.pack_into("<Q", info, 72, 123_456_789)
    assert parse_footprint(bytes(info)) == 123_456_789
    assert sys.platform == "darwin" or footprint_bytes(1) is None


@pytest.mark.mac_only
@pytest.mark.skipif(sys.platform != "darwin", reason="only a Mac has Seatbelt: run `codemode sandbox check` there")
def test_the_self_attack_holds_on_this_mac():
    subprocess.run([sys.executable, "-m", "codemode_tui", "sandbox", "check", "--backend", "seatbelt"], check=True)
