"""The table of `codemode` commands. Read for `--help` without importing any of them."""

from __future__ import annotations

from typing import NamedTuple


class CliCommand(NamedTuple):
    module: str
    summary: str


COMMANDS: dict[str, CliCommand] = {
    "repl": CliCommand("codemode_tui.cli.repl", "the conversation in a line, in the terminal's own scrollback"),
    "ask": CliCommand("codemode_tui.cli.ask", "one question, headless"),
    "parse": CliCommand("codemode_tui.cli.parse", "raw assistant text to a decision"),
    "sandbox": CliCommand("codemode_tui.cli.sandbox", "run code with the tools, or check this machine's sandbox"),
    "model": CliCommand("codemode_tui.cli.model", "which models are here, and whether they are whole"),
    "engine": CliCommand("codemode_tui.cli.engine", "the engines that your terminals share, and ending them"),
    "sessions": CliCommand("codemode_tui.cli.sessions", "stored conversations"),
    "stats": CliCommand("codemode_tui.cli.stats", "decisions, runs, thumbs, failures and speed over time"),
    "feedback": CliCommand("codemode_tui.cli.feedback", "thumbs-ups and thumbs-downs"),
    "review": CliCommand("codemode_tui.cli.review", "go through thumbs-downs, or an imported set, and correct them"),
    "export": CliCommand("codemode_tui.cli.export", "what feedback came to, as files that trainers read"),
    "eval": CliCommand("codemode_tui.cli.eval", "play a suite of cases against a model, and grade what its code did"),
    "replay": CliCommand("codemode_tui.cli.replay", "ask corrected failures again: fixed, still failing, newly broken"),
    "train": CliCommand("codemode_tui.cli.train", "learn from accepted corrections, measure, promote what is no worse"),
    "data": CliCommand("codemode_tui.cli.data", "sets of training rows: what they hold and lack, importing, merging"),
    "bench": CliCommand("codemode_tui.cli.bench", "how fast it is, each figure beside a baseline of the same run"),
    "config": CliCommand("codemode_tui.cli.config", "where the settings are, and what they say"),
    "doctor": CliCommand("codemode_tui.cli.doctor", "what works on this machine, what does not, and how to mend it"),
    "completion": CliCommand("codemode_tui.cli.completion", "completion of commands and options for your shell"),
    "help": CliCommand("codemode_tui.cli.help", "what there is to read: topics, and every command"),
    "acp": CliCommand("codemode_tui.cli.acp", "an agent for editors that speak the Agent Client Protocol"),
}
"""A module holds ``EXAMPLE``, ``add_arguments(parser)`` and ``run(args) -> exit code``."""

DEFAULT = CliCommand("codemode_tui.cli.tui", "the terminal interface, in the current directory as workspace")
