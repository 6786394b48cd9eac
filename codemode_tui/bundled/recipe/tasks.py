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
    file_conditions,
    file_contents,
    file_formats,
    file_missing,
    file_moves,
    file_parts,
    file_presence,
    file_reading,
    folder_listing,
    folder_measures,
    folder_search,
    small_talk,
    table_tasks,
    workflows,
)
from codemode_tui.bundled.recipe.example import Chat

Task = Callable[[Chat], None]

TOOL: list[tuple[Task, int]] = [
    (file_reading.read, 9),
    (file_parts.head, 7),
    (file_parts.end_line, 3),
    (file_parts.nth_line, 4),
    (file_parts.line_range, 3),
    (file_reading.count, 12),
    (file_reading.size, 4),
    (file_reading.modified, 3),
    (file_reading.emptiness, 2),
    (file_reading.both, 1),
    (file_reading.statistics, 2),
    (file_contents.occurrences, 8),
    (file_contents.has_word, 5),
    (file_contents.lines_with, 7),
    (file_contents.lines_where, 4),
    (file_contents.line_count, 4),
    (file_contents.line_with, 2),
    (file_contents.line_numbers, 3),
    (file_contents.trouble, 3),
    (file_changes.append, 6),
    (file_changes.create, 8),
    (file_changes.replace, 6),
    (file_changes.move, 5),
    (file_changes.delete, 3),
    (file_changes.copy, 4),
    (file_changes.clear, 1),
    (file_changes.swap, 1),
    (file_presence.exists, 6),
    (file_presence.exists_and_read, 2),
    (file_presence.compare, 4),
    (file_presence.compare_size, 2),
    (file_presence.difference, 3),
    (file_presence.together, 1),
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
    (file_conditions.conditional, 2),
    (file_conditions.append_or_create, 2),
    (file_conditions.create_missing, 3),
    (file_conditions.if_word, 3),
    (file_conditions.try_read, 3),
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
    (file_moves.rename_all, 3),
    (file_moves.reorganise, 3),
    (file_moves.name_all, 3),
    (file_moves.delete_all, 3),
    (file_moves.replace_all, 4),
    (commands.command, 6),
    (compute_tasks.arithmetic, 9),
    (compute_tasks.percent, 2),
    (compute_tasks.one_number, 6),
    (compute_tasks.series, 4),
    (compute_tasks.two_numbers, 3),
    (compute_tasks.text_job, 5),
]
DIRECT: list[tuple[Task, int]] = [
    (direct_tasks.concept, 14),
    (direct_tasks.how, 6),
    (direct_tasks.code_word, 6),
    (direct_tasks.versus, 4),
    (small_talk.talk, 5),
    (small_talk.refusal, 5),
]
DIRECT_SHARE = 0.30


def pick(r: random.Random) -> Task:
    """One kind of question, by weight."""
    table = DIRECT if r.random() < DIRECT_SHARE else TOOL
    tasks, weights = zip(*table, strict=True)
    chosen: Task = r.choices(tasks, weights)[0]
    return chosen
