"""The child: does the job of one work folder, tells on standard output, ends when standard input does."""

from __future__ import annotations

import json
import os
import shutil
import sys
import threading
import traceback
from collections.abc import Callable
from errno import ENOSPC
from pathlib import Path

import msgspec

from codemode_tui.engine.lean import import_mlx_lm, load_model
from codemode_tui.engine.tuning.job import (
    CHECKPOINT,
    FULL,
    JOB,
    RESULT,
    ROWS,
    Ended,
    Event,
    Failed,
    Job,
    Loaded,
    Row,
    Train,
)
from codemode_tui.errors import CodemodeError, EngineError, ModelError, UsageError


def main(folder: str) -> None:
    work = Path(folder)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must never get between the events
    import_mlx_lm("mlx_lm.tuner.trainer", "mlx_lm.tuner.utils")
    stop = threading.Event()
    threading.Thread(target=_wait_for_the_end, args=(stop,), daemon=True).start()

    def tell(event: Event) -> None:
        try:
            out.write(msgspec.json.encode(event) + b"\n")
            out.flush()
        except OSError:
            stop.set()

    doing, way_out = "training", ""
    try:
        job: Job = msgspec.json.decode((work / JOB).read_bytes(), type=Job)
        if isinstance(job, Train):
            train(job, work, tell, stop.is_set)
        else:
            from codemode_tui.engine.tuning.fusing import fuse

            doing, way_out = "fusing", "look at base and adapter with `codemode model verify`"
            fuse(job, work / RESULT, tell, stop.is_set)
    except CodemodeError as error:
        kind = {UsageError: "data", ModelError: "model", EngineError: "engine"}.get(type(error), "gate")
        tell(Failed(kind, error.message, error.hint))  # type: ignore[arg-type]  # one of its literals
    except OSError as error:
        what = f"{error.filename or work} cannot be written: {error.strerror or error}"
        tell(Failed("data", what, FULL))
    except Exception as error:
        words = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        traceback.print_exc()  # first: when it has been told, this process is ended
        tell(Failed("engine", f"{doing} failed: {words}", way_out))
    out.flush()
    os._exit(0)  # not sys.exit: mlx's threads would be torn down in the wrong order (SIGABRT)


def train(job: Train, work: Path, tell: Callable[[Event], None], stopped: Callable[[], bool]) -> None:
    """An adapter in the folder ``result``, once all steps are done.

    Raises:
        UsageError: no row is short enough.
        ModelError: the adapter is not finite, or changed nothing.
        EngineError: the loss is not a number.
        OSError: the disk is full.
    """
    import mlx.core as mx
    from mlx.utils import tree_flatten
    from mlx_lm.utils import dequantize_model

    from codemode_tui.engine.encoding import Encoder
    from codemode_tui.engine.generation import wants_float_copy
    from codemode_tui.engine.tuning.batches import encode
    from codemode_tui.engine.tuning.loop import Run, add_layers, write_arrays

    encoder = Encoder(Path(job.model))
    sets: dict[str, list[tuple[list[int], list[bool]]]] = {"own": [], "base": [], "valid": []}
    over_long = []
    with (work / ROWS).open("rb") as stream:
        for number, line in enumerate(stream):
            row = msgspec.json.decode(line, type=Row)
            encoded = encode(encoder.encode, encoder.trusted, row.pieces)
            if len(encoded[0]) > job.max_tokens:
                over_long.append((number, len(encoded[0])))
            else:
                sets[row.set].append(encoded)
    if not sets["own"]:
        raise UsageError(
            f"every row of the training set has more than {job.max_tokens:,} tokens", hint="raise --max-seq-length"
        )
    model, *_ = load_model(Path(job.model))
    copied = wants_float_copy([array for _, array in tree_flatten(model.parameters())])
    if copied:
        model = dequantize_model(model)
    config = add_layers(model, job)
    run = Run(model, job, work / CHECKPOINT, tell)
    trainable = sum(array.size for array in run.weights().values())
    check_room(work, 16 * trainable)  # the weights, two moments, and the adapter
    tell(Loaded(trainable, copied, tuple(over_long), run.step, run.tokens))
    if stopped():
        tell(Ended(run.step, done=False))
        return
    run.train([one for one in (sets["own"], sets["base"]) if one], sets["valid"], stopped)
    if run.step < job.iters:
        tell(Ended(run.step, done=False))
        return
    weights = run.weights()
    if not all(bool(mx.isfinite(array).all()) for array in weights.values()):
        raise ModelError("the adapter is not finite", hint="train again with a lower --learning-rate")
    if not any(bool((array != 0).any()) for name, array in weights.items() if name.endswith("lora_b")):
        raise ModelError("the adapter changed nothing", hint="give it more --iters or a higher --learning-rate")
    out = work / RESULT
    out.mkdir(exist_ok=True)
    (out / "adapter_config.json").write_text(json.dumps(config, indent=2) + "\n")
    write_arrays(out / "adapters.safetensors", weights)
    tell(Ended(run.step))


def check_room(folder: Path, needed: int) -> None:
    """Raises OSError: the disk has less room than ``needed`` bytes."""
    if (free := shutil.disk_usage(folder).free) < needed:
        raise OSError(ENOSPC, f"{needed / 1e6:,.0f} MB are needed and {free / 1e6:,.0f} MB are free", str(folder))


def _wait_for_the_end(stop: threading.Event) -> None:
    """The parent holds the other end: it closes it to stop us, and the kernel does when the parent dies."""
    while os.read(0, 1024):
        pass
    stop.set()


if __name__ == "__main__":
    main(sys.argv[1])
