"""What is purged is gone from the file, and everything else is as it was."""

import random
import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest

from codemode_tui.errors import StoreError, UsageError
from codemode_tui.protocol.types import Message
from codemode_tui.store.external import NewRow
from codemode_tui.store.store import Store


def in_file(file, *words):
    """Those of ``words`` that stand anywhere in the files of the store."""
    data = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*") if path.is_file())
    return {word for word in words if word.encode() in data.lower()}


@pytest.fixture
async def two(store, record, tmp_path):
    """Two sessions; the first has three turns that share texts with the second."""
    session = await store.new_session(tmp_path)
    turns, said = [], ()
    for query in ("aardvark one", "buffalo two", "capybara three"):
        turns.append(await record(store, query, session=session, context=said, answer=f"The {query}."))
        said = (await store.turn(turns[-1])).messages("t1") + said
    other = await record(store, "dromedary", context=(Message("user", "aardvark one"),))
    return session, turns, other


async def test_a_purged_session_leaves_no_byte(store, file, two):
    session, turns, other = two
    await store.rate(turns[0], -1)
    await store.add_feedback(turns[0], "comment", {"text": "elephantine"})
    await store.rate(other, -1)
    kept, context = await store.turn(other), await store.context(other)
    assert in_file(file, "buffalo", "capybara", "elephantine") == {"buffalo", "capybara", "elephantine"}
    purged = await store.purge(session=session)
    assert set(purged.turns) == set(turns) and purged.blobs > 5 and purged.backups == ()
    assert in_file(file, "buffalo", "capybara", "elephantine", "dromedary", *turns) == {"dromedary"}
    assert (await store.turn(other), await store.context(other)) == (kept, context)
    assert [found.turn for found in await store.feedback_now()] == [other]
    assert [found.id for found in await store.sessions()] == [kept.session]
    assert await store.search("buffalo") == [] and len(await store.search("dromedary")) == 1
    with pytest.raises(UsageError, match="no turn"):
        await store.turn(turns[0])
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT kind, id FROM purge").fetchall() == [("session", session)]
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    db.close()


async def test_a_purged_turn_takes_those_along_that_had_it_before_them(store, file, two):
    session, turns, _ = two
    purged = await store.purge(turn=turns[1])
    assert purged.turns == (turns[1], turns[2])
    assert in_file(file, "aardvark", "buffalo", "capybara") == {"aardvark"}
    assert [turn.id for turn in await store.turns(session)] == [turns[0]]
    assert (await store.session(session)).turns == 1
    assert (await store.last_turn(file.parent.parent)).query == "dromedary"


async def test_a_store_goes_on_after_a_purge(store, record, two):
    session, turns, other = two
    await store.rate(turns[0], -1)
    last = await store.rate(turns[1], -1)
    await store.import_rows("mine", [NewRow(b"{}", None, None)])
    await store.purge(session=session)
    again = await store.rate(other, 1)
    assert again.seq == last.seq + 1  # never before what was imported meanwhile
    assert (await store.turn(await record(store))).index == 1


async def test_what_was_purged_cannot_be_deleted_by_anything_else(store, file, two):
    await store.purge(session=two[0])
    db = sqlite3.connect(file)
    for statement in ("DELETE FROM turn", "DELETE FROM blob", "UPDATE turn SET id = id", "DELETE FROM purge"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(statement)
    db.close()


async def test_what_other_sessions_owe_to_it_can_be_kept(store, two):
    _, turns, other = two
    of_other = (await store.turn(other)).session
    await store.rate(other, 1)
    assert [record.kept for record in store.feedback_records()] == [None]
    assert await store.doomed(turn=turns[1]) == turns[1:]
    await store.purge(turn=turns[1], kept={of_other: "valid"})
    assert [record.kept for record in store.feedback_records()] == ["valid"]
    await store.purge(turn=turns[0], kept={of_other: "test"})  # once is for ever
    assert [record.kept for record in store.feedback_records()] == ["valid"]
    await store.purge(session=of_other)
    assert list(store.feedback_records()) == []


async def test_a_running_turn_is_not_purged(store, two, tmp_path):
    session = await store.new_session(tmp_path)
    await store.begin_turn(session, "q", ())
    with pytest.raises(UsageError, match="still runs"):
        await store.purge(session=session)
    with pytest.raises(UsageError, match="no session"):
        await store.purge(session="nothing")
    assert len(await store.turns(two[0])) == 3


async def test_backups_that_may_hold_it_are_named(store, file, two):
    backup = file.with_name(f"{file.name}.v1-20260101-000000-1.backup")
    backup.touch()
    assert (await store.purge(session=two[0])).backups == (backup,)


async def test_what_still_holds_a_purged_turn_is_named(store, file, record, two, tmp_path):
    """A session that was forked from it, and a program that runs and remembers it."""
    session, turns, other = two
    theirs = Store.open(file)
    await record(theirs, "elephant", session=session)
    purged = await store.purge(turn=turns[1])
    assert (purged.held_by, purged.running) == ((), True)
    theirs.close()
    purged = await store.purge(session=session)
    assert (purged.held_by, purged.running) == (((await store.turn(other)).session,), False)
    with pytest.raises(UsageError, match="deleted meanwhile"):
        await store.begin_turn(session, "q", ())


@pytest.mark.parametrize("then", ["opens", "closes"])
async def test_what_another_program_keeps_in_the_file_is_told_and_goes_with_the_next_that(
    store, file, two, monkeypatch, then
):
    session, turns, other = two
    for turn in (turns[0], other):
        await store.rate(turn, -1)
    monkeypatch.setattr("codemode_tui.store.purge._TRIES", 2)
    reading = store.feedback_records()
    next(reading)
    beside = Store.open(file)
    purged = await store.purge(session=session)
    assert purged.pending and purged.shrunk and in_file(file, "buffalo")
    if then == "opens":
        reading.close()
        assert in_file(file, "buffalo")
        third = Store.open(file)
        assert not in_file(file, "buffalo")
        third.close()
    else:
        reading.close()
    beside.close()
    assert not in_file(file, "buffalo")


async def test_a_purge_on_a_disk_that_is_nearly_full_is_one_all_the_same(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "none", disk], capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root")
    try:
        file = disk / "data" / "codemode.db"
        with closing(Store.open(file)) as store:
            for i in range(20):
                await store.import_rows("mine", [NewRow(random.Random(i).randbytes(100_000), None, None)])
            session = await store.new_session(tmp_path)
            await store.end_turn(await store.begin_turn(session, "xylophone", ()), "done", None)
        with closing(Store.open(file)) as store:
            (disk / "fill").write_bytes(b"x" * (shutil.disk_usage(disk).free - 500_000))
            purged = await store.purge(session=session)
            assert len(purged.turns) == 1 and not purged.shrunk and not purged.pending
            assert await store.sessions() == [] and not in_file(file, "xylophone")
            assert len(list(store.external_rows())) == 20
    finally:
        subprocess.run(["umount", disk], check=True)


async def test_what_is_written_of_a_purged_turn_is_told_so(store, file, two):
    """A correction that another program makes meanwhile."""
    session, turns, _ = two
    generation = await store.begin_generation(turns[0], 0, "fix_retry", "<prompt>", {})
    theirs = Store.open(file)
    await theirs.purge(session=session)
    theirs.close()
    for write in (
        store.append_chunk(generation, "x"),
        store.begin_generation(turns[0], 0, "fix_retry", "<prompt>", {}),
        store.begin_run(generation, "print(3)", edited_from=None, confirmed_by="user", backend="bwrap"),
    ):
        with pytest.raises(StoreError, match="this turn was deleted meanwhile"):
            await write
    with pytest.raises(UsageError, match="this session was deleted meanwhile"):
        await store.resume_session(session, file.parent)
    await store.abandon_corrections()
