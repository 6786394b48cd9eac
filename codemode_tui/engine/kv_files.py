"""The files of saved KV caches, one a conversation: where they are, what one says of itself, which ones go.

A cache only saves time. Whatever is wrong with its file, the prompt is read again, and nobody hears of it.
Knows no mlx, so that a session can be deleted without it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import struct
import time
from pathlib import Path

from codemode_tui import locations
from codemode_tui.engine.api import ModelInfo

SUFFIX = ".safetensors"
"""mlx appends it to any other name."""
GONE = ".gone"
MAX_HEADER = 100_000_000
FORGOTTEN_SECONDS = 86_400.0
"""How long it is remembered that a conversation was deleted: an engine may still hold it in memory."""
SCRATCH_SECONDS = 3_600.0
_SAFE = re.compile(r"[A-Za-z0-9_-]{1,80}")


def folder() -> Path:
    return locations.cache_dir() / "kv"


def file_of(conversation: str) -> Path:
    return folder() / f"{_name(conversation)}{SUFFIX}"


def scratch_of(conversation: str) -> Path:
    """Where this process writes before the file is whole."""
    return folder() / f".{_name(conversation)}.{os.getpid()}{SUFFIX}"


def key_of(info: ModelInfo | None, profile_sha256: str) -> str:
    """What a cache belongs to: weights with their adapter, tokenizer, template and profile. Empty if unknown."""
    if info is None or info.engine != "mlx" or not info.weights_sha256:
        return ""
    parts = (info.weights_sha256, info.tokenizer_sha256, info.template_sha256, profile_sha256)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def forget(conversation: str) -> None:
    """Delete what is saved of a conversation, and keep an engine that has it in memory from saving it again."""
    home = folder()
    with contextlib.suppress(OSError):
        locations.private_dir(home)  # also where nothing was saved yet: an engine may be about to
        (home / f"{_name(conversation)}{GONE}").touch(mode=0o600)
    for file in (file_of(conversation), *home.glob(f".{_name(conversation)}.*{SUFFIX}")):
        with contextlib.suppress(OSError):
            file.unlink()


def forgotten_since(conversation: str, moment: float) -> bool:
    """Whether ``forget`` was called after ``moment`` (seconds since the epoch)."""
    try:
        return (folder() / f"{_name(conversation)}{GONE}").stat().st_mtime >= moment
    except OSError:
        return False


def header_of(file: Path) -> dict[str, str]:
    """The ``metadata`` that a cache was saved with; empty when the file is not whole.

    mlx would find out too, but only while it reads all of it.
    """
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if not 2 <= length <= MAX_HEADER:
                return {}
            header = json.loads(stream.read(length))
            size = os.fstat(stream.fileno()).st_size
        metadata = header.pop("__metadata__")
        ends = [entry["data_offsets"][1] for entry in header.values()]
        if 8 + length + max(ends) != size:
            return {}
        # ``save_prompt_cache`` flattens a list whose first item is the metadata of its caller.
        return {key[2:]: value for key, value in metadata.items() if key.startswith("0.")}
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError, struct.error):
        return {}


def sweep() -> list[tuple[Path, os.stat_result]]:
    """Delete what a crash left: a conversation can be read out of a part of its cache, too. Returns the caches."""
    now, found = time.time(), []
    for file in folder().iterdir() if folder().is_dir() else ():
        with contextlib.suppress(OSError):
            state = file.stat()
            if file.suffix == GONE:
                stale = now - state.st_mtime > FORGOTTEN_SECONDS
            elif file.name.startswith("."):
                stale = not _writer_lives(file.name) or now - state.st_mtime > SCRATCH_SECONDS
            else:
                stale = False
                found.append((file, state))
            if stale:
                file.unlink()
    return found


def keep_within(limit: int, newest: Path | None = None) -> None:
    """Delete the caches that were used longest ago until all take at most ``limit`` bytes, and what a crash left.

    Args:
        newest: stays, whatever its time says; None where nothing was saved just now.
    """
    files = [(float("inf") if file == newest else state.st_mtime, state.st_size, file) for file, state in sweep()]
    total = sum(size for _, size, _ in files)
    for _, size, file in sorted(files):
        if total <= limit:
            return
        with contextlib.suppress(OSError):
            file.unlink()
        total -= size


def _name(conversation: str) -> str:
    """A file name for any conversation; the ids of sessions stay readable."""
    if _SAFE.fullmatch(conversation):
        return conversation
    return "x" + hashlib.sha256(conversation.encode("utf-8", "surrogatepass")).hexdigest()


def _writer_lives(scratch: str) -> bool:
    pid = scratch.removesuffix(SUFFIX).rpartition(".")[2]
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
