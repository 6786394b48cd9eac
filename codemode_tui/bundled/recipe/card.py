"""Stage ``card``: the model's README, its loss curve and what it typically says. No number is written by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from codemode_tui.bundled.recipe import curve, markers, provenance, said
from codemode_tui.bundled.recipe.batches import LENGTHS
from codemode_tui.bundled.recipe.direct_kinds import DIRECT
from codemode_tui.bundled.recipe.markers import Facts
from codemode_tui.bundled.recipe.provenance import Training
from codemode_tui.bundled.recipe.settings import Settings
from codemode_tui.bundled.recipe.tasks import TOOL

WARNING = "**Made with a few steps only: it shows that the recipe runs, and can do nothing.**\n\n"

ROWS = (
    ("Tool or direct answer: decided right", "decision"),
    ("– of questions that need a tool", "decision_tool"),
    ("– of questions that need none", "decision_direct"),
    ("Malformed or endless messages", "malformed"),
    ("The same program as the generator's", "code"),
    ("Names taken from the question letter for letter", "names"),
    ("Direct answers, word for word", "answer_direct"),
    ("Answers after a run, word for word", "answer_after_run"),
)


def run(work: Path, settings: Settings) -> Facts:
    """Write ``README.md``, ``loss.svg`` and ``said.json`` into the model folder."""
    facts = markers.facts(work)
    done = provenance.told(work, facts["export"], settings)
    phases = [
        curve.Phase("copying", "#c2703d", done.curves["copy"]),
        curve.Phase("conversations", "#3d7fc2", done.curves["talk"]),
        curve.Phase("LoRA", "#4f9d4f", curve.read(work / "lora" / "lora.jsonl")),
    ]
    (work / "model" / "loss.svg").write_text(curve.draw(phases), "utf-8")
    provenance.write(work / "model", done)
    said.write(work / "sample.jsonl", work / "model")
    text = write(facts, settings, done)
    (work / "model" / "README.md").write_text(text, "utf-8")
    return {"characters": len(text)}


def write(facts: dict[str, Facts], settings: Settings, done: Training) -> str:
    """The card, from the facts of all stages and what is known of all training."""
    data, export, lora = facts["data"], facts["export"], facts["lora"]
    quantised, measured = facts["quantise"], facts["measure"]
    shipped = measured["shipped"]
    popular, known = _count_of_concepts()
    return f"""# The bundled model of Codemode

{WARNING if settings.steps < 100 else ""}{export["parameters"]:,} parameters, Qwen3 architecture, 5 bits, {quantised["bytes"] / 1e6:.1f} MB. Made entirely by this
project: its own generated data, tokenizer, pre-training, LoRA, fuse and quantisation. No text of anyone
else is in it. It ships with the program so that `codemode` works a minute after its installation, offline, and so that tests
take the real path. **It is a demonstration, not an assistant.**

## What it is for

It decides whether a short English question needs code, writes that code, and says in a sentence what came out.

- One file: read, head and tail, count, size, find, compare, change, rename, delete; JSON, TOML, CSV and Python files.
- Many files: list, find by extension or name, search, add up, rank; `git status`, log, branch and a few commands.
- Arithmetic, dates, lists of numbers, short texts: always by code, never in the head.
- {popular} words of Python and programming by heart, of {known} that it has met. For anything else it says that it does not know.
- When a run is declined or stopped it says so, and takes the file that the user names instead (this is what LoRA added).

Everything outside is guesswork, and a guess of a model of this size is wrong. Whatever it writes runs only in the sandbox.

## How it was made

1. **Data.** A generator writes conversations about a made-up workspace, *executes* the code of each tool turn and puts
   the true output into the conversation. {len(TOOL)} kinds of tool question, {len(DIRECT)} kinds of direct
   question. In a sample of {data["conversations"]:,} conversations: {data["questions"]:,} questions
   ({data["distinct_questions"]:,} distinct), {data["calls"]:,} calls; every message was read by the product's own
   parser as what it was meant to be. None of the questions is one of the {data["suite_queries"]} of `codemode eval`, verbatim or nearly
   (character 5-grams, Jaccard similarity 0.8, names aside): conversations in which chance put one together are left out, {data["left_out"]}
   of this sample. None of that suite's files has a name of the generator.
2. **Tokenizer.** Byte-level BPE, 1,024 tokens; a name is cut alike wherever it stands, so that copying it is copying ids.
3. **Copying.** {done.copy_step:,} steps of nothing but repeated random segments, until the copying circuit had formed.
4. **Conversations.** {done.step:,} steps, {done.ids / 1e6:,.0f} million ids in all, loss on the assistant's tokens only, a tenth of the
   steps copying. The last of them see the weights as 5 bits will leave them.
5. **LoRA** with mlx-lm's trainer on the float weights: rank {lora["rank"]}, scale {lora["scale"]:g}, {lora["steps"]:,}
   steps over {lora["rows"]:,} conversations, half of them a skill that pre-training never saw (runs that do not end well).
   Loss on held-out rows of that skill: {lora["valid_loss_before"]} → {lora["valid_loss_after"]} nats a token.
   Of that change {100 * settings.lora_kept:.0f} % went into the weights: it costs a little of what was known before.
6. **Fuse** into the float weights, then **5 bits** in groups of 64 with float32 scales. What LoRA changed in each layer, as a share
   of its weights, and how much of that is left after rounding (1 = all): {_retention(quantised["retention"])}.
7. **`said.json`**: messages of generated conversations as ids. An engine guesses from them what comes next, which is
   quicker and changes no token.

![Training loss](loss.svg)

Running means over steps. Copying gets harder at step {settings.copy_easy_steps:,}, where repetitions move further apart. A run that was
stopped and resumed starts its mean anew, which shows as a spike.{" " + done.history if done.history else ""}

## Measured

Greedy decoding; {settings.measured_rows} conversations a set, answered from the true history at every message. *Phrasings*: sentence
patterns that training never uses, one held back from every kind of question (small talk has none held back). *Names*: file names,
words and identifiers from word lists and lengths that training never draws from.

{_table([("new phrasings", shipped["phrasings"]), ("new names", shipped["names"]), ("both", shipped["both"])])}

What LoRA and the 5 bits changed (new phrasings and new names):

{_compared(measured)}

The float model and the 5-bit model wrote the same text in {_percent(measured["same_text_after_5_bits"])} of the messages.
The 5-bit weights were measured as the engine runs them on a CPU, multiplied out to float32 once they are loaded. Decoding ran at
{shipped["tokens_per_second"]:g} tokens a second on the machine that measured, which may have been busy.

## Limits

- English, short, one thing at a time. The data is the generator's: people ask in more ways than it does, so take the
  table as an upper bound. "The same program" counts any other program as wrong, also a right one.
- It answers from patterns: a fluent sentence is no sign of knowledge. Long names with repeats, and text of other
  scripts, are what it copies worst.
- Context: {LENGTHS[-1]:,} tokens, as long as its longest training conversations; of a longer one the oldest turns are left out.

## How to make it again

```
pip install 'codemode-tui[recipe]'
python -m codemode_tui.bundled.recipe --work model-work --copy-steps {settings.copy_steps} --steps {settings.steps} --lora-steps {settings.lora_steps} --lora-kept {settings.lora_kept:g}
```

It resumes where it stopped. A step is {settings.batch_tokens:,} ids. Pre-training is a matter of minutes on a CUDA GPU, which is used where
there is one (an H200 took 2.2 million ids a second), and of hours on two CPU cores (6,000 a second). More steps make a better model. `--tiny` takes every step in under a minute; `--publish` puts the
result into the package, and `--train-further MODEL` starts from the weights of a finished model instead of from nothing. The data and its order follow from the seed ({settings.seed}); sums in floating point differ from machine to
machine, so the weights will be alike, not the same. Made with torch {export["torch"]} and mlx-lm {lora["mlx_lm"]}. License: MIT.
"""


def _retention(layers: dict[str, dict[str, float]]) -> str:
    return ", ".join(
        f"{name.removeprefix('layers.')}: {100 * found['delta_share']:.1f} %, {found['kept']:.2f}"
        for name, found in layers.items()
    )


def _table(columns: list[tuple[str, dict[str, Any]]]) -> str:
    lines = ["| | " + " | ".join(title for title, _ in columns) + " |", "|---|" + "---|" * len(columns)]
    lines.append(
        "| Questions / messages | " + " | ".join(f"{v['questions']} / {v['messages']}" for _, v in columns) + " |"
    )
    for title, key in ROWS:
        lines.append(f"| {title} | " + " | ".join(_percent(values[key]) for _, values in columns) + " |")
    lines.append("| Loss, nats a token | " + " | ".join(f"{values['loss']:.3f}" for _, values in columns) + " |")
    lines.append("| Perplexity | " + " | ".join(f"{math.exp(values['loss']):.3f}" for _, values in columns) + " |")
    return "\n".join(lines)


def _compared(measured: dict[str, Any]) -> str:
    titles = {"base": "float, before LoRA", "lora": "float with LoRA", "shipped": "5 bits"}
    general = _table([(titles[name], measured[name]["both"]) for name in titles])
    skill = _table([(titles[name], measured[name]["skill"]) for name in titles])
    return f"{general}\n\nThe skill that LoRA added:\n\n{skill}"


def _percent(share: float) -> str:
    return "–" if share < 0 else f"{100 * share:.1f} %"


def _count_of_concepts() -> tuple[int, int]:
    """How many subjects are asked for often, and how many there are in all."""
    from codemode_tui.bundled.recipe import direct_tasks, how_tos, words_of_code

    known = sum(len(table) for table in (*direct_tasks.TABLES, how_tos.HOW, words_of_code.VERSUS))
    return len(direct_tasks.POPULAR), known
