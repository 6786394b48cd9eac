"""The parser of command lines: its errors are one line like all others, its help ends with an example."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from codemode_tui.errors import UsageError

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

MOST_ROWS = 1_000_000


class Parser(argparse.ArgumentParser):
    """Parsers of actions (``add_parser``) are of this class too and take an ``example`` of their own."""

    def __init__(self, *, example: str = "", **options: Any) -> None:  # noqa: ANN401 - argparse's own
        super().__init__(
            **options,
            epilog=f"example: {example}" if example else None,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        self.color = False  # else its texts hold escape sequences from 3.14 on, in JSON and in pipes too

    def print_help(self, file: SupportsWrite[str] | None = None) -> None:
        print(self.format_help(), end="", file=file)  # argparse's own hides that it could not be written

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, hint=f"see {self.prog} --help")


def whole(low: int, high: int) -> Callable[[str], int]:
    """A type of argument: an integer from ``low`` to ``high``."""

    def read(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"must be from {low:,} to {high:,}")
        return value

    return read


def number(low: float, high: float) -> Callable[[str], float]:
    """A type of argument: a number from ``low`` to ``high``; not a number is none."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"must be from {low:g} to {high:g}")
        return value

    return read


def given(text: str) -> str:
    """A name. An empty one, as a variable that is not set leaves it, is not taken for this folder."""
    if not text:
        raise argparse.ArgumentTypeError("the name is empty")
    return text


def path(text: str) -> Path:
    """A name of a file or folder, as ``given``. ``~`` is read here, while ``./~`` still is another name."""
    return Path(os.path.expanduser(given(text)))


def folder(text: str) -> Path:
    """A folder's name, as ``path``."""
    if not text:
        raise argparse.ArgumentTypeError("the name of the folder is empty")
    return path(text)


def add_model(parser: argparse.ArgumentParser) -> None:
    """Which model answers, and how it was trained."""
    parser.add_argument("--model", metavar="M", help="bundled, a folder, a repository of the local cache, openai:URL")
    parser.add_argument("--profile", metavar="P", help="how the model was trained (default: guessed)")


def add_workspace(parser: argparse.ArgumentParser) -> None:
    """Where code works."""
    parser.add_argument(
        "--workspace", type=folder, metavar="DIR", help="folder that the code may see (default: this one)"
    )


def add_conversation(parser: argparse.ArgumentParser) -> None:
    """What a front end opens."""
    again = parser.add_mutually_exclusive_group()
    again.add_argument("--continue", dest="resume", action="store_true", help="go on with the newest session here")
    again.add_argument("--session", metavar="ID", help="go on with this stored session")
    again.add_argument("--fork", metavar="ID", help="go on from a stored turn, or session, in a session of its own")
    add_model(parser)
    add_workspace(parser)
