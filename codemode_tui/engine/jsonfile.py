"""The JSON files of a model folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from codemode_tui.errors import ModelError


def read_json(folder: Path, name: str) -> dict[str, Any]:
    """The object in ``folder/name``.

    Raises:
        ModelError: it is not there, cannot be read, or holds no object.
    """
    file = folder / name
    try:
        table = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ModelError(
            f"{folder} has no {name}", hint="this is no model folder, or the download is not complete"
        ) from None
    except OSError as error:
        closed = isinstance(error, PermissionError)
        reason = (error.strerror or str(error)).lower()
        hint = "check the permissions of its files" if closed else "download it again"
        raise ModelError(f"{file} cannot be read: {reason}", hint=hint) from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"{file} cannot be read: {error}", hint="download it again") from error
    if not isinstance(table, dict):
        raise ModelError(f"{file} is not a JSON object", hint="download it again")
    return table


def read_optional(folder: Path, name: str) -> dict[str, Any]:
    """As ``read_json``, but a file that is missing or odd is empty."""
    try:
        return read_json(folder, name)
    except ModelError:
        return {}
