"""Profiles: how one model was trained. Shipped as TOML beside this file, users add their own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from codemode_tui import config
from codemode_tui.config_places import numbered
from codemode_tui.errors import ConfigError, ModelError

SHIPPED = Path(__file__).resolve().parent / "profiles"
STUBS = "{stubs}"


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one model was trained (DESIGN §4). Everything here changes bytes that the model sees."""

    name: str
    description: str
    system_prompt: str
    """Exact bytes. Nothing is ever added at run time: a changed prompt costs accuracy (phase22 §1.4).
    In a file, ``{stubs}`` stands for the typed stubs of ``tools``, a line each."""
    wrapper: Literal["phase22", "qwen3-coder"]
    """How a call is written: ``phase22`` has no newline after ``<tool_call>``."""
    openings: tuple[str, ...]
    """Texts that begin a call. P(tool) is their summed probability."""
    stop: tuple[str, ...] = ("<|im_end|>", "<|endoftext|>", "<|im_start|>")
    tools: tuple[str, ...] = ()
    """Tools that this model was told about."""
    response_newline: bool = False
    """True: a newline stands between ``</tool_response>`` and ``<|im_end|>``."""
    max_response_chars: Annotated[int, msgspec.Meta(ge=100)] = 16_000
    """What goes back to the model of a longer output is head and tail with a marker.
    Within fewer there is hardly more than the marker."""
    context_limit: int = 0
    """Tokens that make sense for this model; 0 leaves it to the model."""

    @property
    def sha256(self) -> str:
        """Hash of everything that reaches the model."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).hexdigest()


def list_profiles(extra_dirs: Sequence[Path] = ()) -> dict[str, Path]:
    """All profiles by name; a user's own overrides a shipped one of the same name. Hidden files are none: editors
    keep their locks and drafts in them."""
    folders = [SHIPPED, *extra_dirs]
    return {file.stem: file for folder in folders for file in sorted(folder.glob("[!.]*.toml"))}


def load_profile(name: str, extra_dirs: Sequence[Path] = ()) -> Profile:
    """Load one profile.

    Raises:
        ModelError: there is none of that name; the message lists those that exist.
        ConfigError: the file is broken; the message names it and every wrong key.
    """
    known = list_profiles(extra_dirs)
    if name not in known:
        raise ModelError(f"no profile {name!r}", hint=f"choose one of {', '.join(sorted(known))}")
    file = known[name]
    profile = _checked({"name": name, **config.read_table(file)}, file)
    return msgspec.structs.replace(profile, system_prompt=_with_stubs(profile, file))


def _with_stubs(profile: Profile, file: Path) -> str:
    if STUBS not in profile.system_prompt:
        return profile.system_prompt
    # Made from the tools themselves (``tools.registry.stub_lines``), which this room cannot see.
    lines = (SHIPPED / "stubs.txt").read_text("utf-8").splitlines()
    known = {line.removeprefix("def ").partition("(")[0]: line for line in lines}
    if unknown := [tool for tool in profile.tools if tool not in known]:
        raise ConfigError(f"{file}: no stub of {', '.join(unknown)}", hint=f"there are {', '.join(known)}")
    return profile.system_prompt.replace(STUBS, "\n".join(known[tool] for tool in profile.tools))


def _checked(table: dict[str, Any], file: Path) -> Profile:
    fields = {field.name: field for field in msgspec.structs.fields(Profile)}
    problems = [f"{key}: no such key" for key in table if key not in fields]
    for key, field in fields.items():
        if key not in table:
            if field.required:
                problems.append(f"{key}: missing")
            continue
        try:
            msgspec.convert(table[key], field.type)
        except msgspec.ValidationError as error:
            problems.append(f"{key}: {str(error)[0].lower()}{str(error)[1:]}")
    # By the file's name it is chosen, by its own its turns are kept and exported.
    if isinstance(name := table["name"], str) and name != file.stem:
        problems.append(f"name: {name!r} is not the name of this file, {file.stem!r}")
    if problems:
        raise ConfigError(f"{file}: {'; '.join(numbered(file, problems))}", hint="mend or remove that profile")
    return msgspec.convert(table, Profile)
