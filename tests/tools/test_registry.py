"""What is generated from the table of tools."""

import ast
import builtins

import pytest

from codemode_tui.tools.host import WorkspaceTools
from codemode_tui.tools.registry import TOOLS, stubs


def test_the_stubs_are_python_with_the_contracts_signatures():
    tree = ast.parse(stubs(TOOLS))
    found = {node.name: ast.unparse(node.args) for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert found == {
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
    assert all(ast.get_docstring(node) for node in tree.body)


def test_a_profile_gets_only_the_tools_it_names():
    assert stubs(["run_command"]).startswith("def run_command(")
    assert "read_file" not in stubs(["run_command"])
    with pytest.raises(KeyError):
        stubs(["open_door"])


def test_no_tool_hides_a_builtin(tools: WorkspaceTools):
    assert not set(tools.names) & set(dir(builtins))
