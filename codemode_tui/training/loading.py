"""Read suites. Every mistake of a file is reported at once, each with its case and key."""

from __future__ import annotations

import re
import tomllib
import typing
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import msgspec

from codemode_tui.errors import ConfigError, UsageError
from codemode_tui.training.suite import Case, Expected, Suite, turn_key

BUILTIN = Path(__file__).resolve().parent / "suites" / "builtin"
_REMOVING = {"delete_file", "move_file", "run_command"}
LONGEST_NAME = 255
"""Bytes that the name of a file or folder has at most, on any system that this runs on."""
_PLACE = re.compile(r" - at \$\[(?:(\d+)|\.\.\.)\]\Z")
"""Where a wrong value stands in an array or a table, as msgspec tells it."""
HINT = "mend the suite; an example stands in `codemode eval --help`"


def load_suite(path: Path) -> Suite:
    """Read one TOML file, or a folder of them as one suite.

    Raises:
        UsageError: there is nothing to read.
        ConfigError: naming every mistake by file, case and key.
        OSError: a file or folder may not be read.
    """
    files = _inside(path) if path.is_dir() else [path]
    if not files or not all(file.is_file() for file in files):
        raise UsageError(f"no suite at {path}", hint="name a TOML file, or leave it out for the built-in suite")
    problems: list[str] = []
    cases: list[Case] = []
    names: list[str] = []
    for file in files:
        name, found, wrong = _read(file)
        names.append(name)
        cases += found
        problems += [f"{file}: {'; '.join(wrong)}"] if wrong else []
    if problems:
        raise ConfigError("; ".join(problems), hint=HINT)
    if twice := _repeated(case.id for case in cases):
        raise ConfigError(f"{path}: more than one case is called {', '.join(twice)}", hint=HINT)
    if not cases:
        raise ConfigError(f"{path}: no [[case]] in it", hint=HINT)
    return Suite(name=names[0] if len(set(names)) == 1 else path.resolve().name, cases=tuple(cases))


def _inside(folder: Path) -> list[Path]:
    """The suites of a folder. One that may not be read raises OSError; ``glob`` would find nothing in it."""
    # What an editor or a file system keeps beside a suite (`.#s.toml`, `._s.toml`) is hidden, and is none.
    named = (file for file in folder.iterdir() if file.suffix == ".toml" and not file.name.startswith("."))
    return sorted(file for file in named if file.is_file())


def protected_queries() -> tuple[str, ...]:
    """The questions that a model is measured with: training data must not hold them."""
    return tuple(turn.query for case in load_suite(BUILTIN).cases for turn in case.turns)


def _read(file: Path) -> tuple[str, list[Case], list[str]]:
    """The name, the sound cases and the mistakes of one file."""
    try:
        table = tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        return file.stem, [], [f"not valid TOML: {error}"]
    problems = [f"{key}: no such key" for key in table if key not in ("name", "description", "case")]
    name = table.get("name", file.stem)
    if not isinstance(name, str):
        problems.append(f"name: expected a string, got {type(name).__name__}")
    rows = table.get("case", [])
    if not isinstance(rows, list):
        return file.stem, [], [*problems, "case: expected [[case]] tables"]
    cases = [case for number, row in enumerate(rows, 1) if (case := _case(row, number, problems)) is not None]
    if twice := _repeated(case.id for case in cases):
        problems.append(f"more than one case is called {', '.join(twice)}")
    return str(name), cases, problems


def _case(row: Any, number: int, problems: list[str]) -> Case | None:  # noqa: ANN401 - a TOML value
    if not isinstance(row, dict):
        problems.append(f"case {number}: expected a table")
        return None
    known = row.get("id")
    where = f"case {known!r}" if isinstance(known, str) and known else f"case {number}"
    before = len(problems)
    values = _fields(Case, row, where, problems)
    case = Case(**values) if len(problems) == before else None
    if case is not None and not any(turn.checks for turn in case.turns):
        problems.append(f"{where}: checks nothing")
    if case is not None:
        problems += [f"{where}: {wrong}" for wrong in _in_each_other_s_way(case)]
    return case if len(problems) == before else None


def _fields(
    kind: type[Expected], row: dict[str, Any], where: str, problems: list[str], prefix: str = ""
) -> dict[str, Any]:
    """The converted values of a case or follow-up; what is wrong goes to ``problems``."""
    hints = typing.get_type_hints(kind, include_extras=True)
    values: dict[str, Any] = {}
    for key, value in row.items():
        name = f"{where}: {prefix}{key}"
        if kind is Expected and key in ("id", "group"):
            _value(value, str, name, problems)  # a follow-up may have them, as a case does; it goes by its number
        elif kind is Expected and key == "followup":
            if value != []:
                problems.append(f"{name}: a follow-up has none of its own; put it behind this one")
        elif key not in kind.__struct_fields__:
            problems.append(f"{name}: no such key")
        elif key == "followup":
            values[key] = _followup(value, where, problems)
        else:
            values[key] = _value(value, hints[key], name, problems)
            problems += [f"{name}: {wrong}" for wrong in _unsound(key, values[key])]
    needed = ("id", "query") if kind is Case else ("query",)
    problems += [f"{where}: {prefix}{key}: missing" for key in needed if key not in row]
    return values


def _followup(value: Any, where: str, problems: list[str]) -> tuple[Expected, ...]:  # noqa: ANN401 - a TOML value
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        problems.append(f"{where}: followup: expected an array of tables")
        return ()
    before = len(problems)
    fields = [_fields(Expected, row, where, problems, f"followup[{n}].") for n, row in enumerate(value)]
    return tuple(Expected(**values) for values in fields) if len(problems) == before else ()


def _value(value: Any, kind: Any, name: str, problems: list[str]) -> Any:  # noqa: ANN401 - TOML value, type form
    try:
        return msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        text, place = str(error).replace("`", "").replace(" | null", ""), ""  # TOML has no null
        if found := _PLACE.search(text):
            text = text[: found.start()]
            if found[1]:
                place = f"item {int(found[1]) + 1}: "
            else:
                place = next(f"{key!r}: " for key, one in value.items() if not isinstance(one, str))
        problems.append(f"{name}: {place}{text[0].lower()}{text[1:]}")
        return None


def _unsound(key: str, value: Any) -> list[str]:  # noqa: ANN401 - a converted value
    """What is wrong with a value of the right type."""
    if value is None:
        return []
    if key in ("files", "files_after"):
        return wrong_paths(value)
    if key == "files_gone":
        return _bad_paths(value)
    if key == "query" and not value.strip():
        return ["is blank"]
    if key == "calls":
        return [f"{call!r} has a name that is blank" for call in value if not all(map(str.strip, call.split("|")))]
    if key in ("stdout_regex", "answer_regex"):
        try:
            with warnings.catch_warnings(action="ignore"):  # of signs that Python may read otherwise some day
                re.compile(value)
        except (re.error, OverflowError, RecursionError) as error:
            return [f"not a regular expression: {error}"]
    return []


def wrong_paths(paths: typing.Collection[str]) -> list[str]:
    """What keeps files of these paths from being put into one folder."""
    return [*_bad_paths(paths), *_inside_files(paths)]


def _bad_paths(paths: typing.Collection[str]) -> list[str]:
    wrong = [f"{path!r} is no path inside the folder" for path in paths if not _is_inside(path)]
    long = [part for path in paths for part in path.split("/") if len(part.encode("utf-8", "replace")) > LONGEST_NAME]
    return wrong + [f"the name {part[:20]!r}… has more than {LONGEST_NAME} bytes" for part in long]


def _inside_files(paths: typing.Iterable[str]) -> list[str]:
    """Paths that would need another file of the same table to be a folder."""
    known = set(paths)
    return [
        f"{path!r} lies inside {str(parent)!r}, which is a file"
        for path in paths
        for parent in PurePosixPath(path).parents
        if str(parent) in known
    ]


def _in_each_other_s_way(case: Case) -> Iterator[str]:
    """Files of a follow-up for which those of an earlier turn leave no place.

    Only where nothing says that a turn between makes place for them: each expects what stands there to stay, or expects
    nothing of the files and no call that takes one away.
    """
    standing: dict[str, str] = {}  # path = key of the turn that has put it there
    for number, turn in enumerate(case.turns):
        key = turn_key(number, "files")
        for path in turn.files:
            for other, earlier in standing.items():
                if f"{path}/".startswith(f"{other}/") != f"{other}/".startswith(f"{path}/"):
                    gone = "if that is to be gone by then, name it in files_gone"
                    yield f"{key}: {path!r} has no place beside {other!r} of {earlier}; {gone}"
        standing |= dict.fromkeys(turn.files, key)
        called = {name for either in turn.calls or () for name in either.split("|")}
        if turn.files_after is not None or turn.files_gone is not None or called & _REMOVING:
            standing = {path: earlier for path, earlier in standing.items() if path in (turn.files_after or ())}


def _is_inside(path: str) -> bool:
    parts = path.split("/")
    return "\0" not in path and "\\" not in path and all(part not in ("", ".", "..") for part in parts)


def _repeated(values: typing.Iterable[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]
