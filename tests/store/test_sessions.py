"""Sessions are renamed, exported, and their questions found again."""

import sqlite3
import time
from datetime import datetime, timedelta, timezone

import pytest
from markdown_it import MarkdownIt

from codemode_tui.engine.api import Usage
from codemode_tui.errors import UsageError
from codemode_tui.protocol.types import Decision, Parsed
from codemode_tui.store.markdown import markdown


async def test_a_session_gets_another_title_and_its_first_one_back(store, record, tmp_path):
    turn = await store.turn(await record(store, "How many lines?"))
    await store.rename_session(turn.session, " the\nparser ")
    assert (await store.session(turn.session)).title == "the parser"
    assert (await store.sessions(tmp_path))[0].title == "the parser"
    await store.rename_session(turn.session, "")
    assert (await store.session(turn.session)).title == "How many lines?"
    with pytest.raises(UsageError, match="no session"):
        await store.rename_session("nothing", "x")


async def test_a_deleted_session_takes_its_titles_along(store, record, file):
    turn = await store.turn(await record(store))
    await store.rename_session(turn.session, "xylophone")
    await store.purge(session=turn.session)
    with sqlite3.connect(file) as db:
        assert db.execute("SELECT count(*) FROM session_title").fetchone() == (0,)
    db.close()
    assert b"xylophone" not in b"".join(p.read_bytes() for p in file.parent.glob(f"{file.name}*") if p.is_file())


async def test_a_session_of_which_no_turn_is_left_keeps_no_title(store, record, tmp_path):
    turn = await store.turn(await record(store))
    later = await record(store, session=turn.session)
    await store.rename_session(turn.session, "xylophone")
    await store.purge(turn=later)
    assert [one.title for one in await store.sessions(tmp_path)] == ["xylophone"]
    await store.purge(turn=turn.id)
    assert (await store.session(turn.session)).title == ""


async def test_an_id_that_no_text_can_be_is_unknown(store):
    for find in (store.session, store.turn, store.feedback):
        with pytest.raises(UsageError, match=r"no (session|turn)"):
            await find("0192f3a1\udcff")


async def test_questions_of_a_workspace_are_given_newest_first_and_once(store, record, tmp_path):
    for query in ("one", "two", "one"):
        await record(store, query)
    other = await store.new_session(tmp_path / "elsewhere")
    await record(store, "not here", session=other)
    assert await store.questions(tmp_path) == ["one", "two"]
    assert await store.questions(tmp_path, limit=1) == ["one"]
    for _ in range(5):  # repeats of one question push no other out
        await record(store, "one")
    assert await store.questions(tmp_path, limit=2) == ["one", "two"]


async def test_a_session_as_markdown_holds_question_code_output_and_answer(store, record):
    turn = await store.turn(await record(store, "How\nmany?", answer="It is **3**."))
    text = markdown(await store.session(turn.session), [turn])
    assert "> How\n> many?" in text and "```python\nprint(3)\n```" in text
    assert "```text\n3\n```" in text and text.endswith("It is **3**.\n")


CUT_OFF = """# Loops

## 7.

Here is code:
1. first
  ~~~
  # no heading
  ~~~

<script>
```python
# a comment
for i in range(3):
"""


UNDERLINED = """Title
=====

Words
Part
---

- a point
---

1. do

        ```
   text

# big
"""


async def test_times_and_days_are_those_of_this_machines_clock(store, record, monkeypatch, request):
    request.addfinalizer(time.tzset)
    request.addfinalizer(monkeypatch.undo)
    turn = await store.turn(await record(store))
    for zone, hours in (("EAST-14", 14), ("WEST+11", -11)):  # one of them has another day than UTC
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        there = datetime.fromisoformat(turn.at).astimezone(timezone(timedelta(hours=hours)))
        assert [day.date for day in (await store.statistics(since=f"{there:%Y-%m-%d}")).days] == [f"{there:%Y-%m-%d}"]
        assert f"· {there:%Y-%m-%d %H:}" in markdown(await store.session(turn.session), [turn])


async def test_no_answer_reaches_beyond_its_turn_in_the_markdown(store, record, tmp_path):
    session = await store.new_session(tmp_path)
    for answer in (CUT_OFF, "````text\n```\n", "Fine.\n<!-- and", "~~~a`b\n````\n", UNDERLINED):
        await record(store, session=session, answer=answer)
    text = markdown(await store.session(session), await store.turns(session))
    tokens = MarkdownIt().parse(text)
    headings = [(one.tag, tokens[i + 1].content) for i, one in enumerate(tokens) if one.type == "heading_open"]
    assert headings == [
        ("h1", "How many?"), ("h2", "1."), ("h3", "Loops"), ("h4", "7."), ("h2", "2."), ("h2", "3."), ("h2", "4."),
        ("h2", "5."), ("h3", "Title"), ("h4", "Part"), ("h3", "big"),
    ]  # fmt: skip
    assert "```python\n# a comment\nfor i in range(3):\n\n```" in text


async def test_a_message_that_neither_ran_nor_answered_is_in_the_markdown(store, tmp_path):
    session = await store.new_session(tmp_path)
    for said, raw in ((Parsed(Decision.MALFORMED, None, "", None), "<tool_call> half"),
                      (Parsed(Decision.TOOL, "phase22", "I'll rewrite it.", "print(1)"), "<tool_call>")):  # fmt: skip
        turn = await store.begin_turn(session, "Fix it", ())
        made = await store.begin_generation(turn, 0, "model", "p", {})
        await store.end_generation(
            made, raw_text=raw, token_ids=(), finish_reason="stop", usage=Usage(), probability=None, forced=False,
            parsed=said,
        )  # fmt: skip
        await store.end_turn(turn, "done", None)
    malformed, shown = markdown(await store.session(session), await store.turns(session)).split("## 2.")
    assert "```text\n<tool_call> half\n```" in malformed
    assert "I'll rewrite it.\n\n```python\nprint(1)\n```\n\nnot run" in shown


async def test_a_fence_in_the_code_does_not_end_the_fence(store, record):
    from msgspec.structs import replace

    turn = await store.turn(await record(store))
    (run,) = turn.generations[0].runs
    odd = replace(turn.generations[0], runs=(replace(run, code='print("""\n```\n""")'),))
    text = markdown(await store.session(turn.session), [replace(turn, generations=(odd,))])
    assert '````python\nprint("""\n```\n""")\n````' in text
