"""A run that failed or found nothing, and the second program that the model writes by itself before it answers.

The first program is always one that was right to try. What the second one may be is decided by the output alone:
a column or key that is not there, a file of that name in another folder, a search that found nothing, a folder that
does not exist. One rule for all kinds of question: ``mended`` goes over every conversation.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib

from codemode_tui.bundled.recipe import shapes
from codemode_tui.bundled.recipe.example import Chat, code_of, lit
from codemode_tui.bundled.recipe.shapes import recognise

CHANGES = ("write_file(", "move_file(", "delete_file(", "run_command(")
KEY_ERROR = re.compile(r"Error on line \d+: KeyError: (.+)")
MISSING = re.compile(r"Error on line \d+: FileNotFoundError: (.+?) does not exist(?: \(similar: (.+)\))?")
_FEW = 8
"""So many names are repeated in an answer."""


def mended(c: Chat, at: int) -> None:
    """Put a second program into the question that begins at ``at``, if its run calls for one."""
    turns = c.turns[at:]
    if [role for role, _ in turns[:4]] != ["user", "assistant", "tool", "assistant"]:
        return
    code, out, answer = code_of(turns[1][1]), turns[2][1], turns[3][1]
    if code_of(answer) or any(change in code for change in CHANGES):
        return
    if (found := MISSING.fullmatch(out)) and found[2]:
        _elsewhere(c, at, code, found[1], found[2])
    elif len(turns) > 4:
        return
    elif found := KEY_ERROR.fullmatch(out):
        _what_there_is(c, code, _string(found[1]), answer)
    elif found := MISSING.fullmatch(out):
        _which_folders(c, code, answer)
    elif out == "(no output)":
        _any_case(c, code, answer)


def _elsewhere(c: Chat, at: int, code: str, path: str, similar: str) -> None:
    """A file of that very name lies in a folder, or only one is called nearly so: it is meant."""
    known = similar.split(", ")
    same = [name for name in known if name.rpartition("/")[2] == path or len(known) == 1]
    same = [name for name in same if name in c.world.files]
    if not same or lit(path) not in code:
        return
    turns, other = c.turns[at:], code.replace(lit(path), lit(same[0]))
    if len(turns) == 8 and code_of(turns[5][1]) == other:
        # It was offered and the user said yes; the answer to that is the answer.
        del c.turns[at + 3 : at + 5]
    elif len(turns) == 4 and (found := recognise(other)):
        del c.turns[at + 3]
        out, _ = c.call(other)
        c.say(found[0].answer(found[1], out))


def _what_there_is(c: Chat, code: str, key: str, answer: str) -> None:
    """A column or key that is not there: those that are."""
    if not answer.startswith("There is no "):
        return
    answer = answer.rstrip(".") + "."
    if "csv.DictReader(" in code:
        reader = re.search(r"csv\.DictReader\(.+\.splitlines\(\)(?:, delimiter=\"[^\"]+\")?\)", code)
        if reader is None:
            return
        del c.turns[-1]
        out, _ = c.call(f'import csv\nreader = {reader[0]}\nprint(*(reader.fieldnames or []), sep=", ")')
        if real := _nearly(key, out.split(", ")):
            _with_real_name(c, code, key, real)
            return
        is_one = ", " not in out
        some = f"The only column is {out}." if is_one else f"The columns are {out}."
        c.say(f"{answer} {some}" if len(out) < 90 else f"{answer} Those are its columns.")
        return
    where = re.search(rf'data((?:\["[^"\n]+"\])*)\[{re.escape(lit(key))}\]', code)
    kind = next((kind for kind in ("json", "tomllib") if f"data = {kind}.loads(" in code), "")
    if where is None or not kind:
        return
    failed_on = code.splitlines().index(next(line for line in code.splitlines() if where[0] in line))
    del c.turns[-1]
    if where[1]:
        look = [f"for key in data{where[1]}:", "    print(key)"]
    else:  # with the keys of the sections, as it may be in one of them
        look = ["for key, value in data.items():", "    print(key, *(value if isinstance(value, dict) else ()))"]
    shown, ok = c.call("\n".join([*code.splitlines()[:failed_on], *look]))
    data = _document(c, code, kind) if ok else {}
    inside = [name for name, part in data.items() if isinstance(part, dict) and key in part and not where[1]]
    if len(inside) == 1:
        _inside(c, code, key, inside[0])
        return
    out = "\n".join(data) if not where[1] else shown
    if ok and (real := _nearly(key, out.splitlines())):
        _with_real_name(c, code, key, real)
        return
    some = f"The only key is {out}." if "\n" not in out else f"The keys are {listed(out)}."
    c.say(f"{answer} {some}" if ok and listed(out) else f"{answer} Those are its keys.")


def _document(c: Chat, code: str, kind: str) -> dict[str, object]:
    """What ``code`` reads into ``data``; nothing where that is no object."""
    named = re.search(r"""loads\(read_file\((".+?"|'.+?')\)\)""", code)
    text = c.world.files.get(_string(named[1]), "") if named else ""
    data: object = (json if kind == "json" else tomllib).loads(text) if text else {}
    return data if isinstance(data, dict) else {}


def _nearly(key: str, known: list[str]) -> str:
    """The one name that is meant by ``key``: other capitals, dashes or blanks, else a plural, else a word of it."""
    plain = _plain(key)
    alike = [name for name in known if _plain(name) == plain]
    more = [name for name in known if plain in (_plain(name) + "s", _plain(name).removesuffix("s"))]
    part = [name for name in known if plain in re.split(r"[-_ ]", name.casefold())]
    found = alike or more or part
    return found[0] if len(found) == 1 and found[0] != key else ""


def _plain(name: str) -> str:
    return re.sub(r"[-_ ]", "", name).casefold()


def _with_real_name(c: Chat, code: str, key: str, real: str) -> None:
    """Run the program once more with the name as it is written in the file."""
    _once_more(c, code.replace(lit(key), lit(real)), f"It is called {real}", f", not {key}")


def _inside(c: Chat, code: str, key: str, part: str) -> None:
    """Run the program once more with the key taken out of the section in which it is."""
    _once_more(c, code.replace(f"data[{lit(key)}]", f"data[{lit(part)}][{lit(key)}]"), f"{key} is in {part}", "")


def _once_more(c: Chat, code: str, told: str, apart: str) -> None:
    out, ok = c.call(code)
    if not ok or out == "(no output)":
        c.say(f"{told}, but nothing was found.")
    elif "\n" in out or len(out) > 70:
        c.say(f"{told}{apart}; that is the result.")
    else:
        c.say(f"{told}{apart}: {out}.")


def _which_folders(c: Chat, code: str, answer: str) -> None:
    """A folder that is not there, and none that is called nearly so: those that are."""
    if "list_directory(" not in code or not answer.startswith("There is no folder"):
        return
    del c.turns[-1]
    out, _ = c.call('for name in list_directory("."):\n    if name.endswith("/"):\n        print(name)')
    shown = listed(out.replace("/\n", "\n").removesuffix("/"))
    some = f"The only folder here is {shown}." if "\n" not in out else f"The folders here are {shown}."
    c.say(f"{answer} {some}" if shown else answer)


def _any_case(c: Chat, code: str, answer: str) -> None:
    """A search that found nothing: once more without regard to capital letters."""
    found = recognise(code)
    if found is None or found[0] not in (shapes.SEARCH, shapes.SEARCH_IN, shapes.FILES_WITH):
        return
    shape, slots = found
    w = slots["w"]
    if "(?" in w or not any(ch.isalpha() for ch in w):
        return
    del c.turns[-1]
    out, _ = c.call(shape.code({**slots, "w": "(?i)" + w}))
    if out == "(no output)":
        c.say(answer)
    elif shape is shapes.FILES_WITH:
        c.say(f"No file contains {w} in just those letters, but those do with other capitals.")
    else:
        c.say(f"I found no {w} in just those letters; those lines have it with other capitals.")


def listed(out: str) -> str:
    """ "a, b and c"; "" when there are none or too many."""
    found = [line for line in out.splitlines() if line]
    if out == "(no output)" or not found or len(found) > _FEW or any(len(line) > 30 for line in found):
        return ""
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


def _string(shown: str) -> str:
    try:
        return str(ast.literal_eval(shown))
    except (SyntaxError, ValueError):
        return shown
