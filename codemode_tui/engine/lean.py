"""mlx-lm without what it imports and no engine uses: nine tenths of the time that importing it takes.

``mlx_lm`` imports transformers for its tokenizers (here ``encoding`` reads them) and the hub's client for downloads,
but needs no more of them than a few names. While it is imported in a process that runs or trains a model, empty
modules with these names stand in for both; whoever imports them later gets the real ones.
"""

from __future__ import annotations

import contextlib
import glob
import importlib
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any


class Named:
    """In place of a class that is only named: derived from, registered."""

    @classmethod
    def register(cls, *_: object, **__: object) -> None:
        """As transformers has it; nobody will look it up."""


def _snapshot_download(*args: Any, **how: Any) -> Any:  # noqa: ANN401 - as the hub has it
    import huggingface_hub

    return huggingface_hub.snapshot_download(*args, **how)


STAND_INS: dict[str, dict[str, object]] = {
    "transformers": {"AutoTokenizer": Named, "PreTrainedTokenizer": Named, "PreTrainedTokenizerFast": Named},
    "transformers.tokenization_utils_base": {"PreTrainedTokenizerBase": Named},
    "huggingface_hub": {"snapshot_download": _snapshot_download},
}


def import_mlx_lm(*modules: str) -> None:
    """Import ``mlx_lm`` and these modules of it, quickly if it can be done."""
    if sys.modules.keys() & {"mlx_lm", *STAND_INS}:
        return  # the time has been spent
    for name, names in STAND_INS.items():
        sys.modules[name] = ModuleType(name)
        sys.modules[name].__dict__.update(names)
    done = False
    try:
        with contextlib.suppress(
            ImportError
        ):  # it names something else by now, or is not there: the import proper says so
            for name in ("mlx_lm", *modules):
                importlib.import_module(name)
            done = True
    finally:
        gone = [*STAND_INS, *(name for name in sys.modules if not done and name.partition(".")[0] == "mlx_lm")]
        for name in gone:
            del sys.modules[name]


def load_model(folder: Path, *, lazy: bool = False) -> Any:  # noqa: ANN401 - an mlx module, and its config
    """As ``mlx_lm.utils`` has it, from any folder: that one looks for weights with ``glob``, and does not escape."""
    from mlx_lm import utils

    if glob.escape(str(folder)) == str(folder):
        return utils.load_model(folder, lazy=lazy)
    with TemporaryDirectory() as place:
        link = Path(place) / "model"
        link.symlink_to(folder.absolute())
        return utils.load_model(link, lazy=lazy)  # what is read later is open by now
