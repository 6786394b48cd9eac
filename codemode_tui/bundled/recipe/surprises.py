"""Questions of other tasks in a workspace that is not as they suppose: another folder, other keys, other letters."""

from __future__ import annotations

import ast
import csv
import io
import json
import re

from codemode_tui.bundled.recipe import names, shapes
from codemode_tui.bundled.recipe.example import Chat, code_of, lit
from codemode_tui.bundled.recipe.recovery import CHANGES, KEY_ERROR, MISSING
from codemode_tui.bundled.recipe.source import Source

_STRING = re.compile(r'r?"[^"\n]*"|r?\'[^\'\n]*\'')
_ONE_CALL = ["user", "assistant", "tool", "assistant"]


def in_folder(c: Chat) -> None:
    """Any question about one file that is named without the folder in which it lies."""
    from codemode_tui.bundled.recipe.tasks import TOOL

    r = c.r
    for _ in range(30):
        tasks, weights = zip(*TOOL, strict=True)
        task = r.choices(tasks, weights)[0]
        trial = Chat(r, c.world.copy(), c.held)
        if task.__module__ == __name__:
            continue
        task(trial)
        if moved(trial, c):
            return
    f = f"{names.folder(r)}/{names.file_name(r)}"
    c.world.add(r, f)
    c.user(f)
    c.call(shapes.READ.code({"f": f}))
    c.say(shapes.READ.answer({"f": f}, c.turns[-1][1]))


def broken(c: Chat) -> None:
    """A question about a JSON file that is not JSON: the error says where, and the answer repeats it."""
    from codemode_tui.bundled.recipe.tasks import TOOL

    r = c.r
    tasks = [task for task, _ in TOOL if "json" in f"{task.__module__}.{task.__name__}"]
    for _ in range(20 if tasks else 0):
        trial = Chat(r, c.world.copy(), c.held)
        r.choice(tasks)(trial)
        code = code_of(trial.turns[1][1])
        named = {text for text in map(ast.literal_eval, _STRING.findall(code)) if text in trial.worlds[0].files}
        if "json.loads(read_file(" not in code or "try:" in code or len(named) != 1:
            continue
        f, world = named.pop(), trial.worlds[0].copy()
        world.files[f] = _damaged(r, world.files[f])
        out, _ = world.copy().run(code)
        if error := re.fullmatch(r"Error on line \d+: JSONDecodeError: (.+)", out):
            c.world = world
            c.user(trial.turns[0][1])
            c.call(code)
            c.say(f"{f} is not valid JSON: {error[1]}.")
            return
    in_folder(c)


def no_such(c: Chat) -> None:
    """A question for a column or key that the file does not have."""
    from codemode_tui.bundled.recipe.tasks import TOOL

    r = c.r
    tasks = [task for task, _ in TOOL if re.search("json|csv|table", f"{task.__module__}.{task.__name__}")]
    for _ in range(20 if tasks else 0):
        trial = Chat(r, c.world.copy(), c.held)
        r.choice(tasks)(trial)
        if [role for role, _ in trial.turns] != _ONE_CALL:
            continue
        code, world = code_of(trial.turns[1][1]), trial.worlds[0].copy()
        used = [ast.literal_eval(text) for text in _STRING.findall(code)]
        files = {text for text in used if text in world.files}
        if len(files) != 1 or any(change in code for change in CHANGES):
            continue
        f = files.pop()
        renamed = _renamed(r, world.files[f], [text for text in used if text in trial.turns[0][1]])
        if renamed is None:
            continue
        key, world.files[f] = renamed
        out, _ = world.copy().run(code)
        error = KEY_ERROR.fullmatch(out)
        if error and error[1] == repr(key):
            c.world = world
            c.user(trial.turns[0][1])
            c.call(code)
            c.say(f"There is no column {key} in {f}." if "csv" in code else f"There is no {key} in {f}.")
            return
    in_folder(c)


def other_case(c: Chat) -> None:
    """A search for a word that is there in other letters only."""
    from codemode_tui.bundled.recipe.tasks import TOOL

    r = c.r
    tasks = [task for task, _ in TOOL if "search" in f"{task.__module__}.{task.__name__}"]
    for _ in range(20 if tasks else 0):
        trial = Chat(r, c.world.copy(), c.held)
        r.choice(tasks)(trial)
        if [role for role, _ in trial.turns] != _ONE_CALL:
            continue
        code, world = code_of(trial.turns[1][1]), trial.worlds[0].copy()
        found = shapes.recognise(code)
        if found is None or found[0] not in (shapes.SEARCH, shapes.SEARCH_IN, shapes.FILES_WITH):
            continue
        w = found[1]["w"]
        other = r.choice((w.upper(), w.capitalize(), w.lower(), w.swapcase()))
        if other == w or trial.turns[2][1] == "(no output)" or w.lower() != other.lower():
            continue
        world.files = {path: text.replace(w, other) for path, text in world.files.items()}
        if world.copy().run(code)[0] == "(no output)":
            c.world = world
            c.user(trial.turns[0][1])
            c.call(code)
            c.say(found[0].answer(found[1], "(no output)"))
            return
    in_folder(c)


def _renamed(r: Source, text: str, asked: list[str]) -> tuple[str, str] | None:
    """A column or key out of ``asked`` that the text has, and the text with another in its place."""
    try:
        data = json.loads(text)
    except ValueError:
        rows = list(csv.reader(text.splitlines()))
        at = [i for i, name in enumerate(rows[0]) if name in asked] if rows else []
        if not at or ";" in text or "\t" in text:
            return None
        i = r.choice(at)
        key, rows[0][i] = rows[0][i], _another(r, rows[0][i], rows[0])
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(rows)
        return key, out.getvalue()
    if not isinstance(data, dict) or not (found := [key for key in data if key in asked]):
        return None
    key = r.choice(found)
    other = _another(r, key, list(data))
    return key, json.dumps({other if name == key else name: value for name, value in data.items()}, indent=2) + "\n"


def _another(r: Source, name: str, taken: list[str]) -> str:
    """Another name, often nearly the same."""
    w = r.choice(r.words)
    number = name.removesuffix("s") if name.endswith("s") else name + "s"
    other = r.choice((number, name.capitalize(), name.upper(), f"{name}_{w}", f"{w}_{name}", names.word(r)))
    return other if other not in taken else name + "_" + r.choice(r.words)


def _damaged(r: Source, text: str) -> str:
    """JSON with one mark too few or too many, or cut off."""
    places = [i for i, ch in enumerate(text) if ch in ',:"{}[]']
    if not places or r.random() < 0.15:
        return text[: r.randrange(len(text) + 1)]
    i = r.choice(places)
    way = r.random()
    if way < 0.6:
        return text[:i] + text[i + 1 :]
    return text[:i] + r.choice((",", "}", ";", "'", "x")) + text[i + (way < 0.8) :]


def moved(trial: Chat, c: Chat) -> bool:
    """Tell ``trial`` again in ``c``, with its file put into a folder; False where that cannot be done."""
    if len(trial.turns) != 4 or [role for role, _ in trial.turns] != ["user", "assistant", "tool", "assistant"]:
        return False
    (_, question), (_, call), (_, before), (_, answer) = trial.turns
    code, world = code_of(call), trial.worlds[0].copy()
    named = {text for text in map(ast.literal_eval, _STRING.findall(code)) if text in world.files}
    if len(named) != 1 or before.startswith("Error") or any(change in code for change in CHANGES):
        return False
    f = named.pop()
    if "/" in f or f not in question or not 0 < answer.count(f) < 3 or "glob_files" in code or "search_files" in code:
        return False
    path = f"{names.folder(c.r)}/{f}"
    world.files[path], world.modified[path] = world.files.pop(f), world.modified.pop(f)
    tried, ok = world.copy().run(code)
    error = MISSING.fullmatch(tried)
    if ok or error is None or not error[2] or path not in error[2].split(", "):
        return False
    after, ok = world.copy().run(code.replace(lit(f), lit(path)))
    if not ok or after != before:
        return False
    c.world = world
    c.user(question)
    c.call(code)
    c.call(code.replace(lit(f), lit(path)))
    c.say(answer.replace(f, path))
    return True
