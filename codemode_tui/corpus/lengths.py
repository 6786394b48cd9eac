"""Lengths of rows in tokens, counted by a child process: nothing here imports a tokenizer (DESIGN §3)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from codemode_tui.engine.models import ModelRef
from codemode_tui.engine.spawning import child_environment
from codemode_tui.errors import ModelError

CHILD = "codemode_tui.corpus.tokenizing"


class Lengths:
    """A running count. It begins when this is made, so that other work can go on meanwhile."""

    def __init__(self, model: ModelRef, files: Sequence[Path]) -> None:
        """Start counting the rows of ``files`` with the tokenizer of ``model``.

        Raises:
            ModelError: the model has no tokenizer.
        """
        if not (model.path / "tokenizer.json").is_file():
            raise ModelError(f"{model.path} has no tokenizer.json", hint="copy it from the original model")
        self._model = model
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", CHILD, str(model.path), *(str(file.resolve()) for file in files)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=child_environment(dict(os.environ)),
            cwd="/",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave no process behind, whatever happened."""
        self._process.kill()
        self._process.communicate()

    def result(self) -> list[int]:
        """Tokens of every row that could be read, in order; waits for them.

        Raises:
            ModelError: the tokenizer cannot be loaded.
        """
        out, err = self._process.communicate()
        if self._process.returncode != 0:
            last = (err.decode("utf-8", "replace").strip().splitlines() or ["it was killed"])[-1]
            raise ModelError(
                f"the tokenizer of {self._model.name} cannot count: {last}",
                hint="check it with `codemode model verify`, or name another --model",
            )
        found: list[int] = json.loads(out)
        return found


def percentile(values: Sequence[int], percent: int) -> int:
    """The smallest value that at least ``percent`` of all values do not exceed; 0 of none."""
    at = -(-len(values) * percent // 100)
    return sorted(values)[max(at, 1) - 1] if values else 0
