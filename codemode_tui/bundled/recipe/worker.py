"""Runs some stages in a process of its own: ``python -m codemode_tui.bundled.recipe.worker WORK a,b``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from codemode_tui.bundled.recipe.settings import Settings
from codemode_tui.bundled.recipe.stages import NAMES, STAGES, perform
from codemode_tui.errors import ModelError

SETTINGS = "settings.json"


def main(work: str, names: str) -> int:
    """Perform the named stages with the settings that the recipe left in the work folder."""
    folder = Path(work)
    settings = Settings(**json.loads((folder / SETTINGS).read_text("utf-8")))
    try:
        for name in names.split(","):
            perform(STAGES[NAMES.index(name)], folder, settings)
    except ModelError as error:
        print(f"error: {error.message}\nhint: {error.hint}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
