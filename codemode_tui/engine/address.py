"""Names of models at a server: ``openai:URL[#MODEL]``. Pure; nothing is asked of anybody here."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from codemode_tui.errors import ModelError

PREFIX = "openai:"
PORTS = {"http": 80, "https": 443}
DEFAULT_PATH = "/v1"
EXAMPLE = "openai:http://127.0.0.1:8080/v1#my-model"
MAX_NAME = 200


class Address(msgspec.Struct, frozen=True):
    """Where an OpenAI-compatible server listens, and which of its models is meant."""

    scheme: str
    host: str
    port: int
    path: str = DEFAULT_PATH
    """What stands before ``/completions``; without a slash at its end."""
    model: str = ""
    """The server's own name of the model; empty leaves it to the server."""

    @property
    def authority(self) -> str:
        """Host and port as a ``Host`` header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def name(self) -> str:
        """The whole name, as ``parse_address`` reads it."""
        return f"{PREFIX}{self.url}" + (f"#{self.model}" if self.model else "")


def parse_address(name: str) -> Address:
    """Read ``openai:URL[#MODEL]``; a URL without a path gets ``/v1``.

    Raises:
        ModelError: it is no such name, or it holds a password.
    """
    shown = repr(name[:MAX_NAME])
    try:
        parts = urlsplit(name.removeprefix(PREFIX))
        port = parts.port
    except ValueError as error:
        raise ModelError(f"{shown} names no server ({error})", hint=f"write it like {EXAMPLE}") from None
    if parts.username is not None or parts.password is not None:
        raise ModelError(
            "the name of a server must not hold a password",
            hint="put the key into the environment (CODEMODE_API_KEY)",
        )
    unclean = any(not "!" <= char <= "~" for char in f"{parts.netloc}{parts.path}")
    if parts.scheme not in PORTS or not parts.hostname or parts.query or unclean:
        raise ModelError(f"{shown} names no server", hint=f"write it like {EXAMPLE}")
    return Address(
        scheme=parts.scheme,
        host=parts.hostname,
        port=PORTS[parts.scheme] if port is None else port,
        path=parts.path.rstrip("/") or DEFAULT_PATH,
        model=parts.fragment,
    )
