"""The rows of finished exports: checked against their manifests, read as often as they are needed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from codemode_tui.corpus.near import normalised
from codemode_tui.corpus.rows import NEEDS_CORRECTION, RESPONSE
from codemode_tui.errors import UsageError
from codemode_tui.feedback.formats import FORMATS, check
from codemode_tui.feedback.imported import is_nod
from codemode_tui.feedback.manifest import KIND
from codemode_tui.feedback.publishing import MANIFEST

Place = Literal["train", "valid", "test", "held"]
"""``held``: of valid or of test, in a file that holds both."""
_PLACES: dict[str, Place] = {}
for _name, _shape in FORMATS.items():
    for _split, _file in _shape.files.items():
        _mixed = sum(other == _file for other in _shape.files.values()) > 1
        _PLACES[f"{_name}/{_file}"] = "held" if _mixed else _split


class Part(NamedTuple):
    """One export that is merged."""

    folder: Path
    manifest: dict[str, Any]
    sha256: str
    """Of its manifest."""


class _Manifest(msgspec.Struct):
    """What merging reads of a manifest: one that was damaged must not end it with a traceback."""

    files: dict[str, dict[str, Any]]
    max_seq_length: int | None = None
    provenance: dict[str, Any] = {}
    redaction: dict[str, int] = {}


class Answer(NamedTuple):
    """One message of a row: after which prompt, and whether it is to be learnt."""

    prompt: tuple[dict[str, str], ...]
    text: str
    good: bool

    @property
    def asked(self) -> str:
        """The prompt as prompts are told apart: without the system's, spelling aside."""
        said = (f"{one['role']}\0{normalised(one['content'])}" for one in self.prompt if one["role"] != "system")
        return "\0".join(said)


class Row(NamedTuple):
    """One row of one file, verbatim."""

    part: int
    file: str
    at: int
    """Where it begins in the file."""
    line: bytes
    table: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.table["id"])

    @property
    def place(self) -> Place | None:
        """None for what is no training data."""
        return _PLACES.get(self.file)

    @property
    def meta(self) -> dict[str, Any]:
        """Where it comes from; nothing where its format has no place for that."""
        found = json.loads(self.table.get("meta", "{}"))
        return found if isinstance(found, dict) else {}

    @property
    def answers(self) -> list[Answer]:
        return _answers(self.file.partition("/")[0], self.table)

    @property
    def questions(self) -> tuple[str, ...]:
        """The first and the last thing that a person asks in it; "go on" says nothing, as in ``imported.place``."""
        asked = [
            one["content"]
            for one in self.answers[0].prompt
            if one["role"] == "user" and not one["content"].lstrip().startswith(RESPONSE)
        ]
        last = [text for text in asked[1:][-1:] if not is_nod(text)]
        return tuple(dict.fromkeys((*asked[:1], *last)))


def read_part(folder: Path) -> Part:
    """An export whose files are what its manifest says.

    Raises:
        UsageError: it is none, or a file was changed, is torn or missing.
    """
    hint = "name folders that `codemode export` or `data merge` made; export again what was changed"
    try:
        data = (folder / MANIFEST).read_bytes()
        table = json.loads(data)
        files = msgspec.convert(table, _Manifest).files if table["kind"] == KIND else None
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        files = None
    if files is None:
        raise UsageError(f"{folder} is no export", hint=hint)
    for file, about in files.items():
        if file != NEEDS_CORRECTION and file not in _PLACES:
            raise UsageError(f"{folder}: {str(file)[:80]!r} is no file of an export that this program knows", hint=hint)
        try:
            digest = hashlib.sha256((folder / file).read_bytes()).hexdigest()
            problem = check(folder, file) if digest == about["sha256"] else "is not what the manifest says"
        except FileNotFoundError:
            problem = "is missing"
        except OSError as error:
            problem = f"cannot be read: {(error.strerror or str(error)).lower()}"
        except (LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
            problem = str(error)
        if problem:
            where = "" if problem.startswith(file) else f"{file}: "
            raise UsageError(f"{folder}: {where}{problem}", hint=hint)
    return Part(folder, table, hashlib.sha256(data).hexdigest())


def rows(parts: Sequence[Part]) -> Iterator[Row]:
    """Every row, the exports in their order, of each the files in the order of their names."""
    for number, part in enumerate(parts):
        for file in sorted(part.manifest["files"]):
            at = 0
            with (part.folder / file).open("rb") as stream:
                for line in stream:
                    yield Row(number, file, at, line, json.loads(line))
                    at += len(line)


def _answers(name: str, table: dict[str, Any]) -> list[Answer]:
    if name == "mlx-sft":
        *prompt, last = table["messages"]
        return [Answer(tuple(prompt), last["content"], True)]
    if name == "trl-kto":
        return [Answer(tuple(table["prompt"]), table["completion"][0]["content"], table["label"])]
    if name == "trl-dpo":
        prompt, texts = table["prompt"], [table[side][0]["content"] for side in ("chosen", "rejected")]
    elif name == "mlx-lm-lora-dpo":
        prompt = [{"role": "system", "content": table["system"]}, {"role": "user", "content": table["prompt"]}]
        texts = [table["chosen"], table["rejected"]]
    else:
        return []
    return [Answer(tuple(prompt), text, good) for text, good in zip(texts, (True, False), strict=True)]
