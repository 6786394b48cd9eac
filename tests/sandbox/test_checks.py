"""Code before it is shown: nothing in it may hide what runs."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui.sandbox.checks import MAX_BYTES, CodeRejected, normalise


def test_ordinary_code_is_left_alone():
    assert normalise("x = 'ä'\n\tprint(x)\n") == ("x = 'ä'\n\tprint(x)\n", ())


def test_an_emoji_is_nothing_odd():
    assert normalise("x = '⚠\ufe0f ❤\ufe0f 1\ufe0f\u20e3 🙂'")[1] == ()


def test_windows_line_ends_become_newlines():
    assert normalise("a\r\nb\r\n")[0] == "a\nb\n"


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("x = 1 #\rimport os", "carriage return"),
        ("x = '\x1b[2J'", "U+001B"),
        ("x = '\x00'", "U+0000"),
        ("x = '\x9b2J'", "U+009B"),
        ("x = '\ud800'", "surrogate"),
        ("#" * (MAX_BYTES + 1), "bytes"),
    ],
)
def test_what_no_display_can_show_is_refused(code, why):
    with pytest.raises(CodeRejected, match=why.replace("+", r"\+")) as caught:
        normalise("pass\n" + code)
    assert caught.value.line == (None if why == "bytes" else 2)


@pytest.mark.parametrize(
    ("code", "warning"),
    [
        ("access = 'user\u202e' # \u2066", "reading direction"),
        ("x = 'a\u200bb'", "cannot be seen"),
        ("\uff45\uff56\uff41\uff4c('1')", "not ASCII"),
        ("\u0440rint = 1", "not ASCII"),
        ("x = '\U000e0041'", "cannot be seen"),
        ("delete_file('report1\ufe0f.txt')", "cannot be seen"),
        ("open('a\u00a0b')", "looks like a blank"),
    ],
)
def test_what_is_easily_misread_is_pointed_out(code, warning):
    _, warnings = normalise(code)
    assert any(warning in text for text in warnings), warnings
    assert all(text.isprintable() for text in warnings)


@given(st.text(max_size=200))
def test_what_passes_means_to_python_what_it_shows(code):
    """Lines as a person counts them are lines as Python counts them."""
    try:
        text, _ = normalise(code)
    except CodeRejected:
        return
    assert "\r" not in text
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    lines = [node.lineno for node in ast.walk(tree) if hasattr(node, "lineno")]
    assert max(lines, default=1) <= text.count("\n") + 1
