"""The process behind ``bare.BareModel``: ``python -m codemode_tui.engine.bare_worker``.

It ends with its standard input, also in the middle of a generation.
"""

from __future__ import annotations

import os
import queue
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import msgspec

from codemode_tui.engine.bare import (
    Answer,
    Broken,
    Command,
    Encode,
    Follow,
    Ids,
    MakeThin,
    Open,
    Pace,
    Ready,
    Weight,
)

COPIED_BYTES = 1 << 28
"""Far more than any cache of a processor holds."""
COPIES = 7


class Bare:
    """A model as ``mlx_lm.load`` gives it."""

    def __init__(self) -> None:
        self._model: Any = None
        self._tokenizer: Any = None
        self._config: dict[str, Any] = {}
        self._folder = Path()
        self._adapter = ""
        self._float_copy: bool | None = None
        """None until it is decided: the copy is not part of the time that loading takes."""

    def answer(self, command: Command) -> Answer:
        """Carry out one command."""
        if isinstance(command, Open):
            return self._open(command)
        if isinstance(command, Encode):
            return self._encode(command)
        if isinstance(command, MakeThin):
            from codemode_tui.engine.thin import write_thin

            write_thin(Path(command.folder), Path(command.tokenizer))
            return Ready()
        self._hold()
        return self._follow(command) if isinstance(command, Follow) else self._weigh()

    def _open(self, command: Open) -> Ready:
        from mlx_lm.utils import load

        self._model, self._tokenizer, self._config = load(command.path, return_config=True)
        self._folder, self._adapter = Path(command.path), command.adapter
        return Ready()

    def _encode(self, command: Encode) -> Ids:
        from codemode_tui.engine.encoding import Encoder

        return Ids(tuple(Encoder(self._folder).encode(command.prompt)))

    def _hold(self) -> None:
        """Hold the weights as the worker holds them: what is compared is the way, not the weights."""
        if self._float_copy is not None:
            return
        import mlx.core as mx
        from mlx.utils import tree_flatten
        from mlx_lm.utils import dequantize_model

        from codemode_tui.engine.generation import wants_float_copy

        self._float_copy = wants_float_copy([array for _, array in tree_flatten(self._model.parameters())])
        if self._float_copy:
            self._model = dequantize_model(self._model)
            mx.eval(self._model.parameters())
        if self._adapter:
            from codemode_tui.engine.adapter import adapt

            adapt(self._model, Path(self._adapter))

    def _follow(self, command: Follow) -> Pace:
        from mlx_lm import stream_generate

        from codemode_tui.engine.sampling import scripted

        began = first = last = time.perf_counter()
        tokens = 0
        for _ in stream_generate(
            self._model,
            self._tokenizer,
            list(command.prompt),
            max_tokens=len(command.script),
            sampler=scripted(command.script),
        ):
            last = time.perf_counter()
            first = last if tokens == 0 else first
            tokens += 1
        return Pace(first - began, last - first, tokens)

    def _weigh(self) -> Weight:
        import mlx.core as mx

        return Weight(
            device="cpu" if mx.default_device() == mx.Device(mx.cpu) else "gpu",
            float_copy=bool(self._float_copy),
            bytes_per_token=self._bytes_per_token(),
            kv_bytes_per_token=self._kv_bytes_per_token(),
            bandwidth=max(_copied_on_cpu() if mx.default_device() == mx.Device(mx.cpu) else _copied_on_gpu()),
        )

    def _bytes_per_token(self) -> int:
        from mlx.utils import tree_flatten

        asked = self._config.get("num_experts_per_tok") or 0
        experts = self._config.get("num_experts") or self._config.get("num_local_experts") or 0
        share = asked / experts if asked and experts else 1.0
        tied = bool(self._config.get("tie_word_embeddings"))
        total = 0.0
        for name, array in tree_flatten(self._model.parameters()):
            if "embed_tokens" in name and not tied:
                continue  # a look-up reads one row
            total += array.nbytes * (share if "switch_mlp" in name else 1.0)
        return int(total)

    def _kv_bytes_per_token(self) -> int:
        import mlx.core as mx
        from mlx.utils import tree_flatten
        from mlx_lm.models.cache import make_prompt_cache

        cache = make_prompt_cache(self._model)
        mx.eval(self._model(mx.zeros((1, 1), mx.int32), cache=cache))
        leaves = [leaf for layer in cache for _, leaf in tree_flatten(layer.state)]
        # [batch, heads, room for tokens, width]: room is made for many tokens at once.
        grown = [leaf for leaf in leaves if isinstance(leaf, mx.array) and leaf.ndim == 4]
        return sum(int(leaf.nbytes) // leaf.shape[2] for leaf in grown)


def _copied_on_cpu() -> Iterator[float]:
    """Bytes a second of copies, all processors at work. An array that mlx makes anew would measure page faults."""
    import numpy as np

    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    pieces = [np.ones(COPIED_BYTES // workers, np.uint8) for _ in range(workers)]
    copies = [np.ones_like(piece) for piece in pieces]
    for _ in range(COPIES):
        threads = [threading.Thread(target=np.copyto, args=pair) for pair in zip(copies, pieces, strict=True)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        yield 2 * COPIED_BYTES / (time.perf_counter() - began)


def _copied_on_gpu() -> Iterator[float]:
    import mlx.core as mx

    block = mx.ones((COPIED_BYTES // 4,), mx.float32)
    mx.eval(block)
    for _ in range(COPIES):
        began = time.perf_counter()
        mx.eval(mx.negative(block))
        yield 2 * COPIED_BYTES / (time.perf_counter() - began)


def main() -> None:
    """Answer the commands of standard input."""
    reader, writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb", buffering=0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)  # what a library prints must never get between the answers
    sys.stdout = sys.stderr
    commands: queue.Queue[bytes] = queue.Queue()
    threading.Thread(target=_listen, args=(reader, commands), daemon=True).start()
    bare = Bare()
    while True:
        try:
            answer = bare.answer(msgspec.json.decode(commands.get(), type=Command))
        except Exception as error:
            answer = Broken(" ".join(f"{type(error).__name__}: {error}".split()))
        try:
            writer.write(msgspec.json.encode(answer) + b"\n")
        except BrokenPipeError:
            os._exit(0)


def _listen(reader: IO[bytes], commands: queue.Queue[bytes]) -> None:
    for line in reader:
        commands.put(line)
    # Not sys.exit: mlx's own threads would be torn down in the wrong order (SIGABRT).
    os._exit(0)


if __name__ == "__main__":
    main()
