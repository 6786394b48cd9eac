"""From the history of feedback to checked files: read, judge, split, measure, write, check. Linear in rows."""

from __future__ import annotations

import heapq
import json
from bisect import insort
from collections.abc import Container, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import msgspec

from codemode_tui.corpus.near import NearIndex
from codemode_tui.engine.models import ModelRef
from codemode_tui.errors import UsageError
from codemode_tui.feedback import candidates, gates, imported
from codemode_tui.feedback.consumer import Consumer
from codemode_tui.feedback.dialogue import first_question
from codemode_tui.feedback.example import Example, chatml
from codemode_tui.feedback.formats import FORMATS
from codemode_tui.feedback.ledger import CHOSEN, REJECTED, Entry, Ledger
from codemode_tui.feedback.provenance import provenance_id, public
from codemode_tui.feedback.redaction import Hit, Person, Redactor, Rule, rules
from codemode_tui.feedback.splits import Place, Splits, assign, keys, owed
from codemode_tui.feedback.writing import Written, check_files, leaks, write
from codemode_tui.protocol.render import RESPONSE, clean
from codemode_tui.store.external import ExternalRow
from codemode_tui.store.records import FeedbackRecord, KeptSplit

Item = FeedbackRecord | ExternalRow | imported.Edit


class Options(msgspec.Struct, frozen=True):
    """What decides the bytes of an export, beside the history."""

    model: ModelRef
    """Its tokenizer counts, its template must render as ours does."""
    max_tokens: int
    formats: tuple[str, ...] = tuple(FORMATS)
    profile: str | None = None
    """Only what was made under this profile."""
    sources: tuple[str, ...] = ()
    """ExternalRow sets that are exported, too."""
    person: Person = Person()
    protected: tuple[str, ...] = ()
    """Questions of the evaluation suite."""


class Redacted(NamedTuple):
    """One place that was redacted, for the preview."""

    source: str
    turn: str
    step: int
    where: str
    hit: Hit


class Found(NamedTuple):
    """All that an export came to."""

    files: dict[str, Written]
    entries: list[Entry]
    groups: int
    """How many questions were unlike everything before them."""
    leak: int
    redacted: list[Redacted]
    provenance: dict[str, dict[str, object]]


class Export:
    """One export into ``folder``, which is empty and nobody else's."""

    def __init__(self, options: Options, folder: Path, scratch: Path) -> None:
        """``scratch`` is a private folder for texts that are not judged yet."""
        self.options = options
        self._folder, self._scratch = folder, scratch
        self._ledger = Ledger(scratch / "examples")
        self._places: list[Place] = []
        self._redacted: list[Redacted] = []
        self._rules = rules(options.person)
        self._controls = gates.control_tokens(options.model.path)
        self._provenance: dict[str, dict[str, object]] = {}
        self._sources: set[str] = set()
        suite = NearIndex(keys(*options.protected))
        self._protects = lru_cache(1 << 14)(lambda text: any(True for key in keys(text) for _ in suite.near(key)))

    def run(
        self, records: Iterable[FeedbackRecord], others: Iterable[ExternalRow], profiles: candidates.Profiles
    ) -> Found:
        """Everything, up to checked files in the folder.

        Raises:
            UsageError: there is no such imported set.
            Refused: a file would not be what its consumer needs.
            ModelError: the model's tokenizer cannot be used.
        """
        with Consumer(self.options.model) as consumer, self._ledger:
            for item in in_order(records, others):
                if isinstance(item, FeedbackRecord):
                    self._add(item, profiles)
                else:
                    self._add_imported(item)
            if unknown := set(self.options.sources) - self._sources:
                known = ", ".join(sorted(self._sources)) or "none was imported"
                raise UsageError(f"no imported set {', '.join(sorted(unknown))}", hint=f"there is: {known}")
            asked = self._begin_measuring(consumer)  # the child counts while we judge
            splits = self._judge()
            self._measured(asked, consumer)
            self._ledger.duplicates()
            files = write(self._ledger, self.options.formats, self._folder, self._scratch)
            leak = leaks(self._ledger.entries, self._places, splits.found)
            check_files(files, leak, self._folder, consumer, self.options.max_tokens)
            return Found(files, self._ledger.entries, splits.groups, leak, self._redacted, self._provenance)

    # -- reading -------------------------------------------------------------------------------------

    def _add(self, record: FeedbackRecord, profiles: candidates.Profiles) -> None:
        self._places.append(place(record, self._rules))
        for made in record.provenance.values():
            self._provenance.setdefault(provenance_id(made), public(made))
        for example in candidates.examples(record, profiles):
            self._judge_alone(example)

    def _add_imported(self, item: ExternalRow | imported.Edit) -> None:
        """A row, or what became of it: what it teaches stands where it was edited last."""
        row, stands = (item.row, item.last) if isinstance(item, imported.Edit) else (item, not imported.edits(item))
        self._sources.add(row.source)
        at = imported_place(item, self._rules)
        if at is not None:
            self._places.append(at)
        if stands and row.source in self.options.sources:
            for example in imported.examples(row):
                self._judge_alone(example if at else msgspec.structs.replace(example, refused="no_prompt"))

    def _judge_alone(self, raw: Example) -> None:
        """Redact one example, and put it through the gates that need no other one."""
        example, hits = gates.redacted(raw, self._rules)
        self._redacted += [Redacted(raw.source, raw.turn, raw.step, where, hit) for where, hit in hits]
        decision = gates.decision_of(example.chosen) if example.chosen is not None else ""
        entry = self._ledger.add(example, len(self._places) - 1, decision)
        wanted = self.options.profile
        if wanted is not None and example.profile not in ("", wanted):
            entry.refuse("other_profile")
        if reason := gates.refuse_prompt(example, self._controls):
            entry.refuse(reason)
        if entry.refused:
            return
        if example.chosen is not None and (reason := gates.refuse_chosen(example, example.chosen, self._controls)):
            entry.refuse(reason, CHOSEN)
        if example.rejected is not None and (reason := gates.refuse_rejected(example.rejected, self._controls)):
            entry.refuse(reason, REJECTED)
        asked = (one.content for one in example.prompt if one.role == "user" and not one.content.startswith(RESPONSE))
        at = self._places[-1]
        if any(self._protects(text) for text in (*at.texts, *at.nods, *asked)):
            entry.refuse("protected")

    # -- judging -------------------------------------------------------------------------------------

    def _judge(self) -> Splits:
        """The gates that set examples against each other."""
        splits = assign(self._places)
        for entry in self._ledger.entries:
            if entry.place < 0:
                continue  # refused before it had a question
            entry.split = splits.found[entry.place]
            if entry.split is None:
                entry.refuse("bridge" if self._places[entry.place].fixed is None else "leak")
        self._ledger.clashes()
        return splits

    def _begin_measuring(self, consumer: Consumer) -> list[tuple[Entry, str]]:
        """Have the tokens of every message counted that passed its gates so far."""
        file = self._scratch / "measure.jsonl"
        asked = []
        with file.open("w", encoding="utf-8") as stream:
            for entry, example in self._ledger.read():
                prompt = [{"role": said.role, "content": said.content} for said in example.prompt]
                for name, side in entry.sides.items():
                    if not side.reason:
                        answer = {"role": "assistant", "content": getattr(example, name)}
                        row = {"messages": [*prompt, answer], "prompt": chatml(example.prompt)}
                        stream.write(json.dumps(row) + "\n")
                        asked.append((entry, name))
        if asked:
            consumer.begin_measuring(file)
        return asked

    def _measured(self, asked: list[tuple[Entry, str]], consumer: Consumer) -> None:
        """Refuse what the trainer would cut, could not load, or would see otherwise."""
        lengths = consumer.lengths() if asked else []  # a child that is not needed is not waited for
        for (entry, name), length in zip(asked, lengths, strict=True):
            side = entry.sides[name]
            side.tokens, side.offset = length.tokens, length.offset
            if length.refused:
                entry.refuse(length.refused, name)
            elif not 0 < length.offset < length.tokens <= self.options.max_tokens:
                entry.refuse("over_long", name)


def place(record: FeedbackRecord, rules: tuple[Rule, ...]) -> Place:
    """Where a record stands among all examples."""
    begun = filter(None, map(first_question, record.prompts.values()))  # of a long conversation, not the very first
    first, query = dict.fromkeys((record.session_query, *begun)), record.turn.query
    nod = imported.is_nod(query) and query not in first
    return Place(
        record.turn.session,
        record.session_query,
        _as_exported(first if nod else first | {query: None}, rules),
        kept=record.kept,
        nods=_as_exported([query] if nod else [], rules),
    )


def imported_place(item: ExternalRow | imported.Edit, rules: tuple[Rule, ...]) -> Place | None:
    """The same of an imported row, or of an edit of one; None if it asks nothing."""
    found = imported.place(item)
    return found and found._replace(texts=_as_exported(found.texts, rules), nods=_as_exported(found.nods, rules))


def owed_splits(
    records: Iterable[FeedbackRecord], others: Iterable[ExternalRow], person: Person, gone: Container[str]
) -> dict[str, KeptSplit]:
    """What ``Store.purge`` must keep so that no row changes its split (``splits.owed``); ``gone``: sessions."""
    known = rules(person)
    found = (
        place(one, known) if isinstance(one, FeedbackRecord) else imported_place(one, known)
        for one in in_order(records, others)
    )
    return owed([one for one in found if one is not None], gone)


def _as_exported(texts: Iterable[str], rules: tuple[Rule, ...]) -> tuple[str, ...]:
    """Questions are compared as they will be published: what redaction makes alike is alike."""
    return tuple(Redactor(rules)(clean(text)) for text in texts)


def in_order(records: Iterable[FeedbackRecord], others: Iterable[ExternalRow]) -> Iterator[Item]:
    """One history: a row stands behind all feedback that was there when it was imported, an edit behind all that was
    there when it was made. So no edit can move what came before it."""
    history: Iterator[FeedbackRecord | ExternalRow] = heapq.merge(records, others, key=_position)
    waiting: list[imported.Edit] = []
    for item in history:
        while waiting and _precedes(waiting[0], item):
            yield waiting.pop(0)
        yield item
        if isinstance(item, ExternalRow):
            for edit in imported.edits(item):
                insort(waiting, edit, key=lambda one: (one.feedback, one.rows, one.seq))
    yield from waiting


def _position(item: FeedbackRecord | ExternalRow) -> tuple[int, int]:
    return (item.newest, 1) if isinstance(item, ExternalRow) else (item.first, 0)


def _precedes(edit: imported.Edit, item: FeedbackRecord | ExternalRow) -> bool:
    return edit.rows < item.seq if isinstance(item, ExternalRow) else edit.feedback < item.first
