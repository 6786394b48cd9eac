"""A model at a server, as the commands see it. The server of these tests is not there."""

from __future__ import annotations

import asyncio
import json

import pytest
from support.openai_server import OpenAiServer, plain

from codemode_tui.cli.main import run

NOBODY = "openai:http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_info_shows_what_the_name_tells_and_says_that_nobody_answers(capfdbinary):
    assert run(["model", "info", f"{NOBODY}/v1#codemode-30b", "--json"]) == 0
    printed = capfdbinary.readouterr()
    found = json.loads(printed.out)
    assert (found["engine"], found["name"], found["profile"]) == ("openai", f"{NOBODY}/v1#codemode-30b", "phase22")
    assert b"nobody listens" in printed.err


def test_verify_fails_when_nobody_answers(capsys):
    assert run(["model", "verify", NOBODY]) == 6
    assert "nobody listens" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("listing", "verified", "words"),
    [
        (plain(200, {"data": [{"id": "m"}]}), True, ""),
        (plain(200, {"data": [{"id": "other"}]}), False, "the server lists other, not m"),
        (plain(404, b"<h1>no</h1>"), False, "lists no models (status 404)"),
        (plain(503, {"error": "loading"}), False, "lists no models (status 503)"),
    ],
)
async def test_verify_says_whether_the_server_has_the_model(listing, verified, words, capfdbinary):
    async with OpenAiServer(models=listing) as server:
        code = await asyncio.to_thread(run, ["model", "verify", f"{server.name}#m", "--json"])
    printed = capfdbinary.readouterr()
    found = json.loads(printed.out)
    assert code == 0 and found["verified"] is verified and words in " ".join(found["warnings"])


def test_a_question_to_nobody_is_one_line(capsys):
    assert run(["ask", "hello", "--model", NOBODY]) == 6
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    "command", [["export", "--out", "out"], ["data", "audit", "rows.jsonl"], ["bench", "engine", "--runs", "1"]]
)
def test_what_needs_the_files_of_a_model_says_so(command, folder, capsys):
    (folder / "rows.jsonl").write_text('{"text": "x"}\n')
    assert run([*command, "--model", NOBODY]) == 2
    assert "at a server" in capsys.readouterr().err


def test_a_server_can_be_chosen_for_good_by_the_user_and_not_by_a_checkout(folder, capsys):
    assert run(["model", "use", NOBODY]) == 0
    (folder / ".codemode.toml").write_text(f'[model]\ndefault = "{NOBODY}/v1"\n')
    assert run(["config", "show"]) == 0
    (folder / ".codemode.toml").write_text('[model]\ndefault = "openai:https://evil.example"\n')
    capsys.readouterr()
    assert run(["ask", "secret?"]) == 2
    assert "a project may not choose a server" in capsys.readouterr().err
