"""Text that streams, up to the first stop text."""

from __future__ import annotations

from collections.abc import Sequence


class StopFilter:
    """Gives text on as it comes, and holds back what may still become a stop text."""

    def __init__(self, stop: Sequence[str]) -> None:
        self._stop = tuple(stop)
        self._held = ""
        self.stopped = False
        """A stop text has come: nothing behind it will be given."""

    def feed(self, text: str) -> str:
        """The text that is certain now."""
        if self.stopped:
            return ""
        text = self._held + text
        places = [at for at in map(text.find, self._stop) if at >= 0]
        if places:
            self.stopped, self._held = True, ""
            return text[: min(places)]
        longest = max((len(one) for one in self._stop), default=1) - 1
        tails = (text[len(text) - size :] for size in range(min(longest, len(text)), 0, -1))
        self._held = next((tail for tail in tails if any(one.startswith(tail) for one in self._stop)), "")
        return text[: len(text) - len(self._held)]

    def flush(self) -> str:
        """The rest at the end of the message."""
        rest, self._held = self._held, ""
        return rest
