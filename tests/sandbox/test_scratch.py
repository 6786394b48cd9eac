"""Temporary folders of the host: whatever was made in them is counted, and goes."""

from __future__ import annotations

import math
import os

from codemode_tui.sandbox.scratch import bytes_in, make_scratch, remove_scratch


def test_a_thousand_folders_in_one_another_go(tmp_path, monkeypatch):
    scratch, here = make_scratch(), os.getcwd()
    try:
        os.chdir(scratch)
        for _ in range(2500):
            os.mkdir("d" * 50)
            os.chdir("d" * 50)
        open("x", "w").close()
    finally:
        os.chdir(here)
    assert bytes_in(scratch) == math.inf
    remove_scratch(scratch)
    assert not os.path.lexists(scratch)


def test_what_a_link_leads_to_stays(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("x")
    scratch = make_scratch()
    os.mkdir(f"{scratch}/a")
    for place in (scratch, f"{scratch}/a"):
        os.symlink(tmp_path / "kept", f"{place}/link")
        os.symlink(".", f"{place}/loop")
    remove_scratch(scratch)
    assert not os.path.lexists(scratch)
    assert (tmp_path / "kept" / "file").read_text() == "x"


def test_folders_without_rights_and_odd_names_go():
    scratch = make_scratch()
    os.makedirs(f"{scratch}/a/b/c")
    for name in (b"\xff\n\x1b", b"-rf", b"*"):
        open(os.fsencode(scratch) + b"/a/b/" + name, "w").close()
    for path in ("a/b/c", "a/b", "a", ""):
        os.chmod(f"{scratch}/{path}", 0)
    remove_scratch(scratch)
    assert not os.path.lexists(scratch)


def test_bytes_and_names_count():
    scratch = make_scratch()
    with open(f"{scratch}/sparse", "wb") as file:
        file.truncate(1 << 30)
    assert bytes_in(scratch) < 1 << 16
    with open(f"{scratch}/full", "wb") as file:
        file.write(b"x" * (1 << 20))
    os.mkdir(f"{scratch}/many")
    for number in range(2000):
        open(f"{scratch}/many/{number}", "w").close()
    assert bytes_in(scratch) > (1 << 20) + 2000 * 500
    remove_scratch(scratch)
    assert bytes_in(scratch) == 0
