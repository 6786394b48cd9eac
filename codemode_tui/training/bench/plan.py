"""What a model is asked while it is measured, sized to its context."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from itertools import count, islice

import msgspec

from codemode_tui.errors import ContextError
from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.render import CALL, CALL_END, render
from codemode_tui.protocol.types import Message, Segment

DECODED = 128
"""Tokens of a decode."""
LONG = 1024
"""Tokens of the prompt that prompt speed is measured with."""
TURNS = 6
NEW = 680
"""New tokens of each turn of the chat (budget 4), where the context has room for them."""
REPLY = 24
"""Of these, tokens of the answer."""
SESSION = 4096
"""Tokens of the session that is saved and resumed (budget 5), where the context has room for them."""
SESSION_SHARE = 0.75
FILES = 5
"""Of the task of several steps."""
LEAST_CONTEXT = 512
MARGIN = 0.95
"""Of the context, how much is used: the sizes of texts are estimates."""

Encode = Callable[[tuple[Segment, ...]], Awaitable[tuple[int, ...]]]


class Exchange(msgspec.Struct, frozen=True):
    """A message that the model is made to say, and what its call puts out."""

    said: tuple[int, ...]
    output: str = ""


class Plan(msgspec.Struct, frozen=True):
    """Prompts, and the tokens that the model is made to say."""

    short: tuple[Segment, ...]
    short_ids: tuple[int, ...]
    long: tuple[Segment, ...]
    long_ids: tuple[int, ...]
    script: tuple[int, ...]
    """The message of the decode: prose, then a call that never closes."""
    turns: tuple[str, ...]
    """Questions of the chat."""
    reply: tuple[int, ...]
    """The answer to each of them."""
    turn_tokens: int
    """New tokens of a turn of the chat, about."""
    session: tuple[Message, ...] = ()
    """What a saved session begins with."""
    task: str = ""
    program: tuple[Exchange, ...] = ()
    """The task in code mode: one program, and the answer."""
    calls: tuple[Exchange, ...] = ()
    """The same with one tool a turn."""


async def make_plan(encode: Encode, profile: Profile, context_limit: int) -> Plan:
    """Size everything for one model.

    Args:
        encode: the model's tokenizer.
        profile: how it was trained.
        context_limit: tokens; 0 when there is none.

    Raises:
        ContextError: the context is too small to measure anything in.
    """
    context = context_limit or 1 << 30
    if context < LEAST_CONTEXT:
        raise ContextError(
            f"a context of {context} tokens is too small for a benchmark",
            hint=f"choose a model with {LEAST_CONTEXT} or more, or raise engine.context_limit",
        )

    async def tokens_of(*messages: Message) -> int:
        return len(await encode(render(profile, messages)))

    short = question(profile, "How many lines are in notes.txt?")
    short_ids = await encode(short)
    opened, _ = call_tags(profile)
    script = await encode((Segment(PROSE), *opened, Segment(CODE * DECODED)))
    reply = (await encode((Segment(PROSE * REPLY),)))[:REPLY]
    bare = await tokens_of(Message("user", ""))
    one = await tokens_of(Message("user", ""), Message("assistant", ""), Message("user", "")) - bare
    per_note = (await tokens_of(Message("user", notes(0, 40))) - bare) / 40
    turn = min(NEW, int((context * MARGIN - bare) / TURNS))
    turn_notes = int((turn - one - REPLY) / per_note)
    long = question(profile, notes(10_000, max(1, int((min(LONG, context / 2) - bare) / per_note))))
    long_ids = await encode(long)
    if turn_notes < 1 or max(len(long_ids), len(short_ids) + DECODED) > context:
        raise ContextError(
            f"the system prompt of profile {profile.name} fills the context of {context:,} tokens",
            hint="choose a model with a larger context, or raise engine.context_limit",
        )
    session_notes = int((min(SESSION, context * SESSION_SHARE) - bare) / per_note)
    return Plan(
        session=(Message("user", notes(20_000, max(1, session_notes))),),
        task=TASK,
        program=await _exchanges(encode, profile, PROGRAM),
        calls=await _exchanges(encode, profile, CALLS),
        short=short,
        short_ids=short_ids,
        long=long,
        long_ids=long_ids,
        script=script[:DECODED],
        turns=tuple(notes(1000 * number, turn_notes) for number in range(1, TURNS + 1)),
        reply=reply,
        turn_tokens=turn,
    )


async def _exchanges(encode: Encode, profile: Profile, steps: Sequence[tuple[str, str]]) -> tuple[Exchange, ...]:
    opened, closed = call_tags(profile)
    found = [Exchange(await encode((*opened, Segment(code), *closed)), output) for code, output in steps]
    return (*found, Exchange(await encode((Segment(ANSWER),))))


def call_tags(profile: Profile) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    """What stands before and behind the code of a call, as the model was trained to write it."""
    gap = "" if profile.wrapper == "phase22" else "\n"
    before = Segment(f"{gap}<function=execute_code>\n<parameter=code>\n")
    behind = Segment(f"\n</parameter>\n</function>{gap}")
    return (Segment(CALL, special=True), before), (behind, Segment(CALL_END, special=True))


def question(profile: Profile, text: str) -> tuple[Segment, ...]:
    """The prompt of a conversation's first question."""
    return render(profile, [Message("user", text)])


def notes(first: int, number: int) -> str:
    """Text of any length: notes, numbered from ``first``, no two alike."""
    return " ".join(
        f"Note {n}: {PEOPLE[n % len(PEOPLE)]} put the {THINGS[n % len(THINGS)]} back on shelf {n * 7 % 90}."
        for n in islice(count(first), number)
    )


PEOPLE = ("Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gita")
THINGS = ("lamp", "blue cup", "map of the town", "old radio", "garden shears")
PROSE = "I will read each file and count its lines.\n\nThen I add the numbers up.\n\n"
CODE = 'total = 0\nfor path in glob_files("*.txt"):\n    total += len(read_file(path).splitlines())\nprint(total)\n'
TASK = f"Which of the {FILES} notes is the longest, and how many lines do they have in all?"
ANSWER = "note_3.txt is the longest with 18 lines; all notes together have 61 lines."
NAMES = [f"note_{number}.txt" for number in range(1, FILES + 1)]
PROGRAM = [
    (
        'sizes = {path: len(read_file(path).splitlines()) for path in glob_files("note_*.txt")}\n'
        "longest = max(sizes, key=sizes.get)\nprint(longest, sizes[longest], sum(sizes.values()))",
        "note_3.txt 18 61",
    )
]
CALLS = [
    ('print(list_directory("."))', str(NAMES)),
    *((f'print(read_file("{name}"))', "Milk and bread.\nCall Ada about the lamp.\n" * 3) for name in NAMES),
]
