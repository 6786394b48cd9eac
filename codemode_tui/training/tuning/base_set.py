"""What a training is mixed with, so that the model keeps what it knows: an imported set, or the bundled model's own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from codemode_tui.errors import UsageError
from codemode_tui.protocol.profiles import Profile
from codemode_tui.training.tuning.rows import Pieces, Rows, judged, read_set, without

GENERATED = "bundled"
"""Name of the set that the bundled model's own generator writes."""
COUNT = 2000
LONGEST = 700
"""Characters of a generated conversation: longer ones cost much, and hold little that shorter ones do not."""


def base_set(name: str, profile: Profile, protected: tuple[str, ...], seed: int) -> Rows:
    """The rows of ``name``: ``bundled``, a folder or a file, those left out that ``protected`` questions resemble.

    Raises:
        UsageError: there is no such set, or nothing in it.
    """
    if name != GENERATED:
        if not Path(name).exists():
            raise UsageError(f"{name} does not exist", hint=f"name a folder or file of rows, {GENERATED}, or none")
        return read_set(Path(name), profile, protected)
    rows = [one for one in islice(_generated(profile, seed), COUNT) if isinstance(one, Pieces)]
    kept, left_out = without(rows, protected, "protected")
    return Rows({"train": kept, "valid": [], "test": []}, left_out)


def _generated(profile: Profile, seed: int) -> Iterator[Pieces | str]:
    from codemode_tui.bundled.recipe.rows import rows
    from codemode_tui.corpus.rows import read_row

    for number, row in enumerate(rows(seed), 1):
        if sum(len(text) for _, text in row.turns) > LONGEST:
            continue
        messages = [{"role": role, "content": text} for role, text in row.turns]
        line = json.dumps({"messages": messages}).encode()
        yield judged(read_row(line), line, f"{GENERATED}:{number}", profile)
