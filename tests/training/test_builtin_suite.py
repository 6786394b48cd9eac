"""The built-in suite is sound: large enough, solvable, not won by doing nothing, and unknown to the training data."""

from __future__ import annotations

import itertools
from collections import Counter

import pytest
from support.fakes import FakeEngine
from training.replies import KNOWN, messages

from codemode_tui.bundled.recipe import direct_tasks, leaks, refusals, rows, small_talk, words
from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.world import World
from codemode_tui.chat.events import TurnRecord
from codemode_tui.cli.session import Options, open_conversation
from codemode_tui.engine.api import Usage
from codemode_tui.training.grading import grade
from codemode_tui.training.loading import BUILTIN, load_suite
from codemode_tui.training.playing import play_suite
from codemode_tui.training.suite import select
from codemode_tui.training.workbench import put

SUITE = load_suite(BUILTIN)
GROUPS = ("discrimination", "single", "multi", "recovery", "multi-turn", "seed")
DRAWN = 4000


def test_there_are_enough_cases_in_every_group():
    counts = Counter(case.group for case in SUITE.cases)
    assert set(counts) == set(GROUPS)
    assert len(SUITE.cases) >= 150
    assert counts["seed"] == 10
    assert all(counts[group] >= 15 for group in GROUPS if group != "seed")


def test_both_decisions_are_asked_for():
    counts = Counter(case.decision for case in SUITE.cases)
    assert counts["direct"] >= 25 and counts["tool"] >= 100 and counts[None] == 0
    assert all(case.followup for case in SUITE.cases if case.group == "multi-turn")


def test_cases_fit_a_small_context():
    for case in SUITE.cases:
        assert sum(len(text) for turn in case.turns for text in turn.files.values()) < 600, case.id
        assert all(len(turn.query) < 160 for turn in case.turns), case.id


def test_every_case_has_a_known_good_reply():
    assert {case.id for case in SUITE.cases} == KNOWN


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
async def test_every_case_can_be_solved(group, tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    suite = select(SUITE, [group])
    engine = FakeEngine(*itertools.chain.from_iterable(messages(case) for case in suite.cases))

    async def conversation(workspace):
        options = Options(workspace=workspace, model="bundled", store=False, run="auto", allow_write=True)
        return await open_conversation(options, engine)

    failed = {
        result.case.id: result.failures for result in await play_suite(suite, engine, conversation) if not result.passed
    }
    assert failed == {}


def test_doing_nothing_passes_no_case(tmp_path):
    for number, case in enumerate(SUITE.cases):
        if case.checks == ("decision",) or case.files_after == case.files:
            continue  # nothing to be shown, or nothing to be changed: then nothing is right
        folder = tmp_path / str(number)
        folder.mkdir()
        put(folder, case.files)
        silent = TurnRecord(
            "", "", case.query, {"value": case.decision}, "", "", None, None, "", 1, "stop", Usage(), (), None
        )
        assert grade(case, silent, folder), case.id


def test_no_query_is_one_of_the_generator():
    """Nor nearly one: questions without a name are the ones that could coincide.

    What chance makes into one is left out before training, and rare.
    """
    is_free = leaks.free_of(leaks.queries())
    kept = [row for row in itertools.islice(rows.rows(11), DRAWN) if is_free(row)]
    assert len(kept) >= DRAWN - DRAWN // 1000
    assert leaks.found(_generated(kept)) == {}


def test_no_file_has_a_name_of_the_generator():
    known = {word.casefold() for word in (*words.WORDS, *words.SHORT)}
    famous = {name.casefold() for name in words.FAMOUS}
    for path, name, parts in leaks.names():
        assert name not in famous, path
        fixed = path.startswith(".git/") or path == "README.rst"  # names that cannot be chosen
        assert fixed or not parts <= known, path


def _generated(kept: list[rows.Row]) -> set[str]:
    """Many questions of the generator: all kinds, and more of those that need no workspace."""
    found = {text for row in kept for role, text in row.turns if role == "user"}
    world = World(Source("world"), 0)
    for number in range(DRAWN):
        r = Source(f"direct/{number}")
        for task in (
            direct_tasks.concept,
            direct_tasks.how,
            direct_tasks.code_word,
            direct_tasks.versus,
            small_talk.talk,
            refusals.refusal,
            refusals.unknown,
        ):
            chat = Chat(r, world, bool(number % 2))
            task(chat)
            found.add(chat.turns[0][1])
    return found
