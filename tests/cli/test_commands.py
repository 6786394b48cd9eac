"""The smaller commands: what they print, how they end, what they import."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import pytest

from codemode_tui import __version__
from codemode_tui.errors import UsageError


def test_version(codemode):
    assert codemode("--version").out == f"codemode {__version__}\n"


def test_with_a_traceback_the_exit_code_is_the_same(codemode):
    for line, said in (
        (("config", "set", "nosuch", "3"), "nosuch: no such key"),
        (("ask", "hi", "--model", "nosuch"), "nosuch"),
    ):
        shown = codemode("--debug", *line)
        assert shown.code == codemode(*line).code == 2
        assert "Traceback" in shown.err and said in shown.err.splitlines()[-1]


def test_help_names_every_command_and_an_example(codemode):
    from codemode_tui.cli.registry import COMMANDS

    out = codemode("--help").out
    assert all(f"\n  {name} " in out for name in COMMANDS)
    assert "example:" in out


@pytest.mark.parametrize("name", ["ask", "parse", "sandbox", "model", "sessions", "feedback", "config"])
def test_every_command_explains_itself_with_an_example(codemode, name):
    result = codemode(name, "--help")
    assert result.code == 0
    assert "example: " in result.out


@pytest.mark.parametrize(
    "command",
    ["sandbox run", "sandbox check", "model list", "model info", "model verify", "sessions list", "sessions show",
     "sessions search", "sessions rename", "sessions export", "feedback list", "feedback add", "feedback show",
     "feedback retract", "config path", "config show", "config set", "config edit", "config schema"],
)  # fmt: skip
def test_every_action_explains_itself_with_an_example(codemode, command):
    result = codemode(*command.split(), "--help")
    assert result.code == 0
    assert f"usage: codemode {command} " in result.out
    assert "example: " in result.out


def test_every_command_and_every_action_has_an_example_and_says_what_each_option_does():
    from codemode_tui.cli.completion_tree import tree, walk
    from codemode_tui.cli.main import parser_of

    for node in walk(tree()):
        parser = parser_of(node.path[0] if node.path else "")[0]
        for action in node.path[1:]:
            parser = next(one.choices for one in parser._actions if isinstance(one.choices, dict))[action]
        assert f"codemode {' '.join(node.path)}".strip() in (parser.epilog or ""), node.path
        silent = [option.flags for option in node.options if not option.about]
        assert not silent, f"codemode {' '.join(node.path)}: {silent}"


@pytest.mark.parametrize(
    "command",
    ['eval ""', 'eval --html ""', 'eval --perplexity ""', 'eval --perplexity x --train ""', 'eval --out ""',
     'train --data ""', 'train --base-set ""', 'train --out ""', 'train gate --model m --suite ""',
     'train gate --model m --out ""', 'train fuse --model m --out ""', 'export --out ""', 'data audit x --html ""',
     'data merge a "" --out x', 'data merge a b --out ""', 'data gaps --eval ""', 'data gaps --out ""',
     'data generate --targets ""', 'data generate --prompts ""', 'sessions backup ""', 'help --out ""'],
)  # fmt: skip
def test_a_name_that_an_unset_variable_left_empty_is_not_this_folder(command):
    from codemode_tui.cli.main import parser_of

    name, *arguments = shlex.split(command)
    with pytest.raises(UsageError, match="the name is empty"):
        parser_of(name)[0].parse_args(arguments)


HEAVY = ("textual", "mlx", "mlx_lm", "transformers", "tokenizers", "torch", "prompt_toolkit")


@pytest.mark.parametrize(
    "args",
    [
        ("--version",),
        ("--help",),
        ("ask", "--help"),
        ("feedback", "list"),
        ("sessions", "list"),
        ("config", "show"),
        ("config", "path"),
        ("config", "schema"),
        ("help",),
        ("help", "the-30b-model"),
        ("help", "--out", "/dev/null/no"),
        ("stats",),
        ("doctor",),
        ("completion", "fish"),
    ],
)
def test_light_commands_import_nothing_heavy(codemode, args):
    program = (
        "import sys\n"
        f"sys.argv = ['codemode', *{args!r}]\n"
        "from codemode_tui.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=codemode.env)
    assert done.stderr.strip().splitlines()[-1] == "[]", done.stderr


CALL = "<tool_call>\n<function=execute_code>\n<parameter=code>\nprint(1)\n</parameter>\n</function>\n</tool_call>"
PARSED = {
    "a call": (CALL, "tool", "print(1)"),
    "prose": ("A decorator wraps a function.", "direct", None),
    "prose before a call": (f"I'll use the tool.\n\n{CALL}", "tool", "print(1)"),
    "a promise": ("Let me read the file.", "announced", None),
    "cut off": (CALL[:60], "truncated", None),
    "no wrapper": (CALL.replace("<tool_call>\n", "").replace("\n</tool_call>", ""), "malformed", "print(1)"),
    "a closing tag in the code": (CALL.replace("print(1)", 'print("</parameter>")'), "tool", 'print("</parameter>")'),
    "a tag in backticks": ("Write `<tool_call>` to call.", "direct", None),
    "a tag in a fence": (f"Like this:\n```\n{CALL}\n```\nThat is all.", "direct", None),
    "nothing": ("", "direct", None),
    "null": (CALL.replace("print(1)", "null"), None, None),
    "a JSON fence": (
        '```json\n{"name": "execute_code", "arguments": {"code": "print(1)"}}\n```',
        "malformed",
        "print(1)",
    ),
}


def test_odd_messages_are_told_apart(codemode):
    lines = "".join(json.dumps({"raw": raw}) + "\n" for raw, _, _ in PARSED.values())
    result = codemode("parse", "--jsonl", "--profile", "qwen3-coder", stdin=lines)
    assert result.code == 0
    found = [json.loads(line) for line in result.out.splitlines()]
    assert len(found) == len(PARSED)
    for (name, (_, decision, code)), parsed in zip(PARSED.items(), found, strict=True):
        assert set(parsed) == {"decision", "dialect", "text", "code", "warnings"}
        if decision is not None:
            assert parsed["decision"] == decision, name
        if decision not in (None, "truncated"):
            assert parsed["code"] == code, name


def test_parse_answers_each_bad_line(codemode):
    result = codemode("parse", "--jsonl", stdin='{"raw": "hi"}\nnot json\n')
    assert result.out.splitlines()[0].startswith("{")
    assert result.code in (0, 2)


def test_sandbox_run_prints_what_the_code_prints(codemode):
    result = codemode("sandbox", "run", "-", stdin="print(read_file('notes.txt').split()[0])")
    assert (result.code, result.out) == (0, "alpha\n")


def test_sandbox_run_prints_the_run_alone_as_json(codemode):
    run = codemode("sandbox", "run", "-", "--json", stdin="print(1)\n1/0\n")
    assert run.code == 3
    assert run.json["exception"]["type"] == "ZeroDivisionError" and run.json["exception"]["line"] == 2
    assert set(run.json) >= {
        "status", "exit_code", "stdout", "stderr", "exception", "truncated", "duration_ms", "backend", "tool_calls",
        "files_changed",
    }  # fmt: skip


def test_sandbox_run_writes_only_with_the_grant(codemode):
    code = "write_file('new.txt', 'x')"
    assert codemode("sandbox", "run", "-", stdin=code).code == 3
    assert not (codemode.workspace / "new.txt").exists()
    granted = codemode("sandbox", "run", "-", "--allow-write", "--json", stdin=code)
    assert granted.json["files_changed"] == [{"path": "new.txt", "change": "created"}]


def test_sandbox_run_stops_what_hangs(codemode):
    result = codemode("sandbox", "run", "-", "--timeout", "1", "--json", stdin="print('up')\nwhile True: pass")
    assert (result.code, result.json["status"], result.json["stdout"]) == (3, "timeout", "up\n")


def test_sandbox_check_attacks_itself(codemode):
    result = codemode("sandbox", "check", "--json")
    assert result.code == 0
    report = result.json
    assert report["ok"] and len(report["attacks"]) >= 25 and all(attack["held"] for attack in report["attacks"])
    stopped = {attack["name"]: attack["line"] for attack in report["attacks"] if attack["timed_out"]}
    assert stopped["endless loop"] == 1, "what is stopped says where it stood"


def test_model_info_is_the_model_that_would_answer(codemode):
    info = codemode("model", "info", "--json").json
    assert (info["name"], info["profile"], info["engine"]) == ("bundled", "bundled", "mlx")
    assert codemode("model", "list", "--json").json[0]["name"] == "bundled"
    assert codemode("model", "verify", "--json").json["weights_sha256"] == info["weights_sha256"]


def test_feedback_on_the_last_turn(codemode):
    assert "no finished turn" in codemode("feedback", "add", "--turn", "last", "--rating", "down").error
    turn = codemode("ask", "What is a decorator?", "--json").json["turn"]
    added = codemode("feedback", "add", "--turn", "last", "--rating", "down", "--reason", "wrong_answer", "--json")
    assert added.code == 0
    assert (added.json["turn"], added.json["rating"], added.json["reasons"]) == (turn, -1, ["wrong_answer"])
    assert [row["turn"] for row in codemode("feedback", "list", "--json").json] == [turn]
    codemode("feedback", "retract", "--turn", turn)
    assert codemode("feedback", "show", "--turn", turn, "--json").json["now"]["rating"] == 0


def test_a_comment_stays_on_its_line(codemode):
    codemode("ask", "What is a decorator?")
    added = codemode("feedback", "add", "--turn", "last", "--rating", "up", "--comment", "one\ntwo\x1b[31m")
    assert added.out.count("\n") == 1 and "“one two\\x1b[31m”" in added.out
    assert codemode("feedback", "show", "--turn", "last").out.count("\n") == 3


def test_stored_turns_are_found_by_their_words(codemode):
    codemode("ask", "What is a decorator?")
    hits = codemode("sessions", "search", "decorator", "--json").json
    assert len(hits) == 1 and hits[0]["query"] == "What is a decorator?"
    assert "[decorator]" in hits[0]["snippet"]
    assert "[decorator]" in codemode("sessions", "search", "decorator").out


def test_the_interface_needs_a_terminal(codemode):
    assert "needs a terminal" in codemode().error


def test_the_agent_for_editors_needs_pipes(codemode):
    """Standard input is not a pipe here, but pytest's."""
    refused = codemode("acp", stdin=None)
    assert refused.code == 2 and "pipes" in refused.error
