"""Pastes that are folded in a prompt, and the drafts that they are part of."""

from __future__ import annotations

import os
import threading

from codemode_tui import locations
from codemode_tui.front.drafts import NOTHING, Draft, Drafts
from codemode_tui.front.folding import FOLD_LINES, Folds

LONG = "\n".join(f"line {n}" for n in range(FOLD_LINES + 1))


def test_what_is_folded_with_a_fold_in_it_is_sent_whole():
    folds = Folds()
    inner = folds.fold(LONG)
    outer = folds.fold("\n".join([inner, *"ab" * FOLD_LINES]))
    assert folds.unfold(outer) == "\n".join([LONG, *"ab" * FOLD_LINES])


def test_a_draft_that_is_put_back_leaves_the_pastes_of_before_alone():
    folds = Folds()
    asked = "why " + folds.fold(LONG)
    shown = folds.adopt(Draft("see [pasted #1: 2 lines] and [pasted #9: 1 lines]", {1: "other\nwords"}))
    assert folds.unfold(shown) == "see other\nwords and [pasted #9: 1 lines]"
    assert folds.unfold(asked) == f"why {LONG}"


def test_what_only_looks_like_a_fold_is_text():
    folds = Folds()
    text = f"[pasted #{'1' * 5_000}: x]"
    assert folds.unfold(text) == text and folds.unfold(folds.fold(text)) == text
    assert folds.draft(text) == Draft(text, {}) and folds.unfold(folds.adopt(Draft(text, {}))) == text


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
