"""The program inside the sandbox: confine, say READY, run one piece of code, say how it ended.

Started as ``python -I -S -B main.py FD``. Everything it needs is imported before it is confined; the
code arrives over the socket as text, never as a file.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import _sitebuiltins
import ast
import atexit
import builtins
import contextlib
import io
import linecache
import traceback
import types

import shims
from channel import Channel

NAME = "<code>"
COROUTINE = 0x80
"""``inspect.CO_COROUTINE``, without the import."""


def main():
    channel = Channel(int(sys.argv[1]))
    hello = channel.receive()
    if hello["platform"] == "linux":
        from confine import confine

        layers = confine(hello["limits"], hello["read"], hello["write"], hello["parent"])
    else:
        from rlimits import set_limits

        layers = set_limits(hello["limits"])
    del sys.path[0]
    channel.send({"op": "ready", "nonce": hello["nonce"], "layers": layers})
    program = channel.receive()
    channel.send({"op": "done", **run(program["code"], channel, hello["tools"])})
    os._exit(0)


def run(source, channel, names):
    """Run the code as ``__main__``; returns the fields of the ``done`` frame."""
    module = types.ModuleType("__main__")
    module.__builtins__ = builtins
    sys.modules["__main__"] = module
    sys.argv = [""]
    linecache.cache[NAME] = (len(source), None, source.splitlines(True), NAME)
    linecache.checkcache = lambda filename=None: None  # the source exists only here
    streams = [output(1, "stdout", "strict"), output(2, "stderr", "backslashreplace")]
    # `-S` leaves out the module that defines these.
    builtins.exit, builtins.quit = _sitebuiltins.Quitter("exit", ""), _sitebuiltins.Quitter("quit", "")
    builtins.help = _sitebuiltins._Helper()
    problem = None
    try:
        tree = compile(source, NAME, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        define(module, channel, names, tree)
        shims.install(channel.call)
        code = compile(tree, NAME, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        if code.co_flags & COROUTINE:  # there is a top-level await
            import asyncio

            asyncio.run(_awaited(code, module.__dict__))
        else:
            exec(code, module.__dict__)
        _wait_for_threads()
    except BaseException as error:
        problem = error
    end = told(leave(problem))
    for stream in (sys.stdout, sys.stderr, *streams):
        with contextlib.suppress(Exception):  # the code may have closed or replaced it
            stream.flush()
    return end


def output(fd, name, errors):
    """The stream ``sys.stdout`` or ``sys.stderr``: what is written leaves at once, so that a kill loses none."""
    made = io.TextIOWrapper(_AtOnce(io.FileIO(fd, "w", closefd=False)), "utf-8", errors, "\n", write_through=True)
    setattr(sys, name, made)
    setattr(sys, f"__{name}__", made)
    return made


class _AtOnce(io.BufferedWriter):
    def write(self, data):
        size = super().write(data)
        self.flush()
        return size


def leave(problem):
    """What an interpreter does at its end, however it came: exit functions run, open files are written.

    Returns the error that counts: the code's own, else the first that happens here.
    """
    for step in (atexit._run_exitfuncs, shims.finish):
        try:
            step()
        except BaseException as error:
            if problem is None or (isinstance(problem, SystemExit) and not problem.code):
                problem = error
            else:
                say(f"{type(error).__name__}: {error}")
    return problem


def told(problem):
    """The fields of ``done`` for a program that ended with this exception, or with none."""
    if problem is None:
        return {"status": "ok", "exit_code": 0, "exception": None}
    if isinstance(problem, SystemExit):
        code = exit_code(problem.code)
        return {"status": "error" if code else "ok", "exit_code": code, "exception": None}
    return failed("memory" if isinstance(problem, MemoryError) else "error", problem)


def define(module, channel, names, tree):
    """Tools as plain global functions; in concurrent code they can be awaited and gathered too."""

    def plain(name):
        def tool(*args, **kwargs):
            return channel.call(name, args, kwargs)

        tool.__name__ = tool.__qualname__ = name
        return tool

    for name in names:
        setattr(module, name, plain(name))
    if any(map(_concurrent, ast.walk(tree))):
        sys.path.insert(0, HERE)
        import concurrency  # imports asyncio: 25 ms that other code need not pay

        del sys.path[0]
        concurrency.define(module, channel, names)
        concurrency.rewrite(tree, set(names))


async def _awaited(code, space):
    result = eval(code, space)
    if result is not None:
        await result


def _wait_for_threads():
    """A program ends when its threads do, as usual."""
    import threading

    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()


def _concurrent(node):
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] == "asyncio" for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return node.module == "asyncio"
    return isinstance(node, (ast.Await, ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith)) or (
        isinstance(node, ast.comprehension) and node.is_async
    )


def exit_code(code):
    """As the operating system sees what ``sys.exit`` was given."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    say(code)
    return 1


def say(words):
    with contextlib.suppress(Exception):  # the code may have closed its stderr
        print(words, file=sys.stderr)


def failed(status, error):
    """Type, message, line of the code, and a traceback that shows only the code's own frames."""
    sys.setrecursionlimit(10_000)  # the code may have left no room for what follows
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == NAME]
    line = frames[-1].lineno if frames else error.lineno if isinstance(error, SyntaxError) else None
    try:
        message = str(error)[:20_000]
    except Exception:
        message = "the error has no printable message"
    try:
        made = traceback.TracebackException.from_exception(error)
        only_own_frames(made)
        shown = "".join(made.format())[:60_000]
    except Exception:
        shown = f"{type(error).__name__}: {message}\n"
    exception = {"type": type(error).__name__[:200], "message": message, "line": line, "traceback": shown}
    return {"status": status, "exit_code": 1, "exception": exception}


def only_own_frames(shown):
    """Of an exception, those behind it, and those in a group."""
    if shown is None:
        return
    frames = [f for f in shown.stack if f.filename == NAME]
    shown.stack = traceback.StackSummary.from_list(frames[-50:]) if frames else None
    for other in (shown.__cause__, shown.__context__, *(shown.exceptions or ())):
        only_own_frames(other)


main()
