"""What can be said of code before it runs: the tools it names, its literal paths, and warnings.

Shown beside the confirm step (DESIGN §5). A warning never blocks: the user decides.
"""

from __future__ import annotations

import ast
import builtins
import posixpath
import re
import sys
from collections.abc import Callable, Collection, Iterator

import msgspec

from codemode_tui.protocol.python import UNREADABLE, parsed_code, tree_of

READERS = {"read_file", "file_info", "list_directory", "delete_file", "move_file"}
"""Tools whose first argument is a path that must be there."""
PATH_TAKERS = {*READERS, "write_file", "open", "Path"}
MODULE_NAMES = {"__name__", "__file__", "__doc__", "__builtins__", "__spec__", "__annotations__", "__dict__"}
LOOPS = (ast.For, ast.AsyncFor, ast.While, ast.comprehension, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
PURE_MODULES = frozenset((
    "bisect", "cmath", "collections", "datetime", "decimal", "fractions", "heapq", "itertools", "json", "math",
    "random", "re", "statistics", "textwrap", "time", "unicodedata",
))  # fmt: skip
"""Modules of which no public name reads, writes or runs anything, other modules in them aside."""
PURE_NAMES = frozenset((
    "abs", "all", "any", "ascii", "bin", "bool", "bytearray", "bytes", "chr", "complex", "dict", "divmod", "enumerate",
    "filter", "float", "format", "frozenset", "hash", "hex", "int", "isinstance", "issubclass", "iter", "len", "list",
    "map", "max", "min", "next", "oct", "ord", "pow", "print", "range", "repr", "reversed", "round", "set", "slice",
    "sorted", "str", "sum", "tuple", "zip", "__name__",
))  # fmt: skip
"""Builtins from which nothing else can be reached."""
_INWARD = re.compile(r"_|(?:ag|cr|f|gi|tb)_")
"""Beginnings of attributes that lead to what an object or a frame is made of."""

# Neither goes over the same characters again and again: a question may be a whole file.
_ITEM = re.compile(r"(?m)^[^\S\n]*(?:\d+[.)]|[-*•])\s+\S|(?<![\w.])\(?\d[.)]\s+[A-Za-z]")
_THEN = re.compile(r"\b(?:then|afterwards|after that|finally)\b", re.IGNORECASE)
_FILE = re.compile(r"(?<![\w./-])(?!(?i:i\.e|e\.g|a\.m|p\.m)\b)[\w./-]*\w\.[A-Za-z]\w{0,4}\b")


class Precheck(msgspec.Struct, frozen=True):
    tools: tuple[str, ...] = ()
    """Tools that the code names, in order of first appearance."""
    paths: tuple[str, ...] = ()
    """Literal paths that it names."""
    warnings: tuple[str, ...] = ()


def precheck(
    code: str, *, tools: Collection[str], exists: Callable[[str], bool], conversation: str | None, question: str = ""
) -> Precheck:
    """Look at ``code`` without running it.

    Args:
        code: normalised source text.
        tools: names of the tools that the sandbox will define.
        exists: whether a workspace path is there.
        conversation: all text so far; a path that it does not contain was invented by the model. None: not known.
        question: what this code is the first answer to; empty if it is not.
    """
    try:
        tree = parsed_code(code)
    except UNREADABLE as error:
        return Precheck(warnings=(_unreadable(error),))
    nodes = list(ast.walk(tree))
    calls = [n for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    own = bound_names(tree)
    warnings: list[str] = []
    made = {path for call in calls for path in _written(call)}
    paths: dict[str, None] = {}
    for call in calls:
        name = _name(call)
        if name not in PATH_TAKERS or name in own - {"Path"}:
            continue
        for path in (*_path(call), *_target(call)):
            paths[path] = None
            if _reads(call) and path in _path(call) and path not in made and not exists(path):
                warnings.append(f"{path} does not exist")
            elif conversation is not None and not mentioned(path, conversation):
                warnings.append(f"{path} was not mentioned in the conversation")
    if run := [path for name in _imported(nodes) if (path := _module(name, exists))]:
        warnings.append(f"runs {', '.join(dict.fromkeys(run))} of this folder, which is not shown here")
    warnings += [f"{name} is not defined" for name in _unknown_names(tree, own, tools)]
    if any(isinstance(n, ast.ExceptHandler) and n.type is None for n in nodes):
        warnings.append("a bare `except:` hides every error")
    made_calls = [call for call in calls if _name(call) in tools]
    if len(made_calls) == 1 and not any(isinstance(n, LOOPS) for n in nodes):
        asked = steps_asked(question, files=_name(made_calls[0]) in PATH_TAKERS)
        if asked > 1:
            warnings.append(f"{asked} steps asked, one call made")
    return Precheck(tuple(_named(nodes, tools)), tuple(paths), tuple(dict.fromkeys(warnings)))


def invalid(code: str) -> str:
    """Why ``code`` cannot run at all; empty when it can."""
    try:
        parsed_code(code)
    except UNREADABLE as error:
        return _unreadable(error)
    return ""


def _unreadable(error: BaseException) -> str:
    line = f" on line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
    return f"not valid Python{line}: {error.msg if isinstance(error, SyntaxError) else type(error).__name__}"


def read_paths(tree: ast.AST) -> list[str]:
    """Literal paths that code reads, those aside that it makes itself; as often as they stand there."""
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    made = {path for call in calls for path in _written(call)}
    return [path for call in calls if _reads(call) for path in _path(call) if path not in made]


def only_computes(code: str) -> bool:
    """Whether it is certain that ``code`` reaches no file, tool or other code. In doubt it is not."""
    tree = tree_of(code)
    if tree is None:
        return False
    errors = {name for name in dir(builtins) if name.endswith(("Error", "Exception"))}
    # What is bound somewhere may still be the builtin elsewhere.
    own = {name for name in bound_names(tree) - set(dir(builtins)) if not name.startswith("__")}
    known = PURE_NAMES | errors | own
    return all(_is_pure(node, known) for node in ast.walk(tree))


def _is_pure(node: ast.AST, known: Collection[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in known
        case ast.Attribute(attr=name):
            return _leads_nowhere(name)
        case ast.MatchClass(kwd_attrs=names):
            return all(map(_leads_nowhere, names))
        case ast.Import(names=aliases):
            return all(alias.name in PURE_MODULES for alias in aliases)
        case ast.ImportFrom(module=module, names=aliases, level=0):
            return module in PURE_MODULES and all(_leads_nowhere(alias.name) for alias in aliases)
        case ast.ImportFrom():
            return False
    return True


def _leads_nowhere(attribute: str) -> bool:
    """``json.codecs`` opens files, ``(x for x in y).gi_frame`` knows the builtins, ``*`` may be anything."""
    outward = attribute in sys.stdlib_module_names - PURE_MODULES or attribute == "*"
    return not outward and not _INWARD.match(attribute)


def _imported(nodes: list[ast.AST]) -> Iterator[str]:
    """Full names of what may be modules of the workspace, with the packages that they are in."""
    for node in nodes:
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            parts = name.split(".")
            if parts[0] not in sys.stdlib_module_names:  # which comes first
                yield from (".".join(parts[: count + 1]) for count in range(len(parts)))


def _module(name: str, exists: Callable[[str], bool]) -> str:
    """The file of the workspace that is run for it; empty for none."""
    path = name.replace(".", "/")
    return next(filter(exists, (f"{path}/__init__.py", f"{path}.py")), "")


def steps_asked(question: str, *, files: bool = True) -> int:
    """How many steps a question plainly asks for: items of a list, "then", files by name (``files``)."""
    items = len(_ITEM.findall(question))
    chained = len(_THEN.findall(question)) + 1
    named = len(set(_FILE.findall(question))) if files else 0
    return max(items, chained, named)


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
        elif isinstance(name := getattr(node, "name", None), str):  # type parameters, which 3.11 has not
            bound.add(name)
    return bound


def _named(nodes: list[ast.AST], tools: Collection[str]) -> Iterator[str]:
    """Tools by name, called or not, and as a text: ``f = run_command`` and ``globals()["run_command"]`` call it too."""
    seen: dict[str, None] = {}
    for node in nodes:
        if isinstance(node, ast.Name):
            seen[node.id] = None
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            seen[node.value] = None
    return (name for name in seen if name in tools)


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _path(call: ast.Call) -> list[str]:
    """Its path, where that is literal."""
    return _literal(call, 0, "path", "file")


def _target(call: ast.Call) -> list[str]:
    """Where a moved file goes, where that is literal."""
    return _literal(call, 1, "new_path") if _name(call) == "move_file" else []


def _literal(call: ast.Call, place: int, *names: str) -> list[str]:
    """The text of one argument, by its place or its name; none if it is no literal one."""
    before = call.args[: place + 1]
    placed = before[place:] if not any(isinstance(one, ast.Starred) for one in before) else []
    given = [*placed, *(k.value for k in call.keywords if k.arg in names)]
    return [one.value for one in given if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def _reads(call: ast.Call) -> bool:
    """Whether its path must be there."""
    return _name(call) in READERS or (_name(call) == "open" and not _writing(call))


def _written(call: ast.Call) -> list[str]:
    """Paths that are there once this call was made."""
    if _name(call) == "move_file":
        return _target(call)
    return _path(call) if _name(call) == "write_file" or (_name(call) == "open" and _writing(call)) else []


def _writing(call: ast.Call) -> bool:
    """Whether the mode of an ``open`` makes the file."""
    return not set("wax").isdisjoint("".join(_literal(call, 1, "mode")))


def mentioned(path: str, conversation: str) -> bool:
    """Whether the name of a path stands in the conversation, as a word of its own."""
    name = posixpath.basename(path.rstrip("/"))
    if name in ("", ".", ".."):
        return True
    # The plain search is a hundred times faster, and says no to most of what code invents.
    return name in conversation and re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", conversation) is not None


def _unknown_names(tree: ast.AST, own: set[str], tools: Collection[str]) -> list[str]:
    """Names that are read but bound nowhere in the code: neither builtin nor tool."""
    if "*" in own:
        return []  # anything may be bound now
    known = {*own, *dir(builtins), *tools, *MODULE_NAMES}
    read = dict.fromkeys(n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load))
    return [name for name in read if name not in known]
