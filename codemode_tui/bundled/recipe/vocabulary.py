"""The tokenizer: byte-level BPE in which a name is cut the same way wherever it stands.

A space never joins a word, a digit never joins anything, and punctuation stays alone, so that
``notes-12.txt`` in a question and in quotes in code are the same ids. Copying then is copying.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.batches import LENGTHS
from codemode_tui.bundled.recipe.rows import rows
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.wire import SPECIAL, SYSTEM, TEMPLATE

SIZE = 1024
PIECES = r"\d|[\p{L}_]+|\n[ ]*|[^\S\n]+|[^\s\p{L}\d_]"


def train(folder: Path, *, seed: int = 7, conversations: int = 12_000) -> Path:
    """Train the tokenizer on generated conversations; writes ``tokenizer.json`` and its companions."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=SIZE,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    r = Source(seed)
    talk = (
        f"{SYSTEM}\n" + "\n".join(text for _, text in row.turns) for row in itertools.islice(rows(seed), conversations)
    )
    extra = (names.file_name(r) for _ in range(conversations))
    tokenizer.train_from_iterator(itertools.chain(talk, extra), trainer)
    folder.mkdir(parents=True, exist_ok=True)
    saved = json.loads(tokenizer.to_str())
    for token in saved["added_tokens"]:
        # As in Qwen's own tokenizer: the call tags are single ids, but they are text that decodes.
        token["special"] = token["content"].startswith("<|")
    (folder / "tokenizer.json").write_text(json.dumps(saved, ensure_ascii=False) + "\n")
    write_companions(folder)
    return folder / "tokenizer.json"


def write_companions(folder: Path) -> None:
    """The small files beside ``tokenizer.json`` that loaders expect."""
    (folder / "tokenizer_config.json").write_text(
        json.dumps(
            {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "eos_token": "<|im_end|>",
                "pad_token": "<|endoftext|>",
                "model_max_length": LENGTHS[-1],
                "clean_up_tokenization_spaces": False,
            },
            indent=2,
        )
        + "\n"
    )
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    ends = [SPECIAL.index("<|im_end|>"), SPECIAL.index("<|endoftext|>")]
    (folder / "generation_config.json").write_text(json.dumps({"eos_token_id": ends}, indent=2) + "\n")
