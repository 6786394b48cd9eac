"""What people delete is gone; nothing is deleted by a slip, and no row moves because of it."""

from __future__ import annotations

import json
from contextlib import closing

import pytest
from feedback.scripted import play
from support.fakes import call

from codemode_tui.store.store import Store, wait

NEEDLE = "xylophone"


@pytest.fixture
def turns(codemode, workspace):
    """Two sessions of one turn each; both rated."""
    found = play(
        codemode.home, workspace, (f"Where is the {NEEDLE}?", call("print(3)"), "There."), ("Who are you?", "Nobody.")
    )
    for turn in found:
        assert codemode("feedback", "add", "--turn", turn, "--rating", "up").code == 0
    return found


def stored(codemode):
    return b"".join(file.read_bytes() for file in (codemode.home / "data").iterdir() if file.is_file())


def test_without_yes_it_is_only_said_what_would_go(codemode, turns):
    told = codemode("feedback", "purge", "--turn", turns[0])
    assert told.code == 4 and turns[0] in told.out and NEEDLE in told.out and turns[1] not in told.out
    assert "1 turn, 1 of them with feedback" in told.out and "nothing has been deleted" in told.out
    result = codemode("feedback", "purge", "--turn", turns[0], "--json")
    assert result.json == {"turn": turns[0], "deleted": False, "turns": [turns[0]], "feedback": [turns[0]]}
    assert "nothing has been deleted" in result.error
    assert len(codemode("feedback", "list", "--json").json) == 2


def test_a_purged_turn_leaves_no_byte(codemode, turns):
    assert NEEDLE.encode() in stored(codemode)
    done = codemode("feedback", "purge", "--turn", turns[0], "--yes", "--json")
    assert done.code == 0 and done.json["deleted"] and done.json["texts"] > 3 and done.json["kept_splits"] == 0
    assert NEEDLE.encode() not in stored(codemode)
    assert [one["turn"] for one in codemode("feedback", "list", "--json").json] == [turns[1]]
    assert codemode("feedback", "show", "--turn", turns[0]).code == 2


def test_a_session_is_deleted_whole(codemode, turns):
    session = codemode("sessions", "search", NEEDLE, "--json").json[0]["session"]
    assert codemode("sessions", "delete", session).code == 4
    done = codemode("sessions", "delete", session, "--yes")
    assert done.code == 0 and "deleted for good: 1 turn" in done.out and "exports" in done.out
    assert NEEDLE.encode() not in stored(codemode)
    assert len(codemode("sessions", "list", "--json").json) == 1
    assert "no session" in codemode("sessions", "delete", session, "--yes").error


@pytest.mark.parametrize("command", [("feedback", "purge", "--turn", "{turn}"), ("sessions", "delete", "{session}")])
def test_the_cache_that_was_saved_with_a_session_goes_too(codemode, turns, command):
    """A conversation can be read out of its KV cache."""
    session = codemode("sessions", "search", NEEDLE, "--json").json[0]["session"]
    folder = codemode.home / "cache" / "kv"
    folder.mkdir(parents=True)
    for name in (session, "another", f".{session}.1"):
        (folder / f"{name}.safetensors").write_text("x")
    words = [word.format(turn=turns[0], session=session) for word in command]
    assert codemode(*words).code == 4 and len(list(folder.glob("*.safetensors"))) == 3
    assert codemode(*words, "--yes").code == 0
    assert [file.name for file in folder.iterdir() if file.stat().st_size] == ["another.safetensors"]


@pytest.mark.slow
def test_rows_stay_in_their_split_when_what_they_resembled_is_deleted(codemode, workspace):
    # Alone they would be in valid, test and train.
    asked = [
        f"What does the word {word} mean in everyday English speech?" for word in ("gherkin", "gherkins", "Gherkins!")
    ]
    found = play(codemode.home, workspace, *((query, f"A cucumber, {at}.") for at, query in enumerate(asked)))
    for turn in found:
        codemode("feedback", "add", "--turn", turn, "--rating", "up")
    split = _splits(codemode, workspace)
    assert len(set(split.values())) == 1
    done = codemode("feedback", "purge", "--turn", found[0], "--yes", "--json").json
    assert done["deleted"]
    assert _splits(codemode, workspace) == {turn: split[turn] for turn in found[1:]}


def test_what_was_taken_back_still_holds_the_split_of_others(codemode, workspace):
    asked = [f"What does the word {word} mean in everyday English speech?" for word in ("gherkin", "gherkins")]
    found = play(codemode.home, workspace, *((query, "A cucumber.") for query in asked))
    for turn in found:
        codemode("feedback", "add", "--turn", turn, "--rating", "up")
    codemode("feedback", "retract", "--turn", found[0])
    done = codemode("feedback", "purge", "--turn", found[0], "--yes", "--json").json
    assert (done["feedback"], done["kept_splits"]) == ([], 1)


def _splits(codemode, workspace):
    assert codemode("export", "--out", "out").code == 0
    return {
        json.loads(json.loads(line)["meta"])["turn"]: file.stem
        for file in (workspace / "out/mlx-sft").glob("*.jsonl")
        for line in file.read_text().splitlines()
    }


def test_a_session_is_renamed_and_exported(codemode, turns):
    session = codemode("sessions", "search", NEEDLE, "--json").json[0]["session"]
    assert codemode("sessions", "rename", session, "music", "--json").json["title"] == "music"
    assert "music" in codemode("sessions", "list").out
    text = codemode("sessions", "export", session).out
    assert text.startswith("# music\n") and f"> Where is the {NEEDLE}?" in text and "```python\nprint(3)\n```" in text
    found = codemode("sessions", "export", session, "--json").json
    assert found == codemode("sessions", "show", session, "--json").json and found["turns"][0]["answer"] == "There."


def test_what_another_program_keeps_for_now_is_said(codemode, turns):
    session = codemode("sessions", "search", NEEDLE, "--json").json[0]["session"]
    with closing(Store.open(codemode.home / "data" / "codemode.db")) as store:
        reading = store.feedback_records()
        next(reading)
        done = codemode("sessions", "delete", session, "--yes")
        assert done.code == 0 and "deleted for good" in done.out and "until the other program" in done.out
        reading.close()
        again = codemode("sessions", "delete", wait(store.sessions())[0].id, "--yes", "--json").json
        assert again["shrunk"] and not again["pending"]
        assert NEEDLE.encode() not in stored(codemode)
