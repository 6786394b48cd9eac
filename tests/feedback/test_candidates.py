"""What one turn has to teach."""

import msgspec
import pytest
from feedback.histories import MADE, History, Step, call, profiles, ran

from codemode_tui.feedback.candidates import examples
from codemode_tui.feedback.example import chatml
from codemode_tui.feedback.provenance import public
from codemode_tui.protocol.types import Message


@pytest.fixture
def history():
    return History()


def made(record):
    return list(examples(record, profiles))


def test_every_message_of_a_turn_that_was_rated_up(history):
    record = history.add("How many?", ran("print(3)"), "There are 3.")
    first, second = made(record)
    assert (first.chosen, first.rejected, first.proof, first.step) == (call("print(3)"), None, "run", 0)
    assert (second.chosen, second.proof, second.step) == ("There are 3.", "human", 1)
    assert [said.role for said in second.prompt] == ["system", "user", "assistant", "user"]
    assert second.prompt[-1].content == "<tool_response>\n3\n</tool_response>"


def test_only_the_message_that_was_named(history):
    record = history.add("How many?", ran("print(3)"), "There are 3.", rated=1)
    assert [example.chosen for example in made(record)] == ["There are 3."]


@pytest.mark.parametrize("query", ["How many?", "two\nlines", "odd \udcff name", "<tool_response> is what?"])
@pytest.mark.parametrize("profile", ["bundled", "phase22", "qwen3-coder"])
def test_a_prompt_is_rendered_as_it_was_captured_under_any_profile(history, query, profile):
    context = (
        Message("user", "before"),
        Message("assistant", call("1")),
        Message("tool", "out"),
        Message("assistant", "so"),
    )
    record = history.add(query, ran("print(3)"), "3", context=context, provenance={**MADE, "profile": profile})
    for example, generation in zip(made(record), record.turn.generations, strict=True):
        assert chatml(example.prompt) == record.prompts[generation.id] and not example.refused


def test_a_long_conversation_that_lost_its_beginning(history):
    context = (Message("user", "one"), Message("assistant", "1"), Message("user", "two"), Message("assistant", "2"))
    record = history.add("three", "3", context=context)
    short = History().add("three", "3", context=context[2:])
    (example,) = made(msgspec.structs.replace(record, prompts=short.prompts))
    assert [said.content for said in example.prompt[1:]] == ["two", "2", "three"] and not example.refused


def test_a_profile_that_has_changed_since_keeps_the_captured_system_prompt(history):
    record = history.add("How many?", "3")
    prompts = {key: text.replace("small local assistant", "tiny machine") for key, text in record.prompts.items()}
    (example,) = made(msgspec.structs.replace(record, prompts=prompts))
    assert "tiny machine" in example.prompt[0].content and not example.refused


@pytest.mark.parametrize(
    "broken", ["", "nonsense", "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nother<|im_end|>\n"]
)
def test_a_prompt_that_its_messages_do_not_make_is_refused(history, broken):
    record = history.add("How many?", "3")
    (example,) = made(msgspec.structs.replace(record, prompts=dict.fromkeys(record.prompts, broken)))
    assert example.refused == "prompt_mismatch"


def test_a_profile_that_is_gone(history):
    record = history.add("How many?", "3")
    assert [example.refused for example in examples(record, lambda name: None)] == ["prompt_mismatch"]


@pytest.mark.parametrize(
    ("run", "proof", "doubt"),
    [("ok", "run", ""), ("not_run", "human", ""), ("error", "", "unverified"), ("denied", "", "unverified")],
)
def test_a_thumbs_up_stands_for_code_that_was_not_run_but_not_for_code_that_failed(history, run, proof, doubt):
    (example,) = made(history.add("How many?", ran("print(3)", run)))
    assert (example.proof, example.doubt) == (proof, doubt)


def test_code_edited_before_it_ran_is_a_pair(history):
    (example, _) = made(history.add("How many?", ran("print(2)", edited="x = 3\nprint(x)"), "3"))
    assert (example.chosen, example.rejected, example.proof) == (call("x = 3\nprint(x)"), call("print(2)"), "run")


@pytest.mark.parametrize("edited", ["print(3)\n", "\n print(3)  ", "print( 3 )", "print(3)  # three"])
def test_code_that_says_the_same_as_before_is_not_edited(history, edited):
    (example, _) = made(history.add("How many?", ran("print(3)", edited=edited), "3"))
    assert (example.chosen, example.rejected, example.proof) == (call("print(3)"), None, "run")
    fixed = history.add("How many?", ran("print(3)", edited=edited), "4", rating=-1, fixes={1: "3"})
    assert [one.step for one in made(fixed)] == [1]
    fixed = history.add("How many?", "4", rating=-1, fixes={0: ran("print(3)", edited=edited)})
    assert [one.chosen for one in made(fixed)] == [call("print(3)")]


@pytest.mark.parametrize("before", ["if x:\n    a\nb", "print(3"])
def test_code_that_says_something_else_is_edited(history, before):
    edited = before.replace("b", "    b").replace("(3", "(3)")
    (example, _) = made(history.add("How many?", ran(before, edited=edited), "3"))
    assert (example.chosen, example.rejected) == (call(edited), call(before))


def test_edited_code_that_failed_makes_the_model_s_no_worse(history):
    (example, _) = made(history.add("How many?", ran("print(2)", "error", edited="prnt(3)"), "3"))
    assert (example.chosen, example.rejected, example.doubt) == (call("prnt(3)"), None, "unverified")


def test_edited_code_that_cannot_be_put_into_its_message_is_counted(history):
    (example,) = made(history.add("How many?", ran("x = 1\r\nprint(x)", edited="print(3)")))
    assert (example.rejected, example.doubt) == (None, "malformed") and "print(x)" in example.chosen


def test_edited_code_in_a_message_that_no_file_can_hold(history):
    (example, _) = made(history.add("How many?", Step(call("print(2)", "\ud83d "), "ok", edited="print(3)"), "3"))
    assert example.chosen == call("print(3)", "\ufffd ")


def test_an_answer_that_never_came_teaches_only_the_answer(history):
    (example,) = made(history.add("How many?", ran("print(3)"), rating=-1, fixes={1: "There are 3."}))
    assert (example.step, example.chosen, example.rejected) == (1, "There are 3.", None)
    assert [said.role for said in example.prompt] == ["system", "user", "assistant", "user"] and not example.refused


def test_a_thumbs_down_with_a_correction_is_a_pair_and_teaches_the_answer_behind_it(history):
    record = history.add(
        "How many?", "I think 5.", rating=-1, fixes={0: ran("print(3)"), 1: "There are 3."}, reasons=("should_run",)
    )
    first, second = made(record)
    assert (first.chosen, first.rejected, first.proof) == (call("print(3)"), "I think 5.", "run")
    assert (second.chosen, second.rejected, second.proof, second.step) == ("There are 3.", None, "human", 1)
    assert chatml(second.prompt) == record.prompts[record.standing.chosen[1]]
    assert first.reasons == ("should_run",)


def test_a_corrected_answer_behind_the_model_s_own_code(history):
    (example,) = made(history.add("How many?", ran("print(3)"), "4.", rating=-1, fixes={1: "There are 3."}))
    assert (example.step, example.chosen, example.rejected) == (1, "There are 3.", "4.")
    assert len(example.prompt) == 4


def test_code_that_was_edited_counts_also_before_a_correction(history):
    record = history.add("How many?", ran("print(2)", edited="print(3)"), "4.", rating=-1, fixes={1: "There are 3."})
    assert [(one.step, one.chosen) for one in made(record)] == [(0, call("print(3)")), (1, "There are 3.")]


@pytest.mark.parametrize(
    "fix", [ran("print(3)", "error"), ran("print(3)", proof=""), ran("print(3)", proof="human"), Step(call("print(3)"))]
)
def test_corrected_code_counts_only_when_it_ran_well(history, fix):
    (example,) = made(history.add("How many?", "5", rating=-1, fixes={0: fix}))
    assert (example.doubt, example.rejected) == ("unverified", "5")


def test_an_answer_counts_by_somebody_s_yes(history):
    (example,) = made(history.add("How many?", "5", rating=-1, fixes={0: Step("3", proof="")}))
    assert example.doubt == "unverified"


@pytest.mark.parametrize(
    ("reasons", "blamed"), [((), 0), (("should_answer",), 0), (("crashed",), 1), (("wrong_answer",), 2)]
)
def test_a_thumbs_down_alone_means_the_message_that_its_reason_names(history, reasons, blamed):
    steps = (ran("print(1)"), ran("print(2)", "error"), "It is 2.")
    record = history.add("How many?", *steps, rating=-1, reasons=reasons, comment="why?")
    (example,) = made(record)
    assert (example.rejected, example.chosen) == (record.turn.generations[blamed].raw, None)
    assert (example.step, example.comment) == (blamed, "why?")


def test_nothing_comes_of_a_rating_that_was_taken_back_or_of_no_rating(history):
    assert made(history.add("How many?", "3", rating=0)) == []


def test_what_a_reviewer_dropped_stays_out(history):
    assert [one.refused for one in made(history.add("How many?", "3", rating=-1, review="dropped"))] == ["dropped"]


def test_a_turn_that_never_got_a_message(history):
    assert [one.refused for one in made(history.add("How many?", Step("3", finish="error"), rating=-1))] == [
        "empty_target"
    ]


@pytest.mark.parametrize(
    ("name", "published"),
    [
        ("openai:http://gpu.corp.com:8080/v1#org/model", "openai:org/model"),
        ("openai:http://10.1.2.3/v1#/home/ada/models/x.gguf", "openai:x.gguf"),
        ("openai:http://10.1.2.3/v1", "openai:"),
        ("org/model", "org/model"),
    ],
)
def test_where_a_server_is_is_not_published(name, published):
    assert public({"model": {"name": name, "path": "/x"}}) == {"model": {"name": published}}
