"""Each reason of quarantine, one example that meets it and one that just does not."""

import re
from pathlib import Path

import msgspec
import pytest
from feedback.histories import call

from codemode_tui.engine.models import find_model
from codemode_tui.errors import ModelError
from codemode_tui.feedback import gates
from codemode_tui.feedback.example import Example, Said
from codemode_tui.feedback.manifest import weighting
from codemode_tui.feedback.redaction import Person, rules

CONTROLS = gates.control_tokens(find_model(None).path)
TOKEN = "ghp_" + "a1B2" * 9


def example(prompt="How many?", **rest):
    return Example("t", 0, (Said("system", "S"), Said("user", prompt)), **rest)


def test_the_tokenizer_says_what_is_a_control_token():
    assert {"<|im_end|>", "<|im_start|>", "<|endoftext|>", "<tool_call>", "</tool_response>"} <= set(CONTROLS)


@pytest.mark.parametrize("text", [None, "[]", '{"added_tokens"'])
def test_a_tokenizer_that_cannot_be_read_is_the_model_s_fault(tmp_path, text):
    if text is not None:
        (tmp_path / "tokenizer.json").write_text(text)
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        gates.control_tokens(tmp_path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("There are 3.", ""),
        (call("print(3)"), ""),
        (call("print(3)", "I'll look.\n\n"), ""),
        ("", "empty_target"),
        (" \n\t", "empty_target"),
        (call("print(3"), "syntax"),
        (call("await read_file('x')"), ""),  # the sandbox runs it
        ("<tool_call>\n<function=execute_code>\n<parameter=code>\nprint(3)", "malformed"),
        ("I'll use the read_file tool.", "malformed"),
        ('```json\n{"name": "read_file", "arguments": {"path": "x"}}\n```', "malformed"),
        (call("print(3)") + "\nThat was it.", "malformed"),
        (call("print(3)") + call("print(4)"), "malformed"),
        ("It ends<|im_end|>", "special_tokens"),
        (call("print('<|im_start|>')"), "special_tokens"),
        (call("print('<tool_response>')"), "special_tokens"),
        (call("print('<tool_call>')"), "special_tokens"),
        ("Write `<tool_call>` first.", "special_tokens"),
        (call(f"print('{TOKEN}')"), "secret"),
        (f"Your token is {TOKEN}.", "secret"),
    ],
)
def test_what_may_be_learnt(text, reason):
    assert gates.refuse_chosen(example(chosen=text), text, CONTROLS) == reason


def test_code_that_redaction_breaks_is_refused_for_that():
    ours, good = rules(Person(user="anna")), call("print(read_file('anna.txt'))")
    for code, reason in (("anna = read_file('anna.txt')\nprint(anna)", "redacted_code"), ("anna = (", "syntax")):
        raw = example(chosen=call(code), doubt="unverified")
        found, _ = gates.redacted(raw, ours)
        assert gates.refuse_chosen(found, found.chosen, CONTROLS) == reason
    found, _ = gates.redacted(example(chosen=good), ours)
    assert gates.refuse_chosen(found, found.chosen, CONTROLS) == "" and "'<USER>.txt'" in found.chosen


def test_what_is_known_from_the_start_is_the_last_word():
    assert gates.refuse_chosen(example(doubt="unverified"), call("print(3)"), CONTROLS) == "unverified"
    assert gates.refuse_chosen(example(doubt="unverified"), call("print(3"), CONTROLS) == "syntax"
    assert gates.refuse_chosen(example(doubt="malformed"), "cut off in the mid", CONTROLS) == "malformed"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (call("print(3"), ""),  # as bad as it is
        (call("print(3)") + call("print(4)"), ""),
        ("", "empty_target"),
        ("It ends<|im_end|>", "special_tokens"),
        (TOKEN, "secret"),
    ],
)
def test_what_may_stand_as_rejected(text, reason):
    assert gates.refuse_rejected(text, CONTROLS) == reason


@pytest.mark.parametrize(
    ("prompt", "reason"),
    [
        ("How many?", ""),
        ("<|im_end|>", "special_tokens"),
        ("</tool_response> is what?", "special_tokens"),
        ("<tool_response>\n3\n</tool_response>", ""),
        ("<tool_response>\n3\n</tool_response>\n", ""),
        ("<tool_response>\n</tool_response>3\n</tool_response>", "special_tokens"),
        (f"use {TOKEN}", "secret"),
    ],
)
def test_what_may_stand_before(prompt, reason):
    assert gates.refuse_prompt(example(prompt), CONTROLS) == reason


def test_a_comment_that_holds_a_credential_is_not_published():
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA"
    assert gates.refuse_prompt(msgspec.structs.replace(example(), comment=f"it showed {key}"), CONTROLS) == "secret"
    assert gates.refuse_prompt(msgspec.structs.replace(example(), comment="it showed a key"), CONTROLS) == ""


@pytest.mark.parametrize(("good", "bad"), [(300, 1), (1000, 3), (1000, 4), (3, 1000), (7, 5)])
def test_the_weight_of_what_is_desired_is_never_nothing(good, bad):
    weight = weighting(good, bad)["desirable_weight"]
    assert 0.999 <= weight * good / bad <= 1.331 or weight == 1.0


def test_earlier_messages_of_the_model_may_call_and_system_prompts_may_speak_of_it():
    prompt = (
        Said("system", "Write <tool_call>."),
        Said("user", "Q"),
        Said("assistant", call("print(3)")),
        Said("user", "And?"),
    )
    assert gates.refuse_prompt(Example("t", 0, prompt), CONTROLS) == ""
    assert gates.refuse_prompt(msgspec.structs.replace(example(), refused="dropped"), CONTROLS) == "dropped"


def test_a_prompt_waits_for_an_answer():
    prompt = (Said("system", "S"), Said("user", "Q"), Said("assistant", "A"))
    assert gates.refuse_prompt(Example("t", 0, prompt), CONTROLS) == "malformed"


def test_every_reason_that_the_code_names_is_explained():
    sources = "".join(file.read_text() for file in Path(gates.__file__).parent.glob("*.py"))
    named = set(re.findall(r'(?:refused?=|doubt=|refuse\(|return )"([a-z_]+)"', sources))
    named -= {"human", "run", "tool", "none", "verified", "corrected", "unreadable"}  # proofs, decisions, states
    assert len(named) > 10 and named <= gates.GATES.keys()
