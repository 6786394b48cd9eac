"""What can be said of code before it runs: the tools it names, its literal paths, and warnings.

Shown beside the confirm step (DESIGN §5). A warning never blocks: the user decides.
"""

from __future__ import annotations

import ast
import builtins
import posixpath
from collections.abc import Callable, Collection

import msgspec

FILE_TOOLS = {
    "read_file": 0,
    "write_file": 0,
    "move_file": 0,
    "delete_file": 0,
    "file_info": 0,
    "list_directory": 0,
    "open": 0,
}
"""Functions whose first argument is a path."""
NEEDS_EXISTING = {"read_file", "move_file", "delete_file", "file_info", "list_directory"}


class Precheck(msgspec.Struct, frozen=True):
    tools: tuple[str, ...] = ()
    """Tools that the code calls, in order of first appearance."""
    paths: tuple[str, ...] = ()
    """Literal paths that it names."""
    warnings: tuple[str, ...] = ()


def precheck(code: str, *, tools: Collection[str], exists: Callable[[str], bool], conversation: str) -> Precheck:
    """Look at ``code`` without running it.

    Args:
        code: normalised source text.
        tools: names of the tools that the sandbox will define.
        exists: whether a workspace path is there.
        conversation: all text so far; a path that it does not contain was invented by the model.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f" on line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        reason = error.msg if isinstance(error, SyntaxError) else type(error).__name__
        return Precheck(warnings=(f"not valid Python{line}: {reason}",))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    used = tuple(dict.fromkeys(c.func.id for c in calls if isinstance(c.func, ast.Name) and c.func.id in tools))
    paths: dict[str, None] = {}
    warnings: list[str] = []
    for call in calls:
        assert isinstance(call.func, ast.Name)
        name = call.func.id
        path = _literal_path(call) if name in FILE_TOOLS else None
        if path is None:
            continue
        paths[path] = None
        if name in NEEDS_EXISTING and not exists(path):
            warnings.append(f"{path} does not exist")
        elif posixpath.basename(path.rstrip("/")) not in conversation and path not in (".", ""):
            warnings.append(f"{path} was not mentioned in the conversation")
    warnings += [f"{name} is not defined" for name in _unknown_names(tree, tools)]
    if any(isinstance(n, ast.ExceptHandler) and n.type is None for n in ast.walk(tree)):
        warnings.append("a bare `except:` hides every error")
    return Precheck(tools=used, paths=tuple(paths), warnings=tuple(dict.fromkeys(warnings)))


def _literal_path(call: ast.Call) -> str | None:
    first = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "path"), None)
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def bound_names(tree: ast.AST) -> set[str]:
    """Names that the code binds itself, anywhere: assigned, defined, imported, caught or matched."""
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            bound.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            bound.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            bound.add(node.rest)
    return bound


def _unknown_names(tree: ast.AST, tools: Collection[str]) -> list[str]:
    """Names that are read but bound nowhere in the code: neither builtin nor tool."""
    bound = bound_names(tree)
    if "*" in bound:
        return []  # anything may be bound now
    bound |= {*dir(builtins), *tools, "__name__", "__file__", "__doc__"}
    read = dict.fromkeys(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
    return [name for name in read if name not in bound]
