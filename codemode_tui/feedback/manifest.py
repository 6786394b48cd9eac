"""What an export says about itself: for programs ``manifest.json``, for people and the Hub ``README.md``."""

from __future__ import annotations

import json
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from codemode_tui import __version__
from codemode_tui.corpus.jsontext import escaped
from codemode_tui.corpus.rows import NEEDS_CORRECTION
from codemode_tui.engine.models import tokenizer_hash
from codemode_tui.feedback.export import Found, Options
from codemode_tui.feedback.formats import FORMATS
from codemode_tui.feedback.gates import GATES
from codemode_tui.feedback.ledger import CHOSEN, REJECTED, Entry
from codemode_tui.feedback.splits import SALT, SHARES
from codemode_tui.feedback.writing import Written

_BATCH = 4
"""What mlx_lm takes by default."""
KIND = "codemode-export"
"""Marks a folder as an earlier export of ours."""
RENDERING = (
    "Each row carries the system prompt and the messages that the model saw: rendered as ChatML they are the captured "
    "prompt byte for byte, whichever profile it was. The output of a run is a user's message with its tags written out."
)
SPLITTING = (
    "In the order of the history: a question like an earlier one (Jaccard of character 5-grams >= 0.8) has its split, "
    "one like questions of two splits is left out, any other one is hashed; turns of a session stay together."
)
REDACTION = (
    "Credentials, e-mail and network addresses, home folders and the names of user and machine are replaced by "
    "placeholders, the same value by the same one within a row."
)


def manifest(found: Found, options: Options) -> dict[str, Any]:
    """Everything that one may want to know of an export, but no dates and no paths."""
    alive = [entry for entry in found.entries if entry.alive(CHOSEN) or entry.alive(REJECTED)]
    quarantined = sorted(entry for each in found.entries for entry in each.quarantined())
    used = {entry.provenance for entry in alive}
    return {
        "kind": KIND,
        "version": 1,
        "app": __version__,
        "files": {file: written._asdict() for file, written in found.files.items()},
        "rows": counts(entry.split for entry in alive if entry.alive(CHOSEN)),
        "leak": found.leak,
        "split": {"salt": SALT, "shares": dict(SHARES), "groups": found.groups, "rule": SPLITTING},
        "gates": GATES,
        "quarantine": counts(one.reason for one in quarantined),
        "quarantined": [one._asdict() for one in quarantined],
        "redaction": counts(one.hit.rule for one in found.redacted),
        "kto": kto(alive),
        "tokenizer": {"model": options.model.name, "sha256": tokenizer_hash(options.model.path)},
        "max_seq_length": options.max_tokens,
        "largest_batch": largest_batch(found.files),
        "rendering": RENDERING,
        "profiles": counts(entry.profile for entry in alive if entry.profile),
        "sources": counts(entry.source for entry in alive),
        "provenance": {key: found.provenance[key] for key in sorted(used) if key in found.provenance},
        "options": {"formats": options.formats, "profile": options.profile, "include_source": options.sources},
    }


def kto(entries: list[Entry]) -> dict[str, Any]:
    """What TRL's KTO trainer wants to know of the training file: the ratio, and the weight that mends it.

    Desirable weight times desirable rows should be 1 to 1.33 times the undesirable rows (TRL's own warning).
    """
    train = [entry for entry in entries if entry.split == "train"]
    return weighting(sum(entry.alive(CHOSEN) for entry in train), sum(entry.alive(REJECTED) for entry in train))


def weighting(good: int, bad: int) -> dict[str, Any]:
    """Of so many desirable and undesirable rows of the training file."""
    if not good or not bad:
        note = "only rejected answers: choose a low learning rate" if bad else "" if not good else "no rejected answers"
        return {"desirable": good, "undesirable": bad, "ratio": None, "desirable_weight": None, "note": note}
    weight = float(f"{min(max(1.0, bad / good), 1.33 * bad / good):.4g}")  # small ones are not rounded to nothing
    return {
        "desirable": good, "undesirable": bad, "ratio": round(good / bad, 4), "desirable_weight": weight, "note": "",
    }  # fmt: skip


def largest_batch(files: Mapping[str, Written]) -> int | None:
    """mlx_lm ends with an error when a file has fewer rows than its batch; None without such files."""
    rows = [files[name].rows for name in ("mlx-sft/train.jsonl", "mlx-sft/valid.jsonl") if name in files]
    return min(rows, default=None)


def dumps(table: dict[str, Any]) -> str:
    return escaped(json.dumps(msgspec.to_builtins(table), ensure_ascii=False, indent=2)) + "\n"


def card(table: dict[str, Any]) -> str:
    """The dataset card. The splits are spelled out: the Hub's own guess calls ``valid`` another name."""
    files: dict[str, Any] = table["files"]
    rows = "\n".join(f"| `{file}` | {one['rows']:,} | {one['tokens']:,} |" for file, one in files.items())
    left = "\n".join(f"- {name} ({number:,}): {GATES[name]}" for name, number in table["quarantine"].items())
    notes = "\n".join(
        textwrap.fill(text, 110, initial_indent="- ", subsequent_indent="  ")
        for text in (
            f"Tokens are those of the tokenizer of {table['tokenizer']['model']}; no row has more than "
            f"{table['max_seq_length']:,}.",
            RENDERING,
            f"{SPLITTING} Leak: {table['leak']}.",
            REDACTION,
        )
    )
    batch = min(_BATCH, table["largest_batch"] or _BATCH)
    weight = table["kto"]["desirable_weight"]
    return f"""---
{_configs(files)}tags:
- conversational
- code
- preference
---

# Feedback on a code-mode assistant

Made by `codemode export`: messages of a local assistant that writes Python to use tools, as people rated and
corrected them. A corrected call ran without an error in a sandbox before it got here.

| file | rows | tokens |
|---|---|---|
{rows}

{notes}

## Training

```
mlx_lm.lora --train --mask-prompt --data mlx-sft --model … \\
  --max-seq-length {table["max_seq_length"]} --batch-size {batch}
```

Without `--mask-prompt` the prompts are learnt, too; a batch larger than the smallest file is refused.
`trl-kto/train_unpaired.jsonl` has the desirable weight {"1" if weight is None else weight}.
mlx-lm-lora looks for `train.jsonl` and `valid.jsonl`: give it copies of its pairs under these names, in a folder of
their own. `{NEEDS_CORRECTION}` is a to-do, never training data.

## What was left out

{left or "Nothing."}
"""


def _configs(files: dict[str, Any]) -> str:
    """The YAML of the card: one configuration for each format, its splits by name."""
    text = ""
    for name, shape in FORMATS.items():
        there = [file for file in dict.fromkeys(shape.files.values()) if f"{name}/{file}" in files]
        if there:
            text += f"- config_name: {name}\n  data_files:\n"
        for file in there:
            split = re.split(r"[._]", file)[0]
            text += f"  - split: {split}\n    path: {name}/{file}\n"
    return f"configs:\n{text}" if text else ""


def counts(names: Iterable[Any]) -> dict[str, int]:
    """How often each name comes, in their order."""
    return dict(sorted(Counter(names).items()))
