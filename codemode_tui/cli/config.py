"""`codemode config`: where the settings are, what they say, and what they may be."""

from __future__ import annotations

import argparse
from typing import Any

from codemode_tui import config, locations
from codemode_tui.cli.output import print_json
from codemode_tui.errors import ConfigError

SUMMARY = "where the settings are, and what they say"
EXAMPLE = "codemode config set sampling.temp 0.7"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("path", help="print the path of the settings file")
    show = actions.add_parser("show", help="print the settings in force as TOML")
    show.add_argument("--json", action="store_true", help="as one JSON document")
    actions.add_parser("schema", help="print the JSON Schema of the settings file")
    change = actions.add_parser("set", help="write one setting")
    change.add_argument("key", help="for example sandbox.timeout")
    change.add_argument("value", help="a TOML value; text needs no quotes")


def run(args: argparse.Namespace) -> int:
    if args.action == "path":
        print(locations.config_file())
    elif args.action == "schema":
        print_json(config.schema())
    elif args.action == "set":
        set_value(args.key, args.value)
    else:
        _show(as_json=args.json)
    return 0


def set_value(key: str, text: str) -> None:
    """Write one setting into the user's file, checked first.

    Raises:
        ConfigError: no such key, or a value that it cannot have; the file is then untouched.
    """
    import os
    import tempfile

    import tomli_w

    file = locations.config_file()
    group, _, name = key.partition(".")
    if not name:
        raise ConfigError(f"{key!r} names a group", hint="write GROUP.KEY, for example sandbox.timeout")
    table = config.merged(config.read_table(file), {group: {name: _value(text)}})
    config.settings_from(table, f"{key} = {text}")
    locations.private_dir(file.parent)
    handle, scratch = tempfile.mkstemp(dir=file.parent, prefix=".config-")
    with os.fdopen(handle, "wb") as stream:
        stream.write(tomli_w.dumps(table).encode())
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(scratch, file)


def _show(*, as_json: bool) -> None:
    import msgspec
    import tomli_w

    table: dict[str, Any] = msgspec.to_builtins(config.load_settings(locations.config_file()))
    if as_json:
        print_json(table)
    else:
        print(tomli_w.dumps(config.merged(table, {})), end="")


def _value(text: str) -> Any:  # noqa: ANN401 - a TOML value
    import tomllib

    try:
        return tomllib.loads(f"v = {text}")["v"]
    except tomllib.TOMLDecodeError:
        return text
