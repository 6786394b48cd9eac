"""Requests that change lines of one file: at the top, after line n, without some, sorted, in capitals."""

from __future__ import annotations

from codemode_tui.bundled.recipe import contents, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.new_texts import changed, known_file, line, marked, no_file, plural, told, word_of
from codemode_tui.bundled.recipe.number_words import ORDINALS
from codemode_tui.bundled.recipe.phrasing import ask, quoted

BACK = '"".join(line + "\\n" for line in {lines})'
"""The text of a list of lines; right for an empty list, too."""


def written(f: str, lines: str = "lines") -> str:
    """The statement that writes a list of lines back."""
    return f"write_file({lit(f)}, {BACK.format(lines=lines)})\n"


def text_file(c: Chat, lines: int | None = None) -> str:
    """A file with some lines of prose, at times repeated, blank or in a bad order."""
    r = c.r
    rows = contents.prose(r, lines if lines is not None else r.randint(1, 7)).splitlines()
    if r.random() < 0.4:
        rows = [names.word(r) for _ in rows]
    if rows and r.random() < 0.4:
        rows += [r.choice(rows) for _ in range(r.randint(1, 2))]
    if r.random() < 0.3:
        rows.insert(r.randint(0, len(rows)), "")
    return some_file(c, r.choice(("txt", "md", "log", "csv", None, None)), "".join(row + "\n" for row in rows))


def prepend(c: Chat) -> None:
    f, text = known_file(c), line(c.r)
    told(c, "changes.prepend", text, f=quoted(c.r, f))
    code = f'text = read_file({lit(f)})\nwrite_file({lit(f)}, {lit(text)} + "\\n" + text)\nprint("added")'
    changed(c, code, f"I added the line at the top of {f}.", f)


def line_at(c: Chat) -> None:
    """After line n, or instead of line n."""
    r = c.r
    n = r.randint(1, 7)
    f, text = text_file(c, r.randint(n, n + 3)), line(r)
    read = f"lines = read_file({lit(f)}).splitlines()\n"
    if r.random() < 0.55:
        told(c, "changes.insert", text, f=quoted(r, f), n=str(n))
        c.call(f'{read}lines.insert({n}, {lit(text)})\n{written(f)}print("added")')
        c.say(f"I added the line after line {n} of {f}.")
        return
    told(c, "changes.set_line", text, f=quoted(r, f), n=str(n))
    c.call(f'{read}lines[{n - 1}] = {lit(text)}\n{written(f)}print("changed")')
    c.say(f"I changed line {n} of {f}.")


def delete_lines(c: Chat) -> None:
    """Those with a word, or the blank ones."""
    r = c.r
    f = text_file(c)
    if r.random() < 0.35:
        c.user(ask(r, "changes.delete_blank", held=c.held, f=quoted(r, f)))
        test, kind = "line.strip()", "blank line"
    else:
        w = r.choice(contents.MARKS) if r.random() < 0.2 else word_of(c, f)
        c.user(ask(r, "changes.delete_with", held=c.held, f=quoted(r, f), w=quoted(r, w)))
        test, kind = f"{lit(w)} not in line", "line"
    out, ok = c.call(
        f"lines = read_file({lit(f)}).splitlines()\nkept = [line for line in lines if {test}]\n"
        f"{written(f, 'kept')}print(len(lines) - len(kept))"
    )
    if not ok:
        c.say(no_file(out, f))
    elif out == "0":
        c.say(f"There is no such line in {f}, so nothing was deleted.")
    else:
        c.say(f"I deleted {plural(out, kind)} from {f}.")


def delete_line(c: Chat) -> None:
    """Line n, or the last one."""
    r = c.r
    if r.random() < 0.4:
        f = text_file(c)
        c.user(ask(r, "changes.delete_last", held=c.held, f=quoted(r, f)))
        c.call(f'lines = read_file({lit(f)}).splitlines()\n{written(f, "lines[:-1]")}print("deleted")')
        c.say(f"I deleted the last line of {f}.")
        return
    n = r.randint(1, 6)
    f = text_file(c, r.randint(n, n + 3))
    c.user(ask(r, "changes.delete_nth", held=c.held, f=quoted(r, f), n=str(n), o=ORDINALS[n]))
    c.call(f'lines = read_file({lit(f)}).splitlines()\ndel lines[{n - 1}]\n{written(f)}print("deleted")')
    c.say(f"I deleted line {n} of {f}.")


def dedupe(c: Chat) -> None:
    r = c.r
    f = text_file(c)
    c.user(ask(r, "changes.dedupe", held=c.held, f=quoted(r, f)))
    out, _ = c.call(
        f"lines = read_file({lit(f)}).splitlines()\nkept = list(dict.fromkeys(lines))\n"
        f"{written(f, 'kept')}print(len(lines) - len(kept))"
    )
    c.say(f"{f} has no duplicate lines." if out == "0" else f"I deleted {plural(out, 'duplicate line')} from {f}.")


def order(c: Chat) -> None:
    """Sorted, or the other way round."""
    r = c.r
    f = text_file(c)
    if r.random() < 0.7:
        c.user(ask(r, "changes.sort", held=c.held, f=quoted(r, f)))
        c.call(f'lines = sorted(read_file({lit(f)}).splitlines())\n{written(f)}print("sorted")')
        c.say(f"I sorted the lines of {f}.")
        return
    c.user(ask(r, "changes.reverse", held=c.held, f=quoted(r, f)))
    c.call(f'lines = read_file({lit(f)}).splitlines()\n{written(f, "reversed(lines)")}print("reversed")')
    c.say(f"I reversed the lines of {f}.")


def order_otherwise(c: Chat) -> None:
    """Sorted by value, by length or from z to a, in the file itself."""
    r = c.r
    way = r.choice(("numbers", "numbers", "down", "length"))
    if way == "numbers":
        rows = "".join(f"{names.number(r)}\n" for _ in range(r.randint(2, 8)))
        f = some_file(c, r.choice(("txt", "txt", "dat", "log", "lst", "out")), rows)
    else:
        f = text_file(c)
    c.user(ask(r, f"changes.sort_{way}", held=c.held, f=quoted(r, f)))
    key = {"numbers": ", key=float", "down": ", reverse=True", "length": ", key=len"}[way]
    c.call(f'lines = sorted(read_file({lit(f)}).splitlines(){key})\n{written(f)}print("sorted")')
    said = {"numbers": "by their value", "down": "from z to a", "length": "by their length"}[way]
    c.say(f"I sorted the lines of {f} {said}.")


def case(c: Chat) -> None:
    f = known_file(c)
    upper = c.r.random() < 0.5
    c.user(ask(c.r, "changes.upper" if upper else "changes.lower", held=c.held, f=quoted(c.r, f)))
    method = "upper" if upper else "lower"
    code = f'text = read_file({lit(f)})\nwrite_file({lit(f)}, text.{method}())\nprint("changed")'
    changed(c, code, f"{f} is in {method} case now.", f)


def each_line(c: Chat) -> None:
    """The same for every line: a number, a prefix, a suffix, no spaces at its end."""
    r = c.r
    f = text_file(c)
    way = r.choice(("number", "each_prefix", "each_suffix", "strip"))
    p = (
        r.choice(("- ", "> ", "# ", "* ", "// ", "    ", "-- ", ";", ",", ".", "!", "|"))
        if r.random() < 0.6
        else names.word(r)
    )
    if way == "each_suffix":
        p = p.strip() or ";"
    c.user(ask(r, f"changes.{way}", held=c.held, f=quoted(r, f), p=marked(r, p)))
    read = f"lines = read_file({lit(f)}).splitlines()\n"
    if way == "number":
        kept, done = '[f"{number} {line}" for number, line in enumerate(lines, 1)]', f"I numbered the lines of {f}."
    elif way == "each_prefix":
        kept, done = f"[{lit(p)} + line for line in lines]", f"Every line of {f} begins with {p} now."
    elif way == "each_suffix":
        kept, done = f"[line + {lit(p)} for line in lines]", f"Every line of {f} ends with {p} now."
    else:
        kept, done = "[line.rstrip() for line in lines]", f"I removed the trailing spaces from {f}."
    c.call(f'{read}lines = {kept}\n{written(f)}print("changed")')
    c.say(done)
