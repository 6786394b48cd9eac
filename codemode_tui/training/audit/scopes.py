"""Which calls of a block of code are of names that the code does not bind itself where it calls them."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from codemode_tui.tools.registry import NAMES

Position = tuple[int, int]
"""Line and column."""
_ALWAYS: Position = (0, 0)


class Scope:
    """The names of one module, class, function or comprehension, and from where in the code on each is bound."""

    def __init__(self, node: ast.AST, outer: Scope | None = None) -> None:
        self.outer = outer
        self._in_order = isinstance(node, ast.Module | ast.ClassDef)
        """Whether a name means something else before it is bound. In a function it is the function's own everywhere."""
        self._seen_inside = not isinstance(node, ast.ClassDef)
        self._passed_on = isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp)
        self._since: defaultdict[str, list[Position]] = defaultdict(list)

    def bind(self, name: str, since: Position) -> None:
        self._since[name].append(since if self._in_order else _ALWAYS)

    def assigns(self) -> Scope:
        """The scope that ``name := …`` binds in."""
        scope = self
        while scope._passed_on and scope.outer is not None:
            scope = scope.outer
        return scope

    def binds(self, name: str, at: Position) -> bool:
        """Whether ``name`` is the code's own for a call at ``at``."""
        tool, scope = name in NAMES, self
        if self._since.get(name) and min(self._since[name]) <= at:
            return True
        while scope.outer is not None:
            scope = scope.outer
            since = scope._since.get(name) if scope._seen_inside else None
            # What stands behind a function may be bound before it is called; a tool was something else until then.
            if since and (not tool or min(since) <= at):
                return True
        return "*" in scope._since and not tool  # of a stranger nobody knows whether it was imported


class _Visit(NamedTuple):
    node: ast.AST
    scope: Scope
    since: Position | None = None
    """From where on the names in it are bound that it binds: behind the value that is given to them."""


def calls_of_strangers(tree: ast.Module) -> set[ast.Call]:
    """The calls, by a plain name, of what is neither defined, imported nor assigned by the code itself.

    A definition or an import at the top holds for the whole code. Any other name is the code's own in its scope, and
    there from its binding on: ``file_info = file_info("a")`` calls the tool. Without recursion: code may be deep.
    """
    calls: list[tuple[ast.Call, str, Scope]] = []
    top = Scope(tree)
    waiting = [_Visit(tree, top)]
    while waiting:
        visit = waiting.pop()
        node, scope, since = visit
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            calls.append((node, node.func.id, scope))
        elif isinstance(node, ast.Global):
            for name in node.names:
                top.bind(name, _begin(node))
        for name, bound in _bound(node):
            scope.bind(name, since or bound)
        waiting += _parts(visit)
    return {call for call, name, scope in calls if not scope.binds(name, _begin(call))}


def _bound(node: ast.AST) -> Iterator[tuple[str, Position]]:
    """The names that a node itself binds, and from where on unless it is given a value."""
    match node:
        case ast.Name(ctx=ast.Store()):
            yield node.id, _begin(node)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name, _ALWAYS
        case ast.Import() | ast.ImportFrom():
            for alias in node.names:
                yield (alias.asname or alias.name).split(".")[0], _ALWAYS
        case ast.arg():
            yield node.arg, _ALWAYS
        case ast.MatchMapping(rest=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name, _begin(node)
        case ast.ExceptHandler(name=str(name)):
            yield name, _begin(node)


def _parts(visit: _Visit) -> Iterator[_Visit]:
    """The children of a node, each in its scope."""
    node, scope, since = visit
    inside: Iterable[ast.AST] = ()
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            defaults = [*node.args.defaults, *(one for one in node.args.kw_defaults if one)]
            yield from (_Visit(one, scope) for one in (*defaults, *getattr(node, "decorator_list", ())))
            arguments = (one for one in ast.walk(node.args) if isinstance(one, ast.arg))
            inside = [*arguments, *(node.body if isinstance(node.body, list) else [node.body])]
        case ast.ClassDef():
            yield from (_Visit(one, scope) for one in (*node.bases, *node.keywords, *node.decorator_list))
            inside = node.body
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            first = node.generators[0]
            yield _Visit(first.iter, scope)
            others = (child for child in ast.iter_child_nodes(node) if child is not first)
            inside = [first.target, *first.ifs, *others]
        case ast.NamedExpr():
            yield _Visit(node.value, scope)
            yield _Visit(node.target, scope.assigns(), _end(node))
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign() | ast.For() | ast.AsyncFor():
            value = node.iter if isinstance(node, ast.For | ast.AsyncFor) else node.value
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for child in ast.iter_child_nodes(node):
                yield _Visit(child, scope, _end(value) if value and child in targets else None)
        case _:
            yield from (_Visit(child, scope, since) for child in ast.iter_child_nodes(node))
    if inside:
        own = Scope(node, scope)
        yield from (_Visit(child, own) for child in inside)


def _begin(node: ast.AST) -> Position:
    return node.lineno, node.col_offset  # type: ignore[attr-defined] # it is an expression, a statement or the like


def _end(node: ast.AST) -> Position:
    return node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]
