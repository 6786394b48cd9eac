"""The macOS profiles as text: what they would allow and deny. That the kernel agrees, only a Mac can show."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.macs import HOME, OTHERS, PREFIXES, make_mac
from support.sbpl import READS, WRITES, allowed, effective, parse

from codemode_tui.sandbox.interpreter import CHILD, Interpreter
from codemode_tui.sandbox.launch import Launch, language
from codemode_tui.sandbox.mac_python import mac_binary
from codemode_tui.sandbox.seatbelt import code_profile, seatbelt_launch, ways
from codemode_tui.sandbox.types import Limits

GOLDEN = Path(__file__).parent / "golden"
INJECTIONS = ['"', "\\", "(", ")", ";", "#", "\n", "\r", "\t", " ", "*", "[", "$", "é", "e\u0301", "日", "=", "|", "'"]
names = (
    st.lists(
        st.sampled_from(
            [
                *INJECTIONS,
                "a",
                ")(allow default)",
                '")) (allow file-read*) (deny file-link (literal "',
                '(param "SCRATCH")',
            ]
        )
        | st.characters(exclude_characters="\0/", exclude_categories=["Cs"]),
        min_size=1,
        max_size=8,
    )
    .map("".join)
    .filter(lambda name: len(name.encode()) < 200)
)


def profile_of(launch: Launch) -> tuple[str, dict[str, str]]:
    """The text, and the parameters that stand beside it."""
    assert launch.argv[:2] == ("/usr/bin/sandbox-exec", "-p")
    parameters = dict(item[2:].split("=", 1) for item in launch.argv[3:] if item.startswith("-D"))
    return launch.argv[2], parameters


def launched(root: Path, layout: str) -> tuple[Interpreter, str, dict[str, str]]:
    python = make_mac(root, layout)
    scratch = root / "private/var/folders/x1/T/codemode-run-1"
    scratch.mkdir(parents=True)
    return python, *profile_of(seatbelt_launch(python, Limits(), str(scratch)))


@pytest.mark.parametrize("layout", PREFIXES)
def test_the_code_process_gets_its_interpreter_and_a_scratch_folder_and_nothing_else(layout, tmp_path):
    root = tmp_path.resolve()
    python, profile, parameters = launched(root, layout)
    prefix, scratch, empty = root / PREFIXES[layout], parameters["SCRATCH"], parameters["EMPTY"]
    version = "3.9" if layout == "xcode" else "3.12"

    def says(operation: str, path: str | Path) -> bool:
        return allowed(profile, parameters, operation, str(path))

    assert says("process-exec", python.executable) and says("file-map-executable", python.executable)
    for path in (prefix / f"lib/python{version}/os.py", "/usr/lib/dyld", f"{scratch}/x", empty, "/dev/urandom"):
        assert says("file-read-data", path), path
    for path in (f"{scratch}/x", "/dev/null"):
        assert says("file-write-data", path), path
    for path in (*(root / other for other in OTHERS), "/etc/passwd", "/private/etc/passwd", "/Users", str(root)):
        assert not any(says(operation, path) for operation in (*READS, *WRITES)), path
    for path in (f"{empty}/x", prefix / "lib/x.pth", python.executable, "/dev/tty", f"{parameters['CHILD']}/main.py"):
        assert not any(says(operation, path) for operation in WRITES), path
    for path in ("/bin/sh", "/usr/bin/osascript", f"{scratch}/x", prefix / "bin/pip", "/usr/lib/dyld"):
        assert not says("process-exec", path), path
    for operation in ("process-fork", "network-outbound", "network-bind", "system-socket", "mach-lookup", "iokit-open"):
        assert not says(operation, ""), operation
    for name, shown in (("hw.ncpu", True), ("kern.osrelease", True), ("kern.procargs2.1", False), ("kern.proc", False)):
        assert says("sysctl-read", name) is shown, name


@pytest.mark.parametrize("layout", PREFIXES)
def test_every_step_to_the_interpreter_may_be_looked_up(layout, tmp_path):
    root = tmp_path.resolve()
    python, profile, parameters = launched(root, layout)
    for path in (*python.reads, parameters["SCRATCH"], parameters["EMPTY"], parameters["CHILD"]):
        for folder in Path(path).parents:
            assert allowed(profile, parameters, "file-read-metadata", str(folder)), folder


@pytest.mark.parametrize("layout", PREFIXES)
def test_a_layout_has_the_profile_that_was_read_and_agreed_on(layout, tmp_path):
    """``tests/sandbox/golden``: after a change that is meant, remove the file and run this twice."""
    root = tmp_path.resolve()
    _, profile, parameters = launched(root, layout)
    inside = {name: value for name, value in parameters.items() if value.startswith(f"{root}/")}
    shown = effective(profile, {name: inside.get(name, "?").removeprefix(str(root)) for name in parameters})
    shown = re.sub(r'\n  \(literal "\?"\)', "", shown)
    golden = GOLDEN / f"{layout}.sbpl"
    if not golden.exists():
        golden.write_text(shown)
        pytest.fail(f"{golden} was not there; read what has been written to it")
    assert shown == golden.read_text()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
@given(names, names)
def test_no_name_of_a_folder_becomes_profile_text(tmp_path_factory, prefix, scratch):
    root = tmp_path_factory.mktemp("mac").resolve()
    folder = root / f"s{scratch}"
    folder.mkdir()
    prefix = f"p{prefix}"
    python = Interpreter(f"/opt/{prefix}/bin/python", (f"/opt/{prefix}",))
    profile, parameters = profile_of(seatbelt_launch(python, Limits(), str(folder)))
    hops = sum(name.startswith("HOP") for name in parameters)
    assert profile == code_profile(1, hops)
    for path in ("/Users/ann/.ssh/id_rsa", f"/opt/{prefix}x/y", "/opt/other", str(root), f"{folder}x", f"{folder}/x"):
        assert not any(allowed(profile, parameters, operation, path) for operation in (*READS, *WRITES)), path
    assert allowed(profile, parameters, "file-write-data", f"{folder}/tmp/x")


def test_nothing_opens_the_door():
    forms = parse(code_profile(2, 3))
    assert forms[:2] == [["version", "1"], ["deny", "default"]]
    for forbidden in ("(allow default", "network", "no-sandbox", '(subpath "/")', "mach-", "iokit", "ipc-", "import"):
        assert forbidden not in code_profile(2, 3)


def test_packages_of_the_code_may_note_their_threads_and_share_nothing_else(tmp_path):
    python = Interpreter("/opt/p/bin/python", ("/opt/p",), packages=("/opt/p/site-packages",))
    profile, parameters = profile_of(seatbelt_launch(python, Limits(), str(tmp_path)))
    for name, shown in (("/__KMP_REGISTERED_LIB_123", True), ("/__KMP_REGISTERED_LIB_1x", False), ("/psm_1", False)):
        assert allowed(profile, parameters, "ipc-posix-shm-write-create", name) is shown, name
    assert not allowed(profile, parameters, "ipc-posix-sem", "/mp-1")


def test_ways_names_every_link_and_what_lies_above_its_target(tmp_path):
    root = tmp_path.resolve()
    (root / "private/tmp/run").mkdir(parents=True)
    (root / "tmp").symlink_to("private/tmp")
    (root / "loop").symlink_to("loop")
    found = ways([str(root / "tmp/run/x"), str(root / "loop/x")])
    assert {str(root / name) for name in ("tmp", "private", "private/tmp", "private/tmp/run", "loop")} <= set(found)


def test_ways_goes_through_a_link_below_one_that_other_paths_go_through(tmp_path):
    """As nix-darwin has it: ``/etc/profiles/me`` leads through ``/etc/static``."""
    root = tmp_path.resolve()
    (root / "private/etc/profiles").mkdir(parents=True)
    (root / "store/etc/profiles").mkdir(parents=True)
    (root / "etc").symlink_to("private/etc")
    (root / "private/etc/static").symlink_to(root / "store/etc")
    (root / "private/etc/profiles/me").symlink_to(root / "etc/static/profiles/me")
    (root / "store/etc/profiles/me").symlink_to(root / "store/env")
    found = ways([str(root / "etc/profiles/me/bin")])
    links = ("etc", "private/etc/profiles/me", "private/etc/static", "store/etc/profiles/me")
    assert {str(root / name) for name in links} <= set(found)


def test_a_scratch_folder_behind_a_link_is_named_as_the_kernel_sees_it(tmp_path):
    root = tmp_path.resolve()
    (root / "private/tmp/run").mkdir(parents=True)
    (root / "tmp").symlink_to("private/tmp")
    python = Interpreter("/opt/python/bin/python", ("/opt/python",))
    launch = seatbelt_launch(python, Limits(), str(root / "tmp/run"))
    _, parameters = profile_of(launch)
    assert parameters["SCRATCH"] == str(root / "private/tmp/run/tmp")
    assert launch.cwd == parameters["EMPTY"] == str(root / "private/tmp/run/workspace")


def test_a_framework_build_is_started_by_the_program_that_really_runs(tmp_path):
    for layout in ("homebrew", "python.org", "xcode"):
        python = make_mac(tmp_path / layout, layout)
        assert python.executable.endswith("Resources/Python.app/Contents/MacOS/Python")
    assert mac_binary("/opt/py/bin/python3.12") == "/opt/py/bin/python3.12"


def test_a_prefix_that_holds_more_than_python_is_not_shown_whole(tmp_path):
    for layout in ("home", "conda", "usr-local"):
        root = tmp_path / layout
        python = make_mac(root, layout)
        assert str(root / PREFIXES[layout]) not in python.reads
        assert str(root / HOME) not in python.reads
        assert any(read.endswith(("lib", "lib/python3.12")) for read in python.reads)


def test_on_a_mac_text_is_utf_8_by_a_name_that_each_version_has(monkeypatch):
    assert language("darwin") == {"LC_CTYPE": "UTF-8"} and language("linux") == {"LANG": "C.UTF-8"}


def test_on_a_mac_files_of_the_workspace_have_its_fields_and_no_flags(monkeypatch, tmp_path):
    """Where they were None, ``shutil.copy2`` failed."""
    monkeypatch.syspath_prepend(str(CHILD))
    listing, attributes = map(importlib.import_module, ("listing", "file_attributes"))
    shims = importlib.import_module("shims")
    monkeypatch.setattr(shims, "start", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    Path("notes.txt").touch()
    monkeypatch.setattr(os, "stat_result", type("stat_result", (), dict.fromkeys(("st_flags", "st_birthtime"))))
    assert listing._more(10, 5 * 10**9) == {"st_flags": 0, "st_birthtime": 5.0}
    monkeypatch.setattr(shims, "roots", shims.SYSTEM)
    monkeypatch.setitem(shims.REAL, "stat", lambda path: None)
    assert shims.ours("/System/Library/CoreServices/SystemVersion.plist") is None, "by which platform.mac_ver knows it"
    attributes.lchflags("notes.txt", 0)
    with pytest.raises(OSError, match="run_command"):
        attributes.chflags("notes.txt", 2)


@pytest.mark.mac_only
@pytest.mark.skipif(sys.platform != "darwin", reason="only a Mac has Seatbelt: run `codemode sandbox check` there")
def test_the_self_attack_holds_on_this_mac():
    subprocess.run([sys.executable, "-m", "codemode_tui", "sandbox", "check", "--backend", "seatbelt"], check=True)


def test_the_environment_of_the_code_is_made_from_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "x")
    launch = seatbelt_launch(Interpreter("/opt/p/bin/python", ("/opt/p",)), Limits(), str(tmp_path))
    assert set(launch.env) <= {"PATH", "HOME", "TMPDIR", "LANG", "LC_CTYPE", "MALLOC_ARENA_MAX", "TZ"}
    assert os.path.isabs(launch.env["TMPDIR"]) and launch.watch_memory_mb and launch.guarded
