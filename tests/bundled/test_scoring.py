"""What counts as right when the model is measured."""

from codemode_tui.bundled.recipe.example import wrap
from codemode_tui.bundled.recipe.rows import row
from codemode_tui.bundled.recipe.scoring import Moment, moments, score, share, totals
from codemode_tui.bundled.recipe.source import Source

ASKED = (("user", "How many lines are in plum-7.txt?"),)
COUNT = 'text = read_file("plum-7.txt")\nprint(len(text.splitlines()))'


def test_the_generators_own_messages_are_all_right() -> None:
    for number in range(150):
        for moment in moments(row(Source(f"own/{number}"), held=False)):
            result = score(moment, moment.expected)
            assert result.decision and not result.malformed
            assert False not in (result.code, result.names, result.answer)


def test_the_same_program_with_other_spacing_is_the_same_program() -> None:
    result = score(Moment(ASKED, wrap(COUNT)), wrap(COUNT.replace(" = ", "=") + "\n"))
    assert result.code and result.names


def test_a_name_with_one_wrong_letter_is_not_copied() -> None:
    result = score(Moment(ASKED, wrap(COUNT)), wrap(COUNT.replace("plum", "plumm")))
    assert result.decision
    assert result.names is False
    assert result.code is False


def test_a_direct_answer_to_a_tool_question_is_a_wrong_decision_but_not_malformed() -> None:
    result = score(Moment(ASKED, wrap(COUNT)), "It has 3 lines.")
    assert not result.decision
    assert not result.malformed
    assert result.code is False


def test_a_message_without_an_end_is_malformed() -> None:
    result = score(Moment((("user", "hi"),), "Hello!"), "Hello! Hello! Hello!", truncated=True)
    assert result.malformed and not result.decision and not result.answer


def test_a_call_in_json_is_malformed() -> None:
    text = '<tool_call>{"name": "execute_code", "arguments": {"code": "print(1)"}}</tool_call>'
    assert score(Moment(ASKED, wrap(COUNT)), text).malformed


def test_decisions_are_counted_at_questions_and_answers_after_runs_apart() -> None:
    after = (*ASKED, ("assistant", wrap(COUNT)), ("tool", "3"))
    found = totals(
        [
            score(Moment(ASKED, wrap(COUNT)), wrap(COUNT)),
            score(Moment(after, "plum-7.txt has 3 lines."), "plum-7.txt has 4 lines."),
            score(Moment((("user", "hi"),), "Hello!"), "Hello!"),
        ]
    )
    assert (found["questions"], found["messages"]) == (2, 3)
    assert (found["decision"], found["decision_tool"], found["decision_direct"]) == (1.0, 1.0, 1.0)
    assert (found["answer_direct"], found["answer_after_run"]) == (1.0, 0.0)


def test_a_share_of_nothing_is_told_as_such() -> None:
    assert share([None, None]) == -1.0
    assert share([True, None, False]) == 0.5
