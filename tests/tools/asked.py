"""Somebody who is asked about changes, and what a folder holds."""

import stat
from pathlib import Path


class Asked:
    """A person who answers ``answer`` and remembers what was shown."""

    def __init__(self, answer=True, meanwhile=lambda: None):
        self.requests = []
        self._answer = answer
        self._meanwhile = meanwhile

    async def __call__(self, request):
        self.requests.append(request)
        self._meanwhile()
        return self._answer


def snapshot(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {
        str(p.relative_to(folder)): (p.read_bytes(), stat.S_IMODE(p.stat().st_mode))
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }
