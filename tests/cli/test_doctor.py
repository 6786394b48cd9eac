"""`codemode doctor`: each finding with its fix, safe to paste."""

from __future__ import annotations

import getpass
import json
import os
import re
import shutil
import sqlite3
import sys
from argparse import Namespace
from pathlib import Path
from typing import NamedTuple

import pyte
import pytest
from msgspec.structs import replace
from support.terminal import Terminal

from codemode_tui import locations
from codemode_tui.cli.checks_terminal import ASK, Replies, answers, clipboard, colours, named, tmux, understood
from codemode_tui.cli.doctor import document, examine, exit_code, run
from codemode_tui.engine.machine_memory import Machine
from codemode_tui.engine.memory import plan
from codemode_tui.engine.models import find_model
from codemode_tui.settings import EngineSettings
from codemode_tui.store.store import Store


class Told(NamedTuple):
    json: dict
    code: int


@pytest.fixture
def doctor(codemode, monkeypatch):
    """The command, without a process of its own."""
    monkeypatch.setenv("CODEMODE_HOME", str(codemode.home))
    monkeypatch.chdir(codemode.workspace)

    def run():
        found = list(examine())
        return Told(document(found), exit_code(found))

    return run


def _found(result, area, state):
    return [one for one in result.json["findings"] if (one["area"], one["state"]) == (area, state)]


def test_all_is_well_here_and_nothing_is_made(codemode):
    result = codemode("doctor", "--json")
    assert result.code == 0 and result.json["ok"]
    assert {one["area"] for one in result.json["findings"]} >= {
        "versions", "settings", "model", "memory", "sandbox", "store", "terminal",
    }  # fmt: skip
    assert all(one["fix"] for one in result.json["findings"] if one["state"] != "ok")
    assert not (codemode.home / "data/codemode.db").exists()
    told = codemode("doctor")
    assert told.code == 0 and "bundled" in told.out and re.search(r"\d+ ok", told.out.splitlines()[-1])


def test_where_memory_is_short_on_a_mac_what_lets_its_gpu_have_more_is_said(doctor, monkeypatch):
    here = Machine(1 << 20, "a test", gpu=True, whole=32 << 30)
    monkeypatch.setattr("codemode_tui.engine.admission.there_for", lambda _: here)
    (found,) = _found(doctor(), "memory", "fail")
    assert "sudo sysctl iogpu.wired_limit_mb=26624" in found["fix"]


@pytest.mark.parametrize(("bits", "fix"), [(0, "engine.kv_bits = 8"), (8, "engine.kv_bits = 4"), (4, "fewer bits")])
def test_a_context_that_was_cut_is_not_answered_with_what_is_set_already(doctor, codemode, monkeypatch, bits, fix):
    found = plan(find_model(None), EngineSettings(kv_bits=bits), Machine(1 << 30, "a test"))
    monkeypatch.setattr("codemode_tui.engine.memory.plan", lambda *_: replace(found, own_context=1 << 20))
    (found,) = _found(doctor(), "memory", "warn")
    assert found["fix"].startswith("if you need more, ") and found["fix"].endswith(fix)


def test_names_and_home_are_not_told(codemode, tmp_path, monkeypatch):
    home = tmp_path / "rosalind"
    folder = home / "models/secret-model"
    folder.mkdir(parents=True)
    codemode.env |= {"HOME": str(home), "USER": "rosalind", "LOGNAME": "rosalind"}
    codemode.env.pop("CODEMODE_HOME")
    config = home / ".config/codemode/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[model]\ndefault = "{folder}"\n[mcp.servers.docs]\ncommand = "/home/rosalind/bin/no-such"\n')
    result = codemode("doctor", "--json")
    assert result.code == 2 and not result.json["ok"]
    assert "rosalind" not in result.out and "~/models/secret-model" in result.out
    assert getpass.getuser() == "root" or getpass.getuser() not in result.out


WRONG = {
    "a wrong setting": ("settings", "[ui]\ntheme = 3\n", "line 2: ui.theme", 2),
    "a theme that is none": ("settings", '[ui]\ntheme = "nope"\n', "no theme 'nope'", 2),
    "a theme of the line mode that is none": ("settings", '[repl]\ntheme = "nope"\n', "no theme 'nope'", 2),
    "a model that is none": ("model", '[model]\ndefault = "nope"\n', "line 2: model.default: no model 'nope'", 2),
    "a profile that is none": ("model", '[model]\nprofile = "nope"\n', "line 2: model.profile: no profile", 2),
    "a key that is not there": (
        "model", '[model]\ndefault = "openai:http://127.0.0.1:9"\n[engine]\napi_key_env = "NO_SUCH"\n', "NO_SUCH", 2,
    ),
    "a sandbox that is none here": ("sandbox", '[sandbox]\nbackend = "seatbelt"\n', "cannot be had here", 7),
    "a server that is none": ("mcp", '[mcp.servers.docs]\ncommand = "no-such"\n', "no program no-such", 2),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_its_fix_and_the_rest_is_still_looked_at(codemode, doctor, name):
    area, text, words, code = WRONG[name]
    (codemode.home / "config").mkdir(parents=True)
    (codemode.home / "config/config.toml").write_text(text)
    result = doctor()
    assert result.code == code
    (found,) = _found(result, area, "fail")
    assert words in found["text"] and found["fix"]
    assert _found(result, "versions", "ok") and result.json["findings"][-1]["area"] == "terminal"


def test_older_names_and_clashing_keys_are_warned_of(codemode, doctor):
    (codemode.home / "config").mkdir(parents=True)
    (codemode.home / "config/config.toml").write_text('[sampling]\ntemperature = 0\n[keys]\nhelp = "ctrl+q"\n')
    result = doctor()
    assert result.code == 0
    texts = [one["text"] for one in _found(result, "settings", "warn")]
    assert any("sampling.temperature" in text for text in texts) and any(
        "keys.help: ctrl+q is taken" in text for text in texts
    )


def test_a_wrong_theme_of_the_user_s_is_named_with_its_lines(codemode, doctor):
    folder = codemode.home / "config/themes"
    folder.mkdir(parents=True)
    shipped = next(file for file in locations.themes_dirs()[0].glob("codemode-dark.toml")).read_text()
    lines = shipped.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("primary"))
    lines[at], extra = 'primary = "blueish"', len(lines) + 1
    (folder / "mine.toml").write_text("\n".join([*lines, 'nonsense = "#ffffff"']) + "\n")
    (found,) = _found(doctor(), "settings", "fail")
    assert f"mine.toml: line {at + 1}: colors.primary: expected a colour" in found["text"]
    assert f"line {extra}: code.nonsense" in found["text"]


ODD = {
    "a number": "x = " + "9" * 5000,
    "a depth": "x = " + "[" * 3000,
    "a colour": "name = 0x" + "f" * 5000,
    "a pipe": "",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_an_odd_theme_or_profile_is_named_and_the_rest_is_still_looked_at(codemode, doctor, text):
    for folder in ("themes", "profiles"):
        file = codemode.home / "config" / folder / "mine.toml"
        file.parent.mkdir(parents=True)
        file.write_text(text) if text else os.mkfifo(file)
    result = doctor()
    theme, profile = (one["text"] for one in _found(result, "settings", "fail"))
    assert "themes/mine.toml" in theme and "profiles/mine.toml" in profile
    assert result.code == 2 and result.json["findings"][-1]["area"] == "terminal"


ADDRESSES = {
    "https://docs.example.com/mcp?api_key=abc123hidden": "https://docs.example.com/…,",
    "https://abc123hidden:abc123hidden@docs.example.com:8443/": "https://docs.example.com:8443,",
    "https://docs.example.com?key=abc 'abc123hidden": "https://docs.example.com/…,",
}


@pytest.mark.parametrize("url", ADDRESSES)
def test_of_an_address_no_more_is_told_than_where_it_leads(codemode, doctor, capsys, url):
    (codemode.home / "config").mkdir(parents=True)
    (codemode.home / "config/config.toml").write_text(
        f'[mcp.servers.docs]\nurl = "{url}"\n[model]\ndefault = "openai:https://models.example.com/abc123hidden/v1#m"\n'
    )
    run(Namespace(json=False))
    told = capsys.readouterr().out
    assert "abc123hidden" not in told and f"docs: {ADDRESSES[url]}" in told
    assert "openai:https://models.example.com/…: at a server" in told


DAMAGE = {
    "torn": "is damaged (", "newer": "by a newer version", "another program's": "the database of another program",
    "a page": "is damaged (malformed: *** in database main *** ",
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_bad_store_is_told_in_one_line_and_left_alone(codemode, doctor, damage):
    file = codemode.home / "data/codemode.db"
    if damage == "another program's":
        file.parent.mkdir(parents=True)
    else:
        Store.open(file).close()
    if damage in ("newer", "another program's"):
        with sqlite3.connect(file) as db:
            db.execute("PRAGMA user_version = 99" if damage == "newer" else "CREATE TABLE t (x)")
        db.close()
    elif damage == "torn":
        file.write_bytes(file.read_bytes()[:5000])
    else:
        whole = file.read_bytes()
        file.write_bytes(whole[: 20 * 4096] + b"\xff" * 4096 * 5 + whole[25 * 4096 :])
    before = file.read_bytes()
    result = doctor()
    (found,) = _found(result, "store", "fail")
    assert result.code == 2 and found["fix"] and file.read_bytes() == before
    assert DAMAGE[damage] in found["text"] and "\n" not in found["text"]


@pytest.mark.parametrize("place", ["data", "data/codemode.db"])
def test_where_nothing_can_be_stored_not_all_is_well(codemode, doctor, monkeypatch, place):
    file = codemode.home / "data/codemode.db"
    file.parent.mkdir(parents=True)
    file.touch()
    own = os.access
    refused = codemode.home / place  # root may write everywhere
    monkeypatch.setattr(os, "access", lambda path, mode: path != refused and own(path, mode))
    result = doctor()
    (found,) = _found(result, "store", "fail")
    assert result.code == 2 and f"{place} may not be written" in found["text"] and "CODEMODE_HOME" in found["fix"]


def test_a_home_below_a_file_is_none(codemode, doctor, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(codemode.workspace / "notes.txt/home"))
    assert "notes.txt is no folder" in _found(doctor(), "store", "fail")[0]["text"]


def test_in_a_terminal_long_findings_go_on_below_their_text(codemode, doctor, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    run(Namespace(json=False))
    lines = capsys.readouterr().out.splitlines()[2:-2]
    assert any(line.startswith(" " * 16) for line in lines)
    assert all(re.match(r"(ok|warn|FAIL) | {15} → | {16}", line) for line in lines)
    assert all(len(line) <= 60 or " " not in line.strip() for line in lines)


def test_a_store_that_nothing_was_written_into_is_empty(codemode, doctor):
    file = codemode.home / "data/codemode.db"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()  # as the first start on a full disk leaves it
    found = _found(doctor(), "store", "ok")
    assert any("nothing is stored yet" in one["text"] for one in found)
    assert codemode("sessions", "list").code == 0


@pytest.mark.parametrize("link", ["data/codemode.db", "data"])
def test_a_link_that_leads_nowhere_is_no_empty_store(codemode, doctor, tmp_path, link):
    file = codemode.home / link
    file.parent.mkdir(parents=True)
    file.symlink_to(tmp_path / "disk/there")
    assert codemode("sessions", "list").code == 2
    result = doctor()
    (found,) = _found(result, "store", "fail")
    assert result.code == 2 and "disk/there, which is not there" in found["text"] and found["fix"]
    (tmp_path / "disk").mkdir()  # a file is made behind a link, a folder is not
    assert bool(_found(doctor(), "store", "fail")) == (codemode("sessions", "list").code != 0) == (link == "data")


def test_a_pipe_in_the_place_of_the_store_is_not_waited_for(codemode, doctor):
    file = codemode.home / "data/codemode.db"
    file.parent.mkdir(parents=True)
    os.mkfifo(file)
    assert "is a pipe, not a file" in codemode("sessions", "list", timeout=60).error
    (found,) = _found(doctor(), "store", "fail")
    assert "is a pipe, not a file" in found["text"] and found["fix"]


def test_a_cut_off_shard_is_found_without_reading_it(codemode, doctor, tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(locations.bundled_model(), folder)
    shard = next(folder.glob("*.safetensors"))
    shard.write_bytes(shard.read_bytes()[:-1000])
    codemode("config", "set", "model.default", str(folder))
    (found,) = _found(doctor(), "model", "fail")
    assert shard.name in found["text"] and found["fix"]


@pytest.mark.parametrize(
    ("file", "change", "words"),
    [
        ("config.json", {"quantization": {"bits": None}}, "do not describe a model"),
        ("tokenizer.json", {"added_tokens": []}, "has no token"),
    ],
)
def test_a_model_that_no_question_could_use_is_not_well(codemode, doctor, tmp_path, file, change, words):
    model = Path(shutil.copytree(locations.bundled_model(), tmp_path / "model"))
    (model / file).write_text(json.dumps(json.loads((model / file).read_text()) | change))
    (codemode.home / "config").mkdir(parents=True)
    (codemode.home / "config/config.toml").write_text(f'[model]\ndefault = "{model}"\n')
    result = doctor()
    (found,) = _found(result, "model", "fail")
    assert words in found["text"] and result.json["findings"][-1]["area"] == "terminal"


def test_a_terminal_is_asked_and_answers(workspace, tmp_path):
    terminal = Terminal(workspace, tmp_path / "home", "doctor", rows=40)
    while b"\x1b[c" not in terminal.raw:
        terminal.read()
    terminal.process.send(b"\x1b[1;6R\x1b[?1u\x1b[?2026;2$y\x1b[?62;22;52c")
    assert terminal.end() == 0
    text = terminal.text
    assert "16 million colours" in text and "OSC 52" in text and "shift+enter are told apart" in text
    assert "widths are not" not in text and "^[" not in text


@pytest.mark.parametrize(
    ("said", "replies"),
    [
        (b"", Replies()),
        (b"\x1b[?1;2c", Replies(answered=True)),
        (b"\x1b[24;6R\x1b[?0u\x1b[?2026;2$y\x1b[?62;52;22c", Replies(True, 5, True, True, True)),
        (b"\x1b[?2026;0$y\x1b[3;4Rabc\x1b[?52c", Replies(True, 3)),
        (b"\x1b[?", Replies()),
    ],
)
def test_answers_of_terminals(said, replies):
    assert understood(said) == replies


def test_a_terminal_that_prints_a_question_is_left_as_it_was():
    screen = pyte.Screen(20, 2)
    stream = pyte.ByteStream(screen)
    stream.feed(ASK.replace(b"\x1b[?2026$p", b"p"))  # as Terminal.app does
    stream.feed(b"codemode")
    assert [line.rstrip() for line in screen.display] == ["codemode", ""]


@pytest.mark.parametrize(
    ("program", "where"),
    [("Apple_Terminal", "Use Option as Meta"), ("iTerm.app", "Esc+"), ("vscode", "macOptionIsMeta"), ("", "settings")],
)
def test_on_a_mac_the_keys_are_those_that_its_terminals_send(program, where):
    found = " ".join(one.text for one in answers(Replies(True), {"TERM_PROGRAM": program}, "darwin"))
    assert "a new line is ctrl+j" in found and where in found
    elsewhere = " ".join(one.text for one in answers(Replies(True), {"TERM_PROGRAM": program}, "linux"))
    assert "alt+enter or ctrl+j" in elsewhere and "Option" not in elsewhere


def test_what_an_environment_says():
    assert named({"TERM_PROGRAM": "iTerm.app", "TMUX": "x", "SSH_CONNECTION": "y"}) == "iTerm.app in tmux in ssh"
    assert [one.state for one in colours({"TERM": "xterm-256color"})] == ["warn"]
    assert [one.state for one in colours({"TERM": "xterm", "COLORTERM": "truecolor"})] == ["ok"]
    assert [one.state for one in clipboard({"VTE_VERSION": "6800", "SSH_CONNECTION": "x"}, Replies())] == ["warn"]
    assert [one.state for one in clipboard({"VTE_VERSION": "7700", "SSH_CONNECTION": "x"}, Replies())] == ["ok"]
    options = {"set-clipboard": "off", "escape-time": "500", "extended-keys": "on"}
    assert [one.fix for one in tmux(options)] == ["tmux set -s set-clipboard on", "tmux set -s escape-time 10"]


def test_no_path_of_this_machine_is_in_the_report(codemode):
    out = codemode("doctor").out
    assert str(codemode.home) not in out and (Path.home() == Path("/root") or str(Path.home()) not in out)


@pytest.mark.parametrize(("called", "area"), [("exists", "settings"), ("glob", "store")])
def test_a_folder_that_may_not_be_looked_into_is_one_finding(doctor, codemode, monkeypatch, called, area):
    codemode("sessions", "list")
    own = getattr(Path, called)

    def refused(path, *more):
        if path.is_relative_to(codemode.home):
            raise PermissionError(13, "Permission denied", str(path))
        return own(path, *more)

    monkeypatch.setattr(Path, called, refused)
    result = doctor()
    (found,) = _found(result, area, "fail")
    assert result.code == 2 and f"{codemode.home}" in found["text"] and "Permission denied" in found["text"]
    assert "permissions" in found["fix"] and result.json["findings"][-1]["area"] == "terminal"


@pytest.mark.parametrize("own", [".", "./a", "/"])
def test_only_whole_paths_become_the_name_of_the_folder(codemode, own):
    codemode.env["CODEMODE_HOME"] = own
    result = codemode("doctor", "--json")
    texts = [one["text"] for one in result.json["findings"]]
    assert any(re.search(r"Python \d+\.\d+\.\d+,", text) for text in texts)
    where = "/config/config.toml" if own == "/" else "$CODEMODE_HOME/config/config.toml"
    assert any(f"({where} does not exist)" in text for text in texts)
    assert not re.search(r"[\w.]\$CODEMODE_HOME|\$CODEMODE_HOME[\w.]", result.out)
