"""Other words and other frames for a question: what is meant stays as it was, and what is measured stays apart."""

import itertools
import re

import pytest

from codemode_tui.bundled.recipe import grammar, phrasing, synonyms
from codemode_tui.bundled.recipe.source import Source


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
