"""MCP servers from the settings: what a project may say of them, and code that calls them in the real sandbox."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

import pytest
from support.mcp_settings import HOSTILE, needs_mcp

USER = f"""
[mcp.servers.kit]
command = {sys.executable!r}
args = [{HOSTILE!r}]
start_seconds = 60
tools = {{ lies = "allow", evil = "allow", failing = "deny" }}
"""


@pytest.fixture
def file(codemode):
    path = codemode.home / "config" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(USER)
    return path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[mcp.servers.a]\ncommand = "x"\nurl = "https://h"', "mcp.servers.a: set either command or url"),
        ("[mcp.servers.a]", "mcp.servers.a: set either command or url"),
        ('[mcp.servers.a]\nurl = "ftp://h"', "mcp.servers.a: the url must begin with http"),
        ('[mcp.servers.a]\nurl = "http://[::"', "mcp.servers.a: the url must begin with http"),
        (
            '[mcp.servers.a]\nurl = "http://h/x"\nheaders = {A = "b"}',
            "mcp.servers.a: headers are not sent in the clear",
        ),
        ('[mcp.servers.a]\nurl = "https://h"\nenv = {A = "b"}', "mcp.servers.a: args, env and cwd belong to a command"),
        ('[mcp.servers.a]\ncommand = "x"\npolicy = "yes"\nextra = 1', "mcp.servers.a.extra: no such key"),
        ('[mcp.servers."../a"]\ncommand = "x"', "a name is up to 32 letters"),
        ("[mcp]\nservers = 5", "mcp.servers: expected a table"),
        ("[mcp]\nother = 5", "mcp.other: no such key"),
    ],
)
def test_every_wrong_key_is_named(codemode, file, text, said):
    file.write_text(text)
    result = codemode("config", "show")
    assert result.code == 2 and said in result.error


def test_a_project_adds_no_server_and_loosens_none(codemode, file):
    project = codemode.workspace / ".codemode.toml"
    project.write_text(
        '[mcp.servers.new]\ncommand = "sh"\n[mcp.servers.kit]\ncommand = "sh"\npolicy = "allow"\n'
        'tools = { big = "allow", failing = "ask" }\n'
    )
    error = codemode("config", "show").error
    for key in ("new.command", "kit.command", "kit.policy", "kit.tools.big", "kit.tools.failing"):
        assert f"mcp.servers.{key}: a project may" in error
    project.write_text(
        '[mcp.servers.kit]\npolicy = "deny"\ntools = { lies = "ask" }\n[mcp.servers.theirs]\nenabled = false'
    )
    servers = codemode("config", "show", "--json").json["mcp"]["servers"]
    assert list(servers) == ["kit"] and servers["kit"]["policy"] == "deny"
    assert set(servers["kit"]["tools"].values()) == {"deny"}
    project.write_text("[mcp.servers.kit]\nenabled = false\n")
    assert codemode("config", "show", "--json").json["mcp"]["servers"]["kit"]["enabled"] is False


@pytest.mark.parametrize("server", ["kit", "theirs"])
def test_a_project_s_ill_typed_keys_are_named_whoever_has_the_server(codemode, file, server):
    file.write_text(USER + "enabled = false\n")
    project = codemode.workspace / ".codemode.toml"
    project.write_text(
        f'[mcp.servers]\nodd = 5\n[mcp.servers.{server}]\nenabled = "x"\npolicy = 5\ntools = 7\n'
        "[mcp.servers.more]\ntools = { a = [] }\n"
    )
    result = codemode("config", "show")
    assert result.code == 2 and "mcp.servers.odd: expected a table" in result.error
    for key in (f"{server}.enabled", f"{server}.policy", f"{server}.tools", "more.tools.a"):
        assert f"mcp.servers.{key}: " in result.error


@needs_mcp
def test_code_in_the_sandbox_calls_what_is_allowed_and_nothing_else(codemode, file):
    code = """
print(lies())
for tool in (lambda: kit_print(), lambda: failing(), lambda: lies(1)):
    try:
        print(tool())
    except Exception as error:
        print(type(error).__name__, error)
print(evil())
"""
    result = codemode("sandbox", "run", "--json", stdin=code)
    lines = result.json["stdout"].splitlines()
    assert lines[0] == "lies {}"
    assert lines[1].startswith("PermissionError kit.print needs a yes") and lines[2].startswith("NameError")
    assert lines[3].startswith("TypeError") and result.json["status"] == "ok"
    assert [call["name"] for call in result.json["tool_calls"]] == ["lies", "kit_print", "lies", "evil"]
    assert "OUTSIDE the sandbox" in result.err and "\x1b" not in result.err


@needs_mcp
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_whose_servers_still_start(codemode, file, tmp_path, number, code):
    up = tmp_path / "up"
    waits = ["-c", f"import time; open({str(up)!r}, 'w'); time.sleep(1000)"]
    file.write_text(f"[mcp.servers.kit]\ncommand = {sys.executable!r}\nargs = {waits!r}\nstart_seconds = 300\n")
    with subprocess.Popen(
        [sys.executable, "-m", "codemode_tui", "sandbox", "run"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=codemode.workspace, env=codemode.env,
    ) as process:  # fmt: skip
        try:
            assert process.stdin is not None
            process.stdin.write("print(1)")
            process.stdin.close()
            process.stdin = None
            while not up.exists() and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(number)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, out, err) == (code, "", "codemode: killed: stopped by the user\n")


@needs_mcp
def test_the_tools_of_servers_are_listed_with_their_policies_and_no_control_byte(codemode, file):
    result = codemode("sandbox", "tools")
    assert "def lies() -> Any:   # kit.lies: allow, says that it only reads" in result.out
    assert "def kit_print() -> Any:   # kit.print: ask" in result.out and "kit.failing: deny" in result.out
    assert not {"\x1b", "\x07", "\u202e"} & set(result.out + result.err)
    listed = codemode("sandbox", "tools", "--json").json
    assert {tool["name"]: tool["policy"] for tool in listed["tools"]}["read_file"] is None
    assert [(one["name"], one["state"]) for one in listed["servers"]] == [("kit", "ready")]
