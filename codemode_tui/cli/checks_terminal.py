"""`codemode doctor` on the terminal: what its environment says, and what it answers when it is asked."""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from codemode_tui.cli.finding import Finding, ok, warn
from codemode_tui.cli.streams import dumb
from codemode_tui.settings import Settings

SAMPLE, CELLS = "é日👍", 5
"""A letter, a wide sign and an emoji: together five cells."""
ASK = b"\x1b7\r" + SAMPLE.encode() + b"\x1b[6n" + b"\x1b[?u" + b"\x1b[?2026$p" + b"\r\x1b[K\x1b8" + b"\x1b[c"
"""Where the cursor is behind ``SAMPLE`` · keyboard protocol · synchronised output · what it is (all answer that).
Erased before the last: Terminal.app prints the ``p`` of the third."""
PATIENCE = 1.0
SMALLEST = (80, 24)


class Replies(NamedTuple):
    """What a terminal said of itself."""

    answered: bool = False
    cells: int | None = None
    keyboard: bool = False
    synchronised: bool = False
    clipboard: bool = False
    """It announces OSC 52; most that have it do not."""


def terminal(_: Settings) -> Iterator[Finding]:
    env = os.environ
    if not sys.stdin or not sys.stdin.isatty() or not sys.stdout.isatty():
        yield ok("terminal", "none here (a pipe or a script): run `codemode doctor` in your terminal to look at it")
        return
    size = shutil.get_terminal_size()
    yield ok("terminal", f"{named(env)}, TERM={env.get('TERM', '')}, {size.columns}×{size.lines}")
    if dumb():
        yield warn("terminal", "it cannot move its cursor", "codemode repl --plain")
        return
    if size < SMALLEST:
        yield warn("terminal", "small: some panels need to scroll", f"make it {SMALLEST[0]}×{SMALLEST[1]} or larger")
    replies = understood(_asked())
    yield from colours(env)
    yield from answers(replies, env)
    yield from clipboard(env, replies)
    if env.get("TMUX"):
        yield from tmux(_tmux_options())


def named(env: Mapping[str, str]) -> str:
    """The program that draws, as far as the environment says."""
    program = env.get("TERM_PROGRAM") or next((name for key, name in _PROGRAMS.items() if env.get(key)), "")
    inside = [name for key, name in (("TMUX", "tmux"), ("STY", "screen"), ("SSH_CONNECTION", "ssh")) if env.get(key)]
    return " in ".join(filter(None, [program or "a terminal", *inside]))


_PROGRAMS = {
    "KITTY_WINDOW_ID": "kitty", "ALACRITTY_WINDOW_ID": "Alacritty", "WEZTERM_PANE": "WezTerm",
    "KONSOLE_VERSION": "Konsole", "VTE_VERSION": "a VTE terminal", "WT_SESSION": "Windows Terminal",
}  # fmt: skip


def colours(env: Mapping[str, str]) -> Iterator[Finding]:
    if env.get("NO_COLOR"):
        yield ok("terminal", "no colours, as NO_COLOR asks")
    elif env.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        yield ok("terminal", "16 million colours")
    else:
        many = "256 colours" if "256color" in env.get("TERM", "") else "16 colours"
        yield warn(
            "terminal", f"{many}: the themes are drawn with the nearest ones",
            "COLORTERM=truecolor if your terminal has them, else the theme codemode-ansi",
        )  # fmt: skip


_META = {
    "Apple_Terminal": "Settings → Profiles → Keyboard → Use Option as Meta key",
    "iTerm.app": "Settings → Profiles → Keys → Left Option key: Esc+",
    "vscode": "the setting terminal.integrated.macOptionIsMeta",
}
"""Where a Mac's terminal is told that Option is the key that others call alt."""


def answers(replies: Replies, env: Mapping[str, str], system: str = sys.platform) -> Iterator[Finding]:
    if not replies.answered:
        yield warn("terminal", "it does not say what it is", "nothing to do if all looks well")
        return
    if replies.cells not in (None, CELLS):
        yield warn(
            "terminal", f"its widths are not Unicode's ({SAMPLE} takes {replies.cells} cells, not {CELLS})",
            "use a UTF-8 locale, and a current version of the terminal",
        )  # fmt: skip
    if replies.keyboard:
        yield ok("terminal", "keys: ctrl+enter and shift+enter are told apart")
    elif system == "darwin":
        where = _META.get(env.get("TERM_PROGRAM", ""), "its settings, Option as Meta")
        yield ok("terminal", "keys: the classic ones; a new line is ctrl+j, not shift+enter")
        yield ok("terminal", f"keys: those with alt, as alt+enter and alt+↑, need Option as Meta: {where}")
    else:
        yield ok("terminal", "keys: the classic ones; a new line is alt+enter or ctrl+j, not shift+enter")
    if replies.synchronised:
        yield ok("terminal", "draws whole screens at once (synchronised output)")


def clipboard(env: Mapping[str, str], replies: Replies) -> Iterator[Finding]:
    """What ``ctrl+o`` copies goes out as OSC 52, on a local Mac through pbcopy as well."""
    local = not env.get("SSH_CONNECTION")
    if sys.platform == "darwin" and local:
        yield ok("terminal", "copies reach the clipboard (pbcopy)")
    elif replies.clipboard:
        yield ok("terminal", "copies reach the clipboard (OSC 52)")
    elif env.get("VTE_VERSION") and int(re.sub(r"\D", "", env["VTE_VERSION"]) or 0) < 7600:
        yield warn(
            "terminal", "this VTE terminal knows no OSC 52: copies do not reach the clipboard",
            "select with shift and the mouse, or use VTE 0.76 or newer",
        )  # fmt: skip
    else:
        yield ok("terminal", "copies are sent with OSC 52; some terminals ask or want it switched on")


def tmux(options: Mapping[str, str]) -> Iterator[Finding]:
    """What tmux lets through, by its server's options."""
    if options.get("set-clipboard") == "off":
        yield warn("terminal", "tmux keeps copies to itself", "tmux set -s set-clipboard on")
    if options.get("extended-keys") == "off":
        yield ok("terminal", "tmux: shift+enter needs `tmux set -s extended-keys on`; ctrl+j works as it is")
    if int(options.get("escape-time", "0") or 0) > 100:
        yield warn("terminal", "tmux holds esc back for half a second", "tmux set -s escape-time 10")


def understood(said: bytes) -> Replies:
    """The answers to ``ASK``, in whatever order and with whatever between them."""
    what = re.search(rb"\x1b\[\?([\d;]*)c", said)
    place = re.search(rb"\x1b\[\d+;(\d+)R", said)
    mode = re.search(rb"\x1b\[\?2026;([0-4])\$y", said)
    attributes = what[1].split(b";") if what else []
    return Replies(
        answered=bool(what or place),
        cells=int(place[1]) - 1 if place else None,
        keyboard=bool(re.search(rb"\x1b\[\?\d+u", said)),
        synchronised=mode is not None and mode[1] in b"123",
        clipboard=b"52" in attributes[1:],
    )


def _asked() -> bytes:
    """Send ``ASK`` and collect what comes until the terminal has said what it is, or nothing for a while."""
    try:
        file = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return b""
    before = None
    said = b""
    try:
        before = termios.tcgetattr(file)
        tty.setcbreak(file)
        os.write(file, ASK)
        until = time.monotonic() + PATIENCE
        while not re.search(rb"\x1b\[\?[\d;]*c", said) and (left := until - time.monotonic()) > 0:
            if select.select([file], [], [], left)[0]:
                said += os.read(file, 4096)
    except (OSError, termios.error):
        pass
    finally:
        if before is not None:
            termios.tcsetattr(file, termios.TCSAFLUSH, before)
        os.close(file)
    return said


def _tmux_options() -> dict[str, str]:
    try:
        done = subprocess.run(["tmux", "show", "-s"], capture_output=True, text=True, timeout=2, check=True)
    except (OSError, subprocess.SubprocessError):
        return {}
    return dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
