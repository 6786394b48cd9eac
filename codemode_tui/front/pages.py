"""What can be read about a conversation: name and value, line by line. Nothing here has passed the sanitiser."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from statistics import median

from msgspec.structs import replace

from codemode_tui.engine.api import ModelInfo, decode_tps
from codemode_tui.front.matching import ranked
from codemode_tui.front.ports import Chat, Records
from codemode_tui.front.wording import size
from codemode_tui.store.ids import local
from codemode_tui.store.records import BEGIN, SearchHit, StoredSession, StoredTurn

Row = tuple[str, str]
MOST = 200
"""Sessions that a list shows."""


def profile_rows(chat: Chat) -> list[Row]:
    profile = chat.profile
    return [
        ("profile", profile.name),
        ("", profile.description),
        ("dialect", profile.wrapper),
        ("tools", ", ".join(profile.tools)),
        ("stops at", " ".join(profile.stop)),
    ]


def sandbox_rows(chat: Chat, problem: str = "") -> list[Row]:
    limits = chat.settings.limits
    return [
        ("backend", chat.sandbox_name or problem or "not looked for yet"),
        ("reads", f"{chat.workspace}, through the tools; no secrets"),
        ("writes", "nothing, until you have seen the change and said yes"),
        ("commands", "read the workspace; write it only when you say so"),
        ("network", "none"),
        ("time", f"{limits.wall_seconds:g} s"),
        ("memory", f"{limits.memory_mb:,} MB"),
        ("calls", f"{limits.calls:,} of tools, each up to {limits.call_seconds:g} s"),
    ]


SANDBOX_HINT = "/settings sandbox changes the limits · codemode sandbox check attacks it"


def model_rows(info: ModelInfo) -> list[Row]:
    bits = info.quantization
    return [
        ("path", info.path),
        ("bits", f"{bits['bits']}, groups of {bits.get('group_size', '?')}" if bits else "not quantised"),
        ("on disk", size(info.bytes)),
        ("profile", info.profile),
        ("context", f"{info.context_limit:,} tokens" if info.context_limit else "unknown"),
        ("weights", f"sha256 {info.weights_sha256[:16]}…" if info.weights_sha256 else ""),
        ("tokenizer", f"sha256 {info.tokenizer_sha256[:16]}…" if info.tokenizer_sha256 else ""),
        ("engine", info.engine),
    ]


def session_rows(turns: Sequence[StoredTurn]) -> list[Row]:
    """What a session comes to: decisions, runs, tokens, times, ratings."""
    made = [one for turn in turns for one in turn.generations]
    runs = [run.outcome.status if run.outcome else "unfinished" for one in made for run in one.runs]
    decisions = [one.decision or "unfinished" for one in made]
    waits = [float(v) for one in made if (v := one.usage.get("ttft_ms"))]
    rates = (
        decode_tps((one.usage.get("generated_tokens", 0), one.usage.get("decode_tps", 0)) for one in turn.generations)
        for turn in turns
    )
    speeds = [rate for rate in rates if rate]
    middle = f", the middle of {len(speeds)} turns" if len(speeds) > 1 else ""
    edited = sum(run.edited_from is not None for one in made for run in one.runs)
    tokens = [sum(int(one.usage.get(name, 0)) for one in made) for name in ("generated_tokens", "prompt_tokens")]
    tokens.append(sum(int(one.usage.get("cached_tokens", 0)) for one in made))
    return [
        ("turns", f"{len(turns)}, {_counted([turn.state for turn in turns])}" if turns else "none yet"),
        ("decisions", _counted(decisions)),
        ("runs", _counted(runs)),
        ("edited", f"{edited} before they ran" if edited else ""),
        ("tokens", f"{tokens[0]:,} written, {tokens[1]:,} read, {tokens[2]:,} of these from the cache" if made else ""),
        ("speed", f"{median(speeds):.0f} tok/s{middle}" if speeds else ""),
        ("first token", f"after {median(waits):,.0f} ms" if waits else ""),
        ("ratings", f"{sum(t.rating > 0 for t in turns)} up, {sum(t.rating < 0 for t in turns)} down" if turns else ""),
    ]


async def sessions(
    records: Records, workspace: Path, query: str, most: int = MOST
) -> list[tuple[StoredSession, SearchHit | None]]:
    """Sessions, those of this folder first; with words, those whose title or text has them, and the newest place."""
    here = await records.sessions(workspace, most)
    known = {one.id: one for one in (*here, *await records.sessions(None, most))}
    if not query:
        return [(one, None) for one in known.values()]
    found = {one.id: one for one in ranked(query, known.values(), lambda one: one.title or one.id, most)}
    hits: dict[str, SearchHit] = {}
    for hit in await records.search(query, most):
        if hit.session not in hits:
            hits[hit.session] = replace(hit, snippet=_near(hit.snippet))
            found.setdefault(hit.session, known.get(hit.session) or await records.session(hit.session))
    return [(one, hits.get(one.id)) for one in found.values()]


def _near(snippet: str, before: int = 12) -> str:
    """The words from just before the match on: a list cuts off what comes late."""
    at = snippet.find(BEGIN)
    begin = snippet.find(" ", at - before) if at > before else -1
    return snippet if not 0 <= begin < at else "…" + snippet[begin:].lstrip()


def session_note(one: StoredSession, workspace: Path) -> str:
    where = "" if one.workspace == str(workspace) else f"{Path(one.workspace).name} · "
    return f"{where}{one.turns} turn{'s' * (one.turns != 1)} · {_when(one.last)}"


def _when(at: str) -> str:
    """The time of what was today, else the day, as the clock of this machine has it."""
    moment = local(at)
    return f"{moment:%H:%M}" if moment.date() == datetime.now().astimezone().date() else f"{moment:%Y-%m-%d}"


def _counted(words: Sequence[str]) -> str:
    return ", ".join(f"{words.count(one)} {one}" for one in dict.fromkeys(words))
