"""Which kinds of question are answered directly, and how often each is asked."""

from __future__ import annotations

from collections.abc import Callable

from codemode_tui.bundled.recipe import direct_facts, direct_short, direct_tasks, refusals, small_talk
from codemode_tui.bundled.recipe.example import Chat

Task = Callable[[Chat], None]

DIRECT: list[tuple[Task, int]] = [
    (direct_tasks.concept, 18),
    (direct_tasks.how, 7),
    (direct_tasks.code_word, 7),
    (direct_tasks.versus, 5),
    (direct_facts.name, 5),
    (direct_facts.fact, 3),
    (direct_facts.example, 1),
    (direct_short.abbreviation, 3),
    (direct_short.status, 2),
    (direct_short.error, 3),
    (direct_short.error_when, 1),
    (direct_short.keyword, 2),
    (small_talk.talk, 11),
    (refusals.refusal, 8),
    (refusals.unknown, 3),
]
