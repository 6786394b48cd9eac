"""An adapter and its base as one whole model: what `codemode train fuse` calls."""

from __future__ import annotations

import json
import os
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec

from codemode_tui import __version__
from codemode_tui.engine.api import ModelInfo
from codemode_tui.engine.lock import heavy
from codemode_tui.engine.models import MARKER, find_model, inspect
from codemode_tui.engine.tuning.job import RESULT, Event, Fuse, Fused
from codemode_tui.errors import ModelError, UsageError
from codemode_tui.training.tuning.child import run_child
from codemode_tui.training.tuning.folders import appear, check_out, locked
from codemode_tui.training.tuning.room import admit_fuse
from codemode_tui.training.tuning.run import REPORT

GROUP_SIZE = 64
LEAST_RETAINED = 0.7


class FusedModel(msgspec.Struct, frozen=True):
    """``train fuse --json`` prints this."""

    out: str
    model: ModelInfo
    bits: int
    retention: dict[str, tuple[float, float]]
    """Of each block: the change as a share of its weights, and how much of it the rounding keeps (1 = all)."""


def fuse(adapter: str, out: Path, bits: int) -> FusedModel:
    """Fuse and publish as ``out``, whole or not at all.

    Raises:
        UsageError: ``out`` is in use, or ``adapter`` is none.
        ModelError: its base has the very bits that it would be rounded to, or has changed.
        GateFailed: the rounding would lose what was trained.
        EngineError: it does not fit into memory; the process failed.
        KeyboardInterrupt: it was stopped; nothing is left.
    """
    ref = find_model(adapter)
    if ref.adapter is None:
        raise UsageError(f"{adapter} is no adapter", hint="make one with `codemode train`")
    info = inspect(ref)
    assert info.adapter is not None
    if (info.quantization or {}).get("bits") == bits:
        raise ModelError(
            f"the base {info.adapter.base} has {bits} bits already: most of the adapter would be rounded away",
            hint="use the adapter as it is, or train it on the float model, or fuse into other --bits",
        )
    admit_fuse(info, ref.adapter, bits)
    out = Path(os.path.abspath(out))
    check_out(out)
    work = out.with_name(f"{out.name}.fusing")
    found: list[Fused] = []

    def follow(event: Event) -> None:
        if isinstance(event, Fused):
            found.append(event)

    with locked(work) as lock:
        try:
            job = Fuse(info.adapter.base_path, str(ref.adapter), bits, GROUP_SIZE, LEAST_RETAINED)
            with heavy(f"fusing {info.name}", info.bytes, alone=True):
                ended = run_child(job, work, follow, (lock,))
            if not ended.done:
                raise KeyboardInterrupt
            return _publish(info, ref.adapter, work / RESULT, out, found[0].layers, bits)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _publish(
    adapter: ModelInfo, source: Path, folder: Path, out: Path, layers: dict[str, tuple[float, float]], bits: int
) -> FusedModel:
    assert adapter.adapter is not None
    made: dict[str, Any] = {
        "codemode": __version__, "mlx_lm": version("mlx-lm"), "base_model": adapter.adapter.base,
        "base_weights": adapter.adapter.base_sha256, "adapter_weights": adapter.weights_sha256,
    }  # fmt: skip
    (folder / MARKER).write_text(
        json.dumps({"name": out.name, "profile": adapter.profile, "made": made}, indent=2) + "\n", "utf-8"
    )
    if (source / REPORT).is_file():
        shutil.copyfile(source / REPORT, folder / REPORT)
    (folder / "README.md").write_text(_card(adapter, out.name, layers, bits), "utf-8")
    info = inspect(find_model(str(folder)), fresh=True)
    appear(folder, out)
    return FusedModel(str(out), msgspec.structs.replace(info, name=out.name, path=str(out)), bits, layers)


def _card(adapter: ModelInfo, name: str, layers: dict[str, tuple[float, float]], bits: int) -> str:
    assert adapter.adapter is not None
    rows = [f"| {block} | {100 * delta:.2f} % | {kept:.2f} |" for block, (delta, kept) in layers.items()]
    lines = [
        f"# {name}: {adapter.adapter.base} with the adapter {adapter.name}, {bits} bits",
        "",
        f"The adapter (rank {adapter.adapter.rank}; sha256 of its weights and its base's: `{adapter.weights_sha256}`) "
        f"was added to the weights of its base (sha256 `{adapter.adapter.base_sha256}`), and the sum rounded to {bits} "
        f"bits in groups of {GROUP_SIZE}. How it was trained stands in `{REPORT}`.",
        "",
        "Of each block: how large the change is, as a share of the weights it changes, and how much of it is left "
        "after the rounding (`<Q(W + D) - Q(W), D> / <D, D>`; 1 is all).",
        "",
        "| block | change | kept |",
        "|---|---|---|",
        *rows,
    ]
    return "\n".join(lines) + "\n"
