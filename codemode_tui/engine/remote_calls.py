"""The calls of one message that a server parsed, put together from the parts that it sends them in."""

from __future__ import annotations

from dataclasses import dataclass, field

from codemode_tui.engine.remote_replies import CallPart

_MOST_CALLED = 1 << 22
"""Characters of calls that a server parsed."""
_MOST_CALLS = 64
_PART = 16
"""What a part of a call counts for beside its characters: parts without any have an end, too."""


@dataclass(slots=True)
class _Call:
    index: int
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)

    def ends_before(self, part: CallPart) -> bool:
        """Whether ``part`` begins another call under the same index, which some servers give to all or leave out.

        Without a name it never does: some servers make up a new id for every part of one call.
        """
        if not part.name:
            return False
        if part.id and self.id:
            return part.id != self.id
        if not self.arguments or part.name != self.name:
            return bool(self.arguments)
        # The same name again: of another call, if those are whole arguments behind whole ones; else of a further part.
        return part.arguments.startswith("{") and self.arguments[-1].rstrip().endswith("}")


class RemoteCalls:
    """What has come of a message's calls so far."""

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._latest: dict[int, _Call] = {}
        self._size = 0

    @property
    def endless(self) -> bool:
        """There is far more of them than any message needs: a server that never ends."""
        return self._size > _MOST_CALLED or len(self._calls) > _MOST_CALLS

    @property
    def whole(self) -> list[tuple[str, str]]:
        """Name and arguments of each call, in the server's order."""
        return [(one.name, "".join(one.arguments)) for one in sorted(self._calls, key=lambda one: one.index)]

    def add(self, part: CallPart) -> None:
        """Take a part that has arrived."""
        self._size += _PART + len(part.name) + len(part.arguments)
        call = self._latest.get(part.index)
        if call is None or call.ends_before(part):
            call = self._latest[part.index] = _Call(part.index)
            self._calls.append(call)
        call.id = call.id or part.id
        if part.name != call.name:
            call.name += part.name
        if part.arguments:
            call.arguments.append(part.arguments)
