"""Download a model into the Hugging Face cache: resumed where it was broken off, and there only once it is whole.

What makes a model be found is its ``config.json``: it is put there last, when all else was checked. The reference
``main`` moves on only then, so that the version before answers until the new one is whole.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from codemode_tui.engine.loadable import check_tokens, type_source
from codemode_tui.engine.lock import try_lock
from codemode_tui.engine.memory import gigabytes
from codemode_tui.engine.models import cache_dir, check, find_model
from codemode_tui.engine.weights import DIGITS, INDEX, DamagedError, check_shards, weights_hash
from codemode_tui.errors import ModelError

CONFIG = "config.json"
NEEDED = (
    "added_tokens.json", "chat_template.jinja", "chat_template.json", "codemode.json", "generation_config.json",
    "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", INDEX,
)  # fmt: skip
SPARE = 200_000_000
"""Bytes of disk that are left free."""
PURGES = sys.platform == "darwin"
"""macOS makes room as a disk fills up, of snapshots and of what iCloud has, and does not count that as free."""
_WEIGHTS = re.compile(r"model[^/]*\.safetensors")
_COMMIT = re.compile(r"[0-9a-f]{40,64}")
_REPOSITORY = re.compile(r"(?!.*(--|\.\.|\.git\Z))\b[\w.-]{1,96}\b/\b[\w.-]{1,96}\b")
"""As the hub's own library has it (``validate_repo_id``)."""
ELSEWHERE = "check its permissions, or set HF_HOME to another folder"
AGAIN = "run the same command again: it goes on where it was"


class File(NamedTuple):
    """A file of a repository."""

    name: str
    size: int
    etag: str
    """What its blob in the cache is called."""


class Progress(NamedTuple):
    """How far a download is, in bytes; what was there before counts too."""

    file: str
    done: int
    total: int


class Pulled(NamedTuple):
    path: Path
    revision: str
    bytes: int
    """Of all files."""
    fetched: int
    """Bytes that were not there before."""


Tell = Callable[[Progress], None]


def pull(
    repository: str,
    revision: str | None = None,
    tell: Tell = lambda _: None,
    warn: Callable[[str], None] = lambda _: None,
) -> Pulled:
    """Download what of ``repository`` is needed and not there yet. ``HF_ENDPOINT`` and ``HF_TOKEN`` are honoured.

    Args:
        revision: a branch, tag or commit; None for the newest.
        tell: is called often; what it raises ends the download.
        warn: is told before anything comes that it may not have room.

    Raises:
        ModelError: there is no such repository or no access to it, the hub cannot be reached, it is no model that
            could answer, the disk is too small, or what came is not what the hub has.
    """
    if not _REPOSITORY.fullmatch(repository):
        raise ModelError(f"{repository[:200]!r} is no repository", hint="its name has the form owner/name")
    from huggingface_hub import HfApi

    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # what it retries is nobody's business
    endpoint = os.environ.get("HF_ENDPOINT", "").rstrip("/") or "https://huggingface.co"
    folder = cache_dir() / f"models--{repository.replace('/', '--')}"
    with _alone(folder, repository), _explained(repository, revision, endpoint):
        info = HfApi(endpoint=endpoint).model_info(repository, revision=revision, files_metadata=True)
        files, commit = _needed(repository, info), _commit(repository, info, endpoint)
        snapshot = folder / "snapshots" / commit
        missing = [one for one in files if not (snapshot / one.name).exists()]
        coming = [one for one in missing if not (folder / "blobs" / one.etag).is_file()]  # not another revision's, too
        _check_disk(folder, coming, warn)
        fetched = 0
        total = sum(one.size for one in files)
        done = total - sum(one.size for one in coming)
        tell(Progress("", done, total))
        for one in missing:
            if one.name == CONFIG:
                _check_weights(snapshot, fresh=True)
            fetched += _fetch(repository, commit, endpoint, one, folder, _counting(tell, one.name, done, total))
            done += one.size if one in coming else 0
            tell(Progress(one.name, done, total))
        if all(one.name != CONFIG for one in missing):  # it could be found before, broken or not
            _check_weights(snapshot, fresh=any(_WEIGHTS.fullmatch(one.name) for one in missing))
        _finish(snapshot, ours=any(one.name == CONFIG for one in missing))
        if revision is None:
            _point(folder, commit)
    return Pulled(snapshot, commit, total, fetched)


def _needed(repository: str, info: Any) -> list[File]:  # noqa: ANN401 - a ModelInfo of the hub
    """The files that a model is loaded from: small ones first, the one that makes it be found last."""
    there = {
        one.rfilename: File(one.rfilename, int(one.size or 0), one.lfs.sha256 if one.lfs else one.blob_id or "")
        for one in info.siblings or ()
    }
    weights = sorted(name for name in there if _WEIGHTS.fullmatch(name))
    if not weights or CONFIG not in there or "tokenizer.json" not in there:
        lacks = "model*.safetensors" if not weights else CONFIG if CONFIG not in there else "tokenizer.json"
        raise ModelError(f"{repository} has no {lacks}", hint="choose a repository of a model for mlx")
    kind = (info.config or {}).get("model_type")
    if kind and type_source(str(kind)) is None:
        raise ModelError(f"{repository}: mlx-lm does not know the model type {kind!r}", hint="choose another model")
    names = [name for name in NEEDED if name in there] + weights + [CONFIG]
    return [there[name] for name in names]


def _commit(repository: str, info: Any, endpoint: str) -> str:  # noqa: ANN401 - a ModelInfo of the hub
    """Which commit the hub means. It becomes part of a path: of anything else files outside the cache could be made."""
    commit = str(info.sha)
    if not _COMMIT.fullmatch(commit):
        raise ModelError(
            f"{endpoint} does not say which commit {repository} has", hint="is HF_ENDPOINT a Hugging Face hub?"
        )
    return commit


def _fetch(repository: str, commit: str, endpoint: str, file: File, folder: Path, bar: type) -> int:
    """Bring one file into the cache, as the hub's own library lays it out. Returns the bytes that came."""
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]  # as its documentation does

    url = hf_hub_url(repository, file.name, revision=commit, endpoint=endpoint)
    found = get_hf_file_metadata(url, endpoint=endpoint)
    if not found.etag or found.size is None or not re.fullmatch(r"[\w-]+", found.etag):
        raise ModelError(f"{endpoint} does not say what {file.name} is", hint="is HF_ENDPOINT a Hugging Face hub?")
    if file.size and found.size != file.size:
        raise ModelError(
            f"{file.name} of {repository} is said to have {file.size:,} bytes, and then {found.size:,}", hint=AGAIN
        )
    blob, link = folder / "blobs" / found.etag, folder / "snapshots" / commit / file.name
    for one in (blob, link):
        one.parent.mkdir(parents=True, exist_ok=True)
    came = 0
    if not blob.exists():
        headers = build_hf_headers()
        if urlsplit(found.location).netloc != urlsplit(url).netloc:
            headers.pop("authorization", None)  # the key is the hub's, not its storage's
        part = blob.with_name(f"{blob.name}.incomplete")
        with part.open("r+b" if part.exists() else "w+b") as stream:
            have = stream.seek(0, os.SEEK_END)
            if have > found.size:
                have = stream.truncate(stream.seek(0))
            http_get(
                found.location, stream, resume_size=have, headers=headers, expected_size=found.size, tqdm_class=bar
            )
            came = found.size - have
        # Weights are held to it later, when they are hashed anyway.
        known = len(found.etag) == DIGITS and not _WEIGHTS.fullmatch(file.name)
        if known and hashlib.sha256(part.read_bytes()).hexdigest() != found.etag:
            part.unlink()
            raise ModelError(f"{file.name} of {repository} is damaged: it is not what the hub has", hint=AGAIN)
        part.replace(blob)
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.relpath(blob, link.parent))
    return came


def _counting(tell: Tell, file: str, before: int, total: int) -> type:
    """A bar as the hub's library wants it, which tells instead of drawing."""

    class Bar:
        def __init__(self, *_: object, initial: int = 0, **__: object) -> None:
            self.n = initial

        def __enter__(self) -> Bar:
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def update(self, count: float = 1) -> None:
            self.n += int(count)
            tell(Progress(file, before + self.n, total))

    return Bar


def _check_weights(snapshot: Path, fresh: bool) -> None:
    """Whether all weights came and are what the hub has; a file that is not is removed. They are hashed by then."""
    try:
        weights_hash(check_shards(snapshot), fresh=fresh)
    except DamagedError as error:
        error.file.resolve().unlink(missing_ok=True)
        error.file.unlink()
        raise ModelError(error.message, hint=AGAIN) from error


def _finish(snapshot: Path, ours: bool) -> None:
    """Whether it is a model that could answer; else what came just now is as if it were not there.

    Args:
        snapshot: a whole model.
        ours: it was not whole before. One that was is other programs' too.
    """
    try:
        ref = find_model(str(snapshot))
        config, _ = check(ref)
        check_tokens(ref.path, config)
    except ModelError:
        if ours:
            (snapshot / CONFIG).unlink(missing_ok=True)
        raise


def _point(folder: Path, commit: str) -> None:
    """Let the reference ``main`` mean this commit."""
    (folder / "refs").mkdir(exist_ok=True)
    scratch = folder / "refs" / f".main-{os.getpid()}"
    scratch.write_text(commit)
    scratch.replace(folder / "refs" / "main")


def _check_disk(folder: Path, coming: list[File], warn: Callable[[str], None]) -> None:
    """What has come of a file in earlier attempts counts as there."""
    needed = 0
    for one in coming:
        part = folder / "blobs" / f"{one.etag}.incomplete"
        needed += max(0, one.size - (part.stat().st_size if part.is_file() else 0))
    there = next(one for one in (folder, *folder.parents) if one.exists())
    free = shutil.disk_usage(there).free
    if needed and needed + SPARE > free:
        words = f"the download needs {gigabytes(needed)}, and {there} has {gigabytes(free)} left"
        if not PURGES:
            raise ModelError(words, hint="free some, or set HF_HOME to a folder on a larger disk")
        warn(f"{words}, besides what macOS can purge")


@contextmanager
def _alone(folder: Path, repository: str) -> Iterator[None]:
    """One download of a repository at a time: two would write the same files.

    The lock is where the hub's own library has its locks: in a folder of its own it would make a broken repository.
    """
    locks = folder.parent / ".locks" / folder.name
    try:
        locks.mkdir(parents=True, exist_ok=True)
        lock = try_lock(locks / "codemode-pull.lock")
    except OSError as error:
        raise ModelError(f"{locks} cannot be written: {error.strerror}", hint=ELSEWHERE) from error
    if lock is None:
        raise ModelError(f"{repository} is being pulled already", hint="wait for it")
    try:
        yield
    finally:
        os.close(lock)


@contextmanager
def _explained(repository: str, revision: str | None, endpoint: str) -> Iterator[None]:
    """What the hub's library raises, in words that say what to do."""
    import httpx2
    from huggingface_hub import errors

    at = f"at {endpoint}"
    try:
        yield
    except ModelError:
        raise
    except errors.GatedRepoError as error:
        hint = f"accept them at {endpoint}/{repository}, and set HF_TOKEN to a token of yours"
        raise ModelError(f"{repository} wants its terms to be accepted", hint=hint) from error
    except errors.RevisionNotFoundError as error:
        raise ModelError(f"{repository} has no revision {revision!r}", hint="leave --revision out") from error
    except errors.RepositoryNotFoundError as error:
        hint = "check the name; if it is private, set HF_TOKEN to a token that may read it"
        raise ModelError(f"there is no repository {repository} {at}, or it is private", hint=hint) from error
    except errors.OfflineModeIsEnabled as error:
        raise ModelError("HF_HUB_OFFLINE is set", hint="unset it to download") from error
    except errors.HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        hint = "check HF_TOKEN" if status in (401, 403) else "wait a while" if status == 429 else AGAIN
        raise ModelError(f"the hub {at} answers {status} for {repository}", hint=hint) from error
    except httpx2.HTTPError as error:
        words = " ".join(str(error).split())[:200] or type(error).__name__
        raise ModelError(f"the hub {at} cannot be reached, or broke off ({words})", hint=AGAIN) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise ModelError("the disk is full", hint="free some; then the download goes on where it was") from error
        why = " ".join(str(error).split())[:300]
        hint = AGAIN if error.filename is None else ELSEWHERE
        raise ModelError(f"{repository} could not be downloaded: {why}", hint=hint) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"the answer of {endpoint} makes no sense ({error})", hint="is HF_ENDPOINT a hub?") from error
