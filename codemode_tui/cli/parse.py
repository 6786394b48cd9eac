"""`codemode parse`: raw assistant text to a decision."""

from __future__ import annotations

import argparse
import codecs
import json
from typing import Any

from codemode_tui import locations
from codemode_tui.cli.output import print_json, say
from codemode_tui.cli.sources import lines_of, read_bytes
from codemode_tui.errors import UsageError
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import Profile, load_profile
from codemode_tui.protocol.types import Parsed

EXAMPLE = "codemode parse reply.txt --json"
NOT_UTF8 = "the input is not UTF-8; wrong bytes were replaced"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", default="-", help="file to read; - is standard input (default)")
    parser.add_argument("--profile", help="profile of the model that wrote it")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON document")
    parser.add_argument("--jsonl", action="store_true", help='one {"raw": …} a line in, one result a line out')


def run(args: argparse.Namespace) -> int:
    if args.json and args.jsonl:
        raise UsageError("--json and --jsonl exclude each other", hint="choose one")
    profile = load_profile(args.profile, (locations.config_dir() / "profiles",)) if args.profile else None
    if args.jsonl:
        for line in lines_of(args.file):
            if line.strip():
                print_json(_line(line, profile), indent=None)
        return 0
    raw, notes = _text(read_bytes(args.file))
    parsed = document(parse(raw, profile), notes)
    if args.json:
        print_json(parsed)
    else:
        _print(parsed)
    return 0


def document(parsed: Parsed, notes: tuple[str, ...] = ()) -> dict[str, Any]:
    """The fields of ``parse --json`` (CONTRACT)."""
    return {
        "decision": parsed.decision.value,
        "dialect": parsed.dialect,
        "text": parsed.text,
        "code": parsed.code,
        "warnings": [*notes, *parsed.warnings],
    }


def _line(line: bytes, profile: Profile | None) -> dict[str, Any]:
    """The result for one line; a bad line is a result too, so that the others are not lost."""
    text, notes = _text(line)
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        return _failed(f"not JSON: {error}")
    if not isinstance(row, dict) or not isinstance(row.get("raw"), str):
        return _failed('expected {"raw": "…"}')
    kept = {"id": row["id"]} if "id" in row else {}
    return {**kept, **document(parse(row["raw"], profile, truncated=row.get("truncated") is True), notes)}


def _failed(error: str) -> dict[str, Any]:
    """The result for a line that holds no message: the usual fields, and nothing decided."""
    return {"error": error, "decision": None, "dialect": None, "text": "", "code": None, "warnings": []}


def _text(data: bytes) -> tuple[str, tuple[str, ...]]:
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace"), (NOT_UTF8,)


def _print(parsed: dict[str, Any]) -> None:

    shown = [(key, value) for key, value in parsed.items() if key != "warnings" and value]
    shown += [("warning", warning) for warning in parsed["warnings"]]
    lines = (f"{key}: {value}" if "\n" not in value else f"{key}:\n{value}" for key, value in shown)
    say(*lines)
