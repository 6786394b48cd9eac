"""What a command that may write still may not touch, nor bring about: hooks, start-up files, secrets, sockets."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shlex
import socket
import subprocess
from pathlib import Path

import pytest

from codemode_tui.sandbox.aside import set_aside
from codemode_tui.sandbox.command_profile import command_view
from codemode_tui.sandbox.commands import CommandRunner
from codemode_tui.sandbox.shellwords import split_command
from codemode_tui.sandbox.types import ClosedPaths
from codemode_tui.tools.closed import closed_paths


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path.resolve() / "work"
    made.mkdir()
    (made / "notes.txt").write_text("notes\n")
    return made


async def attack(folder: Path, prepare: str, command: str, *, seconds: float = 20) -> str:
    """Run ``command`` with a grant to write, in a folder that ``prepare`` has filled; returns its output."""
    subprocess.run(["/bin/sh", "-c", prepare], cwd=folder, check=True, capture_output=True)
    runner = CommandRunner(folder, allow_write=True, closed=closed_paths)
    return (await runner.run(split_command(f"sh -c {shlex.quote(command)}"), folder, seconds)).output


def evil(folder: Path) -> list[str]:
    """Closed names below ``folder`` that now hold what the command wrote."""
    found = []
    for path in closed_paths(folder).named:
        files = [path] if not os.path.isdir(path) else [str(p) for p in Path(path).rglob("*") if p.is_file()]
        files = [file for file in files if ".blocked" not in file]
        found += [file for file in files if Path(file).is_file() and "evil" in Path(file).read_text(errors="replace")]
    return found


ATTACKS = {
    "a hook": ("git init -q .", "echo evil >.git/hooks/pre-commit"),
    "hooks that are not there yet": ("git init -q .; rm -r .git/hooks", "mkdir .git/hooks; echo evil >.git/hooks/x"),
    "hooks of a folder that was moved": (
        "git init -q sub",
        "mv sub sub2; mkdir -p sub/.git/hooks; echo evil >sub/.git/hooks/x; echo evil >sub2/.git/hooks/x",
    ),
    "a prepared repository, moved": ("true", "mkdir -p x/git/hooks; echo evil >x/git/hooks/x; mv x/git x/.git"),
    "hooks behind a link": ("git init -q .; ln -s .git/hooks h", "echo evil >h/pre-commit"),
    "hooks that are a link": (
        "git init -q .; rm -r .git/hooks; mkdir h; ln -s ../h .git/hooks",
        "rm .git/hooks; mkdir .git/hooks; echo evil >.git/hooks/x; echo evil >h/x",
    ),
    "hooks that are a link to nowhere": (
        "git init -q .; rm -r .git/hooks; ln -s /nowhere .git/hooks",
        "rm .git/hooks; mkdir .git/hooks; echo evil >.git/hooks/x",
    ),
    "another name of the configuration": ("git init -q .; ln .git/config other", "echo evil >>other"),
    "a further name for the configuration": ("git init -q .", "ln .git/config other; echo evil >>other"),
    "another place for the configuration": ("git init -q .", "echo evil >.git/commondir"),
    "a repository of its own": ("true", "git init -q . && echo evil >.git/hooks/x"),
    "a repository as a file": ("true", "echo gitdir: evil >.git"),
    "an upper-case repository": ("true", "mkdir -p .GIT/hooks; echo evil >.GIT/hooks/x"),
    "a start-up file": ("true", "echo evil >.bashrc"),
    "a start-up file by hard link": ("true", "echo evil >a; ln a .zshrc"),
    "a start-up file by link": ("true", "echo evil >a; ln -s a .zshrc"),
    "a start-up file in place of a link": ("echo x >rc; ln -s rc .bashrc", "rm .bashrc; echo evil >.bashrc"),
    "a start-up file whose other name is taken": ("true", "mkdir -p .bashrc.blocked/x; echo evil >.bashrc"),
    "a start-up file in a closed folder": ("true", "mkdir d; echo evil >d/.bashrc; chmod 555 d"),
    "a start-up file in a folder that cannot be listed": ("true", "mkdir d; echo evil >d/.bashrc; chmod 111 d"),
    "a start-up file in the background": (
        "true",
        "(while :; do echo evil >.bashrc; done) >/dev/null 2>&1 & sleep 0.1",
    ),
    "an editor's settings": ("true", "mkdir .vscode; echo evil >.vscode/tasks.json"),
    "settings of this program": ("true", "echo evil >.codemode.toml"),
    "secrets": ("echo TOKEN=1 >.env", "echo evil >.env; mv .env x; rm -f .env; echo evil >.env"),
    "secrets that are not there yet": ("true", "echo evil >.envrc; mkdir .ssh; echo evil >.ssh/authorized_keys"),
}


@pytest.mark.parametrize("name", ATTACKS)
async def test_nothing_that_others_would_run_or_trust_is_written(folder, name):
    await attack(folder, *ATTACKS[name])
    assert evil(folder) == []


async def test_what_was_created_is_kept_under_a_harmless_name(folder):
    output = await attack(folder, "true", "echo mine >.bashrc; ln -s notes.txt .zshrc")
    assert (folder / ".bashrc.blocked").read_text() == "mine\n"
    assert (folder / ".zshrc.blocked").is_symlink() and (folder / "notes.txt").exists()
    assert "[.bashrc was renamed to .bashrc.blocked: a command may not create it]" in output


async def test_a_secret_that_was_put_aside_stays_one(folder):
    output = await attack(folder, "true", "echo TOKEN >server.key; mkdir .aws; echo TOKEN >.aws/c")
    for name in ("server.key", ".aws"):
        assert f"[{name} was renamed to {name}.blocked: a command may not create it]" in output
    assert "TOKEN" not in await attack(folder, "true", "cat server.key.blocked .aws.blocked/c")


async def test_a_folder_that_makes_names_in_it_secret_keeps_its_own(folder):
    await attack(folder, "mkdir -p a/.config/gh", "mv a/.config a/c; mv a b")
    assert (folder / "b/.config/gh").exists()


async def test_many_files_do_not_hide_one(folder, monkeypatch):
    monkeypatch.setattr("codemode_tui.tools.closed.BUDGET", 50)
    subprocess.run(["/bin/sh", "-c", "true"], cwd=folder, check=True)
    closed = closed_paths(folder)
    for number in range(100):
        (folder / f"{number}.txt").touch()
    (folder / ".bashrc").write_text("evil")
    set_aside(folder, closed, closed_paths)
    assert evil(folder) == []


async def test_a_command_that_is_cancelled_leaves_nothing_either(folder):
    running = asyncio.create_task(attack(folder, "true", "echo evil >.bashrc; sleep 60"))
    while not (folder / ".bashrc").exists():
        await asyncio.sleep(0.02)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert evil(folder) == []


async def test_ordinary_work_goes_on(folder):
    output = await attack(
        folder,
        "git init -q . && git add . && git -c user.name=n -c user.email=e commit -qm one; mkdir sub; git init -q sub/r",
        "mv sub moved && mv notes.txt n2 && cp -r moved copy 2>/dev/null; git add n2 notes.txt && "
        "git -c user.name=n -c user.email=e commit -qm two && git log --oneline | wc -l",
    )
    assert "2" in output.split()
    assert (folder / "moved/r/.git/config").exists() and (folder / "n2").exists()


async def test_secrets_are_read_under_no_name(folder):
    output = await attack(
        folder,
        "echo TOKEN=1 >.env; ln .env copy.txt; ln -s .env link.txt; mkdir -p conf .ssh; echo TOKEN=2 >conf/prod; "
        "ln -s conf/prod .npmrc; echo TOKEN=3 >.ssh/id; echo TOKEN=4 >server.PEM",
        "mv conf c2; cat .env copy.txt link.txt conf/prod c2/prod .npmrc .ssh/id server.PEM; tar c . | strings",
    )
    assert "TOKEN" not in output


async def test_a_name_that_is_closed_in_one_folder_is_so_when_that_is_the_workspace(folder):
    folder = folder.rename(folder.with_name(".config"))
    found = await attack(
        folder, "mkdir gh fish; echo evil >gh/hosts.yml", "cat gh/hosts.yml; echo evil >fish/config.fish; mkdir zsh; ls"
    )
    assert "evil" not in found and "fish" in found
    assert not (folder / "fish/config.fish").exists() and not (folder / "zsh").exists()


@pytest.mark.parametrize("name", [".git", ".git/hooks"])
async def test_nothing_is_written_where_git_keeps_what_it_runs(folder, name):
    subprocess.run(["git", "init", "-q", "."], cwd=folder, check=True)
    where = "pre-commit" if name == ".git/hooks" else "hooks/pre-commit"
    found = await attack(folder / name, "true", f"echo evil >{where}; echo evil >x; ls")
    assert "Read-only file system" in found
    assert not (folder / ".git/hooks/pre-commit").exists() and not (folder / name / "x").exists()


async def test_what_git_keeps_of_secrets_is_in_no_diff_and_no_archive(folder):
    prepare = (
        "git init -q .; mkdir .ssh d d/.CONFIG d/.CONFIG/gh; for f in .env d/KEY.PEM .ssh/id d/.CONFIG/gh/x.yml; "
        "do echo TOKEN >$f; done; echo shown >.env.example; git add -A; git -c user.name=n -c user.email=e commit -qm 1"
    )
    command = (
        "git show; git log -p; git format-patch --root HEAD --stdout | grep -v literal; git grep TOKEN HEAD; "
        "git archive HEAD | strings; mkdir ~/.config/other && echo ordinary"
    )
    found = await attack(folder, prepare, command)
    assert "TOKEN" not in found and "+shown" in found and "+notes" in found and found.endswith("ordinary\n")


async def test_attributes_in_the_tree_do_not_bring_secrets_back(folder):
    git = "git -c user.name=n -c user.email=e -c protocol.file.allow=always"
    prepare = (
        "git init -q ../other; for d in . ../other; do "
        f"( cd $d; git init -q .; echo TOKEN >.env; echo '* diff' >.gitattributes; git add -Af; {git} commit -qm 1 ); "
        f"done; {git} submodule --quiet add ../other sub/mod; git worktree add -q tree; git clone -q . nested; "
        "echo 'notes.txt -diff' >>.git/info/attributes"
    )
    command = "for d in . sub/mod tree nested; do git -C $d log -p; git -C $d grep TOKEN HEAD; done"
    found = await attack(folder, prepare, f"echo '.* diff' >.gitattributes; {command}")
    assert "TOKEN" not in found and found.count("+* diff") == 4 and found.count("+notes") == 1
    runner = CommandRunner(folder, closed=closed_paths)
    assert (await runner.run(split_command(f"sh -c {shlex.quote(command)}"), folder, 20)).output == found
    assert (folder / ".git/info/attributes").read_text() == "notes.txt -diff\n"


CLONE = {"x86_64": 56, "aarch64": 220}.get(os.uname().machine)


async def test_the_kernel_seems_to_have_no_keyrings(folder):
    number = {"x86_64": 250, "aarch64": 219}[os.uname().machine]
    program = (
        "import ctypes; libc = ctypes.CDLL(None, use_errno=True); "
        f"print(libc.syscall({number}, 0, -3, 1), ctypes.get_errno())"
    )
    assert await attack(folder, "true", f"python3 -c {shlex.quote(program)}") == f"-1 {errno.ENOSYS}\n"


async def test_what_is_roots_in_the_kernel_is_not_written_by_root_either(folder):
    program = (
        "import ctypes, os; libc = ctypes.CDLL(None, use_errno=True); new = 0x10000000\n"
        "print(libc.unshare(new), ctypes.get_errno())\n"
        f"print(libc.syscall({CLONE}, new | 17, 0, 0, 0, 0), ctypes.get_errno())\n"
        "os.open('/proc/sys/kernel/core_pattern', os.O_WRONLY)"
    )
    found = await attack(
        folder, "true", f"cat /proc/self/mountinfo; echo end >/dev/stdout; python3 -c {shlex.quote(program)}"
    )
    mounts, _, rest = found.partition("end\n")
    lines = [(*line.split()[4:6], line.partition(" - ")[2].split()[0]) for line in mounts.splitlines()]
    kernel = {where: flags.split(",")[0] for where, flags, kind in lines if kind in ("proc", "sysfs", "cgroup2")}
    assert "/proc" in kernel and {*kernel.values()} == {"ro"}
    # A namespace of its own would give all capabilities, and mounts of more that the host's root may write.
    assert rest.startswith(f"-1 {errno.ENOSYS}\n" * 2)
    assert "Read-only file system" in rest or "Permission denied" in rest


async def test_memory_is_not_filled_by_way_of_devices(folder):
    found = await attack(folder, "true", "df -k --output=size /dev/shm | tail -1; echo x >/dev/null; echo x >/dev/x")
    size, refused = found.splitlines()
    assert int(size) <= 512 * 1024 and "Read-only file system" in refused


async def test_a_change_that_goes_outside_by_a_hard_link_is_told(folder):
    prepare = "echo 1 >../f; ln ../f f; ln ../f g; echo 1 >h; ln h i"
    runner = CommandRunner(folder, allow_write=True, closed=closed_paths)
    subprocess.run(["/bin/sh", "-c", prepare], cwd=folder, check=True)
    line = split_command("sh -c 'echo 2 >f; echo 2 >h'")
    told = (await runner.run(line, folder, 20, lambda _: None)).output
    assert told == "[f, g: changed outside the workspace too, where hard links share it]"
    line = split_command("sh -c 'rm f; echo 3 >f; echo 3 >h'")
    assert "f," not in (await runner.run(line, folder, 20, lambda _: None)).output


OWN_FOLDERS = {
    "there": ("mkdir -p .cm/config .cm/data", "echo evil >.cm/config/config.toml; echo evil >.cm/data/x"),
    "not there yet": ("true", "mkdir -p .cm/config; echo evil >.cm/config/config.toml; echo evil >.cm/data/x"),
    "moved": ("mkdir -p .cm/config", "mv .cm c; mkdir -p .cm/config; echo evil >.cm/config/config.toml"),
    "behind a link": ("mkdir -p c/config; ln -s c .cm", "echo evil >c/config/config.toml; echo evil >.cm/data/x"),
    "behind another link": (
        "mkdir -p ../c/config; ln -s ../c .cm",
        "mkdir -p d/config; echo evil >d/config/config.toml; ln -sfn d .cm",
    ),
}


@pytest.mark.parametrize("name", OWN_FOLDERS)
async def test_the_programs_own_folders_are_not_written(folder, monkeypatch, name):
    monkeypatch.setenv("CODEMODE_HOME", str(folder / ".cm"))
    await attack(folder, *OWN_FOLDERS[name])
    written = [path for path in (folder / ".cm").rglob("*") if path.is_file() and "evil" in path.read_text()]
    assert [path for path in written if ".blocked" not in str(path)] == []
    assert (await attack(folder, "mkdir -p .cm/other", "echo x >.cm/other/x; cat .cm/other/x")) == "x\n"


REBASE = "git -c user.name=n -c user.email=e"
COMMITS = f"git init -q .; for n in 1 2 3; do echo $n >f; git add f; {REBASE} commit -qm $n; done"


async def test_a_rebase_is_not_left_with_programs_to_run(folder):
    todo = "printf 'break\\n exec touch ran\\n' >"
    found = await attack(folder, COMMITS, f"env GIT_SEQUENCE_EDITOR={shlex.quote(todo)} {REBASE} rebase -i HEAD~1")
    assert "[.git/rebase-merge was renamed to .git/rebase-merge.blocked: a command may not create it]" in found
    subprocess.run([*REBASE.split(), "rebase", "--continue"], cwd=folder, capture_output=True)
    assert not (folder / "ran").exists()


async def test_programs_are_not_added_to_a_rebase(folder):
    prepare = f"{COMMITS}; GIT_SEQUENCE_EDITOR=\"sed -i '1i break'\" {REBASE} rebase -q -i HEAD~1"
    found = await attack(folder, prepare, "echo 'x touch ran' >>.git/rebase-merge/git-rebase-todo")
    assert "rebase-merge.blocked" in found
    prepare = "rm -rf .git; " + prepare.replace("1i break", "1i break\\nexec true")
    found = await attack(folder, prepare, "echo 'x touch ran' >>.git/rebase-merge/git-rebase-todo")
    assert "Read-only file system" in found and "blocked" not in found


UNFINISHED = {
    "a list in another place": "ln -s ../list rebase-merge",
    "a list that is a link": "mkdir rebase-merge; ln -s ../../list rebase-merge/git-rebase-todo",
    "a list that nobody can read": "mkdir -p rebase-merge/git-rebase-todo",
    "a strategy that is no name": "mkdir rebase-merge; echo ../../evil >rebase-merge/strategy",
    "the same for picks": "mkdir sequencer; printf '[options]\\n Strategy=..\\\\\\n/../evil' >sequencer/opts",
}


@pytest.mark.parametrize("name", UNFINISHED)
async def test_nothing_else_is_left_that_git_would_start_when_it_goes_on(folder, name):
    found = await attack(folder, "git init -q .", f"cd .git; {UNFINISHED[name]}")
    assert "a command may not create it" in found
    assert {path.name for path in (folder / ".git").glob("*e[bq]*")} in (
        {"rebase-merge.blocked"},
        {"sequencer.blocked"},
    )


async def test_a_rebase_without_programs_may_stay_unfinished(folder):
    edit = "sed -i s/pick/edit/"
    first = await attack(folder, COMMITS, f"env GIT_SEQUENCE_EDITOR={shlex.quote(edit)} {REBASE} rebase -i HEAD~2")
    assert "blocked" not in first and (folder / ".git/rebase-merge").exists()
    found = await attack(folder, "true", f"{REBASE} rebase --continue; {REBASE} rebase --continue; git status")
    assert "blocked" not in found and "Successfully rebased" in found and not (folder / ".git/rebase-merge").exists()


async def test_secrets_in_protected_folders_are_secrets(folder):
    prepare = "mkdir -p .devcontainer/more; echo evil >.devcontainer/.env; echo evil >.devcontainer/more/prod.env"
    found = await attack(folder, prepare, "cat .devcontainer/.env .devcontainer/more/prod.env; ls .devcontainer")
    assert "evil" not in found and "more" in found


async def test_a_socket_of_another_program_cannot_be_reached(folder, monkeypatch):
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(folder)
        listening.bind("docker.sock")
        listening.listen()
        program = "import socket; socket.socket(socket.AF_UNIX).connect('docker.sock'); print('reached')"
        assert "reached" not in await attack(folder, "true", f"python3 -c {shlex.quote(program)}")


async def test_too_many_secrets_are_said_and_nothing_runs(folder):
    with pytest.raises(PermissionError, match="more than can be closed"):
        await attack(folder, "for i in $(seq 2600); do : >$i.pem; done", "echo ran")


async def test_a_command_line_may_not_be_endless(folder):
    with pytest.raises(ValueError, match="128 KB"):
        await attack(folder, "true", "echo " + "x" * 200_000)


async def test_memory_cores_and_processes_have_limits(folder):
    core, data, processes = (await attack(folder, "true", "ulimit -c; ulimit -d; bash -c 'ulimit -u'")).split()
    assert core == "0" and data != "unlimited" and processes != "unlimited" and int(processes) <= 4096


def test_the_home_folder_on_the_path_shows_nothing_of_it(tmp_path):
    home = tmp_path / "home"
    for name in (".local/bin", ".local/share/uv/credentials", ".local/share/uv/python", ".ssh"):
        (home / name).mkdir(parents=True)
    view = command_view(os.pathsep.join(("/", str(tmp_path), str(home), f"{home}/.local/bin")), home)
    below = {os.path.relpath(path, home) for path in view.read if path.startswith(str(tmp_path))}
    assert below == {".local/bin", ".local/share/uv/python"}


def test_a_home_folder_among_the_systems_folders_is_left_out(tmp_path, monkeypatch):
    system = tmp_path.resolve() / "opt"
    for name in ("jdk-17/bin", "svc/me/.ssh", "svc/me/.local/bin", "svc/tool"):
        (system / name).mkdir(parents=True)
    for name, target in (("jdk", "jdk-17"), ("svc/mine", "me")):
        (system / name).symlink_to(target)
    monkeypatch.setattr("codemode_tui.sandbox.command_profile._SYSTEM", (str(system),))
    view = command_view(f"{system}/jdk/bin{os.pathsep}{system}/svc/me/.local/bin", system / "svc/me", mac=False)
    shown = {os.path.relpath(path, system) for path in view.read if path.startswith(str(system))}
    assert shown == {"jdk-17", "svc/tool", "svc/me/.local/bin"}
    assert {(f"{system}/jdk", "jdk-17"), (f"{system}/svc/mine", "me")} <= {*view.links}


def test_an_unchanged_folder_is_left_alone(folder):
    subprocess.run(["git", "init", "-q", "."], cwd=folder, check=True)
    (folder / ".bashrc").symlink_to("/nowhere")
    closed = closed_paths(folder)
    assert set_aside(folder, closed, closed_paths) == []
    assert set_aside(folder, ClosedPaths(), closed_paths)
