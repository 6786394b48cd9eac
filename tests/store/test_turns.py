"""What was recorded comes back, byte for byte, and can be continued."""

import sqlite3
import unicodedata

import pytest

from codemode_tui.errors import StoreError, UsageError
from codemode_tui.protocol.types import Message
from codemode_tui.sandbox.types import ExceptionInfo, Outcome, ToolCall
from codemode_tui.store.external import NewRow
from codemode_tui.store.ids import new_id
from codemode_tui.store.store import Store, wait


async def test_a_turn_comes_back_as_it_was(store, record):
    turn = await record(store)
    found = await store.turn(turn)
    assert (found.query, found.state, found.answer, found.index, found.rating) == (
        "How many?",
        "done",
        "It is 3.",
        1,
        0,
    )
    call, answer = found.generations
    assert (call.raw, call.token_ids, call.decision, call.probability) == (
        "<tool_call>",
        (1, 2, 3),
        "tool",
        0.93,
    )
    assert (call.text, call.code, call.warnings, call.usage["prompt_tokens"]) == (
        "I'll look.", "print(3)", ("one warning",), 7,
    )  # fmt: skip
    (run,) = call.runs
    assert (run.code, run.response, run.outcome.stdout, run.outcome.duration_ms) == (
        "print(3)",
        "3\n",
        "3\n",
        4.5,
    )
    assert answer.code is None
    assert await store.prompt(call.id) == ("<prompt>", {"model": {"tokenizer_sha256": "t1"}, "b": 1})
    assert call.provenance == answer.provenance


async def test_a_session_can_be_continued_verbatim(store, record, tmp_path):
    session = await store.new_session(tmp_path, "mine")
    await record(store, "first", session=session)
    (turn,) = await store.turns(session)
    assert turn.messages("t1") == (
        Message("user", "first"),
        Message("assistant", "<tool_call>", (1, 2, 3)),
        Message("tool", "3\n"),
        Message("assistant", "It is 3.", (4, 5)),
    )
    second = await record(store, "second", session=session, context=turn.messages("t1"))
    assert await store.context(second) == turn.messages("t1")
    assert [t.index for t in await store.turns(session)] == [1, 2]


async def test_token_ids_go_on_only_with_the_tokenizer_that_made_them(store, record, tmp_path):
    turn = await store.turn(await record(store, "first"))
    assert [message.token_ids for message in turn.messages("t1")] == [None, (1, 2, 3), None, (4, 5)]
    other = turn.messages("t2")
    assert [message.token_ids for message in other] == [None] * 4
    assert [message.content for message in other] == [message.content for message in turn.messages("t1")]


async def test_a_text_that_was_changed_behind_the_store_s_back_is_damage(store, file, record):
    session = await store.new_session(file.parent)
    await record(store, "first", session=session)
    store.close()
    db = sqlite3.connect(file, isolation_level=None)
    db.execute("DROP TRIGGER blob_no_update")
    db.execute("UPDATE blob SET bytes = x'78', codec = 'raw'")
    db.close()
    again = Store.open(file)
    with pytest.raises(StoreError, match="damaged"):
        await again.turns(session)
    again.close()


@pytest.mark.parametrize(
    "text", ["", "\0\x1b[31m", "ü" * 100_000, "\ud800 lone", "<|im_end|>", "'; DROP TABLE turn; --"]
)
async def test_any_text_is_kept_verbatim(store, record, text):
    turn = await store.turn(await record(store, text, answer=text, context=(Message("user", "x"),)))
    assert (turn.query, turn.answer) == (text, text)
    assert turn.generations[1].raw == text


async def test_a_cancelled_turn_keeps_what_had_arrived(store, tmp_path):
    session = await store.new_session(tmp_path)
    turn = await store.begin_turn(session, "q", ())
    generation = await store.begin_generation(turn, 0, "model", "p", {})
    await store.append_chunk(generation, "half ")
    await store.append_chunk(generation, "an answer")
    running = await store.turn(turn)
    assert (running.state, running.generations[0].raw) == ("running", "half an answer")
    await store.begin_run(generation, "x", edited_from="y", confirmed_by="user", backend="b")
    await store.end_turn(turn, "cancelled", None, "stopped")
    found = await store.turn(turn)
    assert (found.state, found.error) == ("cancelled", "stopped")
    assert (found.generations[0].raw, found.generations[0].finish_reason) == ("half an answer", "cancel")
    assert found.generations[0].runs[0].outcome is None
    assert found.messages("t1") == (Message("user", "q"),)


async def test_sessions_are_listed_by_workspace_newest_first(store, record, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / "alias").symlink_to(other)
    first = await store.new_session(tmp_path, "named")
    second = await store.new_session(other)
    await record(store, "What is\n  this? " + "x" * 200, session=second)
    await record(store, "later", session=first)
    assert [s.id for s in await store.sessions()] == [first, second]
    (found,) = await store.sessions(tmp_path / "alias")
    assert (found.id, found.turns) == (second, 1)
    assert found.title.startswith("What is this? xxx")
    assert len(found.title) == 80
    assert (await store.session(first[:20])).title == "named"
    assert len(await store.sessions(limit=1)) == 1


async def test_the_last_turn_is_the_newest_finished_one_here(store, record, tmp_path):
    assert await store.last_turn(tmp_path) is None
    session = await store.new_session(tmp_path)
    done = await record(store, session=session)
    await store.begin_turn(session, "still running", ())
    other = tmp_path / "other"
    other.mkdir()
    await record(store, session=await store.new_session(other))
    assert (await store.last_turn(tmp_path)).id == done


async def test_a_session_that_goes_on_in_its_moved_folder_is_found_there(store, record, tmp_path):
    (old := tmp_path / "old").mkdir()
    session = await store.new_session(old)
    first = await record(store, "first", session=session)
    await store.rate(first, -1)
    old.rename(new := tmp_path / "new")
    old.symlink_to(new)
    await store.resume_session(session, new)
    second = await record(store, "second", session=session)
    await store.rate(second, -1)
    for here in (old, new):
        assert [(one.id, one.workspace) for one in await store.sessions(here)] == [(session, str(new))]
        assert await store.questions(here) == ["second", "first"]
        assert (await store.last_turn(here)).id == second
        assert [one.turn for one in await store.feedback_now(here, rating=-1)] == [second, first]
        assert (await store.statistics(here)).turns == 2
    old.unlink()
    assert {one.workspace for one in store.feedback_records()} == {str(new)}
    assert (await store.last_turn(new)).id == second and await store.last_turn(old) is None


async def test_an_unknown_id_is_said_so(store, record):
    await record(store)
    for ask in (store.turn, store.session, store.feedback):
        with pytest.raises(UsageError, match=r"no (turn|session) nowhere"):
            await ask("nowhere")


async def test_search_finds_questions_and_answers(store, record):
    first = await record(store, "Zähle die Zeilen in notes.txt", answer="There are forty-two.")
    second = await record(store, "What is a decorator?", answer="A function that wraps another.")
    assert [h.turn for h in await store.search("zahle notes")] == [first]
    assert [h.turn for h in await store.search("forty-two")] == [first]
    assert [h.turn for h in await store.search(unicodedata.normalize("NFD", "Zähle"))] == [first]  # as a Mac pastes it
    (hit,) = await store.search("decor")
    assert (hit.turn, hit.bracketed) == (second, "What is a [decorator]?")
    third = await record(store, "Was ist ein नोट्स zwei हिन्दी")
    assert [(h.turn, h.bracketed) for h in await store.search("नोट्स हिन्दी")] == [
        (third, "Was ist ein [नोट्स] zwei [हिन्दी]")
    ]
    assert await store.search("नट") == await store.search("हन") == []  # other vowels are other words
    fourth = await record(store, "Wo ist 数据库系统?", answer="データベースを開く 🎉🎉 น้ำมาก I❤️NY 5°C 1️⃣ first")
    for part in ("数据库", "系统", "据库系 ist", "ベース", "開", "🎉", "มาก", "❤", "❤️", "NY", "5°c", "1️⃣", "1️⃣ first"):
        assert [h.turn for h in await store.search(part)] == [fourth], part
    assert (await store.search("据库"))[0].bracketed == "Wo ist 数[据库]系统?"
    assert await store.search("库据") == []
    for odd in ("", '"', "* OR (", "NEAR(", "nothing here", "text:x"):
        assert isinstance(await store.search(odd), list)


async def test_nothing_can_be_changed_or_deleted(store, record, file):
    await store.rate(await record(store), -1)
    await store.import_rows("mine", [NewRow(b"{}", None, None)])
    await store.external_event(1, "keep", {})
    other = await record(store)
    await store.purge(turn=await record(store), kept={(await store.turn(other)).session: "train"})
    db = sqlite3.connect(file)
    tables = {row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE sql LIKE '%STRICT%'")}
    tables -= {"open_process", "session_now", "feedback_now"}  # these follow from the others
    await store.rename_session((await store.turn(other)).session, "x")
    assert len(tables) == 19
    for table in tables:
        if db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0:
            continue
        column = db.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchone()[0]
        for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {column} = {column}"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                db.execute(statement)
    db.close()


async def test_a_long_conversation_does_not_store_its_past_again_and_again(store, tmp_path, file):
    session = await store.new_session(tmp_path)
    messages = []
    for i in range(60):
        await store.end_turn(await store.begin_turn(session, f"{i}", tuple(messages)), "done", None)
        messages.append(Message("assistant", f"{i} " + new_id() * 1000, tuple(range(1000))))
    store.close()
    assert file.stat().st_size < 60 * 40_000 * 2


def test_it_is_used_without_an_event_loop_too(file, tmp_path):
    store = Store.open(file)
    session = wait(store.new_session(tmp_path))
    turn = wait(store.begin_turn(session, "q", ()))
    assert wait(store.turn(turn)).query == "q"
    with pytest.raises(UsageError):
        wait(store.turn("nothing"))
    store.close()
    store.close()


async def test_a_turn_of_no_session_is_refused(store):
    with pytest.raises(UsageError, match="deleted meanwhile"):
        await store.begin_turn("no-such-session", "q", ())


def test_ids_are_uuids_of_version_7_and_sort_by_time():
    import uuid

    made = [new_id() for _ in range(100)]
    assert {uuid.UUID(i).version for i in made} == {7}
    assert {uuid.UUID(i).variant for i in made} == {uuid.RFC_4122}
    assert len(set(made)) == 100
    assert [i[:13] for i in made] == sorted(i[:13] for i in made)


LONE = "\ud800 \udcff"
"""Text that no UTF-8 can say: of an error's message, a path, a question from a command line."""


async def test_what_no_utf8_can_say_is_kept_as_it_was(store, tmp_path):
    context = (Message("user", LONE), Message("user", "é"))
    turn = await store.begin_turn(await store.new_session(tmp_path), LONE, context)
    step = await store.begin_generation(turn, 0, "model", "<prompt>", {})
    run = await store.begin_run(step, "x", edited_from=None, confirmed_by="policy", backend="bwrap")
    error = ExceptionInfo("ValueError", LONE, 1, "")
    called = (ToolCall("f", {"p": LONE}, True, 1.0),)
    outcome = Outcome("error", 1, stdout="\\ud800 é", exception=error, tool_calls=called)
    await store.end_run(run, outcome, LONE)
    await store.end_turn(turn, "failed", None, "")
    found = await store.turn(turn)
    assert found.query == LONE
    assert found.generations[0].runs[0].outcome == outcome
    assert [one.content for one in await store.context(turn)] == [LONE, "é"]
