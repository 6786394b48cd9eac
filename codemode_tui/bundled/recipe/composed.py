"""Every kind of job that takes several steps: one list of the modules ``job_*`` and ``pipe_*``."""

from __future__ import annotations

from codemode_tui.bundled.recipe import (
    job_conditions,
    job_daily_code,
    job_daily_dialogues,
    job_daily_files,
    job_daily_lines,
    job_documents,
    job_everyday_groups,
    job_everyday_records,
    job_everyday_tables,
    job_groups,
    job_joins,
    job_nested,
    job_places,
    job_records,
    job_texts,
    pipe_files,
    pipe_lines,
    pipe_tables,
)
from codemode_tui.bundled.recipe.direct_kinds import Task

_MODULES = (
    job_conditions, job_documents, job_groups, job_joins, job_nested, job_places, job_records, job_texts,
    pipe_files, pipe_lines, pipe_tables,
    job_daily_lines, job_daily_files, job_daily_code, job_daily_dialogues,
    job_everyday_groups, job_everyday_records, job_everyday_tables,
)  # fmt: skip
KINDS: list[tuple[Task, int]] = [kind for module in _MODULES for kind in module.KINDS]
