"""What no row should teach: functions nobody told of, paths from nowhere, outputs that were made up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping
from itertools import pairwise

from codemode_tui.corpus.rows import RESPONSE, Row
from codemode_tui.protocol.render import RESPONSE_END
from codemode_tui.protocol.types import Decision, Parsed
from codemode_tui.training.audit.code import Facts
from codemode_tui.training.audit.invented import paths
from codemode_tui.training.audit.outputs import impossible
from codemode_tui.training.audit.values import Impossible, ImpossibleOutput, Invented, Unknown

EXAMPLES, SHOWN = 5, 300


class Doubts:
    """Counts that grow row by row."""

    def __init__(self) -> None:
        self._unknown: Counter[str] = Counter()
        self._rows: Counter[str] = Counter()
        self._paths: Counter[str] = Counter()
        self._literal = self._checked = self._impossible = 0
        self._made_up: list[ImpossibleOutput] = []

    def add(
        self, row: Row, parsed: Mapping[str, Parsed], facts: Mapping[str, Facts | None], tools: Container[str]
    ) -> None:
        """Count one row.

        Args:
            parsed: its assistant's messages, as they are understood.
            facts: what is known of each block of code among them.
            tools: the functions that there are, or that it tells of.
        """
        unknown: Counter[str] = Counter()
        invented: list[str] = []
        for at, turn in enumerate(row.turns):
            message = parsed.get(turn.content) if turn.role == "assistant" else None
            if not message or not message.code or message.decision not in (Decision.TOOL, Decision.MALFORMED):
                continue
            if (fact := facts.get(message.code)) is not None:
                unknown += Counter({name: n for name, n in fact.calls.items() if name not in tools})
            literal, those = paths(message.code, (one.content for one in row.turns[:at]))
            self._literal += literal
            invented += those
        self._unknown += unknown
        self._paths.update(invented)
        self._rows["unknown"] += bool(unknown)
        self._rows["invented"] += bool(invented)
        self._outputs(row, parsed)

    def _outputs(self, row: Row, parsed: Mapping[str, Parsed]) -> None:
        for said, after in pairwise(row.turns):
            message = parsed.get(said.content) if said.role == "assistant" else None
            if after.role != "tool" or not message or message.decision is not Decision.TOOL or not message.code:
                continue
            output = after.content.strip().removeprefix(RESPONSE).removesuffix(RESPONSE_END).strip("\n")
            found = impossible(message.code, output)
            self._checked += found is not None
            if found:
                self._impossible += 1
                if len(self._made_up) < EXAMPLES:
                    self._made_up.append(ImpossibleOutput(message.code[:SHOWN], output[:SHOWN]))

    @property
    def unknown(self) -> Unknown:
        return Unknown(self._rows["unknown"], dict(self._unknown.most_common()))

    @property
    def invented(self) -> Invented:
        shown = [path for path, _ in self._paths.most_common(EXAMPLES)]
        return Invented(self._literal, self._paths.total(), self._rows["invented"], shown)

    @property
    def impossible(self) -> Impossible:
        return Impossible(self._checked, self._impossible, self._made_up)
