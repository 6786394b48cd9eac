"""Room in the model's context: how much is kept free for an answer, and what is said when it runs out."""

from __future__ import annotations

from codemode_tui.chat.context import Context
from codemode_tui.engine.api import Usage
from codemode_tui.errors import ContextError
from codemode_tui.protocol.types import Message

ANSWER = 16
"""A sixteenth of the context is kept free for an answer: else it would be cut off."""
AFTER_DROPPING = 4
"""Once turns are dropped a quarter is made free: each time that the beginning changes all is read again."""


class Room:
    """Makes room for one message by leaving out the oldest turns, if that is wished."""

    def __init__(self, context: Context, limit: int, answer: int, *, drop: bool) -> None:
        """
        Args:
            context: the earlier turns; it loses the oldest with ``drop``.
            limit: tokens; 0 if unknown.
            answer: the longest message that may be written.
            drop: whether turns may be left out.
        """
        self._context = context
        self._may_drop = drop
        self._more = max(1, limit // AFTER_DROPPING)
        self.reserve = max(1, min(answer, limit // ANSWER)) if context.messages() else 1
        """Tokens that must be free for the message."""
        self.dropped = 0

    @property
    def messages(self) -> tuple[Message, ...]:
        """The earlier turns, without those that were left out."""
        return self._context.messages(without=self.dropped)

    def make(self, refused: ContextError) -> None:
        """Leave one more turn out, after the prompt was refused.

        Raises:
            ContextError: it cannot be made to fit.
        """
        if not self._may_drop and self.messages:
            hint = "begin a new session, or let its oldest turns go: codemode config set engine.at_limit drop"
            raise ContextError(f"this conversation is full: {refused.message}", hint=hint)
        if not self.messages:
            if self.reserve == 1:
                raise refused
            self.reserve = 1  # the question alone: whatever is left must do
            return
        self.dropped += 1
        self.reserve = self._more

    def drop(self) -> None:
        """What was left out is forgotten. Not before it has made room: a question that never fits changes nothing."""
        self._context.drop_oldest(self.dropped)

    @property
    def notice(self) -> str:
        """What was left out, for people; empty if nothing was."""
        if not self.dropped:
            return ""
        one = self.dropped == 1
        turns = "its oldest turn was" if one else f"its {self.dropped} oldest turns were"
        kept = "it" if one else "them"
        return f"the conversation no longer fits the model: {turns} left out (the session keeps {kept})"


def full(usage: Usage) -> str:
    """What is to be said of a message that was cut off because the context ended; empty if it was not."""
    if not usage.context_limit or usage.prompt_tokens + usage.generated_tokens < usage.context_limit:
        return ""
    return f"cut off: the context of {usage.context_limit:,} tokens is full; begin a new session for the rest"
