"""What the workspace has and the code's process cannot open: served by the tools, or said what to do instead."""

from __future__ import annotations

import pytest

PRINTS = {
    "modules": "import sys\nsys.path.insert(0, 'src')\nimport util, pack.part\nfrom pack import name\n"
    "import bare.deep\nprint(util.add(1, 2), pack.part.X, name, bare.deep.Y, util.__file__, end='')",
    "a package of the workspace": "from src.util import add\nimport src.pack\nprint(add(1, 2), src.pack.name, end='')",
    "a module just written": "import importlib\nfor name in ('made', 'files', 'shims', 'beyond'):\n"
    "    write_file(f'{name}.py', 'Z = 3')\n    print(importlib.import_module(name).Z, end=' ')",
    "a module of a name of ours": "import os\nos.rename('notes.txt', 'n.txt')\nwrite_file('files.py', 'Z = 3')\n"
    "import files\nprint(files.Z, end='')",
    "importlib": "import importlib.util as u\ns = u.spec_from_file_location('util', 'src/util.py')\n"
    "m = u.module_from_spec(s)\ns.loader.exec_module(m)\nprint(m.add(2, 3), end='')",
    "runpy": "import runpy\n"
    "print(runpy.run_path('src/util.py')['add'](1, 1), runpy.run_module('src.util')['ONE'], end='')",
    "unittest": "import sys, unittest\nsys.path.append('src')\n"
    "open('test_a.py', 'w').write('import unittest, util\\nclass T(unittest.TestCase):\\n def test(self): util.ONE')\n"
    "print(unittest.TextTestRunner().run(unittest.defaultTestLoader.loadTestsFromName('test_a')), end='')",
    "py_compile": "import py_compile\nprint(py_compile.compile('src/util.py', doraise=True).endswith('.pyc'))\n"
    "try: py_compile.compile('src/bad.py', doraise=True)\nexcept py_compile.PyCompileError: print('bad', end='')",
    "all that is told of a file": "import os\nst = os.stat('notes.txt')\n"
    "print(st.st_blocks, st.st_blksize, st.st_rdev, end='')",
    "where a module fails": "import sys, traceback\nsys.path.append('src')\nimport util\n"
    "try: util.fail()\nexcept KeyError: print(traceback.format_exc(), end='')",
    "a library that tries others in vain": "import subprocess, pickle, mimetypes, copy",
    "a database that is not of the workspace": "import os, sqlite3\n"
    "for p in (':memory:', os.environ['TMPDIR'] + '/a.db'): sqlite3.connect(p).execute('create table t (a)')",
}
SAYS = {
    "modules": "3 1 pack 2 src/util.py",
    "a package of the workspace": "3 pack",
    "a module just written": "3 3 3 3 ",
    "a module of a name of ours": "3",
    "importlib": "5",
    "runpy": "2 1",
    "unittest": "run=1 errors=0 failures=0",
    "py_compile": "True\nbad",
    "all that is told of a file": "1 4096 0",
    "where a module fails": 'File "src/util.py", line 5, in fail\n    return {}["nothing"]',
}
REFUSES = {
    "a module that is nowhere": ("import nowhere", "ModuleNotFoundError", "No module named 'nowhere'"),
    "io.FileIO": ("import io\nio.FileIO('notes.txt')", "OSError", "use open('notes.txt', 'rb')"),
    "sqlite3": ("import sqlite3\nsqlite3.connect('app.db')", "OperationalError", "run_command"),
    "multiprocessing": ("import multiprocessing\nmultiprocessing.Pool(2)", "PermissionError", "ThreadPoolExecutor"),
    "ProcessPoolExecutor": (
        "from concurrent.futures import ProcessPoolExecutor\nprint(list(ProcessPoolExecutor(2).map(len, ['a'])))",
        "PermissionError",
        "ThreadPoolExecutor",
    ),
    "asyncio": (
        "import asyncio\nasync def main(): await asyncio.create_subprocess_exec('ls')\nasyncio.run(main())",
        "PermissionError",
        "use run_command",
    ),
    "a file for the home folder": (
        "import os\nwith open(os.path.expanduser('~/report.txt'), 'w') as f: f.write('x')",
        "PermissionError",
        "outside the workspace",
    ),
    "a file of the home folder": (
        "from pathlib import Path\nPath('~/report.txt').expanduser().read_text()",
        "PermissionError",
        "outside the workspace",
    ),
}


@pytest.fixture
def with_modules(workspace):
    source = workspace / "src"
    (source / "pack").mkdir()
    (source / "bare").mkdir()
    (source / "util.py").write_text(
        '\ufeffimport os\nONE = 1\ndef add(a, b): return a + b\ndef fail():\n    return {}["nothing"]\n'
    )
    (source / "bad.py").write_text("def f(:\n")
    (source / "pack/__init__.py").write_text("from .part import X\nname = 'pack'\n")
    (source / "pack/part.py").write_text("X = 1\n")
    (source / "bare/deep.py").write_text("Y = 2\n")
    return workspace


@pytest.mark.parametrize("name", PRINTS)
async def test_ordinary_code_works(run, with_modules, name):
    outcome = await run(PRINTS[name], write=True)
    assert outcome.status == "ok", outcome
    assert SAYS.get(name, "") in outcome.stdout
    if name not in SAYS:
        assert outcome.tool_calls == ()  # nothing was asked of the host


@pytest.mark.parametrize("name", REFUSES)
async def test_what_cannot_be_done_says_what_can(run, name):
    code, kind, words = REFUSES[name]
    outcome = await run(code, write=True)
    assert outcome.exception and outcome.exception.type == kind, outcome
    assert words in outcome.exception.message
    assert outcome.files_changed == ()


async def test_commands_have_a_home(run):
    outcome = await run("print(run_command('sh', ['-c', 'test -w \"$HOME\" && echo yes']))", write=True)
    assert "yes" in outcome.stdout, outcome
