"""Change one setting in the file that a person wrote: their comments and their order stay."""

from __future__ import annotations

import difflib
import fcntl
import os
import re
import stat
import tempfile
import tomllib
import typing
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import tomli_w

from codemode_tui import config, locations
from codemode_tui.commands import COMMANDS
from codemode_tui.config_doc import described
from codemode_tui.config_places import Place, lines_of, places
from codemode_tui.errors import ConfigError
from codemode_tui.settings import Settings


def set_value(key: str, text: str) -> Any:  # noqa: ANN401 - a TOML value
    """Write one setting into the user's file, checked first. Returns the value as TOML has it.

    Raises:
        ConfigError: no such key, a value that it cannot have, or a file that is wrong already; the file
            is then untouched.
    """
    file = locations.config_file()
    path, value = checked(key, text)
    with _alone(file):
        before = config.read_table(file)
        path = _path(_as_written(key, before))
        table = config.merged(_without(before, path), _nested(path, value))
        config.settings_from(table, str(file))
        _write_like_before(file, edited(config.read_text(file), path, value, table))
    return value


def checked(key: str, text: str) -> tuple[tuple[str, ...], Any]:
    """The path of a setting, and ``text`` as TOML has it.

    Raises:
        ConfigError: no such key, or a value that it cannot have.
    """
    if wrong := next((name for name, said in (("the key", key), ("its value", text)) if not _is_unicode(said)), None):
        raise ConfigError(f"{key}: {wrong} is not UTF-8, and TOML is", hint="write it in UTF-8")
    path = _known(key)
    value = _typed(text)
    if not isinstance(value, str) and _is_text(path):
        value = text  # 30 may be a name, and text needs no quotes
    if key == "model.default" and isinstance(value, str):
        value = config.model_of(locations.current_dir(), value)  # it is to be the same one in every folder
    if path[0] != "mcp":  # there a value makes sense only beside the others of its server
        config.settings_from(_nested(path, value), f"not set to {text}")
    return path, value


def unset(key: str) -> None:
    """Leave one setting to what ships.

    Raises:
        ConfigError: no such key, or the file is wrong, or cannot be written; it is then untouched.
    """
    file = locations.config_file()
    path = _known(key)
    with _alone(file):
        before = config.read_table(file)
        path = _path(_as_written(key, before))
        table = _without(before, path)
        if table != before:
            config.settings_from(table, str(file))
            _write_like_before(file, removed(config.read_text(file), path, table))


def migrate() -> list[tuple[str, str]]:
    """Write older names of settings as they are called now. Returns what was renamed, old and new.

    Raises:
        ConfigError: the file is wrong, or cannot be written; it is then untouched.
    """
    file = locations.config_file()
    with _alone(file):
        table = config.read_table(file)
        config.settings_from(table, str(file))
        found = [(old, config.RENAMED[old]) for old in config.old_names(table)]
        if found:
            _write_like_before(file, _renamed(config.read_text(file), table, found))
    return found


def _renamed(text: str, table: dict[str, Any], names: list[tuple[str, str]]) -> str:
    """``text``, which says ``table``, with the new one of each pair of names."""
    for old, new in names:
        path, fresh = _path(old), _path(new)
        value = _at(table, path)
        table = config.merged(_without(table, path), _nested(fresh, value))
        lines = lines_of(text)
        here = _holder(places(text), old)
        if here is not None and here.key != old:
            holder = tuple(here.key.split("."))
            text = edited(text, holder, _at(table, holder), table)
            continue
        if here is not None:
            left, equals, right = lines[here.first].partition("=")
            lines[here.first] = re.sub(rf"\b{re.escape(path[-1])}\b", fresh[-1], left) + equals + right
        text = _either(lines, table)
    return text


def edited(text: str, path: tuple[str, ...], value: Any, table: dict[str, Any]) -> str:  # noqa: ANN401 - TOML value
    """``text`` with the one value changed that makes it say ``table``.

    Where the text is laid out in a way that this cannot follow, ``table`` is written afresh.
    """
    lines, found, key = lines_of(text), places(text), ".".join(path)
    *parents, name = path
    here = _holder(found, key)
    if here is None:  # it may stand as a table, which is in the way of a value
        lines = _without_table(lines, key)
        found = places("\n".join(lines))
    else:  # the value itself, or an inline table around it
        inner = _at(table, tuple(here.key.split("."))) if here.key != key else value
        comment = _comment("\n".join(lines[here.first : here.last + 1]))
        left = lines[here.first].partition("=")[0].rstrip()
        lines[here.first : here.last + 1] = [f"{left} = {_inline(inner)}{comment}"]
        return _either(lines, table)
    line = f"{_quoted(name)} = {_inline(value)}"
    group = ".".join(parents)
    header = next((one for one in found if one.header and one.key == group), None)
    beside = _beside(found, parents)
    if header is not None:
        lines.insert(header.first + 1, line)
    elif beside is not None:
        # `ui.theme = …` without [ui] above it: that may not follow, so the next key is written like it.
        neighbour, below = beside
        lines.insert(neighbour.last + 1, f"{'.'.join(map(_quoted, below))}.{line}")
    else:
        lines += [*([""] if lines else []), f"[{'.'.join(map(_quoted, parents))}]", line]
    return _either(lines, table)


def removed(text: str, path: tuple[str, ...], table: dict[str, Any]) -> str:
    """``text`` without one value, so that it says ``table``."""
    lines, key = lines_of(text), ".".join(path)
    here = _holder(places(text), key)
    if here is None:
        return _either(_without_empty(_without_table(lines, key), key), table)
    holder = tuple(here.key.split("."))
    left = _at(table, holder)
    if here.key != key and (left or len(holder) == 1):
        return edited(text, holder, left or {}, table)
    del lines[here.first : here.last + 1]
    return _either(_without_empty(lines, key), table)


def _beside(found: list[Place], parents: list[str]) -> tuple[Place, list[str]] | None:
    """The last value of a table that only dotted keys make, and how its own key names that table."""
    last: tuple[Place, list[str]] | None = None
    depth = 0
    for one in found:
        if one.header:
            depth = one.key.count(".") + 1
        elif one.key.startswith(f"{'.'.join(parents)}.") and depth < len(parents):
            last = one, parents[depth:]
    return last


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """While no other program changes the settings: of two that had read the same, one change would be lost."""
    folder = Path(os.path.realpath(file)).parent
    lock: int | None = None
    try:
        with suppress(OSError):  # where nothing can be locked, or made, reading or writing says what is wrong
            lock = os.open(locations.private_dir(folder), os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        if lock is not None:
            os.close(lock)


def _write_like_before(file: Path, text: str) -> None:
    """``write``, with the ends of lines that the first line of the file has."""
    crlf = file.is_file() and file.read_bytes().partition(b"\n")[0].endswith(b"\r")
    write(file, text.replace("\n", "\r\n") if crlf else text)


def write(file: Path, text: str) -> None:
    """Replace the file, whole or not at all; where it is a link, what it leads to.

    Raises:
        ConfigError: it cannot be written; it is then as it was.
    """
    target = Path(os.path.realpath(file))
    try:
        locations.private_dir(target.parent)
        if target.exists() and not target.is_file():  # a device, say, which a file would take the place of
            raise ConfigError(f"{target} is not a file", hint="remove it, or put a file in its place")
        _replace(target, text.encode())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(f"{target} cannot be written: {reason}", hint="check the folder and the disk") from error


def _replace(target: Path, data: bytes) -> None:
    handle, scratch = tempfile.mkstemp(dir=target.parent, prefix=".config-")
    try:
        with os.fdopen(handle, "wb") as stream:
            with suppress(OSError):  # a new file is for this user alone
                os.fchmod(handle, stat.S_IMODE(os.stat(target).st_mode))
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(scratch, target)
    except BaseException:
        os.unlink(scratch)
        raise


def _known(key: str) -> tuple[str, ...]:
    """The path of a setting that there is."""
    if key in Settings.__struct_fields__:
        raise ConfigError(f"{key!r} names a group", hint="write GROUP.KEY, for example sandbox.timeout")
    if not config.exists(key):
        names = [one.key for one in described()] + [f"keys.{one.id}" for one in COMMANDS]
        near = difflib.get_close_matches(key, names, n=1)
        hint = f"did you mean {near[0]}?" if near else "`codemode config schema` lists all"
        raise ConfigError(f"{key}: no such key", hint=hint)
    return _path(key)


def _is_text(path: tuple[str, ...]) -> bool:
    """Whether the setting of this name can only be text."""
    kind: Any = Settings
    for name in path:
        inner = typing.get_args(kind)[1] if typing.get_origin(kind) is dict else None
        kind = inner or (typing.get_type_hints(kind).get(name) if hasattr(kind, "__struct_fields__") else None)
    return kind in (str, str | None)


def _path(key: str) -> tuple[str, ...]:
    """``keys.prompt.send`` is one name below ``keys``; elsewhere each dot goes one table down."""
    group, _, name = key.partition(".")
    return (group, name) if group == "keys" else (group, *name.split("."))


def _as_written(key: str, table: dict[str, Any]) -> str:
    """``key`` as the file calls it, where the setting may stand under its older name."""
    new = config.RENAMED.get(key, key)
    names = (key, new, *(old for old, name in config.RENAMED.items() if name == new))
    return next((name for name in names if _at(table, _path(name)) is not None), new)


def _without_table(lines: list[str], key: str) -> list[str]:
    """Without the table ``key`` and all below it. Comments between its lines go with it, those behind stay."""
    gone: set[int] = set()
    top: int | None = None
    for one in places("\n".join(lines)):
        inside = f"{one.key}.".startswith(f"{key}.")
        if one.header:
            top = one.first if inside else None
        if inside:
            gone.update(range(one.first if top is None else top, one.last + 1))
    return _kept(lines, gone)


def _kept(lines: list[str], gone: set[int]) -> list[str]:
    """All but the lines that are gone, and the blank ones above those."""
    return [line for at, line in enumerate(lines) if at not in gone and (line.strip() or at + 1 not in gone)]


def _without_empty(lines: list[str], key: str) -> list[str]:
    """Without the headers of tables that held ``key`` and hold nothing now, and the blank lines above them.

    A group may be empty; an empty table below one would be an action, or a server of which nothing is said.
    """
    found = places("\n".join(lines))
    around = {one for one in found if one.header and key.startswith(f"{one.key}.")}
    empty = {
        one.first
        for one in around
        if "." in one.key and not any(other.key.startswith(f"{one.key}.") for other in found if other not in around)
    }
    return _kept(lines, empty)


def _holder(found: list[Place], key: str) -> Place | None:
    """The assignment of ``key``, else the one whose inline table holds it."""
    holders = [one for one in found if not one.header and f"{key}.".startswith(f"{one.key}.")]
    return max(holders, key=lambda one: len(one.key), default=None)


def _either(lines: list[str], table: dict[str, Any]) -> str:
    """The changed text if it says ``table``, else ``table`` afresh."""
    changed = "".join(f"{line}\n" for line in lines)
    try:
        same = _said(tomllib.loads(changed)) == _said(table)
    except tomllib.TOMLDecodeError:
        same = False
    return changed if same else tomli_w.dumps(table)


def _said(table: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in config.dotted(table) if value != {} or "." in key}


def _comment(assignment: str) -> str:
    """What stands behind the value, blanks before it included. A ``#`` inside a string begins none."""
    for found in re.finditer(r"[ \t]*#", assignment):
        try:
            tomllib.loads(assignment[: found.start()])
        except tomllib.TOMLDecodeError:
            continue
        return assignment[found.start() :]
    return ""


def _nested(path: tuple[str, ...], value: Any) -> dict[str, Any]:  # noqa: ANN401 - a TOML value
    for name in reversed(path):
        value = {name: value}
    result: dict[str, Any] = value
    return result


def _at(table: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - a TOML value
    for name in path:
        table = table.get(name) if isinstance(table, dict) else None
    return table


def _without(table: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """``table`` without one value, however it is spelled: a dotted key of the key map may be a table in TOML."""
    name, rest = path[0], path[1:]
    spelled = path if len(path) > 1 or "." not in name else tuple(name.split("."))
    result = dict(table)
    if len(path) == 1:
        result.pop(name, None)
        return _without(result, spelled) if spelled != path else result
    if isinstance(result.get(name), dict):
        result[name] = _without(result[name], rest)
        if not result[name] and table[name]:
            del result[name]
    return result


def _inline(value: Any) -> str:  # noqa: ANN401 - a TOML value
    """On one line, as it stands to the right of ``=``."""
    if isinstance(value, dict):
        inner = ", ".join(f"{_quoted(name)} = {_inline(one)}" for name, one in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_inline, value))}]"
    return tomli_w.dumps({"v": value}).partition("=")[2].strip()


def _quoted(name: str) -> str:
    return tomli_w.dumps({name: 0}).partition(" = ")[0]


def _typed(text: str) -> Any:  # noqa: ANN401 - a TOML value
    try:
        table = tomllib.loads(f"v = {text}")
    except (ValueError, RecursionError):
        return text
    return table["v"] if len(table) == 1 else text  # what holds further keys, or tables, is no value


def _is_unicode(text: str) -> bool:
    """False for bytes of another encoding: Python keeps those of its arguments as surrogates."""
    return not any("\ud800" <= char <= "\udfff" for char in text)
