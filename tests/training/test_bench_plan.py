"""What a model is asked while it is measured fits into its context, whatever that is."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from codemode_tui.errors import ContextError
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import render, render_text
from codemode_tui.protocol.types import Message
from codemode_tui.training.bench.plan import DECODED, LONG, NEW, REPLY, TURNS, Plan, make_plan

PROFILE = load_profile("bundled")


async def by_words(prompt) -> tuple[int, ...]:
    """A tokenizer: words, and every other character by itself."""
    return tuple(range(len(re.findall(r"\w+|[^\w ]", render_text(prompt)))))


async def chat_tokens(plan: Plan) -> list[int]:
    """Tokens of the prompt of every turn."""
    messages: list[Message] = []
    sizes = []
    for text in plan.turns:
        messages.append(Message("user", text))
        sizes.append(len(await by_words(render(PROFILE, messages))))
        messages.append(Message("assistant", "word " * REPLY))
    return sizes


@pytest.mark.parametrize("context", [512, 600, 1024, 2048, 4000])
async def test_everything_fits_into_a_small_context(context):
    plan = await make_plan(by_words, PROFILE, context)
    assert len(plan.long_ids) <= context and len(plan.short_ids) + len(plan.script) <= context
    sizes = await chat_tokens(plan)
    assert sizes[-1] + REPLY <= context
    assert sizes[-1] > context * 0.6  # and the room is used


async def test_where_there_is_room_turns_have_the_size_of_the_budget():
    plan = await make_plan(by_words, PROFILE, 0)
    sizes = await chat_tokens(plan)
    assert plan.turn_tokens == NEW and len(plan.turns) == TURNS
    assert all(NEW * 0.9 < after - before < NEW * 1.1 for before, after in pairwise(sizes))
    assert LONG * 0.9 < len(plan.long_ids) < LONG * 1.1
    assert len(plan.script) == DECODED and len(plan.reply) == REPLY


async def test_no_two_turns_are_alike():
    plan = await make_plan(by_words, PROFILE, 2048)
    assert len({turn[:12] for turn in plan.turns}) == TURNS


async def test_a_context_without_room_is_refused_with_the_fix():
    with pytest.raises(ContextError, match="100 tokens") as error:
        await make_plan(by_words, PROFILE, 100)
    assert "engine.context_limit" in error.value.line()


async def test_a_system_prompt_that_fills_the_context_is_named():
    with pytest.raises(ContextError, match="qwen3-coder"):
        await make_plan(by_words, load_profile("qwen3-coder"), 512)
