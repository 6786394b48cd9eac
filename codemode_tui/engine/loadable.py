"""Whether mlx-lm and a profile can do anything with a model that is whole. Reads files only; knows no mlx."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path
from typing import Any

from codemode_tui.engine.ends import added_tokens, check_tokenizer, vocabulary
from codemode_tui.engine.jsonfile import read_json
from codemode_tui.errors import ModelError
from codemode_tui.protocol.profiles import Profile

_TAG = re.compile(r"</?[a-z_]+>")
_REMAPPING = re.compile(r"^MODEL_REMAPPING\b[^={]*= *\{(.*?)^\}", re.MULTILINE | re.DOTALL)
_PAIR = re.compile(r"""["']([^"']+)["']\s*:\s*["']([^"']+)["']""")
_ARGUMENTS = re.compile(r"^class ModelArgs\(BaseModelArgs\):\n((?:[ \t]+[^\n]*\n|\n)*)", re.MULTILINE)
_FIELD = re.compile(r"^    (\w+) *: *[^=#\n]+(?:#[^\n]*)?$", re.MULTILINE)


def check_type(folder: Path, config: dict[str, Any]) -> None:
    """Whether mlx-lm knows this type of model, and finds all that it must know in its config.

    Raises:
        ModelError: it does not.
    """
    source = type_source(str(config["model_type"]))
    if source is None:
        raise ModelError(
            f"{folder / 'config.json'}: mlx-lm does not know the model type {config['model_type']!r}",
            hint="choose another model, or a newer mlx-lm if it has learnt that type",
        )
    if missing := [name for name in _required(source) if name not in config]:
        raise ModelError(
            f"{folder / 'config.json'} lacks {', '.join(missing)}, which mlx-lm needs for a {source.stem} model",
            hint="take that from the config.json of the original model",
        )


def check_tokens(folder: Path, config: dict[str, Any], profile: Profile | None = None) -> list[str]:
    """Whether the tokenizer knows the ends of a turn and belongs to this model. Returns what is odd but works.

    Raises:
        ModelError: it does not, so that the model would never stop or be fed ids that it lacks.
    """
    table = read_json(folder, "tokenizer.json")
    try:
        added = added_tokens(table)
        words = table["model"]["vocab"]
        largest = max(words.values()) if isinstance(words, dict) else len(words) - 1
        highest = max(largest, *added.values(), 0)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{folder / 'tokenizer.json'} is no tokenizer", hint="download it again") from error
    try:
        rows = vocabulary(config)
    except (ArithmeticError, AttributeError, TypeError, ValueError) as error:
        raise ModelError(
            f"{folder / 'config.json'} has a vocab_size that is no number", hint="download it again"
        ) from error
    needs = f", which profile {profile.name} needs" if profile else ""
    check_tokenizer(folder, added, highest, rows, needs)
    if profile is None:
        return []
    tags = dict.fromkeys(tag for text in profile.openings for tag in _TAG.findall(text))
    return [
        f"{tag} is not one token here, as it was where {profile.name} was trained" for tag in tags if tag not in added
    ]


def type_source(kind: str) -> Path | None:
    """The file of mlx-lm that a type of model is made from; None if there is none."""
    library = _library()
    kind = _renamed(library / "utils.py").get(kind, kind)
    source = library / "models" / f"{kind}.py"
    return source if kind.isidentifier() and source.is_file() else None


@cache
def _library() -> Path:
    """The folder of mlx-lm, found without importing it."""
    found = importlib.util.find_spec("mlx_lm")
    if found is None or not found.origin:
        raise ModelError("mlx-lm is not installed", hint="install codemode-tui again")
    return Path(found.origin).parent


# Not by `ast`: this runs in a thread while others compile code, and CPython 3.11 counts the depth of all
# syntax trees under way in one number ("AST constructor recursion depth mismatch", gh-106905).
@cache
def _renamed(source: Path) -> dict[str, str]:
    """Types that mlx-lm takes for another one."""
    table = _REMAPPING.search(source.read_text("utf-8"))
    return dict(_PAIR.findall(table[1])) if table else {}


def _required(source: Path) -> list[str]:
    """Keys without a default that a model's arguments are made from; none where they are made in some other way."""
    arguments = _ARGUMENTS.search(source.read_text("utf-8"))
    return _FIELD.findall(arguments[1]) if arguments and "def from_dict(" not in arguments[1] else []
