"""What is generated from the table of tools."""

import ast
import builtins

import pytest

from codemode_tui.errors import ConfigError
from codemode_tui.protocol.profiles import SHIPPED, load_profile
from codemode_tui.tools.host import WorkspaceTools
from codemode_tui.tools.registry import TOOLS, stub_lines


def test_the_stubs_are_python_with_the_contracts_signatures():
    tree = ast.parse(stub_lines())
    found = {node.name: ast.unparse(node.args) for node in tree.body if isinstance(node, ast.FunctionDef)}
    contract = {
        "read_file": "path: str, start: int | None=None, lines: int | None=None",
        "write_file": "path: str, content: str",
        "move_file": "path: str, new_path: str",
        "delete_file": "path: str",
        "file_info": "path: str",
        "list_directory": "path: str='.'",
        "glob_files": "pattern: str",
        "search_files": "pattern: str, path: str='.', glob: str | None=None",
        "run_command": "command: str, args: list[str] | None=None, cwd: str | None=None",
    }
    assert {name: found[name] for name in contract} == contract
    assert {"git_status", "git_diff", "git_log", "ruff_check", "pytest_run", "typecheck"} == set(found) - set(contract)


def test_the_stubs_that_profiles_show_are_those_of_the_tools():
    assert (SHIPPED / "stubs.txt").read_text("utf-8") == stub_lines()


def test_a_profile_shows_the_stubs_of_the_tools_that_it_names(tmp_path):
    own = 'description = ""\nwrapper = "phase22"\nopenings = []\ntools = ["run_command"]\n'
    own += 'system_prompt = "a\\n{stubs}\\nb"\n'
    (tmp_path / "own.toml").write_text(own)
    prompt = load_profile("own", (tmp_path,)).system_prompt
    assert prompt.split("\n")[::2] == ["a", "b"] and prompt.split("\n")[1].startswith("def run_command(")
    assert TOOLS["search_files"].line in load_profile("qwen3-coder").system_prompt
    (tmp_path / "own.toml").write_text(own.replace("run_command", "open_door"))
    with pytest.raises(ConfigError, match="no stub of open_door"):
        load_profile("own", (tmp_path,))


def test_no_tool_hides_a_builtin(tools: WorkspaceTools):
    assert not set(tools.names) & set(dir(builtins))
