"""One export from beginning to end: what the command calls."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from codemode_tui.feedback.candidates import Profiles
from codemode_tui.feedback.export import Export, Options, Redacted
from codemode_tui.feedback.manifest import card, dumps, manifest
from codemode_tui.feedback.publishing import CARD, MANIFEST, staged
from codemode_tui.store.external import ExternalRow
from codemode_tui.store.records import FeedbackRecord


class Exported(NamedTuple):
    manifest: dict[str, Any]
    redacted: list[Redacted]


def export(
    records: Iterable[FeedbackRecord],
    others: Iterable[ExternalRow],
    profiles: Profiles,
    options: Options,
    out: Path | None,
) -> Exported:
    """Make all files of an export and publish them as ``out``; without ``out`` everything is done but that.

    Raises:
        UsageError: ``out`` is in use, or there is no such imported set.
        Refused: a gate forbids publishing.
        ModelError: the model's tokenizer cannot be used.
        StoreError, OSError: the store cannot be read, the disk cannot be written.
    """
    with staged(out) as (folder, scratch):
        found = Export(options, folder, scratch).run(records, others, profiles)
        table = manifest(found, options)
        (folder / CARD).write_text(card(table), "utf-8")
        (folder / MANIFEST).write_text(dumps(table), "utf-8")
    return Exported(table, found.redacted)
