"""Stage ``measure``: the three models on phrasings and names that no training row held."""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path

from codemode_tui.bundled.recipe import outcomes, rows, wire
from codemode_tui.bundled.recipe.markers import Facts
from codemode_tui.bundled.recipe.rows import Row
from codemode_tui.bundled.recipe.scoring import Moment, Score, moments, score, share, totals
from codemode_tui.bundled.recipe.settings import Settings
from codemode_tui.bundled.recipe.source import HeldSource, Source

MODELS = {"base": "float", "lora": "fused", "shipped": "model"}
"""Before LoRA, with it fused into the float weights, and that in 5 bits."""
COMPARED = ("both", "skill")
"""Sets on which all three speak; the others are for the model that ships alone, as they take long."""
SEED = 9001
SAID = "said"
"""Folder of what the models said; it belongs to one set of weights."""
LONGEST = 1024


def run(work: Path, settings: Settings) -> Facts:
    """Generate at every assistant message of the held-out sets, compare, and write ``measured.json``."""
    sets = {name: list(itertools.islice(made, settings.measured_rows)) for name, made in held_out().items()}
    found: Facts = {}
    texts: dict[str, list[str]] = {}
    (work / SAID).mkdir(exist_ok=True)
    for label, folder in MODELS.items():
        speaker = Speaker(work / folder, settings.max_tokens)
        found[label] = {}
        for name, made in sets.items():
            if label != "shipped" and name not in COMPARED:
                continue
            asked = [moment for row in made for moment in moments(row)]
            said = said_at(work / SAID / f"{label}-{name}-{settings.max_tokens}.jsonl", speaker, asked)
            scores = [score(moment, text, truncated=cut) for moment, (text, cut) in zip(asked, said, strict=True)]
            found[label][name] = {**totals(scores), "loss": speaker.loss(made)}
            texts.setdefault(label, []).extend(text for text, _ in said if name in COMPARED)
            if label == "shipped":
                _keep_misses(work / f"misses-{name}.jsonl", asked, [text for text, _ in said], scores)
        found[label]["tokens_per_second"] = speaker.speed()
    same = (one == other for one, other in zip(texts["lora"], texts["shipped"], strict=True))
    found["same_text_after_5_bits"] = share(same)
    (work / "measured.json").write_text(json.dumps(found, indent=2) + "\n")
    return found


def held_out() -> dict[str, Iterator[Row]]:
    """The sets: new phrasings, new names, both at once, and the skill of LoRA with both."""

    def drawn(kind: type[Source], held: bool, name: str) -> Iterator[Row]:
        return (rows.row(kind(f"{SEED}/{name}/{number}"), held=held) for number in itertools.count())

    return {
        "phrasings": drawn(Source, True, "phrasings"),
        "names": drawn(HeldSource, False, "names"),
        "both": drawn(HeldSource, True, "both"),
        "skill": outcomes.rows(SEED, held=True),
    }


class Speaker:
    """One model, generating greedily."""

    def __init__(self, folder: Path, max_tokens: int) -> None:
        from mlx_lm.utils import dequantize_model, load

        self.tokenizer = wire.load(folder / "tokenizer.json")
        model, self._wrapped, *_ = load(str(folder))
        # As the engine does on a CPU: the same weights, multiplied several times as fast.
        self.model = dequantize_model(model)
        self.max_tokens = max_tokens
        self._ends = {self.tokenizer.token_to_id(token) for token in ("<|im_end|>", "<|endoftext|>")}
        self._tokens, self._seconds = 0, 0.0

    def speak(self, moment: Moment) -> tuple[str, bool]:
        """The message at ``moment``, and whether it was cut off."""
        from mlx_lm.generate import stream_generate

        prompt = wire.prompt(self.tokenizer, moment.history)
        ids: list[int] = []
        began = 0.0
        for response in stream_generate(self.model, self._wrapped, prompt, max_tokens=self.max_tokens):
            if not ids:
                began = time.perf_counter()  # what lies before is prefill
            ids.append(response.token)
        self._tokens, self._seconds = self._tokens + len(ids) - 1, self._seconds + time.perf_counter() - began
        ended = bool(ids) and ids[-1] in self._ends
        text = self.tokenizer.decode(ids[:-1] if ended else ids, skip_special_tokens=False)
        return text, not ended

    def speed(self) -> float:
        """Tokens a second of decoding so far."""
        return round(self._tokens / self._seconds, 1) if self._seconds else 0.0

    def loss(self, sample: list[Row]) -> float:
        """Mean nats a token of the assistant's own, each conversation read as a whole."""
        import mlx.core as mx

        from codemode_tui.engine.tuning.batches import padded
        from codemode_tui.engine.tuning.loop import loss

        total = count = 0.0
        for row in sample:
            encoded = wire.encode(self.tokenizer, row)
            if len(encoded[0]) > LONGEST:
                continue
            ids, targets = padded([encoded], len(encoded[0]))
            _, summed, number = loss(self.model, mx.array(ids), mx.array(targets))
            total, count = total + float(summed), count + int(number)
        return round(total / count, 4) if count else -1.0


def said_at(path: Path, speaker: Speaker, asked: list[Moment]) -> list[tuple[str, bool]]:
    """What the model says at each moment. Every message is kept at once: a stopped measurement goes on.

    With it a hash of what came before is kept: where a moment is no longer the same, all from there are asked again.
    """
    lines = path.read_text("utf-8").split("\n")[:-1] if path.exists() else []
    said: list[tuple[str, bool]] = []
    for line, moment in zip(lines, asked, strict=False):
        text, cut, *of = json.loads(line)
        if of != [_hash(moment)]:
            lines = lines[: len(said)]
            break
        said.append((text, cut))
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(line + "\n" for line in lines)
        for number, moment in enumerate(asked[len(said) :], len(said) + 1):
            said.append(speaker.speak(moment))
            stream.write(json.dumps([*said[-1], _hash(moment)], ensure_ascii=False) + "\n")
            stream.flush()
            if number % 50 == 0 or number == len(asked):
                print(f"measure {path.stem}: {number} of {len(asked)}", flush=True)
    return said


def _hash(moment: Moment) -> str:
    return hashlib.sha256(json.dumps(moment.history).encode()).hexdigest()[:16]


def _keep_misses(path: Path, asked: list[Moment], said: list[str], scores: list[Score]) -> None:
    """What went wrong, for people: the question, what was expected and what came."""
    with path.open("w", encoding="utf-8") as stream:
        for moment, text, result in zip(asked, said, scores, strict=True):
            if result.decision and False not in (result.code, result.answer):
                continue
            line = {"history": moment.history, "expected": moment.expected, "generated": text}
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
