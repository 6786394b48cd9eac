"""`codemode help`: what there is to read, a topic, or how a command is called."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from codemode_tui.cli.arguments import path
from codemode_tui.cli.output import print_json, say
from codemode_tui.cli.registry import COMMANDS
from codemode_tui.errors import UsageError
from codemode_tui.help.topics import titles, topic

EXAMPLE = "codemode help first-five-minutes"

_BOLD, _DIM, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", nargs="*", metavar="TOPIC", help="a topic, or a command with its action")
    parser.add_argument("--json", action="store_true", help="as one JSON document")
    parser.add_argument("--out", type=path, metavar="DIR", help="write every topic into this folder, as Markdown")


def run(args: argparse.Namespace) -> int:
    name = " ".join(args.name)
    if args.out is not None:
        _write(args.out, as_json=args.json)
    elif not name:
        _list(as_json=args.json)
    elif name in titles():
        found = topic(name)
        if name in COMMANDS:
            found = found._replace(text=f"{found.text}\n{_called(name)}")
        if args.json:
            print_json(found._asdict())
        else:
            _page(found.text)
    elif args.name[0] in COMMANDS:
        _command(args.name, as_json=args.json)
    else:
        import difflib  # like the modules below it costs milliseconds that a list does not need

        near = difflib.get_close_matches(name, [*titles(), *COMMANDS], n=1)
        raise UsageError(
            f"nothing to read about {name!r}",
            hint=f"did you mean `codemode help {near[0]}`?" if near else "`codemode help` lists what there is",
        )
    return 0


def _list(*, as_json: bool) -> None:
    if as_json:
        commands = {name: command.summary for name, command in COMMANDS.items()}
        print_json({"topics": titles(), "commands": commands})
        return
    wide = max(map(len, [*titles(), *COMMANDS])) + 2
    print("topics, each with `codemode help TOPIC`:")
    print("\n".join(f"  {name:<{wide}}{title}" for name, title in titles().items()))
    print("\ncommands, each with `codemode help COMMAND`:")
    print("\n".join(f"  {name:<{wide}}{command.summary}" for name, command in COMMANDS.items()))


def _command(words: list[str], *, as_json: bool) -> None:
    from codemode_tui.cli.main import parser_of

    parser: argparse.ArgumentParser = parser_of(words[0])[0]
    for word in words[1:]:
        actions = next((a.choices for a in parser._actions if isinstance(a.choices, dict)), {})
        if word not in actions:
            raise UsageError(f"{parser.prog} has no action {word!r}", hint=f"see {parser.prog} --help")
        parser = actions[word]
    if as_json:
        print_json({"name": " ".join(words), "title": parser.description or "", "text": parser.format_help()})
    else:
        parser.print_help()


def _called(name: str) -> str:
    """How a command is called, as a chapter of the topic that has its name."""
    from codemode_tui.cli.main import parser_of

    return f"## `codemode {name}`\n\n```\n{parser_of(name)[0].format_help()}```\n"


def _write(folder: Path, *, as_json: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{name}.md" for name in titles()]
    for file in files:
        file.write_text(topic(file.stem).text, "utf-8")
    if as_json:
        print_json({"files": files})
    else:
        say(*map(str, files))


def _page(text: str) -> None:
    """On a terminal with a pager where it is longer than the screen; as it is written elsewhere."""
    if not sys.stdout.isatty():
        print(text, end="")
        return
    import shlex
    import shutil
    import subprocess

    from codemode_tui.cli.ending import ctrl_c_is_theirs

    shown = text if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" else styled(text)
    if text.count("\n") >= shutil.get_terminal_size().lines and sys.stdin.isatty():
        try:
            pager = shlex.split(os.environ.get("PAGER", "")) or ["less"]
            # As git does: colours pass, what fits is not paged, the text stays on the screen.
            with ctrl_c_is_theirs():
                subprocess.run(pager, input=shown.encode(), env={"LESS": "FRX", **os.environ}, check=False)
            return
        except (OSError, ValueError):
            pass  # no pager, or a quotation that is not closed: all of it at once
    print(shown, end="")


def styled(text: str) -> str:
    """Headings bold, blocks of code dim, with the words untouched."""
    lines, fenced = [], False
    for line in text.splitlines():
        if line.startswith("```"):
            fenced = not fenced
        elif fenced:
            lines.append(f"    {_DIM}{line}{_PLAIN}" if line else "")
        elif heading := re.match(r"#+ (.*)", line):
            lines.append(f"{_BOLD}{heading[1].replace('`', '')}{_PLAIN}")
        elif not re.fullmatch(r"\|(-+\|)+", line):
            lines.append(re.sub(r"\*\*(.+?)\*\*", rf"{_BOLD}\1{_PLAIN}", line))
    return "\n".join(lines) + "\n"
