"""What one block of code is made of, by its syntax tree: patterns, tool calls, skeleton."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Container, Iterator
from typing import NamedTuple

from codemode_tui.protocol.python import tree_of
from codemode_tui.training.audit.scopes import calls_of_strangers

PATTERNS = (
    "for", "while", "if", "try", "bare_except", "with", "function", "class", "comprehension", "nested_loop",
    "recursion", "import", "multi_tool", "multi_file", "aggregation",
)  # fmt: skip

_NODES: dict[type[ast.AST], str] = {
    ast.For: "for",
    ast.AsyncFor: "for",
    ast.While: "while",
    ast.If: "if",
    ast.Try: "try",
    ast.TryStar: "try",
    ast.With: "with",
    ast.AsyncWith: "with",
    ast.FunctionDef: "function",
    ast.AsyncFunctionDef: "function",
    ast.ClassDef: "class",
    ast.ListComp: "comprehension",
    ast.SetComp: "comprehension",
    ast.DictComp: "comprehension",
    ast.GeneratorExp: "comprehension",
    ast.Import: "import",
    ast.ImportFrom: "import",
}
_BUILTINS = frozenset(dir(builtins))
_FOLDS = frozenset(("sum", "fsum", "min", "max", "any", "all", "Counter", "reduce", "mean", "fmean", "median"))
"""Functions that make one value of many."""


class Facts(NamedTuple):
    """One block of code that is valid Python."""

    patterns: Counter[str]
    """Nodes by pattern; ``multi_tool`` and ``multi_file`` are of the whole block, 0 or 1.

    ``nested_loop``: loops inside a loop. ``recursion``: functions that call themselves.
    ``aggregation``: calls that make one value of many, and ``total += …`` inside a loop.
    """
    calls: Counter[str]
    """Calls by name of tool: of global functions that neither Python nor the code itself defines."""
    looped: frozenset[str]
    """Those of them that are called inside a loop."""
    skeleton: str
    """The tree without names and values: equal for blocks that differ in those alone."""

    def among(self, tools: Container[str]) -> Facts:
        """The same where these functions alone are tools, and calls of others are no calls of tools."""
        calls = Counter({name: n for name, n in self.calls.items() if name in tools})
        several = {"multi_tool": int(calls.total() >= 2), "multi_file": int(not self.looped.isdisjoint(calls))}
        return self._replace(calls=calls, patterns=Counter({**self.patterns, **several}))


class Place(NamedTuple):
    """How a node is met."""

    node: ast.AST
    nested: bool
    """In the body of a ``for`` or ``while`` of the same function."""
    repeated: bool
    """Evaluated once for each of many: nested, or in a comprehension."""
    of_class: bool = False
    """In the body of a class, outside its methods: what is defined here is no plain name to anybody."""


def look_at(code: str) -> Facts | None:
    """Take ``code`` apart; None if it is no valid Python. Never runs it, never raises."""
    tree = tree_of(code)
    if tree is None:
        return None
    strangers = calls_of_strangers(tree)
    patterns: Counter[str] = Counter()
    calls: Counter[str] = Counter()
    looped: set[str] = set()
    for place in places(tree):
        patterns.update(_seen(place))
        if place.node in strangers and (tool := _called(place.node)) not in _BUILTINS:
            calls[tool] += 1
            looped.update([tool] if place.repeated else [])
    return Facts(patterns, calls, frozenset(looped), skeleton(tree)).among(calls)


def places(tree: ast.AST) -> Iterator[Place]:
    """Every node of a tree, and what repeats it. Without recursion: generated code may be deep."""
    waiting = [Place(tree, False, False)]
    while waiting:
        place = waiting.pop()
        yield place
        waiting += _parts(place)


def skeleton(tree: ast.AST) -> str:
    """Types of the nodes in order, with the number of children in each field: enough to tell trees apart."""
    found: list[str] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        found.append(type(node).__name__)
        for _, value in ast.iter_fields(node):
            children = [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, ast.AST)]
            children = [child for child in children if not isinstance(child, ast.expr_context)]
            found.append(str(len(children)))
            waiting += reversed(children)
    return " ".join(found)


def _seen(place: Place) -> Iterator[str]:
    """The patterns that one node is."""
    node = place.node
    if type(node) in _NODES:
        yield _NODES[type(node)]
    if isinstance(node, ast.For | ast.AsyncFor | ast.While) and place.nested:
        yield "nested_loop"
    if isinstance(node, ast.ExceptHandler) and node.type is None:
        yield "bare_except"
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _recursive(node, place.of_class):
        yield "recursion"
    if _called(node) in _FOLDS or (isinstance(node, ast.AugAssign) and place.nested):
        yield "aggregation"


def _parts(place: Place) -> Iterator[Place]:
    """The children of a node. What a loop runs over is evaluated once, its body many times."""
    node, nested, repeated, of_class = place
    match node:
        case ast.For() | ast.AsyncFor():
            inside = [Place(child, True, True, of_class) for child in node.body]
            once = [node.target, node.iter, *node.orelse]
        case ast.While():
            inside = [Place(node.test, nested, True), *(Place(child, True, True, of_class) for child in node.body)]
            once = [*node.orelse]
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            first = node.generators[0]
            others = [child for child in ast.iter_child_nodes(node) if child is not first]
            inside = [Place(child, nested, True) for child in (first.target, *first.ifs, *others)]
            once = [first.iter]
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            is_class, body = isinstance(node, ast.ClassDef), set(node.body)
            inside = [Place(child, nested and is_class, repeated and is_class, is_class) for child in node.body]
            once = [child for child in ast.iter_child_nodes(node) if child not in body]
        case _:
            inside, once = [], [*ast.iter_child_nodes(node)]
    yield from inside
    yield from (Place(child, nested, repeated, of_class) for child in once)


def _called(node: ast.AST) -> str:
    """Name of the function or method that is called; empty for any other node."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _recursive(function: ast.FunctionDef | ast.AsyncFunctionDef, method: bool) -> bool:
    """Whether a function calls its own name: as a method of ``self`` or ``cls``, or plainly where that means itself."""
    arguments = {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
    plainly = not method and function.name not in arguments
    for node in (node for part in function.body for node in ast.walk(part)):
        if not isinstance(node, ast.Call) or _called(node) != function.name:
            continue
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if plainly if owner is None else isinstance(owner, ast.Name) and owner.id in ("self", "cls"):
            return True
    return False
