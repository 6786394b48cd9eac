"""Pastes that are folded in a prompt, and the drafts that they are part of."""

from __future__ import annotations

import errno
import os
import threading

import pytest

from codemode_tui import locations
from codemode_tui.front.drafts import NOTHING, Draft, Drafts
from codemode_tui.front.folding import FOLD_LINES, WRITTEN_CHARACTERS, Folds

LONG = "\n".join(f"line {n}" for n in range(FOLD_LINES + 1))


def test_what_is_folded_with_a_fold_in_it_is_sent_whole():
    folds = Folds()
    inner = folds.fold(LONG)
    outer = folds.fold("\n".join([inner, *"ab" * FOLD_LINES]))
    assert folds.unfold(outer) == "\n".join([LONG, *"ab" * FOLD_LINES])


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_lines_are_counted_whatever_a_terminal_ends_them_with(end):
    folds = Folds()
    shown = folds.fold(LONG.replace("\n", end))
    assert shown == f"[pasted #1: {FOLD_LINES + 1} lines]" and folds.unfold(shown) == LONG


def test_a_break_at_the_end_of_a_paste_begins_no_line():
    assert Folds().fold("x\n" * 40) == "[pasted #1: 40 lines]"


def test_a_draft_that_is_put_back_leaves_the_pastes_of_before_alone():
    folds = Folds()
    asked = "why " + folds.fold(LONG)
    shown = folds.adopt(Draft("see [pasted #1: 2 lines] and [pasted #9: 1 lines]", {1: "other\nwords"}))
    assert folds.unfold(shown) == "see other\nwords and [pasted #9: 1 lines]"
    assert folds.unfold(asked) == f"why {LONG}"


@pytest.mark.parametrize(
    "text",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian: a joiner that does not join
        "\u0dc1\u0dca\u200d\u0dbb\u0dd3",  # Sinhala
        "\u0d05\u0d35\u0d28\u0d4d\u200d ",  # Malayalam, at the end of a word
        "\u1781\u17d2\u1789\u17bb\u17c6\u200b\u1785\u1784\u17cb",  # Khmer: between words
        "\u0661\u06dd",
        "Donau\u00addampf\u00adschiff",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ],
)
def test_what_people_write_in_any_script_is_sent_as_they_wrote_it(text):
    folds = Folds()
    assert folds.unfold(folds.fold(text)) == text and folds.adopt(Draft(text, {})) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2J\x9b2J\ud800", "\\x1b[2J\\x9b2J\\ud800"),
        ("a\u202eb \u200fc", "a\\u202eb \\u200fc"),
        ("hi\U000e0068\U000e0069", "hi\\U000e0068\\U000e0069"),
        ("\U0001f3f4" + "\U000e0061" * 9 + "\U000e007f", "\U0001f3f4" + "\\U000e0061" * 9 + "\\U000e007f"),
        ("a\u200c\u200c\u200d", "a\u200c\\u200c\\u200d"),
    ],
)
def test_what_acts_on_the_terminal_or_hides_a_text_is_shown(text, shown):
    assert Folds().fold(text) == shown


def test_what_only_looks_like_a_fold_is_text():
    folds = Folds()
    text = f"[pasted #{'1' * 5_000}: x]"
    assert folds.unfold(text) == text and folds.unfold(folds.fold(text)) == text
    assert folds.draft(text) == Draft(text, {}) and folds.unfold(folds.adopt(Draft(text, {}))) == text


def test_what_is_left_of_a_fold_takes_nothing_of_the_text_behind_it():
    folds = Folds()
    text = folds.fold(LONG)[:-1] + " and then a[0]"
    assert folds.unfold(text) == text


def test_what_was_written_is_folded_only_when_it_is_very_large():
    folds = Folds()
    assert folds.fold(LONG, written=True) == LONG and folds.adopt(Draft(LONG, {})) == LONG
    huge = "x" * (WRITTEN_CHARACTERS + 1)
    assert folds.fold(huge, written=True) == f"[pasted #1: {len(huge):,} characters]"


def test_a_place_in_the_middle_of_a_fold_is_known_and_in_what_only_looks_like_one_is_not():
    folds = Folds()
    line = f"see {folds.fold(LONG)} and [pasted #2: 3 lines]"
    assert [folds.around(line, column) for column in (4, 5, 24, 25)] == [None, (4, 25), (4, 25), None]
    assert folds.around(line, 35) is None


def test_a_draft_has_only_the_pastes_that_are_in_it():
    folds = Folds()
    folds.fold(LONG)
    text = folds.fold(LONG * 2)
    assert folds.draft(text) == Draft(text, {2: LONG * 2}) and folds.draft("words") == Draft("words", {})


def test_nothing_is_kept_after_the_last_draft(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    drafts = Drafts(tmp_path)
    drafts.keep(Draft("half a question", {}))
    late = threading.Thread(target=drafts.keep, args=(Draft("an older one", {}),))
    drafts.keep(NOTHING, last=True)
    late.start()
    late.join()
    assert not list((locations.data_dir() / "drafts").glob("*.json"))


def test_a_draft_that_was_left_stays_on_disk_where_nobody_is_there_to_show_it(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    drafts = Drafts(tmp_path)
    drafts.keep(Draft("half a question", {}))
    (file,) = (locations.data_dir() / "drafts").glob("*.json")
    dead = file.rename(file.with_name(file.name.replace(f"-{os.getpid()}.", "-999999999.")))
    drafts.keep(NOTHING, last=True)
    assert drafts.left() is None and "half a question" in dead.read_text()


def test_a_draft_that_a_full_disk_refuses_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    drafts = Drafts(tmp_path)
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        drafts.keep(Draft("secret", {}))
    assert not list((locations.data_dir() / "drafts").glob(".draft-*"))
    drafts.keep(Draft("secret", {}))
    assert list((locations.data_dir() / "drafts").glob("*.json"))
    drafts.keep(NOTHING, last=True)
