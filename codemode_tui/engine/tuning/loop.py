"""The training loop: LoRA layers, steps, losses, checkpoints. The loss is on what is to be learnt, or kept, alone."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator, Sequence
from errno import ENOSPC
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers as optim
from mlx.utils import tree_flatten, tree_unflatten
from mlx_lm.tuner.trainer import grad_checkpoint
from mlx_lm.tuner.utils import linear_to_lora_layers

from codemode_tui.engine.tuning.batches import IGNORED, Encoded, draw, in_order, padded, padded_length
from codemode_tui.engine.tuning.job import LARGE, MOST_VALID, Event, Stepped, Train, Validated
from codemode_tui.engine.weights import check_shard
from codemode_tui.errors import EngineError, ModelError

WARM_UP = 0.05
"""Share of the steps over which the learning rate rises; then it falls to a tenth along a cosine."""
VALIDATIONS = 4
REPORT_SECONDS, SAVE_SECONDS = 0.5, 30.0
LOWER_RATE = "with a lower --learning-rate"

Tell = Callable[[Event], None]
Stopped = Callable[[], bool]


def add_layers(model: nn.Module, job: Train) -> dict[str, Any]:
    """Freeze ``model``, put LoRA layers around its own, and say how: the text of ``adapter_config.json``."""
    model.freeze()
    layers = len(model.layers) if job.layers < 1 else min(job.layers, len(model.layers))
    parameters = {"rank": job.rank, "scale": job.scale, "dropout": 0.0}
    mx.random.seed(job.seed)
    linear_to_lora_layers(model, layers, parameters)
    if sum(array.nbytes for _, array in tree_flatten(model.parameters())) > LARGE:
        grad_checkpoint(model.layers[0])
    return {"fine_tune_type": "lora", "num_layers": layers, "lora_parameters": parameters}


class Run:
    """One run over sets of rows, from its checkpoint where there is one."""

    def __init__(self, model: nn.Module, job: Train, checkpoint: Path, tell: Tell) -> None:
        self.model, self.job, self._tell = model, job, tell
        self._checkpoint = checkpoint
        rise = max(1, round(job.iters * WARM_UP))
        fall = optim.cosine_decay(job.learning_rate, max(1, job.iters - rise), job.learning_rate / 10)
        rate = optim.join_schedules(
            [optim.linear_schedule(job.learning_rate / rise, job.learning_rate, rise), fall], [rise]
        )
        self._optimizer = optim.AdamW(learning_rate=rate, weight_decay=0.0)
        self._optimizer.init(model.trainable_parameters())
        self.step = self.tokens = 0
        if checkpoint.exists():
            self._restore()

    def train(self, sets: Sequence[Sequence[Encoded]], valid: Sequence[Encoded], stopped: Stopped) -> None:
        """All steps that are left, or those until ``stopped``; then a checkpoint stands for them.

        Raises:
            EngineError: a loss is not a number. The checkpoint is from before that.
        """
        job, rows = self.job, [row for one in sets for row in one]
        longest = max(len(ids) for ids, _ in rows)
        shares = [1 - job.base_share, job.base_share] if len(sets) > 1 else [1.0]
        planned = draw([[len(ids) for ids, _ in one] for one in sets], shares, job.batch_tokens, job.seed)
        step = self._compiled()
        every = max(1, job.iters // VALIDATIONS)
        began = reported = saved = time.monotonic()
        summed, counted, read = 0.0, 0, 0
        first = self.step
        if not first:
            self._validate(valid)
        for chosen in islice(planned, first, job.iters):
            if stopped():
                break
            batch = [rows[at] for at in chosen]
            arrays = _arrays(batch, padded_length(max(len(ids) for ids, _ in batch), longest))
            # Where nothing is mixed in, nothing is kept: what the model said before need not be worked out.
            kept = [mx.array([[at >= len(sets[0])] for at in chosen])] if len(sets) > 1 else []
            loss, learnt, count = step(*arrays, *kept)
            mx.eval(self.model.state, self._optimizer.state, loss, learnt, count)
            if not math.isfinite(_number(loss)):
                raise EngineError(f"the loss is not a number at step {self.step + 1}", hint=f"begin again {LOWER_RATE}")
            self.step += 1
            self.tokens += int(_number(count))
            summed, counted = summed + _number(learnt), counted + int(_number(count))
            read += sum(len(ids) for ids, _ in batch)
            now = time.monotonic()
            if now - reported >= REPORT_SECONDS or self.step in (first + 1, job.iters):
                left = (now - began) / (self.step - first) * (job.iters - self.step)
                mean = round(summed / counted, 4) if counted else None
                speed = round(read / (now - began), 1)
                self._tell(Stepped(self.step, mean, self.tokens, speed, left, mx.get_peak_memory()))
                summed, counted, reported = 0.0, 0, now
            if self.step % every == 0 or self.step == job.iters:
                self._validate(valid)
            if now - saved >= SAVE_SECONDS:
                self.save()
                saved = time.monotonic()
        if self.step:
            self.save()

    def weights(self) -> dict[str, mx.array]:
        return dict(tree_flatten(self.model.trainable_parameters()))

    def save(self) -> None:
        """Write a checkpoint; one that cannot be written leaves the last one as it is."""
        arrays = {f"w.{name}": array for name, array in self.weights().items()}
        arrays |= {f"o.{name}": array for name, array in tree_flatten(self._optimizer.state)}
        write_arrays(self._checkpoint, arrays, {"step": str(self.step), "tokens": str(self.tokens)})

    def _restore(self) -> None:
        arrays: Any
        noted: Any
        arrays, noted = mx.load(str(self._checkpoint), return_metadata=True)
        kept = {kind: [(name[2:], array) for name, array in arrays.items() if name[0] == kind] for kind in "wo"}
        if {name: array.shape for name, array in kept["w"]} != {n: a.shape for n, a in self.weights().items()}:
            raise ModelError(f"{self._checkpoint} is of another run", hint="remove its folder and begin again")
        self.model.load_weights(kept["w"], strict=False)
        self._optimizer.state = tree_unflatten(kept["o"])
        self.step, self.tokens = int(noted["step"]), int(noted["tokens"])

    def _compiled(self) -> Callable[..., tuple[mx.array, mx.array, mx.array]]:
        gradient = nn.value_and_grad(self.model, loss)
        self.model.train()
        state = [self.model.state, self._optimizer.state]

        @partial(mx.compile, inputs=state, outputs=state)
        def step(ids: mx.array, targets: mx.array, *kept: mx.array) -> tuple[mx.array, mx.array, mx.array]:
            (value, learnt, count), found = gradient(self.model, ids, targets, *kept)
            found, _ = optim.clip_grad_norm(found, 1.0)
            self._optimizer.update(self.model, found)
            return value, learnt, count

        return step

    def _validate(self, valid: Sequence[Encoded]) -> None:
        if not valid:
            return
        self.model.eval()
        found = mean_loss(self.model, _spread(valid), self.job.batch_tokens)
        self.model.train()
        if not math.isfinite(found):
            raise EngineError(
                f"the loss on the rows kept back is not a number at step {self.step}",
                hint=f"begin again {LOWER_RATE}" if self.step else "look at the model with `codemode model verify`",
            )
        self._tell(Validated(self.step, round(found, 4)))


def loss(
    model: nn.Module, ids: mx.array, targets: mx.array, kept: mx.array | None = None
) -> tuple[mx.array, mx.array, mx.array]:
    """Mean loss over targets that are not ``IGNORED``; the summed one over those that are learnt; how many those are.

    It is the cross entropy, but in rows that are ``kept`` (``[rows, 1]``) the divergence from what the model said
    before it was adapted: there it shall neither forget nor learn. At first that is nothing, so that what is mixed in
    does not push the weights about.
    """
    mask = targets != IGNORED
    logits = model(ids).astype(mx.float32)
    entropy = nn.losses.cross_entropy(logits, mx.where(mask, targets, 0))
    if kept is None:
        summed, count = (entropy * mask).sum(), mask.sum()  # once: mx.compile fails on two outputs that are one
        return summed / count, summed, count
    with _unadapted(model):
        before = mx.stop_gradient(model(ids).astype(mx.float32))
    before, now = nn.log_softmax(before), nn.log_softmax(logits)
    entropy = mx.where(kept, (mx.exp(before) * (before - now)).sum(-1), entropy)
    own = mask & ~kept
    return (entropy * mask).sum() / mask.sum(), (entropy * own).sum(), own.sum()


@contextlib.contextmanager
def _unadapted(model: nn.Module) -> Iterator[None]:
    """The model as it was before its layers were added."""
    scales = [(module, module.scale) for _, module in model.named_modules() if "lora_b" in module]
    for module, _ in scales:
        module.scale = 0.0
    yield
    for module, scale in scales:
        module.scale = scale


def mean_loss(model: nn.Module, rows: Sequence[Encoded], tokens: int) -> float:
    """Mean nats a token over all that is to be learnt in ``rows``."""
    total = count = 0.0
    for batch in _batches(rows, tokens):
        _, summed, number = loss(model, *batch)
        total, count = total + _number(summed), count + _number(number)
    return total / count


def write_arrays(path: Path, arrays: dict[str, mx.array], notes: dict[str, str] | None = None) -> None:
    """Write a safetensors file whole or not at all.

    Raises:
        OSError: the disk is full, or cannot be written.
    """
    scratch = path.with_name(f"{path.stem}.part.safetensors")
    try:
        mx.save_safetensors(str(scratch), arrays, notes or {"format": "mlx"})
        check_shard(scratch)
        scratch.replace(path)
    except (ModelError, RuntimeError) as error:  # mlx does not look whether what it wrote has arrived
        raise OSError(ENOSPC, "no space left on device", str(path)) from error
    finally:
        scratch.unlink(missing_ok=True)


def _spread(rows: Sequence[Encoded]) -> list[Encoded]:
    """As many rows as a loss is measured on, from all over the set: those at its head may be of one kind."""
    count = min(len(rows), MOST_VALID)
    return [rows[at * len(rows) // count] for at in range(count)]


def _batches(rows: Sequence[Encoded], tokens: int) -> Iterator[tuple[mx.array, mx.array]]:
    lengths = [len(ids) for ids, _ in rows]
    for chosen in in_order(lengths, tokens):
        yield _arrays([rows[at] for at in chosen], padded_length(lengths[chosen[0]], max(lengths)))


def _arrays(batch: Sequence[Encoded], length: int) -> tuple[mx.array, mx.array]:
    ids, targets = padded(batch, length)
    return mx.array(ids), mx.array(targets)


def _number(array: mx.array) -> float:
    return float(array.item())  # type: ignore[arg-type]  # nothing here is complex
