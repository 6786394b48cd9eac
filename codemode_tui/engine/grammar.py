"""Grammar-guided decoding: only prose can be drawn, or prose and one whole call in the dialect of the profile.

llguidance (an optional extra) says which tokens may come next. The price is one wait a token: what was
drawn must be known before the next mask is made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

import llguidance.numpy as masks
import mlx.core as mx
import numpy as np
from llguidance import LLMatcher, LLTokenizer

from codemode_tui.engine.api import Guide

_GRAMMAR = r"""
start: PROSE call?
call: <tool_call> "GAP<function=execute_code>\n<parameter=code>\n" code "\n</function>GAP" </tool_call>
code[suffix="</parameter>"]: /(?s:.*)\S(?s:.*)/
PROSE: /(?s:.*)/ & ~/(?s:.*)(TAG|FENCE)(?s:.*)/ & ~/((?s:.*)\n)?[ \t]*VALUE(?s:.*)/
"""
_TAG = r"<tool_call>|<\/tool_call>|<function=|<parameter="
_FENCE = r"```[ \t]*([jJ][sS][oO][nN]|tool_call|tool_code)?[ \t]*\r?\n?\s*[\[{]"
_VALUE = r'[\[{][\s\[{]*"(name|arguments|parameters|function|tool_calls|type)"\s*:'
_GAPS: dict[Guide, str] = {"phase22": "", "qwen3-coder": r"\n"}


class Grammars:
    """The grammars of one model's tokenizer, which takes a second to be read when it is large."""

    def __init__(self, folder: Path, vocabulary: int, ends: Collection[int]) -> None:
        """
        Args:
            folder: holds ``tokenizer.json``.
            vocabulary: logits of the model.
            ends: ids that end a message.
        """
        self._tokenizer = LLTokenizer(str(folder / "tokenizer.json"), n_vocab=vocabulary, eos_token=sorted(ends))
        self._vocabulary = vocabulary
        self._ends = sorted(ends)

    def processor(self, guide: Guide, seen: int, begun: Sequence[int]) -> Callable[[mx.array, mx.array], mx.array]:
        """A logits processor for one message.

        Args:
            guide: the dialect of its calls.
            seen: tokens of the prompt that the processor is shown.
            begun: ids that the message begins with in the prompt.
        """
        grammar = _GRAMMAR.replace("GAP", _GAPS[guide]).replace("TAG", _TAG).replace("FENCE", _FENCE)
        matcher = LLMatcher(self._tokenizer, LLMatcher.grammar_from_lark(grammar.replace("VALUE", _VALUE)))
        mask = masks.allocate_token_bitmask(1, self._vocabulary)
        guided = matcher.try_consume_tokens(list(begun)) == len(begun)
        known = seen

        def process(tokens: mx.array, logits: mx.array) -> mx.array:
            nonlocal guided, known
            new: list[int] = tokens[known:].tolist()  # type: ignore[assignment]
            known += len(new)
            guided = guided and matcher.try_consume_tokens(new) == len(new) and not matcher.is_error()
            if not guided:
                return logits  # it began otherwise (a script, another's text): from here on it is as free as ever
            if matcher.is_stopped():  # the call is whole: nothing may follow
                bits = np.zeros(logits.shape[-1], bool)
                bits[self._ends] = True
            else:
                masks.fill_next_token_bitmask(matcher, mask)
                bits = np.unpackbits(mask.view(np.uint8), bitorder="little")[: logits.shape[-1]].astype(bool)
            return mx.where(mx.array(bits)[None], logits, -mx.inf)

        return process
