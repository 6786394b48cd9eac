"""The plain REPL: lines in, words out, on a scripted conversation."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace
from support.scripted import ScriptedChat, answer, approval, call, candidate, run

from codemode_tui.chat import events as ev
from codemode_tui.front.ports import Opened
from codemode_tui.repl.plain import PlainConsole
from codemode_tui.repl.repl import Repl
from codemode_tui.repl.spoken import Spoken
from codemode_tui.sandbox.types import FileChange
from codemode_tui.settings import Settings
from codemode_tui.store.records import Standing

from .stage import HOSTILE, TURN

CODE = "print(1)\n"
ASKED = [*call(TURN, CODE), approval(TURN, CODE, ("read_file",), ()), *run(TURN, CODE, "1\n"),
         *answer(TURN, "It is 1.", step=1, probability=None)]  # fmt: skip


class Typist:
    """Somebody at the plain console. ``said`` is all that it has printed."""

    def __init__(
        self, *scripts, interactive=True, guard=0.0, reopen=None, records=None, past=(), waiting=(), chat=ScriptedChat,
        **more,
    ) -> None:  # fmt: skip
        """``waiting``: lines that are there before the program reads any."""
        self.chat = chat(*scripts, workspace=Path.cwd(), **more)
        self.console = PlainConsole(Spoken({}), interactive=interactive, guard=guard)
        self.said = ""
        self.console._write = self._heard  # type: ignore[method-assign]
        self.console._read = lambda loop: [  # type: ignore[method-assign]
            loop.call_soon_threadsafe(self.console._line, text, loop.time()) for text in waiting
        ]
        opened = Opened(self.chat, past, records, None, Settings())
        self.repl = Repl(self.console, opened, reopen, in_order=not interactive)
        self.console._listener = self.repl
        self._running = asyncio.create_task(self.repl.run())

    def _heard(self, text: str) -> None:
        self.said += text

    def line(self, text: str | None) -> None:
        self.console._line(None if text is None else text + "\n", asyncio.get_running_loop().time())

    async def hears(self, *words: str) -> str:
        for _ in range(500):
            if all(word in self.said for word in words):
                return self.said
            await asyncio.sleep(0.01)
        raise AssertionError(f"never heard {words}; heard\n{self.said}")

    async def leave(self) -> None:
        self.line("/quit")
        await asyncio.wait_for(self._running, 10)


@pytest.fixture(autouse=True)
def no_signals(monkeypatch):
    monkeypatch.setattr(asyncio.unix_events._UnixSelectorEventLoop, "add_signal_handler", lambda *_: None)


async def test_a_turn_in_words():
    somebody = Typist(ASKED)
    await somebody.hears("The model is loaded.", "> ")
    somebody.line("how many?")
    await somebody.hears("Question: run this code?", "Enter alone: deny.\n> ")
    somebody.line("y")
    said = await somebody.hears("It is 1.", "87 tok/s.")
    await somebody.leave()
    for words in ("Decision: run code, probability of code 99 %.", "Code:\nprint(1)\nEnd of code.", "Tools: read_file",
                  "Output:\n1\nRan in 41 ms, 1 tool call."):  # fmt: skip
        assert words in said
    assert [reply.action for reply in somebody.chat.replies] == ["run"]
    assert said.isascii() or not set(said) & set("─━✓✗▲▼❯●·›\r\x1b")


async def test_only_an_answer_answers_and_nothing_is_no():
    somebody = Typist(ASKED)
    somebody.line("how many?")
    await somebody.hears("run this code?", "> ")
    somebody.line("what about the other files?")
    await somebody.hears("That is none of the choices.")
    somebody.line("")
    await somebody.hears("87 tok/s.")
    assert [reply.action for reply in somebody.chat.replies] == ["deny"]
    await somebody.leave()


async def test_a_line_that_was_on_its_way_before_the_question_is_the_next_question():
    somebody = Typist(ASKED, guard=60)
    somebody.line("how many?")
    await somebody.hears("run this code?")
    somebody.line("y")
    await asyncio.sleep(0.05)
    assert somebody.chat.replies == [] and somebody.console.now.waiting == ("y",)
    await somebody.leave()


async def test_a_reason_and_code_line_by_line():
    somebody = Typist(ASKED, ASKED)
    somebody.line("how many?")
    await somebody.hears("run this code?")
    somebody.line("e")
    await somebody.hears("a full stop alone ends it")
    for text in ("x = 1", "print(x)", "."):
        somebody.line(text)
    await somebody.hears("87 tok/s.")
    somebody.said = ""
    somebody.line("again?")
    await somebody.hears("run this code?")
    somebody.line("w")
    await somebody.hears("Why not?")
    somebody.line("too slow")
    await somebody.hears("87 tok/s.")
    assert somebody.chat.replies == [ev.Approval("run", "x = 1\nprint(x)"), ev.Approval("deny", reason="too slow")]
    await somebody.leave()


async def test_a_thumbs_down_a_reason_and_a_corrected_pair():
    fixed = [*call(TURN, CODE), approval(TURN, CODE, (), ()), *run(TURN, CODE, "1\n"), candidate(TURN, code=CODE)]
    then = [*answer(TURN, "It is one.", step=1, end=False), candidate(TURN, text="It is one.", name="then", step=1)]
    somebody = Typist(answer(TURN, "I cannot know."), corrections=[fixed, then])
    somebody.line("how many?")
    await somebody.hears("I cannot know.", "87 tok/s.")
    somebody.line("/down")
    await somebody.hears("Thumbs-down saved, /bad again undoes.", "what was wrong?", "Enter alone: later.\n> ")
    somebody.line("1")
    await somebody.hears("Instead: run code.", "run this code?")
    somebody.line("y")
    await somebody.hears("is this what it should have been?")
    somebody.line("y")
    await somebody.hears("Thumbs-down corrected and verified, should run.", "And then.", "It is one.")
    somebody.said = ""
    await asyncio.sleep(0.1)
    somebody.line("y")
    await somebody.hears("corrected and verified")
    assert somebody.chat.accepted == ["fix", "then"] and somebody.chat.ratings == [(TURN, -1)]
    assert ("reason", ["should_run"]) in [(kind, body.get("codes")) for _, kind, body in somebody.chat.said]
    somebody.line("/down")
    await somebody.hears("Thumbs-down undone, and its correction with it.")
    assert somebody.chat.ratings[-1] == (TURN, 0)
    await somebody.leave()


async def test_what_was_said_of_a_turn_is_gone_with_the_thumbs_down():
    somebody = Typist(answer(TURN, "No."))
    somebody.line("how many?")
    await somebody.hears("87 tok/s.")
    somebody.line("/down")
    await somebody.hears("Enter alone: later.\n> ")
    somebody.line("4")
    await somebody.hears("wrong answer, chosen")
    somebody.line("u")
    await somebody.hears("Thumbs-down undone.")
    somebody.said = ""
    somebody.line("/down")
    said = await somebody.hears("Thumbs-down saved", "4: wrong answer;")
    assert "wrong answer, /bad" not in said
    await somebody.leave()


async def test_a_question_goes_on_after_a_thumbs_down_that_nobody_explains():
    somebody = Typist()
    somebody.line("one")
    await somebody.hears("You asked: one", "87 tok/s.")
    somebody.line("/down")
    await somebody.hears("what was wrong?")
    somebody.line("and what about two?")
    await somebody.hears("You asked: and what about two?")
    await somebody.leave()


async def test_several_lines_between_marks_are_one_question():
    somebody = Typist()
    for text in ('"""', "first", "/second", 'third"""'):
        somebody.line(text)
    await somebody.hears("You asked: first")
    assert somebody.chat.questions == [("first\n/second\nthird", None)]
    await somebody.leave()


async def test_without_somebody_each_line_is_taken_in_order_and_nothing_is_asked():
    somebody = Typist(interactive=False)
    for text in ("one", "/down", "/nonsense", "/theme", "/review", "two", None):
        somebody.line(text)
    await asyncio.wait_for(somebody._running, 10)
    order = [somebody.said.index(words) for words in
             ("You asked: one", "Thumbs-down saved", "There is no /nonsense", "/theme needs a terminal that draws",
              "Nothing is stored here", "You asked: two")]  # fmt: skip
    assert order == sorted(order) and somebody.repl.asked_last.end is not None


class Slow:
    """A store that takes a while to say what stands of a turn."""

    async def standing(self, turn: str) -> Standing:
        await asyncio.sleep(0.05)
        return Standing()


@pytest.mark.parametrize("interactive", [True, False])
async def test_what_is_typed_while_a_session_is_shown_again_comes_behind_all_of_it(interactive):
    past = [[ev.TurnStarted(f"old-{n}", "session-1", f"old question {n}"), *answer(f"old-{n}", f"Old {n}.")]
            for n in range(3)]  # fmt: skip
    somebody = Typist(interactive=interactive, records=Slow(), past=past, waiting=("new question",))
    await somebody.hears("You asked: new question", "87 tok/s.")
    somebody.line("/bad")
    said = await somebody.hears("Thumbs-down saved")
    order = [said.index(words) for words in ("Old 0.", "Old 1.", "Old 2.", "You asked: new question")]
    assert order == sorted(order) and somebody.chat.ratings == [(TURN, -1)]
    somebody.line("/quit")
    somebody.line(None)
    await asyncio.wait_for(somebody._running, 10)


async def test_hostile_text_is_inert():
    code = f"print('{HOSTILE}')"
    somebody = Typist([*call(TURN, code, prose=HOSTILE), approval(TURN, code, (HOSTILE,), (HOSTILE,), (HOSTILE,)),
                       *run(TURN, code, HOSTILE + "\r\n"), *answer(TURN, HOSTILE, step=1)])  # fmt: skip
    somebody.line("go")
    await somebody.hears("run this code?")
    somebody.line("y")
    await somebody.hears("87 tok/s.")
    assert not {c for c in somebody.said if (c < " " and c != "\n") or "\x7f" <= c < "\xa0" or c == "\u202e"}
    await somebody.leave()


async def test_a_setting_changes_the_conversation_and_what_was_said_is_not_said_again():
    opened = []

    async def reopen(**changes):
        past = [[ev.TurnStarted(TURN, "session-1", "one"), *answer(TURN, "First.")]]
        opened.append(ScriptedChat(workspace=Path.cwd()))
        return Opened(opened[-1], past, None, None, Settings())

    somebody = Typist(answer(TURN, "First."), reopen=reopen)
    somebody.line("one")
    await somebody.hears("87 tok/s.")
    somebody.line("/settings tools.retries 1")
    await somebody.hears("Tools.retries = 1.")
    somebody.line("/settings repl.keys vi")
    await somebody.hears("Repl.keys = vi, from the next start on.")
    somebody.line("/down")
    await somebody.hears("Thumbs-down saved")
    assert somebody.said.count("First.") == 1 and [one.ratings for one in opened] == [[(TURN, -1)]]
    await somebody.leave()


async def test_every_question_that_was_to_come_next_is_taken_back():
    somebody = Typist([asyncio.Event()])
    await somebody.hears("The model is loaded.")
    for text in ("one", "two", "/tool three"):
        somebody.line(text)
    while somebody.repl.now.waiting != ("two", "three"):
        await asyncio.sleep(0.01)
    somebody.console._interrupt()
    await somebody.hears("Not asked: two\n/tool three\n", "Stopped")
    assert somebody.chat.questions == [("one", None)] and somebody.repl.now.waiting == ()
    await somebody.leave()


async def test_a_question_is_never_asked_of_a_conversation_that_closes():
    ready, opened = asyncio.Event(), []

    async def reopen(**changes):
        await ready.wait()
        opened.append(ScriptedChat(workspace=Path.cwd()))
        return Opened(opened[-1], [], None, None, Settings())

    somebody = Typist([asyncio.Event()], reopen=reopen)
    await somebody.hears("The model is loaded.")
    somebody.line("/settings tools.retries 1")
    await somebody.hears("Tools.retries = 1.")
    somebody.line("one")  # faster than the other conversation, which is given up
    while not somebody.repl.running:
        await asyncio.sleep(0.01)
    ready.set()
    await somebody.hears("A turn is running")
    assert opened[0].closed and not somebody.chat.closed and somebody.repl.chat is somebody.chat
    somebody.console._interrupt()
    await somebody.hears("Stopped")

    gate, close = asyncio.Event(), somebody.chat.close

    async def slowly():
        await gate.wait()
        await close()

    somebody.chat.close = slowly
    somebody.line("/settings tools.retries 2")
    while len(opened) < 2:
        await asyncio.sleep(0.01)
    somebody.line("two")
    await asyncio.sleep(0.05)
    gate.set()
    await somebody.hears("You asked: two")
    assert [text for text, _ in somebody.chat.questions] == ["one"] and opened[1].questions == [("two", None)]
    await somebody.leave()


async def test_a_question_waits_until_the_block_that_is_being_written_is_whole():
    go = asyncio.Event()
    somebody = Typist([*call(TURN, CODE), go, *ASKED[len(call(TURN, CODE)) :]])
    await somebody.hears("The model is loaded.")
    somebody.line("how many?")
    somebody.line('"""')
    somebody.line("first line")
    go.set()
    await somebody.hears("Question: run this code?")
    for line in ("", "y", 'last line"""'):
        somebody.line(line)
    assert somebody.chat.replies == []
    somebody.line("n")
    await asyncio.sleep(0.05)
    assert [reply.action for reply in somebody.chat.replies] == ["deny"]
    for _ in range(500):
        if len(somebody.chat.questions) > 1:
            break
        await asyncio.sleep(0.01)
    assert somebody.chat.questions[1][0] == "first line\n\ny\nlast line"
    await somebody.leave()


async def test_undo_takes_back_what_was_said_of_its_own_turn():
    go = asyncio.Event()
    somebody = Typist(answer(TURN, "no"), [go, *answer("turn-2", "yes")])
    await somebody.hears("The model is loaded.")
    somebody.line("one")
    await somebody.hears("no")
    somebody.line("/bad")
    await somebody.hears("what was wrong?")
    somebody.repl.ask("two")
    await asyncio.sleep(0.05)
    somebody.line("u")
    await somebody.hears("undone")
    assert {turn for turn, _ in somebody.chat.ratings} == {TURN} and somebody.chat.ratings[-1][1] == 0
    go.set()
    await somebody.leave()


async def test_a_name_with_a_line_break_that_was_put_back_is_one_line():
    somebody = Typist()

    async def undo(name: str) -> tuple[str, list[FileChange]]:
        return name, [FileChange("a\nb.txt", "modified")]

    somebody.chat.undo = undo
    await somebody.hears("The model is loaded.")
    somebody.line("/undo")
    await somebody.hears('ut back: "a\\nb.txt"')
    await somebody.leave()


async def test_what_is_shown_verbatim_keeps_its_indentation_and_its_signs():
    code = "if 1:\n    print('a')\n✓ done\n"
    somebody = Typist([*call(TURN, code), *answer(TURN, "1.", step=1)])
    somebody.line("how many?")
    await somebody.hears("87 tok/s.")
    somebody.said = ""
    somebody.line("/raw")
    await somebody.hears("Verbatim, message 1.", "\nif 1:\n    print('a')\n✓ done\n")
    prompt = "Tools:\n  - read_file\n▲ never guess"
    somebody.chat.profile = replace(somebody.chat.profile, system_prompt=prompt)
    somebody.line("/system")
    await somebody.hears(f"byte for byte:\n{prompt}\n")
    await somebody.leave()


REPL = [sys.executable, "-m", "codemode_tui", "repl", "--plain", "--model", "openai:http://127.0.0.1:9"]


def plain_repl(tmp_path, **pipes) -> subprocess.Popen[bytes]:
    home = {"CODEMODE_HOME": str(tmp_path / "home")}
    return subprocess.Popen([*REPL, "--profile", "bundled"], env=os.environ | home, cwd=tmp_path, **pipes)


def test_it_ends_well_while_its_input_goes_on(tmp_path):
    with plain_repl(tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdin.write(b"/quit\n")
        process.stdin.flush()
        assert process.wait(60) == 0
        assert process.stderr.read() == b""


def test_it_ends_when_nobody_reads_it_any_more(tmp_path):
    with plain_repl(tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        process.stdin.write(b"a\nb\n")
        process.stdin.flush()
        process.wait(60)
        assert b"Traceback" not in process.stderr.read()
