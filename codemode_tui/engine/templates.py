"""What a model's chat template tells of how it was trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from codemode_tui.engine.jsonfile import read_optional

KINDS = (
    ("<function=", "ChatML, calls as XML (Qwen3-Coder)"),
    ("<|channel|>", "Harmony"),
    ("[TOOL_CALLS]", "Mistral, calls as JSON"),
    ("<|start_header_id|>", "Llama 3"),
    ("<start_of_turn>", "Gemma"),
    ("[INST]", "Mistral"),
    ("<tool_call>", "ChatML, calls as JSON (Hermes)"),
    ("<|im_start|>", "ChatML, no calls"),
)
"""Marks of chat templates, the most telling first, and what they are called."""


def template_text(folder: Path) -> str:
    """The chat template: a file of its own, or in one of two others. Empty when there is none."""
    try:
        return (folder / "chat_template.jinja").read_text("utf-8", "replace")
    except OSError:
        pass
    for name in ("chat_template.json", "tokenizer_config.json"):
        found = read_optional(folder, name).get("chat_template")
        if isinstance(found, list):  # several by name: the one for tools is what calls look like
            texts = {one.get("name"): one.get("template") for one in found if isinstance(one, dict)}
            found = texts.get("tool_use") or texts.get("default")
        if isinstance(found, str):
            return found
    return ""


def template_kind(text: str) -> str:
    """What people call a template of this text."""
    if not text:
        return "none"
    return next((kind for mark, kind in KINDS if mark in text), "unknown")


def guess_profile(path: Path, config: dict[str, Any]) -> tuple[str, str]:
    """The profile of a model that does not name one, and the reason for the guess."""
    # A repository of the cache has a commit for the name of its folder: ``models--OWNER--NAME/snapshots/COMMIT``.
    repository, cached = path.parent.parent.name, path.parent.name == "snapshots"
    own = repository.rpartition("--")[2] if cached and repository.startswith("models--") else path.name
    name = f"{own} {config.get('_name_or_path', '')}".lower()
    if "phase22" in name or "codemode" in name or "code-mode" in name or "punie" in name:
        return "phase22", "its name says Code Mode"
    kind = template_kind(template_text(path))
    if kind == KINDS[0][1]:
        return "qwen3-coder", "its chat template writes <function=…>"
    return "qwen3-coder", f"nothing better is known for {config.get('model_type', 'this type')}; its template: {kind}"
