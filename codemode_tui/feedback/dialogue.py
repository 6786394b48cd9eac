"""Which messages a captured prompt consists of: found by rendering, proved by equality."""

from __future__ import annotations

from collections.abc import Iterator

from codemode_tui.feedback.example import Said, chatml, said
from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.render import END, START, render, render_text
from codemode_tui.protocol.types import Message
from codemode_tui.store.records import FeedbackRecord, StoredGeneration

_SYSTEM = f"{START}system\n"
_FIRST = f"{END}\n{START}user\n"


def prompt_of(record: FeedbackRecord, generation: StoredGeneration, profile: Profile) -> tuple[Said, ...] | None:
    """The messages whose rendering is the captured prompt, byte for byte; None if no such are known.

    The system prompt is the captured one: a profile may have changed since.
    """
    captured = record.prompts[generation.id]
    system, found, _ = captured.removeprefix(_SYSTEM).partition(f"{END}\n")
    if not found or not captured.startswith(_SYSTEM):
        return None
    for messages in _conversations(record, generation):
        prompt = said(profile, messages, system)
        if chatml(prompt) == captured == render_text(render(profile, messages, system=system)):
            return prompt
    return None


def first_question(captured: str) -> str:
    """The first user message of a rendered prompt; empty if there is none."""
    return captured.partition(_FIRST)[2].partition(END)[0]


def _conversations(record: FeedbackRecord, generation: StoredGeneration) -> Iterator[tuple[Message, ...]]:
    """What may have stood before ``generation``, likeliest first: of a long conversation, its end."""
    begins = [0, *(at for at, message in enumerate(record.context) if at and message.role == "user")]
    ways = list(_ways(record, generation))
    for begin in [*begins, len(record.context)]:
        for way in ways:
            yield (*record.context[begin:], Message("user", record.turn.query), *way)


def _ways(record: FeedbackRecord, generation: StoredGeneration) -> Iterator[tuple[Message, ...]]:
    """The steps of the turn before ``generation``. A correction may follow on another correction."""
    own = [one for one in record.turn.generations if one.step < generation.step and one.finished]
    yield tuple(message for one in own for message in _exchange(one))
    for before in record.turn.corrections:
        follows = before.step == generation.step - 1 and before.origin == generation.origin
        if follows and before.finished:
            for way in _ways(record, before):
                yield (*way, *_exchange(before))


def _exchange(generation: StoredGeneration) -> Iterator[Message]:
    """A message and what the model was told of its run."""
    yield Message("assistant", generation.raw)
    yield from (Message("tool", response) for response in generation.responses[-1:])
