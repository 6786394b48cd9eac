"""``python -m codemode_tui.bundled.recipe``: makes the bundled model again, from nothing, and resumes where it stopped."""

from __future__ import annotations

import argparse
import ctypes.util
import dataclasses
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

from codemode_tui.bundled.recipe import publish, restored, stages
from codemode_tui.bundled.recipe.settings import TINY, Settings
from codemode_tui.bundled.recipe.worker import SETTINGS
from codemode_tui.errors import ModelError


def main(argv: list[str]) -> int:
    """Run what is still to be done. Exit status 0, or 1 with a sentence on standard error."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.tiny and arguments.publish:
        parser.error("a tiny model can do nothing: it is not published")
    work: Path = arguments.work.resolve()
    if arguments.averaged and not arguments.train_further:
        parser.error("--averaged is with a model before: name it with --train-further")
    settings = _settings(arguments)
    try:
        work.mkdir(parents=True, exist_ok=True)
        if arguments.train_further:
            restored.restore(arguments.train_further, work)
            stages.adopt(("tokenizer", "copy"), work, settings)
        if arguments.start_at:
            stages.start_at(arguments.start_at, work, settings)
        (work / SETTINGS).write_text(json.dumps(dataclasses.asdict(settings), indent=2) + "\n", "utf-8")
        todo = stages.pending(work, settings)
        print("to do:", ", ".join(stage.name for stage in todo), flush=True)
        for runtime, group in itertools.groupby(todo, key=lambda stage: stage.runtime):
            names = [stage.name for stage in group]
            if _worker(work, names, runtime):
                return 1
        if arguments.publish:
            print(f"published to {publish.publish(work / 'model')}")
    except ModelError as error:
        print(f"error: {error.message}\nhint: {error.hint}", file=sys.stderr)
        return 1
    print(f"the model is in {work / 'model'}, its card in {work / 'model' / 'README.md'}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m codemode_tui.bundled.recipe", description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("model-work"), help="folder of all products (model-work)")
    parser.add_argument("--steps", type=int, help="of pre-training on conversations (860)")
    parser.add_argument("--copy-steps", type=int, help="of the copy curriculum before it (400)")
    parser.add_argument("--batch-tokens", type=int, help="ids of a step (131,072; for a CPU 8,192 is better)")
    parser.add_argument(
        "--learning-rate",
        type=float,
        help="at its highest (0.003; for 8,192 ids a step and a model that is trained further 0.00015)",
    )
    parser.add_argument("--decay", type=float, help="share of the steps over which it falls, at their end (0.6)")
    parser.add_argument("--rounded", type=float, help="share of the steps, at their end, that see 5-bit weights (0.2)")
    parser.add_argument(
        "--mean", type=float, help="export the running mean of the weights; 0.998 forgets in 500 steps (0)"
    )
    parser.add_argument("--save-every", type=int, help="steps between two checkpoints (500)")
    parser.add_argument("--lora-steps", type=int, help="of LoRA after it (240)")
    parser.add_argument("--lora-kept", type=float, help="share of what LoRA changed that goes into the weights (1)")
    parser.add_argument("--measured-rows", type=int, help="held-out conversations of each kind (60)")
    parser.add_argument(
        "--tiny", action="store_true", help="a few steps of everything: proves the stages, not the model"
    )
    parser.add_argument(
        "--train-further",
        type=Path,
        metavar="MODEL",
        help="start from the weights of a finished model of this recipe (codemode_tui/bundled/model), not from nothing",
    )
    parser.add_argument("--averaged", type=float, help="then: share of the weights before in the result (0)")
    parser.add_argument(
        "--start-at",
        choices=stages.NAMES,
        help="do this stage and all after it again, from its first step; tok/, copy.pt and talk.pt that are in the work "
        "folder stand for the stages before it",
    )
    parser.add_argument("--publish", action="store_true", help="copy the finished model into the package")
    return parser


def _settings(arguments: argparse.Namespace) -> Settings:
    named = tuple(field.name for field in dataclasses.fields(Settings))
    given = {name: value for name in named if (value := getattr(arguments, name, None)) is not None}
    return dataclasses.replace(TINY if arguments.tiny else Settings(), **given)


def _worker(work: Path, names: list[str], runtime: str) -> int:
    """One process for each run of stages of one runtime: torch and mlx do not share one."""
    environment = dict(os.environ) | {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    if runtime == "mlx" and sys.platform == "linux" and (library := ctypes.util.find_library("openblas")):
        # mlx's Linux wheel brings the reference BLAS; OpenBLAS is ten times as fast, with the same results.
        environment["LD_PRELOAD"] = f"{library} {environment.get('LD_PRELOAD', '')}".strip()
    command = [sys.executable, "-m", "codemode_tui.bundled.recipe.worker", str(work), ",".join(names)]
    return subprocess.run(command, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
