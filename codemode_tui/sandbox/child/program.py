"""The program inside the sandbox: confine, say READY, run one piece of code, say how it ended.

The code arrives over the socket as text, never as a file. Each module costs a run its import: what only
failing or concurrent code needs is imported then, from the same read-only library.
"""

import _sitebuiltins
import _warnings
import atexit
import builtins
import io
import os
import sys

import shims
from channel import Channel

NAME = "<code>"
COROUTINE = 0x80
"""``inspect.CO_COROUTINE``, without the import."""
TOP_LEVEL_AWAIT = 0x2000
"""``ast.PyCF_ALLOW_TOP_LEVEL_AWAIT``, without the import."""
SPARE_BYTES = 8 << 20
IMPORT_FOR_OTHERS = {"importlib", "logging", "pkgutil", "pydoc", "runpy", "unittest"}
"""Packages of the library that import what they are told the name of."""
HIDDEN = ("beyond", "file_attributes", "files", "listing", "program", "shims", "wire")
OWN = {}
"""Modules of this program that were taken out of ``sys.modules``: the workspace may have a ``files.py`` too."""
REAL_OPEN_CODE = io.open_code
spare = []
"""Memory and descriptors that are given back before a failure is described: the code may have used up the rest."""


def main():
    channel = Channel(int(sys.argv[1]))
    hello = channel.receive()
    tell_where(hello["asked"])
    if hello["platform"] == "linux":
        from confine import confine

        layers = confine(hello["limits"], hello["read"], hello["write"], hello["parent"])
    else:
        from rlimits import set_limits

        layers = set_limits(hello["limits"])
    sys.path[:] = sys.path[1:] + hello["packages"]
    spare.extend((bytearray(SPARE_BYTES), *(io.FileIO(os.dup(0)) for _ in range(4))))
    channel.send({"op": "ready", "nonce": hello["nonce"], "layers": layers})
    program = channel.receive()
    channel.send({"op": "done", **run(program["code"], channel, program["tools"])})
    channel.leave()
    os._exit(0)


def tell_where(fd):
    """From now on, whoever writes into ``fd`` reads from it where the code stands; also before it crashes."""
    import faulthandler
    import fcntl
    from _signal import SIGIO, SIGXCPU

    faulthandler.enable(fd, all_threads=False)
    faulthandler.register(SIGIO, fd, all_threads=False)
    faulthandler.register(SIGXCPU, fd, all_threads=False, chain=True)
    try:
        fcntl.fcntl(fd, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) | os.O_ASYNC)
    except OSError:
        pass  # a profile of macOS may refuse it: a run that is stopped then has no line


def run(source, channel, names):
    """Run the code as ``__main__``; returns the fields of the ``done`` frame."""
    # What Python thinks of an unusual string ('\\d') is no output of the code; its own warnings are.
    _warnings.filters.insert(0, ("ignore", None, SyntaxWarning, None, 0))
    module = type(sys)("__main__")
    module.__builtins__ = builtins
    sys.modules["__main__"] = module
    sys.argv = [""]
    sys.meta_path[:] = [Amended(source), *sys.meta_path, FromWorkspace()]
    streams = [output(1, "stdout", "strict"), output(2, "stderr", "backslashreplace")]
    # `-S` leaves out the module that defines these.
    builtins.exit, builtins.quit = _sitebuiltins.Quitter("exit", ""), _sitebuiltins.Quitter("quit", "")
    builtins.help = _sitebuiltins._Helper()
    problem = None
    try:
        shims.install(channel.call, own)
        sys.modules["_io"].open_code = io.open_code = open_code
        io.FileIO = FileIO
        tree = define(module, channel, names, source)  # behind the shims: what it imports is to find them
        hide()
        code = compile(tree, NAME, "exec", TOP_LEVEL_AWAIT, dont_inherit=True)
        if code.co_flags & COROUTINE:  # there is a top-level await
            import asyncio

            asyncio.run(_awaited(code, module.__dict__))
        else:
            exec(code, module.__dict__)
    except BaseException as error:
        problem = error
    threading = sys.modules.get("threading")
    if threading and (problem is None or isinstance(problem, SystemExit)):
        try:
            threading._shutdown()  # a program ends when its threads do, and pools are told to end
        except BaseException as error:
            problem = problem or error
    while len(spare) > 1:
        spare.pop().close()
    spare.clear()
    end = told(leave(problem))
    for stream in (sys.stdout, sys.stderr, *streams):
        try:
            stream.flush()
        except Exception:
            pass  # the code may have closed or replaced it
    return end


def own(name):
    """A module of this program that most runs do without."""
    if name in OWN:
        return OWN[name]
    sys.path.insert(0, shims.HERE)
    try:
        return __import__(name)
    finally:
        sys.path.remove(shims.HERE)
        hide()


def hide():
    OWN.update((name, sys.modules.pop(name)) for name in HIDDEN if name in sys.modules)


class Amended:
    """Changes modules of the library when somebody imports them.

    ``linecache`` is told the lines of the code, which exists only here; for the others see ``beyond``. Modules of this
    program find one another.
    """

    def __init__(self, source):
        self._source = source

    def find_spec(self, name, path=None, target=None):
        if name in OWN and importer(sys._getframe(1)).startswith(shims.HERE):
            return type(sys.__spec__)(name, Kept)
        if name not in ("linecache", "sqlite3.dbapi2", "multiprocessing.synchronize", "py_compile"):
            return None
        from importlib.machinery import PathFinder

        spec = PathFinder.find_spec(name, path)
        execute = spec.loader.exec_module
        change = self._fill if name == "linecache" else own("beyond").amend

        def amended(module):
            execute(module)
            change(module)

        spec.loader.exec_module = amended
        return spec

    def _fill(self, linecache):
        linecache.cache[NAME] = (len(self._source), None, self._source.splitlines(True), NAME)
        linecache.checkcache = lambda filename=None: None


class Kept:
    """Loads what is in ``OWN``."""

    def create_module(spec):
        return OWN[spec.name]

    def exec_module(module):
        pass


class FromWorkspace:
    """Finds a module in the workspace that nobody else has, when the code or such a module imports it.

    What the library tries in vain, as it does for modules of other systems, is no question for the host.
    """

    def find_spec(self, name, path=None, target=None):
        known = workspace_path(importer(sys._getframe(1)) or "/")
        return own("beyond").find(name, path) if known else None


def importer(frame):
    """The file whose code imports something; "" if there is no telling."""
    while frame:
        name, file = str(frame.f_globals.get("__name__")), frame.f_code.co_filename
        if name.partition(".")[0] not in IMPORT_FOR_OTHERS and not file.startswith("<frozen "):
            return file
        frame = frame.f_back
    return ""


def workspace_path(path):
    """The path of a file of the workspace, None for others."""
    name = shims.ours(path)
    return None if name is None or name.startswith("/") else name


def open_code(path):
    """``io.open_code``, by which ``runpy`` and ``importlib`` read a module that they are given the path of."""
    try:
        return REAL_OPEN_CODE(path)
    except OSError:
        if workspace_path(path) is None:
            raise
        return open(path, "rb")


class FileIO(io.FileIO):
    """``io.FileIO``, which knows no file of the workspace, and says so."""

    def __init__(self, file, mode="r", closefd=True, opener=None):
        try:
            super().__init__(file, mode, closefd, opener)
        except OSError:
            if workspace_path(file) is None:
                raise
            raise OSError(f"io.FileIO does not work on the workspace; use open({file!r}, 'rb')") from None


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


def define(module, channel, names, source):
    """Tools as plain global functions; in concurrent code they can be awaited and gathered too.

    Returns what is to be compiled.
    """

    def plain(name):
        def tool(*args, **kwargs):
            shims.settle(name, args, kwargs)
            return channel.call(name, args, kwargs)

        tool.__name__ = tool.__qualname__ = name
        return tool

    for name in names:
        setattr(module, name, plain(name))
    if "await" not in source and "async" not in source:
        return source
    import ast

    tree = compile(source, NAME, "exec", ast.PyCF_ONLY_AST | TOP_LEVEL_AWAIT, dont_inherit=True)
    if not any(_concurrent(ast, node) for node in ast.walk(tree)):
        return source
    concurrency = own("concurrency")  # imports asyncio: 25 ms that other code need not pay
    concurrency.define(module, channel, names)
    concurrency.rewrite(tree, set(names))
    return tree


def _concurrent(ast, node):
    if isinstance(node, ast.Import):
        return any(alias.name.partition(".")[0] == "asyncio" for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return node.module == "asyncio"
    return isinstance(node, (ast.Await, ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith)) or (
        isinstance(node, ast.comprehension) and node.is_async
    )


async def _awaited(code, space):
    result = eval(code, space)
    if result is not None:
        await result


def exit_code(code):
    """As the operating system sees what ``sys.exit`` was given."""
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    say(code)
    return 1


def say(words):
    try:
        print(words, file=sys.stderr)
    except Exception:
        pass  # the code may have closed its stderr


def failed(status, error):
    """Type, message, line of the code, and a traceback that shows only frames of the code and of the workspace."""
    sys.setrecursionlimit(10_000)  # the code may have left no room for what follows
    line, at = error.lineno if isinstance(error, SyntaxError) else None, error.__traceback__
    # A line that is none comes from whoever raised the error, or from code that was made without lines.
    line = line if isinstance(line, int) and 0 < line < 1 << 31 else None
    while at is not None:
        line = at.tb_lineno if at.tb_frame.f_code.co_filename == NAME and (at.tb_lineno or 0) > 0 else line
        at = at.tb_next
    try:
        message = str(error)[:20_000]
    except Exception:
        message = "the error has no printable message"
    try:
        import traceback

        made = traceback.TracebackException.from_exception(error)
        only_own_frames(made, traceback.StackSummary)
        shown = "".join(made.format())[:60_000]
    except Exception:
        shown = f"{type(error).__name__}: {message}\n"
    exception = {"type": type(error).__name__[:200], "message": message, "line": line, "traceback": shown}
    return {"status": status, "exit_code": 1, "exception": exception}


def only_own_frames(shown, stack):
    """Of an exception, those behind it, and those in a group."""
    if shown is None:
        return
    frames = [f for f in shown.stack if f.filename == NAME or (f.filename[-3:] == ".py" and workspace_path(f.filename))]
    shown.stack = stack.from_list(frames[-50:]) if frames else None
    for other in (shown.__cause__, shown.__context__, *(shown.exceptions or ())):
        only_own_frames(other, stack)
