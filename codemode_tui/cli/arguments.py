"""The parser of command lines: its errors are one line like all others, its help ends with an example."""

from __future__ import annotations

import argparse
from collections.abc import Callable
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
