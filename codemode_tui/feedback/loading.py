"""The child of ``consumer``: ``python -m codemode_tui.feedback.loading MODEL``. One JSON request a line, one answer."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from mlx_lm.tokenizer_utils import load
from mlx_lm.tuner.datasets import load_local_dataset


def main(model: str) -> None:
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints must not get into the answers
    tokenizer = load(Path(model))
    for line in sys.stdin:
        request = json.loads(line)
        if "measure" in request:
            answer: Any = measured(Path(request["measure"]), tokenizer)
        else:
            answer = loaded(Path(request["load"]), tokenizer, request["max_tokens"])
        out.write(json.dumps(answer) + "\n")
        out.flush()


def measured(file: Path, tokenizer: Any) -> list[tuple[int, int, str]]:  # noqa: ANN401 - mlx-lm's own
    """Tokens, tokens of the prompt and reason of refusal of each row."""
    found = []
    said: Any = None
    with file.open(encoding="utf-8") as stream:
        for line in stream:
            row = json.loads(line)
            try:
                if row["messages"][:-1] != said:  # both sides of a pair answer the same
                    said = row["messages"][:-1]
                    seen = tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True)
                    offset = len(tokenizer.encode(seen, add_special_tokens=False))
                found.append(_length(row["messages"], row["prompt"], seen, offset, tokenizer))
            except Exception:  # whatever a template or tokenizer raises, a trainer would end with it
                said = None
                found.append((0, 0, "unloadable"))
    return found


def loaded(folder: Path, tokenizer: Any, max_tokens: int) -> dict[str, Any]:  # noqa: ANN401 - mlx-lm's own
    """Rows by split, and the first problem of all of them."""
    rows = {}
    try:
        sets = load_local_dataset(folder, tokenizer, SimpleNamespace(mask_prompt=True))
    except Exception as error:
        return {"rows": {}, "problem": f"{type(error).__name__}: {error}"}
    problem = ""
    for split, dataset in zip(("train", "valid", "test"), sets, strict=True):
        rows[split] = len(dataset)
        for at in range(len(dataset)):
            problem = problem or _problem(dataset, at, split, max_tokens)
    return {"rows": rows, "problem": problem}


def _problem(dataset: Any, at: int, split: str, max_tokens: int) -> str:  # noqa: ANN401 - mlx-lm's own
    try:
        tokens, offset = dataset.process(dataset[at])
    except Exception as error:
        return f"{split} row {at + 1}: {type(error).__name__}: {error}"
    if not 0 < offset < len(tokens) <= max_tokens:
        return f"{split} row {at + 1}: {len(tokens)} tokens, {offset} of them prompt; at most {max_tokens} are read"
    return ""


def _length(
    messages: list[dict[str, str]],
    prompt: str,
    seen: str,
    offset: int,
    tokenizer: Any,  # noqa: ANN401
) -> tuple[int, int, str]:
    """The model's template must render the prompt as the model saw it, and the whole row must begin with just that.

    Counted from the rendered text: half the work of the trainer's own way, which ``loaded`` goes in the end.
    """
    whole = tokenizer.apply_chat_template(messages, tokenize=False)
    faithful = seen == prompt and whole.startswith(seen + messages[-1]["content"])
    tokens = len(tokenizer.encode(whole, add_special_tokens=False))
    return tokens, offset, "" if faithful else "prompt_mismatch"


if __name__ == "__main__":
    main(sys.argv[1])
