"""A setting opens one Python environment to the code: to import, never to write, and never unsaid."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest
from support.sbpl import allowed

from codemode_tui.config import load_settings
from codemode_tui.errors import ConfigError, SandboxError
from codemode_tui.sandbox.interpreter import Interpreter
from codemode_tui.sandbox.packages import with_packages
from codemode_tui.sandbox.seatbelt import seatbelt_launch
from codemode_tui.sandbox.select import NoTools, choose
from codemode_tui.sandbox.types import Limits

from .conftest import LINUX_ONLY
from .test_seatbelt import profile_of

VERSION = f"python{sys.version_info.major}.{sys.version_info.minor}"


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    made = tmp_path / "an environment"
    packages = made / "lib" / VERSION / "site-packages"
    (packages / "numbers_of_mine").mkdir(parents=True)
    (packages / "numbers_of_mine/__init__.py").write_text("ANSWER = 42\n")
    (packages / "json.py").write_text("raise SystemExit('the wrong json')\n")
    (packages / "x.pth").write_text("import sys; sys.exit('a .pth file ran')\n")
    (made / "secret.txt").write_text("secret")
    return made


@LINUX_ONLY
async def test_packages_are_there_only_when_a_setting_says_so(backend, environment):
    code = "import json, numbers_of_mine as m; print(m.ANSWER, m.__file__)"
    plain = await choose(backend)
    opened = await choose(backend, str(environment))
    refused = await plain.run(code, NoTools(), Limits(wall_seconds=20))
    assert refused.exception and refused.exception.type == "ModuleNotFoundError"
    outcome = await opened.run(code, NoTools(), Limits(wall_seconds=20))
    assert outcome.stdout.startswith("42 "), outcome
    assert "packages of" in opened.name and str(environment)[-20:] in outcome.backend
    assert "packages" not in plain.name


@LINUX_ONLY
async def test_packages_are_read_and_never_written_and_nothing_beside_them_is_shown(backend, environment):
    code = f"""
import posix, io
import numbers_of_mine as m
held = 0
for step in (
    lambda: posix.open(m.__file__, posix.O_WRONLY), lambda: posix.unlink(m.__file__),
    lambda: posix.open(m.__path__[0] + '/new.py', posix.O_CREAT | posix.O_WRONLY),
    lambda: io.FileIO({str(environment / "secret.txt")!r}), lambda: posix.listdir({str(environment)!r}),
):
    try:
        step()
    except OSError:
        held += 1
print(held)
"""
    outcome = await (await choose(backend, str(environment))).run(code, NoTools(), Limits(wall_seconds=20))
    # bubblewrap shows the empty folders on the way to what is bound.
    assert outcome.stdout.strip() in (("4", "5") if backend == "bwrap" else ("5",)), outcome
    assert (environment / "lib" / VERSION / "site-packages/numbers_of_mine/__init__.py").read_text() == "ANSWER = 42\n"


@LINUX_ONLY
async def test_numpy_computes_within_the_limits(backend):
    pytest.importorskip("numpy", reason="comes with mlx-lm, which is not installed")
    code = "import numpy as np\na = np.ones((100, 100))\nprint(int((a @ a).sum()), np.linalg.det(np.eye(3)))"
    outcome = await (await choose(backend, sys.prefix)).run(code, NoTools(), Limits(wall_seconds=30))
    assert outcome.status == "ok" and outcome.stdout.endswith("1.0\n"), outcome


@pytest.mark.parametrize("case", ["missing", "empty", "other"])
async def test_an_environment_that_does_not_fit_is_an_error_and_not_another_sandbox(tmp_path, case):
    if case != "missing":
        (tmp_path / "env").mkdir()
    if case == "other":
        (tmp_path / "env/lib/python3.1/site-packages").mkdir(parents=True)
    with pytest.raises(SandboxError, match=r"sandbox\.packages"):
        await choose("auto", str(tmp_path / "env"))


def test_the_macos_profile_reads_the_packages(environment, tmp_path):
    python = with_packages(Interpreter("/opt/p/bin/python", ("/opt/p",)), str(environment))
    scratch = tmp_path / "run"
    scratch.mkdir()
    launch = seatbelt_launch(python, Limits(), str(scratch))
    profile, parameters = profile_of(launch)
    (packages,) = launch.hello["packages"]
    assert allowed(profile, parameters, "file-map-executable", f"{packages}/x.so")
    assert not allowed(profile, parameters, "file-write-data", f"{packages}/x.so")
    assert not allowed(profile, parameters, "file-read-data", str(environment / "secret.txt"))


def test_a_conda_environment_brings_the_libraries_beside_its_packages(environment):
    (environment / "conda-meta").mkdir()
    python = with_packages(Interpreter("/p", ("/p",)), str(environment))
    assert str(environment.resolve() / "lib") in python.reads


def test_only_the_user_can_say_so(tmp_path):
    (tmp_path / ".codemode.toml").write_text('[sandbox]\npackages = "/tmp"\n')
    with pytest.raises(ConfigError, match=r"sandbox\.packages: a project may not set this"):
        load_settings(tmp_path / "config.toml", tmp_path)
    (tmp_path / "config.toml").write_text('[sandbox]\npackages = "~/.venv"\n')
    assert load_settings(tmp_path / "config.toml").sandbox.packages == "~/.venv"
    assert msgspec.to_builtins(load_settings(tmp_path / "none.toml"))["sandbox"]["packages"] is None
