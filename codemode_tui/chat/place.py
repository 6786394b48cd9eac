"""Where a correction stands: which message of a turn it replaces or follows, and what came before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from codemode_tui.chat.context import as_seen
from codemode_tui.chat.ports import Recorder
from codemode_tui.errors import UsageError
from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.types import Message
from codemode_tui.store.records import Standing, StoredGeneration, StoredTurn

What = Literal["tool", "direct", "retry", "code", "answer", "continue"]


class Place(msgspec.Struct, frozen=True):
    """A place in a turn for another message."""

    step: int
    context: tuple[Message, ...]
    """What the model saw of the conversation before the turn."""
    turn: tuple[Message, ...]
    """What comes before it in the turn, the question first."""
    replaces: StoredGeneration | None
    """The message in whose place it would stand; None if it goes on where the turn had nothing."""
    follows: StoredGeneration | None
    """The accepted correction whose run it goes on from; None if all before it is the turn's own."""
    tokenizer: str
    """Whose ids the messages have."""

    def messages(self, tokenizer: str) -> list[Message]:
        """All that comes before it; with token ids only for the tokenizer that made them."""
        said = [*self.context, *self.turn]
        return said if tokenizer == self.tokenizer else [Message(one.role, one.content) for one in said]


async def find_place(recorder: Recorder, profile: Profile, turn: StoredTurn, what: What, step: int | None) -> Place:
    """The place that is meant: ``step``, or what ``what`` makes likeliest.

    It goes on from a correction that ran well, or from the turn's own messages: behind code that failed nothing
    could ever count. Only an answer whose step is named follows such code, too: both were written together.

    Raises:
        UsageError: the turn still runs or holds nothing, or ``profile`` is not the one it was made with.
    """
    if turn.state == "running":
        raise UsageError("the turn still runs", hint="stop it or wait for its end")
    own = {one.step: one for one in turn.generations if one.finished}
    # Who sees the first message go wrong stops it: its prompt is known all the same.
    own = own or {one.step: one for one in turn.generations if one.raw}
    if not own:
        raise UsageError("the model said nothing in this turn", hint="ask again")
    standing = await recorder.standing(turn.id)
    ran = {one.id: one for one in turn.corrections if one.responses}
    fixed = {
        at: ran[one]
        for at, one in standing.chosen.items()
        if one in ran and (standing.proofs.get(one) == "run" or (what == "answer" and at + 1 == step))
    }
    at = _default(own, standing, fixed, what) if step is None else step
    follows = fixed.get(at - 1)
    last = max(own)
    if at not in own and follows is None and not (at == last + 1 and own[last].responses):
        raise UsageError(f"the turn has no message {at}", hint=f"one of {', '.join(map(str, own))}")
    if follows is None:
        fixed = {}
    # Its prompt shows how much of the conversation the model saw.
    before = min(at, last) if follows is None else at - 1
    known = follows or own[before]
    text, provenance = await recorder.prompt(known.id)
    context = await recorder.context(turn.id)
    seen = as_seen(profile, context, [Message("user", turn.query), *_said(own, fixed, before)], text)
    if seen is None:
        name = str(provenance.get("profile", ""))
        raise UsageError(
            f"with the profile {profile.name} its prompt cannot be made again",
            hint=f"it was made with {name}: --profile {name}" if name != profile.name else "the profile has changed",
        )
    said = (Message("user", turn.query), *_said(own, fixed, at))
    return Place(at, seen, said, own.get(at) if follows is None else None, follows, known.tokenizer)


def _default(
    own: dict[int, StoredGeneration], standing: Standing, fixed: dict[int, StoredGeneration], what: What
) -> int:
    """The message that is most likely meant (CONTRACT, ``feedback add``)."""
    at_once = "should_answer" in standing.reasons
    if what == "continue" and not fixed:
        raise UsageError("no corrected code of this turn has run well", hint="correct its code first")
    if what == "continue" or (what == "answer" and fixed and not at_once):
        return max(fixed) + 1
    if what == "tool":
        return max((at for at, one in own.items() if one.decision != "tool"), default=min(own))
    if (what == "answer" and not at_once) or (what == "retry" and "wrong_answer" in standing.reasons):
        return _answer(own)
    crashed = what in ("code", "retry") and "crashed" in standing.reasons
    failed = [at for at, one in own.items() if crashed and one.failed]
    return min(failed or [at for at, one in own.items() if one.decision == "tool"], default=min(own))


def _answer(own: dict[int, StoredGeneration]) -> int:
    """Where the turn's answer stands, or should: behind what ran well, which stays."""
    direct = [at for at, one in own.items() if one.decision == "direct"]
    ran = [at for at, one in own.items() if one.succeeded]
    if direct or not ran:
        return max(direct, default=min(own))
    return max((at for at, one in own.items() if one.decision != "tool" and at > min(ran)), default=max(ran) + 1)


def _said(own: dict[int, StoredGeneration], fixed: dict[int, StoredGeneration], until: int) -> Iterator[Message]:
    """The turn's messages and outputs before a step: on the way of a correction that was accepted right before."""
    if until < 1:
        return
    last = fixed.get(until - 1)
    if last is not None:
        yield from _said(own, fixed, until - 1)
        yield from _exchange(last)
    else:
        for at in sorted(at for at in own if at < until):
            yield from _exchange(own[at])


def _exchange(generation: StoredGeneration) -> Sequence[Message]:
    message = Message("assistant", generation.raw, generation.token_ids or None)
    return [message, *(Message("tool", response) for response in generation.responses[-1:])]
