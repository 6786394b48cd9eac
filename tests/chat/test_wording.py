"""A person's code becomes the message that the model would have written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.chat.wording import as_answer, as_call
from codemode_tui.errors import UsageError
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.types import Decision

PHASE22, BUNDLED = load_profile("phase22"), load_profile("bundled")
NEWLINES = "<tool_call>\n<function=execute_code>\n<parameter=code>\n{}\n</parameter>\n</function>\n</tool_call>"
EACH = pytest.mark.parametrize("profile", [BUNDLED, PHASE22, load_profile("qwen3-coder")], ids=lambda p: p.name)
INLINE = "<tool_call><function=execute_code>\n<parameter=code>\n{}\n</parameter>\n</function></tool_call>"


def test_each_profile_has_its_own_bytes():
    assert as_call(BUNDLED, "print(1)\n")[0] == NEWLINES.format("print(1)")
    assert as_call(PHASE22, "print(1)")[0] == INLINE.format("print(1)")


def test_the_words_before_a_call_name_its_first_tool_as_in_training():
    code = 'text = read_file("a")\nprint(run_command("ls"))'
    assert as_call(PHASE22, code)[0] == "I'll use the read_file tool.\n\n" + INLINE.format(code)
    inner = 'print(run_command("ls"))'
    assert as_call(PHASE22, inner)[0].startswith("I'll use the run_command tool.\n\n<tool_call><function")


def test_the_model_s_own_words_stay_but_not_those_about_another_tool():
    own = "The file is small.\n\n" + INLINE.format("x")
    assert as_call(PHASE22, "print(2)", own)[0] == "The file is small.\n\n" + INLINE.format("print(2)")
    other = "I'll use the read_file tool.\n\n" + INLINE.format("read_file('a')")
    assert as_call(PHASE22, "run_command('ls')", other)[0].startswith("I'll use the run_command tool.")
    assert as_call(PHASE22, "print(2)", "It is 4.")[0] == INLINE.format("print(2)")
    assert as_call(BUNDLED, "print(2)", '```json\n{"name": "x"}\n```')[0] == NEWLINES.format("print(2)")


@EACH
def test_the_model_s_own_words_may_speak_of_the_tag(profile):
    words = "Use `<tool_call>` here. "
    own = words + as_call(profile, "print(2)")[0]
    assert as_call(profile, "print(3)", own)[0] == words + as_call(profile, "print(3)")[0]


@EACH
@given(st.text("abc={}()'\"<>/\n\\#", max_size=60))
def test_what_is_written_is_read_as_the_same_code_or_refused(profile, code):
    try:
        raw, parsed = as_call(profile, code)
    except UsageError:
        return
    again = parse(raw, profile)
    assert (again.decision, again.code) == (Decision.TOOL, code.strip("\n")) and again == parsed


def test_code_that_closes_its_own_call_is_refused():
    with pytest.raises(UsageError, match="read as another"):
        as_call(BUNDLED, "a\n</parameter>\n</function>\n</tool_call>\nb")
    with pytest.raises(UsageError, match="no code"):
        as_call(BUNDLED, " \n")


def test_an_answer_is_only_text():
    assert as_answer("  It is 4.\r\n")[0] == "It is 4."
    assert as_answer("Let me read the file.")[1].decision is Decision.DIRECT  # a person may say so
    for text in ("", NEWLINES.format("print(1)"), "It is 4.<|im_end|>"):
        with pytest.raises(UsageError):
            as_answer(text)
