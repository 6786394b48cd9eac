"""Grade a finished turn: what its code called and printed, what was answered, which files are there."""

from __future__ import annotations

import ast
import re
import signal
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import NamedTuple, NoReturn

from codemode_tui.chat.events import TurnRecord
from codemode_tui.protocol.python import tree_of
from codemode_tui.training.facts import ALONE, IN_ORDER, values_of
from codemode_tui.training.suite import Expected
from codemode_tui.training.workbench import is_there

SHOWN = 120
"""Characters of a text that an explanation quotes."""
SEARCH_SECONDS = 2.0
"""Processor time that an expression may take over what was printed; those that end take far less."""


class Failure(NamedTuple):
    check: str
    """Key of the check in the suite."""
    why: str
    """What was expected and what there was instead, on one line."""


def grade(expected: Expected, record: TurnRecord, folder: Path) -> tuple[Failure, ...]:
    """The checks of ``expected`` that do not hold. On the main thread alone, where an expression can be stopped.

    Args:
        record: the finished turn.
        folder: the workspace as the turn has left it.
    """
    failures = (Failure(check, _GRADERS[check](expected, record, folder)) for check in expected.checks)
    return tuple(failure for failure in failures if failure.why)


def called(codes: Iterable[str]) -> set[str]:
    """Names of the functions that pieces of code call, by AST: ``read_file``, ``json.loads``.

    One that was imported goes by the name that it has there, too (``loads`` as ``json.loads``), and a method by its own
    (``splitlines``), whatever it is called on. A function given to ``map``, ``filter`` or as ``key=`` is called too.
    Code that does not parse calls nothing.
    """
    found: set[str] = set()
    for code in codes:
        nodes = list(ast.walk(tree_of(code) or ast.Module([], [])))
        imported = dict(pair for node in nodes for pair in _imports(node))
        for node in nodes:
            if isinstance(node, ast.Call):
                for part in (node.func, *_handed_over(node)):
                    name = _name(part)
                    first, dot, rest = name.partition(".")
                    found |= {name, imported.get(first, first) + dot + rest}
                    found |= {part.attr} if isinstance(part, ast.Attribute) else set()
    return found - {""}


def printed(record: TurnRecord) -> str:
    """What all runs of a turn printed, joined."""
    return joined(step.run.stdout for step in record.steps if step.run is not None)


def joined(outputs: Iterable[str]) -> str:
    """Outputs one after another; each begins on a line of its own."""
    text = ""
    for output in filter(None, outputs):
        text += ("\n" if text and not text.endswith("\n") else "") + output
    return text


def _decision(expected: Expected, record: TurnRecord, folder: Path) -> str:
    value = record.decision.get("value")
    return "" if value == expected.decision else f"expected {expected.decision}, got {value}"


def _calls(expected: Expected, record: TurnRecord, folder: Path) -> str:
    ran = [s.code for s in record.steps if s.code and s.run is not None and s.run.status not in ("denied", "not_run")]
    found = called(ran)
    missing = [wanted for wanted in expected.calls or () if not found & _any_of(wanted)]
    return f"no call of {', '.join(missing)} in what ran ({', '.join(sorted(found)) or 'no call'})" if missing else ""


def _any_of(wanted: str) -> set[str]:
    return {name.strip() for name in wanted.split("|")}


def _stdout_regex(expected: Expected, record: TurnRecord, folder: Path) -> str:
    return _not_found(expected.stdout_regex or "", printed(record))


def _not_found(pattern: str, text: str) -> str:
    try:
        if _is_found(pattern, text):
            return ""
    except TimeoutError:
        return f"the expression took too long over {_shown(text)}"
    wanted = values_of(pattern)
    several = " in this order" if len(wanted) > 1 and pattern.startswith(IN_ORDER) else ""
    how = " alone" if pattern.startswith(ALONE) else several
    what = f"not {', '.join(wanted)}{how}" if wanted else f"nothing matches {pattern}"
    return f"{what} in {_shown(text)}"


def _answer_contains(expected: Expected, record: TurnRecord, folder: Path) -> str:
    answer = (record.answer or "").casefold()
    missing = [part for part in expected.answer_contains or () if part.casefold() not in answer]
    return f"no {', '.join(map(repr, missing))} in {_shown(record.answer or '')}" if missing else ""


def _answer_regex(expected: Expected, record: TurnRecord, folder: Path) -> str:
    return _not_found(expected.answer_regex or "", record.answer or "")


def _files_after(expected: Expected, record: TurnRecord, folder: Path) -> str:
    wrong = []
    for path, text in (expected.files_after or {}).items():
        try:
            found = _read(folder, path)
        except OSError as error:  # the turn closed it, or the folder that it lies in
            wrong.append(f"{path} cannot be read: {(error.strerror or str(error)).lower()}")
            continue
        if found is None:
            wrong.append(f"{path} is not there")
        elif not _same(found, text):
            wrong.append(f"{path} is {_shown(found)}, expected {_shown(text)}")
    return "; ".join(wrong)


def _files_gone(expected: Expected, record: TurnRecord, folder: Path) -> str:
    return "; ".join(f"{path} is still there" for path in expected.files_gone or () if is_there(folder / path))


_GRADERS: dict[str, Callable[[Expected, TurnRecord, Path], str]] = {
    "decision": _decision,
    "calls": _calls,
    "stdout_regex": _stdout_regex,
    "answer_contains": _answer_contains,
    "answer_regex": _answer_regex,
    "files_after": _files_after,
    "files_gone": _files_gone,
}


def _is_found(pattern: str, text: str) -> bool:
    """Whether the expression matches somewhere.

    A timer interrupts one that backtracks for ever: nothing else could, as the event loop that would hear of ctrl+c
    waits for it. It counts processor time, so that no check fails because the machine is busy.

    Raises:
        TimeoutError: it took longer than ``SEARCH_SECONDS``.
    """
    before = signal.signal(signal.SIGVTALRM, _interrupt)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, SEARCH_SECONDS)
        return re.search(pattern, text) is not None
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise TimeoutError


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (owner := _name(node.value)):
        return f"{owner}.{node.attr}"
    return ""


def _imports(node: ast.AST) -> Iterator[tuple[str, str]]:
    """What an import calls by another name, and the name that it has where it comes from."""
    if isinstance(node, ast.Import):
        yield from ((one.asname, one.name) for one in node.names if one.asname)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from ((one.asname or one.name, f"{node.module}.{one.name}") for one in node.names)


def _handed_over(call: ast.Call) -> list[ast.expr]:
    keyed = [keyword.value for keyword in call.keywords if keyword.arg == "key"]
    return keyed + (call.args[:1] if _name(call.func) in ("map", "filter") else [])


def _read(folder: Path, path: str) -> str | None:
    """The file's text; None when there is no file, or when it lies outside the folder (a link).

    Raises:
        OSError: it may not be read.
    """
    file = folder / path
    if not file.is_file() or not file.resolve().is_relative_to(folder.resolve()):
        return None
    return file.read_bytes().decode("utf-8", "replace")


def _same(found: str, expected: str) -> bool:
    """Equal, but for one final newline more or less."""
    return found == expected or found + "\n" == expected or found == expected + "\n"


def _shown(text: str) -> str:
    """The text on one line, quoted and shortened."""
    return repr(text if len(text) <= SHOWN else text[: SHOWN - 1] + "…")
