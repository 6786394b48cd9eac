"""Cases from feedback: only those that are proven, the others with their reason."""

from __future__ import annotations

import pytest
from support.fakes import FakeEngine, call
from training.past import Past, real

from codemode_tui.sandbox.select import choose
from codemode_tui.sandbox.types import Limits
from codemode_tui.store.store import Store
from codemode_tui.training.dumping import dumps
from codemode_tui.training.loading import load_suite
from codemode_tui.training.regression import regression, suite_from_feedback
from codemode_tui.training.replay import document, replay
from codemode_tui.training.workbench import Bench

WRONG = call('print(len(read_file("notes.txt")))')
RIGHT = 'n = len(read_file("notes.txt").splitlines())\nprint(f"{n} lines")'


@pytest.fixture
def workspace(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "notes.txt").write_text("a\nb\nc\n")
    return folder


@pytest.fixture
def past(tmp_path, workspace):
    store = Store.open(tmp_path / "codemode.db")
    yield Past(store, workspace)
    store.close()


async def wrong_then_right(past, query="How many lines are in notes.txt?", code=RIGHT):
    chat, turn = await past.ask(query, WRONG, "Six.")
    await past.correct(chat, turn, code=code)
    return turn


async def test_a_verified_correction_is_a_case_over_the_files_that_it_read(past, workspace, tmp_path):
    await wrong_then_right(past)
    (workspace / "notes.txt").write_text("another text by now\n")
    suite, left = await suite_from_feedback(past.store.feedback_records(), await bench())
    (case,) = suite.cases
    assert left == () and case.decision == "tool" and case.files == {"notes.txt": "a\nb\nc\n"}
    file = tmp_path / "suite.toml"
    file.write_text(dumps(suite))
    assert load_suite(file) == suite


@pytest.mark.parametrize(
    ("reply", "passes"),
    [(call(RIGHT), True), (call('print("Lines:", read_file("notes.txt").count(chr(10)))'), True), (WRONG, False)],
)
async def test_other_code_with_the_same_result_passes_and_the_old_failure_fails(past, reply, passes):
    await wrong_then_right(past)
    found = await regression(past.store.feedback_records(), await bench())
    replayed = await again(found, reply, "Done.")
    assert [one.verdict for one in replayed.turns] == ["fixed" if passes else "failing"]


@pytest.mark.parametrize(
    ("code", "verdict"),
    [('print(*sorted(read_file("notes.txt").split(), reverse=True))', "fixed"),
     ('print(read_file("notes.txt").split())', "failing")],
)  # fmt: skip
async def test_the_same_values_in_another_order_are_another_list(past, code, verdict):
    await wrong_then_right(past, "The notes in reverse order, please.", 'print(read_file("notes.txt").split()[::-1])')
    found = await regression(past.store.feedback_records(), await bench())
    assert [one.verdict for one in (await again(found, call(code), "Done.")).turns] == [verdict]


async def test_a_change_of_files_is_checked_on_the_files(past):
    chat, turn = await past.ask("Append d to notes.txt", call('print(read_file("notes.txt"))'), "Done.")
    code = 'text = read_file("notes.txt")\nwrite_file("notes.txt", text + "d\\n")\n'
    code += 'write_file("log.txt", "x")\nprint("saved")'
    await past.correct(chat, turn, code=code)
    suite, left = await suite_from_feedback(past.store.feedback_records(), await bench())
    assert left == () and suite.cases[0].files == {"notes.txt": "a\nb\nc\n"}
    assert suite.cases[0].stdout_regex is None  # "saved" is only what this code says of it
    assert suite.cases[0].files_after == {"notes.txt": "a\nb\nc\nd\n", "log.txt": "x"}


async def test_reasons_why_a_turn_makes_no_case(past, workspace):
    await wrong_then_right(past, "unverified", 'raise ValueError("no")')
    await wrong_then_right(past, "same result", 'print(len(read_file("notes.txt")))')
    (workspace / "other.txt").write_text("1\n")
    chat, turn = await past.ask("not to be made again", WRONG, "Six.")
    await past.correct(chat, turn, code='print(run_command("x") if False else file_info("other.txt")["modified"])')
    chat, turn = await past.ask("words only", "It is nice.")
    await past.correct(chat, turn, answer="It is good.")
    suite, left = await suite_from_feedback(past.store.feedback_records(), await bench())
    assert suite.cases == ()
    assert {one.query: one.reason.split(":")[0] for one in left} == {
        "unverified": "its correction is not verified",
        "same result": "nothing that is checked tells the correction from what was rejected",
        "not to be made again": "its files cannot be made again",
        "words only": "nothing that is checked tells the correction from what was rejected",
    }


async def test_good_turns_are_kept_or_newly_broken(past):
    _, turn = await past.ask("How many lines?", call(RIGHT), "notes.txt has 3 lines.")
    await past.store.rate(turn, 1)
    _, answered = await past.ask("What is 6 times -7?", "It is -42.")
    await past.store.rate(answered, 1)
    found = await regression(past.store.feedback_records(), await bench())
    assert [one.verdict for one in (await again(found, call(RIGHT), "It has 3 lines.", "-42")).turns] == ["kept"] * 2
    broken = await again(found, WRONG, "It has 6 lines.", "42")
    assert document(broken)["broken"] == [turn, answered]
    assert document(broken)["counts"] == {"fixed": 0, "failing": 0, "broken": 2, "kept": 0}


@pytest.mark.parametrize(
    ("answer", "other", "verdict"),
    [
        ("There are 4 rocky planets.", "There are **14** rocky planets.", "broken"),
        ("It is 4.", "It is **34.5**.", "broken"),
        ("It is 4.", "**4**, of course", "kept"),
    ],
)
async def test_a_number_of_an_answer_is_no_part_of_another(past, answer, other, verdict):
    _, turn = await past.ask("How many?", answer)
    await past.store.rate(turn, 1)
    found = await regression(past.store.feedback_records(), await bench())
    assert [one.verdict for one in (await again(found, other)).turns] == [verdict]


async def test_a_name_that_an_answer_takes_from_the_output_is_no_part_of_another(past):
    _, turn = await past.ask("Which?", call('print("notes.txt 3, a.txt 2")'), "It is notes.txt.")
    await past.store.rate(turn, 1)
    found = await regression(past.store.feedback_records(), await bench())
    code = call('print("notes.txt 3, a.txt 2")')
    assert [one.verdict for one in (await again(found, code, "It is old/notes.txt.")).turns] == ["broken"]
    assert [one.verdict for one in (await again(found, code, "`notes.txt`")).turns] == ["kept"]


@pytest.mark.parametrize("before", ["", "x" * 20_000], ids=["recorded", "too long for the record"])
async def test_files_that_are_different_each_time_make_no_case(past, before):
    chat, turn = await past.ask("Write a report", WRONG, "Done.")
    code = f'import time\nwrite_file("report.md", "{before}" + str(time.time_ns()))\nprint("saved")'
    await past.correct(chat, turn, code=code)
    suite, left = await suite_from_feedback(past.store.feedback_records(), await bench())
    assert suite.cases == () and left[0].reason.startswith("its files cannot be made again: the same code ")


async def test_an_output_of_signs_is_checked_and_one_of_nothing_makes_no_case(past):
    _, turn = await past.ask("Which lines are to do?", call("print([])"), "None.")
    await past.store.rate(turn, 1)
    _, silent = await past.ask("Look at it", call("x = 1"), "Done.")
    await past.store.rate(silent, 1)
    found = await regression(past.store.feedback_records(), await bench())
    assert [(one.turn, one.reason) for one in found.left_out] == [(silent, "nothing that its code did can be checked")]
    assert [one.verdict for one in (await again(found, call("print(['a'])"), "One.")).turns] == ["broken"]
    assert [one.verdict for one in (await again(found, call("print([])"), "No line.")).turns] == ["kept"]


async def test_what_was_said_before_is_said_again(past, workspace, tmp_path):
    chat, _ = await past.ask("Look at notes.txt", call('print(read_file("notes.txt"))'), "It has a, b, c.")
    turn = await past.go_on(chat, "How many lines is that?", WRONG, "Six.")
    await past.correct(chat, turn, code=RIGHT)
    found = await regression(past.store.feedback_records(), await bench())
    engine = FakeEngine(call(RIGHT), "Three.")
    assert [one.verdict for one in (await again(found, engine=engine)).turns] == ["fixed"]
    assert "Look at notes.txt" in engine.prompts[0] and "It has a, b, c." in engine.prompts[0]
    suite, _ = await suite_from_feedback(past.store.feedback_records(), await bench())
    (case,) = suite.cases
    assert (case.query, case.checks) == ("Look at notes.txt", ())
    assert case.followup[0].query == "How many lines is that?" and case.followup[0].stdout_regex
    (tmp_path / "s.toml").write_text(dumps(suite))
    assert load_suite(tmp_path / "s.toml") == suite


async def test_a_path_that_no_suite_may_name_is_left_out_of_it(past, tmp_path):
    await wrong_then_right(past)
    chat, turn = await past.ask("Write it", WRONG, "Six.")
    await past.correct(chat, turn, code='write_file("out\\\\a.txt", "x")\nprint(3)')
    suite, left = await suite_from_feedback(past.store.feedback_records(), await bench())
    assert [(one.turn, one.reason.split(":")[0]) for one in left] == [(turn, "a path of it cannot stand in a suite")]
    (tmp_path / "s.toml").write_text(dumps(suite))
    assert load_suite(tmp_path / "s.toml") == suite
    assert len((await regression(past.store.feedback_records(), await bench())).items) == 2  # a replay needs no suite


async def test_a_credential_in_an_earlier_question_is_not_written_down(past):
    chat, _ = await past.ask("My token is ghp_" + "a1B2" * 9, "I shall not need it.")
    turn = await past.go_on(chat, "How many lines has notes.txt?", WRONG, "Six.")
    await past.correct(chat, turn, code=RIGHT)
    suite, left = await suite_from_feedback(past.store.feedback_records(), await bench())
    assert suite.cases == () and "holds a credential (GitHub token)" in left[0].reason


async def test_a_decision_that_was_turned_is_checked(past):
    chat, turn = await past.ask("What is a list?", WRONG, "Six.")
    await past.store.add_feedback(turn, "reason", {"codes": ["should_answer"]})
    await past.correct(chat, turn, answer="A sequence that can change.")
    found = await regression(past.store.feedback_records(), await bench())
    assert found.items[0].case.decision == "direct" and found.left_out == ()
    assert [one.verdict for one in (await again(found, "A sequence.")).turns] == ["fixed"]


async def test_two_models_are_compared_turn_by_turn(past):
    await wrong_then_right(past)
    found = await regression(past.store.feedback_records(), await bench())
    good, bad = await again(found, call(RIGHT), "3"), await again(found, WRONG, "6")
    assert len(document(good, bad)["baseline"]["fixed"]) == 1
    assert len(document(bad, good)["baseline"]["broken"]) == 1


async def bench():
    return Bench(await choose(), Limits())


async def again(found, *messages, engine=None):
    engine = engine or FakeEngine(*messages)

    async def opened(folder):
        return real(engine, folder)

    return await replay(found, engine, opened)
