"""What tells engines apart: the model, how it is held, the code that runs it, where it saves its caches."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from codemode_tui import __version__, locations
from codemode_tui.engine import kv_files
from codemode_tui.engine.messages import PROTOCOL, Load

DIGITS = 10
ROOMS = ("engine", "protocol")
"""What of the package runs in the engine."""
LOADED = frozenset((".safetensors", ".json", ".jinja", ".py", ".model", ".txt", ".tiktoken"))
"""What a model is loaded from; a file manager's notes in its folder make no other model of it."""
Stamp = tuple[str, int, int]
"""What tells a file that was written anew: path, size and time of change."""


def identity(load: Load) -> str:
    """The name of the engine for ``load``: equal only if an answer would be, whoever starts it, and if what it saves of
    a conversation lies where this process would look for it: whoever deletes that deletes nothing elsewhere."""
    package = locations.package_dir()
    code = [file for room in ROOMS for file in sorted((package / room).glob("*.py"))]
    libraries = [importlib.util.find_spec(name) for name in ("mlx", "mlx_lm", "transformers")]
    places = [Path(place) for spec in libraries if spec for place in spec.submodule_search_locations or ()]
    facts = [
        msgspec.to_builtins(msgspec.structs.replace(load, id=0)),
        [PROTOCOL, __version__, sys.executable, *sys.version_info[:3]],
        os.path.realpath(kv_files.folder()),
        model_stamps(load),
        _stamps(code),
        # Files alone: folders change when Python compiles what is in them, which it does at their first import.
        _stamps(file for place in places for file in sorted(place.glob("*.*")) if file.is_file()),
        sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith("MLX_")),
    ]
    return hashlib.sha256(msgspec.json.encode(facts)).hexdigest()[:DIGITS]


def model_stamps(load: Load) -> list[Stamp]:
    """Of the files that a model is loaded from: equal only if it is still the same model."""
    folders = [Path(load.path), *([Path(load.adapter)] if load.adapter else ())]
    return _stamps(file for folder in folders for file in sorted(folder.glob("[!.]*")) if file.suffix in LOADED)


def _stamps(files: Iterable[Path]) -> list[Stamp]:
    found = []
    for file in files:
        with contextlib.suppress(OSError):
            status = file.stat()
            found.append((str(file), status.st_size, status.st_mtime_ns))
    return found
