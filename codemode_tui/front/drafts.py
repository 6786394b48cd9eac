"""What is being written outlives the program: one small file for each one that runs."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from codemode_tui import locations
from codemode_tui.store.owner import Owner, forget_the_dead, is_alive

KEEP_SECONDS = 0.3
"""How often what is being written is put on disk."""
_BEGUN = time.time_ns()
"""Process numbers come again, in a container at once: the time tells whose draft it is."""
_WRITING: dict[Path, Owner] = {}
"""The locks of this program's drafts: the kernel drops them with the process, so that a draft without one was left."""


class Draft(NamedTuple):
    text: str
    pastes: dict[int, str]
    """Number in ``[pasted #1: …]`` → what was pasted."""


NOTHING = Draft("", {})


class Drafts:
    """The drafts of one workspace. Of a program that died, or was left in mid-sentence, the next one takes it over."""

    def __init__(self, workspace: Path) -> None:
        self._name = hashlib.sha256(os.fsencode(workspace)).hexdigest()[:16]
        self._file = self._folder() / f"{self._name}-{_BEGUN}-{os.getpid()}.json"
        self._lock, self._over = threading.Lock(), False

    async def follow(self, written: Callable[[], Draft]) -> None:
        """Keep what is being written, as long as this runs."""
        kept: Draft | None = None  # one of before may be on disk
        while True:
            await asyncio.sleep(KEEP_SECONDS)
            if (draft := written()) != kept:
                kept = draft
                await asyncio.to_thread(self.keep, draft)

    def keep(self, draft: Draft, *, last: bool = False) -> None:
        """On disk when this returns, unless the disk refuses: a draft is never worth an error.

        ``last``: nothing is kept after it, not even what another thread is about to.
        """
        with self._lock:
            if not self._over:
                self._over = last
                with suppress(OSError):
                    self._write(draft)

    def _write(self, draft: Draft) -> None:
        if not draft.text.strip():
            self._file.unlink(missing_ok=True)
            if self._file in _WRITING:
                _WRITING.pop(self._file).close()
            return
        if self._file not in _WRITING:
            _WRITING[self._file] = Owner(self._folder(), self._file.stem)
        handle, scratch = tempfile.mkstemp(dir=self._folder(), prefix=".draft-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
                json.dump(draft._asdict(), stream)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(scratch, self._file)
        except BaseException:
            os.unlink(scratch)
            raise

    def left(self) -> Draft | None:
        """The newest draft that nobody is writing any more; it is this program's from now on."""
        with self._lock, suppress(OSError):
            if self._over:  # whoever asked is no longer there to show it
                return None
            folder = self._folder()
            forget_the_dead(folder)
            files = (file for file in folder.glob(f"{self._name}-*.json") if file != self._file)
            found = [file for file in files if not is_alive(folder, file.stem)]
            for file in sorted(found, key=lambda one: one.stat().st_mtime, reverse=True):
                with suppress(OSError, ValueError, KeyError, AttributeError, TypeError):
                    table = json.loads(file.read_text("utf-8"))
                    draft = Draft(str(table["text"]), {int(n): str(one) for n, one in table["pastes"].items()})
                    self._write(draft)
                    file.unlink()
                    return draft
        return None

    @staticmethod
    def _folder() -> Path:
        return locations.private_dir(locations.data_dir() / "drafts")
