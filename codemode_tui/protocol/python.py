"""Python that a model wrote: read, never run."""

from __future__ import annotations

import ast
import warnings

UNREADABLE = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
"""What reading code may raise that is no valid Python, or more of it than Python reads."""


def parsed_code(code: str) -> ast.Module:
    """The tree of ``code``. Raises one of ``UNREADABLE``; never warns: it would be written over the screen."""
    with warnings.catch_warnings(action="ignore"):
        return ast.parse(code)


def tree_of(code: str) -> ast.Module | None:
    """The tree of ``code``; None if it is no valid Python."""
    try:
        return parsed_code(code)
    except UNREADABLE:
        return None
