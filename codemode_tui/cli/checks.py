"""What `codemode doctor` looks at, but for store and terminal. Each is quick, and changes nothing."""

from __future__ import annotations

import asyncio
import platform
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from urllib.parse import urlsplit

from codemode_tui import __version__, config, locations
from codemode_tui.cli.finding import Finding, fail, failed, ok, warn
from codemode_tui.errors import CodemodeError, ModelError
from codemode_tui.settings import Settings

NEEDED = (
    "textual",
    "mlx-lm",
    "mlx",
    "prompt-toolkit",
    "pygments",
    "platformdirs",
    "tomli-w",
    "msgspec",
    "transformers",
)
EXTRAS = {"mcp": "mcp", "acp": "acp", "monty": "pydantic_monty", "grammar": "llguidance", "train": "datasets"}
"""Extra → a module that comes with it."""
LARGE_LOG = 50_000_000


def versions(_: Settings) -> Iterator[Finding]:
    found: list[str] = []
    missing: list[str] = []
    for package in NEEDED:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            missing.append(package)
    system = (
        f"macOS {platform.mac_ver()[0]}" if sys.platform == "darwin" else f"{platform.system()} {platform.release()}"
    )
    yield ok("versions", f"codemode {__version__}, Python {platform.python_version()}, {system}, {platform.machine()}")
    yield ok("versions", f"{', '.join(found)}, SQLite {sqlite3.sqlite_version}")
    if missing:
        yield fail("versions", f"not installed: {', '.join(missing)}", "install codemode-tui again, with what it needs")
    extras = [name for name, module in EXTRAS.items() if find_spec(module)]
    yield ok("versions", f"extras installed: {', '.join(extras) or 'none'}")


def settings() -> tuple[Settings, list[Finding]]:
    """The settings in force here, or what ships where a file of the user's is wrong; and what was found."""
    found: list[Finding] = []
    now = Settings()
    try:
        file = locations.config_file()
        now = config.load_settings(file, locations.current_dir())
        found.append(ok("settings", str(file) if file.exists() else f"none of your own ({file} does not exist)"))
        if old := config.old_names(config.read_table(file)):
            found.append(warn("settings", f"older names: {', '.join(old)}", "codemode config migrate"))
        found += [warn("settings", clash, "codemode config set keys.NAME KEY") for clash in clashes(now.keys)]
    except (CodemodeError, OSError) as error:
        found.append(failed("settings", error))
    for read in (_themes, _profiles):
        try:
            read(now)
        except (CodemodeError, OSError) as error:
            found.append(failed("settings", error))
    return now, found


def _themes(now: Settings) -> None:
    from codemode_tui.front.themes import choose, load_colours

    colours = load_colours(locations.themes_dirs())
    for name in (now.ui.theme, now.repl.theme):
        if name is not None:
            choose(colours, name)


def _profiles(_: Settings) -> None:
    from codemode_tui.protocol.profiles import list_profiles, load_profile

    folder = locations.config_dir() / "profiles"
    for name in list_profiles((folder,)):
        load_profile(name, extra_dirs=(folder,))


def clashes(keys: dict[str, str]) -> Iterator[str]:
    """Keys of the user's that two actions have where both act."""
    from codemode_tui.front.keys import clash

    for name, given in keys.items():
        for key in filter(None, (one.strip() for one in given.split(","))):
            if why := clash(name, key, keys):
                yield f"keys.{name}: {why}"


def model(now: Settings) -> Iterator[Finding]:
    """Whether the weights are there, shard by shard; they are not read."""
    from codemode_tui.cli.session import Options, find_model_of
    from codemode_tui.engine.loadable import check_tokens
    from codemode_tui.engine.models import check, described, quantization
    from codemode_tui.engine.remote import api_key
    from codemode_tui.engine.speed import how_it_runs

    ref, profile = find_model_of(Options(), now)
    if ref.server is not None:
        api_key(now.engine, ref.server)
        yield ok("model", f"{ref.name}: at a server; `codemode model verify` asks whether it answers")
        return
    with described(ref.path):
        table, shards = check(ref)
        size = sum(shard.stat().st_size for shard in shards)
        quantized = quantization(table)
    odd = check_tokens(ref.path, table, profile)
    bits = (quantized or {}).get("bits")
    exact = f", {bits}-bit" if bits else ""
    yield ok("model", f"{ref.name}: {size / 1e6:,.1f} MB{exact}, profile {profile.name}, {ref.path}")
    for one in odd:
        yield warn("model", one, "codemode config set model.profile NAME")
    speed = how_it_runs(size, quantized is not None)
    yield warn("model", f"it runs {speed.words}", speed.fix) if speed.fix else ok("model", f"it runs {speed.words}")
    if ref.guessed and not now.model.profile:
        yield warn("model", f"its profile is a guess: {ref.guessed}", "codemode config set model.profile NAME")


def memory(now: Settings) -> Iterator[Finding]:
    """Whether the model fits, by the arithmetic that decides it when it is loaded."""
    from codemode_tui.engine.admission import there_for
    from codemode_tui.engine.lock import memory_holder
    from codemode_tui.engine.memory import KV_BITS, plan
    from codemode_tui.engine.models import find_model

    with suppress(ModelError):  # said already
        ref = find_model(now.model.default)
        if not ref.url:
            found = plan(ref, now.engine, there_for(ref))
            if not found.fits:
                fix = "choose a smaller model or fewer bits: codemode model list"
                yield fail("memory", found.words, "; or ".join(filter(None, (fix, found.wider))), 6)
            elif found.shortened:
                has = found.need.kv_bits
                fix = next((f"set engine.kv_bits = {bits}" for bits in KV_BITS if not has or bits < has), "")
                more = ", or ".join(filter(None, (fix, found.wider))) or "choose a smaller model or fewer bits"
                yield warn("memory", f"the context is cut to what fits: {found.words}", f"if you need more, {more}")
            else:
                yield ok("memory", found.words)
    if holder := memory_holder():
        yield ok("memory", f"in use: {holder}")


def sandbox(now: Settings) -> Iterator[Finding]:
    """Which layers confine code; known by having run nothing in it. `codemode sandbox check` attacks it."""
    from codemode_tui.sandbox.select import choose

    chosen = asyncio.run(choose(now.sandbox.backend, now.sandbox.packages))
    layers = chosen.name.split("+")
    yield ok("sandbox", f"{' + '.join(layers)}; `codemode sandbox check` attacks it")
    if layers == ["landlock"] or (layers[0] == "bwrap" and "seccomp" not in layers):
        yield warn(
            "sandbox", "not all layers of Linux are there", "use a kernel with Landlock and seccomp (5.13 or newer)"
        )


def engine(now: Settings) -> Iterator[Finding]:
    """Which engines run for this user, and what they do."""
    from codemode_tui.cli.engine import line
    from codemode_tui.engine.engines import running

    found = running()
    for one in found:
        yield ok("engine", line(one)) if one.state else warn("engine", line(one), "codemode engine stop")
    if not found:
        yield ok("engine", "none runs; the next question starts one" + ("" if now.engine.shared else ", not shared"))
    log = locations.log_file()
    if log.is_file() and log.stat().st_size > LARGE_LOG:
        yield warn("engine", f"its log has {log.stat().st_size / 1e6:,.0f} MB", f"delete {log}")


def servers(now: Settings) -> Iterator[Finding]:
    """MCP servers: whether what speaks with them is installed, and their programs are there. None is started."""
    import shutil

    for name, server in now.mcp.servers.items():
        if not server.enabled:
            continue
        if not find_spec("mcp"):
            yield fail(
                "mcp", f"{name}: the extra that speaks with servers is missing", "pip install 'codemode-tui[mcp]'"
            )
        elif server.command and not shutil.which(server.command):
            yield fail(
                "mcp", f"{name}: no program {server.command}", f"install it, or set mcp.servers.{name}.enabled = false"
            )
        else:
            yield ok("mcp", f"{name}: {server.command or _shortened(server.url)}, policy {server.policy}")


def _shortened(url: str) -> str:
    """Where it leads: user, path and query may hold a key."""
    parts = urlsplit(url)
    more = "/…" if parts.path.strip("/") or parts.query or parts.fragment else ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{more}"
