"""What was confirmed stays, whatever happens to the program or the disk."""

import os
import random
import re
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import closing
from pathlib import Path

import pytest

from codemode_tui.errors import StoreError
from codemode_tui.store import migrations
from codemode_tui.store.store import Store, wait

WRITER = Path(__file__).with_name("writer.py")
KILLS = 100


@pytest.fixture
def quick_folder(tmp_path):
    """In memory, where there is such a place: killing a program needs no disk, and its syncs take their time."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.mark.slow
def test_nothing_confirmed_is_lost_when_the_program_is_killed(quick_folder):
    """100 times ``kill -9``, while it starts or while it writes."""
    file = quick_folder / "data" / "codemode.db"
    confirmed = defaultdict(set)
    for word, value in killed_writers(file, quick_folder, random.Random(1)):
        confirmed[word].add(value)
    assert len(confirmed["ended"]) > KILLS / 4
    store = Store.open(file)
    turns = [turn for session in wait(store.sessions(limit=1000)) for turn in wait(store.turns(session.id))]
    states = {turn.id: turn.state for turn in turns}
    assert confirmed["begun"] <= set(states)
    assert {states[turn] for turn in confirmed["ended"]} == {"done"}
    assert set(states.values()) <= {"done", "interrupted"}
    assert all(made.finish_reason for turn in turns for made in (*turn.generations, *turn.corrections))
    assert confirmed["said"] <= {event.id for turn in turns for event in wait(store.feedback(turn.id))}
    now = {feedback.turn: feedback.state for feedback in wait(store.feedback_now(limit=10_000))}
    assert {now[turn] for turn in confirmed["fixed"]} == {"verified"}
    # What lists are made from is in step with the facts.
    assert {record.turn.id: record.standing.state for record in store.feedback_records()} == now
    assert confirmed["imported"] <= {row.query for row in store.external_rows("set")}
    for session in wait(store.sessions(limit=1000)):
        assert [turn.index for turn in wait(store.turns(session.id))] == list(range(1, session.turns + 1))
    store.close()
    with sqlite3.connect(file) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert db.execute("SELECT count(*) FROM process").fetchone() > (KILLS / 4,)
        assert db.execute("SELECT process FROM open_process").fetchall() == []
    db.close()
    assert list(file.with_name(f"{file.name}-owners").iterdir()) == []


def killed_writers(file, folder, dice):
    """Writers, one after another, each killed at a random moment; yields what each had confirmed by then."""
    server = subprocess.Popen(
        [sys.executable, WRITER, file, folder, "serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    for number in range(KILLS):
        output = folder / f"writer-{number}"
        output.touch()
        print(output, file=server.stdin, flush=True)
        child = int(server.stdout.readline())
        lines = dice.randrange(12) if number % 4 else 0  # one of four may not have begun to write
        deadline = time.monotonic() + 60
        while output.read_bytes().count(b"\n") < lines and time.monotonic() < deadline:
            time.sleep(0.001)
        time.sleep(dice.random() * 0.02)
        os.kill(child, signal.SIGKILL)
        assert server.stdout.readline() == "gone\n"
        for line in output.read_text().splitlines():
            word, _, value = line.partition(" ")
            if len(value) == 36:  # the last line may be half a line
                yield word, value
    server.communicate()


def test_a_turn_that_another_program_is_writing_is_left_alone(file, tmp_path):
    one, two = Store.open(file), Store.open(file)
    session = wait(one.new_session(tmp_path))
    turn = wait(one.begin_turn(session, "q", ()))
    three = Store.open(file)
    assert wait(three.turn(turn)).state == "running"
    other = wait(two.begin_turn(session, "from another window", ()))
    wait(one.end_turn(turn, "done", "a"))
    wait(two.rate(turn, -1))
    assert [t.index for t in wait(three.turns(session))] == [1, 2]
    two.close()
    assert wait(three.turn(other)).state == "interrupted"
    assert wait(three.turn(turn)).rating == -1
    one.close()
    three.close()


def test_another_open_and_close_of_the_same_file_takes_no_lock_away(file, tmp_path):
    """Else the next program that ends believes that it is the last, and deletes the log that this one writes into."""
    one, two = Store.open(file), Store.open(file)
    session = wait(one.new_session(tmp_path))
    two.close()
    for asked in ("zebra", "giraffe"):
        program = "import sys; from pathlib import Path; from codemode_tui.store.store import Store, wait; "
        program += "store = Store.open(Path(sys.argv[1])); print(len(wait(store.search(sys.argv[2])))); store.close()"
        wait(one.begin_turn(session, asked, ()))
        other = subprocess.run(
            [sys.executable, "-P", "-c", program, file, asked], stdout=subprocess.PIPE, text=True, check=True
        )
        assert other.stdout == "1\n" and file.with_name(f"{file.name}-wal").exists()
    one.close()
    Store.open(file).close()  # nobody has it open: it is looked at again


def test_many_programs_may_create_and_write_at_once(file, tmp_path):
    writers = [
        subprocess.Popen([sys.executable, WRITER, file, tmp_path], stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    said = [[writer.stdout.readline() for _ in range(9)] for writer in writers]
    for writer in writers:
        writer.kill()
        writer.wait()
        writer.stdout.close()
    assert all(line for lines in said for line in lines)
    store = Store.open(file)
    assert len(wait(store.sessions())) == 3
    store.close()


def test_the_file_and_its_folder_are_private(file):
    store = Store.open(file)
    wait(store.new_session(file.parent))
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in file.parent.iterdir() if p.is_file()} == {0o600}
    store.close()


def test_a_full_disk_is_an_error_and_what_was_confirmed_stays(file, tmp_path):
    store = Store.open(file)
    session = wait(store.new_session(tmp_path))
    kept = []
    old, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
    try:
        with pytest.raises(StoreError) as caught:
            for i in range(1000):
                kept.append(wait(store.begin_turn(session, f"{i} {random.Random(i).randbytes(4000).hex()}", ())))
        assert "cannot be read or written" in caught.value.message
        assert "free space" in caught.value.hint
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (old, hard))
        signal.signal(signal.SIGXFSZ, handler)
    wait(store.rate(kept[0], -1))  # it goes on as soon as there is room
    store.close()
    again = Store.open(file)
    assert {t.id for t in wait(again.turns(session))} >= set(kept)
    assert kept
    again.close()


def test_a_tiny_disk_that_is_really_full(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "none", disk], capture_output=True)
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root")
    try:
        store = Store.open(disk / "data" / "codemode.db")
        session = wait(store.new_session(tmp_path))
        kept = []
        with pytest.raises(StoreError, match="disk is full"):
            for i in range(1000):
                kept.append(wait(store.begin_turn(session, f"{i} {random.Random(i).randbytes(4000).hex()}", ())))
        assert {t.id for t in wait(store.turns(session))} == set(kept)
        said = []
        with pytest.raises(StoreError, match="disk is full"):
            for i in range(1000):
                said.append(wait(store.add_feedback(kept[0], "comment", {"text": f"{i} " * 500})))
        store.close()
        again = Store.open(disk / "data" / "codemode.db")
        assert {t.id for t in wait(again.turns(session))} == set(kept)
        assert wait(again.feedback(kept[0])) == said
        again.close()
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_disk_without_room_for_the_first_table_is_called_full(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", disk], capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root")
    try:
        with pytest.raises(StoreError, match="disk is full"):
            Store.open(disk / "data" / "codemode.db")
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_read_only_folder_is_an_error_with_the_way_out(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,ro", "none", disk], capture_output=True).returncode:
        disk.chmod(0o500)
    try:
        with pytest.raises(StoreError) as caught:
            Store.open(disk / "data" / "codemode.db")
        assert "CODEMODE_HOME" in caught.value.hint
    finally:
        subprocess.run(["umount", disk], capture_output=True)


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be used"):
        Store.open(tmp_path / "file" / "codemode.db")


@pytest.mark.parametrize("damage", ["text", "cut", "short", "middle"])
def test_a_damaged_file_is_said_so_and_left_as_it_is(file, tmp_path, damage):
    store = Store.open(file)
    for i in range(5):
        wait(store.begin_turn(wait(store.new_session(tmp_path)), f"{i} {random.Random(i).randbytes(9000).hex()}", ()))
    store.close()
    whole = file.read_bytes()
    broken = {
        "text": b"this is no database, whatever it is called\n" * 50,
        "cut": whole[: len(whole) // 2],
        "short": whole[:60],
        "middle": whole[:4096] + b"\xaa" * (len(whole) - 4096),
    }[damage]
    file.write_bytes(broken)
    with pytest.raises(StoreError) as caught:
        opened = Store.open(file)
        opened.close()
    assert "damaged" in caught.value.message
    assert "mv " in caught.value.hint
    assert file.read_bytes() == broken


def test_a_torn_journal_loses_at_most_what_was_not_confirmed(file, tmp_path):
    store = Store.open(file)
    session = wait(store.new_session(tmp_path))
    first = wait(store.begin_turn(session, "first", ()))
    copy = tmp_path / "copy"
    shutil.copytree(file.parent, copy)
    store.close()
    wal = copy / f"{file.name}-wal"
    wal.write_bytes(wal.read_bytes() + b"\x55" * 3000)
    again = Store.open(copy / file.name)
    assert wait(again.turn(first)).query == "first"
    again.close()


def test_a_newer_database_is_refused_and_untouched(file):
    Store.open(file).close()
    with sqlite3.connect(file) as db:
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute(f"PRAGMA user_version = {len(migrations.MIGRATIONS) + 1}")
    db.close()
    before = file.read_bytes()
    with pytest.raises(StoreError, match="newer version"):
        Store.open(file)
    assert file.read_bytes() == before


def test_a_foreign_database_is_refused_and_untouched(file):
    file.parent.mkdir()
    with sqlite3.connect(file) as db:
        db.execute("CREATE TABLE recipes (id)")
    db.close()
    before = file.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        Store.open(file)
    assert file.read_bytes() == before


def test_a_migration_makes_a_backup_first(file, tmp_path, monkeypatch):
    store = Store.open(file)
    session = wait(store.new_session(tmp_path, "kept"))
    store.close()

    def second_step(db):
        db.execute("CREATE TABLE later (id TEXT) STRICT")

    monkeypatch.setattr(migrations, "MIGRATIONS", [*migrations.MIGRATIONS, second_step])
    store = Store.open(file)
    assert wait(store.session(session)).title == "kept"
    store.close()
    (backup,) = file.parent.glob("*.backup")
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with sqlite3.connect(backup) as db:
        assert db.execute("SELECT title FROM session").fetchone() == ("kept",)
        assert db.execute("PRAGMA user_version").fetchone() == (len(migrations.MIGRATIONS) - 1,)
    db.close()


def test_a_migration_that_fails_leaves_the_database_as_it_was(file, tmp_path, monkeypatch):
    store = Store.open(file)
    wait(store.new_session(tmp_path))
    store.close()

    def broken(db):
        db.execute("CREATE TABLE half (id TEXT) STRICT")
        raise sqlite3.OperationalError("no such table: whatever")

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", [*migrations.MIGRATIONS, broken])
        with pytest.raises(StoreError):
            Store.open(file)
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").fetchone() == (0,)
        assert db.execute("PRAGMA user_version").fetchone() == (len(migrations.MIGRATIONS),)
    db.close()
    Store.open(file).close()


async def test_a_clock_that_goes_back_does_not_mix_up_the_order(store, record, tmp_path, monkeypatch):
    from codemode_tui.store import ids, writes

    times = iter(range(100, 0, -1))
    monkeypatch.setattr(writes, "now", lambda: f"2026-01-01T00:{next(times):02}:00.000Z")
    monkeypatch.setattr(ids.time, "time_ns", lambda: next(times) * 10**18)
    first = await record(store, "first")
    await store.rate(first, -1)
    await store.rate(first, 1)
    assert (await store.turn(first)).rating == 1
    second = await record(store, "second")
    await store.rate(second, -1)
    assert [found.turn.id for found in store.feedback_records()] == [first, second]
    assert [found.turn for found in await store.feedback_now()] == [second, first]
    assert (await store.last_turn(tmp_path)).id == second


def test_a_damaged_store_is_replaced_as_it_is_advised(tmp_path):
    """A log that a program left when it was killed is never played back into the backup."""
    file = tmp_path / "my data" / "codemode.db"
    store = Store.open(file)
    wait(store.begin_turn(wait(store.new_session(tmp_path, "backed up")), "How many?", ()))
    wait(store.backup(tmp_path / "backup.db"))
    wait(store.begin_turn(wait(store.new_session(tmp_path, "later")), "And now?", ()))
    shutil.copytree(file.parent, tmp_path / "as it was")
    store.close()
    shutil.rmtree(file.parent)
    shutil.copytree(tmp_path / "as it was", file.parent)
    assert file.with_name(f"{file.name}-wal").stat().st_size
    file.write_bytes(b"\xaa" * file.stat().st_size)
    with pytest.raises(StoreError, match="damaged") as caught:
        Store.open(file)
    assert "nothing" not in caught.value.message
    aside, copy = re.fullmatch(r".*: (mkdir .*) \(the .*: (cp BACKUP .*)", caught.value.hint).groups()
    log = file.with_name(f"{file.name}-wal").read_bytes()
    subprocess.run(["sh", "-c", f"{aside}; {copy.replace('BACKUP', '../backup.db')}"], cwd=file.parent, check=True)
    assert not file.with_name(f"{file.name}-wal").exists()
    assert [one.read_bytes() for one in file.parent.glob(f"*/{file.name}-wal")] == [log]
    again = Store.open(file)
    assert [session.title for session in wait(again.sessions())] == ["backed up"]
    again.close()


def test_a_lock_that_cannot_be_read_keeps_nobody_out(file, tmp_path):
    store = Store.open(file)
    wait(store.begin_turn(wait(store.new_session(tmp_path)), "q", ()))
    owners = file.with_name(f"{file.name}-owners")
    (owners / "0000.lock").mkdir()
    (owners / "0001.lock").symlink_to("0001.lock")
    with closing(Store.open(file)) as other:
        assert [turn.state for turn in wait(other.turns(wait(other.sessions())[0].id))] == ["running"]
    store.close()


def test_programs_that_have_it_by_two_names_leave_each_other_s_turns_alone(file, tmp_path):
    store = Store.open(file)
    turn = wait(store.begin_turn(wait(store.new_session(tmp_path)), "q", ()))
    link = tmp_path / "elsewhere" / "link.db"
    link.parent.mkdir()
    link.symlink_to(file)
    with closing(Store.open(link)) as other:
        assert wait(other.turn(turn)).state == "running"
    wait(store.end_turn(turn, "done", "a"))
    store.close()
    assert [one.name for one in link.parent.iterdir()] == ["link.db"]


@pytest.mark.parametrize("where", ["writes.register", "owner.os.write"])
def test_a_try_on_a_full_disk_leaves_no_lock_behind(file, tmp_path, monkeypatch, where):
    store = Store.open(file)
    session = wait(store.new_session(tmp_path))

    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    open_files = len(os.listdir("/dev/fd"))
    with monkeypatch.context() as patch:
        patch.setattr(f"codemode_tui.store.{where}", full)
        with pytest.raises(StoreError, match="full"):
            wait(store.begin_turn(session, "q", ()))
    assert list(file.with_name(f"{file.name}-owners").iterdir()) == []
    assert len(os.listdir("/dev/fd")) == open_files
    wait(store.begin_turn(session, "q", ()))
    store.close()


def test_a_store_that_is_closed_says_so(file):
    store = Store.open(file)
    store.close()
    with pytest.raises(StoreError, match="closed"):
        wait(store.sessions())
