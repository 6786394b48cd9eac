"""A folder appears whole or not at all, and nothing of anybody else's is ever replaced."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from codemode_tui.errors import UsageError
from codemode_tui.feedback import publishing
from codemode_tui.feedback.manifest import KIND
from codemode_tui.feedback.publishing import check_target, staged


def publish(out, text="new"):
    with staged(out) as (folder, _):
        (folder / "mlx-sft").mkdir()
        (folder / "mlx-sft/train.jsonl").write_text(text)
        (folder / "manifest.json").write_text(json.dumps({"kind": KIND, "files": {"mlx-sft/train.jsonl": {}}}))


def test_a_new_folder(tmp_path):
    publish(tmp_path / "out")
    assert (tmp_path / "out/mlx-sft/train.jsonl").read_text() == "new"
    assert os.listdir(tmp_path) == ["out"]


def test_an_earlier_export_is_replaced_whole(tmp_path):
    publish(tmp_path / "out", "old")
    with staged(tmp_path / "out") as (folder, _):
        (folder / "manifest.json").write_text(json.dumps({"kind": KIND, "files": {}}))
    assert os.listdir(tmp_path) == ["out"] and os.listdir(tmp_path / "out") == ["manifest.json"]


@pytest.mark.parametrize(
    "content",
    [
        {"x.txt": "mine"}, {"manifest.json": "{}"}, {"manifest.json": '{"kind": 1'},
        {"manifest.json": "[" * 200_000},
    ],
)  # fmt: skip
def test_a_folder_that_is_not_ours_is_refused_and_left_alone(tmp_path, content):
    out = tmp_path / "out"
    out.mkdir()
    for name, text in content.items():
        (out / name).write_text(text)
    with pytest.raises(UsageError, match="exists and is no earlier export"):
        publish(out)
    assert {file.name: file.read_text() for file in out.iterdir()} == content


def test_what_somebody_put_into_an_earlier_export_is_not_deleted(tmp_path):
    publish(tmp_path / "out", "old")
    (tmp_path / "out/adapters.safetensors").write_text("precious")
    with pytest.raises(UsageError, match=r"adapters\.safetensors"):
        publish(tmp_path / "out")
    assert (tmp_path / "out/adapters.safetensors").read_text() == "precious"


@pytest.mark.parametrize("inside", [(), (".DS_Store",)])
def test_an_empty_folder_is_like_a_new_one_unless_we_are_in_it(tmp_path, monkeypatch, inside):
    (out := tmp_path / "out").mkdir()
    for name in inside:
        (out / name).touch()
    with monkeypatch.context() as patched:
        patched.chdir(out)
        with pytest.raises(UsageError, match="you are in it"):
            publish(out)
    publish(out)
    assert os.listdir(tmp_path) == ["out"] and sorted(os.listdir(out)) == ["manifest.json", "mlx-sft"]


def test_what_the_finder_leaves_in_a_folder_keeps_no_export_from_being_replaced(tmp_path):
    publish(tmp_path / "out", "old")
    for folder in ("out", "out/mlx-sft"):
        (tmp_path / folder / ".DS_Store").touch()
    publish(tmp_path / "out")
    assert (tmp_path / "out/mlx-sft/train.jsonl").read_text() == "new"
    assert list(tmp_path.rglob(".DS_Store")) == []


def test_an_interrupt_between_the_two_renames_keeps_the_earlier_export(tmp_path, monkeypatch):
    publish(tmp_path / "out", "old")
    monkeypatch.setattr(publishing, "_swap", lambda one, other: False)
    replace = os.replace

    def interrupted(source, target):
        if str(source).endswith("folder"):
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        publish(tmp_path / "out")
    assert (tmp_path / "out/mlx-sft/train.jsonl").read_text() == "old" and os.listdir(tmp_path) == ["out"]


def test_a_file_a_link_or_no_parent(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(tmp_path)
    for name in ("file", "link", "missing/out"):
        with pytest.raises(UsageError):
            check_target(tmp_path / name)


@pytest.mark.parametrize(
    ("here", "name"), [("out", "."), ("out", "../out"), ("out", "mlx-sft/.."), ("out/mlx-sft", "..")]
)
def test_an_export_that_we_are_in_is_left_alone_before_any_work(tmp_path, monkeypatch, here, name):
    publish(tmp_path / "out", "old")
    monkeypatch.chdir(tmp_path / here)
    with pytest.raises(UsageError, match="you are in it"), staged(Path(name)):
        pytest.fail("it was begun")
    assert (tmp_path / "out/mlx-sft/train.jsonl").read_text() == "old" and os.listdir(tmp_path) == ["out"]


def test_a_way_that_ends_with_the_folder_above_leads_to_an_export_too(tmp_path, monkeypatch):
    publish(tmp_path / "out", "old")
    monkeypatch.chdir(tmp_path)
    publish(Path("out/mlx-sft/.."))
    assert (tmp_path / "out/mlx-sft/train.jsonl").read_text() == "new" and os.listdir(tmp_path) == ["out"]


def test_a_failure_leaves_what_was_there(tmp_path):
    publish(tmp_path / "out", "old")
    with pytest.raises(RuntimeError), staged(tmp_path / "out") as (folder, scratch):
        (folder / "half").write_text("")
        (scratch / "secret").write_text("")
        raise RuntimeError
    assert (tmp_path / "out/mlx-sft/train.jsonl").read_text() == "old" and os.listdir(tmp_path) == ["out"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_a_full_disk_or_a_closed_folder_is_named_and_nothing_stays(tmp_path, number):
    with pytest.raises(UsageError, match="out cannot be written: ") as caught, staged(tmp_path / "out"):
        raise OSError(number, os.strerror(number))
    assert ("free some space" in caught.value.hint) == (number == errno.ENOSPC)
    assert "name another --out" in caught.value.hint
    assert os.listdir(tmp_path) == []


def test_what_is_not_finished_is_for_this_user_alone(tmp_path):
    with staged(tmp_path / "out") as (folder, _):
        assert folder.parent.stat().st_mode & 0o077 == 0


KILLED = """
import os, signal, sys
from pathlib import Path
from codemode_tui.feedback import publishing
from feedback.test_publishing import publish

if sys.argv[2] == "renames":
    publishing._swap = lambda one, other: False
replace, done = os.replace, []
def die(*args):
    replace(*args)
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "early":
    publishing._settle = lambda folder: os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "late":
    publishing.shutil.rmtree = lambda *args, **options: os.kill(os.getpid(), signal.SIGKILL)
os.replace = die
publish(Path(sys.argv[1]), "new")
"""


@pytest.mark.parametrize(("when", "there"), [("early", "old"), ("late", "new"), ("renames", None)])
def test_a_kill_at_the_worst_moment_loses_nothing(tmp_path, when, there):
    out = tmp_path / "out"
    publish(out, "old")
    died = subprocess.run(
        [sys.executable, "-c", KILLED, out, when], env={**os.environ, "PYTHONPATH": "tests"}, capture_output=True
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    if there is None:
        assert not out.exists()  # no swap, and killed between the two renames
    else:
        assert (out / "mlx-sft/train.jsonl").read_text() == there
    assert len(os.listdir(tmp_path)) == 1 + (there is not None)
    with pytest.raises(RuntimeError), staged(out):
        raise RuntimeError  # the next export, which comes to nothing
    assert (out / "mlx-sft/train.jsonl").read_text() == (there or "old")
    assert os.listdir(tmp_path) == ["out"]


def test_another_export_into_the_same_folder_is_left_alone(tmp_path):
    with staged(tmp_path / "one") as (folder, _):
        (folder / "manifest.json").write_text(json.dumps({"kind": KIND, "files": {}}))
        publish(tmp_path / "other")
        assert folder.is_dir()
    assert sorted(os.listdir(tmp_path)) == ["one", "other"]


@pytest.mark.parametrize("times", [1, 100])
def test_a_folder_that_another_export_removed_before_it_was_locked_is_made_again(tmp_path, monkeypatch, times):
    made, real = [], publishing.tempfile.mkdtemp

    def raced(**where):
        made.append(real(**where))
        if len(made) <= times:
            publishing._clear_up(tmp_path)
        return made[-1]

    monkeypatch.setattr(publishing.tempfile, "mkdtemp", raced)
    if times == 1:
        publish(tmp_path / "out")
        assert len(made) == 2 and os.listdir(tmp_path) == ["out"]
    else:
        with pytest.raises(UsageError, match="other exports into the same place"):
            publish(tmp_path / "out")
        assert os.listdir(tmp_path) == []


def test_an_earlier_export_is_there_until_the_new_one_is(tmp_path, monkeypatch):
    if not publishing._swap(*(tmp_path / name for name in _folders(tmp_path))):
        pytest.skip("this file system cannot swap two folders")
    publish(tmp_path / "out", "old")
    monkeypatch.setattr(os, "replace", None)
    publish(tmp_path / "out")
    assert (tmp_path / "out/mlx-sft/train.jsonl").read_text() == "new"


def _folders(parent):
    for name in ("a", "b"):
        (parent / name).mkdir()
        yield name
