"""`bench sandbox` measures every backend that is there, and says against what."""

from __future__ import annotations

import sys

import pytest

from codemode_tui.errors import SandboxError
from codemode_tui.training.bench import sandbox as bench


@pytest.mark.skipif(sys.platform != "linux", reason="these are the Linux backends")
async def test_budgets_9_and_10_are_told_with_their_baselines():
    said: list[str] = []
    results = await bench.bench_sandbox(1, said.append)
    assert [one.budget for one in results[:2]] == [9, 10]
    cold, first = results[:2]
    assert cold.ratio is not None and cold.baseline and cold.limit == 2.0
    assert first.unit == "ms" and first.limit == 15.0 and first.ratio is None
    assert len(said) == len(results) // 2


async def test_no_sandbox_is_an_error_and_no_figure(monkeypatch):
    def refuse() -> None:
        raise SandboxError("not here")

    for name in ("bwrap_backend", "landlock_backend", "seatbelt_backend", "monty_backend"):
        monkeypatch.setattr(bench, name, refuse)
    with pytest.raises(SandboxError, match="nothing to measure"):
        await bench.bench_sandbox(1, print)
