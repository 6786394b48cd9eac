"""Which model answers from now on: ``model.default`` of the user's settings, and what it was before.

A profile belongs to its model: choosing another model leaves the old one's profile behind, and going
back brings it back. The chosen models are remembered in the data folder, the newest last.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
import tomli_w

from codemode_tui import config, locations
from codemode_tui.config_file import set_value, unset, write
from codemode_tui.engine.loadable import check_tokens
from codemode_tui.engine.memory import plan
from codemode_tui.engine.models import BUNDLED, check, find_model
from codemode_tui.errors import ModelError
from codemode_tui.settings import same_model

KEPT = 50


class Chosen(msgspec.Struct, frozen=True):
    """A model as ``find_model`` finds it from anywhere, and the profile if one was set for it."""

    model: str
    profile: str | None = None


class History(msgspec.Struct, frozen=True):
    """What the data folder remembers; each list the newest last."""

    before: list[Chosen] = []
    folders: list[str] = []
    """All that were ever chosen and are no repositories, also those that were taken back."""


class Change(msgspec.Struct, frozen=True):
    """What ``use`` or ``back`` did."""

    now: Chosen
    before: Chosen
    overruled_by: str = ""
    """A project's file here that names another model; empty when none does."""


def use(name: str, profile: str | None = None) -> Change:
    """Let ``name`` answer from now on; the caller has made sure that there is such a profile.

    Raises:
        ModelError: there is no such model, or its files are not whole (sizes, not hashes, are looked at).
        ConfigError: the settings cannot be read or written. Nothing has changed then.
    """
    chosen = Chosen(lasting(name), profile)
    before, overruled_by = current(), _project_file(chosen.model)
    if chosen != before:
        _remember([*history(), before], chosen)
        _set(chosen)
    elif undecided():
        set_value("model.default", _toml(chosen.model))
    return Change(chosen, before, overruled_by)


def set_profile(name: str | None) -> str | None:
    """The profile that the user's own settings name for a model, if they name one."""
    return config.load_settings(locations.config_file()).model.profile_for(name)


def back() -> Change:
    """Take the last ``use`` back, and the one before it when called again.

    Raises:
        ModelError: nothing was chosen before, or that model is no longer whole. Nothing has changed then.
        ConfigError: the settings cannot be read or written.
    """
    before, known = current(), history()
    if not known:
        raise ModelError("no model was chosen before this one", hint="codemode model use NAME chooses one")
    chosen = known[-1]
    lasting(chosen.model)
    overruled_by = _project_file(chosen.model)
    _set(chosen)
    _remember(known[:-1], chosen)
    return Change(chosen, before, overruled_by)


def previous() -> str | None:
    """The model that ``back`` would choose; None when there is none."""
    known = history()
    return known[-1].model if known else None


def current() -> Chosen:
    """What the user's settings say, whatever a project here says."""
    settings = config.load_settings(locations.config_file()).model
    return Chosen(settings.default or BUNDLED, settings.profile)


def undecided(workspace: Path | None = None) -> bool:
    """Whether neither the user nor the project of ``workspace`` has chosen a model yet."""
    return config.load_settings(locations.config_file(), workspace).model.default is None


def history() -> list[Chosen]:
    """What was chosen before, the newest last. A file that cannot be read is none."""
    known, now = _read().before, current()
    while known and known[-1] == now:  # a choice that was noted and then could not be made
        known.pop()
    return known


def folders() -> list[str]:
    """Every model folder that was ever chosen."""
    return _read().folders


def lasting(name: str) -> str:
    """``name`` as it is found from any folder, once its files are known to be whole.

    Raises:
        ModelError: it is not there or not whole, or says of itself what cannot be.
        ConfigError: the settings cannot be read.
    """
    ref = find_model(name)
    if ref.server is not None:
        return ref.name
    config_of_model, _ = check(ref)
    check_tokens(ref.path, config_of_model)
    plan(ref, config.load_settings(locations.config_file()).engine)  # as it is before each loading
    path = Path(os.path.expanduser(name)).resolve()
    return str(path) if name != BUNDLED and path == ref.folder else name


def _set(chosen: Chosen) -> None:
    unset("model.profile")  # first: between the two steps no model may have another one's profile
    set_value("model.default", _toml(chosen.model))
    if chosen.profile is not None:
        set_value("model.profile", _toml(chosen.profile))


def _toml(text: str) -> str:
    return tomli_w.dumps({"v": text}).partition("=")[2].strip()


def _read() -> History:
    try:
        return msgspec.json.decode(_file().read_bytes(), type=History)
    except (OSError, msgspec.DecodeError):
        return History()


def _remember(known: list[Chosen], chosen: Chosen) -> None:
    seen = [one for one in _read().folders if one != chosen.model]
    if Path(chosen.model).is_absolute():
        seen.append(chosen.model)
    write(_file(), msgspec.json.format(msgspec.json.encode(History(known[-KEPT:], seen[-KEPT:]))).decode() + "\n")


def _project_file(model: str) -> str:
    folder = locations.current_dir()
    file = folder / config.PROJECT_FILE
    group = config.read_table(file).get("model") if file.is_file() else None
    named = group.get("default") if isinstance(group, dict) else None
    return str(file) if isinstance(named, str) and not same_model(config.model_of(folder, named), model) else ""


def _file() -> Path:
    return locations.data_dir() / "models.json"
