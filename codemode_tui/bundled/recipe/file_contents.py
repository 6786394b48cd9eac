"""Questions about what stands in a file: how often a word occurs, whether it does, on which lines."""

from __future__ import annotations

from codemode_tui.bundled.recipe import contents, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_jobs import NOTHING, Job, called, plural, run, search_word, some_file, spoken
from codemode_tui.bundled.recipe.phrasing import ask

_TROUBLE = ("error",) * 8 + (
    "warning",
    "warning",
    "warning",
    "failure",
    "exception",
    "timeout",
    "crash",
    "conflict",
    "problem",
)


def occurrences(c: Chat) -> None:
    f = some_file(c)
    run(c, f, counting_word(c, f, _word(c, f)))


def counting_word(c: Chat, f: str, w: str) -> Job:
    """Ask how often a word occurs."""
    r = c.r
    if r.random() < 0.06:
        w = r.choice(contents.MARKS)
    way = r.random()
    if way < 0.07:
        section, measure = "one_occurrences_any_case", f"text.lower().count({lit(w)}.lower())"
    elif way < 0.12 and " " not in w:
        section, measure = "one_occurrences_whole", f"text.split().count({lit(w)})"
    else:
        section, measure = "one_occurrences", f"text.count({lit(w)})"
    if section == "one_occurrences" and w in contents.MARKS and r.random() < 0.6:
        c.user(ask(r, "one_marks", held=c.held, f=called(r, f), w=w))
    else:
        c.user(ask(r, section, held=c.held, f=called(r, f), w=spoken(r, w)))
    return Job(
        f"text = read_file({lit(f)})\nprint({measure})", lambda f, out: f"{w} occurs {plural(out, 'time')} in {f}."
    )


def has_word(c: Chat) -> None:
    r = c.r
    f = some_file(c)
    w = _word(c, f)
    c.user(ask(r, "one_has", held=c.held, f=called(r, f), w=spoken(r, w)))
    out, _ = c.call(f"text = read_file({lit(f)})\nprint({lit(w)} in text)")
    c.say(f"Yes, {f} contains {w}." if out == "True" else f"No, {f} does not contain {w}.")


def lines_with(c: Chat) -> None:
    f = some_file(c)
    run(c, f, finding(c, f, _word(c, f)))


def finding(c: Chat, f: str, w: str) -> Job:
    """Ask for the lines with a word."""
    r = c.r
    any_case = r.random() < 0.08
    section = "one_lines_any_case" if any_case else "one_lines_with"
    c.user(ask(r, section, held=c.held, f=called(r, f), w=spoken(r, w)))
    test = f"{lit(w)}.lower() in line.lower()" if any_case else f"{lit(w)} in line"
    return Job(
        _filter(f, test),
        lambda f, out: f"No line of {f} contains {w}." if out == NOTHING else f"Those are the lines of {f} with {w}.",
    )


def lines_where(c: Chat) -> None:
    """Lines that begin or end with a word, or lack it."""
    r = c.r
    f = some_file(c)
    kind = r.choice(("start", "end", "without"))
    w = _word(c, f) if kind == "without" else _edge(c, f, kind)
    test, none, some = {
        "start": (f"line.startswith({lit(w)})", f"No line of {f} starts with {w}.", f"that start with {w}"),
        "end": (f"line.endswith({lit(w)})", f"No line of {f} ends with {w}.", f"that end with {w}"),
        "without": (f"{lit(w)} not in line", f"Every line of {f} contains {w}.", f"without {w}"),
    }[kind]
    c.user(ask(r, f"one_lines_{kind}", held=c.held, f=called(r, f), w=spoken(r, w)))
    out, _ = c.call(_filter(f, test))
    c.say(none if out == NOTHING else f"Those are the lines of {f} {some}.")


def line_count(c: Chat) -> None:
    """On how many lines of one file a word is."""
    r = c.r
    f = some_file(c)
    w = _word(c, f)
    c.user(ask(r, "one_line_count", held=c.held, f=called(r, f), w=spoken(r, w)))
    out, _ = c.call(f"lines = read_file({lit(f)}).splitlines()\nprint(sum({lit(w)} in line for line in lines))")
    c.say(f"{w} is on {plural(out, 'line')} of {f}.")


def line_with(c: Chat) -> None:
    """The first or the last line with a word."""
    r = c.r
    f = some_file(c)
    w = _word(c, f, 0.85)
    if r.random() < 0.65:
        c.user(ask(r, "one_first_with", held=c.held, f=called(r, f), w=spoken(r, w)))
        out, _ = c.call(_filter(f, f"{lit(w)} in line") + "\n        break")
        side = "first"
    else:
        c.user(ask(r, "one_last_with", held=c.held, f=called(r, f), w=spoken(r, w)))
        out, _ = c.call(
            f"lines = [line for line in read_file({lit(f)}).splitlines() if {lit(w)} in line]\n"
            'print("\\n".join(lines[-1:]))'
        )
        side = "last"
    found = out != NOTHING and bool(out.strip())
    c.say(f"That is the {side} line of {f} with {w}." if found else f"No line of {f} contains {w}.")


def line_numbers(c: Chat) -> None:
    r = c.r
    f = some_file(c)
    w = _word(c, f, 0.85)
    c.user(ask(r, "one_line_numbers", held=c.held, f=called(r, f), w=spoken(r, w)))
    out, _ = c.call(
        f"for number, line in enumerate(read_file({lit(f)}).splitlines(), 1):\n    if {lit(w)} in line:\n"
        "        print(number, line)"
    )
    if out == NOTHING:
        c.say(f"No line of {f} contains {w}.")
    elif "\n" in out:
        c.say(f"Those are the lines of {f} with {w}.")
    else:
        c.say(f"{w} is on line {out.split()[0]} of {f}.")


def trouble(c: Chat) -> None:
    """Errors and warnings in a log, however they are spelt there."""
    r = c.r
    kind = r.choice(_TROUBLE)
    f = (
        some_file(c, "log", _log(c, kind))
        if r.random() < 0.8
        else some_file(c, r.choice(("txt", "out", "md")), _log(c, kind))
    )
    c.user(ask(r, "one_trouble", held=c.held, f=called(r, f), e=kind, es=kind + ("es" if kind == "crash" else "s")))
    out, _ = c.call(_filter(f, f"{lit(kind)} in line.lower()"))
    c.say(f"There is no {kind} in {f}." if out == NOTHING else f"Those are the lines of {f} with {kind}.")


def _filter(f: str, test: str) -> str:
    return f"for line in read_file({lit(f)}).splitlines():\n    if {test}:\n        print(line)"


def _word(c: Chat, f: str, share: float = 0.65) -> str:
    return search_word(c, c.world.files[f], share)


def _edge(c: Chat, f: str, kind: str) -> str:
    """What a line begins or ends with, or some other word or mark."""
    r = c.r
    rows = [row for row in c.world.files[f].splitlines() if row.strip()]
    if rows and r.random() < 0.6:
        row = r.choice(rows)
        found = row.split()[0] if kind == "start" else row.split()[-1]
        if found.isprintable() and not any(mark in found for mark in "\"'`{}\\"):
            return found
    return r.choice(("#", "-", "*", "//", ".", "!", ";", ",", ":", names.word(r), names.word(r), *contents.MARKS))


def _log(c: Chat, kind: str) -> str:
    r = c.r
    rows = []
    for _ in range(r.randint(1, 6)):
        level = r.choice(("INFO", "INFO", "DEBUG", "WARNING", "ERROR", "TRACE", "NOTICE", "FATAL"))
        said = names.phrase(r)
        if r.random() < 0.25:
            said = f"{r.choice((kind, kind.upper(), kind.capitalize()))}{r.choice((':', ' in', ' of', ' at', ' while'))} {said}"
        when = r.choice(
            (f"{r.randint(0, 23):02}:{r.randint(0, 59):02}", f"2026-{r.randint(1, 12):02}-{r.randint(1, 28):02}")
        )
        rows.append(f"{when} {level} {said}")
    return "\n".join(rows) + "\n"
