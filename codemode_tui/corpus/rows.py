"""Rows of training data, whatever their shape: files, splits, and the conversation in each row."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from codemode_tui.errors import UsageError

Shape = Literal["chat", "text", "completions", "tools"]
Split = Literal["train", "valid", "test"]
Role = Literal["system", "user", "assistant", "tool", "other"]

BOM = b"\xef\xbb\xbf"
LONGEST = 1 << 26
"""Bytes of a line that may be a row."""
RESPONSE = "<tool_response>"
"""Begins a user turn that is the output of a run, not a question (phase22 §1.1)."""

_SPLITS: dict[str, Split] = {
    "train": "train",
    "valid": "valid",
    "validation": "valid",
    "val": "valid",
    "dev": "valid",
    "test": "test",
}
_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "assistant": "assistant",
    "tool": "tool",
    "function": "tool",
}
_OPENING = rf"<\|im_start\|>({'|'.join(_ROLES)})[ \t]*\r?\n"
# A turn that was cut off ends where the next one begins, or with the text.
_END = "<|im_end|>"
_TURN = re.compile(rf"{_OPENING}(.*?)(?:{re.escape(_END)}|(?={_OPENING})|\Z)", re.DOTALL)


class Turn(NamedTuple):
    """One message of a row; an assistant's is its raw text."""

    role: Role
    content: str


class Row(NamedTuple):
    """One row that could be read."""

    line: bytes
    """Its bytes, without the end of the line. Rows are told apart by them."""
    table: dict[str, Any]
    shape: Shape
    turns: tuple[Turn, ...]
    split: Split | None

    @property
    def query(self) -> str | None:
        """The first user message, verbatim; None if there is none."""
        return next((turn.content for turn in self.turns if turn.role == "user"), None)

    @property
    def system(self) -> str | None:
        return next((turn.content for turn in self.turns if turn.role == "system"), None)


EXPORTED = "mlx-sft"
"""Folder of an export that holds what is trained on."""
TARGETED = "targeted"
"""The imported set that ``data generate`` makes: nobody stands for it, but for what it says itself of each row."""
NEEDS_CORRECTION = "needs_correction.jsonl"
"""File of an export that names what is still to be corrected: never training data."""


def find_files(paths: Iterable[str | Path]) -> list[Path]:
    """The files that are meant: each once, in the order given; of a folder, what ``files_of`` says.

    A file that two names lead to stands once for each split that they say: its rows are in both.

    Raises:
        UsageError: a path does not exist or is empty, or a folder holds no such file.
    """
    found: dict[tuple[Path, Split | None], Path] = {}
    for name in paths:
        path = Path(name)
        if name == "":  # as a variable that is not set leaves it; a Path takes it for the current folder
            raise UsageError("the name of a file is empty", hint="name a .jsonl file, or a folder that holds some")
        if path.is_dir():
            files = files_of(path)
            if not files and (path / NEEDS_CORRECTION).is_file():
                raise UsageError(
                    f"{path} is an export without {EXPORTED} rows: {NEEDS_CORRECTION} teaches nothing",
                    hint="correct some of its turns, and export again",
                )
            if not files:
                raise UsageError(f"{path} holds no .jsonl file", hint="name a file, or a folder with train.jsonl")
        elif path.exists():
            files = [path]
        else:
            raise UsageError(f"{path} does not exist", hint="name a .jsonl file, or a folder that holds some")
        for file in files:
            found.setdefault((file.resolve(), split_of(file)), file)
    told = {real for real, split in found if split is not None}
    return [file for (real, split), file in found.items() if split is not None or real not in told]


def files_of(folder: Path) -> list[Path]:
    """The ``*.jsonl`` of a folder by name; of an export, what training reads. Hidden ones are no rows of anybody's:
    ``._train.jsonl`` is what macOS leaves beside a copy."""
    inside = folder / EXPORTED if (folder / EXPORTED).is_dir() else folder
    return sorted(
        file
        for file in inside.glob("*.jsonl")
        if file.is_file() and not file.name.startswith(".") and file.name != NEEDS_CORRECTION
    )


def split_of(file: Path) -> Split | None:
    """The split that a file's name says: ``train.jsonl``, ``valid-00001.jsonl``, ``test_pairs.jsonl``."""
    return _SPLITS.get(re.split(r"[^a-z]", file.stem.lower(), maxsplit=1)[0])


def read_rows(files: Iterable[Path]) -> Iterator[Row | None]:
    """Every row of ``files`` in order; None for a line that is no row. Blank lines do not count.

    Raises:
        UsageError: a file cannot be read.
    """
    for file in files:
        split = split_of(file)
        for _, line in read_lines(file):
            yield read_row(line, split)


def read_lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a file without their ends, and their numbers from 1; blank ones and a byte order mark left out.

    Raises:
        UsageError: the file cannot be read, or has a line longer than ``LONGEST``.
    """
    try:
        with file.open("rb") as stream:
            for number, raw in enumerate(iter(lambda: stream.readline(LONGEST + 1), b""), 1):
                if len(raw) > LONGEST:  # a device, say: it has no end
                    what = f"{file}: line {number} is longer than {LONGEST >> 20} MB"
                    raise UsageError(what, hint="that is no file of rows; leave it out")
                line = (raw.removeprefix(BOM) if number == 1 else raw).rstrip(b"\r\n")
                if line.strip():
                    yield number, line
    except OSError as error:  # of reading, the system's own error names no file
        reason = (error.strerror or str(error)).lower()
        raise UsageError(f"{file} cannot be read: {reason}", hint="check the file and its permissions") from error


def read_row(line: bytes, split: Split | None = None) -> Row | None:
    """One line of JSON as a row; None when it is torn, no UTF-8, or of no known shape."""
    try:
        table = json.loads(line.decode("utf-8"))
        if not isinstance(table, dict):
            return None
        shape, turns = _conversation(table)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return None
    return Row(line, table, shape, tuple(turns), split)


def is_rejected(row: Row) -> bool:
    """Whether a row shows what not to say (TRL's ``label`` false, as a number or word, too): who learns from it must
    know."""
    return row.table.get("label") in (False, "false")


def is_unclear(row: Row) -> bool:
    """Whether a row's ``label`` says neither that its answer is good nor that it is bad."""
    return row.table.get("label", True) not in (True, False, "false")


def unfinished(row: Row) -> list[int]:
    """Which turns of a text of literal ChatML have no end: they were cut off."""
    text = row.table["text"] if row.shape == "text" else ""
    return [at for at, match in enumerate(_written(text)) if not match[0].endswith(_END)]


def supervised(row: Row) -> list[int]:
    """Which turns of a row are there to be learnt.

    A row of an export is there for its last message: those before it are what was said, right or wrong; and so is a
    prompt, beside its completion. Of any other row every message of the assistant counts, but for those that say
    otherwise (``train`` false, ``weight`` 0).
    """
    turns = row.turns
    said = [at for at, turn in enumerate(turns) if turn.role == "assistant"]
    if isinstance(row.table.get("meta"), str) and str(row.table.get("id", "")).startswith("sha256:"):
        return said[-1:] if said and said[-1] == len(turns) - 1 else []
    if row.shape == "completions":
        begins = len(turns) - len(_side(row.table["completion"], "assistant"))
        return [at for at in said if at >= begins]
    messages = row.table.get("messages")
    if isinstance(messages, list) and len(messages) == len(turns):
        return [
            at for at in said if messages[at].get("train", True) is not False and messages[at].get("weight", 1) != 0
        ]
    return said


def strings(value: object) -> Iterator[str]:
    """Every string inside a JSON value, keys included."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            yield found
        elif isinstance(found, list):
            waiting += found
        elif isinstance(found, dict):
            waiting += [*found.keys(), *found.values()]


def _conversation(table: dict[str, Any]) -> tuple[Shape, list[Turn]]:
    """Shape and turns of a row. Keys are looked for in the order of mlx-lm's own loader.

    Raises:
        TypeError: it is of no known shape.
    """
    if "prompt" in table and "completion" in table:
        return "completions", [*_side(table["prompt"], "user"), *_side(table["completion"], "assistant")]
    if "messages" in table:
        messages = _objects(table["messages"])
        called = any(message.get("tool_calls") for message in messages)
        return "tools" if called or table.get("tools") else "chat", _turns(messages)
    if isinstance(table.get("text"), str):
        return "text", _chatml(table["text"]) or [Turn("assistant", table["text"])]
    raise TypeError("no known shape")


def _side(value: object, role: Role) -> Sequence[Turn]:
    """Prompt or completion: messages, a rendered prompt, or plain text."""
    if isinstance(value, str):
        return (role == "user" and _chatml(value)) or [Turn(role, value)]
    return _turns(_objects(value))


def _chatml(text: str) -> list[Turn]:
    """The turns of literal ChatML."""
    return [Turn(_role(match[1], match[2]), match[2]) for match in _written(text)]


def _written(text: str) -> Iterator[re.Match[str]]:
    """Where its turns stand; an opening with nothing behind it is the assistant's cue, no turn."""
    return (match for match in _TURN.finditer(text) if match[2] or match.end() < len(text))


def _turns(messages: list[dict[str, Any]]) -> list[Turn]:
    turns = []
    for message in messages:
        content = _content(message.get("content"))
        calls = "\n".join(map(_call, _objects(message.get("tool_calls") or [])))
        turns.append(Turn(_role(message.get("role"), content), "\n".join(filter(None, (content, calls)))))
    return turns


def _role(name: object, content: str) -> Role:
    if not isinstance(name, str):
        raise TypeError("a message without a role")
    role = _ROLES.get(name, "other")
    return "tool" if role == "user" and content.lstrip().startswith(RESPONSE) else role


def _content(value: object) -> str:
    """Text of a message: a string, nothing, or parts of which only the texts count."""
    if value is None or isinstance(value, str):
        return value or ""
    return "".join(part["text"] for part in _objects(value) if isinstance(part.get("text"), str))


def _call(call: dict[str, Any]) -> str:
    """A call that is data, in the text that a chat template makes of it; one that is broken as it stands, in JSON,
    which is ``malformed`` to whoever parses it."""
    function = call.get("function", call)
    try:
        arguments = function["arguments"]
        if isinstance(arguments, str):
            arguments = json.loads(arguments or "{}")
        parameters = "".join(
            f"<parameter={key}>\n{value if isinstance(value, str) else json.dumps(value)}\n</parameter>\n"
            for key, value in arguments.items()
        )
        return f"<tool_call>\n<function={function['name']}>\n{parameters}</function>\n</tool_call>"
    except (ValueError, TypeError, LookupError, AttributeError):
        return f"<tool_call>\n{json.dumps(call, ensure_ascii=False)}\n</tool_call>"


def _objects(value: object) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise TypeError("expected a list of objects")
    return value
