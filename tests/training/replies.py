"""The good replies to the built-in suite, as messages of a model."""

from __future__ import annotations

import tomllib
from pathlib import Path

from support.fakes import call

from codemode_tui.training.suite import Case

_FILE = tomllib.loads((Path(__file__).parent / "solutions.toml").read_text("utf-8"))
KNOWN = {*_FILE["say"], *_FILE["code"]}


def messages(case: Case) -> list[str]:
    """What a good model says in this case, message by message."""
    if case.id in _FILE["say"]:
        return [_FILE["say"][case.id]]
    replies = _FILE["code"][case.id]
    said: list[str] = []
    for reply in [replies] if isinstance(replies, str) else replies:
        text = reply.removeprefix("say: ")
        said += [text] if text != reply else [call(reply), _FILE["answer"].get(case.id, "Done.")]
    return said
