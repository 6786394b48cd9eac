"""`codemode feedback`: a script says what was wrong and what would have been right."""

import pytest

WRONG = "How many lines are in notes.txt?"


@pytest.fixture
def wrong(codemode):
    """A turn that printed its code and did not run it."""
    return codemode("ask", WRONG, "--json").json


def write(codemode, name, text):
    (codemode.workspace / name).write_text(text)
    return name


def add(codemode, *args):
    return codemode("feedback", "add", "--turn", "last", "--rating", "down", *args, "--json")


def test_corrected_code_is_run_at_once_and_its_answer_follows(codemode, wrong):
    code = write(codemode, "fix.py", "print(len(read_file('notes.txt').splitlines()))\n")
    answer = write(codemode, "fix.txt", "There are 4 lines.\n")
    added = add(codemode, "--reason", "wrong_code", "--code", code, "--answer", answer)
    assert added.code == 0
    now = added.json
    assert (now["turn"], now["rating"], now["state"], now["corrected"], now["verified"]) == (
        wrong["turn"], -1, "verified", True, True,
    )  # fmt: skip
    fixed, said = now["corrections"]
    assert (fixed["step"], fixed["run"]["status"], fixed["run"]["stdout"]) == (0, "ok", "4\n")
    assert fixed["raw"] == wrong["raw"].replace(wrong["code"], fixed["code"])  # worded as the model would have
    assert (said["step"], said["decision"], said["text"]) == (1, "direct", "There are 4 lines.")
    shown = codemode("feedback", "show", "--turn", "last")
    assert "instead of message 0, verified:\n    print(len(read_file" in shown.out
    assert codemode("feedback", "list", "--state", "open", "--json").json == []
    codemode("feedback", "retract", "--turn", "last")
    now = codemode("feedback", "show", "--turn", "last", "--json").json["now"]
    assert (now["state"], now["corrected"], now["rating"]) == ("none", False, 0)


def test_code_that_fails_is_kept_as_unverified(codemode, wrong):
    added = add(codemode, "--code", write(codemode, "fix.py", "1/0"), "--answer", write(codemode, "a.txt", "4"))
    assert (added.code, added.json["state"], added.json["verified"]) == (3, "corrected", False)
    assert "ZeroDivisionError" in added.err and added.err.count("\n") == 1
    assert [one["verified"] for one in added.json["corrections"]] == [False, False]  # nor what follows on it
    again = add(codemode, "--code", write(codemode, "fix.py", "print(4)"), "--answer", "a.txt")
    assert (again.code, again.json["state"]) == (0, "verified")


def test_code_that_fails_takes_the_place_of_no_verified_correction(codemode, wrong):
    good, bad = write(codemode, "good.py", "print(4)"), write(codemode, "bad.py", "1/0")
    add(codemode, "--code", good)
    failed = add(codemode, "--code", bad, "--answer", write(codemode, "a.txt", "4"))
    assert (failed.code, failed.json["state"]) == (3, "verified")
    assert [(one["code"], one["chosen"]) for one in failed.json["corrections"]] == [("print(4)", True), ("1/0", False)]
    assert "the verified correction stays" in failed.err and failed.err.count("\n") == 1


def test_an_answer_that_is_given_after_code_that_failed_counts(codemode, wrong):
    add(codemode, "--code", write(codemode, "fix.py", "1/0"))
    added = add(codemode, "--answer", write(codemode, "fix.txt", "There are 4 lines."))
    chosen = [(one["step"], one["text"], one["verified"]) for one in added.json["corrections"] if one["chosen"]]
    assert (added.code, added.json["state"], chosen) == (0, "verified", [(0, "There are 4 lines.", True)])


def test_an_answer_takes_the_place_of_the_decision(codemode, wrong):
    answer = write(codemode, "fix.txt", "I cannot know.")
    now = add(codemode, "--reason", "should_answer", "--answer", answer).json
    assert (now["state"], now["corrections"][0]["step"]) == ("verified", 0)


def test_code_changes_files_only_with_the_grant(codemode, wrong):
    code = write(codemode, "fix.py", "write_file('new.txt', 'x')")
    assert add(codemode, "--code", code).code == 3
    assert not (codemode.workspace / "new.txt").exists()
    assert add(codemode, "--code", code, "--allow-write").code == 0
    assert (codemode.workspace / "new.txt").read_text() == "x"


def test_code_has_no_tools_in_a_home_folder_that_nobody_named(codemode, wrong):
    codemode.env["HOME"] = str(codemode.workspace)
    code = write(codemode, "fix.py", "print(read_file('notes.txt'))")
    refused = add(codemode, "--code", code)
    assert refused.code == 3 and "home folder" in refused.err
    assert add(codemode, "--code", code, "--workspace", str(codemode.workspace)).code == 0


def test_code_runs_where_its_turn_was_asked(codemode, wrong, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "fix.py").write_text("print(read_file('notes.txt').split()[0])")
    args = ("feedback", "add", "--turn", wrong["turn"], "--rating", "down", "--code", "fix.py", "--json")
    added = codemode(*args, cwd=elsewhere)
    assert added.json["corrections"][0]["run"]["stdout"] == "alpha\n"


def test_code_has_nowhere_to_run_when_the_folder_of_its_turn_is_gone(codemode, wrong, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "fix.py").write_text("print(4)")
    (elsewhere / "fix.txt").write_text("There are 4 lines.")
    codemode.workspace.rename(tmp_path / "moved")
    args = ("feedback", "add", "--turn", wrong["turn"], "--rating", "down", "--reason", "wrong_code")
    refused = codemode(*args, "--code", "fix.py", cwd=elsewhere)
    assert refused.code == 2 and "work, where the code of this turn runs; put the folder back" in refused.error
    assert codemode("feedback", "list", "--json", cwd=elsewhere).json == []
    added = codemode(*args, "--reason", "wrong_code", "--answer", "fix.txt", "--json", cwd=elsewhere)
    assert (added.code, added.json["reasons"]) == (0, ["wrong_code"])


def test_nothing_is_recorded_when_the_command_makes_no_sense(codemode, wrong):
    assert "no such file" in add(codemode, "--code", "missing.py").error.lower()
    assert "read once only" in add(codemode, "--code", "-", "--answer", "-").error
    up = codemode("feedback", "add", "--turn", "last", "--rating", "up", "--answer", write(codemode, "a.txt", "4"))
    assert (up.code, "only a turn that was wrong" in up.error) == (2, True)
    assert codemode("feedback", "list", "--json").json == []


def test_lists_say_what_is_still_to_do(codemode, wrong):
    add(codemode, "--reason", "wrong_code")
    (row,) = codemode("feedback", "list", "--state", "open", "--json").json
    assert (row["turn"], row["state"], row["corrected"]) == (wrong["turn"], "open", False)
    assert "down  open" in codemode("feedback", "list").out


@pytest.mark.parametrize("broken", ["settings", "answer", "code"])
def test_a_correction_that_fails_leaves_what_was_said_before(codemode, wrong, broken):
    codemode("feedback", "add", "--turn", "last", "--rating", "up")
    if broken == "settings":
        write(codemode, ".codemode.toml", "[tools")
    texts = {"code": "print(4)", "answer": "There are 4 lines.", broken: " \n"}
    code, answer = (write(codemode, f"{name}.txt", texts[name]) for name in ("code", "answer"))
    failed = add(codemode, "--reason", "wrong_code", "--code", code, "--answer", answer)
    assert (failed.code, failed.out) == (2, "") and failed.error
    (codemode.workspace / ".codemode.toml").unlink(missing_ok=True)
    shown = codemode("feedback", "show", "--turn", "last", "--json").json
    assert (shown["now"]["state"], shown["now"]["reasons"]) == ("approved", [])
    assert len(shown["events"]) == 1 and shown["corrections"] == []
