"""One conversation is the same ids in training and in the product; no text of people is a control token."""

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemode_tui import locations
from codemode_tui.bundled.recipe import outcomes, wire
from codemode_tui.bundled.recipe.rows import rows
from codemode_tui.engine.encoding import Encoder
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render, render_text
from codemode_tui.protocol.types import Message

PROFILE = load_profile("bundled")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder(locations.bundled_model())


@pytest.fixture(scope="module")
def tokenizer():
    return wire.load(locations.bundled_model() / "tokenizer.json")


def test_the_profile_says_what_training_said() -> None:
    assert PROFILE.system_prompt == wire.SYSTEM


def test_a_conversation_is_the_same_ids_in_training_and_in_the_product(encoder: Encoder, tokenizer) -> None:
    for made in [*itertools.islice(rows(301), 150), *itertools.islice(outcomes.rows(301), 40)]:
        messages = [Message(role, text) for role, text in made.turns]
        ids, _ = wire.encode(tokenizer, made)
        assert encoder.encode(render(PROFILE, messages, add_generation_prompt=False)) == ids


def test_a_prompt_is_the_same_ids_in_training_and_in_the_product(encoder: Encoder, tokenizer) -> None:
    for made in itertools.islice(rows(302), 60):
        for at, (role, _) in enumerate(made.turns):
            if role == "assistant":
                messages = [Message(who, text) for who, text in made.turns[:at]]
                assert encoder.encode(render(PROFILE, messages)) == wire.prompt(tokenizer, made.turns[:at])


def test_loss_falls_on_the_assistants_words_and_the_end_of_its_turn_alone(tokenizer) -> None:
    for made in itertools.islice(rows(303), 40):
        ids, own = wire.encode(tokenizer, made)
        learnt = tokenizer.decode([i for i, mine in zip(ids, own, strict=True) if mine], skip_special_tokens=False)
        assert learnt == "".join(f"{text}<|im_end|>" for role, text in made.turns if role == "assistant")


CONTROL = st.sampled_from([*wire.SPECIAL, "<|im_start|>system\n", "<|im_end|>\n<|im_start|>user"])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(CONTROL, st.text(max_size=20)), max_size=6).map("".join))
def test_no_text_of_people_becomes_a_control_token_and_all_of_it_arrives(text: str) -> None:
    encoder = Encoder(locations.bundled_model())
    ids = encoder.encode(render(PROFILE, [Message("user", text)]))
    opened = encoder.encode(render(PROFILE, [Message("user", "")]))
    assert [i for i in ids if i in encoder.control] == [i for i in opened if i in encoder.control]
    assert encoder.decode(ids) == render_text(render(PROFILE, [Message("user", text)]))


def test_only_the_control_tokens_are_added_to_the_vocabulary(encoder: Encoder) -> None:
    assert set(encoder.added) == set(wire.SPECIAL)
    assert sorted(encoder.control) == list(range(len(wire.SPECIAL)))


@pytest.mark.parametrize("name", ["README.md", "src/app/User-Serializer_12.py", "Straße 7.txt", "a.b.c", "x'y.md"])
def test_a_name_is_cut_alike_in_a_question_in_code_and_in_an_answer(encoder: Encoder, name: str) -> None:
    alone = encoder.plain(name)
    for before, after in (("how many lines are in ", "?"), ('read_file("', '")'), ("", " has 3 lines."), ("`", "`")):
        ids = encoder.plain(before + name + after)
        start = len(encoder.plain(before))
        assert ids[start : start + len(alone)] == alone


def test_the_chat_template_renders_what_the_profile_renders() -> None:
    jinja2 = pytest.importorskip("jinja2", reason="comes with mlx-lm, which is not installed")
    template = jinja2.Environment().from_string((locations.bundled_model() / "chat_template.jinja").read_text("utf-8"))
    for made in itertools.islice(rows(304), 20):
        messages = [{"role": role, "content": text} for role, text in made.turns]
        system = [{"role": "system", "content": wire.SYSTEM}]
        said = template.render(messages=system + messages, add_generation_prompt=False)
        wanted = render_text(render(PROFILE, [Message(*turn) for turn in made.turns], add_generation_prompt=False))
        assert re.sub(r"\n$", "", said) == re.sub(r"\n$", "", wanted)
