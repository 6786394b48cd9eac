"""What is said of code before it runs."""

import ast

import pytest

from codemode_tui.chat.precheck import only_computes, precheck, read_paths, steps_asked

TOOLS = ("read_file", "write_file", "move_file", "list_directory", "search_files", "run_command")
THERE = {"notes.txt", "src", "."}


def look(code, said="notes.txt src", question=""):
    return precheck(code, tools=TOOLS, exists=THERE.__contains__, conversation=said, question=question)


WARNED = {
    "read_file('gone.txt')": "gone.txt does not exist",
    "open('gone.txt')": "gone.txt does not exist",
    "open(file='gone.txt', mode='r')": "gone.txt does not exist",
    "move_file('gone.txt', 'notes.txt')": "gone.txt does not exist",
    "write_file('new.txt', '')": "new.txt was not mentioned in the conversation",
    "move_file(new_path='notes.txt', path='gone.txt')": "gone.txt does not exist",
    "for f in ['a']: move_file(f, 'b.txt')": "b.txt was not mentioned in the conversation",
    "move_file('notes.txt', 'b.txt')": "b.txt was not mentioned in the conversation",
    "from pathlib import Path\nPath('other.md')": "other.md was not mentioned in the conversation",
    "print(result)": "result is not defined",
    "try:\n    x = 1\nexcept:\n    pass": "a bare `except:` hides every error",
    "print(": "not valid Python on line 1: '(' was never closed",
}


@pytest.mark.parametrize("code", WARNED)
def test_what_is_odd_is_said(code):
    assert look(code).warnings == (WARNED[code],)


@pytest.mark.parametrize(
    "code",
    [
        "print(read_file('notes.txt'), list_directory('.'))",
        "write_file('notes.txt', 'x'); print(read_file('notes.txt'))",
        "with open('notes.txt', 'w') as f: f.write(__name__)",
        "def f(a, *b, c=1, **d):\n    global g\n    g = a\n    return [x for x in b if (y := x)], y, c, d",
        "match [1]:\n    case [x, *r]: print(x, r)\n    case {'a': b, **more}: print(b, more)",
        "import os.path as p, json\nfrom math import pi as q\nprint(p, json, q)",
        "try:\n    pass\nexcept* ValueError as e:\n    print(e)",
        "from os import *\nprint(getcwd())",
        "for f in ['a', 'b']: move_file(f, 'src/notes.txt')",
        "move_file(new_path='src', path='notes.txt'); list_directory('src')",
        "move_file(*['a', 'notes.txt'])",
        "class A:\n    x = 1\n    def m(self): return self.x\nprint(A().m(), print, True, __builtins__)",
    ],
)
def test_ordinary_code_has_no_warning(code):
    assert look(code).warnings == ()


@pytest.mark.parametrize(
    ("code", "run"),
    [
        ("import helper, json\nhelper.x()", "helper.py"),
        ("from lib.tables import rows\nread_file('notes.txt')", "lib/__init__.py, lib/tables.py"),
        ("from lib import tables", "lib/__init__.py, lib/tables.py"),
    ],
)
def test_modules_of_the_folder_that_an_import_runs_are_named(code, run):
    there = {*THERE, "helper.py", "json.py", "lib/__init__.py", "lib/tables.py"}
    found = precheck(code, tools=TOOLS, exists=there.__contains__, conversation="notes.txt")
    assert found.warnings == (f"runs {run} of this folder, which is not shown here",)


@pytest.mark.parametrize(
    "code",
    [
        "print(sum(n * n for n in range(10)))",
        "import math, datetime\nprint(math.pi, datetime.datetime.now())",
        "from collections import Counter\ntry:\n    print(Counter('aab'))\nexcept ValueError as e:\n    print(e)",
        "class A:\n    def double(self): return self.x * 2",
    ],
)
def test_of_what_reaches_nothing_it_is_certain(code):
    assert only_computes(code)


@pytest.mark.parametrize(
    "code",
    [
        "import xml.etree.ElementTree as ET\nprint(ET.parse('data.xml'))",
        "import configparser\nconfigparser.ConfigParser().read('setup.cfg')",
        "import logging\nlogging.basicConfig(filename='notes.txt')",
        "globals()['read_' + 'file']('notes.txt')",
        "__builtins__['op' + 'en']('notes.txt')",
        "def f(open, __builtins__): pass\nopen('notes.txt')",
        "def f(__builtins__): pass\n__builtins__['open']('notes.txt')",
        "import json\njson.codecs.open('notes.txt')",
        "from json import codecs",
        "from math import *",
        "from . import math",
        "().__class__.__base__.__subclasses__()",
        "(x for x in ()).gi_frame.f_builtins['open']('notes.txt')",
        "match 1:\n    case object(__class__=c): c.mro()",
        "import helper",
        "1 +",
    ],
)
def test_of_what_may_reach_anything_it_is_not_said_that_it_only_computes(code):
    assert not only_computes(code)


def test_a_moved_file_s_new_name_is_no_path_that_code_reads():
    code = "for f in ['a']: move_file(f, 'b.txt')\nread_file('c.txt')\nmove_file(new_path='e.txt', path='d.txt')"
    assert read_paths(ast.parse(code)) == ["c.txt", "d.txt"]
    assert read_paths(
        ast.parse("write_file(content='', path='a'); open('b', mode='w'); read_file('a'); open('c')")
    ) == ["c"]


def test_a_name_that_is_only_part_of_another_was_not_mentioned():
    assert look("write_file('a.txt', '')", said="see ba.txt").warnings == (
        "a.txt was not mentioned in the conversation",
    )
    assert look("write_file('a.txt', '')", said="see x/a.txt.").warnings == ()


@pytest.mark.parametrize(
    "code",
    [
        "run_command('ls')", "f = run_command\nf('ls')", "globals()['run_command']('ls')", "getattr(x, 'run_command')",
        "list(map(run_command, ['ls']))", "from builtins import run_command",
    ],
)  # fmt: skip
def test_a_tool_is_named_however_it_is_reached(code):
    assert ("run_command" in look(code).tools) is ("builtins" not in code)


@pytest.mark.parametrize(
    ("question", "steps"),
    [
        ("Read notes.txt", 1),
        ("1. read notes.txt\n2. count its lines\n3. write it down", 3),
        ("- list src\n- read notes.txt", 2),
        ("Read notes.txt, then delete it and finally list the folder", 3),
        ("Compare a.py with b.py", 2),
        ("Compare src/a.py, ./b-c.py (and b-c.txt)", 3),
        ("How many lines are in notes.txt, i.e. with the blank ones (e.g. its last)?", 1),
        ("At 9 p.m. read b.c and e.go", 2),
        ("Do:\n\n  1. read it\n\n  2. count it", 2),
        ("What is 3.5 times 2?", 1),
        ("", 1),
    ],
)
def test_steps_are_counted_where_they_are_plain(question, steps):
    assert steps_asked(question) == steps


def test_many_steps_and_one_call():
    question = "1. read notes.txt\n2. list src"
    assert look("print(read_file('notes.txt'))", question=question).warnings == ("2 steps asked, one call made",)
    for code in ("read_file('notes.txt'); list_directory('src')", "for p in ['notes.txt']: read_file(p)", "print(1)"):
        assert look(code, question=question).warnings == ()
    assert look("search_files('x')", question="Is x in a.txt or b.txt?").warnings == ()


@pytest.mark.parametrize("one", ["\n", " ", "-", "- ", "1.", "a", "a.", "a.b ", "/"])
def test_a_question_that_is_a_whole_file_is_looked_through_at_once(one):
    assert steps_asked(one * (200_000 // len(one)) + "?") >= 1


def test_what_python_finds_odd_about_code_is_not_written_over_the_screen(recwarn):
    assert look(r"print('\d')").warnings == () and not recwarn.list


@pytest.mark.parametrize("code", ["(" * 5000, "x = " + "-" * 50_000 + "1", "\0", "a" * 60_000, "if 1:\n" * 500])
def test_bombs_are_warnings(code):
    assert isinstance(look(code).warnings, tuple)
