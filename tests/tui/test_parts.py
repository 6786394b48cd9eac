"""The parts that need no screen: pacing, wrapping, output, themes, imports, the picture."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import Color, ColorSystem
from support.scripted import ScriptedChat
from textual.app import App, ComposeResult
from textual.content import Content
from textual.events import Resize
from textual.geometry import Offset
from textual.selection import Selection
from wcwidth import wcwidth

from codemode_tui import locations
from codemode_tui.chat import events as ev
from codemode_tui.errors import ConfigError
from codemode_tui.front import clipboard
from codemode_tui.front.highlight import diff_lines, highlight
from codemode_tui.front.pacing import SHORTEST, merged, paced, share_of
from codemode_tui.front.themes import choose, load_colours
from codemode_tui.tui.flow import Flow, flowed
from codemode_tui.tui.lines_view import LinesView, wrap
from codemode_tui.tui.output_panel import HEAD, KEEP, TAIL, OutputPanel
from codemode_tui.tui.themes import load_themes

from .screen import app_for, ask, settle

T = "turn"
DELTAS = st.one_of(
    st.builds(lambda t: ev.RawDelta(T, 0, t), st.text("ab", min_size=1, max_size=3)),
    st.builds(lambda t: ev.TextDelta(T, 0, t), st.text("cd", min_size=1, max_size=3)),
    st.builds(lambda t: ev.CodeDelta(T, 0, t), st.text("ef", min_size=1, max_size=3)),
    st.builds(lambda s, t: ev.RunOutput(T, 0, s, t), st.sampled_from(["stdout", "stderr"]), st.text("gh", min_size=1)),
    st.just(ev.Likelihood(T, 0, 0.5)),
)


def _visible(events):
    """What a person reads, in order; raw text apart, as it runs beside the rest."""
    shown, raw = [], ""
    for event in events:
        if isinstance(event, ev.RawDelta):
            raw += event.text
        elif isinstance(event, ev.Likelihood):
            shown.append("!")
        else:
            kind = getattr(event, "stream", type(event).__name__)
            shown += [(kind, character) for character in event.text]
    return shown, raw


@given(st.lists(DELTAS, max_size=40))
@settings(max_examples=200, deadline=None)
def test_joined_events_read_the_same(events):
    assert _visible(merged(events)) == _visible(events)
    assert len(merged(events)) <= len(events)


async def test_a_thousand_tokens_reach_the_screen_in_few_batches_and_in_order():
    async def source():
        for number in range(1000):
            yield ev.TextDelta(T, 0, f"{number} ")
        yield ev.AnswerReady(T, "done")

    batches = [batch async for batch in paced(source())]
    text = "".join(e.text for batch in batches for e in batch if isinstance(e, ev.TextDelta))
    assert text.split() == [str(n) for n in range(1000)]
    assert len(batches) < 20 and isinstance(batches[-1][-1], ev.AnswerReady)


@pytest.mark.parametrize(("cost", "least"), [(0.001, SHORTEST), (0.02, 0.08), (1.0, 0.1)])
async def test_what_is_dear_to_show_is_shown_less_often(cost, least):
    times, spent = [], [0.0]

    async def source():
        while True:
            yield ev.TextDelta(T, 0, "x")
            await asyncio.sleep(0.001)

    async for _ in paced(source(), lambda: spent[0], 0.25):
        times.append(asyncio.get_running_loop().time())
        spent[0] += cost
        if len(times) == 8:
            break
    assert times[-1] - times[-2] >= 0.95 * least


@pytest.mark.parametrize(("processors", "share"), [(1, 0.03), (2, 0.06), (8, 0.24), (64, 0.25)])
def test_where_processors_are_few_showing_text_takes_little_of_one(processors, share):
    assert share_of(processors) == pytest.approx(share)


async def test_an_error_of_the_conversation_is_not_swallowed():
    async def source():
        yield ev.TextDelta(T, 0, "a")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        async for _ in paced(source()):
            pass


@given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=120), st.integers(8, 40))
@settings(max_examples=200, deadline=None)
def test_wrapping_loses_no_character_and_never_exceeds_the_width(text, width):
    rows = wrap([(text, "a")] if text else [], 0, width)
    assert "".join(part for row in rows for part, _ in row.pieces) == text
    assert all(cell_len("".join(part for part, _ in row.pieces)) <= width for row in rows)


@pytest.mark.parametrize(
    "hiding",
    ["👍\U0001f3fd" * 20, "👩\u200d👩\u200d👧" * 12, "🇩" * 40, "\U00018cd6" * 40, "漢e\u0301" * 30, "☎\ufe0f" * 40],
)
def test_no_character_pushes_what_follows_it_off_the_screen(hiding):
    line = f'label = "{hiding}"; delete_file("notes.txt"); y = "{hiding}"'
    rows = ["".join(part for part, _ in row.pieces) for row in wrap([(line, "a")], 0, 60)]
    assert "".join(rows) == line
    # As drawn by a terminal that joins nothing, and by one that draws each flag and selected shape wide.
    assert all(sum(2 if char in "🇩☎" else max(0, wcwidth(char)) for char in row) <= 60 for row in rows)


def test_what_is_drawn_as_one_stays_in_one_row():
    family = "👩\u200d👩\u200d👧"
    rows = wrap([(f"{'x' * 5}{family}é{family}", "a")], 0, 10)
    assert [row.pieces[0][0] for row in rows] == ["xxxxx", f"{family}é", family]


@given(st.text(alphabet='def x(y):\n\t"#\\1+', max_size=200))
@settings(max_examples=200, deadline=None)
def test_colours_change_no_character(code):
    assert "\n".join("".join(text for text, _ in line) for line in highlight(code)) == code


def test_many_lines_of_blanks_are_left_to_no_lexer():
    blank, first, last, end = highlight(" \t\n" * 16_000 + 'x = """a\n  \nb"""')[-4:]
    assert blank == [(" \t", "code-name")] and first[-1] == ("a", "code-string")
    assert last == [("  ", "code-name")] and end == [("b", "code-string"), ('"""', "code-string")]


def test_text_that_takes_a_lexer_too_long_has_no_colours(monkeypatch):
    monkeypatch.setattr("codemode_tui.front.highlight.LONGEST", -1.0)
    assert highlight("x = 1\n\ny") == [[("x = 1", "code-name")], [], [("y", "code-name")]]


def test_only_the_head_of_a_diff_looks_like_one():
    lines = ["--- a/q.sql", "+++ b/q.sql", "@@ -1 +1 @@", "--- drop only tests", "+++ b/other.txt", " x", ""]
    colours = [line[0][1] if line else "" for line in diff_lines("\n".join(lines[:-1]))]
    assert colours == ["muted", "muted", "secondary", "error", "success", "code-name"]
    assert diff_lines("--x\n") == [[("--x", "error")]]


SESSIONS = ("console", "shell-session", "doscon", "ps1con", "psql", "irb", "rbcon", "sqlite3", "iex", "pycon")


@pytest.mark.parametrize("language", [*SESSIONS, "python", "json", "bash", "html", "diff"])
@pytest.mark.parametrize("code", ["$ ls", "$ ls\n", "$ ls -l\ntotal 0\n>>> 1", "a = 1\n\n", "a\r\nb", ""])
def test_colours_change_no_character_in_any_language(language, code):
    assert "\n".join("".join(text for text, _ in line) for line in highlight(code, language)) == code


def test_a_flood_of_output_is_bounded_and_counted():
    panel = OutputPanel.__new__(OutputPanel)
    OutputPanel.__init__(panel)
    panel.set_lines = lambda lines: setattr(panel, "lines", lines)
    for start in range(0, 50_000, 1000):
        panel.append("stdout", "".join(f"{n}\n" for n in range(start, start + 1000)))
    panel.finish()
    shown = ["".join(text for text, _ in line) for line in panel.lines]
    assert len(panel._kept) <= KEEP and len(shown) == HEAD + TAIL + 1
    assert shown[:2] == ["0", "1"] and shown[-1] == "49999"
    assert f"{50_000 - HEAD - TAIL:,} more lines" in shown[HEAD]


async def test_a_long_name_of_wide_letters_leaves_room_for_the_model_and_the_sandbox():
    app = app_for(ScriptedChat(workspace=Path("/home/ada", "ノート" * 30)))
    async with app.run_test(size=(101, 24)) as pilot:
        await settle(pilot)
        line = app.main.header.render()
        assert line.cell_length == 99 and "…" in line.plain and "ートノート " in line.plain
        assert line.plain.endswith("phase22   ◆ sandbox") and "5-bit" in line.plain
        for width in (70, 40):
            await pilot.resize_terminal(width, 24)
            assert re.search(r" qwen3-coder-30b… 5-bit.*   ◆$", app.main.header.render().plain)


def _luminance(color: str) -> float:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_hidden_files_are_no_themes(tmp_path):
    (tmp_path / ".#mine.toml").symlink_to("somebody@host.123:456")  # an editor's lock
    assert load_colours([tmp_path]) == {}


THEMES = load_themes(locations.themes_dirs()[:1])


@pytest.mark.parametrize("theme", [t for t in THEMES.values() if not t.ansi], ids=lambda t: t.name)
def test_every_shipped_theme_can_be_read(theme):
    least = 7.0 if "contrast" in theme.name else 4.5
    named = ("foreground", "primary", "secondary", "accent", "success", "warning", "error")
    colors = {key: value for key, value in theme.variables.items() if key.startswith("code-")}
    colors |= {name: getattr(theme, name) for name in named} | {"muted": theme.variables["muted"]}
    weak = {
        name: round(_contrast(color, ground), 1)
        for name, color in colors.items()
        for ground in (theme.background, theme.surface)
        if _contrast(color, ground) < least and name != "code-comment"
    }
    assert not weak


@pytest.mark.parametrize("theme", [t for t in THEMES.values() if not t.ansi], ids=lambda t: t.name)
def test_what_is_nearly_grey_is_grey_on_a_terminal_of_256_colours(theme):
    """There a little colour too much makes it navy, olive or pink."""
    grounds = ["background", "surface", "panel"]
    named = ["foreground", *grounds, "muted", "faint", "code-name", "code-operator", "code-comment"]
    colors = {name: getattr(theme, name, None) or theme.variables[name] for name in named}
    shown = {name: Color.parse(color).downgrade(ColorSystem.EIGHT_BIT) for name, color in colors.items()}
    for name, color in shown.items():
        red, green, blue = color.get_truecolor()
        assert red == green and (blue == red or ("paper" in theme.name and name in grounds)), (name, color)
    if "contrast" not in theme.name and "paper" not in theme.name:
        assert len({shown[name].number for name in grounds}) == 3  # cards and bands are seen


def test_there_are_dark_light_strong_and_sixteen_colour_themes():
    assert len(THEMES) >= 6 and {t.dark for t in THEMES.values()} == {True, False}
    assert sum("contrast" in name for name in THEMES) == 2 and sum(t.ansi for t in THEMES.values()) == 1


@pytest.mark.parametrize(("term", "fits"), [("xterm", "codemode-ansi"), ("xterm-256color", "codemode-dark")])
def test_a_terminal_of_sixteen_colours_gets_the_theme_made_for_it_unless_another_is_named(monkeypatch, term, fits):
    monkeypatch.setenv("TERM", term)
    monkeypatch.delenv("COLORTERM", raising=False)
    assert app_for(ScriptedChat(), theme=None).theme == fits
    assert app_for(ScriptedChat(), theme="codemode-dusk").theme == "codemode-dusk"


def test_a_theme_of_the_user_replaces_a_shipped_one(tmp_path):
    shipped = locations.themes_dirs()[0]
    text = (shipped / "codemode-dark.toml").read_text().replace("#101215", "#000000")
    (tmp_path / "mine.toml").write_text(text)
    assert load_themes([shipped, tmp_path])["codemode-dark"].background == "#000000"


def test_a_wrong_theme_names_everything_that_is_wrong(tmp_path):
    (tmp_path / "bad.toml").write_text('name = "bad"\nfont = "x"\n[colors]\nprimary = "blue"\nglow = "#000000"\n')
    with pytest.raises(ConfigError) as caught:
        load_themes([tmp_path])
    for problem in ("bad.toml", "font", "colors.primary", "colors.glow", "code.keyword"):
        assert problem in caught.value.message


@pytest.mark.parametrize("shipped", ["codemode-dark", "codemode-ansi"])
@pytest.mark.parametrize("color", ["primary", "foreground", "background", "surface", "panel", "faint"])
async def test_a_theme_may_have_colours_of_the_terminal_beside_its_own(tmp_path, shipped, color):
    text = (locations.themes_dirs()[0] / f"{shipped}.toml").read_text().replace(shipped, "mine")
    other = "#123456" if "ansi" in shipped else "ansi_blue"
    (tmp_path / "mine.toml").write_text(re.sub(rf'(?m)^{color} = ".*"', f'{color} = "{other}"', text))
    app = app_for(ScriptedChat())
    app.register_theme(load_themes([tmp_path])["mine"])
    async with app.run_test() as pilot:
        app.theme = "mine"
        await ask(pilot, "one")
        assert "You asked: one" in str(app.main.transcript.cards[0].copyable())


def test_an_unknown_theme_lists_what_there_is():
    with pytest.raises(ConfigError, match="neon") as caught:
        choose(load_themes(locations.themes_dirs()[:1]), "neon")
    assert "codemode-dark" in caught.value.hint


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("codemode_tui.tui.app", ("mlx", "mlx_lm", "transformers", "tokenizers", "pygments", "markdown_it")),
        ("codemode_tui.cli.tui", ("textual", "mlx", "rich")),
        ("codemode_tui.commands", ("textual", "msgspec", "rich")),
    ],
)
def test_importing_stays_light(module, never):
    code = f"import sys, {module}; print([m for m in {never!r} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


async def test_the_picture_is_the_same_every_time_and_shows_the_loop():
    from support.picture import draw

    one, two = await draw("codemode-dark"), await draw("codemode-dark")
    assert one == two
    for shown in ("TOOL", "run&#160;this&#160;code?", "search_files", "5-bit"):
        assert shown in one


async def test_the_picture_in_the_readme_shows_the_program_as_it_is():
    from support.picture import draw

    words = re.compile(r">([^<]+)</text>")
    committed = Path(__file__).parents[2] / ".assets/codemode.svg"
    assert words.findall(committed.read_text("utf-8")) == words.findall(await draw("codemode-dark")), (
        "draw it again: PYTHONPATH=tests python -m support.picture .assets/codemode.svg"
    )


def test_with_its_drawing_sent_elsewhere_it_says_so_rather_than_show_nothing():
    master, slave = pty.openpty()
    try:
        ran = subprocess.run(
            [sys.executable, "-m", "codemode_tui"], stdin=slave, stdout=slave, stderr=subprocess.PIPE, timeout=60
        )
    finally:
        os.close(master)
        os.close(slave)
    assert ran.returncode == 2 and b"standard error" in ran.stderr and ran.stderr.count(b"\n") == 1


def test_without_a_terminal_it_names_the_command_for_scripts():
    ran = subprocess.run(
        [sys.executable, "-m", "codemode_tui"], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )  # fmt: skip
    assert ran.returncode == 2 and "codemode ask" in ran.stderr and ran.stderr.count("\n") == 1


async def test_choices_in_a_line_take_the_room_that_they_need_at_once():
    heights: list[int] = []

    class Watched(Flow):
        def on_resize(self, event: Resize) -> None:
            heights.append(event.size.height)

    class Choosing(App[None]):
        def compose(self) -> ComposeResult:
            yield Watched()

        def on_mount(self) -> None:
            self.query_one(Watched).flow(lambda width: flowed([Content("x" * 10)] * 7, width))

    app = Choosing()
    async with app.run_test(size=(72, 10)) as pilot:
        await pilot.pause()
        assert heights == [1]
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        assert heights == [1, 2]
        app.query_one(Watched).flow(lambda width: Content(f"{width} columns"))
        await pilot.pause()
        assert heights == [1, 2, 1] and str(app.query_one(Watched).render()) == "40 columns"


@pytest.mark.parametrize(
    ("drawn", "copied"),
    [
        ((8, 12), "cccc"),
        ((0, 4), "a\t"),
        ((5, 9), "\tc"),
        ((4, 5), "b"),
        ((13, 40), "dddd"),
        ((8, None), "cccc dddd\nnext"),
    ],
)
def test_of_lines_with_tabs_what_is_marked_is_copied(drawn, copied):
    view = LinesView()
    view.lines = [[("a\tb\t", "code-name"), ("cccc dddd", "code-name")], [("next", "code-name")]]
    start, end = (None if x is None else Offset(x, 0) for x in drawn)
    assert view.get_selection(Selection(start, end)) == (copied, "\n")


def test_what_a_mac_copies_is_utf_8_whatever_the_locale(tmp_path, monkeypatch):
    program, copied = tmp_path / "pbcopy", tmp_path / "copied"
    program.write_text(f'#!/bin/sh\n{{ echo "$LC_ALL"; cat; }} > "{copied}"\n')
    program.chmod(0o755)
    monkeypatch.setattr(clipboard, "PBCOPY", str(program))
    monkeypatch.setattr(clipboard.sys, "platform", "darwin")
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.setenv("LC_ALL", "C")
    clipboard.copy_here("José — ok")
    assert copied.read_text("utf-8") == "en_US.UTF-8\nJosé — ok"
