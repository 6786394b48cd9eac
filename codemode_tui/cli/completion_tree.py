"""What can be completed where: the parsers of all commands, read into plain values."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import NamedTuple

from codemode_tui.cli import arguments
from codemode_tui.cli.main import UNGUARDED, parser_of
from codemode_tui.cli.registry import COMMANDS


class Value(NamedTuple):
    """What may stand there: one of some words, a file or folder, a stored session, or anything at all."""

    name: str
    words: tuple[str, ...] = ()
    source: str = ""
    """``file``, ``folder`` or ``session``; empty for none."""


class Option(NamedTuple):
    flags: tuple[str, ...]
    about: str
    value: Value | None
    """None: a switch."""
    repeated: bool


class Node(NamedTuple):
    """One command or action."""

    path: tuple[str, ...]
    about: str
    options: tuple[Option, ...]
    values: tuple[Value, ...]
    """Of its positional arguments, in order."""
    many: bool
    """Whether the last of them may be repeated."""
    below: tuple[Node, ...]


def tree() -> Node:
    """The whole program."""
    own = _node((), "", parser_of("")[0])
    program = (
        Option(("--version",), "the version", None, False),
        Option(("--debug",), "show a traceback", None, False),
        Option((UNGUARDED,), "load a model that does not fit into memory", None, False),
    )
    below = tuple(_node((name,), command.summary, parser_of(name)[0]) for name, command in COMMANDS.items())
    return own._replace(options=(*own.options, *program), below=below)


def walk(node: Node) -> Iterator[Node]:
    yield node
    for one in node.below:
        yield from walk(one)


def _node(path: tuple[str, ...], about: str, parser: argparse.ArgumentParser) -> Node:
    options, values, below, many = [], [], [], False
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {one.dest: one.help or "" for one in action._choices_actions}
            below = [_node((*path, name), helps.get(name, ""), sub) for name, sub in action.choices.items()]
        elif action.option_strings and action.help != argparse.SUPPRESS:
            value = None if action.nargs == 0 else _value(path, action)
            repeated = isinstance(action, argparse._AppendAction)
            options.append(Option(tuple(action.option_strings), _plain(action.help), value, repeated))
        elif not action.option_strings:
            values.append(_value(path, action))
            many = action.nargs in ("*", "+")
    return Node(path, about, tuple(options), tuple(values), many, tuple(below))


def _value(path: tuple[str, ...], action: argparse.Action) -> Value:
    name = str(action.metavar or action.dest)
    if action.choices is not None:
        return Value(name, tuple(map(str, action.choices)))
    words = _words(path, action)
    if action.type is arguments.path or name in ("DIR", "FILE", "PATH") or action.dest in ("file", "files"):
        return Value(name, words, "folder" if name == "DIR" else "file")
    if action.dest in ("session", "fork") and path[:1] != ("feedback",):
        return Value(name, words, "session")
    return Value(name, words, "folder" if action.dest in ("model", "baseline") else "")


def _words(path: tuple[str, ...], action: argparse.Action) -> tuple[str, ...]:
    """What is known by name and is no choice of the parser: it would cost every command its import."""
    dest = action.dest
    if path == ("help",) and dest == "name":
        from codemode_tui.help.topics import titles

        return (*titles(), *COMMANDS)
    if path[:1] == ("config",) and dest == "key":
        from codemode_tui.commands import COMMANDS as KEYS
        from codemode_tui.config_doc import described

        named = (one.key for one in described() if "NAME" not in one.key)
        return (*named, *(f"keys.{one.id}" for one in KEYS if one.keys))
    if dest == "profile":
        from codemode_tui.protocol.profiles import list_profiles

        return tuple(list_profiles())
    if dest == "backend":
        from codemode_tui.config_doc import described

        return next((one.choices for one in described() if one.key == "sandbox.backend"), ())
    return {"model": ("bundled",), "baseline": ("bundled",), "turn": ("last",)}.get(dest, ())


def _plain(text: str | None) -> str:
    return " ".join((text or "").replace("%%", "%").split())
