"""Code and diffs as styled text. Colours are the theme's variables, so a theme change needs no new text."""

from __future__ import annotations

from textual.content import Content
from textual.highlight import highlight

from codemode_tui.sandbox.sanitise import sanitise_text, visible_code

_LONGEST = 2000
"""Lines longer than this are shown whole but plain: highlighting them costs more than it tells."""


def code_lines(code: str) -> list[Content]:
    """One styled line of text per line of Python, control characters made visible."""
    shown = visible_code(code).expandtabs(4)
    plain = shown.split("\n")
    if any(len(line) > _LONGEST for line in plain):
        return [Content(line) for line in plain]
    styled = highlight(shown, language="python").split("\n", allow_blank=True)
    # The lexer may drop blank lines at the end; what is shown must be what is there.
    styled += [Content(line) for line in plain[len(styled) :]]
    return [line.rstrip() if line.plain.rstrip() else Content("") for line in styled[: len(plain)]]


def diff_lines(diff: str) -> Content:
    """A unified diff: additions and deletions in colour."""
    styles = {"+": "$text-success on $success 12%", "-": "$text-error on $error 12%", "@": "$text-secondary"}
    lines = []
    for line in sanitise_text(diff).split("\n"):
        style = "bold" if line.startswith(("+++", "---")) else styles.get(line[:1], "")
        lines.append(Content.styled(line, style) if style else Content(line))
    return Content("\n").join(lines)
