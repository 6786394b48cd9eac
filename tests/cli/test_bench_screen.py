"""`bench screen`: every figure is taken, in small; no time is judged here."""

from __future__ import annotations

import json

from codemode_tui.cli import bench_screen, bench_stage
from codemode_tui.cli.bench_screen import _FIGURES, _MEASURES


async def test_code_streams_through_the_interface_and_through_plain_markdown():
    assert await bench_stage._ours(3, 1_000) > 0
    assert await bench_stage._theirs(3, 1_000) > 0


def test_memory_is_taken_after_few_and_after_many_turns(monkeypatch, capsys):
    monkeypatch.setattr(bench_stage, "FEW", 1)
    monkeypatch.setattr(bench_stage, "MANY", 3)
    bench_stage.memory()
    few, many = json.loads(capsys.readouterr().out)
    assert 0 < few <= many * 2


def test_every_budget_has_its_figure(monkeypatch):
    monkeypatch.setattr(
        bench_screen,
        "_MEASURES",
        {name: lambda name=name: iter([(3.0, 2.0)] * len(_FIGURES[name])) for name in _MEASURES},
    )
    results = bench_screen.bench_screen(2, lambda _: None)
    assert {one.budget for one in results} == {2, 3, 6, 7, 8, 13}
    assert all(one.limit is not None and one.runs == 2 for one in results)
    assert [one.ratio for one in results if one.baseline is not None] == [1.5] * 7


def test_a_program_that_only_says_something_is_set_beside_one_that_does_nothing(capfd):
    pairs = [*_MEASURES["words"]()]
    assert len(pairs) == len(_FIGURES["words"]) == 2
    assert all(taken > 0 and bare > 0 for taken, bare in pairs)
    assert capfd.readouterr().out == ""


def test_of_few_values_the_p99_is_the_largest():
    assert bench_screen._p99([*map(float, range(39)), 500.0]) == 500.0
    assert bench_screen._p99([float(n) for n in range(1, 1001)]) == 990.0
