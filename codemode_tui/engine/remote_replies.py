"""What a server says, as one small value: completions and chat, whole and streamed, of every server alike."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from codemode_tui.engine.api import FinishReason
from codemode_tui.errors import ContextError, EngineError
from codemode_tui.protocol.halves import without_halves
from codemode_tui.protocol.syntax import THINK
from codemode_tui.sandbox.sanitise import one_line

UNSURE = 0.005
"""A token that is not among the likeliest ones has at most what they leave over; less than this counts as nothing."""
_FINISHES: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "content_filter": "error",
    "error": "error",
    "abort": "error",
}
_TOO_LONG = re.compile(
    r"context[-_ ]*(length|window|size|limit)|too long|too many tokens|"
    r"maximum (allowed |number of )?(input|prompt|sequence|model|length|tokens)",
    re.IGNORECASE,
)
"""Not a maximum of something else, such as ``top_logprobs``: that can be left out. Nor any context: a server's own
deadline is one, too."""
_TOO_MUCH = re.compile(r"max_(?:completion_)?tokens\b[^.:]{0,30}\btoo (?:large|high|big)", re.IGNORECASE)
"""Whoever says so may go on about the room that a conversation has."""
_WITH_ANSWER = re.compile(r"completion|max_(?:new_)?tokens", re.IGNORECASE)
_SECONDS = re.compile(r"\d{1,6}")


class Refusal(EngineError):
    """The server answered, and did not do what it was asked to do."""

    def __init__(self, message: str, *, status: int, said: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.said = said


class CallPart(msgspec.Struct, frozen=True):
    """A piece of a call that the server parsed."""

    index: int
    name: str = ""
    arguments: str = ""
    id: str = ""


class Counts(msgspec.Struct, frozen=True):
    prompt: int = 0
    cached: int = 0
    generated: int = 0


class Piece(msgspec.Struct, frozen=True):
    """One JSON document of a reply."""

    text: str = ""
    reasoning: str = ""
    calls: tuple[CallPart, ...] = ()
    finish: FinishReason | None = None
    called: bool = False
    """It says that the message ended with a call."""
    counts: Counts | None = None
    likeliest: dict[str, float] | None = None
    """Probabilities of the likeliest tokens at the first position; None when the server tells none."""
    ids: dict[str, int] = {}
    """Ids of some of them."""


def read_piece(data: str | bytes, url: str) -> Piece:
    """Read one document.

    Raises:
        ContextError: it says that the prompt is too long.
        EngineError: it reports an error, or is none of what this API knows.
    """
    try:
        table = json.loads(data)
    except (ValueError, RecursionError):
        table = None
    if not isinstance(table, dict):
        raise EngineError(
            f"{url} sent something that is no JSON object: {one_line(text_of(data[:1000]), 80)}",
            hint="check that it is an OpenAI-compatible server",
        )
    if _is_error(table):
        raise failure(url, 0, _said(table))
    choices = table.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else {}
    message: dict[str, Any] = next(
        (choice[key] for key in ("delta", "message") if isinstance(choice.get(key), dict)), {}
    )
    finish = choice.get("finish_reason")
    likeliest, ids = _likeliest(choice.get("logprobs"))
    return Piece(
        text=_string(choice.get("text")) + _content(message.get("content")) + _string(message.get("refusal")),
        reasoning=_string(message.get("reasoning_content")) or _string(message.get("reasoning")),
        calls=tuple(_calls(message.get("tool_calls") or [{"function": message.get("function_call")}])),
        finish=_FINISHES.get(finish, "stop") if finish and isinstance(finish, str) else None,
        called=finish in ("tool_calls", "function_call"),
        counts=_counts(table.get("usage")),
        likeliest=likeliest,
        ids=ids,
    )


def _is_error(table: dict[str, Any]) -> bool:
    """Servers name an error in the middle of a stream in several ways; not all of them have an ``error``."""
    if table.get("error") or table.get("object") == "error":
        return True
    return not table.keys() & {"choices", "usage"} and bool(table.keys() & {"message", "detail"})


def failure(url: str, status: int, said: str, wait: str = "") -> EngineError | ContextError:
    """The error for a reply that is one; ``status`` 0 stands for one in the middle of a stream.

    ``wait`` is its ``Retry-After``: seconds, where it is not a date.
    """
    what = f": {said}" if said else ""
    too_much = bool(_TOO_MUCH.search(said))
    if not too_much and status in (0, 400, 413, 422) and _TOO_LONG.search(said):
        return ContextError(f"{url} says the conversation is too long{what}", hint="begin a new conversation")
    hints = {
        401: "put its key into the environment (see engine.api_key_env)",
        403: "put its key into the environment (see engine.api_key_env)",
        404: "check the address and the model's name: openai:URL#MODEL",
        429: "it has too much to do: wait and ask again",
    }
    code = f"error {status}" if status else "an error"
    hint = hints.get(status, "look at the server's log")
    if status in (429, 503) and _SECONDS.fullmatch(wait):
        hint = f"it has too much to do: wait {wait} seconds and ask again"
    if too_much:
        hint = "ask for shorter messages: --max-tokens, or codemode config set sampling.max_tokens"
    return Refusal(f"{url} answered with {code}{what}", status=status, said=said, hint=hint)


def wants_room(error: Refusal | ContextError) -> bool:
    """Whether a shorter message may be let through: what the server counted was not the prompt alone."""
    pattern = _WITH_ANSWER if isinstance(error, ContextError) else _TOO_MUCH
    return bool(pattern.search(error.message))


def said_in(body: str | bytes) -> str:
    """What an error reply says, on one line."""
    try:
        table = json.loads(body)
    except (ValueError, RecursionError):
        table = None
    return _said(table) if isinstance(table, dict) else one_line(text_of(body[:1000]), 160)


def listed_models(body: bytes) -> dict[str, int]:
    """Names of the models in a reply to ``/models``, and the tokens that each has room for, 0 when unknown."""
    try:
        table = json.loads(body)
        rows = [row for row in table["data"] if isinstance(row.get("id"), str)]
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return {}
    keys = ("max_model_len", "context_length", "max_context_length", "context_window")
    return {without_halves(row["id"]): next((row[key] for key in keys if _whole(row.get(key))), 0) for row in rows}


def likelihood(openings: Sequence[str], likeliest: dict[str, float]) -> dict[str, float] | None:
    """Probability of each opening, where each is one token and enough is known of the others; None otherwise.

    None too for a model that thinks first: these are not the tokens that it decides with.
    """
    if max(likeliest, key=lambda text: likeliest[text], default="").strip() == THINK:
        return None
    left = max(0.0, min(1.0 - sum(likeliest.values()), min(likeliest.values(), default=1.0)))
    found = {text: likeliest.get(text, 0.0) for text in openings}
    if any(text not in likeliest and (left > UNSURE or not _one_token(text)) for text in openings):
        return None
    return found


def _one_token(text: str) -> bool:
    return text.startswith("<") and text.endswith(">") and not any(char.isspace() for char in text)


def _calls(value: object) -> Iterator[CallPart]:
    for at, one in enumerate(value if isinstance(value, list) else []):
        function = one.get("function") if isinstance(one, dict) else None
        if not isinstance(function, dict):
            continue
        arguments = function.get("arguments")
        yield CallPart(
            index=one["index"] if _whole(one.get("index")) else at,
            name=_string(function.get("name")),
            id=_string(one.get("id")),
            arguments=arguments if isinstance(arguments, str) else "" if arguments is None else json.dumps(arguments),
        )


def _counts(value: object) -> Counts | None:
    if not isinstance(value, dict):
        return None
    details = value.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, dict) else 0
    prompt, generated = value.get("prompt_tokens"), value.get("completion_tokens")
    known = [int(one) if isinstance(one, int) and _whole(one) else 0 for one in (prompt, cached, generated)]
    return Counts(known[0], known[1], known[2])


def _likeliest(value: object) -> tuple[dict[str, float] | None, dict[str, int]]:
    """The first position's likeliest tokens, in either of the two shapes that servers use."""
    if not isinstance(value, dict):
        return None, {}
    found: dict[str, float] = {}
    ids: dict[str, int] = {}
    tops, content = value.get("top_logprobs"), value.get("content")
    if isinstance(tops, list) and tops and isinstance(tops[0], dict):
        found = {token: _probability(log) for token, log in tops[0].items()}
    elif isinstance(content, list) and content and isinstance(content[0], dict):
        rows = content[0].get("top_logprobs")
        for row in rows if isinstance(rows, list) else []:
            if isinstance(row, dict) and isinstance(row.get("token"), str):
                found[row["token"]] = _probability(row.get("logprob"))
                if _whole(row.get("id")):
                    ids[row["token"]] = row["id"]
    return found or None, ids


def _probability(log: object) -> float:
    if not isinstance(log, int | float) or isinstance(log, bool) or log != log:  # the last is NaN
        return 0.0
    return math.exp(max(-1000, min(0, log)))  # an integer may be larger than any float


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62


def _said(table: dict[str, Any]) -> str:
    """The message of an error, wherever the server puts it."""
    error: Any = table.get("error") or table.get("detail") or table.get("message") or ""
    if isinstance(error, dict):
        error = error.get("message") or json.dumps(error)
    return one_line(error if isinstance(error, str) else json.dumps(error), 200)


def _content(value: object) -> str:
    """The text of a message, where it is a list of parts as well."""
    if not isinstance(value, list):
        return _string(value)
    return "".join(
        _string(one.get("text")) for one in value if isinstance(one, dict) and one.get("type", "text") == "text"
    )


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def text_of(data: str | bytes) -> str:
    return data if isinstance(data, str) else data.decode("utf-8", "replace")
