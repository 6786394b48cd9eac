"""What is being written outlives the program: one small file for each one that runs."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from codemode_tui import locations

_BEGUN = time.time_ns()
"""Process numbers come again, in a container at once: the time tells whose draft it is."""


class Draft(NamedTuple):
    text: str
    pastes: dict[int, str]
    """Number in ``[pasted #1: …]`` → what was pasted."""


class Drafts:
    """The drafts of one workspace. Of a program that died, or was left in mid-sentence, the next one takes it over."""

    def __init__(self, workspace: Path) -> None:
        self._name = hashlib.sha256(os.fsencode(workspace)).hexdigest()[:16]
        self._file = self._folder() / f"{self._name}-{_BEGUN}-{os.getpid()}.json"

    def keep(self, draft: Draft) -> None:
        """On disk when this returns, unless the disk refuses: a draft is never worth an error."""
        with suppress(OSError):
            if not draft.text.strip():
                self._file.unlink(missing_ok=True)
                return
            handle, scratch = tempfile.mkstemp(dir=self._folder(), prefix=".draft-")
            with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as stream:
                json.dump(draft._asdict(), stream)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(scratch, self._file)

    def left(self) -> Draft | None:
        """The newest draft that nobody is writing any more; it is this program's from now on."""
        with suppress(OSError):
            found = [
                file for file in self._folder().glob(f"{self._name}-*.json") if file != self._file and not _alive(file)
            ]
            for file in sorted(found, key=lambda one: one.stat().st_mtime, reverse=True):
                with suppress(OSError, ValueError, KeyError, AttributeError, TypeError):
                    table = json.loads(file.read_text("utf-8"))
                    draft = Draft(str(table["text"]), {int(n): str(one) for n, one in table["pastes"].items()})
                    self.keep(draft)
                    file.unlink()
                    return draft
        return None

    @staticmethod
    def _folder() -> Path:
        return locations.private_dir(locations.data_dir() / "drafts")


def _alive(file: Path) -> bool:
    number = file.stem.rpartition("-")[2]
    if not number.isdigit() or int(number) == os.getpid():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's: it is not ours that died, or we cannot know
        return True
    return True
