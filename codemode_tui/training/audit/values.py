"""What an audit says."""

from __future__ import annotations

import msgspec

from codemode_tui.training.audit.drift import Drift


class Leakage(msgspec.Struct, frozen=True):
    """Rows of valid and test whose first user message stands in train."""

    exact: int
    near: int
    """With a Jaccard similarity of character 5-grams of at least 0.8; those of ``exact`` included."""


class Tokens(msgspec.Struct, frozen=True):
    """Length of a row in tokens, as the trainer reads it."""

    p50: int
    p95: int
    max: int


class Spread(msgspec.Struct, frozen=True):
    """How rows are spread over lengths."""

    limit: int
    """What mlx_lm reads of a row unless it is told otherwise."""
    over: int
    """Rows that are longer."""
    bins: list[tuple[int, int]]
    """``(most tokens, rows)``; each bin begins where the one before it ends."""


class Unknown(msgspec.Struct, frozen=True):
    """Calls of functions that are neither this program's tools, nor Python's, nor told of in the row."""

    rows: int
    names: dict[str, int]


class Invented(msgspec.Struct, frozen=True):
    """Literal paths that code reads."""

    literal: int
    invented: int
    """Of these, how many nothing in the conversation before them mentions, not even by their last part."""
    rows: int
    """Rows with one of those."""
    examples: list[str]


class ImpossibleOutput(msgspec.Struct, frozen=True):
    code: str
    output: str


class Impossible(msgspec.Struct, frozen=True):
    """Outputs that the code before them cannot have printed."""

    checked: int
    """Outputs that follow on a call, are whole and no error, and whose code can be looked through."""
    impossible: int
    examples: list[ImpossibleOutput]


class Audit(msgspec.Struct, frozen=True):
    """What ``data audit --json`` prints (CONTRACT)."""

    files: list[str]
    rows: int
    """Those that could be read; blank lines are none."""
    shape: str | None
    """The most frequent one; None without rows."""
    shapes: dict[str, int]
    splits: dict[str, int]
    """Rows by split, 0 of an empty file; files whose name says none are left out."""
    tool: int
    direct: int
    malformed: int
    unparseable_rows: int
    """Lines that are no row: torn JSON, no UTF-8, an unknown shape. Counted nowhere else."""
    code_blocks: int
    unique_code_blocks: int
    skeletons: int
    """Distinct syntax trees, names and values aside, of the blocks that are valid Python."""
    syntax_errors: int
    calls: dict[str, int]
    """Of tools that this program or a profile has, or that the row tells of; ``patterns`` count no others either."""
    patterns: dict[str, int]
    exact_duplicates: int
    duplicate_queries: int
    """Rows with a first user message, minus distinct first user messages."""
    leakage: Leakage
    contradictions: int
    """First user messages that some row answers with a call and another one without."""
    secrets: int
    """Rows that hold something of the shape of a credential."""
    secret_kinds: dict[str, int]
    """Rows by what it looks like."""
    system_prompts: int
    """Distinct ones."""
    prompt_drift: Drift
    unknown_calls: Unknown
    invented_paths: Invented
    impossible_outputs: Impossible
    tokenizer: str
    """Name of the model whose tokenizer counted."""
    tokens: Tokens
    lengths: Spread
