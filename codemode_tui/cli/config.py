"""`codemode config`: where the settings are, what they say, and what they may be."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

from codemode_tui import config, locations
from codemode_tui.cli.ending import ctrl_c_is_theirs
from codemode_tui.cli.output import print_json, say
from codemode_tui.errors import ConfigError

EXAMPLE = "codemode config set sampling.temp 0.7"
THEMES = ("ui.theme", "repl.theme")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    path = actions.add_parser("path", help="print the path of the settings file", example="codemode config path")
    show = actions.add_parser(
        "show", help="print the settings in force here as TOML", example="codemode config show --json"
    )
    schema = actions.add_parser(
        "schema", help="print the JSON Schema of the settings file", example="codemode config schema"
    )
    change = actions.add_parser("set", help="write one setting")
    change.add_argument("key", help="for example sandbox.timeout")
    change.add_argument("value", help="a TOML value; text needs no quotes")
    drop = actions.add_parser(
        "unset", help="leave one setting to what ships", example="codemode config unset sampling.temp"
    )
    drop.add_argument("key", help="for example sandbox.timeout")
    renaming = actions.add_parser(
        "migrate", help="write older names of settings as they are called now", example="codemode config migrate"
    )
    edit = actions.add_parser(
        "edit", help="open the settings file in $VISUAL or $EDITOR, and check it", example="codemode config edit"
    )
    for action in (path, show, schema, change, drop, renaming, edit):
        action.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    file = locations.config_file()
    if args.action == "schema":
        print_json(config.schema())
    elif args.action == "show":
        _show(as_json=args.json)
    elif args.action == "set":
        from codemode_tui.config_file import set_value

        value = set_value(args.key, _theme(args.value) if args.key in THEMES else args.value)
        if args.json:
            print_json({"path": str(file), "key": args.key, "value": value})
    elif args.action == "unset":
        from codemode_tui.config_file import unset

        unset(args.key)
        if args.json:
            print_json({"path": str(file), "key": args.key})
    elif args.action == "migrate":
        _migrate(file, as_json=args.json)
    elif args.action == "edit":
        _edit(file)
        if args.json:
            print_json({"path": str(file)})
    elif args.json:
        print_json({"path": str(file)})
    else:
        say(str(file))
    return 0


def _theme(value: str) -> str:
    """Its full name. Raises ConfigError: there is no such theme; the hint lists them."""
    from codemode_tui.front.themes import choose, full_name, load_colours

    themes = load_colours(locations.themes_dirs())
    return json.dumps(choose(themes, full_name(value.strip("\"'"), themes)).name)


def _edit(file: Path) -> None:
    """Raises ConfigError: there is no editor, or the file is wrong now; it stays as it was written."""
    locations.private_dir(file.parent)
    try:
        command = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "") or ["vi"]
        # Standard output is for the result: an editor that prints to a pipe must not spoil the document.
        out = None if sys.stdout.isatty() else sys.stderr.fileno()
        with ctrl_c_is_theirs():
            subprocess.run([*command, str(file)], check=True, stdout=out)
    except subprocess.CalledProcessError as error:
        ended = f"the editor {command[0]} ended with status {error.returncode}"
        raise ConfigError(ended, hint="set EDITOR to another one") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"the editor failed: {error}", hint="set EDITOR to another one") from error
    config.load_settings(file)


def _migrate(file: Path, *, as_json: bool) -> None:
    from codemode_tui.config_file import migrate

    found = migrate()
    if as_json:
        print_json({"path": str(file), "renamed": found})
    for old, new in () if as_json else found:
        print(f"{old} is now {new}")


def _show(*, as_json: bool) -> None:
    import msgspec
    import tomli_w

    here = locations.current_dir()
    table: dict[str, Any] = msgspec.to_builtins(config.load_settings(locations.config_file(), here))
    if as_json:
        print_json(table)
    else:
        print(escaped(tomli_w.dumps(config.merged(table, {}))), end="")


def escaped(toml: str) -> str:
    """The same document without a character that could hide something, or that a terminal takes for a command."""
    return "".join(
        ch if ch in "\n\t" or not unicodedata.category(ch).startswith("C") else f"\\U{ord(ch):08x}" for ch in toml
    )
