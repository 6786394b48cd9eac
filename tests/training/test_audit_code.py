"""Patterns are counted in syntax trees: words in strings and comments are none."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.training.audit.code import PATTERNS, look_at

CASES = {
    "words that are no code": ('print("for x in y: if z try while")  # import class', {}),
    "loops": ("for x in y:\n    pass\nwhile z:\n    pass", {"for": 1, "while": 1}),
    "an asynchronous loop": ("async def f():\n    async for x in y:\n        pass", {"for": 1, "function": 1}),
    "a chain of conditions": ("if a:\n    pass\nelif b:\n    pass\nelse:\n    pass", {"if": 2}),
    "a conditional expression": ("print(1 if a else 2)", {}),
    "a bare except": ("try:\n    pass\nexcept:\n    pass", {"try": 1, "bare_except": 1}),
    "a named except": ("try:\n    pass\nexcept OSError:\n    pass", {"try": 1}),
    "except groups": ("try:\n    pass\nexcept* OSError:\n    pass", {"try": 1}),
    "with": ("with a as b, c:\n    pass", {"with": 1}),
    "definitions": ("class A:\n    def f(self):\n        return lambda: 1", {"class": 1, "function": 1}),
    "comprehensions": ("[a for a in b]\n{a for a in b}\n{a: a for a in b}\nf(a for a in b)", {"comprehension": 4}),
    "two generators": ("[a for b in c for a in b]", {"comprehension": 1}),
    "imports": ("import a, b\nfrom c import d", {"import": 2}),
    "nested loops": ("for a in b:\n  while c:\n    for d in e:\n      pass", {"for": 2, "while": 1, "nested_loop": 2}),
    "one loop after another": ("for a in b:\n    pass\nelse:\n    for c in d:\n        pass", {"for": 2}),
    "a function in a loop": ("for a in b:\n  def f():\n    for c in d:\n      pass", {"for": 2, "function": 1}),
    "recursion": ("def f(n):\n    return f(n - 1) if n else 0", {"function": 1, "recursion": 1}),
    "a method of itself": ("class A:\n    def f(self):\n        self.f()", {"class": 1, "function": 1, "recursion": 1}),
    "another's method of that name": ("def f(x):\n    x.f()", {"function": 1}),
    "a method that calls a function of its name": (
        "class A:\n  if x:\n    def f(self):\n      f()", {"class": 1, "if": 1, "function": 1},
    ),
    "a function in a method": (
        "class A:\n  def g(self):\n    def f():\n      f()", {"class": 1, "function": 2, "recursion": 1},
    ),
    "a function that calls its parameter": ("def f(f):\n    return f(1)", {"function": 1}),
    "a default of its own name": ("def f(x=f()):\n    pass", {"function": 1}),
    "an annotation of what is returned": ("def f() -> [q for q in z]:\n    pass", {"function": 1, "comprehension": 1}),
    "a function of a class in a loop": (
        "for a in b:\n  class A:\n    read_file(a)\n    def f(self):\n      read_file(a)",
        {"for": 1, "class": 1, "function": 1, "multi_tool": 1, "multi_file": 1},
    ),
    "a running total": ("t = 0\nfor a in b:\n    t += a", {"for": 1, "aggregation": 1}),
    "a step outside a loop": ("t = 0\nt += 1", {}),
    "totals": ("print(sum(a), max(b))\nfrom collections import Counter\nCounter(c)", {"aggregation": 3, "import": 1}),
    "one tool": ('print(read_file("a"))', {}),
    "two tools": ('print(read_file("a"), run_command("ls"))', {"multi_tool": 1}),
    "one tool twice": ('read_file("a")\nread_file("b")', {"multi_tool": 1}),
    "a tool in a loop": ("for f in x:\n    read_file(f)", {"for": 1, "multi_file": 1}),
    "a tool that is looped over": ("for f in glob_files(x):\n    print(f)", {"for": 1}),
    "a tool in the test of a loop": ("while read_file(x):\n    pass", {"while": 1, "multi_file": 1}),
    "a tool in a comprehension": ("[read_file(f) for f in x]", {"comprehension": 1, "multi_file": 1}),
    "a tool in a function that a loop makes": (
        "for a in b:\n  def f():\n    read_file(a)\n  c.append(f)", {"for": 1, "function": 1},
    ),
    "a tool in a lambda in a loop": ("for a in b:\n  a.sort(key=lambda f: read_file(f))", {"for": 1, "multi_file": 1}),
    "a tool that a comprehension runs over": ("[f for f in list_directory()]", {"comprehension": 1}),
    "a tool in its condition": ("[f for f in x if read_file(f)]", {"comprehension": 1, "multi_file": 1}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_patterns(name):
    code, expected = CASES[name]
    found = {pattern: n for pattern, n in look_at(code).patterns.items() if n}
    assert found == expected
    assert set(found) <= set(PATTERNS)


def test_calls_are_those_of_tools():
    code = (
        "import json\nfrom math import sqrt\ndef helper(x, key):\n    return key(x)\n"
        'text = await read_file("a")\nfor f in glob_files("*"):\n    read_file(f)\n'
        "json.loads(text)\nprint(len(text), sqrt(4), helper(1, str))\nopen('x').read()\nweather('Rome')\n"
    )
    assert look_at(code).calls == {"read_file": 2, "glob_files": 1, "weather": 1}


def test_a_tool_that_the_code_defines_itself_is_none():
    assert look_at("def read_file(p):\n    return p\nread_file('a')").calls == {}


@pytest.mark.parametrize(
    ("code", "calls"),
    [
        ("file_info = file_info('a.txt')\nprint(file_info)", {"file_info": 1}),
        ("for f in x:\n    read_file = read_file(f)", {"read_file": 1}),
        ("for read_file in read_file('a'):\n    read_file()", {"read_file": 1}),
        ("def show(read_file):\n    return read_file\nprint(read_file('a'))", {"read_file": 1}),
        ("[len(read_file) for read_file in range(3)]\nread_file('a')", {"read_file": 1}),
        ("[read_file(1) for read_file in read_file('a')]", {"read_file": 1}),
        ("class A:\n    def read_file(self):\n        pass\nread_file('a')", {"read_file": 1}),
        ("def f(w=read_file('a')):\n    read_file = w\n    read_file()", {"read_file": 1}),
        ("[n := weather('Rome') for _ in x]\nn()", {"weather": 1}),
        ("match x:\n    case {**rest} | [*rest] | rest:\n        rest()", {}),
        ("try:\n    pass\nexcept OSError as why:\n    why()", {}),
        ("read_file = lambda p: p\nread_file('a')", {}),
        ("read_file('a')\ndef read_file(p):\n    pass", {}),
        ("def f():\n    return g(1)\ng = lambda x: x\nf()", {}),
        ("def f():\n    global g\n    g = str\nf()\ng()", {}),
        ("def f():\n    def g():\n        pass\n    g()\nf()", {}),
    ],
)
def test_a_name_is_the_code_s_own_only_where_it_is_bound(code, calls):
    assert look_at(code).calls == calls


def test_behind_an_import_of_everything_only_tools_that_are_known_count():
    facts = look_at("from math import *\nprint(sqrt(2) + sqrt(3), read_file('a'))")
    assert facts.calls == {"read_file": 1} and not facts.patterns["multi_tool"]


def test_a_skeleton_is_the_tree_without_names_and_values():
    same = ['x = read_file("a")\nprint(x)', "text = run_command('ls')\nprint(text)"]
    assert len({look_at(code).skeleton for code in same}) == 1
    different = [
        same[0],
        "print(read_file('a'))",
        "if a:\n    b\n    c",
        "if a:\n    b\nelse:\n    c",
        "a + b",
        "a - b",
        "f(a)",
        "f(k=a)",
    ]
    assert len({look_at(code).skeleton for code in different}) == len(different)


@pytest.mark.parametrize("code", ["print(", "x = = 1", "a\0b", "(" * 5_000, "if x:\npass"])
def test_what_is_no_python_has_no_facts(code):
    assert look_at(code) is None


def test_deep_code_is_looked_at_without_recursion():
    code = "x = " + "+".join(["1"] * 900) + "\n" + "print(" + "not " * 150 + "x)"
    assert look_at(code) is not None


@given(st.text(max_size=100) | st.sampled_from([code for code, _ in CASES.values()]))
def test_any_text_is_looked_at_without_raising(code):
    found = look_at(code)
    if found is not None:
        tree = ast.parse(code)
        assert found.patterns["for"] == sum(isinstance(n, ast.For | ast.AsyncFor) for n in ast.walk(tree))
