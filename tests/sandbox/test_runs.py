"""Ordinary code does what its author expects, and what it did is told exactly."""

from __future__ import annotations

import asyncio
import re
import textwrap

import pytest

from codemode_tui.sandbox.types import Limits


async def test_code_prints_and_ends(run):
    outcome = await run("print('hello')")
    assert (outcome.status, outcome.exit_code, outcome.stdout, outcome.stderr) == ("ok", 0, "hello\n", "")
    assert run.shown == [("stdout", "hello\n")]


async def test_tools_are_plain_functions(run):
    outcome = await run("print(len(read_file('notes.txt').splitlines()), list_directory())")
    assert outcome.stdout == "3 ['.env', 'notes.txt', 'src/']\n"
    assert [(call.name, call.ok) for call in outcome.tool_calls] == [("read_file", True), ("list_directory", True)]


ORDINARY = {
    "open": "print(open('notes.txt').read().splitlines()[1])",
    "with open": "with open('notes.txt') as f:\n    next(f)\n    print(next(f).strip())",
    "binary": "print(open('notes.txt', 'rb').read().split()[1].decode())",
    "pathlib": "import pathlib\nprint(pathlib.Path('notes.txt').read_text().split()[1])",
    "os.path and listdir": "import os\nprint('two' if os.path.exists('notes.txt') and 'src' in os.listdir() else '?')",
    "isdir": "import os\nprint('two' if os.path.isdir('src') and os.path.isfile('notes.txt') else '?')",
    "glob": "import glob\nprint('two' if glob.glob('*.txt') == ['notes.txt'] else glob.glob('*.txt'))",
    "rglob": "from pathlib import Path\n"
    "print('two' if [str(p) for p in Path('.').rglob('*.py')] == ['src/main.py'] else '?')",
    "os.walk": "import os\nprint('two' if any('main.py' in files for _, _, files in os.walk('.')) else '?')",
    "absolute": "import os\nprint(open(os.getcwd() + '/notes.txt').read().split()[1])",
    "csv": "import csv, io\nprint(list(csv.reader(open('notes.txt')))[1][0])",
    "await": "text = await read_file('notes.txt')\nprint(text.split()[1])",
    "gather": (
        "import asyncio\n"
        "both = await asyncio.gather(read_file('notes.txt'), read_file('src/main.py'))\n"
        "print(both[0].split()[1])"
    ),
    "asyncio.run": (
        "import asyncio\n"
        "async def main():\n"
        "    return await asyncio.gather(*[read_file(p) for p in ['notes.txt']])\n"
        "print(asyncio.run(main())[0].split()[1])"
    ),
    "threads": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(4) as pool:\n"
        "    print(list(pool.map(read_file, ['notes.txt'] * 8))[7].split()[1])"
    ),
    "main guard": "def main():\n    print('two')\nif __name__ == '__main__':\n    main()",
    "temporary file": (
        "import tempfile\nwith tempfile.NamedTemporaryFile('w+') as f:\n    f.write('two'); f.seek(0); print(f.read())"
    ),
}


@pytest.mark.parametrize("name", ORDINARY)
async def test_ordinary_code_works(run, name):
    outcome = await run(ORDINARY[name])
    assert (outcome.status, outcome.stdout) == ("ok", "two\n"), outcome


async def test_gathered_tool_calls_overlap(bwrap_run):
    code = """
    import asyncio
    await asyncio.gather(*[run_command("sleep 0.4") for _ in range(5)])
    print("done")
    """
    outcome = await bwrap_run(textwrap.dedent(code))
    assert outcome.stdout == "done\n"
    slowest = max(call.duration_ms for call in outcome.tool_calls)
    assert sum(call.duration_ms for call in outcome.tool_calls) > 1.5 * slowest


async def test_a_whole_large_file_reaches_the_code(bwrap_run):
    text = "äöü 0123456789\n" * 400_000
    (bwrap_run.workspace / "large.txt").write_text(text)
    outcome = await bwrap_run("print(len(read_file('large.txt')))")
    assert outcome.stdout == f"{len(text)}\n"


async def test_an_error_names_its_line_and_keeps_what_was_printed(run):
    outcome = await run("print('before')\nx = 1\nprint(1 / 0)\n")
    assert (outcome.status, outcome.exit_code, outcome.stdout) == ("error", 1, "before\n")
    assert outcome.exception is not None
    assert (outcome.exception.type, outcome.exception.line) == ("ZeroDivisionError", 3)
    assert "print(1 / 0)" in outcome.exception.traceback
    assert "main.py" not in outcome.exception.traceback


@pytest.mark.parametrize("line", ["-1", "0", "'three'", "1 << 40", "None"])
async def test_a_line_that_is_none_is_no_reason_to_end_the_run(bwrap_run, line):
    outcome = await bwrap_run(f"error = SyntaxError('bad')\nerror.lineno = {line}\nraise error")
    assert (outcome.status, outcome.exception.type, outcome.exception.line) == ("error", "SyntaxError", 3)


async def test_code_without_lines_leaves_the_line_that_called_it(bwrap_run):
    outcome = await bwrap_run("def f(): raise ValueError('x')\nf.__code__ = f.__code__.replace(co_linetable=b'')\nf()")
    assert (outcome.exception.type, outcome.exception.line) == ("ValueError", 3)


async def test_the_line_is_the_codes_own_when_a_library_raises(bwrap_run):
    outcome = await bwrap_run("import json\n\njson.loads('{')\n")
    assert outcome.exception is not None
    assert (outcome.exception.type, outcome.exception.line) == ("JSONDecodeError", 3)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("read_file('nope.txt')", "FileNotFoundError"),
        ("open('nope.txt')", "FileNotFoundError"),
        ("read_file('.env')", "PermissionError"),
        ("read_file('/etc/passwd')", "PermissionError"),
        ("write_file('x', 'y')", "PermissionError"),
        ("open('x', 'w').write('y')", "PermissionError"),
        ("f = open('x', 'w')\nf.write('y')", "PermissionError"),
        ("search_files('(')", "ValueError"),
        ("read_file()", "TypeError"),
        ("def f(:\n", "SyntaxError"),
        ("raise SystemExit('stop')", None),
    ],
)
async def test_failures_arrive_as_the_errors_that_python_would_raise(bwrap_run, code, kind):
    outcome = await bwrap_run(code)
    assert outcome.status == "error"
    assert (outcome.exception.type if outcome.exception else None) == kind


async def test_what_was_written_is_told(bwrap_run):
    outcome = await bwrap_run("write_file('new.txt', 'x')\nopen('notes.txt', 'a').write('four\\n')", write=True)
    assert outcome.status == "ok"
    assert sorted((change.path, change.change) for change in outcome.files_changed) == [
        ("new.txt", "created"),
        ("notes.txt", "modified"),
    ]
    assert (bwrap_run.workspace / "notes.txt").read_text() == "one\ntwo\nthree\nfour\n"


async def test_a_file_that_is_never_closed_is_written_all_the_same(bwrap_run):
    outcome = await bwrap_run("f = open('a.txt', 'w')\nf.write('a')\nopen('b.txt', 'w').write('b')", write=True)
    assert outcome.status == "ok"
    assert [(bwrap_run.workspace / name).read_text() for name in ("a.txt", "b.txt")] == ["a", "b"]


@pytest.mark.parametrize(
    ("code", "status", "exit_code"),
    [
        ("import sys; sys.exit(3)", "error", 3),
        ("import os; os._exit(4)", "error", 4),
        ("import sys; sys.exit()", "ok", 0),
        ("import ctypes; ctypes.string_at(0)", "error", None),
    ],
)
async def test_every_way_to_end_is_told(run, code, status, exit_code):
    outcome = await run(f"print('before', flush=True)\n{code}")
    assert (outcome.status, outcome.stdout) == (status, "before\n")
    if exit_code is not None:
        assert outcome.exit_code == exit_code


async def test_a_hanging_run_is_stopped_and_keeps_its_output(run):
    outcome = await run("print('before')\nwhile True: pass", limits=Limits(wall_seconds=1))
    assert (outcome.status, outcome.stdout, outcome.reason) == ("timeout", "before\n", "stopped after 1 s")


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("def f():\n    while True: pass\n\nf()", [4, 2]),
        ("import time\ntime.sleep(60)", [2]),
        ("try:\n    sum(range(10**12))\nexcept BaseException: pass", [2]),  # one operation of the interpreter
    ],
)  # fmt: skip
async def test_a_hanging_run_says_where_it_was(run, code, lines):
    outcome = await run(code, limits=Limits(wall_seconds=1))
    error = outcome.exception
    assert outcome.status == "timeout" and (error.type, error.line) == ("TimeoutError", lines[-1])
    assert re.findall(r"line (\d+)", error.traceback) == list(map(str, lines))
    assert error.traceback.endswith("TimeoutError: stopped after 1 s\n")


async def test_a_crash_and_the_end_of_processor_time_say_where_they_were(run):
    crashed = await run("import ctypes\nctypes.string_at(0)")
    assert crashed.exception.line == 2 and crashed.exception.message == "the interpreter crashed (SIGSEGV)"
    spent = await run("n = 0\nwhile True:\n    n += 1", limits=Limits(cpu_seconds=1))
    assert spent.status == "timeout" and spent.exception.line in (2, 3) and "processor" in spent.exception.message


async def test_code_that_waits_for_nothing_of_its_own_has_no_line(run):
    outcome = await run("import asyncio\nawait asyncio.sleep(60)", limits=Limits(wall_seconds=1))
    assert (outcome.status, outcome.exception, outcome.reason) == ("timeout", None, "stopped after 1 s")


async def test_waiting_for_a_tool_does_not_count(bwrap_run):
    outcome = await bwrap_run("print(run_command('sleep 1.5') or 'slept')", limits=Limits(wall_seconds=1))
    assert (outcome.status, outcome.stdout) == ("ok", "slept\n")


async def test_the_user_can_stop_a_run(run):
    stop = asyncio.Event()
    task = asyncio.create_task(run("print('before', flush=True)\nwhile True: pass", stop=stop))
    while not run.shown:
        await asyncio.sleep(0.01)
    stop.set()
    outcome = await task
    assert (outcome.status, outcome.stdout, outcome.exception.line) == ("killed", "before\n", 2)


async def test_too_much_memory_is_told(run):
    outcome = await run("x = bytearray(1 << 40)")
    assert outcome.status == "memory"


async def test_long_output_keeps_its_beginning_and_its_end(bwrap_run):
    outcome = await bwrap_run("print('first')\nfor i in range(60_000): print('line', i)\nprint('last')")
    assert outcome.truncated
    assert outcome.stdout.startswith("first\n") and outcome.stdout.endswith("last\n")
    assert "characters left out" in outcome.stdout


async def test_one_run_leaves_nothing_to_the_next(run):
    await run("import builtins, json\nbuiltins.print = None\njson.dumps = None\nopen('/tmp/left', 'w').write('x')")
    outcome = await run("import os\nprint(os.listdir(os.environ['TMPDIR']), os.path.exists('/tmp/left'))")
    assert outcome.stdout == "[] False\n"
