"""Ordinary Python does in the sandbox what it does in a plain interpreter: it prints the same, and leaves the same."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from sandbox.conftest import Runner

PROGRAMS: dict[str, str] = tomllib.loads(Path(__file__).with_name("programs.toml").read_text("utf-8"))
FILES = {
    "notes.txt": "one\ntwo two\nthree\n",
    "src/main.py": "from util import helper\n\n\ndef main():\n    print(helper())\n\n\nmain()\n",
    "src/util.py": "def helper():\n    return 'hi'\n",
    "data/people.csv": "name,age\nAnn,31\nBob,25\nCy,40\n",
    "data/config.json": '{"name": "x", "version": 3}',
    "data/settings.toml": "[a]\nb = [1, 2]\n",
    "data/app.ini": "[server]\nport = 80\n",
}
TOOLS = (
    "from pathlib import Path as _P\n"
    "def read_file(path): return _P(path).read_bytes().decode()\n"
    "def write_file(path, content): _P(path).write_text(content, 'utf-8'); return 'success'\n"
    "exec(compile(_P(__import__('sys').argv[1]).read_text('utf-8'), '<code>', 'exec'), globals())\n"
)
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these are the Linux backends")


def filled(folder: Path) -> Path:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def left(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_there_are_enough():
    assert len(PROGRAMS) >= 60


@pytest.mark.parametrize("name", PROGRAMS)
async def test_a_program_does_what_it_does_anywhere(name, tmp_path):
    code = PROGRAMS[name]
    plain = filled(tmp_path / "plain")
    (tmp_path / "code.py").write_text(code, "utf-8")
    wanted = subprocess.run(
        [sys.executable, "-c", TOOLS, tmp_path / "code.py"], cwd=plain, capture_output=True, timeout=60
    )
    assert wanted.returncode == 0, wanted.stderr.decode()
    for backend in ("bwrap", "landlock"):
        folder = filled(tmp_path / backend)
        outcome = await Runner(backend, folder)(code, write=True)
        assert (outcome.status, outcome.stdout) == ("ok", wanted.stdout.decode()), outcome
        assert left(folder) == left(plain)
        shutil.rmtree(folder)
