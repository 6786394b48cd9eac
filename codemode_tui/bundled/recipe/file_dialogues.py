"""Conversations of several questions about files, in which the later ones lean on the earlier ones."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_jobs import Job, absent, called, is_blank, plural, run, some_file
from codemode_tui.bundled.recipe.file_reading import content_answer, counting, dating, measuring, reading
from codemode_tui.bundled.recipe.line_edits import written
from codemode_tui.bundled.recipe.new_texts import word_of
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.second_questions import again

_LANGUAGES = {
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "it": "Italian",
    "en": "English",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "ru": "Russian",
    "sv": "Swedish",
    "da": "Danish",
    "fi": "Finnish",
    "cs": "Czech",
    "el": "Greek",
    "tr": "Turkish",
    "ja": "Japanese",
    "ko": "Korean",
    "zh": "Chinese",
    "ar": "Arabic",
    "hu": "Hungarian",
}
_MEASURES = {"lines": "len({}.splitlines())", "words": "len({}.split())", "characters": "len({})"}
_COMPARE = 'a = read_file({})\nb = read_file({})\nprint("same" if a == b else "different")'


def siblings(c: Chat) -> None:
    """Files of one name in several folders: "the french one?", "and in spring?"."""
    r = c.r
    name = names.file_name(r, r.choice(("txt", "md", "txt", None)))
    spoken: dict[str, str] = {}
    if r.random() < 0.35:
        spoken = dict(r.sample(sorted(_LANGUAGES.items()), r.randint(2, 4)))
        folders = list(spoken)
    elif r.random() < 0.6:
        pool = r.choice((*names.SERIES, ("2019", "2020", "2021", "2022", "2023"), ("oslo", "paris", "rome", "berlin")))
        folders = r.sample(pool, min(len(pool), r.randint(2, 4)))
    else:
        folders = list(dict.fromkeys(names.folder(r) for _ in range(r.randint(2, 4))))
    above = f"{names.word(r)}/" if r.random() < 0.15 and not spoken else ""
    for d in folders:
        c.world.add(r, f"{above}{d}/{name}")
    f = f"{above}{folders[0]}/{name}"
    job = _job(c, f)
    run(c, f, job)
    for d in folders[1 : r.choice((2, 2, 3))]:
        g = f"{above}{d}/{name}"
        language = spoken.get(d, "")
        if language and r.random() < 0.7:
            shown = language if r.random() < 0.6 else language.lower()
            again(c, "dl_language", g=shown)
        else:
            again(c, "dl_sibling", g=quoted(r, d + "/" if r.random() < 0.15 else d))
        run(c, g, Job(job.code.replace(lit(f), lit(g)), job.answer))


def sorted_and_saved(c: Chat) -> None:
    """Lines that are shown in another order, kept that way, turned round."""
    r = c.r
    f = some_file(c, r.choice(("txt", "md", "txt", "lst", None)), _lines(c))
    c.user(ask(r, "one_sort", held=c.held, f=called(r, f)))
    load, each = f"lines = read_file({lit(f)}).splitlines()\n", "for line in {}:\n    print(line)"
    c.call(load + each.format("sorted(lines)"))
    c.say(f"Those are the lines of {f} in order.")
    saved = r.random() < 0.65
    if saved:
        again(c, "dl_save_so")
        c.call(f'lines = sorted(read_file({lit(f)}).splitlines())\n{written(f)}print("sorted")')
        c.say(f"I sorted the lines of {f}.")
    if r.random() < (0.4 if saved else 1):
        again(c, "dl_other_way")
        c.call(load + each.format("sorted(lines, reverse=True)"))
        c.say(f"Those are the lines of {f} in descending order.")


def copy_and_change(c: Chat) -> None:
    """A copy, a change in one of the two, and whether they are still the same."""
    r = c.r
    f = some_file(c)
    ending = f.rsplit(".", 1)[-1] if "." in f.rpartition("/")[2] else None
    g = names.file_name(r, ending)
    if g in c.world.files:
        g = "x" + g
    c.user(ask(r, "changes.copy", held=c.held, f=quoted(r, f), g=quoted(r, g)))
    c.call(f'write_file({lit(g)}, read_file({lit(f)}))\nprint("copied")')
    c.say(f"I copied {f} to {g}.")
    if r.random() < 0.75:
        copied = r.random() < 0.7
        changed = g if copied else f
        a, b = word_of(c, f), names.word(r)
        again(c, "dl_in_copy" if copied else "dl_in_original", a=quoted(r, a), b=quoted(r, b))
        _replace(c, changed, a, b)
    if r.random() < 0.6:
        again(c, "dl_both_same")
        out, _ = c.call(_COMPARE.format(lit(f), lit(g)))
        c.say(f"{f} and {g} are the same." if out == "same" else f"{f} and {g} are different.")


def corrected(c: Chat) -> None:
    """A change that is corrected right away: "hmm no, make it Sunday"."""
    r = c.r
    f = some_file(c)
    way = r.random()
    if way < 0.5:
        a, b, better = word_of(c, f), names.word(r), names.word(r)
        c.user(ask(r, "changes.replace", held=c.held, a=quoted(r, a), b=quoted(r, b), f=quoted(r, f)))
        if f.endswith(("json", "toml", "ini", "cfg")):  # there the words may be those of a setting
            c.turns[-1] = ("user", f"replace {quoted(r, a)} with {quoted(r, b)} in {quoted(r, f)}")
        if not _replace(c, f, a, b):
            return
        again(c, "dl_rather", x=quoted(r, better))
        _replace(c, f, b, better)
        if r.random() < 0.15:
            again(c, "dl_undo")
            _replace(c, f, better, a)
        return
    where, slash, name = f.rpartition("/")
    ending = name.rsplit(".", 1)[-1] if "." in name else None
    g, h = (where + slash + names.file_name(r, ending) for _ in range(2))
    if g in c.world.files or h in c.world.files or g == h:
        return corrected(c)
    c.user(
        f"{r.choice(('rename', 'Rename', 'please rename'))} {quoted(r, f)} {r.choice(('to', 'into'))} {quoted(r, g)}"
    )
    c.call(f'move_file({lit(f)}, {lit(g)})\nprint("moved")')
    c.say(f"{f} is now called {g}.")
    again(c, "dl_rather_name" if way < 0.85 else "dl_undo_name", x=quoted(r, h))
    to = h if way < 0.85 else f
    c.call(f'move_file({lit(g)}, {lit(to)})\nprint("moved")')
    c.say(f"{g} is now called {to}.")


def two_counts(c: Chat) -> None:
    """The same count of two files, and then both together, or which has more."""
    r = c.r
    f, g = some_file(c), some_file(c)
    if f == g:
        g = c.world.add(r, "x" + names.file_name(r))
    if r.random() < 0.25:
        w = names.word(r)
        for path in (f, g):
            text = c.world.files[path]
            c.world.files[path] = text + "".join(f"{w} {names.word(r)}\n" for _ in range(r.randint(0, 4)))
        c.user(ask(r, "one_occurrences", held=c.held, f=called(r, f), w=f'"{w}"' if r.random() < 0.4 else w))
        unit, amount = w, f"{{}}.count({lit(w)})"
        answer = "{w} occurs {n} in {f}."
    else:
        unit = r.choice(("lines", "lines", "words", "characters"))
        c.user(ask(r, "one_count", held=c.held, f=called(r, f), u=unit, s=unit[:-1]))
        amount, answer = _MEASURES[unit], "{f} has {n}."
    first = True
    noun = "time" if unit not in _MEASURES else unit[:-1]
    for path in (f, g):
        if not first:
            again(c, "fu_same", g=quoted(r, path))
        out, _ = c.call(f"text = read_file({lit(path)})\nprint({amount.format('text')})")
        c.say(answer.format(f=path, w=unit, n=plural(out, noun)))
        first = False
    load = f"a = read_file({lit(f)})\nb = read_file({lit(g)})\n"
    if unit == "lines" and r.random() < 0.35:
        again(c, "dl_which_more", u=unit)
        out, _ = c.call(
            f"a = len(read_file({lit(f)}).splitlines())\nb = len(read_file({lit(g)}).splitlines())\nprint(a, b)"
        )
        a, b = (int(x) for x in out.split())
        big, most, least = (f, a, b) if a > b else (g, b, a)
        said = f"{big} is longer, with {plural(str(most), 'line')} against {least}."
        c.say(f"Both have {plural(str(a), 'line')}." if a == b else said)
    elif r.random() < 0.7:
        again(c, "dl_together")
        out, _ = c.call(f"{load}print({amount.format('a')} + {amount.format('b')})")
        said = f"{unit} occurs {plural(out, 'time')} in {f} and {g}" if noun == "time" else ""
        c.say(f"{said} together." if said else f"{f} and {g} have {plural(out, noun)} together.")
    else:
        again(c, "dl_how_many_more")
        out, _ = c.call(f"{load}print(abs({amount.format('a')} - {amount.format('b')}))")
        c.say(f"The difference is {out}.")


def other_one(c: Chat) -> None:
    """Two files of a kind: something is done with one of them, then with the other."""
    r = c.r
    e = r.choice(names.EXTENSIONS)
    for path in [path for path in c.world.files if path.endswith("." + e)]:
        del c.world.files[path]
    for _ in range(9):
        pair = sorted({names.file_name(r, e) for _ in range(2)})
        if len(pair) == 2 and all(path.endswith("." + e) and not path.startswith(".") for path in pair):
            break
    else:
        return siblings(c)
    for path in pair:
        c.world.add(r, path)
    kind = r.choice((f".{e} files", f"{e} files", f"*.{e} files"))
    c.user(ask(r, "extension", held=c.held, kind=kind, one=f"of the {kind}"))
    c.call(f"for path in glob_files({lit('**/*.' + e)}):\n    print(path)")
    c.say(f"Those are the .{e} files.")
    way = r.random()
    if way < 0.2:
        again(c, "dl_delete_both")
        c.call(f'for path in [{lit(pair[0])}, {lit(pair[1])}]:\n    delete_file(path)\nprint("deleted")')
        c.say(f"I deleted {pair[0]} and {pair[1]}.")
        return
    at = r.randrange(2)
    f, g = pair[at], pair[1 - at]
    place = f"the {('first', 'second')[at]} one"
    place = quoted(r, f) if r.random() < 0.4 else "the last one" if at and r.random() < 0.4 else place
    if way < 0.5:
        again(c, "dl_delete_one", x=place)
        c.call(f'delete_file({lit(f)})\nprint("deleted")')
        c.say(f"I deleted {f}.")
        again(c, "dl_other_too" if r.random() < 0.3 else "dl_delete_other")
        c.call(f'delete_file({lit(g)})\nprint("deleted")')
        c.say(f"I deleted {g}.")
        return
    unit = r.choice(("lines", "words", ""))
    for path, section in ((f, "fu_one_count" if unit else "fu_one_read"), (g, "dl_other")):
        again(c, section, x=place, u=unit, s=unit[:-1])
        _counted_or_read(c, path, unit)


def once_more(c: Chat) -> None:
    """The file has changed since; it is read again, whatever was answered before."""
    r = c.r
    f = some_file(c)
    job = _job(c, f)
    run(c, f, job)
    text = c.world.files[f]
    c.world.files[f] = names.phrase(r) + "\n" + text if r.random() < 0.5 else text + names.phrase(r) + "\n"
    c.world.modified[f] += r.randint(60, 10**6)
    again(c, "dl_once_more")
    run(c, f, job)


def back(c: Chat) -> None:
    """From one file to another and back: "the first file again"."""
    r = c.r
    f, g = some_file(c), some_file(c)
    if f == g:
        g = c.world.add(r, "x" + names.file_name(r))
    run(c, f, _job(c, f))
    run(c, g, _job(c, g))
    where = r.choice(("the first file", "the file before that", "the first one", "the file before", "the other file"))
    where = r.choice((where, "the previous file", "the file from before", "the earlier file"))
    unit = r.choice(("lines", "words", "characters", "", ""))
    again(c, "dl_back_count" if unit else "dl_back_read", x=where, u=unit, s=unit[:-1])
    _counted_or_read(c, f, unit)


def _counted_or_read(c: Chat, f: str, unit: str) -> None:
    """The answer to a question for the ``unit`` of ``f``, or for its text when there is none."""
    if unit:
        out, _ = c.call(f"text = read_file({lit(f)})\nprint({_MEASURES[unit].format('text')})")
        c.say(f"{f} has {plural(out, unit[:-1])}.")
    else:
        out, _ = c.call(f"print(read_file({lit(f)}))")
        c.say(content_answer(f, out))


def meant(c: Chat) -> None:
    """A file that is not there, and the name that was meant."""
    r = c.r
    f = some_file(c)
    wrong = names.file_name(r)
    if wrong in c.world.files:
        return once_more(c)
    job = _job(c, wrong)
    out, ok = c.call(job.code)
    c.say(job.answer(wrong, out) if ok else absent(wrong, out))
    again(c, "dl_meant", g=quoted(r, f))
    run(c, f, Job(job.code.replace(lit(wrong), lit(f)), job.answer))


def _job(c: Chat, f: str) -> Job:
    way = c.r.random()
    if way < 0.5:
        return reading(c, f)
    if way < 0.85:
        return counting(c, f)
    return measuring(c, f) if way < 0.94 else dating(c, f)


def _replace(c: Chat, f: str, a: str, b: str) -> bool:
    out, _ = c.call(
        f"text = read_file({lit(f)})\nprint(text.count({lit(a)}))\n"
        f"write_file({lit(f)}, text.replace({lit(a)}, {lit(b)}))"
    )
    if out == "0" or is_blank(out):
        c.say(f"{a} does not occur in {f}, so nothing was replaced.")
        return False
    c.say(f"I replaced {a} with {b} in {f}, {plural(out, 'time')}.")
    return True


def _lines(c: Chat) -> str:
    r = c.r
    words = r.random() < 0.6
    return "".join(f"{names.word(r) if words else names.phrase(r)}\n" for _ in range(r.randint(3, 7)))
