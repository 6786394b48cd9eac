"""Render a conversation into the exact bytes that the model was trained on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from codemode_tui.protocol.profiles import Profile
from codemode_tui.protocol.types import Message, Segment

START, END = "<|im_start|>", "<|im_end|>"
RESPONSE, RESPONSE_END = "<tool_response>", "</tool_response>"
CALL, CALL_END = "<tool_call>", "</tool_call>"
_SURROGATE = re.compile("[\ud800-\udfff]")
_TAGS = re.compile(f"({CALL}|{CALL_END}|{RESPONSE}|{RESPONSE_END})")
HEAD_SHARE, TAIL_SHARE = 0.625, 0.25
"""Of a shortened output: how much of the limit its beginning and its end get."""


def render(
    profile: Profile,
    messages: Sequence[Message],
    *,
    add_generation_prompt: bool = True,
    system: str | None = None,
) -> tuple[Segment, ...]:
    """A conversation as segments; their joined texts are the exact prompt.

    Args:
        profile: the dialect and the system prompt.
        messages: oldest first, without the system prompt.
        add_generation_prompt: end with the opening of an assistant message.
        system: another system prompt than the profile's (training rows of an older set).

    Only what the renderer itself writes is ``special``: text of users, files and programs can never
    become a control token, whatever it contains.
    """
    pieces: list[Segment] = [*_turn("system", system)] if system is not None else [*_own_system(profile)]
    for message in messages:
        if message.role == "user":
            pieces += _turn("user", message.content)
        elif message.role == "tool":
            pieces += _response(profile, message.content)
        else:
            pieces += [
                _special(START),
                Segment("assistant\n"),
                *_assistant(message),
                _special(END),
                Segment("\n"),
            ]
    if add_generation_prompt:
        pieces += [_special(START), Segment("assistant\n")]
    return tuple(_merged(pieces))


def render_text(segments: Sequence[Segment]) -> str:
    """The prompt as one string."""
    return "".join(segment.text for segment in segments)


def shorten(text: str, limit: int) -> str:
    """``text`` within about ``limit`` characters: head, a line that says what was left out, tail."""
    if len(text) <= limit:
        return text
    head, tail = int(limit * HEAD_SHARE), int(limit * TAIL_SHARE)
    return f"{text[:head]}\n... [{len(text) - head - tail} characters left out] ...\n{text[len(text) - tail :]}"


def response_text(
    profile: Profile,
    *,
    status: str,
    stdout: str,
    stderr: str = "",
    exception: tuple[str, str, int | None] | None = None,
    exit_code: int | None = None,
    reason: str = "",
) -> str:
    """What the model is told of a run: its output, and one last line if it did not end well.

    Args:
        status: of the run (``ok``, ``error``, ``timeout``, ``memory``, ``killed``, ``denied``, ``not_run``).
        stdout, stderr: what it printed.
        exception: type, message and line of what the code did not catch.
        exit_code: of ``sys.exit``.
        reason: why the user declined, in the user's words; or why the run was stopped.
    """
    output, limit = stdout.removesuffix("\n"), profile.max_response_chars
    said = ""
    # Beside an exception it would say the same again; without one it is all that tells why the code gave up.
    if exception is None and status not in ("denied", "not_run"):
        said = stderr.strip()
    half = limit // 2  # is left to each of the two, so that neither drives the other out
    parts = (
        shorten(output, max(half, limit - len(said))),
        shorten(said, max(half, limit - len(output))),
        shorten(_trouble(status, exception, exit_code, reason), limit),
    )
    return "\n".join(part for part in parts if part) or "(no output)"


def _trouble(status: str, exception: tuple[str, str, int | None] | None, exit_code: int | None, reason: str) -> str:
    kind, message, line = exception or ("", "", None)
    where = f" on line {line}" if line else ""
    if exception is not None and status not in ("timeout", "killed"):
        return f"Error{where}: {kind}: {message}" if message else f"Error{where}: {kind}"
    return {
        "ok": "",
        "error": f"Error: {reason}." if reason else f"Error: the code exited with status {exit_code}.",
        "timeout": f"Error: the code took too long and was stopped{where}.",
        "memory": "Error: the code needed too much memory and was stopped.",
        "killed": f"Error: the code was stopped{where}: {reason}."
        if reason
        else f"Error: the code was stopped{where}.",
        "denied": "Error: the user declined to run this code." + (f" They said: {reason}" if reason else ""),
        "not_run": "Error: the code was not run.",
    }[status]


def _turn(role: str, text: str) -> Iterator[Segment]:
    yield _special(START)
    yield Segment(f"{role}\n{text}")
    yield _special(END)
    yield Segment("\n")


def _own_system(profile: Profile) -> Iterator[Segment]:
    """The profile's system prompt. Where it shows how a call is written, the model was trained on the real tags."""
    yield _special(START)
    yield Segment("system\n")
    for text in _TAGS.split(profile.system_prompt):
        yield Segment(text, special=_TAGS.fullmatch(text) is not None)
    yield _special(END)
    yield Segment("\n")


def _response(profile: Profile, text: str) -> Iterator[Segment]:
    yield _special(START)
    yield Segment("user\n")
    yield _special(RESPONSE)
    yield Segment(f"\n{text}\n")
    yield _special(RESPONSE_END)
    if profile.response_newline:
        yield Segment("\n")
    yield _special(END)
    yield Segment("\n")


def _assistant(message: Message) -> Iterator[Segment]:
    """Raw text verbatim. Without ids, its own call tags are special again: the model wrote them so.

    Only the outermost pair is meant: a tag inside the code is code.
    """
    text = message.content
    if message.token_ids is not None:
        yield Segment(text, token_ids=message.token_ids)
        return
    match = re.search(r"<tool_call>(?=\s*\S)", text)
    last = text.rfind(CALL_END)
    if match is None or last < match.end():
        yield Segment(text)
        return
    yield Segment(text[: match.start()])
    yield _special(CALL)
    yield Segment(text[match.end() : last])
    yield _special(CALL_END)
    yield Segment(text[last + len(CALL_END) :])


def clean(text: str) -> str:
    """``text`` as a model sees it: there are no bytes for a lone surrogate, which text that was no UTF-8 may hold."""
    return _SURROGATE.sub("\ufffd", text)


def _special(text: str) -> Segment:
    return Segment(text, special=True)


def _merged(pieces: Sequence[Segment]) -> Iterator[Segment]:
    """Join neighbouring plain segments, so that they are tokenised as one string, as in training."""
    plain = ""
    for piece in pieces:
        if not piece.special and piece.token_ids is None:
            plain += clean(piece.text)
            continue
        if plain:
            yield Segment(plain)
            plain = ""
        yield piece
    if plain:
        yield Segment(plain)
