"""A command line read here and by a real shell: the same words, or a refusal."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from codemode_tui.sandbox.shellwords import split_command

SHELLS = [shell for shell in ("/bin/sh", "/bin/bash") if Path(shell).exists()]


@pytest.mark.parametrize(
    ("text", "argv", "script"),
    [
        ("ls \\\n -la", ("ls", "-la"), "ls -la"),
        ('echo "a\\\nb"', ("echo", "ab"), "echo 'ab'"),
        ("a |& b", ("a", "|&", "b"), "a 2>&1 | b"),
        ("a &>/dev/null", ("a", "&>/dev/null"), "a >'/dev/null' 2>&1"),
        ("a 2> 'my log' b", ("a", "b", "2>my log"), "a b 2>'my log'"),
        ("a >>x 2>&1 <in", ("a", ">>x", "2>&1", "<in"), "a >>'x' 2>&1 <'in'"),
        ("a2>f", ("a2", ">f"), "a2 >'f'"),
        ("a # b 'c\nd", ("a", ";", "d"), "a ; d"),
        ("a#b", ("a#b",), "a'#'b"),
        ("! A=1 b", ("!", "A=1", "b"), "! A=1 b"),
        ("'A=1' b", ("A=1", "b"), "'A=1' b"),
        ("a {} x{1}..{u}.. {}/b", ("a", "{}", "x{1}..{u}..", "{}/b"), "a '{''}' x'{'1'}'..'{'u'}'.. '{''}'/b"),
    ],
)
def test_what_is_understood_and_what_runs(text, argv, script):
    made = split_command(text)
    assert (made.argv, made.script) == (argv, script)


@pytest.mark.parametrize(
    "text",
    ["a >", "a > | b", "a >&x", "a << E", "a <(b)", "a >(b)", "a <<< b", "> f", "if a; then b; fi", "for x in a; do b",
     "eval a", "ls ~; a", "ls ~root", "a & b", "a &", "a 2>&", "echo {1..9}", "a )", "a {1}..{2..3}", "a {}{b,c}"],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_what_to_do(text):
    with pytest.raises(ValueError, match=r"understood|missing|needs"):
        split_command(text)


@pytest.mark.parametrize(
    "text", ["printf '<%s>' a # note", "printf '<%s>' a\n", "printf '<%s>' \\a", "printf '<%s>' a;"]
)
def test_arguments_are_words_of_the_last_command_however_its_text_ends(text):
    args = ["b;c", "", "$HOME", "'", "*", "# d\n\\"]
    made = split_command(text, args)
    assert made.argv == ("printf", "<%s>", "a", *args)
    printed = subprocess.run(["/bin/sh", "-c", made.script], capture_output=True, text=True, cwd="/").stdout
    assert printed == "".join(f"<{word}>" for word in ("a", *args))
    assert split_command("a >f \\", ["b"]).script == "a '\\' 'b' >'f'"


@pytest.mark.parametrize(
    ("text", "args"),
    [("echo a >", ["b"]), ("echo a |", ["b"]), ("a &&", ["b"]), ("a", ["b\0"]), ("a \ud800", []), ("a", ["\udfff"])],
)
def test_an_argument_is_neither_a_file_to_write_nor_a_program(text, args):
    with pytest.raises(ValueError, match=r"missing|NUL|lone surrogate"):
        split_command(text, args)


def test_what_no_program_could_be_given_is_not_even_split():
    with pytest.raises(ValueError, match="at most 128 KB"):
        split_command("echo " + "{}" * (1 << 16))
    assert split_command("{}" * (1 << 15)).argv == ("{}" * (1 << 15),)


@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=150, deadline=None)
@example("1{},}")
@example("{1}@..,}")
@example("{a{x}b,c}")
@example("{a\\},b}")
@example('{"a b",c}')
@given(st.text(alphabet="ab1 =\t\\'\"#!*?[]{}~^,.@%é-\n", max_size=14))
def test_a_shell_that_reads_the_text_itself_sees_the_same_words(shell, text):
    words = "printf '%s\\0' " + text.replace("\n", " ").replace("\\ ", "x")
    if text.count("\n") % 2:
        words = words.replace(" ", "\\\n ", 2)
    try:
        script = split_command(words).script
    except ValueError:
        return

    def seen(what: str) -> bytes:
        return subprocess.run([shell, "-c", what], capture_output=True, cwd="/proc/self/fdinfo").stdout

    assert seen(script) == seen(words)


@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["echo one", "echo two >&2", "false", "true", "cat", "cat <in", "! true", "A=1 true", ">out", "2>>out",
             "2>&1", "&>out", "2>/dev/null", "|", "|&", "&&", "||", ";", "# end"]
        ),
        max_size=7,
    )
)  # fmt: skip
def test_pipes_and_redirections_do_what_they_do_in_a_shell(shell, tmp_path_factory, parts):
    text = " ".join(parts)
    if shell == "/bin/sh" and "&" in text.replace("&&", "").replace(">&", ""):
        return  # bash's own operators
    try:
        script = split_command(text).script
    except ValueError:
        return
    seen = []
    for what in (text, script):
        folder = tmp_path_factory.mktemp("run")
        (folder / "in").write_text("in\n")
        done = subprocess.run([shell, "-c", what], capture_output=True, cwd=folder, stdin=subprocess.DEVNULL)
        out = folder / "out"
        said = done.stderr if done.returncode != 2 else b""  # a syntax error quotes the text
        found = [done.stdout, said, out.read_bytes() if out.exists() else None]
        # The two sides of a pipe write at the same time, `cat` a few words at once: in which order is chance.
        seen.append((done.returncode, *(one and sorted(one) for one in found)))
    assert seen[0] == seen[1]
