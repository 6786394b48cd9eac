"""The steps of the proof, each by the product's own commands, as a person would take them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import tomli_w

from codemode_tui.engine.spawning import import_path
from codemode_tui.training.proof.pattern import Question


class Person:
    """Somebody with a folder of files and the program, whose settings and history are in ``work``."""

    def __init__(self, work: Path) -> None:
        self.work = work
        self.workspace = work / "workspace"
        self.workspace.mkdir(parents=True, exist_ok=True)

    def does(self, *args: str, allowed: Sequence[int] = (0,)) -> Any:  # noqa: ANN401 - a JSON document
        """What ``codemode ARGS --json`` prints.

        Raises:
            RuntimeError: it ended with another exit code than those allowed.
        """
        done = subprocess.run(
            [sys.executable, "-P", "-m", "codemode_tui", *args, "--json"],
            capture_output=True,
            cwd=self.workspace,
            env={**os.environ, "PYTHONPATH": import_path(dict(os.environ)), "CODEMODE_HOME": str(self.work / "home")},
        )
        if done.returncode not in allowed:
            raise RuntimeError(f"codemode {' '.join(args)} ended with {done.returncode}: {done.stderr.decode()}")
        return json.loads(done.stdout)

    def corrects(self, question: Question) -> bool:
        """Ask, and correct what is wrong: thumbs-down, the code that would have been right, the answer to it.

        Returns whether it was wrong.
        """
        file = self.workspace / question.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(question.text)
        said = self.does("ask", question.query, "--run", "auto", allowed=(0, 3, 5))
        printed = "".join((step.get("run") or {}).get("stdout", "") for step in said["steps"])
        if question.output in printed and question.output in (said["answer"] or ""):
            return False
        (self.work / "right.py").write_text(question.code)
        (self.work / "right.txt").write_text(question.answer)
        self.does(
            "feedback", "add", "--turn", said["turn"], "--rating", "down", "--reason", "wrong_code",
            "--code", str(self.work / "right.py"), "--answer", str(self.work / "right.txt"),
        )  # fmt: skip
        return True

    def trains(self, data: Path, out: Path, *options: str) -> dict[str, Any]:
        """An adapter in ``out``; one that is there already is taken as it is."""
        if not out.exists():
            resume = ["--resume"] if out.with_name(f"{out.name}.training").exists() else []
            self.does("train", "--data", str(data), "--model", "bundled", "--out", str(out), *options, *resume)
        found: dict[str, Any] = json.loads((out / "training.json").read_text())
        return found

    def measures(self, suite: Path, model: str) -> dict[str, Any]:
        """What ``codemode eval`` found; measured once."""
        kept = self.work / f"eval-{suite.stem}-{Path(model).name}.json"
        if not kept.exists():
            kept.write_text(json.dumps(self.does("eval", str(suite), "--model", model)))
        found: dict[str, Any] = json.loads(kept.read_text())
        return found


def write_suite(file: Path, questions: Iterable[Question], seen: Sequence[str]) -> None:
    """The questions as a suite: the code must print the right number, and the answer say it.

    The groups tell whether a question is put as one of those that were corrected.
    """
    cases = [
        {
            "id": f"checksum-{number:02}",
            "group": "as corrected" if _put_as(question, seen) else "put otherwise",
            "query": question.query,
            "files": {question.path: question.text},
            "decision": "tool",
            "stdout_regex": rf"\b{question.output}\b",
            "answer_contains": [question.output],
        }
        for number, question in enumerate(questions, 1)
    ]
    file.write_text(tomli_w.dumps({"name": file.stem, "case": cases}))


def write_random(folder: Path, count: int, seed: int) -> None:
    """As many conversations of the bundled model's own generator, as a set that can be trained on."""
    from itertools import islice

    from codemode_tui.bundled.recipe.rows import rows

    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "train.jsonl").open("w", encoding="utf-8") as stream:
        for row in islice(rows(seed), count):
            messages = [{"role": role, "content": text} for role, text in row.turns]
            stream.write(json.dumps({"messages": messages}) + "\n")


def _put_as(question: Question, phrasings: Sequence[str]) -> bool:
    return any(phrasing.format(question.path) == question.query for phrasing in phrasings)
