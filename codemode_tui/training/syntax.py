"""The syntax tree of code that a model wrote."""

from __future__ import annotations

import ast
import warnings


def tree_of(code: str) -> ast.Module | None:
    """The tree of ``code``; None if it is no valid Python. Never runs it, never raises, never warns."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
