"""`codemode help`."""

from __future__ import annotations

import pytest
from support.terminal import Terminal

from codemode_tui.cli.help import styled
from codemode_tui.cli.registry import COMMANDS
from codemode_tui.help.topics import NAMES, topic


def test_what_there_is_to_read(codemode):
    out = codemode("help").out
    assert all(f"  {name} " in out for name in (*NAMES, *COMMANDS))
    listed = codemode("help", "--json").json
    assert tuple(listed["topics"]) == NAMES and set(listed["commands"]) == set(COMMANDS)


def test_a_topic_is_plain_markdown_in_a_pipe(codemode):
    out = codemode("help", "sandbox").out
    assert out.startswith("# The sandbox\n") and "\x1b" not in out
    assert codemode("help", "turn").out == topic("turn").text
    assert codemode("help", "sandbox", "--json").json == {"name": "sandbox", "title": "The sandbox", "text": out}


@pytest.mark.parametrize("name", sorted({*NAMES} & {*COMMANDS}))
def test_below_a_topic_stands_how_the_command_of_its_name_is_called(codemode, name):
    out = codemode("help", name).out
    assert out.startswith(topic(name).text) and codemode(name, "--help").out in out


def test_a_command_and_its_action(codemode):
    assert codemode("help", "ask").out == codemode("ask", "--help").out
    assert codemode("help", "sandbox", "run").out == codemode("sandbox", "run", "--help").out
    assert "no action 'burn'" in codemode("help", "config", "burn").error
    assert codemode("help", "config", "set", "--json").json["text"].startswith("usage: codemode config set")


@pytest.mark.parametrize(
    ("given", "words"), [("sandbx", "did you mean `codemode help sandbox`?"), ("qqqq", "lists what")]
)
def test_nothing_of_that_name(codemode, given, words):
    result = codemode("help", given)
    assert result.code == 2 and words in result.error


def test_plain_files_for_the_web(codemode, tmp_path):
    out = codemode("help", "--out", str(tmp_path / "web"), "--json").json
    assert {name.rpartition("/")[2] for name in out["files"]} == {f"{name}.md" for name in NAMES}
    assert "`sandbox.timeout`" in (tmp_path / "web/configuration.md").read_text()
    assert codemode("help", "--out", "/dev/null/no").code == 2


def test_on_a_terminal_headings_are_bold_and_words_stay():
    shown = styled("# A `b`\n\n| a | b |\n|---|---|\n| **c** | d |\n\n```sh\nx # y\n```\n")
    assert shown == "\x1b[1mA b\x1b[0m\n\n| a | b |\n| \x1b[1mc\x1b[0m | d |\n\n    \x1b[2mx # y\x1b[0m\n"


def test_no_colour_is_forced_into_a_text(codemode):
    """Python colours its own messages, and those of argparse, where it believes that a terminal reads them."""
    codemode.env.pop("NO_COLOR")
    codemode.env["FORCE_COLOR"] = "1"
    assert "\x1b" not in codemode("help", "ask").out + codemode("help", "ask", "--json").json["text"]
    assert "\x1b" not in codemode("ask", "--nope").err


@pytest.mark.parametrize("pager", [" ", "less 'x"])
def test_a_pager_that_is_no_command_is_no_error(workspace, tmp_path, pager):
    terminal = Terminal(workspace, tmp_path / "home", "help", "sandbox", rows=10, PAGER=pager)
    while not terminal.raw:
        terminal.read()
    terminal.type("q")  # where it is less
    assert terminal.end() == 0 and "unexpected" not in terminal.text


def test_ctrl_c_belongs_to_the_pager(workspace, tmp_path):
    """Python would wait a quarter of a second and kill it, with the terminal as the pager had set it."""
    pager = tmp_path / "pager"
    pager.write_text(f"#!/bin/sh\nkill -INT $PPID\nsleep 1\ncat > {tmp_path / 'read'}\n")
    pager.chmod(0o755)
    terminal = Terminal(workspace, tmp_path / "home", "help", "sandbox", rows=10, PAGER=str(pager))
    assert terminal.end() == 0
    assert "The sandbox" in (tmp_path / "read").read_text()
