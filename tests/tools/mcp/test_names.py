"""A server chooses the names of its tools; it never takes one of ours, nor one that ordinary code means."""

from __future__ import annotations

import builtins
import keyword
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.tools.mcp.names import argument_names, function_names
from codemode_tui.tools.mcp.servers import Servers
from codemode_tui.tools.registry import TOOLS

PAIRS = st.lists(st.tuples(st.sampled_from(["a", "b-c", "print"]), st.text(max_size=80)), max_size=20)


@given(PAIRS)
def test_every_tool_gets_a_name_of_its_own_that_hides_nothing(pairs):
    names = function_names(pairs, TOOLS)
    assert set(names) == set(pairs) and len(set(names.values())) == len(names)
    for name in names.values():
        assert name.isidentifier() and name.isascii() and not name.startswith("_") and len(name) < 140
        assert name not in TOOLS and not hasattr(builtins, name) and not keyword.iskeyword(name)


@pytest.mark.parametrize(
    ("tools", "expected"),
    [
        ([("docs", "search")], ["search"]),
        ([("docs", "print"), ("docs", "read_file"), ("docs", "json")], ["docs_print", "docs_read_file", "docs_json"]),
        ([("docs", "search"), ("web", "search")], ["docs_search", "web_search"]),
        ([("docs", "a-b"), ("docs", "a.b")], ["docs_a_b", "docs_a_b_2"]),
        ([("docs", "__import__"), ("docs", "2nd"), ("docs", "поиск")], ["import_", "n2nd", "unnamed"]),
    ],
)
def test_names_are_the_servers_own_unless_something_else_has_them(tools, expected):
    assert list(function_names(tools, TOOLS).values()) == expected


def test_which_name_a_tool_has_does_not_depend_on_the_order_of_servers():
    pairs = [("docs", "search"), ("web", "search")]
    assert function_names(pairs, TOOLS) == function_names(pairs[::-1], TOOLS)


@given(st.lists(st.text(max_size=60), unique=True, max_size=20))
def test_arguments_are_keywords_of_a_function(properties):
    names = argument_names(properties)
    compile(f"def f({', '.join(names.values())}): pass", "x", "exec")
    assert len(set(names.values())) == len(properties)


def test_tools_over_programs_are_ours_too_even_where_the_program_is_not(tmp_path):
    servers = Servers({}, tmp_path)
    servers.all = (
        SimpleNamespace(name="git", tools=[SimpleNamespace(name="git_status"), SimpleNamespace(name="blame")]),
    )
    assert [one.name for one in servers.tools] == ["git_git_status", "blame"]
