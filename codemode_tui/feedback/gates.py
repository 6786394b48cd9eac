"""What keeps an example out of an export. Every refusal has a name; nothing doubtful passes silently."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from msgspec.structs import replace

from codemode_tui.engine.jsonfile import read_json
from codemode_tui.feedback.example import FEEDBACK, Example, Said
from codemode_tui.feedback.redaction import Hit, Redactor, Rule, left_over
from codemode_tui.protocol.calls import compiles
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.render import CALL, CALL_END, END, RESPONSE, RESPONSE_END, START
from codemode_tui.protocol.types import Decision

GATES = {
    "dropped": "a reviewer dropped it",
    "other_profile": "it was made under another profile than the one that was asked for",
    "prompt_mismatch": "rendering its messages does not give back the prompt that the model saw, byte for byte",
    "no_prompt": "an imported row that is not a system prompt, a question and an answer",
    "unclear_label": "a label of an imported row is neither true nor false: nobody knows whether its answer is good",
    "empty_target": "there is no message to learn",
    "malformed": "the message was cut off, or its call is not written as it should be",
    "special_tokens": "a text holds what the tokenizer takes for a control token",
    "secret": "a credential is left that redaction cannot take out",
    "syntax": "the code is no valid Python",
    "redacted_code": "its code breaks where redaction takes out a name: one of its variables is called like that",
    "unverified": "its code did not run well, or nobody stands for it",
    "protected": "its question resembles one of the evaluation suite",
    "bridge": "it resembles examples of two splits",
    "leak": "an imported row resembles an example of another split",
    "rejected_text": "the same answer to the same prompt was rejected",
    "contradiction": "the same prompt is answered with a call here and without one there",
    "duplicate": "it says the same as another row",
    "over_long": "prompt and message have more tokens than the trainer reads",
    "split_conflict": "an export that was named earlier has a question like it in another split",
    "corrected": "a to-do of one export whose turn is corrected in another",
    "unloadable": "the model's own chat template or tokenizer refuses it",
}
"""Reasons of quarantine and what they mean."""

_ALWAYS = (START, END, "<|endoftext|>", RESPONSE, RESPONSE_END, CALL, CALL_END)


def control_tokens(model: Path | None) -> tuple[str, ...]:
    """Texts that the tokenizer of ``model`` reads as one token wherever they stand; without its files, those that all
    have.

    Raises:
        ModelError: it has no tokenizer that can be read.
    """
    known = read_json(model, "tokenizer.json") if model else {}
    added = (token.get("content", "") for token in known.get("added_tokens") or ())
    return tuple(sorted({*_ALWAYS, *(text for text in added if len(text) > 2 and text[0] in "<[{")}))


def redacted(example: Example, rules: tuple[Rule, ...]) -> tuple[Example, list[tuple[str, Hit]]]:
    """The example without what is nobody's business, and each place where something was.

    The system prompt stays where it belongs to a profile: the model will see it as it is.
    """
    redact = Redactor(rules)
    prompt = tuple(
        said if said.role == "system" and example.source == FEEDBACK else Said(said.role, redact(said.content))
        for said in example.prompt
    )
    found = [("prompt", hit) for hit in redact.hits]
    texts: dict[str, str | None] = {}
    for name in ("chosen", "rejected", "query", "comment"):
        redact.hits.clear()
        text = getattr(example, name)
        texts[name] = text if text is None else redact(text)
        if name != "query":  # it is the prompt's last question
            found += [(name, hit) for hit in redact.hits]
    example, before = replace(example, prompt=prompt, **texts), example.chosen
    if before is not None and _is_code(before) and not _is_code(example.chosen or ""):
        example = replace(example, doubt="redacted_code")
    return example, found


def refuse_prompt(example: Example, controls: Collection[str]) -> str:
    """Why nothing of an example can be exported; empty if its prompt is in order."""
    if example.refused:
        return example.refused
    if example.prompt[-1].role != "user":
        return "malformed"  # a message of the model behind another one: no prompt is like that
    if any(_holds_control(said, controls) for said in example.prompt):
        return "special_tokens"
    texts = [*(said.content for said in example.prompt), example.query, example.comment]
    return "secret" if any(left_over(text) for text in texts if text) else ""


def refuse_chosen(example: Example, text: str, controls: Collection[str]) -> str:
    """Why ``text`` cannot be what is learnt; empty if it can."""
    if not text.strip():
        return "empty_target"
    if example.doubt == "redacted_code":
        return example.doubt
    if _controls(_without_calls(text), controls):
        return "special_tokens"
    parsed = parse(text)
    if parsed.decision is Decision.TOOL and not compiles(parsed.code or ""):
        return "syntax"
    if example.doubt == "malformed" or parsed.decision not in (Decision.TOOL, Decision.DIRECT) or parsed.warnings:
        return "malformed"
    if max(text.count(CALL), text.count(CALL_END)) > (parsed.decision is Decision.TOOL):
        return "special_tokens"  # text of the code or of the answer, which the tokenizer reads as a call's tag
    return "secret" if left_over(text) else example.doubt


def refuse_rejected(text: str, controls: Collection[str]) -> str:
    """Why ``text`` cannot stand as what not to say; it may be as malformed as it is."""
    if not text.strip():
        return "empty_target"
    if _controls(_without_calls(text), controls):
        return "special_tokens"
    return "secret" if left_over(text) else ""


def decision_of(text: str) -> str:
    """``tool`` or ``direct``: what a message is, as training data."""
    return "tool" if parse(text).decision is Decision.TOOL else "direct"


def _is_code(text: str) -> bool:
    """Whether a message is a call of code that is valid Python."""
    parsed = parse(text)
    return parsed.decision is Decision.TOOL and compiles(parsed.code or "")


def _holds_control(said: Said, controls: Collection[str]) -> bool:
    """Whether a message of a prompt holds a control token that the renderer did not write.

    A system prompt may speak of calls. An earlier message of the model may make several.
    """
    text = said.content
    if said.role == "system":
        return _controls(text, [token for token in controls if token.startswith("<|")])
    if said.role == "assistant":
        text = _without_calls(text)
    elif text.startswith(f"{RESPONSE}\n") and text.rstrip("\n").endswith(f"\n{RESPONSE_END}"):
        text = text.rstrip("\n")[len(RESPONSE) : -len(RESPONSE_END)]
    return _controls(text, controls)


def _without_calls(text: str) -> str:
    """The tags of its own calls are the model's to write."""
    return text.replace(CALL, "").replace(CALL_END, "")


def _controls(text: str, controls: Collection[str]) -> bool:
    return any(token in text for token in controls)
