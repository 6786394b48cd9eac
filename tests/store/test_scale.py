"""A store that grew for years: nothing that a person waits for reads all of it."""

import re
import sqlite3

import pytest

from codemode_tui.store import migrations, writes
from codemode_tui.store.blobs import keep
from codemode_tui.store.database import open_database
from codemode_tui.store.schema_1 import first_tables
from codemode_tui.store.store import Store


async def test_a_store_of_the_first_version_is_brought_up_to_date(file, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", [first_tables])
        db = open_database(file)
        text = keep(db, "What is a decorator?")
        for number in (1, 2):
            db.execute("INSERT INTO process VALUES (?, ?, '', 1, '0')", (number, f"p{number}"))
            db.execute("INSERT INTO session VALUES (?, ?, '', ?, '')", (number, f"s{number}", str(tmp_path)))
            db.execute(
                "INSERT INTO turn VALUES (?, ?, '', ?, 1, ?, ?, ?)",
                (number, f"t{number}", f"s{number}", f"p{number}", text, keep(db, b"[]")),
            )
            db.execute("INSERT INTO said (text, turn) VALUES ('What is a decorator?', ?)", (f"t{number}",))
        db.execute("INSERT INTO process_end VALUES ('p1', '', 'closed')")
        db.execute("INSERT INTO turn_end VALUES ('t1', '', 'done', NULL, '')")
        for seq, (kind, body) in enumerate((("rate", '{"v": 1}'), ("rate", '{"v": -1}')), 1):
            db.execute("INSERT INTO feedback_event VALUES (?, ?, '', 't1', NULL, 'user', ?, ?)", (seq, seq, kind, body))
        db.close()
    store = Store.open(file)
    assert [(s.id, s.turns, s.title) for s in await store.sessions(tmp_path)] == [
        ("s2", 1, "What is a decorator?"), ("s1", 1, "What is a decorator?"),
    ]  # fmt: skip
    assert (await store.turn("t1")).rating == -1
    assert (await store.turn("t2")).state == "interrupted"  # its program had died
    assert [(f.turn, f.state) for f in await store.feedback_now()] == [("t1", "open")]
    assert [record.first for record in store.feedback_records()] == [1]
    assert {hit.turn for hit in await store.search("decor")} == {"t1", "t2"}
    assert len(list(file.parent.glob("*.backup"))) == 1
    store.close()


async def test_what_was_said_before_emoji_and_chinese_were_words_is_found_and_can_be_deleted(file, record, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:5])
        patch.setattr(writes, "apart", str)
        before = Store.open(file)
        turn = await record(before, "你好世界 🎉", answer="xylophone")
        assert await before.search("世界") == []
        before.close()
    store = Store.open(file)
    for part in ("世界", "🎉", "xylo"):
        assert [hit.turn for hit in await store.search(part)] == [turn]
    await store.purge(turn=turn)
    assert await store.search("世界") == []
    store.close()
    assert "世".encode() not in file.read_bytes() and b"xylophone" not in file.read_bytes()


@pytest.fixture
async def plans(store, record, tmp_path, monkeypatch):
    """``await plans(what)`` says how SQLite finds what a method asks for."""
    turn = await record(store)
    await store.rate(turn, -1)

    async def _plans(what):
        asked: list[str] = []
        await store._do(lambda db: db.set_trace_callback(asked.append))
        await what()
        await store._do(lambda db: db.set_trace_callback(None))
        db = sqlite3.connect(store.file)
        found = [
            row[3] for query in asked if query.lstrip().startswith("SELECT")
            for row in db.execute(f"EXPLAIN QUERY PLAN {query}")
        ]  # fmt: skip
        db.close()
        return found

    return _plans


async def test_lists_go_along_an_index_and_stop_when_there_is_enough(store, plans, tmp_path):
    for what in (
        store.sessions,
        lambda: store.sessions(tmp_path),
        lambda: store.last_turn(tmp_path),
        store.feedback_now,
        lambda: store.feedback_now(state="open"),
        lambda: store.feedback_now(tmp_path, rating=-1),
        lambda: store.feedback_now(tmp_path, rating=-1, state="open"),
        lambda: store.search("how"),
    ):
        plan = await plans(what)
        assert plan
        assert not [line for line in plan if "TEMP B-TREE" in line], plan
        scans = [line for line in plan if line.startswith("SCAN") and "VIRTUAL TABLE" not in line]
        assert all(re.search("USING (COVERING )?INDEX", line) for line in scans), plan


async def test_the_review_of_a_folder_reads_no_other_folders_feedback(plans, store, tmp_path):
    plan = await plans(lambda: store.feedback_now(tmp_path, rating=-1, state="open"))
    assert any("feedback_by_folder_and_state (workspace=? AND state=?)" in line for line in plan), plan


async def test_feedback_is_added_without_reading_what_others_said(plans, store, record):
    turn = await record(store)
    assert not [
        line for line in await plans(lambda: store.rate(turn, 1)) if line.startswith("SCAN ") and "CONSTANT" not in line
    ]


async def test_the_newest_sessions_come_first_and_those_without_a_question_are_in_no_list(store, record, tmp_path):
    first, second = await store.new_session(tmp_path), await store.new_session(tmp_path / "elsewhere")
    await record(store, session=first)
    await record(store, session=second)
    await record(store, session=first)
    empty = await store.new_session(tmp_path)
    assert [(s.id, s.turns) for s in await store.sessions()] == [(first, 2), (second, 1)]
    assert (await store.session(empty)).turns == 0
    assert [s.id for s in await store.sessions(tmp_path, limit=1)] == [first]


async def test_the_last_turn_is_the_newest_that_is_finished(store, record, tmp_path):
    first, second = await store.new_session(tmp_path), await store.new_session(tmp_path)
    await record(store, "old", session=second)
    newest = await record(store, "new", session=first)
    await store.begin_turn(second, "still running", ())
    assert (await store.last_turn(tmp_path)).id == newest
    assert await store.last_turn(tmp_path / "elsewhere") is None


async def test_the_newest_match_comes_first_and_whole_words_before_beginnings(store, record):
    old = await record(store, "counting sheep", answer="")
    new = await record(store, "count sheep", answer="")
    newer = await record(store, "counted sheep", answer="")
    assert [hit.turn for hit in await store.search("sheep")] == [newer, new, old]
    assert [hit.turn for hit in await store.search("count")] == [new, newer, old]
    assert [hit.turn for hit in await store.search("sheep count", limit=2)] == [new, newer]
