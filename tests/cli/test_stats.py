"""`codemode stats`, and copies of the store."""

from __future__ import annotations

import pytest

from codemode_tui.cli.plot import bar
from codemode_tui.cli.stats import grouped
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.store.statistics import Day
from codemode_tui.store.store import Store, wait
from codemode_tui.training.bench.history import fill


@pytest.fixture
def asked(codemode):
    """The program with one engine for all questions, which is ended with the test."""
    codemode.env.pop("CODEMODE_ENGINE", None)
    yield codemode
    assert codemode("engine", "stop").code == 0


def test_nothing_was_asked(codemode):
    assert "nothing was asked" in codemode("stats").out
    empty = codemode("stats", "--json").json
    assert (empty["turns"], empty["days"], empty["since"]) == (0, [], "")


def test_what_turns_come_to(asked, tmp_path):
    codemode = asked
    codemode("ask", "How many lines are in notes.txt?", "--run", "auto")
    codemode("ask", "Read the file missing-9.md", "--run", "auto")
    codemode("ask", "What is a decorator?")
    codemode("feedback", "add", "--turn", "last", "--rating", "down", "--reason", "wrong_answer")
    found = codemode("stats", "--json").json
    assert (found["turns"], found["sessions"], found["ratings"]) == (3, 3, {"down": 1})
    assert found["decisions"] == {"tool": 2, "direct": 1} and found["reasons"] == {"wrong_answer": 1}
    assert found["runs"]["ok"] == 1 and found["exceptions"] == {"FileNotFoundError": found["runs"]["error"]}
    (day,) = found["days"]
    assert (day["turns"], day["good_runs"], day["down"]) == (3, 1, 1) and day["decode_tps"] > 0 and day["ttft_ms"] > 0
    codemode("feedback", "retract", "--turn", "last")
    codemode("feedback", "add", "--turn", "last", "--rating", "down")
    assert codemode("stats", "--json").json["reasons"] == {}
    codemode("feedback", "add", "--turn", "last", "--rating", "down", "--reason", "wrong_answer")
    told = codemode("stats").out
    assert "3 turns in 3 sessions" in told and "wrong_answer" in told and "█" in told and "FileNotFoundError" in told
    assert codemode("stats", "--workspace", str(tmp_path), "--json").json["turns"] == 0
    assert codemode("stats", "--workspace", str(codemode.workspace), "--days", "2", "--json").json["turns"] == 3


def _stored(codemode, turns):
    """A history of one session, without a model."""
    file = codemode.home / "data/codemode.db"
    file.parent.mkdir(parents=True)
    fill(file, codemode.workspace.resolve(), load_profile("bundled"), turns, 0.0)
    (session,) = codemode("sessions", "list", "--json").json
    return codemode("sessions", "show", session["id"], "--json").json


def test_nothing_in_a_folder_or_a_time_is_not_nothing_at_all(codemode, tmp_path):
    _stored(codemode, 2)
    assert codemode("stats", "--workspace", str(tmp_path)).out == "nothing was asked in that folder\n"


def test_bars_of_a_terminal_that_is_no_utf8(codemode):
    _stored(codemode, 2)
    codemode.env |= {"PYTHONIOENCODING": "ascii"}
    told = codemode("stats").out
    assert told.isascii() and "###" in told


@pytest.mark.parametrize(("share", "shown"), [(0, "    "), (1, "████"), (0.5, "██  "), (0.001, "▏   "), (7, "████")])
def test_a_bar(share, shown, monkeypatch):
    monkeypatch.setattr("codemode_tui.cli.plot._blocks", lambda: True)
    assert bar(share, 4) == shown


def test_many_days_are_told_by_the_week_month_or_year():
    days = [Day(f"{year}-{month:02}-{day:02}", 1, decode_tps=float(day)) for year in range(2024, 2028)
            for month in range(1, 13) for day in (1, 11, 21)]  # fmt: skip
    assert grouped(days[:31])[0][0] == "2024-01-01"
    assert [name for name, _ in grouped(days[:40])][:2] == ["2024-01", "2024-02"]
    assert [(name, day.turns) for name, day in grouped(days)] == [(str(year), 36) for year in range(2024, 2028)]
    assert grouped(days)[0][1].decode_tps == 11
    weeks = grouped(
        [Day(f"2024-12-{day:02}", 1) for day in range(1, 32)] + [Day("2025-01-01", 1), Day("2025-01-02", 1)]
    )
    assert weeks[-1][0] == "2025-W01" and weeks[-1][1].turns == 4


def test_a_copy_of_the_store_is_whole_and_overwrites_nothing(codemode, tmp_path):
    turn = _stored(codemode, 1)["turns"][0]
    copy = tmp_path / "copy.db"
    made = codemode("sessions", "backup", str(copy), "--json").json
    assert made["bytes"] == copy.stat().st_size and copy.stat().st_mode & 0o077 == 0
    store = Store.open(copy)
    assert wait(store.turn(turn["id"])).query == turn["query"]
    store.close()
    assert "exists already" in codemode("sessions", "backup", str(copy)).error
    missing = codemode("sessions", "backup", str(tmp_path / "no/such/copy.db"))
    assert missing.code == 2 and "name a file in another folder" in missing.error
    named = codemode("sessions", "backup", ":memory:", "--json").json
    assert named["bytes"] > 0 and named["file"] == str(codemode.workspace / ":memory:")
    assert codemode("sessions", "backup", "~nosuchuser/x.db").error.count("\n") <= 1


def test_a_fork_knows_what_was_said_and_leaves_the_session_as_it_is(asked):
    codemode = asked
    before = _stored(codemode, 2)
    session, (first, second) = before["session"]["id"], before["turns"]
    early = codemode("ask", "And a tuple?", "--fork", first["id"], "--json").json
    late = codemode("ask", "And a tuple?", "--fork", session, "--json", "--no-store").json
    assert early["session"] not in (session, late["session"])
    assert early["usage"]["prompt_tokens"] < late["usage"]["prompt_tokens"]  # the second turn, too
    assert codemode("sessions", "show", session, "--json").json == before
    assert codemode("sessions", "show", second["id"], "--json").json == before
    again = codemode("ask", "And a list?", "--session", early["session"], "--json").json
    assert again["usage"]["prompt_tokens"] > early["usage"]["prompt_tokens"]  # what the fork began with is still there
    assert codemode("ask", "hi", "--fork", "nope").code == 2
    assert codemode("ask", "hi", "--fork", session, "--session", session).code == 2
    assert "needs a terminal" in codemode("sessions", "resume", session).error
    assert "needs a terminal" in codemode("sessions", "fork", first["id"]).error
