"""The generated conversations: read as they were meant, true when run again, and apart from what is measured."""

import ast
import itertools
import re

import pytest

from codemode_tui.bundled.recipe import outcomes, tasks, words
from codemode_tui.bundled.recipe import rows as generated
from codemode_tui.bundled.recipe.example import code_of
from codemode_tui.bundled.recipe.rows import Row, first, row, rows
from codemode_tui.bundled.recipe.sample import check
from codemode_tui.bundled.recipe.source import HeldSource, Source
from codemode_tui.errors import ModelError
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.types import Decision


def taken(stream, count: int) -> list[Row]:
    return list(itertools.islice(stream, count))


@pytest.mark.parametrize("held", [False, True])
def test_every_message_reads_in_the_product_as_the_generator_meant_it(held: bool) -> None:
    for made in taken(rows(101, held=held), 600) + taken(outcomes.rows(101, held=held), 200):
        check(made)


def test_a_row_whose_call_the_product_would_not_take_is_refused() -> None:
    with pytest.raises(ModelError, match="reads as malformed"):
        check(Row("broken", (("user", "x"), ("assistant", "<tool_call>\n1 +\n</tool_call>"), ("tool", "1"))))


def test_a_conversation_cut_behind_its_first_message_is_a_question_and_what_answers_it() -> None:
    for number in range(300):
        made = first(Source(f"104/{number}"))
        roles = [role for role, _ in made.turns]
        if roles.count("user") > 1:  # whose later questions lean on the first
            assert made.kind in {task.__name__ for task, _ in tasks.TOOL if task.__module__.endswith("_dialogues")}
            continue
        assert roles[-2:] == ["user", "assistant"]
        called = parse(made.turns[-1][1]).decision is Decision.TOOL
        assert called == bool(code_of(made.turns[-1][1])) == bool(made.worlds)


def test_conversations_alternate_and_end_with_an_answer() -> None:
    for made in taken(rows(102), 400) + taken(outcomes.rows(102), 200):
        roles = [role for role, _ in made.turns]
        assert roles[0] == "user"
        assert roles[-1] == "assistant"
        for before, after in itertools.pairwise(roles):
            assert (before, after) in {
                ("user", "assistant"),
                ("assistant", "tool"),
                ("tool", "assistant"),
                ("assistant", "user"),
            }


def test_the_output_in_a_row_is_what_its_code_prints_when_it_is_run_again() -> None:
    ran = 0
    for made in taken(rows(103), 300):
        for code, output, world in calls(made):
            assert world.run(code)[0] == output
            ran += 1
    assert ran > 250


def test_a_look_at_the_columns_of_a_table_goes_on_to_what_was_asked() -> None:
    looks = 0
    for made in taken(rows(3), 1500):
        for asked, look, columns, then in zip(made.turns, made.turns[1:], made.turns[2:], made.turns[3:], strict=False):
            code, later = code_of(look[1]), code_of(then[1])
            if asked[0] == "user" and "reader.fieldnames" in code and later and not columns[1].startswith("Error"):
                looks += 1
                assert columns[0] == "tool"
                assert re.findall(r"read_file\(.+?\)\.", code)[0] in later
    assert looks > 3


def test_calls_use_only_tools_that_the_profile_names() -> None:
    allowed = set(load_profile("bundled").tools)
    tools = {"read_file", "write_file", "move_file", "delete_file", "file_info", "list_directory"}
    assert tools <= allowed
    seen = set()
    for made in taken(rows(104), 500):
        for code, _, world in calls(made):
            called = {n.func.id for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Call) and is_name(n.func)}
            seen |= called & set(world.tools())
    assert seen <= allowed
    assert seen >= {"read_file", "write_file", "glob_files", "search_files", "run_command"}


def test_the_same_seed_gives_the_same_conversations_and_another_seed_others() -> None:
    def told(seed: int) -> list[tuple[str, object]]:
        return [(made.kind, made.turns) for made in taken(rows(seed), 120)]

    assert told(7) == told(7)
    assert told(7) != told(8)
    assert [r.turns for r in taken(outcomes.rows(7), 60)] == [r.turns for r in taken(outcomes.rows(7), 60)]


def test_names_for_measuring_never_occur_in_training() -> None:
    assert not set(words.WORDS) & set(words.HELD_WORDS)
    assert not set(words.FAMOUS) & set(words.HELD_FAMOUS)
    assert Source.letters[1] < HeldSource.letters[0]
    held = re.compile(rf"\b({'|'.join(map(re.escape, words.HELD_WORDS + words.HELD_FAMOUS))})\b", re.I)
    for made in taken(rows(105), 800):
        questions = " ".join(text for role, text in made.turns if role == "user")
        assert not held.search(questions), questions


def test_questions_for_measuring_are_asked_in_other_words(monkeypatch) -> None:
    """One pattern of each kind is kept back: with its names blanked, it does not come up in training."""
    counting = next(task for task, _ in tasks.TOOL if task.__name__ == "count")
    monkeypatch.setattr(generated, "pick", lambda r: counting)

    def patterns(held: bool) -> set[str]:
        found = set()
        for number in range(400):
            made = row(Source(f"106/{number}/{held}"), held=held)
            if made.kind == "count":
                found.add(re.sub(r"\S*[._\d-]\S*|'[^']*'|\"[^\"]*\"|`[^`]*`", "NAME", made.turns[0][1]).lower())
        return found

    trained, measured = patterns(False), patterns(True)
    assert len(measured) > 3
    # Politeness, typos and names without a dot blur a few of them.
    assert len(measured & trained) <= len(measured) // 10


def test_a_declined_run_is_answered_without_claiming_a_result() -> None:
    for made in taken(outcomes.rows(107), 200):
        said = made.turns[-1][1]
        if made.kind == "outcome_declined":
            assert said.startswith("All right, I did not run it.")
        if made.kind == "outcome_corrected":
            again = parse(made.turns[3][1])
            assert again.decision is Decision.TOOL
            assert again.code != parse(made.turns[1][1]).code or "They said" in made.turns[2][1]


def calls(made: Row):
    """``(code, output, workspace before it)`` of every call."""
    at = 0
    for (role, text), (after, output) in itertools.pairwise((*made.turns, ("user", ""))):
        if role == "assistant" and after == "tool":
            yield parse(text).code, output, made.worlds[at].copy()
            at += 1
    assert at == len(made.worlds)


def is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Name)
