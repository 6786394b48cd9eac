"""Our rules against git's own verdict."""

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from codemode_tui.tools.gitignore import parse
from codemode_tui.tools.globbing import Glob
from codemode_tui.tools.paths import Workspace
from codemode_tui.tools.tree import Walker

_PATHS = [
    "a",
    "b.txt",
    "c.log",
    "foo/a",
    "foo/b.txt",
    "foo/bar/a",
    "foo/bar/c.log",
    "foo/bar/baz/a",
    "bar/a",
    "bar/foo/b.txt",
    "sp ace",
    "#hash",
    "!bang",
    "x[1]",
    "foo/x1",
    "bar/baz/foo",
    "a1/a2/a3/a4",
    "back\\slash",
    "star*",
    "é",
    "foo/é.log",
]
_PIECES = [
    "*",
    "**",
    "?",
    "a",
    "b.txt",
    "*.log",
    "foo",
    "bar",
    "baz",
    "[a-c]*",
    "[!a]",
    "x[[]1]",
    "f?o",
    "*a*",
    "[[:alpha:]]",
]
_FIXED = [
    "# comment\n\n \n",
    "foo**/a\n",
    "?\n",
    "??\n",
    "[^a].log\n",
    "foo/*é*\n",
    "\\#hash\n",
    "\\!bang\n",
    "sp ace  \n",
    "sp\\ ace\n",
    "foo/\n!foo/a\n",
    "*\n!*/\n!*.txt\n",
    "/a\n",
    "foo/**\n!foo/bar/\n!foo/bar/a\n",
    "**/a\n",
    "foo/**/a\n",
    "a/\n",
    "*.txt\r\n",
    "**\n!a\n",
    "/\n",
    "!\n",
    "[\n",
    "[]a]\n",
    "x\\[1\\]\n",
    "back\\\\slash\n",
    "star\\*\n",
    "foo/*/a\n",
    "b**.txt\n",
    "/**/a\n",
    "foo/bar/\n",
    "tail\\\n",
]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is the oracle")
def test_every_verdict_is_gits(tmp_path: Path):
    for path in _PATHS:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    subprocess.run(["git", "init", "-q", tmp_path], check=True, env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)})
    dice = random.Random(4711)
    for round_ in range(60 + len(_FIXED)):
        top = _FIXED[round_] if round_ < len(_FIXED) else _some_rules(dice)
        nested = _some_rules(dice) if round_ % 2 else ""
        (tmp_path / ".gitignore").write_text(top)
        (tmp_path / "foo" / ".gitignore").write_text(nested)
        ours = {p for p in Walker(Workspace(tmp_path), 10_000).files(".", Glob("**"))}
        assert ours == _gits(tmp_path), (top, nested)


def _some_rules(dice: random.Random) -> str:
    lines = []
    for _ in range(dice.randint(1, 4)):
        body = "/".join(dice.choice(_PIECES) for _ in range(dice.randint(1, 3)))
        lines.append(dice.choice(["", "", "!"]) + dice.choice(["", "", "/"]) + body + dice.choice(["", "", "/"]))
    return "\n".join(lines) + "\n"


def _gits(root: Path) -> set[str]:
    command = ["git", "-c", "core.excludesFile=/dev/null", "ls-files", "-z", "--others", "--exclude-standard"]
    run = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    return {p for p in run.stdout.split("\0") if p and not p.rpartition("/")[2].startswith(".")}


@pytest.mark.parametrize("line", ["[", "a[", "[[:nope:]]", "\\", "[z-a]", "[a", "!", "/", "//", "!/"])
def test_a_broken_rule_breaks_nothing(line):
    parse(line)
