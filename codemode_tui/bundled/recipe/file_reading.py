"""Questions about one file as a whole: read it, count in it, its size and date."""

from __future__ import annotations

from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_jobs import Job, called, is_blank, plural, run
from codemode_tui.bundled.recipe.file_jobs import some_file as some_file
from codemode_tui.bundled.recipe.phrasing import ask

THE = "(the file |file |the |)"
COUNTS = {"lines": "len(text.splitlines())", "words": "len(text.split())", "characters": "len(text)"}
_SAID = {
    "lines": ("lines", "lines", "lines", "lines", "lines of text", "text lines"),
    "words": ("words",),
    "characters": ("characters", "characters", "characters", "chars"),
}


def read(c: Chat) -> None:
    f = some_file(c)
    run(c, f, reading(c, f))


def count(c: Chat) -> None:
    f = some_file(c)
    run(c, f, counting(c, f))


def size(c: Chat) -> None:
    f = some_file(c)
    run(c, f, measuring(c, f))


def modified(c: Chat) -> None:
    f = some_file(c)
    run(c, f, dating(c, f))


def reading(c: Chat, f: str) -> Job:
    """Ask for the whole text."""
    c.user(ask(c.r, "one_read", held=c.held, f=called(c.r, f)))
    return Job(f"print(read_file({lit(f)}))", content_answer)


def content_answer(f: str, out: str) -> str:
    """What is said of a text that was printed."""
    return f"{f} is empty." if is_blank(out) else f"That is the content of {f}."


def counting(c: Chat, f: str) -> Job:
    """Ask for the number of lines, words or characters."""
    r = c.r
    unit = r.choice(("lines", "lines", "words", "characters"))
    if r.random() < 0.15:
        c.user(ask(r, f"one_count_{unit}", held=c.held, f=called(r, f)))
    else:
        said = r.choice(_SAID[unit])
        if unit == "lines" and f.endswith((".py", ".js", ".ts", ".sh")) and r.random() < 0.2:
            said = "lines of code"
        single = {"chars": "char", "lines": "line", "words": "word"}.get(said, unit[:-1])
        c.user(ask(r, "one_count", held=c.held, f=called(r, f), u=said, s=single))
    return Job(
        f"text = read_file({lit(f)})\nprint({COUNTS[unit]})", lambda f, out: f"{f} has {plural(out, unit[:-1])}."
    )


def measuring(c: Chat, f: str) -> Job:
    """Ask for the size, in bytes unless something else is said."""
    r = c.r
    if r.random() < 0.1:
        c.user(ask(r, "one_kilobytes", held=c.held, f=called(r, f)))
        return Job(f'print(round(file_info({lit(f)})["size"] / 1024, 2))', lambda f, out: f"{f} has {out} kilobytes.")
    c.user(ask(r, "one_size", held=c.held, f=called(r, f)))
    return Job(f'print(file_info({lit(f)})["size"])', lambda f, out: f"{f} has {plural(out, 'byte')}.")


def dating(c: Chat, f: str) -> Job:
    """Ask when the file was changed."""
    c.user(ask(c.r, "one_modified", held=c.held, f=called(c.r, f)))
    return Job(f'print(file_info({lit(f)})["modified"])', lambda f, out: f"{f} was last changed on {out[:10]}.")


def emptiness(c: Chat) -> None:
    r = c.r
    f = some_file(c, None, r.choice(("", "", "\n"))) if r.random() < 0.4 else some_file(c)
    c.user(ask(r, "one_empty", held=c.held, f=called(r, f)))
    out, _ = c.call(f'print(read_file({lit(f)}).strip() == "")')
    c.say(f"{f} is empty." if out == "True" else f"{f} is not empty.")


def both(c: Chat) -> None:
    """Two files, one after the other."""
    r = c.r
    f = some_file(c)
    g = some_file(c)
    if f == g:
        g = some_file(c, "txt", "")
    c.user(ask(r, "one_both", held=c.held, f=called(r, f), g=called(r, g)))
    c.call(f"print(read_file({lit(f)}))\nprint(read_file({lit(g)}))")
    c.say(f"Those are the contents of {f} and {g}.")


def statistics(c: Chat) -> None:
    """Two or three counts at once."""
    r = c.r
    f = some_file(c)
    if r.random() < 0.5:
        units = ["lines", "words", "characters"]
        c.user(ask(r, "one_stats_all", held=c.held, f=called(r, f)))
    else:
        units = r.sample(sorted(COUNTS), 2)
        c.user(ask(r, "one_stats", held=c.held, f=called(r, f), u=units[0], v=units[1]))
    out, _ = c.call(f"text = read_file({lit(f)})\nprint({', '.join(COUNTS[unit] for unit in units)})")
    said = [plural(count, unit[:-1]) for count, unit in zip(out.split(), units, strict=True)]
    c.say(f"{f} has {', '.join(said[:-1])} and {said[-1]}.")
