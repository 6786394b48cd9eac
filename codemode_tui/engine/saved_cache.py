"""Write a KV cache to its file and read it back. A saved cache is whole, or it is not there."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import threading
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx_lm.models.cache import load_prompt_cache, save_prompt_cache

from codemode_tui import locations
from codemode_tui.engine import kv_files

FORMAT = "1"
SPARE_DISK = 1 << 29
"""Bytes that stay free: a cache must not be what fills the disk."""


class SavedCaches:
    """The saved caches of one loaded model, within a bound. No method raises: a cache only saves time."""

    def __init__(self, limit: int, variant: str) -> None:
        """
        Args:
            limit: bytes on disk for all of them together, those that are there already, too; 0 keeps none.
            variant: what else than weights and profile the numbers depend on (KV bits, number format, versions).
        """
        self._limit = limit
        self._variant = variant
        self._settling: threading.Thread | None = None
        with contextlib.suppress(OSError):
            kv_files.keep_within(limit)  # at once: with a full disk, or a limit of 0, nothing more is ever saved

    def size_of(self, conversation: str, key: str) -> int:
        """Bytes that ``load`` would bring into memory."""
        try:
            return kv_files.file_of(conversation).stat().st_size if self._header(conversation, key) else 0
        except OSError:
            return 0

    def load(self, conversation: str, key: str, fresh: list[Any]) -> tuple[list[Any], list[int]] | None:
        """The cache of a conversation and the tokens in it; None where there is none of this model.

        Args:
            key: what it must belong to (``kv_files.key_of``).
            fresh: an empty cache of the model, which says what it must look like.
        """
        header = self._header(conversation, key)
        if not header:
            return None
        file = kv_files.file_of(conversation)
        try:
            tokens: list[int] = json.loads(header["tokens"])
            kv = load_prompt_cache(str(file))
            mx.eval([layer.state for layer in kv])
            fits = len(kv) == len(fresh) and all(
                type(one) is type(like) and getattr(one, "offset", len(tokens)) == len(tokens)
                for one, like in zip(kv, fresh, strict=True)
            )
            if not fits or not tokens:
                raise ValueError("not what it says it is")
            os.utime(file)  # the bound drops what was used longest ago
        except Exception:
            with contextlib.suppress(OSError):
                file.unlink(missing_ok=True)
            return None
        return kv, tokens

    def save(self, conversation: str, key: str, kv: list[Any], tokens: list[int], used: float) -> None:
        """Save a cache in place of an older one, which stays when that cannot be.

        The bytes are written here and forced to disk in a thread, which then puts the file in its place, unless the
        conversation was deleted since it was ``used`` (seconds since the epoch).
        """
        size = sum(int(getattr(layer, "nbytes", 0)) for layer in kv)
        if not self._limit or not key or size > self._limit:
            return
        self.settle()
        scratch = kv_files.scratch_of(conversation)
        try:
            locations.private_dir(scratch.parent)
            if shutil.disk_usage(scratch.parent).free < size + SPARE_DISK:
                return
            # A conversation can be read out of its cache: for its owner only, from the first byte.
            os.close(os.open(scratch, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW, 0o600))
            save_prompt_cache(str(scratch), kv, {"key": self._key(key), "tokens": json.dumps(tokens)})
        except Exception:
            _remove(scratch)
            return
        self._settling = threading.Thread(target=_settle, args=(scratch, conversation, used, self._limit), daemon=True)
        self._settling.start()

    def settle(self) -> None:
        """Wait until the last save is on disk."""
        if self._settling is not None:
            self._settling.join()
            self._settling = None

    def _header(self, conversation: str, key: str) -> dict[str, str]:
        """What its file says of itself; empty if there is none, or one of another model: the next save replaces it."""
        if not self._limit or not key:
            return {}
        self.settle()
        header = kv_files.header_of(kv_files.file_of(conversation))
        return header if header.get("key") == self._key(key) else {}

    def _key(self, key: str) -> str:
        return f"{FORMAT} {key} {self._variant}"


def _settle(scratch: Path, conversation: str, used: float, limit: int) -> None:
    """Force a file to disk and put it in its place. Without that a power cut could leave one of zeros."""
    file = kv_files.file_of(conversation)
    try:
        with scratch.open("rb+") as stream:
            os.fsync(stream.fileno())
        scratch.replace(file)
        if kv_files.forgotten_since(conversation, used):  # while it was being written
            _remove(file)
        kv_files.keep_within(limit, file)
    except OSError:
        _remove(scratch)


def _remove(file: Path) -> None:
    with contextlib.suppress(OSError):
        file.unlink(missing_ok=True)
