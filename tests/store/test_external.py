"""Imported rows are kept as they were; what a reviewer does is put beside them."""

from contextlib import closing

import pytest

from codemode_tui.errors import StoreError, UsageError
from codemode_tui.store.external import NewRow
from codemode_tui.store.store import Store, wait

ROWS = [
    NewRow(b'{"text": "one"}', "train", "one"),
    NewRow(b'{"text":"two"} ', "test", "two"),
    NewRow(b'{"text": "three"}', None, None),
]


async def test_rows_come_back_byte_for_byte_in_the_order_of_their_import(store, monkeypatch):
    monkeypatch.setattr("codemode_tui.store.external.BATCH", 2)
    assert await store.import_rows("mine", ROWS) == (3, 0, 0)
    assert await store.import_rows("other", ROWS[:1]) == (1, 0, 0)
    assert [(row.line, row.split, row.query) for row in store.external_rows("mine")] == [tuple_of(row) for row in ROWS]
    assert [(row.seq, row.source) for row in store.external_rows()] == [
        (1, "mine"), (2, "mine"), (3, "mine"), (4, "other"),
    ]  # fmt: skip
    assert await store.external_sources() == {"mine": 3, "other": 1}


async def test_what_is_imported_again_is_known(store):
    await store.import_rows("mine", ROWS[:2])
    assert await store.import_rows("mine", [*ROWS, ROWS[2]]) == (1, 3, 0)


async def test_a_row_to_train_with_that_is_held_out_already_is_told(store):
    again = NewRow(ROWS[1].line, "train", "two")
    await store.import_rows("mine", ROWS)
    assert await store.import_rows("mine", [again, ROWS[0]]) == (0, 2, 1)
    assert await store.import_rows("other", [again]) == (1, 0, 0)
    assert [row.split for row in store.external_rows("mine")] == ["train", "test", None]


async def test_an_import_that_fails_half_way_leaves_nothing(store):
    def torn():
        yield ROWS[0]
        raise UsageError("line 2 is no row")

    with pytest.raises(UsageError, match="line 2"):
        await store.import_rows("mine", torn())
    with pytest.raises(StoreError):
        await store.import_rows("mine", [ROWS[0], NewRow(b"{}", "holdout", None)])
    assert list(store.external_rows()) == []


async def test_a_row_knows_which_feedback_was_there_before_it(store, record):
    turn = await record(store)
    await store.rate(turn, -1)
    await store.import_rows("mine", ROWS[:1])
    await store.rate(turn, 1)
    await store.import_rows("mine", ROWS[1:2])
    assert [row.newest for row in store.external_rows()] == [1, 2]


async def test_an_edit_knows_what_was_there_before_it(store, record):
    await store.import_rows("mine", ROWS[:1])
    await store.external_event(1, "edit", {"line": "{}"})
    await store.rate(await record(store), -1)
    await store.import_rows("mine", ROWS[1:])
    await store.external_event(1, "edit", {"line": "{}"})
    (row, *_) = store.external_rows()
    assert [(event.body["feedback"], event.body["rows"]) for event in row.events] == [(0, 1), (1, 3)]


async def test_a_reviewer_s_events_stand_beside_the_row(store):
    await store.import_rows("mine", ROWS)
    await store.external_event(2, "edit", {"line": '{"text": "zwei"}'})
    await store.external_event(2, "verify", {"ok": True, "how": "run"})
    rows = list(store.external_rows("mine"))
    assert [(event.kind, event.body) for event in rows[1].events] == [
        ("edit", {"line": '{"text": "zwei"}', "feedback": 0, "rows": 3}), ("verify", {"ok": True, "how": "run"}),
    ]  # fmt: skip
    assert rows[1].line == ROWS[1].line and rows[0].events == ()
    with pytest.raises(UsageError, match="no imported row 9"):
        await store.external_event(9, "keep", {})
    with pytest.raises(UsageError, match="no event 'love'"):
        await store.external_event(1, "love", {})


def tuple_of(row):
    return row.line, row.split, row.query


async def test_others_write_while_rows_are_being_read(store, tmp_path):
    def slow():
        with closing(Store.open(store.file)) as other:
            wait(other.new_session(tmp_path))
        yield ROWS[0]

    assert await store.import_rows("mine", slow()) == (1, 0, 0)


async def test_others_write_while_rows_are_being_packed(store, monkeypatch):
    held = []

    def compress(data, level):
        held.append(store._db.in_transaction)
        return data

    monkeypatch.setattr("codemode_tui.store.blobs.zlib.compress", compress)
    assert await store.import_rows("mine", [NewRow(b"x" * 2000, None, None)]) == (1, 0, 0)
    assert held == [False]
