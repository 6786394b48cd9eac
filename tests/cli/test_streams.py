"""Whatever the program's streams are: closed, full, broken, no UTF-8. And signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import unicodedata
from pathlib import Path
from types import ModuleType

import pytest

from codemode_tui.__main__ import main
from codemode_tui.cli.output import dumps, write_text
from codemode_tui.errors import UsageError

QUESTION = "What is a decorator?"


@pytest.fixture
def shell(codemode):
    """``shell(script)`` runs a shell line in which ``codemode`` is the program."""

    def run(script, **env):
        line = f'set -o pipefail; codemode() {{ "{sys.executable}" -m codemode_tui "$@"; }}; {script}'
        return subprocess.run(
            ["bash", "-c", line],
            capture_output=True,
            cwd=codemode.workspace,
            env=codemode.env | env,
            timeout=120,
            stdin=subprocess.DEVNULL,
        )

    return run


def test_a_diagnostic_never_lands_in_a_closed_standard_error_s_place(shell):
    done = shell("codemode ask hi --model nope --json 2>&-")
    assert (done.returncode, done.stdout) == (2, b"")


def test_a_turn_runs_with_every_stream_closed(shell, codemode):
    assert shell(f"codemode ask '{QUESTION}' <&- >&- 2>&-").returncode == 2  # nobody got the answer
    assert codemode("sessions", "list", "--json").json[0]["title"] == QUESTION  # nothing was printed into the store


@pytest.mark.parametrize("command", ["--version", "parse --json", "config show"])
def test_a_result_that_goes_nowhere_is_an_error(shell, command):
    done = shell(f"codemode {command} >&-")
    assert (done.returncode, done.stderr.count(b"\n")) == (2, 1)
    assert b"check the disk, and where the output is sent to" in done.stderr


@pytest.mark.parametrize("command", ["--help", "--version", "config show --json", "sessions --help", "config path"])
def test_a_full_disk_behind_standard_output_is_one_clear_line(shell, command):
    done = shell(f"codemode {command} >/dev/full")
    assert done.returncode == 2
    assert done.stderr == b"codemode: no space left on device; check the disk, and where the output is sent to\n"


def test_a_line_front_end_that_cannot_write_ends_as_the_others_do(shell):
    done = shell("printf 'a1\\nb2\\n' | codemode repl >/dev/full")
    assert done.returncode == 2
    assert done.stderr == b"codemode: no space left on device; check the disk, and where the output is sent to\n"


@pytest.mark.parametrize("lost", ["2>/dev/full", "2> >(exec 0<&-)"])
@pytest.mark.parametrize(
    ("command", "code", "out"),
    [
        ("nothing-like-that", 2, b""),
        ("sandbox run - <<< 'import sys; sys.stderr.write(\"x\"); print(1)'", 0, b"1\n"),
        ("sandbox run - <<< 'raise ValueError'", 3, b""),
    ],
)
def test_notes_that_nobody_can_read_change_nothing(shell, command, code, out, lost):
    done = shell(f"codemode {command} {lost}")
    assert (done.returncode, done.stdout) == (code, out)


@pytest.mark.parametrize("lines", [1, 4])
def test_a_reader_that_goes_away_ends_the_turn_quietly(shell, codemode, lines):
    done = shell(f"codemode ask '{QUESTION}' --jsonl | head -n {lines}")
    assert (done.returncode, done.stderr) == (0, b"")
    assert len(done.stdout.splitlines()) == lines
    session = codemode("sessions", "list", "--json").json[0]["id"]
    assert codemode("sessions", "show", session, "--json").json["turns"][0]["state"] in ("cancelled", "done")


def test_a_terminal_that_is_no_utf8_ends_nothing(shell):
    assert shell("codemode ask 'Was ist ein größer?' --jsonl", PYTHONIOENCODING="ascii").returncode in (0, 4, 5)
    listed = shell("codemode sessions list", PYTHONIOENCODING="ascii")
    assert (listed.returncode, listed.stderr) == (0, b"")
    assert b"gr\\xf6\\xdfer" in listed.stdout


def test_json_escapes_what_could_act_on_a_terminal_and_nothing_else():
    # Apart by blanks, or two surrogates would make a pair.
    text = " ".join(map(chr, range(0x11000))) + "\U000e0041\U000f0000\U0010fffdé€😀"
    for indent in (None, 2):
        printed = dumps({"x": text}, indent=indent)
        assert json.loads(printed) == {"x": text}
        assert not [c for c in printed if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co")]
        assert "é€😀" in printed


def test_ctrl_c_while_the_program_is_still_being_imported_ends_it_in_silence(monkeypatch):
    class Importing(ModuleType):
        def __getattr__(self, name: str) -> None:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "codemode_tui.cli.main", Importing("codemode_tui.cli.main"))
    assert main() == 130


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_turn_in_good_order(codemode, number):
    process = subprocess.Popen(
        [sys.executable, "-m", "codemode_tui", "ask", QUESTION, "--jsonl"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=codemode.workspace,
        env=codemode.env,
        text=True,
    )
    assert process.stdout is not None
    first = json.loads(process.stdout.readline())
    os.kill(process.pid, number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "codemode: stopped\n")
    last = json.loads(out.splitlines()[-1])
    assert (last["event"], last["kind"]) == ("turn_failed", "cancelled")
    (turn,) = codemode("sessions", "show", first["session"], "--json").json["turns"]
    assert turn["state"] == "cancelled"


def test_a_stopped_turn_is_still_one_json_document(codemode):
    process = subprocess.Popen(
        [sys.executable, "-m", "codemode_tui", "ask", QUESTION, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=codemode.workspace,
        env=codemode.env,
        text=True,
    )
    while not list(codemode.home.glob("data/codemode.db-owners/*.lock")):  # the turn has begun
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    turn = json.loads(out)
    assert (turn["finish_reason"], turn["answer"], turn["error"]["kind"]) == ("cancel", None, "cancelled")
    assert set(turn["decision"]) == {"value", "probability", "forced", "dialect"}


def test_a_pipe_is_written_to_and_a_folder_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_text(tmp_path / "pipe", "é")
    assert os.read(reader, 9) == "é".encode()
    os.close(reader)
    for folder in (Path("."), tmp_path):
        with pytest.raises(UsageError, match="cannot be written: is a directory"):
            write_text(folder, "x")
    assert [one.name for one in tmp_path.iterdir()] == ["pipe"]
    for odd in (tmp_path / ("a" * 300), tmp_path / "pipe" / "inside"):
        with pytest.raises(UsageError, match="cannot be written"):  # in its own words, not those of clearing up
            write_text(odd, "x")


def test_a_link_stays_and_the_file_that_it_leads_to_is_written(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    for name, before in (("there.html", "old"), ("new.html", None)):
        file, link = tmp_path / "elsewhere" / name, tmp_path / f"to-{name}"
        if before:
            file.write_text(before)
        link.symlink_to(file)
        write_text(link, "page")
        assert link.is_symlink() and file.read_text() == "page"
    assert sorted(one.name for one in (tmp_path / "elsewhere").iterdir()) == ["new.html", "there.html"]


def test_a_file_that_a_descriptor_leads_to_is_written_on_not_replaced(tmp_path):
    with (tmp_path / "out").open("w+") as stream:
        print("before", file=stream, flush=True)
        write_text(Path(f"/dev/fd/{stream.fileno()}"), "page")
        stream.seek(0)
        assert stream.read() == "before\npage"
