"""Where a message ends: end-of-turn ids, stop texts, the longest message, and circles without end."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.inprocess import loaded, say, tiny, user
from tokenizers import Tokenizer

from codemode_tui import locations
from codemode_tui.engine.api import Sampling
from codemode_tui.engine.ends import end_ids
from codemode_tui.engine.repetition import Repetition, period
from codemode_tui.engine.texts import TextStream

ASK = [user("What is a list?")]
TOKENIZER = Tokenizer.from_file(str(locations.bundled_model() / "tokenizer.json"))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return loaded(folder=tiny(tmp_path_factory.mktemp("tiny")), saved_bytes=0)


def ids(text: str) -> tuple[int, ...]:
    return tuple(TOKENIZER.encode(text, add_special_tokens=False).ids)


@given(st.text(alphabet="abcé😀\n<|>", min_size=1, max_size=40), st.text(alphabet="ab<|>é😀", min_size=1, max_size=6))
def test_a_stop_text_is_found_however_it_falls_on_tokens_and_nothing_of_it_is_given(text, stop):
    stream = TextStream(TOKENIZER, (stop,))
    given_ = ""
    for token in ids(text):
        given_ += stream.add(token)
        if stream.stopped:
            break
    given_ += stream.flush()
    decoded = TOKENIZER.decode(list(ids(text)), skip_special_tokens=False)
    assert given_ == stream.text == decoded.partition(stop)[0]
    assert stream.stopped == (stop in decoded)


@pytest.mark.parametrize("end", ["<|im_end|>", "<|endoftext|>", "<|im_start|>"])
def test_every_end_of_a_turn_ends_the_message_and_stays_out_of_it(model, end):
    script = (*ids("Fine."), TOKENIZER.token_to_id(end), *ids("never said"))
    said = say(model, ASK, script=script, stop=())
    assert (said.text, said.last.finish_reason, said.last.token_ids) == ("Fine.", "stop", ids("Fine."))


def test_text_that_only_spells_the_end_of_a_turn_ends_nothing(model):
    spelt = 'It counts "<|im_end|>" in it.'
    script = (*model.encoder.plain(spelt), TOKENIZER.token_to_id("<|im_end|>"), *ids("never said"))
    assert say(model, ASK, script=script, stop=("<|im_end|>", "<|endoftext|>")).text == spelt


@pytest.mark.parametrize(
    ("generation", "config", "tokenizer", "expected"),
    [
        ({"eos_token_id": [5, 6]}, {"eos_token_id": 7}, {}, {5, 6}),
        ({}, {"eos_token_id": 7}, {}, {7}),
        ({"eos_token_id": 5}, {}, {"eos_token": "<end>"}, {5, 9}),
        ({}, {}, {"eos_token": {"content": "<end>"}}, set()),
        (None, {}, None, set()),
    ],
)
def test_the_ends_are_those_of_all_files_and_of_the_dialect(tmp_path, generation, config, tokenizer, expected):
    for name, table in (("generation_config.json", generation), ("tokenizer_config.json", tokenizer)):
        if table is not None:
            (tmp_path / name).write_text(json.dumps(table))
    added = {"<|im_end|>": 1, "<|im_start|>": 2, "<end>": 9, "<think>": 3}
    assert end_ids(tmp_path, config, added) == expected | {1, 2}


def test_a_message_that_goes_round_in_circles_is_ended_and_it_is_said_why(model):
    said = say(model, ASK, script=ids("I see.\n") + ids("the same again, ") * 400, max_tokens=4000)
    assert said.last.finish_reason == "length" and said.usage.generated_tokens < 700
    assert "repeats itself" in said.last.notes[0]
    assert not say(model, ASK, script=ids("Fine.") * 3, max_tokens=15).last.notes


CODE = "".join(f'    ("case {n}", {n * n}, [0, 0, 0, 0], None),\n' for n in range(120))
TABLE = "| name | value |\n|------|-------|\n" + "".join(f"| row {n} | 0 |\n" for n in range(150))
GRID = "grid = [\n" + "    [0, 0, 0, 0, 0, 0, 0, 0, 0],\n" * 9 + "]\n"
RULES = ("#" * 79 + "\n") * 3 + "=" * 200
LIST = "\n".join(f"{n}. item" for n in range(300))


@pytest.mark.parametrize("text", [CODE, TABLE, GRID, RULES, LIST, CODE + GRID + TABLE], ids=len)
def test_code_tables_grids_rules_and_lists_are_no_circles(text):
    circles = Repetition()
    assert not any([circles.add(token) for token in ids(text)])
    circles = Repetition()
    assert len(text) > 1000 or not any([circles.add(character) for character in text])


@given(st.lists(st.integers(0, 3), min_size=1, max_size=200), st.lists(st.integers(0, 9), max_size=300))
def test_every_circle_of_up_to_256_is_noticed_within_its_window(unit, before):
    circles = Repetition()
    for item in before:
        circles.add(("before", item))
    seen = next(n for n in range(3000) if circles.add(unit[n % len(unit)]))
    assert seen <= 1024 + 64


@given(st.lists(st.integers(0, 2), max_size=60))
def test_the_period_is_the_shortest_shift_onto_itself(items):
    expected = next((p for p in range(1, len(items)) if items[p:] == items[:-p]), len(items))
    assert period(items) == expected


def test_the_same_seed_says_the_same_and_no_seed_something_else_each_time(model):
    def texts(seed, **more):
        sampling = Sampling(temp=5.0, seed=seed, max_tokens=16)  # nearly even: no two are the same by chance
        return [one.text for one in say(model, ASK, sampling=sampling, openings=(), **more).finished]

    three = texts(7, candidates=3)
    assert len(set(three)) == 3 and texts(7, candidates=3) == three
    assert [texts(7 + n)[0] for n in range(3)] == three  # candidate n is what its own seed says
    assert texts(7, conversation="elsewhere") == three[:1]
    assert len({*texts(None, candidates=3), *texts(None, candidates=3)}) == 6
    texts(7)
    assert texts(None) != texts(None)  # nor does a seed linger


def test_a_seed_says_the_same_whatever_was_cached_and_whether_p_tool_was_measured(model):
    sampling = Sampling(temp=0.8, top_p=0.9, top_k=20, min_p=0.01, repetition_penalty=1.1, seed=3, max_tokens=12)
    openings = ("<tool_call>", "I'll use the read_file tool.", "I'll use it")
    said = {
        say(model, ASK, conversation, sampling=sampling, openings=known, cache_key="").text
        for known in ((), openings)
        for conversation in ("one", "one", f"two {len(known)}")
    }
    assert len(said) == 1
