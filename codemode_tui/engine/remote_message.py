"""One message of a server while it is written: what is certain of its text, its counts and its times."""

from __future__ import annotations

import time
from collections.abc import Sequence

from codemode_tui.engine.api import Finished, FinishReason, Usage
from codemode_tui.engine.remote_replies import Counts
from codemode_tui.engine.stop_filter import StopFilter
from codemode_tui.protocol.halves import Halves


class RemoteMessage:
    """What has come of one message so far."""

    def __init__(self, stop: Sequence[str], limit: int, began: float) -> None:
        self._began = began
        self._first = self._last = 0.0
        self._halves = Halves()
        self._filter = StopFilter(stop)
        self._room = max(1 << 20, 64 * limit)
        self._pieces = 0
        self._counted = Counts()
        self._earlier = 0
        self.accepted = False
        """The server has begun to answer: it has room for the prompt."""
        self.text = ""
        self.reason: FinishReason = "stop"
        self.rebuilt = False
        self.notes: list[str] = []

    @property
    def stopped(self) -> bool:
        return self._filter.stopped

    @property
    def boundless(self) -> bool:
        """It has said far more than it was asked for: a server that never ends."""
        return len(self.text) > self._room

    @property
    def tokens(self) -> int:
        """How many there are about: servers send one a piece, and count at the end."""
        return max(self._pieces, self._counted.generated)

    def heard(self, text: str) -> str:
        """Take text that has arrived; returns what of it is certain."""
        if not text:
            return ""
        self._last = time.monotonic()
        self._first = self._first or self._last
        self._pieces += 1
        return self._add(self._filter.feed(self._halves.feed(text)))

    def put(self, text: str) -> str:
        """Add text that no stop text ends: an opening, reasoning, a call made anew. Returns what of it is certain."""
        return self._add(self._filter.flush() + self._halves.feed(text))

    def flush(self) -> str:
        rest = self._filter.feed(self._halves.flush())
        return self._add(rest + self._filter.flush())

    def asked(self) -> None:
        """Another request begins: what the ones before it made is settled."""
        self._earlier = self._counted.generated

    def counted(self, counts: Counts) -> None:
        """The server's own counts of the request under way. Some servers send them with every piece, as they grow."""
        first = self._counted if self._counted.prompt else counts
        generated = max(self._counted.generated, self._earlier + counts.generated)
        self._counted = Counts(first.prompt, first.cached, generated)

    def finished(self, candidate: int, context_limit: int, load_ms: float) -> Finished:
        now, counts = time.monotonic(), self._counted
        first = (self._first or now) - self._began
        spent = self._last - self._first
        usage = Usage(
            prompt_tokens=counts.prompt,
            cached_tokens=min(counts.cached, counts.prompt),
            generated_tokens=self.tokens,
            context_limit=context_limit,
            load_ms=load_ms,
            ttft_ms=first * 1000,
            prompt_tps=max(0, counts.prompt - counts.cached) / first if first else 0.0,
            decode_tps=(self.tokens - 1) / spent if spent and self.tokens > 1 else 0.0,
            total_ms=(now - self._began) * 1000,
        )
        return Finished(self.reason, self.text, (), usage, candidate, rebuilt=self.rebuilt, notes=tuple(self.notes))

    def _add(self, text: str) -> str:
        self.text += text
        return text
