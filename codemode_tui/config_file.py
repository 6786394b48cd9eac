"""Change one setting in the file that a person wrote: their comments and their order stay."""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import tomli_w

from codemode_tui import config, locations
from codemode_tui.errors import ConfigError


def set_value(key: str, text: str) -> Any:  # noqa: ANN401 - a TOML value
    """Write one setting into the user's file, checked first. Returns the value as TOML has it.

    Raises:
        ConfigError: no such key, a value that it cannot have, or a file that is wrong already; the file
            is then untouched.
    """
    file = locations.config_file()
    group, _, name = key.partition(".")
    if not name:
        raise ConfigError(f"{key!r} names a group", hint="write GROUP.KEY, for example sandbox.timeout")
    value = _typed(text)
    change = {group: {name: value}}
    config.settings_from(change, f"{key} = {text}")
    table = config.merged(config.read_table(file), change)
    config.settings_from(table, str(file))
    write(file, edited(file.read_text("utf-8") if file.exists() else "", group, name, table))
    return value


def unset(key: str) -> None:
    """Leave one setting to what ships.

    Raises:
        ConfigError: the file is wrong, or cannot be written; it is then untouched.
    """
    file = locations.config_file()
    group, _, name = key.partition(".")
    table = config.read_table(file)
    if table.get(group, {}).pop(name, None) is not None:
        config.settings_from(table, str(file))
        line = re.compile(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=")
        text = file.read_text("utf-8")
        kept = "".join(one for one in text.splitlines(keepends=True) if not line.match(one))
        write(file, _either(kept, table))


def edited(text: str, group: str, name: str, table: dict[str, Any]) -> str:
    """``text`` with the one value changed that makes it say ``table``.

    Where the text is laid out in a way that this cannot follow, ``table`` is written afresh.
    """
    line = tomli_w.dumps({name: table[group][name]}).strip()
    lines = text.splitlines()
    header = re.compile(rf"\s*\[\s*{re.escape(group)}\s*\]\s*(#.*)?")
    begin = next((i for i, one in enumerate(lines) if header.fullmatch(one)), None)
    if begin is None:
        lines += ["", f"[{group}]", line] if lines else [f"[{group}]", line]
    else:
        key = re.compile(rf"\s*[\"']?{re.escape(name)}[\"']?\s*=")
        end = next((i for i in range(begin + 1, len(lines)) if lines[i].lstrip().startswith("[")), len(lines))
        at = next((i for i in range(begin + 1, end) if key.match(lines[i])), None)
        if at is None:
            lines.insert(begin + 1, line)
        else:
            comment = re.search(r"\s+#[^\"']*$", lines[at])
            lines[at] = line + (comment.group() if comment else "")
    return _either("\n".join(lines) + "\n", table)


def _either(changed: str, table: dict[str, Any]) -> str:
    """The changed text if it says ``table``, else ``table`` afresh."""
    try:
        return changed if tomllib.loads(changed) == table else tomli_w.dumps(table)
    except tomllib.TOMLDecodeError:
        return tomli_w.dumps(table)


def write(file: Path, text: str) -> None:
    """Replace the file, whole or not at all; where it is a link, what it leads to.

    Raises:
        ConfigError: it cannot be written; it is then as it was.
    """
    target = Path(os.path.realpath(file))
    try:
        locations.private_dir(target.parent)
        _replace(target, text.encode())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(f"{target} cannot be written: {reason}", hint="check the folder and the disk") from error


def _replace(target: Path, data: bytes) -> None:
    handle, scratch = tempfile.mkstemp(dir=target.parent, prefix=".config-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(scratch, target)
    except BaseException:
        os.unlink(scratch)
        raise


def _typed(text: str) -> Any:  # noqa: ANN401 - a TOML value
    try:
        return tomllib.loads(f"v = {text}")["v"]
    except ValueError:
        return text
