"""Several files by name in one question."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_sets import noun_phrase
from codemode_tui.bundled.recipe.file_units import some_word, unit_of
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.tools.protected import is_secret

_PLAIN = ("lines", "lines", "words", "words", "characters", "bytes")


def each(c: Chat) -> None:
    """The number of every named file; a missing one ends it, unless the question says otherwise."""
    r = c.r
    guarded = r.random() < 0.45
    listed, code, paths = _some_files(c, present=0.6 if guarded else 0.97)
    unit = unit_of(c, r.choice(_PLAIN))
    section = "named_each_guarded" if guarded else "named_each"
    c.user(ask(r, section, held=c.held, shaped=True, list=listed, **unit.slots))
    if guarded:
        c.call(
            f"for path in {code}:\n    try:\n        print(path, {unit.code})\n"
            '    except FileNotFoundError:\n        print(path, "missing")'
        )
        gone = [path for path in paths if path not in c.world.files]
        c.say(f"Those are the {unit.listed} of each." + (f" There is no {_joined(gone, 'or')}." if gone else ""))
        return
    _, ok = c.call(f"for path in {code}:\n    print(path, {unit.code})")
    c.say(f"Those are the {unit.listed} of each." if ok else _absent(c, paths))


def total(c: Chat) -> None:
    """The sum over the named files."""
    r = c.r
    listed, code, paths = _some_files(c)
    unit = unit_of(c, r.choice(_PLAIN))
    c.user(ask(r, "named_total", held=c.held, shaped=True, list=listed, **unit.slots))
    out, ok = c.call(f"total = 0\nfor path in {code}:\n    total += {unit.code}\nprint(total)")
    c.say(f"Together they have {unit.amount(out)}." if ok else _absent(c, paths))


def extreme(c: Chat) -> None:
    """The named file with the most or the least."""
    r = c.r
    high = r.random() < 0.65
    listed, code, paths = _some_files(c)
    unit = unit_of(c, r.choice(_PLAIN))
    most = noun_phrase(c, f"many_most_{'up' if high else 'down'}")
    c.user(ask(r, "named_extreme", held=c.held, shaped=True, list=listed, most=most, **unit.slots))
    out, ok = c.call(
        f"counts = {{path: {unit.code} for path in {code}}}\nfound = {'max' if high else 'min'}(counts, key=counts.get)\n"
        "print(found, counts[found])"
    )
    if not ok:
        c.say(_absent(c, paths))
        return
    found, _, value = out.rpartition(" ")
    c.say(f"It is {found} with {unit.amount(value)}.")


def presence(c: Chat) -> None:
    """Which of the named files are there, or contain a word, or all of their texts."""
    r = c.r
    style = r.random()
    listed, code, paths = _some_files(c, present=0.65 if style < 0.35 else 0.97)
    if style < 0.35:
        c.user(ask(r, "named_exist", held=c.held, list=listed))
        c.call(f'known = glob_files("**/*")\nfor path in {code}:\n    print(path, path in known)')
        gone = [path for path in paths if path not in c.world.files]
        c.say(f"There is no {_joined(gone, 'or')}." if gone else "All of them are there.")
    elif style < 0.7:
        w = some_word(c)
        c.user(ask(r, "named_contains", held=c.held, list=listed, w=quoted(r, w)))
        out, ok = c.call(f"for path in {code}:\n    if {lit(w)} in read_file(path):\n        print(path)")
        found = f"None of them contains {w}." if out == "(no output)" else f"Those contain {w}."
        c.say(found if ok else _absent(c, paths))
    else:
        c.user(ask(r, "named_read", held=c.held, list=listed))
        _, ok = c.call(f"for path in {code}:\n    print(path)\n    print(read_file(path))")
        c.say("Those are their contents." if ok else _absent(c, paths))


def _some_files(c: Chat, present: float = 0.97) -> tuple[str, str, list[str]]:
    """Three or more files: as people list them, as a Python list, as paths."""
    r = c.r
    paths: list[str] = []
    for _ in range(r.choice((3, 3, 3, 4))):
        known = sorted(path for path in c.world.files if path not in paths and not is_secret(path.split("/")))
        if r.random() < present:
            path = r.choice(known) if known and r.random() < 0.5 else c.world.add(r, names.file_name(r))
        else:
            path = names.file_name(r)
        if path not in paths:
            paths.append(path)
    if len(paths) < 3:
        return _some_files(c, present)
    words = [quoted(r, path) for path in paths]
    style = r.random()
    if style < 0.7:
        listed = ", ".join(words[:-1]) + r.choice((" and ", " and ", ", and ")) + words[-1]
    else:
        listed = r.choice((", ", " and ", ", ")).join(words)
    return listed, "[" + ", ".join(lit(path) for path in paths) + "]", paths


def _absent(c: Chat, paths: list[str]) -> str:
    return f"There is no {next(path for path in paths if path not in c.world.files)}."


def _joined(words: list[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
