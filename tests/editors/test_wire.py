"""Lines that are no messages of the protocol, and what an editor and its log get to see of them."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import subprocess
import sys
from typing import Any

import pytest

pytest.importorskip("acp", reason="the extra `acp` is not installed")

from codemode_tui.acp import wire

HELLO = {"jsonrpc": "2.0", "id": 7, "method": "initialize", "params": {"protocolVersion": 1}}
NO_JSON = [b"{nonsense", b"\xff\xfe", b"[" * 100_000]
NO_MESSAGE = [b"[]", b"123", b'"a"', b"null", b'{"id": [], "result": 1}', b'{"id": 0, "error": 5}']


def spoken(tmp_path: Any) -> tuple[list[dict[str, Any]], str]:
    """What the program answers to lines that are no messages and to one that is, and what it logs."""
    lines = [*NO_JSON, *NO_MESSAGE, b"", json.dumps(HELLO).encode()]
    with subprocess.Popen(
        [sys.executable, "-m", "codemode_tui", "acp"], env=os.environ | {"CODEMODE_HOME": str(tmp_path)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        process.stdin.write(b"\n".join(lines) + b"\n")
        process.stdin.flush()
        replies = [json.loads(process.stdout.readline()) for _ in range(len(lines) - 1)]
        process.stdin.close()
        assert process.wait(60) == 0 and process.stdout.read() == b""
        return replies, process.stderr.read().decode()


def test_a_line_that_is_no_message_is_answered_and_ends_nothing(tmp_path):
    replies, logged = spoken(tmp_path)
    wrong = [one["error"]["code"] for one in replies if one["id"] is None]
    assert wrong == [wire.NO_JSON] * len(NO_JSON) + [wire.NO_MESSAGE] * len(NO_MESSAGE)
    assert [one["result"]["agentInfo"]["name"] for one in replies if one["id"] == 7] == ["codemode"]
    assert "Traceback" not in logged and len(logged.splitlines()) == len(wrong)


def test_a_session_is_closed_and_resumed_over_the_wire(tmp_path):
    (tmp_path / "work").mkdir()
    with subprocess.Popen(
        [sys.executable, "-m", "codemode_tui", "acp"], env=os.environ | {"CODEMODE_HOME": str(tmp_path)},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None

        def asked(method: str, **params: Any) -> Any:
            process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}) + "\n")
            process.stdin.flush()
            while "id" not in (reply := json.loads(process.stdout.readline())):
                pass
            return reply["result"]

        place = {"cwd": str(tmp_path / "work"), "mcpServers": []}
        can = asked("initialize", protocolVersion=1)["agentCapabilities"]["sessionCapabilities"]
        assert {"resume", "close"} <= can.keys()
        session = asked("session/new", **place)["sessionId"]
        assert asked("session/close", sessionId=session) == {}
        assert asked("session/resume", sessionId=session, **place)["modes"]["currentModeId"] == "ask"
        assert asked("session/close", sessionId=session) == {}
        process.stdin.close()
        assert process.wait(60) == 0 and process.stderr.read() == ""


async def test_a_message_of_any_length_comes_through_and_so_does_the_end():
    source, to = asyncio.StreamReader(limit=8), asyncio.StreamReader()
    whole = json.dumps({"id": 1, "method": "x" * 100}).encode()
    source.feed_data(whole + b"\n" + whole)
    source.feed_eof()
    await wire.pass_on(source, to, None)  # type: ignore[arg-type] - nothing is answered
    assert await to.read() == whole + b"\n" + whole


@pytest.mark.parametrize("debug", [False, True])
def test_what_is_logged_is_a_line_and_more_only_when_asked_for(monkeypatch, debug):
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    monkeypatch.setattr(logging.root, "handlers", [])
    wire.log_to_stderr(debug=debug)
    try:
        raise ValueError("two\nlines \x1b[2J")
    except ValueError:
        logging.exception("It failed")
    assert "\x1b" not in said.getvalue() and "ValueError: two" in said.getvalue()
    assert ("Traceback" in said.getvalue()) == debug and (len(said.getvalue().splitlines()) > 1) == debug
