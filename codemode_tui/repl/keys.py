"""Keys as the settings name them (``ctrl+s``) to keys of prompt_toolkit (``c-s``)."""

from __future__ import annotations

from prompt_toolkit.keys import KEY_ALIASES, Keys

from codemode_tui.commands import command
from codemode_tui.front.keys import clash

_NAMES = {"enter": "c-m", "escape": "escape", "space": " ", "page_up": "pageup", "page_down": "pagedown", "tab": "c-i"}
_KNOWN = frozenset(
    {"up", "down", "left", "right", "home", "end", "insert", "delete", "pageup", "pagedown", "backspace"}
)
_BOUND = frozenset({*(key.value for key in Keys), *KEY_ALIASES})
"""What can be bound, single characters apart; anything else would end the program when it starts."""


def sequences(keys: str) -> list[tuple[str, ...]]:
    """The keys of a comma-separated list; what no terminal sends (``shift+enter``, ``ctrl+/``) is left out."""
    found = [_sequence(key.strip()) for key in keys.split(",") if key.strip()]
    return [one for one in found if one and all(len(name) == 1 or name in _BOUND for name in one)]


def sendable(keymap: dict[str, str]) -> dict[str, str]:
    """A keymap without what no terminal sends. A command that would lose every key by that keeps those that ship, as
    far as no other was given them: the keymap is the screen's too, which may know more. One that was given no key has
    none."""
    sent = {name: ",".join(key for key in keys.split(",") if sequences(key)) for name, keys in keymap.items()}
    for name in [name for name, keys in sent.items() if not keys and keymap[name].strip()]:
        shipped = command(name).keys_in("repl", {}).split(",")
        sent[name] = ",".join(key for key in shipped if name == "prompt.send" or not clash(name, key, sent, "repl"))
    return sent


def _sequence(key: str) -> tuple[str, ...] | None:
    *modifiers, last = key.split("+") if key != "+" else [key]
    name = _NAMES.get(last, last)
    alt = ("escape",) if "alt" in modifiers else ()
    rest = [one for one in modifiers if one != "alt"]
    if not rest:
        single = len(name) == 1 or name in _NAMES.values() or name in _KNOWN or (name[:1] == "f" and name[1:].isdigit())
        return (*alt, name) if single else None
    if rest == ["ctrl"] and (len(name) == 1 or name in _KNOWN):
        return (*alt, f"c-{name}")
    if rest == ["shift"] and name in _KNOWN:
        return (*alt, f"s-{name}")
    return ("s-tab",) if rest == ["shift"] and last == "tab" else None
