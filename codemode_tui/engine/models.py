"""Which models there are, and whether a folder is a whole model. Reads files only; knows no mlx."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from codemode_tui import locations
from codemode_tui.engine.address import PREFIX, Address, parse_address
from codemode_tui.engine.api import AdapterInfo, ModelInfo
from codemode_tui.engine.jsonfile import read_json
from codemode_tui.engine.loadable import check_type
from codemode_tui.engine.templates import guess_profile, template_text
from codemode_tui.engine.weights import DamagedError, check_shard, check_shards, hub_digest, weights_hash
from codemode_tui.errors import ModelError

BUNDLED = "bundled"
MARKER = "codemode.json"
"""Optional file in a model folder: ``{"name", "profile"}``. An adapter's must be there, with ``base`` and
``base_sha256``: the name of the model whose weights it changes, and their hash."""
ADAPTER, ADAPTER_CONFIG = "adapters.safetensors", "adapter_config.json"
MAX_NAME = 200


class ModelRef(msgspec.Struct, frozen=True):
    """A model folder that was found, and the profile that fits it."""

    name: str
    path: Path
    profile: str
    guessed: str = ""
    """Why this profile, when nothing said so outright."""
    adapter: Path | None = None
    """Folder of the adapter; ``path`` is then its base's."""
    server: Address | None = None
    """Where it answers, when it is not on this machine; ``path`` then leads nowhere."""

    @property
    def folder(self) -> Path:
        """What names this model: ``find_model(str(ref.folder))`` finds it again."""
        return self.adapter or self.path

    @property
    def url(self) -> str:
        """The server's address; empty for a model of this machine."""
        return self.server.url if self.server else ""

    def here(self) -> ModelRef:
        """This model, for what needs its files.

        Raises:
            ModelError: they are at a server.
        """
        if self.server is not None:
            raise ModelError(f"the files of {self.name} are at a server", hint="name a model of this machine: --model")
        return self


def find_model(name: str | None) -> ModelRef:
    """Find a model by name: ``bundled`` (also for None), a repository of the local cache, a folder, or
    ``openai:URL[#MODEL]`` for one at a server, which is not asked.

    Raises:
        ModelError: there is no such model; nothing is ever downloaded here.
    """
    return _find(name)


def _find(name: str | None, base_of: Path | None = None) -> ModelRef:
    """``base_of``: the adapter whose base it is. That may not have a base itself: two could name each other."""
    if name in (None, "", BUNDLED):
        path = locations.bundled_model()
        if not (path / "config.json").is_file():
            raise ModelError(f"the bundled model is missing from {path}", hint="install the package again")
        return _ref(BUNDLED, path, base_of)
    assert name is not None
    if name.startswith(PREFIX):
        if base_of is not None:
            raise ModelError(f"the base of {base_of} is at a server", hint="an adapter needs its weights here")
        return _at_server(parse_address(name))
    cached = cached_folder(name)
    if cached is not None:  # first: a folder of this name where we happen to be must not answer in its place
        return _ref(name, cached, base_of)
    folder = _folder(name)
    if folder is not None:
        return _ref(folder.name, folder, base_of)
    hint = "name a model folder, a repository of the local cache, or bundled"
    if _begun(name):
        hint = f"its download is not complete: codemode model pull {name} goes on with it"
    raise ModelError(f"no model {name[:MAX_NAME]!r}", hint=hint)


def cached_names() -> list[str]:
    """The repositories of the Hugging Face cache that a model might be in."""
    folders = sorted(cache_dir().glob("models--*--*"))
    names = [folder.name.removeprefix("models--").replace("--", "/", 1) for folder in folders]
    return [name for name in names if cached_folder(name)]


def inspect(ref: ModelRef, *, fresh: bool = False, stopped: Callable[[], bool] = lambda: False) -> ModelInfo:
    """Check that the folder holds a whole model and describe it.

    The weights are hashed once; the hash is cached by path, size and modification time. ``fresh``
    hashes them again. ``stopped`` is asked while it hashes, which takes a while.

    Raises:
        InterruptedError: ``stopped`` said so.
        ModelError: what is missing or broken, file by file, and how to mend it.
    """
    if ref.server is not None:
        return ModelInfo(ref.name, ref.url, 0, None, "", ref.profile, engine="openai")
    with described(ref.path):
        return _inspect(ref, fresh, stopped)


def check(ref: ModelRef) -> tuple[dict[str, Any], list[Path]]:
    """Whether the folder holds a whole model, without reading its weights. Returns its config and its weight files.

    Raises:
        ModelError: what is missing or broken, and how to mend it.
    """
    with described(ref.here().path):
        config = read_json(ref.path, "config.json")
        if "model_type" not in config:
            raise ModelError(f"{ref.path / 'config.json'} names no model_type", hint="this is no model folder")
        shards = check_shards(ref.path)
        if not (ref.path / "tokenizer.json").is_file():
            raise ModelError(f"{ref.path} has no tokenizer.json", hint="copy it from the original model")
        check_type(ref.path, config)
        if ref.adapter is not None:
            _check_adapter(ref.adapter)
        return config, shards


def weights_bytes(folder: Path) -> int:
    """Of the weight files in ``folder``, whole or not."""
    return sum(file.stat().st_size for file in folder.glob("*.safetensors"))


@contextlib.contextmanager
def described(path: Path) -> Iterator[None]:
    """Files that say something absurd, or cannot be read, are the model's fault, not the program's."""
    try:
        yield
    except InterruptedError:
        raise
    except OSError as error:  # a link of the cache to a file that is gone
        why = f"{error.filename or path} cannot be read: {error.strerror or error}"
        raise ModelError(why, hint="download the model again, or check the permissions of its files") from error
    except (ArithmeticError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the files of {path} do not describe a model ({error})", hint="download it again") from error


def _inspect(ref: ModelRef, fresh: bool, stopped: Callable[[], bool]) -> ModelInfo:
    config, shards = check(ref)
    template = template_text(ref.path)
    weights = weights_hash(shards, fresh=fresh, stopped=stopped)
    tokenizer, file = tokenizer_hash(ref.path), ref.path / "tokenizer.json"
    if fresh and (expected := hub_digest(file)) and tokenizer != expected:
        raise DamagedError(file, tokenizer, expected)
    info = ModelInfo(
        name=ref.name,
        path=str(ref.path),
        bytes=sum(shard.stat().st_size for shard in shards),
        quantization=quantization(config),
        weights_sha256=weights,
        profile=ref.profile,
        architecture=str(config["model_type"]),
        context_limit=context_limit(config),
        tokenizer_sha256=tokenizer,
        template_sha256=hashlib.sha256(template.encode("utf-8", "replace")).hexdigest() if template else "",
    )
    return info if ref.adapter is None else _adapted(info, ref.adapter)


def _adapted(base: ModelInfo, folder: Path) -> ModelInfo:
    """The description of an adapter, from that of its base.

    Raises:
        ModelError: it is not whole, or the base is no longer the model that it was trained on.
    """
    marker, config = read_json(folder, MARKER), read_json(folder, ADAPTER_CONFIG)
    weights = folder / ADAPTER
    if marker.get("base_sha256") != base.weights_sha256:
        raise ModelError(
            f"{base.path} has changed since the adapter {folder} was trained on it",
            hint="train it again with `codemode train` (until then: `codemode train rollback`), or bring the base "
            "back as it was",
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


def _check_adapter(folder: Path) -> None:
    if not (folder / ADAPTER).is_file():
        raise ModelError(f"{folder} has no {ADAPTER}", hint="train it again with `codemode train`")
    try:
        check_shard(folder / ADAPTER)
    except ModelError as error:
        raise ModelError(error.message, hint="train it again with `codemode train`") from error


def quantization(config: dict[str, Any]) -> dict[str, int] | None:
    """``{"bits", "group_size"}`` of a model's config; None for float weights."""
    found = config.get("quantization") or config.get("quantization_config")
    return {k: int(found[k]) for k in ("bits", "group_size") if k in found} if found else None


def context_limit(config: dict[str, Any]) -> int:
    """Tokens that a model was made for; 0 when its config does not say."""
    inner = config.get("text_config")
    return int(config.get("max_position_embeddings") or (inner or {}).get("max_position_embeddings") or 0)


def _at_server(server: Address) -> ModelRef:
    profile, reason = guess_profile(Path(server.model or "its model"), {})
    reason = "nothing is known of a model at a server" if profile == "qwen3-coder" else reason
    return ModelRef(server.name, Path(os.devnull), profile, reason, server=server)


def tokenizer_hash(folder: Path) -> str:
    """SHA-256 of the model's tokenizer: what its token ids belong to. Empty when there is none."""
    file = folder / "tokenizer.json"
    return _sha256(file) if file.is_file() else ""


def _folder(name: str) -> Path | None:
    """The folder that ``name`` is the path of, None if it is no path or no folder.

    Raises:
        ModelError: it is a file.
    """
    try:
        path = Path(os.path.expanduser(name)).resolve()
        if path.is_dir():
            return path
        found = path.is_file()
    except (OSError, RuntimeError, ValueError):  # too long a name, a link that leads to itself
        return None
    if found:
        raise ModelError(f"{path} is a file, not a model folder", hint="name the folder that it is in")
    return None


def _ref(name: str, path: Path, base_of: Path | None) -> ModelRef:
    try:
        str(path).encode()
    except UnicodeEncodeError:  # neither settings nor an engine could be told of it
        raise ModelError(f"{str(path)!r} is no path in UTF-8", hint="rename the folder") from None
    with described(path):
        marker = path / MARKER
        if marker.is_file():
            table = read_json(path, MARKER)
            if isinstance(table.get("base"), str):
                if base_of is not None:
                    raise ModelError(f"the base of {base_of} is an adapter itself", hint="train it on a whole model")
                base = _find(table["base"], base_of=path)
                profile = table.get("profile")
                return ModelRef(name, base.path, profile if isinstance(profile, str) else base.profile, adapter=path)
            if isinstance(table.get("profile"), str):
                return ModelRef(name, path, table["profile"])
        profile, reason = guess_profile(path, read_json(path, "config.json"))
        return ModelRef(name, path, profile, reason)


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def cache_dir() -> Path:
    """Where the Hugging Face libraries keep what was downloaded, as they find it (``huggingface_hub.constants``)."""
    said, join = os.environ.get, os.path.join
    home = said("HF_HOME") or join(said("XDG_CACHE_HOME") or "~/.cache", "huggingface")
    folder = said("HF_HUB_CACHE") or said("HUGGINGFACE_HUB_CACHE") or join(home, "hub")
    return Path(os.path.expanduser(os.path.expandvars(folder))).absolute()


def _begun(name: str) -> bool:
    """Whether something of a repository is in the cache, though no model can be found there."""
    folder = _repository(name)
    return folder is not None and (folder / "blobs").is_dir()


def cached_folder(name: str) -> Path | None:
    """The newest snapshot of a repository in the Hugging Face cache."""
    folder = _repository(name)
    if folder is None:
        return None
    with contextlib.suppress(OSError, ValueError):
        snapshot = folder / "snapshots" / (folder / "refs" / "main").read_text().strip()
        if (snapshot / "config.json").is_file():
            return snapshot
    found = [file for file in folder.glob("snapshots/*/config.json") if file.is_file()]  # not a link to nothing
    return max(found, key=lambda file: file.stat().st_mtime).parent if found else None


def _repository(name: str) -> Path | None:
    """The folder of a repository in the cache; None when it has none, or cannot be the name of one."""
    if name.count("/") != 1 or ".." in name:
        return None
    folder = cache_dir() / f"models--{name.replace('/', '--')}"
    try:
        return folder if folder.is_dir() else None
    except OSError:  # longer than a name may be
        return None
