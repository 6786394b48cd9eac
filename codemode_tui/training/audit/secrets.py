"""Credentials by their shape. Named shapes only: guessing by entropy finds 61,054 in 707 harmless rows."""

from __future__ import annotations

import re

_SHAPES = {
    "private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----",
    "GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36,}|\bgithub_pat_[A-Za-z0-9_]{40,}",
    "GitLab token": r"\bglpat-[A-Za-z0-9_-]{20,}",
    "AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    # The prefix alone is an ordinary word ("sk-learn-…"): a key holds digits.
    "OpenAI or Anthropic key": r"\bsk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{20,}",
    "Hugging Face token": r"\bhf_[A-Za-z0-9]{30,}",
    "Google API key": r"\bAIza[A-Za-z0-9_-]{35}",
    "Google OAuth secret": r"\bGOCSPX-[A-Za-z0-9_-]{28}",
    "Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}",
    "Slack webhook": r"\bhooks\.slack\.com/services/[A-Za-z0-9/]{20,}",
    "Stripe key": r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{20,}",
    "npm token": r"\bnpm_[A-Za-z0-9]{36}",
    "PyPI token": r"\bpypi-AgE[A-Za-z0-9_-]{40,}",
    "SendGrid key": r"\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}",
    "DigitalOcean token": r"\bdo[opr]_v1_[a-f0-9]{64}",
    "Telegram bot token": r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}",
    "JSON web token": r"\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    "password in an address": r"\b[a-z][a-z0-9+.-]{1,20}://[^\s:/@'\"]{1,100}:[^\s:/@'\"{}$<>]{3,100}@[A-Za-z0-9]",
}
_ANY = re.compile("|".join(f"(?:{shape})" for shape in _SHAPES.values()))


def has_secret(text: str) -> bool:
    """Whether something in ``text`` has the shape of a credential."""
    return _ANY.search(text) is not None


def kinds(text: str) -> list[str]:
    """Names of the shapes that occur in ``text``."""
    return [name for name, shape in _SHAPES.items() if re.search(shape, text)]
