"""Outputs that code cannot have printed. Only what is proven counts: in doubt, an output is possible.

All that a program prints comes from its ``print`` calls. Their texts, with holes where values stand, make a pattern
that follows the program's flow; an output that no run of the pattern gives was written by somebody else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import NamedTuple

from codemode_tui.protocol.python import tree_of

LONGEST = 20_000
"""Characters of an output that is looked at."""
MOST = 2_000_000
"""Places in an output at which something is looked for: a second of work, more than a program of a conversation
takes."""
_ERROR = re.compile(r"\b[A-Z]\w*(?:Error|Exception|Interrupt|Exit)\b|Traceback|(?i:\berror\b|\bfailed\b)")
_CUT = re.compile(r"(?:\.\.\.|…)\s*$|characters left out|truncated|(?i:timed out|timeout|stopped|killed|interrupted)")
_DIGITS = re.compile(r"-?\d+")
_LOOSE = (
    "exec",
    "eval",
    "input",
    "exit",
    "quit",
    "sys",
    "os",
    "globals",
    "builtins",
    "help",
    "__import__",
    "SystemExit",
)
"""Names with which code may print, or end, in ways that are not looked through."""
_EMPTY = ("", "(no output)", "None")
_LEADING = 8
_DEEPEST = 6
"""``with`` and ``try`` in one another; programs that are meant for a conversation have two or three."""


class Text(NamedTuple):
    text: str


class Int(NamedTuple):
    """A whole number as ``str`` writes it."""


class Any_(NamedTuple):
    """Any text at all."""


class Seq(NamedTuple):
    parts: tuple[Pattern, ...]


class Alt(NamedTuple):
    ways: tuple[Pattern, ...]


class Many(NamedTuple):
    part: Pattern


Pattern = Text | Int | Any_ | Seq | Alt | Many
_NOTHING = Seq(())


class Unknown(Exception):
    """The code prints in a way that is not looked through."""


class Work:
    """What may still be done for one output."""

    def __init__(self) -> None:
        self._left = MOST

    def spend(self, places: int) -> None:
        """Raises Unknown: nothing is left."""
        self._left -= places + 1
        if self._left < 0:
            raise Unknown


def impossible(code: str, output: str) -> bool | None:
    """Whether ``code`` cannot have printed ``output``; None where that cannot be told."""
    shown = output.strip("\n")
    if len(shown) > LONGEST or _CUT.search(shown) or _ERROR.search(shown):
        return None
    if (tree := tree_of(code)) is None:
        return None
    try:
        pattern = _program(tree)
        if isinstance(pattern, Any_) or (not shown.strip() and pattern != _NOTHING):
            return None
        # What surrounds an output is often lost: blank lines (``_runs``), and the indent of its first line.
        lines = dict.fromkeys((shown, shown.replace("\r\n", "\n")))  # of another system, but printed all the same
        starts = [" " * n + text for text in lines for n in range(_LEADING + 1)]
        starts += [""] if shown.strip() in _EMPTY else []
        work = Work()
        return not any(_prints(pattern, text, work) for text in starts)
    except (RecursionError, Unknown):
        return None


def _prints(pattern: Pattern, shown: str, work: Work) -> bool:
    text = shown.rstrip()
    return len(text) in _runs(pattern, text, {0}, work)


def _runs(pattern: Pattern, text: str, starts: set[int], work: Work) -> set[int]:
    """Where a pattern may end that begins at one of ``starts``. Line ends before all text may be lost."""
    if not starts:
        return starts
    work.spend(len(starts))
    match pattern:
        case Text(literal):
            ways = [*((literal, at) for at in starts), *([(literal.lstrip("\n"), 0)] if 0 in starts else [])]
            return {end for way in ways if (end := _literal_end(*way, text)) is not None}
        case Int():
            return _number_ends(text, starts)
        case Any_():
            first = min(starts)
            work.spend(len(text) - first)
            return set(range(first, len(text) + 1))
        case Seq(parts):
            for part in parts:
                starts = _runs(part, text, starts, work)
            return starts
        case Alt(ways):
            return {end for way in ways for end in _runs(way, text, starts, work)}
        case Many(part):
            ends, new = set(starts), starts
            while new := _runs(part, text, new, work) - ends:
                ends |= new
            return ends


def _literal_end(literal: str, at: int, text: str) -> int | None:
    """Where a literal ends that begins at ``at``. Blanks behind all text may be lost."""
    if text.startswith(literal, at):
        return at + len(literal)
    left = len(text) - at
    ends = left < len(literal) and text.startswith(literal[:left], at) and not literal[left:].strip()
    return len(text) if ends else None


def _number_ends(text: str, starts: set[int]) -> set[int]:
    ends: set[int] = set()
    last = 0
    for at in sorted(starts):
        # A number that begins inside of another one ends where that may end, too.
        if at >= last and (found := _DIGITS.match(text, at)):
            last = found.end()
            ends.update(range(at + (2 if text[at] == "-" else 1), last + 1))
    return ends


def _program(tree: ast.Module) -> Pattern:
    if _depth(tree) > _DEEPEST:
        raise Unknown
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda) and _has_print(node):
            raise Unknown
        if isinstance(node, ast.Name) and (
            node.id in _LOOSE or (node.id == "print" and id(node) not in called)  # another name for it may print, too
        ):
            raise Unknown
        if isinstance(node, ast.Import | ast.ImportFrom) and _may_print(node):
            raise Unknown
    return _block(tree.body, _integers(tree))


def _depth(node: ast.AST) -> int:
    """How many ``with`` and ``try`` stand in one another: each may end early in several ways, times those inside."""
    below, here = [(node, 0)], 0
    while below:
        one, deep = below.pop()
        deep += isinstance(one, ast.With | ast.AsyncWith | ast.Try | ast.TryStar)
        here = max(here, deep)
        below += [(child, deep) for child in ast.iter_child_nodes(one)]
    return here


def _may_print(node: ast.Import | ast.ImportFrom) -> bool:
    quiet = {"json", "re", "math", "csv", "datetime", "collections", "itertools", "functools", "statistics", "random",
             "string", "pathlib", "textwrap", "decimal", "fractions", "ast", "time", "io"}  # fmt: skip
    names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
    return not {name.partition(".")[0] for name in names} <= quiet


def _block(body: Sequence[ast.stmt], ints: set[str]) -> Pattern:
    return _joined([_statement(one, ints) for one in body])


def _statement(node: ast.stmt, ints: set[str]) -> Pattern:
    if not _has_print(node):
        return _NOTHING
    match node:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print")) as call):
            return _print(call, ints)
        case ast.If():
            return Alt((_block(node.body, ints), _block(node.orelse, ints))) if not _has_print(node.test) else Any_()
        case ast.For() | ast.AsyncFor() | ast.While():
            part = _prefixes(node.body, ints) if _leaves(node.body) else _block(node.body, ints)
            return Any_() if _is_wild(part) else _joined([Many(part), Alt((_NOTHING, _block(node.orelse, ints)))])
        case ast.With() | ast.AsyncWith():
            return _prefixes(node.body, ints)  # the whole of it among them: it may swallow an error
        case ast.Try() | ast.TryStar():
            begun = _prefixes(node.body, ints)
            caught = [_joined([begun, _block(one.body, ints)]) for one in node.handlers]
            well = _joined([_block(node.body, ints), _block(node.orelse, ints)])
            return _joined([Alt((well, *caught)), _block(node.finalbody, ints)])
    return Any_()


def _prefixes(body: Sequence[ast.stmt], ints: set[str]) -> Pattern:
    """A block that may end behind any of its statements, and inside of a compound one."""
    found: Pattern = _NOTHING
    for node in reversed(body):
        own = _statement(node, ints)
        inner = Any_() if _has_print(node) and not isinstance(node, ast.Expr) else _NOTHING
        found = Alt((_NOTHING, inner, _joined([own, found])))
    return found


def _print(call: ast.Call, ints: set[str]) -> Pattern:
    between, end = " ", "\n"
    for keyword in call.keywords:
        if keyword.arg == "flush":
            continue
        if keyword.arg not in ("sep", "end") or not isinstance(keyword.value, ast.Constant):
            return Any_()
        text = keyword.value.value
        if not (text is None or isinstance(text, str)):
            return Any_()
        if keyword.arg == "sep":
            between = " " if text is None else text
        else:
            end = "\n" if text is None else text
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return Any_()  # of none at all, not even what separates it from others is printed
    parts: list[Pattern] = []
    for at, argument in enumerate(call.args):
        parts += [Text(between)] if at else []
        parts.append(_value(argument, ints))
    return _joined([*parts, Text(end)])


def _value(node: ast.expr, ints: set[str]) -> Pattern:
    """What ``str`` makes of an expression."""
    if isinstance(node, ast.Constant):
        try:
            return Text(str(node.value))
        except ValueError as error:  # a whole number in hex that is too long to be written
            raise Unknown from error
    if isinstance(node, ast.JoinedStr):
        return _joined([_value(part, ints) for part in node.values])
    if isinstance(node, ast.FormattedValue):
        return _value(node.value, ints) if node.conversion == -1 and node.format_spec is None else Any_()
    if isinstance(node, ast.IfExp):
        return Alt((_value(node.body, ints), _value(node.orelse, ints)))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add) and _is_text(node):
        return _joined([_value(node.left, ints), _value(node.right, ints)])
    match node:
        case ast.Call(func=ast.Name(id="str"), args=[only], keywords=[]):
            return _value(only, ints)
    return Int() if _is_int(node, ints) else Any_()


def _is_text(node: ast.expr) -> bool:
    """Whether a sum is surely one of texts."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _is_text(node.left) or _is_text(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_int(node: ast.expr, ints: set[str]) -> bool:
    """Whether an expression is surely a whole number, and no bool."""
    match node:
        case ast.Constant(value=value):
            return type(value) is int
        case ast.Name(id=name):
            return name in ints
        case ast.Call(func=ast.Name(id="len")):
            return True
        case ast.Call(func=ast.Attribute(attr="count")):
            return True
        case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.FloorDiv()):
            return _is_int(node.left, ints) and _is_int(node.right, ints)
    return False


def _integers(tree: ast.Module) -> set[str]:
    """Names that are only ever bound to whole numbers."""
    bound: dict[str, list[ast.expr | None]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            bound.setdefault(node.targets[0].id, []).append(node.value)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            plain = isinstance(node.op, ast.Add | ast.Sub | ast.Mult)
            bound.setdefault(node.target.id, []).append(node.value if plain else None)
    once = {id(node.targets[0]) for node in ast.walk(tree) if isinstance(node, ast.Assign) and len(node.targets) == 1}
    once |= {id(node.target) for node in ast.walk(tree) if isinstance(node, ast.AugAssign)}
    others = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)
              and id(n) not in once}  # fmt: skip
    shadowed = {"len"} & ({*bound} | others)
    found = {name for name in bound if name not in others and not shadowed}
    while wrong := {name for name in found if not all(one is not None and _is_int(one, found) for one in bound[name])}:
        found -= wrong
    return found


def _joined(parts: Sequence[Pattern]) -> Pattern:
    flat: list[Pattern] = []
    for part in parts:
        flat += part.parts if isinstance(part, Seq) else [part]
    return flat[0] if len(flat) == 1 else Seq(tuple(flat))


def _is_wild(pattern: Pattern) -> bool:
    """Whether anything may stand somewhere in it: repeated, it says little and costs much."""
    match pattern:
        case Any_():
            return True
        case Seq(parts) | Alt(parts):
            return any(_is_wild(part) for part in parts)
        case Many(part):
            return _is_wild(part)
    return False


def _has_print(node: ast.AST) -> bool:
    return any(isinstance(one, ast.Name) and one.id == "print" for one in ast.walk(node))


def _leaves(body: Sequence[ast.stmt]) -> bool:
    return any(isinstance(one, ast.Break | ast.Continue | ast.Return) for node in body for one in ast.walk(node))
