"""What the workspace has and this process cannot open by itself: modules, served by the tools, and what says so.

Imported when it is needed for the first time.
"""

import os
import sys
from _frozen_importlib import ModuleSpec

import shims
from program import workspace_path


def find(name, path):
    """The spec of a module of the workspace, None if there is none. A folder without ``__init__.py`` counts last.

    Args:
        name: its full name.
        path: folders of the package that it is to be in; None: what ``sys.path`` names, and the workspace itself.
    """
    last = name.rpartition(".")[2]
    folders = [*sys.path, "."] if path is None else path
    bare = None
    for place in dict.fromkeys(filter(None, map(inside, folders))):
        names = listed(place)
        folder = os.path.normpath(os.path.join(place, last))
        if f"{last}/" in names:
            if "__init__.py" in listed(folder):
                return spec(name, f"{folder}/__init__.py", folder)
            bare = bare or folder
        if f"{last}.py" in names:
            return spec(name, f"{folder}.py", None)
    return bare and spec(name, None, bare)


def inside(path):
    """As ``workspace_path``, of anything that code may have put into ``sys.path`` or have taken for a path."""
    try:
        return workspace_path(path or ".")
    except (TypeError, ValueError):
        return None


def listed(folder):
    try:
        return shims.entries(folder)
    except Exception:
        return ()  # it is not there, or may not be listed, or there are no tools


def spec(name, file, folder):
    made = ModuleSpec(name, file and Source(file), origin=file, is_package=folder is not None)
    made.has_location = file is not None
    if folder is not None:
        made.submodule_search_locations = [folder]
    return made


class Source:
    """Loads a module from its text in the workspace."""

    def __init__(self, path):
        self.path = path

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        exec(self.get_code(), module.__dict__)

    def get_code(self, name=None):
        return compile(self.get_source(), self.path, "exec", dont_inherit=True)

    def get_source(self, name=None):
        with open(self.path, encoding="utf-8-sig") as file:
            return file.read()


def amend(module):
    """What a module of the library cannot do here says what to do instead, or does it in TMPDIR."""
    AMENDED[module.__name__](module)


def _sqlite3(module):
    real = module.connect

    def connect(database, *args, **kwargs):
        try:
            return real(database, *args, **kwargs)
        except module.OperationalError:
            if inside(database) is None:
                raise
            raise module.OperationalError(
                f"{database} cannot be opened here: only databases in memory and in TMPDIR; use run_command, as in "
                "run_command('python3', ['-c', 'import sqlite3; …'])"
            ) from None

    module.connect = connect


def _semaphores(module):
    real = module.SemLock.__init__

    def started(self, *args, **kwargs):
        try:
            real(self, *args, **kwargs)
        except OSError:
            raise PermissionError(
                "no other process can be started here, so multiprocessing and ProcessPoolExecutor do not work; use a "
                "loop, ThreadPoolExecutor or run_command(command)"
            ) from None

    module.SemLock.__init__ = started


def _py_compile(module):
    real = module.compile

    def compiled(file, *args, **kwargs):
        if inside(file) is not None and len(args) < 5:  # nothing here knows the time of a file
            kwargs.setdefault("invalidation_mode", module.PycInvalidationMode.CHECKED_HASH)
        before, sys.pycache_prefix = sys.pycache_prefix, os.environ["TMPDIR"]
        try:
            return real(file, *args, **kwargs)
        finally:
            sys.pycache_prefix = before

    module.compile = compiled


AMENDED = {
    "sqlite3.dbapi2": _sqlite3,
    "multiprocessing.synchronize": _semaphores,
    "py_compile": _py_compile,
}
