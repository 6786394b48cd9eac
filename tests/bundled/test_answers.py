"""What the generated answers say is what the outputs before them show."""

from collections.abc import Callable, Iterator

import pytest

from codemode_tui.bundled.recipe import (
    change_chains,
    commands,
    file_finding,
    file_parts,
    job_conditions,
    job_groups,
    many_filters,
    setting_files,
    table_dialogues,
    table_questions,
)
from codemode_tui.bundled.recipe.example import Chat, code_of, with_output
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.world import World


def _chats(task: Callable[[Chat], None], seeds: range = range(60)) -> Iterator[Chat]:
    for seed in seeds:
        r = Source(seed)
        chat = Chat(r, World(r))
        task(chat)
        yield chat


@pytest.mark.parametrize(
    ("text", "out", "answer"),
    [
        ("Those have the highest days.", "iron 65", "Those have the highest days: iron 65"),
        ("Those are missing.", "a.txt\nb.txt", "Those are missing: a.txt, b.txt"),
        ("Those have the highest days.", "iron, 65\nzinc, 3", "Those have the highest days: iron, 65; zinc, 3"),
        ("Those share a line.", "\n".join("abcdefg"), "Those share a line."),
        ("No two files share a line.", "(no output)", "No two files share a line."),
    ],
)
def test_an_answer_that_points_at_a_short_output_has_it(text: str, out: str, answer: str) -> None:
    assert with_output(text, out) == answer


def test_a_word_is_said_to_be_replaced_only_where_it_stood() -> None:
    replaced = 0
    for chat in _chats(change_chains.change_and_look, range(150)):
        if "text.replace(" in (code := code_of(chat.turns[1][1])):
            replaced += 1
            word = chat.turns[-1][1].removeprefix("I replaced ").partition(" with ")[0]
            path = code.partition('read_file("')[2].partition('")')[0]
            assert word in chat.worlds[0].files[path]
    assert replaced > 10


def test_files_that_a_list_names_in_vain_are_named_with_the_total() -> None:
    for chat in _chats(job_conditions.listed_totals):
        *missing, total = chat.turns[-2][1].splitlines()
        answer = chat.turns[-1][1]
        assert answer.startswith(f"The total is {total}") and ("missing: " in answer) == bool(missing)
        for line, name in zip(missing, answer[:-1].partition(": ")[2].split(", "), strict=bool(missing)):
            assert line.endswith(f" {name}")


def test_no_more_lines_are_counted_in_an_answer_than_the_file_has() -> None:
    for chat in _chats(file_parts.head):
        start, _, rest = chat.turns[-1][1].removeprefix("Those are the ").partition(" lines of ")
        if rest:
            count = start.split()[-1]
            path = code_of(chat.turns[1][1]).partition('read_file("')[2].partition('"')[0]
            assert not count.isdigit() or int(count) <= len(chat.world.files[path].splitlines())


@pytest.mark.parametrize("task", [many_filters.above, job_groups.large_groups])
def test_a_number_of_several_is_asked_for_where_the_noun_is_plural(task: Callable[[Chat], None]) -> None:
    assert not any("than 1 " in chat.turns[0][1] for chat in _chats(task))


def test_a_short_output_stands_in_the_answer() -> None:
    for chat in _chats(setting_files.toml_sections, range(30)):
        out, answer = chat.turns[-2][1], chat.turns[-1][1]
        assert all(line in answer for line in out.splitlines()) or len(out) > 120 or out.count("\n") > 5
    for chat in _chats(table_dialogues.folder_read, range(30)):
        assert all(name in chat.turns[-1][1] for name in chat.turns[-2][1].splitlines())
    for chat in _chats(commands.command_line):
        out, answer = chat.turns[-2][1].strip(), chat.turns[-1][1]
        assert "\n" in out or len(out) > 120 or answer != "That is what it says."
    assert not any(chat.turns[-1][1] == "I found it." for chat in _chats(file_finding.special_names))


def test_two_tables_are_never_named_by_the_same_noun() -> None:
    for chat in _chats(table_questions.named_elsewhere, range(340, 360)):
        first, found, other = chat.turns[-1][1].partition(" with their ")
        assert not found or first.removeprefix("Those are the ").lower() != other.partition(":")[0].rstrip(".").lower()
