"""The weight files of a model folder: each whole, all that the index names, hashed once."""

from __future__ import annotations

import hashlib
import json
import math
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from codemode_tui import locations
from codemode_tui.engine.jsonfile import read_json
from codemode_tui.errors import ModelError

INDEX = "model.safetensors.index.json"
BLOCK = 1 << 22
LONGEST_HEADER = 100_000_000
DIGITS = 64
"""Of a SHA-256 in hexadecimal; a note with fewer was cut off."""
BITS = {
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "U16": 16, "I16": 16, "F16": 16, "BF16": 16,
    "U32": 32, "I32": 32, "F32": 32, "U64": 64, "I64": 64, "F64": 64, "C64": 64,
}  # fmt: skip
_DIGEST = re.compile(r"[0-9a-f]{64}")


class DamagedError(ModelError):
    """A file is not what the hub has."""

    def __init__(self, file: Path, found: str, expected: str) -> None:
        message = f"{file} is damaged: its sha256 is {found[:12]}…, the hub's {expected[:12]}…"
        super().__init__(message, hint=f"delete {file.resolve()} and pull the model again")
        self.file = file


class Tensor(NamedTuple):
    """What a safetensors header says of one array."""

    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int

    @property
    def bytes(self) -> int:
        return self.end - self.begin


def check_shards(folder: Path) -> list[Path]:
    """All weight files of a folder, each whole, together what the index names.

    Raises:
        ModelError: no weights; a shard that is missing, was cut off, or is not in the index; a tensor that is
            not where the index says.
    """
    shards = sorted(folder.glob("model*.safetensors"))
    index: dict[str, str] = {}
    if (folder / INDEX).is_file():
        index = read_json(folder, INDEX).get("weight_map") or {}
        if not index or not _is_map(index):
            raise ModelError(f"{folder / INDEX} has no weight_map", hint="download it again")
    named = {folder / name for name in index.values()}
    if missing := sorted(named - set(shards)):
        few = f"{missing[0]} is missing" + (f", with {len(missing) - 1} others" if len(missing) > 1 else "")
        raise ModelError(f"{few}, but the index names it", hint="download that shard again")
    if not shards:
        raise ModelError(f"{folder} holds no weights (model*.safetensors)", hint="this is no mlx model folder")
    if named and (strange := [shard for shard in shards if shard not in named]):
        raise ModelError(
            f"{strange[0]} is not in the index of its model, and would be loaded with it",
            hint="move it away, or download the whole model again",
        )
    found = {shard.name: check_shard(shard) for shard in shards}
    for tensor, name in index.items():
        if tensor not in found[name]:
            raise ModelError(
                f"{folder / name} has no {tensor}, which the index says is in it",
                hint="download index and shards again",
            )
    return shards


def check_shard(shard: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file that is whole.

    Raises:
        ModelError: it was cut off, or is no such file.
    """
    try:
        tensors, start = _header(shard)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelError(f"{shard} was cut off inside its header, or is damaged", hint="download it again") from error
    expected = start + max((one.end for one in tensors.values()), default=0)
    if (actual := shard.stat().st_size) != expected:
        raise ModelError(
            f"{shard} has {actual:,} bytes instead of {expected:,}",
            hint="it was cut off: download it again" if actual < expected else "download it again",
        )
    for name, one in tensors.items():
        if (bits := BITS.get(one.dtype)) and math.prod(one.shape) * bits != one.bytes * 8:
            raise ModelError(f"{shard} is damaged: {name} is not as long as its shape", hint="download it again")
    return tensors


def odd_sizes(folder: Path, shards: list[Path]) -> list[str]:
    """What the index of whole shards says wrongly, though nothing needs it."""
    said = read_json(folder, INDEX).get("metadata") if (folder / INDEX).is_file() else None
    total = said.get("total_size") if isinstance(said, dict) else None
    found = sum(one.bytes for shard in shards for one in check_shard(shard).values())
    if not isinstance(total, int) or total == found:
        return []
    return [f"{folder / INDEX} says {total:,} bytes of weights, and there are {found:,}"]


def weights_hash(shards: list[Path], *, fresh: bool = False, stopped: Callable[[], bool] = lambda: False) -> str:
    """SHA-256 over all weight files, in order of their names; computed once and remembered.

    ``fresh`` computes it again, and holds files of the Hugging Face cache to the hash that the hub has of them.

    Raises:
        InterruptedError: ``stopped`` said so.
        DamagedError: a file is not what the hub has.
    """
    key = [[str(s), s.stat().st_size, s.stat().st_mtime_ns] for s in shards]
    note = _notes() / f"{hashlib.sha256(json.dumps(key).encode()).hexdigest()}.txt"
    if not fresh and (known := _noted(note)):
        return known[0]
    whole = hashlib.sha256()
    for shard in shards:
        expected = hub_digest(shard) if fresh else None
        own = hashlib.sha256()
        with shard.open("rb") as stream:
            while block := stream.read(BLOCK):
                if stopped():
                    raise InterruptedError(f"hashing {shard} was stopped")
                whole.update(block)
                if expected:
                    own.update(block)
        if expected and own.hexdigest() != expected:
            raise DamagedError(shard, own.hexdigest(), expected)
    try:
        locations.private_dir(note.parent)
        note.write_text(f"{whole.hexdigest()}\n{shards[0].parent}\n", "utf-8", "replace")
    except OSError:
        pass  # a cache that cannot be written only costs time
    return whole.hexdigest()


def hub_digest(shard: Path) -> str | None:
    """The SHA-256 that the hub has of a file of its cache: the name of the blob that the file is a link to."""
    blob = shard.resolve()
    return blob.name if blob.parent.name == "blobs" and _DIGEST.fullmatch(blob.name) else None


def hashed_folders() -> Iterator[Path]:
    """The folders of all models that were once hashed here, which means: used."""
    for note in sorted(_notes().glob("*.txt")):
        if (known := _noted(note)) and known[1]:
            yield Path(known[1])


def _noted(note: Path) -> tuple[str, str] | None:
    """Hash and folder of a note; None if there is none or it was cut off."""
    try:
        digest, _, folder = note.read_text("utf-8", "replace").partition("\n")
    except OSError:
        return None
    return (digest, folder.strip()) if len(digest) == DIGITS else None


def _notes() -> Path:
    return locations.cache_dir() / "weights"


def _header(shard: Path) -> tuple[dict[str, Tensor], int]:
    """The tensors by name, and the byte that their offsets count from."""
    with shard.open("rb") as stream:
        head = stream.read(8)
        length = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
        if not 2 <= length <= LONGEST_HEADER:
            raise ModelError(f"{shard} is no safetensors file", hint="download it again")
        table = json.loads(stream.read(length))
    return {name: _tensor(entry) for name, entry in table.items() if name != "__metadata__"}, 8 + length


def _tensor(entry: dict[str, Any]) -> Tensor:
    begin, end = map(int, entry["data_offsets"])
    return Tensor(str(entry["dtype"]), tuple(map(int, entry["shape"])), begin, end)


def _is_map(value: Any) -> bool:  # noqa: ANN401 - a JSON value
    return isinstance(value, dict) and all(isinstance(name, str) for name in value.values())
