"""Where messages come from, without what would tell more than that: no paths, no dates, no addresses."""

from __future__ import annotations

import hashlib
from typing import Any

from codemode_tui.engine.address import PREFIX
from codemode_tui.feedback.example import content

_MODEL = (
    "name", "engine", "architecture", "quantization", "weights_sha256", "tokenizer_sha256", "template_sha256",
)  # fmt: skip
_SHORT = 16


def public(made: dict[str, Any]) -> dict[str, Any]:
    """The part of a stored provenance that goes into a manifest."""
    model = made.get("model")
    kept: dict[str, Any] = {
        key: made[key] for key in ("app", "by", "profile", "profile_sha256", "sampling") if key in made
    }
    if isinstance(model, dict):
        kept["model"] = {key: model[key] for key in _MODEL if key in model}
        name = str(model.get("name", ""))
        if name.startswith(PREFIX):  # where the server is, is nobody's business
            own = name.partition("#")[2]
            kept["model"]["name"] = PREFIX + (own.rpartition("/")[2] if own.startswith("/") else own)
    return kept


def provenance_id(made: dict[str, Any]) -> str:
    """Its key in the manifest: a hash of what is public of it."""
    return hashlib.sha256(content(public(made)).encode()).hexdigest()[:_SHORT]
