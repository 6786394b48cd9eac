from __future__ import annotations
import argparse
def add_actions(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(action=None)
def run(args: argparse.Namespace) -> int:
    return 0
