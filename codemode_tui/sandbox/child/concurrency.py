"""Generated code that uses ``await``: tools that overlap, whether they are awaited at once or gathered.

A tool whose result is awaited directly, or handed to ``asyncio.gather`` and its like, becomes a real
coroutine: its calls overlap. Anywhere else a tool stays a plain call; its text, list or dict can still
be awaited, which gives the value itself, so that ``gather(*[read_file(p) for p in paths])`` works
wherever the list was made.
"""

import ast
import asyncio

PREFIX = "_concurrent_"
TAKERS = {
    "gather",
    "create_task",
    "ensure_future",
    "wait_for",
    "shield",
    "as_completed",
    "wait",
    "run_until_complete",
    "run",
}


class _Ready:
    """Awaiting a value that is there already."""

    def __await__(self):
        return self
        yield


class Text(_Ready, str):
    __slots__ = ()


class List(_Ready, list):
    __slots__ = ()


class Dict(_Ready, dict):
    __slots__ = ()


def awaitable(value):
    for plain, made in ((str, Text), (list, List), (dict, Dict)):
        if type(value) is plain:
            return made(value)
    return value


def define(module, channel, names):
    """Add the coroutine form of every tool, and results that can be awaited."""

    def both(name):
        plain = getattr(module, name)

        async def concurrent(*args, **kwargs):
            return await asyncio.get_running_loop().run_in_executor(None, lambda: plain(*args, **kwargs))

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
    for node in ast.walk(tree):
        if isinstance(node, ast.Await):
            _convert(node.value, names)
        elif isinstance(node, ast.Call) and _called(node) in TAKERS:
            for argument in node.args:
                _convert(argument, names)


def _called(call):
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


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
