"""`codemode eval`: play a suite of cases against a model, and grade what its code did."""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from codemode_tui.cli.output import print_json
from codemode_tui.cli.progress import ProgressLine
from codemode_tui.cli.session import Options, make_engine, open_conversation

if TYPE_CHECKING:
    from codemode_tui.chat.conversation import Conversation
    from codemode_tui.engine.api import Engine
    from codemode_tui.training.report import Evaluation
    from codemode_tui.training.suite import Case, Suite

SUMMARY = "play a suite of cases against a model, and grade what its code did"
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
  files_after = {"notes/todo.md" = "a\\nb\\nc\\n"}
  files_gone = ["old.md"]
  followup = [{query = "And words?", stdout_regex = '\\b3\\b'}]"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("suite", nargs="?", type=Path, help="a TOML file or a folder of them (default: built in)")
    parser.add_argument("--model", help="bundled, a folder, or a repository id of the local cache")
    parser.add_argument("--baseline", metavar="MODEL", help="another model to compare with; played after the first")
    parser.add_argument("--profile", help="how the models were trained (default: guessed)")
    parser.add_argument("--group", action="append", default=[], help="only this group of cases; may be repeated")
    parser.add_argument("--case", action="append", default=[], metavar="ID", help="only this case; may be repeated")
    parser.add_argument("--json", action="store_true", help="print the results as one JSON document")


def run(args: argparse.Namespace) -> int:
    from codemode_tui.training.loading import BUILTIN, load_suite
    from codemode_tui.training.report import document
    from codemode_tui.training.suite import select

    suite = select(load_suite(args.suite or BUILTIN), args.group, args.case)
    options = [Options(model=args.model, profile=args.profile)]
    if args.baseline is not None:
        options.append(Options(model=args.baseline, profile=args.profile))
    engines = [make_engine(one) for one in options]  # a model that is not there is found out before the first case
    try:
        first, *others = asyncio.run(_evaluate(suite, engines))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
    baseline = others[0] if others else None
    if args.json:
        print_json(document(first, baseline))
    else:
        from codemode_tui.cli.eval_table import lines
        from codemode_tui.sandbox.sanitise import sanitise_text

        print(sanitise_text("\n".join(lines(first, baseline))))
    return 0


async def _evaluate(suite: Suite, engines: list[Engine]) -> list[Evaluation]:
    """One model after another: two large ones do not fit into memory together.

    Being terminated is an interrupt like ctrl+c: the folder of the running case goes, and so does the worker.
    """
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return [await _evaluate_one(suite, engine) for engine in engines]


async def _evaluate_one(suite: Suite, engine: Engine) -> Evaluation:
    from codemode_tui.training.playing import play_suite
    from codemode_tui.training.report import Evaluation

    progress = ProgressLine()
    try:
        progress.say("loading the model")
        info = await engine.start()

        async def conversation(workspace: Path) -> Conversation:
            # Named outright, so that no file of a case can choose another model or profile.
            options = Options(
                workspace=workspace,
                model=info.path,
                profile=info.profile,
                store=False,
                run="auto",
                allow_write=True,
                servers=False,
                temp=0.0,
                seed=0,
            )
            return await open_conversation(options, engine)

        results = await play_suite(
            suite, engine, conversation, lambda done, total, case: progress.say(_step(info.name, done, total, case))
        )
        return Evaluation(suite.name, info, tuple(results))
    finally:
        progress.clear()
        await engine.close()


def _step(model: str, done: int, total: int, case: Case) -> str:
    return f"{model}: {done + 1} of {total}  {case.group}  {case.id}"
