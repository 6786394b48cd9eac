"""`codemode sandbox`: ends, signals, settings and machines without a sandbox."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="hides the Linux backends")
HANGS = "import os\nprint('up', flush=True)\nwrite_file('up', '')\nwhile True: pass"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_run_and_what_it_printed_is_shown(codemode, number, code):
    process = subprocess.Popen(
        [sys.executable, "-m", "codemode_tui", "sandbox", "run", "--allow-write"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=codemode.workspace, env=codemode.env,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(HANGS)
    process.stdin.close()
    process.stdin = None
    while not (codemode.workspace / "up").exists() and process.poll() is None:
        pass
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (code, "up\n")
    assert err.splitlines()[-1].endswith(": stopped by the user")


@pytest.mark.parametrize(
    ("args", "stdin", "code"),
    [
        (("-",), "", 0),
        (("-",), b"\xef\xbb\xbfx = 1", 0),
        (("-",), "def f(:", 3),
        (("-",), "raise SystemExit(5)", 3),
        (("-",), "a = 1\rb = 2", 3),
        (("-",), b"x = '\xff'", 2),
        (("nope.py",), "", 2),
        ((".",), "", 2),
        (("--timeout", "0"), "", 2),
        (("--memory", "1"), "", 2),
        (("--backend", "docker"), "", 2),
        (("--workspace", "nope"), "", 2),
        (("--backend", "seatbelt" if sys.platform == "linux" else "bwrap"), "print(1)", 7),
    ],
)
def test_every_end_has_its_exit_code(codemode, args, stdin, code):
    result = codemode("sandbox", "run", *args, stdin=stdin)
    assert (result.code, result.out) == (code, "")
    assert bool(result.err) is (code != 0) or "SystemExit" in str(stdin)


def test_the_limits_of_the_settings_hold_without_an_option(codemode):
    (codemode.workspace / ".codemode.toml").write_text("[sandbox]\ntimeout = 1.0\n")
    result = codemode("sandbox", "run", "--json", stdin="while True: pass")
    assert (result.json["status"], result.json["reason"]) == ("timeout", "stopped after 1 s")
    (codemode.workspace / ".codemode.toml").write_text("[sandbox]\ntimeout = 600.0\n")
    result = codemode("sandbox", "run", stdin="")
    assert (result.code, "may only tighten" in result.error) == (2, True)


def test_text_for_people_holds_no_control_bytes(codemode):
    code = (
        "import sys\nfor f in sys.stdout, sys.stderr: print('\\x1b]0;t\\x07\\x9b31m\\u202e\\r', file=f)\n"
        "raise E('\\x1b[2J')"
    )
    result = codemode("sandbox", "run", stdin=f"class E(Exception): pass\n{code}")
    assert result.code == 3
    for text in (result.out, result.err):
        assert text and not set(text) & {"\x1b", "\x07", "\x9b", "\u202e", "\r"}


@LINUX_ONLY
def test_a_machine_without_a_sandbox_runs_nothing_and_says_what_to_do(codemode, tmp_path: Path):
    """The program with no backend to be found: what `auto` tries is not there."""
    hide = tmp_path / "hide"
    hide.mkdir()
    (hide / "sitecustomize.py").write_text(
        "import codemode_tui.sandbox.bwrap as b, codemode_tui.sandbox.landlock as l, codemode_tui.sandbox.monty as m\n"
        "b.find_bwrap = m.monty_binary = lambda: None\nl.landlock_abi = lambda: 0\n"
    )
    codemode.env["PYTHONPATH"] = f"{hide}{os.pathsep}{codemode.env.get('PYTHONPATH', '')}"
    result = codemode("sandbox", "run", stdin="print('ran')")
    assert (result.code, result.out) == (7, "")
    assert "nothing is run" in result.error and "apt install bubblewrap" in result.error
    checked = codemode("sandbox", "check", "--json")
    assert (checked.code, checked.json["ok"], checked.json["backend"]) == (7, False, "")
    assert [backend["available"] for backend in checked.json["backends"]] == [False] * 4
