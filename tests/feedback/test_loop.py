"""The documented example does what it says: its own lines, run as they stand, with the bundled model."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import codemode_tui.feedback

pytestmark = pytest.mark.slow
EXAMPLE = Path(codemode_tui.feedback.__file__).with_name("README.md")


def test_ten_wrong_turns_become_an_export(tmp_path):
    (script, *_) = re.findall(r"^```sh\n(.*?)^```$", EXAMPLE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/codemode").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m codemode_tui "$@"\n')
    (tmp_path / "bin/codemode").chmod(0o755)
    env = {
        **os.environ,
        "CODEMODE_HOME": str(tmp_path / "home"),
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(["sh", "-eu", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"^\S{36}  down  verified ", done.stdout, re.MULTILINE)) == 20  # as added, and as listed
    manifest = json.loads((tmp_path / "loop/rows/manifest.json").read_text("utf-8"))
    rows = [one["rows"] for file, one in manifest["files"].items() if file.startswith("mlx-sft/")]
    assert sum(rows) == 12 and manifest["leak"] == 0  # eight answers, two calls, two answers that followed
    assert manifest["quarantine"] == {}
