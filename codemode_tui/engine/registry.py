"""The models that are here: the bundled one, folders that were used, the Hugging Face cache."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from codemode_tui import locations
from codemode_tui.engine import choice
from codemode_tui.engine.address import PREFIX
from codemode_tui.engine.ends import added_tokens, end_ids
from codemode_tui.engine.jsonfile import read_optional
from codemode_tui.engine.loadable import type_source
from codemode_tui.engine.models import (
    BUNDLED,
    ModelRef,
    cache_dir,
    cached_folder,
    cached_names,
    check,
    context_limit,
    described,
    find_model,
    quantization,
)
from codemode_tui.engine.templates import template_kind, template_text
from codemode_tui.engine.weights import INDEX, hashed_folders
from codemode_tui.errors import CodemodeError

Source = Literal["bundled", "folder", "cache", "server"]


class Entry(msgspec.Struct, frozen=True):
    """One model, described without reading its weights."""

    name: str
    """What ``find_model`` finds it by."""
    source: Source
    path: str
    bytes: int = 0
    """Of the weights on disk, an adapter's base included."""
    quantization: dict[str, int] | None = None
    architecture: str = ""
    context_limit: int = 0
    template: str = ""
    """Kind of chat template, for people."""
    end_ids: tuple[int, ...] = ()
    """Token ids that end a message."""
    end_tokens: tuple[str, ...] = ()
    profile: str = ""
    guessed: str = ""
    """Why this profile; empty when the model itself names it."""
    problem: str = ""
    """Why it cannot be used; most of the rest is empty then."""


def entries() -> list[Entry]:
    """Every model that is here, the bundled one first; broken ones say so."""
    return [describe(name, source) for source, name in _names()]


def describe(name: str, source: Source) -> Entry:
    """One model by its name; what is wrong with it is in the entry."""
    path = name
    try:
        ref = find_model(name)
        path = str(ref.folder)
        return entry(ref, name, source)
    except CodemodeError as error:
        return Entry(name, source, path, problem=error.line())


def entry(ref: ModelRef, name: str, source: Source) -> Entry:
    """Describe a model that was found.

    Raises:
        ModelError: it is not whole.
    """
    if ref.server is not None:
        return Entry(name, "server", ref.url, profile=ref.profile, guessed=ref.guessed)
    with described(ref.path):
        config, shards = check(ref)
        added = added_tokens(read_optional(ref.path, "tokenizer.json"))
        texts = {id_: text for text, id_ in added.items()}
        ends = tuple(sorted(end_ids(ref.path, config, added)))
        files = [*shards, *(ref.adapter.glob("*.safetensors") if ref.adapter else ())]
        return Entry(
            name=name,
            source=source,
            path=str(ref.folder),
            bytes=sum(file.stat().st_size for file in files),
            quantization=quantization(config),
            architecture=str(config["model_type"]),
            context_limit=context_limit(config),
            template=template_kind(template_text(ref.path)),
            end_ids=ends,
            end_tokens=tuple(texts.get(one, "") for one in ends),
            profile=ref.profile,
            guessed=ref.guessed,
        )


def _names() -> Iterator[tuple[Source, str]]:
    yield "bundled", BUNDLED
    own = (locations.bundled_model().resolve(), cache_dir().resolve())
    for folder in sorted({*map(Path, choice.folders()), *hashed_folders()}):
        if _is_folder(folder) and not any(folder.resolve().is_relative_to(one) for one in own):
            yield "folder", str(folder)
    if (used := choice.current().model).startswith(PREFIX):
        yield "server", used
    yield from (("cache", name) for name in cached_names() if _for_us(name))


def _is_folder(path: Path) -> bool:
    """False for one that lies where we may not look."""
    try:
        return path.is_dir()
    except OSError:
        return False


def _for_us(name: str) -> bool:
    """Whether a repository of the cache, which other programs fill too, holds a model of a kind that could answer."""
    folder = cached_folder(name)
    if folder is None or not [*folder.glob("model*.safetensors"), *folder.glob(INDEX)]:
        return False
    kind = read_optional(folder, "config.json").get("model_type")
    return kind is None or type_source(str(kind)) is not None
