"""Which kinds of question there are, and how often each is asked."""

from __future__ import annotations

import random
from collections.abc import Callable

from codemode_tui.bundled.recipe import (
    commands,
    compute_tasks,
    direct_tasks,
    file_changes,
    file_checks,
    file_contents,
    file_formats,
    file_missing,
    file_reading,
    folder_listing,
    folder_measures,
    folder_search,
    table_tasks,
    workflows,
)
from codemode_tui.bundled.recipe.example import Chat

Task = Callable[[Chat], None]

TOOL: list[tuple[Task, int]] = [
    (file_reading.read, 9),
    (file_reading.head, 5),
    (file_reading.count, 12),
    (file_reading.size, 4),
    (file_contents.occurrences, 6),
    (file_contents.lines_with, 5),
    (file_changes.append, 4),
    (file_changes.create, 5),
    (file_changes.replace, 4),
    (file_changes.move, 4),
    (file_contents.exists, 4),
    (file_contents.compare, 4),
    (file_formats.python_facts, 5),
    (file_formats.json_fact, 6),
    (file_formats.toml_fact, 3),
    (file_formats.csv_fact, 6),
    (file_missing.missing, 7),
    (folder_listing.listing, 7),
    (folder_listing.by_extension, 9),
    (folder_listing.by_name, 5),
    (folder_listing.count_files, 4),
    (folder_measures.extreme, 6),
    (folder_search.search, 10),
    (folder_measures.totals, 6),
    (folder_measures.ranking, 4),
    (file_changes.conditional, 3),
    (file_checks.validate, 5),
    (file_checks.validate_table, 3),
    (file_checks.guarded, 3),
    (file_checks.nested, 4),
    (table_tasks.rows_where, 5),
    (table_tasks.distinct, 4),
    (table_tasks.pivot, 3),
    (table_tasks.best_row, 4),
    (table_tasks.gaps, 5),
    (table_tasks.lines_job, 6),
    (table_tasks.frequent, 3),
    (workflows.classify, 4),
    (workflows.numbered_lines, 4),
    (workflows.report, 5),
    (workflows.rename_all, 3),
    (workflows.reorganise, 3),
    (commands.command, 6),
    (compute_tasks.arithmetic, 9),
    (compute_tasks.percent, 2),
    (compute_tasks.one_number, 6),
    (compute_tasks.series, 4),
    (compute_tasks.two_numbers, 3),
    (compute_tasks.text_job, 5),
]
DIRECT: list[tuple[Task, int]] = [
    (direct_tasks.concept, 11),
    (direct_tasks.how, 4),
    (direct_tasks.builtin, 5),
    (direct_tasks.versus, 3),
    (direct_tasks.talk, 5),
    (direct_tasks.refusal, 4),
]
DIRECT_SHARE = 0.24


def pick(r: random.Random) -> Task:
    """One kind of question, by weight."""
    table = DIRECT if r.random() < DIRECT_SHARE else TOOL
    tasks, weights = zip(*table, strict=True)
    chosen: Task = r.choices(tasks, weights)[0]
    return chosen
