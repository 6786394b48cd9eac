"""Credentials by their shape. Named shapes only: guessing by entropy finds 61,054 in 707 harmless rows."""

from __future__ import annotations

import re
from typing import NamedTuple


class Shape(NamedTuple):
    name: str
    hint: str
    """Text that every match holds: looking for it first is many times cheaper than the expression. Empty if there is
    none."""
    pattern: re.Pattern[str]
    """Of what it matches only the group ``value`` is secret, if it has one."""


def kinds(text: str) -> list[str]:
    """Names of the credentials whose shape occurs in ``text``."""
    return [shape.name for shape in SHAPES if shape.hint in text and shape.pattern.search(text)]


# A token begins where a word begins, or behind an escape: in code and in JSON a line break is `\\n`.
_START = r"(?:(?<![A-Za-z0-9_])|(?<=\\[nrt]))"
_TOKENS = tuple(
    Shape(name, hint, re.compile(_START + pattern))
    for name, hint, pattern in (
        ("private key", "PRIVATE KEY", r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"),
        ("GitHub token", "gh", r"gh[pousr]_[A-Za-z0-9]{36,}"),
        ("GitHub token", "github_pat_", r"github_pat_[A-Za-z0-9_]{40,}"),
        ("GitLab token", "glpat-", r"glpat-[A-Za-z0-9_-]{20,}"),
        ("AWS access key", "AKIA", r"AKIA[A-Z0-9]{16}\b"),
        ("AWS access key", "ASIA", r"ASIA[A-Z0-9]{16}\b"),
        # The prefix alone is an ordinary word ("sk-learn-…"): a key holds digits.
        ("OpenAI or Anthropic key", "sk-", r"sk-(?=[A-Za-z_-]{0,100}[0-9])[A-Za-z0-9_-]{20,}"),
        ("Hugging Face token", "hf_", r"hf_[A-Za-z0-9]{30,}"),
        ("Google API key", "AIza", r"AIza[A-Za-z0-9_-]{35}"),
        ("Google OAuth secret", "GOCSPX-", r"GOCSPX-[A-Za-z0-9_-]{28}"),
        ("Google OAuth token", "ya29.", r"ya29\.(?:[a-z]\.)?[A-Za-z0-9_-]{20,}"),
        ("Slack token", "xox", r"xox[abeoprs]-[A-Za-z0-9-]{10,}"),
        ("Slack token", "xapp-", r"xapp-[0-9]-[A-Za-z0-9-]{20,}"),
        ("Slack webhook", "hooks.slack.com", r"hooks\.slack\.com/services/[A-Za-z0-9/]{20,}"),
        ("Stripe key", "k_", r"[rs]k_(?:live|test)_[A-Za-z0-9]{20,}"),
        ("npm token", "npm_", r"npm_[A-Za-z0-9]{36}"),
        ("PyPI token", "pypi-AgE", r"pypi-AgE[A-Za-z0-9_-]{40,}"),
        ("SendGrid key", "SG.", r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
        ("DigitalOcean token", "_v1_", r"do[opr]_v1_[a-f0-9]{64}"),
        ("Shopify token", "shp", r"shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}"),
        ("Vault token", "hv", r"hv[brs]\.(?=[A-Za-z_-]{0,100}[0-9])[A-Za-z0-9_-]{24,}"),
        ("Databricks token", "dapi", r"dapi[a-f0-9]{32}(?![A-Za-z0-9])"),
        ("age key", "AGE-SECRET-KEY-1", r"AGE-SECRET-KEY-1[A-Z0-9]{58}"),
        ("Azure key", "Key=", r"(?:Account|SharedAccess)Key=(?P<value>[A-Za-z0-9+/]{43,86}={1,2})"),
        ("Telegram bot token", ":AA", r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}"),
        ("JSON web token", "eyJ", r"eyJ[A-Za-z0-9_-]{10,500}\.eyJ[A-Za-z0-9_-]{10,5000}\.[A-Za-z0-9_-]{10,}"),
        (
            "password in an address",
            "://",
            # Not what documentation writes: the user's name again, the word itself, one's own machine.
            r"[a-z][a-z0-9+.-]{1,20}://(?P<user>[^\s:/@'\"]{0,100}):(?!(?:(?P=user)|pass|password|secret)@)"
            r"[^\s:/'\"{}$<>*]{3,100}@(?!localhost|127\.|example\.|host\b)[A-Za-z0-9]",
        ),
    )
)
# In JSON within a text the quotes themselves are escaped.
_IS = r"\\?[\"']?\s{0,3}[=:]\s{0,3}\\?[\"']?"
# Neither what documentation writes (YOUR_TOKEN) nor prose ("Basic authentication"): base64 has digits, inner capitals.
# A key of one's own making has digits and no dot: `settings.key` is code.
_NAMED = tuple(
    Shape(name, "", re.compile(before + _IS + pattern))
    for name, before, pattern in (
        (
            "authorization header",
            r"(?i:authorization)",
            r"(?i:bearer|token) {1,3}(?![A-Z_]+(?![\w.~+/-])|(?i:your))(?P<value>[A-Za-z0-9._~+/-]{16,}=*)",
        ),
        (
            "authorization header",
            r"(?i:authorization)",
            r"(?i:basic) {1,3}(?=[A-Za-z+/]{0,200}(?:[0-9=]|(?<=[a-z])[A-Z]))(?P<value>[A-Za-z0-9+/]{6,}=*)",
        ),
        (
            "API key header",
            r"(?i:x-api-key)",
            r"(?!(?i:your))(?=[A-Za-z_~+/-]{0,100}[0-9])(?P<value>[A-Za-z0-9_~+/-]{16,}=*)",
        ),
        (
            "AWS secret key",
            r"(?i:aws_?secret_?(?:access_?)?key)",
            r"(?P<value>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+])",
        ),
    )
)
SHAPES = (*_TOKENS, *_NAMED)
