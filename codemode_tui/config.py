"""The settings (``settings.Settings``), read from ``config.toml`` and a project's ``.codemode.toml``.

Every wrong key of a file is reported at once. A project file may choose model, profile and tools;
of the sandbox it may only tighten the limits, of the MCP servers the policies.
"""

from __future__ import annotations

import os
import re
import tomllib
import typing
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from codemode_tui import commands
from codemode_tui.config_places import numbered
from codemode_tui.errors import ConfigError
from codemode_tui.settings import McpServer, McpSettings, Settings, real_path, same_model

PROJECT_FILE = ".codemode.toml"
PROJECT_GROUPS = ("model", "tools", "sandbox", "mcp")
RENAMED = {"sampling.temperature": "sampling.temp", "sandbox.memory": "sandbox.memory_mb"}
"""Names that settings had or are often given, and what they are called: files that use them are read as they are,
and `codemode config migrate` writes them anew."""
_KEY = re.compile(
    r"((ctrl|alt|shift|super|hyper|meta)\+)*(\S|f\d{1,2}|enter|escape|tab|space|backspace|delete|insert|home|end|pageup|"
    r"pagedown|up|down|left|right|[a-z]+(_[a-z]+)+)"
)
"""Keys as Textual names them; signs have their Unicode names: ``question_mark``."""
_IN_WORDS = {
    "float": "a number", "int": "a whole number", "str": "text", "bool": "true or false", "array": "a list",
    "object": "a table",
}  # fmt: skip
_STRICTNESS = ("allow", "ask", "deny")
_SERVER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,31}")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def load_settings(file: Path, project: Path | None = None) -> Settings:
    """Read the user's ``file`` and the project folder's own file, both optional.

    Raises:
        ConfigError: naming the file and every unknown or ill-typed key in it.
    """
    settings = settings_from(read_table(file), str(file), file=file)
    if project is None or not os.path.lexists(own := project / PROJECT_FILE):
        return settings
    if not own.is_file():  # what tightens may not be passed over
        raise ConfigError(f"{own} is not a file", hint="remove it, or put a file in its place")
    twice: list[str] = []
    table = _renamed(read_table(own), twice)
    allowed = {name: value for name, value in table.items() if name in PROJECT_GROUPS}
    refused = [*twice, *_refused(table, settings)]
    if "mcp" in allowed:
        allowed["mcp"] = _tightened(allowed["mcp"], settings.mcp, refused)
    base = msgspec.to_builtins(settings)
    theirs = allowed.get("model")
    if isinstance(theirs, dict) and isinstance(named := theirs.get("default"), str):
        allowed["model"] = {**theirs, "default": (chosen := model_of(project, named))}
        if not same_model(chosen, settings.model.default):
            base["model"]["profile"] = None  # it belongs to the model that the user chose
    return settings_from(merged(base, allowed), str(own), refused=refused, file=own)


def model_of(folder: Path, name: str) -> str:
    """A model as ``folder`` means it: a path there leads to the same one, wherever the program was started."""
    if name in ("", "bundled") or name.startswith("openai:") or os.path.isabs(os.path.expanduser(name)):
        return name
    below = os.path.join(folder, name)  # without a dot in front it may be a repository of the local cache
    return real_path(below) if name.startswith(("./", "../")) or os.path.isdir(below) else name


def settings_from(
    table: dict[str, Any], where: str, refused: Sequence[str] = (), *, file: Path | None = None
) -> Settings:
    """Check ``table`` (as TOML gives it) against the settings.

    Args:
        table: what a file says.
        where: names it in errors.
        refused: what else is wrong with it.
        file: where it was read from, so that errors can name the line.

    Raises:
        ConfigError: naming every wrong key.
    """
    problems: list[str] = []
    groups: dict[str, Any] = {}
    hints = typing.get_type_hints(Settings, include_extras=True)
    for name, value in _renamed(table, problems).items():
        if name not in hints:
            problems.append(f"{name}: no such group")
        elif not isinstance(value, dict):
            problems.append(f"{name}: expected a table")
        elif name == "keys":
            groups[name] = _keys(value, problems)
        elif name == "mcp":
            groups[name] = _mcp(value, problems)
        else:
            groups[name] = _group(hints[name], name, value, problems)
    if refused or problems:
        hint = "put it into your own config.toml if you want it" if refused else "`codemode config schema` lists all"
        raise ConfigError(f"{where}: {'; '.join(numbered(file, _as_written(file, [*refused, *problems])))}", hint=hint)
    return Settings(**groups)


def old_names(table: dict[str, Any]) -> list[str]:
    """The names in a file that are called something else now."""
    return [old for old in RENAMED if _has(table, *old.split("."))]


def _renamed(table: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    """``table`` with the names of today."""
    for old in old_names(table):
        group, name = old.split(".")
        new = RENAMED[old].split(".")[1]
        if _has(table, group, new):
            problems.append(f"{old}: is called {RENAMED[old]}, which is set as well; delete one of them")
        rest = {key: value for key, value in table[group].items() if key != name}
        table = {**table, group: {new: table[group][name], **rest}}
    return table


def _as_written(file: Path | None, problems: list[str]) -> list[str]:
    """Problems under the names that stand in the file."""
    table = read_table(file) if file else {}
    for old in old_names(table):
        new = RENAMED[old]
        if not _has(table, *new.split(".")):
            problems = [old + one.removeprefix(new) if one.startswith(f"{new}:") else one for one in problems]
    return problems


def _has(table: dict[str, Any], group: str, name: str) -> bool:
    return isinstance(table.get(group), dict) and name in table[group]


def _refused(table: dict[str, Any], user: Settings) -> list[str]:
    """What a project's file must not say: it comes with a checkout, not from the user."""
    found = [
        f"{name}: a project may only set model, tools, and tighter sandbox and mcp"
        for name in table
        if name not in PROJECT_GROUPS
    ]
    model = table.get("model")
    chosen = model.get("default") if isinstance(model, dict) else None
    # A checkout must not send what is asked in it to somebody's machine.
    if isinstance(chosen, str) and chosen.startswith("openai:") and chosen != user.model.default:
        found.append("model.default: a project may not choose a server")
    sandbox = table.get("sandbox")
    for key, value in sandbox.items() if isinstance(sandbox, dict) else ():
        if key not in ("timeout", "memory_mb"):
            found.append(f"sandbox.{key}: a project may not set this")
        elif isinstance(value, int | float) and value > getattr(user.sandbox, key):
            found.append(f"sandbox.{key}: a project may only tighten it (yours is {getattr(user.sandbox, key)})")
    return found


def _tightened(table: Any, user: McpSettings, refused: list[str]) -> Any:  # noqa: ANN401 - a TOML value
    """The user's servers with the stricter policies of a project's ``[mcp]``; what would loosen or add is refused."""
    if not isinstance(table, dict) or not isinstance(table.get("servers", {}), dict):
        return table
    result: dict[str, Any] = msgspec.to_builtins(user)
    refused += [f"mcp.{key}: a project may not set this" for key in table if key != "servers"]
    for name, own in table.get("servers", {}).items():
        where = f"mcp.servers.{name}"
        if not isinstance(own, dict):
            refused.append(f"{where}: expected a table")
            continue
        refused += [f"{where}.{key}: a project may not set this" for key in own if key not in _TIGHTENING]
        refused += (f"{where}.{key}: {wrong}" for key, wrong in _ill_typed(own))
        mine = result["servers"].get(name)
        if mine is None:
            continue  # nothing to tighten: the user does not have it
        mine["enabled"] = mine["enabled"] and own.get("enabled", True) is not False
        everywhere = own.get("policy", "allow")
        for key, after in _policies(own):
            before = (
                mine["tools"].get(key.removeprefix("tools."), mine["policy"]) if key != "policy" else mine["policy"]
            )
            if after in _STRICTNESS and _STRICTNESS.index(after) < _STRICTNESS.index(before):
                refused.append(f"{where}.{key}: a project may only tighten it (yours is {before})")
        if not refused:
            both = {**mine["tools"], **own.get("tools", {})}
            mine["tools"] = {tool: max(policy, everywhere, key=_STRICTNESS.index) for tool, policy in both.items()}
            mine["policy"] = max(mine["policy"], everywhere, key=_STRICTNESS.index)
    return result


_TIGHTENING = ("enabled", "policy", "tools")


def _ill_typed(server: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Keys of a project's server with what is wrong with them, whether the user has that server or not."""
    for key, kind, named in (("enabled", bool, "true or false"), ("tools", dict, "a table")):
        if key in server and not isinstance(server[key], kind):
            yield key, f"expected {named}"
    yield from ((key, "not one of ask, allow and deny") for key, value in _policies(server) if value not in _STRICTNESS)


def _policies(server: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if "policy" in server:
        yield "policy", server["policy"]
    tools = server.get("tools")
    yield from ((f"tools.{tool}", value) for tool, value in (tools.items() if isinstance(tools, dict) else ()))


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """``over`` on top of ``base``, table by table. TOML has no null, so unset values are left out."""
    result = {key: value for key, value in base.items() if value is not None}
    for key, value in over.items():
        known = result.get(key)
        result[key] = merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return {k: _without_none(v) for k, v in result.items()}


class Listed(typing.NamedTuple):
    """One setting as a list of them shows it; values as TOML writes them, empty when unset."""

    key: str
    value: str
    default: str
    about: str
    choices: tuple[str, ...]


def listed(file: Path) -> list[Listed]:
    """All settings but keys and MCP servers, as ``file`` has them."""
    settings, found = load_settings(file), []
    for group, kind in typing.get_type_hints(Settings).items():
        if group not in ("keys", "mcp"):
            now, shipped = getattr(settings, group), kind()
            for name, hint in typing.get_type_hints(kind, include_extras=True).items():
                plain, meta = typing.get_args(hint)[:2]
                choices = tuple(map(str, typing.get_args(plain))) if typing.get_origin(plain) is Literal else ()
                choices = ("true", "false") if plain is bool else choices
                value, default = (_written(getattr(one, name)) for one in (now, shipped))
                found.append(Listed(f"{group}.{name}", value, default, meta.description or "", choices))
    return found


def _written(value: Any) -> str:  # noqa: ANN401 - a TOML value
    if isinstance(value, float):
        return str(value).removesuffix(".0")  # 60 seconds: as it is said elsewhere, and as it may be written
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def exists(key: str) -> bool:
    """Whether a setting of this name may be set; of MCP servers any."""
    group, _, name = key.partition(".")
    hints = typing.get_type_hints(Settings)
    if group == "keys":
        return commands.known(name)
    return group == "mcp" or key in RENAMED or (group in hints and name in typing.get_type_hints(hints[group]))


def schema() -> dict[str, Any]:
    """JSON Schema of ``config.toml``: closed where the loader refuses what it does not know."""
    found = msgspec.json.schema(Settings)
    groups = found["$defs"]
    for table in groups.values():
        table["additionalProperties"] = False
    for old, new in RENAMED.items():
        group, name = old.split(".")
        known = groups[typing.get_type_hints(Settings)[group].__name__]["properties"]
        known[name] = {**known[new.split(".")[1]], "deprecated": True}
    return found


def _without_none(value: Any) -> Any:  # noqa: ANN401 - a TOML value
    return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else value


def read_text(file: Path) -> str:
    """What the file says; "" when there is none. A pipe is refused: nobody may ever write into it."""
    try:
        if file.is_fifo():
            raise ConfigError(f"{file} is a pipe, not a file", hint="remove it, or put a file in its place")
        return file.read_text("utf-8-sig")
    except FileNotFoundError:
        return ""
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(f"{file} cannot be read: {reason}", hint="check the path and its permissions") from error


def read_table(file: Path) -> dict[str, Any]:
    """The file as TOML gives it; empty when there is none."""
    try:
        return tomllib.loads(read_text(file))
    except (ValueError, RecursionError) as error:
        hint = "save it as UTF-8" if isinstance(error, UnicodeDecodeError) else "mend that line"
        raise ConfigError(f"{file}: not valid TOML: {error}", hint=hint) from error


def _group(kind: Any, name: str, table: dict[str, Any], problems: list[str]) -> Any:  # noqa: ANN401 - a Struct class
    hints = typing.get_type_hints(kind, include_extras=True)
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in hints:
            problems.append(f"{name}.{key}: no such key")
        else:
            values[key] = _convert(value, hints[key], f"{name}.{key}", problems)
    return kind(**values) if not problems else None


def _keys(table: dict[str, Any], problems: list[str]) -> dict[str, str]:
    """The key map. ``prompt.send = …`` without quotes is a table in TOML, and meant as one name."""
    found: dict[str, str] = {}
    for name, value in dotted(table):
        if not commands.known(name):
            problems.append(f"keys.{name}: no such action")
        elif not isinstance(value, str):
            problems.append(f"keys.{name}: expected text")
        else:
            keys = [key for one in value.split(",") if (key := one.strip())]
            wrong = [f"no such key {key!r}" for key in keys if not _KEY.fullmatch(key)]
            wrong = wrong or [why for key in keys if (why := commands.unfit(name, key))]
            problems += (f"keys.{name}: {one}" for one in wrong[:1])
            if not wrong:
                found[name] = ",".join(keys)
    # What is typed cannot always be sent (/quit): a key must lead out.
    if not any(found.get(name, commands.command(name).keys) for name in ("quit", "interrupt")):
        problems.append("keys.quit: empty, as is keys.interrupt; one of them must have a key, or none would leave")
    return found


def _mcp(table: dict[str, Any], problems: list[str]) -> McpSettings:
    """The servers, each key checked for itself."""
    problems += [f"mcp.{key}: no such key" for key in table if key != "servers"]
    servers: dict[str, McpServer] = {}
    given = table.get("servers", {})
    for name, value in given.items() if isinstance(given, dict) else (("", given),):
        where = f"mcp.servers.{name}".rstrip(".")
        if not isinstance(value, dict):
            problems.append(f"{where}: expected a table")
            continue
        if not _SERVER_NAME.fullmatch(name):
            problems.append(f"{where}: a name is up to 32 letters, digits, - and _, a letter first")
            continue
        wrong: list[str] = []
        server = _group(McpServer, where, value, wrong)
        problems += wrong
        if not wrong and (found := _unreachable(server)):
            problems.append(f"{where}: {found}")
        elif not wrong:
            servers[name] = server
    return McpSettings(servers)


def _unreachable(server: McpServer) -> str:
    """Why nothing can be reached by these settings; empty if something can."""
    if bool(server.command) == bool(server.url):
        return "set either command or url"
    if server.command:
        return "headers belong to a url" if server.headers else ""
    if server.args or server.env or server.cwd:
        return "args, env and cwd belong to a command"
    try:
        parts = urlsplit(server.url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "the url must begin with http:// or https:// and name a host"
    if parts.scheme == "http" and server.headers and parts.hostname not in _LOOPBACK:
        return "headers are not sent in the clear; use https"
    return ""


def dotted(table: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every value with its dotted key."""
    for name, value in table.items():
        if isinstance(value, dict) and value:
            yield from ((f"{name}.{below}", one) for below, one in dotted(value))
        else:
            yield name, value


def _convert(value: Any, kind: Any, key: str, problems: list[str]) -> Any:  # noqa: ANN401 - TOML value, type form
    try:
        return msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        said = re.sub(r"`(\w+)( \| null)?`", lambda found: _IN_WORDS.get(found[1], found[1]), str(error))
        for one in typing.get_args(kind):
            if isinstance(one, msgspec.Meta) and one.ge is not None and one.le is not None:
                said = said.replace(", got", f" from {one.ge} to {one.le}, got")
        problems.append(f"{key}: {said[0].lower()}{said[1:]}")
        return None
