"""The trainer's eyes: a child process reads rows with mlx-lm's own loader and the model's own tokenizer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

from codemode_tui.engine.models import ModelRef
from codemode_tui.engine.spawning import child_environment
from codemode_tui.errors import ModelError

CHILD = "codemode_tui.feedback.loading"


class Length(NamedTuple):
    """One row as the trainer makes it."""

    tokens: int
    offset: int
    """Tokens of the prompt, which the mask leaves out."""
    refused: str
    """A name of ``gates.GATES``; empty if all is well."""


class Loaded(NamedTuple):
    """What ``mlx_lm.tuner.datasets`` made of a folder."""

    rows: dict[str, int]
    """By split."""
    problem: str
    """The first row that it refuses or would learn nothing from; empty if there is none."""


class Consumer:
    """One child, for as long as the block lasts. It starts at once, so that it imports while others work."""

    def __init__(self, model: ModelRef) -> None:
        """Raises ModelError: the model has no tokenizer."""
        if not (model.path / "tokenizer.json").is_file():
            raise ModelError(f"{model.path} has no tokenizer.json", hint="copy it from the original model")
        self._model = model
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - a pipe that nobody reads would stop it
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", CHILD, str(model.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            env=child_environment(dict(os.environ)),
            cwd="/",
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Leave no process behind, whatever happened."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def begin_measuring(self, file: Path) -> None:
        """Have each line of ``file`` measured: ``{"messages": […], "prompt": "<rendered>"}``. It takes a while."""
        self._send({"measure": str(file.resolve())})

    def lengths(self) -> list[Length]:
        """What came of ``begin_measuring``: one for each line.

        Raises:
            ModelError: the tokenizer cannot be loaded.
        """
        return [Length(*found) for found in self._receive()]

    def load(self, folder: Path, max_tokens: int) -> Loaded:
        """Load ``folder`` as ``mlx_lm lora --mask-prompt`` does, and look at every row.

        Raises:
            ModelError: the tokenizer cannot be loaded.
        """
        self._send({"load": str(folder.resolve()), "max_tokens": max_tokens})
        return Loaded(**self._receive())

    def _send(self, request: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it has died, and says why

    def _receive(self) -> Any:  # noqa: ANN401 - a JSON value
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if line:
            return json.loads(line)
        self._process.communicate()
        self._errors.seek(0)
        last = (self._errors.read().decode("utf-8", "replace").strip().splitlines() or ["it was killed"])[-1]
        raise ModelError(
            f"the tokenizer of {self._model.name} cannot be used: {last}",
            hint="check it with `codemode model verify`, or name another --model",
        )
