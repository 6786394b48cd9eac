"""Commands: words as a shell splits them, run where no secret, no home and no network is."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shlex
import subprocess
import sys
import types
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.sandbox import commands, seatbelt
from codemode_tui.sandbox.bwrap import find_bwrap
from codemode_tui.sandbox.command_profile import CommandView, command_view, trees
from codemode_tui.sandbox.commands import CommandRunner
from codemode_tui.sandbox.shellwords import split_command
from codemode_tui.sandbox.types import ClosedPaths
from codemode_tui.tools.closed import closed_paths

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("text", "argv"),
    [
        ("ls -la", ("ls", "-la")),
        ("grep -n 'two words' a.txt", ("grep", "-n", "two words", "a.txt")),
        ('echo "a \\" b"', ("echo", 'a " b')),
        ("cat a.txt | wc -l", ("cat", "a.txt", "|", "wc", "-l")),
        ("a && b || c; d", ("a", "&&", "b", "||", "c", ";", "d")),
        ("find . -name '*.py' 2>/dev/null", ("find", ".", "-name", "*.py", "2>/dev/null")),
        ("awk '{print $1}' f", ("awk", "{print $1}", "f")),
        ("find . -exec cat {} +", ("find", ".", "-exec", "cat", "{}", "+")),
        ("a\\ b", ("a b",)),
        ("pytest -q 2>&1 | tail -5", ("pytest", "-q", "2>&1", "|", "tail", "-5")),
        ("a\nb", ("a", ";", "b")),
    ],
)
def test_a_string_is_split_as_a_shell_would(text, argv):
    assert split_command(text).argv == argv


@pytest.mark.parametrize(
    "text",
    ["", "  ", "echo $HOME", "echo `id`", "echo $(id)", "cat << f", "sleep 9 &", "a |", "| a", "'open",
     "echo \"$HOME\"", "ls ~", "(ls)", "a\0b", "a && && b", "echo {a,b}"],
)  # fmt: skip
def test_what_would_compute_words_or_programs_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        split_command(text)


@given(
    st.lists(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1), min_size=1, max_size=5
    )
)
def test_any_quoted_words_come_out_as_they_went_in(words):
    words = ["printf", *words]  # the first word may be no keyword
    assert split_command(shlex.join(words)).argv == tuple(words)


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30))
def test_the_script_runs_exactly_the_words_that_are_shown(text):
    """A real shell reads the script; it must see the words that were shown, and nothing else happen."""
    try:
        pipeline = split_command(shlex.join(["printf", "%s\\0", text]))
    except ValueError:
        return
    printed = subprocess.run(["/bin/sh", "-c", pipeline.script], capture_output=True, cwd="/").stdout
    assert printed == text.encode() + b"\0"


def _runner(workspace: Path, *, write: bool = False) -> CommandRunner:
    return CommandRunner(workspace.resolve(), allow_write=write, closed=closed_paths)


async def _run(workspace: Path, text: str, *, write: bool = False, seconds: float = 20) -> str:
    result = await _runner(workspace, write=write).run(split_command(text), workspace.resolve(), seconds)
    return result.output


async def test_a_pipe_works(workspace):
    assert (await _run(workspace, "cat notes.txt | wc -l")).strip() == "3"


async def test_a_glob_is_the_shells(workspace):
    assert await _run(workspace, "echo *.txt") == "notes.txt\n"


async def test_standard_error_comes_after_standard_output(workspace):
    output = await _run(workspace, "sh -c 'echo err >&2; echo out'")
    assert output == "out\nerr\n"


async def test_secrets_home_and_network_are_not_there(workspace, tmp_path):
    secret = tmp_path / "outside.txt"
    secret.write_text("outside")
    output = await _run(
        workspace,
        f"cat .env; cat {secret}; ls {Path.home()}/.ssh; cat /etc/shadow; "
        "python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", 22), 1)'",
    )
    assert "TOKEN" not in output and "outside\n" not in output and "root:" not in output
    assert "unreachable" in output or "refused" in output or "Network" in output


WHOLE_TMP = """
set -e
cd /tmp
git init -q . && echo TOKEN >.env && echo shown >a.txt && git add -f .env a.txt
git -c user.name=n -c user.email=e commit -qm one
exec "$0" -m codemode_tui sandbox run - --workspace /tmp <<'END'
print(run_command("git log -p"), run_command("sh -c 'mktemp && ls -d $HOME'"))
END
"""
"""A new ``/tmp``, with secrets that git keeps. ``$0`` is the interpreter."""


@pytest.mark.skipif(find_bwrap() is None, reason="there is no bubblewrap")
def test_in_a_workspace_that_is_tmp_secrets_home_and_temporary_files_are_as_anywhere():
    kept = [word for path in (ROOT, sys.prefix) if str(path).startswith("/tmp/") for word in ("--bind", path, path)]
    argv = ["bwrap", "--dev-bind", "/", "/", "--tmpfs", "/tmp", *kept, "--chdir", ROOT]
    env = {**os.environ, "CODEMODE_HOME": "/tmp/codemode", "PYTHONPATH": str(ROOT)}
    found = subprocess.run([*argv, "sh", "-c", WHOLE_TMP, sys.executable], capture_output=True, text=True, env=env)
    assert "TOKEN" not in found.stdout and "+shown" in found.stdout, found
    assert [line.rpartition("/")[0] for line in found.stdout.splitlines() if "codemode-private" in line] == [
        " /codemode-private/tmp",
        "/codemode-private",
    ]


@pytest.mark.skipif(find_bwrap() is None, reason="there is no bubblewrap")
async def test_in_all_files_at_once_no_command_runs():
    runner = CommandRunner(Path("/"), closed=lambda *_: ClosedPaths())
    with pytest.raises(PermissionError, match="smaller folder"):
        await runner.run(split_command("echo ran"), Path("/"), 20)


async def test_the_environment_is_an_allow_list(workspace, monkeypatch):
    monkeypatch.setenv("MY_API_KEY", "secret")
    monkeypatch.setenv("USER", "ann")  # macOS tells it to no program in a sandbox
    found = dict(line.split("=", 1) for line in (await _run(workspace, "env")).splitlines())
    assert "MY_API_KEY" not in found and found["USER"] == "ann"
    assert {"PATH", "HOME"} <= set(found)


async def test_nothing_is_written_without_the_grant(workspace):
    await _run(workspace, "touch new.txt; rm -f notes.txt")
    assert not (workspace / "new.txt").exists()
    assert (workspace / "notes.txt").exists()


async def test_with_the_grant_files_change_but_what_runs_elsewhere_does_not(workspace):
    subprocess.run(["git", "init", "-q", str(workspace)], check=True)
    config = (workspace / ".git/config").read_text()
    output = await _run(
        workspace,
        "sh -c 'touch new.txt; mv .git .git2; echo x >.git/hooks/pre-commit; echo x >>.git/config; echo x >.bashrc;"
        " mkdir -p sub/.git; echo x >.env; cat .env'",
        write=True,
    )
    assert (workspace / "new.txt").exists()
    assert (workspace / ".git/config").read_text() == config
    assert not (workspace / ".git2").exists()
    assert not (workspace / ".git/hooks/pre-commit").exists()
    assert not (workspace / ".bashrc").exists() and not (workspace / "sub/.git").exists()
    assert (workspace / ".env").read_text() == "TOKEN=secret\n"
    assert ".bashrc.blocked" in output


async def test_a_command_that_hangs_is_stopped_with_all_it_started(workspace):
    result = await _runner(workspace).run(split_command("sh -c 'sleep 77 & echo up; sleep 77'"), workspace.resolve(), 1)
    assert result.timed_out and result.output == "up\n"
    assert "sleep\0" + "77" not in "".join(_command_lines())


async def test_where_there_is_no_namespace_what_is_left_in_the_background_ends(workspace, tmp_path, monkeypatch):
    monkeypatch.setattr(seatbelt, "SANDBOX_EXEC", "/usr/bin/env")
    line = split_command(f"sh -c 'sleep 300 & echo $! > {tmp_path}/pid; echo done'")
    view = command_view(os.environ["PATH"], tmp_path)
    argv = ("/usr/bin/env", "/bin/sh", "-c", line.script)
    result = await commands._execute(argv, line, view, workspace, 20, str(tmp_path))
    pid = int((tmp_path / "pid").read_text())
    for _ in range(500):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            break
        if state == "Z":
            break
        await asyncio.sleep(0.01)
    else:
        pytest.fail("it lives on")
    assert (result.exit_code, result.output) == (0, "done\n")


@pytest.mark.parametrize("hidden", [False, True])
async def test_where_temporary_files_lie_on_the_disk_of_the_host_they_have_a_limit(tmp_path, monkeypatch, hidden):
    monkeypatch.setattr(seatbelt, "SANDBOX_EXEC", "/usr/bin/env")
    monkeypatch.setattr(commands, "_DISK_SECONDS", 0.01)
    monkeypatch.setattr(commands, "_SCRATCH_BYTES", 1 << 40 if hidden else 1 << 16)
    left = iter((100, 60))  # of the disk, where the files cannot be found
    if hidden:
        monkeypatch.setattr(commands.shutil, "disk_usage", lambda _: types.SimpleNamespace(free=next(left, 40)))
    line = split_command(f"sh -c 'head -c 200000 /dev/zero >{tmp_path}/x; sleep 60'")
    argv = ("/usr/bin/env", "/bin/sh", "-c", line.script)
    result = await commands._execute(argv, line, CommandView((), (), os.defpath), tmp_path, 30, str(tmp_path))
    assert result.exit_code == -9 and not result.timed_out
    assert result.output.startswith("[stopped: more than half" if hidden else "[stopped: more than 512 MB"), result


async def test_a_profile_that_macos_does_not_take_says_what_to_do(tmp_path, monkeypatch):
    fake = tmp_path / "sandbox-exec"
    fake.write_text("#!/bin/sh\necho 'sandbox-exec: data object length 84244 exceeds maximum' >&2; exit 65\n")
    fake.chmod(0o755)
    monkeypatch.setattr(seatbelt, "SANDBOX_EXEC", str(fake))
    view = CommandView((), (), os.defpath)
    with pytest.raises(PermissionError, match=r"84244 .*name a smaller folder with --workspace"):
        await commands._execute((str(fake),), split_command("ls"), view, tmp_path, 20, str(tmp_path))


async def test_a_flood_does_not_fill_the_memory(workspace):
    result = await _runner(workspace).run(split_command("yes"), workspace.resolve(), 60)
    assert result.truncated and not result.timed_out and result.output == ""


async def test_a_long_output_is_whole(workspace):
    (workspace / "long.log").write_text("0123456789 a line\n" * 2_000_000)
    result = await _runner(workspace).run(split_command("cat long.log"), workspace.resolve(), 60)
    assert not result.truncated
    assert result.output == "0123456789 a line\n" * 2_000_000


async def test_a_program_may_lie_where_the_line_goes_or_be_made_by_it(workspace):
    (workspace / "sub").mkdir()
    (workspace / "sub" / "run.sh").write_text("#!/bin/sh\necho ran\n")
    assert await _run(workspace, "set -e; cd sub; chmod +x run.sh && ./run.sh", write=True) == "ran\n"


async def test_a_command_that_may_write_runs_alone(workspace):
    line = "test ! -e busy && touch busy && sleep 0.1 && rm busy && echo alone"
    assert await asyncio.gather(*(_run(workspace, line, write=True) for _ in range(3))) == ["alone\n"] * 3
    fd = os.open(workspace, os.O_RDONLY)  # another session, whose command only reads
    fcntl.flock(fd, fcntl.LOCK_SH)
    assert await _run(workspace, "echo read") == "read\n"
    waiting = asyncio.create_task(_run(workspace, "echo wrote", write=True))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    with pytest.raises(TimeoutError, match=r"was not run: for 0\.1 s others have locked"):
        await _runner(workspace, write=True).run(split_command("echo"), workspace.resolve(), 0.1)
    os.close(fd)
    assert await waiting == "wrote\n"


async def test_a_program_that_is_not_there_is_what_a_shell_makes_of_it(workspace):
    result = await _runner(workspace).run(split_command("frobnicate --all"), workspace.resolve(), 20)
    assert result.exit_code == 127 and "frobnicate: " in result.output
    assert (await _run(workspace, "frobnicate --all || echo without")).startswith("without\n")


def test_an_entry_of_the_home_folder_shows_programs_only(tmp_path):
    home = tmp_path / "home"
    for name in (
        ".local/bin",
        ".local/share/keyrings",
        ".local/share/pipx",
        "bin",
        ".ssh",
        ".cargo/bin",
        ".cargo/registry",
    ):
        (home / name).mkdir(parents=True)
    search_path = os.pathsep.join(str(home / name) for name in (".local/bin", "bin", ".cargo/bin"))
    view = command_view(search_path, home)
    below = {os.path.relpath(path, home) for path in view.read if path.startswith(str(home))}
    assert below == {".local/bin", ".local/share/pipx", "bin", ".cargo/bin"}


def test_a_linked_program_brings_its_environment(tmp_path):
    tool = tmp_path / "pipx/venvs/tool"
    (tool / "bin").mkdir(parents=True)
    (tool / "lib").mkdir()
    (tool / "bin/tool").write_text("#!/bin/sh\n")
    entry = tmp_path / "home/bin"
    entry.mkdir(parents=True)
    (entry / "tool").symlink_to(tool / "bin/tool")
    assert {str(tool / "bin"), str(tool / "lib")} <= set(trees(str(entry), tmp_path / "home"))


def _command_lines() -> list[str]:
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(file.read_bytes().decode(errors="replace"))
        except OSError:
            continue
    return lines
