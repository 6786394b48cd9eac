"""What there is to read is true: every command block parses, those marked ``run`` run, every table is filled in."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from codemode_tui import config
from codemode_tui.cli.main import parser_of
from codemode_tui.cli.registry import COMMANDS
from codemode_tui.engine.machine_memory import Machine
from codemode_tui.engine.memory import Model, need, planned
from codemode_tui.engine.recommended import BYTES, CONFIG
from codemode_tui.front.themes import load_colours
from codemode_tui.help import tables, topics
from codemode_tui.protocol.profiles import load_profile

ROOT = Path(__file__).parents[2]
PAGES = {name: topics.source(name) for name in topics.NAMES} | {
    "README": (ROOT / "README.md").read_text("utf-8"),
    "CONTRIBUTING": (ROOT / ".github/CONTRIBUTING.md").read_text("utf-8"),
}


def blocks(text: str, kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def commands(script: str) -> Iterator[list[str]]:
    """The arguments of every ``codemode`` in a shell script, wherever it stands in a pipe or a substitution."""
    for line in script.replace("\\\n", " ").splitlines():
        words = shlex.shlex(line, posix=True, punctuation_chars="|&;<>()")
        words.whitespace_split, words.commenters = True, "#"
        found: list[str] | None = None
        skip = False
        for word in words:
            if skip:
                skip = False
            elif word.startswith((">", "<")):
                skip = True
            elif set(word) <= set("|&;()"):
                if found is not None:
                    yield found
                found = None
            elif found is not None:
                found.append(word)
            elif word.endswith("codemode"):
                found = []
        if found is not None:
            yield found


WRITTEN = [
    pytest.param(args, id=f"{page}: codemode {' '.join(args)}")
    for page, text in PAGES.items()
    for block in blocks(text, "sh(?: [a-z]+)?")
    for args in commands(block)
]


@pytest.mark.parametrize("args", WRITTEN)
def test_every_command_that_is_written_somewhere_is_understood(args):
    args = [re.sub(r"^2$", "", word) if word == "2" else word for word in args]  # the 2 of 2>/dev/null
    args = [word for word in args if word]
    name = args[0] if args and not args[0].startswith("-") else ""
    if args in (["--version"], ["--help"]):
        return
    assert not name or name in COMMANDS
    parser_of(name)[0].parse_args(args[1:] if name else args)
    if name == "help" and args[1:]:
        assert args[1] in topics.NAMES or args[1] in COMMANDS


def test_commands_in_sentences_exist():
    for page, text in PAGES.items():
        for words in re.findall(r"`codemode ((?:[a-z0-9][a-z0-9-]* ?)+)", text):
            first, *rest = words.split()
            assert first in COMMANDS, f"{page}: codemode {words}"
            if first == "help" and rest:
                assert rest[0] in topics.NAMES, f"{page}: codemode {words}"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """One for all blocks, with one engine, that is ended with them."""
    folder = tmp_path_factory.mktemp("home")
    yield folder
    env = {**os.environ, "CODEMODE_HOME": str(folder)}
    subprocess.run([sys.executable, "-m", "codemode_tui", "engine", "stop"], env=env, capture_output=True, check=True)


@pytest.fixture
def shell(tmp_path, home):
    """Runs a script in a small repository, with this ``codemode`` on the path."""
    programs, work = tmp_path / "bin", tmp_path / "work"
    programs.mkdir()
    work.mkdir()
    (programs / "codemode").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m codemode_tui "$@"\n')
    (programs / "codemode").chmod(0o755)
    (work / "notes.txt").write_text("alpha\nbeta\ngamma\ndelta\n")
    env = {
        **os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "CODEMODE_HOME": str(home),
        "GIT_CONFIG_GLOBAL": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com", "GIT_EDITOR": "true",
    }  # fmt: skip
    env.pop("CODEMODE_ENGINE", None)

    def run(script: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], cwd=work, env=env, capture_output=True, text=True, timeout=120
        )

    assert run("git init -q -b main . && git add . && git commit -q -m first").returncode == 0
    return run, work


RUN = [
    pytest.param(block, id=f"{page}-{number}")
    for page, text in PAGES.items()
    for number, block in enumerate(blocks(text, "sh run"))
]


@pytest.mark.parametrize("block", RUN)
def test_blocks_that_are_marked_so_run_as_they_stand(shell, block):
    done = shell[0](block)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("page", PAGES)
def test_every_shell_reads_the_blocks_alike(page):
    """What ``echo`` makes of a backslash is another thing in each."""
    for block in blocks(PAGES[page], "sh(?: [a-z]+)?"):
        assert not re.search(r"\becho\b[^|\n]*\\", block), block


def test_the_git_hook_drafts_and_never_stops_a_commit(shell):
    run, work = shell
    (hook,) = blocks(PAGES["scripts"], "sh hook")
    file = work / ".git/hooks/prepare-commit-msg"
    file.write_text(hook)
    file.chmod(0o755)
    done = run("echo epsilon >> notes.txt && git commit -q -a && git log -1 --format=%s")
    assert done.returncode == 0 and done.stdout.strip(), done.stderr
    nowhere = "CODEMODE_HOME=/dev/null/no git commit -q -a --allow-empty-message"
    done = run(f"echo zeta >> notes.txt && {nowhere} && git log -1 --format=%s")
    assert done.returncode == 0 and not done.stdout.strip()
    assert run("git commit -q --allow-empty -m given && git log -1 --format=%s").stdout == "given\n"


def test_the_list_of_topics_is_the_folder():
    assert {file.stem for file in (ROOT / "codemode_tui/help").glob("*.md")} == set(topics.NAMES)
    assert len(topics.NAMES) == len(set(topics.NAMES))


@pytest.mark.parametrize("name", topics.NAMES)
def test_every_topic_has_a_title_and_every_table_is_filled_in(name):
    found = topics.topic(name)
    assert found.text.startswith(f"# {found.title}\n") and found.title
    assert "<!--" not in found.text and not re.search(
        r"\bTODO\b(?!\")", re.sub(r"```.*?```", "", found.text, flags=re.S)
    )
    assert len(found.text.split()) > 60
    for line in topics.source(name).splitlines():
        assert len(line) <= 400 and line == line.rstrip()


def test_no_table_is_for_nobody():
    used = {name for page in topics.NAMES for name in re.findall(r"<!-- ([a-z-]+) -->", topics.source(page))}
    assert used == set(tables.TABLES)


def test_tables_say_what_the_program_has():
    keys, settings = topics.topic("keys").text, topics.topic("configuration").text
    assert "`ctrl+g`" in keys and "`thumbs-down`" in keys and "`/sessions" in keys
    for key in config.schema()["$defs"]["SandboxSettings"]["properties"]:
        assert f"`sandbox.{key}`" in settings
    assert "does not fit" in topics.topic("the-30b-model").text


def test_what_the_30b_model_takes_is_what_decides_whether_it_is_loaded():
    text = topics.topic("the-30b-model").text
    model = Model("", CONFIG, BYTES, 5, 2)
    for bits, kilobytes in ((0, 98), (8, 77), (4, 52)):
        less, more = (need(model, tokens, bits, gpu=True).total for tokens in (8192, 16_384))
        assert round((more - less) / 8192 / 1000) == kilobytes and f" {kilobytes} kB" in text
    for size, context in re.findall(r"\| (\d+) GB +\| [^|]+\| (\d+) k", text):
        total = int(size) << 30
        here = Machine(total * 3 // 4 if int(size) >= 36 else total * 2 // 3, "", gpu=True, whole=total)
        assert planned(model, 0, 0, here).need.context // 1024 == int(context)
        assert size != "32" or here.wider(1).split("(")[1].strip(")") in text


def test_files_that_are_shown_are_right(tmp_path):
    (theme,) = blocks(PAGES["themes"], "toml")
    for saved in (theme, "\ufeff" + theme):  # as some editors begin a file
        (tmp_path / "mine.toml").write_text(saved, "utf-8")
        assert load_colours([tmp_path])["mine"].dark
    (profile,) = blocks(PAGES["profiles"], "toml")
    (tmp_path / "mine.toml").write_text(profile)
    assert load_profile("mine", extra_dirs=(tmp_path,)).tools
    (project,) = blocks(PAGES["configuration"], "toml")
    (tmp_path / ".codemode.toml").write_text(project)
    assert config.load_settings(tmp_path / "none.toml", tmp_path).sandbox.timeout == 10
    for block in blocks(PAGES["README"], "toml"):
        config.settings_from(tomllib.loads(block), "README")


def test_links_lead_somewhere():
    for page in ("README", "CONTRIBUTING"):
        folder = ROOT if page == "README" else ROOT / ".github"
        for link in re.findall(r"\]\(([^)#]+)\)", PAGES[page]):
            assert link.startswith("https://") or (folder / link).exists(), f"{page}: {link}"


def test_the_second_picture_is_the_screen_as_it_is():
    from support.picture import portable

    seen = ROOT / "tests/tui/__snapshots__/test_snapshots/test_the_screen[candidate-dark-80x24].svg"
    words = re.compile(r">([^<]+)</text>")
    drawn = words.findall((ROOT / ".assets/correcting.svg").read_text("utf-8"))
    assert drawn == words.findall(portable(seen.read_text("utf-8"))), "write portable() of that snapshot anew"
