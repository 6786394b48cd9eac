"""How often a kind of question is asked."""

from __future__ import annotations

import re

from codemode_tui.bundled.recipe.direct_kinds import Task

_COMPOSED = re.compile(
    r"(many_\w+|named_files|folder_\w*(jobs|changes)|file_(checks|moves|conditions)|derived_files|"
    r"table_(questions|jobs|conditions|changes|groups)|object_groups|loops|recursion)$"
)
"""Modules of jobs of several steps: what takes longer to learn is met half as often again."""
_JOBS = re.compile(r"job_\w+$")
"""Those of the most steps: nearly twice as often as that."""
_PIPES = re.compile(r"pipe_\w+$")
"""One function each for thousands of combinations of parts: so long, and so far from learnt, that with more of them
nearly all of the gradient would be theirs (200 nats a message, 1 to 3 of others)."""
_VARIED = re.compile(r"((number|series|unit|line)_tasks|implied_lookups|text_jobs|word_problems|commands|file_values)$")
"""One function each for dozens of different questions: each of those would be met too seldom."""
_DIALOGUES = re.compile(r"(file|table|list)_dialogues$")
"""What is asked second shows in no single question."""


_MORE = [(_PIPES, 1.0), (_JOBS, 2.5), (_DIALOGUES, 2.0), (_VARIED, 3.0), (_COMPOSED, 1.5)]


def weight(task: Task, often: int) -> float:
    """People ask some things far more often than others; a model that meets the others as seldom never learns them."""
    module = task.__module__.rpartition(".")[2]
    return float(often**0.58) * next((more for modules, more in _MORE if modules.match(module)), 1.0)
