"""`codemode eval`: play a suite of cases against a model, and grade what its code did."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from codemode_tui.cli.arguments import path, whole
from codemode_tui.cli.output import complain, print_json, say, write_text
from codemode_tui.cli.playing import Contender, contender, evaluate, finish, make_bench, reach, watched
from codemode_tui.errors import UsageError

if TYPE_CHECKING:
    from codemode_tui.training.regression import LeftOut
    from codemode_tui.training.report import Evaluation
    from codemode_tui.training.suite import Suite

EXAMPLE = """codemode eval my-suite.toml --model ./new --baseline ./old

a suite is TOML; of its checks each case names those that matter:
  name = "mine"
  [[case]]
  id = "count-lines"
  group = "single"
  query = "How many lines are in notes/todo.md?"
  files = {"notes/todo.md" = "a\\nb\\nc\\n"}    # the folder holds exactly these
  decision = "tool"                          # or "direct"
  calls = ["read_file"]                      # functions that the code calls; "a|b" is either
  stdout_regex = '\\b3\\b'                     # searched in what the code printed
  answer_contains = ["3"]                    # in the answer, in any letter case
  answer_regex = '\\b3\\b'                     # searched in the answer
  files_after = {"notes/todo.md" = "a\\nb\\nc\\n"}
  files_gone = ["old.md"]
  followup = [{query = "And words?", stdout_regex = '\\b3\\b'}]"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("suite", nargs="?", type=path, help="a TOML file or a folder of them (default: built in)")
    parser.add_argument("--model", help="bundled, a folder, a repository of the local cache, openai:URL")
    parser.add_argument("--baseline", metavar="MODEL", help="another model to compare with; played after the first")
    parser.add_argument("--profile", help="how the models were trained (default: guessed)")
    parser.add_argument("--group", action="append", default=[], help="only this group of cases; may be repeated")
    parser.add_argument("--case", action="append", default=[], metavar="ID", help="only this case; may be repeated")
    parser.add_argument("--jobs", type=whole(1, 4), metavar="N", help="cases side by side (default: 2); "
                        "the results do not depend on it")  # fmt: skip
    parser.add_argument("--from-feedback", action="store_true", help="make a suite of verified corrections instead")
    parser.add_argument(
        "--perplexity", type=path, metavar="SET", help="how well the model predicts a .jsonl set instead"
    )
    parser.add_argument("--train", type=path, metavar="FILE", help="with --perplexity: what the model was trained on "
                        "(default: train.jsonl beside the set)")  # fmt: skip
    parser.add_argument("--out", type=path, metavar="FILE", help="with --from-feedback: where the suite goes")
    parser.add_argument("--html", type=path, metavar="FILE", help="write the results as a page, too")
    parser.add_argument("--json", action="store_true", help="print the results as one JSON document")


def run(args: argparse.Namespace) -> int:
    _check(args)
    if args.from_feedback:
        return _from_feedback(args)
    if args.perplexity is not None:
        from codemode_tui.cli.eval_perplexity import run as measure

        return measure(args)
    return _play(args)


def _check(args: argparse.Namespace) -> None:
    """Raises UsageError: an option that means nothing here would be passed over in silence."""
    what = "--from-feedback" if args.from_feedback else "--perplexity" if args.perplexity is not None else "a suite"
    for name in sorted(set().union(*_MEANT.values()) - _MEANT[what]):
        if getattr(args, name):
            option = "a suite" if name == "suite" else "--" + name.replace("_", "-")
            raise UsageError(f"{option} means nothing with {what}", hint="leave one of them out")


_MEANT = {
    "a suite": {"suite", "model", "baseline", "profile", "group", "case", "jobs", "html"},
    "--from-feedback": {"from_feedback", "out"},
    "--perplexity": {"perplexity", "train", "model"},
}
"""What each of the three things that it does takes."""


def _play(args: argparse.Namespace) -> int:
    from codemode_tui.training.loading import BUILTIN, load_suite
    from codemode_tui.training.playing import must_have_answered
    from codemode_tui.training.report import document
    from codemode_tui.training.suite import select

    suite = select(load_suite(args.suite or BUILTIN), args.group, args.case)
    names = [args.model, *([args.baseline] if args.baseline is not None else [])]
    contenders = [contender(name, args.profile) for name in names]  # one that is not there is found out at once
    first, *others = finish(_in_turn(suite, contenders, args.jobs or 2))
    baseline = others[0] if others else None
    if args.json:
        print_json(document(first, baseline))
    else:
        from codemode_tui.cli.eval_table import lines

        say(*lines(first, baseline))
    if args.html is not None:  # last: what took long to measure is not lost with a page that cannot be written
        from codemode_tui.cli.eval_page import document as html

        write_text(args.html, html(first, baseline))
    for one in (first, *others):
        must_have_answered(one.model, one.results)
    return 0


async def _in_turn(suite: Suite, contenders: list[Contender], jobs: int) -> list[Evaluation]:
    """One model after another: two large ones do not fit into memory together."""
    await reach(contenders)
    return [await evaluate(suite, one, jobs=jobs) for one in contenders]


def _from_feedback(args: argparse.Namespace) -> int:
    from codemode_tui import locations
    from codemode_tui.store.store import Store
    from codemode_tui.training.dumping import dumps
    from codemode_tui.training.regression import suite_from_feedback

    async def made() -> tuple[Suite, tuple[LeftOut, ...]]:
        bench = await make_bench()
        store = Store.open(locations.store_file())
        try:
            return await suite_from_feedback(watched(store.feedback_records()), bench)
        finally:
            store.close()

    suite, left_out = finish(made())
    text = dumps(suite)
    if args.out is not None and suite.cases:
        write_text(args.out, text)
    if args.json:
        out = str(args.out) if args.out is not None and suite.cases else None
        print_json({"suite": suite.name, "total": len(suite.cases), "cases": suite.cases, "left_out": left_out,
                    "out": out})  # fmt: skip
        return 0
    if args.out is None and suite.cases:
        print(text, end="")
    else:
        said = f" written to {args.out}" if suite.cases else ", nothing was written"
        say(f"{len(suite.cases):,} cases{said}")
    for one in left_out:
        complain(f"left out: {one.query!r}: {one.reason}")
    return 0
