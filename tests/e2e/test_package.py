"""The wheel: what is in it, and that it runs from anywhere once it is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import venv
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from codemode_tui import __version__
from codemode_tui.help.topics import NAMES

MOST_BYTES = 12 * 1024 * 1024
MOST_INSTALLED = 40 * 1024 * 1024
ROOT = Path(__file__).parents[2]
pytest.importorskip("hatchling", reason="builds the wheel; comes with the extra `test`")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Wheel and source distribution of the checkout."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", out], cwd=ROOT, check=True, capture_output=True)
    (wheel,), (source,) = out.glob("*.whl"), out.glob("*.tar.gz")
    return wheel, source


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """A fresh environment with the wheel in it; what it needs is borrowed from this one. Gives its ``codemode``."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / "bin/python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--disable-pip-version-check", built[0]], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    # As a path file: its own packages come first, so that the wheel is what runs.
    (packages / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
    return folder / "bin/codemode"


def test_the_wheel_holds_model_themes_profiles_and_topics_and_is_small(built):
    wheel, source = built
    assert wheel.stat().st_size <= MOST_BYTES
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = ["bundled/model/model.safetensors", "bundled/model/tokenizer.json", "themes/codemode-dark.toml",
              "protocol/profiles/phase22.toml", "sandbox/child/shims.py", "py.typed",
              *(f"help/{name}.md" for name in NAMES)]  # fmt: skip
    assert not [name for name in wanted if f"codemode_tui/{name}" not in names]
    assert not [name for name in names if not name.startswith(("codemode_tui/", "codemode_tui-"))]
    with tarfile.open(source) as archive:
        top = {name.split("/")[1] for name in archive.getnames() if "/" in name}
    assert {"codemode_tui", "tests", "themes", "pyproject.toml", "README.md", "LICENSE"} <= top
    assert not top & {".gpu", ".venv", ".hypothesis", ".mypy_cache"}


def test_the_metadata_names_pythons_extras_and_the_program(built):
    archive = zipfile.ZipFile(built[0])
    metadata = archive.read(f"codemode_tui-{__version__}.dist-info/METADATA").decode()
    assert f"Version: {__version__}\n" in metadata and "Requires-Python: >=3.11\n" in metadata
    extras = set(re.findall(r"^Provides-Extra: (.+)$", metadata, re.MULTILINE))
    assert extras >= {"mcp", "monty", "train", "hf", "acp"}
    assert {f"3.{minor}" for minor in (11, 12, 13, 14)} <= set(
        re.findall(r"Python :: (3\.\d+)$", metadata, re.MULTILINE)
    )


def test_without_mlx_lm_the_installation_is_small(built):
    """All that it needs, but for mlx-lm and what that pulls in."""
    sizes: dict[str, int] = {}

    def add(name: str) -> None:
        if name in sizes or name.startswith("mlx"):
            return
        found = distribution(name)
        files = (Path(str(file.locate())) for file in found.files or () if file.suffix != ".pyc")
        sizes[name] = sum(file.stat().st_size for file in files if file.is_file())
        for line in found.requires or ():
            needed = Requirement(line)
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                add(needed.name.lower().replace("_", "-"))

    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    for line in metadata["project"]["dependencies"]:
        add(Requirement(line).name)
    own = sum(one.file_size for one in zipfile.ZipFile(built[0]).infolist())
    assert own + sum(sizes.values()) <= MOST_INSTALLED, sizes


def test_it_runs_from_another_folder(installed, tmp_path):
    env = {**os.environ, "CODEMODE_HOME": str(tmp_path / "home"), "PYTHONPATH": ""}

    def run(*args):
        return subprocess.run([installed, *args], cwd=tmp_path, env=env, capture_output=True, text=True)

    assert run("--version").stdout == f"codemode {__version__}\n"
    assert "first-five-minutes" in run("help").stdout
    assert run("help", "themes").stdout.count("| `codemode-") >= 7  # the shipped themes, from inside the wheel
    (tmp_path / "notes.txt").write_text("a\nb\n")
    asked = run("ask", "How many lines are in notes.txt?", "--run", "auto", "--no-store")
    assert asked.returncode == 0 and "2" in asked.stdout
    where = subprocess.run(
        [installed.with_name("python"), "-c", "import codemode_tui; print(codemode_tui.__file__)"],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(installed.parents[1]))


@pytest.mark.parametrize("minor", [12, 13, 14])
def test_other_pythons_read_every_file(minor):
    pyenv = Path.home().glob(f".pyenv/versions/3.{minor}.*/bin/python")
    candidates = filter(None, (shutil.which(f"python3.{minor}"), *pyenv))
    works = (one for one in candidates if not subprocess.run([one, "-c", "pass"], capture_output=True).returncode)
    python = next(works, None)
    if python is None:
        pytest.skip(f"there is no Python 3.{minor} here")
    code = (
        "import pathlib, sys, warnings\nwarnings.simplefilter('error')\n"
        "for file in pathlib.Path(sys.argv[1]).rglob('*.py'):\n    compile(file.read_bytes(), str(file), 'exec')\n"
    )
    done = subprocess.run([python, "-c", code, str(ROOT / "codemode_tui")], capture_output=True, text=True)
    assert not done.stderr


def test_the_workflow_proves_on_a_mac_what_only_a_mac_can():
    yaml = pytest.importorskip("yaml")
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]
    steps = "\n".join(step.get("run", "") for step in jobs["macos"]["steps"])
    assert "codemode sandbox check" in steps and "pytest -n 0 -rs -m mac_only" in steps
    assert jobs["linux"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert "bash .ci/run" in "\n".join(step.get("run", "") for step in jobs["linux"]["steps"])
