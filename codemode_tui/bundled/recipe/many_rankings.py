"""Files in an order: the first, the first few, all of them; by a count, by size, by date."""

from __future__ import annotations

from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.file_sets import ask_about, noun_phrase, some_set
from codemode_tui.bundled.recipe.file_units import PARSED, some_unit
from codemode_tui.bundled.recipe.many_totals import no_such
from codemode_tui.bundled.recipe.number_words import CARDINALS

_ADJECTIVES = ("bytes", "bytes", "lines", "words")
_DATE = 'file_info(path)["modified"]'


def extreme(c: Chat) -> None:
    """The file with the most or the least of something, and how much that is."""
    r = c.r
    high = r.random() < 0.62
    end = "up" if high else "down"
    words = {"most": noun_phrase(c, f"many_most_{end}"), "high": noun_phrase(c, f"many_high_{end}")}
    style = r.random()
    if style < 0.5:
        unit, files = some_unit(c, only=_ADJECTIVES)
        words["adjective"] = noun_phrase(c, f"many_adjective_{unit.kind}_{end}")
        section = "many_extreme"
    elif style < 0.75:
        unit, files = some_unit(c, without=PARSED)
        section = "many_extreme_units"
    elif style < 0.88:
        unit, files = some_unit(c, without=PARSED)
        section = "many_extreme_number"
    else:
        unit, files = some_unit(c, only=("bytes",))
        words["most"] = "most" if high else "least"
        section = "many_extreme_space"
    c.user(ask_about(c, section, files, **words, **unit.slots))
    out, ok = c.call(
        f"{unit.load}counts = {{path: {unit.code} for path in {files.code}}}\n"
        f"found = {'max' if high else 'min'}(counts, key=counts.get)\nprint(found, counts[found])"
    )
    if not ok:
        c.say(no_such(files))
        return
    name, _, value = out.rpartition(" ")
    c.say(f"It is {name} with {unit.amount(value)}.")


def latest(c: Chat) -> None:
    """The file that was changed last, or the longest ago."""
    r = c.r
    files = some_set(c)
    late = r.random() < 0.62
    word = noun_phrase(c, f"many_adjective_date_{'up' if late else 'down'}")
    section = "many_changed" if late and r.random() < 0.35 else "many_extreme"
    c.user(ask_about(c, section, files, adjective=word))
    out, ok = c.call(
        f"dates = {{path: {_DATE} for path in {files.code}}}\n"
        f"found = {'max' if late else 'min'}(dates, key=dates.get)\nprint(found, dates[found])"
    )
    if not ok:
        c.say(no_such(files))
        return
    name, _, date = out.rpartition(" ")
    c.say(f"It is {name}, changed on {date[:10]}.")


def top(c: Chat) -> None:
    """The first few files of an order."""
    r = c.r
    high = r.random() < 0.68
    end = "up" if high else "down"
    n = r.choice((2, 3, 3, 4, 5, 5, 6, 7, 8, 10, 10, 12, 15, 20))
    words = {"n": _number(c, n), "most": noun_phrase(c, f"many_most_{end}"), "end": "top" if high else "bottom"}
    style = r.random()
    if style < 0.2:
        files = some_set(c)
        words["adjective"] = noun_phrase(c, f"many_adjective_date_{end}")
        c.user(ask_about(c, "many_top", files, **words))
        load, name, code, said = "", "dates", _DATE, "dates"
    else:
        if style < 0.55:
            unit, files = some_unit(c, only=_ADJECTIVES)
            words["adjective"] = noun_phrase(c, f"many_adjective_{unit.kind}_{end}")
            section = "many_top"
        else:
            unit, files = some_unit(c)
            section = r.choice(("many_top_units", "many_top_number"))
        c.user(ask_about(c, section, files, **words, **unit.slots))
        load, name, code, said = unit.load, "counts", unit.code, unit.listed
    back = ", reverse=True" if high else ""
    out, _ = c.call(
        f"{load}{name} = {{path: {code} for path in {files.code}}}\n"
        f"for path in sorted({name}, key={name}.get{back})[:{n}]:\n    print(path, {name}[path])"
    )
    c.say(no_such(files) if out == "(no output)" else f"Those are the files with their {said}.")


def in_order(c: Chat) -> None:
    """All files of the set, sorted."""
    r = c.r
    back = r.random() < 0.6
    if r.random() < 0.22:
        files = some_set(c)
        way = noun_phrase(c, f"many_way_{'newest' if back else 'oldest'}")
        c.user(ask_about(c, "many_dates", files, way=way))
        load, name, code, said = "", "dates", _DATE, "date"
    else:
        unit, files = some_unit(c)
        way = noun_phrase(c, f"many_way_{'down' if back else 'up'}")
        section = "many_sorted_plain" if back and r.random() < 0.3 else "many_sorted"
        c.user(ask_about(c, section, files, way=way, **unit.slots))
        load, name, code, said = unit.load, "counts", unit.code, "size" if unit.kind == "bytes" else unit.said
    out, _ = c.call(
        f"{load}{name} = {{path: {code} for path in {files.code}}}\n"
        f"for path in sorted({name}, key={name}.get{', reverse=True' if back else ''}):\n    print(path, {name}[path])"
    )
    c.say(no_such(files) if out == "(no output)" else f"Those are the files by {said}.")


def _number(c: Chat, n: int) -> str:
    """A small number, sometimes as a word."""
    return CARDINALS[n] if n <= 10 and c.r.random() < 0.3 else str(n)
