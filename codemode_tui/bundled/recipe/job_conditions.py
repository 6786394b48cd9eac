"""Jobs with a condition: a file that may be missing, numbers in named bands, words by thresholds, lines to be skipped."""

from __future__ import annotations

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.documents import load, mixed, save
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_conditions import some_name
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.file_sets import noun_phrase
from codemode_tui.bundled.recipe.job_scales import NUMBER_WORDS, as_sentence, some_bounds, some_scale, value_near
from codemode_tui.bundled.recipe.new_texts import line, plural, told, word_of
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.tables import loop, request, table

_ABSENT = [
    "missing",
    "not found",
    "no such file",
    "file not found",
    "no file",
    "nothing there",
    "absent",
    "does not exist",
    "not there",
    "none",
]


def if_there(c: Chat) -> None:
    """Something of a file if it is there, else a message, or a new file with a given text."""
    r = c.r
    f = some_name(c)
    there = f in c.world.files
    q, code, said = r.choice(
        (
            (r.choice(("its size in bytes", "its size in bytes", "how many bytes it has")), "bytes", "byte"),
            (r.choice(("its first line", "its first line", "only its first line")), "first", ""),
            (r.choice(("the number of its lines", "how many lines it has", "its number of lines")), "lines", "line"),
            (r.choice(("how many words it has", "the number of its words")), "words", "word"),
            (r.choice(("its content", "its content", "its contents", "its text")), "content", ""),
        )
    )
    codes = {
        "bytes": f'file_info({lit(f)})["size"]',
        "first": f"read_file({lit(f)}, 1, 1)",
        "lines": f"len(read_file({lit(f)}).splitlines())",
        "words": f"len(read_file({lit(f)}).split())",
        "content": f"read_file({lit(f)})",
    }
    if there and code == "first" and not c.world.files[f].strip():
        c.world.add(r, f, names.phrase(r) + "\n")
    create = r.random() < 0.3
    text = line(r) if create or r.random() < 0.5 else r.choice(_ABSENT)
    told(c, "jc_show_or_create" if create else "jc_show_or_say", text, f=quoted(r, f), q=q)
    other = (
        f'    write_file({lit(f)}, {lit(text)} + "\\n")\n    print("created")' if create else f"    print({lit(text)})"
    )
    out, _ = c.call(f'if {lit(f)} in glob_files("**/*"):\n    print({codes[code]})\nelse:\n{other}')
    if not there:
        c.say(f"{f} did not exist, so I created it." if create else f"There is no file {f}.")
    elif code == "content":
        c.say(f"{f} is empty." if not c.world.files[f].strip() else f"That is the content of {f}.")
    elif code == "first":
        c.say(f"The first line of {f} is: {out.strip()}" if out.strip() else f"The first line of {f} is empty.")
    else:
        c.say(f"{f} has {plural(out, said)}.")


def bands(c: Chat) -> None:
    """How many of the numbers of a file are in each of two or three bands with names."""
    r = c.r
    count = r.choice((2, 3, 3))
    bounds = some_bounds(r, count - 1)
    f = some_file(c, r.choice(("txt", "txt", "dat", "log", "lst")), _numbers(r, bounds))
    s = some_scale(r, bounds)
    a, b = bounds[0], bounds[-1]
    ways: tuple[tuple[str, str, str], ...]
    if s.tests[0].startswith("<="):
        ways = (
            (f"up to {a}", f"above {a} up to {b}", f"above {b}"),
            (f"at most {a}", f"more than {a} and at most {b}", f"more than {b}"),
        )
    else:
        ways = (
            (f"under {a}", f"{a} to below {b}", f"{b} or more"),
            (f"below {a}", f"{a} to under {b}", f"{b} and above"),
            (f"less than {a}", f"at least {a} but less than {b}", f"at least {b}"),
        )
    said = r.choice(ways)
    s.said = [said[0], said[-1]] if count == 2 else list(said)
    section = r.choice(("list", "saying"))
    text = noun_phrase(c, f"jc_bands_{section}_{NUMBER_WORDS[str(count)]}")
    for key, value in s.slots(r, "").items():
        text = text.replace("{" + key + "}", value)
    c.user(as_sentence(ask(r, f"jc_bands_by_{section}", held=c.held, f=quoted(r, f), v=text), text))
    start = ", ".join(f"{lit(word)}: 0" for word in s.words)
    out, _ = c.call(
        f"counts = {{{start}}}\nfor line in read_file({lit(f)}).splitlines():\n    value = float(line)\n"
        + s.code("value", "counts[{}] += 1", "    ")
        + "for name, count in counts.items():\n    print(name, count)"
    )
    c.say(f"That is how many are in each band: {', '.join(out.splitlines())}.")


def _numbers(r: Source, bounds: list[str]) -> str:
    """Numbers around the thresholds, one per line."""
    whole = r.random() < 0.6
    values = [value_near(r, bounds, whole=whole) for _ in range(r.randint(4, 9))]
    if r.random() < 0.08:
        values[0] = -values[0]
    return "".join(f"{value}\n" for value in values)


def worded(c: Chat) -> None:
    """One of two to four words for a value of a JSON file, for the only number of a file, or for a number of lines."""
    r = c.r
    bounds = some_bounds(r, r.choice((1, 2, 2, 2, 3)))
    down = r.random() < 0.5
    kind = r.choice(("json", "json", "number", "lines", "words"))
    counts = kind in ("lines", "words")
    if counts:
        bounds = sorted((str(k) for k in r.sample(range(2, 14), len(bounds))), key=int)
        if kind == "words":
            bounds = [str(int(k) * 5) for k in bounds]
    s = some_scale(r, bounds, down=down, counts=counts, unit=kind if counts and r.random() < 0.5 else "")
    value = value_near(r, bounds, whole=counts or r.random() < 0.6)
    name, key = "value", ""
    if kind == "json":
        key = fields.draw(r, fields.COUNTS)
        f = save(c, mixed(c, **{key: value}))
        start = f"{load(f)}value = data[{lit(key)}]\n"
    elif kind == "number":
        f = some_file(c, "txt", f"{value}\n")
        start = f"value = float(read_file({lit(f)}))\n"
    else:
        many = int(value)
        text = "".join(names.phrase(r) + "\n" for _ in range(many))
        if kind == "words":
            text = " ".join(names.word(r) for _ in range(many)) + "\n"
        f = some_file(c, r.choice(("txt", "md", "log")), text)
        name = "count"
        start = f"count = len(read_file({lit(f)}).{'splitlines' if kind == 'lines' else 'split'}())\n"
    it = r.choice(("it has", "there are")) if counts else "it is"
    section = "jc_worded_count" if counts else f"jc_worded_{kind}"
    rule, saying = s.rule(c, "rule", it), s.rule(c, "saying", it)
    asked = ask(r, section, held=c.held, f=quoted(r, f), k=quoted(r, key), u=kind, v=rule, s=saying)
    c.user(as_sentence(asked, saying))
    out, _ = c.call((start + s.code(name, "print({})")).rstrip("\n"))
    what = f"{key} in {f}" if kind == "json" else f"The number in {f}"
    c.say(f"By its number of {kind}, {f} is {out}." if counts else f"{what} is {out}.")


def first_of(c: Chat) -> None:
    """The content, the name or the size in lines of the first of some files that is there, else a message."""
    r = c.r
    count = r.choice((2, 3, 3, 4))
    share = r.choice((0.0, 0.4, 0.4, 0.6))
    paths = list(dict.fromkeys(some_name(c, share) for _ in range(count)))
    if len(paths) < 2:
        return first_of(c)
    kind = r.choice(("content", "content", "name", "lines"))
    said = [quoted(r, path) for path in paths]
    text = r.choice(_ABSENT) if r.random() < 0.5 else line(r)
    told(c, f"jc_first_{kind}", text, v=", ".join(said[:-1]) + r.choice((" and ", ", ", " and ")) + said[-1])
    code = {"content": "read_file(path)", "name": "path", "lines": "len(read_file(path).splitlines())"}[kind]
    found = next((path for path in paths if path in c.world.files), "")
    out, _ = c.call(
        f'known = glob_files("**/*")\nfor path in [{", ".join(lit(path) for path in paths)}]:\n'
        f"    if path in known:\n        print({code})\n        break\nelse:\n    print({lit(text)})"
    )
    if not found:
        c.say("None of them is there.")
    elif kind == "content":
        c.say(f"That is the content of {found}." if c.world.files[found].strip() else f"{found} is empty.")
    else:
        c.say(f"The first that exists is {found}." if kind == "name" else f"{found} has {plural(out, 'line')}.")


def yes_no(c: Chat) -> None:
    """Two words of the user's for: a file in a folder, a kind of file in it, a word in a file, a key in a document."""
    r = c.r
    known = (
        ("yes", "no"),
        ("yes", "no"),
        ("found", "missing"),
        ("ok", "absent"),
        ("there", "gone"),
        ("present", "absent"),
    )
    p, q = r.choice(known) if r.random() < 0.75 else (names.word(r), "no " + names.word(r))
    kind = r.choice(("file", "file", "word", "word", "ending", "key"))
    there = r.random() < 0.5
    start = a = b = ""
    if kind in ("file", "ending"):
        b = names.folder(r)
        a = names.file_name(r) if kind == "file" else r.choice(("csv", "txt", "md", "json", "log", "py", "html", "xml"))
        a = a if not a.startswith(".") else "x" + a
        if there:
            c.world.add(r, f"{b}/{a if kind == 'file' else names.file_name(r, a)}")
        c.world.add(r, f"{b}/{names.file_name(r, 'dat')}")
        test = f'{lit(f"{b}/{a}")} in glob_files("**/*")' if kind == "file" else f"glob_files({lit(f'{b}/*.{a}')})"
    elif kind == "word":
        b = some_file(c, r.choice(("txt", "md", "log", None)))
        a = word_of(c, b, 0.6)
        start, test = f"text = read_file({lit(b)})\n", f"{lit(a)} in text"
    else:
        a = fields.draw(r, fields.KEYS)
        b = save(c, mixed(c, **({a: fields.scalar(r)} if there else {})))
        start, test = load(b), f"{lit(a)} in data"
    mark = r.choice(("", "", "", "'", '"')) if " " not in q else r.choice("'\"")
    slots = {"p": mark + p + mark, "q": mark + q + mark, "x": r.choice((f".{a}", f".{a}", a.upper()))}
    c.user(ask(r, f"jc_yes_{kind}", held=c.held, shaped=True, a=quoted(r, a), b=quoted(r, b), **slots))
    out, _ = c.call(f"{start}if {test}:\n    print({lit(p)})\nelse:\n    print({lit(q)})")
    what = {"file": f"{a} is", "ending": f"there is a .{a} file", "word": f"{a} is", "key": f"the key {a} is"}[kind]
    c.say(
        f"Yes, {what} in {b}."
        if out == p
        else f"No, {what.replace('a .', 'no .')}{'' if kind == 'ending' else ' not'} in {b}."
    )


def _list_file(c: Chat, share: float, make: bool = False) -> tuple[str, list[str]]:
    """A file that lists names of files, some of which are there."""
    r = c.r
    paths = []
    for _ in range(r.randint(3, 6)):
        path = names.file_name(r, "txt" if make else None)
        path = "x" + path if path.startswith(".") else path
        if r.random() < share:
            text = "".join(f"{names.number(r) % 100}\n" for _ in range(r.randint(1, 4))) if make else None
            c.world.add(r, path, text)
        else:
            c.world.files.pop(path, None)
        paths.append(path)
    paths = [path for at, path in enumerate(paths) if path not in paths[:at]]
    f = some_file(c, r.choice(("txt", "txt", "lst")), "".join(f"{path}\n" for path in paths))
    return f, paths


def listed_presence(c: Chat) -> None:
    """The names that a file lists: each with a word, or only those that are missing."""
    r = c.r
    f, _ = _list_file(c, r.choice((0.6, 0.6, 0.6, 1.0)))
    start = f'known = glob_files("**/*")\nfor path in read_file({lit(f)}).splitlines():\n'
    if r.random() < 0.35:
        c.user(ask(r, "jc_listed_missing", held=c.held, f=quoted(r, f)))
        out, _ = c.call(f"{start}    if path not in known:\n        print(path)")
        c.say("None of them is missing." if out == "(no output)" else "Those are missing.")
        return
    known = (
        ("ok", "missing"),
        ("ok", "missing"),
        ("found", "missing"),
        ("yes", "no"),
        ("present", "absent"),
        ("here", "gone"),
    )
    p, q = r.choice(known) if r.random() < 0.8 else (names.word(r), names.word(r) + "s")
    p, q = (p.upper(), q.upper()) if r.random() < 0.1 else (p, q)
    mark = r.choice(("", "", "'", '"'))
    c.user(ask(r, "jc_listed_both", held=c.held, f=quoted(r, f), p=mark + p + mark, q=mark + q + mark))
    c.call(f"{start}    if path in known:\n        print(path, {lit(p)})\n    else:\n        print(path, {lit(q)})")
    c.say("Those are the files of the list.")


def listed_totals(c: Chat) -> None:
    """The total over the files that a file lists; those that are absent are named behind a word and left out."""
    r = c.r
    unit = r.choice(("lines", "lines", "words", "numbers"))
    f, _ = _list_file(c, 0.7, unit == "numbers")
    word = r.choice(("missing", "missing", "not found", "absent", "skipped", "no file", names.word(r)))
    mark = r.choice(("", "'", '"')) if " " not in word else r.choice("'\"")
    slots = {"w": mark + word + mark, "u": unit}
    c.user(ask(r, "jc_listed_total", held=c.held, shaped=True, f=quoted(r, f), **slots))
    value = {
        "lines": "len(read_file(path).splitlines())",
        "words": "len(read_file(path).split())",
        "numbers": "sum(float(line) for line in read_file(path).splitlines())",
    }[unit]
    shown = 'f"{total:.12g}"' if unit == "numbers" else "total"
    out, _ = c.call(
        f"total = 0\nfor path in read_file({lit(f)}).splitlines():\n    try:\n        total += {value}\n"
        f"    except FileNotFoundError:\n        print({lit(word)}, path)\nprint({shown})"
    )
    *named, total = out.splitlines()
    absent = ", ".join(name.removeprefix(f"{word} ") for name in named)
    c.say(f"The total is {total}; missing: {absent}." if absent else f"The total is {total}.")


def guarded_json(c: Chat) -> None:
    """The value of a key, or a message if the file is no valid JSON."""
    r = c.r
    key = fields.draw(r, fields.KEYS)
    f = save(c, mixed(c, **{key: fields.scalar(r)}))
    broken = r.random() < 0.5
    if broken:
        text = c.world.files[f].rstrip()
        c.world.add(r, f, r.choice((text[:-1], text.replace(":", "", 1), text.replace('"', "", 1), text + "}")) + "\n")
    known = ("invalid", "not valid JSON", "broken", "bad file", "invalid JSON", "cannot read it", "no JSON", "bad json")
    text = r.choice(known) if r.random() < 0.6 else line(r)
    told(c, "jc_guarded_json", text, f=quoted(r, f), k=quoted(r, key))
    out, _ = c.call(
        f"import json\ntry:\n    data = json.loads(read_file({lit(f)}))\n    print(data[{lit(key)}])\n"
        f"except ValueError:\n    print({lit(text)})"
    )
    c.say(f"{f} is not valid JSON." if broken else f"{key} is {out}.")


def skipping_sum(c: Chat) -> None:
    """The sum of the lines that are numbers, and how many lines are not."""
    r = c.r
    step = r.choice((1, 1, 2, 10))
    rows = [f"{r.randint(0, 400) / step:g}" for _ in range(r.randint(2, 6))]
    for _ in range(r.choice((0, 1, 1, 2, 2, 3))):
        junk = r.choice(
            ("n/a", "-", "?", "# " + r.choice(r.words), "total:", "x" + names.word(r), "unknown", "12 kg", "3,5")
        )
        rows.insert(r.randint(0, len(rows)), junk)
    f = some_file(c, r.choice(("txt", "dat", "log", "txt")), "".join(f"{row}\n" for row in rows))
    c.user(ask(r, "jc_skipping_sum", held=c.held, f=quoted(r, f)))
    out, _ = c.call(
        f"total = 0\nskipped = 0\nfor line in read_file({lit(f)}).splitlines():\n    try:\n        total += float(line)\n"
        '    except ValueError:\n        skipped += 1\nprint(f"{total:.12g}", skipped)'
    )
    total, skipped = out.split()
    c.say(f"The sum is {total}; {plural(skipped, 'line')} {'was' if skipped == '1' else 'were'} skipped.")


def worded_rows(c: Chat) -> None:
    """One of three or four words for each row of a table, by thresholds of a number column."""
    r = c.r
    t = table(c, rows=3)
    a, n = t.texts[0], r.choice(t.numbers)
    values = []
    for row in t.rows:
        try:
            values.append(float(row[n]))
        except ValueError:
            continue
    step = next((step for step in (1, 2, 5, 10, 25, 50, 100, 500) if step * 9 >= max(values, default=0)), 1000)
    bounds = sorted((str(at * step) for at in r.sample(range(1, 9), r.choice((2, 2, 3)))), key=int)
    s = some_scale(r, bounds, down=r.random() < 0.75)
    it = r.choice(("{n} is", "{n} is", "its {n} is")).replace("{n}", n)
    request(c, t, "jc_worded_rows", a=a, n=n, w=s.rule(c, "rule", it), k=s.rule(c, "saying", it))
    out, _ = c.call(f"{t.load}{loop(n)}{s.code('value', 'label = {}', '    ')}    print(row[{lit(a)}], label)")
    c.say(f"There is no number in {n}." if out == "(no output)" else "Those are the labels.")


KINDS: list[tuple[Task, int]] = [
    (if_there, 8),
    (bands, 7),
    (worded, 7),
    (first_of, 6),
    (yes_no, 6),
    (listed_presence, 6),
    (listed_totals, 6),
    (guarded_json, 5),
    (skipping_sum, 5),
    (worded_rows, 5),
]
