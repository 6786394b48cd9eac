"""`codemode completion`: the scripts, in the real shells where they are installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pexpect
import pytest

from codemode_tui.cli.completion_scripts import SCRIPTS
from codemode_tui.cli.completion_tree import tree, walk

ASKED = {
    "the commands": ("codemode se", {"sessions"}),
    "an option": ("codemode ask --ru", {"--run"}),
    "what an option may be": ("codemode ask --run ", {"never", "auto"}),
    "an option of the program": ("codemode --no-m", {"--no-memory-guard"}),
    "an action": ("codemode config sc", {"schema"}),
    "an option of an action": ("codemode sandbox run --timeo", {"--timeout"}),
    "an option behind another": ("codemode ask --json --tem", {"--temp"}),
    "a setting": ("codemode config set sandbox.memo", {"sandbox.memory_mb"}),
    "a topic": ("codemode help first", {"first-five-minutes"}),
    "a command behind an option": ("codemode --model bundled sess", {"sessions"}),
    "an option of a command behind an option": ("codemode --workspace work ask --fork", {"--fork"}),
    "an option behind a model": ("codemode ask --model bundled --prof", {"--profile"}),
    "a stored session": ("codemode sessions show ", None),
    "a session to fork": ("codemode ask hi --fork ", None),
    "a file behind the value of an option": ("codemode sandbox run --timeout 5 work/no", {"work/notes.txt"}),
    "a folder": ("codemode ask hi --workspace work/su", {"work/sub", "work/sub/"}),
}


@pytest.fixture
def script(codemode, tmp_path):
    """Where the script of a shell is, with ``codemode`` on the path of that shell."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "codemode").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m codemode_tui "$@"\n')
    (programs / "codemode").chmod(0o755)
    (codemode.workspace / "sub").mkdir()
    codemode.env |= {"PATH": f"{programs}:{os.environ['PATH']}", "TERM": "dumb"}

    def make(shell):
        if shutil.which(shell) is None:
            pytest.skip(f"{shell} is not installed here")
        file = tmp_path / f"codemode.{shell}"
        file.write_text(codemode("completion", shell).out)
        return file

    return make


def test_bash_keeps_names_with_spaces_whole(codemode, script):
    file = script("bash")
    (codemode.workspace / "my notes.txt").write_text("")
    done = subprocess.run(
        ["bash", "--norc", "-c", BASH, file, "codemode", "ask", "hi", "--file", "my"], env=codemode.env,
        cwd=codemode.workspace, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("my notes.txt\n", "")


def _stored(codemode):
    from codemode_tui.store.store import Store, wait

    store = Store.open(codemode.home / "data/codemode.db")
    session = wait(store.new_session(codemode.workspace))
    wait(store.begin_turn(session, "How many?", ()))
    store.close()
    return session


BASH = 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _codemode; printf "%s\\n" "${COMPREPLY[@]}"'


@pytest.mark.parametrize("name", ASKED)
def test_bash(codemode, script, name):
    line, wanted = ASKED[name]
    file = script("bash")
    wanted = wanted or {_stored(codemode)}
    words = line.split(" ")
    done = subprocess.run(
        ["bash", "--norc", "-c", BASH, file, *words], env=codemode.env, cwd=codemode.workspace.parent,
        capture_output=True, text=True,
    )  # fmt: skip
    assert not done.stderr
    assert set(done.stdout.split()) & wanted and set(done.stdout.split()) <= wanted


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("ask --run = au", "auto\n"),
        ("ask --run =", "never\nauto\n"),
        ("ask hi --workspace = work/su", "work/sub\n"),
        ("sandbox run --timeout = 5 work/no", "work/notes.txt\n"),
    ],
)
def test_bash_completes_a_value_behind_the_sign_of_equality(codemode, script, words, wanted):
    done = subprocess.run(
        ["bash", "--norc", "-c", BASH, script("bash"), "codemode", *words.split(" ")], env=codemode.env,
        cwd=codemode.workspace.parent, capture_output=True, text=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == (wanted, "")


@pytest.mark.parametrize("name", ASKED)
def test_fish(codemode, script, name):
    line, wanted = ASKED[name]
    file = script("fish")
    wanted = wanted or {_stored(codemode)}
    env = {**codemode.env, "XDG_CONFIG_HOME": str(codemode.home), "XDG_DATA_HOME": str(codemode.home)}
    done = subprocess.run(
        ["fish", "-c", f"source '{file}'; complete -C '{line}'"],
        env=env, cwd=codemode.workspace.parent, capture_output=True, text=True,
    )  # fmt: skip
    found = {one.partition("\t")[0] for one in done.stdout.splitlines()}
    assert not done.stderr
    assert found & wanted and found <= wanted


def test_zsh(codemode, script, tmp_path):
    file = script("zsh")
    env = {**codemode.env, "ZDOTDIR": str(tmp_path)}
    shell = pexpect.spawn("zsh", ["-f"], env=env, cwd=str(tmp_path), encoding="utf-8", timeout=30, dimensions=(50, 250))
    try:
        shell.sendline(f"autoload -Uz compinit; compinit -u -d {tmp_path}/dump; source {file}; echo lo''aded")
        shell.expect("loaded\r\n")
        session = _stored(codemode)
        for name in ("an option of an action", "a setting", "a topic", "a folder", "an option behind a model",
                     "a stored session", "a session to fork"):  # fmt: skip
            line, wanted = ASKED[name]
            wanted = wanted or {session}
            shell.send(f"{line}\t")
            shell.expect(f"{line.rpartition(' ')[0]} ({'|'.join(map(str, sorted(wanted)))})")
            shell.send("\x15")
        for line, wanted in (("codemode s", "sandbox .*sessions"), ("codemode ask --run ", "auto +never"),
                             ("codemode ask --model ", r"bundled\s+bin/ .*work/")):  # fmt: skip
            shell.send(f"{line}\t")
            shell.expect(wanted)
            shell.send("\x15")
    finally:
        shell.close(force=True)


@pytest.mark.parametrize("shell", SCRIPTS)
def test_every_command_option_and_choice_is_in_the_script(shell):
    root = tree()
    script = SCRIPTS[shell](root)
    for node in walk(root):
        words = [*node.path, *(word for value in node.values for word in value.words)]
        for option in node.options:
            words += [flag.lstrip("-") for flag in option.flags]
            words += option.value.words if option.value else ()
        assert not [word for word in words if word not in script], node.path


def test_no_function_of_a_script_replaces_another_and_a_model_is_a_name_or_a_folder():
    script = SCRIPTS["zsh"](tree())
    names = re.findall(r"^(\w+)\(\) {", script, re.MULTILINE)
    assert len(names) == len(set(names)) and "__codemode_ids" in names
    assert (
        "'--model[bundled, a folder, a repository of the local cache, openai\\:URL]:M: __codemode_or_folder" in script
    )
    assert "’words" not in script


def test_a_shell_that_is_none(codemode):
    assert "invalid choice: 'tcsh'" in codemode("completion", "tcsh").error
