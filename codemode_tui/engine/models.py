"""Which models there are, and whether a folder is a whole model. Reads files only; knows no mlx."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from codemode_tui import locations
from codemode_tui.engine.api import AdapterInfo, ModelInfo
from codemode_tui.errors import ModelError

BUNDLED = "bundled"
MARKER = "codemode.json"
"""Optional file in a model folder: ``{"name", "profile"}``. An adapter's must be there, with ``base`` and
``base_sha256``: the name of the model whose weights it changes, and their hash."""
ADAPTER, ADAPTER_CONFIG = "adapters.safetensors", "adapter_config.json"
BLOCK = 1 << 22
MAX_NAME = 200
DIGITS = 64
"""Of a SHA-256 in hexadecimal; a note with fewer was cut off."""


class ModelRef(msgspec.Struct, frozen=True):
    """A model folder that was found, and the profile that fits it."""

    name: str
    path: Path
    profile: str
    guessed: str = ""
    """Why this profile, when nothing said so outright."""
    adapter: Path | None = None
    """Folder of the adapter; ``path`` is then its base's."""

    @property
    def folder(self) -> Path:
        """What names this model: ``find_model(str(ref.folder))`` finds it again."""
        return self.adapter or self.path


def find_model(name: str | None) -> ModelRef:
    """Find a model by name: ``bundled`` (also for None), a folder, or a repository of the local cache.

    Raises:
        ModelError: there is no such model; nothing is ever downloaded here.
    """
    if name in (None, "", BUNDLED):
        path = locations.bundled_model()
        if not (path / "config.json").is_file():
            raise ModelError(f"the bundled model is missing from {path}", hint="install the package again")
        return _ref(BUNDLED, path)
    assert name is not None
    folder = _folder(name)
    if folder is not None:
        return _ref(folder.name, folder)
    cached = _in_cache(name)
    if cached is not None:
        return _ref(name, cached)
    raise ModelError(
        f"no model {name[:MAX_NAME]!r}", hint="name a model folder, a repository of the local cache, or bundled"
    )


def list_models() -> list[ModelRef]:
    """The bundled model and every whole-looking mlx model of the Hugging Face cache."""
    found = [find_model(BUNDLED)]
    for folder in sorted(_cache_dir().glob("models--*")):
        name = folder.name.removeprefix("models--").replace("--", "/", 1)
        path = _in_cache(name)
        if path is not None and list(path.glob("*.safetensors")):
            with contextlib.suppress(ModelError):  # a broken one must not hide the others
                found.append(_ref(name, path))
    return found


def inspect(ref: ModelRef, *, fresh: bool = False, stopped: Callable[[], bool] = lambda: False) -> ModelInfo:
    """Check that the folder holds a whole model and describe it.

    The weights are hashed once; the hash is cached by path, size and modification time. ``fresh``
    hashes them again. ``stopped`` is asked while it hashes, which takes a while.

    Raises:
        InterruptedError: ``stopped`` said so.
        ModelError: what is missing or broken, file by file, and how to mend it.
    """
    try:
        return _inspect(ref, fresh, stopped)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"the files of {ref.path} do not describe a model ({error})", hint="download it again"
        ) from error


def check(ref: ModelRef) -> tuple[dict[str, Any], list[Path]]:
    """Whether the folder holds a whole model, without reading its weights. Returns its config and its weight files.

    Raises:
        ModelError: what is missing or broken, and how to mend it.
    """
    config = _json(ref.path, "config.json")
    if "model_type" not in config:
        raise ModelError(f"{ref.path / 'config.json'} names no model_type", hint="this is no model folder")
    shards = check_shards(ref.path)
    if not (ref.path / "tokenizer.json").is_file():
        raise ModelError(f"{ref.path} has no tokenizer.json", hint="copy it from the original model")
    return config, shards


def _inspect(ref: ModelRef, fresh: bool, stopped: Callable[[], bool]) -> ModelInfo:
    config, shards = check(ref)
    quantization = config.get("quantization") or config.get("quantization_config") or None
    template = ref.path / "chat_template.jinja"
    weights = weights_hash(shards, fresh=fresh, stopped=stopped)
    info = ModelInfo(
        name=ref.name,
        path=str(ref.path),
        bytes=sum(shard.stat().st_size for shard in shards),
        quantization={k: int(quantization[k]) for k in ("bits", "group_size") if k in quantization}
        if quantization
        else None,
        weights_sha256=weights,
        profile=ref.profile,
        architecture=str(config["model_type"]),
        context_limit=int(config.get("max_position_embeddings") or 0),
        tokenizer_sha256=tokenizer_hash(ref.path),
        template_sha256=_sha256(template) if template.is_file() else "",
    )
    return info if ref.adapter is None else _adapted(info, ref.adapter)


def _adapted(base: ModelInfo, folder: Path) -> ModelInfo:
    """The description of an adapter, from that of its base.

    Raises:
        ModelError: it is not whole, or the base is no longer the model that it was trained on.
    """
    marker, config = _json(folder, MARKER), _json(folder, ADAPTER_CONFIG)
    weights = folder / ADAPTER
    if not weights.is_file():
        raise ModelError(f"{folder} has no {ADAPTER}", hint="train it again with `codemode train`")
    if (expected := _expected_size(weights)) != (actual := weights.stat().st_size):
        hint = "it was cut off: train it again with `codemode train`"
        raise ModelError(f"{weights} has {actual:,} bytes instead of {expected:,}", hint=hint)
    if marker.get("base_sha256") != base.weights_sha256:
        raise ModelError(
            f"{base.path} has changed since the adapter {folder} was trained on it",
            hint="train it again with `codemode train`, or bring the base back as it was",
        )
    both = f"{base.weights_sha256}{_sha256(weights)}{_sha256(folder / ADAPTER_CONFIG)}"
    rank = int(config["lora_parameters"]["rank"])
    return msgspec.structs.replace(
        base,
        path=str(folder),
        bytes=base.bytes + weights.stat().st_size,
        weights_sha256=hashlib.sha256(both.encode()).hexdigest(),
        adapter=AdapterInfo(marker["base"], base.path, base.weights_sha256, weights.stat().st_size, rank),
    )


def tokenizer_hash(folder: Path) -> str:
    """SHA-256 of the model's tokenizer: what its token ids belong to. Empty when there is none."""
    file = folder / "tokenizer.json"
    return _sha256(file) if file.is_file() else ""


def check_shards(folder: Path) -> list[Path]:
    """All weight files of a folder, each whole.

    Raises:
        ModelError: no weights, a shard that the index names is missing, or one that was cut off.
    """
    index = folder / "model.safetensors.index.json"
    names: set[str] = set()
    if index.is_file():
        names = set(_json(folder, index.name).get("weight_map", {}).values())
    shards = sorted({folder / name for name in names} | set(folder.glob("model*.safetensors")))
    if not shards:
        raise ModelError(f"{folder} holds no weights (model*.safetensors)", hint="this is no mlx model folder")
    for shard in shards:
        if not shard.is_file():
            raise ModelError(f"{shard} is missing, but the index names it", hint="download that shard again")
        expected = _expected_size(shard)
        actual = shard.stat().st_size
        if actual != expected:
            raise ModelError(
                f"{shard} has {actual:,} bytes instead of {expected:,}",
                hint="it was cut off: download it again",
            )
    return shards


def weights_hash(shards: list[Path], *, fresh: bool = False, stopped: Callable[[], bool] = lambda: False) -> str:
    """SHA-256 over all weight files, in order of their names; computed once and remembered.

    Raises:
        InterruptedError: ``stopped`` said so.
    """
    key = [[str(s), s.stat().st_size, s.stat().st_mtime_ns] for s in shards]
    note = locations.cache_dir() / "weights" / f"{hashlib.sha256(json.dumps(key).encode()).hexdigest()}.txt"
    if not fresh and note.is_file() and len(known := note.read_text("ascii", "replace")) == DIGITS:
        return known
    digest = hashlib.sha256()
    for shard in shards:
        with shard.open("rb") as stream:
            while block := stream.read(BLOCK):
                if stopped():
                    raise InterruptedError(f"hashing {shard} was stopped")
                digest.update(block)
    try:
        locations.private_dir(note.parent)
        note.write_text(digest.hexdigest())
    except OSError:
        pass  # a cache that cannot be written only costs time
    return digest.hexdigest()


def guess_profile(path: Path, config: dict[str, Any]) -> tuple[str, str]:
    """The profile of a model that does not name one, and the reason for the guess."""
    template = path / "chat_template.jinja"
    text = template.read_text("utf-8", "replace") if template.is_file() else ""
    name = f"{path.name} {config.get('_name_or_path', '')}".lower()
    if "phase22" in name or "codemode" in name or "code-mode" in name or "punie" in name:
        return "phase22", "its name says Code Mode"
    if "<function=" in text:
        return "qwen3-coder", "its chat template writes <function=…>"
    return "qwen3-coder", f"nothing better is known for {config.get('model_type', 'this type')}"


def _folder(name: str) -> Path | None:
    """The folder that ``name`` is the path of, None if it is no path or no folder.

    Raises:
        ModelError: it is a file.
    """
    try:
        path = Path(name).expanduser().resolve()
        if path.is_dir():
            return path
        found = path.is_file()
    except (OSError, RuntimeError, ValueError):  # too long a name, a home that nobody has
        return None
    if found:
        raise ModelError(f"{path} is a file, not a model folder", hint="name the folder that it is in")
    return None


def _ref(name: str, path: Path) -> ModelRef:
    marker = path / MARKER
    if marker.is_file():
        table = _json(path, MARKER)
        if isinstance(table.get("base"), str):
            base = find_model(table["base"])
            if base.adapter is not None:
                raise ModelError(f"the base of {path} is an adapter itself", hint="train it on a whole model")
            profile = table.get("profile")
            return ModelRef(name, base.path, profile if isinstance(profile, str) else base.profile, adapter=path)
        if isinstance(table.get("profile"), str):
            return ModelRef(name, path, table["profile"])
    profile, reason = guess_profile(path, _json(path, "config.json"))
    return ModelRef(name, path, profile, reason)


def _json(folder: Path, name: str) -> dict[str, Any]:
    file = folder / name
    try:
        table = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ModelError(
            f"{folder} has no {name}", hint="this is no model folder, or the download is not complete"
        ) from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{file} cannot be read: {error}", hint="download it again") from error
    if not isinstance(table, dict):
        raise ModelError(f"{file} is not a JSON object", hint="download it again")
    return table


def _expected_size(shard: Path) -> int:
    """Bytes that a safetensors file must have, from its own header."""
    with shard.open("rb") as stream:
        head = stream.read(8)
        length = struct.unpack("<Q", head)[0] if len(head) == 8 else 0
        if not 2 <= length <= 100_000_000:
            raise ModelError(f"{shard} is no safetensors file", hint="download it again")
        try:
            header = json.loads(stream.read(length))
        except ValueError:
            raise ModelError(f"{shard} was cut off inside its header", hint="download it again") from None
    ends = [entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__"]
    return 8 + length + max(ends, default=0)


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _cache_dir() -> Path:
    home = os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface"
    return Path(os.environ.get("HF_HUB_CACHE") or Path(home) / "hub")


def _in_cache(name: str) -> Path | None:
    """The newest snapshot of a repository in the Hugging Face cache."""
    if name.count("/") != 1 or ".." in name:
        return None
    folder = _cache_dir() / f"models--{name.replace('/', '--')}"
    main = folder / "refs" / "main"
    if main.is_file():
        snapshot = folder / "snapshots" / main.read_text().strip()
        if (snapshot / "config.json").is_file():
            return snapshot
    snapshots = sorted(folder.glob("snapshots/*/config.json"), key=lambda p: p.stat().st_mtime)
    return snapshots[-1].parent if snapshots else None
