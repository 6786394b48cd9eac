"""What is said of how quick a model can be here, and what the engine's process is given for it."""

import sys

import pytest

from codemode_tui.engine import spawning
from codemode_tui.engine.speed import how_it_runs

SMALL, LARGE = 5_000_000, 21_000_000_000


def test_what_is_there_is_named_and_what_is_missing_has_its_fix():
    assert how_it_runs(LARGE, True, system="darwin") == ("on the GPU (Metal)", "")
    quick = how_it_runs(SMALL, True, system="linux", blas="/usr/lib/libopenblas.so.0")
    assert "OpenBLAS (libopenblas.so.0)" in quick.words and "float copy" in quick.words and not quick.fix
    slow = how_it_runs(LARGE, True, system="linux", blas="")
    assert "slow BLAS" in slow.words and "float copy" not in slow.words and "OpenBLAS" in slow.fix
    assert "float copy" not in how_it_runs(SMALL, False, system="linux", blas="").words


@pytest.mark.skipif(sys.platform != "linux", reason="a Mac has a fast BLAS of its own")
def test_openblas_is_loaded_into_the_engine_alone_and_never_required(monkeypatch):
    monkeypatch.setattr(spawning, "openblas", lambda: "/lib/libopenblas.so.0")
    given = {"LD_PRELOAD": "/lib/mine.so", "PATH": "/bin"}
    assert spawning.worker_environment(given)["LD_PRELOAD"] == "/lib/mine.so:/lib/libopenblas.so.0"
    assert given["LD_PRELOAD"] == "/lib/mine.so"
    monkeypatch.setattr(spawning, "openblas", lambda: None)
    assert "LD_PRELOAD" not in spawning.worker_environment({"PATH": "/bin"})
