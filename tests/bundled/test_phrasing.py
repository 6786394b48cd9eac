"""Other words and other frames for a question: what is meant stays as it was, and what is measured stays apart."""

import itertools
import re

import pytest

from codemode_tui.bundled.recipe import derived_files, folder_jobs, grammar, job_texts, phrasing, synonyms
from codemode_tui.bundled.recipe.example import Chat, code_of
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.world import World


def questions(held: bool):
    """Two of every section, with its name."""
    r = Source("phrasing")
    for _, name in itertools.product(range(2), grammar.sections()):
        yield name, grammar.choose(r, name, held=held)


def test_other_words_leave_every_slot_and_what_is_quoted_as_it_was() -> None:
    r = Source("words")
    changed = 0
    for _, text in questions(held=False):
        new = synonyms.reworded(r, text)
        assert re.findall(r"\{\w+\}", new) == re.findall(r"\{\w+\}", text)
        assert new == " ".join(new.split())
        assert "{}" not in new
        assert ("^" in new, "|" in new) == ("^" in text, "|" in text)
        changed += new != text
    assert changed > 300
    for text in ("write into {f}: delete the file", "find 'all files'", "{f} {g}", "git rebase"):
        assert synonyms.reworded(r, text) == text


def test_other_words_keep_capitals_articles_marks_and_whole_terms() -> None:
    told = {synonyms.reworded(Source(f"told/{n}"), "Look for the folder, an entire file?") for n in range(60)}
    assert "Search for the directory, a whole file?" in told
    assert all(new[0].isupper() and new.endswith(" file?") and "," in new for new in told)
    assert synonyms.reworded(Source(1), "what is a working directory") == "what is a working directory"
    assert synonyms.reworded(Source(1), "which file") != synonyms.reworded(Source(1), "which")


def test_words_that_lean_on_the_next_stay_at_the_end_of_a_sentence() -> None:
    for text in ("show {f} if there is", "show {f} if there's", "find out where it stands and who is"):
        assert {synonyms.reworded(Source(n), text).split()[-1] for n in range(40)} == {text.split()[-1]}


def test_a_slot_that_nothing_fills_is_refused_but_not_braces_of_the_user() -> None:
    ways = ["show {f} by {s}", "not chosen"]
    with pytest.raises(ValueError, match="nothing fills s in"):
        phrasing.ask(Source(1), ways, held=False, shaped=False, f="a.txt")
    assert phrasing.ask(Source(1), ways, held=False, shaped=False, f="{x}", s="size") == "show {x} by size"


def test_the_same_source_shapes_the_same_question() -> None:
    def told() -> list[str]:
        r = Source("same")
        return [phrasing.shape(r, text, name, held=False) for name, text in questions(held=False)]

    assert told() == told()
    assert all(told())


def test_questions_for_measuring_keep_their_words_and_their_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> str:
        raise AssertionError

    monkeypatch.setattr(phrasing, "_reworded", refused)
    monkeypatch.setattr(phrasing, "_framed", refused)
    r = Source("held")
    for name, text in questions(held=True):
        phrasing.shape(r, text, name, held=True)


def test_other_words_never_make_a_phrasing_that_is_kept_for_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in questions(held=True):
        assert synonyms.measured(name, text)
        assert synonyms.measured(name, text.upper() + "?")
    for name, text in questions(held=True):
        monkeypatch.setattr(phrasing, "reworded", lambda _, __, new=text: new)
        assert phrasing._reworded(Source(1), "as it was", name) == "as it was"


def test_words_that_stand_in_two_groups_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    for text in ("a | b\nb | c\n", "a {} | b\n", "a |  | b\n"):
        (tmp_path / "synonyms.txt").write_text(text)
        monkeypatch.setattr(synonyms, "FILE", tmp_path / "synonyms.txt")
        with pytest.raises(ValueError, match=r"synonyms\.txt"):
            synonyms.table.__wrapped__()


def programs(task) -> set[tuple[str, str]]:
    """Programs of a task and what is said of them, without names and numbers."""
    found = set()
    for number in range(60):
        r = Source(f"program/{number}")
        r.tidy = True
        chat = Chat(r, World(r), held=False)
        task(chat)
        code = re.sub(r'"[^"\n]*"', '""', code_of(chat.turns[1][1]))
        said = chat.turns[-1][1].replace("lines", "line")
        found.add((code, re.sub(r"[^ ]*[.\d][^ ]*(?= |$)", "_", said)))
    return found


def test_what_is_asked_in_the_same_words_has_the_same_program_and_answer() -> None:
    assert programs(folder_jobs.sorted_report) <= programs(derived_files.tally)
    assert programs(job_texts.sorted_copy) <= programs(derived_files.save_lines)
