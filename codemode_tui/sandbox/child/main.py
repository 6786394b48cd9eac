"""The program inside the sandbox: confine, say READY, run one piece of code, say how it ended.

Started as ``python -I -S -B main.py FD``. Everything it needs is imported before it is confined; the
code arrives over the socket as text, never as a file.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import ast
import builtins
import contextlib
import io
import linecache
import traceback
import types

import shims
from channel import Channel

NAME = "<code>"


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
    for stream in ("stdout", "stderr"):
        raw = io.FileIO(1 if stream == "stdout" else 2, "w", closefd=False)
        # Lines leave at once, so that the user sees them and a kill loses none.
        setattr(
            sys,
            stream,
            io.TextIOWrapper(
                io.BufferedWriter(raw),
                "utf-8",
                "strict" if stream == "stdout" else "backslashreplace",
                "\n",
                line_buffering=True,
            ),
        )
        setattr(sys, f"__{stream}__", getattr(sys, stream))
    try:
        tree = compile(source, NAME, "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        concurrent = any(isinstance(n, (ast.Await, ast.AsyncFunctionDef)) for n in ast.walk(tree))
        define(module, channel, names, tree, concurrent)
        shims.install(channel.call)
        code = compile(tree, NAME, "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        if code.co_flags & 0x80:  # a coroutine: there is a top-level await
            import asyncio

            asyncio.run(_awaited(code, module.__dict__))
        else:
            exec(code, module.__dict__)
        _wait_for_threads()
        shims.finish()
        return ended("ok", 0)
    except SystemExit as stop:
        return exited(stop)
    except MemoryError as error:
        return failed("memory", error)
    except BaseException as error:
        return failed("error", error)


def define(module, channel, names, tree, concurrent):
    """Tools as plain global functions; in concurrent code they can be awaited and gathered too."""

    def plain(name):
        def tool(*args, **kwargs):
            return channel.call(name, args, kwargs)

        tool.__name__ = tool.__qualname__ = name
        return tool

    for name in names:
        setattr(module, name, plain(name))
    if concurrent:
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


def ended(status, code, exception=None):
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # the code may have closed or replaced it
            stream.flush()
    return {"status": status, "exit_code": code, "exception": exception}


def exited(stop):
    if stop.code is None or stop.code == 0:
        return ended("ok", 0)
    if isinstance(stop.code, int):
        return ended("error", stop.code)
    print(stop.code, file=sys.stderr)
    return ended("error", 1)


def failed(status, error):
    """Type, message, line of the code, and a traceback that shows only the code's own frames."""
    sys.setrecursionlimit(10_000)  # the code may have left no room for what follows
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == NAME]
    line = frames[-1].lineno if frames else getattr(error, "lineno", None)
    shown = "".join(["Traceback (most recent call last):\n", *traceback.format_list(frames[-50:])]) if frames else ""
    try:
        message = str(error)[:20_000]
        shown += "".join(traceback.format_exception_only(type(error), error))[:40_000]
    except Exception:
        message = "the error has no printable message"
    return ended(status, 1, {"type": type(error).__name__[:200], "message": message, "line": line, "traceback": shown})


main()
