"""Rules of the house that no linter knows. Run as a program; prints what is broken and exits 1."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LIMIT = 400
ROOT = Path(__file__).resolve().parent.parent
TOP_LEVEL = {"codemode_tui", "tests", "themes", "pyproject.toml", "README.md", "LICENSE"}


def main() -> int:
    broken = [*too_long(), *strangers()]
    print("\n".join(broken) or "house rules: kept")
    return 1 if broken else 0


def too_long() -> list[str]:
    """No file over 400 lines: which second noun lives in it?"""
    return [
        f"{path.relative_to(ROOT)}: {lines} lines, the limit is {LIMIT}"
        for path in sorted((ROOT / "codemode_tui").rglob("*.py"))
        if (lines := len(path.read_text("utf-8").splitlines())) > LIMIT
    ]


def strangers() -> list[str]:
    """The top level holds six names and dotfiles, nothing else."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    names = {line.split("/")[0] for line in listed.stdout.splitlines()}
    return [
        f"{name}: does not belong at the top level" for name in sorted(names - TOP_LEVEL) if not name.startswith(".")
    ]


if __name__ == "__main__":
    sys.exit(main())
