"""Only outputs that the code cannot have printed are called so."""

from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codemode_tui.training.audit.outputs import impossible

LOOP = "total = 0\nfor x in names:\n    print(f'- {x}')\n    total += len(x)\nprint(f'Total: {total}')"
TRY = "try:\n    t = read_file('a')\n    print('Found:')\n    print(t)\nexcept Exception:\n    print('None there')"


@pytest.mark.parametrize(
    ("code", "output", "verdict"),
    [
        ("x = 1", "1", True),
        ("write_file('a', 'b')", "success", True),
        ("write_file('a', 'b')", "(no output)", False),
        ("print('yes')", "no", True),
        ("print('yes')", "yes", False),
        ("print('a', 'b', sep='-')", "a-b", False),
        ("print('a', 'b', sep='-')", "a b", True),
        ("print(read_file('a'))", "anything at all", False),
        ("n = len(files)\nprint(f'{n} files')", "3456 files", False),
        ("n = len(files)\nprint(f'{n} files')", "3,456 files", True),
        ("n = len(files)\nprint(f'{n:,} files')", "3,456 files", False),
        ("n = len(files)\nn = read_file('x')\nprint(f'{n} files')", "3,456 files", False),
        (LOOP, "- a\n- b\nTotal: 2", False),
        (LOOP, "Total: 0", False),
        (LOOP, "Total: 1,024", True),
        (TRY, "Found:\nsome text", False),
        (TRY, "Found:\\nsome text", True),
        (TRY, "None there", False),
        (TRY, "Found:\nNone there", False),  # reading ended, printing did not
        ("if a:\n    print('x')\nelse:\n    print('y')", "y", False),
        ("if a:\n    print('x')\nelse:\n    print('y')", "z", True),
        ("while True:\n    print('x')\n    if a: break\n    print('y')", "x\ny\nx", False),
        ("print('  indented')", "indented", False),
        ("n = 1\nprint('Files:', *names)\nprint(n)", "Files:\n1", False),
        ("print(str(b'a', encoding='utf-8'), 1)", "a 1", False),
        ("print('a ')\nprint('\\n' * 1, end='')\nprint('\\n', '\\n', '\\n', sep='\\n')", "a", False),
        ("print('a ')\nprint('b')", "a", True),
        ("print('a')\nprint('b')", "a\r\nb\r\n", False),
        ("print('a\\r\\nb')", "a\r\nb", False),
        # In doubt, nothing is said.
        ("input('a')\nprint('b')", "ab", None),
        ("x = 1", "NameError: no", None),
        ("print('yes')", "something long...", None),
        ("def f():\n    print('a')\nf()", "b", None),
        ("p = print\np('b')", "b", None),
        ("exec('print(1)')", "1", None),
        ("import antigravity", "x", None),
        ("not python at all", "x", None),
    ],
)
def test_verdicts(code, output, verdict):
    assert impossible(code, output) is verdict


_NAMES = st.sampled_from(["a", "b", "c"])
_PRINTS = st.one_of(
    st.text("xy \n", max_size=4).map(lambda text: f"print({text!r})"),
    _NAMES.map(lambda name: f"print(f'<{{{name}}}>', end='')"),
    st.tuples(_NAMES, _NAMES).map(lambda two: f"print('{two[0]}', len({two[1]} + ''))"),
    _NAMES.map(lambda name: f"n = len({name}); n += 2; print(n)"),
)


@st.composite
def programs(draw, depth=2):
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(st.sampled_from(["print", "if", "for", "try"])) if depth else "print"
        inside = "\n".join("    " + line for line in draw(programs(depth - 1)).splitlines()) if kind != "print" else ""
        stop = draw(st.sampled_from(["", "\n    if len(a) > 1: break", "\n    if b: continue\n    print('k')"]))
        if kind == "print":
            lines.append(draw(_PRINTS))
        elif kind == "if":
            lines.append(f"if {draw(_NAMES)}:\n{inside}\nelse:\n    print('no')")
        elif kind == "for":
            lines.append(f"for i in range({draw(st.integers(0, 2))}):\n{inside}{stop}")
        else:
            lines.append(f"try:\n{inside}\n    {draw(_NAMES)}[5]\nexcept IndexError:\n    print('caught')")
    return "\n".join(lines)


@example("if a:\n    print('')\n    print('')\n    print('')\nprint(f'<{a}>', end='')", ["p", "", ""])
@example("for a in 'x' * 99:\n    print('')\nprint('end')", ["", "", ""])
@given(programs(), st.lists(st.text("pq", max_size=7), min_size=3, max_size=3))
def test_what_a_program_really_printed_is_never_called_impossible(code, values):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "<code>", "exec"), dict(zip("abc", values, strict=True)))
    assert impossible(code, out.getvalue().strip("\n")) is not True


def test_a_number_that_is_too_long_for_python_to_write_is_no_crash():
    assert impossible(f"print(0x{'f' * 5000})", "x") is None


@pytest.mark.parametrize(
    ("code", "output"),
    [("print(x)\n" * 5000, "a\n" * 10_000), ("while a:\n    print(len(x), end='')\nprint(y, len(z))", "1" * 20_000)],
    ids=["many values", "many numbers"],
)
def test_long_code_beside_a_long_output_is_not_looked_through_for_ever(code, output):
    assert impossible(code, output) is not True


@pytest.mark.parametrize("opening", ["with open('a') as f:", "try:"])
def test_code_that_is_nested_deep_is_not_looked_through_for_ever(opening):
    lines = [" " * at + opening for at in range(30)] + [" " * 30 + "print('x')"]
    if opening == "try:":
        lines += [" " * at + "except Exception:\n" + " " * at + " print('y')" for at in reversed(range(30))]
    assert impossible("\n".join(lines), "z") is None
    assert impossible("with a:\n print('x')", "z") and not impossible("with a:\n print('x')", "x")
