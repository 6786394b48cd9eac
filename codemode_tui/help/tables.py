"""Tables of the topics, made from what the program itself reads: commands, settings, profiles, themes."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable

from codemode_tui import locations
from codemode_tui.commands import COMMANDS, Command, Front, Where
from codemode_tui.config import RENAMED
from codemode_tui.config_doc import described

SECTIONS: tuple[tuple[str, tuple[Where, ...]], ...] = (
    ("Anywhere", ("app", "chat", "scroll")),
    ("While writing", ("prompt",)),
    ("When a turn is chosen, behind enter", ("turn",)),
    ("When code waits for your answer", ("confirm", "editor")),
    ("When a file is about to change", ("write",)),
    ("After a thumbs-down", ("strip",)),
    ("When a correction is shown", ("candidate",)),
    ("In the review", ("review",)),
    ("In the review of an imported set", ("row",)),
    ("In a list: sessions, models, settings …", ("list",)),
)
"""Where keys act, in the words of the help."""


def keys() -> str:
    """Every key, place by place, with the id that ``[keys]`` of the settings knows."""
    parts = []
    for title, places in SECTIONS:
        rows = [
            (_keyed(c, "tui"), _keyed(c, "repl"), c.summary, _code(c.id))
            for c in COMMANDS
            if c.where in places and (c.keys or c.line_keys)
        ]
        parts.append(f"## {title}\n\n{_markdown(('key', 'in the repl', 'does', 'id'), rows)}")
    return "\n\n".join(parts)


def _keyed(command: Command, front: Front) -> str:
    return _code(command.keys_in(front, {}).replace(",", " ")) if command.can(front) else ""


def slash() -> str:
    """Every slash command, its other names, and where it cannot be given."""
    rows = []
    for c in COMMANDS:
        if c.slash:
            names = ", ".join(_code(f"/{name}") for name in c.also)
            where = "" if c.can("plain") else "; not with --plain"
            about = f"{c.summary} ({names})" if names else c.summary
            rows.append((_code(f"/{c.slash} {c.argument}".strip()), about + where))
    return _markdown(("command", "does"), rows)


def settings() -> str:
    """Every setting with its type, what ships, and what it means."""
    groups: dict[str, list[tuple[str, str, str, str]]] = {}
    for one in described():
        group = one.key.rpartition(".")[0]
        groups.setdefault(group, []).append((_code(one.key), one.kind, _code(one.default), one.about))
    return "\n\n".join(
        f"## `[{group}]`\n\n{_markdown(('key', 'type', 'ships as', 'means'), rows)}" for group, rows in groups.items()
    )


def renamed() -> str:
    return _markdown(("was", "is"), [(_code(old), _code(new)) for old, new in RENAMED.items()])


def profiles() -> str:
    from codemode_tui.protocol.profiles import list_profiles, load_profile

    found = [load_profile(name) for name in list_profiles()]
    rows = [(_code(one.name), one.description, ", ".join(map(_code, one.tools))) for one in found]
    return _markdown(("profile", "for", "tools that its model is told about"), rows)


def themes() -> str:
    rows = []
    for file in sorted(locations.themes_dirs()[0].glob("[!.]*.toml")):
        table = tomllib.loads(file.read_text("utf-8"))
        rows.append((_code(table.get("name", file.stem)), "dark" if table.get("dark", True) else "light"))
    return _markdown(("theme", "for"), rows)


def macs() -> str:
    """What the 30B model takes of the memory of a Mac, by the arithmetic that decides whether it is loaded."""
    from codemode_tui.engine.machine_memory import LARGE_MAC, Machine
    from codemode_tui.engine.memory import Model, planned
    from codemode_tui.engine.recommended import CONFIG

    def context(bits: int, gigabytes: int) -> str:
        total = gigabytes << 30
        here = Machine(total * 3 // 4 if total >= LARGE_MAC else total * 2 // 3, "", gpu=True)
        found = planned(Model("", CONFIG, _WEIGHTS[bits], bits, 2), 0, 0, here)
        return f"{found.need.context // 1024} k" if found.fits else "does not fit"

    rows = [(f"{size} GB", *(context(bits, size) for bits in _WEIGHTS)) for size in (24, 32, 36, 48, 64, 96, 128)]
    weights = (f"{bits} bits ({size / 1e9:.1f} GB)" for bits, size in _WEIGHTS.items())
    return _markdown(("Mac with", *weights), rows)


_WEIGHTS = {4: 17_200_000_000, 5: 21_000_000_000, 6: 24_800_000_000, 8: 32_400_000_000}


def speeds() -> str:
    """The bound of memory bandwidth: every token reads the weights that it needs, and the whole KV cache."""
    rows = []
    for chip, bandwidth in _CHIPS.items():
        bounds = (bandwidth * 1e9 / (_TOKEN + tokens * _PER_TOKEN) for tokens in (0, 8192, 32_768))
        rows.append((chip, f"{bandwidth} GB/s", *(f"{bound:.0f}" for bound in bounds)))
    return _markdown(("chip", "bandwidth", "empty", "8 k context", "32 k context"), rows)


_TOKEN, _PER_TOKEN = 2.09e9, 98_304
"""Bytes that are read for each token at 5 bits, and for each token of context."""
_CHIPS = {"M3 Pro": 150, "M1 Pro": 200, "M4 Pro": 273, "M1, M2, M3 Max": 400, "M4 Max": 546, "M1, M2 Ultra": 800,
          "M3 Ultra": 819}  # fmt: skip


TABLES: dict[str, Callable[[], str]] = {
    "keys": keys, "slash": slash, "settings": settings, "renamed": renamed, "profiles": profiles, "themes": themes,
    "macs": macs, "speeds": speeds,
}  # fmt: skip


def _markdown(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table whose columns stand under each other, for those who read it as it is."""
    cells = [tuple(cell.replace("|", "\\|") for cell in row) for row in (heads, *rows)]
    wide = [max(len(row[i]) for row in cells) for i in range(len(heads) - 1)]
    lines = [
        "| " + " | ".join([*(c.ljust(w) for c, w in zip(row[:-1], wide, strict=True)), row[-1]]) + " |" for row in cells
    ]
    return "\n".join([lines[0], "|" + "---|" * len(heads), *lines[1:]])


def _code(text: str) -> str:
    return f"`{text}`" if text else ""
