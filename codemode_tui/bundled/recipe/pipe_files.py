"""Jobs over the files of a folder, composed of parts: which files, a filter, a value, labels, totals, order, format, what
is done with them, and what is printed if there are none."""

from __future__ import annotations

import re

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.job_many_files import free
from codemode_tui.bundled.recipe.new_texts import line, plural
from codemode_tui.bundled.recipe.number_words import CARDINALS
from codemode_tui.bundled.recipe.pipe_files_clauses import (
    after,
    ask,
    else_drawn,
    formatted,
    in_marks,
    limited,
    name_part,
    named_number,
    ordered,
    otherwise,
    to_file,
    unit_words,
)
from codemode_tui.bundled.recipe.pipe_files_grades import branches, grades
from codemode_tui.bundled.recipe.pipe_files_parts import UNITS, YEAR, Job, Value, some_value, word
from codemode_tui.bundled.recipe.pipe_files_sets import begin

_DOWN = ("largest", "highest", "biggest", "greatest")
_NAME = '    name = path.rpartition("/")[2]'


def listing(c: Chat) -> None:
    """The files, each perhaps with a value, in an order, printed or written to a file."""
    r = c.r
    plain = r.random() < 0.2
    order = r.choice(("", "", "down", "names") if plain else ("", "", "down", "down", "up", "names"))
    value = None if plain and order != "down" else some_value(r, number=order in ("down", "up"))
    none, to = else_drawn(r), r.random() < 0.35
    job = begin(c, value=value, apart=order in ("down", "up"), none=none == "taken")
    shown = ""
    if value is not None:
        shown = "" if plain else job.part(f"pf_v_{value.kind}")
        job.code.append(f"values = {{path: {value.code} for path in paths}}")
    ordered(job, order, value, shown)
    kind, loop, said = name_part(job)
    out = kind
    if shown and value and value.number and r.random() < 0.15:
        unit = r.choice([unit for unit in UNITS if unit != value.kind])
        job.code.append(f"others = {{path: {UNITS[unit]} for path in paths}}")
        shown += f" and the {job.part(f'pf_v_{unit}')}"
        out = f'f"{{{kind}}} {{values[path]}} {{others[path]}}"' if to else f"{kind}, values[path], others[path]"
    elif shown:
        out = f'f"{{{kind}}} {{values[path]}}"' if to else f"{kind}, values[path]"
        if r.random() < 0.55:
            out = formatted(job, kind, "values[path]", unit_words(value))
    body = ["for path in paths:", *loop]
    if to:
        body = to_file(job, body, out)
    else:
        body.append(f"    print({out})")
        if shown and value and value.kind in ("lines", "words", "characters", "bytes", "occur", "has", "sum"):
            body += _last_total(job)
    otherwise(job, none, body, saved=to)
    ask(job, "pf_each" if shown else "pf_list", value=value, to=to, loop=True, V=shown, P=said)
    _finish(job, none, "Those are the files with their values." if shown else "Those are the files.", to=to)


def number(c: Chat) -> None:
    """One number over all: how many, a total, an average, the largest with its file."""
    r = c.r
    op = r.choice(("count", "total", "total", "average", "best", "best"))
    value = None if op == "count" else some_value(r, number=True, added=op == "total")
    none = else_drawn(r)
    job = begin(c, value=value, apart=op == "best", none=none == "taken", least=2)
    inner, spec, expression = {"V": ""}, "", "len(paths)"
    if value is not None:
        inner["V"] = job.part(f"pf_v_{value.kind}")
        job.code.append(f"values = {{path: {value.code} for path in paths}}")
        expression = "sum(values.values())"
    if op == "best":
        high = r.random() < 0.75
        kind, loop, inner["P"] = name_part(job)
        inner["W"] = r.choice(_DOWN if high else ("smallest", "lowest"))
        out = f"{kind}, values[path]"
        if r.random() < 0.4:
            out = formatted(job, kind, "values[path]", unit_words(value), one=True)
        best = f"path = {'max' if high else 'min'}(paths, key=values.get)"
        body = [best, *(one.strip() for one in loop), f"print({out})"]
    else:
        if op == "average":
            digits = r.choice((0, 0, 1, 2, 2, 3))
            expression, spec = "sum(values.values()) / len(values)", f":.{digits}f" if digits else ":.12g"
            if digits:
                said = CARDINALS[digits] if r.random() < 0.6 else str(digits)
                job.fill("r", f"{said} decimal{'s' if digits > 1 else ''}", mark=False)
                job.tails.append((job.part("pf_round"), job.part("pf_round_own")))
        way = r.random()
        if way < 0.25:
            body = [f"print({named_number(job, expression, spec)})"]
        elif way < 0.4:
            g = free(c, "", "txt")
            job.fill("g", g)
            body = [f'write_file({lit(g)}, f"{{{expression}{spec}}}\\n")', *after(job, ("done",))]
        else:
            body = [f'print(f"{{{expression}{spec}}}")' if spec else f"print({expression})"]
    saved = "g" in job.slots
    otherwise(job, none, body, saved=saved)
    section = f"pf_{op}_to" if saved else f"pf_{op}"
    ask(job, section, value=value, to=saved, V=inner["V"], P=inner.get("P", ""), W=inner.get("W", ""))
    out, _ = c.call("\n".join(job.code))
    if none == "taken":
        c.say("No file fits.")
    elif saved:
        c.say(f"I wrote the {'number' if op == 'count' else op} to {job.bare['g']}.")
    elif op == "best":
        c.say(f"That is the file with the {inner['W']} value.")
    else:
        found = re.search(r"[\d.]+$", out)
        c.say(f"The {'number' if op == 'count' else op} is {found[0] if found else out}.")


def groups(c: Chat) -> None:
    """Per folder or per ending: how many files, or a total, printed or written."""
    r = c.r
    op = r.choice(("count", "count", "total", "total", "total", "most"))
    value = None if op == "count" else some_value(r, number=True, added=op == "total")
    by = r.choice(("folder", "ending", "ending"))
    none, to = else_drawn(r), r.random() < 0.35
    order = r.choice(("", "", "down", "down", "up"))
    key = 'path.rpartition("/")[0]' if by == "folder" else 'path.rpartition(".")[2]'
    for tries in range(99):
        job = begin(c, value=value, none=none == "taken", graded="ending" if by == "ending" else "folder")
        totals: dict[object, int] = {}
        for path in job.paths:
            group = job.of(key, path)
            more = int(str(job.of(value.code, path))) if value else 1
            totals[group] = max(totals.get(group, 0), more) if op == "most" else totals.get(group, 0) + more
        apart = not order or len(set(totals.values())) == len(totals)
        if none == "taken" or (apart and len(totals) > 1) or (apart and tries > 60):
            break
    shown = job.part(f"pf_v_{value.kind}") if value else ""
    name, way = ("best", "largest") if op == "most" else ("totals", "total") if value else ("counts", "")
    plus = "values[path]" if value else "1"
    if value:
        job.code.append(f"values = {{path: {value.code} for path in paths}}")
    job.code += [f"{name} = {{}}", "for path in paths:", f"    key = {key}"]
    added = f"max({name}.get(key, 0), {plus})" if op == "most" else f"{name}.get(key, 0) + {plus}"
    job.code.append(f"    {name}[key] = {added}")
    pairs = f"sorted({name}.items())"
    if order:
        about = (
            shown if op == "most" else r.choice(("total", "sum") if value else ("number", "number of files", "count"))
        )
        near = job.part(f"pf_{order}") if r.random() < 0.6 else job.part(f"pf_{order}_by", V=about)
        job.order.append((near, job.part(f"pf_{order}_sorted", V=about)))
        pairs = f"sorted({name}.items(), key=lambda pair: pair[1]{', reverse=True' if order == 'down' else ''})"
        if len(totals) > 2:
            pairs += limited(job, len(totals))
    out = 'f"{key} {value}"' if to else "key, value"
    if r.random() < 0.5:
        out = formatted(job, by, "value", unit_words(value))
        out = out.replace(f"{{{by}}}", "{key}")
    body = [f"for key, value in {pairs}:"]
    body = to_file(job, body, out) if to else [*body, f"    print({out})"]
    otherwise(job, none, body, saved=to)
    job.late = True
    ask(job, f"pf_per_{op}", value=value, to=to, V=shown, BY=job.part(f"pf_by_{by}"))
    _finish(
        job,
        none,
        f"Those are the {way} values per {by}." if value else f"Those are the numbers of files per {by}.",
        to=to,
    )


def labels(c: Chat) -> None:
    """A label of two to four for each file, or how many have each, printed or written."""
    r = c.r
    by = r.choice((*["size"] * 6, "word", "word", "ending", "year"))
    unit = r.choice(("lines", "lines", "words", "words", "characters", "bytes"))
    value = Value(unit, UNITS[unit], {}) if by == "size" else None
    none, to, count = else_drawn(r, 0.15), r.random() < 0.3, r.random() < 0.3
    job = begin(c, value=value, none=none == "taken", most=1, graded=by, least=3)
    steps = _graded(job, value, by, "label")
    kind, loop, said = ("label", [], "") if count else name_part(job)
    item = "count" if count else "label"
    both = value is not None and not count and r.random() < 0.2
    out = f"{kind}, {'values[path], ' if both else ''}{item}"
    if to:
        out = f'f"{{{kind}}} {{values[path]}} {{{item}}}"' if both else f'f"{{{kind}}} {{{item}}}"'
    if not both and r.random() < 0.45:
        out = formatted(job, kind, item, ("count", "number") if count else ("label", "label", "word"))
    body = [*steps, *loop]
    if count:
        job.code += ["counts = {}", *steps, "    counts[label] = counts.get(label, 0) + 1"]
        body = ["for label, count in sorted(counts.items()):"]
    body = to_file(job, body, out) if to else [*body, f"    print({out})"]
    otherwise(job, none, body, saved=to)
    section = "pf_count_labels" if count else "pf_label_both" if both else "pf_label_each"
    ask(job, section, to=to, loop=not count, P=said, V=job.part(f"pf_v_{unit}"))
    _finish(job, none, f"Those are the {'numbers of files per label' if count else 'labels'}.", to=to)


def sorting(c: Chat) -> None:
    """Files into two to four folders: by size, by ending, by year, by a word in them."""
    r = c.r
    kind = r.choice(("size", "size", "ending", "ending", "year", "word"))
    unit = r.choice(("lines", "words", "characters", "bytes"))
    value = Value(unit, UNITS[unit], {}) if kind == "size" else None
    none = else_drawn(r, 0.15)
    job = begin(c, value=value, none=none == "taken", most=1, graded=kind, least=3)
    steps = _graded(job, value, kind, "folder")
    body = [*steps, _NAME, '    move_file(path, f"{folder}/{name}")', *after(job, moved=True)]
    otherwise(job, none, body, saved=True)
    ask(job, "pf_sort", loop=True)
    _changed(job, none, "moved @ into the folders")


_SLOTS = {
    **{"move": "e", "copy": "e", "copy_prefix": "ep", "copy_header": "el", "prefix": "p", "suffix": "q", "ending": "n"},
    **{"count_up": "i", "append": "l", "prepend": "l", "replace": "ao", "delete": "", "beside": "z"},
}
"""What the sections of changes name."""
_CHANGES = (
    "move move copy copy_prefix copy_header prefix suffix ending count_up append append prepend replace delete beside"
)


def changing(c: Chat) -> None:
    """The files moved, copied, renamed or changed, then how many, a word, or their paths printed."""
    r = c.r
    none = else_drawn(r)
    job = begin(c, none=none == "taken")
    hollow = any("if not read_file(path).strip()" in one for one in job.code)
    op = r.choice([op for op in _CHANGES.split() if op != "replace" or not hollow])
    e, p, q, n, z, h = _destination(job), f"{word(r)}{r.choice('_-')}", f"{r.choice('_-')}{word(r)}", "", "", ""
    n = r.choice([one for one in (*names.EXTENSIONS, "bak", "old") if one not in job.endings])
    z = r.choice(("bak", "old", "orig", "copy", "backup", word(r)))
    h = re.sub(r"[{}\"\\]", "", line(r))
    a, o = r.choice(job.fresh), word(r)
    whole, stem = '    folder, slash, name = path.rpartition("/")', '    stem, dot, ending = path.rpartition(".")'
    code = {
        "move": [_NAME, f'    move_file(path, f"{e}/{{name}}")'],
        "copy": [_NAME, f'    write_file(f"{e}/{{name}}", read_file(path))'],
        "copy_prefix": [_NAME, f'    write_file(f"{e}/{p}{{name}}", read_file(path))'],
        "copy_header": [_NAME, f'    write_file(f"{e}/{{name}}", "{h}\\n" + read_file(path))'],
        "prefix": [whole, f'    move_file(path, f"{{folder}}/{p}{{name}}")'],
        "suffix": [stem, f'    move_file(path, f"{{stem}}{q}.{{ending}}")'],
        "ending": [stem, f'    move_file(path, f"{{stem}}.{n}")'],
        "count_up": [whole, '    move_file(path, f"{folder}/{number:02}_{name}")'],
        "append": [f'    write_file(path, read_file(path) + "{h}\\n")'],
        "prepend": [f'    write_file(path, "{h}\\n" + read_file(path))'],
        "replace": [f"    write_file(path, read_file(path).replace({lit(a)}, {lit(o)}))"],
        "delete": ["    delete_file(path)"],
        "beside": [f'    write_file(f"{{path}}.{z}", read_file(path))'],
    }[op]
    i = r.choice(("01_, 02_, 03_", "01_, 02_", "'01_', '02_'", "01_, 02_ and so on"))
    fills = {"e": e, "p": p, "q": q, "n": f".{n}", "z": f".{z}", "a": a, "o": o, "i": i, "l": in_marks(r, h)}
    for key in _SLOTS[op]:
        job.fill(key, fills[key], mark=key not in "il")
    head = "for number, path in enumerate(paths, 1):" if op == "count_up" else "for path in paths:"
    moved = op in ("move", "prefix", "suffix", "ending", "count_up")
    if op in ("append", "prepend", "replace") and r.random() < 0.4:
        moved = r.random() < 0.7
        second = job.part("pf_move" if moved else "pf_copy", OBJ="{THEM}")
        job.fill("e", e)
        job.tails.append((f"and {second}", second))
        call = "move_file(path, " if moved else "write_file("
        code += [_NAME, f'    {call}f"{e}/{{name}}"{")" if moved else ", read_file(path))"}']
    otherwise(job, none, [head, *code, *after(job, moved=moved)], saved=True)
    loop = op not in ("prefix", "suffix", "ending", "count_up")
    ask(job, f"pf_{op}", loop=loop)
    done = {"move": f"moved @ into {e}", "delete": "deleted @", "count_up": "numbered @", "beside": "copied @"}
    done |= dict.fromkeys(("copy", "copy_prefix", "copy_header"), f"copied @ into {e}")
    done |= dict.fromkeys(("prefix", "suffix", "ending"), "renamed @")
    _changed(job, none, done.get(op, "changed @"))


def _graded(job: Job, value: Value | None, by: str, name: str) -> list[str]:
    """The loop with branches that set ``name``: a label, or a folder to move to."""
    if value:
        job.code.append(f"values = {{path: {value.code} for path in paths}}")
    tests = grades(job, value, by, moved=name == "folder")
    year = [f"    year = {YEAR}"] if by == "year" else []
    if year:
        job.uses_re()
    return ["for path in paths:", *year, *branches(tests, name)]


def _destination(job: Job) -> str:
    """A folder that is not there yet."""
    while True:
        e = names.folder(job.c.r)
        if not any(path.startswith(e) for path in job.c.world.files) and not e.startswith(job.d):
            return e


def _last_total(job: Job) -> list[str]:
    """Perhaps the total of all at the end of the lines."""
    r = job.c.r
    if len(job.order) > 1 or r.random() < 0.8:
        return []
    text = r.choice(("total", "total", "sum", "all", word(r)))
    job.fill("s", in_marks(r, text), mark=False)
    job.tails.append((f"and {job.part('pf_last_total')}", job.part("pf_last_total")))
    return [f"print({lit(text)}, sum(values.values()))"]


def _finish(job: Job, none: str, said: str, *, to: bool) -> None:
    """Run it, and say what was printed or written."""
    out, _ = job.c.call("\n".join(job.code))
    if none == "taken":
        job.c.say("No file fits.")
    else:
        job.c.say(f"I wrote {plural(out, 'line')} to {job.bare['g']}." if to else said)


def _changed(job: Job, none: str, done: str) -> None:
    """Run it, and say what was changed."""
    out, _ = job.c.call("\n".join(job.code))
    if none == "taken":
        job.c.say("No file fits, so I changed nothing.")
    else:
        job.c.say(f"I {done.replace('@', plural(out, 'file') if out.isdigit() else 'the files')}.")


KINDS: list[tuple[Task, int]] = [
    (listing, 30),
    (number, 20),
    (groups, 14),
    (labels, 18),
    (sorting, 18),
    (changing, 24),
]
