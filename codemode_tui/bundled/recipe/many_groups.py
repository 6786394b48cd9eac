"""Sums, counts, means and the best of each folder or each ending."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.file_sets import FileSet, ask_about, noun_phrase, some_set
from codemode_tui.bundled.recipe.file_units import Unit, some_unit, unit_of
from codemode_tui.bundled.recipe.many_totals import no_such
from codemode_tui.bundled.recipe.phrasing import ask

_FOLDER = '    folder = path.rpartition("/")[0] or "."\n'
_ENDING = '    name = path.rpartition("/")[2]\n    ending = name.rpartition(".")[2] if "." in name else "none"\n'
_PLAIN = ("lines", "words", "characters", "bytes")
_WIDE = ("all", "folder", "top", "named", "two")
"""Sets whose files may have different endings."""


def group_sum(c: Chat) -> None:
    """What the files of each folder or ending add up to."""
    unit, files, key, load = _measured(c)
    c.user(ask_about(c, "many_group_sum", files, **_per(c, key), **unit.slots))
    out, _ = c.call(f"{unit.load}{_totals(files, load, key, unit.code)}{_printed(key)}")
    c.say(no_such(files) if out == "(no output)" else f"Those are the {unit.listed} per {_said(key)}.")


def group_count(c: Chat) -> None:
    """How many files each folder or ending has."""
    r = c.r
    if r.random() < 0.5:
        files, key, load = (
            some_set(c, without=("both", "language", "ending", "folder", "named", "start", "tests")),
            "",
            "",
        )
        if files.kind == "top":
            files = some_set(c, without=_all_but("all"))
        key, load = "ending", _ENDING
        section = "many_ending_count"
        if files.kind == "two":
            section = "many_group_count"
    else:
        files, key, load, section = some_set(c, without=("top",)), "folder", _FOLDER, "many_group_count"
    _spread_out(c)
    c.user(ask_about(c, section, files, **_per(c, key)))
    out, _ = c.call(f"{_counts(files, load, key)}for {key} in sorted(counts):\n    print({key}, counts[{key}])")
    c.say(no_such(files) if out == "(no output)" else f"Those are the numbers of files per {_said(key)}.")


def endings(c: Chat) -> None:
    """Which endings occur."""
    _spread_out(c)
    c.user(ask(c.r, "many_endings", held=c.held, shaped=True, **_per(c, "ending")))
    out, _ = c.call(
        f'endings = set()\nfor path in glob_files("**/*"):\n{_ENDING}    endings.add(ending)\n'
        "for ending in sorted(endings):\n    print(ending)"
    )
    c.say("There are no files." if out == "(no output)" else "Those are the extensions.")


def group_best(c: Chat) -> None:
    """The folder or ending with the most or the least."""
    r = c.r
    high = r.random() < 0.75
    most = noun_phrase(c, f"many_most_{'up' if high else 'down'}")
    pick = "max" if high else "min"
    if r.random() < 0.45:
        files, key, load = some_set(c, without=("top",)), "folder", _FOLDER
        if r.random() < 0.4:
            files, key, load = some_set(c, without=_all_but("all")), "ending", _ENDING
        _spread_out(c)
        c.user(ask_about(c, "many_group_best_count", files, most=most, **_per(c, key)))
        code, name, unit_load = _counts(files, load, key), "counts", ""
        unit = None
    else:
        unit, files, key, load = _measured(c)
        c.user(ask_about(c, "many_group_best", files, most=most, **_per(c, key), **unit.slots))
        code, name, unit_load = _totals(files, load, key, unit.code), "totals", unit.load
    out, ok = c.call(f"{unit_load}{code}found = {pick}({name}, key={name}.get)\nprint(found, {name}[found])")
    if not ok:
        c.say(no_such(files))
        return
    found, _, value = out.rpartition(" ")
    shown = "the top folder" if found == "." and key == "folder" else found
    c.say(f"It is {shown} with {unit.amount(value) if unit else value + (' file' if value == '1' else ' files')}.")


def best_each(c: Chat) -> None:
    """The largest or smallest file of each folder or ending."""
    r = c.r
    high = r.random() < 0.65
    unit, files, key, load = _measured(c)
    if unit.kind == "characters":
        unit = unit_of(c, "bytes")
    word = noun_phrase(c, f"many_adjective_{unit.kind}_{'up' if high else 'down'}")
    c.user(ask_about(c, "many_best_each", files, adjective=word, **_per(c, key), **unit.slots))
    out, _ = c.call(
        f"best = {{}}\nfor path in {files.code}:\n{load}    count = {unit.code}\n"
        f"    if {key} not in best or count {'>' if high else '<'} best[{key}][1]:\n        best[{key}] = (path, count)\n"
        f"for {key} in sorted(best):\n    print({key}, *best[{key}])"
    )
    c.say(no_such(files) if out == "(no output)" else f"Those are the files, one for each {_said(key)}.")


def group_mean(c: Chat) -> None:
    """The mean of each folder or ending."""
    unit, files, key, load = _measured(c)
    c.user(ask_about(c, "many_group_mean", files, **_per(c, key), **unit.slots))
    out, _ = c.call(
        f"{unit.load}groups = {{}}\nfor path in {files.code}:\n{load}"
        f"    groups.setdefault({key}, []).append({unit.code})\nfor {key} in sorted(groups):\n"
        f"    print({key}, round(sum(groups[{key}]) / len(groups[{key}]), 2))"
    )
    c.say(no_such(files) if out == "(no output)" else f"Those are the means per {_said(key)}.")


def pivot(c: Chat) -> None:
    """Folder and ending at once."""
    r = c.r
    files = some_set(c, without=_all_but("all", "folder"))
    _spread_out(c)
    if r.random() < 0.5:
        c.user(ask_about(c, "many_pivot_count", files))
        name, code, said = "counts", "1", "numbers of files"
    else:
        unit, _ = some_unit(c, only=_PLAIN)
        c.user(ask_about(c, "many_pivot_sum", files, **unit.slots))
        name, code, said = "totals", unit.code, unit.listed
    out, _ = c.call(
        f"{name} = {{}}\nfor path in {files.code}:\n{_FOLDER}{_ENDING}    key = (folder, ending)\n"
        f"    {name}[key] = {name}.get(key, 0) + {code}\nfor key in sorted({name}):\n    print(*key, {name}[key])"
    )
    c.say(no_such(files) if out == "(no output)" else f"Those are the {said} by folder and extension.")


def _measured(c: Chat) -> tuple[Unit, FileSet, str, str]:
    """A unit, a set, and by what it is grouped: the variable and the lines that set it."""
    r = c.r
    if r.random() < 0.62:
        unit, files = some_unit(c, only=(*_PLAIN, *_PLAIN))
        while files.kind == "top":
            unit, files = some_unit(c, only=_PLAIN)
        _spread_out(c)
        return unit, files, "folder", _FOLDER
    unit, files = some_unit(c, only=_PLAIN)
    while files.kind not in _WIDE:
        unit, files = some_unit(c, only=_PLAIN)
    return unit, files, "ending", _ENDING


def _all_but(*kinds: str) -> tuple[str, ...]:
    every = ("all", "language", "ending", "folder", "both", "named", "start", "tests", "top", "two")
    return tuple(kind for kind in every if kind not in kinds)


def _spread_out(c: Chat) -> None:
    """Some files in folders, so that there is something to group."""
    r = c.r
    for _ in range(r.randint(0, 2)):
        d = names.folder(r)
        for _ in range(r.randint(1, 2)):
            c.world.add(r, f"{d}/{names.file_name(r)}")


def _totals(files: FileSet, load: str, key: str, code: str) -> str:
    return f"totals = {{}}\nfor path in {files.code}:\n{load}    totals[{key}] = totals.get({key}, 0) + {code}\n"


def _counts(files: FileSet, load: str, key: str) -> str:
    return f"counts = {{}}\nfor path in {files.code}:\n{load}    counts[{key}] = counts.get({key}, 0) + 1\n"


def _printed(key: str) -> str:
    return f"for {key} in sorted(totals):\n    print({key}, totals[{key}])"


def _per(c: Chat, key: str) -> dict[str, str]:
    """The word for a group, and its plural."""
    word = noun_phrase(c, f"many_group_{key}")
    if word.endswith("directory"):
        many = word[:-1] + "ies"
    elif word.endswith("suffix"):
        many = word + "es"
    else:
        many = "kinds of file" if word == "kind of file" else word + "s"
    return {"pers": many, "per": word}


def _said(key: str) -> str:
    return "extension" if key == "ending" else "folder"
