"""A store of years, made by a script in a minute: the store's own rows, texts that a dice wrote."""

from __future__ import annotations

import os
import random
import sqlite3
from pathlib import Path
from typing import Any

from codemode_tui.engine.api import Usage
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.render import render, render_text
from codemode_tui.protocol.types import Message
from codemode_tui.sandbox.types import Outcome
from codemode_tui.store import recovery, writes
from codemode_tui.store.database import open_database, transaction
from codemode_tui.store.ids import new_id

SESSION = 4
"""Turns of a session."""
ALIKE = 0.1
"""Share of questions that are an earlier one in other words, nearly."""
BATCH = 500
KNOWN = 500
"""Earlier questions that are remembered for it."""
_OPENINGS = ("How many", "Show me", "Which of the", "What is in", "Count the", "Find", "Explain", "Compare all")
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"


def fill(file: Path, workspace: Path, profile: Profile, turns: int, rated: float) -> None:
    """Make a store of ``turns`` finished turns; a share of ``rated`` of them has feedback.

    Half of those is rated up; of the others every second one is corrected by an answer or by code that ran,
    and the rest is left open. The same numbers give the same texts.
    """
    db = open_database(file)
    try:
        db.execute("PRAGMA synchronous = OFF")  # nobody would miss it
        _Writer(db, workspace, profile).write(turns, rated)
    finally:
        db.close()


class _Writer:
    def __init__(self, db: sqlite3.Connection, workspace: Path, profile: Profile) -> None:
        self._db, self._workspace, self._profile = db, workspace, profile
        self._dice = random.Random(14)
        self._asked: list[str] = []
        self._made = {"app": "bench", "profile": profile.name, "model": {"name": "bench", "tokenizer_sha256": ""}}

    def write(self, turns: int, rated: float) -> None:
        process = new_id()
        writes.register(self._db, process, os.getpid(), "bench")
        session, said = "", list[Message]()
        for begin in range(0, turns, BATCH):
            with transaction(self._db):  # one for each row would take ten times as long
                for number in range(begin, min(turns, begin + BATCH)):
                    if number % SESSION == 0:
                        session, said = writes.new_session(self._db, self._workspace, ""), []
                    turn, new = self._turn(process, session, said)
                    if self._dice.random() < rated:
                        self._feedback(process, turn, [*said, new[0]])
                    said += new
        with transaction(self._db):
            recovery.end_process(self._db, process, "closed")

    def _turn(self, process: str, session: str, said: list[Message]) -> tuple[str, list[Message]]:
        """One finished turn: every second one calls, and answers from what its code printed."""
        query = self._question()
        turn = writes.begin_turn(self._db, process, session, query, said)
        new, answer = [Message("user", query)], f"It is {self._words(6)}."
        if self._dice.random() < 0.5:
            new += self._run(self._message(turn, 0, "model", self._call(), [*said, *new]))
        self._message(turn, len(new) // 2, "model", answer, [*said, *new])
        writes.end_turn(self._db, turn, "done", answer, "")
        return turn, [*new, Message("assistant", answer)]

    def _feedback(self, process: str, turn: str, asked: list[Message]) -> None:
        kind = self._dice.choice(("up", "up", "open", "open", "answer", "code"))
        self._say(turn, "rate", {"v": 1 if kind == "up" else -1})
        if kind in ("up", "open"):
            return
        raw = self._call() if kind == "code" else f"Rather {self._words(6)}."
        made, _ = self._message(turn, 0, "fix_edit", raw, asked, process)
        self._say(turn, "correct", {"chosen": made, "step": 0})
        how = "human"
        if kind == "code":
            self._run((made, raw))
            how = "run"
        self._say(turn, "verify", {"generation": made, "run": None, "ok": True, "how": how})

    def _message(
        self, turn: str, step: int, origin: str, raw: str, before: list[Message], process: str | None = None
    ) -> tuple[str, str]:
        """Returns its id and its text."""
        prompt = render_text(render(self._profile, before))
        made = writes.begin_generation(self._db, process, turn, step, origin, prompt, self._made)
        parsed = parse(raw, self._profile)
        ids, sure = [self._dice.randrange(16_000) for _ in range(len(raw) // 4)], self._dice.random()
        writes.end_generation(self._db, made, raw, ids, "stop", Usage(), sure, False, parsed)
        return made, raw

    def _run(self, message: tuple[str, str]) -> list[Message]:
        generation, raw = message
        code, printed = parse(raw, self._profile).code or "", self._words(4)
        run = writes.begin_run(self._db, generation, code, None, "user", "bench")
        writes.end_run(self._db, run, Outcome("ok", 0, stdout=printed, duration_ms=9.0), printed)
        return [Message("assistant", raw), Message("tool", printed)]

    def _say(self, turn: str, kind: Any, body: dict[str, Any]) -> None:  # noqa: ANN401 - a FeedbackKind
        writes.add_feedback(self._db, turn, kind, body, "user")

    def _call(self) -> str:
        name, words = self._words(1), self._words(3)
        return (
            f"<tool_call>\n<function=execute_code>\n<parameter=code>\n{name} = read_file('{name}.txt')\n"
            f"print('{words}', len({name}.splitlines()))\n</parameter>\n</function>\n</tool_call>"
        )

    def _question(self) -> str:
        if self._asked and self._dice.random() < ALIKE:
            return f"{self._dice.choice(self._asked)} Please"
        text = f"{self._dice.choice(_OPENINGS)} {self._words(self._dice.randint(5, 12))}?"
        if len(self._asked) < KNOWN:
            self._asked.append(text)
        return text

    def _words(self, number: int) -> str:
        return " ".join(self._word() for _ in range(number))

    def _word(self) -> str:
        """Short ones are common, long ones rare, as in any language."""
        pair = (self._dice.choice(_CONSONANTS) + self._dice.choice(_VOWELS) for _ in range(self._dice.randint(1, 4)))
        return "".join(pair)
