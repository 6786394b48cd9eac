"""`codemode data generate`: examples for the gaps, through the gates of an export, as the imported set `targeted`."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import aclosing, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codemode_tui.cli.arguments import path, whole
from codemode_tui.cli.output import complain, print_json
from codemode_tui.cli.playing import Contender, contender, finish, make_bench, opener
from codemode_tui.cli.progress import ProgressLine
from codemode_tui.engine.lock import heavy
from codemode_tui.errors import UsageError

if TYPE_CHECKING:
    from codemode_tui.engine.api import ModelInfo
    from codemode_tui.training.targeted import Prompt, Proposal, Wanted

MOST = 25
GENERATED = "bundled"
"""The one profile that the bundled generator makes rows for."""


def add_arguments(actions: Any) -> None:  # noqa: ANN401 - argparse has no public name for it
    parser = actions.add_parser(
        "generate",
        help="examples for the gaps: gated, proven or to be reviewed, imported as the set `targeted`",
        example="codemode data generate; codemode export --include-source targeted --out ./export",
    )
    parser.add_argument("--targets", type=path, default=Path("targets.json"), metavar="FILE",
                        help="what `data gaps` wrote (default: targets.json)")  # fmt: skip
    parser.add_argument("--prompts", type=path, metavar="FILE",
                        help='questions that the model answers: a line of text, or {"query": …, "files": {path: text}} '
                        "(default: the generator of the bundled model)")  # fmt: skip
    parser.add_argument("--model", metavar="M", help="whose profile the rows are for; with --prompts it answers them")
    parser.add_argument("--most", type=whole(1, 10_000), default=MOST, metavar="N",
                        help=f"examples of a pattern at most (default: {MOST})")  # fmt: skip
    parser.add_argument("--seed", type=whole(0, 1 << 31), default=0, metavar="N", help="other examples (default: 0)")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be imported")
    parser.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> None:
    from codemode_tui.corpus.rows import TARGETED
    from codemode_tui.training.targeted import Wanted, read_prompts, read_targets

    wanted = Wanted(read_targets(args.targets), args.most)
    one = contender(args.model, None)
    prompts = None if args.prompts is None else read_prompts(args.prompts)
    if prompts is None and (profile := _profile_of(one)) != GENERATED:
        raise UsageError(
            f"the bundled generator makes nothing for the profile {profile}",
            hint="give it questions: --prompts FILE",
        )
    profile, kept, refused = finish(_collect(args, one, prompts, wanted))
    added = 0 if args.dry_run else _import(kept)
    unproven = sum(not proof for proof in kept.values())
    table = {"source": TARGETED, "profile": profile, "kept": len(kept), "unproven": unproven, "added": added,
             "refused": dict(refused), "patterns": wanted.found()}  # fmt: skip
    if args.json:
        print_json(table)
        return
    for name, numbers in wanted.found().items():
        if numbers["found"]:
            print(f"{name:<20} {numbers['found']:>4} of {numbers['wanted']}")
    print("left out: " + (", ".join(f"{name} {number:,}" for name, number in sorted(refused.items())) or "nothing"))
    print(f"{len(kept):,} examples; nothing was imported" if args.dry_run else f"{added:,} rows imported as {TARGETED}")
    if unproven:
        print(f"{unproven:,} answer without code: no export teaches them before `codemode review --source {TARGETED}`")


def _profile_of(one: Contender) -> str:
    """The profile under which a model would answer: the one that the settings name, else the guessed one."""
    from codemode_tui.engine.choice import set_profile
    from codemode_tui.engine.models import find_model

    return set_profile(one.name) or find_model(one.name).profile


async def _collect(
    args: argparse.Namespace, one: Contender, prompts: list[Prompt] | None, wanted: Wanted
) -> tuple[str, dict[bytes, str], Counter[str]]:
    """The name of the profile, the rows that pass the gates with what proves them, and of the others, why not.

    A run proves a row, and so does the generator, which people wrote; what a model answers without a run is not proven.
    """
    from codemode_tui import locations
    from codemode_tui.protocol.profiles import load_profile
    from codemode_tui.training.targeted import as_row, proven

    bench, progress = await make_bench(), ProgressLine()
    judge = _Gates(one)
    kept: dict[bytes, str] = {}
    refused: Counter[str] = Counter()
    with heavy(f"generating with {one.name}", 0 if prompts is None else one.size):
        try:
            info = None if prompts is None else await one.engine.start()
            name = info.profile if info else GENERATED
            profile = load_profile(name, extra_dirs=(locations.config_dir() / "profiles",))
            async with aclosing(_proposals(args.seed, one, info, prompts or [], refused, progress)) as proposals:
                async for proposal in proposals:
                    if wanted.done:
                        break
                    if not wanted.fits(proposal):
                        refused.update(["pattern"] if info else [])  # a generator just makes more
                        continue
                    progress.say(f"{len(kept)} kept: {proposal.query}")
                    line = as_row(proposal, profile)
                    reason = judge(line) if await proven(proposal, bench) else "unverified"
                    if reason:
                        refused[reason] += 1
                        continue
                    wanted.take(proposal)
                    ran = any(message.role == "tool" for message in proposal.messages)
                    kept[line] = "run" if ran else "" if info else "human"
        finally:
            progress.clear()
            await one.engine.close()
    return name, kept, refused


async def _proposals(
    seed: int,
    one: Contender,
    info: ModelInfo | None,
    prompts: list[Prompt],
    refused: Counter[str],
    progress: ProgressLine,
) -> AsyncGenerator[Proposal, None]:
    """The answers of the model of ``info`` to ``prompts``, its failures counted as ``refused``; without one, what the
    bundled generator makes."""
    from codemode_tui.training.targeted import answered, generated

    def skipped(prompt: Prompt, why: str) -> None:
        progress.clear()
        complain(f"skipped: {prompt.query!r}: its files cannot be written here: {why}")

    def failed(reason: str) -> None:
        refused[reason] += 1

    if info is None:
        for proposal in generated(seed):
            yield proposal
        return

    async with aclosing(answered(prompts, opener(one, info), skipped, failed)) as found:
        async for proposal in found:
            yield proposal


class _Gates:
    """The gates of an export that need no other row."""

    def __init__(self, one: Contender) -> None:
        from codemode_tui.corpus.near import NearIndex
        from codemode_tui.engine.models import find_model
        from codemode_tui.feedback.gates import control_tokens
        from codemode_tui.feedback.splits import keys
        from codemode_tui.training.loading import protected_queries

        ref = find_model(one.name)
        self._controls = control_tokens(None if ref.server else ref.path)
        self._protected = NearIndex(keys(*protected_queries()))

    def __call__(self, line: bytes) -> str:
        """Why a row is refused; empty if it is not."""
        from codemode_tui.feedback import gates, imported
        from codemode_tui.feedback.splits import keys
        from codemode_tui.store.external import ExternalRow

        row = ExternalRow(0, "", "", None, None, line, 0)
        place = imported.place(row)
        if place is None:
            return "no_prompt"
        if any(True for text in keys(*place.texts, *place.nods) for _ in self._protected.near(text)):
            return "protected"
        for example in imported.examples(row):
            reason = gates.refuse_prompt(example, self._controls)
            reason = reason or gates.refuse_chosen(example, example.chosen or "", self._controls)
            if reason:
                return reason
        return ""


def _import(kept: dict[bytes, str]) -> int:
    """Keep the rows in the store, those that something proves marked as verified. Returns how many are new."""
    import hashlib

    from codemode_tui import locations
    from codemode_tui.corpus.rows import TARGETED, read_row
    from codemode_tui.store.external import NewRow
    from codemode_tui.store.store import Store, wait

    rows = [NewRow(line, None, row.query) for line in kept if (row := read_row(line)) is not None]
    proofs = {hashlib.sha256(line).hexdigest(): proof for line, proof in kept.items() if proof}
    with closing(Store.open(locations.store_file())) as store:
        added = wait(store.import_rows(TARGETED, rows)).added
        for one in list(store.external_rows(TARGETED)):
            if (proof := proofs.get(one.sha256)) and not one.events:
                wait(store.external_event(one.seq, "verify", {"ok": True, "how": proof}, actor="generate"))
    return added
