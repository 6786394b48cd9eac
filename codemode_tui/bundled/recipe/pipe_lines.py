"""Jobs over the lines of one file, put together from parts: what is kept, taken, ordered, written, and what if not."""

from __future__ import annotations

import textwrap

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.new_texts import plural
from codemode_tui.bundled.recipe.pipe_lines_ends import Job, drawn
from codemode_tui.bundled.recipe.pipe_lines_stuff import Part, Stuff, message, said
from codemode_tui.bundled.recipe.pipe_lines_words import Words, request
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.tools.protected import is_secret

_SAID = {
    "count": "The number of {L} is {out}.",
    "sum": "The sum is {out}.",
    "average": "The average is {out}.",
    "average_two": "The average is {out}.",
    "pair_max": "The largest is {out}.",
    "pair_min": "The smallest is {out}.",
    "largest": "The largest is {out}.",
    "smallest": "The smallest is {out}.",
    "different": "The number of different ones is {out}.",
    "frequent": "The most frequent is {out}.",
    "longest_one": "The longest is {out}.",
    "shortest_one": "The shortest is {out}.",
    "print": "Those are the {L}.",
    "write_show": "Those are the {L}.",
    "joined": "Those are the {L}.",
}


def _load(j: Job, path: str, *, strict: bool) -> str:
    """The code that reads the file into ``lines`` or ``numbers``; ``strict``: what is no number is an error."""
    if j.stuff.kind in ("json", "json_numbers"):
        return f"{j.left} = json.loads(read_file({path}))\n"
    if j.stuff.kind == "junk" and not strict:
        count = "        skipped += 1\n" if j.skipped else "        continue\n"
        return (
            "numbers = []\n"
            + ("skipped = 0\n" if j.skipped else "")
            + f"for line in read_file({path}).splitlines():\n    try:\n        numbers.append(float(line))\n"
            f"    except ValueError:\n{count}"
        )
    if j.stuff.numeric:
        return f"numbers = [float(line) for line in read_file({path}).splitlines()]\n"
    return f"lines = read_file({path}).splitlines(){j.span[1]}\n"


def _program(j: Job, path: str, condition: str, text: str, paths: list[str], *, tried: bool = False) -> str:
    """The whole program; ``tried``: the body alone, with its checks."""
    strict = condition == "guard"

    def code(parts: list[Part]) -> str:
        return "".join(part.before + part.code + part.after if tried else part.code for part in parts)

    kept = code(j.filters)
    rest = code([*([j.value] if j.value else []), *j.then, j.end])
    top = "import json\n" if j.stuff.kind.startswith("json") else ""
    if "import re\n" in kept:
        kept, top = kept.replace("import re\n", ""), top + "import re\n"
    load = _load(j, path, strict=strict)
    if tried:
        return top + load + kept + (f"assert not {j.left}\n" if j.none else rest)
    other = f"print({lit(text)})\n"
    if condition == "empty":
        rest = f"if {j.left}:\n{_in(rest)}else:\n{_in(other)}"
    if condition == "guard":
        return f"{top}try:\n{_in(load)}except ValueError:\n{_in(other)}else:\n{_in(kept + rest)}"
    body = load + kept + rest
    if condition == "missing":
        return f'{top}if {path} in glob_files("**/*"):\n{_in(body)}else:\n{_in(other)}'
    if condition == "first":
        end = f"else:\n{_in(other)}" if text else ""
        return (
            f'{top}known = glob_files("**/*")\nfor path in [{", ".join(lit(p) for p in paths)}]:\n'
            f"    if path in known:\n{_in(_in(body))}        break\n{end}"
        )
    return top + body


def _in(code: str) -> str:
    return textwrap.indent(code, "    ")


def _path(c: Chat, *endings: str) -> str:
    """A name of a new file that a glob finds."""
    r = c.r
    while True:
        where = f"{names.folder(r)}/" if r.random() < 0.2 else ""
        path = where + names.file_name(r, r.choice(endings))
        hidden = path.startswith(".") or "/." in path
        if not hidden and path not in c.world.files and not is_secret(path.split("/")):
            return path


def _some_condition(r: Source, j: Job, wanted: str) -> str:
    """One that fits the job."""
    kind = j.stuff.kind
    if wanted == "empty" and (not j.filters or j.end.name in ("more", "sum_more", "count", "sum", "inplace")):
        return "missing"
    if wanted == "missing" and kind.startswith("json"):
        return "guard"
    if wanted and (kind.startswith("json") or (kind == "junk" and not j.skipped)):
        return "guard" if r.random() < 0.5 else wanted
    return wanted


def _job(c: Chat, wanted: str) -> None:
    r = c.r
    none = wanted == "empty" and r.random() < 0.35
    while True:
        endings = ("txt", "txt", "txt", "log", "md", "lst", "dat", "text")
        f, g = _path(c, *endings), _path(c, *endings)
        j = drawn(c, g, "path" if wanted == "first" else lit(f))
        condition = _some_condition(r, j, wanted)
        if condition != "first" and j.end.name == "inplace":
            j.end = Part("inplace", j.end.code.replace("(path, ", f"({lit(f)}, "), {}, j.end.before)
        if wanted == "first" and j.stuff.kind.startswith("json"):
            continue
        if wanted == "empty" and (condition == "missing" or j.skipped):
            continue
        if not (j.filters or j.value or j.then) and j.end.name in ("print", "count"):
            continue
        if f == g or (j.span[0] and j.end.name == "inplace"):
            continue
        if j.stuff.kind.startswith("json"):
            f = f.rpartition(".")[0] + ".json"
        untidy = condition == "guard" and j.stuff.kind == "junk"
        if none and condition != "empty":
            continue
        if none:
            _emptied(r, j)
        text = _text(j.stuff)
        world = c.world.copy()
        world.add(r, f, text)
        world.add(r, g, f"{names.phrase(r)}\n")
        code = _program(j, lit(f), "" if untidy else condition, "", [], tried=True)
        _, ok = world.run(code.replace("write_file(path", f"write_file({lit(f)}"))
        if ok:
            break
    c.world.add(r, f, text)
    if j.end.name == "append":
        c.world.add(r, g, "".join(f"{names.phrase(r)}\n" for _ in range(r.randint(1, 3))))
    _asked(c, j, f, condition)


def _asked(c: Chat, j: Job, f: str, condition: str) -> None:
    """Ask for the job, do it, and say what came of it."""
    r = c.r
    text = message(r) if condition else ""
    while text and lit(text) in j.end.code:
        text = message(r)
    paths: list[str] = []
    there = True
    if condition == "missing" and r.random() < 0.35:
        del c.world.files[f]
        there = False
    if condition == "guard":
        there = r.random() < 0.6
        if j.stuff.kind == "junk" and there:
            clean = [line for line in j.stuff.lines if line.lstrip("-").replace(".", "", 1).isdecimal()]
            c.world.files[f] = "".join(f"{line}\n" for line in clean)
        elif j.stuff.kind != "junk" and not there:
            whole = c.world.files[f].rstrip()
            c.world.files[f] = r.choice((whole[:-1], whole[1:], whole.replace(",", "", 1), whole + ",")) + "\n"
    if condition == "first":
        more = [_path(c, f.rpartition(".")[2]) for _ in range(r.choice((1, 2, 2)))]
        paths = list(dict.fromkeys([*more, f]))
        r.shuffle(paths)
        text = text if r.random() < 0.75 else ""
        if text and r.random() < 0.35:
            del c.world.files[f]
            there = False
        for path in more:
            if there and paths.index(path) > paths.index(f) and r.random() < 0.5:
                c.world.add(r, path)
    words = Words(j.stuff, j.span[0], j.filters, j.value, j.then, j.end, j.skipped)
    request(c, words, f, condition, text, paths)
    code = _program(j, "path" if condition == "first" else lit(f), condition, text, paths)
    out, _ = c.call(code.rstrip("\n"))
    noun = "numbers" if j.numbers else j.stuff.noun
    if not there and condition == "missing":
        c.say(f"There is no file {f}.")
    elif not there and condition == "first":
        c.say("None of them is there.")
    elif condition == "guard" and out == text:
        c.say(f"{f} is not valid JSON." if j.stuff.kind != "junk" else f"Not every line of {f} is a number.")
    elif condition == "empty" and out == text:
        c.say(f"None of the {j.stuff.noun} matches.")
    elif j.skipped:
        *values, skipped = out.split()
        value = " ".join(values)
        first = _said(j, noun, value).rstrip(".")
        c.say(f"{first}; {plural(skipped, 'line')} {'was' if skipped == '1' else 'were'} skipped.")
    elif j.end.name in ("write", "append", "inplace"):
        done = {"write": "I wrote {} to {}.", "append": "I added {} to {}.", "inplace": "I kept {} in {}."}[j.end.name]
        c.say(
            done.format(plural(out, "line"), words.target or f if condition != "first" else words.target or "the file")
        )
    elif j.end.name in ("more", "sum_more"):
        c.say(out)
    else:
        c.say(_said(j, noun, out))


def _said(j: Job, noun: str, out: str) -> str:
    """What is said of the output."""
    if j.end.name == "count_sum":
        many, total = out.split()
        return f"The number of {noun} is {many} and the sum is {total}."
    if j.end.name == "ends":
        low, high = out.split()
        return f"They go from {low} to {high}."
    noun = "lines" if j.end.name in ("print", "write_show") and not j.numbers else noun
    return _SAID[j.end.name].format(L=noun, out=out.removeprefix(j.end.slots.get("label", "")))


def _emptied(r: Source, j: Job) -> None:
    """Nothing passes its first filter."""
    w = "".join(ch for ch in names.word(r) if ch.isalnum())
    j.none = True
    if j.stuff.numeric:
        k = str(r.choice((500, 600, 750, 1000, 2000)))
        j.filters = [Part("above", f"numbers = [number for number in numbers if number > {k}]\n", {"k": k})]
    else:
        j.filters = [Part("contains", f"lines = [line for line in lines if {lit(w)} in line]\n", {"w": said(r, w)})]


def _text(s: Stuff) -> str:
    """The text of the file."""
    if s.kind == "json":
        return "[" + ", ".join(lit(line) for line in s.lines) + "]\n"
    if s.kind == "json_numbers":
        return "[" + ", ".join(s.lines) + "]\n"
    return "".join(f"{line}\n" for line in s.lines)


def line_pipeline(c: Chat) -> None:
    """Some of the lines of a file, what is made of them, and where that goes."""
    _job(c, "")


def line_pipeline_if_there(c: Chat) -> None:
    """The same for a file that may be missing, else a message."""
    _job(c, "missing")


def line_pipeline_first_of(c: Chat) -> None:
    """The same for the first of some files that is there."""
    _job(c, "first")


def line_pipeline_if_any(c: Chat) -> None:
    """The same with a message where nothing matches, or where the file cannot be read as what it should be."""
    _job(c, "empty")


KINDS: list[tuple[Task, int]] = [
    (line_pipeline, 30),
    (line_pipeline_if_there, 12),
    (line_pipeline_first_of, 10),
    (line_pipeline_if_any, 10),
]
