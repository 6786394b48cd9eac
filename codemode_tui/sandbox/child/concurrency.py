"""Generated code that uses ``await``: tools that overlap, whether they are awaited at once or gathered.

A tool whose result is awaited directly, or handed to ``asyncio.gather`` and its like, becomes a real
coroutine: its calls overlap. Anywhere else a tool stays a plain call; its text, list or dict can still
be awaited, which gives the value itself, so that ``gather(*[read_file(p) for p in paths])`` works
wherever the list was made.
"""

import ast
import asyncio

import shims
from channel import Record

PREFIX = "_concurrent_"
TAKERS = {"gather", "create_task", "ensure_future", "wait_for", "shield", "as_completed", "wait", "run"}
"""Of the module ``asyncio``: functions that want coroutines."""
METHODS = {"create_task", "run_until_complete"}
"""Of any object: task groups and loops."""


class _Ready:
    """Awaiting a value that is there already."""

    def __await__(self):
        return self
        yield


class Text(_Ready, str):
    __slots__ = ()


class List(_Ready, list):
    __slots__ = ()
    __hash__ = object.__hash__  # ``gather`` keeps what it is given in a dictionary


class Dict(_Ready, Record):
    __slots__ = ()
    __hash__ = object.__hash__


def awaitable(value):
    for plain, made in ((str, Text), (list, List), (Record, Dict)):
        if type(value) is plain:
            return made(value)
    return value


def define(module, channel, names):
    """Add the coroutine form of every tool, and results that can be awaited."""

    def both(name):
        plain = getattr(module, name)

        async def concurrent(*args, **kwargs):
            shims.settle(name, args, kwargs)
            number = channel.begin(name, args, kwargs)
            try:
                return await asyncio.get_running_loop().run_in_executor(None, channel.end, number)
            except asyncio.CancelledError:
                channel.cancel(number)  # or its thread would wait for what nobody wants
                raise

        def waiting(*args, **kwargs):
            return awaitable(plain(*args, **kwargs))

        waiting.__name__ = waiting.__qualname__ = name
        return concurrent, waiting

    for name in names:
        concurrent, waiting = both(name)
        setattr(module, PREFIX + name, concurrent)
        setattr(module, name, waiting)


def rewrite(tree, names):
    """Make direct calls of tools into coroutines where a coroutine is wanted. Lines stay as they are."""
    modules, functions, own = _names(tree)
    names = names - own  # a function of the code's own by that name is no tool
    for node in ast.walk(tree):
        if isinstance(node, ast.Await):
            _convert(node.value, names)
        elif isinstance(node, ast.Call) and _takes(node.func, modules, functions):
            for argument in node.args:
                _convert(argument, names)


def _names(tree):
    """What the code calls the module asyncio, which of its functions it imports, and every name it binds."""
    modules, functions, own = set(), set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.asname or alias.name for alias in node.names if alias.name == "asyncio"}
        elif isinstance(node, ast.ImportFrom):
            bound = {alias.asname or alias.name for alias in node.names}
            taken = {alias.asname or alias.name for alias in node.names if alias.name in TAKERS}
            functions |= taken if node.module == "asyncio" else set()
            own |= bound
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            own.add(node.name)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            own.add(node.id)
        elif isinstance(node, ast.arg):
            own.add(node.arg)
    return modules, functions, own


def _takes(called, modules, functions):
    if isinstance(called, ast.Name):
        return called.id in functions
    if not isinstance(called, ast.Attribute):
        return False
    if isinstance(called.value, ast.Name) and called.value.id in modules:
        return called.attr in TAKERS
    return called.attr in METHODS


def _convert(node, names):
    if isinstance(node, ast.Starred):
        _convert(node.value, names)
    elif isinstance(node, (ast.ListComp, ast.GeneratorExp, ast.SetComp)):
        _convert(node.elt, names)
    elif isinstance(node, (ast.List, ast.Tuple)):
        for element in node.elts:
            _convert(element, names)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
        node.func.id = PREFIX + node.func.id
