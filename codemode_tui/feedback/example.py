"""One supervised message: what stood before it, what is to be learnt, what is not."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal

import msgspec

from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.render import END, RESPONSE, RESPONSE_END, START, clean
from codemode_tui.protocol.types import Message

FEEDBACK = "feedback"
"""The source of examples that are this user's own; of others it is the name of the imported set."""


class Said(msgspec.Struct, frozen=True):
    """One message as trainers read it. The output of a run is a user's, its tags written out: so every
    ChatML template renders it alike, whatever the template makes of a tool's message."""

    role: Literal["system", "user", "assistant"]
    content: str


class Example(msgspec.Struct, frozen=True):
    """An assistant message at one place of one conversation. At least one of ``chosen`` and ``rejected`` is given."""

    turn: str
    step: int
    prompt: tuple[Said, ...]
    """The system prompt first; the last one is no assistant's."""
    chosen: str | None = None
    rejected: str | None = None
    source: str = FEEDBACK
    origin: str = "model"
    proof: Literal["run", "human", ""] = ""
    """How ``chosen`` was verified."""
    profile: str = ""
    provenance: str = ""
    """Key of the manifest's ``provenance``."""
    query: str = ""
    reasons: tuple[str, ...] = ()
    comment: str = ""
    rated_down: bool = False
    """Its turn is one that somebody may want to correct."""
    refused: str = ""
    """Why nothing of it can be exported, when that was known from the start."""
    doubt: str = ""
    """Why ``chosen`` cannot be exported, when that was known from the start."""


def chatml(prompt: tuple[Said, ...]) -> str:
    """The rendered prompt, byte for byte, up to where the assistant's message begins."""
    return "".join(f"{START}{said.role}\n{said.content}{END}\n" for said in prompt) + f"{START}assistant\n"


def said(profile: Profile, messages: tuple[Message, ...], system: str) -> tuple[Said, ...]:
    """A conversation as trainers read it, the system prompt first."""
    return (Said("system", system), *(_said(profile, message) for message in messages))


def content(value: Any) -> str:  # noqa: ANN401 - JSON values
    """Canonical JSON: what ids are hashed from."""
    return json.dumps(msgspec.to_builtins(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def row_id(value: Any) -> str:  # noqa: ANN401 - JSON values
    """Id of a row: the hash of what is learnt from it. Neither dates nor origins are part of it."""
    return "sha256:" + hashlib.sha256(content(value).encode()).hexdigest()


def _said(profile: Profile, message: Message) -> Said:
    text = clean(message.content)
    if message.role == "tool":
        return Said("user", f"{RESPONSE}\n{text}\n{RESPONSE_END}" + ("\n" if profile.response_newline else ""))
    return Said("assistant" if message.role == "assistant" else "user", text)
