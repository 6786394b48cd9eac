"""Halves of characters: Python's text and JSON's escapes may hold one, UTF-8 may not, so no message can carry it."""

from __future__ import annotations

import json
from typing import Any


def joined(value: Any) -> Any:  # noqa: ANN401 - a JSON value
    """``value`` with two halves made one character, and U+FFFD for a half that stands alone."""
    text = json.dumps(value, ensure_ascii=False)
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value if whole == text else json.loads(whole)
