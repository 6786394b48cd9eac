"""Code as people and models write it: the standard library's ways to files, ends of all kinds, and asyncio."""

from __future__ import annotations

import os
import time

import pytest

from codemode_tui.sandbox import scratch
from codemode_tui.sandbox.types import Limits

PRINTS = {
    "Path.exists of nothing": ("from pathlib import Path\nprint(Path('nope').exists())", "False"),
    "every file of a folder that holds a secret": (
        "from pathlib import Path\nprint([p.name for p in Path('.').iterdir() if p.is_file()])",
        "['.env', 'notes.txt']",
    ),
    "sizes while walking": (
        "import os\nprint(sum(os.path.getsize(os.path.join(r, n)) for r, _, f in os.walk('.') for n in f))",
        "26",
    ),
    "the number of an error": ("try: open('nope')\nexcept OSError as e: print(e.errno)", "2"),
    "a path as an argument": ("from pathlib import Path\nprint(len(read_file(Path('notes.txt'))))", "14"),
    "shutil.copy": ("import shutil\nshutil.copy('notes.txt', 'b.txt')\nprint(len(open('b.txt').read()))", "14"),
    "shutil.copy2": ("import shutil\nshutil.copy2('notes.txt', 'b.txt')\nprint(len(open('b.txt').read()))", "14"),
    "temporary copies": (
        "import os, shutil, tempfile, zipfile\nwith tempfile.TemporaryDirectory() as d:\n"
        "    open(d + '/a', 'w').write('x')\n    shutil.copy(d + '/a', d + '/b')\n"
        "    shutil.copy2(d + '/a', d + '/c')\n"
        "    with zipfile.ZipFile(d + '/z.zip', 'w') as z: z.write(d + '/a', 'n/a')\n"
        "    zipfile.ZipFile(d + '/z.zip').extractall(d + '/out')\n"
        "    print(sorted(os.listdir(d)), os.listdir(d + '/out/n'))",
        "['a', 'b', 'c', 'out', 'z.zip'] ['a']",
    ),
    "shutil.copytree": ("import os, shutil\nshutil.copytree('src', 'dst')\nprint(os.listdir('dst'))", "['main.py']"),
    "shutil.move into a folder": (
        "import os, shutil\nos.makedirs('old')\nshutil.move('notes.txt', 'old')\nopen('b.txt', 'w').write('x')\n"
        "shutil.move('b.txt', 'old')\nprint(sorted(os.listdir('old')), os.path.exists('notes.txt'))",
        "['b.txt', 'notes.txt'] False",
    ),
    "shutil.copy over another file": (
        "import os, shutil\nopen('b.txt', 'w').write('x')\nshutil.copy('notes.txt', 'b.txt')\n"
        "print(len(open('b.txt').read()), *(os.path.samefile('b.txt', one) for one in ('./b.txt', 'notes.txt')))",
        "14 True False",
    ),
    "a folder that a tool filled": (
        "import os\nos.makedirs('out', exist_ok=True)\nwrite_file('out/x.txt', '1')\nprint(os.listdir('out'))",
        "['x.txt']",
    ),
    "folders in folders of TMPDIR": (
        "import tempfile\nfrom pathlib import Path\nd = tempfile.mkdtemp()\nprint(Path(d, 'a/b').exists())\n"
        "Path(d, 'a/b').mkdir(parents=True)\nPath(d, 'a/b/c').write_text('x')\nprint(Path(d, 'a/b/c').read_text())",
        "False\nx",
    ),
    "an unusual string": ("import re\nprint(len(re.findall('\\d+', 'a1b22')), 'await \\d')", "2 await \\d"),
    "a depth in C": (
        "import json\ndef f(n): return sorted([n], key=lambda x: f(x + 1))\n"
        "for deep in (lambda: f(0), lambda: json.loads('[' * 100000)):\n"
        "    try: deep()\n    except RecursionError: print('caught')",
        "caught\ncaught",
    ),
    "times of less than a second": (
        "import os\nt, ns = os.path.getmtime('notes.txt'), os.stat('notes.txt').st_mtime_ns\n"
        "print(isinstance(t, float), abs(t - ns / 1e9) < 1e-6)",
        "True True",
    ),
    "a file that is written and looked at": (
        "import os\nwith open('o.txt', 'w') as f:\n    f.write('xyz')\n    f.flush()\n"
        "    print(os.path.getsize('o.txt'), read_file('o.txt'))\n    f.write('!')\nprint(read_file('o.txt'))",
        "3 xyz\nxyz!",
    ),
    "two files open to append": (
        "a, b = open('log', 'a'), open('log', 'a')\na.write('one\\n')\nb.write('two\\n')\na.close()\nb.close()\n"
        "print(read_file('log').split())",
        "['one', 'two']",
    ),
    "a log that a called function writes too": (
        "import os\ndef log(text):\n    with open('log', 'a') as f: f.write(text)\n"
        "with open('log', 'a') as f:\n    f.write('start\\n')\n    log('inside\\n')\n    f.write('end\\n')\n"
        "    print(os.path.getsize('log'))\nprint(sorted(open('log').read().split()))",
        "17\n['end', 'inside', 'start']",
    ),
    "a log that threads write": (
        "import json\nfrom concurrent.futures import ThreadPoolExecutor\ndef log(n):\n"
        "    with open('log', 'a') as f:\n        json.dump({'n': n}, f)\n        f.write('\\n')\n"
        "with ThreadPoolExecutor(4) as pool: list(pool.map(log, range(20)))\n"
        "print(sum(json.loads(line)['n'] for line in open('log')))",
        "190",
    ),
    "a log that a command writes too": (
        "f = open('log', 'a')\nrun_command(\"sh -c 'echo other >> log'\")\nf.write('mine\\n')\nf.close()\n"
        "print(read_file('log').split())",
        "['other', 'mine']",
    ),
    "a file that is appended to, read and emptied": (
        "f = open('notes.txt', 'a+')\nf.write('four')\nf.seek(0)\nprint(f.read().split())\n"
        "f.truncate(0)\nf.write('x')\nf.flush()\nprint(read_file('notes.txt'))\nf.write('y')\nf.close()\n"
        "print(read_file('notes.txt'))",
        "['one', 'two', 'three', 'four']\nx\nxy",
    ),
    "appending to lines with other ends": (
        "write_file('w', 'a\\r\\n')\nwith open('w', 'a') as f: f.write('b\\n')\nopen('new', 'a').close()\n"
        "print(repr(read_file('w')), repr(read_file('new')))",
        "'a\\r\\nb\\n' ''",
    ),
    "what was flushed, seen by every tool": (
        "import os\nwrite_file('r', 'old')\nf = open('r', 'w')\nf.write('new')\nf.flush()\n"
        "print(run_command('cat r'), search_files('old|new', 'r'))\n"
        "f.write('er')\nprint(read_file(path='r'), read_file(os.path.abspath('r')))\n"
        "g = open('k', 'w')\ng.flush()\nprint('k' in os.listdir(), glob_files('k'))\n"
        "g.write('k')\ndelete_file(path='k')\ng.close()\nprint(os.path.exists('k'))",
        "new ['r:1: new']\nnewer newer\nTrue ['k']\nFalse",
    ),
    "what was flushed, seen by tools that are awaited": (
        "f = open('k', 'w')\nprint('k', file=f, flush=True)\nprint((await run_command('cat k')).strip())\n"
        "f.write('!')\nprint(await read_file('k'))",
        "k\nk\n!",
    ),
    "an unclosed file in the place of another": (
        "import os\nf = open('t', 'w')\nf.write('new')\nos.replace('t', 'notes.txt')\nprint(read_file('notes.txt'))",
        "new",
    ),
    "a file changed in places is not written over what another wrote": (
        "c = open('notes.txt', 'r+')\nwith open('notes.txt', 'a') as a: a.write('more')\nc.write('Z')\n"
        "try: c.close()\nexcept OSError as e: print(e)\n"
        "with open('notes.txt', 'r+') as c:\n    c.write('Z')\n    c.flush()\n    print(open('notes.txt').read()[:3])\n"
        "    c.write('Y')\nprint(open('notes.txt').read().replace('\\n', ' '))",
        "notes.txt was not written: it has changed since it was opened with 'r+'; open it again first\n"
        "Zne\nZYe two three more",
    ),
    "what is made has a time before it is there": (
        "import os, time\nos.mkdir('d')\nf = open('d/x', 'w')\n"
        "print([abs(os.path.getmtime(p) - time.time()) < 60 for p in ('d', 'd/x')])\nf.close()", "[True, True]",
    ),
    "bytes read without a buffer": (
        "f = open('notes.txt', 'rb', buffering=0)\nprint(f.peek(2)[:2], f.readall()[:3])", "b'on' b'one'",
    ),
    "warnings that are errors": ("import warnings\nwarnings.simplefilter('error')\nprint(1)", "1"),
    "writelines of bytes": (
        "with open('notes.txt', 'r+b') as f: f.writelines([b'ZZ'])\nprint(read_file('notes.txt')[:3])", "ZZe",
    ),
    "a pool that nobody ends": (
        "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor()\n"
        "print([len(t) for t in pool.map(read_file, ['notes.txt'])])",
        "[14]",
    ),
    "a loop that nobody closes": (
        "import asyncio\nasync def main(): return len(await read_file('notes.txt'))\n"
        "loop = asyncio.new_event_loop()\nprint(loop.run_until_complete(main()))",
        "14",
    ),
    "a thread that is still at work": (
        "import sys, threading, time\ndef work():\n    time.sleep(0.2)\n    print('done')\n"
        "threading.Thread(target=work).start()\nsys.exit()",
        "done",
    ),
    "gather of lists and tables": (
        "import asyncio\ntasks = [list_directory('src'), glob_files('*.txt'), file_info('notes.txt')]\n"
        "print([len(one) for one in await asyncio.gather(*tasks)])",
        "[1, 1, 4]",
    ),
    "touch": ("from pathlib import Path\nPath('t').touch()\nPath('t').touch()\nprint(Path('t').stat().st_size)", "0"),
    "replace": ("import os\nopen('t', 'w').write('new')\nos.replace('t', 'notes.txt')\nprint(open('notes.txt').read())",
                "new"),
    "a file that is renamed while it is written": (
        "import os\nf = open('a', 'w')\nf.write('1')\nf.flush()\nos.rename('a', 'b')\nf.write('2')\nf.flush()\n"
        "os.replace('b', 'notes.txt')\nf.write('3')\nf.close()\n"
        "print(open('notes.txt').read(), sorted(os.listdir()))",
        "123 ['.env', 'notes.txt', 'src']",
    ),
    "folders that are removed with all in them": (
        "import os, shutil, tempfile\nshutil.move('src', 'old/src')\n"
        "print(os.path.exists('src'), os.listdir('old/src'))\n"
        "shutil.rmtree('old')\nwith tempfile.TemporaryDirectory(dir='.') as d: open(d + '/x', 'w').write('x')\n"
        "print(os.path.exists('old'), os.listdir())",
        "False ['main.py']\nFalse ['.env', 'notes.txt']",
    ),
    "the fields of an error": (
        "import errno, os\nfor f in (lambda: open('nil'), lambda: open(''), lambda: os.rmdir('src'),\n"
        "   lambda: os.listdir('nil'), lambda: os.rename('nil', 'x'), lambda: os.stat('nil'), lambda: open('', 'w')):\n"
        "    try: f()\n"
        "    except OSError as e: print(errno.errorcode[e.errno], repr(e.filename), e.filename2, e.strerror)",
        "ENOENT 'nil' None No such file or directory\nENOENT '' None No such file or directory\n"
        "ENOTEMPTY 'src' None Directory not empty\nENOENT 'nil' None No such file or directory\n"
        "ENOENT 'nil' x No such file or directory\nENOENT 'nil' None No such file or directory\n"
        "ENOENT '' None No such file or directory",
    ),
    "what an error says of names that are near": (
        "try: open('note.txt')\nexcept OSError as e: print(e)",
        "[Errno 2] No such file or directory (similar: notes.txt): 'note.txt'",
    ),
    "a file put in its own place": (
        "import os, shutil\nos.rename('notes.txt', './notes.txt')\nos.replace('notes.txt', './notes.txt')\n"
        "shutil.move('notes.txt', 'notes.txt')\nprint(len(open('notes.txt').read()))",
        "14",
    ),
    "absolute paths": (
        "import os\nfrom pathlib import Path\nhere = os.getcwd()\nnotes = os.path.abspath('notes.txt')\n"
        "print(len(read_file(notes)), len(read_file(path=Path(notes))), list_directory(here + '/src'),\n"
        "      glob_files(pattern=here + '/*.txt'), search_files('two', here))\n"
        "print(search_files('tw', glob=here + '/*.txt'), search_files('tw', glob='/etc/*'))\n"
        "print(write_file('n', here), read_file('n') == here)",
        "14 14 ['main.py'] ['notes.txt'] ['notes.txt:2: two']\n['notes.txt:2: two'] []\nsuccess True",
    ),
    "copies of a temporary file": (
        "import os, shutil, tempfile\nfd, path = tempfile.mkstemp()\nos.write(fd, b'x')\nos.close(fd)\n"
        "for copy in (shutil.copy, shutil.copy2, shutil.move): print(os.path.getsize(copy(path, copy.__name__)))\n"
        "print(os.path.exists(path))",
        "1\n1\n1\nFalse",
    ),
    "a file where a folder is meant": (
        "import os\nprint(os.path.exists('notes.txt/'), os.path.isdir('src/'))\n"
        "for make in (os.makedirs, os.mkdir):\n"
        "    try: make('notes.txt/sub')\n    except NotADirectoryError as e: print(e.errno)\n"
        "print(os.path.isdir('notes.txt/sub'))",
        "False True\n20\n20\nFalse",
    ),
    "a file that is removed while it is written": (
        "import os\nf = open('w', 'w')\nf.write('abc')\nos.remove('w')\nf.write('d')\nf.close()\n"
        "print(os.path.exists('w'))",
        "False",
    ),
    "two files open to append that take turns": (
        "a, b = open('log', 'a'), open('log', 'a')\na.write('1')\na.flush()\nb.write('2')\nb.flush()\n"
        "a.write('3')\na.close()\nb.close()\nprint(read_file('log'))",
        "123",
    ),
    "a made folder that is renamed": (
        "import os\nos.makedirs('d1/sub')\nos.rename('d1', 'd2')\nprint(os.path.exists('d1'), os.listdir('d2'))\n"
        "open('d2/sub/f', 'w').close()",
        "False ['sub']",
    ),
    "a made folder": ("import os\nos.makedirs('a/b', exist_ok=True)\nprint(os.path.isdir('a/b'), os.listdir('a'))\n"
                      "open('a/b/c', 'w').close()", "True ['b']"),
    "a byte order mark": ("open('b', 'w', encoding='utf-8-sig').write('x')\n"
                          "print(len(open('b').read()), len(open('b', encoding='utf-8-sig').read()))", "2 1"),
    "reading what was just written": ("f = open('n', 'w')\nf.write('x')\nprint(open('n').read())", "x"),
    "linecache": ("import linecache\nprint(linecache.getline('notes.txt', 2).strip())", "two"),
    "exit functions": ("import atexit\natexit.register(print, 'bye')", "bye"),
    "exit()": ("print('x')\nexit()", "x"),
    "async with at the top": (
        "import asyncio\nasync with asyncio.TaskGroup() as group:\n"
        "    task = group.create_task(read_file('notes.txt'))\nprint(len(task.result()))",
        "14",
    ),
    "asyncio.run of a tool": ("import asyncio\nprint(len(asyncio.run(read_file('notes.txt'))))", "14"),
    "an own function called run": (
        "import asyncio\ndef run(t): return len(t)\nasync def f(): return run(read_file('notes.txt'))\n"
        "print(run(read_file('notes.txt')), asyncio.run(f()))",
        "14 14",
    ),
    "an own function called as a tool": (
        "import asyncio\nasync def read_file(p): return 'mine'\nasync def f(): print(await read_file('x'))\n"
        "asyncio.run(f())",
        "mine",
    ),
    "another current folder": (
        "import os, tempfile\nos.chdir(tempfile.mkdtemp())\nopen('x', 'w').write('y')\nprint(os.listdir('.'))",
        "['x']",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PRINTS)
async def test_ordinary_code_prints_what_it_prints_elsewhere(run, name):
    code, printed = PRINTS[name]
    outcome = await run(code, write=True)
    assert (outcome.status, outcome.stdout, outcome.stderr) == ("ok", f"{printed}\n", ""), outcome


LINKS = """import os
from pathlib import Path
print([(r, sorted(f)) for r, _, f in sorted(os.walk('src'))])
print(sorted(str(p) for p in Path('src').rglob('*.py')))
print(os.path.islink('src/again'), os.path.islink('src'), os.readlink('src/again'), Path('src/again').is_dir())
print(os.path.relpath(os.path.realpath('src/again/main.py')), len(open('src/again/main.py').read()) > 0)
print(sorted((e.name, e.is_symlink(), e.is_dir(), e.is_dir(follow_symlinks=False)) for e in os.scandir('src')))
"""


async def test_links_to_folders_are_seen_as_links_and_not_walked(run):
    (run.workspace / "src/again").symlink_to(".")
    outcome = await run(LINKS)
    assert outcome.status == "ok", outcome
    assert outcome.stdout.splitlines() == [
        "[('src', ['main.py'])]",
        "['src/main.py']",
        "True False . True",
        "src/main.py True",
        "[('again', True, True, False), ('main.py', False, False, False)]",
    ]


MISLED = """import os
for name in ('dangling', 'loop', 'out'):
    entry = next(e for e in os.scandir() if e.name == name)
    print(name, os.path.islink(name), os.path.lexists(name), oct(os.lstat(name).st_mode), entry.is_symlink(),
          entry.is_file(follow_symlinks=False), os.path.relpath(os.path.realpath(name)))
print(os.path.exists('dangling'), os.path.lexists('nothing'), os.path.islink('.env'))
os.readlink('out')
"""


async def test_links_that_lead_nowhere_or_out_are_seen_as_links(run, tmp_path):
    for name, target in (("dangling", "nothing"), ("loop", "loop"), ("out", tmp_path / "unseen")):
        (run.workspace / name).symlink_to(target)
    outcome = await run(MISLED)
    links = "".join(f"{name} True True 0o120777 True False {name}\n" for name in ("dangling", "loop", "out"))
    assert outcome.stdout == f"{links}False False False\n", outcome
    assert outcome.exception is not None
    assert (outcome.exception.type, "unseen" in outcome.exception.message) == ("PermissionError", False)


async def test_a_file_that_is_moved_through_a_link_onto_itself_stays(bwrap_run):
    (bwrap_run.workspace / "alias").symlink_to("src")
    code = (
        "import os, shutil\nfor move in (os.replace, os.rename, shutil.move): move('src/main.py', 'alias/main.py')\n"
        "print(os.path.samefile('src/main.py', 'alias/main.py'))"
    )
    outcome = await bwrap_run(code, write=True)
    assert (outcome.status, outcome.stdout, outcome.files_changed) == ("ok", "True\n", ()), outcome


@pytest.mark.parametrize("move", ["os.replace", "os.rename", "shutil.move"])
@pytest.mark.parametrize(
    ("source", "target"), [("notes.txt", "link"), ("other", "link"), ("other", "dangling"), ("link", "other")]
)
async def test_no_file_is_lost_where_a_link_is_moved_or_replaced(bwrap_run, move, source, target):
    folder = bwrap_run.workspace
    (folder / "link").symlink_to("notes.txt")
    (folder / "dangling").symlink_to("nothing")
    (folder / "other").write_text("other")
    outcome = await bwrap_run(f"import os, shutil\n{move}({source!r}, {target!r})", write=True)
    assert (outcome.status, outcome.files_changed) == ("error", ()), outcome
    assert ((folder / "notes.txt").read_text(), (folder / "other").read_text()) == ("one\ntwo\nthree\n", "other")
    assert (folder / "link").is_symlink() and not (folder / "nothing").exists()


async def test_files_that_can_be_run_are_told_and_so_is_a_copy_that_cannot(bwrap_run):
    for name in ("run.sh", "bin/go.sh"):
        (bwrap_run.workspace / name).parent.mkdir(exist_ok=True)
        (bwrap_run.workspace / name).write_text("#!/bin/sh\n")
        (bwrap_run.workspace / name).chmod(0o755)
    code = (
        "import os, shutil\nprint([f for f in sorted(os.listdir()) if os.path.isfile(f) and os.access(f, os.X_OK)])\n"
        "print(*(oct(os.stat(f).st_mode & 0o777) for f in ('run.sh', 'notes.txt')), 'executable' in file_info('src'))\n"
        "os.rename('run.sh', 'moved.sh')\nshutil.move('bin', 'tools')\nshutil.copy('moved.sh', 'copy.sh')\n"
        "shutil.copy('moved.sh', 'mended.sh')\nrun_command('chmod +x mended.sh')\nshutil.copy('notes.txt', 'b')"
    )
    outcome = await bwrap_run(code, write=True)
    assert outcome.stdout == "['run.sh']\n0o755 0o644 False\n", outcome
    assert outcome.stderr.startswith("copy.sh, tools/go.sh cannot be run: modes are not kept here; use run_command(")
    assert os.access(bwrap_run.workspace / "moved.sh", os.X_OK)


async def test_an_absolute_path_means_the_same_to_every_tool(run):
    code = (
        "import os\nhere = os.getcwd()\nprint(run_command('wc -l ' + os.path.abspath('notes.txt')).split()[0])\n"
        "for path in (here, here + '/src'):\n    try: git_status(path)\n    except RuntimeError as e: print(e)\n"
        "print(run_command('cat ' + here + '/.env'))"
    )
    outcome = await run(code)
    assert outcome.stdout.count("not a git repository") == 2 and outcome.stdout.startswith("3\n"), outcome
    assert "secret" not in outcome.stdout


async def test_a_write_that_is_refused_is_told_though_the_file_was_looked_at(bwrap_run):
    outcome = await bwrap_run(
        "import os\nf = open('o.txt', 'w')\nf.write('x')\nprint(os.path.exists('o.txt'))\nf.close()"
    )
    assert outcome.exception is not None and outcome.exception.type == "PermissionError"


async def test_what_is_not_flushed_is_sent_once_however_many_tools_are_called(bwrap_run):
    code = "with open('o.txt', 'w') as f:\n    for _ in range(3): print(list_directory('.'), file=f)"
    outcome = await bwrap_run(code, write=True)
    assert [call.name for call in outcome.tool_calls].count("write_file") == 1, outcome


async def test_an_error_is_told_though_a_thread_waits_for_ever(bwrap_run):
    code = "import queue, threading\nthreading.Thread(target=queue.Queue().get).start()\nraise ValueError('x')"
    outcome = await bwrap_run(code)
    assert outcome.exception is not None and (outcome.exception.type, outcome.exception.line) == ("ValueError", 3)


async def test_an_absolute_path_of_the_workspace_is_the_workspace(run):
    code = (
        f"import os\nhere = {str(run.workspace)!r}\nprint(len(open(here + '/notes.txt').read()))\n"
        "with open(here + '/sub/new.txt', 'w') as f: f.write('x')\n"
        "os.rename(here + '/sub/new.txt', '/' + here + '/moved.txt')\n"
        "print(open('moved.txt').read(), os.path.realpath('//x'))"
    )
    outcome = await run(code, write=True)
    assert (outcome.status, outcome.stdout) == ("ok", "14\nx /x\n"), outcome


REFUSED = {
    "binary content": ("open('b', 'wb').write(b'\\xff')", "ValueError", "write_file writes UTF-8 text"),
    "a program": ("import subprocess\nsubprocess.run(['ls'])", "PermissionError", "use run_command"),
    "os.system": ("import os\nos.system('ls')", "PermissionError", "use run_command"),
    "a descriptor": ("import os\nos.open('notes.txt', os.O_RDONLY)", "OSError", "use open, read_file"),
    "another current folder": ("import os\nos.chdir('src')", "OSError", "name paths from the workspace"),
    "removing a full folder": ("import os\nos.rmdir('src')", "OSError", "Directory not empty"),
    "a temporary file here": (
        "import tempfile\ntempfile.mkstemp(dir='.')",
        "OSError",
        "use open, read_file or write_file",
    ),
    "the time of a file": ("import os\nos.utime('notes.txt', (1, 1))", "OSError", "use run_command('touch'"),
    "reading a file open for writing": ("open('w', 'w').read()", "UnsupportedOperation", "not readable"),
    "writing a file open for reading": ("open('notes.txt').write('x')", "UnsupportedOperation", "not writable"),
    "bytes as text": ("write_file('b', b'x')", "TypeError", "text, not bytes"),
    "an encoding that write_file lacks": ("open('l', 'w', encoding='latin-1').write('ä')", "ValueError", "UTF-8"),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_cannot_be_served_fails_loudly(bwrap_run, name):
    code, kind, words = REFUSED[name]
    outcome = await bwrap_run(code, write=True)
    assert outcome.exception is not None
    assert (outcome.exception.type, words in outcome.exception.message) == (kind, True), outcome.exception


async def test_a_secret_is_seen_but_not_read(bwrap_run):
    outcome = await bwrap_run("import os\nprint(os.stat('.env').st_size, os.access('.env', os.R_OK))\nopen('.env')")
    assert outcome.stdout == "0 False\n"
    assert outcome.exception is not None and outcome.exception.type == "PermissionError"


@pytest.mark.parametrize("end", ["import sys; sys.exit(0)", "1 / 0", "import sys; sys.exit(3)"])
async def test_open_files_are_written_however_the_program_ends(bwrap_run, end):
    await bwrap_run(f"f = open('a.txt', 'w')\nf.write('kept')\n{end}", write=True)
    assert (bwrap_run.workspace / "a.txt").read_text() == "kept"


async def test_leaving_well_with_a_file_that_may_not_be_written_is_an_error(bwrap_run):
    outcome = await bwrap_run("import sys\nf = open('a.txt', 'w')\nsys.exit(0)")
    assert outcome.status == "error"
    assert outcome.exception is not None and outcome.exception.type == "PermissionError"


async def test_an_empty_folder_does_not_vanish_silently(bwrap_run):
    outcome = await bwrap_run("import os\nos.mkdir('empty')", write=True)
    assert (outcome.status, "empty/ was not made" in outcome.stderr) == ("ok", True)


async def test_half_a_line_comes_back_from_a_run_that_hangs(run):
    outcome = await run("print('half', end='')\nwhile True: pass", limits=Limits(wall_seconds=1))
    assert (outcome.status, outcome.stdout) == ("timeout", "half")
    assert run.shown == [("stdout", "half")]


async def test_errors_of_a_task_group_and_causes_are_shown(bwrap_run):
    code = (
        "import asyncio\nasync def f():\n    async with asyncio.TaskGroup() as g:\n"
        "        g.create_task(read_file('nope'))\nasyncio.run(f())"
    )
    outcome = await bwrap_run(code)
    assert outcome.exception is not None and "nope does not exist" in outcome.exception.traceback
    outcome = await bwrap_run("try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    raise KeyError('k') from e")
    assert outcome.exception is not None
    assert (outcome.exception.line, outcome.exception.type) == (4, "KeyError")
    assert "ZeroDivisionError" in outcome.exception.traceback
    assert outcome.exception.traceback.count("File") == outcome.exception.traceback.count('File "<code>"') == 2


@pytest.mark.parametrize(
    ("code", "exit_code", "reason"),
    [
        ("import os; os._exit(200)", 200, ""),
        ("import sys; sys.exit(257)", 1, ""),
        ("import os; os.kill(os.getpid(), 15)", 143, "ended by SIGTERM"),
        ("import os; os.abort()", 134, "the interpreter crashed (SIGABRT)"),
    ],
)
async def test_exit_codes_are_those_of_the_system(bwrap_run, code, exit_code, reason):
    outcome = await bwrap_run(code)
    assert (outcome.status, outcome.exit_code, outcome.reason) == ("error", exit_code, reason)


async def test_temporary_files_have_a_limit_in_every_backend(run):
    code = (
        "import os\nfor i in range(1000):\n"
        "    with open(f\"{os.environ['TMPDIR']}/{i}\", 'wb') as f: f.write(b'x' * (1 << 20))\n"
        "import time\ntime.sleep(30)"
    )
    outcome = await run(code, limits=Limits(wall_seconds=20, scratch_mb=20))
    assert outcome.status in ("killed", "error") and len(outcome.tool_calls) == 0
    assert "temporary files" in outcome.reason or "No space left" in str(outcome.exception)


def test_limits_grow_with_the_time_that_was_asked_for():
    assert Limits.of(10, 512) == Limits(wall_seconds=10, memory_mb=512)
    long = Limits.of(3600.5, 512)
    assert (long.cpu_seconds, long.total_seconds) == (3601, 7201)


def test_what_a_killed_host_left_is_removed_and_what_is_used_stays(tmp_path):
    old = time.time() - 3600
    for name in ("codemode-run-left", "codemode-run-young", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
        if name != "codemode-run-young":
            os.utime(tmp_path / name, (old, old))
    with scratch.scratch() as used:
        mine = tmp_path / "codemode-run-used"
        os.rename(used, mine)  # still locked
        os.utime(mine, (old, old))
        scratch.sweep(tmp_path)
        left = sorted(path.name for path in tmp_path.iterdir())
    assert left == ["codemode-run-used", "codemode-run-young", "other"]
