"""`codemode completion`: a script for the shell, made from the parsers that read the command line."""

from __future__ import annotations

import argparse

from codemode_tui.cli.completion_scripts import SCRIPTS
from codemode_tui.cli.completion_tree import tree
from codemode_tui.cli.output import print_json

EXAMPLE = 'eval "$(codemode completion bash)"'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Print a completion script. In ~/.bashrc or ~/.zshrc (there below compinit):\n"
        '  eval "$(codemode completion bash)"      eval "$(codemode completion zsh)"\n'
        "and for fish:\n"
        "  codemode completion fish > ~/.config/fish/completions/codemode.fish"
    )
    parser.add_argument("shell", choices=tuple(SCRIPTS), metavar="SHELL", help=" or ".join(SCRIPTS))
    parser.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    script = SCRIPTS[args.shell](tree())
    if args.json:
        print_json({"shell": args.shell, "script": script})
    else:
        print(script, end="")
    return 0
